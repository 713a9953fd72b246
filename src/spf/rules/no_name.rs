//! Names with characters that no host or domain has. The grammar lets them pass (RFC 7208 §7.1), and nobody answers for them.

use super::domain_spec::{LABEL_LENGTH, is_of_names};
use super::mechanisms::{NAMES, is_another_term};
use super::unknown::is_term;
use super::{Context, sure_if};
use crate::finding::{Edit, Effect, Findings, Fix, Severity};
use crate::spf::qualifier::unqualified;
use crate::spf::{DomainSpec, Term};
use crate::text::Span;

pub(super) fn check(
    cx: &Context<'_>,
    term: &Term,
    spec: DomainSpec,
    (effect, severity): (Effect, Severity),
    out: &mut Findings,
) -> bool {
    let text = cx.text(spec.span);
    let Some(at) = text.bytes().position(|byte| !is_of_names(byte)) else { return false };
    // Around macros a server of its own may answer for any name; what stands in front of the first one is a slip.
    if spec.has_macros && (at > 0 || text.starts_with('%')) {
        return false;
    }
    // What is damaged otherwise is told as that.
    if !text[at..].starts_with(is_odd) {
        return false;
    }
    let place = Span::new(spec.span.start as usize + at, spec.span.start as usize + at + 1);
    let found = out.report(&LABEL_LENGTH, cx.at(place)).arg("domain", text);
    found.arg("what", format!("a `{}`", cx.text(place))).effect(effect).severity(severity);
    if text.starts_with("*.") {
        // The record of a wildcard may answer for it. Whether one does, the DNS says.
        found
            .severity(Severity::Warning)
            .effect(Effect::Ok)
            .label("a term has no wildcards: this very name is looked up");
    }
    let head = cx.text(Span { start: term.span.start, end: spec.span.start });
    if let Some(name) = head.strip_suffix(':').filter(|name| is_another_term(unqualified(name), text)) {
        // `include:a:mail.example.com`: the second mechanism alone was meant.
        let start = term.span.start as usize + name.len() - unqualified(name).len();
        let place = Span::new(start, spec.span.start as usize);
        found.fix(Fix::maybe(format!("write `{text}`"), [Edit::delete(place)]));
    } else if let Some((meant, sure)) = meant(head, text) {
        found.fix(Fix::edit(format!("write `{meant}`"), [Edit::replace(spec.span, meant)], sure_if(sure)));
    }
    true
}

/// Visible ASCII that is not of names.
fn is_odd(c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| byte.is_ascii_graphic() && !is_of_names(byte))
}

/// What was probably meant by `text` behind `head`, such as `include:`, and whether that is sure.
fn meant(head: &str, text: &str) -> Option<(String, bool)> {
    let is_good = |meant: &str| is_term(&format!("{head}{meant}"));
    let bare = without_noise(text);
    if bare.len() < text.len() && (bare.contains("%{") || bare.bytes().all(is_of_names)) && is_good(bare) {
        let cut = &text[..text.len() - bare.len()];
        let is_typed_twice =
            cut.eq_ignore_ascii_case(head) || cut.bytes().all(|b| matches!(b, b':' | b'=' | b'+' | b'('));
        return Some((bare.to_owned(), is_typed_twice));
    }
    let with_macros = text.replace("${", "{").replace('{', "%{");
    if text.contains('{') && !text.contains('%') && is_good(&with_macros) {
        return Some((with_macros, false));
    }
    let several = text.replace('|', &format!(" {head}"));
    if text.contains('|') && text.split('|').all(|name| name.bytes().all(is_of_names) && is_good(name)) {
        return Some((several, false));
    }
    // `mail=example.com`. What other signs stand for is anybody's guess, and a name that was guessed is somebody else's.
    let mut odd = text.match_indices(is_odd);
    let (at, _) = odd.next().filter(|(_, sign)| *sign == "=" && !text.starts_with("v="))?;
    let dotted = format!("{}.{}", &text[..at], &text[at + 1..]);
    (odd.next().is_none() && at > 0 && is_good(&dotted)).then_some((dotted, false))
}

