// What crosses between JavaScript and mailproof. All offsets called `utf16`, and those of `srsInspect`, count as JavaScript
// strings do; `span` counts bytes of the UTF-8 text, for other programs that read the same report.

/** Compiles and starts the wasm. In Node and in Cloudflare Workers that is done on import. */
export function init(source: WasmSource | PromiseLike<WasmSource>): Promise<void>;
/** The same at once, where that is allowed: not for big files on the main thread of a browser. */
export function initSync(source: BufferSource | WebAssembly.Module): void;
export type WasmSource = BufferSource | WebAssembly.Module | Response;

// ---- Questions that need the DNS

/** One question about mail, on its way to its report. */
export class Check {
  /** `snapshot`: what the DNS is known to say, as in a report. Throws when the input has not the form of one. */
  constructor(input: Input, snapshot?: Snapshot);
  /** Asks all that has to be asked, each round at the same time; then the report. */
  resolve(source: DohServer | Ask, options?: ResolveOptions): Promise<Told>;
  /** What the DNS has to be asked now; empty when the report is ready. */
  questions(): Question[];
  /** What the DNS said. The first answer to a question stays. */
  answer(question: Question, answer: Answer): void;
  /** The report. Throws while there are questions. */
  report(): Told;
  /** Gives its memory back at once; otherwise the garbage collector does some time. */
  free(): void;
}

export type Ask = (question: Question, signal: AbortSignal) => Answer | PromiseLike<Answer>;

export interface DohServer {
  /** The URL of a DNS over HTTPS server. */
  doh: string;
  /** `wire` is RFC 8484; `json` is what dns.google/resolve and cloudflare-dns.com/dns-query speak. */
  form?: 'wire' | 'json';
  /** Another `fetch`. */
  fetch?: typeof fetch;
}

export interface ResolveOptions {
  /** Ends everything: the promise rejects with its reason. */
  signal?: AbortSignal;
  /** Milliseconds for one question; then `{failure: 'timeout'}` is its answer. 5000 if left out. */
  timeout?: number;
}

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SPF' | 'TLSA' | 'TXT';
export interface Question {
  name: string;
  type: RecordType;
}

export type Answer = Lookup & {
  /** The canonical names that CNAMEs led to, in order. */
  aliases?: string[];
  /** The AD bit: the resolver vouches for it by DNSSEC. */
  authentic?: boolean;
  /** Seconds for which it may be kept. */
  ttl?: number | null;
};
export type Lookup = { records: Records } | { nodata: null } | { nxdomain: null } | { failure: Failure };
export type Failure = 'timeout' | 'servfail' | 'refused' | 'bogus' | 'malformed' | 'notasked' | 'other';
/** One property, named after the type. */
export type Records =
  | { A: string[] }
  | { AAAA: string[] }
  | { CNAME: string[] }
  | { MX: { preference: number; exchange: string }[] }
  | { NS: string[] }
  | { PTR: string[] }
  | { SOA: { primary: string; responsible: string; serial: number; minimum: number }[] }
  | { SPF: Text[] }
  | { TLSA: { usage: number; selector: number; matching: number; data: number[] }[] }
  | { TXT: Text[] };
/** A text, or the character-strings of one. */
export type Text = Piece | Piece[];
/** `hex` for octets that are not UTF-8. */
export type Piece = string | { hex: string };
/** In the order in which they were asked. */
export type Snapshot = (Question & Answer)[];

// ---- Input

/** What is asked: one of these properties. `now` is in seconds since 1970. */
export type Input =
  | { spf: SpfInput }
  | { dmarc: DmarcInput }
  | { domain: DomainInput }
  | { record: RecordInput }
  | { message: MessageInput }
  | { srs: SrsQuestionInput }
  | { sender: SenderInput }
  | { bounce: BounceInput }
  | { forward: ForwardInput };

/** May this client send for this domain? */
export interface SpfInput {
  ip: string;
  helo?: string;
  /** Without angle brackets, empty for the null path; left out to check the HELO name only. */
  mail_from?: string | null;
  receiver?: string | null;
  now?: number;
}
/** Does DMARC pass, given what SPF and DKIM say? */
export interface DmarcInput {
  /** The domain of each address in From. */
  from: string[];
  identifiers: { method: Method; domain: string; result: MethodResult }[];
}
export type Method =
  | { spf: { null_path: boolean } }
  | { dkim: { selector?: string | null; weakness?: Weakness | null } };
