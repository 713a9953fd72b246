// One live region for the page, so that what changes is read out once; and a line for those who see.
import { $ } from '../dom.js';

export function announce(text) {
  const region = $('live');
  region.textContent = '';
  // A region that gets the same text twice is not read out again.
  requestAnimationFrame(() => (region.textContent = text));
}

let gone;
/** What went wrong outside of a report: it is read out, and stands at the bottom of the page for a while. */
export function warn(text) {
  announce(text);
  const line = $('warning');
  line.textContent = text;
  line.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => (line.hidden = true), 8000);
}
