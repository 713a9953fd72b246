// What becomes of a domain's mail that others send on: with a signature, and without.
import { h, mark } from '../dom.js';
import { predict } from '../engine.js';
import { FORWARDERS } from '../forwarders.js';
import { t } from '../i18n.js';
import { markOf } from './answer.js';

const { redirect, srs, list, munged } = FORWARDERS;
const WAYS = { direct: [], redirect, srs, list, munged };

const SIGNED = [{ aligned: true, relaxed: true, partial_body: false }];

/** What is published, as far as it decides: what SPF says of a host that no record lists, and the policy. */
export function published(parts) {
  const [domain, walk] = ['domain', 'walk'].map((kind) => parts.find((part) => part.kind === kind));
  const policy = domain?.report.verdicts[0]?.result;
  const elsewhere = walk?.report.verdicts[0]?.result;
  return ['none', 'quarantine', 'reject'].includes(policy) && elsewhere ? { policy, elsewhere } : null;
}

export function ways({ policy, elsewhere }) {
  const listed = !['none', 'permerror', 'temperror'].includes(elsewhere);
  const author = { spf_elsewhere: elsewhere, spf_pass: listed, spf_aligned: true, null_sender: false, policy };
  const cell = (name, signatures, hops) => {
    const { spf, dmarc, disposition } = predict({ author: { ...author, signatures }, hops });
    return h('td', { 'data-label': t(`ways.${name}`) }, mark(markOf(dmarc)), h('b', {}, `DMARC ${dmarc}`),
      dmarc === 'fail' && disposition !== 'none' ? `, ${t('ways.asked', { policy: disposition })}` : '', h('div', { class: 'note' }, `SPF ${spf}`));
  };
  return [
    h('p', { class: 'hint' }, t('ways.about')),
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('section.ways') }, h('table', { class: 'alignment' },
      h('thead', {}, h('tr', {}, ['way', 'unsigned', 'signed'].map((name) => h('th', { scope: 'col' }, t(`ways.${name}`))))),
      h('tbody', {}, Object.entries(WAYS).map(([name, hops]) => h('tr', {}, h('th', { scope: 'row' }, t(`ways.${name}`)),
        cell('unsigned', [], hops), cell('signed', SIGNED, hops)))))),
  ];
}
