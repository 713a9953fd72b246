// From what was pasted to the checks that answer it, and their reports side by side.
import { Check, bounce, detect, lint, older, sender, srsInspect } from './engine.js';
import { FORWARDERS } from './forwarders.js';
import { authResults, fields, identifiers, named } from './mail.js';

/** An address that no record lists, to walk a whole SPF record: RFC 1112 §4 keeps it for nobody. */
export const NOWHERE = '240.0.0.1';

/**
 * What the session fields of the page say: empty strings where nothing is known.
 * `{ ip, helo, mailFrom, from, signer, selectors, now }`
 *
 * The answer: `{ detected, parts: [{ kind, report, text } | { kind, …facts }], offered }`, the deciding part first.
 */
export async function check({ text, octets, file, given, ask, signal, example }) {
  const detected = file ? ofFile(text) : detect(text.slice(0, MOST_DETECTED));
  const Asking = given.receiver ? (await older()).Check : Check;
  const run = (input) => new Asking(input).resolve(ask, { signal });
  const context = { given, run, text, octets, detected, signal };
  const offered = {};
  const parts = await (WAYS[detected.what] ?? WAYS.unknown)(context, offered);
  const sent = given.forwarder ? await onItsWay(parts, context) : null;
  if (sent) parts.unshift(sent);
  if (example?.sender) parts.unshift({ kind: 'sender', ...sender(example.sender), asked: example.sender });
  return { detected, parts, offered };
}

/** A file is a message, unless it is a list of records or the like. */
function ofFile(text) {
  const found = detect(text.slice(0, MOST_DETECTED));
  return ['unknown', 'header', 'reply'].includes(found.what) ? { what: 'message' } : found;
}

/** What a text is shows at its beginning. */
const MOST_DETECTED = 1_000_000;

const WAYS = {
  domain: ({ detected, ...context }) => ofDomain(detected.domain, context),
  address: ({ detected, ...context }) => ofDomain(detected.domain, context, detected.address),
  record: ({ detected, given }) => [ofRecord(detected.kind, detected.text, given.domain || null)].filter(Boolean),
  zone: ofZone,
  dig: ofZone,
  srs: ({ detected }) => [{ kind: 'srs', address: detected.address, ...srsInspect(detected.address, Math.floor(Date.now() / 1000)) }],
  reply: ({ text }) => [{ kind: 'bounce', ...bounce({ reply: text }) }],
  bounce: ofBounce,
  'auth-results': ({ detected, ...context }) => ofResults(detected.text, context),
  header: ofHeader,
  message: ofMessage,
  unknown: () => [],
};

const utf8 = (text) => new TextEncoder().encode(text.replace(/\r?\n/g, '\r\n'));

/** RFC 1035 §3.2.1: the length of a record's data has 16 bits. */
const RECORD = 65_535;

/** One record. What no record can be is not looked at. */
const ofRecord = (kind, text, domain) => (text.length > RECORD ? null : { kind: 'record', record: kind, domain, ...lint(kind, text, domain) });

/** A domain alone, or with a session: then that is the question. */
async function ofDomain(domain, { given, run }, address = null) {
  const selectors = given.selectors.split(/[\s,]+/).filter(Boolean);
  const about = run({ domain: { domain, selectors } });
  if (!given.ip) {
    const walk = run({ spf: { ip: NOWHERE, mail_from: `postmaster@${domain}` } });
    const [of, chain] = await Promise.all([about, walk]);
    const found = chain.report.traces.length > 0;
    return [{ kind: 'domain', ...of }, ...(found ? [{ kind: 'walk', ...chain }] : [])];
  }
  const mailFrom = given.mailFrom || address || `postmaster@${domain}`;
  const spf = { kind: 'spf', ...(await run({ spf: session(given, mailFrom) })) };
  const dmarc = await ofDmarc([domain], [...fromSpf(spf), ...fromSigner(given)], run);
  return [dmarc, spf, { kind: 'domain', ...(await about) }];
}

const session = (given, mailFrom) => ({
  ip: given.ip,
  ...(given.helo ? { helo: given.helo } : {}),
  ...(mailFrom === null ? {} : { mail_from: mailFrom }),
});

async function ofDmarc(from, identifiers, run) {
  const dmarc = await run({ dmarc: { from, identifiers } });
  return { kind: 'dmarc', identifiers, ...dmarc };
}

