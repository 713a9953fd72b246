// The real parts around the page: Chromium, a web server, and DNS over HTTPS of dnsdist in front of nsd.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { server } from '../serve.mjs';

/** Where `.ci/run` installs what package.json names. */
const NODE_MODULES = new URL('../../../target/page/', import.meta.url);
const require = createRequire(new URL('package.json', NODE_MODULES));
const { chromium } = require('playwright-core');
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const browser = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });

export async function site() {
  const made = server();
  await new Promise((resolve) => made.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${made.address().port}/web/`, stop: () => (made.closeAllConnections(), new Promise((resolve) => made.close(resolve))) };
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** nsd with the zone beside this file, and dnsdist that answers for it by DNS over HTTPS, without TLS on this machine. */
export async function dns() {
  const [at, doh] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'mailproof-page-'));
  const zone = fileURLToPath(new URL('live.example.zone', import.meta.url));
  const path = (name) => join(folder, name);
  writeFileSync(path('nsd.conf'), `server:\n  ip-address: 127.0.0.1@${at}\n  username: ""\n  chroot: ""\n  zonesdir: "${folder}"\n  database: ""\n  pidfile: "${path('nsd.pid')}"\n  xfrdfile: ""\n  zonelistfile: "${path('zone.list')}"\n  logfile: "${path('nsd.log')}"\n  server-count: 1\nremote-control:\n  control-enable: no\nzone:\n  name: live.example\n  zonefile: "${zone}"\n`);
  writeFileSync(path('dnsdist.conf'), `setLocal("127.0.0.1:${await freePort()}")\nnewServer({address="127.0.0.1:${at}", healthCheckMode="up"})\naddDOHLocal("127.0.0.1:${doh}", nil, nil, "/dns-query", {customResponseHeaders={["access-control-allow-origin"]="*"}})\n`);
  const started = [
    spawn('nsd', ['-d', '-c', path('nsd.conf')], { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }),
    spawn('dnsdist', ['--supervised', '--disable-syslog', '-C', path('dnsdist.conf')], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }),
  ];
  const url = `http://127.0.0.1:${doh}/dns-query`;
  await answers(url);
  return { url, stop: () => (started.forEach((process) => process.kill()), rmSync(folder, { recursive: true, force: true })) };
}

/** live.example TXT, in the wire form. */
const QUESTION = 'AAABAAABAAAAAAAABGxpdmUHZXhhbXBsZQAAEAAB';

async function answers(url) {
  for (let tries = 0; tries < 150; tries++) {
    const said = await fetch(`${url}?dns=${QUESTION}`).then((response) => response.arrayBuffer()).catch(() => null);
    if (said?.byteLength > 40) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('dnsdist does not answer');
}
