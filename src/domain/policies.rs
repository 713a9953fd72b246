//! The DMARC policy that receivers apply: to mail from the domain, and from names below it.

use crate::Name;
use crate::dmarc::{
    Applied, Discovery, Existence, LookupFailure, Policy, PolicyRecord, discover, discover_below, exists,
};
use crate::dns::{Snapshot, Step};

/// The policies for a domain and what lies below it.
///
/// ```
/// use mailproof::{dmarc::Policy, dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject; np=quarantine; sp=none"
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let policies = known.facts.unwrap().policies;
/// let asked = [&policies.own, &policies.subdomain, &policies.nonexistent].map(|policy| policy.policy());
/// assert_eq!(asked, [Some(Policy::Reject), Some(Policy::None), Some(Policy::Quarantine)]);
/// assert_eq!(policies.subdomain.record().unwrap().domain, "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policies {
    /// For the domain itself.
    pub own: EffectivePolicy,
    /// For a name right below it that exists and has no record of its own.
    pub subdomain: EffectivePolicy,
    /// For a name right below it that does not exist.
    pub nonexistent: EffectivePolicy,
    /// Whether receivers discard what was meant as its DMARC record.
    pub spoiled: bool,
}

/// Which policy applies, and where it comes from.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.com. TIMEOUT
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let own = known.facts.unwrap().policies.own;
/// assert!(matches!(own, domain::EffectivePolicy::Unknown(_)));
/// // That the DNS did not tell is no proof that anybody can pretend to be it.
/// assert!(!own.is_enforced() && !own.is_open());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EffectivePolicy {
    /// This one.
    Applies {
        /// The record.
        record: PolicyRecord,
        /// Its policy for this mail, and the tag that it comes from.
        applied: Applied,
    },
    /// No record, or none with a usable policy: DMARC does not apply.
    Nothing,
    /// The DNS gave no answer.
    Unknown(LookupFailure),
}

impl EffectivePolicy {
    fn of(discovery: &Discovery, existence: Existence) -> Self {
        match &discovery.policy {
            Err(failure) => Self::Unknown(failure.clone()),
            Ok(None) => Self::Nothing,
            Ok(Some(record)) => match record.applied(existence) {
                Some(applied) => Self::Applies { record: record.clone(), applied },
                None => Self::Nothing,
            },
        }
    }

    /// What is asked of receivers; `None` if DMARC does not apply or nobody knows.
    pub fn policy(&self) -> Option<Policy> {
        match self {
            Self::Applies { applied, .. } => Some(applied.policy),
            Self::Nothing | Self::Unknown(_) => None,
        }
    }

    /// Whether receivers are asked to act on mail that fails.
    pub fn is_enforced(&self) -> bool {
        self.policy().is_some_and(|policy| policy > Policy::None)
    }

    /// Whether it is known that receivers are asked for nothing.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Applies { applied, .. } => applied.policy == Policy::None,
            Self::Nothing => true,
            Self::Unknown(_) => false,
        }
    }

    /// The record and where it stands.
    pub fn record(&self) -> Option<&PolicyRecord> {
        match self {
            Self::Applies { record, .. } => Some(record),
            Self::Nothing | Self::Unknown(_) => None,
        }
    }
}

/// A label for a name below the domain; nothing is asked about it.
const ANY_LABEL: &str = "x";

pub(super) fn policies(dns: &Snapshot, domain: &Name) -> Step<Policies> {
    let mut open = Vec::new();
    let own = discover(dns, domain).or_ask(&mut open);
    let below = discover_below(dns, domain, ANY_LABEL).or_ask(&mut open);
    let existence = exists(dns, domain).or_ask(&mut open);
    let (Some(own), Some(below), Some(existence)) = (own, below, existence) else { return Step::Ask(open) };
    let below = |existence| {
        // A name so long that nothing fits below it has no sub-domains.
        below.as_ref().map_or(EffectivePolicy::Nothing, |discovery| EffectivePolicy::of(discovery, existence))
    };
    Step::Done(Policies {
        own: EffectivePolicy::of(&own, existence),
        subdomain: below(Existence::Exists),
        nonexistent: below(Existence::NonExistent),
        spoiled: false,
    })
}
