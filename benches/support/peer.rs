//! mail-auth, given the answers of a snapshot, so that it never asks the network.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use hickory_resolver::proto::op::ResponseCode;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DnsError, DnssecStatus, Error, MX, MessageAuthenticator,
    Parameters, RecordSet, ResolverCache, SpfOutput, SpfResult, Txt,
};
use mailproof::dns::{Lookup, Records, Snapshot};

/// What it keeps as caches.
pub struct Peer {
    texts: Texts,
    mx: Map<Box<str>, RecordSet<MX>>,
    ipv4: Map<Box<str>, RecordSet<Ipv4Addr>>,
    ipv6: Map<Box<str>, RecordSet<Ipv6Addr>>,
    ptr: Map<IpAddr, RecordSet<Box<str>>>,
}

/// What it is given beside the caches; it keeps parsed records, or parses the texts each time they are asked for.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Keeps {
    Parsed,
    Texts,
}

enum Texts {
    Parsed(HashMap<Box<str>, Txt>),
    Raw(HashMap<Box<str>, Vec<String>>),
}

/// A cache that knows everything: what it was not told does not exist.
struct Map<K, V>(HashMap<K, V>, V);

type Asked<'p, T> = Parameters<
    'p,
    T,
    Texts,
    Map<Box<str>, RecordSet<MX>>,
    Map<Box<str>, RecordSet<Ipv4Addr>>,
    Map<Box<str>, RecordSet<Ipv6Addr>>,
    Map<IpAddr, RecordSet<Box<str>>>,
>;

impl Peer {
    /// Knows what `snapshot` knows.
    pub fn new(snapshot: &Snapshot, keeps: Keeps) -> Self {
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
        peer.texts = match keeps {
            Keeps::Parsed => Texts::Parsed(raw.into_iter().map(|(name, texts)| (name, selected(&texts))).collect()),
            Keeps::Texts => Texts::Raw(raw),
        };
        peer
    }

    fn with_caches<'p, T>(&'p self, parameters: T) -> Asked<'p, T> {
        Parameters::new(parameters)
            .with_txt_cache(&self.texts)
            .with_mx_cache(&self.mx)
            .with_ipv4_cache(&self.ipv4)
            .with_ipv6_cache(&self.ipv6)
            .with_ptr_cache(&self.ptr)
    }

    /// Its SPF verdict.
    pub fn spf(&self, ip: IpAddr, helo: &str, sender: &str) -> SpfResult {
        let parameters = SpfParameters::verify_mail_from(ip, helo, "mx.receiver.example", sender);
        ready(authenticator().check_host(self.with_caches(parameters))).result()
    }

    /// Its DKIM verdicts over a message, read and verified; whether all pass.
    pub fn dkim(&self, message: &[u8]) -> bool {
        let message = AuthenticatedMessage::parse(message).expect("a message");
        let outputs = ready(authenticator().verify_dkim(self.with_caches(&message)));
        !outputs.is_empty() && outputs.iter().all(|output| *output.result() == DkimResult::Pass)
    }

    /// Its ARC verdict over a message, read and verified; whether it passes.
    pub fn arc(&self, message: &[u8]) -> bool {
        let message = AuthenticatedMessage::parse(message).expect("a message");
        *ready(authenticator().verify_arc(self.with_caches(&message))).result() == DkimResult::Pass
    }

    /// Its DMARC verdict, with SPF and DKIM passing.
    pub fn dmarc(&self, mail: &DmarcMail) -> DmarcOutput {
        let parameters = DmarcParameters::new(&mail.message, &mail.signatures, mail.spf, &mail.spf_output);
        ready(authenticator().verify_dmarc(self.with_caches(parameters)))
    }
}

/// What its DMARC looks at; leaked, since it borrows from itself.
pub struct DmarcMail {
    message: AuthenticatedMessage<'static>,
    signatures: [DkimOutput<'static>; 1],
    spf: &'static str,
    spf_output: SpfOutput,
}

impl DmarcMail {
    /// Mail from `author` for which SPF passes with `spf` and DKIM with `dkim`.
    pub fn new(author: &str, spf: &'static str, dkim: &str) -> Self {
        let text = format!("From: a@{author}\r\nSubject: x\r\n\r\n").leak();
        let signature = Box::leak(Box::new(Signature { d: dkim.to_owned(), ..Signature::default() }));
        Self {
            message: AuthenticatedMessage::parse(text.as_bytes()).expect("a message"),
            signatures: [DkimOutput::pass().with_signature(signature)],
            spf,
            spf_output: SpfOutput::new(spf.to_owned()).with_result(SpfResult::Pass),
        }
    }
}

/// It is made with a resolver, which is never asked.
fn authenticator() -> &'static MessageAuthenticator {
    static AUTHENTICATOR: OnceLock<MessageAuthenticator> = OnceLock::new();
    AUTHENTICATOR.get_or_init(|| MessageAuthenticator::new_cloudflare().expect("a resolver"))
}

/// Runs a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the peer wanted the network"),
    }
}

/// The first text that it can read, in the order in which it looks.
fn selected(texts: &[String]) -> Txt {
    for text in texts {
        let text = text.as_bytes();
        if let Ok(record) = Spf::parse(text) {
            return Txt::Spf(Arc::new(record));
        }
        if let Ok(record) = Dmarc::parse(text) {
            return Txt::Dmarc(Arc::new(record));
        }
        if let Ok(key) = DomainKey::parse(text) {
            return Txt::DomainKey(Arc::new(key));
        }
    }
    Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError)))
}

fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet { rrset: records.into(), dnssec_status: DnssecStatus::Indeterminate }
}

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
        Some(match self {
            Self::Parsed(map) => map.get(name).cloned().unwrap_or_else(|| selected(&[])),
            Self::Raw(map) => selected(map.get(name).map_or(&[], Vec::as_slice)),
        })
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
