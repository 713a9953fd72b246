// The packed package in workerd, the runtime of Cloudflare Workers: it compiles no wasm at run time, and has no file system.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));

// Each build by its entry for workers, with one question.
const WORKER = `
  import { Check } from './package/workerd.js';
  import { lint } from './package/lint/workerd.js';
  import { codes } from './package/psl/workerd.js';
  export default {
    async test() {
      const check = new Check({ spf: { ip: '198.51.100.7', mail_from: 'a@d.example' } });
      const { report } = await check.resolve(async ({ name, type }) =>
        name === 'd.example' && type === 'TXT' ? { records: { TXT: ['v=spf1 -all'] } } : { nxdomain: null });
      const answers = JSON.stringify([report.verdicts[0].result, lint('spf', 'v=spf1 ipv4:192.0.2.1').report.passed, codes().length > 100]);
      if (answers !== '["fail",false,true]') throw new Error(answers);
      console.log(answers);
    },
  };
`;

test('works in workerd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailproof-workerd-'));
  try {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: here, encoding: 'utf8' }));
    execFileSync('tar', ['xf', packed.filename], { cwd: folder });
    writeFileSync(join(folder, 'worker.js'), WORKER);
    // What a deployment uploads: every module, the wasm compiled by the runtime.
    const module = (kind, path) => `(name = "${path}", ${kind} = embed "${path}")`;
    const files = packed.files.map(({ path }) => `package/${path}`);
    const modules = [
      module('esModule', 'worker.js'),
      ...files.filter((path) => path.endsWith('.js') && !path.endsWith('/node.js')).map((path) => module('esModule', path)),
      ...files.filter((path) => path.endsWith('.wasm')).map((path) => module('wasm', path)),
    ];
    writeFileSync(join(folder, 'config.capnp'), `
      using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
      const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [${modules.join(', ')}]);
    `);
    const workerd = join(here, 'node_modules', '.bin', 'workerd');
    const { status, stdout, stderr } = spawnSync(workerd, ['test', 'config.capnp'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
