//! Looking at a record, repairing what has a repair, and looking again: one defect hides another.
//!
//! 1. Errors of the syntax are repaired until receivers could read the record.
//! 2. What it means then is looked at.
//! 3. What receivers ignore is repaired too, and what was meant by it is looked at.
//! 4. What else a machine may repair is repaired, and what that leaves is looked at.
//!
//! Everything is told at its place in the record as published.

use std::collections::HashSet;

use super::{Context, MEANING, SYNTAX, characters, mojibake, opening, second, unseen};
use crate::finding::{
    Accept, Applicability, Code, Diagnostic, Edit, Effect, Findings, Fix, MAX_FURTHER_OCTETS, Moved, Severity, Subject,
    bring_back, choose, is_written, place_before, presupposes,
};
use crate::spf::Record;
use crate::text::{Source, Span};

/// Rounds of repair in step 1, and in step 3. Defects nest a few deep: quotes, then the version, then a comma, a typo, a prefix length.
const MAX_ROUNDS: usize = 12;
/// Rounds of repair in step 4, which begins with what is nearly whole.
const MAX_LAST_ROUNDS: usize = 6;

/// Reports what is wrong with the record, and with what its repairs leave.
pub(super) fn look(cx: &Context<'_>, out: &mut Findings) {
    Look { cx, meant: Meant::decoded(cx), told: Told::default(), out }.steps();
}

/// Changes a finding, and says whether it is told.
type Judge<'a> = &'a mut dyn FnMut(&mut Diagnostic) -> bool;

/// What was told already: code and place.
type Told = HashSet<(&'static str, Span), foldhash::fast::RandomState>;

struct Look<'a, 'c> {
    cx: &'a Context<'c>,
    /// The record after the repairs so far; nothing while it is the published one.
    meant: Option<Meant>,
    told: Told,
    out: &'a mut Findings,
}

impl Look<'_, '_> {
    fn steps(&mut self) {
        let mut as_it_is = |_: &mut Diagnostic| true;
        let mut left = self.rounds(&is_repair, &mut as_it_is);
        if !Record::is_spf(self.here().whole()) {
            return self.tell(&mut left, &mut as_it_is);
        }

        let mut meaning = Findings::default();
        look_at_meaning(&self.here(), &mut meaning);
        let milder = self.repaired(&left, &is_milder_repair);
        let mut next = self.repaired(&meaning, &is_written_by_machine);
        self.tell(&mut left, &mut as_it_is);
        self.tell(&mut meaning, &mut as_it_is);
        if milder.is_none() && next.is_none() {
            return;
        }

        let is_milder = milder.is_some();
        if is_milder {
            self.meant = milder;
            left = self.rounds(&is_milder_repair, &mut ignored);
            self.tell(&mut left, &mut ignored);
        }
        if self.here().whole().len() > MAX_FURTHER_OCTETS {
            return;
        }
        let mut news = News::after(self.out.as_slice());
        if is_milder {
            look_at_meaning(&self.here(), &mut meaning);
            next = self.repaired(&meaning, &is_written_by_machine);
            self.tell(&mut meaning, &mut |found| news.judge(found));
        }

        for _ in 0..MAX_LAST_ROUNDS {
            let Some(mended) = next else { return };
            self.meant = Some(mended);
            let here = self.here();
            look_at_syntax(&here, &mut meaning);
            if Record::is_spf(here.whole()) {
                look_at_meaning(&here, &mut meaning);
            }
            next = self.repaired(&meaning, &is_by_machine);
            self.tell(&mut meaning, &mut |found| news.judge(found));
        }
    }

    /// Looks at the syntax, repairs what `accept` takes, and looks again. What was found at last is still to be told.
    fn rounds(&mut self, accept: Accept<'_>, judge: Judge<'_>) -> Findings {
        let mut found = Findings::default();
        for _ in 0..MAX_ROUNDS {
            look_at_syntax(&self.here(), &mut found);
            let Some(next) = self.repaired(&found, accept) else { break };
            self.tell(&mut found, judge);
            self.meant = Some(next);
        }
        found
    }

    /// The record as it is by now.
    fn here(&self) -> Context<'_> {
        match &self.meant {
            Some(meant) => Context { record: &meant.record, subject: &meant.subject, ..*self.cx },
            None => *self.cx,
        }
    }

    /// The record after those repairs of `found` that `accept` takes; nothing if there are none.
    fn repaired(&self, found: &Findings, accept: Accept<'_>) -> Option<Meant> {
        let here = self.here();
        let repairs = choose(found.as_slice(), here.whole(), accept);
        Meant::mended(self.meant.as_ref(), &here, repairs.edits(), repairs.is_guess())
    }

    /// Tells what was found in the record as it is by now, at its place in the text as published, each thing once.
    fn tell(&mut self, found: &mut Findings, judge: Judge<'_>) {
        // What is found first is seldom all: growing step by step would cost more.
        if self.told.is_empty() {
            self.told.reserve(2 * found.as_slice().len());
            self.out.reserve(2 * found.as_slice().len());
        }
        let is_seen = Record::is_spf(self.cx.whole());
        let is_broken = self.cx.record.errors().next().is_some();
        for mut found in found.drain() {
            // §4.5, §4.6: by a text that is not seen nobody passes, nor by one with a term that cannot be read.
            found.effect = match found.effect {
                Effect::PassForEveryone if !is_seen => Effect::None,
                Effect::PassForEveryone if is_broken => Effect::Permerror,
                effect => effect,
            };
            let moves: &[Moved] = self.meant.as_ref().map_or(&[], |meant| &meant.moves);
            // A record that is only guessed, as one of two, is not what the domain says.
            if self.meant.as_ref().is_some_and(|meant| meant.is_guess) && is_written(moves, found.primary.span) {
                continue;
            }
            if !self.told.insert((found.code.as_str(), place_before(moves, found.primary.span))) || !judge(&mut found) {
                continue;
            }
            if let Some(meant) = &self.meant {
                bring_back(&mut found, &meant.subject, self.cx.subject, moves);
                if meant.is_guess {
                    presupposes(&mut found);
                }
            }
            self.out.push(found);
        }
    }
}

