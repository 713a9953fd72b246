// Texts with places in them: what cannot be seen is shown, findings are marked and tied to what is told about them.
import { h } from '../dom.js';
import { say, t } from '../i18n.js';

/** Controls, spaces that are not plain, what joins or turns text, and quotation marks that word processors put. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\u{e0000}-\u{e007f}]/u;
const NAMES = { 9: 'TAB', 10: 'LF', 13: 'CR', 160: 'NBSP', 173: 'SHY', 8203: 'ZWSP', 8204: 'ZWNJ', 8205: 'ZWJ', 8206: 'LRM', 8207: 'RLM', 8239: 'NNBSP', 8288: 'WJ', 65279: 'BOM' };

/** A text as nodes, each invisible character as its name. */
export function visible(text, lines = false) {
  const nodes = [];
  let plain = '';
  // A line end of a message is what it should be; each half alone is not.
  for (const character of text.match(/\r\n|[^]/gu) ?? []) {
    if (character === '\r\n') {
      if (plain) nodes.push(plain);
      plain = '';
      nodes.push(h('span', { class: 'eol', title: 'CR LF' }, '↵'), lines ? '\n' : '');
      continue;
    }
    if (!INVISIBLE.test(character)) {
      plain += character;
      continue;
    }
    if (plain) nodes.push(plain);
    plain = '';
    const code = character.codePointAt(0);
    const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    nodes.push(h('span', { class: 'invisible', title: number }, NAMES[code] ?? number));
  }
  if (plain) nodes.push(plain);
  return nodes;
}

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
