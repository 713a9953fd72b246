//! mail-auth without a network: what it keeps as caches, filled with what a snapshot knows.
#![allow(dead_code, unreachable_pub)]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use mail_auth::{DnssecStatus, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt};
use mailproof::dns::{Lookup, Records, Snapshot};

/// A cache that knows everything: what it was not told is its second part.
pub struct Known<K, V>(pub HashMap<K, V>, pub V);

pub type OfName<T> = Known<Box<str>, RecordSet<T>>;
pub type OfAddress = Known<IpAddr, RecordSet<Box<str>>>;

/// All caches. Texts are for whoever reads them to choose from; what else the snapshot does not know does not exist.
pub struct Caches<T> {
    texts: T,
    mx: OfName<MX>,
    ipv4: OfName<Ipv4Addr>,
    ipv6: OfName<Ipv6Addr>,
    ptr: OfAddress,
}

impl<T: ResolverCache<Box<str>, Txt>> Caches<T> {
    /// Knows the addresses and exchanges of `snapshot`, and `texts`.
    pub fn new(snapshot: &Snapshot, texts: T) -> Self {
        let mut caches = Self { texts, mx: nothing(), ipv4: nothing(), ipv6: nothing(), ptr: nothing() };
        for (question, answer) in snapshot.iter() {
            let name: Box<str> = format!("{}.", question.name).into();
            match &answer.lookup {
                Lookup::Records(Records::A(addresses)) => drop(caches.ipv4.0.insert(name, set(addresses.clone()))),
                Lookup::Records(Records::Aaaa(addresses)) => drop(caches.ipv6.0.insert(name, set(addresses.clone()))),
                Lookup::Records(Records::Mx(exchanges)) => {
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

    /// What a method of [`AUTHENTICATOR`] takes.
    pub fn with<'a, P>(
        &'a self,
        params: P,
    ) -> Parameters<'a, P, T, OfName<MX>, OfName<Ipv4Addr>, OfName<Ipv6Addr>, OfAddress> {
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

fn nothing<K, T>() -> Known<K, RecordSet<T>> {
    Known(HashMap::new(), set(Vec::new()))
}

/// Records as mail-auth keeps them.
pub fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet { rrset: records.into(), dnssec_status: DnssecStatus::Indeterminate }
}

impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Known<K, V> {
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

/// It is made with a resolver, which is never asked.
pub static AUTHENTICATOR: LazyLock<MessageAuthenticator> =
    LazyLock::new(|| MessageAuthenticator::new_cloudflare().expect("a resolver"));

/// Runs a future that never waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("mail-auth wanted the network"),
    }
}
