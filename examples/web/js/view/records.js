// Every text that a finding points into, with its places marked and its strings told apart.
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { copyButtons } from './copy.js';
import { folded } from './section.js';
import { marked, origin } from './text.js';

export function texts(parts, collected) {
  const found = new Map();
  for (const part of parts) {
    for (const source of (part.report ?? part).sources ?? []) {
      if (source.text && source.text.length > 0) found.set(`${origin(source.origin)}|${source.text}`, source);
    }
  }
  return [...found.values()].map((source) => ({ source, places: places(source, collected) }));
}

function places(source, collected) {
  return collected.flatMap(({ finding, sources, number }) => [finding.primary, ...finding.related]
    .filter((place) => {
      const of = sources[place.source];
      return of && of.text === source.text && origin(of.origin) === origin(source.origin);
    })
    .map(({ utf16 }) => ({ ...utf16, number, severity: finding.severity })));
}

/** Where the character-strings meet: bytes as UTF-16. */
function joints({ text, strings }) {
  if (strings.length < 2) return [];
  const octets = new TextEncoder().encode(text);
  return strings.slice(1).map(({ start }) => new TextDecoder().decode(octets.subarray(0, start)).length);
}

/** Those that something was found in; the others are folded. */
export function records(all) {
  const found = all.filter(({ places }) => places.length > 0);
  const clean = all.filter(({ places }) => places.length === 0);
  return [
    h('p', { class: 'hint' }, t('record.hint')),
    found.map(record),
    clean.length > 0 ? folded(t('records.clean', { count: clean.length }), () => clean.map(record)) : null,
  ];
}

function record({ source, places }) {
  const { origin: of } = source;
  const copied = of === 'given' || of.record?.record_type === 'TXT';
  return h('figure', { class: 'record' },
    h('figcaption', {}, origin(of), ' ', h('span', { class: 'size' }, size(source))),
    h('div', { class: 'text' }, marked(source.text, places, joints(source))),
    copied ? h('div', { class: 'buttons' }, copyButtons(source.text, of.record?.owner)) : null);
}

function size({ text, strings }) {
  const octets = new TextEncoder().encode(text).length;
  return strings.length > 1 ? t('record.size.strings', { octets, strings: strings.length }) : t('record.size', { octets });
}
