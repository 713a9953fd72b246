// A message: its way step by step, and what was changed after it was signed.
import { h, mark } from '../dom.js';
import { language, say, t } from '../i18n.js';
import { prose, quoted, visible } from '../visible.js';
import { markOf } from './answer.js';

/** What happened, in the order of time: written, signed, passed on, judged. */
export function story({ report, written }) {
  const { message, verdicts } = report;
  const told = [
    written.from ? event(null, [t('story.written'), ' ', quoted(written.from)], written.date ? [prose(written.date)] : []) : null,
    ...message.signatures.map(({ domain, selector }) => event(null, [t('story.signed', { domain: domain ?? '?', selector: selector ?? '?' })])).reverse(),
    ...message.path.map(hop),
    ...message.signatures.filter(({ result }) => result).map((one) => event(one.result === 'pass' ? 'good' : 'bad', say(one.told))),
    message.arc ? event('note', say(message.arc.told)) : null,
    ...verdicts.filter(({ method }) => method !== 'dkim' && method !== 'arc').map(({ method, domain, result }) => event(markOf(result), t('story.judged', { method: method.toUpperCase(), domain, result }))),
  ];
  return [h('ol', { class: 'story' }, told), session(message.session)];
}

/** One step: what happened, and below it when and how. */
const event = (kind, what, more = []) => h('li', { class: kind ? 'judged' : null }, kind ? mark(kind) : null, what,
  more.length > 0 ? h('div', { class: 'note' }, more.map((part, at) => [at > 0 ? ' · ' : '', part])) : null);

function hop({ from, ip, by, protocol, date, delay, believed }) {
  const more = [ip ? quoted(ip) : null, protocol ? prose(protocol) : null, date ? moment(date) : null, elapsed(delay), believed ? null : t('story.claimed')];
  return event(null, prose(t(from ? 'story.passed' : 'story.taken', { by: by ?? '?', from: from ?? '?' })), more.filter(Boolean));
}

const moment = (seconds) => new Intl.DateTimeFormat(language(), {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: 'UTC', timeZoneName: 'short',
}).format(seconds * 1000);

function elapsed(seconds) {
  if (seconds === null || seconds === 0) return null;
  const size = Math.abs(seconds);
  const [value, unit] = size < 120 ? [size, 'second'] : size < 7200 ? [size / 60, 'minute'] : [size / 3600, 'hour'];
  const time = new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(value);
  return t(seconds < 0 ? 'story.before' : 'story.after', { time });
}

/** What SPF goes by, and whether it was given or is what the message says of itself. */
function session({ ip, helo, mail_from }) {
  const known = [['session.ip', ip], ['session.helo', helo], ['session.mailFrom', mail_from]].filter(([, fact]) => fact);
  if (known.length === 0) return null;
  return h('dl', { class: 'meta wide session' }, known.map(([name, { value, field }]) => h('div', {}, h('dt', {}, t(name)),
    h('dd', {}, quoted(value || '<>'), field ? h('span', { class: 'note' }, ` ${t('story.claimed-by', { field })}`) : null))));
}

/** What shows the cause, and what else is out of order. */
export function causes({ primary, secondary }) {
  return [
    h('ul', { class: 'evidence' }, primary.evidence.map(({ text }) => h('li', {}, say(text)))),
    secondary.length > 0 ? [h('h3', {}, t('causes.also')), h('ul', { class: 'evidence' }, secondary.map(({ told, advice, advice_to }) => h('li', {}, say(told),
      h('div', { class: 'note' }, advice_to === 'nobody' ? null : [t(`actor.${advice_to}`), ': '], say(advice)))))] : null,
  ];
}

export function signatures({ report }) {
  const { signatures: all, arc } = report.message;
  return [
    all.map((one) => h('div', { class: 'signature' },
      h('h3', {}, mark(one.result === 'pass' ? 'good' : 'bad'), t('dkim.of', { domain: one.domain ?? '?', selector: one.selector ?? '?' })),
      h('dl', { class: 'meta' },
        fact('dkim.result', one.result), fact('dkim.header', half(one.header)), fact('dkim.body', half(one.body)),
        fact('dkim.algorithm', one.algorithm), fact('dkim.signed', prose(one.signed.join(', '))),
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
  if (sign !== '+' && sign !== '-') return h('span', {}, '  ', visible(rest), '\n');
  const word = t(sign === '+' ? 'diff.added' : 'diff.removed');
  return h(sign === '+' ? 'ins' : 'del', {}, h('span', { class: 'sr' }, `${word} `), h('span', { 'aria-hidden': 'true' }, `${sign === '-' ? '−' : '+'} `), visible(rest), '\n');
}
