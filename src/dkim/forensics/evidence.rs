//! What a search found out: the alterations, and what is known of the key.

use crate::Name;
use crate::dkim::{Canonicalization, Digest, HashAlgorithm};

/// What a search found out about one signature.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, KeyEvidence}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/subject-tag.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// // The shop's key made the signature, the body is whole, and one header field is not as it was signed.
/// assert!(matches!(evidence.key, KeyEvidence::Signed { .. }));
/// assert_eq!(evidence.body, None);
/// assert_eq!(evidence.header.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let spent = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default()).spent;
/// // A footer is among the first guesses.
/// assert!((1..100).contains(&spent.hashes));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Spent {
    /// Octets hashed.
    pub octets: u64,
    /// Hashes compared.
    pub hashes: usize,
}

/// One thing that happened to a message.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, What}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/subject-tag.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let found = &evidence.header[0];
/// assert_eq!((found.what, found.header.as_deref()), (What::HeaderChanged, Some("Subject")));
/// assert_eq!(found.original.as_ref().unwrap().trim_ascii(), b"Your order 1042 is on its way");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::dkim::{self, Canonicalization::Simple, HashAlgorithm::Sha256, forensics::{self, Budget, What}};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// // The signer announces `relaxed` and hashes as in `simple`.
/// let bh = dkim::body_hash(Simple, Sha256, b"Dear  John\r\n", None);
/// let mail = format!("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from;\r\n \
///     bh={bh}; b=Zm9v\r\nFrom: a@d.example\r\n\r\nDear  John\r\n");
/// let message = Message::parse(mail.as_bytes());
/// let mut dns = Snapshot::new();
/// let ask = |_: &_| Answer::txt(["v=DKIM1; p="]);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let body = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default()).body.unwrap();
/// assert_eq!(body.what, What::SignedOtherwise);
/// assert_eq!(body.signed_as.unwrap().canonicalization, Simple);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignedAs {
    /// With which canonicalization.
    pub canonicalization: Canonicalization,
    /// How many octets; all without it.
    pub length: Option<u64>,
}

/// One place of an alteration.
///
/// ```
/// use mailproof::dkim::{self, Canonicalization::Relaxed, HashAlgorithm::Sha256, forensics::{self, Budget, What}};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// // A gateway warned at the top, and a list wrote its name at the end.
/// let bh = dkim::body_hash(Relaxed, Sha256, b"Hello\r\n", None);
/// let mail = format!("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from;\r\n \
///     bh={bh}; b=Zm9v\r\nFrom: a@d.example\r\n\r\nWARNING: from outside\r\nHello\r\n-- \r\nThe list\r\n");
/// let message = Message::parse(mail.as_bytes());
/// let mut dns = Snapshot::new();
/// let ask = |_: &_| Answer::txt(["v=DKIM1; p="]);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let body = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default()).body.unwrap();
/// assert_eq!(body.what, What::Inserted);
/// let places: Vec<_> = body.edits.iter().map(|edit| (edit.at, edit.length)).collect();
/// assert_eq!(places, [(0, 23), (30, 15)]);
/// ```
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
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Part}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let parts: Vec<Part> = evidence.body.iter().chain(&evidence.header).map(|found| found.part).collect();
/// assert_eq!(parts, [Part::Body]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Part {
    /// In the body.
    Body,
    /// In a header field.
    Header,
}

/// What an alteration is.
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, What}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let what = evidence.body.unwrap().what;
/// assert_eq!((what, what.as_str()), (What::Appended, "appended"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum What {
    /// Text was added at the end.
    Appended,
    /// Text was added elsewhere.
    Inserted,
    /// Text was replaced, or is missing and was not at the end.
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
    /// The parts of a multipart were put between other boundaries.
    Reframed,
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
            Self::Reframed => "reframed",
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
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Scope}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let body = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default()).body.unwrap();
/// // Nothing stood at that place, the end of the body.
/// assert_eq!((body.scope, body.original), (Scope::Place, Some(Vec::new())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, Certainty}};
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::drive_sync};
///
/// // `bh=` is no hash of anything that this body can have been.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1;\r\n \
///     h=from; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=Zm9v\r\nFrom: a@d.example\r\n\r\nHello\r\n");
/// let mut dns = Snapshot::new();
/// let ask = |_: &_| Answer::txt(["v=DKIM1; p="]);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let body = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default()).body.unwrap();
/// assert_eq!(body.certainty, Certainty::Unknown);
/// assert!(body.tried > 0);
/// ```
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
///
/// ```
/// use mailproof::dkim::{self, forensics::{self, Budget, KeyEvidence}};
/// use mailproof::dns::{Question, RecordType, Snapshot};
/// use mailproof::{Timestamp, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// // The signer took its new key and wrote the old selector.
/// let mail = std::fs::read_to_string("examples/mail/passes.eml")?.replace("s=s2026", "s=s2025");
/// let message = Message::parse(mail.as_bytes());
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// // Keys are compared with those that were asked for, for instance because they are known to be in use.
/// let name = "s2026._domainkey.papershop.example".parse()?;
/// let other = Question::new(name, RecordType::Txt);
/// dns.insert(other.clone(), zone.answer(&other));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// assert_eq!(evidence.key, KeyEvidence::PublishedElsewhere { name: other.name });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
