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
    let asks = || format!("DMARC asks receivers to {}", verb(own));
    match facts.protection() {
        Protection::Full if !facts.exists => {
            format!("{domain} is protected: it does not exist, and {} mail in its name", asks())
        }
        Protection::Full if facts.sends_no_mail() => {
            format!("{domain} is protected: it sends no mail, and {} all mail in its name", asks())
        }
        Protection::Full => format!("{domain} is protected: {} mail that {}", asks(), vouched(facts)),
        Protection::WithoutSubdomains => {
            format!("{domain} is protected, but not what is below it: anyone can send mail as {}", below(facts))
        }
        Protection::AgainstItself => format!(
            "{domain} locks its own mail out: {} it, and neither SPF nor DKIM can pass{}",
            asks(),
            and_below(facts)
        ),
        Protection::BrokenSpf => format!(
            "receivers cannot use the SPF record of {domain}, and DMARC asks them to {} its own mail too, unless DKIM vouches for it{}",
            verb(own),
            and_below(facts)
        ),
        Protection::UnknownSpf => format!(
            "the DNS gave no answer about SPF of {domain}; {} mail that DKIM does not vouch for, if it stays so{}",
            asks(),
            and_below(facts)
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

/// Whose mail is stopped.
fn vouched(facts: &Facts) -> &'static str {
    match facts.spf.state {
        SpfState::Missing => "DKIM does not vouch for; it has no SPF record",
        SpfState::Nobody => "DKIM does not vouch for; SPF lets nobody send",
        SpfState::Neutral => "DKIM does not vouch for; its SPF record lets no sender pass",
        _ if facts.spf.partly_broken => {
            "neither SPF nor DKIM vouches for; its SPF record has an error that strikes some senders"
        }
        _ => "neither SPF nor DKIM vouches for",
    }
}

/// What is open beside a trouble of its own.
fn and_below(facts: &Facts) -> String {
    let policies = &facts.policies;
    if policies.subdomain.is_open() || policies.nonexistent.is_open() {
        format!("; anyone can send mail as {}", below(facts))
    } else {
        String::new()
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
    if facts.policies.own.record().is_some() {
        return "its DMARC record has no policy that receivers can use";
    }
    if facts.policies.spoiled {
        return "receivers discard what was meant as its DMARC record";
    }
    match (facts.exists, facts.spf.state) {
        (false, _) => "it does not exist, and no DMARC record applies to it",
        (true, SpfState::Usable | SpfState::Nobody | SpfState::Neutral) => {
            "no DMARC record applies, and SPF alone does not look at the From that people see"
        }
        (true, SpfState::Everybody) => "no DMARC record applies, and its SPF record passes everybody",
        (true, SpfState::Broken) => "no DMARC record applies, and receivers cannot use its SPF record",
        (true, SpfState::Missing) => "it has neither a DMARC nor an SPF record",
        (true, SpfState::Unknown) => "no DMARC record applies",
    }
}

/// What is asked of receivers: `reject`.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=quarantine"
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let policies = known.facts.unwrap().policies;
/// assert_eq!(domain::explain::policy(&policies.own), "quarantine");
/// assert_eq!(domain::explain::policy(&domain::EffectivePolicy::Nothing), "no DMARC");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn policy(policy: &EffectivePolicy) -> &'static str {
    match policy {
        EffectivePolicy::Applies { applied, .. } => applied.policy.as_str(),
        EffectivePolicy::Nothing => "no DMARC",
        EffectivePolicy::Unknown(_) => "unknown",
    }
}

/// Where a policy comes from: "`sp` of _dmarc.example.com".
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// news.example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.com. TXT "v=DMARC1; p=reject; sp=quarantine"
/// "#)?;
/// let input = domain::Input::new("news.example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let policies = known.facts.unwrap().policies;
/// assert_eq!(domain::explain::source(&policies.own), "`sp` of _dmarc.example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:0.0.0.0/0 -all""#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// assert_eq!(domain::explain::spf(&known.facts.unwrap()), "passes everybody");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn spf(facts: &Facts) -> &'static str {
    match facts.spf.state {
        SpfState::Usable if facts.spf.partly_broken => "says who may send, with an error that strikes some senders",
        SpfState::Usable => "says who may send",
        SpfState::Nobody => "says that nobody may send",
        SpfState::Neutral => "lets no sender pass, and does not say that nobody may send",
        SpfState::Everybody => "passes everybody",
        SpfState::Broken => "cannot be used by receivers",
        SpfState::Missing => "has no record",
        SpfState::Unknown => "is unknown: the DNS gave no answer",
    }
}
