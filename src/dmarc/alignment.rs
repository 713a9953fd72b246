//! Identifier Alignment (RFC 9989 §4.4 and §4.10.2), with its reason.

use super::discovery::Discovery;
use super::org_domain::{LookupFailure, OrgDomain, org_domain_beside};
use super::{Identifier, Mode};
use crate::dns::{Snapshot, Step};

/// How an identifier stands to the Author Domain.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, Mode};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; adkim=s\"")?;
/// let author = "example.com".parse()?;
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// // The signature is good, but strict mode wants `d=example.com`.
/// let alignment = &outcome.alignments[0];
/// assert_eq!(alignment.mode, Mode::Strict);
/// assert!(alignment.identifier.passed() && !alignment.aligned_pass() && !alignment.would_align());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Alignment {
    /// The identifier.
    pub identifier: Identifier,
    /// Which mode the record asks for.
    pub mode: Mode,
    /// How they stand to each other.
    pub relation: Relation,
}

/// How a domain stands to the Author Domain.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, Relation};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "news.example.com".parse()?;
/// let ids = Authenticated::default()
///     .spf("bounce.esp.example".parse()?, MethodResult::Pass)
///     .dkim("example.com".parse()?, MethodResult::Pass);
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// assert!(matches!(outcome.alignments[0].relation, Relation::Different { .. }));
/// let Relation::SameOrgDomain(org) = &outcome.alignments[1].relation else { panic!() };
/// assert_eq!(org.name, "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Relation {
    /// They are the same domain: aligned in both modes.
    Same,
    /// They have this Organizational Domain: aligned in relaxed mode.
    SameOrgDomain(OrgDomain),
    /// They have the same Organizational Domain, but strict mode wants the same domain.
    StrictNotSame(OrgDomain),
    /// Their Organizational Domains differ.
    Different {
        /// The identifier's; `None` if it was not needed, or not to be had, and cannot be the Author Domain's.
        identifier: Option<OrgDomain>,
        /// The Author Domain's, likewise.
        author: Option<OrgDomain>,
    },
    /// The DNS did not tell.
    Unknown(LookupFailure),
    /// Not looked at: the message has more identifiers than [`MAX_IDENTIFIERS`](super::MAX_IDENTIFIERS).
    NotChecked,
}

impl Alignment {
    /// Whether the domains align, passed or not.
    pub fn would_align(&self) -> bool {
        matches!(self.relation, Relation::Same | Relation::SameOrgDomain(_))
    }

    /// Whether it is an Authenticated Identifier and aligned: one is enough for a pass.
    pub fn aligned_pass(&self) -> bool {
        self.identifier.passed() && self.would_align()
    }
}

/// Whether the Organizational Domain of a domain is looked for that cannot be aligned, and can only be told.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Strangers {
    /// It belongs to the reason.
    Told,
    /// Only the verdict matters.
    Skipped,
}

