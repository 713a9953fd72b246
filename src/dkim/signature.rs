//! The DKIM-Signature field (RFC 6376 §3.5), and the two fields of ARC that share its form (RFC 8617 §4.1).

mod read;

use super::base64::Base64Error;
use super::tags::{ListFault, Tag};
use crate::Name;
use crate::message::Field;
use crate::name::NameError;
use crate::text::{Source, Span, Spanned};

/// A signature as written, and what is wrong with it. Reading never fails.
///
/// A tag whose value cannot be read is `None` here and a [`Defect`] there.
///
/// ```
/// use mailproof::dkim::{Algorithm, Signature};
///
/// let text = "v=1; a=rsa-sha256; d=d.example; s=s1; h=From : To; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
/// let signature = Signature::parse(&text.into());
/// assert!(signature.defects.is_empty());
/// assert_eq!(signature.algorithm.unwrap().value, Algorithm::RsaSha256);
/// assert_eq!(&text[signature.headers[1]], "To");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Signature {
    /// The body of the field.
    pub source: Source,
    /// Every tag in order, also those that nobody knows; a name only where it stood first.
    pub tags: Vec<Tag>,
    /// `a=`.
    pub algorithm: Option<Spanned<Algorithm>>,
    /// `b=`, decoded.
    pub signature: Option<Spanned<Vec<u8>>>,
    /// `bh=`, decoded.
    pub body_hash: Option<Spanned<Vec<u8>>>,
    /// `c=`, or its default; `None` if it names what nobody knows.
    pub canonicalization: Option<Canonicalizations>,
    /// `d=`, the Signing Domain Identifier.
    pub domain: Option<Spanned<Name>>,
    /// `s=`.
    pub selector: Option<Spanned<Name>>,
    /// `i=`, the Agent or User Identifier. In ARC, `i=` is the instance and not read here.
    pub identity: Option<Spanned<Identity>>,
    /// The names in `h=`.
    pub headers: Vec<Span>,
    /// `l=`.
    pub length: Option<Spanned<u64>>,
    /// `t=`.
    pub timestamp: Option<Spanned<u64>>,
    /// `x=`.
    pub expiration: Option<Spanned<u64>>,
    /// `z=`: copies of header fields at the time of signing.
    pub copies: Vec<CopiedField>,
    /// What is wrong, in no particular order; at most 64.
    pub defects: Vec<Defect>,
    /// How much more is wrong.
    pub more_defects: usize,
}

/// `a=` (§3.3, RFC 8463 §3).
///
/// ```
/// use mailproof::dkim::{Algorithm, HashAlgorithm, Signature};
///
/// let signature = Signature::parse(&"v=1; a=rsa-sha1; d=d.example; s=s1; h=from; bh=; b=".into());
/// let algorithm = signature.algorithm.unwrap().value;
/// assert_eq!((algorithm, algorithm.hash()), (Algorithm::RsaSha1, HashAlgorithm::Sha1));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-1: historic (RFC 8301 §3.1).
    RsaSha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// PureEdDSA over the SHA-256 digest.
    Ed25519Sha256,
}

impl Algorithm {
    /// The value of `a=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaSha1 => "rsa-sha1",
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        }
    }

    /// The hash in it.
    pub fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaSha1 => HashAlgorithm::Sha1,
            Self::RsaSha256 | Self::Ed25519Sha256 => HashAlgorithm::Sha256,
        }
    }
}

/// A hash algorithm.
///
/// ```
/// use mailproof::dkim::{Algorithm, HashAlgorithm};
///
/// let hash = Algorithm::Ed25519Sha256.hash();
/// assert_eq!((hash, hash.as_str(), hash.octets()), (HashAlgorithm::Sha256, "sha256", 32));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum HashAlgorithm {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl HashAlgorithm {
    /// Its name in `a=` and in `h=` of keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// Octets in a digest.
    pub fn octets(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// `c=` (§3.4).
///
/// ```
/// use mailproof::dkim::{Canonicalization, Signature};
///
/// // Whoever names one names that of the header; that of the body stays `simple` (RFC 6376 §3.5).
/// let c = Signature::parse(&"v=1; a=rsa-sha256; c=relaxed".into()).canonicalization.unwrap();
/// assert_eq!((c.header, c.body), (Canonicalization::Relaxed, Canonicalization::Simple));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Canonicalizations {
    /// Of the header.
    pub header: Canonicalization,
    /// Of the body.
    pub body: Canonicalization,
}

