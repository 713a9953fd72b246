// SPF as it is read: one term, or else the next; with what of the budget each has used.
import { h, mark } from '../dom.js';
import { say, t } from '../i18n.js';

export const isSpf = ({ title }) => title.startsWith('SPF of ');

export function budget(counters) {
  return h('ul', { class: 'budget' }, counters.map(({ name, used, limit }) => {
    const over = used > limit;
    const cells = Array.from({ length: Math.max(limit, used) }, (_, at) =>
      h('i', { class: at >= limit ? 'cell over' : at < used ? 'cell used' : 'cell' }));
    return h('li', { class: over ? 'over' : null }, h('span', { class: 'name' }, t(`counter.${name}`)),
      h('span', { class: 'bar', 'aria-hidden': 'true' }, cells),
      h('span', { class: 'figure' }, t(over ? 'counter.over' : 'counter.used', { used, limit })));
  }));
}

export function spfGist(traces) {
  const [first] = traces;
  const counter = first.counters.find(({ name }) => name === 'lookups');
  return [first.branches[0]?.text, counter ? `: ${t('counter.used', counter)}` : ''].join('');
}

export function spf(traces, walked) {
  return [walked ? h('p', { class: 'hint' }, t('spf.walk')) : null, traces.map((trace) => h('div', { class: 'trace' },
    h('h3', {}, say(trace.title)), trace.counters.length > 0 ? budget(trace.counters) : null, trace.branches.map(root)))];
}

function root(branch) {
  return h('div', { class: 'chain' }, published(branch.notes), terms(branch.branches, t('chain.if')),
    h('p', { class: 'end' }, mark(branch.mark), t('chain.result'), ' ', h('b', {}, branch.outcome)));
}

/** A branch's first note is the record that it leads to. */
const published = (notes) => notes.map((note) => {
  const found = note.match(/^(?:(\S+) )?TXT: (.*)$/s);
  return found ? h('p', { class: 'published' }, found[1] ? `${found[1]} ` : '', h('code', {}, found[2])) : h('p', { class: 'note' }, say(note));
});

function terms(branches, first) {
  if (branches.length === 0) return null;
  return h('ol', { class: 'terms' }, branches.map((branch, at) => h('li', { class: branch.mark },
    h('div', { class: 'step' },
      h('span', { class: 'else' }, at === 0 ? first : t('chain.else')),
      h('code', { class: 'what' }, branch.text),
      h('span', { class: 'came' }, mark(branch.mark), say(branch.outcome)),
      cost(branch)),
    branch.branches.length > 0
      ? h('details', { class: 'inner', open: branch.mark !== 'no-match' || branch.branches.length < 6 },
        h('summary', {}, t('chain.inner', { name: branch.text.replace(/^[-+~?]?\w+[:=]/, '') })), published(branch.notes), terms(branch.branches, t('chain.if')))
      : published(branch.notes))));
}

function cost({ counters }) {
  const [lookups, voids] = ['lookups', 'voids'].map((name) => counters.find((counter) => counter.name === name));
  if (!lookups) return null;
  const over = lookups.used > lookups.limit;
  return h('span', { class: over ? 'cost over' : 'cost', title: t('counter.lookups') }, `${lookups.used}/${lookups.limit}`,
    voids?.used > 0 ? ` · ${t('counter.voids')} ${voids.used}/${voids.limit}` : '');
}
