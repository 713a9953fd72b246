// What one wasm can do, for JavaScript. See index.d.ts for what everything means.
import { loader } from './load.js';
import { drive } from './resolve.js';

/** @param glue the module that wasm-bindgen wrote */
export function api(glue) {
  const { init, initSync, call, made } = loader(glue);

  class Check {
    #check;

    constructor(input, snapshot) {
      this.#check = made('Check', json(input), snapshot === undefined ? undefined : JSON.stringify(snapshot));
    }

    questions() {
      return JSON.parse(this.#check.questions());
    }

    answer(question, answer) {
      this.#check.answer(JSON.stringify(question), JSON.stringify(answer));
    }

    report() {
      return JSON.parse(this.#check.report());
    }

    resolve(source, options) {
      return drive(this, source, options);
    }

    free() {
      this.#check.free();
    }
  }

  return {
    init,
    initSync,
    Check,
    lint: (kind, text, domain) => call('lint', kind ?? undefined, text, domain ?? undefined),
    detect: (text) => call('detect', text),
    explain: (code) => call('explain', code),
    codes: () => call('codes'),
    srsForward: (input) => call('srsForward', json(input)),
    srsReverse: (input) => call('srsReverse', json(input)),
    srsInspect: (address, now) => call('srsInspect', address, now ?? undefined),
    bounce: (input) => call('bounce', json(input)),
    predict: (input) => call('predict', json(input)),
    sender: (input) => call('sender', json(input)),
  };
}

/** Octets of a message become the characters of their numbers, as the forms want them. */
function json(input) {
  return JSON.stringify(input, (_, value) => {
    if (value instanceof ArrayBuffer) return latin1(new Uint8Array(value));
    return value instanceof Uint8Array ? latin1(value) : value;
  });
}

function latin1(octets) {
  let text = '';
  for (let at = 0; at < octets.length; at += CHUNK) {
    text += String.fromCharCode(...octets.subarray(at, at + CHUNK));
  }
  return text;
}

/** Arguments of one call: engines take some ten thousand. */
const CHUNK = 8192;
