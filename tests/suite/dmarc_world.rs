//! A DMARC world that a test can read: records by domain, a question, an answer.

use mailproof::Name;
use mailproof::dmarc::{self, Authenticated, Discovery, MethodResult, Outcome};
use mailproof::dns::{Failure, Records, Snapshot};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;

pub fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

/// DMARC records by the domain that they are for; `SERVFAIL` instead of a record; several for one domain make several.
pub fn zone(records: &[(&str, &str)]) -> Zone {
    let mut zone = Zone::new();
    for (domain, record) in records {
        let owner = name(domain).prefixed("_dmarc").expect("a short name");
        if *record == "SERVFAIL" {
            zone.fail(owner, None, Failure::ServFail);
        } else {
            zone.insert(owner, Records::Txt(vec![Source::new(record)]));
        }
    }
    zone
}

pub fn discover(zone: &Zone, author: &str) -> Discovery {
    let author = name(author);
    drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::discover(dns, &author))
}

/// The Organizational Domain.
pub fn org(zone: &Zone, domain: &str) -> String {
    let domain = name(domain);
    let org = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::org_domain(dns, &domain));
    org.expect("an answer").name.to_string()
}

pub fn evaluate(zone: &Zone, author: &str, ids: &Authenticated) -> Outcome {
    let author = name(author);
    drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, ids))
}

/// A good signature of `domain`.
pub fn signed(domain: &str) -> Authenticated {
    Authenticated::default().dkim(name(domain), MethodResult::Pass)
}

/// A good envelope sender at `domain`.
pub fn sent(domain: &str) -> Authenticated {
    Authenticated::default().spf(name(domain), MethodResult::Pass)
}

/// Where the record stands, which tag, which policy: `example.com sp=quarantine`; `none` without a record.
pub fn applied(zone: &Zone, author: &str) -> String {
    let outcome = evaluate(zone, author, &Authenticated::default());
    match (outcome.policy_record(), outcome.applied) {
        (Some(record), Some(applied)) => format!("{} {}={}", record.domain, applied.from.as_str(), applied.policy),
        _ => outcome.result.to_string(),
    }
}

/// How many names the search for the policy asks about.
pub fn queries(zone: &Zone, author: &str) -> usize {
    let discovery = discover(zone, author);
    let own = matches!(&discovery.policy, Ok(Some(policy)) if policy.domain == *author);
    if own { 1 } else { discovery.walk.visits.len() }
}
