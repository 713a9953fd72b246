// The fields of “What if”: which server sent it, for whom, and what else may be tried.
import { $, fill, h } from './dom.js';
import { t } from './i18n.js';
import { FORWARDERS } from './forwarders.js';

const CHOICES = {
  policy: ['none', 'quarantine', 'reject'],
  receiver: ['rfc7489-icann', 'rfc7489-all'],
  forwarder: Object.keys(FORWARDERS),
};
const FIELDS = ['ip', 'mailFrom', 'helo', 'from', 'domain', 'signer', 'selectors', 'mailbox', 'forwarder', 'policy', 'receiver'];
export const EMPTY = Object.fromEntries(FIELDS.map((name) => [name, '']));

/** Which of them matter to what. */
const SESSION = ['ip', 'mailFrom', 'helo', 'mailbox', 'forwarder', 'policy', 'receiver'];
const DOMAIN = ['ip', 'mailFrom', 'helo', 'signer', 'selectors', 'forwarder', 'policy', 'receiver'];
const MATTER = {
  message: SESSION, header: SESSION, bounce: SESSION, domain: DOMAIN, address: DOMAIN, record: ['domain'],
  'auth-results': ['from', 'signer', 'policy', 'receiver'],
};

/** What a link or an example gives, as far as it is a value that a field may have. */
export function given(values = {}) {
  const known = Object.entries(EMPTY).map(([name]) => [name, String(values?.[name] ?? '').slice(0, 1000)]);
  return Object.fromEntries(known.map(([name, value]) => [name, CHOICES[name] && !CHOICES[name].includes(value) ? '' : value]));
}

export function build(changed) {
  const control = (name) => {
    if (!CHOICES[name]) return h('input', { id: `given-${name}`, type: 'text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': `about-${name}` });
    return h('select', { id: `given-${name}`, 'aria-describedby': `about-${name}` }, ['', ...CHOICES[name]].map((value) => h('option', { value }, t(`${name}.${value || 'as-is'}`))));
  };
  fill($('fields'), FIELDS.map((name) => h('label', {}, h('span', {}, t(`session.${name}`)), control(name), h('small', { id: `about-${name}` }, t(`session.${name}.about`)))));
  let timer;
  $('fields').oninput = ({ target }) => {
    changed(Object.fromEntries(FIELDS.map((name) => [name, $(`given-${name}`).value.trim()])));
    clearTimeout(timer);
    timer = setTimeout(() => changed.run(), target.tagName === 'SELECT' ? 0 : 350);
  };
}

/** @param offered what the message says of itself, where nothing is given */
export function show(given, offered, kind, parts) {
  const matter = kind in MATTER ? MATTER[kind] : kind ? [] : DOMAIN;
  const judged = parts.some(({ report }) => report?.receivers?.length > 0);
  $('session').hidden = matter.length === 0;
  const tried = Object.keys(CHOICES).filter((name) => given[name]).map((name) => t(`${name}.${given[name]}`));
  const said = [given.ip || offered.ip, given.mailFrom || offered.mailFrom, given.domain, ...tried].filter(Boolean).join(' · ');
  const gist = kind === 'record' ? 'session.gist.record' : 'session.gist';
  fill($('session-gist'), said || t(gist), !given.ip && offered.ip ? h('span', { class: 'note' }, ` ${t('session.offered')}`) : null);
  for (const name of FIELDS) {
    const input = $(`given-${name}`);
    if (!input) continue;
    input.closest('label').hidden = !matter.includes(name) || (name === 'receiver' && !judged);
    if (document.activeElement !== input) input.value = given[name];
    if (!CHOICES[name]) input.placeholder = offered[name] ?? '';
  }
}
