//! The DMARC Policy Record (RFC 9989 §4.7 and §4.8): text to a tree with spans. Reading never fails.

use std::fmt;
use std::sync::OnceLock;

use super::tag::{Part, PartKind, Segments, Tag};
use super::uri::{self, Uri};
use super::value::{FailureOptions, Mode, Policy, Psd, Stated, Testing};
use crate::text::{Source, Span};

/// A DMARC Policy Record, or a text that was meant to be one.
///
/// What cannot be read is kept with its place. White space is what the ABNF of §4.8 allows: space and TAB.
/// When a tag stands twice the first one counts here; real receivers differ.
///
/// ```
/// use mailproof::dmarc::{Policy, Record, Request};
///
/// let record = Record::parse("v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com");
/// assert!(record.is_dmarc());
/// assert_eq!(record.p().value(), Some(Policy::Reject));
/// let Request::Policies(policies) = record.request() else { panic!() };
/// assert_eq!(policies.np, Policy::Quarantine, "np defaults to sp");
/// assert_eq!((record.sp().value(), record.np().is_absent()), (Some(Policy::Quarantine), true));
/// assert!(record.has_rua() && record.has_usable_rua() && !record.has_ruf());
/// ```
///
/// Each tag with its default:
///
/// ```
/// use mailproof::dmarc::{Mode, Psd, Record, Testing};
///
/// let record = Record::parse("v=DMARC1; p=none; aspf=s; t=y; pct=50; fo=1; ruf=mailto:f@example.com");
/// assert_eq!(record.parts().len(), 6, "all but the version");
/// assert_eq!((record.adkim().or_default(), record.aspf().or_default()), (Mode::Relaxed, Mode::Strict));
/// assert_eq!((record.psd().or_default(), record.t().or_default()), (Psd::Unknown, Testing::Yes));
/// assert_eq!((record.pct().value(), record.fo().is_absent()), (Some(50), false));
/// assert_eq!(record.ruf()[0].host(record.source()).unwrap(), "example.com");
/// ```
#[derive(Clone)]
pub struct Record {
    source: Source,
    version: Version,
    parts: Vec<Part>,
    settings: Settings,
    /// Read when first asked for: most verdicts never look at them.
    rua: OnceLock<Vec<Uri>>,
    ruf: OnceLock<Vec<Uri>>,
}

/// Whether the text is a DMARC Policy Record: its first tag must be `v=DMARC1` (§4.7).
///
/// ```
/// use mailproof::dmarc::{Record, Version};
///
/// assert_eq!(Record::parse("v=DMARC1; p=reject").version(), Version::Dmarc1);
/// // Some receivers see this one, some do not.
/// assert_eq!(Record::parse("V=DMARC1; p=reject").version(), Version::UpperCase);
/// // No receiver sees these.
/// assert_eq!(Record::parse("v=dmarc1; p=reject").version(), Version::Other);
/// assert_eq!(Record::parse("p=reject; v=DMARC1").version(), Version::Other);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Version {
    /// It is one.
    Dmarc1,
    /// It is one by the ABNF of §4.8, but the tag's name is written `V`, which RFC 6376 §3.2 does not allow.
    UpperCase,
    /// It is none: receivers do not see it.
    Other,
}

/// What the tags with one word say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Settings {
    p: Stated<Policy>,
    sp: Stated<Policy>,
    np: Stated<Policy>,
    adkim: Stated<Mode>,
    aspf: Stated<Mode>,
    psd: Stated<Psd>,
    t: Stated<Testing>,
    fo: Stated<FailureOptions>,
    pct: Stated<u8>,
    /// The values of the first `rua` and `ruf`.
    rua: Option<Span>,
    ruf: Option<Span>,
}

/// What a record asks of receivers (§4.7 and §4.10.1).
///
/// ```
/// use mailproof::dmarc::{Record, Request};
///
/// let asks = |text: &str| Record::parse(text).request();
/// assert!(matches!(asks("v=DMARC1; p=reject"), Request::Policies(_)));
/// // One wrong letter in `sp` disarms `p` as well.
/// assert_eq!(asks("v=DMARC1; p=reject; sp=rejct; rua=mailto:d@example.com"), Request::ActAsNone);
/// assert_eq!(asks("v=DMARC1; p=reject; sp=rejct"), Request::NoProcessing);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Request {
    /// These policies.
    Policies(Policies),
    /// `p` is not valid or not there, or `sp` or `np` is not valid; but `rua` has a URI: as if the record were `p=none`.
    ActAsNone,
    /// The same without a URI in `rua`: no DMARC processing.
    NoProcessing,
}

