//! Commas and semicolons, which other records want (RFC 7208 §12).

use super::mechanisms::{self, NAMES, family};
use super::separators::{COLONED, SHORT};
use super::unknown::{Unknown, is_term};
use super::version::{starts_with, with_space_before};
use super::{Context, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, rules};
use crate::spf::qualifier::unqualified;
use crate::spf::{Directive, Mechanism, TermKind};
use crate::text::Span;

rules! {
    /// # Commas or semicolons between terms
    ///
    /// SPF separates terms by spaces only. A comma or semicolon, which DKIM and DMARC records want, becomes a part of the term before it
    /// and spoils it: permerror, or a name that does not exist.
    ///
    /// ```spf bad
    /// v=spf1 mx, include:_spf.example.net; -all;
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx include:_spf.example.net -all
    /// ```
    COMMA_OR_SEMICOLON = "spf-comma-or-semicolon-separator", Error, Permerror, ["RFC 7208 §12"],
        "`{term}` has a `{char}` in it, but only spaces separate terms";
}

/// `-all ; our servers`, `-all # our servers`: a comment as zone files and programs have them. Behind `all` nothing is lost with it.
pub(super) fn comment(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let Some(at) = term.text.find([';', '#']) else { return false };
    let is_all = |text: &str| unqualified(text).eq_ignore_ascii_case("all");
    let before = term.index.checked_sub(1).and_then(|before| term.cx.record.terms().get(before));
    let is_all_before = || {
        before.is_some_and(|term| matches!(term.kind, TermKind::Directive(Directive { mechanism: Mechanism::All, .. })))
    };
    let start = term.span.start as usize + at;
    let whole = Span::new(start, term.cx.whole().trim_end_matches(' ').len());
    let ended = if at == 0 { is_all_before() } else { is_all(&term.text[..at]) };
    if !ended || whole.len() > MAX_COMMENT || !is_prose(&term.cx.text(whole)[1..]) {
        return false;
    }
    let place = with_space_before(term.cx.whole(), whole);
    out.report(&COMMA_OR_SEMICOLON, term.cx.at(whole))
        .quote("term")
        .arg("char", &term.text[at..=at])
        .label("a record has no comments")
        .fix(Fix::machine("take the comment out", [Edit::delete(place)]));
    true
}

/// A longer text is hardly a comment.
const MAX_COMMENT: usize = 200;

fn is_prose(text: &str) -> bool {
    let first = text.split(' ').find(|word| !word.is_empty());
    let is_word = |word: &str| word.chars().all(char::is_alphanumeric) && mechanisms::meant(word, "").is_none();
    first.is_some_and(is_word) && !text.contains([':', '='])
}

/// `mx,`, `-all;`, `mx,a`, `ip4:192.0.2.1,192.0.2.2`
pub(super) fn comma(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let text = cx.text(span);
    if separator(text).is_none() {
        return false;
    }
    // `,all` is a slip for `-all` or `~all`.
    if matches!(text.split_at_checked(1), Some(("," | ";", all)) if all.eq_ignore_ascii_case("all")) {
        return false;
    }
    if dot(cx, span, effect, out) {
        return true;
    }
    let mut edits = Vec::new();
    let (mut good, mut is_sure) = (true, true);
    let mut name = "";
    let mut rest = text;
    let mut first = None;
    while !rest.is_empty() {
        let piece = &rest[..separator(rest).unwrap_or(rest.len())];
        let after = &rest[piece.len()..];
        let next = after.trim_start_matches([',', ';']);
        let at = span.start as usize + (text.len() - after.len());
        if let Some((before, _)) = piece.split_once(':') {
            name = before;
        }
        let run = Span::new(at, at + after.len() - next.len());
        if !run.is_empty() {
            first = first.or(Some(run));
            let next_piece = &next[..separator(next).unwrap_or(next.len())];
            let needed = needs(name, next_piece);
            // `include:;x.example`
            let whole = piece.ends_with([':', '=']).then(|| [piece, next_piece].concat());
            edits.push(match needed {
                _ if next.is_empty() || piece.is_empty() || whole.is_some() => Edit::delete(run),
                Some(name) => Edit::replace(run, format!(" {name}:")),
                None => Edit::replace(run, " "),
            });
            good &= match whole {
                Some(whole) => is_term(&whole),
                None => next.is_empty() || is_term(next_piece) || needed.is_some(),
            };
            // Whose name it is that was taken apart, nobody knows.
            is_sure &= needed.is_none() || family(next_piece).is_some();
            // `all` alone passes everyone.
            good &= !next_piece.eq_ignore_ascii_case("all");
        }
        rest = next;
    }
    let Some(first) = first else { return false };
    // Inside a name a comma may be all that is wrong with it; only terms are taken apart.
    if !good && !text.ends_with([',', ';']) && !starts_with_term(&text[(first.end - span.start) as usize..]) {
        return false;
    }
    if text.trim_matches([',', ';']).is_empty() {
        let place = super::version::with_space_before(cx.whole(), span);
        edits = vec![Edit::delete(place)];
    }
    out.report(&COMMA_OR_SEMICOLON, cx.at(span))
        .quote("term")
        .arg("char", cx.text(Span::new(first.start as usize, first.start as usize + 1)))
        .effect(effect)
        .fix(Fix::edit("separate by spaces", edits, sure_if(good && is_sure)));
    true
}

