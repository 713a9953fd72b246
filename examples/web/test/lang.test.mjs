// The catalogues: each says everything that English says, with the same values in it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import en from '../lang/en.js';
import { EXAMPLES, GROUPS } from '../gallery/gallery.js';

const CODES = ['fr', 'de', 'es', 'it'];
const catalogue = async (code) => (await import(`../lang/${code}.js`)).default;
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
const lacks = (one, other) => Object.keys(one).filter((key) => !(key in other));

for (const code of CODES) {
  test(`${code}: the words of the page, all of them and no others, with the same values in each`, async () => {
    const { words } = await catalogue(code);
    assert.deepEqual(lacks(words, en.words), [], 'no words of the page');
    assert.deepEqual(lacks(en.words, words), [], 'said in English');
    for (const [key, text] of Object.entries(words)) assert.deepEqual(placeholders(text), placeholders(en.words[key]), key);
  });

  test(`${code}: the sentences of the library, with the values of their patterns`, async () => {
    const { findings, phrases } = await catalogue(code);
    for (const [pattern, wording] of Object.entries(phrases)) {
      const known = placeholders(pattern);
      assert.ok(placeholders(wording).every((name) => known.includes(name)), wording);
      assert.equal(wording.split('`').length % 2, 1, wording);
    }
    for (const text of Object.values(findings)) assert.equal(text.split('`').length % 2, 1, text);
  });
}

test('nothing is said twice: the second would be what counts', () => {
  for (const code of CODES) {
    const lines = readFileSync(new URL(`../lang/${code}.js`, import.meta.url), 'utf8').split(/\n {2}(?=words|findings|phrases)/);
    assert.equal(lines.length, 4, code);
    for (const part of lines) {
      const keys = [...part.matchAll(/^ {4}'((?:[^'\\]|\\.)*)': /gm)].map(([, key]) => key);
      assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), [], code);
    }
  }
});

test('what one language says of the library, the others say too', async () => {
  const all = await Promise.all(CODES.map(async (code) => [code, await catalogue(code)]));
  for (const part of ['findings', 'phrases']) {
    const keys = Object.assign({}, ...all.map(([, one]) => one[part]));
    for (const [code, one] of all) assert.deepEqual(lacks(keys, one[part]), [], `${code}: ${part}`);
  }
});

/** What the library says of a domain in every state, as its own tests keep it; and the same with the DNS in trouble. */
const STATES = readFileSync(new URL('../../../tests/suite/snapshots/suite__headlines__the_headline_is_right_whatever_is_published.snap', import.meta.url), 'utf8');
const HEADLINES = [...STATES.matchAll(/^ {2}(?:not )?well: (.*)$/gm)].map(([, headline]) => headline);

test('the headline of a domain is told in every language, whatever is published', async () => {
  globalThis.document = { documentElement: {} };
  const { sentence, speak } = await import('../js/i18n.js');
  assert.ok(HEADLINES.length > 30, String(HEADLINES.length));
  for (const code of CODES) {
    await speak(code);
    const english = HEADLINES.filter((headline) => {
      const { text, english } = sentence(headline);
      // Nor is a part of it left as it was.
      return english || /\b(anyone|receivers|vouches|asks|does|the|which)\b/.test(text);
    });
    assert.deepEqual(english, [], code);
  }
});

/** What bounces advise, as the library's own tests keep it. */
const ADVICE = readFileSync(new URL('../../../tests/suite/snapshots/bounce_advice.snap', import.meta.url), 'utf8').split('---\n')[2].trim().split('\n');

test('the advice for each bounce is told in every language', async () => {
  globalThis.document = { documentElement: {} };
  const { sentence, speak } = await import('../js/i18n.js');
  assert.ok(ADVICE.length > 50, String(ADVICE.length));
  for (const code of CODES) {
    await speak(code);
    assert.deepEqual(ADVICE.filter((advice) => sentence(advice).english), [], code);
  }
});

