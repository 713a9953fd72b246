// The catalogues: each says everything that English says, with the same values in it.
import assert from 'node:assert/strict';
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

test('each example has its title and group', () => {
  for (const { id, group } of EXAMPLES) {
    assert.ok(`example.${id}` in en.words, id);
    assert.ok(GROUPS.includes(group), group);
  }
});
