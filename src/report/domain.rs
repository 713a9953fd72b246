//! The report on a domain: can anybody send mail in its name?

use super::{Actor, Branch, Input, Mark, Report, Trace, Verdict};
use crate::dmarc::Policy;
use crate::dns::{Snapshot, Step};
use crate::domain::{self, Assessment, EffectivePolicy, Facts, KeyState, Met, Protection, SpfState, explain};
use crate::finding::{Diagnostic, Effect, Origin, Severity};
use crate::spf::rules::owners::Owner;

pub(super) fn check(input: &domain::Input, dns: &Snapshot) -> Step<Report> {
    domain::check(dns, input).map(|known| report(input, known, dns))
}

fn report(input: &domain::Input, known: Assessment, dns: &Snapshot) -> Report {
    let asked = Input::Domain(input.clone());
    let Assessment { facts, mut findings, .. } = known;
    // The table of policies says it too.
    findings.retain(|found| found.code != "dmarc-effective-policy");
    let Some(facts) = facts else {
        let headline = format!("`{}` could not be checked: it is not a domain", input.domain);
        return Report::new(asked, false, headline, dns.clone()).with_findings(findings);
    };
    let errors = findings.iter().any(|found| found.severity == Severity::Error);
    let known = rows(&facts).iter().all(|(_, _, policy)| !matches!(policy, EffectivePolicy::Unknown(_)));
    let passed = facts.protection() == Protection::Full && known && (!errors || !facts.exists);
    let mut report = Report::new(asked, passed, explain::headline(&facts), dns.clone())
        .with_groups(findings, |found| whose(found, &facts));
    report.verdicts = rows(&facts).map(|(identity, _, policy)| verdict(&facts, identity, policy)).into();
    report.traces = vec![published(&facts), policies(&facts)];
    report.traces.extend(bulk_senders(&facts));
    report
}

/// Who can mend it: the domain's own records its owner, the records that it includes somebody else. A note that changes nothing for
/// receivers, or names a record that one may do without, asks nothing of anybody.
fn whose(found: &Diagnostic, facts: &Facts) -> Actor {
    let is_absence = found.primary.subject.source().text().is_empty();
    if found.severity == Severity::Note && (found.effect == Effect::Ok || is_absence) {
        return Actor::Nobody;
    }
    let policy = facts.policies.own.record().map(|record| &record.domain);
    match found.primary.subject.origin() {
        // What stands above the domain, such as the policy that it inherits, is mostly in the same hands.
        Origin::Record { owner, .. } if owner.is_within(&facts.domain) => Actor::DomainOwner,
        Origin::Record { owner, .. } if policy.is_some_and(|policy| owner.is_within(policy)) => Actor::DomainOwner,
        Origin::Record { owner, .. } if Owner::of(owner, &facts.domain).whom().is_none() => Actor::DomainOwner,
        Origin::Record { .. } => Actor::SendingService,
        _ => Actor::DomainOwner,
    }
}

