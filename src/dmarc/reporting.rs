//! Where reports may go: external destinations and their permission (RFC 9990 §4; for `ruf` RFC 9991 §5).

use super::org_domain::{LookupFailure, org_domain};
use super::uri::Uri;
use super::{PublicSuffixes, Record, Section};
use crate::Name;
use crate::dns::{Question, RecordType, Snapshot, Step};

/// Which of the two lists of report destinations.
///
/// ```
/// use mailproof::dmarc::{self, Permission, ReportKind};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // The host takes aggregate reports. For failure reports it names another host, and so nobody gets them.
/// let zone = Zone::parse("example.com._report._dmarc.example.net. TXT \"v=DMARC1; ruf=mailto:f@example.org\"")?;
/// let (domain, host) = ("example.com".parse()?, "example.net".parse()?);
/// let permission = |kind| {
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::permission(dns, &domain, &host, kind))
/// };
/// assert!(permission(ReportKind::Rua).is_given());
/// assert!(matches!(permission(ReportKind::Ruf), Permission::OverrideElsewhere { .. }));
/// assert_eq!(ReportKind::Ruf.as_str(), "ruf");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum ReportKind {
    /// Aggregate reports.
    Rua,
    /// Failure reports.
    Ruf,
}

impl ReportKind {
    /// The tag's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rua => "rua",
            Self::Ruf => "ruf",
        }
    }

    pub(super) fn uris(self, record: &Record) -> &[Uri] {
        match self {
            Self::Rua => record.rua(),
            Self::Ruf => record.ruf(),
        }
    }

    fn is_stated(self, record: &Record) -> bool {
        match self {
            Self::Rua => record.has_rua(),
            Self::Ruf => record.has_ruf(),
        }
    }
}

/// Whether reports about a domain may go to a host.
///
/// ```
/// use mailproof::dmarc::{self, Permission, ReportKind};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // `rua=mailto:d@reports.example.net` in the record of example.com, and a service that forgot to permit it.
/// let (zone, domain, host) = (Zone::new(), "example.com".parse()?, "reports.example.net".parse()?);
/// let permission = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::permission(dns, &domain, &host, ReportKind::Rua)
/// });
/// let Permission::Missing { owner: Some(owner) } = &permission else { panic!() };
/// assert_eq!(owner, "example.com._report._dmarc.reports.example.net");
/// assert!(!permission.is_given());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Permission {
    /// They have the same Organizational Domain: no permission is needed.
    SameOrgDomain(Name),
    /// The host's domain permits it.
    Given {
        /// Where the permission stands.
        owner: Name,
        /// Whether it names another destination at the same host, which takes the place of this one.
        overridden: bool,
        /// How many DMARC records stand there; several are fine.
        records: usize,
    },
    /// No record permits it: reporters ignore the URI.
    Missing {
        /// Where it would have to stand; `None` if that name is longer than the DNS allows.
        owner: Option<Name>,
    },
    /// The permission names another destination at another host: reporters send to neither.
    OverrideElsewhere {
        /// Where the permission stands.
        owner: Name,
        /// The host of the other destination, if it is one.
        host: Option<Name>,
    },
    /// The DNS did not tell.
    Unknown(LookupFailure),
}

impl Permission {
    /// Whether reports go there now.
    pub fn is_given(&self) -> bool {
        matches!(self, Self::SameOrgDomain(_) | Self::Given { .. })
    }
}

/// The name at which a host permits reports about `policy_domain`; `None` if it is longer than the DNS allows.
///
/// ```
/// let owner = mailproof::dmarc::permission_name(&"example.com".parse()?, &"reports.example.net".parse()?);
/// assert_eq!(owner.unwrap(), "example.com._report._dmarc.reports.example.net");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn permission_name(policy_domain: &Name, host: &Name) -> Option<Name> {
    host.prefixed(&format!("{policy_domain}._report._dmarc")).ok()
}

/// Whether reports that a record at `policy_domain` asks for may go to `host` (RFC 9990 §4).
///
/// ```
/// use mailproof::dmarc::{self, ReportKind};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // The service takes reports about anybody.
/// let zone = Zone::parse("*._report._dmarc.reports.example.net. TXT \"v=DMARC1\"")?;
/// let (domain, host) = ("example.com".parse()?, "reports.example.net".parse()?);
/// let permission = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::permission(dns, &domain, &host, ReportKind::Rua)
/// });
/// assert!(permission.is_given());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn permission(dns: &Snapshot, policy_domain: &Name, host: &Name, kind: ReportKind) -> Step<Permission> {
    // "Needed when the Organizational Domains differ": names under different top-level domains need no walk.
    if policy_domain == host {
        return Step::Done(Permission::SameOrgDomain(host.clone()));
    }
    let mut open = Vec::new();
    if policy_domain.labels().next_back() == host.labels().next_back() {
        let own = org_domain(dns, policy_domain).or_ask(&mut open);
        let other = org_domain(dns, host).or_ask(&mut open);
        let (Some(own), Some(other)) = (own, other) else { return Step::Ask(open) };
        match (own, other) {
            (Ok(own), Ok(other)) if own.name == other.name => {
                return Step::Done(Permission::SameOrgDomain(own.name));
            }
            (Ok(_), Ok(_)) => {}
            (Err(failure), _) | (_, Err(failure)) => return Step::Done(Permission::Unknown(failure)),
        }
    }
    external(dns, policy_domain, host, kind)
}

