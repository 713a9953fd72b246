//! What separates terms (RFC 7208 §12): spaces, and nothing else.

use super::mechanisms::NAMES;
use super::unknown::{Claim, Unknown, is_term};
use super::version::starts_with;
use super::{Context, commas, mechanisms, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Rule, rules};
use crate::spf::{Mechanism, Term, TermKind};
use crate::text::Span;

rules! {
    /// # A space behind the colon
    ///
    /// A term ends at the first space. `ip4: 203.0.113.7` is two terms, neither of which can be read, and the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4: 203.0.113.7 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 -all
    /// ```
    SPACE_AFTER_COLON = "spf-space-after-colon", Error, Permerror, ["RFC 7208 §12"],
        "a space separates `{name}` from its value `{value}`, which makes two broken terms of them";

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

    /// # No space between two terms
    ///
    /// Two terms without a space between them are read as one. It is a permerror, or worse: `include:x.example-all` is a correct
    /// term that includes the name `x.example-all`.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113.7~all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 ~all
    /// ```
    GLUED_TERMS = "spf-glued-terms", Error, Permerror, ["RFC 7208 §12"],
        "there is no space between the terms in `{term}`";

    /// # Two strings of the TXT record meet without a space
    ///
    /// A TXT record may consist of several strings of up to 255 octets. Receivers join them with nothing between them, so a term at the end
    /// of one string and a term at the start of the next become one. The space must be inside one of the strings.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.0/24" "include:_spf.example.net -all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.0/24 " "include:_spf.example.net -all"
    /// _spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
    /// ```
    GLUED_BY_STRING_JOIN = "spf-glued-by-string-join", Error, Permerror, ["RFC 7208 §3.3"], covers ["dns-string-split-space"],
        "two strings of the TXT record are joined without a space, so `{term}` is read as one term";
}

pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if commas::comment(term, out) {
        return Claim::ToldThrough(term.cx.record.terms().len());
    }
    if gap_around(term, out) {
        return Claim::ToldThrough(term.index + 2);
    }
    if gap(term, out) {
        return Claim::ToldThrough(term.index + 1);
    }
    if gap_before_prefix(term, out) {
        return Claim::Told;
    }
    let told = glued(term.cx, term.span, Effect::Permerror, out)
        || at_seam(term.cx, term.span, Effect::Permerror, true, out)
        || commas::comma(term.cx, term.span, Effect::Permerror, out)
        || bare_words(term, out);
    if told { Claim::Told } else { Claim::No }
}

/// What is glued or separated in the domain-spec of a term that can be read.
pub(super) fn in_term(cx: &Context<'_>, term: &Term, out: &mut Findings) -> bool {
    let effect = match term.kind {
        TermKind::Directive(directive) => match directive.mechanism {
            Mechanism::Include(_) => Effect::Permerror,
            _ => Effect::PartIgnored,
        },
        TermKind::Redirect(_) => Effect::Permerror,
        _ => Effect::PartIgnored,
    };
    glued(cx, term.span, effect, out)
        || at_seam_of_one(cx, term.span, effect, out)
        || commas::comma(cx, term.span, effect, out)
}

/// `redirect = _spf.example.com`: the name, the sign and the value are three terms.
fn gap_around(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let Some((sign, _)) = term.next() else { return false };
    let Some(value) = term.cx.record.terms().get(term.index + 2) else { return false };
    if !term.separator.is_empty() || !matches!(term.cx.text(sign), "=" | ":") {
        return false;
    }
    let meant = [term.cx.text(sign), ":", "="];
    let whole = |sign: &&str| is_term(&format!("{}{sign}{}", term.text, term.cx.text(value.span)));
    let Some(meant) = meant.into_iter().find(whole) else { return false };
    let gap = Span::new(term.span.end as usize, value.span.start as usize);
    out.report(&SPACE_AFTER_COLON, term.cx.at(term.span.to(value.span)))
        .arg("name", term.text)
        .arg("value", term.cx.text(value.span))
        .fix(Fix::machine("take the spaces out", [Edit::replace(gap, meant)]));
    true
}

