//! What would change if another record were published.

use super::{Authenticated, PublicSuffixes, Verdict, compare};
use crate::Name;
use crate::dns::{Answer, Question, RecordType, Snapshot, Step};

/// What every kind of receiver makes of a message now, and with the proposed record.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, PublicSuffixes};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // May this domain go to `p=reject`? Mail with its signature fares no worse.
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=none\"")?;
/// let (domain, list) = ("example.com".parse()?, PublicSuffixes::parse("com"));
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let simulation = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::simulate(dns, &domain, &ids, &list, &domain, "v=DMARC1; p=reject")
/// });
/// assert_eq!((simulation.before.len(), simulation.after.len()), (3, 3), "one verdict for each kind of receiver");
/// assert_eq!(simulation.changes().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Simulation {
    /// With the records as they are.
    pub before: Vec<Verdict>,
    /// With the proposed one; the kinds of receivers in the same order.
    pub after: Vec<Verdict>,
}

impl Simulation {
    /// The pairs of verdicts that differ in the result or in what is asked for.
    pub fn changes(&self) -> impl Iterator<Item = (&Verdict, &Verdict)> {
        self.before.iter().zip(&self.after).filter(|(before, after)| !before.agrees_with(after))
    }
}

/// What would change for a message if `record` stood at `_dmarc.<at>` instead of what stands there now.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, MethodResult, Policy, PublicSuffixes};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=none\"")?;
/// let domain = "example.com".parse()?;
/// let ids = Authenticated::default().dkim("mail.example.com".parse()?, MethodResult::Pass);
/// let list = PublicSuffixes::parse("com");
/// let simulation = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| {
///     dmarc::simulate(dns, &domain, &ids, &list, &domain, "v=DMARC1; p=reject; adkim=s")
/// });
/// let (before, after) = simulation.changes().next().unwrap();
/// assert_eq!((before.disposition(), after.disposition()), (Policy::None, Policy::Reject));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate(
    dns: &Snapshot,
    author: &Name,
    ids: &Authenticated,
    suffixes: &PublicSuffixes,
    at: &Name,
    record: &str,
) -> Step<Simulation> {
    let mut changed = dns.clone();
    if let Ok(owner) = at.prefixed("_dmarc") {
        changed.replace(Question::new(owner, RecordType::Txt), Answer::txt([record]));
    }
    let mut open = Vec::new();
    let before = compare(dns, author, ids, suffixes).or_ask(&mut open);
    let after = compare(&changed, author, ids, suffixes).or_ask(&mut open);
    match (before, after) {
        (Some(before), Some(after)) => Step::Done(Simulation { before, after }),
        _ => Step::Ask(open),
    }
}
