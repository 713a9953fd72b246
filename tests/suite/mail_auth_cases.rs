//! The public cases of `../shared` through mail-auth: each difference from us has its section.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use mail_auth::dkim::Signature;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, Error, SpfOutput};
use mailproof::Timestamp;
use mailproof::dmarc::Author;
use mailproof::dns::Snapshot;
use mailproof::mail_auth::{Explained, Reason, Verdicts, authenticated, explain, explain_dmarc};
use mailproof::message::Message;
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, Session};
use serde_json::Value;

use crate::caches::{AUTHENTICATOR, ready};
use crate::mail_auth_caches::caches;
use crate::shared::shared;
use crate::zone;

/// The undisputed cases of a kind.
fn cases(file: &str, kind: &str) -> Option<Vec<Value>> {
    let text = shared(&format!("conformance/{file}.jsonl"))?;
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    Some(cases.filter(|case| case["kind"] == kind && case["status"] == "ok").collect())
}

/// The message of a case.
fn message_of(case: &Value) -> Vec<u8> {
    let path = format!("conformance/{}", case["message"].as_str().expect("a path"));
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    std::fs::read(file).expect("a message")
}

/// How often mail-auth agrees, and how often each reason was given.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    reasons: BTreeMap<String, usize>,
    unknown: Vec<String>,
}

impl Tally {
    fn add(&mut self, case: &Value, explained: &Explained) {
        let line = explained.to_string();
        assert!(!line.contains('\n') && !explained.told.is_empty(), "{line}");
        match &explained.difference {
            None => {
                self.same += 1;
                assert_eq!(explained.theirs, explained.ours, "{}: {line}", case["id"]);
            }
            Some(difference) => {
                *self.reasons.entry(format!("{:?}", difference.reason)).or_default() += 1;
                if difference.reason == Reason::Unknown {
                    self.unknown.push(format!("{}: {line}", case["id"]));
                }
            }
        }
    }

    /// Most agree, and no difference is without a reason.
    #[track_caller]
    fn judge(&self) {
        let known: usize = self.reasons.values().sum::<usize>() - self.unknown.len();
        eprintln!("{} agree; {:?}", self.same, self.reasons);
        assert!(self.same > known, "{self:?}");
        assert!(self.unknown.is_empty(), "{:#?}", self.unknown);
    }
}

#[test]
fn spf_cases() {
    let Some(cases) = cases("spf", "eval") else { return };
    let mut tally = Tally::default();
    for case in &cases {
        let word = |name: &str| case[name].as_str().unwrap_or_default();
        // mail-auth takes no other domain than that of the identity.
        let Some(ip) = word("ip").parse::<IpAddr>().ok().filter(|_| case["domain"].is_null()) else { continue };
        let session = Session::new(ip, word("helo"), word("mailfrom"));
        let zone: Zone = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        drive_sync(&mut dns, |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
        let caches = caches(&dns);
        let params = SpfParameters::verify_mail_from(ip, word("helo"), "mx.receiver.example", word("mailfrom"));
        let output = ready(AUTHENTICATOR.check_host(caches.with(params)));
        let verdicts = Verdicts { spf: Some(&output), ..Verdicts::default() };
        let message = Message::parse(b"");
        let step = explain(&dns, &message, Some(&session), Timestamp(0), &verdicts);
        tally.add(case, &step.done().expect("nothing more to ask")[0]);
    }
    tally.judge();
}

#[test]
#[allow(clippy::disallowed_methods)]
fn dkim_cases() {
    let Some(cases) = cases("dkim", "verify") else { return };
    // mail-auth has no other clock than the system's.
    let now = Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs());
    let mut tally = Tally::default();
    for case in
        cases.iter().filter(|case| case["now"].is_null() && case["options"].as_object().is_none_or(|o| o.is_empty()))
    {
        let bytes = message_of(case);
        let message = Message::parse(&bytes);
        let zone: Zone = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        drive_sync(&mut dns, |q| zone.answer(q), |dns| mailproof::dkim::verify(dns, &message, now));
        let Some(parsed) = AuthenticatedMessage::parse(&bytes) else { continue };
        let caches = caches(&dns);
        let outputs = ready(AUTHENTICATOR.verify_dkim(caches.with(&parsed)));
        let verdicts = Verdicts { dkim: Some(&outputs), ..Verdicts::default() };
        let explained = explain(&dns, &message, None, now, &verdicts).done().expect("nothing more to ask");
        explained.iter().for_each(|explained| tally.add(case, explained));
    }
    tally.judge();
}