export type Weakness = 'partial-body' | 'test-key' | 'short-key';
export type MethodResult = 'none' | 'neutral' | 'pass' | 'policy' | 'fail' | 'softfail' | 'temperror' | 'permerror';
/** Can anybody send mail in the name of this domain? */
export interface DomainInput {
  domain: string;
  selectors?: string[];
  /** Look at the selectors that most services use too. */
  guess_selectors?: boolean;
  /** The domain that it stands for. */
  alias_of?: string | null;
  /** What fetching the policy file of MTA-STS gave. */
  mta_sts?: { status?: number | null; content_type?: string | null; failure?: string | null; body?: number[] } | null;
}
/** What is wrong with this text? */
export interface RecordInput {
  text: Text;
  kind?: Kind | null;
  domain?: string | null;
}
/** What becomes of a domain's mail on its way through others? */
export interface ForwardInput {
  /** The domain in From. */
  author: string;
  /** The address of the host that sends the mail on. */
  through: string;
  /** The domain in MAIL FROM; that of From, if left out. */
  mail_from?: string | null;
  /** `d=` of the signatures that the mail has when it is sent. */
  signed_by?: string[];
  hops?: Hop[];
}
/** What is behind the fate of this message, who acts, and what was changed? */
export interface MessageInput {
  /** Its octets; as a string each character is one octet (ISO 8859-1). */
  message: Uint8Array | ArrayBuffer | string;
  now?: number;
  headers_only?: boolean;
  /** When it was received; signatures are judged at that time. */
  received_at?: number | null;
  /** The session that delivered it; what is left out is taken from the message, as its claim. */
  connection?: {
    ip?: string | null;
    helo?: string | null;
    mail_from?: string | null;
    rcpt_to?: string[];
    tls?: boolean | null;
  };
  trusted_sealers?: string[];
  trusted_hosts?: string[];
  /** Where the message is. */
  stage?: 'receiving' | 'submission';
  /** The account that handed it in. */
  submission?: {
    login: string;
    aliases?: string[];
    alias_domains?: Record<string, string>;
    delegated?: string[];
  } | null;
  /** The mailbox that it is for. What is not known is left out. */
  mailbox?: MailboxInput | null;
}
export interface MailboxInput {
  address?: string | null;
  own_domains?: string[];
  aliases?: string[];
  alias_domains?: Record<string, string>;
  allowlist?: string[];
  catch_all?: string | null;
  sent_message_ids?: string[] | null;
  /** The secrets are read and never written. */
  srs?: {
    domain: string;
    secrets?: string[];
    separator?: string | null;
    hash_length?: number | null;
    max_age_days?: number | null;
  } | null;
}
/** What is this SRS address, and what becomes of it? The secrets are not in it: the answer is. */
export interface SrsQuestionInput {
  address: string;
  question:
    | 'inspect'
    | { forward: { forwarder: string; answer: { Ok: Forwarded } | { Err: ForwardError } } }
    | { reverse: { answer: { Ok: Reversed } | { Err: ReverseError } } };
  now?: number | null;
  max_age_days?: number | null;
}
export type Forwarded = { rewritten: { address: string; cautions: Caution[] } } | { unchanged: Unchanged };
export type Caution = 'local_part_over_64' | 'address_over_254' | 'smtputf8' | 'quoted';
export type Unchanged = 'null_sender' | 'own_domain' | 'local_domain';
export type ForwardError = 'no_at' | 'invalid_sender' | 'malformed' | 'no_secret';
export interface Reversed {
  address: string;
  case_changed: boolean;
  /** Which of the secrets. */
  secret: number;
}
export type ReverseError =
  | 'no_at'
  | 'not_srs'
  | 'malformed'
  | 'hash_too_short'
  | 'bad_hash'
  | 'bad_timestamp'
  | 'expired'
  | 'from_future'
  | 'database'
  | 'no_secret';
/** May this login send as these addresses? */
export interface SenderInput {
  directory: Directory;
  login?: string | null;
  mail_from?: string | null;
  fields?: { from?: HeaderField[]; sender?: HeaderField | null; reply_to?: HeaderField | null } | null;
}
export interface HeaderField {
  /** Which header field it is, counted from 0. */
  index?: number;
  body: Text;
}
/** Why did this mail come back? */
export type BounceInput = ({ reply: string } | { message: Uint8Array | ArrayBuffer | string }) & {
  /** Who said it. */
  host?: string | null;
  /** The envelope sender of the message that was refused. */
  mail_from?: string | null;
};

// ---- Reports

