// Elements, made without HTML text: the page's policy forbids that a string becomes markup.

const SVG = 'http://www.w3.org/2000/svg';

/** `h('p', { class: 'x', onclick: f }, 'text', child)`. False and null are left out. */
export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in PROPERTIES) made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  return add(made, children);
}
const PROPERTIES = { value: 1, checked: 1, selected: 1, open: 1, disabled: 1 };

function add(to, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) to.append(child);
  }
  return to;
}

/** What stands for a result: a shape, so that nothing is told by colour alone. */
export function mark(kind) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `mark ${kind}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[kind] ?? SHAPES.note);
  svg.append(path);
  return svg;
}
const SHAPES = {
  good: 'M2.5 8.5 6.2 12.2 13.5 4.2',
  bad: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5',
  error: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5',
  warning: 'M8 2.2 14.4 13.4H1.6ZM8 6.4V9.6M8 11.2V11.9',
  note: 'M8 1.8a6.2 6.2 0 1 0 .01 0M8 7.4V11.4M8 4.7V4.8',
  'no-match': 'M3 8H13',
  skipped: 'M3 8H4.2M7.4 8H8.6M11.8 8H13',
  plain: 'M6.6 8H9.4',
};

/** Empties an element and fills it again. */
export function fill(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

export const $ = (id) => document.getElementById(id);
