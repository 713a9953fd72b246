// What cannot be seen is shown by its name, wherever a stranger's text stands.
import { h } from './dom.js';

/** Controls, spaces that are not plain, what joins or turns text. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\u{e0000}-\u{e007f}]/u;
/** The same without the spaces that the page's own sentences have, and without line ends. */
const IN_PROSE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const NAMES = {
  0: 'NUL', 9: 'TAB', 10: 'LF', 13: 'CR', 27: 'ESC', 127: 'DEL', 160: 'NBSP', 173: 'SHY', 1564: 'ALM', 8203: 'ZWSP', 8204: 'ZWNJ', 8205: 'ZWJ', 8206: 'LRM', 8207: 'RLM',
  8232: 'LS', 8233: 'PS', 8234: 'LRE', 8235: 'RLE', 8236: 'PDF', 8237: 'LRO', 8238: 'RLO', 8239: 'NNBSP', 8288: 'WJ', 8294: 'LRI', 8295: 'RLI', 8296: 'FSI', 8297: 'PDI', 65279: 'BOM',
};

function name(character) {
  const code = character.codePointAt(0);
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return h('span', { class: 'invisible', title: number }, NAMES[code] ?? number);
}

/** A text as nodes, each invisible character as its name. With `lines` the line ends of a message also break the line. */
export function visible(text, lines = false, hidden = INVISIBLE) {
  const nodes = [];
  let plain = '';
  const flush = () => {
    if (plain) nodes.push(plain);
    plain = '';
  };
  // A line end of a message is what it should be; each half alone is not.
  for (const character of text.match(/\r\n|[^]/gu) ?? []) {
    if (character === '\r\n') {
      flush();
      nodes.push(h('span', { class: 'eol', title: 'CR LF' }, '↵'), lines ? '\n' : '');
    } else if (hidden.test(character)) {
      flush();
      nodes.push(name(character));
    } else plain += character;
  }
  flush();
  return nodes;
}

/** A text over several lines, as it stands in a file: its line ends are only line ends. */
export const lined = (text) => text.split(/\r?\n/).map((line, at) => [at > 0 ? '\n' : '', visible(line)]);

/** Sentences, with `names` in backticks as code. */
export function prose(text) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? h('code', {}, visible(part)) : visible(part, false, IN_PROSE)));
}

/** A stranger's words as code. */
export const quoted = (text, props = {}) => h('code', props, visible(text));
