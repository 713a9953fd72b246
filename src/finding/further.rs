//! Looking at a text again as it is once it is mended, so that one defect does not hide another.

use super::{
    Accept, Applicability, Diagnostic, Edit, Effect, Findings, Fix, Moved, Severity, Subject, bring_back, choose,
};
use crate::order::set;
use crate::text::Source;

/// Repairs that uncover more repairs. Defects nest a few deep: quotes, the version, a comma, a typo.
const MAX_ROUNDS: usize = 6;

/// Octets of a text that is looked at again once it is mended. A record is shorter (RFC 7208 §3.4: 450 octets fit an answer); a longer
/// text is mended step by step, and read again then.
const MAX_OCTETS: usize = 4_096;

/// Looks at a text.
pub(crate) type Lint<'a> = &'a dyn Fn(&Subject, &mut Findings);

/// What there is to say beside `told` about the text after those repairs that `is_repair` takes, at the places of the text as it is. One
/// code says enough of one text.
pub(crate) fn look_further(
    subject: &Subject,
    told: &[Diagnostic],
    is_repair: Accept<'_>,
    lint: Lint<'_>,
) -> Vec<Diagnostic> {
    let mut codes = set(told.iter().map(|found| found.code.as_str()));
    let mut text = subject.source().text().to_owned();
    if text.len() > MAX_OCTETS {
        return Vec::new();
    }
    let (mut edits, mut is_guess) = repairs(told, &text, is_repair);
    let mut guessed = false;
    let mut moves = Vec::new();
    let mut further = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let Some((next, moved)) = Moved::apply(&text, &edits).filter(|_| !edits.is_empty()) else { break };
        moves.push(moved);
        guessed |= is_guess;
        text = next;
        let mended = Subject::new(subject.origin().clone(), Source::new(&text));
        let mut found = Findings::default();
        lint(&mended, &mut found);
        (edits, is_guess) = repairs(found.as_slice(), &text, is_repair);
        for mut found in found.into_vec() {
            // A tag that a repair puts there is not missing.
            if codes.insert(found.code.as_str()) {
                bring_back(&mut found, &mended, subject, &moves);
                if guessed {
                    presupposes(&mut found);
                }
                further.push(found);
            }
        }
    }
    further
}

/// Edits that do not overlap, and whether some of them are guesses.
pub(crate) fn repairs(found: &[Diagnostic], text: &str, is_repair: Accept<'_>) -> (Vec<Edit>, bool) {
    let (edits, applied) = choose(found, text, is_repair);
    if edits.is_empty() {
        return (edits, false);
    }
    let applied = set(applied.iter().map(|(code, title)| (code.as_str(), title.as_str())));
    let is_applied_guess = |found: &Diagnostic, fix: &Fix| {
        fix.applicability > Applicability::MachineApplicable
            && applied.contains(&(found.code.as_str(), fix.title.as_str()))
    };
    let is_guess = found.iter().any(|found| found.fixes.iter().any(|fix| is_applied_guess(found, fix)));
    (edits, is_guess)
}

/// A repair of what a guess has uncovered is right if the guess is.
pub(crate) fn presupposes(found: &mut Diagnostic) {
    for fix in &mut found.fixes {
        fix.applicability = fix.applicability.max(Applicability::MaybeIncorrect);
    }
}

/// What only a machine's repairs uncover in a text. Where receivers use it as it is, that has no effect yet.
pub(crate) fn uncovered(subject: &Subject, out: &mut Findings, lint: Lint<'_>) {
    lint(subject, out);
    let told = out.as_slice();
    let by_machine = |_: &Diagnostic, fix: &Fix| fix.applicability == Applicability::MachineApplicable;
    let broken = told.iter().any(|found| found.severity == Severity::Error);
    let further = look_further(subject, told, &by_machine, lint);
    out.extend(further.into_iter().filter(|found| found.severity < Severity::Note).map(|mut found| {
        if !broken {
            found.severity = Severity::Warning;
            found.effect = found.effect.min(Effect::PartIgnored);
        }
        found
    }));
}
