//! The same things with more and more input: what they cost must grow as the input does.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use mailproof::dkim;
use mailproof::dns::{Answer, Question, RecordType, Records, Snapshot};
use mailproof::finding::{Applicability, apply_all};
use mailproof::message::{self, AddressList, AuthResults, Message, diagnose};
use mailproof::report::{Detected, Input, MessageInput};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, Session};
use mailproof::text::Source;
use mailproof::{Name, Timestamp, aggregate, arc, bimi, bounce, dmarc, mta_sts, tls_rpt, zone_file};

use super::Work;
use super::mail::NOW;
use crate::support::{bytes, complete, zone};

/// A thing that is done with more and more input.
pub struct Growth {
    pub name: &'static str,
    /// How many units of input: [`Growth::sizes`] for the plots, of which the first and [`Growth::counted`] are for the counts.
    pub sizes: &'static [usize],
    pub counted: usize,
    /// How many times ten times the input may cost. Linear with room for `n log n` is 15.
    pub steepest: f64,
    pub make: fn(usize) -> Work,
}

/// How a unit is called, and how many of them.
const OCTETS: &[usize] = &[1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const MANY: &[usize] = &[10, 100, 1_000, 10_000];
const FIELDS: &[usize] = &[10, 100, 1_000];
const SETS: &[usize] = &[5, 10, 25, 50];

const fn growth(name: &'static str, sizes: &'static [usize], counted: usize, make: fn(usize) -> Work) -> Growth {
    Growth { name, sizes, counted, steepest: 15.0, make }
}

/// RFC 8617 §5.1.1: each seal covers all sets before it, so some of the cost grows as their square; there are 50 at most.
const fn of_sets(name: &'static str, make: fn(usize) -> Work) -> Growth {
    Growth { steepest: 40.0, ..growth(name, SETS, 50, make) }
}

/// All, in the order of the issue they answer.
pub const ALL: &[Growth] = &[
    growth("message-octets/parse", OCTETS, 1_000_000, |n| {
        let mail = body(n);
        Work::same(move || Message::parse(&mail).body().len())
    }),
    growth("message-octets/lint", OCTETS, 1_000_000, |n| lint_mail(body(n))),
    growth("message-octets/dkim", OCTETS, 100_000, |n| dkim_of(body(n))),
    growth("message-octets/diagnose", OCTETS, 100_000, |n| diagnose_mail(body(n))),
    growth("message-octets/delimiters", OCTETS, 100_000, |n| {
        let mut mail = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n".to_vec();
        mail.extend(String::from_utf8_lossy(&header()).replace("Content-Type:", "X-Content-Type:").bytes());
        mail.extend(b"\r\n--a".iter().cycle().take(n));
        diagnose_mail(mail)
    }),
    growth("message-octets/one-line", OCTETS, 100_000, |n| diagnose_mail([header(), vec![b'x'; n]].concat())),
    growth("spf-terms/parse", MANY, 10_000, |n| {
        let text = spf_record(n);
        Work::same(move || spf::Record::parse(&text))
    }),
    growth("spf-terms/lint", MANY, 1_000, |n| lint_spf(spf_record(n))),
    growth("spf-terms/lint-networks", MANY, 1_000, |n| lint_spf(spf_networks(n))),
    growth("spf-terms/lint-typos", MANY, 1_000, |n| lint_spf(spf_typos(n))),
    growth("spf-terms/lint-macros", MANY, 1_000, |n| {
        lint_spf(format!("v=spf1{} -all", " exists:%{l1r+-}.%{d}".repeat(n)))
    }),
    growth("spf-terms/lint-unterminated", MANY, 1_000, |n| lint_spf(format!("v=spf1{} -all", " a:%{d%{d".repeat(n)))),
    growth("spf-terms/one-macro", MANY, 10_000, |n| {
        let text = format!("v=spf1 exists:{}.example", "%{d}".repeat(n));
        Work::same(move || spf::Record::parse(&text))
    }),
    growth("spf-terms/check-host", MANY, 1_000, |n| check_host(spf_networks(n))),
    growth("spf-terms/tree", MANY, 1_000, |n| spf_tree(spf_networks(n))),
    growth("spf-terms/lint-domain", MANY, 1_000, |n| spf_domain(spf_networks(n))),
    growth("spf-terms/lint-parts", FIELDS, 1_000, spf_parts),
    growth("spf-terms/lint-huge", MANY, 1_000, |n| lint_spf(spf_huge(n))),
    growth("spf-terms/lint-huge-included", MANY, 1_000, |n| {
        let include = Source::new("v=spf1 include:a.example -all");
        lint_zone([("d.example", vec![include]), ("a.example", vec![Source::new(&spf_huge(n))])])
    }),
    growth("spf-terms/lint-opening", MANY, 1_000, |n| lint_spf(spf_opening(n))),
    growth("spf-terms/lint-two-records", MANY, 1_000, |n| lint_spf(spf_pasted(n))),
    growth("spf-terms/lint-exp-texts", MANY, 1_000, |n| lint_spf(format!("v=spf1{}", " exp=a".repeat(n)))),
    growth("spf-terms/report", MANY, 1_000, |n| told(spf_typos(n))),
    growth("spf-terms/report-networks", MANY, 1_000, |n| told(spf_networks(n))),
    growth("spf-terms/report-not-ascii", MANY, 1_000, |n| told(format!("v=spf1{} -all", " ä:x".repeat(n)))),
    growth("spf-terms/apply-all", MANY, 1_000, |n| {
        let text = spf_typos(n);
        Work::same(move || apply_all(&text, Applicability::MaybeIncorrect, |text| spf::lint_text(&text.into())))
    }),
    growth("dmarc-tags/lint", MANY, 1_000, |n| lint_dmarc(format!("v=DMARC1; p=none{}", "; x=y".repeat(n)))),
    growth("dmarc-tags/lint-uris", MANY, 1_000, |n| {
        lint_dmarc(format!("v=DMARC1; p=none; rua=mailto:a@b.example{}", ",mailto:a@b.example!1m".repeat(n)))
    }),
    growth("dmarc-tags/lint-semicolons", MANY, 1_000, |n| lint_dmarc(format!("v=DMARC1; p=none{}", ";".repeat(n)))),
    growth("dmarc-tags/report", MANY, 1_000, |n| told(format!("v=DMARC1; p=none{}", "; x=y".repeat(n)))),
    growth("dkim-tags/lint-key", MANY, 1_000, |n| lint_key(format!("v=DKIM1; p={}", "; x=y".repeat(n)))),
    growth("dkim-tags/lint-key-data", MANY, 1_000, |n| lint_key(format!("v=DKIM1; p={}", "QUJD ".repeat(n)))),
    growth("dkim-tags/lint-signature", MANY, 1_000, |n| {
        let text = format!("v=1; a=rsa-sha256; d=a.example; s=s; bh=; b=; h=from{}", ":x".repeat(n));
        let (source, facts) = (Source::new(&text), dkim::SignatureFacts::default());
        Work::same(move || dkim::lint_signature(&source, &facts))
    }),
    growth("misspelt-fields/lint", MANY, 10_000, |n| {
        let fields = |version: &str, field: &str| format!("{version}; {}", field.repeat(n));
        let records = [fields("v=STSv1", "id:1;"), fields("v=TLSRPTv1", "rua:x;"), fields("v=BIMI1", "l:x;")];
        let [sts, tls, logo] = records.map(|text| Source::new(&text));
        Work::same(move || [mta_sts::lint(&sts), tls_rpt::lint(&tls), bimi::lint(&logo)])
    }),
    growth("header-fields/lint", FIELDS, 1_000, |n| lint_mail(fields(n, "X-A: b\r\n"))),
    growth("header-fields/diagnose", FIELDS, 1_000, |n| diagnose_mail(fields(n, "X-A: b\r\n"))),
    growth("header-fields/received", FIELDS, 1_000, |n| {
        diagnose_mail(fields(
            n,
            "Received: from a.example (a.example [192.0.2.1]) by b.example; Sat, 21 Nov 2026 10:00:30 +0000\r\n",
        ))
    }),
    growth("header-fields/auth-results", FIELDS, 1_000, |n| {
        diagnose_mail(fields(
            n,
            "Authentication-Results: a.example; dkim=pass header.d=b.example; spf=fail smtp.mailfrom=b.example\r\n",
        ))
    }),
    growth("header-fields/froms", FIELDS, 1_000, |n| lint_mail(fields(n, "From: a@b.example\r\n"))),
    growth("header-fields/folded", MANY, 10_000, |n| {
        lint_mail(fields(1, &format!("X-A: b{}\r\n", "\r\n c".repeat(n))))
    }),
    growth("header-values/from", MANY, 10_000, |n| {
        let text = "\"A, B\" <a@b.example>, ".repeat(n);
        Work::same(move || AddressList::parse(&text))
    }),
    growth("header-values/from-lint", MANY, 1_000, |n| {
        lint_mail(fields(1, &format!("From: c@d.example{}\r\n", ",\r\n \"A\" <a@b.example>".repeat(n))))
    }),
    growth("header-values/comments", MANY, 10_000, |n| {
        let text = format!("a@b.example {}{}", "(".repeat(n), ")".repeat(n));
        Work::same(move || AddressList::parse(&text))
    }),
    growth("header-values/results", MANY, 10_000, |n| {
        let text = format!("a.example{}", "; dkim=pass header.d=b.example".repeat(n));
        Work::same(move || AuthResults::parse(&text))
    }),
    growth("signatures/dkim", FIELDS, 1_000, |n| {
        let signature = String::from_utf8(header()).expect("ASCII");
        let signature = signature.split_inclusive("==;\r\n").next().expect("a signature").to_owned();
        assert!(signature.starts_with("DKIM-Signature"), "{signature}");
        dkim_of(fields(n, &signature))
    }),
    growth("signatures/diagnose", FIELDS, 1_000, |n| {
        diagnose_mail(fields(n, "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; bh=; b=; h=from\r\n"))
    }),
    of_sets("signatures/arc-sets", |n| {
        let (mail, dns) = (sealed(n), sealers());
        Work::same(move || arc::verify(&dns, &Message::parse(&mail), NOW))
    }),
    of_sets("signatures/arc-diagnose", |n| diagnose_mail(sealed(n))),
    growth("mime-parts/lint", FIELDS, 1_000, |n| lint_mail(parts(n))),
    growth("mime-parts/diagnose", FIELDS, 1_000, |n| diagnose_mail(parts(n))),
    growth("mime-parts/nested", FIELDS, 1_000, |n| diagnose_mail(nested(n))),
    growth("zone-lines/parse", MANY, 10_000, |n| {
        let text = zone_text(n);
        Work::same(move || Zone::parse(&text).map(|zone| zone.entries().len()))
    }),
    growth("zone-lines/lint", MANY, 1_000, |n| {
        let (text, origin) = (zone_text(n), Name::root());
        Work::same(move || zone_file::lint(&text, &origin).map(|found| found.findings.len()))
    }),
    growth("zone-lines/detect", MANY, 1_000, |n| {
        let text = zone_text(n);
        Work::same(move || Detected::of(&text))
    }),
    growth("zone-lines/detect-one-name", MANY, 1_000, |n| {
        let text = "a.example. IN TXT \"v=spf1 -all\"\n".repeat(n);
        Work::same(move || Detected::of(&text))
    }),
    growth("bounce-lines/reply", MANY, 10_000, |n| {
        let text = "550-5.7.1 the mail is refused by the policy of the domain\r\n".repeat(n);
        Work::same(move || bounce::diagnose(&text, &bounce::Context::default()).cause)
    }),
    growth("bounce-lines/recipients", FIELDS, 1_000, |n| {
        let text = dsn(n);
        Work::same(move || bounce::Dsn::parse(&text).map(|dsn| dsn.recipients.len()))
    }),
    growth("bounce-lines/one-text-for-all", FIELDS, 1_000, |n| {
        let text = listed(n);
        Work::same(move || bounce::Dsn::parse(&text).map(|dsn| dsn.bounces().len()))
    }),
    growth("bounce-lines/bounces", FIELDS, 1_000, |n| {
        let dsn = bounce::Dsn::parse(&dsn(n));
        Work::same(move || dsn.as_ref().map(|dsn| dsn.bounces().len()))
    }),
    growth("bounce-lines/html", MANY, 10_000, |n| {
        let head = "From: mailer-daemon@d.example\r\nContent-Type: text/html\r\n\r\n";
        let text = format!("{head}{}", "<p>It&#39;s <b>refused</b>:<br> user &lt;unknown&gt;</p>\r\n".repeat(n));
        Work::same(move || bounce::Dsn::parse(text.as_bytes()).map(|dsn| dsn.recipients.len()))
    }),
    growth("hostile/spf", MANY, 10_000, |n| {
        hostile(n, "v=spf1 include:", " x -all", |text| drop(spf::lint_text(&text.into())))
    }),
    growth("hostile/spf-whole", MANY, 10_000, |n| {
        hostile(n, "", "v=spf1 -all", |text| drop(spf::lint_text(&text.into())))
    }),
    growth("hostile/dmarc", MANY, 10_000, |n| {
        hostile(n, "v=DMARC1; p=none; rua=", "x y", |text| drop(dmarc::lint(&dmarc::Record::parse(text))))
    }),
    growth("hostile/dkim-key", MANY, 10_000, |n| {
        hostile(n, "v=DKIM1; p=", "x y", |text| drop(dkim::lint_key(&text.into())))
    }),
    growth("hostile/dkim-signature", MANY, 10_000, |n| {
        hostile(n, "v=1; d=a.example; s=s; a=rsa-sha256; bh=", "; h=from:x; b=x y", |text| {
            drop(dkim::lint_signature(&text.into(), &dkim::SignatureFacts::default()));
        })
    }),
    growth("hostile/tls-rpt", MANY, 10_000, |n| {
        hostile(n, "v=TLSRPTv1; rua=", "x y", |text| drop(tls_rpt::lint(&text.into())))
    }),
    growth("hostile/mta-sts", MANY, 10_000, |n| {
        hostile(n, "v=STSv1; id=", "x y", |text| drop(mta_sts::lint(&text.into())))
    }),
    growth("hostile/bimi", MANY, 10_000, |n| hostile(n, "v=BIMI1; l=", "x y", |text| drop(bimi::lint(&text.into())))),
    growth("hostile/from", MANY, 10_000, |n| hostile(n, "a@b.example", "x y", |text| drop(AddressList::parse(text)))),
    growth("hostile/results", MANY, 10_000, |n| {
        hostile(n, "a.example; dkim=pass ", "x y", |text| drop(AuthResults::parse(text)))
    }),
    growth("hostile/received", MANY, 10_000, |n| {
        hostile(n, "from a.example (", ") by b.example", |text| drop(message::Received::parse(text)))
    }),
    growth("hostile/header", MANY, 10_000, |n| {
        hostile(n, "From: a@b.example\r\nSubject: ", "x y\r\nTo: c@d.example\r\n\r\nbody\r\n", |text| {
            drop(message::lint(&Message::parse(text.as_bytes()), &message::LintOptions::default()));
        })
    }),
    growth("hostile/bounce-html", MANY, 10_000, |n| {
        let head = "From: mailer-daemon@d.example\r\nContent-Type: text/html\r\n\r\n<pre>";
        hostile(n, head, "<p>550 x", |text| drop(bounce::Dsn::parse(text.as_bytes())))
    }),
    growth("hostile/bounce", MANY, 10_000, |n| {
        hostile(n, "550 5.7.1 ", "x y", |text| drop(bounce::diagnose(text, &bounce::Context::default())))
    }),
    growth("hostile/zone", MANY, 10_000, |n| hostile(n, "a.example. TXT ", "x y", |text| drop(Zone::parse(text)))),
    growth("hostile/detect", MANY, 10_000, |n| hostile(n, "", "x y", |text| drop(Detected::of(text)))),
    growth("hostile/report", MANY, 1_000, |n| {
        hostile(n, "v=spf1 ", " -all", |text| {
            let report = Input::record(text).check(&Snapshot::new()).done().expect("a text needs no DNS");
            drop((report.to_string(), serde_json::to_string(&report)));
        })
    }),
    growth("hostile/srs", MANY, 1_000, |n| {
        hostile(n, "SRS0=", "@a.example", |text| drop(mailproof::srs::Address::parse(text)))
    }),
    growth("aggregate-records/read-and-lint", MANY, 1_000, |n| {
        let text = aggregate_report(n);
        Work::same(move || {
            let report = aggregate::Report::read(text.as_bytes());
            assert_eq!(report.records.len(), n);
            aggregate::lint(&report)
        })
    }),
];

/// What texts are filled with by somebody who wants a reader to be slow.
const FILLERS: &[&str] = &[
    " ",
    "\t",
    "\u{a0}",
    "\u{200b}",
    "é",
    "\"",
    "\" \"",
    "\\",
    "'",
    ",",
    ";",
    ":",
    "=",
    "%",
    "%{",
    "%{d}",
    "(",
    ")",
    "<",
    ">",
    "@",
    ".",
    "/",
    "-",
    "+",
    "\r\n ",
    "=?",
    "=?utf-8?q?=20?= ",
    "a ",
    "x=y ",
    "&lt;",
    "mailto:",
    "ipv4:1 ",
    "-all ",
];

/// `run` with a text for each filler: what stands before it, `n` octets of it, and what stands behind it.
fn hostile(n: usize, before: &'static str, after: &'static str, run: fn(&str)) -> Work {
    let texts: Vec<String> =
        FILLERS.iter().map(|filler| format!("{before}{}{after}", filler.repeat(n / filler.len()))).collect();
    Work::same(move || texts.iter().for_each(|text| run(text)))
}

/// The header of a signed message.
fn header() -> Vec<u8> {
    let mut mail = bytes("mail/5k-rsa2048.eml");
    mail.truncate(Message::parse(&mail).body_start());
    mail
}

/// A signed message with another body, of `octets`.
fn body(octets: usize) -> Vec<u8> {
    let mut mail = header();
    let line = b"The quick brown fox jumps over the lazy dog, and nobody knows why it does.\r\n";
    mail.extend(line.iter().cycle().take(octets));
    mail
}

/// The same with `n` more fields.
fn fields(n: usize, field: &str) -> Vec<u8> {
    [field.repeat(n).as_bytes(), &body(1_000)].concat()
}

fn parts(n: usize) -> Vec<u8> {
    let mut mail =
        String::from("From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for part in 0..n {
        let _ = write!(mail, "--b\r\nContent-Type: text/plain\r\n\r\nPart {part}\r\n");
    }
    mail.push_str("--b--\r\n");
    mail.into_bytes()
}

/// Parts in parts.
fn nested(n: usize) -> Vec<u8> {
    let mut mail = String::from("From: a@b.example\r\nMIME-Version: 1.0\r\n");
    for part in 0..n {
        let _ = write!(mail, "Content-Type: multipart/mixed; boundary=b{part}\r\n\r\n--b{part}\r\n");
    }
    mail.into_bytes()
}

fn lint_mail(mail: Vec<u8>) -> Work {
    let options = message::LintOptions::default();
    Work::same(move || message::lint(&Message::parse(&mail), &options))
}

fn dkim_of(mail: Vec<u8>) -> Work {
    let dns = complete(&zone(), |dns| dkim::verify(dns, &Message::parse(&mail), NOW));
    Work::same(move || dkim::verify(&dns, &Message::parse(&mail), NOW))
}

/// All that can be told of it, forensics included, and the report of it.
fn diagnose_mail(mail: Vec<u8>) -> Work {
    let mut dns = complete(&zone(), |dns| diagnose(dns, &diagnose::Input::new(&mail, NOW)));
    dns.extend(sealers().iter().map(|(question, answer)| (question.clone(), answer.clone())));
    let input = Input::Message(Box::new(MessageInput::new(&mail, NOW)));
    Work::same(move || input.check(&dns).done().map(|report| report.to_string()))
}

fn spf_record(n: usize) -> String {
    let mut text = String::from("v=spf1");
    for term in 0..n {
        let _ = write!(text, " a:h{term}.example.com");
    }
    text + " -all"
}

fn spf_networks(n: usize) -> String {
    let mut text = String::from("v=spf1");
    for term in 0..n {
        let address = Ipv4Addr::from_bits(0x0a00_0000 + (term as u32) * 512);
        let _ = write!(text, " ip4:{address}/24");
    }
    text + " -all"
}

fn spf_typos(n: usize) -> String {
    let mut text = String::from("v=spf1");
    for term in 0..n {
        let address = Ipv4Addr::from_bits(0x0a00_0000 + (term as u32) * 512);
        let _ = write!(text, " ipv4:{address}");
    }
    text + " -all"
}

fn lint_spf(text: String) -> Work {
    Work::same(move || spf::lint_text(&Source::new(&text)))
}

fn lint_dmarc(text: String) -> Work {
    Work::same(move || dmarc::lint(&dmarc::Record::parse(text.as_str())))
}

fn lint_key(text: String) -> Work {
    let source = Source::new(&text);
    Work::same(move || dkim::lint_key(&source))
}

/// The whole report of a text, in each of its forms.
fn told(text: String) -> Work {
    Work::same(move || {
        let report = Input::record(&text).check(&Snapshot::new()).done().expect("a text needs no DNS");
        let mut markdown = String::new();
        mailproof::report::markdown::report(&report, &mut markdown).expect("a string takes all");
        (report.to_string(), markdown, serde_json::to_string(&report))
    })
}

fn published(text: &str) -> (Snapshot, Name) {
    let domain: Name = "d.example".parse().expect("a name");
    let zone = Zone::new();
    let mut dns = Snapshot::new();
    dns.insert(Question::new(domain.clone(), RecordType::Txt), Answer::txt([text]));
    let options = spf::LintOptions::default();
    drive_sync(&mut dns, |question| zone.answer(question), |dns| spf::lint_domain(dns, &domain, &options));
    let session = session();
    drive_sync(&mut dns, |question| zone.answer(question), |dns| spf::check_host(dns, &session, Timestamp(0)));
    (dns, domain)
}

fn session() -> Session {
    Session::new("203.0.113.1".parse().expect("an address"), "mx.d.example", "a@d.example")
}

fn check_host(text: String) -> Work {
    let ((dns, _), session) = (published(&text), session());
    Work::same(move || spf::check_host(&dns, &session, Timestamp(0)))
}

fn spf_tree(text: String) -> Work {
    let (dns, domain) = published(&text);
    Work::same(move || spf::tree(&dns, &domain))
}

/// A record whose terms are TXT records of their own.
fn spf_parts(n: usize) -> Work {
    let texts = (0..n).map(|part| Source::new(&format!("a:h{part}.example")));
    lint_zone([("d.example", [Source::new("v=spf1 a")].into_iter().chain(texts).collect())])
}

/// Networks each of which is a large part of the Internet, and no two of which are neighbours.
fn spf_huge(n: usize) -> String {
    let mut text = String::from("v=spf1");
    for network in 0..n {
        let _ = write!(text, " ip6:{:x}::/15", 0x2000 + network * 4 % 0x2000);
    }
    text + " -all"
}

/// Halves of networks, with terms between them that let everybody pass.
fn spf_opening(n: usize) -> String {
    let halves = |third: u8| (0..n / 3).map(move |at| format!(" ip4:11.{}.{}.{third}/25", at / 256, at % 256));
    let between = (0..n / 3).map(|at| format!(" exists:x{at}.example"));
    ["v=spf1".to_owned()].into_iter().chain(halves(0)).chain(between).chain(halves(128)).collect::<String>() + " -all"
}

/// Two records in one text.
fn spf_pasted(n: usize) -> String {
    let terms = |host: &str| (0..n / 2).map(|at| format!(" a:{host}{at}.example")).collect::<String>();
    format!("v=spf1{} -all v=spf1{} -all", terms("x"), terms("y"))
}

/// The TXT records of some names; the first is looked at.
fn lint_zone<const N: usize>(names: [(&str, Vec<Source>); N]) -> Work {
    let domain: Name = names[0].0.parse().expect("a name");
    let mut zone = Zone::new();
    for (name, texts) in names {
        zone.insert(name.parse().expect("a name"), Records::Txt(texts));
    }
    let options = spf::LintOptions::default();
    let dns = complete(&zone, |dns| spf::lint_domain(dns, &domain, &options));
    Work::same(move || spf::lint_domain(&dns, &domain, &options))
}

fn spf_domain(text: String) -> Work {
    let ((dns, domain), options) = (published(&text), spf::LintOptions::default());
    Work::same(move || spf::lint_domain(&dns, &domain, &options))
}

fn zone_text(n: usize) -> String {
    let mut text = String::new();
    for line in 0..n {
        let _ = writeln!(text, "d{line}.example. 3600 IN TXT \"v=spf1 include:_spf.example.net -all\"");
    }
    text
}

fn dsn(n: usize) -> Vec<u8> {
    let mut text = String::from(
        "From: postmaster@a.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n",
    );
    for recipient in 0..n {
        let _ = write!(
            text,
            "Final-Recipient: rfc822; r{recipient}@b.example\r\nAction: failed\r\nStatus: 5.7.1\r\n\
             Diagnostic-Code: smtp; 550 5.7.1 refused\r\n\r\n"
        );
    }
    text.push_str("--b--\r\n");
    text.into_bytes()
}

/// A notice of a mailer that writes no RFC 3464: a list, then many words that tell nothing, and the only reply.
fn listed(n: usize) -> Vec<u8> {
    let named = |end: &str| (0..n).map(|recipient| format!("r{recipient}@b.example{end}")).collect::<String>();
    let words = "something failed somehow\n".repeat(80);
    let (field, list) = (named(",\n "), named("\n"));
    format!("From: MAILER-DAEMON@a.example\nX-Failed-Recipients: {field}\n\n{list}{words}\n550 5.9.9 refused\n")
        .into_bytes()
}

fn aggregate_report(n: usize) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>a</org_name><email>a@b.example</email><report_id>1</report_id>\
         <date_range><begin>1</begin><end>2</end></date_range></report_metadata><policy_published><domain>b.example</domain>\
         <p>none</p></policy_published>",
    );
    for record in 0..n {
        let _ = write!(
            text,
            "<record><row><source_ip>{}</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim>\
             <spf>fail</spf></policy_evaluated></row><identifiers><header_from>b.example</header_from></identifiers><auth_results>\
             <dkim><domain>b.example</domain><selector>s</selector><result>pass</result></dkim><spf><domain>c.example</domain>\
             <result>pass</result></spf></auth_results></record>",
            Ipv4Addr::from_bits(0x0a00_0000 + record as u32)
        );
    }
    text + "</feedback>"
}

