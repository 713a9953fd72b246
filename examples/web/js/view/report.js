// The report: the answer on top, and below it, folded, what it rests on.
import { fill, h, mark } from '../dom.js';
import { say, t } from '../i18n.js';
import { base } from '../plan.js';
import { answer } from './answer.js';
import { alignment, authors, isDmarc, steps } from './dmarc.js';
import { collect, counted, findings } from './findings.js';
import { causes, signatures, story } from './message.js';
import { bounced, evidence, observed, senders, srs } from './others.js';
import { records, texts } from './records.js';
import { section } from './section.js';
import { isSpf, spf, spfGist } from './spf.js';
import { published, ways } from './ways.js';

/**
 * @param found what `check` gave
 * @param context.embedded whether the DNS is that of an example, `whence` where its answers come from, `tried` the edits in force,
 *   `receiver` whose DMARC counts, `lines` of what was taken for a zone
 * @param tools what buttons do: `{ tryOut, undo, whole, again, exported }`
 *
 * The answer: the code whose page is to be shown, or null.
 */
export function show(to, { detected, parts }, context, tools) {
  if (parts.length === 0) {
    const why = detected.what === 'unknown' ? 'answer.unknown' : detected.what === 'record' ? 'answer.too-long' : 'answer.nothing';
    fill(to, nothing(t(why), t('answer.unknown.help')));
    return null;
  }
  const collected = collect(parts, context.embedded);
  const actions = { tryOut: detected.what === 'record' ? null : tools.tryOut };
  const heard = context.embedded ? { asked: 0, failed: 0 } : unheard(parts);
  const silent = heard.asked > 0 && heard.failed === heard.asked;
  fill(to, tried(context.tried, tools.undo), trouble(heard, context, tools.again), cut(context.lines), whole(parts, tools.whole),
    answer(parts, collected, actions, { receiver: context.receiver, silent }), sections(parts, collected, actions, context),
    parts.some(({ report }) => report) ? section('export', t('export.gist'), () => tools.exported(parts)) : null);
  const [first] = collected;
  return first && first.finding.severity !== 'note' ? first.finding.code : null;
}

/** An answer that is none: in the place of the report. */
export function nothing(text, ...more) {
  return h('section', { class: 'answer note', 'aria-labelledby': 'headline' }, h('div', { class: 'line' }, h('span', { class: 'label' }, t('section.answer')),
    h('div', {}, h('h2', { id: 'headline', tabindex: '-1' }, mark('note'), h('span', {}, text)), more.map((one) => h('p', {}, one)))));
}

