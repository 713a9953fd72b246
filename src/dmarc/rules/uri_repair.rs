//! Members of `rua` and `ruf` that are no URIs, and what was probably meant.

use super::context::{Context, Written};
use super::tags::{WITHOUT_EQUALS, has_typo_of, is_address};
use super::torn;
use super::uri_meant::{gaps, is_hidden, meant};
use super::uris::{
    INVALID, MISSING_SCHEME_LATER, NO_SCHEME, SEMICOLON_SEPARATED, SIZE_INVALID, SPACE_SEPARATED, UNENCODED,
};
use crate::dmarc::tag_set::Tags;
use crate::dmarc::uri::read_list;
use crate::dmarc::{PartKind, Tag, Uri, UriProblem};
use crate::finding::{Edit, Effect, Findings, Fix, Severity, apply};
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
    let start = uri.span.start as usize;
    if begins_with_tag(text) {
        // A comma stands before it, and the rule about commas mends that.
        let found = out.report(&INVALID, place).quote("uri").arg("tag", tag);
        found.arg("reason", "it is a tag, and a comma stands before it in the place of a semicolon");
        return;
    }
    if let Some(gap) = scheme_without_colon(text) {
        let found = out.report(&NO_SCHEME, place).quote("uri").arg("tag", tag);
        found.fixes.extend(sound(cx, uri, [Edit::replace(gap.shifted(start), ":")], "write a colon"));
        return;
    }
    let reason = match problem {
        _ if is_hidden(text) => "the web page that it was copied from hides the address",
        UriProblem::NoScheme if text.contains('@') && !text.contains(':') => {
            let rule = if before.iter().any(Uri::is_valid) { &MISSING_SCHEME_LATER } else { &NO_SCHEME };
            let found = out.report(rule, place).quote("uri").arg("tag", tag);
            found.fixes.extend(sound(cx, uri, [Edit::insert(start, "mailto:")], "write `mailto:`"));
            return;
        }
        UriProblem::Space if separated_by_spaces(text) => {
            let found = out.report(&SPACE_SEPARATED, place).arg("tag", tag);
            found.fixes.extend(sound(cx, uri, commas(text, start), "write commas"));
            return;
        }
        UriProblem::Bang => {
            let edits: Vec<Edit> = bangs(cx, uri, span).map(|bang| Edit::replace(bang, "%21")).collect();
            let found = out.report(&UNENCODED, cx.label(span)).quote("found").arg("encoded", "%21").arg("tag", tag);
            found.fixes.extend(sound(cx, uri, edits, "write `%21`"));
            return;
        }
        UriProblem::Size => {
            let found = out.report(&SIZE_INVALID, cx.label(span)).quote("size").arg("tag", tag);
            found.fixes.extend(sound(cx, uri, [Edit::delete(span)], "take it away"));
            return;
        }
        UriProblem::NoScheme => "it does not begin with a scheme such as `mailto:`",
        UriProblem::Empty => "no address stands beside it",
        UriProblem::Space => "white space stands inside",
        UriProblem::Character => "it holds a character that a URI may not hold",
        UriProblem::Percent => "two hexadecimal digits must follow `%`",
        UriProblem::Address => "`mailto:` needs an address with a domain",
    };
    let comma = if problem == UriProblem::Empty { comma_beside(cx, uri.span) } else { None };
    let found = out.report(&INVALID, comma.map_or(place, |comma| cx.label(comma)));
    found.quote("uri").arg("tag", tag).arg("reason", reason);
    if let Some(comma) = comma {
        found.severity(Severity::Warning).effect(Effect::Ok);
        if has_others(cx, comma) {
            found.fix(Fix::maybe("take it away", [Edit::delete(comma)]));
        }
    } else if let Some(meant) = meant(text) {
        found.fix(Fix::maybe("write it as a URI", [Edit::replace(uri.span, meant)]));
    }
}

/// A repair by which the member becomes valid; as it was probably meant in other respects too, if it does not by these edits alone.
fn sound(cx: &Context<'_>, uri: &Uri, edits: impl Into<Vec<Edit>>, title: &str) -> Option<Fix> {
    let (edits, text) = (edits.into(), cx.slice(uri.span));
    let inside = |edit: &Edit| {
        let start = (edit.span.start - uri.span.start) as usize;
        Edit::replace(Span::new(start, start + edit.span.len()), edit.text.as_str())
    };
    let becomes = apply(text, &edits.iter().map(inside).collect::<Vec<Edit>>());
    if becomes.is_some_and(|text| is_sound(&text)) {
        return Some(Fix::machine(title, edits));
    }
    Some(Fix::maybe("write it as a URI", [Edit::replace(uri.span, meant(text)?)]))
}

