// The page in a real browser: every example, a live domain, a dropped message, French, a phone, the keyboard, accessibility, policy, no network.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { EXAMPLES } from '../gallery/gallery.js';
import { AXE, browser, dns, site } from './world.mjs';
import { checked, dropped, example, open as opened, unfold } from './helpers.mjs';

let chromium, web, doh;
before(async () => {
  [chromium, web, doh] = await Promise.all([browser(), site(), dns()]);
});
after(async () => {
  await chromium?.close();
  await web?.stop();
  doh?.stop();
});

const open = (hash, options) => opened(chromium, web, hash, options);

/** Of each example, what has to be found, or is said in the headline. */
const TOLD = {
  redirect: /mx\.club\.example sent the message on without SRS/,
  'redirect-spf': 'spf-eval-fail',
  srs: /stands for john\.doe@gmahoo1\.example/,
  list: 'dkim-body-hash-mismatch',
  subject: 'dkim-sig-mismatch',
  'dmarc-malformed': 'dmarc-comma-separator',
  'dmarc-invalid': 'dmarc-p-invalid',
  'dmarc-multiple': 'dmarc-multiple-records',
  unaligned: 'align-dkim-pass-unaligned',
  results: 'align-spf-pass-unaligned',
  'spf-lookups': 'spf-lookups-exceeded',
  'spf-typo': 'spf-mechanism-typo',
  'spf-invisible': 'spf-nbsp',
  'spf-two': 'spf-multiple-records',
  'dkim-footer': 'dkim-body-hash-mismatch',
  'dkim-key': 'dkim-key-p-pem-armor',
  'dkim-missing': 'dkim-key-dns-nokey',
  spoofed: /somebody at 203\.0\.113\.99 forged alice@papershop\.example/,
  backscatter: /never sent from here/,
  mismatch: 'from-not-owned',
  gmail: /Gmail refused the mail: neither SPF nor DKIM passes/,
  healthy: /^In order: papershop\.example is protected/,
};