/// The policies of a valid record, with their defaults filled in.
///
/// ```
/// use mailproof::dmarc::{Policy, Record, Request};
///
/// let Request::Policies(policies) = Record::parse("v=DMARC1; p=none; np=reject").request() else { panic!() };
/// assert_eq!((policies.p, policies.sp, policies.np), (Policy::None, Policy::None, Policy::Reject));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Policies {
    /// For the domain.
    pub p: Policy,
    /// For existing subdomains.
    pub sp: Policy,
    /// For non-existent subdomains.
    pub np: Policy,
}

/// Parts of one record that are kept. A DNS answer of 64 KiB could hold thousands; a record has fewer than twenty.
pub const MAX_PARTS: usize = 500;

impl Record {
    /// Reads a text.
    pub fn parse(text: impl Into<Source>) -> Self {
        Self::of(text.into())
    }

    /// Reads a TXT record.
    ///
    /// ```
    /// use mailproof::dmarc::Record;
    /// use mailproof::text::Source;
    ///
    /// // As the DNS had it: the record is split, and the strings are joined without a space (RFC 9989 §4.6).
    /// let source = Source::from_strings(["v=DMARC1; p=none; rua=mailto:d@", "example.com"]);
    /// assert_eq!(Record::of(source).rua()[0].span.len(), "mailto:d@example.com".len());
    /// ```
    pub fn of(source: Source) -> Self {
        let text = source.text();
        let mut segments = Segments { text, at: 0 };
        let mut record = Self {
            version: Version::Other,
            parts: Vec::new(),
            settings: Settings::default(),
            rua: OnceLock::new(),
            ruf: OnceLock::new(),
            source: Source::default(),
        };
        record.version = version(text, &mut segments);
        if record.version != Version::Other {
            record.parts.reserve(12);
        }
        for part in segments.take(MAX_PARTS) {
            if let PartKind::Tag { tag, value, .. } = part.kind {
                record.keep(text, tag, value);
            }
            record.parts.push(part);
        }
        record.source = source;
        record
    }

    /// Whether the first tag is `v=DMARC1`. Otherwise receivers do not see the record (§4.7).
    pub fn is_dmarc(&self) -> bool {
        self.version != Version::Other
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What the first tag says.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Every part after the version tag, in order; of a text that is no DMARC record, every part.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Policy of the domain.
    pub fn p(&self) -> Stated<Policy> {
        self.settings.p
    }

    /// Policy of existing subdomains.
    pub fn sp(&self) -> Stated<Policy> {
        self.settings.sp
    }

    /// Policy of non-existent subdomains.
    pub fn np(&self) -> Stated<Policy> {
        self.settings.np
    }

    /// DKIM alignment mode.
    pub fn adkim(&self) -> Stated<Mode> {
        self.settings.adkim
    }

    /// SPF alignment mode.
    pub fn aspf(&self) -> Stated<Mode> {
        self.settings.aspf
    }

    /// Whether the domain is a Public Suffix Domain.
    pub fn psd(&self) -> Stated<Psd> {
        self.settings.psd
    }

    /// Test mode.
    pub fn t(&self) -> Stated<Testing> {
        self.settings.t
    }

    /// Failure reporting options; without `ruf` they mean nothing.
    pub fn fo(&self) -> Stated<FailureOptions> {
        self.settings.fo
    }

    /// The historic `pct`: RFC 9989 receivers ignore it, RFC 7489 receivers apply the policy to this share of the mail.
    pub fn pct(&self) -> Stated<u8> {
        self.settings.pct
    }

    /// Aggregate report destinations, usable or not.
    pub fn rua(&self) -> &[Uri] {
        self.rua.get_or_init(|| self.uris(self.settings.rua))
    }

    /// Failure report destinations, usable or not.
    pub fn ruf(&self) -> &[Uri] {
        self.ruf.get_or_init(|| self.uris(self.settings.ruf))
    }

    /// Whether there is a `rua` tag, even an empty one.
    pub fn has_rua(&self) -> bool {
        self.settings.rua.is_some()
    }

    /// Whether there is a `ruf` tag, even an empty one.
    pub fn has_ruf(&self) -> bool {
        self.settings.ruf.is_some()
    }

    /// Whether `rua` has a syntactically valid URI.
    pub fn has_usable_rua(&self) -> bool {
        self.rua().iter().any(Uri::is_valid)
    }

    /// What it asks of receivers.
    pub fn request(&self) -> Request {
        let Settings { p, sp, np, .. } = self.settings;
        match p {
            // §4.10.1: "does not contain a valid p tag, or contains an sp or np tag that is not valid".
            // §4.7 calls a record without `p` one with `p=none`, and points to §4.10.1: the narrower text decides.
            Stated::Valid { value: p, .. } if !sp.is_invalid() && !np.is_invalid() => {
                let sp = sp.value().unwrap_or(p);
                Request::Policies(Policies { p, sp, np: np.value().unwrap_or(sp) })
            }
            _ if self.has_usable_rua() => Request::ActAsNone,
            _ => Request::NoProcessing,
        }
    }

    /// The tags that stand in the record, in order.
    ///
    /// ```
    /// use mailproof::dmarc::{Record, Tag};
    ///
    /// let record = Record::parse("v=DMARC1; p=reject; sp = none; x=1");
    /// let tags: Vec<Tag> = record.tags().map(|(tag, _, _)| tag).collect();
    /// assert_eq!(tags, [Tag::P, Tag::Sp, Tag::Unknown]);
    /// let (_, name, value) = record.tags().nth(1).unwrap();
    /// assert_eq!((&record.source().text()[name], &record.source().text()[value]), ("sp", "none"));
    /// ```
    pub fn tags(&self) -> impl Iterator<Item = (Tag, Span, Span)> {
        self.parts.iter().filter_map(|part| match part.kind {
            PartKind::Tag { tag, name, value } => Some((tag, name, value)),
            PartKind::Word | PartKind::Empty => None,
        })
    }

    fn uris(&self, list: Option<Span>) -> Vec<Uri> {
        list.map_or_else(Vec::new, |list| uri::read_list(self.source.text(), list))
    }

    fn keep(&mut self, text: &str, tag: Tag, value: Span) {
        fn first<T: Copy>(slot: &mut Stated<T>, span: Span, read: impl FnOnce() -> Option<T>) {
            if slot.is_absent() {
                *slot = Stated::read(span, read());
            }
        }
        let word = &text[value];
        let settings = &mut self.settings;
        match tag {
            Tag::P => first(&mut settings.p, value, || Policy::read(word)),
            Tag::Sp => first(&mut settings.sp, value, || Policy::read(word)),
            Tag::Np => first(&mut settings.np, value, || Policy::read(word)),
            Tag::Adkim => first(&mut settings.adkim, value, || Mode::read(word)),
            Tag::Aspf => first(&mut settings.aspf, value, || Mode::read(word)),
            Tag::Psd => first(&mut settings.psd, value, || Psd::read(word)),
            Tag::T => first(&mut settings.t, value, || Testing::read(word)),
            Tag::Fo => first(&mut settings.fo, value, || FailureOptions::parse(word).ok()),
            Tag::Pct => first(&mut settings.pct, value, || percentage(word)),
            Tag::Rua if settings.rua.is_none() => settings.rua = Some(value),
            Tag::Ruf if settings.ruf.is_none() => settings.ruf = Some(value),
            Tag::Rua | Tag::Ruf | Tag::V | Tag::Rf | Tag::Ri | Tag::Unknown => {}
        }
    }
}

/// RFC 7489 §6.3: an integer from 0 to 100.
fn percentage(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&percent| digits && percent <= 100)
}