fn is_sound(list: &str) -> bool {
    read_list(list, Span::new(0, list.len())).iter().all(Uri::is_valid)
}

/// The comma beside an empty member.
fn comma_beside(cx: &Context<'_>, member: Span) -> Option<Span> {
    let (before, behind) = cx.text().split_at(member.start as usize);
    let before = before.trim_end_matches([' ', '\t']);
    if before.ends_with(',') {
        return Some(Span::new(before.len() - 1, member.start as usize));
    }
    let rest = behind.trim_start_matches([' ', '\t']).strip_prefix(',')?.trim_start_matches([' ', '\t']);
    Some(Span::new(member.start as usize, cx.text().len() - rest.len()))
}

/// Whether the list with this comma has members that are not empty.
fn has_others(cx: &Context<'_>, comma: Span) -> bool {
    let (before, behind) = (&cx.text()[..comma.start as usize], &cx.text()[comma.end as usize..]);
    let blank = [',', ' ', '\t'];
    let behind = behind.trim_start_matches(blank);
    !(before.trim_end_matches(blank).ends_with('=') && (behind.is_empty() || behind.starts_with(';')))
}

/// `ruf=mailto:a@d.example`, as a member of another list.
fn begins_with_tag(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| Tag::of(name.trim_ascii_end()) != Tag::Unknown)
}

/// What stands in the place of the colon in `mailto=a@d.example`, `mailto a@d.example` and `mailtoa@d.example`.
fn scheme_without_colon(text: &str) -> Option<Span> {
    let rest = text.get(6..).filter(|_| text[..6].eq_ignore_ascii_case("mailto"))?;
    let address = rest.trim_start_matches(['=', ' ', '\t']);
    let is_parted = address.len() < rest.len() || address.starts_with(|c: char| c.is_ascii_alphanumeric());
    (is_parted && address.contains('@') && !address.contains([':', ' ', '\t']))
        .then(|| Span::new(6, text.len() - address.len()))
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
    // Behind the address a sign may stand for the semicolon.
    let at = cx.slice(uri.span).find('@').map(|at| Span::new(uri.span.start as usize + at, uri.span.end as usize));
    let behind_sign = || at.and_then(|behind| cx.tag_behind_sign(behind));
    let Some(edit) = cx.swallowed_tag(uri.span).or_else(behind_sign) else { return false };
    let next = cx.tag_behind(&edit);
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
    let before: Tags = cx.tags().filter(|tag| is_before(tag.name)).map(|tag| tag.tag).collect();
    let is_twice = |tag: Written| !is_before(tag.part) && before.contains(tag.tag);
    let is_dmarc = rest.eq_ignore_ascii_case("v=DMARC1") && !cx.tags().any(is_twice);
    let is_spf = version.eq_ignore_ascii_case("v=spf1");
    // The tags of other records reach to the end.
    let to = if is_dmarc || is_spf { end } else { cx.text().len() };
    Some((version, Edit::delete(Span::new(from, to))))
}

fn begins_with_version(text: &str) -> bool {
    text.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("v="))
}

/// The first `!`, and all others but the last, which may begin a size.
fn bangs(cx: &Context<'_>, uri: &Uri, first: Span) -> impl Iterator<Item = Span> {
    let (text, start) = (cx.slice(uri.span), uri.span.start as usize);
    let others = text[..text.rfind('!').unwrap_or(0)]
        .match_indices('!')
        .map(move |(at, _)| Span::new(start + at, start + at + 1));
    std::iter::once(first).chain(others.filter(move |other| *other != first))
}

/// A comma for each gap, and a scheme for each address that has none.
fn commas(text: &str, start: usize) -> Vec<Edit> {
    let scheme = |at: usize| {
        let piece = text[at..].split([' ', '\t']).next().unwrap_or_default();
        if piece.contains(':') { "" } else { "mailto:" }
    };
    let first = Some(scheme(0)).filter(|scheme| !scheme.is_empty()).map(|scheme| Edit::insert(start, scheme));
    let others = gaps(text).map(|gap| Edit::replace(gap.shifted(start), format!(",{}", scheme(gap.end as usize))));
    first.into_iter().chain(others).collect()
}

/// Whether every piece between spaces is an address. A piece of one, such as `mailto:dma` before `rc@d.example`, is none.
fn separated_by_spaces(text: &str) -> bool {
    text.split([' ', '\t']).filter(|piece| !piece.is_empty()).all(|piece| is_address(piece) && piece.contains('@'))
}

