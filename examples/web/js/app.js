// The page: takes what was pasted, has it checked, and shows the report. What is said stands in js/view, what is decided in the wasm.
import { $, fill, h, mark } from './dom.js';
import { LANGUAGES, language, preferred, say, speak, t } from './i18n.js';
import { detect, ready } from './engine.js';
import { SERVERS, asker, saved } from './dns.js';
import { base, check } from './plan.js';
import { EXAMPLES, GROUPS } from '../gallery/gallery.js';
import { zone } from './zone.js';
import { pack, unpack } from './share.js';
import { answer, headline } from './view/answer.js';
import { collect, counted, findings } from './view/findings.js';
import { records, texts } from './view/records.js';
import { isSpf, spf, spfGist } from './view/spf.js';
import { alignment, authors, isDmarc, steps } from './view/dmarc.js';
import { causes, signatures, story } from './view/message.js';
import { bounced, evidence, observed, senders, srs } from './view/others.js';
import { copyButton } from './view/copy.js';
import { announce } from './view/live.js';
import { page } from './view/page.js';
import { section } from './view/section.js';
import { published, ways } from './view/ways.js';

const EMPTY = { ip: '', helo: '', mailFrom: '', from: '', signer: '', selectors: '', domain: '', mailbox: '', policy: '' };
const FIELDS = ['ip', 'mailFrom', 'helo', 'from', 'signer', 'selectors', 'mailbox', 'policy'];

/** Which of them matter to what. */
const SESSION = ['ip', 'mailFrom', 'helo', 'mailbox', 'policy'];
const MATTER = {
  message: SESSION, header: SESSION, bounce: SESSION, 'auth-results': ['from', 'signer', 'policy'],
  domain: ['ip', 'mailFrom', 'helo', 'signer', 'selectors', 'policy'], address: ['ip', 'mailFrom', 'helo', 'signer', 'selectors', 'policy'],
};

const state = { text: '', octets: null, file: null, given: { ...EMPTY }, tried: [], example: null, saved: null, last: null };
let running = new AbortController();

// ---- Settings: the only thing that is kept, and only in this browser.

const settings = { language: preferred(), theme: 'auto', server: 'cloudflare', own: '', ...kept() };
function kept() {
  try {
    return JSON.parse(localStorage.getItem('mailproof') ?? '{}');
  } catch {
    return {};
  }
}
function keep(change) {
  Object.assign(settings, change);
  try {
    localStorage.setItem('mailproof', JSON.stringify(settings));
  } catch {
    // Some browsers keep nothing: the choice holds until the page is closed.
  }
}
const doh = () => (settings.server === 'none' ? null : settings.server === 'own' ? settings.own || null : SERVERS[settings.server]);

// ---- One run

async function run({ focus = false } = {}) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  state.text = $('text').value;
  if (!state.text.trim() && !state.example?.sender) return clear();
  $('report').setAttribute('aria-busy', 'true');
  $('go').disabled = true;
  try {
    await ready;
    let asked = 0;
    const tried = [...state.tried, ...withPolicy()];
    const source = { zone: state.example?.zone ? zone(state.example.zone) : null, saved: state.saved, doh: doh() };
    const ask = asker(source, tried, () => fill($('seen'), seen(), ' · ', t('dns.asking', { count: ++asked })));
    const given = { ...state.given, now: state.example?.now };
    const found = await check({ text: state.text, octets: state.octets, given, ask, signal, example: state.example });
    if (signal.aborted) return;
    state.last = found;
    show(found);
    showSession();
    announce(headline(found.parts.length > 0 ? found.parts : [{ kind: 'observed' }]).text);
    if (focus) $('headline')?.focus({ preventScroll: true });
  } catch (error) {
    if (signal.aborted) return;
    fill($('report'), h('section', { class: 'answer note' }, h('div', { class: 'line' }, h('span', { class: 'label' }, t('section.answer')),
      h('div', {}, h('h2', { id: 'headline', tabindex: '-1' }, t('answer.failed')), h('p', {}, String(error.message ?? error))))));
    announce(t('answer.failed'));
  } finally {
    if (!signal.aborted) {
      $('report').removeAttribute('aria-busy');
      $('go').disabled = false;
      fill($('seen'), seen());
    }
  }
}

