// Keeps the page for when there is no network. What is kept is shown at once, and renewed behind it.
const CACHE = 'mailproof-2';
const HERE = [
  './', 'style.css', 'icon.svg', 'manifest.webmanifest', 'gallery/gallery.js', 'gallery/mails.js',
  ...['app', 'dns', 'dom', 'engine', 'files', 'forwarders', 'i18n', 'mail', 'plan', 'settings', 'share', 'tie', 'visible', 'whatif', 'zone'].map((name) => `js/${name}.js`),
  ...['answer', 'copy', 'dmarc', 'export', 'findings', 'live', 'message', 'others', 'page', 'records', 'refused', 'report', 'section', 'spf', 'text', 'ways'].map((name) => `js/view/${name}.js`),
  ...['en', 'fr', 'de', 'es', 'it'].map((name) => `lang/${name}.js`),
];
const PACKAGE = ['index.js', 'api.js', 'load.js', 'resolve.js', 'dist/mailproof_bg.js', 'dist/mailproof_bg.wasm'].map((name) => `../npm/${name}`);
/** Large, and wanted by few: kept once it was wanted. */
const LATER = ['psl/index.js', 'dist/psl/mailproof_bg.js', 'dist/psl/mailproof_bg.wasm'].map((name) => new URL(`../npm/${name}`, self.location).href);

self.addEventListener('install', (event) => {
  const fresh = [...HERE, ...PACKAGE].map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(event));
});

async function answer(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request, { ignoreSearch: true });
  // A DNS server on the page's own host is no file: only what was kept at the start is renewed.
  if (!kept) {
    const fresh = await fetch(event.request);
    if (fresh.ok && LATER.includes(event.request.url)) await cache.put(event.request, fresh.clone());
    return fresh;
  }
  const renewed = fetch(event.request, { cache: 'no-cache' }).then((fresh) => fresh.ok && cache.put(event.request, fresh));
  event.waitUntil(renewed.catch(() => {}));
  return kept;
}
