//! A text in the place of the name that `exp` takes (RFC 7208 §6.2).

use super::domain_spec::SINGLE_LABEL;
use super::unknown::{Claim, Unknown};
use super::version::{starts_with, with_space_before};
use super::{huge, mechanisms};
use crate::finding::{Edit, Findings, Fix};
use crate::spf::{Mechanism, Qualifier, Term, TermKind};
use crate::text::Span;

/// `exp=Please contact us`: the text itself, and the words behind it, which are no terms either.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let (cx, terms) = (term.cx, term.cx.record.terms());
    let (before, behind) = (&terms[..term.index], &terms[term.index + 1..]);
    // Of several texts the first one is mended first; to ask at each would be the square of the work.
    let is_text = |term: &Term| matches!(term.kind, TermKind::Unknown(_)) && starts_with(cx.text(term.span), "exp=");
    let is_first = !before.iter().rev().any(is_text);
    // Behind `all` no sender is lost.
    let is_ended = is_first && before.iter().any(is_all);
    let passes = |words: usize| is_ended || before.iter().chain(&behind[words..]).any(passes);
    let ends = |words: usize| before.iter().chain(&behind[words..]).any(is_end);
    let mut words = words(cx.whole(), behind, false);
    // Where another sender and an end stand, the text is a text; elsewhere they may be in it, spoilt.
    if !(is_first && passes(words.sure) && ends(words.sure)) {
        words = self::words(cx.whole(), behind, true);
    }
    let last = term.index + words.sure;
    let told = Span { end: terms[last].span.end, ..term.span_of(term.value) };
    let found = out.report(&SINGLE_LABEL, cx.at(told)).quote("domain");
    found.label("`exp` takes the name of a TXT record, which holds the text");
    // What may be a sender or a word is kept where it would be the only sender; elsewhere somebody has to say what it is.
    if is_first
        && passes(words.sure)
        && ends(words.sure)
        && (words.sure == words.perhaps || !passes(words.perhaps))
        && !before.iter().chain(&behind[words.sure..]).any(|term| opens(cx.whole(), term))
    {
        let place = with_space_before(cx.whole(), term.span.to(terms[last].span));
        found.fix(Fix::maybe("remove it", [Edit::delete(place)]));
    }
    Claim::ToldThrough(last)
}

/// How many terms behind the first word are words of the same text.
struct Words {
    sure: usize,
    /// With those at its end that may be words or mechanisms.
    perhaps: usize,
}

/// `a`, `mx` and `ptr` are words where another one follows. A bare `all` always is: as a term it would let everybody pass (§5.1), which is
/// not what comes with an explanation. The text ends before a spoilt term if there may be one.
fn words(text: &str, terms: &[Term], may_be_spoilt: bool) -> Words {
    let mut words = Words { sure: 0, perhaps: 0 };
    for (term, n) in terms.iter().zip(1..) {
        let word = &text[term.span];
        let is_named = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        let is_unknown = matches!(term.kind, TermKind::Unknown(_)) && !word.contains([':', '=', '/']);
        let is_spoilt = may_be_spoilt && is_unknown && is_spoilt_term(word);
        // A dash is no word that makes one of `a mx` before it.
        let is_dash = words.sure + 1 < n && is_named(&["-", "~", "?", "+"]);
        if is_unknown && !is_spoilt && !is_dash || is_named(&["all"]) {
            words.sure = n;
        } else if !is_spoilt && !is_dash && !is_named(&["a", "mx", "ptr"]) {
            break;
        }
        words.perhaps = n;
        if is_spoilt {
            break;
        }
    }
    words
}

/// `mx,`, `-al`, `192.0.2.1`: another rule knows what is meant by it.
fn is_spoilt_term(word: &str) -> bool {
    let mut parts = word.split(|c: char| !c.is_ascii_alphanumeric());
    mechanisms::family(word.trim_matches(|c: char| !c.is_ascii_alphanumeric())).is_some()
        || parts.any(|part| mechanisms::meant(part, "").is_some())
}

/// Whether it lets mail pass.
fn passes(term: &Term) -> bool {
    match term.kind {
        TermKind::Directive(directive) => directive.qualifier == Qualifier::Pass,
        kind => matches!(kind, TermKind::Redirect(_)),
    }
}

/// What ends a record, so that the text is all that is wrong with it.
fn is_end(term: &Term) -> bool {
    is_all(term) || matches!(term.kind, TermKind::Redirect(_))
}

fn is_all(term: &Term) -> bool {
    matches!(term.kind, TermKind::Directive(directive) if directive.mechanism == Mechanism::All)
}