/// `ip4: 192.0.2.1`, `include :x.example`, `ip4 192.0.2.1`
fn gap(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let Some((next, TermKind::Unknown(_))) = term.next() else { return false };
    let value = term.cx.text(next);
    let open = term.text.ends_with('/')
        || term.value.is_empty() && (matches!(term.separator, ":" | "=") || value.starts_with([':', '=']));
    // `ip4 192.0.2.1`
    let colon = !open && term.separator.is_empty() && term.name.len() > 2 && NAMES.iter().any(|name| term.is(name));
    if !(open || colon) {
        return false;
    }
    let joined = format!("{}{}{value}", term.text, if colon { ":" } else { "" });
    // `ip: 192.0.2.1` has two slips.
    let misspelt = || {
        let meant = mechanisms::meant(term.name, value).filter(|_| !term.separator.is_empty())?;
        Some(is_term(&format!("{}{meant}:{value}", term.qualifier)))
    };
    if !is_term(&joined) && !is_term(joined.trim_end_matches([',', ';'])) && !misspelt().unwrap_or_default() {
        return false;
    }
    let space = Span::new(term.span.end as usize, next.start as usize);
    let edit = if colon { Edit::replace(space, ":") } else { Edit::delete(space) };
    out.report(&SPACE_AFTER_COLON, term.cx.at(term.span.to(next)))
        .arg("name", term.text)
        .arg("value", value)
        .fix(Fix::machine("take the space out", [edit]));
    true
}

/// `ip4:192.0.2.0 /24`: the first part is a term of its own.
fn gap_before_prefix(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let before = term.index.checked_sub(1).and_then(|before| term.cx.record.terms().get(before));
    let Some(before) = before.filter(|_| term.text.starts_with('/')) else { return false };
    if !is_term(&format!("{}{}", term.cx.text(before.span), term.text)) {
        return false;
    }
    let space = Span::new(before.span.end as usize, term.span.start as usize);
    out.report(&SPACE_AFTER_COLON, term.cx.at(before.span.to(term.span)))
        .arg("name", term.cx.text(before.span))
        .arg("value", term.text)
        .fix(Fix::machine("take the space out", [Edit::delete(space)]));
    true
}

/// `ip4:192.0.2.1~all`, `include:x.example-all`, `ip4:192.0.2.1include:x.example`
fn glued(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let text = cx.text(span);
    let mut starts = glue_points(text);
    // `ip4:192.0.2.1all`
    if starts.is_empty() && text.len() > 3 && text.ends_with("all") && text.as_bytes()[text.len() - 4].is_ascii_digit()
    {
        starts.push(text.len() - 3);
    }
    if starts.is_empty() || !pieces(text, &starts).all(is_term) {
        return false;
    }
    let points = starts.iter().map(|start| span.start as usize + start);
    let seam = points.clone().find(|point| cx.record.source().seams().contains(&Span::at(*point).start));
    let edits: Vec<Edit> = points.map(|point| Edit::insert(point, " ")).collect();
    let rule = if seam.is_some() { &GLUED_BY_STRING_JOIN } else { &GLUED_TERMS };
    report(rule, cx, span, effect, edits, true, out);
    true
}

/// A seam of the TXT record with a term on each side of it, in a term that cannot be read.
fn at_seam(cx: &Context<'_>, span: Span, effect: Effect, sure: bool, out: &mut Findings) -> bool {
    let Some(seam) = cx.record.source().seam_inside(span) else { return false };
    let (before, after) = (Span::new(span.start as usize, seam), Span::new(seam, span.end as usize));
    if !is_term(cx.text(before)) || !is_term(cx.text(after)) {
        return false;
    }
    report(&GLUED_BY_STRING_JOIN, cx, span, effect, vec![Edit::insert(seam, " ")], sure, out);
    true
}

/// Two terms that can be read as one: `include:a.example.com` and `mx` as the name `a.example.commx`.
fn at_seam_of_one(cx: &Context<'_>, span: Span, effect: Effect, out: &mut Findings) -> bool {
    let source = cx.record.source();
    let Some(seam) = source.seam_inside(span) else { return false };
    let (before, after) = (cx.text(Span::new(span.start as usize, seam)), cx.text(Span::new(seam, span.end as usize)));
    // No name has a colon; a word such as `mx` may also be the end of one.
    let is_clear = after.contains(':') || after.starts_with(['+', '-', '~', '?']);
    let at = source.seams().partition_point(|&other| (other as usize) < seam);
    let start = at.checked_sub(1).map_or(0, |at| source.seams()[at] as usize);
    // A string that is full was cut by a program, wherever that fell; and no top-level domain has one letter.
    let is_cut = seam - start >= STRING || before.rsplit('.').next().is_some_and(|label| label.len() < 2);
    (is_clear || !is_cut) && at_seam(cx, span, effect, is_clear, out)
}