function fromSpf({ report }) {
  const verdict = report.verdicts.find(({ method }) => method === 'spf');
  if (!verdict) return [];
  return [{ method: { spf: { null_path: verdict.identity === 'helo' } }, domain: verdict.domain, result: verdict.result }];
}

/** `d=` of a signature that is said to pass. */
const fromSigner = ({ signer }) =>
  signer ? [{ method: { dkim: { selector: null, weakness: null } }, domain: signer, result: 'pass' }] : [];

/** Each record on its own; a domain with several of a kind is checked with what was pasted. */
async function ofZone({ detected, run, signal }) {
  const known = detected.records.filter(({ kind, data }) => kind && data.length <= RECORD);
  const parts = [];
  for (const { owner, kind, data } of known) {
    parts.push({ owner, ...ofRecord(kind, data, /_domainkey/.test(owner) ? null : base(owner)) });
    // A whole zone takes a while: it can be stopped.
    if (parts.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  const place = ({ owner, kind }) => `${owner} ${kind}`;
  const counts = new Map();
  for (const one of known) counts.set(place(one), (counts.get(place(one)) ?? 0) + 1);
  const several = known.find((one) => counts.get(place(one)) > 1);
  if (!several) return parts;
  const domain = base(several.owner);
  return [{ kind: 'domain', ...(await run({ domain: { domain, selectors: [] } })) }, ...parts];
}

export const base = (owner) => owner.replace(/^([^.]+\._domainkey|_dmarc|_mta-sts|_smtp\._tls|[^.]+\._bimi)\./i, '');

/** What becomes of the same mail if somebody sends it on from an address that no record lists. */
async function onItsWay(parts, { given, detected, run }) {
  const message = parts.find(({ kind }) => kind === 'message')?.report.message;
  const author = message ? message.author : detected.domain ?? null;
  if (!author) return null;
  const path = given.mailFrom || message?.session.mail_from?.value || '';
  const signers = message ? message.signatures.filter(({ result }) => result === 'pass').map(({ domain }) => domain) : [];
  const forward = {
    author, through: NOWHERE, hops: FORWARDERS[given.forwarder],
    signed_by: [...signers, given.signer].filter(Boolean),
    ...(path.includes('@') ? { mail_from: path.split('@').pop() } : {}),
  };
  return { kind: 'forward', name: given.forwarder, ...(await run({ forward })) };
}

/** A notice of failure is a message, too: it may be about mail that somebody else sent. */
async function ofBounce(context, offered) {
  const { text, octets } = context;
  const told = { kind: 'bounce', ...bounce({ message: octets ?? utf8(text) }) };
  const message = await asMessage(context, {}, offered);
  return message.report.causes?.primary.id === 'backscatter' ? [message, told] : [told, message];
}

/** What a receiver wrote down, and what DMARC comes to with it. */
async function ofResults(body, { given, run }) {
  const results = authResults(body);
  const claimed = results.find(({ method }) => method === 'dmarc')?.properties['header.from'];
  const domain = given.from || claimed;
  const observed = { kind: 'observed', results, field: body };
  if (!domain) return [observed];
  const all = [...identifiers(results), ...fromSigner(given)];
  return [await ofDmarc([domain.split('@').pop()], all, run), observed];
}

/** Without a body no body hash is judged; what the receiver wrote down stands beside it. */
async function ofHeader(context, offered) {
  const { text } = context;
  const message = await asMessage(context, { headers_only: true }, offered);
  const [field] = named(fields(text), 'Authentication-Results');
  return [message, ...(field ? [{ kind: 'observed', results: authResults(field.body) }] : [])];
}

async function ofMessage(context, offered) {
  return [await asMessage(context, {}, offered)];
}

/** What is not given is taken from the message, and the report says so. */
async function asMessage({ text, octets, given, run }, more, offered) {
  const { ip, helo, mailFrom, mailbox } = given;
  const connection = { ...(ip ? { ip } : {}), ...(helo ? { helo } : {}), ...(mailFrom ? { mail_from: mailFrom } : {}) };
  const now = given.now ?? Math.floor(Date.now() / 1000);
  const told = await run({ message: { message: octets ?? utf8(text), now, connection, ...(mailbox ? { mailbox: { address: mailbox } } : {}), ...more } });
  const { session } = told.report.message;
  Object.assign(offered, { ip: session.ip?.value, helo: session.helo?.value, mailFrom: session.mail_from?.value });
  const all = fields(octets ?? text);
  return { kind: 'message', ...told, written: { from: named(all, 'From')[0]?.body, date: named(all, 'Date')[0]?.body } };
}
