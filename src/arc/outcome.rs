//! What a validator found out about a chain and each set of it.

use super::set::{Chain, Defect};
use crate::dkim::{KeyProblem, signature_defect};
use crate::dns::Failure;

/// The chain, whether it is valid, and each signature in it.
///
/// ```
/// use mailproof::arc::{self, ArcResult, Cause, Sealer, Validation};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from:subject", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// # let mail = "From: a@d.example\r\nSubject: Lunch\r\n\r\nHello\r\n";
/// # let set = arc::seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer)?;
/// # let mail = format!(
/// #     "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{mail}",
/// #     set.seal, set.message_signature, set.results
/// # );
/// # let zone = Zone::parse("arc._domainkey.l.example. TXT \"v=DKIM1; k=ed25519; \
/// #     p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\"")?;
/// // A list sealed the mail and sent it on.
/// let message = Message::parse(mail.as_bytes());
/// let ask = |question: &_| zone.answer(question);
/// let outcome = drive_sync(&mut Snapshot::new(), ask, |dns| arc::verify(dns, &message, timestamp));
/// assert_eq!((outcome.result, &outcome.cause), (ArcResult::Pass, &Cause::Verified));
/// // Nobody has changed the message since the first set was made.
/// assert_eq!(outcome.oldest_pass, Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The result (§5.2).
    pub result: ArcResult,
    /// The first reason for it, in the order of §5.2.
    pub cause: Cause,
    /// The sets as written.
    pub chain: Chain,
    /// What each set's signatures are worth, by instance; empty if the structure is broken.
    pub sets: Vec<SetOutcome>,
    /// The lowest instance from which on every message signature verifies; 0 if all do (§5.2 step 5). `None` if the
    /// newest does not, or [`verdict`](super::verdict) did not look.
    pub oldest_pass: Option<u32>,
}

/// The result of a chain (RFC 8617 §5.2).
///
/// ```
/// use mailproof::arc::{self, ArcResult};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=fail; d=l.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let outcome = arc::verify(&Snapshot::new(), &message, Timestamp(0)).done().unwrap();
/// assert_eq!((outcome.result, outcome.result.as_str()), (ArcResult::Fail, "fail"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum ArcResult {
    /// There is no chain.
    None,
    /// It is valid.
    Pass,
    /// It is not.
    Fail,
}

impl ArcResult {
    /// The word in Authentication-Results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// Why a chain has its result.
///
/// ```
/// use mailproof::arc::{self, Cause, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=fail; d=l.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let outcome = arc::verify(&Snapshot::new(), &message, Timestamp(0)).done().unwrap();
/// assert_eq!(outcome.cause, Cause::SealedAsFailed);
/// assert!(explain::headline(&outcome).ends_with("l.example (selector s1) sealed it as broken already (`cv=fail`)"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// No ARC field.
    NoChain,
    /// Everything verified.
    Verified,
    /// The header section was not read to its end.
    MessageLimit,
    /// The newest seal says that the chain was broken before.
    SealedAsFailed,
    /// The structure is broken.
    Structure(Defect),
    /// The newest message signature does not verify: the message was changed after it was sealed.
    MessageSignature(CheckProblem),
    /// A seal does not verify: somebody changed the chain.
    Seal {
        /// Whose.
        instance: u32,
        /// Why.
        problem: CheckProblem,
    },
}

/// The signatures of one set.
///
/// ```
/// use mailproof::arc::{self, Sealer, CheckProblem, Validation};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from:subject", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// # let mail = "From: a@d.example\r\nSubject: Lunch\r\n\r\nHello\r\n";
/// # let set = arc::seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer)?;
/// # let mail = format!(
/// #     "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{mail}",
/// #     set.seal, set.message_signature, set.results
/// # );
/// # let zone = Zone::parse("arc._domainkey.l.example. TXT \"v=DKIM1; k=ed25519; \
/// #     p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\"")?;
/// // Somebody wrote into Subject after the list sealed the mail.
/// let mail = mail.replace("Subject: Lunch", "Subject: [list] Lunch");
/// let message = Message::parse(mail.as_bytes());
/// let ask = |question: &_| zone.answer(question);
/// let outcome = drive_sync(&mut Snapshot::new(), ask, |dns| arc::verify(dns, &message, timestamp));
/// let set = &outcome.sets[0];
/// assert_eq!((set.instance, &set.message_signature), (1, &Some(CheckProblem::Mismatch)));
/// // The seal covers the fields of ARC only.
/// assert_eq!(set.seal, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SetOutcome {
    /// The instance.
    pub instance: u32,
    /// The message signature.
    pub message_signature: Check,
    /// The seal.
    pub seal: Check,
}

/// One signature: `None` if it verifies.
///
/// ```
/// use mailproof::arc::{Check, CheckProblem, explain};
///
/// let told = |check: &Check| check.as_ref().map_or("it verifies".to_owned(), explain::problem);
/// assert_eq!(told(&None), "it verifies");
/// assert_eq!(told(&Some(CheckProblem::NoKey)), "there is no key record at its selector");
/// ```
pub type Check = Option<CheckProblem>;

/// Why a signature of a set does not verify.
///
/// ```
/// use mailproof::arc::{self, Cause, CheckProblem, Sealer, Validation};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from:subject", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// # let mail = "From: a@d.example\r\nSubject: Lunch\r\n\r\nHello\r\n";
/// # let set = arc::seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer)?;
/// # let mail = format!(
/// #     "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{mail}",
/// #     set.seal, set.message_signature, set.results
/// # );
/// # let zone = Zone::parse("arc._domainkey.l.example. TXT \"v=DKIM1; k=ed25519; \
/// #     p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\"")?;
/// // A footer came in after the list sealed the mail.
/// let mail = format!("{mail}-- \r\nThe list\r\n");
/// let message = Message::parse(mail.as_bytes());
/// let ask = |question: &_| zone.answer(question);
/// let outcome = drive_sync(&mut Snapshot::new(), ask, |dns| arc::verify(dns, &message, timestamp));
/// assert_eq!(outcome.cause, Cause::MessageSignature(CheckProblem::BodyHash));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CheckProblem {
    /// The field is not one that a validator can use.
    Signature(signature_defect::Defect),
    /// `x=` has passed.
    Expired,
    /// rsa-sha1.
    Sha1,
    /// Selector and domain are too long for a name.
    KeyName,
    /// The DNS did not answer.
    KeyUnavailable(Failure),
    /// There is no key.
    NoKey,
    /// There is a key record, and it is of no use.
    Key(KeyProblem),
    /// The body is not the one that was signed.
    BodyHash,
    /// The header is not the one that was signed.
    Mismatch,
    /// Nobody looked: the result does not depend on it. See [`verdict`](super::verdict).
    NotChecked,
}
