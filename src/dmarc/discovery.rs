//! Policy discovery (RFC 9989 §4.10.1): which record applies to an Author Domain, and which of its policies.

use std::sync::Arc;

use super::org_domain::{self, LookupFailure, OrgDomain};
use super::record::{Policies, Request};
use super::tree_walk::{MAX_VISITS, Visit, Walk, walk};
use super::{Found, Policy, Record, Testing};
use crate::Name;
use crate::dns::{Failure, Lookup, Question, RecordType, Snapshot, Step};

/// What policy discovery found for an Author Domain.
///
/// ```
/// use mailproof::{dmarc, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "news.example.com".parse()?;
/// let discovery = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover(dns, &author));
/// assert_eq!(discovery.walk.visits.len(), 3, "news.example.com, example.com, com");
/// assert_eq!(discovery.org_domain.unwrap().name, "example.com");
/// let policy = discovery.policy.unwrap().unwrap();
/// assert_eq!(policy.record.source().text(), "v=DMARC1; p=reject");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Discovery {
    /// The walk from the Author Domain. It goes on above a record at the Author Domain: alignment needs that.
    pub walk: Walk,
    /// The Author Domain's Organizational Domain, or why it is unknown.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::org_domain::or_failure"))]
    pub org_domain: Result<OrgDomain, LookupFailure>,
    /// The DMARC Policy Record that applies, or none; or why that is unknown.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::org_domain::or_failure"))]
    pub policy: Result<Option<PolicyRecord>, LookupFailure>,
}

/// The record that applies to an Author Domain.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Place};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let (author, ids) = ("news.example.com".parse()?, Authenticated::default());
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// let policy = outcome.policy_record().unwrap();
/// assert_eq!((policy.domain.as_str(), policy.place), ("example.com", Place::OrgDomain));
/// assert!(policy.record.rua().is_empty(), "nobody is told about this mail");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PolicyRecord {
    /// The DMARC Policy Domain: where the record stands, without `_dmarc`.
    pub domain: Name,
    /// Which of the three places that is.
    pub place: Place,
    /// The record.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::record::shared"))]
    pub record: Arc<Record>,
}

/// The places at which a record applies, from the one preferred.
///
/// ```
/// use mailproof::dmarc::{self, Place};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // A registry speaks for the domains below it that have no record.
/// let zone = Zone::parse("_dmarc.bank.example. TXT \"v=DMARC1; p=reject; psd=y\"")?;
/// let author = "acme.bank.example".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover(dns, &author));
/// assert_eq!(found.org_domain.unwrap().name, "acme.bank.example");
/// let policy = found.policy.unwrap().unwrap();
/// assert_eq!((policy.place, policy.domain.as_str()), (Place::Psd, "bank.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Place {
    /// The Author Domain.
    AuthorDomain,
    /// Its Organizational Domain.
    OrgDomain,
    /// Its Public Suffix Domain.
    Psd,
}

/// The policy that a record asks for, for one Author Domain.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Policy, PolicyTag};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"")?;
/// let (author, ids) = ("example.com".parse()?, Authenticated::default());
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// let applied = outcome.applied.unwrap();
/// assert_eq!((applied.from, applied.requested), (PolicyTag::P, Policy::Reject));
/// assert!(applied.testing);
/// assert_eq!(applied.policy, Policy::Quarantine);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Applied {
    /// Which tag it came from.
    pub from: PolicyTag,
    /// What that tag asks for.
    pub requested: Policy,
    /// Whether `t=y` asks for one level less.
    pub testing: bool,
    /// What is asked for in the end: `policy.dmarc` of Authentication-Results (§9.1).
    pub policy: Policy,
}

/// The tag that a policy came from.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, PolicyTag};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(
///     r#"
///     _dmarc.example.com. TXT "v=DMARC1; p=quarantine; np=reject"
///     news.example.com.   A   192.0.2.1
///     "#,
/// )?;
/// let ids = Authenticated::default();
/// let tag = |author: &str| {
///     let author = author.parse().unwrap();
///     let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
///     outcome.applied.unwrap().from
/// };
/// assert_eq!(tag("example.com"), PolicyTag::P);
/// assert_eq!(tag("news.example.com"), PolicyTag::PForSubdomain);
/// assert_eq!(tag("made-up.example.com"), PolicyTag::Np);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum PolicyTag {
    /// `p`, at the Author Domain itself.
    P,
    /// `p`, because there is no tag for this subdomain.
    PForSubdomain,
    /// `sp`.
    Sp,
    /// `np`.
    Np,
    /// None: a policy tag is missing or not valid, so the record counts as `p=none` (§4.10.1).
    ActAsNone,
}

