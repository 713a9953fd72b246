//! Step 4: the domain published something for DMARC that receivers do not see or apply as it was meant.

use super::Case;
use crate::Name;
use crate::cause::{Cause, Evidence, Found};
use crate::dmarc::{Found as Published, Place, Record, Request, Visit, Walk};
use crate::dns::RecordType;
use crate::finding::{Diagnostic, Effect, Label, Origin, Severity, Subject};
use crate::text::Source;

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    several(case).or_else(|| malformed(case)).or_else(|| misplaced(case)).or_else(|| invalid(case))
}

/// The names that receivers looked at until they found the record that applies: what stands below it was not seen.
fn searched<'c>(case: &Case<'c>) -> Option<(&'c Walk, Vec<&'c Visit>)> {
    let outcome = case.checks.dmarc.as_ref()?;
    let walk = &outcome.discovery.walk;
    let fewest = match outcome.policy_record() {
        Some(policy) if policy.place == Place::Psd => return Some((walk, walk.visits.iter().collect())),
        Some(policy) => policy.domain.label_count(),
        None => outcome.discovery.org_domain.as_ref().map_or(2, |org| org.name.label_count().min(2)),
    };
    Some((walk, walk.visits.iter().filter(|visit| visit.labels >= fewest).collect()))
}

fn several(case: &Case<'_>) -> Option<Found> {
    let (walk, visits) = searched(case)?;
    visits.into_iter().find_map(|visit| {
        let Published::Several(count) = visit.found else { return None };
        let name = walk.name(visit);
        let records: Vec<Evidence> = records_at(case, &name)
            .into_iter()
            .filter(|label| Record::parse(label.subject.source().clone()).is_dmarc())
            .map(|label| Evidence::at(label, "one of them"))
            .collect();
        Some(
            Found::new(Cause::DmarcMultipleRecords, format!("_dmarc.{name} has {count} DMARC records"))
                .and_all(records)
                .told(format!("_dmarc.{name} has {count} DMARC records, so receivers discard them all"))
                .advise(format!("Merge the {count} records at _dmarc.{name} into one")),
        )
    })
}

/// A text at `_dmarc` that was meant as a record, and is none.
fn malformed(case: &Case<'_>) -> Option<Found> {
    let about = |effect| move |found: &&Diagnostic| found.effect == effect && is_unseen(found);
    let all = || case.checks.policy_findings.iter().chain(&case.checks.parent_findings);
    let found = all().find(about(Effect::NoDmarc)).or_else(|| all().find(about(Effect::Differs)))?;
    let owner = owner_of(found)?;
    let evidence = Evidence::at(found.primary.clone(), found.message());
    let mut cause = Found::new(Cause::DmarcRecordMalformed, evidence)
        .told(format!("receivers do not see the DMARC record at {owner}: {}", found.message()));
    if let Some(fix) = found.fixes.first() {
        cause = cause.advise(format!("Correct the record at {owner}: {}", fix.title));
    }
    Some(cause)
}

/// Whether a finding is about a text at `_dmarc` that is there, and is no DMARC record to receivers.
fn is_unseen(found: &Diagnostic) -> bool {
    let Origin::Record { owner, record_type: RecordType::Txt } = found.primary.subject.origin() else { return false };
    let text = found.primary.subject.source();
    owner.as_str().starts_with("_dmarc.") && !text.text().is_empty() && !Record::parse(text.clone()).is_dmarc()
}

/// A record at a name where nobody looks.
fn misplaced(case: &Case<'_>) -> Option<Found> {
    let elsewhere = ["dmarc-wrong-location-apex", "dmarc-wrong-label", "dmarc-doubled-zone-name"];
    let applies = case.checks.dmarc.as_ref().is_some_and(|outcome| outcome.policy_record().is_some());
    let mut all = case.checks.policy_findings.iter().chain(&case.checks.parent_findings);
    let found = all.find(|found| !applies && elsewhere.contains(&found.code.as_str()))?;
    let author = case.author();
    Some(
        Found::new(Cause::DmarcMissing, Evidence::at(found.primary.clone(), found.message()))
            .told(format!("the DMARC record of {author} stands where nobody looks: {}", found.message()))
            .advise(format!("Publish the record at _dmarc.{}", case.owners().registrable(case.mail.author_domain()?))),
    )
}

/// RFC 9989 §4.10.1: without valid policies the record counts as `p=none`, or not at all.
fn invalid(case: &Case<'_>) -> Option<Found> {
    let policy = case.checks.dmarc.as_ref()?.policy_record()?;
    let so = match policy.record.request() {
        Request::Policies(_) => return None,
        Request::ActAsNone => "receivers act as if its policy were none",
        Request::NoProcessing => "receivers do not apply it at all",
    };
    let owner = policy.domain.prefixed("_dmarc").unwrap_or_else(|_| policy.domain.clone());
    let about = |found: &&Diagnostic| {
        matches!(found.effect, Effect::PolicyNone | Effect::NoDmarc) && owner_of(found) == Some(&owner)
    };
    let told = case.checks.policy_findings.iter().filter(about).min_by_key(|found| found.severity != Severity::Error);
    let label = || Label::whole(&Subject::record(&owner, RecordType::Txt, policy.record.source().clone()));
    let evidence = match told {
        Some(found) => Evidence::at(found.primary.clone(), found.message()),
        None => Evidence::at(label(), "`p`, `sp` or `np` is missing or invalid"),
    };
    let why = evidence.text.clone();
    let advice = match told.and_then(|found| found.fixes.first()) {
        Some(fix) => format!("Correct the record at {owner}: {}", fix.title),
        None => format!("Write none, quarantine or reject into the record at {owner}"),
    };
    let told = if why.contains("receivers") { why } else { format!("{why}, so {so}") };
    Some(Found::new(Cause::DmarcPolicyInvalid, evidence).told(format!("at {owner}, {told}")).advise(advice))
}

/// No record applies at all.
pub(super) fn missing(case: &Case<'_>) -> Option<Found> {
    let outcome = case.checks.dmarc.as_ref().filter(|outcome| outcome.cause == crate::dmarc::Cause::NoRecord)?;
    let asked: Vec<String> = outcome
        .discovery
        .walk
        .visits
        .iter()
        .map(|visit| format!("_dmarc.{}", outcome.discovery.walk.name(visit)))
        .collect();
    let author = case.author();
    let owner = case.owners().registrable(&outcome.author);
    Some(
        Found::new(Cause::DmarcMissing, format!("no DMARC record at {}", asked.join(", ")))
            .told(format!("no DMARC record applies to {author}"))
            .advise(format!("Publish a DMARC record at _dmarc.{owner}, at least `v=DMARC1; p=none`")),
    )
}

fn records_at(case: &Case<'_>, name: &Name) -> Vec<Label> {
    let Ok(owner) = name.prefixed("_dmarc") else { return Vec::new() };
    let texts = case.dns.lookup(owner.as_str(), RecordType::Txt).map_or(&[][..], crate::dns::Answer::txts);
    let label = |text: &Source| Label::whole(&Subject::record(&owner, RecordType::Txt, text.clone()));
    texts.iter().map(label).collect()
}

/// The name at which the text of a finding stands.
fn owner_of(found: &Diagnostic) -> Option<&Name> {
    match found.primary.subject.origin() {
        Origin::Record { owner, .. } => Some(owner),
        _ => None,
    }
}
