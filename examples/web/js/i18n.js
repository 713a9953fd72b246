// The page's words in the chosen language. What a language lacks is said in English, and marked as English.
import { h } from './dom.js';
import { prose } from './visible.js';
import en from '../lang/en.js';

export const LANGUAGES = { en: 'English', fr: 'Français', de: 'Deutsch', es: 'Español', it: 'Italiano' };

let chosen = en;
let code = 'en';

export async function speak(language) {
  code = Object.hasOwn(LANGUAGES, language) ? language : 'en';
  chosen = code === 'en' ? en : typeset((await import(`../lang/${code}.js`)).default);
  document.documentElement.lang = code;
}

/** French puts spaces before `: ; ? !` and within « »; the line must not break there. */
function typeset(catalogue) {
  if (code !== 'fr') return catalogue;
  const joined = (text) => text.replace(/ ([:»])/g, '\u00a0$1').replace(/ ([;?!%])/g, '\u202f$1').replace(/« /g, '«\u00a0');
  const each = (texts) => Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, joined(text)]));
  return Object.fromEntries(Object.entries(catalogue).map(([part, texts]) => [part, each(texts)]));
}

export const language = () => code;

/** The first of the browser's languages that the page has. */
export function preferred() {
  const wanted = (navigator.languages ?? ['en']).map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => tag in LANGUAGES) ?? 'en';
}

const fillIn = (template, params) => template.replace(/\{(\w+)\}/g, (all, name) => params?.[name] ?? all);

/** Words of the page itself. */
export function t(key, params) {
  return fillIn(chosen.words[key] ?? en.words[key] ?? key, params);
}

/** The values that a text shows as code: what somebody wrote, and no words of the library, though a selector be named `hash`. */
function inCode(template) {
  const codes = template.match(/`[^`]*`/g) ?? [];
  return new Set(codes.flatMap((code) => [...code.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));
}

/** A finding's message: `{ text, english }`. */
export function message(finding) {
  const template = chosen.findings?.[finding.code];
  if (!template) return { text: finding.message, english: true };
  // A value that the template names and the finding lacks: better the library's own words.
  const named = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (!named.every((name) => Object.hasOwn(finding.params, name))) return { text: finding.message, english: true };
  // All words are in the value: whether they are English, that says.
  if (template === `{${named[0]}}`) return sentence(finding.params[named[0]]);
  const kept = inCode(template);
  const params = Object.fromEntries(Object.entries(finding.params).map(([name, value]) => [name, kept.has(name) ? value : sentence(value).text]));
  return { text: fillIn(template, params), english: false };
}

/** A sentence that the library composes, by the patterns of the language's `phrases`. */
export const sentence = (text) => composed(text, 0);

/** Values in values in values: as many as the library composes. What a stranger wrote may look like more. */
const MOST_NESTED = 8;

function composed(text, depth) {
  if (code === 'en' || depth > MOST_NESTED) return { text, english: true };
  for (const [pattern, wording] of patterns()) {
    const found = text.match(pattern);
    if (found) return { text: fillIn(wording, translated(found.groups, inCode(wording), depth + 1)), english: false };
  }
  const parts = text.split('; ').map((part) => (part === text ? null : composed(part, depth + 1)));
  if (parts.every((part) => part && !part.english)) return { text: parts.map((part) => part.text).join(code === 'fr' ? '\u202f; ' : '; '), english: false };
  return { text, english: !DATA.test(text) };
}

/** Names, addresses, answers of the DNS and the words of the standards are the same in every language. */
const DATA = /^(\S*[.@:=<]\S*|\S+ (A|AAAA|MX|PTR|TXT): .*|DKIM|SPF|DMARC|ARC|HELO|MAIL FROM|pass|fail|softfail|neutral|none|permerror|temperror|reject|quarantine)$/;

/** Values may be sentences of the library themselves: `{why}`. */
function translated(groups, kept, depth) {
  const inner = (value) => chosen.phrases?.[value] ?? (/\s/.test(value ?? '') ? composed(value, depth).text : value);
  return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, kept.has(name) ? value : inner(value)]));
}

const compiled = new Map();
function patterns() {
  if (!compiled.has(code)) compiled.set(code, Object.entries(chosen.phrases ?? {}).map(([from, to]) => [pattern(from), to]));
  return compiled.get(code);
}

/** `{name}` stands for some text; a name that begins with `_` for one word. */
function pattern(template) {
  const parts = template.split(/\{(\w+)\}/);
  const source = parts.map((part, at) => {
    if (at % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return part.startsWith('_') ? `(?<${part}>[^\\s;,]+)` : `(?<${part}>.+?)`;
  });
  return new RegExp(`^${source.join('')}$`, 'si');
}

/** Marks English as English where the page speaks something else. */
export function told({ text, english }, tag = 'span', props = {}) {
  return h(tag, { ...props, lang: english && code !== 'en' ? 'en' : null }, prose(text));
}
export const say = (text, tag, props) => told(sentence(text), tag, props);
