// The answer in one sentence, who has to act, and the first repair.
import { h, mark } from '../dom.js';
import { prose } from '../visible.js';
import { message, say, sentence, t, told } from '../i18n.js';
import { repair } from './findings.js';
import { refuser } from './refused.js';
import { folded } from './section.js';

/** What receivers of one kind make of DMARC, where another kind than that of the reports is asked for. */
function chosen(parts, receiver) {
  if (!receiver || parts[0].kind === 'forward') return null;
  return parts.flatMap(({ report }) => report?.receivers ?? []).find(({ generation }) => generation === receiver) ?? null;
}

/** The part that decides comes first; SPF that fails is no problem where DMARC passes. */
export function passed(parts, receiver) {
  const older = chosen(parts, receiver);
  if (older) return older.result === 'pass';
  const first = parts[0];
  if (first.kind === 'zone' || first.kind === 'record') return parts.every(({ report }) => !report || report.passed);
  if (first.kind === 'sender') return first.verdict === 'accept';
  return first.report?.passed ?? null;
}

function headline(parts, receiver) {
  const older = chosen(parts, receiver);
  if (older) return { text: older.result === 'fail' ? t('answer.receiver.fail', older) : t('answer.receiver', older), english: false };
  const [first] = parts;
  const records = parts.filter(({ kind }) => kind === 'record');
  if (first.kind === 'record' && records.length > 1) {
    const bad = records.filter(({ report }) => !report.passed).length;
    return { text: t(bad > 0 ? 'answer.records.bad' : 'answer.records.good', { bad, count: records.length }), english: false };
  }
  if (first.report) return sentence(first.report.headline);
  if (first.kind === 'sender') return { text: t(`answer.sender.${first.verdict}`), english: false };
  if (first.kind === 'srs') {
    const original = first.original ? t('answer.srs', { address: first.address, original: first.original }) : null;
    return original || first.findings.length === 0 ? { text: original ?? t('answer.srs.other'), english: false } : message(first.findings[0]);
  }
  if (first.kind === 'bounce') return bounced(first);
  return { text: t('answer.observed'), english: false };
}

function bounced({ bounces, notification }) {
  const [one] = bounces;
  if (!one) return { text: t('answer.bounce.none'), english: false };
  const sure = one.permanent === false ? 'later' : 'refused';
  return { text: `${t(`answer.bounce.${sure}`, { who: refuser(one, notification) })} ${t(`bounce.${one.cause}`)}`, english: false };
}

/** What each method came to, side by side. */
function results(parts, receiver) {
  const older = chosen(parts, receiver);
  const decides = parts[0].kind === 'forward' ? parts.slice(0, 1) : parts;
  const all = decides.flatMap(({ kind, report }) => (kind === 'domain' || kind === 'walk' ? [] : report?.verdicts ?? []))
    .map((verdict) => (older && verdict.method === 'dmarc' ? { ...verdict, result: older.result } : verdict));
  const seen = new Set();
  const once = all.filter(({ method, identity, domain, result }) => {
    const id = `${method} ${identity} ${domain} ${result}`;
    return !seen.has(id) && seen.add(id);
  });
  if (once.length === 0) return null;
  return h('ul', { class: 'results' }, once.map(({ method, identity, domain, result }) =>
    h('li', {}, mark(markOf(result)), h('b', {}, `${method.toUpperCase()} ${result}`), ' ',
      h('span', { class: 'of' }, prose(identity === 'helo' ? `HELO ${domain}` : domain)))));
}

export const markOf = (result) =>
  ({ pass: 'good', fail: 'bad', permerror: 'bad', softfail: 'warning', temperror: 'warning', none: 'no-match', neutral: 'no-match' })[result] ?? 'plain';

/** Who does what: what the library advises, else the first repairs of what was found. */
export function steps(parts, collected) {
  const seen = new Set();
  const decides = parts[0].kind === 'forward' ? parts.slice(0, 1) : parts;
  const advised = decides.flatMap((part) => {
    if (part.kind === 'walk') return [];
    const sources = part.report?.sources ?? [];
    const all = part.report?.advice ?? part.advice ?? part.bounces?.flatMap(({ advice }) => advice) ?? [];
    return all.map((advice) => ({ ...advice, source: sources[advice.at?.source] ?? null, passed: part.report?.passed }));
  }).filter(({ text, fix }) => {
    const id = `${text} ${fix?.result ?? ''}`;
    return !seen.has(id) && seen.add(id);
  });
  if (advised.length > 0) return advised.map(withRepair(collected));
  // What is odd about an SRS address is told to whoever looks at it: nobody has to act.
  if (parts[0].kind === 'srs') return [];
  const grave = collected.filter(({ finding }) => finding.severity !== 'note');
  const mendable = grave.filter(({ finding }) => finding.fixes.length > 0);
  return (mendable.length > 0 ? mendable : grave).slice(0, 3).map(({ finding, source, actor }) => ({
    actor: actor ?? 'domain-owner', finding, source, fix: finding.fixes[0] ?? null,
  }));
}

