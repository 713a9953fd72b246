// The catalogues: each says everything that English says, with the same values in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
