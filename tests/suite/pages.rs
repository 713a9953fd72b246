//! The pages cannot lie: each `bad` block reports its code, each `good` one does not.

use mailproof::dns::{Answer, Question, RecordType, Records, Snapshot, Step};
use mailproof::finding::{Diagnostic, Rule, Subject};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, LintOptions, Session};
use mailproof::text::Source;
use mailproof::{Name, Timestamp, aggregate, bimi, mta_sts, tls_rpt};

use crate::dkim_pages;
use crate::world::{self, NOW};

/// What finds something in a block, by the first word of its fence and the protocol of its code.
const KINDS: &[(&str, &str, Run)] = &[
    ("agg-", "aggregate", |block| aggregate::lint(&aggregate::Report::read(block.text.as_bytes()))),
    ("bimi-", "bimi", |block| bimi::lint(&Source::new(&block.text))),
    ("bimi-", "bimi-logo", bimi_logo),
    ("bimi-", "bimi-zone", bimi_zone),
    ("dkim-", "dkim-key", dkim_pages::key),
    ("dkim-", "dkim-message", dkim_pages::message),
    ("dkim-", "dkim-signature", dkim_pages::signature),
    ("dkim-", "strings", dkim_pages::strings),
    ("dkim-", "zone", dkim_pages::zone),
    ("sts-", "mta-sts", |block| mta_sts::lint(&Source::new(&block.text))),
    ("sts-", "mta-sts-policy", mta_sts_policy),
    ("sts-", "zone", |block| at_domain(block, mta_sts::lint_domain)),
    ("tlsrpt-", "tls-rpt", |block| tls_rpt::lint(&Source::new(&block.text))),
    ("tlsrpt-", "zone", |block| at_domain(block, tls_rpt::lint_domain)),
    ("dns-", "panel", panel),
    ("dns-", "mta-sts", |block| mta_sts::lint(&Source::new(&block.text))),
    ("", "spf", spf_record),
    ("spf-", "zone", spf_zone),
    ("spf-", "servers", spf_servers),
    ("spf-", "session", spf_session),
    ("spf-", "strings", spf_strings),
    ("", "domain", whole_domain),
    ("", "message", message),
    ("", "forwarding", forwarding),
    ("zone-", "zone-file", zone_file),
    ("spf-", "received-spf", |block| spf::lint_received_spf(&block.text)),
];

/// Kinds that the tests beside their rules run: what they run is not public, or needs what only stands there.
const RUN_BESIDE_THEIR_RULES: &[(&str, &str)] = &[
    ("align", "dmarc-eval"),
    ("arc-", "message"),
    ("arc-", "sealed"),
    ("dkim-", "signed"),
    ("dmarc-", "dmarc"),
    ("dmarc-", "dmarc-eval"),
    ("dmarc-", "zone"),
    ("", "fields"),
    ("", "sender"),
    ("", "session-facts"),
    ("", "srs"),
];

/// Codes whose `bad` block no zone text can hold, or no page: two types of records that exclude each other, DNSSEC, and what takes
/// hundreds of mistakes.
const NOT_WRITABLE: &[&str] = &[
    "more-findings",
    "more-not-looked-at",
    "dns-record-rest-unread",
    "dkim-sig-z-rest",
    "dmarc-cname-conflict",
    "dmarc-lookup-insecure",
    "dkim-key-dnssec",
    "sts-cname-conflict",
    "tlsrpt-cname-conflict",
];

type Run = fn(&Block) -> Vec<Diagnostic>;

/// A fenced block of a page.
pub struct Block {
    pub rule: &'static Rule,
    pub kind: String,
    pub is_bad: bool,
    /// What stands behind `bad` or `good`.
    pub words: Vec<String>,
    /// Its lines; `\u{…}` stands for the character, so that invisible ones can be seen.
    pub text: String,
}

#[test]
fn every_block_tells_the_truth() {
    let mut wrong = Vec::new();
    for block in blocks() {
        let found = block.run();
        let told = found.iter().any(|found| found.code == block.rule.code);
        if told != block.is_bad {
            let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
            let (what, got) = if block.is_bad { ("bad", "does not report it") } else { ("good", "reports it") };
            wrong.push(format!("{}: a {what} block {got}; found {codes:?}\n{}", block.rule.code, block.text));
        }
    }
    assert!(wrong.is_empty(), "{} blocks\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_page_has_a_title_and_both_blocks() {
    for rule in mailproof::rules() {
        let blocks: Vec<Block> = blocks_of(rule);
        assert!(!rule.title().is_empty() && rule.page.trim_start().starts_with("# "), "{}", rule.code);
        for is_bad in [true, false] {
            let written = blocks.iter().any(|block| block.is_bad == is_bad);
            assert!(written || NOT_WRITABLE.contains(&rule.code), "{} has no bad: {is_bad}", rule.code);
        }
    }
}

#[test]
fn messages_have_all_their_values() {
    for block in blocks().into_iter().filter(|block| block.is_bad) {
        for found in block.run() {
            let message = found.message();
            let template = found.code.rule().template;
            for name in template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name) {
                let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !name.is_empty();
                assert!(!is_name || found.params.get(name).is_some(), "{}: no `{name}` in {message}", found.code);
            }
            assert!(!message.contains('\n') && !message.ends_with('.'), "{message}");
        }
    }
}