/** The policy that is tried out instead of the published one. */
function withPolicy() {
  const { policy } = state.given;
  if (!policy) return [];
  const rewrite = (text) => (/^\s*v\s*=\s*DMARC1/i.test(text) ? text.replace(/;\s*(p|sp|np)\s*=\s*\w+/gi, `; $1=${policy}`) : text);
  const names = new Set((state.last?.parts ?? []).flatMap(({ report }) => report?.snapshot ?? []).map(({ name }) => name).filter((name) => name.startsWith('_dmarc.')));
  return [...names].map((owner) => ({ owner, type: 'TXT', remove: [], add: [], rewrite }));
}

function clear() {
  state.last = null;
  $('report').replaceChildren();
  fill($('seen'), seen());
  $('pane').hidden = true;
  document.body.classList.remove('has-report');
}

/** What the text is taken for. */
function seen() {
  if (state.file) return t('seen.file', { name: state.file, size: new Intl.NumberFormat(language()).format(state.octets.length) });
  const text = $('text').value;
  if (!text.trim()) return t('seen.nothing');
  const found = detect(text);
  if (found.what === 'record') return t('seen.record', { kind: t(`kind.${found.kind}`) });
  return t(`seen.${found.what}`);
}

// ---- The report

function show({ detected, parts, offered }) {
  document.body.classList.add('has-report');
  state.offered = offered;
  showSession();
  if (parts.length === 0) {
    fill($('report'), h('section', { class: 'answer note' }, h('div', { class: 'line' }, h('span', { class: 'label' }, t('section.answer')),
      h('div', {}, h('h2', { id: 'headline', tabindex: '-1' }, mark('note'), t(detected.what === 'unknown' ? 'answer.unknown' : 'answer.nothing')), h('p', {}, t('answer.unknown.help'))))));
    return;
  }
  const collected = collect(parts, state.example !== null);
  const tools = { tryOut: detected.what === 'record' ? null : tryOut };
  fill($('report'), tried(), whole(parts), answer(parts, collected, tools), sections(parts, collected, tools));
  if (parts.some(({ report }) => report)) $('report').append(section('export', t('export.gist'), () => exported(parts)));
  const first = collected[0];
  showPage(first && first.finding.severity !== 'note' ? first.finding.code : null);
}

function sections(parts, collected, tools) {
  const of = (kind) => parts.filter((part) => part.kind === kind);
  const traces = parts.flatMap(({ report }) => report?.traces ?? []);
  const [message, bounce, rewritten, sent, written] = ['message', 'bounce', 'srs', 'sender', 'observed'].map((kind) => of(kind)[0]);
  const dmarc = of('dmarc')[0] ?? (message?.report.message.author ? message : undefined);
  const chains = traces.filter(isSpf);
  const others = parts.filter(({ kind }) => kind !== 'message' && kind !== 'dmarc').flatMap(({ report }) => report?.traces ?? []).filter((trace) => !isSpf(trace) && !isDmarc(trace));
  const shown = texts(parts, collected).filter(({ source, places }) => !source.origin.session && (places.length > 0 || source.origin.record));
  const asked = parts.flatMap(({ report }) => report?.snapshot ?? []);
  const questions = [...new Map(asked.map((one) => [`${one.name} ${one.type}`, one])).values()];
  const sentOn = published(parts);
  const walked = parts.some(({ kind }) => kind === 'walk');
  const lead = parts[0].kind;
  return [
    bounce ? section('bounce', t('bounce.gist', { count: bounce.bounces.length }), () => bounced(bounce), { open: true }) : null,
    rewritten ? section('srs', rewritten.original ?? '', () => srs(rewritten), { open: true }) : null,
    sent ? section('sender', t(`answer.sender.${sent.verdict}`), () => senders(sent), { open: true }) : null,
    collected.length > 0 ? section('findings', counted(collected), () => findings(collected, tools), { open: collected[0].finding.severity !== 'note' || lead === 'record' }) : null,
    message?.report.causes ? section('causes', t('causes.gist', { count: message.report.causes.primary.evidence.length }), () => causes(message.report.causes), { open: true }) : null,
    dmarc ? section('dmarc', [authors(dmarc.report).join(', '), ': ', h('b', {}, dmarc.report.verdicts.find(({ method }) => method === 'dmarc')?.result ?? '')], () => alignment(dmarc), { open: lead === 'dmarc' || lead === 'message' }) : null,
    message?.report.message?.signatures.length > 0 ? section('dkim', message.report.message.signatures.map(({ domain, result }) => h('span', { class: 'count' }, mark(result === 'pass' ? 'good' : 'bad'), `${domain} ${result}`)), () => signatures(message), { open: true }) : null,
    shown.length > 0 ? section('records', t('records.gist', { count: shown.length }), () => records(shown), { open: lead === 'record' }) : null,
    chains.length > 0 ? section('spf', spfGist(chains), () => spf(chains, walked), { open: lead === 'spf' || (collected[0]?.finding.code ?? '').startsWith('spf-') }) : null,
    message ? section('story', t('story.gist'), () => story(message)) : null,
    written ? section('observed', t('observed.gist', { count: written.results.length }), () => observed(written)) : null,
    others.length > 0 ? section('facts', say(others[0].title), () => others.map(steps), { open: lead === 'domain' }) : null,
    sentOn ? section('ways', t('ways.gist'), () => ways(sentOn)) : null,
    questions.length > 0 ? section('dns', t('dns.gist', { count: questions.length }), () => [h('p', { class: 'hint' }, whence()), evidence(questions)]) : null,
  ];
}

