//! Lines that do not survive the way as they are: their ends, their length, octets above 127.

use crate::finding::{Effect, Findings, Label, Origin, Subject, rules};
use crate::message::fields::MAX_DEFECTS;
use crate::message::lint::{Context, place_in_field};
use crate::message::{Defect, DefectKind, MAX_LINE};
use crate::text::{Source, Span};
use crate::unread;

rules! {
    /// # A CR or LF stands alone
    ///
    /// Lines end in CR LF, and neither may stand without the other (RFC 5321 §2.3.8). Servers that take one alone for the end of a line
    /// see other lines than those that do not: that breaks DKIM signatures, and lets one message be smuggled inside another.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// Subject: a\u{d}b
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Subject: a b
    /// ```
    BARE = "bare-lf-or-cr", Warning, Differs, ["RFC 5321 §2.3.8", "RFC 5322 §2.3"],
        "{what} stands alone in the {part}: servers disagree where the line ends";

    /// # A line is longer than 998 octets
    ///
    /// Servers may cut or break such a line (RFC 5322 §2.1.1), and that breaks DKIM signatures. Fold header fields; encode
    /// bodies with quoted-printable or base64.
    ///
    /// ```message bad
    /// Subject: \u{repeat 1000}
    /// ```
    ///
    /// ```message good
    /// Subject: \u{repeat 900}
    /// ```
    TOO_LONG = "header-line-too-long", Warning, Ok, ["RFC 5322 §2.1.1"],
        "a line of the {part} has {octets} octets, and 998 are allowed";

    /// # The header has octets above 127
    ///
    /// They may stand there as UTF-8 only, and only where all servers on the way support SMTPUTF8 (RFC 6531, RFC 6532).
    /// Others reject the message, or cut the eighth bit off. Encoded-words (RFC 2047) work everywhere.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// Subject: é
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Subject: =?utf-8?q?=C3=A9?=
    /// ```
    EIGHT_BIT = "non-ascii-header", Note, Ok, ["RFC 6532 §3", "RFC 5322 §2.2"],
        "`{field}` has octets above 127 that are {what}";
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    let defects = cx.message.defects();
    let total = MAX_DEFECTS + cx.message.more_defects();
    unread::beyond(Label::whole(&cx.header), "faults of the header", total, MAX_DEFECTS, out);
    let first = |kinds: &[DefectKind]| defects.iter().find(|defect| kinds.contains(&defect.kind));
    if let Some(defect) = first(&[DefectKind::BareLf, DefectKind::BareCr]) {
        bare(cx, defect, "header", out);
    }
    if let Some(defect) = first(&[DefectKind::LongLine]) {
        long(cx, defect, "header", out);
    }
    if let Some(defect) = first(&[DefectKind::EightBit]) {
        let place = place_in_field(cx.message, defect.span);
        let subject = place.map_or_else(|| given(cx, defect), |(at, _)| cx.subject(at));
        let utf8 = subject.source().invalid_bytes().is_empty();
        let label = place.map_or(Label::whole(&subject), |(_, span)| Label::new(&subject, span));
        let field = place.map(|(at, _)| String::from_utf8_lossy(cx.message.fields()[at].name()).into_owned());
        let found = out.report(&EIGHT_BIT, label).arg("field", field.as_deref().unwrap_or("the header"));
        found.arg("what", if utf8 { "UTF-8, which needs SMTPUTF8" } else { "not UTF-8" });
        if !utf8 {
            found.effect(Effect::Differs);
        }
    }
    let body = cx.message.body_defects();
    let first = |kinds: &[DefectKind]| body.iter().find(|defect| kinds.contains(&defect.kind));
    if let Some(defect) = first(&[DefectKind::BareLf, DefectKind::BareCr]) {
        bare(cx, defect, "body", out);
    }
    if let Some(defect) = first(&[DefectKind::LongLine]) {
        long(cx, defect, "body", out);
    }
}

fn bare(cx: &Context<'_>, defect: &Defect, part: &str, out: &mut Findings) {
    let what = if defect.kind == DefectKind::BareLf { "a LF" } else { "a CR" };
    out.report(&BARE, label(cx, defect, part)).arg("what", what).arg("part", part);
}

fn long(cx: &Context<'_>, defect: &Defect, part: &str, out: &mut Findings) {
    out.report(&TOO_LONG, label(cx, defect, part)).arg("octets", defect.span.len()).arg("part", part);
}

/// The place in its field, or else the text around it.
fn label(cx: &Context<'_>, defect: &Defect, part: &str) -> Label {
    if part == "header" {
        if let Some((at, span)) = place_in_field(cx.message, defect.span) {
            return Label::new(&cx.subject(at), span);
        }
        // A long line begins with the field's name.
        let start = Span::at(defect.span.end as usize);
        if let Some((at, _)) = place_in_field(cx.message, start) {
            return Label::whole(&cx.subject(at));
        }
        return Label::whole(&given(cx, defect));
    }
    let end = (defect.span.end as usize).min(defect.span.start as usize + MAX_LINE);
    let text = &cx.message.bytes()[defect.span.start as usize..end];
    Label::whole(&Subject::new(Origin::Body, Source::from_bytes(text)))
}

fn given(cx: &Context<'_>, defect: &Defect) -> Subject {
    let end = (defect.span.end as usize).min(defect.span.start as usize + MAX_LINE);
    Subject::new(Origin::Given, Source::from_bytes(&cx.message.bytes()[defect.span.start as usize..end]))
}
