//! Repairs that would let everybody pass: somebody looks at them before they are published (RFC 7208 §11.1).
//!
//! Each rule repairs what it sees, a comma or a letter. What the record says afterwards is looked at here: a term that lets just anybody
//! pass, and that receivers did not read before, is not for a machine to write. [`check`] asks this of each sure fix and of all of them
//! together; [`opens`] asks it of those that were made to look further.

use std::cell::LazyCell;

use smallvec::SmallVec;

use super::{Context, huge};
use crate::finding::{Applicability, Diagnostic, Edit, Fix, Moved, apply_ordered, choose, in_order};
use crate::order;
use crate::spf::{Record, TermKind, parse};
use crate::text::Span;

/// Makes maybes of the sure fixes among `found` that open the record, alone or together.
pub(super) fn check(cx: &Context<'_>, found: &mut [Diagnostic]) {
    for fix in sure(found) {
        if opens_alone(cx, fix.edits()) {
            fix.applicability = Applicability::MaybeIncorrect;
        }
    }
    if sure(found).next().is_none() {
        return;
    }
    while let Some((opened, moved)) = opened_together(cx, found) {
        let touches = |edit: &Edit| {
            let start = moved.forward(edit.span.start) as usize;
            let made = Span::new(start, start + edit.text.len());
            // They are in order.
            let next = opened.partition_point(|term| term.end < made.start);
            opened.get(next).is_some_and(|term| term.start <= made.end)
        };
        let mut touching: Vec<&mut Fix> = sure(found).filter(|fix| fix.edits().iter().any(touches)).collect();
        // The version or another term was repaired, and all terms are read for the first time.
        if touching.is_empty() {
            touching = sure(found).collect();
        }
        // With none left nothing opens: the loop ends.
        for fix in touching {
            fix.applicability = Applicability::MaybeIncorrect;
        }
    }
}

fn sure(found: &mut [Diagnostic]) -> impl Iterator<Item = &mut Fix> {
    found.iter_mut().flat_map(|found| &mut found.fixes).filter(|fix| is_sure(fix))
}

fn is_sure(fix: &Fix) -> bool {
    fix.applicability == Applicability::MachineApplicable && !fix.edits().is_empty()
}

/// Whether `edits` make a term that opens the record. Only the words that they touch are read again.
fn opens_alone(cx: &Context<'_>, edits: &[Edit]) -> bool {
    let text = cx.whole();
    // Most repairs have one.
    let mut edits: SmallVec<[&Edit; 4]> = edits.iter().collect();
    in_order(&mut edits);
    let is_near = |a: &&Edit, b: &&Edit| {
        text.get(a.span.end as usize..b.span.start as usize).is_some_and(|between| !between.contains(' '))
    };
    let places = || edits.chunk_by(is_near).filter_map(|edits| Some((edits, words(text, edits)?)));
    // Where the version is mended, all terms may be read for the first time.
    if !Record::is_spf(text) || places().any(|(_, words)| words.start == 0) {
        return false;
    }
    // What is only moved stood there before. Few repairs make a term for which that is asked.
    let known = LazyCell::new(|| order::set(places().flat_map(|(_, words)| cx.text(words).split(' '))));
    places().any(|(edits, words)| {
        let after = apply_ordered(&text[..words.end as usize], words.start as usize, edits);
        after.is_some_and(|after| after.split(' ').any(|term| is_opening(term) && !known.contains(term)))
    })
}

/// The words that `edits` touch, which are in order, with no space between them.
fn words(text: &str, edits: &[&Edit]) -> Option<Span> {
    let (first, last) = (edits.first()?.span.start as usize, edits.last()?.span.end as usize);
    let start = text[..first].rfind(' ').map_or(0, |space| space + 1);
    Some(Span::new(start, text[last..].find(' ').map_or(text.len(), |space| last + space)))
}

