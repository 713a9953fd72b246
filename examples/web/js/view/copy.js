// A record to be published, in the forms that DNS panels want.
import { h, mark } from '../dom.js';
import { t } from '../i18n.js';
import { announce, warn } from './live.js';

/** RFC 1035 §3.3: a character-string has at most 255 octets. */
const STRING = 255;

const quoted = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;

function split(text) {
  const strings = [''];
  let length = 0;
  for (const character of text) {
    const octets = new TextEncoder().encode(character).length;
    if (length + octets > STRING) {
      strings.push('');
      length = 0;
    }
    strings[strings.length - 1] += character;
    length += octets;
  }
  return strings.map(quoted).join(' ');
}

export function forms(text, owner) {
  const all = [['value', text], ['quoted', quoted(text)], ['split', split(text)]];
  return owner ? [...all, ['zone', `${owner}. IN TXT ${split(text)}`]] : all;
}

export function copyButtons(text, owner) {
  return forms(text, owner).map(([form, value]) => copyButton(t(`copy.${form}`), value, t(`copy.${form}.title`)));
}

export function copyButton(label, value, title) {
  const button = h('button', { type: 'button', class: 'copy', title, onclick: async () => {
    try {
      await navigator.clipboard.writeText(typeof value === 'function' ? await value() : value);
    } catch {
      return warn(t('copy.failed'));
    }
    announce(t('copy.done'));
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 2000);
  } }, label, h('span', { class: 'done-word', 'aria-hidden': 'true' }, mark('good'), t('copy.done')));
  return button;
}
