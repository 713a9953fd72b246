//! The public cases of `../shared` through mail-auth: each difference from us has its section.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::spf::{Macro, Spf};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DnsError, DnssecStatus, Error, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, SpfOutput, Txt,
};
use mailproof::dmarc::Author;
use mailproof::dns::{Lookup, Records, Snapshot};
use mailproof::mail_auth::{Explained, Reason, Verdicts, authenticated, explain, explain_dmarc};
use mailproof::message::Message;
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, Session};
use mailproof::{Name, Timestamp};
use serde_json::Value;

use crate::shared::shared;
use crate::zone;

/// What mail-auth keeps as caches, filled with all that our evaluation asked; what it asks beside that does not exist.
struct Caches {
    texts: Texts,
    mx: OfName<MX>,
    ipv4: OfName<Ipv4Addr>,
    ipv6: OfName<Ipv6Addr>,
    ptr: OfAddress,
}

type OfName<T> = Map<Box<str>, RecordSet<T>>;
type OfAddress = Map<IpAddr, RecordSet<Box<str>>>;

struct Map<K, V>(HashMap<K, V>, V);

impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Map<K, V> {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.0.get(name).unwrap_or(&self.1).clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

type Texts = Map<Box<str>, Txt>;

/// The first text that it can read, as mail-auth selects; else what it says of the last.
fn text(name: &Name, texts: &[&[u8]]) -> Txt {
    let labels: Vec<&str> = name.labels().collect();
    let read = |text: &[u8]| -> Result<Txt, Error> {
        if labels.first() == Some(&"_dmarc") {
            return Dmarc::parse(text).map(|record| Txt::Dmarc(Arc::new(record)));
        }
        if labels.contains(&"_domainkey") {
            return DomainKey::parse(text).map(|key| Txt::DomainKey(Arc::new(key)));
        }
        match Spf::parse(text) {
            // Where no record is, it asks for an explanation only.
            Err(Error::Dns(DnsError::InvalidRecordType)) => {
                Macro::parse(text).map(|text| Txt::SpfMacro(Arc::new(text)))
            }
            other => other.map(|record| Txt::Spf(Arc::new(record))),
        }
    };
    // An SPF record counts before a text that could be an explanation.
    let mut found: Vec<Result<Txt, Error>> = texts.iter().map(|text| read(text)).collect();
    found.sort_by_key(|found| matches!(found, Ok(Txt::SpfMacro(_))));
    let missing = Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError));
    let error = found.iter().rev().find_map(|found| found.as_ref().err().cloned()).unwrap_or(missing);
    found.into_iter().find_map(Result::ok).unwrap_or(Txt::Error(error))
}

impl Caches {
    fn new(snapshot: &Snapshot) -> Self {
        let nothing = Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain)));
        let mut caches = Self {
            texts: Map(HashMap::new(), nothing),
            mx: Map(HashMap::new(), set(Vec::new())),
            ipv4: Map(HashMap::new(), set(Vec::new())),
            ipv6: Map(HashMap::new(), set(Vec::new())),
            ptr: Map(HashMap::new(), set(Vec::new())),
        };
        for (question, answer) in snapshot.iter() {
            let name: Box<str> = format!("{}.", question.name).into();
            let records = match &answer.lookup {
                Lookup::Records(records) => records,
                Lookup::Failure(_) => {
                    caches.texts.0.insert(name, Txt::Error(Error::Dns(DnsError::Resolver("failed".to_owned()))));
                    continue;
                }
                _ => continue,
            };
            match records {
                Records::Txt(texts) => {
                    let bytes: Vec<_> = texts.iter().map(|text| text.bytes().into_owned()).collect();
                    let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
                    caches.texts.0.insert(name, text(&question.name, &slices));
                }
                Records::A(addresses) => {
                    caches.ipv4.0.insert(name, set(addresses.clone()));
                }
                Records::Aaaa(addresses) => {
                    caches.ipv6.0.insert(name, set(addresses.clone()));
                }
                Records::Mx(exchanges) => {
                    let exchanges = exchanges.iter().map(|mx| MX {
                        exchanges: Box::new([format!("{}.", mx.exchange).into()]),
                        preference: mx.preference,
                    });
                    caches.mx.0.insert(name, set(exchanges.collect()));
                }
                _ => {}
            }
        }
        caches
    }

    fn with<'a, P>(
        &'a self,
        params: P,
    ) -> Parameters<'a, P, Texts, OfName<MX>, OfName<Ipv4Addr>, OfName<Ipv6Addr>, OfAddress> {
        Parameters {
            params,
            cache_txt: Some(&self.texts),
            cache_mx: Some(&self.mx),
            cache_ptr: Some(&self.ptr),
            cache_ipv4: Some(&self.ipv4),
            cache_ipv6: Some(&self.ipv6),
        }
    }
}

fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet { rrset: records.into(), dnssec_status: DnssecStatus::Indeterminate }
}

/// It is made with a resolver, which is never asked.
static AUTHENTICATOR: LazyLock<MessageAuthenticator> =
    LazyLock::new(|| MessageAuthenticator::new_cloudflare().expect("a resolver"));

fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("mail-auth wanted the network"),
    }
}

/// The undisputed cases of a kind.
fn cases(file: &str, kind: &str) -> Option<Vec<Value>> {
    let text = shared(&format!("conformance/{file}.jsonl"))?;
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    Some(cases.filter(|case| case["kind"] == kind && case["status"] == "ok").collect())
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
        let caches = Caches::new(&dns);
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
        let path = format!("conformance/{}", case["message"].as_str().expect("a path"));
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
        let bytes = std::fs::read(file).expect("a message");
        let message = Message::parse(&bytes);
        let zone: Zone = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        drive_sync(&mut dns, |q| zone.answer(q), |dns| mailproof::dkim::verify(dns, &message, now));
        let Some(parsed) = AuthenticatedMessage::parse(&bytes) else { continue };
        let caches = Caches::new(&dns);
        let outputs = ready(AUTHENTICATOR.verify_dkim(caches.with(&parsed)));
        let verdicts = Verdicts { dkim: Some(&outputs), ..Verdicts::default() };
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
        let caches = Caches::new(&dns);
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
