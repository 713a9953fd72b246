// What the tests do with the page, again and again.

/** A page whose faults end the test. `asked` are the requests that left it. */
export async function open(chromium, web, hash = '', { settings = {}, ...options } = {}) {
  const context = await chromium.newContext({ locale: 'en', serviceWorkers: 'block', ...options });
  await context.addInitScript((kept) => {
    if (kept) localStorage.setItem('mailproof', kept);
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(`policy: ${violatedDirective} ${blockedURI}`));
  }, Object.keys(settings).length > 0 ? JSON.stringify(settings) : null);
  const page = await context.newPage();
  const [faults, asked] = [[], []];
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  page.on('pageerror', (error) => faults.push(String(error.stack ?? error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${web.url}${hash}`);
  await page.waitForSelector('html[data-ready]');
  return { page, faults, asked, context };
}

export async function example(page, id) {
  await page.evaluate((hash) => {
    document.querySelector('#headline')?.setAttribute('data-old', '');
    location.hash = '';
    location.hash = hash;
  }, `#example=${id}`);
  await shown(page);
}

/** A report that was not there before. */
export async function shown(page) {
  await page.waitForSelector('#headline:not([data-old])');
  await page.waitForSelector('#report:not([aria-busy])');
}

/** Types or pastes a text, has it checked, and waits for its report. */
export async function checked(page, text) {
  await page.evaluate(() => document.querySelector('#headline')?.setAttribute('data-old', ''));
  await page.fill('#text', text);
  await page.click('#go');
  await shown(page);
}

/** Drops a file on the page; `content` is a text, or a list of octets. */
export async function dropped(page, name, content, type = 'message/rfc822') {
  await page.evaluate(({ name, content, type }) => {
    document.querySelector('#headline')?.setAttribute('data-old', '');
    const data = new DataTransfer();
    data.items.add(new File([typeof content === 'string' ? content : Uint8Array.from(content)], name, { type }));
    document.querySelector('#text').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  }, { name, content, type });
  await shown(page);
}

/** A paste from the clipboard, which tests may not fill. */
export async function pasted(page, text) {
  await page.evaluate((text) => {
    document.querySelector('#headline')?.setAttribute('data-old', '');
    const data = new DataTransfer();
    data.setData('text/plain', text);
    const paste = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data });
    const box = document.querySelector('#text');
    // What a browser does with it, unless the page says that it has done so itself.
    if (!box.dispatchEvent(paste)) return;
    box.setRangeText(text, 0, box.value.length, 'end');
    box.dispatchEvent(new Event('input'));
  }, text);
  await shown(page);
}

/** Everything unfolded, as somebody may have it before him. */
export async function unfold(page) {
  await page.evaluate(async () => {
    for (let shut; (shut = document.querySelectorAll('#report details:not([open]), #session:not([open])')).length > 0;) {
      for (const one of shut) one.open = true;
      // What is in it is made when it opens.
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
  });
}
