// Where answers come from: what is tried out, an example's own zone, what was asked before, and only then the network.
import { overHttps } from '../../npm/resolve.js';

/** The policy in index.html lets the browser ask these hosts, the page's own, and this machine. */
export const SERVERS = {
  cloudflare: 'https://cloudflare-dns.com/dns-query',
  google: 'https://dns.google/dns-query',
};

const key = ({ name, type }) => `${name.toLowerCase()} ${type}`;

/** What servers said. A new check asks them again; trying something out does not. */
const known = new Map();
export const forget = () => known.clear();

/** The text of a TXT record from its character-strings. */
export const joined = (text) => (Array.isArray(text) ? text : [text]).map((piece) => piece.hex ?? piece).join('');

/**
 * @param source.zone a function that knows all, @param source.saved answers by key, @param source.doh a URL or null for no network
 * @param tried edits that are tried out: `{ owner, type, remove, add }` of one record, or `{ policy, at }` of all DMARC records
 */
export function asker({ zone, saved, doh }, tried, onAsk) {
  const ask = async (question, signal) => {
    if (zone) return zone(question);
    if (saved?.has(key(question))) return saved.get(key(question));
    if (!doh) return { failure: 'notasked' };
    const at = `${doh} ${key(question)}`;
    if (!known.has(at)) {
      onAsk?.(question);
      const answer = await overHttps({ doh })(question, signal);
      // A failure may be over the next time.
      if (answer.failure) return answer;
      known.set(at, answer);
    }
    return known.get(at);
  };
  return async (question, signal) => tried.reduce((answer, edit) => changed(answer, edit, question), await ask(question, signal));
}

export const saved = (snapshot) => new Map(snapshot.map(({ name, type, ...answer }) => [key({ name, type }), answer]));

function changed(answer, edit, question) {
  const before = answer.records?.[question.type] ?? [];
  if (edit.policy) return question.type === 'TXT' && question.name.toLowerCase().startsWith('_dmarc.') ? withPolicy(answer, before, edit, question) : answer;
  if (key({ name: edit.owner, type: edit.type }) !== key(question)) return answer;
  const kept = before.filter((text) => !edit.remove.includes(joined(text)));
  return published(answer, question, [...kept, ...edit.add]);
}

/** Each DMARC record with this policy; where none is published, one at `at`. */
function withPolicy(answer, before, { policy, at }, question) {
  const rewrite = (text) => (isDmarc(text) ? text.replace(/;\s*(p|sp|np)\s*=\s*\w+/gi, `; $1=${policy}`) : text);
  const records = before.map((text) => rewrite(joined(text)));
  if (question.name.toLowerCase() === at && !records.some(isDmarc)) records.push(`v=DMARC1; p=${policy}`);
  return before.length === records.length && records.length === 0 ? answer : published(answer, question, records);
}

export const isDmarc = (text) => /^\s*v\s*=\s*DMARC1/i.test(text);

const published = (answer, { type }, records) => (records.length > 0 ? { records: { [type]: records }, ttl: answer.ttl ?? null } : { nodata: null });