/// Whether `mailto` ends the text, with its colon or without.
fn has_bare_scheme(text: &str) -> bool {
    let text = text.trim_end_matches(':');
    let scheme = text.len().checked_sub("mailto".len()).and_then(|at| text.get(at..));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto"))
}

/// Addresses that a semicolon has torn from their list.
pub(super) fn behind_semicolons(cx: &Context<'_>, out: &mut Findings) {
    let torn = torn::values(cx);
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
                let first = text.split(',').next().unwrap_or(text);
                let scheme = if first.contains(':') { "" } else { "mailto:" };
                // `mailto;a@d.example`
                let before = cx.text()[..part.span.start as usize].trim_end_matches([';', ' ', '\t']);
                let is_scheme = scheme == "mailto:" && has_bare_scheme(before);
                if !after_list {
                    // Nothing before it is a list that it could belong to.
                    let is_wanted = !cx.record.has_rua() && !has_typo_of(out, Tag::Rua);
                    let found = out.report(&WITHOUT_EQUALS, cx.label(part.span)).quote("part");
                    if is_wanted {
                        let edit = Edit::insert(part.span.start as usize, format!("rua={scheme}"));
                        found.fix(Fix::maybe("write `rua=` before it", [edit]));
                    }
                    continue;
                }
                let semicolon = cx.text()[..part.span.start as usize].rfind(';');
                let torn = torn::at(&torn, part.span);
                let found = out.report(&SEMICOLON_SEPARATED, cx.label(part.span)).quote("part");
                if let Some(torn) = torn {
                    found.fix(torn.fix(cx));
                } else if is_scheme {
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
    use crate::dmarc::{LintOptions, Record, lint, mended};

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

    #[test]
    fn what_was_copied_with_an_address() {
        for (uri, good) in [
            ("mailto=a@d.example", "mailto:a@d.example"),
            ("mailto a@d.example", "mailto:a@d.example"),
            ("[mailto:a@d.example](mailto:a@d.example)", "mailto:a@d.example"),
            ("[a@d.example](mailto:a@d.example)", "mailto:a@d.example"),
            ("<a href=\"mailto:a@d.example\">a@d.example</a>", "mailto:a@d.example"),
            ("<a href='mailto:a@d.example'>mailto:a@d.example</a>", "mailto:a@d.example"),
            ("mailto-a@d.example", "mailto:mailto-a@d.example"),
            ("mailto:A B <a@d.example>", "mailto:a@d.example"),
            ("mailto:a@d.example end", "mailto:a@d.example"),
            ("mailto:mailto:a@d.example", "mailto:a@d.example"),
            ("mailto:a@d.example.", "mailto:a@d.example"),
            ("mailto:a@d.example!x", "mailto:a@d.example"),
            (",mailto:a@d.example", "mailto:a@d.example"),
            ("mailto:a@d.example,,mailto:b@d.example", "mailto:a@d.example,mailto:b@d.example"),
        ] {
            let text = format!("v=DMARC1; p=reject; rua={uri}");
            let mended = mended(&Record::parse(text.as_str()), None, &LintOptions::default());
            assert_eq!(mended, Some(format!("v=DMARC1; p=reject; rua={good}")), "{uri}");
        }
        let text = "v=DMARC1; p=reject; rua=<a href=\"mailto:a@[192.0.2.1]\">";
        assert_ne!(
            mended(&Record::parse(text), None, &LintOptions::default()).as_deref(),
            Some("v=DMARC1; p=reject; rua=mailto:a@")
        );
        // The address is not there to be found.
        let text = "v=DMARC1; p=reject; rua=mailto:[email protected]";
        assert_eq!(mended(&Record::parse(text), None, &LintOptions::default()), None);
    }

    #[test]
    fn a_comma_beside_nothing_is_quoted() {
        for (uris, quoted, fixes) in
            [(",", ",", 0), (",,", ",", 0), ("mailto:a@d.example,", ",", 1), (" , mailto:a@d.example", ", ", 1)]
        {
            let found = lint(&Record::parse(format!("v=DMARC1; p=reject; rua={uris}; sp=none").as_str()));
            let told = found.iter().find(|found| found.code == "dmarc-rua-invalid-uri").unwrap();
            assert_eq!((told.primary.quoted().as_str(), told.fixes.len()), (quoted, fixes), "{uris}");
            assert_eq!(
                told.message(),
                format!("`{quoted}` in `rua` is no URI: no address stands beside it, so reporters ignore it")
            );
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
