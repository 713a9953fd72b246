//! Reports: an answer in one sentence, what led to it, what was found, and all that is needed to have it again.
//!
//! A [`Report`] is data. [`text`] prints it for people, [`json`] for programs. It carries its [`Input`] and its
//! [`Snapshot`], so [`Input::check`] gives the same report again without the DNS.
//!
//! ```
//! use mailproof::{dns::Snapshot, report::Input};
//!
//! let input = Input::record("v=spf1 ipv4:192.0.2.1 -all");
//! let report = input.check(&Snapshot::new()).done().unwrap();
//! assert!(!report.passed);
//! assert!(report.to_string().starts_with("error: "));
//! ```

mod advice;
mod bounce;
mod detect;
mod dmarc;
mod domain;
mod facts;
mod forward;
mod input;
#[cfg(feature = "serde")]
pub mod json;
mod kind;
pub mod markdown;
mod message;
mod record;
mod repaired;
#[cfg(feature = "serde")]
pub mod sarif;
mod sender;
mod spf;
mod srs;
pub mod text;
mod told_once;
mod trace;

use std::fmt;

pub use crate::Actor;
pub use advice::Advice;
pub use bounce::{BounceFacts, BounceInput, BounceText, ReplyFacts};
pub use detect::{Detected, ZoneLine};
pub use dmarc::DmarcInput;
pub use facts::Facts;
pub use forward::ForwardInput;
pub use input::Input;
pub use kind::{Kind, UnknownKind, pasted};
pub use message::{
    AlignmentFacts, AlterationFacts, ArcFacts, ConnectionInput, HopFacts, KnownFacts, MailboxInput, MailboxSrs,
    MessageFacts, MessageInput, RawMessage, Secrets, SessionFacts, SignatureFacts, Stage, SubmissionInput,
};
pub use record::RecordInput;
pub use sender::{SenderFacts, SenderInput};
pub use spf::SpfInput;
pub use srs::{SrsFacts, SrsInput, SrsQuestion};
pub use trace::{Branch, Counter, Mark, Trace};

use crate::cause;
use crate::dns::Snapshot;
use crate::finding::{Diagnostic, Severity, Sources, bounded};
use crate::order::sort_by_key;

/// The answer to one question about mail, with its reasons.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::Spf(SpfInput::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// assert!(!report.passed);
/// assert!(report.headline.starts_with("fail: 198.51.100.7 may not send mail for example.com"));
/// // The DNS is in it: the same question has the same report again, without asking.
/// let again = report.input.check(&report.snapshot).done().unwrap();
/// assert_eq!(again.to_string(), report.to_string());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What was asked.
    pub input: Input,
    /// Whether nothing has to be done: every verdict is pass, or a record without errors.
    pub passed: bool,
    /// The answer in one sentence, without a full stop.
    pub headline: String,
    /// What is behind a message's fate: the root cause, then what else is out of order. Empty for other questions.
    pub causes: Vec<cause::Found>,
    /// What each check came to.
    pub verdicts: Vec<Verdict>,
    /// What each kind of receiver makes of DMARC, RFC 9989 first; empty where no message was asked about.
    pub receivers: Vec<crate::dmarc::Verdict>,
    /// Who has to do what; the nearest remedy first.
    pub advice: Vec<Advice>,
    /// What was found beside that: the gravest first, then in the order of the places they point at.
    pub findings: Vec<Diagnostic>,
    /// Whose the findings are, in their order; empty where they are not told apart.
    pub groups: Vec<Group>,
    /// How each verdict came about.
    pub traces: Vec<Trace>,
    /// What is known of a message, where one was asked about.
    pub message: Option<MessageFacts>,
    /// What is known of an SRS address, a submission or a bounce, where one was asked about.
    pub facts: Option<Facts>,
    /// Everything that the DNS said.
    pub snapshot: Snapshot,
}

