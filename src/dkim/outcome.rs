//! What a verifier found out about one signature.

mod key_lookup;

use std::fmt;

use super::crypto::Digest;
use super::signature::Signature;
use super::signature_defect;
use crate::Name;
use crate::dns::Failure;
use crate::message::DefectKind;
pub use key_lookup::{Candidate, KeyLookup};

/// The judgement of one DKIM-Signature field: the result, why, and each half of the evidence by itself.
///
/// ```
/// use mailproof::dkim::{self, Cause, DkimResult};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let outcome = &outcomes[0];
/// assert_eq!((outcome.result, &outcome.cause), (DkimResult::Fail, &Cause::BodyHash));
/// // Each half stands by itself: the header is as papershop.example signed it, the body is not.
/// assert!(outcome.header.unwrap().verified && !outcome.body.unwrap().matches);
/// assert_eq!(outcome.domain().unwrap(), "papershop.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// The signature.
    pub signature: Signature,
    /// The result (RFC 8601 §2.7.1).
    pub result: DkimResult,
    /// The first reason for it, in the order of RFC 6376 §6.1.
    pub cause: Cause,
    /// The body hash; `None` if the signature does not say how to make it. Judged whatever the header says.
    pub body: Option<BodyCheck>,
    /// The signature over the header; `None` if it could not be checked. Judged whatever the body says.
    pub header: Option<HeaderCheck>,
    /// For each name in `h=` the header field that it stands for; `None` where there is none (left).
    pub signed: Vec<Option<usize>>,
    /// What the DNS published.
    pub keys: KeyLookup,
}

/// The result of one signature in the words of RFC 8601 §2.7.1.
///
/// ```
/// use mailproof::dkim::{Cause, DkimResult};
///
/// // A signature that has expired can never verify again; one whose body was changed was judged, and failed.
/// assert_eq!(Cause::Expired.result(), DkimResult::Permerror);
/// assert_eq!(Cause::BodyHash.result(), DkimResult::Fail);
/// assert_eq!(format!("dkim={}", DkimResult::Permerror), "dkim=permerror");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum DkimResult {
    /// It verified.
    Pass,
    /// It could not be judged now; later it may.
    Temperror,
    /// It was judged, and does not verify.
    Fail,
    /// It is not acceptable here, whether or not it verifies.
    Policy,
    /// It could not be processed.
    Neutral,
    /// It cannot verify, and asking once more helps nothing: its field or its key has to be another one.
    Permerror,
}

impl DkimResult {
    /// The word in Authentication-Results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Temperror => "temperror",
            Self::Fail => "fail",
            Self::Policy => "policy",
            Self::Neutral => "neutral",
            Self::Permerror => "permerror",
        }
    }
}

impl fmt::Display for DkimResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a signature has its result.
///
/// ```
/// use mailproof::dkim::{self, Cause, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/key-missing.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// assert_eq!(outcomes[0].cause, Cause::NoKey);
/// assert_eq!(outcomes[0].cause.result().as_str(), "permerror");
/// assert_eq!(explain::cause(&outcomes[0].cause), "there is no key record at its selector");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Body and header are as they were signed.
    Verified,
    /// It was not looked at: [`Options::signatures`](super::Options::signatures) before it were.
    TooManySignatures,
    /// The header section was not read to its end.
    MessageLimit(DefectKind),
    /// The field is not one that a verifier can use.
    Signature(signature_defect::Defect),
    /// `x=` has passed.
    Expired,
    /// rsa-sha1 (RFC 8301 §3.1).
    Sha1,
    /// `s=` and `d=` together are too long for a name.
    KeyName,
    /// The DNS did not answer.
    KeyUnavailable(Failure),
    /// There is no TXT record at the name of the key.
    NoKey,
    /// There is a key record, and it is of no use.
    Key(KeyProblem),
    /// `l=` counts more octets than the canonical body has.
    BodyTooShort,
    /// The body is not the one that was signed.
    BodyHash,
    /// The signed header fields are not the ones that were signed, or another key signed them.
    HeaderSignature,
}

