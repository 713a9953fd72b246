// What is no report on records: replies and notices of failure, SRS addresses, senders, results that a receiver wrote down.
import { h, mark } from '../dom.js';
import { t } from '../i18n.js';
import { lined, prose, quoted } from '../visible.js';
import { markOf } from './answer.js';

const facts = (rows) => h('dl', { class: 'meta wide' }, rows.filter(([, value]) => value).map(([name, value]) => h('div', {}, h('dt', {}, t(name)), h('dd', {}, typeof value === 'string' ? prose(value) : value))));

export function bounced({ bounces, notification }) {
  return [
    notification ? facts([
      ['bounce.mta', notification.reporting_mta],
      ['bounce.original', notification.original ? `${notification.original.from ?? '?'} → ${notification.original.to ?? '?'}: ${notification.original.subject ?? ''}` : null],
      ['bounce.path', notification.original?.return_path],
    ]) : null,
    bounces.map((one) => h('div', { class: 'bounce' },
      h('pre', { class: 'excerpt', tabindex: '0', role: 'group', 'aria-label': t('bounce.reply') }, lined([one.reply.code, one.reply.enhanced?.join('.'), one.reply.text].filter(Boolean).join(' '))),
      facts([
        ['bounce.provider', one.provider],
        ['bounce.cause', t(`bounce.${one.cause}`)],
        ['bounce.basis', t(`basis.${one.basis}`)],
        ['bounce.duration', one.permanent === null ? null : t(one.permanent ? 'bounce.permanent' : 'bounce.temporary')],
        ['bounce.forwarded', one.forwarded ? t('bounce.was-forwarded') : null],
        ['finding.who', t(`actor.${one.actor}`)],
      ]))),
  ];
}

/** The address with its parts, one below the other. */
export function srs(part) {
  const { address } = part;
  const at = ({ start, end }) => address.slice(start, end);
  const of = part.form === 'srs1' && part.inner ? part.inner : part;
  return facts([
    ['srs.form', part.scheme ?? part.form.toUpperCase()],
    ['srs.original', part.original],
    ['srs.hash', of.hash && at(of.hash)],
    ['srs.stamp', of.stamp && at(of.stamp)],
    ['srs.host', of.host && at(of.host)],
    ['srs.user', of.user && at(of.user)],
    ['srs.forwarder', address.split('@').pop()],
  ]);
}

export function senders(part) {
  const author = (one, name) => one && [name, [quoted(one.address), ' ', t(`sender.${one.status.replaceAll('_', '-')}`)]];
  return facts([
    ['sender.login', part.login ?? t('sender.nobody')],
    ['sender.mailbox', part.mailbox],
    ...[author(part.mail_from, 'sender.mail-from'), ...part.from.map((one) => author(one, 'sender.from')), author(part.sender, 'sender.sender')].filter(Boolean),
  ]);
}

export function observed({ results }) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('section.observed') }, h('table', {},
    h('thead', {}, h('tr', {}, ['observed.method', 'observed.result', 'observed.for'].map((name) => h('th', { scope: 'col' }, t(name))))),
    h('tbody', {}, results.map(({ method, result, properties }) => h('tr', {},
      h('th', { scope: 'row' }, prose(method)), h('td', {}, mark(markOf(result)), h('b', {}, prose(result))),
      h('td', {}, Object.entries(properties).map(([name, value]) => h('div', {}, quoted(`${name}=${value}`)))))))));
}

/** The questions that were asked, in order, and what came back. */
export function evidence(all) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('section.dns') }, h('table', { class: 'dns' },
    h('thead', {}, h('tr', {}, ['dns.name', 'dns.type', 'dns.answer'].map((name) => h('th', { scope: 'col' }, t(name))))),
    h('tbody', {}, all.map((one) => h('tr', {},
      h('th', { scope: 'row' }, quoted(one.name)), h('td', {}, one.type),
      h('td', {}, said(one), one.aliases?.length > 0 ? h('div', { class: 'note' }, `CNAME ${one.aliases.join(' → ')}`) : null,
        h('div', { class: 'note' }, [one.ttl ? `TTL ${one.ttl}` : null, one.authentic ? t('dns.authentic') : null].filter(Boolean).join(' · '))))))));
}

function said(one) {
  if ('nodata' in one) return t('dns.nodata');
  if ('nxdomain' in one) return t('dns.nxdomain');
  if (one.failure) return [mark('warning'), t(`dns.${one.failure}`)];
  return Object.values(one.records)[0].map((record) => h('div', {}, quoted(shown(record))));
}

function shown(record) {
  if (typeof record === 'string') return record;
  if (Array.isArray(record)) return record.map((piece) => JSON.stringify(piece.hex ?? piece)).join(' ');
  if ('exchange' in record) return `${record.preference} ${record.exchange}`;
  return Object.values(record).flat().join(' ');
}