/// The octets of a full character-string (RFC 1035 §3.3).
const STRING: usize = 255;

fn report(
    rule: &'static Rule,
    cx: &Context<'_>,
    span: Span,
    effect: Effect,
    edits: Vec<Edit>,
    sure: bool,
    out: &mut Findings,
) {
    // `all` alone passes everyone: whoever forgot the space may have forgotten its qualifier.
    let is_all =
        |edit: &Edit| cx.text(Span::new(edit.span.end as usize, span.end as usize)).eq_ignore_ascii_case("all");
    let sure = sure && !edits.iter().any(is_all);
    out.report(rule, cx.at(span)).quote("term").effect(effect).fix(Fix::edit("put a space", edits, sure_if(sure)));
}

/// Where another term seems to begin inside `text`.
fn glue_points(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut points = Vec::new();
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        // The qualifiers, and the letters that `COLONED` begin with.
        if !matches!(byte, b'-' | b'~' | b'?' | b'+' | b'i' | b'e' | b'r' | b'I' | b'E' | b'R') {
            continue;
        }
        let qualified = matches!(byte, b'-' | b'~' | b'?' | b'+') && bytes[at - 1] != b' ';
        let begins = |prefix: &str, from: usize| {
            bytes.get(from..from + prefix.len()).is_some_and(|part| part.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let after_all = || matches!(bytes.get(at + 4), None | Some(b'-' | b'~' | b'?' | b'+' | b',' | b';'));
        let begin = if qualified {
            begins("all", at + 1) && after_all() || COLONED.iter().chain(&SHORT).any(|name| begins(name, at + 1))
        } else {
            // A qualifier in front of it was the point already.
            let unqualified = !matches!(bytes[at - 1], b'-' | b'~' | b'?' | b'+' | b':' | b'=');
            unqualified && COLONED.iter().any(|name| begins(name, at))
        };
        if begin {
            points.push(at);
        }
    }
    points
}

/// Beginnings of terms that no domain name has in its middle.
pub(super) const COLONED: [&str; 6] = ["include:", "ip4:", "ip6:", "exists:", "redirect=", "exp="];
/// The same, behind a qualifier.
pub(super) const SHORT: [&str; 3] = ["a:", "mx:", "ptr:"];

fn pieces<'a>(text: &'a str, starts: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let begin = [0].into_iter().chain(starts.iter().copied());
    let end = starts.iter().copied().chain([text.len()]);
    begin.zip(end).map(|(begin, end)| &text[begin..end])
}