/// Why a key record is of no use for a signature, in the order of RFC 6376 §6.1.2.
///
/// ```
/// use mailproof::dkim::{self, Cause, KeyProblem};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
/// // The key for TLS reports stands where one for mail should be (RFC 8460 §3).
/// let ask = |_: &_| Answer::txt(["v=DKIM1; s=tlsrpt; p=MAcCAgCRAgED"]);
/// let outcomes = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// assert_eq!(outcomes[0].cause, Cause::Key(KeyProblem::Service));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum KeyProblem {
    /// No tag-list at all: something else is published at the name.
    NotAKey,
    /// The record is malformed, or of another version.
    Syntax,
    /// `s=` does not allow mail.
    Service,
    /// `h=` does not allow the hash.
    Hash,
    /// `p=` is empty.
    Revoked,
    /// `k=` does not fit `a=`.
    Type,
    /// `p=` holds no key of the type.
    Undecodable,
    /// An RSA key of fewer bits than [`Options::min_rsa_bits`](super::Options::min_rsa_bits) (RFC 8301 §3.2).
    TooShort,
    /// An RSA key that costs too much: more than 8,192 bits, or an exponent above 2^32.
    TooLong,
    /// `t=s`, and the domain of `i=` is not that of `d=`.
    Strict,
}

/// The body of the message against `bh=`.
///
/// ```
/// use mailproof::dkim;
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// // `l=0` signs no octet of the body, so whatever stands there matches.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; l=0;\r\n \
///     h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\nBuy!\r\n");
/// let ask = |_: &_| Answer::txt(["v=DKIM1; p="]);
/// let outcomes = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let body = outcomes[0].body.unwrap();
/// assert!(body.matches);
/// assert_eq!((body.octets, body.signed, body.unsigned()), (6, 0, 6));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BodyCheck {
    /// Whether the hashes are equal.
    pub matches: bool,
    /// The hash of the body as it is.
    pub computed: Digest,
    /// Octets of the whole canonical body.
    pub octets: u64,
    /// How many of them `l=` covers; all without it.
    pub signed: u64,
}

impl BodyCheck {
    /// Octets of the canonical body that are not signed.
    pub fn unsigned(&self) -> u64 {
        self.octets.saturating_sub(self.signed)
    }
}

/// The header of the message against `b=`.
///
/// ```
/// use mailproof::dkim;
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/subject-tag.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// // The list wrote its name into Subject, which is signed, and left the body alone.
/// assert!(!outcomes[0].header.unwrap().verified);
/// assert!(outcomes[0].body.unwrap().matches);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HeaderCheck {
    /// Whether the signature verifies.
    pub verified: bool,
    /// The hash of the header as it is.
    pub computed: Digest,
}

impl Outcome {
    /// `d=`, if it can be read.
    pub fn domain(&self) -> Option<&Name> {
        self.signature.domain.as_ref().map(|domain| &domain.value)
    }

    /// Whether the key says `t=y`: the result must neither help nor harm (RFC 6376 §3.6.1).
    ///
    /// ```
    /// use mailproof::dkim;
    /// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
    ///
    /// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
    ///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
    /// let ask = |_: &_| Answer::txt(["v=DKIM1; t=y; p="]);
    /// let outcomes = drive_sync(&mut Snapshot::new(), ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
    /// assert!(outcomes[0].is_testing());
    /// ```
    pub fn is_testing(&self) -> bool {
        self.keys.used().is_some_and(|candidate| candidate.key.is_testing())
    }
}

impl Cause {
    /// The word of RFC 8601 §2.7.1.
    pub fn result(&self) -> DkimResult {
        use signature_defect::DefectKind as Kind;
        match self {
            Self::Verified => DkimResult::Pass,
            Self::TooManySignatures | Self::MessageLimit(_) | Self::Key(KeyProblem::TooShort | KeyProblem::TooLong) => {
                DkimResult::Policy
            }
            Self::KeyUnavailable(_) => DkimResult::Temperror,
            Self::BodyHash | Self::HeaderSignature => DkimResult::Fail,
            Self::Signature(defect) => match defect.kind {
                // RFC 6376 §6.1.1: these have an error of their own; RFC 8601: "required field missing".
                Kind::FromNotSigned | Kind::IdentityOutsideDomain => DkimResult::Permerror,
                Kind::TooManyHeaders => DkimResult::Policy,
                _ => DkimResult::Neutral,
            },
            Self::Expired
            | Self::Sha1
            | Self::KeyName
            | Self::NoKey
            | Self::BodyTooShort
            | Self::Key(
                // §6.1.2 step 5: no other answer is to be expected, and a wildcard of the owner's must not help a forger.
                KeyProblem::NotAKey
                | KeyProblem::Syntax
                | KeyProblem::Service
                | KeyProblem::Hash
                | KeyProblem::Revoked
                | KeyProblem::Type
                | KeyProblem::Undecodable
                | KeyProblem::Strict,
            ) => DkimResult::Permerror,
        }
    }
}
