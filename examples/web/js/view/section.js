// A row of the report: its name in the margin, one line that says what is in it, and the rest folded below.
import { h } from '../dom.js';
import { t } from '../i18n.js';

export function section(name, gist, content, { open = false } = {}) {
  const body = h('div', { class: 'body' });
  const row = h('details', { class: 'row', id: `section-${name}`, open },
    h('summary', {}, h('span', { class: 'label' }, t(`section.${name}`)), h('span', { class: 'gist' }, gist)), body);
  const build = () => {
    if (row.open && !body.firstChild) body.append(...[content()].flat(Infinity).filter(Boolean));
  };
  row.addEventListener('toggle', build);
  build();
  return row;
}