export interface Told {
  report: Report;
  /** The report for people, as plain text. */
  text: string;
}
export interface Report {
  mailproof: string;
  format: 1;
  /** What was asked; a message is a string here. */
  input: Input;
  /** Whether nothing has to be done. */
  passed: boolean;
  /** The answer in one sentence. */
  headline: string;
  /** What is behind the fate of a message. */
  causes?: { primary: Cause; secondary: Cause[] };
  verdicts: Verdict[];
  /** What each kind of receiver makes of DMARC, the first by RFC 9989; those of RFC 7489 only with `mailproof/psl`. */
  receivers?: Receiver[];
  /** The nearest remedy first. */
  advice: Advice[];
  /** The gravest first. */
  findings: Finding[];
  /** How many of the findings, in their order, are whose to act on. */
  groups?: { actor: Actor; findings: number }[];
  traces: Trace[];
  message?: MessageFacts;
  srs?: SrsFacts;
  sender?: SenderFacts;
  bounce?: BounceFacts;
  sources: SourceText[];
  snapshot: Snapshot;
}
export type Actor =
  | 'sender'
  | 'domain-owner'
  | 'sending-service'
  | 'forwarder'
  | 'list-operator'
  | 'recipient'
  | 'nobody';
export interface Cause {
  id: string;
  told: string;
  advice_to: Actor;
  advice: string;
  evidence: { text: string; at: Place | null }[];
}
export interface Verdict {
  method: string;
  identity: string;
  domain: string;
  result: string;
  because: Finding | null;
  /** A third party's text. */
  explanation: string | null;
}
export interface Receiver {
  /** RFC 9989 walks up the DNS tree, RFC 7489 uses a Public Suffix List: its section of the registries, or all of it. */
  generation: 'rfc9989' | 'rfc7489-icann' | 'rfc7489-all';
  result: 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';
  /** Where the record stands that it applies. */
  policy_domain: string | null;
  org_domain: string | null;
  policy: Policy | null;
  /** The share of failing mail that gets the policy; the rest gets one level less. */
  percent: number;
  spf_aligned: boolean;
  dkim_aligned: boolean;
}
export interface Advice {
  actor: Actor;
  text: string;
  at: Place | null;
  fix: Fix | null;
  /** The errors that are left after `fix`, which is one step of several then; in the text that it makes. */
  remaining?: Finding[];
}
export type Severity = 'error' | 'warning' | 'note';
export interface Finding {
  code: string;
  severity: Severity;
  /** What receivers do: `ok`, `part-ignored`, `permerror` … */
  effect: string;
  evidence: 'observed' | 'guessed' | 'not-checked';
  message: string;
  /** The values in the message, by name. */
  params: Record<string, string>;
  citations: string[];
  primary: Place;
  related: Place[];
  fixes: Fix[];
}
export interface Span {
  start: number;
  end: number;
}
export interface Place {
  /** Which of `sources`. */
  source: number;
  span: Span;
  utf16: Span;
  /** What is written there, with invisible characters shown. */
  quoted: string;
  text: string;
}
export type Fix = {
  title: string;
  applicability: 'machine-applicable' | 'maybe-incorrect' | 'has-placeholders';
} & (
  | { edits: { span: Span; utf16: Span; text: string }[]; result: string | null }
  | { records: { owner: string; record_type: RecordType; remove: string[]; add: string[] } }
);
export interface SourceText {
  origin: Origin;
  text: string;
  /** The character-strings of a TXT record, in bytes. */
  strings: Span[];
}
export type Origin =
  | 'given'
  | 'body'
  | { record: { owner: string; record_type: RecordType } }
  | { field: { name: string; index: number } }
  | { session: { part: string } }
  | { 'aggregate-report': { line: number } }
  | { policy: { host: string } };
