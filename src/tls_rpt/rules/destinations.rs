//! The destinations in `rua=` (RFC 8460 §3).

use super::super::record::{Record, Target, target};
use super::{RUA_INVALID, RUA_MANY, RUA_UNENCODED};
use crate::finding::{Applicability, Edit, Effect, Findings, Fix, Label, Severity, Subject};
use crate::tag_list::MAX_FIELDS;
use crate::text::Span;
use crate::unread;
use crate::version_repair::{AROUND, https};

/// Destinations from which on [`RUA_MANY`] speaks.
const MANY: usize = 3;

/// A `,` or `;` that tears an address apart: where it stands, how to write it, and the whole destination.
pub(super) type Torn = (usize, &'static str, Span);

pub(super) fn check(subject: &Subject, record: &Record, torn: &[Torn], out: &mut Findings) {
    let text = subject.source().text();
    let any = record.rua.iter().any(|uri| uri.target != Target::Unusable);
    for (at, encoded, whole) in torn {
        let span = Span::new(*at, at + 1);
        if encoded.is_empty() {
            let sign = &text[span];
            let found = out.report(&RUA_INVALID, Label::new(subject, *whole)).quote("uri");
            found.fix(Fix::machine(format!("take `{sign}` away"), [Edit::delete(span)]));
            continue;
        }
        let found = out.report(&RUA_UNENCODED, Label::new(subject, span)).quote("character");
        found.arg("uri", &text[*whole]).arg("encoded", encoded);
        // Where the first half is a destination by itself, reports come there now.
        let first = record.rua.iter().find(|uri| whole.start == uri.span.start);
        let works = first.is_some_and(|uri| uri.target != Target::Unusable);
        let sure = if works { Applicability::MaybeIncorrect } else { Applicability::MachineApplicable };
        found.fix(Fix::edit(format!("write `{encoded}`"), [Edit::replace(span, *encoded)], sure));
    }
    // Commas alone are told once.
    let is_nothing = record.rua.iter().all(|uri| uri.span.is_empty());
    for uri in record.rua.iter().take(if is_nothing { 1 } else { MAX_FIELDS }) {
        let written = &text[uri.span];
        if torn.iter().any(|(_, _, whole)| whole.contains(uri.span)) {
            continue;
        }
        let limit = size_limit(written);
        // §3: `!` and `;` are encoded; a `;` ended the field already.
        let start = uri.span.start as usize;
        let marks: Vec<Span> =
            written.match_indices('!').map(|(at, _)| Span::new(start + at, start + at + 1)).collect();
        if let Some(first) = marks.first().filter(|_| limit.is_none()) {
            let found = out.report(&RUA_UNENCODED, Label::new(subject, *first));
            found.quote("character").arg("uri", written).arg("encoded", "%21");
            let edits: Vec<Edit> = marks.iter().map(|mark| Edit::replace(*mark, "%21")).collect();
            found.fix(Fix::machine("write `%21`", edits));
        }
        // `mailto://a@d.example` is read as an address that begins with two slashes.
        let has_slashes = uri.target == Target::Mailbox && written["mailto:".len()..].starts_with('/');
        if limit.is_none() && !has_slashes && uri.target != Target::Unusable {
            continue;
        }
        let found = out.report(&RUA_INVALID, Label::new(subject, uri.span));
        let found = if written.is_empty() { found.arg("uri", ",") } else { found.quote("uri") };
        if has_slashes {
            found.severity(Severity::Warning).effect(Effect::Differs);
        } else if any {
            found.effect(Effect::PartIgnored);
        }
        if let Some(limit) = limit {
            found.label("destinations of TLS-RPT have no size limit");
            found.fix(Fix::machine(
                "take the limit away",
                [Edit::delete(Span::new(start + limit, start + written.len()))],
            ));
        } else if let Some(fix) = nothing(text, record, uri.span).or_else(|| repaired(written, uri.span)) {
            found.fix(fix);
        }
    }
    let rua = record.field("rua").map_or(Span::default(), |field| field.value);
    let last = record.rua.get(MAX_FIELDS - 1).map(|uri| uri.span);
    unread::check(subject, MAX_FIELDS, last, rua.end as usize, out);
    if record.rua.len() >= MANY {
        out.report(&RUA_MANY, Label::new(subject, rua)).arg("count", record.rua.len());
    }
}

/// Where the limit in `mailto:a@d.example!10m` begins, of RFC 7489, which DMARC had and TLS-RPT never. As a part of a domain, `!` makes no
/// address.
fn size_limit(uri: &str) -> Option<usize> {
    let (destination, size) = uri.rsplit_once('!')?;
    let digits = size.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_size =
        digits.len() < size.len() && ["", "k", "m", "g", "t"].iter().any(|unit| digits.eq_ignore_ascii_case(unit));
    // In the address of a server `!` is a character to encode.
    let is_mail = destination.split_once(':').is_none_or(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"));
    // What stands behind `?` is no part of the address.
    (is_size && is_mail && destination.contains('@') && !destination.contains('?')).then_some(destination.len())
}

/// The addresses that are torn apart, within their local-part or before it.
pub(super) fn torn(text: &str, record: &Record) -> Vec<Torn> {
    let has_scheme = |part: &str| part.contains(':');
    let is_half = |part: &str| has_scheme(part) && !part.contains('@');
    let written = |at: Span, encoded| if text[at].eq_ignore_ascii_case("mailto:") { "" } else { encoded };
    let mut torn = Vec::new();
    for pair in record.rua.windows(2) {
        let (first, second) = (pair[0].span, pair[1].span);
        if is_half(&text[first]) && text[second].contains('@') && !has_scheme(&text[second]) {
            torn.push((first.end as usize, written(first, "%2C"), first.to(second)));
        }
    }
    for pair in record.fields.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        let tail = record.rua.last().filter(|uri| first.value.contains(uri.span)).map(|uri| uri.span);
        let Some(tail) = tail.filter(|_| &text[first.name] == "rua" && second.name.is_empty()) else { continue };
        let second = second.span;
        if is_half(&text[tail]) && text[second].contains('@') && !has_scheme(&text[second]) {
            torn.push((tail.end as usize, written(tail, "%3B"), tail.to(second)));
        }
    }
    torn.retain(|(at, ..)| matches!(text.as_bytes().get(*at), Some(b',' | b';')));
    torn
}

/// `rua=mailto:a@d.example,`: a comma goes that divides nothing, if something is left.
fn nothing(text: &str, record: &Record, span: Span) -> Option<Fix> {
    if record.rua.iter().all(|uri| uri.span.is_empty()) {
        return None;
    }
    let is_gap = |c: char| c.is_whitespace();
    let (before, after) = (&text[..span.start as usize], &text[span.end as usize..]);
    let comma = if before.trim_end_matches(is_gap).ends_with(',') {
        Span::new(before.trim_end_matches(is_gap).len() - 1, span.end as usize)
    } else {
        let rest = after.trim_start_matches(is_gap).strip_prefix(',')?;
        Span::new(span.start as usize, text.len() - rest.trim_start_matches(is_gap).len())
    };
    span.is_empty().then(|| Fix::machine("take `,` away", [Edit::delete(comma)]))
}

/// What is meant by one that is none.
fn repaired(written: &str, span: Span) -> Option<Fix> {
    let title = "write it as a URI";
    if let Some(meant) = meant(written) {
        return Some(Fix::machine(title, [Edit::replace(span, meant)]));
    }
    // Whether a space stands in an address or parts it from a word, nobody knows. Behind the domain it does not stand in it.
    let joined: String = written.split_whitespace().collect();
    let is_joined = written.split_whitespace().last().is_some_and(|word| word.contains('@')) && is_usable(&joined);
    let (meant, title, sure) = if is_joined { (joined, title, Applicability::MaybeIncorrect) } else { https(written)? };
    is_usable(&meant).then(|| Fix::edit(title, [Edit::replace(span, meant)], sure))
}

/// The destination that is meant, or those that commas or spaces part.
pub(super) fn meant(written: &str) -> Option<String> {
    one(written).or_else(|| {
        let mut uris = String::new();
        for word in written.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
            if !uris.is_empty() {
                uris.push(',');
            }
            uris += &one(word)?;
        }
        (!uris.is_empty()).then_some(uris)
    })
}

