// A fault of the library reaches JavaScript as an Error that says where, and a fresh world goes on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const built = new URL('../../target/wasm-conformance/', import.meta.url);
const glue = await import(new URL('mailproof_bg.js', built));
const module = new WebAssembly.Module(readFileSync(new URL('mailproof_bg.wasm', built)));
for (let world = 0; world < 2; world++) {
  const instance = new WebAssembly.Instance(module, { './mailproof_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  assert.throws(() => glue.fault(), (error) => error instanceof Error && /page\.rs.*a fault on purpose/s.test(error.message));
}