/// How much a message may change on its way without harm (§3.4).
///
/// ```
/// use mailproof::dkim::{Canonicalization, HashAlgorithm::Sha256, body_hash};
///
/// let survives = |mode| body_hash(mode, Sha256, b"a  b \r\n", None) == body_hash(mode, Sha256, b"a b\r\n", None);
/// assert!(survives(Canonicalization::Relaxed));
/// assert!(!survives(Canonicalization::Simple));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Canonicalization {
    /// Next to nothing.
    Simple,
    /// White space and the case of field names.
    Relaxed,
}

impl Canonicalization {
    /// The word in `c=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Relaxed => "relaxed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Simple, Self::Relaxed].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// `i=` (§3.5).
///
/// ```
/// use mailproof::dkim::Signature;
///
/// let signature = Signature::parse(&"v=1; a=rsa-sha256; d=d.example; s=s1; i=news=2Bjohn@mail.d.example".into());
/// let identity = signature.identity.unwrap().value;
/// assert_eq!(identity.local_part, "news+john");
/// assert!(identity.domain.is_within(&signature.domain.unwrap().value));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// What stands before the last `@`, decoded; often nothing.
    pub local_part: String,
    /// What stands after it.
    pub domain: Name,
}

/// One header field copied into `z=`.
///
/// ```
/// use mailproof::dkim::Signature;
///
/// let text = "v=1; a=rsa-sha256; d=d.example; s=s1; z=From:news@d.example|Subject:Your=20order";
/// let signature = Signature::parse(&text.into());
/// let subject = &signature.copies[1];
/// assert_eq!((&text[subject.name], &subject.body[..]), ("Subject", &b"Your order"[..]));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CopiedField {
    /// Where its name stands.
    pub name: Span,
    /// Its body, decoded.
    pub body: Vec<u8>,
}

/// Something wrong with a signature.
///
/// ```
/// use mailproof::dkim::Signature;
///
/// let text = "v=1; a=rsa-sha265; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
/// let signature = Signature::parse(&text.into());
/// assert_eq!(&text[signature.defects[0].span], "rsa-sha265");
/// assert!(!signature.is_usable());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// Where in [`Signature::source`].
    pub span: Span,
}