/// `amx`, `mx-a`: mechanisms without arguments, one after the other.
fn bare_words(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let text = term.text;
    let mut points = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if at > 0 {
            points.push(at);
        }
        let rest = &text[at..];
        let word = rest.trim_start_matches(['+', '-', '~', '?']);
        let qualifier = rest.len() - word.len();
        let known = ["all", "ptr", "mx", "a"].iter().find(|name| starts_with(word, name));
        let Some(known) = known.filter(|_| qualifier < 2) else { return false };
        at += qualifier + known.len();
    }
    // `aa` and `alla` are slips of the finger rather than two terms.
    if points.is_empty()
        || text.bytes().all(|b| b == b'a')
        || text.len() > 4 && !text.contains("mx") && !text.contains(['-', '~', '?', '+'])
    {
        return false;
    }
    let edits: Vec<Edit> = points.iter().map(|point| Edit::insert(term.span.start as usize + point, " ")).collect();
    let seam = points
        .iter()
        .any(|point| term.cx.record.source().seams().contains(&Span::at(term.span.start as usize + point).start));
    let rule = if seam { &GLUED_BY_STRING_JOIN } else { &GLUED_TERMS };
    report(rule, term.cx, term.span, Effect::Permerror, edits, true, out);
    true
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};

    #[test]
    fn spaces() {
        tells("v=spf1 ip4: 192.0.2.1 -all", "spf-space-after-colon", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 include: x.example -all", "spf-space-after-colon", "v=spf1 include:x.example -all");
        tells("v=spf1 include :x.example -all", "spf-space-after-colon", "v=spf1 include:x.example -all");
        tells("v=spf1 ip4 192.0.2.1 -all", "spf-space-after-colon", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 mx redirect= x.example", "spf-space-after-colon", "v=spf1 mx redirect=x.example");
        tells("v=spf1 ip4:203.0.113.0 /24 -all", "spf-space-after-colon", "v=spf1 ip4:203.0.113.0/24 -all");
        tells("v=spf1 ip4:203.0.113.0/ 24 -all", "spf-space-after-colon", "v=spf1 ip4:203.0.113.0/24 -all");
        tells("v=spf1 redirect = _spf.x.example", "spf-space-after-colon", "v=spf1 redirect=_spf.x.example");
        tells("v=spf1 include = x.example -all", "spf-space-after-colon", "v=spf1 include:x.example -all");
        tells("v=spf1 ip4 : 192.0.2.1 -all", "spf-space-after-colon", "v=spf1 ip4:192.0.2.1 -all");
        for code in ["spf-space-after-colon", "spf-mechanism-typo"] {
            tells("v=spf1 mx ip: 192.0.2.1 -all", code, "v=spf1 mx ip4:192.0.2.1 -all");
            tells("v=spf1 inlcude: x.example -all", code, "v=spf1 include:x.example -all");
        }
        keeps_quiet("v=spf1 include: -all", "spf-space-after-colon");
    }

    #[test]
    fn strings_that_meet() {
        let code = "spf-glued-by-string-join";
        let fixed = |strings: &[&str]| {
            let source = crate::text::Source::from_strings(strings);
            let found = crate::spf::lint_text(&source);
            let found = found.iter().find(|found| found.code == *code);
            found.map(|found| crate::finding::apply(source.text(), found.fixes[0].edits()).unwrap())
        };
        for end in ["a:b.example.com -all", "mx -all", "a -all", "include:b.example.com -all"] {
            assert_eq!(
                fixed(&["v=spf1 include:a.example.com", end]),
                Some(format!("v=spf1 include:a.example.com {end}")),
                "{end}"
            );
        }
        assert_eq!(
            fixed(&["v=spf1 redirect=a.example.com", "mx"]),
            Some("v=spf1 redirect=a.example.com mx".to_owned())
        );
        // A name that was cut.
        assert_eq!(fixed(&["v=spf1 include:a.exam", "ple.com -all"]), None);
        assert_eq!(fixed(&["v=spf1 include:a.example.c", "a -all"]), None);
        let full = format!("v=spf1 x={} include:a.example.t", "y".repeat(226));
        assert_eq!(full.len(), 255);
        assert_eq!(fixed(&[&full, "mx -all"]), None);
        let full = format!("v=spf1 x={} include:a.example.co", "y".repeat(225));
        assert_eq!(full.len(), 255);
        assert_eq!(fixed(&[&full, "mx -all"]), None);
        assert!(fixed(&[&full, "a:b.example.com -all"]).is_some());
    }

    #[test]
    fn glue() {
        let code = "spf-glued-terms";
        tells("v=spf1 ip4:192.0.2.1~all", code, "v=spf1 ip4:192.0.2.1 ~all");
        tells("v=spf1 include:x.example-all", code, "v=spf1 include:x.example -all");
        tells("v=spf1 mx-all", code, "v=spf1 mx -all");
        tells("v=spf1 amx -all", code, "v=spf1 a mx -all");
        tells("v=spf1 ip4:192.0.2.1include:x.example -all", code, "v=spf1 ip4:192.0.2.1 include:x.example -all");
        tells(
            "v=spf1 include:a.exampleinclude:b.example -all",
            code,
            "v=spf1 include:a.example include:b.example -all",
        );
        tells("v=spf1 ip4:192.0.2.1-ip4:192.0.2.2~all", code, "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.2 ~all");
        tells("v=spf1 mx ip4:192.0.2.1all", code, "v=spf1 mx ip4:192.0.2.1 all");
        keeps_quiet("v=spf1 include:spf-all.x.example -all", code);
        keeps_quiet("v=spf1 include:a-all.example -all", code);
    }
}
