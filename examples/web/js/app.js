// The page: takes what was pasted, has it checked, and shows the report. What is said stands in js/view, what is decided in the wasm.
import { $, fill, h } from './dom.js';
import { LANGUAGES, language, speak, t } from './i18n.js';
import { detect, ready } from './engine.js';
import { SERVERS, asker, forget, isDmarc, saved } from './dns.js';
import { SHOWN, read } from './files.js';
import { check } from './plan.js';
import { EXAMPLES, GROUPS } from '../gallery/gallery.js';
import { zone } from './zone.js';
import { doh, keep, settings, showTheme } from './settings.js';
import { characters, octets as octetsOf, pack, unpack } from './share.js';
import { showPage, tie } from './tie.js';
import * as whatif from './whatif.js';
import { exported } from './view/export.js';
import { announce, warn } from './view/live.js';
import { nothing, show } from './view/report.js';

const state = { text: '', octets: null, file: null, pasted: false, given: whatif.EMPTY, tried: [], example: null, saved: null, offered: {}, last: null };
let running = new AbortController();

// ---- One run

/** @param afresh what servers said before is asked again */
async function run({ focus = false, afresh = false } = {}) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (!state.octets) state.text = $('text').value;
  if (!state.text.trim() && !state.example?.sender) return clear();
  if (afresh) forget();
  busy(true);
  try {
    await ready;
    // A long text holds the page for a moment: first let it show that it is at work.
    if (state.text.length > SHOWN) await new Promise((resolve) => setTimeout(resolve, 50));
    const found = await checked(signal);
    if (signal.aborted) return;
    state.last = found;
    state.offered = found.offered;
    showReport();
    announce($('headline').textContent);
    if (focus) reveal();
  } catch (error) {
    if (signal.aborted) return;
    fill($('report'), nothing(t('answer.failed'), String(error?.message ?? error)));
    announce(t('answer.failed'));
  } finally {
    if (!signal.aborted) busy(false);
  }
}

/** The answer has the focus, and on a small screen it is brought into sight. */
function reveal() {
  const answer = $('headline');
  answer.focus({ preventScroll: true });
  if (answer.getBoundingClientRect().bottom > innerHeight) $('report').scrollIntoView();
}

/** With the policy that is tried out: it stands in each DMARC record, and where there is none, in one that is made up. */
async function checked(signal) {
  let asked = 0;
  const source = { zone: state.example?.zone ? zone(state.example.zone) : null, saved: state.saved, doh: doh() };
  const counted = () => !signal.aborted && fill($('seen'), seen(), ' · ', t('dns.asking', { count: ++asked }));
  const given = { ...state.given, now: state.example?.now };
  const once = (tried) => check({ text: state.text, octets: state.octets, file: state.octets !== null && !state.pasted, given, ask: asker(source, tried, counted), signal, example: state.example });
  const { policy } = state.given;
  if (!policy) return once(state.tried);
  const found = await once([...state.tried, { policy }]);
  const answers = found.parts.flatMap(({ report }) => report?.snapshot ?? []);
  const published = answers.some(({ name, records }) => name.startsWith('_dmarc.') && records?.TXT?.some((text) => isDmarc([text].flat().join(''))));
  const author = found.parts.map(({ report }) => report?.message?.author ?? report?.input.dmarc?.from[0]).find(Boolean) ?? found.detected.domain;
  return published || !author ? found : once([...state.tried, { policy, at: `_dmarc.${author}`.toLowerCase() }]);
}

function busy(is) {
  $('report').toggleAttribute('aria-busy', is);
  $('stop').hidden = !is;
  document.body.classList.toggle('busy', is);
  if (!is) fill($('seen'), seen());
}

function stop() {
  running.abort();
  busy(false);
  announce(t('dns.stopped'));
  $('go').focus();
}

function clear() {
  state.last = null;
  busy(false);
  $('report').replaceChildren();
  showPage(null);
  document.body.classList.remove('has-report');
  showFields();
}