fn zone_file(block: &Block) -> Vec<Diagnostic> {
    let linted = mailproof::zone_file::lint(&block.text, &Name::root()).expect("a zone file");
    linted.findings.into_iter().map(|placed| placed.finding).collect()
}

/// All blocks of all pages that run here.
pub fn blocks() -> Vec<Block> {
    let all = mailproof::rules().flat_map(blocks_of);
    let beside = |block: &Block| {
        RUN_BESIDE_THEIR_RULES.iter().any(|(prefix, kind)| block.rule.code.starts_with(prefix) && *kind == block.kind)
    };
    all.filter(|block| !beside(block)).collect()
}

fn blocks_of(rule: &'static Rule) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut words = fence.split_whitespace().map(str::to_owned);
        let kind = words.next().unwrap_or_default();
        let verdict = words.next();
        let is_bad = match verdict.as_deref() {
            Some("bad") => true,
            Some("good") => false,
            // A block that only shows something.
            _ => continue,
        };
        blocks.push(Block { rule, kind, is_bad, words: words.collect(), text: unescape(&text.join("\n")) });
    }
    blocks
}

impl Block {
    /// What is found in it.
    pub fn run(&self) -> Vec<Diagnostic> {
        let mut kinds =
            KINDS.iter().filter(|(protocol, kind, _)| self.rule.code.starts_with(protocol) && *kind == self.kind);
        match kinds.next() {
            Some((_, _, run)) => run(self),
            None => panic!("{}: nothing runs blocks of kind `{}`", self.rule.code, self.kind),
        }
    }

    /// The word `key=value`.
    fn value(&self, key: &str) -> &str {
        let value = self.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        value.unwrap_or_else(|| panic!("{}: a block of kind `{}` needs `{key}=`", self.rule.code, self.kind))
    }

    /// The first word, a domain.
    pub fn domain(&self) -> Name {
        let domain = self.words.first().unwrap_or_else(|| panic!("{}: which domain?", self.rule.code));
        domain.parse().unwrap_or_else(|error| panic!("{}: {error}", self.rule.code))
    }

    /// The options that the words set.
    pub fn spf_options(&self) -> LintOptions {
        let has = |option: &str| self.words.iter().any(|word| word == option);
        LintOptions::default().parked(has("parked")).public_suffix(has("public-suffix"))
    }
}

/// A text of any kind, as it was pasted.
fn panel(block: &Block) -> Vec<Diagnostic> {
    let report = mailproof::report::Input::record(&block.text).check(&Snapshot::new());
    report.done().expect("a text asks nothing").findings
}

/// A lint of the block's domain in its zone.
fn at_domain(block: &Block, lint: fn(&Snapshot, &Name) -> Step<Vec<Diagnostic>>) -> Vec<Diagnostic> {
    let (zone, domain) = (world::zone(&block.text), block.domain());
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| lint(dns, &domain))
}

/// A policy file as it was fetched, and behind `; zone` the mail servers of d.example.
fn mta_sts_policy(block: &Block) -> Vec<Diagnostic> {
    let (file, zone) = block.text.split_once("; zone\n").unwrap_or((&block.text, ""));
    let word = |key: &str| block.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let mut fetched = mta_sts::Fetched::body(file.as_bytes());
    fetched.status = word("status").and_then(|status| status.parse().ok());
    fetched.content_type = word("content-type").map(str::to_owned);
    if let Some(octets) = word("repeat").and_then(|octets| octets.parse().ok()) {
        fetched.body.resize(octets, b'\n');
    }
    let (zone, domain) = (world::zone(zone), "d.example".parse().expect("a name"));
    let resolve = |question: &Question| zone.answer(question);
    drive_sync(&mut Snapshot::new(), resolve, |dns| mta_sts::lint_policy(dns, &domain, &fetched))
}

