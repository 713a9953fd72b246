// One text at a time, without the DNS and without cryptography: a smaller file. See index.d.ts.
import * as glue from '../dist/lint/mailproof_bg.js';
import { loader } from '../load.js';

const { init, initSync, call } = loader(glue);

export { init, initSync };
export const lint = (kind, text, domain) => call('lint', kind ?? undefined, text, domain ?? undefined);
export const detect = (text) => call('detect', text);
export const explain = (code) => call('explain', code);
export const codes = () => call('codes');
