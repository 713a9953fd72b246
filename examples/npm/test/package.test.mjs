// The packed package, as `npm install` puts it into an empty folder.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'mailproof-'));
after(() => rmSync(folder, { recursive: true }));

const run = (command, args, cwd = folder) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], here));
writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, packed.filename)]);

test('holds what it needs and nothing else', () => {
  const files = packed.files.map((file) => file.path).filter((path) => !path.endsWith('.md')).sort();
  assert.deepEqual(files, [
    'api.js', 'dist/lint/mailproof_bg.js', 'dist/lint/mailproof_bg.wasm', 'dist/mailproof_bg.js', 'dist/mailproof_bg.wasm',
    'dist/psl/mailproof_bg.js', 'dist/psl/mailproof_bg.wasm', 'dist/report.schema.json',
    'index.d.ts', 'index.js', 'lint/index.d.ts', 'lint/index.js', 'lint/node.js', 'lint/workerd.js', 'load.js', 'node.js',
    'package.json', 'psl/index.d.ts', 'psl/index.js', 'psl/node.js', 'psl/workerd.js', 'resolve.js', 'workerd.js',
  ]);
});

test('works in Node without a word about wasm', () => {
  writeFileSync(join(folder, 'node.js'), `
    import { Check, lint } from 'mailproof';
    import { detect } from 'mailproof/lint';
    const zone = { 'd.example': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] } };
    const check = new Check({ spf: { ip: '198.51.100.7', mail_from: 'a@d.example' } });
    const { report, text } = await check.resolve(async ({ name, type }) =>
      zone[name]?.[type] ? { records: { [type]: zone[name][type] } } : { nxdomain: null });
    console.log(JSON.stringify([report.verdicts[0].result, text.split('\\n')[0], lint('spf', 'v=spf1 -all').report.passed, detect('d.example')]));
  `);
  assert.deepEqual(JSON.parse(run('node', ['node.js'])), [
    'fail',
    'fail: 198.51.100.7 may not send mail for d.example, says its SPF record with `-all`',
    true,
    { what: 'domain', domain: 'd.example' },
  ]);
});

test('with the Public Suffix List it knows what receivers of RFC 7489 do', () => {
  writeFileSync(join(folder, 'psl.js'), `
    import { Check } from 'mailproof/psl';
    const spf = { method: { spf: { null_path: false } }, domain: 'd.example', result: 'pass' };
    const check = new Check({ dmarc: { from: ['s.d.example'], identifiers: [spf] } });
    const { report } = await check.resolve(({ name }) =>
      name === '_dmarc.s.d.example' ? { records: { TXT: ['v=DMARC1; p=reject'] } } : { nxdomain: null });
    console.log(JSON.stringify(report.receivers.map(({ generation, result }) => [generation, result])));
  `);
  assert.deepEqual(JSON.parse(run('node', ['psl.js'])), [['rfc9989', 'fail'], ['rfc7489-icann', 'pass'], ['rfc7489-all', 'pass']]);
});

test('works in a browser or worker that gives it the wasm', () => {
  writeFileSync(join(folder, 'browser.js'), `
    import { readFileSync } from 'node:fs';
    import { init, lint, codes } from './node_modules/mailproof/index.js';
    try { lint(null, 'v=spf1'); } catch (error) { console.log(error.message); }
    const wasm = readFileSync('node_modules/mailproof/dist/mailproof_bg.wasm');
    await Promise.all([init(new Response(wasm)), init(wasm)]);
    console.log(codes().length > 100);
  `);
  assert.equal(run('node', ['browser.js']), 'mailproof: call `await init(…)` first\ntrue\n');
});

test('touches no DOM, and no network by itself', () => {
  const sources = ['index.js', 'api.js', 'psl/index.js', 'load.js', 'dist/mailproof_bg.js', 'dist/lint/mailproof_bg.js'];
  for (const source of sources) {
    assert.doesNotMatch(readFileSync(join(here, source), 'utf8'), /\b(document|window|fetch|XMLHttpRequest|eval)\b/, source);
  }
});

test('works in Deno, types and all', () => {
  writeFileSync(join(folder, 'deno.ts'), `
    import { Check, lint } from 'mailproof';
    const check = new Check({ spf: { ip: '198.51.100.7', mail_from: 'a@d.example' } });
    const { report } = await check.resolve(({ name, type }) =>
      name === 'd.example' && type === 'TXT' ? { records: { TXT: ['v=spf1 -all'] } } : { nxdomain: null });
    console.log(report.verdicts[0].result, lint('spf', 'v=spf1 -all').report.passed);
  `);
  const deno = join(here, 'node_modules', '.bin', 'deno');
  assert.equal(run(deno, ['run', '--quiet', '--check', '--node-modules-dir=manual', '--allow-read', 'deno.ts']), 'fail true\n');
});

test('its types fit a program', () => {
  writeFileSync(join(folder, 'sample.ts'), readFileSync(join(here, 'test', 'sample.ts')));
  const tsc = join(here, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--strict', '--noEmit', '--exactOptionalPropertyTypes', '--target', 'es2022', '--lib', 'es2023,dom'];
  try {
    run('node', [tsc, ...options, '--module', 'nodenext', 'sample.ts']);
  } catch (error) {
    assert.fail(error.stdout);
  }
});