/// The same for a receiver of RFC 7489 §7.1, whose Organizational Domains come from a Public Suffix List.
///
/// ```
/// use mailproof::dmarc::{self, Permission, PublicSuffixes, ReportKind, Section};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.shop.example.com. TXT \"v=DMARC1; p=none; psd=n\"")?;
/// let (domain, host, list) = ("shop.example.com".parse()?, "example.com".parse()?, PublicSuffixes::parse("com"));
/// let by_list = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::permission_by_list(dns, &domain, &host, ReportKind::Rua, &list, Section::All)
/// });
/// assert_eq!(by_list, Permission::SameOrgDomain(host.clone()));
/// // By RFC 9989 `psd=n` makes the shop its own organization, and the host has to permit its reports.
/// let by_walk = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::permission(dns, &domain, &host, ReportKind::Rua)
/// });
/// assert!(!by_walk.is_given());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn permission_by_list(
    dns: &Snapshot,
    policy_domain: &Name,
    host: &Name,
    kind: ReportKind,
    suffixes: &PublicSuffixes,
    section: Section,
) -> Step<Permission> {
    let own = suffixes.org_domain_or_self(policy_domain, section);
    if own == suffixes.org_domain_or_self(host, section) {
        return Step::Done(Permission::SameOrgDomain(own));
    }
    external(dns, policy_domain, host, kind)
}

/// §4 steps 3 to 6: look for the permission.
fn external(dns: &Snapshot, policy_domain: &Name, host: &Name, kind: ReportKind) -> Step<Permission> {
    let Some(owner) = permission_name(policy_domain, host) else {
        return Step::Done(Permission::Missing { owner: None });
    };
    let Some(answer) = dns.lookup(owner.as_str(), RecordType::Txt) else {
        return Step::Ask(vec![Question::new(owner, RecordType::Txt)]);
    };
    if let Some(failure) = answer.failure() {
        return Step::Done(Permission::Unknown(LookupFailure::new(owner, failure)));
    }
    let records: Vec<Record> = answer.txts().iter().cloned().map(Record::of).filter(Record::is_dmarc).collect();
    if records.is_empty() {
        return Step::Done(Permission::Missing { owner: Some(owner) });
    }
    // "If the record carries its own `rua`, its host must be the same, otherwise neither gets reports."
    let mut overridden = false;
    for record in records.iter().filter(|record| kind.is_stated(record)) {
        for uri in kind.uris(record).iter().filter(|uri| uri.is_valid()) {
            overridden = true;
            let other = uri.host(record.source());
            if other.as_ref() != Some(host) {
                return Step::Done(Permission::OverrideElsewhere { owner, host: other });
            }
        }
    }
    Step::Done(Permission::Given { owner, overridden, records: records.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    /// RFC 9990 §4: a `rua` of the permission may name another address at the same host, and no other host.
    #[test]
    fn a_permission_redirects_within_its_host_only() {
        let (domain, host): (Name, Name) = ("example.com".parse().unwrap(), "reports.example.net".parse().unwrap());
        let owner: Name = "example.com._report._dmarc.reports.example.net".parse().unwrap();
        let given = |overridden| Permission::Given { owner: owner.clone(), overridden, records: 1 };
        let elsewhere = |host: &str| Permission::OverrideElsewhere { owner: owner.clone(), host: host.parse().ok() };
        for (record, rua, ruf) in [
            ("v=DMARC1", given(false), given(false)),
            ("v=DMARC1; rua=mailto:other@reports.example.net", given(true), given(false)),
            ("v=DMARC1; rua=mailto:other@reports.example.org", elsewhere("reports.example.org"), given(false)),
            ("v=DMARC1; ruf=mailto:other@evil.example", given(false), elsewhere("evil.example")),
            ("v=DMARC1; rua=other@reports.example.org", given(false), given(false)),
        ] {
            let zone = Zone::parse(&format!("{owner}. TXT \"{record}\"")).unwrap();
            let of = |kind| {
                drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| permission(dns, &domain, &host, kind))
            };
            assert_eq!((of(ReportKind::Rua), of(ReportKind::Ruf)), (rua, ruf), "{record}");
        }
    }
}