/// BIMI of a domain in a zone; the words are facts about a message and the certificate.
fn bimi_zone(block: &Block) -> Vec<Diagnostic> {
    let (zone, domain) = (world::zone(&block.text), block.domain());
    let mut dns = Snapshot::new();
    let mut facts =
        drive_sync(&mut dns, |question| zone.answer(question), |dns| mailproof::domain::bimi_facts(dns, &domain));
    let has = |fact: &str| block.words.iter().any(|word| word == fact);
    facts.signed_in_part = has("dkim-length");
    facts.now = Some(Timestamp(2));
    let end = if has("certificate=expired") { 1 } else { 3 };
    let certificate = bimi::Certificate { not_after: Some(Timestamp(end)), ..bimi::Certificate::default() };
    facts.certificate = Some(certificate);
    drive_sync(&mut dns, |question| zone.answer(question), |dns| bimi::lint_domain(dns, &domain, &facts))
}

/// A logo; `pad=` makes it so many octets long.
fn bimi_logo(block: &Block) -> Vec<Diagnostic> {
    let mut svg = block.text.clone().into_bytes();
    if let Some(octets) = block.words.iter().find_map(|word| word.strip_prefix("pad=")?.parse().ok()) {
        svg.resize(octets, b'\n');
    }
    bimi::lint_logo(&"d.example".parse().expect("a name"), &svg)
}

fn spf_record(block: &Block) -> Vec<Diagnostic> {
    block.text.lines().flat_map(|text| spf::lint_text(&Source::new(text))).collect()
}

fn spf_zone(block: &Block) -> Vec<Diagnostic> {
    lint_domain(&world::zone(&block.text), &block.domain(), &block.spf_options())
}

/// The character-strings of one record, each on a line of its own: also what no zone text can hold.
fn spf_strings(block: &Block) -> Vec<Diagnostic> {
    let (domain, zone) = (block.domain(), Zone::new());
    let record = Answer::from(Records::Txt(vec![Source::from_strings(block.text.lines())]));
    let mut dns = Snapshot::new();
    dns.insert(Question::new(domain.clone(), RecordType::Txt), record);
    drive_sync(&mut dns, |question| zone.answer(question), |dns| spf::lint_domain(dns, &domain, &block.spf_options()))
}

/// What the servers say, one zone after another, each behind a line `; server NAME`.
fn spf_servers(block: &Block) -> Vec<Diagnostic> {
    let domain = block.domain();
    let mut zones = block.text.split("; server ").skip(1).map(|part| {
        let (server, text) = part.split_once('\n').unwrap_or((part, ""));
        (server.trim(), world::zone(text))
    });
    let mut options = block.spf_options();
    let mut first = None;
    for (server, zone) in zones.by_ref() {
        options = options.server(server, zone.answer(&Question::new(domain.clone(), RecordType::Txt)));
        first = first.or(Some(zone));
    }
    let zone = first.unwrap_or_else(|| panic!("{}: no server", block.rule.code));
    lint_domain(&zone, &domain, &options)
}

fn spf_session(block: &Block) -> Vec<Diagnostic> {
    let zone = world::zone(&block.text);
    let ip = block.value("ip").parse().unwrap_or_else(|error| panic!("{}: {error}", block.rule.code));
    let session = Session::new(ip, block.value("helo"), block.value("mail-from"));
    let resolve = |question: &Question| zone.answer(question);
    let outcome = drive_sync(&mut Snapshot::new(), resolve, |dns| spf::check_host(dns, &session, NOW));
    let mut found = spf::explain(&outcome, &session);
    // `reported=pass`: what another receiver wrote into the message.
    if let Some(reported) = block.words.iter().find_map(|word| word.strip_prefix("reported=")) {
        let result =
            serde_json::from_value(reported.into()).unwrap_or_else(|error| panic!("{}: {error}", block.rule.code));
        let field = Subject::given(&format!("spf={reported}"));
        found.extend(spf::compare_reported(result, &outcome, &field));
    }
    found
}

/// A domain as a whole: the text as typed, and the selectors that are given.
fn whole_domain(block: &Block) -> Vec<Diagnostic> {
    let mut text = block.text.clone();
    // `pad=` adds a record of so many octets.
    if let Some(octets) = block.words.iter().find_map(|word| word.strip_prefix("pad=")?.parse::<usize>().ok()) {
        let strings = vec![format!("\"{}\"", "x".repeat(100)); octets.div_ceil(100)];
        text.push_str(&format!("\n{}. TXT {}", block.domain(), strings.join(" ")));
    }
    let zone = world::zone(&text);
    let typed = block.words.first().unwrap_or_else(|| panic!("{}: which domain?", block.rule.code));
    let mut input = mailproof::domain::Input::new(typed);
    if let Some(main) = block.words.iter().find_map(|word| word.strip_prefix("alias-of=")) {
        input.alias_of = Some(main.parse().unwrap_or_else(|error| panic!("{}: {error}", block.rule.code)));
    }
    for selector in block.words.iter().filter_map(|word| word.strip_prefix("selector=")) {
        input = input.selector(selector.parse().unwrap_or_else(|error| panic!("{}: {error}", block.rule.code)));
    }
    let resolve = |question: &Question| zone.answer(question);
    drive_sync(&mut Snapshot::new(), resolve, |dns| mailproof::domain::check(dns, &input)).findings
}

