// DNS over HTTPS: what goes out, what comes back, and what happens when nothing does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive, overHttps } from '../resolve.js';

const QUESTION = { name: 'd.example', type: 'TXT' };
const bytes = (...parts) => Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)));
const header = (answers, rcode = 0, ad = 0) => [0, 0, 0x81, 0x80 | ad | rcode, 0, 1, 0, answers, 0, 0, 0, 0];
const asked = (type) => ['\x01d\x07example\x00', [0, type, 0, 1]];
const record = (type, data, owner = [0xc0, 12], ttl = 60) => [...owner, 0, type, 0, 1, 0, 0, 0, ttl, 0, data.length, ...data];

/** An `overHttps` whose server says `said`. */
function server(said, form) {
  const seen = [];
  const fetch = async (url, options) => {
    seen.push({ url, ...options });
    return said instanceof Response ? said : new Response(said);
  };
  return { ask: overHttps({ doh: 'https://dns.example/dns-query?a=b', form, fetch }), seen };
}
const wire = (...parts) => server(bytes(...parts)).ask;
const json = (said) => server(JSON.stringify(said), 'json').ask;

test('asks as RFC 8484 says', async () => {
  const { ask, seen } = server(bytes(header(0), ...asked(16)));
  await ask(QUESTION);
  const { url, headers } = seen[0];
  assert.equal(headers.accept, 'application/dns-message');
  assert.equal(url.searchParams.get('a'), 'b');
  assert.deepEqual(Buffer.from(url.searchParams.get('dns'), 'base64url'),
    Buffer.from([0, 0, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 1, 100, 7, ...Buffer.from('example'), 0, 0, 16, 0, 1]));
  assert.doesNotMatch(url.href, /%3D|=$|\+/);
});

test('reads texts, with their strings and with what is no UTF-8', async () => {
  const records = [...record(16, [1, 97]), ...record(16, [1, 97, 2, 98, 99]), ...record(16, [1, 0xff]), ...record(16, [0])];
  assert.deepEqual(await wire(header(4, 0, 0x20), ...asked(16), records)(QUESTION), {
    records: { TXT: ['a', ['a', 'bc'], { hex: 'ff' }, ''] }, aliases: [], authentic: true, ttl: 60,
  });
});

test('follows aliases through compressed names', async () => {
  const alias = record(5, [1, 99, 0xc0, 14]);
  const exchange = record(15, [0, 10, 2, 109, 120, 0xc0, 14], [1, 67, 0xc0, 14], 30);
  const said = await wire(header(2), ...asked(15), alias, exchange)({ name: 'd.example', type: 'MX' });
  assert.deepEqual(said, {
    records: { MX: [{ preference: 10, exchange: 'mx.example' }] }, aliases: ['c.example'], authentic: false, ttl: 30,
  });
});

