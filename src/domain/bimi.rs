//! What BIMI wants to know of a domain's DMARC (draft §7.1).

use crate::Name;
use crate::bimi::{DmarcFacts, Facts};
use crate::dmarc::{self, Policy, Record, Request, Testing};
use crate::dns::{Snapshot, Step};

/// Whether DMARC of `domain` is enforced as BIMI asks for.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.d.example. TXT \"v=DMARC1; p=none\"")?;
/// let domain = "d.example".parse()?;
/// let facts = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::bimi_facts(dns, &domain));
/// assert_eq!(facts.dmarc.unwrap().not_enforced.unwrap(), "its DMARC policy is `none`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bimi_facts(dns: &Snapshot, domain: &Name) -> Step<Facts> {
    dmarc::discover(dns, domain).map(|discovery| {
        // Where the DNS gives no answer nothing is known, and nothing is claimed.
        let dmarc = discovery.policy.ok().map(|found| match found {
            Some(found) => of_record(&found.record),
            None => DmarcFacts { not_enforced: Some("it has no DMARC record".to_owned()), pct: None },
        });
        Facts { dmarc, ..Facts::default() }
    })
}

fn of_record(record: &Record) -> DmarcFacts {
    // RFC 9989 §4.7, `t`: one level below.
    let testing = record.t().or_default() == Testing::Yes;
    let is_none = |policy: Policy| policy == Policy::None || testing && policy.lowered() == Policy::None;
    let not_enforced = match record.request() {
        Request::Policies(policies) if policies.p == Policy::None => Some("its DMARC policy is `none`"),
        Request::Policies(policies) if is_none(policies.p) => Some("`t=y` lowers its DMARC policy to `none`"),
        Request::Policies(policies) if is_none(policies.sp) => Some("DMARC asks for nothing for its sub-domains"),
        Request::Policies(_) => None,
        Request::ActAsNone | Request::NoProcessing => Some("its DMARC record is broken"),
    };
    let sampled = record.pct().value().filter(|pct| *pct < 100 && not_enforced.is_none());
    DmarcFacts { not_enforced: not_enforced.map(str::to_owned), pct: sampled.map(u32::from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9989 §4.7: in test mode the policy is one level below.
    #[test]
    fn test_mode_lowers_the_policy() {
        for (record, why) in [
            ("v=DMARC1; p=quarantine; t=y", Some("`t=y` lowers its DMARC policy to `none`")),
            ("v=DMARC1; p=reject; sp=quarantine; t=y", Some("DMARC asks for nothing for its sub-domains")),
            ("v=DMARC1; p=reject; t=y", None),
            ("v=DMARC1; p=quarantine; t=n", None),
        ] {
            assert_eq!(of_record(&Record::parse(record)).not_enforced.as_deref(), why, "{record}");
        }
    }
}