const whence = () => (state.example?.zone ? t('dns.embedded') : state.saved ? t('dns.saved') : doh() ? t('dns.server', { server: new URL(doh()).host }) : t('dns.none'));

/** What is tried out, with the way back. */
function tried() {
  if (state.tried.length === 0) return null;
  return h('div', { class: 'tried' }, h('p', {}, mark('note'), t('tried', { count: state.tried.length }), ' ', state.tried.map(({ owner, type }) => h('code', {}, `${owner} ${type} `))),
    h('button', { type: 'button', onclick: () => { state.tried = []; run({ focus: true }); } }, t('tried.undo')));
}

/** Records of a domain ask for the whole of it. */
function whole(parts) {
  const domains = new Set(parts.filter(({ kind, owner }) => kind === 'record' && owner).map(({ owner }) => base(owner)));
  if (domains.size === 0) return null;
  return h('p', { class: 'buttons whole' }, [...domains].slice(0, 5).map((domain) =>
    h('button', { type: 'button', onclick: () => take({ text: domain }, { focus: true }) }, t('whole', { domain }))));
}

function tryOut(edit) {
  state.tried.push(edit);
  run({ focus: true });
}

// ---- Term, finding and page belong together

function tie(report) {
  const light = (numbers, on) => {
    for (const number of numbers) {
      for (const one of report.querySelectorAll(`[data-findings~="${number}"]`)) one.classList.toggle('lit', on);
    }
  };
  const numbers = (target) => target.closest?.('[data-findings]')?.dataset.findings.split(' ') ?? [];
  const enter = ({ target }) => {
    const of = numbers(target);
    light(of, true);
    const [first] = of;
    if (first) showPage($(`finding-${first}`)?.dataset.code);
  };
  const leave = ({ target }) => light(numbers(target), false);
  report.addEventListener('pointerover', enter);
  report.addEventListener('pointerout', leave);
  report.addEventListener('focusin', enter);
  report.addEventListener('focusout', leave);
  report.addEventListener('click', ({ target }) => {
    const term = target.closest?.('.term');
    if (!term) return;
    const section = $('section-findings');
    section.open = true;
    const finding = $(`finding-${numbers(term)[0]}`);
    finding.closest('#notes')?.setAttribute('open', '');
    finding.open = true;
    finding.querySelector('summary').focus();
    finding.scrollIntoView({ block: 'nearest' });
  });
}

let onPane = null;
function showPage(code) {
  const pane = $('pane');
  pane.hidden = !code;
  if (!code || onPane === `${code} ${language()}`) return;
  onPane = `${code} ${language()}`;
  fill(pane, h('p', { class: 'label' }, t('pane.label')), page(code), h('p', { class: 'code' }, code));
}

// ---- The session and what else may be tried

function showSession() {
  const { given } = state;
  const offered = state.offered ?? {};
  const said = [given.ip || offered.ip, given.mailFrom || offered.mailFrom].filter(Boolean).join(' · ');
  fill($('session-gist'), said || t('session.gist'), !given.ip && offered.ip ? h('span', { class: 'note' }, ` ${t('session.offered')}`) : null);
  const kind = state.last?.detected.what ?? (state.octets ? 'message' : 'domain');
  for (const name of FIELDS) {
    const input = $(`given-${name}`);
    if (!input) continue;
    input.closest('label').hidden = !(MATTER[kind] ?? MATTER.domain).includes(name);
    if (document.activeElement !== input) input.value = given[name];
    if (name !== 'policy') input.placeholder = offered[name] ?? '';
  }
}

