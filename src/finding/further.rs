//! Looking at a text again as it is once it is mended, so that one defect does not hide another.

use super::{
    Accept, Applicability, Code, Diagnostic, Effect, Findings, Fix, Moved, Severity, Subject, bring_back, choose,
};
use crate::text::Source;

/// Repairs that uncover more repairs. Defects nest a few deep: quotes, the version, a comma, a typo.
const MAX_ROUNDS: usize = 6;

/// Octets of a text that is looked at again once it is mended. A record is shorter (RFC 7208 §3.4: 450 octets fit an answer); a longer
/// text is mended step by step, and read again then.
pub(crate) const MAX_OCTETS: usize = 4_096;

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
    if subject.source().text().len() > MAX_OCTETS {
        return Vec::new();
    }
    // There are a few hundred rules, and a text breaks a few of them.
    let mut codes: Vec<Code> = Vec::new();
    let mut is_new = |code: Code| {
        let is_new = !codes.contains(&code);
        if is_new {
            codes.push(code);
        }
        is_new
    };
    for found in told {
        is_new(found.code);
    }
    let mut next = mended(told, subject.source().text(), is_repair);
    let mut guessed = false;
    let mut moves = Vec::new();
    let mut further = Vec::new();
    let mut found = Findings::default();
    for _ in 0..MAX_ROUNDS {
        let Some((text, moved, is_guess)) = next else { break };
        moves.push(moved);
        guessed |= is_guess;
        let here = Subject::new(subject.origin().clone(), Source::new(&text));
        lint(&here, &mut found);
        next = mended(found.as_slice(), &text, is_repair);
        for mut found in found.drain() {
            // A tag that a repair puts there is not missing.
            if is_new(found.code) {
                bring_back(&mut found, &here, subject, &moves);
                if guessed {
                    presupposes(&mut found);
                }
                further.push(found);
            }
        }
    }
    further
}

/// `text` after the repairs that `is_repair` takes, and whether some of them are guesses.
fn mended(found: &[Diagnostic], text: &str, is_repair: Accept<'_>) -> Option<(String, Moved, bool)> {
    let repairs = choose(found, text, is_repair);
    let (text, moved) = Moved::apply(text, repairs.edits())?;
    Some((text, moved, repairs.is_guess()))
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