/// Whether `term` lets just anybody pass: `+all`, `a/0`, a static `exists`.
fn is_opening(term: &str) -> bool {
    matches!(parse::one(term), Some(TermKind::Directive(directive)) if huge::opens(term, &directive))
}

/// The terms that all sure fixes together open, at their places in the repaired text; `None` if there are none.
fn opened_together(cx: &Context<'_>, found: &[Diagnostic]) -> Option<(Vec<Span>, Moved)> {
    let chosen = choose(found, cx.whole(), &|_, fix| is_sure(fix));
    let (text, moved) = Moved::apply(cx.whole(), chosen.edits())?;
    let repaired = Record::parse(&text);
    // §4.6: as long as one term cannot be read, nobody passes by the others.
    let is_read = cx.record.errors().next().is_none();
    let opened: Vec<Span> = opened(opening(cx.record).filter(|_| is_read), cx.record, &repaired, &moved).collect();
    (!opened.is_empty()).then_some((opened, moved))
}

/// Whether `after`, which is `before` with the edits `moved`, opens what `before` did not. Where it is the version that was repaired,
/// that is for [`check`] to say, which knows all the repairs.
pub(super) fn opens(before: &Record, after: &Record, moved: &Moved) -> bool {
    Record::is_spf(before.source().text()) && opened(opening(before), before, after, moved).next().is_some()
}

/// The terms that open `after`, but those that are among the `known` ones of `before`.
fn opened<'r>(
    known: impl Iterator<Item = Span> + 'r,
    before: &'r Record,
    after: &'r Record,
    moved: &'r Moved,
) -> impl Iterator<Item = Span> + 'r {
    let mut known = known.map(|span| (moved.forward(span.start), before.text(span))).peekable();
    opening(after).filter(move |span| {
        while known.next_if(|(start, _)| *start < span.start).is_some() {}
        known.peek().is_none_or(|known| *known != (span.start, after.text(*span)))
    })
}

/// Whether `record` lets just anybody pass.
pub(crate) fn is_open(record: &Record) -> bool {
    opening(record).next().is_some()
}

