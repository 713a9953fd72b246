// Serves the page for trying it out: `node examples/web/serve.mjs [port]`. Any static server does the same.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json',
};

/** A server for `examples/`; the page is at `/web/`. */
export function server() {
  return createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    if (path === '/') return response.writeHead(302, { location: '/web/' }).end();
    const type = TYPES[extname(path.endsWith('/') ? 'index.html' : path)];
    try {
      if (!type || !/^\/(web|npm)\//.test(path)) throw new Error('not part of the page');
      const body = await readFile(`${ROOT}${path}${path.endsWith('/') ? 'index.html' : ''}`);
      response.writeHead(200, { 'content-type': type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' }).end(body);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.argv[2] ?? 8080);
  server().listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/web/`));
}