/// `dmarc-version`, up to its semicolon. If it is none, nothing is taken.
fn version(text: &str, segments: &mut Segments<'_>) -> Version {
    let bytes = text.as_bytes();
    let found = match bytes.first() {
        Some(b'v') => Version::Dmarc1,
        Some(b'V') => Version::UpperCase,
        _ => return Version::Other,
    };
    let end = memchr::memchr(b';', bytes).unwrap_or(bytes.len());
    let rest = uri::trimmed(bytes, 1, end);
    let Some(value) = bytes[rest.range()].strip_prefix(b"=") else { return Version::Other };
    let value = &bytes[uri::trimmed(bytes, rest.end as usize - value.len(), end).range()];
    if value != b"DMARC1" {
        return Version::Other;
    }
    segments.at = end + 1;
    found
}

/// Everything about a record follows from its text.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Record {}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Record").field(&self.source).finish()
    }
}

/// The canonical form: the tags that receivers use, one space after each semicolon, unknown and broken parts left out.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=DMARC1")?;
        let text = self.source.text();
        let mut seen = [false; Tag::KNOWN.len()];
        for (tag, _, value) in self.tags() {
            let Some(index) = Tag::KNOWN.iter().position(|&known| known == tag) else { continue };
            let repeated = std::mem::replace(&mut seen[index], true);
            // Nothing is what the tag says then, save in the place of a policy, where it disarms the record (§4.10.1).
            let says_nothing = value.is_empty() && !matches!(tag, Tag::P | Tag::Sp | Tag::Np);
            if tag == Tag::V || repeated || says_nothing {
                continue;
            }
            write!(f, "; {}={}", tag.as_str(), &text[value])?;
        }
        Ok(())
    }
}

/// The text, and what it asks for.
#[cfg(feature = "serde")]
impl serde::Serialize for Record {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut record = serializer.serialize_struct("Record", 2)?;
        record.serialize_field("text", &self.source)?;
        record.serialize_field("request", &self.request())?;
        record.end()
    }
}

/// For fields that hold a shared record.
#[cfg(feature = "serde")]
pub(super) fn shared<S: serde::Serializer>(record: &std::sync::Arc<Record>, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&**record, serializer)
}

#[cfg(test)]
mod tests;
