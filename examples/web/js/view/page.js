// The page of a code: the library's Markdown as elements.
import { h } from '../dom.js';
import { explain } from '../engine.js';
import { language, t } from '../i18n.js';
import { lined, quoted } from '../visible.js';

export function page(code) {
  const found = explain(code);
  if (!found) return null;
  return h('article', { class: 'page', lang: 'en' },
    blocks(found.page.split('\n').map((line) => line.replace(/^ /, ''))),
    h('p', { class: 'cited' }, found.citations.join(' · ')),
    language() === 'en' ? null : h('p', { class: 'cited', lang: language() }, t('page.english')));
}

function blocks(lines) {
  const made = [];
  let words = [];
  let items = null;
  const flush = () => {
    if (words.length > 0) made.push(h('p', {}, inline(words.join(' '))));
    if (items) made.push(h('ul', {}, items.map((item) => h('li', {}, inline(item)))));
    words = [];
    items = null;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line.startsWith('```')) {
      flush();
      const end = lines.indexOf('```', at + 1);
      const code = lines.slice(at + 1, end < 0 ? lines.length : end);
      const word = /\bbad\b/.test(line) ? 'bad' : /\bgood\b/.test(line) ? 'good' : null;
      // After the word stands what surrounds the text: the client, the login, the time.
      const around = word ? line.slice(line.indexOf(word) + word.length).trim() : '';
      const caption = word === 'bad' ? 'This reports it' : 'This does not';
      made.push(h('figure', { class: word }, word ? h('figcaption', {}, caption, around ? [': ', quoted(around)] : null) : null,
        code.length === 0 ? null : h('pre', { tabindex: '0' }, lined(code.join('\n').replace(/\\u\{([0-9a-f]{2,6})\}/gi, (_, number) => String.fromCodePoint(parseInt(number, 16)))))));
      at = end < 0 ? lines.length : end;
    } else if (line.startsWith('#')) {
      flush();
      made.push(h('h3', {}, inline(line.replace(/^#+\s*/, ''))));
    } else if (/^[-*] /.test(line)) {
      if (!items) flush();
      items = [...(items ?? []), line.slice(2)];
    } else if (line.trim() === '') flush();
    else if (items) items[items.length - 1] += ` ${line.trim()}`;
    else words.push(line.trim());
  }
  flush();
  return made;
}

function inline(text) {
  const plain = text.replace(/\[([^\]]+)\](\([^)]*\)|\[[^\]]*\])?/g, '$1');
  return plain.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return quoted(part.slice(1, -1));
    return part.startsWith('**') ? h('strong', {}, part.slice(2, -2)) : part;
  });
}
