// SPF as it is read: one term, or else the next; with what of the budget each has used.
import { h, mark } from '../dom.js';
import { say, t } from '../i18n.js';
import { quoted } from '../visible.js';

export const isSpf = ({ title }) => title.startsWith('SPF of ');

export function budget(counters) {
  return h('ul', { class: 'budget' }, counters.map(({ name, used, limit }) => {
    const over = used > limit;
    const cells = Array.from({ length: Math.min(Math.max(limit, used), 3 * limit) }, (_, at) =>
      h('i', { class: at >= limit ? 'cell over' : at < used ? 'cell used' : 'cell' }));
    return h('li', { class: over ? 'over' : null }, h('span', { class: 'name' }, t(`counter.${name}`)),
      h('span', { class: 'bar', 'aria-hidden': 'true' }, cells),
      h('span', { class: 'figure' }, over ? mark('bad') : null, t(over ? 'counter.over' : 'counter.used', { used, limit })));
  }));
}

export function spfGist(traces) {
  const [{ branches, counters }] = traces;
  const figures = counters.map(({ name, used, limit }) => `${t(`counter.${name}`)} ${used}/${limit}`);
  return [branches[0]?.text, figures.join(' · ')].filter(Boolean).join(': ');
}

/** @param published every SPF record that the DNS gave: a trace shortens the long ones */
export function spf(traces, published, walked) {
  return [walked ? h('p', { class: 'hint' }, t('spf.walk')) : null, traces.map((trace) => h('div', { class: 'trace' },
    h('h3', {}, say(trace.title)), trace.counters.length > 0 ? budget(trace.counters) : null, trace.branches.map((branch) => root(branch, published))))];
}

function root(branch, published) {
  return h('div', { class: 'chain' }, notes(branch, published), terms(branch.branches, published, 0, 0),
    h('p', { class: 'end' }, mark(branch.mark), t('chain.result'), ' ', h('b', {}, branch.outcome)));
}

const RECORD = /^(?:(\S+) )?TXT: (.*)$/s;

/** A branch's first note is the record that it leads to. */
const notes = (branch, published) => branch.notes.map((note) => {
  const [, , text] = note.match(RECORD) ?? [];
  return text ? h('p', { class: 'published' }, quoted(whole(text, published))) : h('p', { class: 'note' }, say(note));
});

function whole(text, published) {
  if (!text.endsWith('...')) return text;
  return published.find((one) => one.startsWith(text.slice(0, -3))) ?? text;
}

function terms(branches, published, before, depth) {
  if (branches.length === 0) return null;
  return h('ol', { class: 'terms' }, branches.map((branch, at) => {
    const used = lookups(branch)?.used ?? before;
    const row = term(branch, published, { first: at === 0, before, depth });
    before = used;
    return row;
  }));
}

function term(branch, published, { first, before, depth }) {
  // What an included record says against the client is no more than no match (RFC 7208 §5.2).
  const shown = depth > 0 && branch.mark === 'bad' ? 'no-match' : branch.mark;
  const name = branch.text.replace(/^[-+~?]?\w+[:=]/, '');
  return h('li', { class: branch.mark },
    h('div', { class: 'step' },
      h('span', { class: 'else' }, t(first ? 'chain.if' : 'chain.else')),
      quoted(branch.text, { class: 'what' }),
      h('span', { class: 'came' }, mark(shown), say(branch.outcome)),
      cost(branch, before)),
    branch.branches.length > 0
      ? h('details', { class: 'inner', open: branch.mark !== 'no-match' || branch.branches.length < 6 },
        h('summary', {}, t('chain.inner', { name })), notes(branch, published), terms(branch.branches, published, before + 1, depth + 1))
      : notes(branch, published));
}

const lookups = ({ counters }) => counters.find(({ name }) => name === 'lookups');

/** What the term took of the budget, and how much is used with it. */
function cost(branch, before) {
  const all = lookups(branch);
  if (!all) return null;
  const voids = branch.counters.find(({ name }) => name === 'voids');
  const over = all.used > all.limit;
  const took = all.used - before;
  return h('span', { class: over ? 'cost over' : 'cost', title: t('counter.lookups') }, over ? mark('bad') : null,
    took > 0 ? h('b', {}, `+${took} `) : null, `${all.used}/${all.limit}`,
    voids?.used > 0 ? ` · ${t('counter.voids')} ${voids.used}/${voids.limit}` : '');
}
