// Cloudflare Workers compile wasm when they are deployed, and forbid it later.
import { initSync } from './index.js';
import module from '../dist/psl/mailproof_bg.wasm';

initSync(module);

export * from './index.js';
