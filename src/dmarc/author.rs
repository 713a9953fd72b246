//! The Author Domain (RFC 9989 §5.3.1): which domains a From field names.

use super::{Authenticated, Outcome, evaluate};
use crate::Name;
use crate::dns::{Snapshot, Step};
use crate::order::distinct_by;

/// The domains of the RFC5322.From field, as DMARC sees them.
///
/// ```
/// use mailproof::dmarc::Author;
///
/// // `From: alice@example.com, bob@example.net`
/// let Author::Several(domains) = Author::of(["example.com", "example.net"]) else { panic!() };
/// assert_eq!(domains[1], "example.net");
///
/// // `From: "Billing" <billing>`: a receiver finds no domain, and so no record.
/// assert_eq!(Author::of([""]).domain(), None);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Author {
    /// Exactly one, in one or several addresses: the Author Domain.
    Domain(Name),
    /// None, so DMARC is not possible: no field, no address, or none with a domain.
    Nobody,
    /// More than one distinct domain: DMARC is not possible; a receiver may go on with each.
    Several(Vec<Name>),
}

/// Domains of one From field that are evaluated. Forgers like long lists; receivers have no use for them.
pub const MAX_AUTHORS: usize = 10;

impl Author {
    /// From the domains of every address in every From field: what stands after the last `@`, U-labels or A-labels.
    ///
    /// Several addresses in one domain are one domain. Address literals and what is no name give no domain.
    ///
    /// ```
    /// use mailproof::dmarc::Author;
    ///
    /// assert_eq!(Author::of(["Example.com", "example.com."]), Author::Domain("example.com".parse()?));
    /// assert_eq!(Author::of(["bücher.example"]), Author::Domain("xn--bcher-kva.example".parse()?));
    /// assert_eq!(Author::of(["[192.0.2.1]", "exam ple.com"]), Author::Nobody);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn of<'a>(domains: impl IntoIterator<Item = &'a str>) -> Self {
        let names = domains.into_iter().filter(|domain| !domain.starts_with('['));
        let names = names.filter_map(|domain| Name::parse(domain).ok());
        let mut distinct: Vec<Name> =
            names.filter(|name| !name.as_str().contains(' ') && *name != Name::root()).collect();
        distinct_by(&mut distinct, Ord::cmp);
        match distinct.len() {
            0 => Self::Nobody,
            1 => Self::Domain(distinct.remove(0)),
            _ => Self::Several(distinct),
        }
    }

    /// The Author Domain, if there is exactly one.
    pub fn domain(&self) -> Option<&Name> {
        match self {
            Self::Domain(name) => Some(name),
            Self::Nobody | Self::Several(_) => None,
        }
    }
}

/// The first [`MAX_AUTHORS`] of several domains, each between `quote`s, and how many more there are.
pub(crate) fn listed(domains: &[Name], quote: &str) -> String {
    let (first, more) = domains.split_at(domains.len().min(MAX_AUTHORS));
    let first: Vec<String> = first.iter().map(|name| format!("{quote}{name}{quote}")).collect();
    let more = if more.is_empty() { String::new() } else { format!(", … (+{})", more.len()) };
    first.join(", ") + &more
}

/// Evaluates each domain as the Author Domain, as a receiver may that goes on although there are several (§5.3.1): the first
/// [`MAX_AUTHORS`]. Of more there are fewer outcomes than authors.
///
/// The strictest policy among the outcomes that fail is the one to follow: [`strictest`].
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, DmarcResult};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let (authors, ids) = (["example.com".parse()?, "example.net".parse()?], Authenticated::default());
/// let each = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate_each(dns, &authors, &ids));
/// assert_eq!(each.iter().map(|outcome| outcome.result).collect::<Vec<_>>(), [DmarcResult::Fail, DmarcResult::None]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate_each(dns: &Snapshot, authors: &[Name], ids: &Authenticated) -> Step<Vec<Outcome>> {
    let mut open = Vec::new();
    let outcomes: Vec<Outcome> =
        authors.iter().take(MAX_AUTHORS).filter_map(|author| evaluate(dns, author, ids).or_ask(&mut open)).collect();
    if open.is_empty() { Step::Done(outcomes) } else { Step::Ask(open) }
}

/// The outcome to follow among several Author Domains: of those that fail, the one that asks for most.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, Policy};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(
///     r#"
///     _dmarc.example.com. TXT "v=DMARC1; p=none"
///     _dmarc.example.net. TXT "v=DMARC1; p=reject"
///     "#,
/// )?;
/// let (authors, ids) = (["example.com".parse()?, "example.net".parse()?], Authenticated::default());
/// let each = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate_each(dns, &authors, &ids));
/// // Beside an author who asks for nothing stands one who asks for rejection.
/// let followed = dmarc::strictest(&each).unwrap();
/// assert_eq!((followed.author.as_str(), followed.disposition()), ("example.net", Policy::Reject));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn strictest(outcomes: &[Outcome]) -> Option<&Outcome> {
    let failing = outcomes.iter().filter(|outcome| outcome.result == super::DmarcResult::Fail);
    failing.max_by_key(|outcome| outcome.disposition())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Lookup};
    use crate::resolver::drive_sync;

    #[test]
    fn only_so_many_domains_are_evaluated() {
        let domains = |count: usize| (0..count).map(|n| format!("d{n}.example")).collect::<Vec<_>>();
        let looked_at = |count: usize| {
            let Author::Several(kept) = Author::of(domains(count).iter().map(String::as_str)) else { panic!() };
            assert_eq!(kept.len(), count, "none is forgotten");
            assert_eq!(listed(&kept, "`").ends_with(", … (+1)"), count > MAX_AUTHORS);
            let evaluate = |dns: &Snapshot| evaluate_each(dns, &kept, &Authenticated::default());
            drive_sync(&mut Snapshot::new(), |_| Answer::new(Lookup::NoData), evaluate).len()
        };
        assert_eq!([2, MAX_AUTHORS, MAX_AUTHORS + 1].map(looked_at), [2, MAX_AUTHORS, MAX_AUTHORS]);
    }

    /// RFC 9989 §5.3.1: without a domain in From there is nobody whose policy could apply.
    #[test]
    fn nobody() {
        for none in [&[][..], &["[192.0.2.1]"], &["."], &["exam ple.com", ""]] {
            assert_eq!(Author::of(none.iter().copied()), Author::Nobody, "{none:?}");
        }
    }
}
