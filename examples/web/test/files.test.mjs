// The service worker keeps every file of the page, or it would break without a network.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const HERE = new URL('../', import.meta.url);
const worker = readFileSync(new URL('sw.js', HERE), 'utf8');

test('sw.js names each file', () => {
  for (const folder of ['js/', 'js/view/', 'lang/', 'gallery/']) {
    const line = worker.split('\n').find((line) => line.includes(`\`${folder}\${name}.js\``)) ?? worker;
    for (const file of readdirSync(new URL(folder, HERE)).filter((name) => name.endsWith('.js'))) {
      const name = file.replace(/\.js$/, '');
      assert.ok(line.includes(`'${name}'`) || line.includes(`'${folder}${file}'`), `${folder}${file}`);
    }
  }
});
