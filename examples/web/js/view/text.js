// Texts with places in them: what cannot be seen is shown, findings are marked and tied to what is told about them.
import { h } from '../dom.js';
import { say, t } from '../i18n.js';
import { visible } from '../visible.js';

/** The places of findings in one text, as stretches that do not overlap. */
function stretches(text, places) {
  const cuts = new Set([0, text.length]);
  for (const { start, end } of places) cuts.add(start).add(end);
  const sorted = [...cuts].filter((at) => at >= 0 && at <= text.length).sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, i) => {
    const end = sorted[i + 1];
    return { start, end, on: places.filter((place) => place.start <= start && place.end >= end && place.end > place.start) };
  });
}

/** `places`: `{ start, end, number, severity, code }` in UTF-16; `joints`: where the character-strings meet. */
export function marked(text, places, joints = []) {
  const all = [...places, ...joints.map((at) => ({ start: at, end: at, joint: true }))];
  const nodes = [];
  for (const { start, end, on } of stretches(text, all)) {
    if (joints.includes(start) && start > 0) nodes.push(h('span', { class: 'joint', title: t('record.joint') }));
    const inner = visible(text.slice(start, end), true);
    if (on.length === 0) nodes.push(...inner);
    else nodes.push(term(inner, on));
    const ends = on.filter((place) => place.end === end);
    if (ends.length > 0) nodes.push(h('sup', { 'aria-hidden': 'true' }, ends.map(({ number }) => number).join(' ')));
  }
  return nodes;
}

const GRAVITY = ['error', 'warning', 'note'];

function term(inner, on) {
  const worst = GRAVITY.find((severity) => on.some((place) => place.severity === severity)) ?? 'note';
  const numbers = [...new Set(on.map(({ number }) => number))];
  const which = numbers.map((number) => t('finding.number', { number })).join(', ');
  return h('button', { type: 'button', class: `term ${worst}`, 'data-findings': numbers.join(' ') }, inner, h('span', { class: 'sr' }, `: ${which}`));
}

/** A line of a text with carets below the place. */
export function excerpt(source, place) {
  const { text } = source;
  const { start, end } = place.utf16;
  const from = text.length > 160 && start > 48 ? start - 40 : 0;
  const to = text.length > 160 ? Math.min(text.length, Math.max(end + 40, from + 150)) : text.length;
  const seen = (nodes) => nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('');
  const before = visible(text.slice(from, start));
  const at = visible(text.slice(start, end));
  const after = visible(text.slice(end, to));
  const [left, right] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
  const carets = ' '.repeat([...(left + seen(before))].length) + '^'.repeat(Math.max(1, [...seen(at)].length));
  return h('pre', { class: 'excerpt', tabindex: '0', role: 'group', 'aria-label': t('record.excerpt') },
    left, before, h('mark', {}, at), after, right, '\n',
    h('span', { class: 'carets', 'aria-hidden': 'true' }, carets),
    place.text ? [' ', say(place.text, 'span', { class: 'caret-text' })] : null);
}

/** The place where a text stands, in a few words. */
export function origin(of) {
  if (typeof of === 'string') return t(`origin.${of}`);
  if (of.record) return `${of.record.owner} ${of.record.record_type}`;
  if (of.field) return t('origin.field', of.field);
  if (of.session) return t('origin.session', of.session);
  if (of.policy) return t('origin.policy', of.policy);
  return t('origin.given');
}