/// `<a@d.example>`, `mailto=a@d.example`, `mailto: a@d.example`
fn one(written: &str) -> Option<String> {
    let plain = written.trim_matches(AROUND);
    let behind = plain.get("mailto".len()..).filter(|_| plain[.."mailto".len()].eq_ignore_ascii_case("mailto"));
    // Whether `mailtoa@d.example` lacks a colon or the whole scheme, nobody knows.
    if behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric())) {
        return None;
    }
    let address = behind.map(|rest| rest.trim_start_matches([':', '=', '/', '<', ' ']));
    let uri = match address.filter(|address| Some(*address) != behind) {
        None if is_usable(plain) => plain.to_owned(),
        address => {
            let address = address.unwrap_or(plain);
            let (mailbox, fields) = address.split_at(address.find('?').unwrap_or(address.len()));
            format!("mailto:{}{fields}", mailbox.trim_end_matches('.'))
        }
    };
    is_usable(&uri).then_some(uri)
}

fn is_usable(uri: &str) -> bool {
    target(uri) != Target::Unusable
}

#[cfg(test)]
mod tests {
    use crate::finding::{Applicability, Effect, Severity, apply_all};
    use crate::tls_rpt::{lint, mended};

    fn surely(text: &str) -> String {
        apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into())).text
    }

    /// What DMARC allowed, and what both have wrong.
    #[test]
    fn what_is_not_of_the_address() {
        for (uri, good) in [
            ("mailto:a@d.example!10m", "mailto:a@d.example"),
            ("mailto:a@d.example!10", "mailto:a@d.example"),
            ("mailto://a@d.example", "mailto:a@d.example"),
            ("mailto:a!b@d.example", "mailto:a%21b@d.example"),
            ("https://d.example/r@x!10", "https://d.example/r@x%2110"),
            // §3: what stands behind the address is no limit.
            ("mailto:a@d.example?subject=b@c!10", "mailto:a@d.example?subject=b@c%2110"),
            // RFC 5321 §4.1.2: the domain of a mailbox ends in no dot.
            ("mailto:a@d.example.", "mailto:a@d.example"),
            ("a@d.example.", "mailto:a@d.example"),
            ("mailto:a@d.example.?subject=x", "mailto:a@d.example?subject=x"),
        ] {
            let text = format!("v=TLSRPTv1; rua={uri}");
            assert_eq!(lint(&text.as_str().into()).len(), 1, "{uri}");
            assert_eq!(mended(&text), Some(format!("v=TLSRPTv1; rua={good}")), "{uri}");
        }
    }

    /// No destination is left: nobody sends a report.
    #[test]
    fn an_address_without_a_scheme_gets_none() {
        let found = lint(&"v=TLSRPTv1; rua=a@d.example!10m".into());
        assert!(found.iter().any(|found| found.effect == Effect::NoReports), "{found:#?}");
        assert!(found.iter().all(|found| found.effect != Effect::Differs), "{found:#?}");
    }

    #[test]
    fn an_address_that_is_torn_apart_is_told_once() {
        for (text, mended_text) in [
            ("v=TLSRPTv1; rua=mailto:a;b@d.example", "v=TLSRPTv1; rua=mailto:a%3Bb@d.example"),
            ("v=TLSRPTv1; rua=mailto:a,b@d.example", "v=TLSRPTv1; rua=mailto:a%2Cb@d.example"),
        ] {
            let codes: Vec<&str> = lint(&text.into()).iter().map(|found| found.code.as_str()).collect();
            assert_eq!(codes, ["tlsrpt-rua-unencoded"], "{text}");
            assert_eq!(mended(text).as_deref(), Some(mended_text));
        }
    }

    /// Where the standard has no place for it, the address is kept all the same.
    #[test]
    fn no_address_is_lost() {
        for text in [
            "V=TLSRPTV1; RUA=mailto:a@d.example",
            "v=TLSRPTv1; RUA=mailto:a@d.example",
            "v=TLSRPTv1; ruf=mailto:a@d.example",
            "v=TLSRPTv1; mailto:a@d.example",
            "v=TLSRPTv1; a@d.example",
            "v=TLSRPTv1; rua=; mailto:a@d.example",
            "v=TLSRPTv1; rua=;mailto:a@d.example",
            "; v=TLSRPTv1; rua=mailto:a@d.example",
            "v=TLSRPTv1: rua=mailto:a@d.example",
            "v=TLSRPTv1; rua=mailto: a@d.example",
            "v=TLSRPTv1; rua=\"mailto:a@d.example\"",
            "v=TLSRPTv1; rua=<mailto:a@d.example>",
            "v=TLSRPTv1; rua=<a@d.example>",
            "v=TLSRPTv1; rua==mailto:a@d.example",
            "v=TLSRPTv1; rua=mailto:a@d.example; mailto:a@d.example",
            "v=TLSRPTv1; rua=mailto:a@d.example,",
            "v=TLSRPTv1; rua=, mailto:a@d.example",
        ] {
            assert_eq!(mended(text).as_deref(), Some("v=TLSRPTv1; rua=mailto:a@d.example"), "{text}");
        }
        for text in ["v=TLSRPTv1; rua=https//d.example/t", "v=TLSRPTv1; rua=https:/d.example/t"] {
            assert_eq!(mended(text).as_deref(), Some("v=TLSRPTv1; rua=https://d.example/t"), "{text}");
        }
        for text in [
            "v=TLSRPTv1; rua=mailto:a@d.example; mailto:b@d.example",
            "v=TLSRPTv1; rua=mailto:a@d.example mailto:b@d.example",
            "v=TLSRPTv1; rua=mailto:a@d.example;b@d.example",
            "v=TLSRPTv1; rua=mailto:a@d.example,,mailto:b@d.example",
        ] {
            let both = "v=TLSRPTv1; rua=mailto:a@d.example,mailto:b@d.example";
            assert_eq!(mended(text).as_deref(), Some(both), "{text}");
        }
        for text in ["v=tlsrptv1; rua=", "v=TLSRPTv1; reports", "v=tlsrptv1; RUA=", "v=tlsrptv1; rua=ftp://d.example/t"]
        {
            assert_eq!(mended(text), None, "{text}");
        }
    }

    /// One that ends or begins like another is another.
    #[test]
    fn an_address_is_not_a_part_of_another() {
        for (text, good) in [
            ("rua=mailto:ab@d.example; b@d.example", "rua=mailto:ab@d.example,mailto:b@d.example"),
            ("rua=mailto:a@d.example.org; mailto:a@d.example", "rua=mailto:a@d.example.org,mailto:a@d.example"),
            ("rua=https://d.example/report; https://d.example/", "rua=https://d.example/report,https://d.example/"),
            (
                "rua=mailto:a@d.example; b@d.example,c@d.example",
                "rua=mailto:a@d.example,mailto:b@d.example,mailto:c@d.example",
            ),
        ] {
            assert_eq!(surely(&format!("v=TLSRPTv1; {text}")), format!("v=TLSRPTv1; {good}"));
        }
        let both = "v=TLSRPTv1; rua=mailto:tls@d.example.net,mailto:s@d.example";
        assert_eq!(surely("v=tlsrptv1; rua=mailto:tls@d.example.net;s@d.example"), both);
    }

    #[test]
    fn what_stands_behind_the_version_is_not_of_it() {
        for (text, good) in [
            ("v=TLSRPTv1 tls@d.example, b@d.example", "rua=mailto:tls@d.example, mailto:b@d.example"),
            ("TLSRPT tls@d.example mailto:b@d.example", "rua=mailto:tls@d.example,mailto:b@d.example"),
        ] {
            assert_eq!(surely(text), format!("v=TLSRPTv1; {good}"), "{text}");
        }
        for text in
            ["v=TLSRPTrua=mailto:tls@d.example,https://r.example/tls", "v=mailto:a@d.example; rua=mailto:b@d.example"]
        {
            let sure = surely(text);
            assert!(sure.contains("a@d.example") || sure.contains("tls@d.example"), "{text}: {sure}");
        }
    }

    /// Another mailbox must not get the reports because of a slip.
    #[test]
    fn no_address_is_made_up() {
        for (text, good) in [
            ("mailto=a@d.example", "mailto:a@d.example"),
            ("mailto:;a@d.example", "mailto:a@d.example"),
            ("mailto:,a@d.example", "mailto:a@d.example"),
            ("mailto;a@d.example", "mailto:a@d.example"),
            ("mailto: a@d.example", "mailto:a@d.example"),
            ("https: //d.example/a", "https://d.example/a"),
            ("mailto:;mailto:a@d.example", "mailto:a@d.example"),
            ("mailtoa@d.example", "mailto:a@d.example"),
        ] {
            let sure = surely(&format!("v=TLSRPTv1; rua={text}"));
            assert!([text, good].contains(&&sure["v=TLSRPTv1; rua=".len()..]), "{text}: {sure}");
        }
        for text in ["mailto:tls rpt@d.example", "mailto:postmaster d.example@x.example", "https://d.example/a b", ","]
        {
            let text = format!("v=TLSRPTv1; rua={text}");
            assert_eq!(surely(&text), text);
        }
    }

    #[test]
    fn commas_alone_are_told_once() {
        for text in [",", ", ,"] {
            let found = lint(&format!("v=TLSRPTv1; rua={text}").as_str().into());
            assert_eq!(found.iter().filter(|found| found.code == "tlsrpt-rua-invalid").count(), 1, "{text}");
        }
    }

    /// A value that has no place stays where it is.
    #[test]
    fn no_address_is_taken_away() {
        let text = "v=TLSRPTv1; rua:mailto:a@d.example; rua=mailto:b@d.example";
        assert!(lint(&text.into()).iter().all(|found| found.fixes.is_empty()));
        assert_eq!(mended(text), None);
    }

    /// Without a `rua` there are no reports, whatever is told instead of its absence.
    #[test]
    fn what_stands_for_a_missing_field_is_as_grave() {
        for text in [
            "v=TLSRPTv1; RUA:mailto:a@d.example",
            "v=TLSRPTv1; RUA=mailto:a@d.example",
            "v=TLSRPTv1; rua=; mailto:a@d.example",
        ] {
            let found = lint(&text.into());
            let [found] = &found[..] else { panic!("{text}: {found:#?}") };
            assert_eq!((found.severity, found.effect), (Severity::Error, Effect::NoReports), "{text}");
            assert_eq!(found.fixes.len(), 1, "{text}");
        }
    }
}