#[test]
#[allow(clippy::disallowed_methods)]
fn arc_cases() {
    let Some(cases) = cases("arc", "verify") else { return };
    let now = Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs());
    let mut tally = Tally::default();
    for case in cases.iter().filter(|case| case["options"].as_object().is_none_or(|options| options.is_empty())) {
        let bytes = message_of(case);
        let message = Message::parse(&bytes);
        let zone: Zone = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        // `explain` looks at the signatures of DKIM too.
        drive_sync(&mut dns, |q| zone.answer(q), |dns| mailproof::dkim::verify(dns, &message, now));
        drive_sync(&mut dns, |q| zone.answer(q), |dns| mailproof::arc::verify(dns, &message, now));
        let Some(parsed) = AuthenticatedMessage::parse(&bytes) else { continue };
        let caches = caches(&dns);
        let output = ready(AUTHENTICATOR.verify_arc(caches.with(&parsed)));
        let verdicts = Verdicts { arc: Some(&output), ..Verdicts::default() };
        let explained = explain(&dns, &message, None, now, &verdicts).done().expect("nothing more to ask");
        explained.iter().for_each(|explained| tally.add(case, explained));
    }
    tally.judge();
}

#[test]
fn dmarc_cases() {
    let Some(cases) = cases("dmarc", "eval") else { return };
    let mut tally = Tally::default();
    for case in cases.iter().filter(|case| case["standard"] != "rfc7489") {
        let domain = case["from_domain"].as_str().expect("a domain");
        let spf_domain = case["spf"]["domain"].as_str().unwrap_or_default();
        let spf = SpfOutput::new(spf_domain.to_owned()).with_result(spf_result(&case["spf"]["result"]));
        let dkim = case["dkim"].as_array().map(Vec::as_slice).unwrap_or_default();
        let signatures: Vec<Signature> = dkim
            .iter()
            .map(|one| Signature { d: one["domain"].as_str().unwrap_or_default().to_owned(), ..Signature::default() })
            .collect();
        let outputs: Vec<DkimOutput<'_>> = dkim
            .iter()
            .zip(&signatures)
            .map(|(one, signature)| dkim_output(&one["result"]).with_signature(signature))
            .collect();
        let ids = authenticated(None, Some(&spf), &outputs);
        let author = Author::of([domain]);
        let Author::Domain(name) = &author else { continue };
        let zone: Zone = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        drive_sync(&mut dns, |q| zone.answer(q), |dns| mailproof::dmarc::evaluate(dns, name, &ids));
        // mail-auth asks whether the domain exists by A and AAAA records.
        let caches = caches(&dns);
        let text = format!("From: a@{domain}\r\n\r\n");
        let Some(message) = AuthenticatedMessage::parse(text.as_bytes()) else { continue };
        let params = DmarcParameters::new(&message, &outputs, spf_domain, &spf);
        let output = ready(AUTHENTICATOR.verify_dmarc(caches.with(params)));
        let explained = drive_sync(&mut dns, |q| zone.answer(q), |dns| explain_dmarc(dns, &author, &ids, &output));
        tally.add(case, &explained);
    }
    tally.judge();
}

fn spf_result(word: &Value) -> mail_auth::SpfResult {
    match word.as_str().unwrap_or("none") {
        "pass" => mail_auth::SpfResult::Pass,
        "fail" => mail_auth::SpfResult::Fail,
        "softfail" => mail_auth::SpfResult::SoftFail,
        "neutral" => mail_auth::SpfResult::Neutral,
        "temperror" => mail_auth::SpfResult::TempError,
        "permerror" => mail_auth::SpfResult::PermError,
        _ => mail_auth::SpfResult::None,
    }
}

fn dkim_output<'a>(word: &Value) -> DkimOutput<'a> {
    match word.as_str().unwrap_or("none") {
        "pass" => DkimOutput::pass(),
        "fail" => DkimOutput::fail(Error::ParseError),
        "temperror" => DkimOutput::temp_err(Error::ParseError),
        "permerror" => DkimOutput::perm_err(Error::ParseError),
        _ => DkimOutput::neutral(Error::ParseError),
    }
}
