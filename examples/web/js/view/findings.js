// Findings: each with its place, its repair and its page.
import { h, mark } from '../dom.js';
import { message, say, t, told } from '../i18n.js';
import { copyButtons } from './copy.js';
import { page } from './page.js';
import { visible } from '../visible.js';
import { excerpt, origin } from './text.js';

/** All findings of all parts, each once, numbered in the order of their gravity. */
export function collect(parts, embedded) {
  const seen = new Set();
  const all = [];
  for (const part of parts) {
    const { findings = [], verdicts = [], sources = [], groups } = part.report ?? part;
    const decisive = verdicts.map(({ because }) => because).filter(Boolean);
    for (const [at, finding] of [...decisive.map((one) => [-1, one]), ...findings.map((one, i) => [i, one])]) {
      const source = sources[finding.primary.source] ?? { origin: 'given', text: '', strings: [] };
      const id = `${finding.code}|${finding.message}|${origin(source.origin)}`;
      // The addresses of an example are documentation addresses on purpose.
      if (embedded && finding.code === 'spf-ip-not-global') continue;
      if (seen.has(id) || (part.kind === 'walk' && finding.code.startsWith('spf-eval-fail'))) continue;
      seen.add(id);
      // What decided in favour is told by the answer.
      if (at < 0 && finding.severity === 'note') continue;
      all.push({ finding, source, sources, part, actor: at < 0 ? null : actorOf(groups, at) });
    }
  }
  const rank = { error: 0, warning: 1, note: 2 };
  all.sort((a, b) => rank[a.finding.severity] - rank[b.finding.severity]);
  all.forEach((one, i) => (one.number = i + 1));
  return all;
}

function actorOf(groups = [], at) {
  let end = 0;
  return groups.find((group) => at < (end += group.findings))?.actor ?? null;
}

export function counted(all) {
  return ['error', 'warning', 'note']
    .map((severity) => [severity, all.filter(({ finding }) => finding.severity === severity).length])
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => h('span', { class: 'count' }, mark(severity), t(`count.${severity}`, { count }, count)));
}

/** Notes are folded where something graver was found. */
export function findings(all, tools) {
  const list = (some) => h('ol', { class: 'findings' }, some.map((one) => item(one, tools)));
  const notes = all.filter(({ finding }) => finding.severity === 'note');
  if (notes.length < 3 || notes.length === all.length) return list(all);
  return [list(all.filter((one) => !notes.includes(one))),
    h('details', { class: 'more', id: 'notes' }, h('summary', {}, t('findings.notes', { count: notes.length })), list(notes))];
}

function item({ finding, source, number, actor }, tools) {
  const body = h('div', { class: 'inside' });
  const details = h('details', { class: `finding ${finding.severity}`, id: `finding-${number}`, 'data-code': finding.code },
    h('summary', { 'data-findings': String(number) }, h('span', { class: 'number', 'aria-hidden': 'true' }, String(number)),
      mark(finding.severity), h('span', { class: 'sr' }, t(`severity.${finding.severity}`), ': '), told(message(finding), 'span', { class: 'message' })),
    body);
  details.addEventListener('toggle', () => {
    if (!details.open || body.firstChild) return;
    body.append(...[
      meta(finding, source, actor),
      source.text ? excerpt(source, finding.primary) : null,
      finding.fixes.map((fix) => repair(fix, source, tools)),
      page(finding.code),
    ].flat().filter(Boolean));
    // On a narrow screen the place may stand outside what is seen.
    const [shown, place] = [body.querySelector('.excerpt'), body.querySelector('.excerpt mark')];
    if (shown) shown.scrollLeft = Math.max(0, place.offsetLeft - 32);
  });
  return h('li', {}, details);
}

function meta(finding, source, actor) {
  const words = [
    [t('finding.at'), origin(source.origin)],
    finding.effect === 'ok' ? null : [t('finding.effect'), t(`effect.${finding.effect}`)],
    actor && actor !== 'nobody' ? [t('finding.who'), t(`actor.${actor}`)] : null,
    finding.evidence === 'observed' ? null : [t('finding.evidence'), t(`evidence.${finding.evidence}`)],
    [t('finding.code'), finding.code],
  ].filter(Boolean);
  return h('dl', { class: 'meta' }, words.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/** A fix: what changes, to be copied or tried out. */
export function repair(fix, source, { tryOut }, titled = true) {
  const owner = source.origin.record?.owner ?? null;
  const change = fix.records ?? (fix.result === null || fix.result === undefined ? null
    : { owner, record_type: 'TXT', remove: [source.text], add: [fix.result] });
  if (!change) return null;
  const canTry = change.owner && tryOut;
  const lines = fix.edits?.length > 0 && change.remove.length === 1 && fix.result !== undefined ? edited(source.text, fix.edits)
    : [...change.remove.map((text) => line('−', difference(text, change.add[0] ?? ''))), ...change.add.map((text) => line('+', difference(text, change.remove[0] ?? '')))];
  return h('div', { class: 'fix' },
    h('p', {}, titled ? [h('strong', {}, say(fix.title)), ' '] : null, h('span', { class: 'sure' }, t(`fix.${fix.applicability}`))),
    h('pre', { class: 'change', tabindex: '0', role: 'group', 'aria-label': t('fix.change') }, lines),
    change.add.length > 0 || canTry ? h('div', { class: 'buttons' },
      change.add.flatMap((text) => copyButtons(text, change.owner)),
      canTry ? h('button', { type: 'button', class: 'try', onclick: () => tryOut({ owner: change.owner, type: change.record_type, remove: change.remove, add: change.add }) }, t('fix.try')) : null) : null);
}

const line = (sign, nodes) => h(sign === '+' ? 'ins' : 'del', {}, h('span', { class: 'sr' }, `${t(sign === '+' ? 'diff.added' : 'diff.removed')} `),
  h('span', { 'aria-hidden': 'true' }, `${sign} `), nodes, '\n');

/** The text before and after the edits, with what they touch. */
function edited(text, edits) {
  const [before, after] = [[], []];
  let at = 0;
  for (const { utf16, text: put } of [...edits].sort((a, b) => a.utf16.start - b.utf16.start)) {
    const same = text.slice(at, utf16.start);
    before.push(visible(same), h('b', {}, visible(text.slice(utf16.start, utf16.end))));
    after.push(visible(same), h('b', {}, visible(put)));
    at = utf16.end;
  }
  const rest = text.slice(at);
  return [line('−', [before, visible(rest)]), line('+', [after, visible(rest)])];
}

/** A text with the stretch that is not in the other. */
function difference(text, other) {
  let [start, end] = [0, text.length];
  while (start < Math.min(text.length, other.length) && text[start] === other[start]) start++;
  let back = other.length;
  while (end > start && back > start && text[end - 1] === other[back - 1]) end--, back--;
  const stretch = visible(text.slice(start, end));
  return [visible(text.slice(0, start)), other && start < end ? h('b', {}, stretch) : stretch, visible(text.slice(end))];
}
