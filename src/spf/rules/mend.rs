//! Looking at a record, repairing what has a repair, and looking again.

use std::collections::HashSet;

use super::{Context, MEANING, SYNTAX, characters, semantic, version};
use crate::finding::{
    Accept, Applicability, Diagnostic, Edit, Effect, Findings, Fix, Moved, Severity, Subject, bring_back, presupposes,
    repairs,
};
use crate::spf::Record;
use crate::text::{Source, Span};

/// What was told already: code and place.
type Told = HashSet<(&'static str, Span), foldhash::fast::RandomState>;

/// Rounds of repair. Defects nest a few deep: quotes, then the version, then a comma, a typo, a prefix length.
const MAX_ROUNDS: usize = 12;

/// Reports what is wrong with the syntax, then what is told about the meaning of the repaired record.
pub(super) fn look(cx: &Context<'_>, out: &mut Findings) {
    let mut told = Told::default();
    let mut meant = Meant::decoded(cx);
    let milder = rounds(cx, &mut meant, &mut told, out, &is_repair, &|_| {});
    let here = Meant::context(&meant, cx);
    if !Record::is_spf(here.whole()) {
        return;
    }
    let mut found = Findings::default();
    for check in MEANING.iter().chain(semantic::CHECKS) {
        check(&here, &mut found);
    }
    tell(found.into_vec(), &meant, cx, &mut told, out);
    // What receivers ignore is not what the record means; but repaired, it may show further defects.
    if out.as_slice().iter().any(|found| found.severity == Severity::Warning && found.fixes.iter().any(is_likely)) {
        if let Some((edits, is_guess)) = milder {
            match Meant::mended(&meant, cx, &edits, is_guess) {
                Some(next) => meant = Some(next),
                None => return,
            }
        }
        rounds(cx, &mut meant, &mut told, out, &is_milder_repair, &|found| {
            found.severity = found.severity.max(Severity::Warning);
            found.effect = found.effect.min(Effect::PartIgnored);
        });
    }
}

/// Looks, repairs what `accept` takes, and looks again. If nothing is left that it takes: the milder repairs of what is left, and whether
/// some are guesses.
fn rounds(
    cx: &Context<'_>,
    meant: &mut Option<Meant>,
    told: &mut Told,
    out: &mut Findings,
    accept: Accept<'_>,
    change: &dyn Fn(&mut Diagnostic),
) -> Option<(Vec<Edit>, bool)> {
    for _ in 0..MAX_ROUNDS {
        let here = Meant::context(meant, cx);
        let mut found = Findings::default();
        syntax(&here, &mut found);
        let (edits, is_guess) = repairs(found.as_slice(), here.whole(), accept);
        let next = Meant::mended(meant, cx, &edits, is_guess);
        let milder = next.is_none().then(|| repairs(found.as_slice(), here.whole(), &is_milder_repair));
        let mut found = found.into_vec();
        found.iter_mut().for_each(change);
        tell(found, meant, cx, told, out);
        match next {
            Some(next) => *meant = Some(next),
            None => return milder,
        }
    }
    None
}

fn syntax(cx: &Context<'_>, out: &mut Findings) {
    characters::check(cx, out);
    // Damaged characters make nonsense of terms: they are repaired first.
    if !out.as_slice().is_empty() {
        return;
    }
    if !Record::is_spf(cx.whole()) {
        return version::check_unseen(cx, out);
    }
    for check in SYNTAX {
        check(cx, out);
    }
}

/// What keeps receivers from reading the record.
fn is_repair(found: &Diagnostic, fix: &Fix) -> bool {
    found.severity == Severity::Error && is_likely(fix)
}

/// What has an effect of some kind.
fn is_milder_repair(found: &Diagnostic, fix: &Fix) -> bool {
    found.severity < Severity::Note && is_likely(fix)
}

/// Only for looking further, so a likely repair is enough.
fn is_likely(fix: &Fix) -> bool {
    fix.applicability < Applicability::HasPlaceholders
}

/// Reports what was found in the repaired text at its place in the text as published, each thing once.
fn tell(found: Vec<Diagnostic>, meant: &Option<Meant>, cx: &Context<'_>, told: &mut Told, out: &mut Findings) {
    for mut found in found {
        if let Some(meant) = meant {
            bring_back(&mut found, &meant.subject, cx.subject, &meant.moves);
            if meant.is_guess {
                presupposes(&mut found);
            }
        }
        if told.insert((found.code.as_str(), found.primary.span)) {
            out.extend([found]);
        }
    }
}

/// A record after some repairs, and how its places are found in the one as published.
struct Meant {
    record: Record,
    subject: Subject,
    moves: Vec<Moved>,
    /// Whether some of the repairs are only likely.
    is_guess: bool,
}

impl Meant {
    fn context<'a>(meant: &'a Option<Self>, cx: &Context<'a>) -> Context<'a> {
        match meant {
            Some(meant) => Context { record: &meant.record, subject: &meant.subject, domain: cx.domain, tree: cx.tree },
            None => *cx,
        }
    }

    /// The text with bytes that are not UTF-8 read as Windows-1252, which is what they nearly always are.
    fn decoded(cx: &Context<'_>) -> Option<Self> {
        let edits = characters::decode(cx);
        Self::mended(&None, cx, &edits, false)
    }

    fn mended(meant: &Option<Self>, cx: &Context<'_>, edits: &[Edit], is_guess: bool) -> Option<Self> {
        if edits.is_empty() {
            return None;
        }
        let before = Self::context(meant, cx);
        let (text, moved) = Moved::apply(before.whole(), edits)?;
        let source = with_seams(&text, before.record.source().seams().iter().map(|&seam| moved.forward(seam)));
        let mut moves = meant.as_ref().map(|meant| meant.moves.clone()).unwrap_or_default();
        moves.push(moved);
        let subject = Subject::new(cx.subject.origin().clone(), source.clone());
        let is_guess = is_guess || meant.as_ref().is_some_and(|meant| meant.is_guess);
        Some(Self { record: Record::from_source(source), subject, moves, is_guess })
    }
}

fn with_seams(text: &str, seams: impl Iterator<Item = u32>) -> Source {
    let mut start = 0;
    let mut strings = Vec::new();
    for seam in seams {
        strings.push(&text[Span::new(start, seam as usize)]);
        start = seam as usize;
    }
    strings.push(&text[Span::new(start, text.len())]);
    Source::from_strings(strings)
}
