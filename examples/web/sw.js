// Keeps the page for when there is no network. What is kept is shown at once, and renewed behind it.
const CACHE = 'mailproof-1';
const HERE = [
  './', 'style.css', 'icon.svg', 'manifest.webmanifest', 'gallery/gallery.js', 'gallery/mails.js',
  ...['app', 'dns', 'dom', 'engine', 'i18n', 'mail', 'plan', 'share', 'zone'].map((name) => `js/${name}.js`),
  ...['answer', 'copy', 'dmarc', 'findings', 'live', 'message', 'others', 'page', 'records', 'section', 'spf', 'text', 'ways'].map((name) => `js/view/${name}.js`),
  ...['en', 'fr', 'de', 'es', 'it'].map((name) => `lang/${name}.js`),
];
const PACKAGE = ['index.js', 'load.js', 'resolve.js', 'dist/mailproof_bg.js', 'dist/mailproof_bg.wasm'].map((name) => `../npm/${name}`);

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
  if (!kept) return fetch(event.request);
  const renewed = fetch(event.request, { cache: 'no-cache' }).then((fresh) => fresh.ok && cache.put(event.request, fresh));
  event.waitUntil(renewed.catch(() => {}));
  return kept;
}
