//! Members of `rua` and `ruf` that are no URIs, and what was probably meant.

use std::collections::BTreeSet;

use super::context::{Context, Written};
use super::tags::{WITHOUT_EQUALS, is_address};
use super::uris::{
    INVALID, MISSING_SCHEME_LATER, NO_SCHEME, SEMICOLON_SEPARATED, SIZE_INVALID, SPACE_SEPARATED, UNENCODED,
};
use crate::dmarc::{PartKind, Tag, Uri, UriProblem};
use crate::finding::{Edit, Effect, Findings, Fix, Severity};
use crate::text::Span;

/// Tells why a member is no URI, and how to write it.
pub(super) fn unusable(
    cx: &Context<'_>,
    tag: &str,
    uri: &Uri,
    problem: UriProblem,
    span: Span,
    before: &[Uri],
    out: &mut Findings,
) {
    if joined(cx, tag, uri, out) {
        return;
    }
    let text = cx.slice(uri.span);
    let place = cx.label(uri.span);
    let reason = match problem {
        UriProblem::NoScheme if text.contains('@') && !text.contains(':') => {
            let rule = if before.iter().any(Uri::is_valid) { &MISSING_SCHEME_LATER } else { &NO_SCHEME };
            out.report(rule, place)
                .quote("uri")
                .arg("tag", tag)
                .fix(Fix::machine("write `mailto:`", [Edit::insert(uri.span.start as usize, "mailto:")]));
            return;
        }
        UriProblem::Space if separated_by_spaces(text) => {
            let edits: Vec<Edit> =
                gaps(text).map(|gap| Edit::replace(gap.shifted(uri.span.start as usize), ",")).collect();
            out.report(&SPACE_SEPARATED, place).arg("tag", tag).fix(Fix::machine("write commas", edits));
            return;
        }
        UriProblem::Bang => {
            let edits: Vec<Edit> = bangs(cx, uri, span).map(|bang| Edit::replace(bang, "%21")).collect();
            out.report(&UNENCODED, cx.label(span))
                .quote("found")
                .arg("encoded", "%21")
                .arg("tag", tag)
                .fix(Fix::machine("write `%21`", edits));
            return;
        }
        UriProblem::Size => {
            out.report(&SIZE_INVALID, cx.label(span))
                .quote("size")
                .arg("tag", tag)
                .fix(Fix::machine("take it away", [Edit::delete(span)]));
            return;
        }
        UriProblem::NoScheme => "it does not begin with a scheme such as `mailto:`",
        UriProblem::Empty => "nothing stands between two commas",
        UriProblem::Space => "white space stands inside",
        UriProblem::Character => "it holds a character that a URI may not hold",
        UriProblem::Percent => "two hexadecimal digits must follow `%`",
        UriProblem::Address => "`mailto:` needs an address with a domain",
    };
    let found = out.report(&INVALID, if problem == UriProblem::Empty { cx.label(span) } else { place });
    found.quote("uri").arg("tag", tag).arg("reason", reason);
    if let Some(edits) = mended(cx, uri, problem, span) {
        found.fix(Fix::maybe("write it as a URI", edits));
    }
    if problem == UriProblem::Empty {
        found.severity(Severity::Warning).effect(Effect::Ok);
    }
}

/// Tells what stands behind the address and belongs to no list: another tag, another record.
pub(super) fn joined(cx: &Context<'_>, tag: &str, uri: &Uri, out: &mut Findings) -> bool {
    if let Some((record, edit)) = stuck_record(cx, uri) {
        let reason = format!("another record is stuck to it, which begins with `{record}`");
        out.report(&INVALID, cx.label(uri.span))
            .quote("uri")
            .arg("tag", tag)
            .arg("reason", reason)
            .fix(Fix::maybe("take the other record out", [edit]));
        return true;
    }
    let Some(edit) = cx.swallowed_tag(uri.span) else { return false };
    let next = cx.text()[edit.span.end as usize..].split('=').next().unwrap_or_default();
    let next = Tag::of(next.trim_ascii_end());
    let found = out.report(&INVALID, cx.label(uri.span)).quote("uri").arg("tag", tag);
    found.arg("reason", "the next tag stands behind it without a `;` between them");
    // One that stands elsewhere too would stand twice.
    if cx.tag(next).is_none() {
        found.fix(Fix::machine("put a `;` before the next tag", [edit]));
    }
    true
}

