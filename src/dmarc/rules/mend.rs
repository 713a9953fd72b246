//! Looking at a broken record again as it was probably meant, so that one defect does not hide another.

use super::context::{Context, Written};
use super::lint::published;
use super::other::OTHER_RECORD;
use super::policy::{P_NONE, P_NONE_NO_RUA};
use super::standing::Standing;
use super::subdomains::NP_MISSING;
use crate::dmarc::{Record, Tag};
use crate::finding::{
    Applicability, Change, Diagnostic, Edit, Effect, Findings, Fix, Severity, Subject, apply, look_further,
};

/// What there is to say about the record, as published and as it was meant.
pub(super) fn look(cx: &Context<'_>, out: &mut Findings) {
    let lint = |subject: &Subject, out: &mut Findings| {
        if subject == cx.subject {
            return published(cx, out);
        }
        let record = Record::of(subject.source().clone());
        published(&Context { record: &record, subject, ..*cx }, out);
    };
    let mut found = Findings::default();
    published(cx, &mut found);
    // A broken version, a disarmed policy and another record hide what else there is to say.
    if !cx.record.is_dmarc() || cx.policies().is_none() || found.has(&OTHER_RECORD) {
        let further = look_further(cx.subject, found.as_slice(), &is_repair, &lint);
        found.extend(further.into_iter().filter(|found| !is_of_the_repair(cx, found)));
    }
    out.extend(kept(cx, found));
}

/// Whether it says of the policy `none` what is true only once that is written: what is no policy, or none at all, asks for nothing yet.
fn is_of_the_repair(cx: &Context<'_>, found: &Diagnostic) -> bool {
    let rules = [&P_NONE, &P_NONE_NO_RUA, &NP_MISSING];
    let is_written = |p: Written| cx.slice(p.value).to_ascii_lowercase().starts_with("none");
    rules.iter().any(|rule| found.code == rule.code) && !cx.tag(Tag::P).is_some_and(is_written)
}

/// Only what hides the rest: it keeps the record from being seen, or disarms it. A likely repair is enough to look further.
fn is_repair(found: &Diagnostic, fix: &Fix) -> bool {
    let hides = found.effect >= Effect::PolicyNone || found.severity == Severity::Error;
    hides && fix.applicability < Applicability::HasPlaceholders
}

/// Repairs of one record that are tried one by one: each is the record read again. A record with more is looked at by somebody anyway.
const MAX_TRIED: usize = 32;

/// What was found, with those repairs left to somebody by which something is lost, and those that were not tried.
pub(super) fn kept(cx: &Context<'_>, found: Findings) -> impl Iterator<Item = Diagnostic> {
    let mut before = None;
    let mut tried = 0;
    found.into_vec().into_iter().map(move |mut found| {
        for fix in &mut found.fixes {
            let Change::Edit(edits) = &fix.change else { continue };
            // What is only untidy is taken away by a rule that knows it.
            if found.severity < Severity::Note && fix.applicability == Applicability::MachineApplicable {
                tried += 1;
                if tried > MAX_TRIED || loses(cx, before.get_or_insert_with(|| Standing::of(cx.text())), edits) {
                    fix.applicability = Applicability::MaybeIncorrect;
                }
            }
        }
        found
    })
}

/// A repair by which receivers would ask for less, or by which something is lost, is somebody's decision, whatever was meant.
fn loses(cx: &Context<'_>, before: &Standing, edits: &[Edit]) -> bool {
    let Some(fixed) = apply(cx.text(), edits) else { return false };
    let after = Standing::of(&fixed);
    before.is_more_than(&after) || before.is_lost_in(&after)
}
