//! What the benches share: the inputs of `../shared/bench`, and the peer beside us.
#![allow(dead_code, unreachable_pub, clippy::print_stderr)]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use hickory_resolver::proto::op::ResponseCode;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{DnssecStatus, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt};
use mailproof::Name;
use mailproof::dns::{Lookup, Mx, Question, RecordType, Records, Snapshot};
use mailproof::resolver::Zone;
use mailproof::text::Source;

/// A file of `../shared/bench`; `None`, and one line said, where it is not there.
pub fn input(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench").join(path);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) => {
            eprintln!("skipped: {}: {error}", file.display());
            None
        }
    }
}

/// A file of `../shared/bench` that is no text.
pub fn bytes(path: &str) -> Option<Vec<u8>> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench").join(path)).ok()
}

/// The records of `dns/zone.txt`: lines of name, type, data.
pub fn records() -> Option<Vec<(Name, RecordType, String)>> {
    let text = input("dns/zone.txt")?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    Some(
        lines
            .map(|line| {
                let mut parts = line.splitn(3, ' ');
                let mut part = || parts.next().expect("three parts");
                (part().parse().expect("a name"), part().parse().expect("a type"), part().to_owned())
            })
            .collect(),
    )
}

/// The same as a zone.
pub fn zone(records: &[(Name, RecordType, String)]) -> Zone {
    let mut zone = Zone::new();
    for (name, record_type, data) in records {
        let records = match record_type {
            RecordType::Txt => Records::Txt(vec![Source::new(data)]),
            RecordType::A => Records::A(vec![data.parse().expect("an address")]),
            RecordType::Mx => {
                let (preference, host) = data.split_once(' ').expect("a preference");
                let preference = preference.parse().expect("a number");
                Records::Mx(vec![Mx { preference, exchange: host.parse().expect("a name") }])
            }
            other => panic!("{other}"),
        };
        zone.insert(name.clone(), records);
    }
    zone
}

/// A snapshot that has been driven to the end of `evaluate`, so that it is complete.
pub fn complete<T>(zone: &Zone, evaluate: impl Fn(&Snapshot) -> mailproof::dns::Step<T>) -> Snapshot {
    let mut snapshot = Snapshot::new();
    mailproof::resolver::drive_sync(&mut snapshot, |question: &Question| zone.answer(question), evaluate);
    snapshot
}

/// The sessions of `spf/eval.txt`: name, address, HELO name, sender, expected result.
pub fn sessions() -> Option<Vec<[String; 5]>> {
    let text = input("spf/eval.txt")?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    Some(
        lines
            .map(|line| {
                let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
                words.try_into().expect("five words")
            })
            .collect(),
    )
}

/// Runs a future that never waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the peer wanted the network"),
    }
}

/// What mail-auth keeps as caches, filled from a zone so that it never asks the network.
pub struct Peer {
    texts: Texts,
    mx: Map<Box<str>, RecordSet<MX>>,
    ipv4: Map<Box<str>, RecordSet<Ipv4Addr>>,
    ipv6: Map<Box<str>, RecordSet<Ipv6Addr>>,
    ptr: Map<IpAddr, RecordSet<Box<str>>>,
}

/// It is made with a resolver, which is never asked.
fn authenticator() -> &'static MessageAuthenticator {
    static AUTHENTICATOR: OnceLock<MessageAuthenticator> = OnceLock::new();
    AUTHENTICATOR.get_or_init(|| MessageAuthenticator::new_cloudflare().expect("a resolver"))
}

/// Its TXT cache: parsed records, or texts that are parsed each time they are asked for.
pub enum Texts {
    Parsed(HashMap<Box<str>, Txt>),
    Raw(HashMap<Box<str>, Vec<String>>),
}

/// A cache that knows everything: what it was not told does not exist.
pub struct Map<K, V>(HashMap<K, V>, V);

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

    fn insert(&self, _: K, _: V, _: std::time::Instant) {}
}