/// What receivers ignore is not what the record means.
fn ignored(found: &mut Diagnostic) -> bool {
    found.severity = found.severity.max(Severity::Warning);
    found.effect = found.effect.min(Effect::PartIgnored);
    true
}

/// What a repaired record shows beside all that was told: of each code, one finding says enough.
struct News {
    codes: Vec<Code>,
    /// Whether receivers cannot read the record as published.
    is_broken: bool,
}

impl News {
    fn after(told: &[Diagnostic]) -> Self {
        let mut news = Self { codes: Vec::new(), is_broken: false };
        for found in told {
            news.is_new(found.code);
            news.is_broken |= found.severity == Severity::Error;
        }
        news
    }

    fn judge(&mut self, found: &mut Diagnostic) -> bool {
        let is_told = found.severity < Severity::Note && self.is_new(found.code);
        if is_told && !self.is_broken {
            ignored(found);
        }
        is_told
    }

    /// There are a few hundred codes, and a text has a few of them.
    fn is_new(&mut self, code: Code) -> bool {
        let is_new = !self.codes.contains(&code);
        if is_new {
            self.codes.push(code);
        }
        is_new
    }
}

fn look_at_syntax(cx: &Context<'_>, out: &mut Findings) {
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

fn look_at_meaning(cx: &Context<'_>, out: &mut Findings) {
    for check in MEANING {
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

fn is_by_machine(_: &Diagnostic, fix: &Fix) -> bool {
    fix.applicability == Applicability::MachineApplicable
}

/// The same of what a record means: terms that are only taken out uncover nothing.
fn is_written_by_machine(found: &Diagnostic, fix: &Fix) -> bool {
    is_by_machine(found, fix) && fix.edits().iter().any(|edit| !edit.text.is_empty())
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
    /// The text with bytes that are not UTF-8 read as Windows-1252, which is what they nearly always are.
    fn decoded(cx: &Context<'_>) -> Option<Self> {
        let edits = mojibake::decode(cx);
        Self::mended(None, cx, edits.iter().collect(), false)
    }

    /// The record `before`, which is `here`, after `edits`; nothing if there are none.
    fn mended(before: Option<&Self>, here: &Context<'_>, edits: Vec<&Edit>, is_guess: bool) -> Option<Self> {
        let (text, moved) = Moved::apply(here.whole(), edits)?;
        let source = with_seams(&text, here.record.source(), &moved);
        let record = Record::from_source(source.clone());
        // What lets everybody pass was perhaps not meant.
        let is_guess =
            is_guess || before.is_some_and(|before| before.is_guess) || opening::opens(here.record, &record, &moved);
        let subject = Subject::new(here.subject.origin().clone(), source);
        let mut moves = before.map(|before| before.moves.clone()).unwrap_or_default();
        moves.push(moved);
        Some(Self { record, subject, moves, is_guess })
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