export interface Counter {
  name: string;
  used: number;
  limit: number;
}
export interface Trace {
  title: string;
  counters: Counter[];
  branches: Branch[];
}
export interface Branch {
  text: string;
  at: Place | null;
  outcome: string;
  mark: 'plain' | 'no-match' | 'good' | 'bad' | 'error' | 'skipped';
  notes: string[];
  counters: Counter[];
  branches: Branch[];
}
export interface MessageFacts {
  signatures: SignatureFacts[];
  arc: { intact: boolean | null; told: string; claims: string[] } | null;
  /** Which of the signatures shows what was altered. */
  altered: number | null;
  author: string | null;
  alignment: {
    method: 'spf' | 'dkim';
    identifier: string;
    domain: string;
    result: MethodResult;
    org_domain: string | null;
    mode: 'relaxed' | 'strict' | null;
    aligned: boolean;
    why: string;
  }[];
  session: { ip: Known | null; helo: Known | null; mail_from: Known | null; rcpt_to: string[] };
  /** The hops in the order in which the message went. */
  path: {
    field: number;
    believed: boolean;
    from: string | null;
    ip: string | null;
    by: string | null;
    protocol: string | null;
    tls: boolean | null;
    authenticated: boolean;
    date: number | null;
    delay: number | null;
  }[];
}
/** What is known of the session, and which header field claims it. */
export interface Known {
  value: string;
  claimed_by: number | null;
  field: string | null;
}
export interface SrsFacts {
  form: 'srs0' | 'srs1' | 'malformed' | 'other';
  scheme: string | null;
  original: string | null;
  age_days: number | null;
  result: string | null;
}
export interface SenderFacts {
  verdict: 'accept' | 'warn' | 'reject';
  mailbox: string | null;
  mail_from: Author | null;
  from: Author[];
  sender: Author | null;
}
export interface BounceFacts {
  replies: ({ recipient: string | null } & Omit<Bounce, 'permanent' | 'advice'>)[];
  original: Notification['original'];
  unread: Notification['unread'];
}
export interface SignatureFacts {
  field: number;
  domain: string | null;
  selector: string | null;
  result: string | null;
  told: string;
  algorithm: string | null;
  signed: string[];
  body: boolean | null;
  unsigned_octets: number;
  header: boolean | null;
  key: string | null;
  key_evidence: string | null;
  alterations: AlterationFacts[];
}
export interface AlterationFacts {
  part: 'body' | 'header';
  what: string;
  header: string | null;
  at: number | null;
  length: number;
  certainty: 'proven' | 'likely' | 'unknown';
  sure: string;
  tried: number;
  told: string;
  difference: string[];
  left_out: number;
}

// ---- One text

export type Kind = 'spf' | 'dmarc' | 'dkim-key' | 'dkim-signature' | 'mta-sts' | 'tls-rpt' | 'bimi';
/** What is wrong with a record, without asking the DNS. Without `kind` it is detected. Throws for a kind or domain that is none. */
export function lint(kind: Kind | null | undefined, text: string, domain?: string | null): Told;

/** What somebody pasted. */
export function detect(text: string): Detected;
export type Detected =
  | { what: 'unknown' }
  | { what: 'domain'; domain: string }
  | { what: 'address'; address: string; domain: string }
  | { what: 'srs'; address: string }
  | { what: 'record'; kind: Kind; text: string }
  | { what: 'zone' | 'dig'; records: ZoneLine[] }
  | { what: 'auth-results'; text: string }
  | { what: 'header' | 'message' | 'bounce' | 'reply' };
export interface ZoneLine {
  owner: string;
  type: RecordType;
  /** The joined text of a TXT record. */
  data: string;
  kind: Kind | null;
}

export interface Rule {
  code: string;
  severity: Severity;
  effect: string;
  title: string;
  citations: string[];
  covers: string[];
}
export interface Page extends Rule {
  /** With `{name}` where a value of `params` goes. */
  message: string;
  /** Markdown. */
  page: string;
}
/** The page of a code, or null. `mailproof/lint` has the pages of what `lint` can report. */
export function explain(code: string): Page | null;
/** Every code; in `mailproof/lint`, those that `lint` can report. */
export function codes(): Rule[];

// ---- SRS

export interface SrsInput {
  /** An addr-spec without angle brackets. */
  address: string;
  /** The first signs, all verify. */
  secrets: string[];
  now: number;
  settings?: {
    separator?: '=' | '+' | '-';
    alphabet?: 'url-safe' | 'standard';
    hash_length?: number;
    hash_min?: number | null;
    max_age_days?: number;
    always_rewrite?: boolean;
    /** With a dot in front: all domains below. */
    local_domains?: string[];
  };
}
export type SrsError<Word = string> = { error: Word; message: string };
/** The reverse-path with which `forwarder` sends on a message. */
export function srsForward(input: SrsInput & { forwarder: string }):
  | { address: string; unchanged?: Unchanged; cautions: Caution[] }
  | SrsError<ForwardError>;
/** Where a bounce goes on. */
export function srsReverse(input: SrsInput): Reversed | SrsError<ReverseError>;
/** What an address is, seen as SRS. */
export function srsInspect(address: string, now?: number): SrsAddress & {
  /** Another scheme that wrote it, with the places of its parts. */
  dialect: ({ dialect: string } & Record<string, string | Span>) | null;
  scheme: string | null;
  /** The sender behind it, as it says. */
  original: string | null;
  findings: Finding[];
  sources: SourceText[];
};
export type SrsAddress =
  | ({ form: 'srs0'; tag: Span; separator: Span } & SrsParts)
  | { form: 'srs1'; tag: Span; separator: Span; hash: Span; host: Span; rest: Span; inner: (SrsParts & { separator: Span }) | null }
  | { form: 'malformed'; tag: Span; separator: Span; missing: string; at: Span }
  | { form: 'other' };