impl PolicyTag {
    /// The tag's name; `p` for a record that counts as `p=none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P | Self::PForSubdomain | Self::ActAsNone => "p",
            Self::Sp => "sp",
            Self::Np => "np",
        }
    }
}

/// Whether a domain exists (§3.2.13).
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Existence};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"")?;
/// let ids = Authenticated::default();
/// let existence = |author: &str| {
///     let author = author.parse().unwrap();
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids)).existence
/// };
/// assert_eq!(existence("made-up.example.com"), Existence::NonExistent);
/// // `np` is for names below the record: for the domain itself nobody asks.
/// assert_eq!(existence("example.com"), Existence::NotNeeded);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Existence {
    /// It makes no difference.
    NotNeeded,
    /// Some type of record, or a name below it, is there.
    Exists,
    /// NXDOMAIN.
    NonExistent,
    /// The DNS gave no answer.
    Unknown(Failure),
}

/// Finds the record for a name right below `domain` that has no record of its own, without asking about that name;
/// `None` if no such name fits into the DNS.
///
/// ```
/// use mailproof::dmarc::{self, Existence, Policy};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=none; np=quarantine\"")?;
/// let domain = "example.com".parse()?;
/// let below = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover_below(dns, &domain, "news"));
/// let policy = below.unwrap().policy.unwrap().unwrap();
/// assert_eq!(policy.applied(Existence::Exists).unwrap().policy, Policy::None);
/// assert_eq!(policy.applied(Existence::NonExistent).unwrap().policy, Policy::Quarantine);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn discover_below(dns: &Snapshot, domain: &Name, label: &str) -> Step<Option<Discovery>> {
    let Ok(start) = domain.prefixed(label) else { return Step::Done(None) };
    let labels = start.label_count();
    // From eight labels or more the walk goes on with seven, and so jumps over a parent of eight.
    let next = if labels > MAX_VISITS { start.suffix(MAX_VISITS - 1) } else { domain.clone() };
    walk(dns, &next).map(|above| {
        let mut visits = Vec::with_capacity(MAX_VISITS);
        visits.push(Visit { labels, found: Found::Nothing });
        visits.extend(above.visits);
        Some(Discovery::of(Walk { start, visits }))
    })
}

/// Finds the record for `author`.
///
/// ```
/// use mailproof::{dmarc, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(
///     r#"
///     _dmarc.example.com. TXT "v=DMARC1; p=reject"
///     _dmarc.example.com. TXT "v=DMARC1; p=none"
///     "#,
/// )?;
/// let author = "example.com".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover(dns, &author));
/// // Two records are as good as none.
/// assert_eq!(found.policy, Ok(None));
/// assert_eq!(found.walk.visits[0].found, dmarc::Found::Several(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn discover(dns: &Snapshot, author: &Name) -> Step<Discovery> {
    walk(dns, author).map(Discovery::of)
}

impl Discovery {
    fn of(walk: Walk) -> Self {
        let org_domain = org_domain::select(&walk);
        let policy = policy_record(&walk, org_domain.as_ref());
        Self { walk, org_domain, policy }
    }
}

fn policy_record(
    walk: &Walk,
    org_domain: Result<&OrgDomain, &LookupFailure>,
) -> Result<Option<PolicyRecord>, LookupFailure> {
    let found = |domain: Name, place, record: &Arc<Record>| PolicyRecord { domain, place, record: Arc::clone(record) };
    let own = walk.visits.first().map(|visit| &visit.found);
    // "The Author Domain": its record applies whatever stands above, and whatever the DNS does there.
    if let Some(Found::Record(record)) = own {
        return Ok(Some(found(walk.start.clone(), Place::AuthorDomain, record)));
    }
    let org_domain = org_domain.map_err(Clone::clone)?;
    // "The Organizational Domain of the Author Domain"
    let labels = org_domain.name.label_count();
    if let Some((_, record)) = walk.records().find(|(visit, _)| visit.labels == labels) {
        return Ok(Some(found(org_domain.name.clone(), Place::OrgDomain, record)));
    }
    // "The PSD of the Author Domain": if the Organizational Domain has no record although there are records, it was
    // chosen because it lies below the one with `psd=y`, where the walk ended. Records between them do not count.
    let psd = walk.records().next_back();
    Ok(psd.map(|(visit, record)| found(walk.name(visit), Place::Psd, record)))
}