/// §11.1: what opens a record that is a permerror is no end that the removal may put into force.
fn opens(text: &str, term: &Term) -> bool {
    matches!(&term.kind, TermKind::Directive(directive) if huge::opens(text, directive))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};
    use crate::finding::Effect;
    use crate::spf;

    #[test]
    fn words_are_removed() {
        for text in [
            "Please contact postmaster",
            "Contact-us",
            "Do not accept all mail",
            "You may not send at all",
            "Do not mail us at all",
            "Please a mx foo bar all",
        ] {
            tells(&format!("v=spf1 mx exp={text} -all"), "spf-domain-spec-single-label", "v=spf1 mx -all");
            let found = spf::lint_text(&format!("v=spf1 mx exp={text} -all").as_str().into());
            let told = found.iter().find(|found| found.code == *"spf-domain-spec-single-label").unwrap();
            assert_eq!(told.message(), format!("`{text}` has no dot: a term needs the whole name"));
        }
        keeps_quiet("v=spf1 mx exp=Please contact postmaster -all", "spf-unknown-mechanism");
        keeps_quiet("v=spf1 mx exp=Do not accept all mail -all", "spf-error-after-all");
        let text = "v=spf1 exp=Please contact a postmaster include:x.example -all";
        tells(text, "spf-domain-spec-single-label", "v=spf1 include:x.example -all");
    }

    /// It may be the only sender, or a word of the text.
    #[test]
    fn a_mechanism_behind_words_is_kept_or_left_to_somebody() {
        tells("v=spf1 exp=Please contact a postmaster mx -all", "spf-domain-spec-single-label", "v=spf1 mx -all");
        for text in ["v=spf1 mx exp=This is not a mx -all", "v=spf1 exp=Please contact us mx include:x.example -all"] {
            tells(text, "spf-domain-spec-single-label", text);
        }
    }

    /// §5.1, §11.1: neither a word nor a term is put into force that lets everybody pass.
    #[test]
    fn nobody_is_let_pass_by_the_removal() {
        for terms in [
            "mx exp=Do not accept all mail",
            "mx exp=You may not send at all",
            "mx exp=You may not send at all redirect:x.example",
            "mx exp=Please contact us +all",
            "mx all exp=Please contact us",
            "ip4:0.0.0.0/0 exp=Please contact us -all",
        ] {
            let text = format!("v=spf1 {terms}");
            let found = spf::lint_text(&text.as_str().into());
            let told = found.iter().find(|found| found.code == *"spf-domain-spec-single-label").unwrap();
            assert!(told.fixes.is_empty(), "{text}: {told:#?}");
            let mended = spf::mended(&text, |now| spf::lint_text(&now.into()));
            assert!(!mended.is_some_and(|now| now.ends_with(" all") || now.ends_with("+all")), "{text}");
        }
    }

    /// What another rule knows as a sender is no word, however it is spoilt.
    #[test]
    fn no_sender_is_taken_for_a_word() {
        for (terms, mended) in [
            ("exp=explain a mx, -all", "a mx -all"),
            ("exp=explain a, mx, -all", "a mx -all"),
            ("exp=explain +mx, -all", "+mx -all"),
            ("exp=explain 9.9.9.9 -all", "ip4:9.9.9.9 -all"),
            ("exp=explain mx- -all", "exp=explain mx- -all"),
            ("include:x.example exp=explain a mx - -all", "include:x.example exp=explain a mx -all"),
            ("exp=explain a mx inclde ~all", "a mx include ~all"),
            // Whoever sends was damaged past recognition, or nobody does.
            ("exp=Please contact us -all", "exp=Please contact us -all"),
        ] {
            tells(&format!("v=spf1 {terms}"), "spf-domain-spec-single-label", &format!("v=spf1 {mended}"));
        }
        for end in ["-al", "-all."] {
            let found = spf::lint_text(&format!("v=spf1 mx exp=explain {end}").as_str().into());
            let fixes = || found.iter().flat_map(|found| &found.fixes);
            assert!(fixes().count() > 0, "{end}: {found:#?}");
        }
    }

    /// A sender in the text is refused by it, and a word that looks like one is a word.
    #[test]
    fn where_others_pass_the_text_is_a_text() {
        for text in [
            "Access denied for 9.9.9.9",
            "Mail from 192.0.2.1 is refused",
            "Not allowed - see our site",
            "Call 0800 123456 for help",
            "You must use our mx!",
            "Do you include us?",
            "Go (all) away",
        ] {
            tells(&format!("v=spf1 mx exp={text} -all"), "spf-domain-spec-single-label", "v=spf1 mx -all");
            let found = spf::lint_text(&format!("v=spf1 mx exp={text} -all").as_str().into());
            assert_eq!(found.iter().filter(|found| found.effect == Effect::Permerror).count(), 1, "{text}: {found:#?}");
        }
    }

    #[test]
    fn a_text_beside_a_good_exp_or_behind_all() {
        for (terms, mended) in [
            ("exp=a.b mx exp=explain -all", "exp=a.b mx -all"),
            ("mx exp=a.example exp=Go away -all", "mx exp=a.example -all"),
            ("-all exp=This domain sends no mail", "-all"),
            ("-all exp=nomail", "-all"),
            ("~all exp=Go away", "~all"),
        ] {
            tells(&format!("v=spf1 {terms}"), "spf-domain-spec-single-label", &format!("v=spf1 {mended}"));
        }
    }
}