/// `include:spf,example.com`: a comma in the place of a dot.
fn dot(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let text = cx.text(span);
    let Some(at) = separator(text) else { return false };
    let (before, after) = (&text[..at], &text[at + 1..]);
    // The name before it is none without the rest, or what follows is a word that is none of SPF.
    let is_word = after.len() > 1 && after.bytes().all(|b| b.is_ascii_alphabetic());
    let goes_on = !is_term(before) || is_word && mechanisms::meant(after, "").is_none();
    let is_in_name = before.contains(':') && !before.ends_with(':') && goes_on && !is_term(after);
    if !is_in_name || !is_term(&[before, ".", after].concat()) {
        return false;
    }
    let place = Span::new(span.start as usize + at, span.start as usize + at + 1);
    out.report(&COMMA_OR_SEMICOLON, cx.at(span))
        .quote("term")
        .arg("char", cx.text(place))
        .effect(effect)
        .fix(Fix::maybe("write a dot", [Edit::replace(place, ".")]));
    true
}

/// The first `,` or `;` that is not a delimiter of a macro.
fn separator(text: &str) -> Option<usize> {
    let mut in_macro = false;
    text.bytes().enumerate().find_map(|(at, byte)| {
        match byte {
            b'{' => in_macro = true,
            b'}' => in_macro = false,
            b',' | b';' if !in_macro => return Some(at),
            _ => {}
        }
        None
    })
}

/// The mechanism of the piece before, if `piece` is a further value for it: `ip4:192.0.2.1,192.0.2.2`.
fn needs<'a>(name: &'a str, piece: &str) -> Option<&'a str> {
    let fits = match unqualified(name).to_ascii_lowercase().as_str() {
        "ip4" | "ip6" => family(piece).is_some(),
        "include" | "a" | "mx" | "exists" => piece.contains('.') && !piece.contains([':', '=']),
        _ => false,
    };
    (fits && is_term(&[name, ":", piece].concat())).then_some(name)
}

fn starts_with_term(text: &str) -> bool {
    let text = unqualified(text);
    COLONED.iter().chain(&SHORT).any(|name| starts_with(text, name))
        || NAMES
            .iter()
            .any(|name| text.split([',', ';', '/']).next().is_some_and(|word| word.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};

    #[test]
    fn commas() {
        let code = "spf-comma-or-semicolon-separator";
        tells(
            "v=spf1 include:_spf.a.example; include:b.example; ~all",
            code,
            "v=spf1 include:_spf.a.example include:b.example ~all",
        );
        tells("v=spf1 mx, -all;", code, "v=spf1 mx -all");
        tells("v=spf1 mx,a,-all", code, "v=spf1 mx a -all");
        tells("v=spf1 mx , -all ;", code, "v=spf1 mx -all");
        tells("v=spf1 ip4:192.0.2.1,192.0.2.2 -all", code, "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all");
        tells("v=spf1 include:a.example,b.example -all", code, "v=spf1 include:a.example include:b.example -all");
        tells(
            "v=spf1 include:a.example,include:b.example -all",
            code,
            "v=spf1 include:a.example include:b.example -all",
        );
        tells("v=spf1 ipv4:192.0.2.1; -all", code, "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 include:spf,x.example -all", code, "v=spf1 include:spf.x.example -all");
        tells("v=spf1 include:spf.x,example -all", code, "v=spf1 include:spf.x.example -all");
        keeps_quiet("v=spf1 exists:%{l,}.x.example -all", code);
    }

    #[test]
    fn comments() {
        let code = "spf-comma-or-semicolon-separator";
        for text in
            ["-all ; my spf record", "-all; my spf record", "-all ;this is a comment", "-all;office", "-all # office"]
        {
            tells(&format!("v=spf1 mx {text}"), code, "v=spf1 mx -all");
            keeps_quiet(&format!("v=spf1 mx {text}"), "spf-unknown-mechanism");
        }
        tells("v=spf1 mx; foo bar", code, "v=spf1 mx foo bar");
    }

    /// §5.2: who may send for a name that was guessed is somebody else's to say.
    #[test]
    fn no_machine_takes_a_name_apart() {
        let machine = crate::finding::Applicability::MachineApplicable;
        let mended = |text: &str| crate::finding::apply_all(text, machine, |text| crate::spf::lint_text(&text.into()));
        for text in [
            "include:_spf.goo;gle.com",
            "include:a.example,b.example",
            "include:spf..example",
            "redirect=x..example",
            "include:'x.example','y.example'",
        ] {
            let text = format!("v=spf1 {text} ~all");
            assert_eq!(mended(&text).text, text);
        }
        for text in ["include:'x.example' ~all", "mx -all include:'x.example'", "a:(x.example) ~all"] {
            let mended = mended(&format!("v=spf1 {text}")).text;
            assert_eq!(mended, format!("v=spf1 {}", text.replace(['\'', '(', ')'], "")));
        }
        assert_eq!(mended("v=spf1 include:.x.example ~all").text, "v=spf1 include:x.example ~all");
        assert_eq!(
            mended("v=spf1 include:a.example,include:b.example ~all").text,
            "v=spf1 include:a.example include:b.example ~all"
        );
    }
}