test('what an alias domain lacks is told in every language', async () => {
  globalThis.document = { documentElement: {} };
  const { message, sentence, speak } = await import('../js/i18n.js');
  const unvouched = 'so mail from it is not vouched for as mail from `main.example` is';
  const whats = [
    '`main.example` does not exist in the DNS',
    `has no SPF record of its own, ${unvouched}`,
    `its SPF record lets nobody send, ${unvouched}`,
    `has no DMARC record of its own, ${unvouched}`,
    'has no DKIM key at `s1`, `google` as `main.example` has',
    'has none of the mail servers of `main.example`',
  ];
  for (const code of CODES) {
    await speak(code);
    assert.deepEqual(whats.filter((what) => sentence(what).english), [], code);
    const params = { alias: 'alias.example', main: 'main.example', what: whats[0] };
    assert.equal(message({ code: 'domain-alias-incomplete', params }).english, false, code);
  }
});

/** The codes of all rules, as the library's own tests keep them. */
const RULES = readFileSync(new URL('../../../tests/suite/snapshots/suite__codes__codes_are_stable.snap', import.meta.url), 'utf8');
const SEVERITIES = new Map([...RULES.matchAll(/^(\S+) (error|warning|note)\b/gm)].map(([, rule, severity]) => [rule, severity]));

