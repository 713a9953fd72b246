//! mail-auth without a network: its caches, filled with what a snapshot knows.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::{Macro, Spf};
use mail_auth::{DnsError, DnssecStatus, Error, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt};
use mailproof::Name;
use mailproof::dns::{Lookup, Records, Snapshot};

/// What mail-auth keeps as caches, filled with all that our evaluation asked; what it asks beside that does not exist.
pub struct Caches {
    texts: Texts,
    mx: OfName<MX>,
    ipv4: OfName<Ipv4Addr>,
    ipv6: OfName<Ipv6Addr>,
    ptr: OfAddress,
}

pub type OfName<T> = Map<Box<str>, RecordSet<T>>;
pub type OfAddress = Map<IpAddr, RecordSet<Box<str>>>;

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

    fn insert(&self, _: K, _: V, _: Instant) {}
}

pub type Texts = Map<Box<str>, Txt>;

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
    pub fn new(snapshot: &Snapshot) -> Self {
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

    pub fn with<'a, P>(
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
pub static AUTHENTICATOR: LazyLock<MessageAuthenticator> =
    LazyLock::new(|| MessageAuthenticator::new_cloudflare().expect("a resolver"));

pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("mail-auth wanted the network"),
    }
}
