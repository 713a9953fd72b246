// Alignment: what From asks for beside what SPF and DKIM showed. And what a domain publishes and asks for.
import { h, mark } from '../dom.js';
import { say, t } from '../i18n.js';
import { markOf } from './answer.js';

export const isDmarc = ({ title }) => title.startsWith('DMARC of ');

export function alignment({ report }) {
  const trace = report.traces.find(isDmarc);
  const { identifiers, from } = report.input.dmarc;
  const record = trace?.branches.find(({ text }) => text.startsWith('record at '));
  const published = record?.notes[0] ?? '';
  const mode = (tag) => (new RegExp(`;\\s*${tag}\\s*=\\s*s\\b`, 'i').test(published) ? 'strict' : 'relaxed');
  const rows = (trace?.branches ?? []).filter(({ text }) => /^(spf|dkim)=/.test(text));
  const older = trace?.branches.find(({ text }) => text.startsWith('receivers of'));
  return [
    h('p', { class: 'policy' }, t('dmarc.author'), ' ', h('code', {}, from.join(', '))),
    record ? h('p', { class: 'policy' }, say(record.text), ': ', h('b', {}, say(record.outcome)), h('code', { class: 'block' }, published)) : null,
    rows.length > 0 ? h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('section.dmarc') }, h('table', { class: 'alignment' },
      h('thead', {}, h('tr', {}, ['identifier', 'required', 'observed', 'result'].map((name) => h('th', { scope: 'col' }, t(`dmarc.${name}`))))),
      h('tbody', {}, rows.map((row, at) => {
        const given = identifiers[at];
        const method = row.text.startsWith('spf') ? 'spf' : 'dkim';
        return h('tr', {},
          h('th', { scope: 'row' }, method === 'spf' ? t('dmarc.spf') : t('dmarc.dkim')),
          h('td', { 'data-label': t('dmarc.required') }, t(`dmarc.${mode(method === 'spf' ? 'aspf' : 'adkim')}`, { domain: from[0] })),
          h('td', { 'data-label': t('dmarc.observed') }, mark(markOf(given?.result)), h('b', {}, given?.result ?? ''), ' ', h('code', {}, given?.domain ?? row.text)),
          h('td', { 'data-label': t('dmarc.result') }, mark(row.mark), h('b', {}, say(row.outcome)), row.notes.map((note) => h('div', { class: 'note' }, say(note)))));
      })))) : h('p', {}, t('dmarc.nothing')),
    older ? h('p', { class: 'policy' }, mark(older.mark), say(older.text), ': ', say(older.outcome), older.notes.map((note) => h('div', { class: 'note' }, say(note)))) : null,
  ];
}

/** A trace as a list of its branches. */
export function steps(trace) {
  return h('div', { class: 'trace' }, h('h3', {}, say(trace.title)), list(trace.branches));
}

function list(branches) {
  return h('ul', { class: 'facts' }, branches.map((branch) => h('li', {},
    h('span', { class: 'fact' }, say(branch.text)),
    h('span', { class: 'came' }, mark(branch.mark), branch.outcome.split(/ {2,}/).map((part, at) => [at > 0 ? ' · ' : '', say(part)])),
    branch.notes.filter((note) => !/^[-+] |^ {2}/.test(note)).map((note) => h('div', { class: 'note' }, /^v=/.test(note) ? h('code', {}, note) : say(note))),
    branch.branches.length > 0 ? list(branch.branches) : null)));
}
