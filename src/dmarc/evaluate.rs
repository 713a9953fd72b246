//! The DMARC mechanism for one Author Domain (RFC 9989 §5.3).

use std::fmt;

use super::alignment::{self, Alignment, Relation, Strangers};
use super::discovery::{self, Applied, Discovery, Existence, PolicyRecord, discover};
use super::org_domain::LookupFailure;
use super::{Authenticated, MethodResult, Policy};
use crate::Name;
use crate::dns::{Question, Snapshot, Step};

/// The result of DMARC for a message and one Author Domain, with everything that it rests on.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Cause, DmarcResult, MethodResult};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "example.com".parse()?;
/// let ids = Authenticated::default()
///     .spf("bounce.esp.example".parse()?, MethodResult::Pass)
///     .dkim("news.example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!((outcome.result, outcome.cause.clone()), (DmarcResult::Pass, Cause::Aligned(1)));
/// assert!(outcome.dkim_aligned() && !outcome.spf_aligned());
/// assert_eq!(outcome.policy_record().unwrap().domain, "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Outcome {
    /// The Author Domain.
    pub author: Name,
    /// The result (§9.2).
    pub result: DmarcResult,
    /// Why.
    pub cause: Cause,
    /// Which record was found, and how.
    pub discovery: Discovery,
    /// Whether the Author Domain exists, where the policy tag depends on it.
    pub existence: Existence,
    /// The policy that the record asks for; `None` if no record applies or it is unknown.
    pub applied: Option<Applied>,
    /// Each identifier; none if no record applies.
    pub alignments: Vec<Alignment>,
}

/// The result of DMARC, in the words of RFC 9989 §9.2.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, DmarcResult};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // The domain has no record. That is no pass, and no fail either.
/// let (zone, author, ids) = (Zone::new(), "example.com".parse()?, Authenticated::default());
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!((outcome.result, outcome.applied), (DmarcResult::None, None));
/// let (result, author) = (outcome.result, outcome.author);
/// assert_eq!(format!("dmarc={result} header.from={author}"), "dmarc=none header.from=example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum DmarcResult {
    /// No record applies, or too little is known of the message.
    None,
    /// A record applies, and an Authenticated Identifier is aligned.
    Pass,
    /// A record applies, and none is.
    Fail,
    /// A transient error, so neither pass nor fail can be said.
    Temperror,
    /// A permanent error. The algorithm has no way to it; a receiver may say it of a From field with several domains.
    Permerror,
}

impl DmarcResult {
    /// The word in Authentication-Results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Temperror => "temperror",
            Self::Permerror => "permerror",
        }
    }
}

impl fmt::Display for DmarcResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a result is what it is.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Cause, DmarcResult};
/// use mailproof::dns::{Failure, Snapshot};
/// use mailproof::resolver::{Zone, drive_sync};
///
/// let zone = Zone::parse("_dmarc.example.com. TIMEOUT")?;
/// let (author, ids) = ("example.com".parse()?, Authenticated::default());
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(outcome.result, DmarcResult::Temperror);
/// let Cause::DiscoveryFailed(failed) = &outcome.cause else { panic!() };
/// assert_eq!((failed.name.as_str(), failed.failure), ("example.com", Failure::Timeout));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Cause {
    /// Pass: this identifier, by its index in [`Outcome::alignments`], is the first that is aligned.
    Aligned(usize),
    /// Fail: no identifier passed and is aligned.
    NothingAligned,
    /// None: the walk found no record.
    NoRecord,
    /// None: the record has no usable policy and no report destination (§4.10.1).
    NoUsablePolicy,
    /// None: nothing that was checked passed and is aligned, but SPF was not checked, so nobody can say pass or fail. [`evaluate`] takes
    /// what it is given for everything and never says so.
    SpfNotChecked,
    /// Temperror: the search for the record met a failure.
    DiscoveryFailed(LookupFailure),
    /// Temperror: whether the Author Domain exists decides between `np` and `sp`, and the DNS did not tell.
    ExistenceUnknown(LookupFailure),
    /// Temperror: SPF or DKIM of this identifier gave temperror, and it would align.
    IdentifierTemperror(usize),
    /// Temperror: the DNS did not tell whether this identifier, which passed, is aligned.
    AlignmentUnknown(usize),
}

/// Identifiers of a message whose alignment is looked at. Each may cost a walk of eight questions; honest mail has fewer than ten signatures.
pub const MAX_IDENTIFIERS: usize = 32;

impl Outcome {
    /// What the domain owner asks receivers to do with this message: the policy if it failed, otherwise `none`.
    ///
    /// It is a request: a receiver must not reject for `p=reject` alone (§5.4, §7.4).
    pub fn disposition(&self) -> Policy {
        match (self.result, self.applied) {
            (DmarcResult::Fail, Some(applied)) => applied.policy,
            _ => Policy::None,
        }
    }

    /// The same where SPF was not checked: it might have passed.
    #[cfg(feature = "crypto")]
    pub(crate) fn without_spf(mut self) -> Self {
        if self.cause == Cause::NothingAligned {
            self.result = DmarcResult::None;
            self.cause = Cause::SpfNotChecked;
        }
        self
    }

    /// The record that was found, whether or not it has a usable policy.
    pub fn policy_record(&self) -> Option<&PolicyRecord> {
        self.discovery.policy.as_ref().ok()?.as_ref()
    }

    /// Whether SPF gave an aligned pass.
    pub fn spf_aligned(&self) -> bool {
        self.alignments.iter().any(|a| a.identifier.is_spf() && a.aligned_pass())
    }

    /// Whether a DKIM signature gave an aligned pass.
    pub fn dkim_aligned(&self) -> bool {
        self.alignments.iter().any(|a| !a.identifier.is_spf() && a.aligned_pass())
    }
}