/// Whose mail, in a word and in words, and the policy for it.
fn rows(facts: &Facts) -> [(&'static str, String, &EffectivePolicy); 3] {
    let policies = &facts.policies;
    [
        ("domain", facts.domain.to_string(), &policies.own),
        ("subdomain", "a sub-domain that exists".to_owned(), &policies.subdomain),
        ("nonexistent-subdomain", "a sub-domain that does not exist".to_owned(), &policies.nonexistent),
    ]
}

fn verdict(facts: &Facts, identity: &'static str, policy: &EffectivePolicy) -> Verdict {
    Verdict {
        method: "dmarc",
        identity,
        domain: facts.domain.to_string(),
        result: match policy {
            EffectivePolicy::Applies { applied, .. } => applied.policy.as_str(),
            EffectivePolicy::Nothing => "no-dmarc",
            EffectivePolicy::Unknown(_) => "temperror",
        },
        because: None,
        explanation: None,
    }
}

fn policies(facts: &Facts) -> Trace {
    let branches = rows(facts).into_iter().map(|(_, whose, policy)| Branch {
        text: whose,
        outcome: format!("{:<10}  {}", explain::policy(policy), explain::source(policy)),
        mark: match policy.policy() {
            Some(Policy::Reject | Policy::Quarantine) => Mark::Good,
            Some(Policy::None) | None => Mark::Bad,
        },
        ..Branch::default()
    });
    Trace {
        title: "what receivers are asked to do with mail that fails DMARC, if From is".to_owned(),
        counters: Vec::new(),
        branches: branches.collect(),
    }
}

/// The checklist of large mailbox providers, for a domain that sends.
fn bulk_senders(facts: &Facts) -> Option<Trace> {
    let branches = domain::bulk_sender_requirements(facts).into_iter().map(|one| Branch {
        text: one.what.to_owned(),
        outcome: format!("{}: {}", one.met.told(), one.why),
        mark: match one.met {
            Met::Yes => Mark::Good,
            Met::No => Mark::Bad,
            Met::NotCheckable => Mark::Skipped,
        },
        ..Branch::default()
    });
    let title = "what Google, Yahoo and Microsoft ask of those who send much".to_owned();
    let sends = facts.exists && facts.spf.state != SpfState::Nobody;
    sends.then(|| Trace { title, counters: Vec::new(), branches: branches.collect() })
}

/// The records that the answer rests on.
fn published(facts: &Facts) -> Trace {
    let spf = Branch {
        text: format!("SPF at {}", facts.domain),
        outcome: explain::spf(facts).to_owned(),
        mark: match facts.spf.state {
            SpfState::Usable | SpfState::Nobody => Mark::Good,
            SpfState::Everybody | SpfState::Missing | SpfState::Neutral => Mark::Bad,
            SpfState::Broken | SpfState::Unknown => Mark::Error,
        },
        notes: facts.spf.record.iter().map(|record| record.source().text().to_owned()).collect(),
        ..Branch::default()
    };
    let mut branches = vec![spf];
    branches.extend(facts.selectors.iter().map(|selector| {
        let (outcome, mark) = match selector.state {
            KeyState::Present => ("has a key", Mark::Good),
            KeyState::Unusable => ("has no key that can be used", Mark::Error),
            KeyState::Missing => ("has no record", Mark::Bad),
            KeyState::Unknown(_) => ("is unknown: the DNS gave no answer", Mark::Error),
        };
        let outcome = if selector.is_guess { format!("{outcome} (a guess)") } else { outcome.to_owned() };
        Branch { text: format!("DKIM at {}", selector.owner), outcome, mark, ..Branch::default() }
    }));
    if facts.selectors.is_empty() {
        let outcome = "not looked at: no selector was given, and the DNS cannot list them".to_owned();
        branches.push(Branch { text: "DKIM".to_owned(), outcome, mark: Mark::Skipped, ..Branch::default() });
    }
    let own = &facts.policies.own;
    branches.push(match own.record() {
        Some(record) => Branch {
            text: format!("DMARC at _dmarc.{}", record.domain),
            outcome: format!("asks for {}", explain::policy(own)),
            mark: if own.is_enforced() { Mark::Good } else { Mark::Bad },
            notes: vec![record.record.source().text().to_owned()],
            ..Branch::default()
        },
        None => Branch {
            text: format!("DMARC at _dmarc.{}", facts.domain),
            outcome: explain::source(own),
            mark: Mark::Bad,
            ..Branch::default()
        },
    });
    Trace { title: format!("what is published for {}", facts.domain), counters: Vec::new(), branches }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    #[test]
    fn what_a_sub_domain_includes_from_above_is_in_the_same_hands() {
        let zone = Zone::parse(
            "news.shop.example. TXT \"v=spf1 include:_spf.shop.example -all\"\n\
             _spf.shop.example. TXT \"v=spf1 include:gone.shop.example -all\"\nshop.example. A 192.0.2.1\n",
        )
        .unwrap();
        let asked = Input::Domain(domain::Input::new("news.shop.example"));
        let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| asked.check(dns));
        assert!(report.findings.iter().any(|found| found.code == "spf-include-nxdomain"));
        assert!(report.groups.iter().all(|group| group.actor != Actor::SendingService), "{report}");
    }
}
