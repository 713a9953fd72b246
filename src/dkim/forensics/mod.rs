//! What changed in a message after it was signed.
//!
//! A failed signature is evidence. `bh=` is the hash of the signed body, and an RSA signature raised to the public
//! exponent is the hash of the signed header. So every guess at the original costs one hash, and a guess whose hash
//! is the signer's is the original. Nothing here changes a verdict.

mod body;
mod coding;
mod header;
mod key;
mod lines;
mod recode;
mod suspect;
#[cfg(test)]
mod tests;
mod transform;
mod values;

use super::crypto::Digest;
use super::outcome::{KeyLookup, Outcome};
use super::signature::{Canonicalization, HashAlgorithm};
use crate::Name;
use crate::dns::Snapshot;
use crate::message::Message;
use key::key_evidence;

/// How much work a search may do. The same budget gives the same findings on every machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Octets hashed. A signature check of Ed25519 counts as [`ED25519_COST`] of them.
    pub octets: u64,
    /// Hashes compared.
    pub hashes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { octets: MAX_HASHED, hashes: MAX_HASHES }
    }
}

/// Octets hashed for one signature, unless the caller gives another budget: about 40 ms with SHA-256 at 1.5 GB/s.
const MAX_HASHED: u64 = 40 << 20;
/// Hashes compared for one signature, unless the caller gives another budget. The alterations of the corpus need fewer.
const MAX_HASHES: usize = 60_000;

/// What a signature check of Ed25519 costs, in octets hashed.
pub const ED25519_COST: u64 = 60_000;

/// What a search found out about one signature.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// What happened to the body; `None` if it is as it was signed, or could not be looked at.
    pub body: Option<Alteration>,
    /// What happened to the signed header fields; empty if they are as they were signed.
    pub header: Vec<Alteration>,
    /// What is known of the key that signed.
    pub key: KeyEvidence,
    /// How much was done.
    pub spent: Spent,
}

/// Work done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Spent {
    /// Octets hashed.
    pub octets: u64,
    /// Hashes compared.
    pub hashes: usize,
}

/// One thing that happened to a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Alteration {
    /// Where.
    pub part: Part,
    /// What.
    pub what: What,
    /// The name of the header field concerned.
    pub header: Option<String>,
    /// Offset in the body as received, or of the header field in the message.
    pub at: Option<usize>,
    /// The first and the last offset that would mean the same.
    pub at_range: Option<(usize, usize)>,
    /// Octets of the received message concerned.
    pub length: usize,
    /// What stood there when it was signed: nothing for an insertion; the value of a header field. With
    /// [`Scope::Body`] the complete signed body. `None` if it is not known.
    pub original: Option<Vec<u8>>,
    /// What [`Alteration::original`] stands for.
    pub scope: Scope,
    /// The single places, if there are several.
    pub edits: Vec<Edit>,
    /// With [`What::SignedOtherwise`]: how the signer did hash the body.
    pub signed_as: Option<SignedAs>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Hypotheses that were tried for this part.
    pub tried: usize,
}

/// How a body was hashed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignedAs {
    /// With which canonicalization.
    pub canonicalization: Canonicalization,
    /// How many octets; all without it.
    pub length: Option<u64>,
}

/// One place of an alteration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// Offset in the body as received.
    pub at: usize,
    /// Octets there.
    pub length: usize,
    /// What stood there.
    pub original: Vec<u8>,
}

/// Where an alteration is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Part {
    /// In the body.
    Body,
    /// In a header field.
    Header,
}

/// What an alteration is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum What {
    /// Text was added at the end.
    Appended,
    /// Text was added elsewhere.
    Inserted,
    /// Text was replaced.
    Replaced,
    /// The end is missing.
    Truncated,
    /// Another content-transfer-encoding or charset.
    ReEncoded,
    /// White space.
    Whitespace,
    /// Line ends.
    LineEndings,
    /// The body became a part of a multipart.
    MimeWrapped,
    /// The signer hashed it otherwise than `c=` and `l=` say.
    SignedOtherwise,
    /// The value of a header field.
    HeaderChanged,
    /// Only the folding or white space of a header field.
    HeaderRefolded,
    /// A header field was added.
    HeaderAdded,
    /// A header field was removed.
    HeaderRemoved,
    /// Something; nobody can say what.
    Unknown,
}