impl PolicyRecord {
    /// The policy that it asks for; `None` if it asks for no DMARC processing.
    ///
    /// ```
    /// use mailproof::dmarc::{self, Existence, Policy, PolicyTag};
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"")?;
    /// let author = "news.example.com".parse()?;
    /// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover(dns, &author));
    /// let applied = found.policy.unwrap().unwrap().applied(Existence::NotNeeded).unwrap();
    /// assert_eq!((applied.from, applied.policy), (PolicyTag::Sp, Policy::Quarantine));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn applied(&self, existence: Existence) -> Option<Applied> {
        let (from, requested) = match self.record.request() {
            Request::NoProcessing => return None,
            Request::ActAsNone => (PolicyTag::ActAsNone, Policy::None),
            Request::Policies(policies) => self.select(policies, existence),
        };
        // As if a record of `p=none` alone had been found: its `t` says nothing either.
        let testing = from != PolicyTag::ActAsNone && self.record.t().or_default() == Testing::Yes;
        // §4.7, `t`: one level below; no effect on `none`.
        let policy = if testing { requested.lowered() } else { requested };
        Some(Applied { from, requested, testing, policy })
    }

    fn select(&self, policies: Policies, existence: Existence) -> (PolicyTag, Policy) {
        if self.place == Place::AuthorDomain {
            return (PolicyTag::P, policies.p);
        }
        // "the `sp` tag (if any) if the Author Domain exists or the `np` tag (if any) if [it] does not exist"
        if existence == Existence::NonExistent && !self.record.np().is_absent() {
            (PolicyTag::Np, policies.np)
        } else if !self.record.sp().is_absent() {
            (PolicyTag::Sp, policies.sp)
        } else {
            (PolicyTag::PForSubdomain, policies.p)
        }
    }

    /// Whether the tag that applies depends on the existence of the Author Domain.
    fn depends_on_existence(&self) -> bool {
        self.place != Place::AuthorDomain
            && !self.record.np().is_absent()
            && matches!(self.record.request(), Request::Policies(_))
    }

    /// Whether the policy that applies depends on it: `np` may ask for the same as the tag beside it.
    pub(super) fn changes_with_existence(&self) -> bool {
        let requested = |existence| self.applied(existence).map(|applied| applied.requested);
        requested(Existence::Exists) != requested(Existence::NonExistent)
    }
}

/// Whether the Author Domain exists, where the tag of `policy` depends on it.
pub(super) fn existence(dns: &Snapshot, author: &Name, policy: &PolicyRecord) -> Step<Existence> {
    if policy.depends_on_existence() { exists(dns, author) } else { Step::Done(Existence::NotNeeded) }
}

/// Whether `domain` exists: a question about it, of any type, is not answered by NXDOMAIN (§3.2.13). No address or MX is needed.
///
/// ```
/// use mailproof::dmarc::{self, Existence};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("www.shop.example.com. A 192.0.2.1")?;
/// let exists = |name: &str| {
///     let name = name.parse().unwrap();
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::exists(dns, &name))
/// };
/// // It has no record of its own, but a name below it.
/// assert_eq!(exists("shop.example.com"), Existence::Exists);
/// assert_eq!(exists("made-up.example.com"), Existence::NonExistent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn exists(dns: &Snapshot, domain: &Name) -> Step<Existence> {
    // A name below it that exists proves it (RFC 8020); a name below it that does not proves nothing.
    if let Ok(below) = domain.prefixed("_dmarc")
        && let Some(answer) = dns.lookup(below.as_str(), RecordType::Txt)
    {
        let there = match answer.lookup {
            Lookup::Records(_) | Lookup::NoData => true,
            // The alias exists, even if what it names does not.
            Lookup::NxDomain => !answer.aliases.is_empty(),
            Lookup::Failure(_) => false,
        };
        if there {
            return Step::Done(Existence::Exists);
        }
    }
    let Some(answer) = dns.lookup(domain.as_str(), RecordType::A) else {
        return Step::Ask(vec![Question::new(domain.clone(), RecordType::A)]);
    };
    Step::Done(match answer.lookup {
        Lookup::Records(_) | Lookup::NoData => Existence::Exists,
        Lookup::NxDomain if !answer.aliases.is_empty() => Existence::Exists,
        Lookup::NxDomain => Existence::NonExistent,
        Lookup::Failure(failure) => Existence::Unknown(failure),
    })
}