/// What kind of defect.
///
/// ```
/// use mailproof::dkim::{Signature, signature_defect::DefectKind};
///
/// // RFC 6376 §5.4: a signature that does not cover From is of no use.
/// let signature = Signature::parse(&"v=1; a=rsa-sha256; d=d.example; s=s1; h=to:subject; \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v".into());
/// assert_eq!(signature.defects[0].kind, DefectKind::FromNotSigned);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DefectKind {
    /// The tag-list is broken.
    List(ListFault),
    /// `v=` is not `1`.
    Version,
    /// A required tag is not there.
    Missing(&'static str),
    /// A tag that needs a value has none.
    Empty(&'static str),
    /// `a=` names what nobody knows.
    Algorithm,
    /// `c=` names what nobody knows.
    Canonicalization,
    /// `b=` or `bh=` is not base64. Offsets count from the start of the value.
    Base64(Base64Error),
    /// `bh=` is not as long as a digest of the algorithm.
    BodyHashLength {
        /// Octets of a digest.
        expected: usize,
        /// Octets there are.
        found: usize,
    },
    /// `d=` is not a domain name.
    Domain(NameError),
    /// `d=` has one label only (§3.5: domain-name is sub-domain 1*("." sub-domain)).
    DomainOneLabel,
    /// `d=` or `s=` ends in a dot.
    FinalDot,
    /// `s=` is not a sequence of labels.
    Selector(NameError),
    /// `i=` is not an address at a domain, or not dkim-quoted-printable.
    Identity,
    /// The domain of `i=` is neither `d=` nor below it.
    IdentityOutsideDomain,
    /// A name in `h=` is empty or has characters that no field name may have.
    HeaderName,
    /// More names in `h=` than are looked at.
    TooManyHeaders,
    /// From is not in `h=`.
    FromNotSigned,
    /// `l=`, `t=` or `x=` is not a number, or one of too many digits.
    Number(&'static str),
    /// `x=` is not after `t=`.
    ExpirationNotAfterTimestamp,
    /// `q=` does not list `dns/txt`.
    QueryMethod,
    /// A part of `z=` is not `name:value`, or not dkim-quoted-printable. Harmless: `z=` is for diagnosis only.
    Copy,
}

/// Which field is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// DKIM-Signature.
    Dkim,
    /// ARC-Message-Signature: no `v=`, `i=` is the instance, `h=` may be empty (RFC 8617 §4.1.2).
    ArcMessageSignature,
    /// ARC-Seal: neither `h=`, `c=` nor `bh=` (RFC 8617 §4.1.3).
    ArcSeal,
}

/// Signatures of a message that are judged. Honest mail has fewer; each costs a DNS question and a check (RFC 6376 §8.4).
pub const MAX_SIGNATURES: usize = 10;

/// Names in `h=` that are looked at. Each costs a search among the header fields; real lists have up to about 60.
pub const MAX_HEADERS: usize = 1_000;

/// Defects that are kept. Those of `z=`, the only harmless ones, are read last, so that they take no other's place.
/// [`Signature::more_defects`] counts the others.
pub(super) const MAX_DEFECTS: usize = 64;

impl Signature {
    /// Reads the body of a DKIM-Signature field.
    pub fn parse(source: &Source) -> Self {
        Self::of(source.clone(), Form::Dkim)
    }

    /// Reads a DKIM-Signature field.
    ///
    /// ```
    /// use mailproof::{dkim::Signature, message::Message};
    ///
    /// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example;\r\n\ts=s1\r\n\r\n");
    /// let at = message.fields_named("DKIM-Signature").next().unwrap();
    /// assert_eq!(Signature::of_field(&message.fields()[at]).selector.unwrap().value, "s1");
    /// ```
    pub fn of_field(field: &Field<'_>) -> Self {
        Self::of(Source::from_bytes(field.body()), Form::Dkim)
    }

    pub(crate) fn of(source: Source, form: Form) -> Self {
        read::read(Self::empty(source), form)
    }

    /// The value of the tag called `name`.
    ///
    /// ```
    /// use mailproof::dkim::Signature;
    ///
    /// let text = "v=1; a=rsa-sha256; d=d.example; s=s1; q=dns/txt";
    /// assert_eq!(&text[Signature::parse(&text.into()).tag("q").unwrap()], "dns/txt");
    /// ```
    pub fn tag(&self, name: &str) -> Option<Span> {
        self.tags.iter().find(|tag| &self.source.text()[tag.name] == name).map(|tag| tag.value)
    }

    /// Whether a verifier can use it at all: nothing is wrong with it but, perhaps, `z=`.
    pub fn is_usable(&self) -> bool {
        self.defects.iter().all(|defect| defect.kind == DefectKind::Copy)
    }

    /// How often `name` stands in `h=`, in whatever case.
    ///
    /// ```
    /// use mailproof::dkim::Signature;
    ///
    /// // From is named once more than it stands there, so that nobody can add another one (RFC 6376 §8.15).
    /// let signature = Signature::parse(&"v=1; a=rsa-sha256; d=d.example; s=s1; h=From:To:From".into());
    /// assert_eq!((signature.signs("from"), signature.signs("subject")), (2, 0));
    /// ```
    pub fn signs(&self, name: &str) -> usize {
        self.headers.iter().filter(|&&span| self.source.text()[span].eq_ignore_ascii_case(name)).count()
    }

    fn empty(source: Source) -> Self {
        Self {
            source,
            tags: Vec::new(),
            algorithm: None,
            signature: None,
            body_hash: None,
            canonicalization: None,
            domain: None,
            selector: None,
            identity: None,
            headers: Vec::new(),
            length: None,
            timestamp: None,
            expiration: None,
            copies: Vec::new(),
            defects: Vec::new(),
            more_defects: 0,
        }
    }
}

#[cfg(test)]
mod tests;
