// A message: its way step by step, and what was changed after it was signed.
import { h, mark } from '../dom.js';
import { hops, named } from '../mail.js';
import { language, say, t } from '../i18n.js';

/** What happened, in the order of time: written, signed, passed on, judged. */
export function story({ fields }, parts) {
  const [from] = named(fields, 'From');
  const way = hops(fields);
  const dkim = parts.find(({ kind }) => kind === 'message');
  const spf = parts.map(({ report }) => report?.verdicts.find(({ method }) => method === 'spf')).find(Boolean);
  const dmarc = parts.find(({ kind }) => kind === 'dmarc');
  const told = [
    from ? [t('story.written'), h('code', {}, from.body), named(fields, 'Date')[0]?.body] : null,
    ...named(fields, 'DKIM-Signature').map(({ body }) => {
      const tag = (name) => body.match(new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*([^;\\s]+)`))?.[1] ?? '?';
      return [t('story.signed', { domain: tag('d'), selector: tag('s') })];
    }).reverse(),
    ...way.map((hop, at) => [t(hop.from ? 'story.passed' : 'story.taken', { by: hop.by ?? '?', from: hop.from ?? '?' }),
      hop.ip ? h('code', {}, hop.ip) : null, hop.with, hop.date, delay(way[at - 1], hop)]),
    ...(dkim?.report.message?.signatures ?? []).map((one) => [mark(one.result === 'pass' ? 'good' : 'bad'), say(one.told)]),
    dkim?.report.message?.arc ? [mark('note'), say(dkim.report.message.arc.told)] : null,
    spf ? [mark(spf.result === 'pass' ? 'good' : 'bad'), t('story.spf', { result: spf.result, domain: spf.domain })] : null,
    dmarc ? [mark(dmarc.report.passed ? 'good' : 'bad'), say(dmarc.report.headline)] : null,
  ].filter(Boolean);
  return h('ol', { class: 'story' }, told.map((words) => h('li', {}, words.filter(Boolean).map((word, at) => (at > 0 && typeof word === 'string' ? [' · ', word] : [word, ' '])))));
}

function delay(before, hop) {
  const seconds = (hop.time - before?.time) / 1000;
  if (!Number.isFinite(seconds) || Math.abs(seconds) < 1) return null;
  const [value, unit] = Math.abs(seconds) < 120 ? [seconds, 'second'] : Math.abs(seconds) < 7200 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  const words = new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(Math.abs(value));
  return t(seconds < 0 ? 'story.before' : 'story.after', { time: words });
}

export function signatures({ report }) {
  const { signatures: all, arc } = report.message;
  return [
    all.map((one) => h('div', { class: 'signature' },
      h('h3', {}, mark(one.result === 'pass' ? 'good' : 'bad'), t('dkim.of', { domain: one.domain ?? '?', selector: one.selector ?? '?' })),
      h('dl', { class: 'meta' },
        fact('dkim.result', one.result), fact('dkim.header', half(one.header)), fact('dkim.body', half(one.body)),
        fact('dkim.algorithm', one.algorithm), fact('dkim.signed', one.signed.join(', ')),
        one.key ? fact('dkim.key', say(one.key)) : null, one.key_evidence ? fact('dkim.evidence', say(one.key_evidence)) : null,
        one.unsigned_octets > 0 ? fact('dkim.unsigned', String(one.unsigned_octets)) : null),
      one.alterations.map(alteration))),
    arc ? h('div', { class: 'signature' }, h('h3', {}, 'ARC'), h('p', {}, say(arc.told)), h('ul', {}, arc.claims.map((claim) => h('li', {}, say(claim))))) : null,
  ];
}

const fact = (name, value) => (value ? h('div', {}, h('dt', {}, t(name)), h('dd', {}, value)) : null);
const half = (well) => t(well === null ? 'dkim.unchecked' : well ? 'dkim.intact' : 'dkim.changed');

/** What was changed, as a diff: the line as it was signed, and as it came. */
function alteration(one) {
  return h('figure', { class: 'diff' },
    h('figcaption', {}, h('b', {}, say(one.told)), ' ', h('span', { class: 'sure' }, say(one.sure))),
    one.difference.length > 0 ? h('pre', { tabindex: '0', role: 'group', 'aria-label': t('diff.label') }, one.difference.map(line)) : null,
    one.left_out > 0 ? h('p', { class: 'note' }, t('diff.more', { count: one.left_out })) : null);
}

function line(text) {
  const [sign, rest] = [text.slice(0, 1), text.slice(2)];
  if (sign !== '+' && sign !== '-') return h('span', {}, `  ${rest}\n`);
  const word = t(sign === '+' ? 'diff.added' : 'diff.removed');
  return h(sign === '+' ? 'ins' : 'del', {}, h('span', { class: 'sr' }, `${word} `), h('span', { 'aria-hidden': 'true' }, `${sign === '-' ? '−' : '+'} `), `${rest}\n`);
}
