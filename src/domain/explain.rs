//! A domain in words.

use super::{EffectivePolicy, Facts, Protection, SpfState};
use crate::dmarc::explain::failure;
use crate::dmarc::{Place, Policy, PolicyTag};

/// One sentence: whether mail that pretends to be from the domain is stopped, and why.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 mx -all\"")?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| domain::check(dns, &input));
/// assert_eq!(
///     domain::explain::headline(&known.facts.unwrap()),
///     "anyone can send mail as example.com: no DMARC record applies, and SPF alone does not look at the From that people see"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn headline(facts: &Facts) -> String {
    let domain = &facts.domain;
    let own = &facts.policies.own;
    match facts.protection() {
        Protection::Full if !facts.exists => {
            format!(
                "{domain} is protected: it does not exist, and DMARC asks receivers to {} mail in its name",
                verb(own)
            )
        }
        Protection::Full if facts.spf.state == SpfState::Nobody => {
            format!(
                "{domain} is protected: it sends no mail, and DMARC asks receivers to {} all mail in its name",
                verb(own)
            )
        }
        Protection::Full => {
            format!(
                "{domain} is protected: DMARC asks receivers to {} mail that neither SPF nor DKIM vouches for",
                verb(own)
            )
        }
        Protection::WithoutSubdomains => {
            format!("{domain} is protected, but not what is below it: anyone can send mail as {}", below(facts))
        }
        Protection::AgainstItself => format!(
            "{domain} locks its own mail out: DMARC asks receivers to {} it, and neither SPF nor DKIM can pass",
            verb(own)
        ),
        Protection::OpenSpf => {
            format!("anyone can send mail as {domain}: its SPF record passes everybody, and so does DMARC")
        }
        Protection::MonitoringOnly => {
            format!("anyone can send mail as {domain}: DMARC asks receivers for nothing ({})", source(own))
        }
        Protection::NoDmarc => format!("anyone can send mail as {domain}: {}", without_dmarc(facts)),
        Protection::Unknown => match own {
            EffectivePolicy::Unknown(failed) => format!("{domain} could not be checked: {}", failure(failed)),
            EffectivePolicy::Applies { .. } | EffectivePolicy::Nothing => format!("{domain} could not be checked"),
        },
    }
}

fn verb(policy: &EffectivePolicy) -> &'static str {
    match policy.policy() {
        Some(Policy::Reject) => "reject",
        Some(Policy::Quarantine) => "quarantine",
        Some(Policy::None) | None => "deliver",
    }
}

fn below(facts: &Facts) -> &'static str {
    match (facts.policies.subdomain.is_open(), facts.policies.nonexistent.is_open()) {
        (false, _) => "a name below it that does not exist",
        (true, false) => "its sub-domains",
        (true, true) => "its sub-domains, and as names below it that do not exist",
    }
}

fn without_dmarc(facts: &Facts) -> &'static str {
    match (facts.policies.own.record(), facts.exists, facts.spf.state) {
        (Some(_), ..) => "its DMARC record has no policy that receivers can use",
        (None, false, _) => "it does not exist, and no DMARC record applies to it",
        (None, true, SpfState::Usable | SpfState::Nobody | SpfState::Everybody) => {
            "no DMARC record applies, and SPF alone does not look at the From that people see"
        }
        (None, true, _) => "no DMARC record applies",
    }
}

/// What is asked of receivers: `reject`.
pub fn policy(policy: &EffectivePolicy) -> &'static str {
    match policy {
        EffectivePolicy::Applies { applied, .. } => applied.policy.as_str(),
        EffectivePolicy::Nothing => "no DMARC",
        EffectivePolicy::Unknown(_) => "unknown",
    }
}

/// Where a policy comes from: "`sp` of _dmarc.example.com".
pub fn source(policy: &EffectivePolicy) -> String {
    let (record, applied) = match policy {
        EffectivePolicy::Applies { record, applied } => (record, applied),
        EffectivePolicy::Nothing => return "no usable record applies".to_owned(),
        EffectivePolicy::Unknown(failed) => return failure(failed),
    };
    let place = match record.place {
        Place::Psd => format!("_dmarc.{}, a public suffix", record.domain),
        Place::AuthorDomain | Place::OrgDomain => format!("_dmarc.{}", record.domain),
    };
    let from = match applied.from {
        PolicyTag::P => format!("`p` of {place}"),
        PolicyTag::PForSubdomain => format!("`p` of {place}: it has no tag for this"),
        PolicyTag::Sp => format!("`sp` of {place}"),
        PolicyTag::Np => format!("`np` of {place}"),
        PolicyTag::ActAsNone => format!("a policy tag of {place} is missing or not valid"),
    };
    if applied.policy == applied.requested {
        from
    } else {
        format!("{from}, lowered from `{}` by `t=y`", applied.requested)
    }
}

/// What SPF does: "says who may send".
pub fn spf(facts: &Facts) -> &'static str {
    match facts.spf.state {
        SpfState::Usable => "says who may send",
        SpfState::Nobody => "says that nobody may send",
        SpfState::Everybody => "passes everybody",
        SpfState::Broken => "cannot be used by receivers",
        SpfState::Missing => "has no record",
        SpfState::Unknown => "is unknown: the DNS gave no answer",
    }
}
