// The forms of a record for DNS panels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forms } from '../js/view/copy.js';

const of = (text, owner) => Object.fromEntries(forms(text, owner));

test('a short record', () => {
  const text = 'v=spf1 -all';
  assert.deepEqual(of(text, 'd.example'), { value: text, quoted: `"${text}"`, split: `"${text}"`, zone: `d.example. IN TXT "${text}"` });
  assert.deepEqual(Object.keys(of(text, null)), ['value', 'quoted', 'split']);
});

test('a key of 400 octets in strings of 255', () => {
  assert.equal(of('k'.repeat(400)).split, `"${'k'.repeat(255)}" "${'k'.repeat(145)}"`);
});

test('quotation marks, backslashes, and characters of several octets', () => {
  assert.equal(of('a"b\\c').quoted, '"a\\"b\\\\c"');
  assert.equal(of(`${'x'.repeat(254)}é`).split, `"${'x'.repeat(254)}" "é"`);
});
