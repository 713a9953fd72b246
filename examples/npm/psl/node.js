// In Node (Deno, Bun) the wasm is a file beside this one, so nobody has to call `init`.
import { readFileSync } from 'node:fs';
import { initSync } from './index.js';

initSync(readFileSync(new URL('../dist/psl/mailproof_bg.wasm', import.meta.url)));

export * from './index.js';
