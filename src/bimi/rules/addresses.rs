//! The addresses of the logo and the certificate.

use super::record::{A_MISSING, A_NOT_HTTPS, KNOWN, L_MULTIPLE, L_NOT_HTTPS, L_NOT_SVG};
use crate::finding::{Edit, Effect, Findings, Fix, Label, Rule, Subject};
use crate::text::Span;
use crate::version_repair::{https, swallowed};

/// What there is to say about `l`.
pub(super) fn logo(subject: &Subject, span: Span, out: &mut Findings) {
    let text = &subject.source().text()[span];
    let addresses = text.split(',').filter(|part| part.contains("://")).count();
    if addresses > 1 {
        let found = out.report(&L_MULTIPLE, Label::new(subject, span)).arg("count", addresses);
        if let Some(fix) = next_tag(subject, span) {
            found.fix(fix);
        }
        return;
    }
    if !is_https(text) {
        address(&L_NOT_HTTPS, subject, span, out);
        return;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if !path.ends_with(".svg") && !path.ends_with(".svgz") {
        out.report(&L_NOT_SVG, Label::new(subject, span)).quote("uri");
    }
}

/// What there is to say about `a`.
pub(super) fn certificate(subject: &Subject, span: Option<Span>, out: &mut Findings) {
    match span.filter(|span| !span.is_empty()) {
        None => drop(out.report(&A_MISSING, Label::whole(subject))),
        Some(span) if !is_https(&subject.source().text()[span]) => address(&A_NOT_HTTPS, subject, span, out),
        Some(_) => {}
    }
}

fn is_https(text: &str) -> bool {
    let scheme = text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    scheme && text.len() > 8 && text.bytes().all(|b| b.is_ascii_graphic())
}

fn address(rule: &'static Rule, subject: &Subject, span: Span, out: &mut Findings) {
    let text = &subject.source().text()[span];
    let found = out.report(rule, Label::new(subject, span)).quote("uri").effect(Effect::NoLogo);
    if let Some(fix) = next_tag(subject, span).or_else(|| repaired(text, span)) {
        found.fix(fix);
    }
}

fn repaired(text: &str, span: Span) -> Option<Fix> {
    let (meant, title, sure) = https(text)?;
    is_https(&meant).then(|| Fix::edit(title, [Edit::replace(span, meant)], sure))
}

/// A tag that stands behind the value at `span` without a semicolon before it: `l=https://d.example/l.svg a=https://d.example/v.pem`.
fn next_tag(subject: &Subject, span: Span) -> Option<Fix> {
    swallowed(subject.source().text(), span, &|name| KNOWN.contains(&name))
}

/// The tag that the address is the value of, if it is one, or the first of several.
pub(super) fn tag_of(text: &str) -> Option<&'static str> {
    let text = text.split_whitespace().next()?;
    let has = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let is_certificate = [".pem", ".crt", ".cer"].iter().any(|ending| path.ends_with(ending));
    (has("https://") || has("http://")).then_some(if is_certificate { "a" } else { "l" })
}
