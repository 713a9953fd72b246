// The library. Everything that is decided is decided there.
import { init } from '../../npm/index.js';

export { Check, lint, detect, explain, codes, bounce, predict, sender, srsInspect } from '../../npm/index.js';

export const ready = init(fetch(new URL('../../npm/dist/mailproof_bg.wasm', import.meta.url)));
