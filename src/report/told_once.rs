//! A defect that decided a verdict is known twice: the evaluation ended there, and a rule looks at that place. Programs get both
//! findings; people read one.

use super::{Report, Verdict};
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

/// The first verdict that was decided at the same place as verdict number `of`: HELO and MAIL FROM may come to the same mistake.
pub(super) fn as_before(report: &Report, of: usize) -> Option<&Verdict> {
    let (before, rest) = report.verdicts.split_at(of);
    let (one, because) = rest.first().and_then(|one| Some((one, one.because.as_ref()?)))?;
    // An error of the records or of the DNS is one, whatever name led there; a statement is made about each name.
    let is_error = matches!(one.result, "permerror" | "temperror");
    before.iter().find(|other| {
        other.method == one.method
            && other.because.as_ref().is_some_and(|other| {
                let (here, there) = (&because.primary, &other.primary);
                because.code == other.code
                    && (&here.subject, here.span) == (&there.subject, there.span)
                    && (is_error || because.message() == other.message())
            })
    })
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
