//! Which header fields are signed: `h` (RFC 6376 §5.4).

use super::context::Context;
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Evidence, Findings, Origin, rules};
use crate::text::Span;

rules! {
    /// # From is not signed
    ///
    /// A signature must cover the From field; one that does not is invalid, since it would say nothing about the author.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    FROM_NOT_SIGNED = "dkim-sig-from-not-signed", Error, Permerror, ["RFC 6376 §5.4", "RFC 6376 §6.1.1"],
        "`h` does not list From, so the signature is invalid";

    /// # The list of signed fields cannot be read
    ///
    /// `h` is a list of field names with a colon between two of them. It must not be empty, and nothing in it may be.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    H_EMPTY = "dkim-sig-h-empty", Error, Permerror, ["RFC 6376 §3.5"], "`h` cannot be used: {why}";

    /// # Important fields are not signed
    ///
    /// What is not in `h` can be changed on the way, and the signature still passes: the subject, the recipients, or how the body is
    /// to be read. Let the signer cover every field that people and programs rely on. Fields above the signature do not count: a list
    /// or server on the way wrote them later.
    ///
    /// ```dkim-message bad
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// Subject: The contract
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// Subject: The contract
    /// ```
    UNSIGNED_IMPORTANT = "dkim-sig-unsigned-important", Warning, Ok, ["RFC 6376 §5.4.1", "RFC 6376 §8.15"],
        "the signature does not cover {fields}, which can be changed without breaking it";

    /// # A second field can be added
    ///
    /// A field that stands in `h` as often as in the message is signed; another one above it is not, and many programs show that one.
    /// Let the signer list From, To and Subject once more than they are there: then an added one breaks the signature.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from:to:to:subject:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from:from:to:to:subject:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    NOT_OVERSIGNED = "dkim-sig-not-oversigned", Note, Ok, ["RFC 6376 §5.4.2", "RFC 6376 §8.15"],
        "{fields} can be added to the message without breaking the signature";

    /// # Fields are signed that change on the way
    ///
    /// Servers add, change and remove these fields, so the signature breaks without anybody doing wrong. Take them out of what the
    /// signer covers.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from:received; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    SIGNS_TRACE = "dkim-sig-signs-trace", Warning, Ok, ["RFC 6376 §5.4", "RFC 6376 §5.4.1"],
        "`{field}` is signed, and servers on the way change or remove it";
}

/// Fields that people and programs rely on (§5.4.1).
const IMPORTANT: [&str; 14] = [
    "Subject",
    "To",
    "Cc",
    "Date",
    "Reply-To",
    "Sender",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "In-Reply-To",
    "References",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// Those that practically every message has.
const USUAL: [&str; 3] = ["Subject", "To", "Date"];

/// Those that programs show, and of which there is one only (RFC 5322 §3.6).
const SHOWN: [&str; 3] = ["From", "Subject", "To"];

/// Those that servers on the way write: trace fields, and what §5.4.1 advises against.
const CHANGING: [&str; 14] = [
    "Return-Path",
    "Received",
    "Received-SPF",
    "Authentication-Results",
    "ARC-Authentication-Results",
    "ARC-Message-Signature",
    "ARC-Seal",
    "Delivered-To",
    "X-Original-To",
    "X-Spam-Status",
    "Bcc",
    "Resent-Bcc",
    "Comments",
    "Keywords",
];

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut is_list = cx.tag("h").is_some_and(|h| !cx.swallowed.iter().any(|(tag, _)| *tag == h));
    for defect in cx.defects() {
        match defect.kind {
            DefectKind::Empty("h") => {
                is_list = false;
                out.report(&H_EMPTY, cx.part("h")).arg("why", "it is empty");
            }
            DefectKind::HeaderName => {
                let text = cx.label(defect.span).quoted();
                let why = match text.as_str() {
                    "" => "nothing stands between two colons".to_owned(),
                    text => format!("`{text}` is no name of a header field"),
                };
                out.report(&H_EMPTY, cx.label(defect.span)).arg("why", why);
            }
            DefectKind::TooManyHeaders => {
                let why = format!("it lists more than {} fields", crate::dkim::MAX_HEADERS);
                out.report(&H_EMPTY, cx.label(defect.span)).arg("why", why);
            }
            DefectKind::FromNotSigned => {
                out.report(&FROM_NOT_SIGNED, cx.part("h"));
            }
            _ => {}
        }
    }
    if is_list {
        unsigned(cx, out);
        oversigned(cx, out);
        trace(cx, out);
    }
}

fn unsigned(cx: &Context<'_>, out: &mut Findings) {
    let open = |name: &&&str| cx.signature.signs(name) == 0;
    let names: Vec<&str> = match present_below(cx) {
        Some(count) => IMPORTANT.iter().filter(open).filter(|name| count(name) > 0).copied().collect(),
        None => USUAL.iter().filter(open).copied().collect(),
    };
    if !names.is_empty() {
        let found = out.report(&UNSIGNED_IMPORTANT, cx.part("h")).arg("fields", names.join(", "));
        if cx.facts.message.is_none() {
            found.evidence(Evidence::Guessed);
        }
    }
}

fn oversigned(cx: &Context<'_>, out: &mut Findings) {
    let count = present(cx);
    let open = |name: &&&str| {
        let signed = cx.signature.signs(name);
        // One that is not signed at all is told above.
        signed > 0 && count.as_ref().map_or(1, |count| count(name)) >= signed
    };
    let names: Vec<String> = SHOWN.iter().filter(open).map(|name| format!("another {name}")).collect();
    if !names.is_empty() {
        let found = out.report(&NOT_OVERSIGNED, cx.part("h")).arg("fields", names.join(", "));
        if cx.facts.message.is_none() {
            found.evidence(Evidence::Guessed);
        }
    }
}

fn trace(cx: &Context<'_>, out: &mut Findings) {
    let mut told: Vec<&str> = Vec::new();
    let changes = |name: &str| CHANGING.iter().find(|changing| changing.eq_ignore_ascii_case(name)).copied();
    for &span in &cx.signature.headers {
        let Some(name) = changes(cx.slice(span)).filter(|name| !told.contains(name)) else { continue };
        told.push(name);
        out.report(&SIGNS_TRACE, cx.label(Span::new(span.start as usize, span.end as usize))).quote("field");
    }
}

/// The same without the fields above the signature: a list or server on the way wrote those after it was made.
fn present_below<'a>(cx: &Context<'a>) -> Option<impl Fn(&str) -> usize + 'a> {
    let message = cx.facts.message?;
    let first = match cx.subject.origin() {
        Origin::Field { index, .. } => index + 1,
        _ => 0,
    };
    Some(move |name: &str| message.fields_named(name).filter(|&at| at >= first).count())
}

/// How many fields of a name the message has, if there is a message.
fn present<'a>(cx: &Context<'a>) -> Option<impl Fn(&str) -> usize + 'a> {
    let message = cx.facts.message?;
    Some(move |name: &str| message.fields_named(name).count())
}
