// The library. Everything that is decided is decided there.
import { init } from '../../npm/index.js';

export { Check, lint, detect, explain, codes, bounce, predict, sender, srsInspect } from '../../npm/index.js';

const wasm = (path) => fetch(new URL(`../../npm/dist/${path}`, import.meta.url));

export const ready = init(wasm('mailproof_bg.wasm'));

let withSuffixes;
/** The library with the Public Suffix List, for receivers of RFC 7489: brought when it is wanted first. */
export function older() {
  withSuffixes ??= import('../../npm/psl/index.js').then(async (library) => {
    await library.init(wasm('psl/mailproof_bg.wasm'));
    return library;
  });
  // Without a network it may succeed the next time.
  withSuffixes.catch(() => (withSuffixes = undefined));
  return withSuffixes;
}