/// The version of a record that stands behind an address and a space, and the edit that takes the record out. The tags of a second
/// DMARC record stay, unless they stand before it too.
fn stuck_record<'a>(cx: &Context<'a>, uri: &Uri) -> Option<(&'a str, Edit)> {
    let (text, start) = (cx.slice(uri.span), uri.span.start as usize);
    let gap = gaps(text).find(|gap| text.get(gap.end as usize..).is_some_and(begins_with_version))?;
    let rest = &text[gap.end as usize..];
    let version = rest.split([' ', '\t']).next().unwrap_or(rest);
    let (from, end) = (start + gap.start as usize, uri.span.end as usize);
    let is_before = |at: Span| (at.end as usize) <= end;
    let before: BTreeSet<Tag> = cx.tags().filter(|tag| is_before(tag.name)).map(|tag| tag.tag).collect();
    let is_twice = |tag: Written| !is_before(tag.part) && before.contains(&tag.tag);
    let is_dmarc = rest.eq_ignore_ascii_case("v=DMARC1") && !cx.tags().any(is_twice);
    let is_spf = version.eq_ignore_ascii_case("v=spf1");
    // The tags of other records reach to the end.
    let to = if is_dmarc || is_spf { end } else { cx.text().len() };
    Some((version, Edit::delete(Span::new(from, to))))
}

fn begins_with_version(text: &str) -> bool {
    text.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("v="))
}

fn mended(cx: &Context<'_>, uri: &Uri, problem: UriProblem, span: Span) -> Option<Vec<Edit>> {
    let text = cx.slice(uri.span);
    match problem {
        UriProblem::Percent => Some(vec![Edit::insert(span.start as usize + 1, "25")]),
        UriProblem::Space => {
            let gaps = gaps(text).map(|gap| Edit::delete(gap.shifted(uri.span.start as usize)));
            Some(gaps.collect())
        }
        UriProblem::Character => {
            let inner = text.trim_matches(['<', '>', '"', '\'', '(', ')', '[', ']']);
            let inner = match inner.split_once('<') {
                Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto:") => format!("mailto:{address}"),
                _ => inner.to_owned(),
            };
            let prefix = if inner.contains('@') && !inner.contains(':') { "mailto:" } else { "" };
            (inner != text && inner.is_ascii()).then(|| vec![Edit::replace(uri.span, format!("{prefix}{inner}"))])
        }
        UriProblem::Empty => {
            let at = uri.span.start as usize;
            let before = cx.text()[..at].trim_end_matches([' ', '\t']);
            before.ends_with(',').then(|| vec![Edit::delete(Span::new(before.len() - 1, at))])
        }
        UriProblem::NoScheme => {
            // `__mailto:a@x`, ` mailto :a@x`
            let at = text.to_ascii_lowercase().find("mailto:").filter(|&at| at > 0)?;
            let start = uri.span.start as usize;
            Some(vec![Edit::delete(Span::new(start, start + at))])
        }
        UriProblem::Bang | UriProblem::Size | UriProblem::Address => None,
    }
}

/// The first `!`, and all others but the last, which may begin a size.
fn bangs(cx: &Context<'_>, uri: &Uri, first: Span) -> impl Iterator<Item = Span> {
    let (text, start) = (cx.slice(uri.span), uri.span.start as usize);
    let others = text[..text.rfind('!').unwrap_or(0)]
        .match_indices('!')
        .map(move |(at, _)| Span::new(start + at, start + at + 1));
    std::iter::once(first).chain(others.filter(move |other| *other != first))
}

