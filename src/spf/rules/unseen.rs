//! Why a text is not seen as SPF (RFC 7208 §4.5).

use super::seams::seams_in;
use super::separators::pieces;
use super::unknown::is_term;
use super::version::{
    LEADING_WHITESPACE, VERSION, VERSION_LOOKALIKE, VERSION_MISSING_SPACE, VERSION_NOT_FIRST, VERSION_WRONG,
    find_version, is_sender_id, other_version, starts_with,
};
use super::{Context, others};
use crate::finding::{Edit, Effect, Findings, Fix, Severity};
use crate::panel;
use crate::text::Span;

/// Damaged characters are out of the way already.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.whole();
    let start = text.len() - text.trim_start_matches(WHITE_SPACE).len();
    if start > 0 && start < text.len() {
        let word = first_word(text, start);
        out.report(&LEADING_WHITESPACE, cx.at(Span::new(0, start)))
            .arg("found", cx.text(word))
            .fix(Fix::machine("begin with the version", [Edit::delete(Span::new(0, start))]));
        return;
    }
    if starts_with(text, VERSION) {
        return after_version(cx, out);
    }
    if let Some(at) = find_version(text) {
        let before = Span::new(0, text[..at].trim_end_matches(WHITE_SPACE).len());
        out.report(&VERSION_NOT_FIRST, cx.at(before))
            .quote("found")
            .fix(Fix::maybe("begin with the version", [Edit::delete(Span::new(0, at))]));
        return;
    }
    if let Some(end) = other_version(text) {
        let span = Span::new(0, end);
        out.report(&VERSION_WRONG, cx.at(span))
            .quote("found")
            .fix(Fix::machine("write `v=spf1`", [Edit::replace(span, "v=spf1")]));
        return;
    }
    let word = first_word(text, 0);
    if is_sender_id(text) {
        out.report(&others::SENDER_ID, cx.at(word)).quote("record").severity(Severity::Warning).effect(Effect::None);
        return;
    }
    if let Some(domain) = cx.domain.filter(|_| others::is_dmarc(text)) {
        others::dmarc(domain, cx.subject, out).effect(Effect::None);
        return;
    }
    if panel::is_url(text) {
        out.report(&panel::URL, cx.at(Span::new(0, text.len()))).quote("text").effect(Effect::None);
        return;
    }
    let found = out.report(&VERSION_WRONG, cx.at(word)).quote("found");
    if is_term(cx.text(word)) {
        found.fix(Fix::maybe("begin with the version", [Edit::insert(0, "v=spf1 ")]));
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// What follows `v=spf1` and is not a space.
fn after_version(cx: &Context<'_>, out: &mut Findings) {
    let word = first_word(cx.whole(), 0);
    let tail = Span::new(VERSION.len(), word.end as usize);
    let text = cx.text(tail);
    let term = text.trim_start_matches([';', ':', ',', '.', '=', '/', '_', '|']);
    let noise = Span::new(VERSION.len(), VERSION.len() + text.len() - term.len());
    if noise.is_empty() && (is_term(term) || begins_a_term(term)) {
        let found = out.report(&VERSION_MISSING_SPACE, cx.at(tail)).quote("term");
        if cx.record.source().seams().contains(&tail.start) {
            found.label("two character-strings meet before this, and are joined without a space");
        }
        found.fix(Fix::machine("put a space", [Edit::insert(VERSION.len(), " ")]));
        return;
    }
    if let Some(edits) = at_seams(cx, tail) {
        let found = out.report(&VERSION_MISSING_SPACE, cx.at(tail)).quote("term");
        found.label("each character-string is joined to the next without a space");
        found.fix(Fix::machine("separate by spaces", edits));
        return;
    }
    let fix = if is_term(term) {
        Fix::machine("put a space", [Edit::replace(noise, " ")])
    } else if let Some(edits) = separated(tail, text) {
        Fix::machine("separate by spaces", edits)
    } else if text.contains(|c: char| c.is_alphabetic()) {
        // Terms are in there somewhere, and none is thrown away.
        Fix::maybe("put a space", [Edit::replace(noise, " ")])
    } else {
        Fix::machine("write `v=spf1`", [Edit::delete(tail)])
    };
    out.report(&VERSION_LOOKALIKE, cx.at(word)).quote("found").fix(fix);
}

/// `"v=spf1" "a" "mx" "-all"`: spaces where strings meet, if then there are terms.
fn at_seams(cx: &Context<'_>, tail: Span) -> Option<Vec<Edit>> {
    if !cx.record.source().seams().contains(&tail.start) {
        return None;
    }
    let seams = seams_in(cx, tail);
    // `all` alone passes everyone: whoever forgot the space may have forgotten its qualifier.
    let is_sure = |piece: &str| is_term(piece) && !piece.eq_ignore_ascii_case("all");
    let starts = [0].into_iter().chain(seams.iter().copied());
    let edits = starts.map(|start| Edit::insert(tail.start as usize + start, " "));
    pieces(cx.text(tail), &seams).all(is_sure).then(|| edits.collect())
}

fn begins_a_term(text: &str) -> bool {
    ["include:", "ip4:", "ip6:", "a:", "mx:", "exists:", "redirect=", "ptr:"].iter().any(|name| starts_with(text, name))
}

/// `,mx,-all` with spaces in the place of whatever separates its terms, if then they are terms.
fn separated(tail: Span, text: &str) -> Option<Vec<Edit>> {
    let is_no_separator = |c: char| c.is_alphanumeric() || matches!(c, '-' | '~' | '?' | '%');
    let separator =
        if text.starts_with("%20") { "%20" } else { text.get(..1).filter(|c| !c.starts_with(is_no_separator))? };
    let mut pieces = text.split(separator).filter(|piece| !piece.is_empty()).peekable();
    pieces.peek()?;
    if !pieces.all(is_term) {
        return None;
    }
    let edits = text.match_indices(separator).map(|(at, _)| {
        let rest = &text[at + separator.len()..];
        let start = tail.start as usize + at;
        let instead = if rest.is_empty() || rest.starts_with(separator) { "" } else { " " };
        Edit::replace(Span::new(start, start + separator.len()), instead)
    });
    Some(edits.collect())
}

fn first_word(text: &str, start: usize) -> Span {
    let end = text[start..].find(' ').map_or(text.len(), |length| start + length);
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use crate::finding::{Applicability, Diagnostic, Severity, apply};
    use crate::spf::{self, Record};
    use crate::text::Source;

    #[track_caller]
    fn one(text: &str, code: &str) -> Diagnostic {
        let found = spf::lint(&Record::parse(text));
        found.into_iter().find(|found| found.code == *code).unwrap_or_else(|| panic!("{text:?} has no {code}"))
    }

    #[track_caller]
    fn tells(text: &str, code: &str, fixed: &str) {
        assert_eq!(apply(text, one(text, code).fixes[0].edits()).unwrap(), fixed, "{text:?}");
    }

    #[test]
    fn near_misses() {
        tells("v=spf10 -all", "spf-version-lookalike", "v=spf1 -all");
        tells("v=spf1; mx -all", "spf-version-lookalike", "v=spf1 mx -all");
        tells("v=spf1;mx -all", "spf-version-lookalike", "v=spf1 mx -all");
        tells("v=spf3 a -all", "spf-version-wrong", "v=spf1 a -all");
        tells("spf1 -all", "spf-version-wrong", "v=spf1 -all");
        tells("v=spf -all", "spf-version-wrong", "v=spf1 -all");
        tells("v =spf1 -all", "spf-version-wrong", "v=spf1 -all");
        tells("v=spf 1 -all", "spf-version-wrong", "v=spf1 -all");
        tells("v=spfl mx -all", "spf-version-wrong", "v=spf1 mx -all");
        tells("v=sfp1 -all", "spf-version-wrong", "v=spf1 -all");
        tells("v=spf2.0 -all", "spf-version-wrong", "v=spf1 -all");
        tells("mx -all", "spf-version-wrong", "v=spf1 mx -all");
        tells("foo v=spf1 -all", "spf-version-not-first", "v=spf1 -all");
        tells("v=spf1mx -all", "spf-version-missing-space", "v=spf1 mx -all");
        tells("v=spf1-all", "spf-version-missing-space", "v=spf1 -all");
        tells("\tv=spf1 -all", "spf-leading-whitespace", "v=spf1 -all");
    }

    #[test]
    fn a_string_for_each_term() {
        let source = Source::from_strings(["v=spf1", "+a", "+mx", "include:_spf.x.example", "~all"]);
        let found = spf::lint(&Record::from_source(source.clone()));
        assert_eq!(found[0].code, "spf-version-missing-space");
        assert_eq!(found[0].fixes[0].applicability, Applicability::MachineApplicable);
        let mended = apply(source.text(), found[0].fixes[0].edits()).unwrap();
        assert_eq!(mended, "v=spf1 +a +mx include:_spf.x.example ~all");
        assert!(found[1..].iter().all(|found| found.severity == Severity::Note), "{found:#?}");
    }

    #[test]
    fn other_things_that_stand_in_the_place_of_a_record() {
        for (text, code) in
            [("spf2.0/pra mx -all", "spf-senderid-record"), ("https://d.example/spf.txt", "dns-panel-http-or-url")]
        {
            let found = spf::lint(&Record::parse(text));
            assert_eq!(found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(), [code]);
            assert_eq!(spf::effect(&found), crate::finding::Effect::None, "{text}");
        }
        let found = spf::lint_at(&Record::parse("v=DMARC1; p=none"), &"d.example".parse().unwrap());
        assert_eq!(found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(), ["spf-dmarc-at-apex"]);
        assert_eq!(found[0].fixes[0].title, "publish it there");
        tells("3600 v=spf1 mx -all", "dns-panel-label-in-value", "v=spf1 mx -all");
    }

    #[test]
    fn terms_behind_another_separator_stay() {
        for text in ["v=spf1,mx,-all", "v=spf1;mx;-all", "v=spf1:mx:-all", "v=spf1_mx_-all", "v=spf1|mx|-all"] {
            tells(text, "spf-version-lookalike", "v=spf1 mx -all");
        }
        for text in ["v=spf1/mx/-all", "v=spf1+mx+-all", "v=spf1%20mx%20-all", "v=spf1,,mx,-all,"] {
            tells(text, "spf-version-lookalike", "v=spf1 mx -all");
            assert!(!spf::lint(&Record::parse(text)).iter().any(|found| found.code == *"spf-empty-record"), "{text}");
        }
        tells("v=spf1,a:mail.x.example, -all", "spf-version-lookalike", "v=spf1 a:mail.x.example -all");
        // What cannot be told apart is kept as it is, and nothing is done without looking.
        for (text, fixed) in [("v=spf1:a:x.example:-all", "v=spf1 a:x.example:-all"), ("v=spf1x -all", "v=spf1 x -all")]
        {
            tells(text, "spf-version-lookalike", fixed);
            assert_eq!(
                one(text, "spf-version-lookalike").fixes[0].applicability,
                Applicability::MaybeIncorrect,
                "{text}"
            );
        }
    }
}
