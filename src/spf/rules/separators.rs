//! What separates terms (RFC 7208 §12): spaces, and nothing else.

use super::mechanisms::NAMES;
use super::unknown::{Claim, Unknown, is_term};
use super::version::starts_with;
use super::{Context, commas, mechanisms, seams, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Rule, rules};
use crate::spf::qualifier::{QUALIFIERS, is_qualifier, unqualified};
use crate::spf::{Term, TermKind};
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
        || commas::comma(term.cx, term.span, Effect::Permerror, out)
        || bare_words(term, out);
    if told { Claim::Told } else { Claim::No }
}

/// What is glued or separated in the domain-spec of a term that can be read.
pub(super) fn in_term(cx: &Context<'_>, term: &Term, effect: Effect, out: &mut Findings) -> bool {
    glued(cx, term.span, effect, out)
        || seams::in_one(cx, term.span, effect, out)
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
    let whole = |sign: &str| format!("{}{sign}{}", term.text, term.cx.text(value.span));
    let Some(meant) = meant.into_iter().find(|sign| is_term(&whole(sign))) else { return false };
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
    // `ip4 192.0.2.1`, `redirect _spf.x.example`
    let sign = match term.name {
        name if open || !term.separator.is_empty() || name.len() <= 2 => "",
        _ if NAMES.iter().any(|name| term.is(name)) => ":",
        _ if term.is("redirect") || term.is("exp") => "=",
        _ => "",
    };
    if !open && sign.is_empty() {
        return false;
    }
    let joined = [term.text, sign, value].concat();
    // `ip: 192.0.2.1` has two slips.
    let misspelt = || {
        let meant = mechanisms::meant(term.name, value).filter(|_| !term.separator.is_empty())?;
        Some(is_term(&format!("{}{meant}:{value}", term.qualifier)))
    };
    if !is_term(&joined) && !is_term(joined.trim_end_matches([',', ';'])) && !misspelt().unwrap_or_default() {
        return false;
    }
    let space = Span::new(term.span.end as usize, next.start as usize);
    let edit = if sign.is_empty() { Edit::delete(space) } else { Edit::replace(space, sign) };
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
    let joined = format!("{}{}", term.cx.text(before.span), term.text);
    if !is_term(&joined) {
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
    let rule = if seam.is_some() { &seams::GLUED_BY_STRING_JOIN } else { &GLUED_TERMS };
    report(rule, cx, span, effect, edits, true, out);
    true
}

pub(super) fn report(
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
        if !is_qualifier(*byte) && !matches!(byte, b'i' | b'e' | b'r' | b'I' | b'E' | b'R') {
            continue;
        }
        let qualified = is_qualifier(*byte) && bytes[at - 1] != b' ';
        let begins = |prefix: &str, from: usize| {
            bytes.get(from..from + prefix.len()).is_some_and(|part| part.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let after_all = || bytes.get(at + 4).is_none_or(|&byte| is_qualifier(byte) || matches!(byte, b',' | b';'));
        let begin = if qualified {
            begins("all", at + 1) && after_all() || COLONED.iter().chain(&SHORT).any(|name| begins(name, at + 1))
        } else {
            // A qualifier in front of it was the point already.
            let is_start = !is_qualifier(bytes[at - 1]) && !matches!(bytes[at - 1], b':' | b'=');
            is_start && COLONED.iter().any(|name| begins(name, at))
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

pub(super) fn pieces<'a>(text: &'a str, starts: &'a [usize]) -> impl Iterator<Item = &'a str> {
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
        let word = unqualified(rest);
        let qualifier = rest.len() - word.len();
        let known = ["all", "ptr", "mx", "a"].iter().find(|name| starts_with(word, name));
        let Some(known) = known.filter(|_| qualifier < 2) else { return false };
        at += qualifier + known.len();
    }
    // `aa` and `alla` are slips of the finger rather than two terms.
    if points.is_empty()
        || text.bytes().all(|b| b == b'a')
        || text.len() > 4 && !text.contains("mx") && !text.contains(QUALIFIERS)
    {
        return false;
    }
    let edits: Vec<Edit> = points.iter().map(|point| Edit::insert(term.span.start as usize + point, " ")).collect();
    let seam = points
        .iter()
        .any(|point| term.cx.record.source().seams().contains(&Span::at(term.span.start as usize + point).start));
    let rule = if seam { &seams::GLUED_BY_STRING_JOIN } else { &GLUED_TERMS };
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
        tells("v=spf1 redirect _spf.x.example", "spf-space-after-colon", "v=spf1 redirect=_spf.x.example");
        tells("v=spf1 mx -all exp why.x.example", "spf-space-after-colon", "v=spf1 mx -all exp=why.x.example");
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