/// Without signs, and mechanisms or modifiers, in front of the name.
fn without_noise(text: &str) -> &str {
    let mut rest = text;
    loop {
        let signs = rest.trim_start_matches(|c| is_odd(c) && !matches!(c, '%' | '{' | '$'));
        let signs = if signs.len() < rest.len() { signs.trim_start_matches('.') } else { signs };
        let is_name =
            |name: &str| NAMES.iter().chain(&["redirect", "exp"]).any(|known| known.eq_ignore_ascii_case(name));
        let next = match signs.split_once([':', '=']) {
            Some((name, value)) if is_name(name) => value,
            _ => signs,
        };
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};
    use crate::finding::{Applicability, Effect, Severity};
    use crate::spf;

    #[test]
    fn names_that_nobody_has() {
        let code = "spf-domain-spec-label-length";
        for (term, meant) in [
            ("include::_spf.x.example", "include:_spf.x.example"),
            ("include:include:_spf.x.example", "include:_spf.x.example"),
            ("include:a:mail.x.example", "a:mail.x.example"),
            ("-mx:include:_spf.x.example", "-include:_spf.x.example"),
            ("include:(_spf.x.example", "include:_spf.x.example"),
            ("include:+_spf.x.example", "include:_spf.x.example"),
            ("include:*.x.example", "include:x.example"),
            ("include:v=spf1.x.example", "include:v=spf1.x.example"),
            ("include:{d}.x.example", "include:%{d}.x.example"),
            ("a::mail.x.example", "a:mail.x.example"),
            ("-mx::x.example", "-mx:x.example"),
            ("a:!mail.x.example", "a:mail.x.example"),
            ("a:mail=x.example", "a:mail.x.example"),
            ("a:mail.x.example|b.x.example", "a:mail.x.example a:b.x.example"),
            ("a:${d}.x.example", "a:%{d}.x.example"),
            ("a::%{d}.x.example", "a:%{d}.x.example"),
            ("redirect==_spf.x.example", "redirect=_spf.x.example"),
            ("redirect=:_spf.x.example", "redirect=_spf.x.example"),
            ("redirect=include:_spf.x.example", "redirect=_spf.x.example"),
        ] {
            tells(&format!("v=spf1 {term}"), code, &format!("v=spf1 {meant}"));
        }
        keeps_quiet("v=spf1 exists:%{i}=%{s}.x.example -all", code);
        keeps_quiet("v=spf1 include:_spf-1.x.example -all", code);
    }

    /// §5.1: what stands behind `all` is never tested, and a redirect beside it is ignored.
    #[test]
    fn behind_all_it_is_never_looked_for() {
        for term in
            ["include:a..x.example", "include:a+b.x.example", "redirect=a..x.example", "include:https://x.example"]
        {
            let effect = |text: &str| {
                let found = spf::lint_text(&text.into());
                found.iter().map(|found| found.effect).max()
            };
            assert_eq!(effect(&format!("v=spf1 mx -all {term}")), Some(Effect::PartIgnored), "{term}");
            assert_eq!(effect(&format!("v=spf1 mx {term}")), Some(Effect::Permerror), "{term}");
        }
        let ahead = spf::lint_text(&"v=spf1 redirect=a..x.example mx -all".into());
        assert!(ahead.iter().all(|found| found.effect < Effect::Permerror));
    }

    #[test]
    fn how_bad_it_is() {
        let of = |term: &str| {
            let found = spf::lint_text(&format!("v=spf1 {term} -all").as_str().into());
            let found = found.into_iter().find(|found| found.code == *"spf-domain-spec-label-length").unwrap();
            (found.severity, found.effect, found.fixes[0].applicability)
        };
        let (sure, maybe) = (Applicability::MachineApplicable, Applicability::MaybeIncorrect);
        assert_eq!(of("include::_spf.x.example"), (Severity::Error, Effect::Permerror, sure));
        assert_eq!(of("a::mail.x.example"), (Severity::Warning, Effect::PartIgnored, sure));
        assert_eq!(of("a:!mail.x.example"), (Severity::Warning, Effect::PartIgnored, maybe));
        assert_eq!(of("include:*.x.example"), (Severity::Warning, Effect::Ok, maybe));
    }
}