/// Findings that are one's to act on.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, report::{Actor, Input}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ipv4:192.0.2.1 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject"
/// "#)?;
/// let input = Input::Domain(domain::Input::new("example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let group = report.groups[0];
/// assert_eq!(group.actor, Actor::DomainOwner);
/// // The findings of a group follow those of the group before.
/// assert!(report.findings[..group.findings].iter().any(|found| found.code == "spf-mechanism-typo"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Group {
    /// Who has to act.
    pub actor: Actor,
    /// How many of the report's findings, after those of the groups before.
    pub findings: usize,
}

/// What one check of one identity came to.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all exp=why.example.com"
/// why.example.com. TXT "%{i} is none of our servers"
/// "#)?;
/// let input = Input::Spf(SpfInput::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let verdict = &report.verdicts[0];
/// assert_eq!((verdict.method, verdict.identity, verdict.result), ("spf", "mail-from", "fail"));
/// assert_eq!(verdict.because.as_ref().unwrap().primary.quoted(), "-all");
/// assert_eq!(verdict.explanation.as_deref(), Some("198.51.100.7 is none of our servers"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Which check: `spf`, `dkim`, `arc`, `dmarc`.
    pub method: &'static str,
    /// Which identity: `mail-from`, `helo`; empty where a method has only one. For a domain, whose mail the policy is for:
    /// `domain`, `subdomain`, `nonexistent-subdomain`.
    pub identity: &'static str,
    /// The domain that was checked.
    pub domain: String,
    /// The word of the standard: `fail`. For a domain the policy: `reject`, `quarantine`, `none`, or `no-dmarc`, `temperror`.
    pub result: &'static str,
    /// What decided, and where.
    pub because: Option<Diagnostic>,
    /// What the domain says about it; a third party's text.
    pub explanation: Option<String>,
}

impl Report {
    /// A report that has only its answer.
    pub(crate) fn new(input: Input, passed: bool, headline: String, snapshot: Snapshot) -> Self {
        Self {
            input,
            passed,
            headline,
            causes: Vec::new(),
            verdicts: Vec::new(),
            receivers: Vec::new(),
            advice: Vec::new(),
            findings: Vec::new(),
            groups: Vec::new(),
            traces: Vec::new(),
            message: None,
            facts: None,
            snapshot,
        }
    }

    /// With these findings, put in order, and no more of them than anybody reads.
    #[must_use]
    pub(crate) fn with_findings(mut self, findings: Vec<Diagnostic>) -> Self {
        let mut sources = Sources::default();
        let mut placed: Vec<(usize, Diagnostic)> =
            bounded(findings).into_iter().map(|found| (sources.index(&found.primary.subject), found)).collect();
        sort_by_key(&mut placed, |(source, found)| (found.severity, *source, found.primary.span, found.code));
        self.findings = placed.into_iter().map(|(_, found)| found).collect();
        self
    }

    /// With these findings, put in order for each who has to act, as `whose` says.
    #[must_use]
    pub(crate) fn with_groups(self, findings: Vec<Diagnostic>, whose: impl Fn(&Diagnostic) -> Actor) -> Self {
        let mut report = self.with_findings(findings);
        // A stable sort keeps the order within each group.
        sort_by_key(&mut report.findings, |found| whose(found));
        for found in &report.findings {
            let actor = whose(found);
            match report.groups.last_mut().filter(|group| group.actor == actor) {
                Some(group) => group.findings += 1,
                None => report.groups.push(Group { actor, findings: 1 }),
            }
        }
        report
    }

    /// How many findings are this grave.
    ///
    /// ```
    /// use mailproof::{finding::Severity, report::RecordInput};
    ///
    /// let report = RecordInput::new("v=spf1 ipv4:192.0.2.1 mx, -all").report();
    /// assert_eq!(report.count(Severity::Error), 2, "the misspelt mechanism, and the comma");
    /// ```
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|found| found.severity == severity).count()
    }
}

/// The text of [`text`], without colour.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::Text::new(&text::Plain).report(self, f)
    }
}