/** What the text is taken for. */
function seen() {
  if (state.file) return t('seen.file', { name: state.file, size: new Intl.NumberFormat(language()).format(state.octets.length) });
  const text = $('text').value;
  if (!text.trim()) return t('seen.nothing');
  const found = detect(text.slice(0, SHOWN));
  if (found.what === 'record') return t('seen.record', { kind: t(`kind.${found.kind}`) });
  return t(`seen.${found.what}`);
}

function showReport() {
  document.body.classList.add('has-report');
  const { example, given, tried } = state;
  const server = doh() ? new URL(doh()).host : '';
  const whence = t(example?.zone ? 'dns.embedded' : state.saved ? 'dns.saved' : server ? 'dns.server' : 'dns.none', { server });
  const lines = ['zone', 'dig'].includes(state.last.detected.what) ? state.text.trim().split('\n').length : 0;
  const context = { embedded: example !== null, whence, tried, receiver: given.receiver, server, lines };
  showFields();
  showPage(show($('report'), state.last, context, {
    tryOut: (edit) => { state.tried.push(edit); run({ focus: true }); },
    undo: () => { state.tried = []; run({ focus: true }); },
    whole: (domain) => take({ text: domain }, { focus: true }),
    again: () => run({ focus: true, afresh: true }),
    exported: (parts) => exported(parts, { text: (state.octets ?? state.text).length <= SHOWN, session: true, answers: true }, link),
  }));
}

function showFields() {
  const kind = state.last ? state.last.detected.what : state.octets ? 'message' : null;
  whatif.show(state.given, state.offered, kind, state.last?.parts ?? []);
}

const changed = (given) => {
  state.given = given;
  showFields();
};
changed.run = () => run();

// ---- Links: only what was agreed to

async function link(chosen) {
  const shared = {};
  if (chosen.includes('text')) Object.assign(shared, state.octets ? { mail: characters(state.octets) } : { text: state.text });
  if (chosen.includes('session')) Object.assign(shared, { given: state.given, tried: state.tried });
  if (chosen.includes('answers')) shared.snapshot = state.last.parts.flatMap(({ report }) => report?.snapshot ?? []);
  if (state.example) shared.example = state.example.id;
  history.replaceState(null, '', `#s=${await pack(shared)}`);
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
    await take(unpacked(await unpack(params.get('s'))));
  } catch {
    warn(t('share.broken'));
  }
}

/** A link is somebody else's text: of each part only what has its form. */
function unpacked(shared) {
  const texts = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');
  const tried = (Array.isArray(shared.tried) ? shared.tried : []).filter((one) => one && texts([one.owner, one.type]) && texts(one.remove) && texts(one.add));
  const octets = typeof shared.mail === 'string' ? octetsOf(shared.mail) : null;
  return {
    text: String(shared.text ?? shared.mail ?? ''), octets, file: octets ? t('share.mail') : null, given: shared.given, tried,
    saved: Array.isArray(shared.snapshot) ? saved(shared.snapshot) : null, example: EXAMPLES.find(({ id }) => id === shared.example) ?? null,
  };
}

// ---- What comes in

async function take({ text, octets = null, file = null, pasted = false, given, tried = [], example = null, saved: answers = null }, options) {
  Object.assign(state, { text, octets, file, pasted, given: whatif.given(given), tried, example, saved: answers, offered: {}, last: null });
  $('text').value = octets ? text.slice(0, SHOWN) : text;
  grow();
  showFields();
  await run(options);
}

async function takeFile(file) {
  const { refused, ...content } = await read(file);
  if (refused) return refuse(file.name, refused);
  await take({ ...content, file: file.name }, { focus: true, afresh: true });
}

function refuse(name, why) {
  take({ text: '' });
  document.body.classList.add('has-report');
  fill($('report'), nothing(t(why, { name })));
  announce(t(why, { name }));
}

/** A text that is too long for the box is taken like a file. */
function takeText(text) {
  const long = text.length > SHOWN;
  return take(long ? { text, octets: new TextEncoder().encode(text.replace(/\r?\n/g, '\r\n')), file: t('seen.pasted'), pasted: true } : { text }, { afresh: true });
}

