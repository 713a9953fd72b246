//! Looking at a record, repairing what has a repair, and looking again.

use std::cell::RefCell;
use std::collections::HashSet;

use super::{Context, MEANING, SYNTAX, characters, mojibake, second, semantic, unseen};
use crate::finding::{
    Accept, Applicability, Diagnostic, Edit, Effect, Findings, Fix, Moved, Severity, Subject, bring_back, choose,
    place_before, presupposes,
};
use crate::spf::Record;
use crate::text::{Source, Span};

/// What was told already: code and place.
type Told = HashSet<(&'static str, Span), foldhash::fast::RandomState>;

/// Rounds of repair. Defects nest a few deep: quotes, then the version, then a comma, a typo, a prefix length.
const MAX_ROUNDS: usize = 12;

/// What the last look found in the text at which its repairs ended, at the places of that text. With the repairs made, the next look
/// often begins there, and would find the same once more.
#[derive(Default)]
pub(super) struct Settled(RefCell<Option<(Source, Findings)>>);

impl Settled {
    fn keep(&self, source: &Source, mut found: Findings) {
        let mut told = Told::default();
        found.retain(|found| told.insert((found.code.as_str(), found.primary.span)));
        *self.0.borrow_mut() = Some((source.clone(), found));
    }

    /// What would be found in `source`, each thing once, if it is known.
    pub(super) fn take(&self, source: &Source) -> Option<Findings> {
        self.0.borrow_mut().take_if(|(settled, _)| settled == source).map(|(_, found)| found)
    }
}

/// Reports what is wrong with the syntax, then what is told about the meaning of the repaired record.
pub(super) fn look(cx: &Context<'_>, settled: &Settled, out: &mut Findings) {
    let mut told = Told::default();
    let mut meant = Meant::decoded(cx);
    let mut left = rounds(cx, &mut meant, &mut told, out, &is_repair, &|_| {});
    let here = Meant::context(&meant, cx);
    let milder = left.as_ref().map(|left| {
        let repairs = choose(left.as_slice(), here.whole(), &is_milder_repair);
        (repairs.edits().into_iter().cloned().collect::<Vec<_>>(), repairs.is_guess())
    });
    // A look that began with this text would end with it, if a machine can come to it and nothing in it is repaired.
    let settles = meant.as_ref().is_some_and(|meant| !meant.is_guess)
        && milder.as_ref().is_some_and(|(edits, _)| edits.is_empty());
    let mut again = Findings::default();
    if let Some(left) = &mut left {
        if settles {
            again.extend(left.as_slice().iter().cloned());
        }
        tell(left, &meant, cx, &mut told, out, &|_| {});
    }
    if !Record::is_spf(here.whole()) {
        return;
    }
    // Empty by now; its room is used again.
    let mut found = left.unwrap_or_default();
    for check in MEANING.iter().chain(semantic::CHECKS) {
        check(&here, &mut found);
    }
    if settles {
        again.extend(found.as_slice().iter().cloned());
        settled.keep(here.record.source(), again);
    }
    // §4.6: with one term that cannot be read, nobody passes by the others.
    let is_broken = Record::is_spf(cx.whole()) && cx.record.errors().next().is_some();
    tell(&mut found, &meant, cx, &mut told, out, &|found| {
        if is_broken && found.effect == Effect::PassForEveryone {
            found.effect = Effect::Permerror;
        }
    });
    // What receivers ignore is not what the record means; but repaired, it may show further defects.
    if out.as_slice().iter().any(|found| found.severity == Severity::Warning && found.fixes.iter().any(is_likely)) {
        if let Some((edits, is_guess)) = milder {
            match Meant::mended(&meant, cx, edits.iter().collect(), is_guess) {
                Some(next) => meant = Some(next),
                None => return,
            }
        }
        let change = |found: &mut Diagnostic| {
            found.severity = found.severity.max(Severity::Warning);
            found.effect = found.effect.min(Effect::PartIgnored);
        };
        if let Some(mut left) = rounds(cx, &mut meant, &mut told, out, &is_milder_repair, &change) {
            tell(&mut left, &meant, cx, &mut told, out, &change);
        }
    }
}

/// Looks, repairs what `accept` takes, and looks again. What was found, where nothing is left that it takes, is still to be told.
fn rounds(
    cx: &Context<'_>,
    meant: &mut Option<Meant>,
    told: &mut Told,
    out: &mut Findings,
    accept: Accept<'_>,
    change: &dyn Fn(&mut Diagnostic),
) -> Option<Findings> {
    let mut found = Findings::default();
    for _ in 0..MAX_ROUNDS {
        let here = Meant::context(meant, cx);
        syntax(&here, &mut found);
        let repairs = choose(found.as_slice(), here.whole(), accept);
        let Some(next) = Meant::mended(meant, cx, repairs.edits(), repairs.is_guess()) else { return Some(found) };
        tell(&mut found, meant, cx, told, out, change);
        *meant = Some(next);
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
        return unseen::check(cx, out);
    }
    // What is of another record makes nonsense of this one's terms.
    if second::other(cx, out) {
        return;
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

/// Reports what was found in the repaired text, changed by `change`, at its place in the text as published, each thing once.
fn tell(
    found: &mut Findings,
    meant: &Option<Meant>,
    cx: &Context<'_>,
    told: &mut Told,
    out: &mut Findings,
    change: &dyn Fn(&mut Diagnostic),
) {
    // What is found first is seldom all: growing step by step would cost more.
    if told.is_empty() {
        told.reserve(2 * found.as_slice().len());
        out.reserve(2 * found.as_slice().len());
    }
    for mut found in found.drain() {
        let moves: &[Moved] = meant.as_ref().map_or(&[], |meant| &meant.moves);
        if !told.insert((found.code.as_str(), place_before(moves, found.primary.span))) {
            continue;
        }
        change(&mut found);
        if let Some(meant) = meant {
            bring_back(&mut found, &meant.subject, cx.subject, moves);
            if meant.is_guess {
                presupposes(&mut found);
            }
        }
        out.push(found);
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
        let edits = mojibake::decode(cx);
        Self::mended(&None, cx, edits.iter().collect(), false)
    }

    fn mended(meant: &Option<Self>, cx: &Context<'_>, edits: Vec<&Edit>, is_guess: bool) -> Option<Self> {
        let before = Self::context(meant, cx);
        let (text, moved) = Moved::apply(before.whole(), edits)?;
        let source = with_seams(&text, before.record.source(), &moved);
        let mut moves = meant.as_ref().map(|meant| meant.moves.clone()).unwrap_or_default();
        moves.push(moved);
        let subject = Subject::new(cx.subject.origin().clone(), source.clone());
        let is_guess = is_guess || meant.as_ref().is_some_and(|meant| meant.is_guess);
        Some(Self { record: Record::from_source(source), subject, moves, is_guess })
    }
}

/// `text`, with the seams that the text before `moved` had.
fn with_seams(text: &str, before: &Source, moved: &Moved) -> Source {
    if !before.is_of_strings() {
        return Source::new(text);
    }
    let mut start = 0;
    let mut strings = Vec::new();
    for &seam in before.seams() {
        let seam = moved.forward(seam) as usize;
        strings.push(&text[Span::new(start, seam)]);
        start = seam;
    }
    strings.push(&text[Span::new(start, text.len())]);
    Source::from_strings(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &Source, settled: &Settled) -> Vec<Diagnostic> {
        let record = Record::from_source(source.clone());
        let subject = Subject::given(source.text());
        let mut out = Findings::default();
        look(&Context { record: &record, subject: &subject, domain: None, tree: None }, settled, &mut out);
        out.into_vec()
    }

    #[test]
    fn what_settled_is_what_would_be_found_again() {
        for (text, ends) in [
            ("v=spf1 ipv4:192.0.2.1 ?all -al", "v=spf1 ip4:192.0.2.1 ?all -all"),
            ("v=spf1, ip4:192.0.2.0/33, ptr a a -all", "v=spf1 ip4:192.0.2.0/33 ptr a a -all"),
        ] {
            let settled = Settled::default();
            found(&text.into(), &settled);
            let source = settled.0.borrow().as_ref().map(|(source, _)| source.clone()).unwrap();
            assert_eq!(source.text(), ends);
            let again = settled.take(&source).unwrap();
            assert!(settled.0.borrow().is_none(), "{text}: taken");
            assert_eq!(again.into_vec(), found(&source, &Settled::default()), "{text}");
        }
    }
}
