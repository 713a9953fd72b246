// What nobody should paste, drop or answer: the page stays itself, says what is the matter, and goes on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { browser, site } from './world.mjs';
import { checked, dropped, example, open as opened, pasted, shown, unfold } from './helpers.mjs';

let chromium, web;
before(async () => {
  [chromium, web] = await Promise.all([browser(), site()]);
});
after(async () => {
  await chromium?.close();
  await web?.stop();
});

const open = (hash, options) => opened(chromium, web, hash, options);

/** A server that is asked like one for DNS over HTTPS, and answers as `respond` wishes. */
async function answering(respond) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader('access-control-allow-origin', '*');
    respond(response, request);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = `http://127.0.0.1:${server.address().port}/dns-query`;
  return { settings: { server: 'own', own }, asked, stop: () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))) };
}

const HOSTILE = '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>';

/** Nothing of the report has become an element that a stranger wrote, and nothing of it ran. */
async function inert(page) {
  assert.equal(await page.evaluate(() => globalThis.broken), undefined);
  assert.equal(await page.$$eval('#report :is(img, script, iframe, object, embed, style, link, form), #report [onerror], #report [style]', (all) => all.length), 0);
}

test('markup in records, headers, replies and DNS answers stays text', async () => {
  const octets = (text) => [...Buffer.from(text)];
  // A TXT answer: the header, the question as it came, and a record with the markup.
  const txt = (question) => {
    const end = question.indexOf(0, 12) + 5;
    const data = octets(`v=spf1 include:${HOSTILE} -all`);
    return Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question.subarray(12, end), 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length + 1, data.length, ...data]);
  };
  const server = await answering((response, request) => {
    const question = Buffer.from(new URL(request.url, 'http://d').searchParams.get('dns'), 'base64url');
    response.setHeader('content-type', 'application/dns-message');
    response.end(txt(question));
  });
  const { page, faults, context } = await open('', { settings: server.settings });
  const texts = [
    `v=spf1 include:${HOSTILE} exp=${HOSTILE} -all`,
    `v=DMARC1; p=${HOSTILE}; rua=mailto:${HOSTILE}`,
    `From: ${HOSTILE} <a@d.example>\nTo: ${HOSTILE}\nSubject: ${HOSTILE}\nReceived: from ${HOSTILE} by ${HOSTILE}; ${HOSTILE}\nAuthentication-Results: ${HOSTILE}; spf=${HOSTILE} smtp.mailfrom=${HOSTILE}\n\n${HOSTILE}\n`,
    `550 5.7.1 ${HOSTILE}`,
    `Authentication-Results: mx.d.example; dkim=pass header.d="${HOSTILE}"; dmarc=fail header.from=d.example`,
    'd.example',
  ];
  for (const text of texts) {
    await checked(page, text);
    await unfold(page);
    await inert(page);
  }
  assert.match(await page.textContent('#section-dns'), /<img src=x/);
  assert.deepEqual(faults, []);
  await server.stop();
  await context.close();
});

test('a link with markup and wrong parts is no way in', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const link = await page.evaluate(async (hostile) => {
    const { pack } = await import('./js/share.js');
    const shared = { text: `v=spf1 ${hostile} -all`, given: { ip: hostile, policy: hostile, forwarder: '__proto__', receiver: { a: 1 } }, tried: [{ owner: hostile, type: 'TXT', remove: [{}], add: 1 }, null], snapshot: [{ name: hostile, type: 'TXT', records: { TXT: [hostile] } }] };
    return pack(shared);
  }, HOSTILE);
  await page.evaluate((link) => (location.hash = `#s=${link}`), link);
  await shown(page);
  await unfold(page);
  await inert(page);
  await page.evaluate(() => (location.hash = '#s=%00not-a-link'));
  await page.waitForSelector('#warning:not([hidden])');
  assert.deepEqual(faults, []);
  await context.close();
});

