//! Characters that no record may hold, and the size of the record.

use super::context::Context;
use super::quotes::parts_tags;
use super::version::semicolon;
use crate::dns::master::MAX_STRING;
use crate::finding::{Edit, Effect, Findings, Fix, Origin, Rule, Severity, rules};
use crate::text::Span;

rules! {
    /// # Typographic characters
    ///
    /// A word processor or a web page has turned quotation marks or hyphens into typographic ones. They are no part of the
    /// grammar, and receivers do not read what holds them.
    ///
    /// ```dmarc bad
    /// “v=DMARC1; p=reject; rua=mailto:d@d.example”
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    SMART_QUOTES = "dmarc-smart-quotes", Error, NoDmarc, ["RFC 9989 §4.8"],
        "`{found}` is a typographic character that a text program put in";

    /// # White space that is none
    ///
    /// Only space and TAB may stand around `=`, `;` and `,`. Line ends, no-break spaces and zero-width characters become part
    /// of the name or the value next to them: a tag after one of them is lost to strict receivers.
    ///
    /// ```dmarc bad
    /// v=DMARC1;\u{a0}p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    BAD_WHITESPACE = "dmarc-bad-whitespace", Warning, PartIgnored, ["RFC 9989 §4.8"],
        "`{found}` is no white space that a record may hold: {lost}";

    /// # A character that is not ASCII
    ///
    /// Values are printable ASCII. Domain names of other scripts are written as A-labels (`xn--…`), other characters in
    /// addresses are not possible.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:réports@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    NON_ASCII = "dmarc-non-ascii", Warning, PartIgnored, ["RFC 9989 §4.8", "RFC 8616 §6"],
        "`{found}` is not ASCII, so receivers ignore `{part}`";

    /// # The record is long
    ///
    /// A character-string of a TXT record holds 255 octets, so a longer text has to be published in several. Over 512 octets
    /// an answer may not fit into a plain DNS packet, and some networks lose it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:reports-for-the-domain-1@d.example,mailto:reports-for-the-domain-2@d.example,mailto:reports-for-the-domain-3@d.example,mailto:reports-for-the-domain-4@d.example,mailto:reports-for-the-domain-5@d.example,mailto:reports-for-the-domain-6@d.example
    /// ```
    ///
    /// Send to one address, and distribute from there:
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:reports@d.example
    /// ```
    TOO_LONG = "dmarc-record-too-long", Warning, Ok, ["RFC 1035 §3.3.14"],
        "the record has {octets} octets; {limit}";

    /// # Two character-strings meet inside a tag
    ///
    /// A long TXT record is published in several strings, which receivers join with nothing between them. Here the seam is
    /// inside a tag. That is fine as long as nobody adds a space there.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:rep" "orts@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject;" " rua=mailto:reports@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    SPLIT_MID_TAG = "dmarc-split-mid-tag", Note, Ok, ["RFC 9989 §4.5", "RFC 1035 §3.3.14"],
        "two character-strings meet inside `{part}`: they are joined without a space";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    strangers(cx, out);
    length(cx, out);
    seams(cx, out);
}

#[derive(Clone, Copy, PartialEq)]
enum Stranger {
    Typographic,
    Space,
    Other,
}

fn kind(c: char) -> Option<Stranger> {
    match c {
        '\t' | ' '..='~' => None,
        '\u{2018}'..='\u{201f}'
        | '\u{2010}'..='\u{2015}'
        | '\u{ab}'
        | '\u{bb}'
        | '\u{2212}'
        | '\u{2032}'
        | '\u{2033}'
        | '\u{ff1b}'
        | '\u{ff1d}'
        | '\u{2026}' => Some(Stranger::Typographic),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{202a}'..='\u{202e}' => Some(Stranger::Space),
        c if c.is_whitespace() || c.is_control() => Some(Stranger::Space),
        _ => Some(Stranger::Other),
    }
}

/// What a typing person would have written.
fn plain(c: char) -> &'static str {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{ff1b}' => ";",
        '\u{ff1d}' => "=",
        '\u{2026}' => "...",
        _ => "",
    }
}

