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
    let discovery = match dmarc::discover(dns, domain) {
        Step::Done(discovery) => discovery,
        Step::Ask(questions) => return Step::Ask(questions),
    };
    // Where the DNS gives no answer nothing is known, and nothing is claimed.
    let org_domain = discovery.org_domain.ok().map(|org| org.name);
    let mut dmarc = discovery.policy.ok().map(|found| match found {
        Some(found) => of_record(&found.record, found.domain == *domain),
        None => DmarcFacts { not_enforced: Some("it has no DMARC record".to_owned()), pct: None },
    });
    // §7.1: the policy of the Organizational Domain counts too.
    let enforced = dmarc.as_mut().filter(|dmarc| dmarc.not_enforced.is_none());
    if let (Some(dmarc), Some(org)) = (enforced, org_domain.as_ref().filter(|org| *org != domain)) {
        let above = match dmarc::discover(dns, org) {
            Step::Done(discovery) => discovery.policy,
            Step::Ask(questions) => return Step::Ask(questions),
        };
        let above = above.ok().flatten().map(|found| of_record(&found.record, true));
        let why = above.and_then(|above| above.not_enforced);
        dmarc.not_enforced = why.map(|why| format!("for its Organizational Domain `{org}`, {why}"));
    }
    Step::Done(Facts { dmarc, org_domain, ..Facts::default() })
}

/// What `record` asks for, if it is the domain's own or one that it inherits.
fn of_record(record: &Record, is_own: bool) -> DmarcFacts {
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
    // Receivers that read `pct` act on all mail with `reject`; with `quarantine` a part of it gets through.
    let applied = match record.request() {
        Request::Policies(policies) => Some(if is_own { policies.p } else { policies.sp }),
        Request::ActAsNone | Request::NoProcessing => None,
    };
    let is_sampled = not_enforced.is_none() && applied == Some(Policy::Quarantine);
    let sampled = record.pct().value().filter(|pct| *pct < 100 && is_sampled);
    DmarcFacts { not_enforced: not_enforced.map(str::to_owned), pct: sampled.map(u32::from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(zone: &str, domain: &str) -> DmarcFacts {
        let zone = crate::resolver::Zone::parse(zone).unwrap();
        let domain = domain.parse().unwrap();
        let look = |dns: &Snapshot| bimi_facts(dns, &domain);
        crate::resolver::drive_sync(&mut Snapshot::new(), |q| zone.answer(q), look).dmarc.unwrap()
    }

    /// §7.1: the Author Domain and the Organizational Domain both have to be enforced.
    #[test]
    fn the_organizational_domain_counts_too() {
        let below = "_dmarc.a.d.example. TXT \"v=DMARC1; p=reject\"";
        let of =
            |above: &str| facts(&format!("{below}\n_dmarc.d.example. TXT \"{above}\""), "a.d.example").not_enforced;
        let why = of("v=DMARC1; p=none").unwrap();
        assert_eq!(why, "for its Organizational Domain `d.example`, its DMARC policy is `none`");
        assert_eq!(of("v=DMARC1; p=reject"), None);
    }

    /// §7.1: "If the policy is quarantine", `pct` has to be 100.
    #[test]
    fn a_part_of_the_mail_matters_with_quarantine_only() {
        let pct = |record: &str| facts(&format!("_dmarc.d.example. TXT \"{record}\""), "d.example").pct;
        assert_eq!(pct("v=DMARC1; p=quarantine; pct=50"), Some(50));
        assert_eq!(pct("v=DMARC1; p=reject; pct=50"), None);
        assert_eq!(pct("v=DMARC1; p=quarantine; pct=100"), None);
    }

    /// RFC 9989 §4.7: in test mode the policy is one level below.
    #[test]
    fn test_mode_lowers_the_policy() {
        for (record, why) in [
            ("v=DMARC1; p=quarantine; t=y", Some("`t=y` lowers its DMARC policy to `none`")),
            ("v=DMARC1; p=reject; sp=quarantine; t=y", Some("DMARC asks for nothing for its sub-domains")),
            ("v=DMARC1; p=reject; t=y", None),
            ("v=DMARC1; p=quarantine; t=n", None),
        ] {
            assert_eq!(of_record(&Record::parse(record), true).not_enforced.as_deref(), why, "{record}");
        }
    }
}
