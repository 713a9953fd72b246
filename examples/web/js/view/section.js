// A row of the report: its name in the margin, one line that says what is in it, and the rest folded below.
import { h } from '../dom.js';
import { t } from '../i18n.js';

export function section(name, gist, content, { open = false } = {}) {
  const row = h('details', { class: 'row', id: `section-${name}`, open },
    h('summary', {}, h('span', { class: 'label' }, t(`section.${name}`)), h('span', { class: 'gist' }, gist)));
  return lazy(row, h('div', { class: 'body' }), content);
}

/** Less that is folded, within a row. */
export const folded = (words, content) => lazy(h('details', { class: 'more' }, h('summary', {}, words)), h('div', {}), content);

/** What is folded is made when it is opened. */
function lazy(details, body, content) {
  details.append(body);
  const build = () => {
    if (details.open && !body.firstChild) body.append(...[content()].flat(Infinity).filter(Boolean));
  };
  details.addEventListener('toggle', build);
  build();
  return details;
}
