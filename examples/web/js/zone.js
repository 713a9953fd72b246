// A small DNS of its own: what the examples are checked against, without a network.

/** Lines `owner TYPE data`; a TXT record's strings are quoted. `! servfail` instead of data is a server that fails. */
export function zone(text) {
  const sets = new Map();
  const names = new Set();
  for (const line of text.split('\n')) {
    const [, owner, type, data] = line.trim().match(/^(\S+)\s+([A-Z]+)\s+(.+)$/) ?? [];
    if (!owner) continue;
    const key = `${owner.toLowerCase()} ${type}`;
    sets.set(key, [...(sets.get(key) ?? []), value(type, data)]);
    // The names above it exist too (RFC 8020).
    const labels = owner.toLowerCase().split('.');
    labels.forEach((_, at) => names.add(labels.slice(at).join('.')));
  }
  return (question) => {
    const name = question.name.toLowerCase();
    const records = sets.get(`${name} ${question.type}`);
    if (records?.includes(SERVFAIL)) return { failure: 'servfail' };
    if (records) return { records: { [question.type]: records }, ttl: 3600 };
    return names.has(name) ? { nodata: null } : { nxdomain: null };
  };
}

const SERVFAIL = Symbol('servfail');

function value(type, data) {
  if (data === '! servfail') return SERVFAIL;
  if (type === 'TXT') {
    const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text.replace(/\\(.)/g, '$1'));
    return strings.length === 1 ? strings[0] : strings;
  }
  if (type === 'MX') {
    const [preference, exchange] = data.split(/\s+/);
    return { preference: Number(preference), exchange };
  }
  return data;
}