/// A message that was passed on, and what the receiver found: `spf=fail:aligned`, `dkim=pass:d.example:aligned`,
/// `dmarc=fail:reject`, `arc=pass`.
fn forwarding(block: &Block) -> Vec<Diagnostic> {
    use mailproof::forwarding::{Arc, Dkim, Dmarc, Facts, Spf, findings};
    let text = format!("{}\r\n\r\n", block.text.split('\n').collect::<Vec<_>>().join("\r\n"));
    let message = mailproof::message::Message::parse(text.as_bytes());
    let mut facts = Facts::of(&message, &[]);
    for (key, value) in block.words.iter().filter_map(|word| word.split_once('=')) {
        let (result, rest) = value.split_once(':').unwrap_or((value, ""));
        let word = |text: &str| serde_json::Value::from(text);
        match key {
            "mail-from" => facts.mail_from = Some(value.to_owned()),
            "spf" => {
                let result = serde_json::from_value(word(result)).expect("an SPF result");
                facts.spf = Some(Spf { result, aligned: rest == "aligned" });
            }
            "dkim" if result == "none" => facts.dkim = Some(Vec::new()),
            "dkim" => {
                let (domain, aligned) = rest.split_once(':').unwrap_or((rest, ""));
                let domain = domain.parse().expect("a domain");
                let aligned = aligned == "aligned";
                let dkim = Dkim { domain, passes: result == "pass", aligned, broken_by: None };
                facts.dkim.get_or_insert_default().push(dkim);
            }
            "dmarc" => {
                let result = serde_json::from_value(word(result)).expect("a DMARC result");
                facts.dmarc = Some(Dmarc { result, policy: serde_json::from_value(word(rest)).expect("a policy") });
            }
            "arc" => facts.arc = Some(Arc { intact: result == "pass", passed_before: true }),
            _ => panic!("{}: `{key}`?", block.rule.code),
        }
    }
    findings(&facts)
}

/// A message: each line ends in CRLF, and an empty line follows. The words are facts.
fn message(block: &Block) -> Vec<Diagnostic> {
    use mailproof::message::{LintOptions, Message, Verdict, lint};
    let text = format!("{}\r\n\r\n", block.text.split('\n').collect::<Vec<_>>().join("\r\n"));
    let name = |text: &str| -> Name { text.parse().unwrap_or_else(|error| panic!("{}: {error}", block.rule.code)) };
    let options = block.words.iter().fold(LintOptions::default(), |options, word| match word.split_once('=') {
        Some(("known", domain)) => options.known(name(domain)),
        Some(("trusted", host)) => options.trusted(name(host)),
        Some(("authenticated", domain)) => options.authenticated([name(domain)]),
        Some(("brand", value)) => {
            let (brand, domain) = value.split_once(':').expect("`brand=Name:domain`");
            options.brand(brand.replace('-', " "), name(domain))
        }
        Some(("verdict", value)) => {
            let [method, domain, result] = value.split(':').collect::<Vec<_>>()[..] else { panic!("{value}") };
            options.verdict(Verdict { method: method.into(), domain: Some(name(domain)), result: result.into() })
        }
        None if word == "bulk" => options.bulk(true),
        _ => panic!("{}: `{word}`?", block.rule.code),
    });
    lint(&Message::parse(text.as_bytes()), &options)
}

/// The findings about a domain in a zone.
pub fn lint_domain(zone: &Zone, domain: &Name, options: &LintOptions) -> Vec<Diagnostic> {
    let resolve = |question: &Question| zone.answer(question);
    drive_sync(&mut Snapshot::new(), resolve, |dns| spf::lint_domain(dns, domain, options))
}

/// `\u{a0}` → U+00A0.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        out.push_str(before);
        let Some((code, tail)) = after.split_once('}') else { panic!("`\\u{{` without `}}` in {text}") };
        // `\u{repeat 1000}` is a long word.
        if let Some(count) = code.strip_prefix("repeat ") {
            out.push_str(&"x".repeat(count.parse().unwrap_or_else(|error| panic!("{code}: {error}"))));
        } else {
            let c = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            out.push(c.unwrap_or_else(|| panic!("no character {code}")));
        }
        rest = tail;
    }
    out + rest
}