/// Whether every piece between spaces is an address. A piece of one, such as `mailto:dma` before `rc@d.example`, is none.
fn separated_by_spaces(text: &str) -> bool {
    text.split([' ', '\t']).filter(|piece| !piece.is_empty()).all(|piece| is_address(piece) && piece.contains('@'))
}

/// The runs of white space.
fn gaps(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find([' ', '\t'])?;
        at = text.len() - text[start..].trim_start_matches([' ', '\t']).len();
        Some(Span::new(start, at))
    })
}

/// Whether `mailto` ends the text, with its colon or without.
fn has_bare_scheme(text: &str) -> bool {
    let text = text.trim_end_matches(':');
    let scheme = text.len().checked_sub("mailto".len()).and_then(|at| text.get(at..));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto"))
}

/// Addresses that a semicolon has torn from their list.
pub(super) fn behind_semicolons(cx: &Context<'_>, out: &mut Findings) {
    let mut after_list = false;
    for part in cx.record.parts() {
        match part.kind {
            PartKind::Tag { tag, .. } => after_list = matches!(tag, Tag::Rua | Tag::Ruf),
            PartKind::Empty => {}
            PartKind::Word => {
                let text = cx.slice(part.span);
                if !is_address(text) {
                    after_list = false;
                    continue;
                }
                let scheme = if text.contains(':') { "" } else { "mailto:" };
                // `mailto;a@d.example`
                let before = cx.text()[..part.span.start as usize].trim_end_matches([';', ' ', '\t']);
                let is_scheme = scheme == "mailto:" && has_bare_scheme(before);
                if !after_list {
                    // Nothing before it is a list that it could belong to.
                    let found = out.report(&WITHOUT_EQUALS, cx.label(part.span)).quote("part");
                    if !cx.record.has_rua() {
                        let edit = Edit::insert(part.span.start as usize, format!("rua={scheme}"));
                        found.fix(Fix::maybe("write `rua=` before it", [edit]));
                    }
                    continue;
                }
                let semicolon = cx.text()[..part.span.start as usize].rfind(';');
                let found = out.report(&SEMICOLON_SEPARATED, cx.label(part.span)).quote("part");
                if is_scheme {
                    let gap = Span::new(before.trim_end_matches(':').len(), part.span.start as usize);
                    found.fix(Fix::machine("write a colon", [Edit::replace(gap, ":")]));
                } else if let Some(semicolon) = semicolon {
                    let gap = Span::new(semicolon, part.span.start as usize);
                    found.fix(Fix::machine("write a comma", [Edit::replace(gap, format!(",{scheme}"))]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{LintOptions, Record, mended};

    /// RFC 3986 has no spaces, and nobody knows whether one stands in an address or parts two.
    #[test]
    fn a_space_inside_an_address_becomes_no_comma() {
        for (uri, good) in [
            ("mailto:dma rc@d.example", "mailto:dmarc@d.example"),
            ("mailto:dmarc @d.example", "mailto:dmarc@d.example"),
            ("mailto:// dmarc@d.example", "mailto:dmarc@d.example"),
            ("mailto:a@d.example mailto:b@d.example", "mailto:a@d.example,mailto:b@d.example"),
        ] {
            let text = format!("v=DMARC1; p=none; rua={uri}");
            let mended = mended(&Record::parse(text.as_str()), None, &LintOptions::default());
            assert_eq!(mended, Some(format!("v=DMARC1; p=none; rua={good}")), "{uri}");
        }
    }

    /// Found by the fuzz target `lint`: one at a time they did not come to an end.
    #[test]
    fn all_exclamation_marks_are_written_at_once() {
        let text = format!("v=DMARC1; p=none; rua=mailto:a{}@d.example!10m", "!".repeat(30));
        let mended = mended(&Record::parse(text.as_str()), None, &LintOptions::default()).unwrap();
        assert_eq!(mended, format!("v=DMARC1; p=none; rua=mailto:a{}@d.example!10m", "%21".repeat(30)));
    }
}
