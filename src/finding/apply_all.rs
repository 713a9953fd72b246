//! Mending a text with all the fixes that may be applied.

use std::collections::BTreeMap;

use super::fix::{apply_ordered, in_order};
use super::{Applicability, Code, Diagnostic, Edit, Fix};
use crate::order::sort_by_key;
use crate::text::Span;

/// A text after its fixes, and what was done to it.
///
/// ```
/// use mailproof::{finding::{Applicability, apply_all}, spf};
///
/// let lint = |text: &str| spf::lint_text(&text.into());
/// let mended = apply_all("v=spf1 ipv4:192.0.2.1 mx, -all", Applicability::MachineApplicable, lint);
/// assert_eq!(mended.text, "v=spf1 ip4:192.0.2.1 mx -all");
/// // What was done, to be told to whoever has to publish it.
/// assert_eq!(mended.applied[0].0, "spf-mechanism-typo");
/// assert!(mended.settled);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Mended {
    /// The text at the end.
    pub text: String,
    /// The fixes that were applied, in order: of which finding, and the title.
    pub applied: Vec<(Code, String)>,
    /// Whether nothing was left to apply; otherwise the rounds ran out.
    pub settled: bool,
}

/// Rounds of fixing and looking again. Each round does all that does not overlap, and defects nest only a few deep.
pub const MAX_ROUNDS: usize = 16;

/// Applies fixes that are at least as sure as `least_sure`, looks again, and goes on until none is left.
///
/// `lint` tells what is wrong with a text. Fixes that overlap wait for the next round. See [`apply_all_where`] for a choice by finding.
///
/// ```
/// use mailproof::finding::{Applicability, apply_all};
/// use mailproof::spf;
///
/// let text = "v=spf1 ipv4:192.0.2.1 mx, -all;";
/// let mended = apply_all(text, Applicability::MachineApplicable, |text| spf::lint_text(&text.into()));
/// assert_eq!(mended.text, "v=spf1 ip4:192.0.2.1 mx -all");
/// ```
pub fn apply_all(text: &str, least_sure: Applicability, lint: impl FnMut(&str) -> Vec<Diagnostic>) -> Mended {
    apply_all_where(text, lint, |_, fix| fix.applicability <= least_sure)
}

/// The same as [`apply_all`], with the fixes that `accept` chooses; of a finding's fixes, the first.
///
/// ```
/// use mailproof::{finding::apply_all_where, spf};
///
/// // Only the spelling is mended; the comma is left to a person.
/// let mended = apply_all_where(
///     "v=spf1 ipv4:192.0.2.1 mx, -all",
///     |text| spf::lint_text(&text.into()),
///     |found, _| found.code == "spf-mechanism-typo",
/// );
/// assert_eq!(mended.text, "v=spf1 ip4:192.0.2.1 mx, -all");
/// ```
pub fn apply_all_where(
    text: &str,
    mut lint: impl FnMut(&str) -> Vec<Diagnostic>,
    accept: impl Fn(&Diagnostic, &Fix) -> bool,
) -> Mended {
    rounds(text, &mut lint, &accept)
}

fn rounds(text: &str, lint: &mut dyn FnMut(&str) -> Vec<Diagnostic>, accept: Accept<'_>) -> Mended {
    let mut mended = Mended { text: text.to_owned(), applied: Vec::new(), settled: true };
    let mut seen = vec![text.to_owned()];
    for _ in 0..MAX_ROUNDS {
        let found = lint(&mended.text);
        let chosen = choose(&found, &mended.text, accept);
        let mut edits = chosen.edits();
        in_order(&mut edits);
        // None of the chosen edits overlap, and their fixes were made for this text.
        let Some(next) = apply_ordered(&mended.text, 0, &edits).filter(|_| !edits.is_empty()) else { return mended };
        // Fixes that undo one another would go round for ever.
        if seen.contains(&next) {
            return mended;
        }
        seen.push(next.clone());
        mended.text = next;
        mended.applied.extend(chosen.0.iter().map(|(found, fix)| (found.code, fix.title.clone())));
    }
    mended.settled = choose(&lint(&mended.text), &mended.text, accept).0.is_empty();
    mended
}

/// Which fixes are taken. Not a type parameter: what looks at repairs would be compiled for each choice.
pub(crate) type Accept<'a> = &'a dyn Fn(&Diagnostic, &Fix) -> bool;

/// Fixes that can be applied together, each with its finding.
pub(crate) struct Chosen<'a>(Vec<(&'a Diagnostic, &'a Fix)>);

impl<'a> Chosen<'a> {
    /// What they change.
    pub(crate) fn edits(&self) -> Vec<&'a Edit> {
        self.0.iter().flat_map(|(_, fix)| fix.edits()).collect()
    }

    /// Whether one of them is only likely.
    pub(crate) fn is_guess(&self) -> bool {
        self.0.iter().any(|(_, fix)| fix.applicability > Applicability::MachineApplicable)
    }
}

/// Of each finding the first fix that `accept` takes, if its edits overlap with none of another; the gravest findings first.
pub(crate) fn choose<'a>(found: &'a [Diagnostic], text: &str, accept: Accept<'_>) -> Chosen<'a> {
    let accepted = found.iter().filter_map(|found| {
        let fix = found.fixes.iter().find(|fix| !fix.edits().is_empty() && accept(found, fix))?;
        (found.primary.subject.source().text() == text).then_some((found, fix))
    });
    let mut order: Vec<(&Diagnostic, &Fix)> = accepted.collect();
    sort_by_key(&mut order, |(found, _)| found.severity);
    let mut taken = Taken::default();
    order.retain(|(_, fix)| {
        let is_free = fix.edits().iter().all(|edit| taken.is_free(edit.span));
        if is_free {
            fix.edits().iter().for_each(|edit| taken.take(edit.span));
        }
        is_free
    });
    Chosen(order)
}

/// Places that have an edit, by their start.
#[derive(Default)]
struct Taken(BTreeMap<u32, u32>);

impl Taken {
    /// An insertion may not even touch another edit: which one comes first would be chance.
    fn is_free(&self, span: Span) -> bool {
        let before = self.0.range(..=span.end).next_back();
        let free_before = before.is_none_or(|(&start, &end)| {
            if span.is_empty() || start == end {
                end < span.start || span.end < start
            } else {
                end <= span.start || span.end <= start
            }
        });
        // The one that starts at our end may hide one that reaches into us.
        let inside = self.0.range(..span.end).next_back();
        free_before && inside.is_none_or(|(_, &end)| end <= span.start)
    }

    fn take(&mut self, span: Span) {
        self.0.insert(span.start, span.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_not_free() {
        let mut taken = Taken::default();
        taken.take(Span::new(3, 6));
        taken.take(Span::at(9));
        for (start, end, free) in [
            (0, 3, true),
            (6, 8, true),
            (2, 4, false),
            (5, 9, false),
            (3, 3, false),
            (6, 6, false),
            (9, 9, false),
            (9, 12, false),
            (10, 12, true),
            (0, 12, false),
        ] {
            assert_eq!(taken.is_free(Span::new(start, end)), free, "{start}..{end}");
        }
    }
}