test('every example of the gallery, without asking anybody', async () => {
  const { page, faults, asked, context } = await open();
  assert.deepEqual(EXAMPLES.map(({ id }) => id).sort(), Object.keys(TOLD).sort());
  for (const { id } of EXAMPLES) {
    await example(page, id);
    await unfold(page);
    const told = TOLD[id];
    if (typeof told === 'string') {
      const codes = await page.$$eval('.finding', (all) => all.map((one) => one.dataset.code));
      assert.ok(codes.includes(told), `${id}: ${told} is not in ${codes}`);
      assert.ok((await page.textContent(`.finding[data-code="${told}"] .inside`)).length > 40, id);
    } else assert.match(await page.textContent('#headline'), told, id);
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(asked.filter((url) => !url.startsWith(new URL('/', web.url).href)), []);
  assert.deepEqual(asked.filter((url) => /lang\/(fr|de|es|it)\.js|psl\//.test(url)), [], 'what nobody asked for is not fetched');
  await context.close();
});

test('what if it is sent on, or judged by the older standard', async () => {
  const { page, faults, asked, context } = await open();
  await example(page, 'redirect-spf');
  await page.click('#session summary');
  const headline = (wanted) => page.waitForFunction((wanted) => new RegExp(wanted).test(document.querySelector('#headline').textContent), wanted);
  await page.fill('#given-signer', 'gmahoo1.example');
  await headline(': pass: ');
  for (const [forwarder, wanted] of [['redirect', 'passes DMARC at its last receiver'], ['list', 'fails DMARC.*asked to reject it'], ['munged', 'passes DMARC'], ['recode', 'fails DMARC']]) {
    await page.selectOption('#given-forwarder', forwarder);
    await headline(wanted);
    assert.match(await page.textContent('#section-forward'), /sent by the author/);
  }
  await page.selectOption('#given-forwarder', '');
  await page.fill('#given-signer', '');
  await headline('^Not in order: fail');
  assert.ok(!asked.some((url) => url.includes('/psl/')));
  await page.selectOption('#given-receiver', 'rfc7489-all');
  await headline('For receivers of RFC 7489, DMARC fails, and reject is asked for');
  assert.match(await page.textContent('.receivers .chosen'), /RFC 7489, all public suffixes/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a live domain, what if, and a repair that is tried', async () => {
  const { page, faults, asked, context } = await open('', { settings: { server: 'own', own: doh.url } });
  await page.fill('#text', 'live.example');
  await page.click('#go');
  await page.waitForSelector('.finding[data-code="dmarc-p-none"], .finding[data-code="spf-ptr-used"]');
  assert.match(await page.textContent('#headline'), /anyone can send mail as live\.example/);
  assert.ok(asked.some((url) => url.startsWith(`${doh.url}?dns=`)));

  await page.click('#session summary');
  await page.fill('#given-ip', '203.0.113.9');
  await page.waitForFunction(() => /^Not in order|^Attention/.test(document.querySelector('#headline').textContent) && document.querySelector('#section-dmarc'));
  assert.match(await page.textContent('.results'), /SPF fail/);
  const before = asked.length;
  await page.fill('#given-ip', '192.0.2.9');
  await page.waitForFunction(() => /^In order/.test(document.querySelector('#headline').textContent));
  await page.selectOption('#given-policy', 'reject');
  await page.waitForFunction(() => document.querySelector('#section-dmarc').textContent.includes('p=reject'));
  assert.ok(asked.length - before < 12, 'what is known is not asked again');

  await page.selectOption('#given-policy', '');
  await page.fill('#given-ip', '');
  await page.waitForSelector('.finding[data-code="spf-ptr-used"]');
  await unfold(page);
  await page.click('.try >> nth=0');
  await page.waitForSelector('.tried');
  await page.click('.tried button');
  await page.waitForFunction(() => !document.querySelector('.tried'));
  assert.deepEqual(faults, []);
  const elsewhere = asked.filter((url) => !url.startsWith(new URL('/', web.url).href) && !url.startsWith(doh.url));
  assert.deepEqual(elsewhere, []);
  await context.close();
});

test('a dropped message', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'own', own: doh.url } });
  await dropped(page, 'list-footer.eml', readFileSync(new URL('../../mail/list-footer.eml', import.meta.url), 'latin1'));
  assert.match(await page.textContent('#seen'), /list-footer\.eml/);
  assert.match(await page.textContent('#section-dkim'), /papershop\.example/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the altered lines of a message as a diff', async () => {
  const { page, context } = await open();
  await example(page, 'dkim-footer');
  assert.match(await page.textContent('.diff ins'), /added: \+ _+/);
  await example(page, 'subject');
  assert.match(await page.textContent('.diff del'), /Subject: Your order/);
  await context.close();
});

test('the rest of what may be pasted', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const pasted = [
    ['_dmarc.d.example. 300 IN TXT "v=DMARC1; p=rejct"', /zone/, 'dmarc-p-typo'],
    ['v=spf1 mx include:_spf.d.example ptr -all', /an SPF record/, 'spf-ptr-used'],
    [';; ANSWER SECTION:\nd.example.\t300\tIN\tTXT\t"v=spf1 ipv4:192.0.2.1 -all"', /dig/, 'spf-mechanism-typo'],
    ['From: a@d.example\nTo: b@e.example\nAuthentication-Results: mx.e.example; spf=pass smtp.mailfrom=x.example; dmarc=fail header.from=d.example\n', /header/, null],
    ['hello there', /Not recognised/, null],
  ];
  for (const [text, seen, code] of pasted) {
    await checked(page, text);
    assert.match(await page.textContent('#seen'), seen);
    if (code) await page.waitForSelector(`.finding[data-code="${code}"]`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('what is to be published has no errors, or is told as one step', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  for (const [text, told, not] of [
    ['v=spf1 ipv4:192.0.2.1, mx -all', /publish this record instead.*safe to apply.*v=spf1 ip4:192\.0\.2\.1 mx -all/s, /Then mend/],
    ['v=spf1 mx, ip4:192.0.2.256 -all', /mends 1 of 2 errors.*do not publish it yet.*Then mend:.*192\.0\.2\.256.*is not an IPv4 address/s, /safe to apply/],
    ['v=spf1 include:_spf.google.com  ip4:192.0.2.256 mx ptr -all; v=spf1 a ~all', /these are 2 records in one text.*decide which/s, /safe to apply|publish this/],
    ['v=spf1 mx -all; v=spf1 a ~all', /publish this one, if all of them are meant.*look before you publish it.*v=spf1 mx a ~all/s, /safe to apply/],
  ]) {
    await checked(page, text);
    const todo = await page.textContent('.todo');
    assert.match(todo, told);
    assert.doesNotMatch(todo, not);
    for (const code of ['fr', 'de', 'es', 'it']) {
      await page.selectOption('#language', code);
      await page.waitForSelector(`html[lang=${code}]`);
      await page.waitForFunction((english) => document.querySelector('.todo')?.textContent !== english, todo);
      assert.deepEqual(await page.$$eval('.todo [lang=en]:not(.evidence *)', (all) => all.map((one) => one.textContent)), [], `${code}: ${text}`);
    }
    await page.selectOption('#language', 'en');
    await page.waitForFunction((english) => document.querySelector('.todo')?.textContent === english, todo);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('no sentence of the gallery is left in English', async () => {
  const { page, faults, context } = await open('', { locale: 'fr-FR' });
  assert.equal(await page.getAttribute('html', 'lang'), 'fr');
  const english = [];
  for (const { id } of EXAMPLES) {
    await example(page, id);
    for (const [code, check] of Object.entries({ fr: 'Vérifier', de: 'Prüfen', es: 'Comprobar', it: 'Verifica' })) {
      await page.selectOption('#language', code);
      await page.waitForSelector(`html[lang=${code}]`);
      await page.waitForFunction((check) => document.querySelector('#go').textContent === check, check);
      await unfold(page);
      english.push(...await page.$$eval('#report [lang=en]', (all, of) => all.filter((one) => !one.closest('.page')).map((one) => `${of}: ${one.textContent}`), code));
    }
  }
  assert.deepEqual([...new Set(english)], []);
  assert.deepEqual(faults, []);
  await context.close();
});

test('360 pixels: nothing has to be scrolled sideways', async () => {
  const { page, faults, context } = await open('', { viewport: { width: 360, height: 760 } });
  for (const { id } of EXAMPLES) {
    await example(page, id);
    await unfold(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, id);
  }
  await page.click('#gallery a >> nth=2');
  await page.waitForFunction(() => document.activeElement.id === 'headline');
  const { top, bottom } = await page.$eval('#headline', (headline) => headline.getBoundingClientRect().toJSON());
  assert.ok(top >= 0 && bottom <= 760, `the answer is in sight: ${top} to ${bottom}`);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the keyboard alone', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName);
  const tabTo = async (wanted) => {
    for (let tries = 0; tries < 60; tries++) {
      if (wanted.test(await focused())) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${wanted} is not reached`);
  };
  await tabTo(/^text$/);
  await page.keyboard.type('v=spf1 ipv4:203.0.113.7 -al');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#headline');
  await page.waitForFunction(() => document.activeElement.id === 'headline');
  await page.waitForFunction(() => /SPF record/.test(document.getElementById('live').textContent));
  await tabTo(/^term error/);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.closest('details')?.open), true);
  assert.ok(await page.$('.term.lit'), 'the term of the finding is lit');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.closest('details').open), false);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the keyboard: a question of the gallery, the fields, a copy', async () => {
  const { page, faults, context } = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.focus('#gallery a >> nth=1');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'headline');
  await page.focus('#session summary');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'given-ip');
  await page.focus('.todo .copy');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.copy.done .done-word');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'v=spf1 include:_spf.gmahoo1.example ip4:198.51.100.20 -all');
  // It is said in the next frame.
  await page.waitForFunction(() => document.getElementById('live').textContent === 'Copied');
  const outline = await page.$eval('.todo .copy', (button) => getComputedStyle(button).outlineWidth);
  assert.equal(outline, '2px', 'the focus is seen');
  assert.deepEqual(faults, []);
  await context.close();
});

test('term, finding and page belong together', async () => {
  const { page, context } = await open('', { viewport: { width: 1400, height: 900 } });
  await example(page, 'spf-typo');
  await page.hover('.term.warning');
  const code = await page.textContent('#pane .code');
  assert.match(code, /^spf-/);
  assert.ok(await page.$(`.finding[data-code="${code}"] summary.lit`));
  await context.close();
});

const STATES = ['redirect', 'spf-lookups', 'spf-invisible', 'dkim-footer', 'mismatch', 'backscatter', 'results', 'redirect-spf'];
for (const [name, options, rules, states] of [
  ['light', {}, null, STATES],
  ['dark', { colorScheme: 'dark' }, ['color-contrast', 'link-in-text-block'], STATES],
  ['phone', { viewport: { width: 360, height: 760 } }, null, ['spf-lookups', 'dkim-footer', 'results', 'redirect-spf']],
]) {
  test(`axe finds nothing (${name})`, async () => {
    const { page, context } = await open('', { bypassCSP: true, ...options });
    await page.evaluate(AXE);
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const violations = async (of) => {
      const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), rules ?? tags);
      assert.deepEqual(violations.map(({ id, nodes }) => `${of}: ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].any[0]?.message ?? ''}`), []);
    };
    await violations('home');
    for (const id of states) {
      await example(page, id);
      await unfold(page);
      await violations(id);
    }
    await page.selectOption('#given-forwarder', 'list');
    await page.waitForSelector('#section-forward');
    await unfold(page);
    await violations('sent on');
    await page.evaluate(() => document.querySelector('#text').dispatchEvent(new Event('input')));
    await checked(page, 'nothing of this kind');
    await violations('not recognised');
    await context.close();
  });
}

test('the policy lets nothing go elsewhere, and no text become markup', async () => {
  const { page, context } = await open();
  const fetched = await page.evaluate(() => fetch('https://elsewhere.example/').then(() => 'sent', (error) => error.name));
  assert.equal(fetched, 'TypeError');
  const made = await page.evaluate(() => {
    try {
      document.createElement('p').innerHTML = '<b>x</b>';
      return 'made';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(made, 'TypeError');
  await context.close();
});

test('a link has only what was agreed to', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'own', own: doh.url } });
  await page.fill('#text', 'live.example');
  await page.click('#session summary');
  await page.fill('#given-ip', '203.0.113.9');
  await page.waitForSelector('#section-dmarc');
  await page.click('#section-export summary');
  await page.check('[data-share=answers]');
  await page.uncheck('[data-share=session]');
  await page.click('.share .copy');
  await page.waitForFunction(() => location.hash.startsWith('#s='));
  const link = page.url();
  const other = await open(link.slice(link.indexOf('#')), { settings: { server: 'none' } });
  await other.page.waitForSelector('#headline');
  assert.equal(await other.page.inputValue('#text'), 'live.example');
  assert.equal(await other.page.inputValue('#given-ip'), '');
  assert.match(await other.page.textContent('#section-dns'), /questions/);
  assert.deepEqual([...faults, ...other.faults], []);
  await context.close();
  await other.context.close();
});

test('a link carries a whole mail, octet by octet', async () => {
  const { page, faults, context } = await open('', { settings: { server: 'none' } });
  const mail = `From: a@d.example\r\nTo: b@e.example\r\nSubject: 8bit\r\n\r\n${String.fromCharCode(...Array.from({ length: 0x5f }, (_, at) => 0xa0 + at))}\r\n`;
  await dropped(page, '8bit.eml', [...mail].map((one) => one.charCodeAt(0)));
  await page.click('#section-export summary');
  await page.click('.share .copy');
  await page.waitForFunction(() => location.hash.startsWith('#s='));
  const link = page.url();
  const other = await open(link.slice(link.indexOf('#')), { settings: { server: 'none' } });
  await other.page.waitForSelector('#headline');
  assert.match(await other.page.textContent('#seen'), new RegExp(`from the link, ${mail.length} octets`));
  const save = async ({ page }) => {
    await page.$eval('#section-export', (one) => (one.open = true));
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('#section-export button >> nth=0')]);
    return JSON.parse(readFileSync(await saved.path(), 'utf8')).reports[0].input.message.message;
  };
  assert.equal(await save(other), mail);
  assert.deepEqual([...faults, ...other.faults], []);
  await context.close();
  await other.context.close();
});

test('the report as JSON', async () => {
  const { page, context } = await open();
  await example(page, 'redirect-spf');
  await page.click('#section-export summary');
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('#section-export button >> nth=0')]);
  const { reports } = JSON.parse(readFileSync(await saved.path(), 'utf8'));
  assert.deepEqual(reports.map(({ format }) => format), [1, 1, 1]);
  await context.close();
});

test('without a network, from what the service worker keeps', async () => {
  const own = await site();
  const context = await chromium.newContext({ locale: 'en' });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(own.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await own.stop();
  await context.setOffline(true);
  await page.goto('about:blank');
  await page.goto(`${own.url}#example=dkim-footer`);
  await page.waitForSelector('#section-dkim');
  assert.match(await page.textContent('#section-dkim'), /three lines were added/);
  await page.selectOption('#language', 'fr');
  await page.waitForSelector('html[lang=fr]');
  assert.deepEqual(faults, []);
  await context.close();
});
