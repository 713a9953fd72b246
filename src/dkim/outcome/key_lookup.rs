//! What the DNS published at the name of a signature's key.

use std::sync::Arc;

use super::KeyProblem;
use crate::Name;
use crate::dkim::key::Key;
use crate::dns::Failure;

/// What the DNS published at `<selector>._domainkey.<domain>`.
///
/// ```
/// use mailproof::dkim::{self, KeyLookup};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/key-missing.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let KeyLookup::Missing { name, nxdomain, .. } = &outcomes[0].keys else { panic!() };
/// assert_eq!(name, "s2024._domainkey.papershop.example");
/// assert!(nxdomain);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub enum KeyLookup {
    /// It was not asked: the signature is of no use whatever the key.
    #[default]
    NotAsked,
    /// Selector and domain together are too long for a name.
    NoName,
    /// It did not answer.
    Failed {
        /// The name asked.
        name: Name,
        /// Why.
        failure: Failure,
    },
    /// There is no TXT record.
    Missing {
        /// The name asked.
        name: Name,
        /// Whether the name itself does not exist.
        nxdomain: bool,
        /// Where CNAMEs led.
        aliases: Vec<Name>,
    },
    /// There are TXT records.
    Found {
        /// The name asked.
        name: Name,
        /// Where CNAMEs led.
        aliases: Vec<Name>,
        /// The records in the order of the answer: [`MAX_KEYS`](crate::dkim::MAX_KEYS) keys at most, and as many others.
        candidates: Vec<Candidate>,
        /// The one that the result is about.
        used: usize,
    },
}

impl KeyLookup {
    /// The name asked.
    ///
    /// ```
    /// use mailproof::dkim::KeyLookup;
    ///
    /// let name = "s1._domainkey.d.example".parse()?;
    /// let lookup = KeyLookup::Missing { name, nxdomain: true, aliases: Vec::new() };
    /// assert_eq!(lookup.name().unwrap(), "s1._domainkey.d.example");
    /// assert_eq!(KeyLookup::NotAsked.name(), None);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::NotAsked | Self::NoName => None,
            Self::Failed { name, .. } | Self::Missing { name, .. } | Self::Found { name, .. } => Some(name),
        }
    }

    /// The record that the result is about.
    ///
    /// ```
    /// use mailproof::dkim::{self, KeyProblem};
    /// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
    ///
    /// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
    ///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
    /// let ask = |_: &_| Answer::txt(["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]);
    /// let outcomes = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
    /// // The signature is of RSA, the key is not.
    /// assert_eq!(outcomes[0].keys.used().unwrap().problem, Some(KeyProblem::Type));
    /// ```
    pub fn used(&self) -> Option<&Candidate> {
        match self {
            Self::Found { candidates, used, .. } => candidates.get(*used),
            Self::NotAsked | Self::NoName | Self::Failed { .. } | Self::Missing { .. } => None,
        }
    }
}

/// One TXT record at the name of a key.
///
/// ```
/// use mailproof::dkim::{self, KeyLookup, KeyProblem};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=ed25519-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
/// // Somebody published the SPF record at the name of the key too.
/// let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// let ask = |_: &_| Answer::txt(["v=spf1 -all", key]);
/// let outcomes = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let KeyLookup::Found { candidates, used, .. } = &outcomes[0].keys else { panic!() };
/// assert_eq!(candidates[0].problem, Some(KeyProblem::Syntax));
/// assert_eq!((*used, candidates[1].problem, candidates[1].verified), (1, None, Some(false)));
/// ```
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The record.
    pub key: Arc<Key>,
    /// Why it is of no use for this signature.
    pub problem: Option<KeyProblem>,
    /// Whether the signature verifies with it, useful or not; `None` if that was not tried.
    pub verified: Option<bool>,
}
