// One live region for the page, so that what changes is read out once.
import { $ } from '../dom.js';

export function announce(text) {
  const region = $('live');
  region.textContent = '';
  // A region that gets the same text twice is not read out again.
  requestAnimationFrame(() => (region.textContent = text));
}