test('reads addresses and the rest', async () => {
  const of = async (type, number, data) => (await wire(header(1), ...asked(number), record(number, data))({ name: 'd.example', type })).records[type][0];
  assert.equal(await of('A', 1, [192, 0, 2, 1]), '192.0.2.1');
  assert.equal(await of('AAAA', 28, [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), '2001:db8:0:0:0:0:0:1');
  assert.equal(await of('PTR', 12, [0]), '.');
  assert.deepEqual(await of('TLSA', 52, [3, 1, 1, 9, 8]), { usage: 3, selector: 1, matching: 1, data: [9, 8] });
  const times = Array.from({ length: 5 }, (_, i) => [0, 0, 0, i + 1]).flat();
  assert.deepEqual(await of('SOA', 6, [1, 97, 0, 1, 98, 0, ...times]), { primary: 'a', responsible: 'b', serial: 1, minimum: 5 });
});

test('no records, no name and failures are told apart', async () => {
  const empty = { aliases: [], authentic: false, ttl: null };
  assert.deepEqual(await wire(header(0), ...asked(16))(QUESTION), { nodata: null, ...empty });
  assert.deepEqual(await wire(header(0, 3), ...asked(16))(QUESTION), { nxdomain: null, ...empty });
  assert.deepEqual(await wire(header(0, 2), ...asked(16))(QUESTION), { failure: 'servfail' });
  assert.deepEqual(await wire(header(0, 5), ...asked(16))(QUESTION), { failure: 'refused' });
  assert.deepEqual(await server(new Response('', { status: 502 })).ask(QUESTION), { failure: 'other' });
});

test('nonsense is a failure, and ends', async () => {
  const loop = bytes(header(1), ...asked(16), [0xc0, 27, 0, 16, 0, 1]);
  const aliases = bytes(header(1), ...asked(16), record(5, [0xc0, 12]));
  const dotted = bytes(header(1), ...asked(12), record(12, [3, 97, 46, 98, 0]));
  for (const [said, type] of [[bytes(), 'TXT'], [bytes([1, 2, 3]), 'TXT'], [bytes(header(9)), 'TXT'], [loop, 'TXT'], [aliases, 'TXT'], [dotted, 'PTR']]) {
    assert.deepEqual(await server(said).ask({ name: 'd.example', type }), { failure: 'malformed' });
  }
  assert.deepEqual(await server('<html>', 'json').ask(QUESTION), { failure: 'malformed' });
});

test('reads JSON', async () => {
  const said = await json({ Status: 0, AD: true, Answer: [
    { name: 'D.example.', type: 5, TTL: 9, data: 'c.example.' },
    { name: 'c.example.', type: 16, TTL: 7, data: '"a\\"" "\\195\\169"' },
    { name: 'c.example', type: 16, TTL: 8, data: 'v=spf1 -all' },
    { name: 'c.example', type: 16, TTL: 8, data: '"\\255"' },
  ] })(QUESTION);
  assert.deepEqual(said, { records: { TXT: [['a"', 'é'], 'v=spf1 -all', { hex: 'ff' }] }, aliases: ['c.example'], authentic: true, ttl: 7 });
  const exchange = await json({ Status: 0, Answer: [{ name: 'd.example', type: 15, TTL: 7, data: '0 .' }] })({ name: 'd.example', type: 'MX' });
  assert.deepEqual(exchange.records, { MX: [{ preference: 0, exchange: '.' }] });
  assert.equal((await json({ Status: 3 })(QUESTION)).nxdomain, null);
});

/** A check of two rounds. */
function twoRounds() {
  const given = {};
  return {
    given,
    questions: () => [['a', 'b'], ['c']].map((round) => round.filter((name) => !(name in given))).find((round) => round.length > 0)?.map((name) => ({ name, type: 'A' })) ?? [],
    answer: ({ name }, said) => (given[name] = said),
    report: () => 'done',
  };
}

test('asks a round at the same time', async () => {
  const check = twoRounds();
  let open = 0;
  let most = 0;
  const ask = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
    return { nodata: null };
  };
  assert.equal(await drive(check, ask), 'done');
  assert.equal(most, 2);
});

test('no answer in time, and no answer at all, are answers', async () => {
  const check = twoRounds();
  let stopped = 0;
  const ask = ({ name }, signal) => {
    signal.addEventListener('abort', () => stopped++);
    if (name === 'a') return new Promise(() => {});
    throw new Error('no network');
  };
  await drive(check, ask, { timeout: 10 });
  assert.deepEqual(check.given, { a: { failure: 'timeout' }, b: { failure: 'other' }, c: { failure: 'other' } });
  assert.equal(stopped, 3);
});

test('can be ended', async () => {
  const stop = new AbortController();
  const never = drive(twoRounds(), () => new Promise(() => {}), { signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(never, /enough/);
  await assert.rejects(drive(twoRounds(), () => ({ nodata: null }), { signal: stop.signal }), /enough/);
});