impl What {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appended => "appended",
            Self::Inserted => "inserted",
            Self::Replaced => "replaced",
            Self::Truncated => "truncated",
            Self::ReEncoded => "re-encoded",
            Self::Whitespace => "whitespace",
            Self::LineEndings => "line-endings",
            Self::MimeWrapped => "mime-wrapped",
            Self::SignedOtherwise => "signed-otherwise",
            Self::HeaderChanged => "header-changed",
            Self::HeaderRefolded => "header-refolded",
            Self::HeaderAdded => "header-added",
            Self::HeaderRemoved => "header-removed",
            Self::Unknown => "unknown",
        }
    }
}

/// What a recovered original is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Scope {
    /// What stood at that place.
    Place,
    /// The complete signed body.
    Body,
    /// The octets that the signer hashed, where those are no body of a mail.
    RawHash,
}

/// How sure an alteration is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Certainty {
    /// With it undone, the signer's hash comes out, or the signature verifies.
    Proven,
    /// Something in the message speaks for it.
    Likely,
    /// Nothing that was tried gives the signer's hash.
    Unknown,
}

/// What is known of the key that signed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum KeyEvidence {
    /// Nothing: there is no key, or its kind reveals nothing.
    #[default]
    Unknown,
    /// The published key made the signature: only what was signed has changed.
    Signed {
        /// The hash of the signed header.
        digest: Digest,
        /// With which algorithm.
        hash: HashAlgorithm,
    },
    /// The published key did not make the signature, or `b=` was damaged.
    Other,
    /// Another published key made it: the wrong selector, or keys were exchanged.
    PublishedElsewhere {
        /// Where that key is.
        name: Name,
    },
}

/// Searches for what changed since `outcome`'s signature was made. Asks the DNS nothing: other keys are looked for
/// among what `dns` holds already.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Certainty, What}};
/// use mailproof::dns::{Answer, Snapshot};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// // Signed with an empty body; somebody appended a line.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; c=relaxed/relaxed\r\nFrom: a@d.example\r\n\r\nad\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let body = evidence.body.unwrap();
/// assert_eq!((body.what, body.at, body.length), (What::Appended, Some(0), 4));
/// assert_eq!(body.certainty, Certainty::Proven);
/// ```
pub fn investigate(dns: &Snapshot, message: &Message<'_>, outcome: &Outcome, budget: &Budget) -> Evidence {
    let mut evidence = Evidence::default();
    let mut work = Work::new(budget);
    if let Some(body) = outcome.body.filter(|body| !body.matches || body.signed > body.octets) {
        evidence.body = body::search(message, outcome, &body, &mut work);
        // What the body did not use is left for the header, and half of everything at least.
        work.limit = *budget;
    }
    if outcome.header.is_some_and(|header| !header.verified) {
        evidence.key = key_evidence(dns, message, outcome);
        evidence.header = header::search(dns, message, outcome, &evidence, &mut work);
    }
    if matches!(outcome.keys, KeyLookup::Missing { .. }) {
        evidence.key = key_evidence(dns, message, outcome);
    }
    evidence.spent = work.spent;
    evidence
}

/// The budget, and what of it is spent.
struct Work {
    limit: Budget,
    spent: Spent,
}

impl Work {
    /// The body may use half of the budget.
    fn new(budget: &Budget) -> Self {
        let limit = Budget { octets: budget.octets / 2, hashes: budget.hashes / 2 };
        Self { limit, spent: Spent::default() }
    }

    /// Whether `hashes` over `octets` in all can still be done; if so they are counted as done.
    fn spend(&mut self, octets: u64, hashes: usize) -> bool {
        let spent = Spent { octets: self.spent.octets + octets, hashes: self.spent.hashes + hashes };
        let within = spent.octets <= self.limit.octets && spent.hashes <= self.limit.hashes;
        if within {
            self.spent = spent;
        }
        within
    }

    fn left(&self) -> u64 {
        self.limit.octets.saturating_sub(self.spent.octets)
    }
}