/** Advice to change a record, with the change that the finding at the same place offers. */
const withRepair = (collected) => (advice) => {
  if (advice.fix || !advice.source || !advice.at) return advice;
  const same = collected.find(({ finding, source }) => source.text === advice.source.text
    && finding.primary.span.start === advice.at.span.start && finding.fixes.length > 0);
  return same ? { ...advice, fix: same.finding.fixes[0] } : advice;
};

/** How the answer is to be taken: a domain whose policy protects it in spite of an error is no failure. */
function tone(good, parts, collected, receiver) {
  if (parts[0].kind === 'forward' || chosen(parts, receiver)) return good ? 'good' : 'bad';
  if (parts[0].kind === 'bounce') return { false: 'warning', undefined: 'note' }[parts[0].bounces[0]?.permanent] ?? 'bad';
  const errors = collected.some(({ finding }) => finding.severity === 'error');
  if (good === null) return 'note';
  if (good) return errors ? 'warning' : 'good';
  const protects = parts[0].kind === 'domain' && ['reject', 'quarantine'].includes(parts[0].report.verdicts[0]?.result);
  return errors && !protects ? 'bad' : 'warning';
}

/** The gravest thing that was found, where the headline does not say it. */
function gravest(parts, collected) {
  const [one] = collected;
  if (!one || one.finding.severity === 'note' || !['domain', 'record'].includes(parts[0].kind)) return null;
  return h('p', { class: 'gravest', 'data-findings': String(one.number) }, mark(one.finding.severity), told(message(one.finding)));
}

/** What the library says where it had to ask and heard nothing. */
const UNDECIDED = /could not be checked|^there is no verdict yet|^temperror: /;

/** @param silent the DNS said nothing at all: then nobody has to act, and nothing is out of order */
export function answer(parts, collected, tools, { receiver, silent }) {
  const good = passed(parts, receiver);
  const kind = silent ? 'note' : tone(good, parts, collected, receiver);
  const unknown = silent && UNDECIDED.test(parts[0].report?.headline);
  const { text, english } = unknown ? { text: t('answer.silent'), english: false } : headline(parts, receiver);
  const todo = silent || good === true && collected.every(({ finding }) => finding.severity === 'note') ? [] : steps(parts, collected);
  const first = todo.find(({ fix }) => fix);
  return h('section', { class: `answer ${kind}`, 'aria-labelledby': 'headline' },
    h('div', { class: 'line' }, h('span', { class: 'label' }, t('section.answer')),
      h('div', {}, h('h2', { id: 'headline', tabindex: '-1' }, mark(kind), h('span', { class: 'sr' }, t(`mark.${kind}`), ': '),
        h('span', { lang: english ? 'en' : null }, prose(text))), silent ? null : gravest(parts, collected), results(parts, receiver))),
    todo.length > 0 ? h('div', { class: 'line' }, h('span', { class: 'label' }, t('section.todo')),
      todoList(todo, first, tools)) : null);
}

/** Whoever has more to do than this begins at the top. */
const STEPS = 8;

function todoList(todo, first, tools) {
  const list = (some) => h('ol', { class: 'todo' }, some.map((step) => action(step, step === first, tools)));
  if (todo.length <= STEPS + 1) return list(todo);
  return h('div', { class: 'todos' }, list(todo.slice(0, STEPS)), folded(t('todo.more', { count: todo.length - STEPS }), () => list(todo.slice(STEPS))));
}

/** The first repair is open, the others are folded. */
function action({ actor, text, finding, fix: change, source, remaining = [] }, first, tools) {
  const fix = remaining.length > 0 ? { ...change, applicability: 'step' } : change;
  const words = text !== undefined ? say(text) : fix ? say(fix.title) : told(message(finding));
  const titled = text !== undefined && text !== fix?.title;
  const of = source ?? { origin: 'given', text: '' };
  return h('li', {}, h('p', {}, h('span', { class: 'actor' }, t(`actor.${actor}`)), ' ', words),
    fix ? (first ? repair(fix, of, tools, titled) : h('details', { class: 'more' }, h('summary', {}, t('fix.show')), repair(fix, of, tools, titled))) : null,
    remaining.length > 0 ? [h('p', {}, t('todo.then')), h('ul', { class: 'evidence' }, remaining.map((left) => told(message(left), 'li')))] : null);
}
