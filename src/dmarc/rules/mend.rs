//! Looking at a broken record again as it was probably meant, so that one defect does not hide another.

use super::context::Context;
use super::lint::published;
use crate::dmarc::Record;
use crate::finding::{Applicability, Diagnostic, Effect, Findings, Fix, Moved, Severity, Subject, bring_back, choose};

/// Repairs that uncover more repairs. Defects nest a few deep: quotes, the version, a comma, a typo.
const MAX_ROUNDS: usize = 6;

/// What there is to say beside `told` about the record after its repairs, at the places of the published text.
pub(super) fn look_further(cx: &Context<'_>, told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut codes: Vec<_> = told.iter().map(|found| found.code).collect();
    let mut text = cx.text().to_owned();
    let mut moves = Vec::new();
    let mut last = told;
    let mut further = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let (edits, _) = choose(&last, &text, &is_repair);
        let Some((next, moved)) = Moved::apply(&text, &edits).filter(|_| !edits.is_empty()) else { break };
        moves.push(moved);
        text = next;
        let record = Record::parse(text.as_str());
        let subject = Subject::new(cx.subject.origin().clone(), record.source().clone());
        let mut found = Findings::default();
        published(&Context { record: &record, subject: &subject, ..*cx }, &mut found);
        last = found.into_vec();
        for found in &last {
            // A tag that a repair puts there is not missing, and one code says enough of one record.
            if !codes.contains(&found.code) {
                codes.push(found.code);
                let mut found = found.clone();
                bring_back(&mut found, &subject, cx.subject, &moves);
                further.push(found);
            }
        }
    }
    further
}

/// Only what hides the rest: it keeps the record from being seen, or disarms it. A likely repair is enough to look further.
fn is_repair(found: &Diagnostic, fix: &Fix) -> bool {
    let hides = found.effect >= Effect::PolicyNone || found.severity == Severity::Error;
    hides && fix.applicability < Applicability::HasPlaceholders
}
