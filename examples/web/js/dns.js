// Where answers come from: what is tried out, an example's own zone, what was asked before, and only then the network.
import { overHttps } from '../../npm/resolve.js';

/** The policy in index.html lets the browser ask these hosts, the page's own, and this machine. */
export const SERVERS = {
  cloudflare: 'https://cloudflare-dns.com/dns-query',
  google: 'https://dns.google/dns-query',
};

const key = ({ name, type }) => `${name.toLowerCase()} ${type}`;
const known = new Map();

/** The text of a TXT record from its character-strings. */
export const joined = (text) => (Array.isArray(text) ? text : [text]).map((piece) => piece.hex ?? piece).join('');

/**
 * @param source.zone a function that knows all, @param source.saved answers by key, @param source.doh a URL or null for no network
 * @param tried edits of records that are tried out: `{ owner, type, remove, add }`
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
export const forget = () => known.clear();

function changed(answer, edit, question) {
  if (key({ name: edit.owner, type: edit.type }) !== key(question)) return answer;
  const before = answer.records?.[question.type] ?? [];
  const kept = before.filter((text) => !edit.remove.includes(joined(text)));
  const records = edit.rewrite ? before.map((text) => edit.rewrite(joined(text))) : [...kept, ...edit.add];
  return records.length > 0 ? { records: { [question.type]: records }, ttl: answer.ttl ?? null } : { nodata: null };
}
