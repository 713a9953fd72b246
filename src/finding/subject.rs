//! The text that a finding is about, and where it came from.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
#[cfg(feature = "serde")]
use std::sync::OnceLock;

use crate::Name;
use crate::dns::RecordType;
use crate::text::Source;
#[cfg(feature = "serde")]
use crate::text::{Span, Utf16};

/// A text and where it came from. Cloning is cheap.
///
/// ```
/// use mailproof::dns::RecordType;
/// use mailproof::finding::{Origin, Subject};
/// use mailproof::spf::{self, Record};
///
/// let domain: mailproof::Name = "example.com".parse()?;
/// let found = spf::lint_at(&Record::parse("v=spf1 ipv4:192.0.2.1 -all"), &domain);
/// let subject = &found[0].primary.subject;
/// assert_eq!(subject.origin().to_string(), "example.com TXT");
/// assert_eq!(subject.source().text(), "v=spf1 ipv4:192.0.2.1 -all");
///
/// // For a finding of your own.
/// let record = Subject::record(&domain, RecordType::Txt, "v=spf1 -all".into());
/// assert_eq!(record.origin().to_string(), "example.com TXT");
/// assert_eq!(Subject::session("mail-from", "alice@example.com").origin().to_string(), "SMTP session, mail-from");
/// assert_eq!(Subject::given("v=spf1 -all").origin(), &Origin::Given);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Subject(Arc<Inner>);

struct Inner {
    origin: Origin,
    source: Source,
    /// Made when first asked for: each finding has several places.
    #[cfg(feature = "serde")]
    utf16: OnceLock<Utf16>,
}

/// Where a text came from.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, finding::Origin, spf};
///
/// // The HELO name is to blame, and no record.
/// let session = spf::Session::for_helo("192.0.2.7".parse()?, "localhost");
/// let outcome = spf::check_host(&Snapshot::new(), &session, Timestamp(0)).done().unwrap();
/// let origin = spf::explain(&outcome, &session)[0].primary.subject.origin().clone();
/// assert_eq!(origin, Origin::Session { part: "helo".to_owned() });
/// assert_eq!(origin.to_string(), "SMTP session, helo");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Origin {
    /// It was given, and nothing else is known.
    Given,
    /// A DNS record, or (with an empty text) the lack of one.
    Record {
        /// The owner name.
        owner: Name,
        /// The type of the record.
        record_type: RecordType,
    },
    /// A header field of the message; its text is the field's body.
    Field {
        /// The field's name as written.
        name: String,
        /// Which header field it is, counted from 0 at the top.
        index: usize,
    },
    /// The body of the message, or the part of it that matters.
    Body,
    /// Lines in the header section of the message that are no header field.
    Header,
    /// A part of the SMTP session: `ip`, `helo`, `mail-from`.
    Session {
        /// Which part.
        part: String,
    },
    /// Lines of a DMARC aggregate report.
    AggregateReport {
        /// The first of them, counted from 1.
        line: usize,
    },
    /// A policy file fetched over HTTPS.
    Policy {
        /// The host that serves it.
        host: Name,
    },
}

impl Subject {
    /// `source`, which came from `origin`.
    pub fn new(origin: Origin, source: Source) -> Self {
        Self(Arc::new(Inner {
            origin,
            source,
            #[cfg(feature = "serde")]
            utf16: OnceLock::new(),
        }))
    }

    /// A text that was given.
    pub fn given(text: &str) -> Self {
        Self::new(Origin::Given, Source::new(text))
    }

    /// A record at `owner`.
    pub fn record(owner: &Name, record_type: RecordType, source: Source) -> Self {
        Self::new(Origin::Record { owner: owner.clone(), record_type }, source)
    }

    /// A part of the SMTP session.
    pub fn session(part: &str, text: &str) -> Self {
        Self::new(Origin::Session { part: part.to_owned() }, Source::new(text))
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// `span` in UTF-16 code units, as JavaScript counts.
    #[cfg(feature = "serde")]
    pub(crate) fn utf16(&self, span: Span) -> Span {
        let text = self.source().text();
        let utf16 = self.0.utf16.get_or_init(|| Utf16::of(text));
        Span { start: utf16.offset(text, span.start), end: utf16.offset(text, span.end) }
    }

    /// The same for clones of one subject, as long as one of them lives.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl PartialEq for Inner {
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin && self.source == other.source
    }
}

impl Eq for Inner {}

impl Hash for Inner {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.origin.hash(state);
        self.source.hash(state);
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.origin(), self.source())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("given text"),
            Self::Record { owner, record_type } => write!(f, "{owner} {record_type}"),
            Self::Field { name, index } => write!(f, "{name} (header field {})", index + 1),
            Self::Body => f.write_str("message body"),
            Self::Header => f.write_str("message header"),
            Self::Session { part } => write!(f, "SMTP session, {part}"),
            Self::AggregateReport { line } => write!(f, "aggregate report, line {line}"),
            Self::Policy { host } => write!(f, "policy of {host}"),
        }
    }
}