function buildFields() {
  const policy = h('select', { id: 'given-policy' }, ['', 'none', 'quarantine', 'reject'].map((value) => h('option', { value }, t(value ? `policy.${value}` : 'policy.published'))));
  fill($('fields'), FIELDS.map((name) => h('label', {}, h('span', {}, t(`session.${name}`)),
    name === 'policy' ? policy : h('input', { id: `given-${name}`, type: 'text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': `about-${name}` }),
    h('small', { id: `about-${name}` }, t(`session.${name}.about`)))));
  let timer;
  $('fields').oninput = () => {
    for (const name of FIELDS) state.given[name] = $(`given-${name}`).value.trim();
    showSession();
    clearTimeout(timer);
    timer = setTimeout(() => run(), 350);
  };
}

// ---- Taking it along

function exported(parts) {
  const data = () => ({ made: 'mailproof', reports: parts.map(({ report, text, ...rest }) => report ?? rest) });
  const texts = parts.map(({ text }) => text).filter((text) => typeof text === 'string');
  const choices = [['text', true], ['session', true], ['answers', false]].map(([name, checked]) =>
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked, 'data-share': name }), ' ', t(`share.${name}`)));
  const chosen = () => choices.filter((one) => one.firstChild.checked).map((one) => one.firstChild.dataset.share);
  return [
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => download('mailproof.json', JSON.stringify(data(), null, 2)) }, t('export.json')),
      texts.length > 0 ? copyButton(t('export.text'), texts.join('\n'), t('export.text.title')) : null),
    h('fieldset', { class: 'share' }, h('legend', {}, t('share.title')), h('p', { class: 'hint' }, t('share.about')), choices,
      h('div', { class: 'buttons' }, copyButton(t('share.copy'), () => link(chosen()), t('share.about')))),
  ];
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Only what was agreed to. */
async function link(chosen) {
  const shared = {};
  if (chosen.includes('text')) Object.assign(shared, state.octets ? { mail: String.fromCharCode(...state.octets.slice(0, 100_000)) } : { text: state.text });
  if (chosen.includes('session')) Object.assign(shared, { given: state.given, tried: state.tried });
  if (chosen.includes('answers')) shared.snapshot = state.last.parts.flatMap(({ report }) => report?.snapshot ?? []);
  if (state.example) shared.example = state.example.id;
  const hash = `s=${await pack(shared)}`;
  history.replaceState(null, '', `#${hash}`);
  return location.href;
}

async function fromFragment() {
  const params = new URLSearchParams(location.hash.slice(1));
  const example = EXAMPLES.find(({ id }) => id === params.get('example'));
  if (example) return choose(example);
  const domain = params.get('q');
  if (domain) return take({ text: domain });
  if (!params.has('s')) return;
  try {
    const shared = await unpack(params.get('s'));
    const given = Object.fromEntries(Object.entries(EMPTY).map(([name, empty]) => [name, String(shared.given?.[name] ?? empty)]));
    const tried = (Array.isArray(shared.tried) ? shared.tried : []).filter(({ owner, remove, add }) => typeof owner === 'string' && Array.isArray(remove) && Array.isArray(add));
    const octets = typeof shared.mail === 'string' ? Uint8Array.from(shared.mail, (one) => one.charCodeAt(0)) : null;
    await take({ text: String(shared.text ?? shared.mail ?? ''), octets, file: octets ? t('share.mail') : null, given, tried,
      saved: Array.isArray(shared.snapshot) ? saved(shared.snapshot) : null, example: EXAMPLES.find(({ id }) => id === shared.example) ?? null });
  } catch {
    announce(t('share.broken'));
  }
}

// ---- What comes in

async function take({ text, octets = null, file = null, given = {}, tried = [], example = null, saved: answers = null }, options) {
  Object.assign(state, { octets, file, given: { ...EMPTY, ...given }, tried, example, saved: answers, offered: {}, last: null });
  $('text').value = text;
  grow();
  showSession();
  await run(options);
}

/** A message beyond this is no mail that people look into; the check would hold the page. */
const MOST = 30 * 1024 * 1024;

async function takeFile(file) {
  if (file.size > MOST) return announce(t('file.large'));
  const octets = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder('latin1').decode(octets);
  await take({ text: text.slice(0, 200_000), octets, file: file.name }, { focus: true });
}

async function choose(example, options) {
  history.replaceState(null, '', `#example=${example.id}`);
  await take({ text: example.text ?? '', given: example.given, example }, options);
}

