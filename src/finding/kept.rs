//! Mending a text without losing anything of it: edits that are good alone may spoil each other.

use super::{Accept, Applicability, Diagnostic, Fix, Severity, apply, apply_all_where};
use crate::order::sort_by_key;

type Lint<'a> = &'a dyn Fn(&str) -> Vec<Diagnostic>;

/// Whether all that stands in the first text stands in the second too.
pub(crate) type Keeps<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Edits that are applied one after the other, each to what the one before has left. A record with more is for somebody to read.
const MAX_STEPS: usize = 24;

/// Octets of a text of which only some edits are tried. Each of them is a text of its own, and records have a few hundred octets.
const MAX_TRIED: usize = 2_048;

/// The text after the fixes that `accept` takes, read again as a whole: where it then has lost something, after fewer of them. `None` if
/// what comes of it has lost something too, or is not what `is_sound` wants, or nothing is changed.
pub(crate) fn apply_all_kept(
    text: &str,
    lint: Lint<'_>,
    accept: Accept<'_>,
    keeps: Keeps<'_>,
    is_sound: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut after = apply_all_where(text, lint, accept).text;
    if !keeps(text, &after) && text.len() <= MAX_TRIED {
        after = one_by_one(text, lint, accept, keeps);
    }
    (after != text && keeps(text, &after) && is_sound(&after)).then_some(after)
}

/// The same with the complete fixes of all that is more than a note. Notes are tidied where nothing else is wrong.
pub(crate) fn mend_or_tidy(
    text: &str,
    lint: Lint<'_>,
    keeps: Keeps<'_>,
    is_sound: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let tidied = || {
        let is_mended = |found: &Diagnostic| found.fixes.iter().any(|fix| is_grave(found, fix));
        let is_tidy = !lint(text).iter().any(is_mended);
        is_tidy.then(|| apply_all_kept(text, lint, &|_, fix| is_complete(fix), keeps, is_sound)).flatten()
    };
    apply_all_kept(text, lint, &is_grave, keeps, is_sound).or_else(tidied)
}

fn is_complete(fix: &Fix) -> bool {
    fix.applicability < Applicability::HasPlaceholders
}

/// A complete fix of more than a note.
pub(crate) fn is_grave(found: &Diagnostic, fix: &Fix) -> bool {
    found.severity < Severity::Note && is_complete(fix)
}

/// The text after one edit at a time, without those by which something is lost.
fn one_by_one(text: &str, lint: Lint<'_>, accept: Accept<'_>, keeps: Keeps<'_>) -> String {
    let mut now = text.to_owned();
    let mut seen = vec![now.clone()];
    for _ in 0..MAX_STEPS {
        let mut found = lint(&now);
        sort_by_key(&mut found, |found| found.severity);
        let next = found.iter().find_map(|found| {
            let is_of_text = found.primary.subject.source().text() == now;
            let fixes = found.fixes.iter().filter(|fix| is_of_text && !fix.edits().is_empty() && accept(found, fix));
            let mut texts = fixes.filter_map(|fix: &Fix| apply(&now, fix.edits()));
            texts.find(|next| !seen.contains(next) && keeps(&now, next))
        });
        let Some(next) = next else { return now };
        seen.push(next.clone());
        now = next;
    }
    now
}