export interface SrsParts {
  hash: Span;
  stamp: Span;
  host: Span;
  user: Span;
}

// ---- Bounces

/** What a reply or a notification (RFC 3464) says; `bounces` is empty for a message that reports nothing. */
export function bounce(input: {
  reply?: string | null;
  message?: Uint8Array | ArrayBuffer | string | null;
  /** Who said it. */
  host?: string | null;
  /** The envelope sender of the message that was refused. */
  mail_from?: string | null;
}): { notification: Notification | null; bounces: Bounce[] };
export type Enhanced = [number, number, number];
export interface Bounce {
  reply: {
    code: number | null;
    enhanced: Enhanced | null;
    text: string;
    host: string | null;
    stage: 'connect' | 'mail' | 'rcpt' | 'data' | null;
  };
  provider: string | null;
  /** Whether `provider` is one, and not software that anybody runs. */
  is_provider: boolean;
  cause: string;
  basis: 'host-and-words' | 'words' | 'likely-words' | 'code' | 'nothing';
  forwarded: boolean;
  /** The address that a redirect led to, if the one that was written to is another one. */
  redirected_to: string | null;
  actor: Actor;
  permanent: boolean | null;
  advice: { actor: Actor; text: string }[];
}
export interface Notification {
  reporting_mta: string | null;
  to: string | null;
  recipients: {
    address: string | null;
    original_address: string | null;
    action: string | null;
    status: Enhanced | null;
    remote_mta: string | null;
    diagnostic: string | null;
  }[];
  notice: string;
  original: {
    from: string | null;
    return_path: string | null;
    to: string | null;
    subject: string | null;
    message_id: string | null;
    signed_by: string[];
    received: string[];
  } | null;
  is_standard: boolean;
  /** What was not looked at, since there is more of it than anybody sends. */
  unread: { recipients: number; parts: number; deep: number; octets: number };
}

// ---- Forwarding

/** What the last receiver finds after all hops. */
export function predict(input: { author: ForwardedAuthor; hops: Hop[] }): Prediction;
export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';
export type Policy = 'none' | 'quarantine' | 'reject';
export interface ForwardedAuthor {
  /** What SPF says of a host that the record does not list. */
  spf_elsewhere: SpfResult;
  spf_pass: boolean;
  spf_aligned: boolean;
  null_sender: boolean;
  signatures: { aligned: boolean; relaxed: boolean; partial_body: boolean }[];
  policy: Policy;
}
export type Hop =
  | { redirect: { srs: boolean } }
  | { disclaimer: { srs: boolean; signs: boolean } }
  | {
      list: {
        tag?: boolean;
        footer?: boolean;
        munging?: 'none' | 'from' | 'wrap';
        signs?: boolean;
        arc?: 'trusted' | 'untrusted' | null;
      };
    }
  | 'recode'
  | 'refold'
  | 'same-message-id';
export interface Prediction {
  spf: SpfResult;
  spf_aligned: boolean;
  author_dkim: boolean[];
  dkim_aligned: boolean;
  dmarc: 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';
  disposition: Policy;
  arc_override: boolean;
  shown: boolean;
  advice: { actor: Actor; text: string }[];
}

// ---- Senders

/** Who may write as whom. Throws for a directory with an entry that is no address. */
export function sender(input: {
  directory: Directory;
  /** Null or left out: nobody is logged in. */
  login?: string | null;
  /** Empty for the null path; left out if it is not known. */
  mail_from?: string | null;
  /** Left out if only the envelope is known. */
  header?: { from?: string[]; sender?: string | null; reply_to?: string | null } | null;
}): {
  verdict: 'accept' | 'warn' | 'reject';
  login: string | null;
  mailbox: string | null;
  mail_from: Author | null;
  from: Author[];
  sender: Author | null;
  advice: { actor: Actor; text: string }[];
  findings: Finding[];
  sources: SourceText[];
};
export interface Author {
  address: string;
  status: string;
  synonym_of: string | null;
}
export interface Directory {
  subaddress_delimiter?: string;
  /** Login to the address of its mailbox. */
  logins?: Record<string, string>;
  /** Address to the logins or addresses that it stands for. */
  aliases?: Record<string, string[]>;
  alias_domains?: Record<string, string>;
  synonym_domains?: Record<string, string>;
  wildcards?: Record<string, string[]>;
  delegations?: { address: string; to: string; right: 'send_as' | 'send_on_behalf' }[];
  receive_only?: string[];
  inactive?: string[];
  any_sender?: string[];
}