function grow() {
  const box = $('text');
  box.rows = Math.min(9, Math.max(3, box.value.split('\n').length + (box.value.length > 300 ? 2 : 0)));
}

// ---- The page around it

function words() {
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = t(element.dataset.word);
  document.title = t('title');
  $('text').placeholder = t('box.placeholder');
  const option = (chosen) => ([value, name]) => h('option', { value, selected: value === chosen }, name);
  fill($('language'), Object.entries(LANGUAGES).map(option(settings.language)));
  fill($('theme'), ['auto', 'light', 'dark'].map((name) => [name, t(`theme.${name}`)]).map(option(settings.theme)));
  fill($('server'), [...Object.entries(SERVERS).map(([name, url]) => [name, new URL(url).host]), ['own', settings.own ? new URL(settings.own).host : t('dns.own')], ['none', t('dns.off')]].map(option(settings.server)));
  fill($('privacy'), doh() ? t('privacy', { server: new URL(doh()).host }) : t('privacy.none'));
  fill($('gallery'), h('h2', { id: 'gallery-title' }, t('gallery.title')), h('p', { class: 'hint' }, t('gallery.about')),
    h('div', { class: 'groups' }, GROUPS.map((group) => h('div', {}, h('h3', {}, t(`group.${group}`)),
      h('ul', {}, EXAMPLES.filter((one) => one.group === group).map((one) => h('li', {},
        h('a', { href: `#example=${one.id}`, onclick: (event) => { event.preventDefault(); choose(one, { focus: true }).then(() => $('ask').scrollIntoView()); } }, t(`example.${one.id}`)))))))));
  buildFields();
  fill($('seen'), seen());
}

function theme() {
  if (settings.theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
}

function listen() {
  $('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    run({ focus: true });
  });
  $('text').addEventListener('input', () => {
    // What is typed is no longer the example, nor the file.
    Object.assign(state, { octets: null, file: null, example: null, saved: null, tried: [], offered: {} });
    if (location.hash) history.replaceState(null, '', location.pathname + location.search);
    grow();
    fill($('seen'), seen());
  });
  $('text').addEventListener('keydown', (event) => {
    const alone = !$('text').value.includes('\n') && !event.shiftKey;
    if (event.key === 'Enter' && (alone || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run({ focus: true });
    }
  });
  $('text').addEventListener('paste', () => setTimeout(() => run()));
  $('clear').addEventListener('click', () => {
    take({ text: '' });
    history.replaceState(null, '', location.pathname + location.search);
    $('text').focus();
  });
  $('file').addEventListener('change', ({ target }) => target.files[0] && takeFile(target.files[0]).then(() => (target.value = '')));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  });
  document.addEventListener('dragleave', (event) => !event.relatedTarget && document.body.classList.remove('dragging'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dragging');
    const [file] = event.dataTransfer.files;
    if (file) takeFile(file);
    else if (event.dataTransfer.getData('text')) take({ text: event.dataTransfer.getData('text') });
  });
  $('language').addEventListener('change', async ({ target }) => {
    keep({ language: target.value });
    await speak(target.value);
    words();
    if (state.last) show(state.last);
    showSession();
  });
  $('theme').addEventListener('change', ({ target }) => {
    keep({ theme: target.value });
    theme();
  });
  $('server').addEventListener('change', ({ target }) => {
    if (target.value === 'own') ownServer();
    else keep({ server: target.value });
    words();
    if (state.last && !state.example) run();
  });
  addEventListener('hashchange', fromFragment);
}

/** A server of one's own: the page's host and this machine are allowed, others the policy refuses. */
function ownServer() {
  const given = prompt(t('dns.own.ask'), settings.own || new URL('/dns-query', location.href).href);
  try {
    keep({ server: 'own', own: new URL(given, location.href).href });
  } catch {
    announce(t('dns.own.wrong'));
  }
}

async function start() {
  theme();
  await speak(settings.language);
  await ready;
  words();
  listen();
  tie($('report'));
  showSession();
  document.documentElement.dataset.ready = 'true';
  await fromFragment();
  if ('serviceWorker' in navigator && isSecureContext) {
    const policy = globalThis.trustedTypes?.createPolicy('mailproof', { createScriptURL: (url) => url });
    navigator.serviceWorker.register(policy ? policy.createScriptURL('sw.js') : 'sw.js').catch(() => {});
  }
}

start();
