//! What in a message makes its signatures fragile, whoever made them (RFC 6376 §5.3).

use super::tell::{body, field};
use crate::finding::{Findings, Label, Origin, Severity, Subject, rules};
use crate::message::{Defect, DefectKind, Message};
use crate::text::{Source, Span};

rules! {
    /// # The message is malformed
    ///
    /// Servers repair what RFC 5322 does not allow, each in its own way, and so change what was signed: they turn single
    /// LF into CRLF, drop NUL, or begin the body at a line that is no header field.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    /// + this line is no header field
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    MALFORMED = "dkim-message-malformed", Error, Differs, ["RFC 6376 §5.3", "RFC 5322 §2.1"],
        "the signed message has {what}: verifiers read it in different ways, or refuse it";

    /// # The body may be converted on the way
    ///
    /// Octets above 127 may be re-coded where a server does not take 8BITMIME, and lines of more than 998 octets are
    /// wrapped. Either breaks every signature that covers the body. Signers convert to quoted-printable or base64 first.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    ///   Mittagessen um zwölf?
    /// ```
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Mittagessen um zw=C3=B6lf?
    /// ```
    FRAGILE = "dkim-8bit-or-long-lines", Warning, Ok, ["RFC 6376 §5.3"],
        "the signed body has {what}, which a server on the way may convert: that breaks the signature";
}

pub(super) fn check(message: &Message<'_>, out: &mut Findings) {
    let mut told: Vec<DefectKind> = Vec::new();
    for defect in message.defects().iter().chain(&message.body_defects()) {
        if told.contains(&defect.kind) {
            continue;
        }
        told.push(defect.kind);
        let in_body = defect.span.start as usize >= message.body_start();
        let what = match defect.kind {
            DefectKind::NotAField => "a line in its header that is no header field",
            DefectKind::LeadingWhiteSpace => "white space before its first header field",
            DefectKind::FieldName => "a header field with a name that none may have",
            DefectKind::BareLf => "a LF without CR",
            DefectKind::BareCr => "a CR without LF",
            DefectKind::Nul => "a NUL",
            DefectKind::NoEmptyLine => "no empty line after its header",
            DefectKind::LongLine if in_body => {
                out.report(&FRAGILE, place(message, defect)).arg("what", "a line of more than 998 octets");
                continue;
            }
            DefectKind::EightBit if in_body => {
                // Nearly every server takes 8BITMIME today.
                let found = out.report(&FRAGILE, place(message, defect));
                found.arg("what", "octets above 127").severity(Severity::Note);
                continue;
            }
            // Harmless, or told by others.
            DefectKind::MailboxFromLine
            | DefectKind::SpaceBeforeColon
            | DefectKind::BlankContinuation
            | DefectKind::LongLine
            | DefectKind::EightBit
            | DefectKind::TooManyFields
            | DefectKind::HeaderTooLong => continue,
        };
        out.report(&MALFORMED, place(message, defect)).arg("what", what);
    }
}

/// The line of a defect, as far as anybody reads it, or the header field.
fn place(message: &Message<'_>, defect: &Defect) -> Label {
    let (at, bytes) = (defect.span.start as usize, message.bytes());
    if at >= message.body_start() {
        let line = memchr::memrchr(b'\n', &bytes[message.body_start()..at]).map_or(0, |lf| lf + 1);
        let start = (message.body_start() + line).max(at.saturating_sub(LEFT_OF_IT));
        let label = body(message, start - message.body_start(), at - start + defect.span.len().clamp(1, RIGHT_OF_IT));
        return label;
    }
    let inside = |(_, field): &(usize, &crate::message::Field<'_>)| field.body_span().range().contains(&at);
    if let Some((index, found)) = message.fields().iter().enumerate().find(inside) {
        let subject = field(message, index);
        // Octets that are no UTF-8 take more room in the text than they had.
        let before = Source::from_bytes(&found.body()[..at - found.body_span().start as usize]).text().len();
        return Label::new(&subject, Span::new(before, (before + 1).min(subject.source().text().len())));
    }
    let end = (at + defect.span.len().min(RIGHT_OF_IT)).min(bytes.len());
    Label::whole(&Subject::new(Origin::Header, Source::from_bytes(&bytes[at..end])))
}

/// Octets that are shown of a line before and after a place in it.
const LEFT_OF_IT: usize = 60;
const RIGHT_OF_IT: usize = 60;
