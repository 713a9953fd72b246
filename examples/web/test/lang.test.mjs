// The catalogues: French says everything that English says; what the prepared languages lack is listed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../lang/en.js';
import { EXAMPLES, GROUPS } from '../gallery/gallery.js';

const catalogue = async (code) => (await import(`../lang/${code}.js`)).default;
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

for (const code of ['fr', 'de', 'es', 'it']) {
  test(`${code}: no word that English lacks, and the same values in each`, async () => {
    const { words } = await catalogue(code);
    for (const [key, text] of Object.entries(words)) {
      assert.ok(key in en.words, `${key} is not a word of the page`);
      assert.deepEqual(placeholders(text), placeholders(en.words[key]), key);
    }
  });
}

test('French is complete', async () => {
  const { words } = await catalogue('fr');
  assert.deepEqual(Object.keys(en.words).filter((key) => !(key in words)), []);
});

test('what the prepared languages lack', async (context) => {
  for (const code of ['de', 'es', 'it']) {
    const { words } = await catalogue(code);
    const missing = Object.keys(en.words).filter((key) => !(key in words));
    context.diagnostic(`${code}: ${missing.length} of ${Object.keys(en.words).length} words are said in English: ${missing.join(' ')}`);
  }
});

test('each example has its title and group', () => {
  for (const { id, group } of EXAMPLES) {
    assert.ok(`example.${id}` in en.words, id);
    assert.ok(GROUPS.includes(group), group);
  }
});
