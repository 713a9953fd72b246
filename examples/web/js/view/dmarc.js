// Alignment: what From asks for beside what SPF and DKIM showed. And what a domain publishes and asks for.
import { h, mark } from '../dom.js';
import { say, t } from '../i18n.js';
import { quoted } from '../visible.js';
import { markOf } from './answer.js';

export const isDmarc = ({ title }) => title.startsWith('DMARC of ');

/** Who vouches for From: of a message, or of a question about DMARC alone. */
function vouching({ message, traces, input }, mode) {
  if (message) return message.alignment.map(({ method, domain, result, mode, why, aligned }) => ({ method, domain, result, mode: mode ?? 'relaxed', why, good: aligned && result === 'pass', comes: aligned ? (result === 'pass' ? 'aligned' : 'not authenticated') : 'not aligned' }));
  const rows = traces.find(isDmarc)?.branches.filter(({ text }) => /^(spf|dkim)=/.test(text)) ?? [];
  return rows.map(({ text, mark, outcome, notes }, at) => {
    const { method, domain, result } = input.dmarc.identifiers[at];
    return { method: 'spf' in method ? 'spf' : 'dkim', domain, result, mode: mode(text.startsWith('spf') ? 'aspf' : 'adkim'), why: notes[0], good: mark === 'good', comes: outcome };
  });
}

export const authors = ({ message, input }) => (message ? [message.author].filter(Boolean) : input.dmarc.from);

export function alignment({ report }, chosen) {
  const trace = report.traces.find(isDmarc);
  const from = authors(report);
  const record = trace?.branches.find(({ text }) => text.startsWith('record at '));
  const published = record?.notes[0] ?? '';
  const mode = (tag) => (new RegExp(`;\\s*${tag}\\s*=\\s*s\\b`, 'i').test(published) ? 'strict' : 'relaxed');
  const rows = vouching(report, mode);
  const cell = (name, ...children) => h('td', { 'data-label': t(`dmarc.${name}`) }, children);
  return [
    h('p', { class: 'policy' }, t('dmarc.author'), ' ', quoted(from.join(', '))),
    record ? h('p', { class: 'policy' }, say(record.text), ': ', h('b', {}, say(record.outcome)), quoted(published, { class: 'block' })) : null,
    rows.length > 0 ? h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('section.dmarc') }, h('table', { class: 'alignment' },
      h('thead', {}, h('tr', {}, ['identifier', 'required', 'observed', 'result'].map((name) => h('th', { scope: 'col' }, t(`dmarc.${name}`))))),
      h('tbody', {}, rows.map((row) => h('tr', {},
        h('th', { scope: 'row' }, t(`dmarc.${row.method}`)),
        cell('required', t(`dmarc.${row.mode}`, { domain: from[0] })),
        cell('observed', mark(markOf(row.result)), h('b', {}, row.result), ' ', quoted(row.domain)),
        cell('result', mark(row.good ? 'good' : 'bad'), h('b', {}, say(row.comes)), row.why ? h('div', { class: 'note' }, say(row.why)) : null)))))) : h('p', {}, t('dmarc.nothing')),
    receivers(report.receivers ?? [], chosen),
  ];
}

/** What receivers of the older and the newer standard make of it: where they agree, in a line. */
function receivers(all, chosen) {
  const [first, ...others] = all;
  if (others.length === 0) return null;
  const asked = ({ result, policy }) => (result === 'fail' ? policy : null);
  const differ = others.some((one) => one.result !== first.result || asked(one) !== asked(first) || one.percent !== first.percent);
  if (!differ && !chosen) return h('p', { class: 'policy' }, mark('plain'), t('receivers.agree'));
  const cell = (name, ...children) => h('td', { 'data-label': t(`receivers.${name}`) }, children);
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('receivers.title') }, h('table', { class: 'alignment receivers' },
    h('thead', {}, h('tr', {}, ['title', 'organisation', 'policy', 'comes'].map((name) => h('th', { scope: 'col' }, t(`receivers.${name}`))))),
    h('tbody', {}, all.map((one) => h('tr', { class: one.generation === (chosen || first.generation) ? 'chosen' : null },
      h('th', { scope: 'row' }, t(`receiver.${one.generation}`)),
      cell('organisation', one.org_domain ? quoted(one.org_domain) : '—'),
      cell('policy', one.policy ?? '—', one.percent < 100 ? `, ${one.percent} %` : '', one.policy_domain ? h('div', { class: 'note' }, quoted(one.policy_domain)) : null),
      cell('comes', mark(markOf(one.result)), h('b', {}, `DMARC ${one.result}`)))))));
}

/** A trace as a list of its branches; its title may stand elsewhere already. */
export function steps(trace, titled = true) {
  return h('div', { class: 'trace' }, titled ? h('h3', {}, say(trace.title)) : null, list(trace.branches));
}

function list(branches) {
  return h('ul', { class: 'facts' }, branches.map((branch) => h('li', {},
    h('span', { class: 'fact' }, say(branch.text)),
    h('span', { class: 'came' }, mark(branch.mark), branch.outcome.split(/ {2,}/).map((part, at) => [at > 0 ? ' · ' : '', say(part)])),
    branch.notes.filter((note) => !/^[-+] |^ {2}/.test(note)).map((note) => h('div', { class: 'note' }, /^v=/.test(note) ? quoted(note) : say(note))),
    branch.branches.length > 0 ? list(branch.branches) : null)));
}
