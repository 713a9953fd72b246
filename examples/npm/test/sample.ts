// A program that uses every part of the types. It is only compiled.
import { Check, bounce, codes, detect, explain, init, lint, predict, sender, srsForward, srsInspect, srsReverse } from 'mailproof';
import type { Answer, Input, Kind, Question } from 'mailproof';
import { lint as lintOnly } from 'mailproof/lint';

await init(fetch('mailproof.wasm'));

const input: Input = { message: { message: new Uint8Array(), connection: { ip: '192.0.2.1', mail_from: '' } } };
const check = new Check(input);
const ask = async (question: Question, signal: AbortSignal): Promise<Answer> =>
  signal.aborted ? { failure: 'timeout' } : { records: { TXT: [question.name, ['a', { hex: 'ff' }]] }, ttl: 60 };
const told = await check.resolve(ask, { signal: AbortSignal.timeout(1000), timeout: 100 });
await check.resolve({ doh: 'https://dns.example/dns-query', form: 'json' });
check.free();

for (const finding of told.report.findings) {
  const source = told.report.sources[finding.primary.source]?.text.slice(finding.primary.utf16.start, finding.primary.utf16.end);
  const fixes: string[] = finding.fixes.flatMap((fix) => ('edits' in fix ? [fix.result ?? ''] : fix.records.add));
  const page: string | undefined = explain(finding.code)?.page;
  console.log(finding.severity === 'error', source, fixes, page);
}
const asked: Input[] = [
  { srs: { address: 'SRS0=x@f.example', question: 'inspect' } },
  { sender: { directory: { logins: { a: 'a@d.example' } }, fields: { from: [{ body: 'a@d.example' }] } } },
  { bounce: { reply: '550 5.7.1 no', host: null } },
  { forward: { author: 'd.example', through: '192.0.2.1' } },
  { message: { message: 'From: a@d.example', stage: 'submission', mailbox: { srs: { domain: 'd.example', separator: '+' } } } },
  { dmarc: { from: [], identifiers: [{ method: { dkim: {} }, domain: 'd.example', result: 'pass' }] } },
];
for (const input of asked) {
  const { causes, message, srs, sender, bounce } = new Check(input, []).report().report;
  console.log(causes?.primary.id, message?.path[0]?.by, srs?.form, sender?.verdict, bounce?.replies[0]?.cause);
}
const again: string = new Check(told.report.input, told.report.snapshot).report().text;

const found = detect('v=spf1 -all');
const kind: Kind | null = found.what === 'record' ? found.kind : found.what === 'dig' ? (found.records[0]?.kind ?? null) : null;
const passed: boolean = lint(kind, 'v=spf1 -all', 'd.example').report.passed && lintOnly(null, 'v=spf1').report.passed;

const secrets = ['tops3cr3t'];
const forward = srsForward({ address: 'a@d.example', forwarder: 'f.example', secrets, now: 0, settings: { separator: '+' } });
const address: string = 'error' in forward ? forward.message : forward.address;
const reversed = srsReverse({ address, secrets, now: 0 });
const inspected = srsInspect(address);
if (inspected.form === 'srs0') console.log(inspected.hash.start, 'secret' in reversed && reversed.secret);

const advice: string[] = bounce({ reply: '550 5.7.1 no' }).bounces.flatMap((each) => each.advice.map((one) => one.text));
const author = { spf_elsewhere: 'fail', spf_pass: true, spf_aligned: true, null_sender: false, signatures: [], policy: 'reject' } as const;
const end: string = predict({ author: { ...author, signatures: [] }, hops: ['refold', { redirect: { srs: true } }] }).dmarc;
const verdict = sender({ directory: { logins: { a: 'a@d.example' } }, login: 'a', header: { from: ['a@d.example'] } }).verdict;
console.log(again, passed, end, advice, verdict === 'accept', codes().length);

// @ts-expect-error: a question is about one thing
new Check({ spf: { helo: 'x' } });
// @ts-expect-error: no such kind
lint('ptr', '');
// @ts-expect-error: an answer is one thing
check.answer({ name: 'a', type: 'TXT' }, { failure: 'late' });
