//! What an evaluation came to, and why.

use std::fmt;

use super::check_host::Limits;
use super::parse::SyntaxError;
use super::session::{DomainDefect, Identity};
use super::trace::Trace;
use crate::Name;
use crate::dns::{Failure, Question};
use crate::text::{Source, Span};

/// The result of an SPF check (§2.6).
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 ~all""#)?;
/// let session = spf::Session::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// assert_eq!(outcome.result, spf::SpfResult::Softfail);
/// // As it stands in Authentication-Results and Received-SPF.
/// assert_eq!(format!("spf={}", outcome.result), "spf=softfail");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum SpfResult {
    /// No usable domain, or no record.
    None,
    /// The domain says nothing about the client.
    Neutral,
    /// The client may send.
    Pass,
    /// The client may not send.
    Fail,
    /// The client probably may not send.
    Softfail,
    /// Something transient; try again.
    Temperror,
    /// The published records cannot be interpreted.
    Permerror,
}

#[cfg(feature = "serde")]
crate::reading::reads_words!(SpfResult);

impl SpfResult {
    /// The word of RFC 8601 §2.7.2.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Softfail => "softfail",
            Self::Temperror => "temperror",
            Self::Permerror => "permerror",
        }
    }
}

impl fmt::Display for SpfResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The end of an evaluation.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 mx -all"
/// example.com. MX 10 mail.example.com.
/// mail.example.com. A 192.0.2.25
/// "#)?;
/// let session = spf::Session::new("192.0.2.25".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// assert_eq!(outcome.domain.unwrap(), "example.com");
/// // One term asked the DNS, and what it asked for was there.
/// assert_eq!((outcome.lookups, outcome.voids), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The result.
    pub result: SpfResult,
    /// Whose authority was checked.
    pub identity: Identity,
    /// The domain that was checked; `None` where there was no usable one.
    pub domain: Option<Name>,
    /// Why it is so.
    pub cause: Cause,
    /// What the domain says about a fail; a third party's text.
    pub explanation: Option<String>,
    /// DNS-querying terms that were counted (§4.6.4).
    pub lookups: u32,
    /// Void lookups that were counted (§4.6.4).
    pub voids: u32,
    /// The limits that it was held to (§4.6.4).
    pub limits: Limits,
    /// What happened; empty unless it was asked for.
    pub trace: Trace,
}

/// Why a result is what it is.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// example.com. TXT "v=spf1 include:_spf.esp.example -all"
/// "#)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// // It would match, but nobody may choose between two records.
/// assert_eq!(outcome.result, spf::SpfResult::Permerror);
/// assert!(matches!(outcome.cause, spf::Cause::SeveralRecords { count: 2, at: None, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// A term matched. The terms that led to it, from the first record: includes and redirects, the directive last.
    Matched {
        /// The terms, the directive that matched last.
        path: Vec<TermRef>,
    },
    /// Nothing matched and there is no redirect (§4.7): neutral.
    NothingMatched {
        /// The redirects that led to the record whose end was reached.
        path: Vec<TermRef>,
        /// The domain of that record.
        domain: Name,
    },
    /// There is no domain to check (§4.3): none.
    NoDomain(DomainDefect),
    /// The domain has no SPF record (§4.5): none.
    NoRecord {
        /// Whether the name does not exist at all.
        nonexistent: bool,
    },
    /// An include or redirect leads to a name without a record (§5.2, §6.1): permerror.
    TargetWithoutRecord {
        /// The term.
        at: TermRef,
        /// Where it leads; `None` where that is no name that could be asked for.
        target: Option<Name>,
        /// Whether the name does not exist at all.
        nonexistent: bool,
    },
    /// More than one record (§4.5): permerror.
    SeveralRecords {
        /// The name that has them.
        domain: Name,
        /// The term that led there; `None` for the domain that was checked.
        at: Option<TermRef>,
        /// How many there are.
        count: usize,
    },
    /// A term cannot be read (§4.6): permerror.
    Syntax {
        /// The term, in its record.
        at: TermRef,
        /// What is wrong.
        error: SyntaxError,
    },
    /// The limit of ten DNS-querying terms (§4.6.4): permerror.
    TooManyLookups {
        /// The term that went over.
        at: TermRef,
    },
    /// The limit of two void lookups (§4.6.4): permerror.
    TooManyVoids {
        /// The term that went over.
        at: TermRef,
        /// The question whose answer was void.
        question: Question,
    },
    /// The limit of ten mail exchanges (§4.6.4): permerror.
    TooManyExchanges {
        /// The term.
        at: TermRef,
        /// How many there are.
        count: usize,
    },
    /// A question could not be answered (§4.4, §5): temperror.
    Dns {
        /// The question.
        question: Question,
        /// Why not.
        failure: Failure,
        /// The term that asked; `None` for the first record.
        at: Option<TermRef>,
    },
}

/// A term in a record.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// "#)?;
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let check = |dns: &Snapshot| spf::check_host(dns, &session, Timestamp(0));
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), check);
/// let spf::Cause::Matched { path } = outcome.cause else { panic!() };
/// let way: Vec<_> = path.iter().map(|term| (term.domain.as_str(), term.text())).collect();
/// assert_eq!(way, [("example.com", "include:_spf.esp.example"), ("_spf.esp.example", "ip4:192.0.2.0/24")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TermRef {
    /// Where the record stands.
    pub domain: Name,
    /// The record.
    pub source: Source,
    /// The term in it.
    pub span: Span,
}

impl TermRef {
    /// The term as written.
    pub fn text(&self) -> &str {
        &self.source.text()[self.span]
    }
}
