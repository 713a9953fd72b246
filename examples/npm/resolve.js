// Answers the questions of a check: by a function, or over DNS over HTTPS in its wire form (RFC 8484) or as JSON.

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, TLSA: 52, SPF: 99 };
const NAMES = [TYPES.NS, TYPES.CNAME, TYPES.PTR];
/** Asks all questions of a round at the same time, until the report is ready. */
export async function drive(check, source, { signal, timeout = 5000 } = {}) {
  const ask = typeof source === 'function' ? source : overHttps(source);
  for (;;) {
    signal?.throwIfAborted();
    const open = check.questions();
    if (open.length === 0) return check.report();
    const answers = await Promise.all(open.map((question) => inTime(ask, question, timeout, signal)));
    open.forEach((question, i) => check.answer(question, answers[i]));
  }
}

/** No answer in time, and no answer at all, are answers too. Only `signal` ends everything. */
async function inTime(ask, question, timeout, signal) {
  const stop = new AbortController();
  let timer, abort;
  try {
    const ended = new Promise((resolve, reject) => {
      timer = setTimeout(() => resolve({ failure: 'timeout' }), timeout);
      signal?.addEventListener('abort', (abort = () => reject(signal.reason)));
    });
    return await Promise.race([ended, (async () => ask(question, stop.signal))()]);
  } catch {
    signal?.throwIfAborted();
    return { failure: 'other' };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    stop.abort();
  }
}

/** A function that asks a DoH server. */
export function overHttps({ doh, form = 'wire', fetch = globalThis.fetch }) {
  return async (question, signal) => {
    const url = new URL(doh);
    for (const [name, value] of Object.entries(form === 'json' ? question : { dns: query(question) })) url.searchParams.set(name, value);
    const response = await fetch(url, { headers: { accept: form === 'json' ? 'application/dns-json' : 'application/dns-message' }, signal });
    if (!response.ok) return { failure: 'other' };
    const said = await response.arrayBuffer();
    try {
      return form === 'json' ? fromJson(JSON.parse(new TextDecoder().decode(said)), question) : fromWire(said, question);
    } catch {
      return { failure: 'malformed' };
    }
  };
}

/** RFC 1035 §4.1. The identifier is 0, so that caches work (RFC 8484 §4.1); AD asks for the same bit (RFC 6840 §5.7). */
function query({ name, type }) {
  const labels = name === '.' ? [] : name.split('.').map((label) => new TextEncoder().encode(label));
  const octets = [0, 0, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, ...labels.flatMap((label) => [label.length, ...label]), 0, 0, TYPES[type], 0, 1];
  return btoa(String.fromCharCode(...octets)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromWire(buffer, question) {
  const [view, bytes] = [new DataView(buffer), new Uint8Array(buffer)];
  let at = 12;
  const [u8, u16] = [() => view.getUint8(at++), () => view.getUint16((at += 2) - 2)];
  const u32 = () => view.getUint32((at += 4) - 4);
  const name = () => {
    const labels = [];
    let [hops, back] = [0];
    for (let length = u8(); length !== 0; length = u8()) {
      if (length >= 0xc0) {
        if (++hops > 100) throw new Error('a loop of pointers');
        const to = ((length & 0x3f) << 8) | u8();
        back ??= at;
        at = to;
      } else labels.push(String.fromCharCode(...bytes.subarray(at, (at += length))));
    }
    at = back ?? at;
    if (!labels.every((label) => /^[!-\-/-~]+$/.test(label))) throw new Error('no name that can be written');
    return labels.join('.') || '.';
  };
  const string = () => piece(bytes.subarray(at + 1, (at += 1 + bytes[at])));
  const strings = (end) => {
    const pieces = [];
    while (at < end) pieces.push(string());
    return joined(pieces);
  };
  const data = {
    1: () => [u8(), u8(), u8(), u8()].join('.'),
    6: () => ({ primary: name(), responsible: name(), serial: u32(), minimum: [u32(), u32(), u32(), u32()][3] }),
    15: () => ({ preference: u16(), exchange: name() }),
    16: strings,
    28: () => Array.from({ length: 8 }, () => u16().toString(16)).join(':'),
    52: (end) => ({ usage: u8(), selector: u8(), matching: u8(), data: [...bytes.subarray(at, end)] }),
    99: strings,
  };
  const flags = view.getUint16(2);
  for (let left = view.getUint16(4); left > 0; left--) name(), (at += 4);
  const records = Array.from({ length: view.getUint16(6) }, () => {
    const [owner, type, , ttl, length] = [name(), u16(), u16(), u32(), u16()];
    const end = at + length;
    const value = NAMES.includes(type) ? name() : data[type]?.(end);
    at = end;
    return { owner, type, ttl, value };
  });
  return answer(flags & 0xf, (flags & 0x20) !== 0, records, question);
}

/** The form of dns.google and cloudflare-dns.com. */
function fromJson({ Status, AD, Answer = [] }, question) {
  const bare = (name) => (name === '.' ? name : name.replace(/\.$/, ''));
  const read = (type, data) => {
    const [a, b, c, d, , , e] = data.split(/\s+/);
    if (type === 15) return { preference: Number(a), exchange: bare(b) };
    if (type === 6) return { primary: bare(a), responsible: bare(b), serial: Number(c), minimum: Number(e) };
    if (type === 52) return { usage: +a, selector: +b, matching: +c, data: d.match(/../g).map((pair) => parseInt(pair, 16)) };
    if (type === 16 || type === 99) return quoted(data);
    return NAMES.includes(type) ? bare(data) : data;
  };
  const records = Answer.map(({ name, type, TTL, data }) => ({ owner: bare(name), type, ttl: TTL, value: read(type, data) }));
  return answer(Status, AD === true, records, question);
}

/** `"a" "b"` as zone files have it, or a text without quotes. */
function quoted(data) {
  if (!data.startsWith('"')) return data;
  const octets = ([, code, escaped, plain]) => (code ? [Number(code)] : [...new TextEncoder().encode(escaped ?? plain)]);
  const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/gs)];
  return joined(strings.map(([, text]) => piece([...text.matchAll(/\\(\d{3})|\\(.)|(.)/gsu)].flatMap(octets))));
}
const joined = (pieces) => (pieces.length === 1 ? pieces[0] : pieces);

/** One character-string: a text, or what is not UTF-8 in hexadecimal. */
function piece(bytes) {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  return text.includes('\u{fffd}') ? { hex: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') } : text;
}

/** What the records say to the question, along its aliases. */
function answer(rcode, authentic, records, { name, type }) {
  const at = (owner, type) => records.filter((record) => record.type === type && record.owner.toLowerCase() === owner.toLowerCase());
  const aliases = [];
  let owner = name;
  for (let next; type !== 'CNAME' && ([next] = at(owner, TYPES.CNAME)) && next; aliases.push((owner = next.value))) {
    if (aliases.length >= records.length) return { failure: 'malformed' };
  }
  const found = at(owner, TYPES[type]);
  const known = { aliases, authentic, ttl: records.length > 0 ? Math.min(...records.map((record) => record.ttl)) : null };
  if (rcode === 3) return { nxdomain: null, ...known };
  if (rcode !== 0) return { failure: { 2: 'servfail', 5: 'refused' }[rcode] ?? 'other' };
  return found.length > 0 ? { records: { [type]: found.map((record) => record.value) }, ...known } : { nodata: null, ...known };
}