/// The terms of `record` that do so, in order; none if receivers do not select it (§4.5).
fn opening(record: &Record) -> impl Iterator<Item = Span> {
    let text = record.source().text();
    let terms = record.terms().iter().filter(|_| Record::is_spf(text));
    terms.filter_map(move |term| match &term.kind {
        TermKind::Directive(directive) if huge::opens(text, directive) => Some(term.span),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Context;
    use super::{is_open, is_sure};
    use crate::finding::{Applicability, Edit, Fix, Subject, apply, apply_all, apply_all_where};
    use crate::spf::{Record, lint_text};
    use crate::text::{Source, Span};

    /// §4.6: by a record with an error nobody passes.
    fn lets_pass(text: &str) -> bool {
        let record = Record::parse(text);
        is_open(&record) && record.errors().next().is_none()
    }

    fn opens_only_when_looked_at(source: &Source) {
        let found = lint_text(source);
        let text = source.text();
        assert!(!found.is_empty(), "{text:?}");
        for fix in found.iter().flat_map(|found| &found.fixes).filter(|fix| is_sure(fix)) {
            let repaired = apply(text, fix.edits()).unwrap();
            assert!(!lets_pass(&repaired), "{text:?}: {fix:?}");
        }
        let mended = apply_all(text, Applicability::MachineApplicable, |text| lint_text(&text.into())).text;
        assert!(!lets_pass(&mended), "{text:?} became {mended:?}");
    }

    /// §11.1
    #[test]
    fn no_machine_opens_a_record() {
        for text in [
            "v=spf1 a:ip4:0.0.0.0/0 -all",
            "v=spf1 mx:ip6:::/0 -all",
            "v=spf1 ip4:ip6:::/0 -all",
            "v=spf1 mx alla",
            "v=spf1ip4:0.0.0.0/0 -all",
            "v=spf1+all",
            "v=spf2 +all",
            "v=spf2 +al\"l",
            "v=spf2 ipv4:0.0.0.0/0",
            "v=spf1 ip4:0.0.\"0.0/0 -all",
            "v=spf1 ip4:0.0.\u{a0}0.0/0 -all",
            "v=spf1 mx\u{a0}+all",
            "v=spf1 ip4:0.0.\u{200b}0.0/0 -all",
            "\"v=spf1 mx +all\"",
            "v=spf1 mx, ipv4:0.0.0.0/0, -all",
            "v=spf1 ipv4:192.0.2.1 +all",
            "v=spf1 exists:x.example ipv4:203.0.113.4 -all",
            "v=spf1 ip4:0.0.0.0/0 mx, -all",
            "v=spf1 mx:x.example/7 ipv4:203.0.113.4 foo -all",
            "v=spf1 mx ptr +all redirect:x.example",
            "v=spf1 redirect=x.example a/0 redirect=x.example",
        ] {
            opens_only_when_looked_at(&text.into());
        }
        for strings in [
            &["v=spf1", "+all"][..],
            &["v=spf1", "all"],
            &["v=spf1", "mx", "exists:x.example", "-all"],
            &["v=spf1 mx", "+all"],
        ] {
            opens_only_when_looked_at(&Source::from_strings(strings));
        }
    }

    /// What is open already, or stays closed, is no reason to ask anybody.
    #[test]
    fn other_repairs_stay_sure() {
        for (text, repaired) in [
            ("v=spf1 +all a:y.example.", "v=spf1 +all a:y.example"),
            ("v=spf1 exists:x.example a:y.example. ?all", "v=spf1 exists:x.example a:y.example ?all"),
            ("v=spf1 mx, ipv4:192.0.2.1 -all", "v=spf1 mx ip4:192.0.2.1 -all"),
            ("v=spf2 mx -all", "v=spf1 mx -all"),
        ] {
            let found = lint_text(&text.into());
            let fixes: Vec<&Fix> = found.iter().flat_map(|found| &found.fixes).filter(|fix| is_sure(fix)).collect();
            let edits: Vec<_> = fixes.iter().flat_map(|fix| fix.edits().iter().cloned()).collect();
            assert!(!edits.is_empty(), "{text}: {found:#?}");
            let mended = apply_all_where(
                text,
                |text| lint_text(&text.into()),
                |found, fix| is_sure(fix) && found.code.as_str() != "spf-term-after-all",
            );
            assert_eq!(mended.text, repaired);
        }
    }

    /// A repair of two places is looked at in both, and not between them.
    #[test]
    fn words_between_two_edits_are_not_touched() {
        let text = "v=spf1 ip4:9.9.9.0/25 exists:x.example ip4:9.9.9.128/25 -all";
        let record = Record::parse(text);
        let subject = Subject::given(text);
        let cx = Context { record: &record, subject: &subject, domain: None, tree: None };
        let place = |part: &str| {
            let start = text.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let opens = |edits: &[Edit]| super::opens_alone(&cx, edits);
        let ends = [Edit::replace(place("/25 e"), "/24 e"), Edit::delete(place(" ip4:9.9.9.128/25"))];
        assert!(!opens(&ends));
        assert!(opens(&[Edit::replace(place("9.9.9.0/25"), "0.0.0.0/0"), ends[1].clone()]));
        assert!(opens(&[ends[0].clone(), Edit::replace(place("ip4:9.9.9.128/25"), "a/0")]));
        // Moved, it opens nothing that was closed.
        assert!(!opens(&[Edit::delete(place(" exists:x.example")), Edit::insert(text.len(), " exists:x.example")]));
        // Several edits of one word.
        assert!(opens(&[Edit::replace(place("9.9.9.0"), "0.0.0.0"), Edit::replace(place("25 e"), "0 e")]));
    }
}
