// Answers ../shared/conformance/PROTOCOL.md through the wasm build: one JSON line in, one JSON line out. Rust reads the case and
// writes the answer; files and the time come from here.
//
//   examples/npm/build conformance
//   python3 tests/conformance_gate.py node tests/web/conformance.mjs

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const built = new URL('../../target/wasm-conformance/', import.meta.url);
const glue = await import(new URL('mailproof_bg.js', built));
const module = new WebAssembly.Module(readFileSync(new URL('mailproof_bg.wasm', built)));

/** A fresh world: what a fault left behind is gone. */
function start() {
  const instance = new WebAssembly.Instance(module, { './mailproof_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** Fields of a case that name a file. */
const FILES = ['message', 'report', 'psl'];

function answer(line) {
  const found = JSON.parse(line);
  glue.begin(Date.now() / 1000);
  for (const path of FILES.map((field) => found[field])) {
    if (typeof path === 'string' && path.startsWith('/')) glue.give(path, readFileSync(path));
  }
  try {
    return glue.answer(line);
  } catch (error) {
    start();
    return JSON.stringify({ id: found.id, crash: String(error) });
  }
}

start();
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== '') process.stdout.write(`${answer(line)}\n`);
}