/** What stands in the sources of the library, without comments and tests. */
const root = new URL('../../../src/', import.meta.url);
const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.rs') && !/(^|[\\/])tests?([\\/]|\.rs$)/.test(name));
const SOURCES = files.map((name) => readFileSync(new URL(name.replaceAll('\\', '/'), root), 'utf8').split(/^#\[cfg\(test\)\]\nmod \w+ \{/m)[0].replace(/^\s*\/\/.*$/gm, '')).join('\n');
const unescaped = (text) => text.replace(/\\\n\s*/g, '').replace(/\\(["\\])/g, '$1');

test('the message of every rule is told in every language, with values that the rule has', async () => {
  const rules = SOURCES.matchAll(/= "([a-z0-9-]+)", (?:Error|Warning|Note), \w+, \[[^\]]*\],\s*(?:covers \[[^\]]*\],\s*)?"((?:[^"\\]|\\[^])*)";/g);
  const messages = new Map([...rules].map(([, rule, template]) => [rule, unescaped(template)]));
  assert.ok(SEVERITIES.size > 600, String(SEVERITIES.size));
  for (const code of CODES) {
    const { findings } = await catalogue(code);
    assert.deepEqual([...SEVERITIES.keys()].filter((rule) => !Object.hasOwn(findings, rule)), [], code);
    assert.deepEqual(Object.keys(findings).filter((rule) => !SEVERITIES.has(rule)), [], `${code}: no such rule`);
    for (const [rule, told] of Object.entries(findings)) {
      assert.ok(messages.has(rule), rule);
      const known = placeholders(messages.get(rule));
      assert.deepEqual(placeholders(told).filter((name) => !known.includes(name)), [], `${code}: ${rule}`);
    }
  }
});

test('the words that a message takes as a value are told in every language', async () => {
  globalThis.document = { documentElement: {} };
  const { sentence, speak } = await import('../js/i18n.js');
  const literals = [...SOURCES.matchAll(/\.arg\(\s*"\w+",\s*(?:format!\(\s*)?"((?:[^"\\]|\\[^])*)"/g)].map(([, text]) => unescaped(text));
  const words = literals.map((text) => text.replace(/\{[^}]*\}/g, '7')).filter((text) => /[a-z] [a-z]/.test(text));
  assert.ok(words.length > 40, String(words.length));
  for (const code of CODES) {
    await speak(code);
    assert.deepEqual(words.filter((text) => sentence(text).english), [], code);
  }
});

test('what stands beside a place in a record, and what each fix does, is told in every language', async () => {
  globalThis.document = { documentElement: {} };
  const { sentence, speak } = await import('../js/i18n.js');
  const calls = SOURCES.matchAll(/(?:\.(?:label|with)|Fix::(?:machine|maybe))\(\s*(?:format!\(\s*)?"((?:[^"\\]|\\[^])*)"/g);
  const literals = [...calls].map(([, text]) => unescaped(text).replace(/\{[^}]*\}/g, '7'));
  // Names of fields and answers of the DNS, which begin with a capital, are the same in every language.
  const words = [...new Set([...literals, '1 look-up', '2 look-ups'])].filter((text) => /^[a-z0-9`].*[a-z]/.test(text));
  assert.ok(words.length > 150, String(words.length));
  assert.ok(words.includes('this one counts') && words.includes('`7` was probably meant'));
  for (const code of CODES) {
    await speak(code);
    assert.deepEqual(words.filter((text) => sentence(text).english), [], code);
  }
});

test('a value is translated where it is words, and stays where it is code', async () => {
  globalThis.document = { documentElement: {} };
  const { message, sentence, speak } = await import('../js/i18n.js');
  await speak('de');
  const told = (code, params) => message({ code, params, message: 'in English' });
  const short = told('dkim-key-p-not-base64', { why: '41 characters are not a multiple of four' });
  assert.deepEqual(short, { text: '`p` ist kein base64: 41 Zeichen sind kein Vielfaches von vier', english: false });
  // A selector may have the name of what is also a word of the library.
  assert.match(told('dkim-selector-invalid', { selector: 'hash', why: 'a dot is at its end' }).text, /`hash`.*Punkt/);
  assert.match(sentence('no `;` separates `seal` from `hash`').text, /`seal` von `hash`/);
  // A macro is no placeholder.
  assert.deepEqual(told('spf-macro-localpart', { macro: '%{l}' }).english, false);
  assert.match(told('spf-macro-localpart', { macro: '%{l}' }).text, /^`%\{l\}` lässt/);
  // What a finding lacks is not made up, and what nobody has translated is marked.
  assert.deepEqual(told('spf-macro-localpart', {}), { text: 'in English', english: true });
  assert.deepEqual(told('dmarc-eval-none', { why: 'nobody has said this yet' }).english, true);
  assert.deepEqual(sentence('1/4 of all').text, '1/4 aller');
  // However deep a stranger nests what looks like sentences of the library, it is soon done.
  const began = performance.now();
  sentence(`a b${' (at offset 1)'.repeat(20_000)}`);
  sentence(`a b${', but its result is fail'.repeat(10_000)}`);
  assert.ok(performance.now() - began < 5_000);
});

test('who rewrote an SRS address is told in every language, also where it names nobody', async () => {
  globalThis.document = { documentElement: {} };
  const { message, speak } = await import('../js/i18n.js');
  const params = { address: 'SRS0=PGkz=G3=example.com=alice', original: 'alice@example.com', stamp: 'G3', age: '', dialect: '' };
  for (const code of CODES) {
    await speak(code);
    const told = (who) => message({ code: 'srs0-valid', params: { ...params, who } });
    assert.match(told('`fwd.example`').text, /`fwd\.example`/, code);
    const { text, english } = told('an unnamed forwarder');
    assert.ok(!english && !/unnamed/.test(text), `${code}: ${text}`);
  }
});

/** What `report/repaired.rs` advises. */
const REPAIRED = [
  'publish this record instead, if it says what you mean: some of it is guessed',
  'take this as one step, which mends 1 of 2 errors: publish it when the rest is mended, too',
  'these are 2 records in one text, and a domain may have one: publish this one, if all of them are meant',
  'these are 2 records in one text, and a domain may have one: decide which of them is right, or write one with the terms of all',
];

test('what to publish in the place of a broken record is told in every language', async () => {
  globalThis.document = { documentElement: {} };
  const { sentence, speak } = await import('../js/i18n.js');
  for (const code of CODES) {
    await speak(code);
    assert.deepEqual(REPAIRED.filter((text) => sentence(text).english), [], code);
    assert.match(sentence(REPAIRED[1]).text, /1.*2/, code);
  }
});

test('software that anybody runs refuses nothing: the server that runs it does', async () => {
  globalThis.document = { documentElement: {} };
  const { speak } = await import('../js/i18n.js');
  const { refuser } = await import('../js/view/refused.js');
  await speak('en');
  const reply = { code: 550, enhanced: [5, 7, 23], text: 'Message rejected due to: SPF fail', host: null };
  const one = { reply, provider: 'Postfix + policyd-spf (Python)', is_provider: false };
  assert.equal(refuser(one, null), 'The server');
  assert.equal(refuser({ ...one, reply: { ...reply, host: 'mx.r.example' } }, null), 'mx.r.example');
  assert.equal(refuser({ ...one, provider: 'Gmail', is_provider: true }, { reporting_mta: 'mx.d.example' }), 'Gmail');
});

test('each example has its title and group', () => {
  for (const { id, group } of EXAMPLES) {
    assert.ok(`example.${id}` in en.words, id);
    assert.ok(GROUPS.includes(group), group);
  }
});