/// Evaluates DMARC for mail from `author` (RFC 9989 §5.3), with what SPF and DKIM said about it.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, DmarcResult, MethodResult, Policy};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"")?;
/// let author = "news.example.com".parse()?;
/// let ids = Authenticated::default().dkim("esp.example".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert_eq!(outcome.result, DmarcResult::Fail);
/// assert_eq!(outcome.disposition(), Policy::Quarantine);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate(dns: &Snapshot, author: &Name, ids: &Authenticated) -> Step<Outcome> {
    run(dns, author, ids, Strangers::Told)
}

/// The same verdict with fewer questions: the Organizational Domain of a domain that cannot be aligned is not looked for, and so
/// missing in the reason. For receivers that want the verdict only.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult};
/// use mailproof::dns::{Snapshot, Step};
///
/// let ids = Authenticated::default().dkim("esp.example.net".parse()?, MethodResult::Pass);
/// let asked = |step| match step { Step::Ask(questions) => questions.len(), Step::Done(_) => 0 };
/// let (dns, author) = (Snapshot::new(), "example.com".parse()?);
/// // The two names of the walk from the author; nothing of another top-level domain can be aligned.
/// assert_eq!(asked(dmarc::verdict(&dns, &author, &ids)), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verdict(dns: &Snapshot, author: &Name, ids: &Authenticated) -> Step<Outcome> {
    run(dns, author, ids, Strangers::Skipped)
}

fn run(dns: &Snapshot, author: &Name, ids: &Authenticated, told: Strangers) -> Step<Outcome> {
    // §5.3.2: determine if the mechanism applies.
    let discovery = match discover(dns, author) {
        Step::Done(discovery) => discovery,
        Step::Ask(questions) => return Step::Ask(questions),
    };
    let mut outcome = Outcome {
        author: author.clone(),
        result: DmarcResult::None,
        cause: Cause::NoRecord,
        existence: Existence::NotNeeded,
        applied: None,
        alignments: Vec::new(),
        discovery,
    };
    let policy = match &outcome.discovery.policy {
        Ok(Some(policy)) => policy,
        Ok(None) => return Step::Done(outcome),
        // §5.3.6: neither pass nor fail while a needed question has no answer.
        Err(failure) => {
            outcome.cause = Cause::DiscoveryFailed(failure.clone());
            outcome.result = DmarcResult::Temperror;
            return Step::Done(outcome);
        }
    };
    let mut open = Vec::new();
    let existence = discovery::existence(dns, author, policy).or_ask(&mut open);
    // §4.10.1: "the Mail Receiver applies no DMARC processing to this message".
    let applied = policy.applied(existence.unwrap_or(Existence::NotNeeded));
    if applied.is_none() {
        outcome.cause = Cause::NoUsablePolicy;
        return Step::Done(outcome);
    }
    // §5.3.3, §5.3.4: the results of SPF and DKIM are given. §5.3.5: check alignment.
    let alignments = align(dns, &outcome.discovery, policy, (ids, told), &mut open);
    let Some(existence) = existence.filter(|_| open.is_empty()) else { return Step::Ask(open) };
    outcome.existence = existence;
    outcome.applied = applied;
    outcome.alignments = alignments;
    (outcome.result, outcome.cause) = conclude(author, policy, existence, &outcome.alignments);
    if matches!(outcome.cause, Cause::ExistenceUnknown(_)) {
        outcome.applied = None;
    }
    Step::Done(outcome)
}

fn align(
    dns: &Snapshot,
    discovery: &Discovery,
    policy: &PolicyRecord,
    (ids, told): (&Authenticated, Strangers),
    open: &mut Vec<Question>,
) -> Vec<Alignment> {
    let mut alignments = Vec::with_capacity(ids.identifiers.len());
    for (i, identifier) in ids.identifiers.iter().enumerate() {
        let stated = if identifier.is_spf() { policy.record.aspf() } else { policy.record.adkim() };
        let mode = stated.or_default();
        let relation = if i < MAX_IDENTIFIERS {
            alignment::relate(dns, identifier, discovery, mode, told).or_ask(open)
        } else {
            Some(Relation::NotChecked)
        };
        if let Some(relation) = relation {
            alignments.push(Alignment { identifier: identifier.clone(), mode, relation });
        }
    }
    alignments
}

/// §5.3.6: determine the result.
fn conclude(
    author: &Name,
    policy: &PolicyRecord,
    existence: Existence,
    alignments: &[Alignment],
) -> (DmarcResult, Cause) {
    // One aligned identifier is enough; what could not be found out beside it does not matter.
    if let Some(index) = alignments.iter().position(Alignment::aligned_pass) {
        return (DmarcResult::Pass, Cause::Aligned(index));
    }
    for (index, alignment) in alignments.iter().enumerate() {
        let result = alignment.identifier.result;
        if result == MethodResult::Temperror && alignment.would_align() {
            return (DmarcResult::Temperror, Cause::IdentifierTemperror(index));
        }
        if matches!(alignment.relation, Relation::Unknown(_))
            && matches!(result, MethodResult::Pass | MethodResult::Temperror)
        {
            return (DmarcResult::Temperror, Cause::AlignmentUnknown(index));
        }
    }
    // A failing message whose policy is unknown: `np` and `sp` differ, and the DNS did not say which one holds.
    if let Existence::Unknown(failure) = existence
        && policy.changes_with_existence()
    {
        return (DmarcResult::Temperror, Cause::ExistenceUnknown(LookupFailure::new(author.clone(), failure)));
    }
    (DmarcResult::Fail, Cause::NothingAligned)
}
