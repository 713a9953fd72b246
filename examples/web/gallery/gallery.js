// Broken cases, each with a DNS of its own, so that they work without a network. Their titles stand in the language catalogues.
import { KEY_MISSING, LIST_FOOTER, PAPERSHOP, REDIRECTED, SUBJECT_TAG } from './mails.js';

export const GROUPS = ['forward', 'dmarc', 'spf', 'dkim', 'refused'];

/** The time of the signed messages: they were made in November 2026. */
const NOW = 1795260000;

/** One key, made for this page and used for nothing. */
const KEY = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqmUR8Eh2Z4TDH9ClrSxxmoW+fRSXfbzgakAxkwkaoQQthPe0WgtwBCr+zbi+DCpplRzfObR3PEl4SUdWX908V3zVhhWZ4JtIMH6r3M4zMXwSK3wLfnoFj+x722WHRxVOM7zV5OFlKzLc+ylVqkeNI4ox0b7p';

const mx = (domain) => `${domain} MX 10 mx.${domain}\nmx.${domain} A 192.0.2.3\nmx.${domain} TXT "v=spf1 a -all"\n`;

/** `text` is what is pasted; `given` are fields of the session; `zone` is what the DNS says. */
export const EXAMPLES = [
  {
    id: 'redirect',
    group: 'forward',
    text: REDIRECTED,
    now: NOW,
    zone: `${mx('bakery.example')}
      bakery.example TXT "v=spf1 ip4:192.0.2.10 -all"
      _dmarc.bakery.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@bakery.example"
      mx.club.example A 198.51.100.20
      mx.club.example TXT "v=spf1 a -all"`,
  },
  {
    id: 'redirect-spf',
    group: 'forward',
    text: 'john.doe@gmahoo1.example',
    given: { ip: '198.51.100.20', helo: 'out.mailhost1.example' },
    zone: `${mx('gmahoo1.example')}
      gmahoo1.example TXT "v=spf1 include:_spf.gmahoo1.example -all"
      _spf.gmahoo1.example TXT "v=spf1 ip4:192.0.2.0/26 ip4:192.0.2.128/28" " ip6:2001:db8:1::/64 -all"
      _dmarc.gmahoo1.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@gmahoo1.example"
      mailhost1.example TXT "v=spf1 ip4:198.51.100.16/28 -all"
      out.mailhost1.example TXT "v=spf1 a -all"
      out.mailhost1.example A 198.51.100.20`,
  },
  { id: 'srs', group: 'forward', text: 'SRS0=4tI8=K7=gmahoo1.example=john.doe@mailhost1.example' },
  { id: 'list', group: 'forward', text: SUBJECT_TAG + '_______________________________________________\nparents mailing list\n', now: NOW, zone: PAPERSHOP.replace('p=quarantine', 'p=reject') },
  { id: 'subject', group: 'forward', text: SUBJECT_TAG, now: NOW, zone: PAPERSHOP },
  {
    id: 'dmarc-malformed',
    group: 'dmarc',
    text: 'papershop.example',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"
      _dmarc.papershop.example TXT "v=DMARC1, p=reject, rua=mailto:dmarc@papershop.example"`,
  },
  {
    id: 'dmarc-invalid',
    group: 'dmarc',
    text: 'papershop.example',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"
      _dmarc.papershop.example TXT "v=DMARC1; p=block; rua=dmarc@papershop.example"`,
  },
  {
    id: 'dmarc-multiple',
    group: 'dmarc',
    text: 'papershop.example',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"
      _dmarc.papershop.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@papershop.example"
      _dmarc.papershop.example TXT "v=DMARC1; p=none; rua=mailto:reports@service.example"`,
  },
  {
    id: 'unaligned',
    group: 'dmarc',
    text: 'news@papershop.example',
    given: { ip: '198.51.100.70', mailFrom: 'bounce@bounce.mailer.example', signer: 'mailer.example' },
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx include:_spf.mailer.example -all"
      _dmarc.papershop.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@papershop.example"
      bounce.mailer.example TXT "v=spf1 include:_spf.mailer.example -all"
      _spf.mailer.example TXT "v=spf1 ip4:198.51.100.64/26 -all"`,
  },
  {
    id: 'results',
    group: 'dmarc',
    text: 'Authentication-Results: mx.mailhost.example;\n spf=pass (sender IP is 198.51.100.70) smtp.mailfrom=bounce.mailer.example;\n dkim=pass (2048-bit key) header.d=mailer.example header.s=m1;\n dmarc=fail (p=REJECT) header.from=papershop.example',
    zone: '_dmarc.papershop.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@papershop.example"',
  },
  {
    id: 'spf-lookups',
    group: 'spf',
    text: 'papershop.example',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 a mx include:_spf.office.example include:_spf.mailer.example include:_spf.crm.example include:_spf.shop.example ~all"
      papershop.example A 192.0.2.4
      _dmarc.papershop.example TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@papershop.example"
      _spf.office.example TXT "v=spf1 include:a.office.example include:b.office.example include:c.office.example -all"
      a.office.example TXT "v=spf1 ip4:203.0.113.0/26 -all"
      b.office.example TXT "v=spf1 ip4:203.0.113.64/26 -all"
      c.office.example TXT "v=spf1 ip6:2001:db8:5::/48 -all"
      _spf.mailer.example TXT "v=spf1 ip4:198.51.100.64/26 -all"
      _spf.crm.example TXT "v=spf1 include:eu.crm.example include:us.crm.example ~all"
      eu.crm.example TXT "v=spf1 ip4:198.51.100.128/26 -all"
      us.crm.example TXT "v=spf1 ip4:198.51.100.192/26 -all"
      _spf.shop.example TXT "v=spf1 a:out.shop.example -all"
      out.shop.example A 203.0.113.200`,
  },
  { id: 'spf-typo', group: 'spf', text: 'v=spf1 ipv4:203.0.113.7 include:_spf.mailer.example, ptr -al', zone: ' ' },
  { id: 'spf-invisible', group: 'spf', text: '“v=spf1 include:_spf.mailer.example\u00a0ip4:203.0.113.7\u200b ‑all”', zone: ' ' },
  {
    id: 'spf-two',
    group: 'spf',
    text: 'papershop.example',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"
      papershop.example TXT "v=spf1 include:_spf.mailer.example ~all"
      _dmarc.papershop.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@papershop.example"
      _spf.mailer.example TXT "v=spf1 ip4:198.51.100.64/26 -all"`,
  },
  { id: 'dkim-footer', group: 'dkim', text: LIST_FOOTER, now: NOW, zone: PAPERSHOP },
  { id: 'dkim-key', group: 'dkim', text: `s1._domainkey.papershop.example. IN TXT "v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----${KEY.slice(0, 120)}"` },
  { id: 'dkim-missing', group: 'dkim', text: KEY_MISSING, now: NOW, zone: PAPERSHOP },
  {
    id: 'spoofed',
    group: 'refused',
    given: { mailbox: 'alice@papershop.example' },
    text: 'Return-Path: <alice@papershop.example>\nReceived: from static.host.example (static.host.example [203.0.113.99])\n by mx.papershop.example with ESMTP; Sat, 21 Nov 2026 09:12:44 +0000\nFrom: Alice <alice@papershop.example>\nTo: Alice <alice@papershop.example>\nSubject: I have your password\nDate: Sat, 21 Nov 2026 09:12:40 +0000\nMessage-ID: <77@static.host.example>\n\nSend 0.3 Bitcoin, or everybody gets to know.\n',
    now: NOW,
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx ~all"
      _dmarc.papershop.example TXT "v=DMARC1; p=none; rua=mailto:dmarc@papershop.example"`,
  },
  {
    id: 'backscatter',
    group: 'refused',
    given: { mailbox: 'alice@papershop.example' },
    now: NOW,
    text: 'Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.other.example>\nTo: alice@papershop.example\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b1"\n\n--b1\nContent-Type: text/plain; charset=us-ascii\n\nI could not deliver your message.\n\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.other.example\n\nFinal-Recipient: rfc822; nobody@other.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <nobody@other.example>: Recipient address rejected: User unknown\n\n--b1\nContent-Type: text/rfc822-headers\n\nReturn-Path: <alice@papershop.example>\nReceived: from static.host.example (static.host.example [203.0.113.99])\n by mx.other.example with ESMTP; Sat, 21 Nov 2026 09:12:44 +0000\nFrom: Alice <alice@papershop.example>\nTo: nobody@other.example\nSubject: Cheap watches\nMessage-ID: <78@static.host.example>\n\n--b1--\n',
    zone: `${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"`,
  },
  {
    id: 'mismatch',
    group: 'refused',
    text: '553 5.7.1 <info@papershop.example>: Sender address rejected: not owned by user bob@papershop.example',
    sender: {
      directory: { logins: { 'bob@papershop.example': 'bob@papershop.example' }, aliases: { 'info@papershop.example': ['alice@papershop.example'], 'alice@papershop.example': ['alice@papershop.example'] } },
      login: 'bob@papershop.example',
      mail_from: 'info@papershop.example',
      header: { from: ['info@papershop.example'] },
    },
  },
  {
    id: 'gmail',
    group: 'refused',
    text: '550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. Authentication results: DKIM = did not pass SPF [papershop.example] with ip: [198.51.100.20] = did not pass - gsmtp',
  },
  {
    id: 'healthy',
    group: 'dmarc',
    text: 'papershop.example',
    given: { selectors: 's2026' },
    zone: `${PAPERSHOP.replace(/^_?(dmarc\.)?papershop\.example TXT .*$/gm, '')}
      ${mx('papershop.example')}
      papershop.example TXT "v=spf1 mx -all"
      _dmarc.papershop.example TXT "v=DMARC1; p=reject; rua=mailto:dmarc@papershop.example"`,
  },
];