const SEALER: &str = "sealer.example";
const SELECTOR: &str = "s1";

/// A message that `sets` hosts have sealed.
pub fn sealed(sets: usize) -> Vec<u8> {
    let (domain, selector) = (SEALER.parse().expect("a name"), SELECTOR.parse().expect("a name"));
    let sealer = arc::Sealer {
        domain: &domain,
        selector: &selector,
        authserv_id: SEALER,
        headers: "from:to:subject:date",
        timestamp: NOW,
        private_key: include_str!("../../src/dkim/testdata/ed25519.pem"),
    };
    let mut mail =
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Sat, 21 Nov 2026 10:00:30 +0000\r\n\r\nHello\r\n"
            .to_vec();
    for set in 0..sets {
        let validation = if set == 0 { arc::Validation::None } else { arc::Validation::Pass };
        let headers = arc::seal(&Message::parse(&mail), validation, &sealer).expect("a set");
        let fields = format!(
            "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n",
            headers.seal.trim(),
            headers.message_signature.trim(),
            headers.results.trim()
        );
        mail = [fields.as_bytes(), &mail].concat();
    }
    mail
}

/// The key of who sealed.
pub fn sealers() -> Snapshot {
    let record = format!("v=DKIM1; k=ed25519; p={}", include_str!("../../src/dkim/testdata/ed25519.pub").trim());
    let name = format!("{SELECTOR}._domainkey.{SEALER}").parse().expect("a name");
    [(Question::new(name, RecordType::Txt), Answer::txt([&*record]))].into_iter().collect()
}
