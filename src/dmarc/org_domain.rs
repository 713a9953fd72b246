//! The Organizational Domain by tree walk (RFC 9989 §4.10.2).

use super::tree_walk::{Walk, step_through};
use super::{Found, Psd};
use crate::Name;
use crate::dns::{Failure, Snapshot, Step};

/// An Organizational Domain, and which rule of §4.10.2 gave it.
///
/// ```
/// use mailproof::dmarc::{self, ChosenBy};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // Without any record a domain is its own Organizational Domain, whatever a Public Suffix List says.
/// let (zone, domain) = (Zone::new(), "news.example.com".parse()?);
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain)).unwrap();
/// assert_eq!((org.name.as_str(), org.by), ("news.example.com", ChosenBy::NoRecord));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OrgDomain {
    /// The domain.
    pub name: Name,
    /// How it was chosen.
    pub by: ChosenBy,
}

/// How an Organizational Domain was chosen.
///
/// ```
/// use mailproof::dmarc::{self, ChosenBy};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // A hosting provider says that the names below `sites.example` belong to different people.
/// let zone = Zone::parse("_dmarc.sites.example. TXT \"v=DMARC1; p=reject; psd=y\"")?;
/// let domain = "www.alice.sites.example".parse()?;
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain)).unwrap();
/// assert_eq!(org.name, "alice.sites.example");
/// assert_eq!(org.by, ChosenBy::BelowPsd("sites.example".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum ChosenBy {
    /// Rule 1: its record has `psd=n`.
    PsdNo,
    /// Rule 2: it lies one label below this domain, whose record has `psd=y`.
    BelowPsd(Name),
    /// Rule 3: of the names with a record it has the fewest labels.
    FewestLabels,
    /// No record was found: the domain is its own.
    NoRecord,
}

/// A name at which the DNS gave no answer.
///
/// ```
/// use mailproof::{dmarc, dns::{Failure, Snapshot}, resolver::{Zone, drive_sync}};
///
/// // Below a name that gives no answer nobody can know whose record applies.
/// let zone = Zone::parse("_dmarc.example.com. TIMEOUT")?;
/// let domain = "news.example.com".parse()?;
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain));
/// let failed = org.unwrap_err();
/// assert_eq!((failed.name.as_str(), failed.failure), ("example.com", Failure::Timeout));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LookupFailure {
    /// The domain whose record was asked for, at `_dmarc` below it; or the name itself, where it was asked whether it exists.
    pub name: Name,
    /// Why there was no answer.
    pub failure: Failure,
}

impl LookupFailure {
    pub(super) fn new(name: Name, failure: Failure) -> Self {
        Self { name, failure }
    }
}

/// The Organizational Domain of `domain`.
///
/// # Errors
/// The name at which the DNS gave no answer: then the Organizational Domain is unknown.
///
/// ```
/// use mailproof::{dmarc, resolver::{drive_sync, Zone}, dns::Snapshot};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let domain = "news.example.com".parse()?;
/// let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain));
/// assert_eq!(org.unwrap().name, "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn org_domain(dns: &Snapshot, domain: &Name) -> Step<Result<OrgDomain, LookupFailure>> {
    org_domain_beside(dns, domain, None)
}

/// The same where the walk from another domain is known.
pub(super) fn org_domain_beside(
    dns: &Snapshot,
    domain: &Name,
    other: Option<&Walk>,
) -> Step<Result<OrgDomain, LookupFailure>> {
    let mut choice = Choice::new(domain);
    step_through(dns, domain, other, |labels, found| choice.visit(labels, &found)).map(|()| choice.made())
}

/// Chooses from the records that the walk from a domain found.
///
/// # Errors
/// The walk ended with a failure.
pub(super) fn select(walk: &Walk) -> Result<OrgDomain, LookupFailure> {
    let mut choice = Choice::new(&walk.start);
    walk.visits.iter().for_each(|visit| choice.visit(visit.labels, &visit.found));
    choice.made()
}

/// The choice between the names of a walk, "from the longest to the shortest".
struct Choice<'a> {
    start: &'a Name,
    /// What ends the walk.
    settled: Option<Result<OrgDomain, LookupFailure>>,
    /// Labels of the last name with a record.
    fewest: Option<usize>,
}

impl<'a> Choice<'a> {
    fn new(start: &'a Name) -> Self {
        Self { start, settled: None, fewest: None }
    }

    fn visit(&mut self, labels: usize, found: &Found) {
        if self.settled.is_some() {
            return;
        }
        let name = || self.start.suffix(labels);
        match found {
            Found::Failure(failure) => self.settled = Some(Err(LookupFailure::new(name(), *failure))),
            Found::Nothing | Found::Several(_) => {}
            Found::Record(record) => match record.psd().or_default() {
                // Rule 1.
                Psd::No => self.settled = Some(Ok(OrgDomain { name: name(), by: ChosenBy::PsdNo })),
                // Rule 2. The start itself is exempt; policy discovery starts its walk at the parent of the Author
                // Domain, but the question is about the Author Domain, so that is the start here.
                Psd::Yes if labels < self.start.label_count() => {
                    let below = self.start.suffix(labels + 1);
                    self.settled = Some(Ok(OrgDomain { name: below, by: ChosenBy::BelowPsd(name()) }));
                }
                Psd::Yes | Psd::Unknown => self.fewest = Some(labels),
            },
        }
    }

    fn made(self) -> Result<OrgDomain, LookupFailure> {
        self.settled.unwrap_or_else(|| {
            Ok(match self.fewest {
                // Rule 3.
                Some(labels) => OrgDomain { name: self.start.suffix(labels), by: ChosenBy::FewestLabels },
                // "the initial target domain is the Organizational Domain"
                None => OrgDomain { name: self.start.clone(), by: ChosenBy::NoRecord },
            })
        })
    }
}

/// For fields that hold what was found, or `{"failed": …}`.
#[cfg(feature = "serde")]
pub(super) fn or_failure<T: serde::Serialize, S: serde::Serializer>(
    value: &Result<T, LookupFailure>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap as _;
    match value {
        Ok(value) => value.serialize(serializer),
        Err(failed) => {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry("failed", failed)?;
            map.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    /// §4.10.2, rules 1 to 3, in their order; rule 2 is about a name above, not about the domain itself.
    #[test]
    fn what_chose_the_domain() {
        let zone = Zone::parse(
            r#"
            _dmarc.bank.example.      TXT "v=DMARC1; p=reject; psd=y"
            _dmarc.own.bank.example.  TXT "v=DMARC1; p=reject; psd=n"
            _dmarc.plain.example.     TXT "v=DMARC1; p=reject"
            "#,
        )
        .unwrap();
        let bank = || "bank.example".parse().unwrap();
        for (domain, name, by) in [
            ("bank.example", "bank.example", ChosenBy::FewestLabels),
            ("acme.bank.example", "acme.bank.example", ChosenBy::BelowPsd(bank())),
            ("mail.acme.bank.example", "acme.bank.example", ChosenBy::BelowPsd(bank())),
            ("mail.own.bank.example", "own.bank.example", ChosenBy::PsdNo),
            ("mail.plain.example", "plain.example", ChosenBy::FewestLabels),
            ("mail.other.example", "mail.other.example", ChosenBy::NoRecord),
        ] {
            let start = domain.parse().unwrap();
            let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| org_domain(dns, &start)).unwrap();
            assert_eq!((org.name.as_str(), org.by), (name, by), "{domain}");
        }
    }
}