function sections(parts, collected, tools, { whence, receiver }) {
  const of = (kind) => parts.filter((part) => part.kind === kind);
  const traces = parts.flatMap(({ report }) => report?.traces ?? []);
  const [message, bounce, rewritten, sent, written, forward] = ['message', 'bounce', 'srs', 'sender', 'observed', 'forward'].map((kind) => of(kind)[0]);
  const dmarc = of('dmarc')[0] ?? (message?.report.message.author ? message : undefined);
  const chains = traces.filter(isSpf);
  const others = parts.filter(({ kind }) => !['message', 'dmarc', 'forward'].includes(kind)).flatMap(({ report }) => report?.traces ?? []).filter((trace) => !isSpf(trace) && !isDmarc(trace));
  const shown = texts(parts, collected).filter(({ source, places }) => !source.origin.session && (places.length > 0 || source.origin.record));
  const asked = parts.flatMap(({ report }) => report?.snapshot ?? []);
  const questions = [...new Map(asked.map((one) => [`${one.name} ${one.type}`, one])).values()];
  const policies = questions.flatMap(({ records }) => records?.TXT ?? []).map((text) => (Array.isArray(text) ? text.map((piece) => piece.hex ?? piece).join('') : text.hex ?? text));
  const sentOn = published(parts);
  const walked = parts.some(({ kind }) => kind === 'walk');
  const lead = parts[0].kind;
  const leads = (name) => lead === name || (lead === 'forward' && parts[1]?.kind === name);
  return [
    forward ? section('forward', t(`forwarder.${forward.name}`), () => steps(forward.report.traces[0], false), { open: true }) : null,
    bounce ? section('bounce', t('bounce.gist', { count: bounce.bounces.length }), () => bounced(bounce), { open: true }) : null,
    rewritten ? section('srs', rewritten.original ?? '', () => srs(rewritten), { open: true }) : null,
    sent ? section('sender', t(`answer.sender.${sent.verdict}`), () => senders(sent), { open: true }) : null,
    collected.length > 0 ? section('findings', counted(collected), () => findings(collected, tools), { open: collected[0].finding.severity !== 'note' || lead === 'record' }) : null,
    message?.report.causes ? section('causes', t('causes.gist', { count: message.report.causes.primary.evidence.length }), () => causes(message.report.causes), { open: true }) : null,
    dmarc ? section('dmarc', h('span', {}, `${authors(dmarc.report).join(', ')}: `, h('b', {}, dmarc.report.verdicts.find(({ method }) => method === 'dmarc')?.result ?? '')), () => alignment(dmarc, receiver), { open: leads('dmarc') || leads('message') }) : null,
    message?.report.message?.signatures.length > 0 ? section('dkim', message.report.message.signatures.map(({ domain, result }) => h('span', { class: 'count' }, mark(result === 'pass' ? 'good' : 'bad'), `${domain} ${result}`)), () => signatures(message), { open: true }) : null,
    shown.length > 0 ? section('records', t('records.gist', { count: shown.length }), () => records(shown), { open: lead === 'record' }) : null,
    chains.length > 0 ? section('spf', spfGist(chains), () => spf(chains, policies, walked), { open: leads('spf') || (collected[0]?.finding.code ?? '').startsWith('spf-') }) : null,
    message ? section('story', t('story.gist'), () => story(message)) : null,
    written ? section('observed', t('observed.gist', { count: written.results.length }), () => observed(written)) : null,
    others.length > 0 ? section('facts', say(others[0].title), () => others.map((trace, at) => steps(trace, at > 0)), { open: leads('domain') }) : null,
    sentOn ? section('ways', t('ways.gist'), () => ways(sentOn)) : null,
    questions.length > 0 ? section('dns', t('dns.gist', { count: questions.length }), () => [h('p', { class: 'hint' }, whence), evidence(questions)]) : null,
  ];
}

/** What is tried out, with the way back. */
function tried(edits, undo) {
  if (edits.length === 0) return null;
  return h('div', { class: 'band tried' }, h('p', {}, mark('note'), t('tried', { count: edits.length }), ' ', edits.map(({ owner, type }) => h('code', {}, `${owner} ${type} `))),
    h('button', { type: 'button', onclick: undo }, t('tried.undo')));
}

/** Answers that say nothing about the domain, but about the way to the DNS. */
const UNHEARD = ['timeout', 'other', 'malformed', 'notasked'];

function unheard(parts) {
  const asked = parts.flatMap(({ report }) => report?.snapshot ?? []);
  const failed = asked.filter(({ failure }) => UNHEARD.includes(failure));
  return { asked: asked.length, failed: failed.length, none: failed.some(({ failure }) => failure === 'notasked') };
}

function trouble({ asked, failed, none }, { server }, again) {
  if (failed === 0) return null;
  const word = none ? 'dns.none' : failed === asked ? 'trouble.all' : 'trouble.some';
  return h('div', { class: 'band attention' }, h('p', {}, mark('warning'), t(word, { server, count: failed, all: asked }), ' ', t('trouble.so')),
    none ? null : h('button', { type: 'button', onclick: again }, t('trouble.again')));
}

/** What the library looks at of a zone. */
const LINES = 500;

const cut = (lines) => (lines > LINES ? h('div', { class: 'band attention' }, h('p', {}, mark('warning'), t('zone.cut', { count: LINES, all: lines }))) : null);

/** Records of a domain ask for the whole of it. */
function whole(parts, check) {
  const domains = new Set(parts.filter(({ kind, owner }) => kind === 'record' && owner).map(({ owner }) => base(owner)));
  if (domains.size === 0) return null;
  return h('p', { class: 'buttons whole' }, [...domains].slice(0, 5).map((domain) =>
    h('button', { type: 'button', onclick: () => check(domain) }, t('whole', { domain }))));
}