impl ResolverCache<Box<str>, Txt> for Texts {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        match self {
            Self::Parsed(map) => Some(map.get(name).cloned().unwrap_or_else(|| spf(&[]))),
            Self::Raw(map) => Some(spf(map.get(name).map_or(&[], Vec::as_slice))),
        }
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

/// The first text that parses as SPF or as a key, as mail-auth selects.
fn spf(texts: &[String]) -> Txt {
    for text in texts {
        if let Ok(record) = Spf::parse(text.as_bytes()) {
            return Txt::Spf(Arc::new(record));
        }
        if let Ok(key) = DomainKey::parse(text.as_bytes()) {
            return Txt::DomainKey(Arc::new(key));
        }
    }
    Txt::Error(mail_auth::Error::Dns(mail_auth::DnsError::RecordNotFound(ResponseCode::NoError)))
}

impl Peer {
    /// Knows what `snapshot` knows.
    pub fn new(snapshot: &Snapshot, keep_parsed: bool) -> Self {
        let mut raw: HashMap<Box<str>, Vec<String>> = HashMap::new();
        let mut peer = Self {
            texts: Texts::Raw(HashMap::new()),
            mx: Map(HashMap::new(), set(Vec::new())),
            ipv4: Map(HashMap::new(), set(Vec::new())),
            ipv6: Map(HashMap::new(), set(Vec::new())),
            ptr: Map(HashMap::new(), set(Vec::new())),
        };
        for (question, answer) in snapshot.iter() {
            let name: Box<str> = format!("{}.", question.name).into();
            let Lookup::Records(records) = &answer.lookup else { continue };
            match records {
                Records::Txt(texts) => {
                    raw.insert(name, texts.iter().map(|text| text.text().to_owned()).collect());
                }
                Records::A(addresses) => {
                    peer.ipv4.0.insert(name, set(addresses.clone()));
                }
                Records::Aaaa(addresses) => {
                    peer.ipv6.0.insert(name, set(addresses.clone()));
                }
                Records::Mx(exchanges) => {
                    let exchanges = exchanges.iter().map(|mx| MX {
                        exchanges: Box::new([format!("{}.", mx.exchange).into()]),
                        preference: mx.preference,
                    });
                    peer.mx.0.insert(name, set(exchanges.collect()));
                }
                _ => {}
            }
        }
        peer.texts = if keep_parsed {
            Texts::Parsed(raw.into_iter().map(|(name, texts)| (name, spf(&texts))).collect())
        } else {
            Texts::Raw(raw)
        };
        peer
    }

    /// Its SPF verdict.
    pub fn verify(&self, ip: IpAddr, helo: &str, sender: &str) -> mail_auth::SpfResult {
        let parameters = Parameters::new(SpfParameters::verify_mail_from(ip, helo, "mx.receiver.example", sender))
            .with_txt_cache(&self.texts)
            .with_mx_cache(&self.mx)
            .with_ipv4_cache(&self.ipv4)
            .with_ipv6_cache(&self.ipv6)
            .with_ptr_cache(&self.ptr);
        ready(authenticator().check_host(parameters)).result()
    }
}

impl Peer {
    /// Its DKIM verdicts over a message, read and verified; whether all pass.
    pub fn verify_dkim(&self, message: &[u8]) -> bool {
        let message = mail_auth::AuthenticatedMessage::parse(message).expect("a message");
        let parameters = Parameters::new(&message)
            .with_txt_cache(&self.texts)
            .with_mx_cache(&self.mx)
            .with_ipv4_cache(&self.ipv4)
            .with_ipv6_cache(&self.ipv6)
            .with_ptr_cache(&self.ptr);
        let outputs = ready(authenticator().verify_dkim(parameters));
        !outputs.is_empty() && outputs.iter().all(|output| *output.result() == mail_auth::DkimResult::Pass)
    }
}

fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet { rrset: records.into(), dnssec_status: DnssecStatus::Indeterminate }
}
