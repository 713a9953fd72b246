// The same with the Public Suffix List, for what receivers of RFC 7489 make of DMARC: a larger file. See index.d.ts.
import * as glue from '../dist/psl/mailproof_bg.js';
import { api } from '../api.js';

export const { init, initSync, Check, lint, detect, explain, codes, srsForward, srsReverse, srsInspect, bounce, predict, sender } = api(glue);