fn strangers(cx: &Context<'_>, out: &mut Findings) {
    if cx.text().is_ascii() && !cx.text().bytes().any(|b| b < b' ' && b != b'\t' || b == 0x7f) {
        return;
    }
    let places: Vec<(usize, char, Stranger)> =
        cx.text().char_indices().filter_map(|(at, c)| kind(c).map(|kind| (at, c, kind))).collect();
    let of = |wanted| places.iter().filter(move |(_, _, kind)| *kind == wanted);
    let span = |at: usize, c: char| Span::new(at, at + c.len_utf8());

    // An error is what loses or disarms the record.
    let severity = |rule: &Rule| {
        if effect(cx) >= Effect::PolicyNone { Severity::Error } else { rule.severity.max(Severity::Warning) }
    };
    if let Some(&(at, c, _)) = of(Stranger::Typographic).next() {
        let edit = |&(at, c, _): &(usize, char, Stranger)| match plain(c) {
            "" if parts_tags(cx.text(), span(at, c)) => semicolon(cx.text(), span(at, c)),
            plain => Edit::replace(span(at, c), plain),
        };
        let edits: Vec<Edit> = of(Stranger::Typographic).map(edit).collect();
        out.report(&SMART_QUOTES, cx.label(span(at, c)))
            .quote("found")
            .effect(effect(cx))
            .severity(severity(&SMART_QUOTES))
            .fix(Fix::maybe("write plain characters", edits));
    }
    if let Some(&(at, c, _)) = of(Stranger::Space).next() {
        let part = cx.record.parts().iter().find(|part| part.span.contains(span(at, c)));
        let lost = match part {
            Some(part) => format!("strict receivers do not read `{}`", cx.record.source().visible(part.span)),
            None => "strict receivers do not see the record".to_owned(),
        };
        out.report(&BAD_WHITESPACE, cx.label(span(at, c)))
            .quote("found")
            .arg("lost", lost)
            .effect(effect(cx))
            .severity(severity(&BAD_WHITESPACE))
            .fix(Fix::machine("write a plain space", white_space_edits(cx, of(Stranger::Space).copied())));
    }
    // One for each part of the record.
    let mut told = None;
    for &(at, c, _) in of(Stranger::Other) {
        let part = cx.record.parts().iter().find(|part| part.span.contains(span(at, c))).map(|part| part.span);
        if told == Some(part) {
            continue;
        }
        told = Some(part);
        let part = part.unwrap_or_else(|| Span::new(0, cx.text().len()));
        out.report(&NON_ASCII, cx.label(span(at, c)))
            .quote("found")
            .arg("part", cx.record.source().visible(part))
            .effect(effect(cx))
            .severity(severity(&NON_ASCII));
    }
}

/// Each run of strange white space, with the plain white space around it, becomes one space; invisible characters go.
fn white_space_edits(cx: &Context<'_>, places: impl Iterator<Item = (usize, char, Stranger)>) -> Vec<Edit> {
    let text = cx.text();
    let mut edits: Vec<Edit> = Vec::new();
    for (at, c, _) in places {
        if edits.last().is_some_and(|edit| at < edit.span.end as usize) {
            continue;
        }
        if !c.is_whitespace() {
            edits.push(Edit::delete(Span::new(at, at + c.len_utf8())));
            continue;
        }
        let before = text[..at].trim_end_matches(char::is_whitespace).len();
        let floor = edits.last().map_or(0, |edit| edit.span.end as usize);
        let after = text.len() - text[at..].trim_start_matches(char::is_whitespace).len();
        let edge = before == 0 || after == text.len();
        edits.push(Edit::replace(Span::new(before.max(floor), after), if edge { "" } else { " " }));
    }
    edits
}

fn effect(cx: &Context<'_>) -> Effect {
    match (cx.record.is_dmarc(), cx.policies()) {
        (false, _) => Effect::NoDmarc,
        (true, None) => cx.trap().0,
        (true, Some(_)) => Effect::PartIgnored,
    }
}

/// Octets of what fits beside the rest of a DNS packet (RFC 1035 §4.2.1).
const PACKET: usize = 512;

fn length(cx: &Context<'_>, out: &mut Findings) {
    let source = cx.record.source();
    let octets = source.bytes().len();
    let limit = if octets > PACKET {
        "over 512 an answer may be lost on the way"
    } else if octets > MAX_STRING && *cx.subject.origin() == Origin::Given
        || source.strings().any(|string| source.bytes_of(string.span).len() > MAX_STRING)
    {
        "one character-string of a TXT record holds 255, so it must be published in several"
    } else {
        return;
    };
    let found = out.report(&TOO_LONG, cx.whole());
    found.arg("octets", octets).arg("limit", limit);
    if octets <= PACKET {
        found.severity(Severity::Note);
    }
}

fn seams(cx: &Context<'_>, out: &mut Findings) {
    for part in cx.record.parts() {
        if let Some(seam) = cx.record.source().seam_inside(part.span) {
            out.report(&SPLIT_MID_TAG, cx.label(Span::at(seam))).arg("part", cx.record.source().visible(part.span));
        }
    }
}
