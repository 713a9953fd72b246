//! Step 3, second half: a question that decides had no answer.

use super::{Case, Row};
use crate::cause::{Cause, Found};
use crate::dkim::{self, KeyLookup};
use crate::dmarc::{self, DmarcResult, MethodResult};
use crate::spf;

pub(super) fn cause(case: &Case<'_>) -> Option<Found> {
    let undecided = match case.dmarc_result() {
        DmarcResult::Temperror => true,
        DmarcResult::None => {
            let open = |row: &&Row| row.aligned && row.identifier.result == MethodResult::Temperror;
            !case.is_authenticated() && case.checks.rows.iter().any(|row| open(&row))
        }
        DmarcResult::Pass | DmarcResult::Fail | DmarcResult::Permerror => false,
    };
    if !undecided {
        return None;
    }
    let mut seen = failures(case);
    if seen.is_empty() {
        seen.extend(case.checks.dmarc.as_ref().map(dmarc::explain::outcome));
    }
    let first = seen.first()?.clone();
    let told = format!("there is no verdict yet: {first}");
    let more: Vec<_> = seen.drain(1..).map(Into::into).collect();
    let advice = "Check the name servers of that domain; receivers will try again by themselves";
    Some(Found::new(Cause::DnsTemporaryFailure, first).and_all(more).told(told).advise(advice))
}

/// The questions that failed, told.
fn failures(case: &Case<'_>) -> Vec<String> {
    let mut seen = Vec::new();
    if let Some(outcome) = &case.checks.dmarc
        && let dmarc::Cause::DiscoveryFailed(failed) | dmarc::Cause::ExistenceUnknown(failed) = &outcome.cause
    {
        seen.push(dmarc::explain::failure(failed));
    }
    for signed in case.checks.signatures.iter().filter(|signed| case.is_aligned(signed)) {
        if let (dkim::Cause::KeyUnavailable(failure), KeyLookup::Failed { name, .. }) =
            (&signed.outcome.cause, &signed.outcome.keys)
        {
            seen.push(format!("the DNS answers the question for the key {name} with {}", failure.as_str()));
        }
    }
    if let Some(checked) = &case.checks.spf
        && let spf::Cause::Dns { question, failure, .. } = &checked.outcome.cause
    {
        seen.push(format!("the DNS answers `{question}` with {}", failure.as_str()));
    }
    seen
}