test('what turns or hides text is shown by name', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const hidden = '\u202egnp.exe\u2066 \u200bpaypal\u00ad.example\u2069';
  for (const text of [`From: "${hidden}" <a@d.example>\nTo: b@e.example\nSubject: ${hidden}\n\nhello\n`, `550 5.7.1 ${hidden}`, `v=spf1 include:${hidden} -all`]) {
    await checked(page, text);
    await unfold(page);
    const told = await page.textContent('#report');
    assert.doesNotMatch(told, /[\u202a-\u202e\u2066-\u2069\u200b]/, text);
    assert.match(told, /RLO|U\+202E/, text);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('ten million characters at once', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const long = (piece) => piece.repeat(Math.ceil(10_000_000 / piece.length));
  for (const [text, told] of [
    [`From: a@d.example\nTo: b@e.example\nSubject: long\n\n${long('Lorem ipsum dolor sit amet.\n')}`, /Not checked: the DNS said nothing/],
    [`v=spf1 ${long('include:a.example ')}-all`, /longer than any record/],
    [`v=spf1 ${'include:a.example '.repeat(3_500)}-all`, /SPF record with 2 errors/],
    [long('x'), /nothing that can be checked/],
  ]) {
    await pasted(page, text);
    assert.match(await page.textContent('#headline'), told);
    assert.ok(await page.$eval('#text', ({ value }) => value.length) <= 100_000, 'the box has the beginning');
    await unfold(page);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('a whole zone', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const zone = Array.from({ length: 600 }, (_, at) => (at < 60 ? `d${at}.example. 300 IN TXT "v=spf1 ip4:192.0.2.${at} include:_spf${at}.d.example, -all"` : `h${at}.example. 300 IN A 192.0.2.1`)).join('\n');
  await checked(page, zone);
  assert.match(await page.textContent('#headline'), /60 of 60 records have errors/);
  assert.match(await page.textContent('.band.attention'), /first 500 of 600 lines/);
  assert.ok(await page.$$eval('.todo > li', (all) => all.length) < 10);
  await page.$eval('.todos > .more > summary', (summary) => summary.click());
  await page.waitForFunction(() => document.querySelectorAll('.todo > li').length === 60);
  assert.deepEqual(faults, []);
  await context.close();
});

test('files that are no mail', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const octets = (text) => [...Buffer.from(text, 'latin1')];
  await dropped(page, 'picture.png', [...octets('\x89PNG\r\n\x1a\n'), 0, 0, 0, 13, ...octets('IHDR')], 'image/png');
  assert.match(await page.textContent('#headline'), /picture\.png is no text/);
  await dropped(page, 'mail.msg', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0], '');
  assert.match(await page.textContent('#headline'), /save the message as \.eml/);
  await dropped(page, 'empty.eml', '');
  assert.match(await page.textContent('#headline'), /empty\.eml is empty/);
  await dropped(page, 'record.txt', [0xff, 0xfe, ...[...'_dmarc.d.example. TXT "v=DMARC1; p=rejct"'].flatMap((one) => [one.charCodeAt(0), 0])], 'text/plain');
  await page.waitForSelector('.finding[data-code="dmarc-p-typo"]');
  await page.evaluate(() => {
    document.querySelector('#headline').setAttribute('data-old', '');
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(31 * 1024 * 1024)], 'large.eml'));
    document.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await shown(page);
  assert.match(await page.textContent('#headline'), /large\.eml is larger than 30 MB/);
  await example(page, 'srs');
  assert.match(await page.textContent('#headline'), /stands for/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a DNS server that is down, refuses, or talks nonsense', async () => {
  const ways = [
    (response) => response.destroy(),
    (response) => response.writeHead(500).end('no'),
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(HOSTILE),
    (response) => response.end(Buffer.alloc(70_000, 0xc0)),
    (response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
  ];
  for (const way of ways) {
    const server = await answering(way);
    const { page, context } = await open('', { settings: server.settings });
    await checked(page, 'd.example');
    assert.match(await page.textContent('.band.attention'), /127\.0\.0\.1:\d+ does not answer/, String(way));
    assert.match(await page.textContent('.answer.note #headline'), /Not checked: the DNS said nothing/, 'that is no fault of the domain');
    assert.equal(await page.$('.todo'), null);
    const before = server.asked.length;
    await page.evaluate(() => document.querySelector('#headline').setAttribute('data-old', ''));
    await page.click('.band.attention button');
    await shown(page);
    assert.ok(server.asked.length > before, 'it is asked again');
    await unfold(page);
    await inert(page);
    await server.stop();
    await context.close();
  }
});

test('that the DNS does not answer is said in every language', async () => {
  const { page, context } = await open('', { settings: { server: 'none' } });
  const mail = readFileSync(new URL('../../mail/list-footer.eml', import.meta.url), 'latin1');
  for (const text of ['d.example', mail]) {
    await checked(page, text);
    await unfold(page);
    for (const code of ['fr', 'de', 'es', 'it']) {
      await page.selectOption('#language', code);
      await page.waitForSelector(`html[lang=${code}]`);
      await unfold(page);
      const english = await page.$$eval('#report [lang=en]', (all) => all.filter((one) => !one.closest('.page')).map((one) => one.textContent));
      assert.deepEqual(english, [], code);
    }
  }
  await context.close();
});

test('a DNS server that never answers can be left', async () => {
  const server = await answering(() => {});
  const { page, faults, context } = await open('', { settings: server.settings });
  await page.fill('#text', 'slow.example');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#stop:not([hidden])');
  await page.waitForFunction(() => /asking the DNS/.test(document.querySelector('#seen').textContent));
  await page.click('#stop');
  await page.waitForSelector('#report:not([aria-busy])', { state: 'attached' });
  assert.equal(await page.$('#headline'), null);
  assert.ok(await page.$('#stop[hidden]'));
  // Another check in the middle of one: only the later one is shown.
  await page.keyboard.press('Enter');
  await page.waitForSelector('#report[aria-busy]', { state: 'attached' });
  await page.fill('#text', 'v=spf1 -all');
  await page.click('#go');
  await shown(page);
  await page.waitForTimeout(300);
  assert.match(await page.textContent('#headline'), /SPF/);
  assert.match(await page.textContent('#seen'), /an SPF record/);
  assert.deepEqual(faults, []);
  await server.stop();
  await context.close();
});

test('a check asks anew, trying something out does not', async () => {
  const server = await answering((response) => response.end(Buffer.from([0, 0, 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0])));
  const { page, context } = await open('', { settings: server.settings });
  await checked(page, 'd.example');
  const first = server.asked.length;
  await checked(page, 'd.example');
  assert.equal(server.asked.length, 2 * first);
  await page.click('#session summary');
  await page.selectOption('#given-policy', 'reject');
  await page.waitForFunction(() => /is protected/.test(document.querySelector('#headline').textContent));
  assert.ok(server.asked.length < 2 * first + 8, 'what is known is kept');
  await server.stop();
  await context.close();
});
