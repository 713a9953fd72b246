// Why does a mail pass or fail? See index.d.ts for what everything means.
import * as glue from './dist/mailproof_bg.js';
import { api } from './api.js';

export const { init, initSync, Check, lint, detect, explain, codes, srsForward, srsReverse, srsInspect, bounce, predict, sender } = api(glue);