/// How `identifier` stands to the Author Domain of `discovery`.
pub(super) fn relate(
    dns: &Snapshot,
    identifier: &Identifier,
    discovery: &Discovery,
    mode: Mode,
    told: Strangers,
) -> Step<Relation> {
    let domain = &identifier.domain;
    let (author, author_org) = (&discovery.walk.start, &discovery.org_domain);
    // Equal domains align in both modes, and no walk is needed. Names are A-labels in lower case already (§5.3.1).
    if domain == author {
        return Step::Done(Relation::Same);
    }
    // An Organizational Domain is the domain itself or a name above it, so domains under different top-level
    // domains never share one: a failed look-up cannot change that.
    let strangers = domain.last_label() != author.last_label();
    if strangers && (told == Strangers::Skipped || !identifier.passed()) {
        return Step::Done(Relation::Different { identifier: None, author: author_org.clone().ok() });
    }
    org_domain_beside(dns, domain, Some(&discovery.walk)).map(|org| match (org, author_org) {
        (Ok(org), Ok(author)) if org.name == author.name => match mode {
            Mode::Relaxed => Relation::SameOrgDomain(org),
            Mode::Strict => Relation::StrictNotSame(org),
        },
        (Ok(org), Ok(author)) => Relation::Different { identifier: Some(org), author: Some(author.clone()) },
        (org, author) if strangers => Relation::Different { identifier: org.ok(), author: author.clone().ok() },
        (Err(_), Ok(author)) if !domain.is_within(&author.name) => {
            Relation::Different { identifier: None, author: Some(author.clone()) }
        }
        (Ok(org), Err(_)) if !author.is_within(&org.name) => {
            Relation::Different { identifier: Some(org), author: None }
        }
        // §4.10.2: strict mode is a comparison of strings, which the DNS cannot disturb.
        (org, author) if mode == Mode::Strict => {
            Relation::Different { identifier: org.ok(), author: author.clone().ok() }
        }
        (Err(failure), _) => Relation::Unknown(failure),
        (Ok(_), Err(failure)) => Relation::Unknown(failure.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dmarc::{Authenticated, MethodResult, discover};
    use crate::dns::Failure;
    use crate::resolver::drive_sync;

    fn relation(domain: &str, result: MethodResult, told: Strangers) -> Step<Relation> {
        let identifier = Authenticated::default().dkim(domain.parse().unwrap(), result).identifiers.remove(0);
        let author = "example.com".parse().unwrap();
        let failing = |_: &_| Failure::ServFail.into();
        let discovery = drive_sync(&mut Snapshot::new(), failing, |dns| discover(dns, &author));
        relate(&Snapshot::new(), &identifier, &discovery, Mode::Relaxed, told)
    }

    /// §4.10.2: what decides is the Organizational Domain, which is the domain or a name above it.
    #[test]
    fn another_top_level_domain_is_asked_about_only_to_be_told() {
        let different = Step::Done(Relation::Different { identifier: None, author: None });
        let (pass, fail) = (MethodResult::Pass, MethodResult::Fail);
        assert_eq!(relation("example.net", pass, Strangers::Skipped), different);
        assert_eq!(relation("example.net", fail, Strangers::Skipped), different);
        // It is no reason for anything, unless it passed.
        assert_eq!(relation("example.net", fail, Strangers::Told), different);
        assert!(matches!(relation("example.net", pass, Strangers::Told), Step::Ask(_)));
        assert!(matches!(relation("other.com", fail, Strangers::Skipped), Step::Ask(_)));
    }

    /// §4.10.2: an Organizational Domain is the domain itself or one above it.
    #[test]
    fn an_organizational_domain_beside_the_author_is_another_one() {
        let identifier = Authenticated::default().dkim("shop.example.com".parse().unwrap(), MethodResult::Pass);
        let author = "example.com".parse().unwrap();
        let zone = crate::resolver::Zone::parse("_dmarc.shop.example.com. TXT \"v=DMARC1; p=none; psd=n\"").unwrap();
        let answer = |question: &crate::dns::Question| {
            if question.name.as_str() == "_dmarc.example.com" {
                Failure::ServFail.into()
            } else {
                zone.answer(question)
            }
        };
        let mut dns = Snapshot::new();
        let discovery = drive_sync(&mut dns, answer, |dns| discover(dns, &author));
        let related = drive_sync(&mut dns, answer, |dns| {
            relate(dns, &identifier.identifiers[0], &discovery, Mode::Relaxed, Strangers::Told)
        });
        assert!(discovery.org_domain.is_err());
        assert!(matches!(related, Relation::Different { identifier: Some(_), author: None }), "{related:?}");
    }

    /// §4.10.2: whatever their Organizational Domains are, they are under different top-level domains.
    #[test]
    fn failures_do_not_hide_that_top_level_domains_differ() {
        let related = |domain: &str| {
            let identifier =
                Authenticated::default().dkim(domain.parse().unwrap(), MethodResult::Pass).identifiers.remove(0);
            let (author, failing) = ("example.com".parse().unwrap(), |_: &_| Failure::ServFail.into());
            let mut dns = Snapshot::new();
            let discovery = drive_sync(&mut dns, failing, |dns| discover(dns, &author));
            let relate = |dns: &_| relate(dns, &identifier, &discovery, Mode::Relaxed, Strangers::Told);
            drive_sync(&mut dns, failing, relate)
        };
        assert_eq!(related("example.net"), Relation::Different { identifier: None, author: None });
        assert!(matches!(related("other.com"), Relation::Unknown(_)));
    }
}