async function choose(example, options) {
  history.replaceState(null, '', `#example=${example.id}`);
  await take({ text: example.text ?? '', given: example.given, example }, options);
}

function grow() {
  const box = $('text');
  const lines = box.value.slice(0, 2000).split('\n').length + (box.value.length > 300 ? 2 : 0);
  box.rows = Math.min(9, Math.max(3, lines));
}

// ---- The page around it

function words() {
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = t(element.dataset.word);
  document.title = t('title');
  $('text').placeholder = t('box.placeholder');
  const option = (chosen) => ([value, name]) => h('option', { value, selected: value === chosen }, name);
  fill($('language'), Object.entries(LANGUAGES).map(([value, name]) => h('option', { value, lang: value, selected: value === settings.language }, name)));
  fill($('theme'), ['auto', 'light', 'dark'].map((name) => [name, t(`theme.${name}`)]).map(option(settings.theme)));
  const servers = Object.entries(SERVERS).map(([name, url]) => [name, new URL(url).host]);
  fill($('server'), [...servers, ['own', settings.own ? new URL(settings.own).host : t('dns.own')], ['none', t('dns.off')]].map(option(settings.server)));
  fill($('privacy'), doh() ? t('privacy', { server: new URL(doh()).host }) : t('privacy.none'));
  fill($('gallery'), h('h2', { id: 'gallery-title' }, t('gallery.title')), h('p', { class: 'hint' }, t('gallery.about')),
    h('div', { class: 'groups' }, GROUPS.map((group) => h('div', {}, h('h3', {}, t(`group.${group}`)), h('ul', {}, EXAMPLES.filter((one) => one.group === group).map(shown))))));
  whatif.build(changed);
  fill($('seen'), seen());
}

const shown = (one) => h('li', {}, h('a', { href: `#example=${one.id}`, onclick: (event) => {
  event.preventDefault();
  $('ask').scrollIntoView();
  choose(one, { focus: true });
} }, t(`example.${one.id}`)));

function listen() {
  $('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    run({ focus: true, afresh: true });
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
    if (event.key === 'Enter' && !event.isComposing && (alone || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run({ focus: true, afresh: true });
    }
  });
  $('text').addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    const text = event.clipboardData?.getData('text') ?? '';
    if (!file && text.length <= SHOWN) return setTimeout(() => run({ afresh: true }));
    event.preventDefault();
    if (file && !text) takeFile(file);
    else takeText(text);
  });
  $('clear').addEventListener('click', () => {
    take({ text: '' });
    history.replaceState(null, '', location.pathname + location.search);
    $('text').focus();
  });
  $('stop').addEventListener('click', stop);
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
    else if (event.dataTransfer.getData('text')) takeText(event.dataTransfer.getData('text'));
  });
  $('language').addEventListener('change', async ({ target }) => {
    keep({ language: target.value });
    await speak(target.value);
    words();
    if (state.last) showReport();
    else showFields();
  });
  $('theme').addEventListener('change', ({ target }) => {
    keep({ theme: target.value });
    showTheme();
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
  if (given === null) return;
  if (!URL.canParse(given, location.href)) return warn(t('dns.own.wrong'));
  const url = new URL(given, location.href);
  const here = url.origin === location.origin || (url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname));
  if (here) keep({ server: 'own', own: url.href });
  else warn(t('dns.own.refused', { host: url.host }));
}

async function start() {
  showTheme();
  await speak(settings.language);
  await ready;
  words();
  listen();
  tie($('report'));
  showFields();
  document.documentElement.dataset.ready = 'true';
  await fromFragment();
  if ('serviceWorker' in navigator && isSecureContext) {
    const policy = globalThis.trustedTypes?.createPolicy('mailproof', { createScriptURL: (url) => url });
    navigator.serviceWorker.register(policy ? policy.createScriptURL('sw.js') : 'sw.js').catch(() => {});
  }
}

start();
