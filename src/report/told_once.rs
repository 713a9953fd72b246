//! A defect that decided a verdict is known twice: the evaluation ended there, and a rule looks at that place. Programs get both
//! findings; people read one.

use super::Report;
use crate::finding::{Diagnostic, Effect, Severity};

/// What rules say of the place where the check of verdict number `of` ended: it belongs to what is said of the verdict.
pub(super) fn belongs_to(report: &Report, of: usize) -> impl Iterator<Item = &Diagnostic> {
    report.findings.iter().filter(move |found| verdict_of(report, found) == Some(of))
}

/// The first verdict to whose reason `found` belongs.
pub(super) fn verdict_of(report: &Report, found: &Diagnostic) -> Option<usize> {
    let mut reasons = report.verdicts.iter().map(|verdict| verdict.because.as_ref());
    reasons.position(|because| because.is_some_and(|because| is_same(because, found)))
}

fn is_same(because: &Diagnostic, found: &Diagnostic) -> bool {
    let ended_by_a_defect = because.code == "spf-eval-permerror" && because.severity == Severity::Error;
    let (ended, place) = (&because.primary, &found.primary);
    // A finding with more places than one needs a picture of its own.
    ended_by_a_defect
        && found.effect == Effect::Permerror
        && found.related.is_empty()
        && ended.subject == place.subject
        && ended.span.overlaps(place.span)
}
