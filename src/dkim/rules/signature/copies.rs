//! Copies of header fields, for diagnosis: `z` (RFC 6376 §3.5).

use super::context::Context;
use crate::dkim::Canonicalization;
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Findings, rules};
use crate::message::Message;
use crate::text::{Source, Span};

rules! {
    /// # Copied fields cannot be read
    ///
    /// `z` has copies of header fields as they were signed: `name:value` with `|` between two of them, in dkim-quoted-printable.
    /// Verifiers do not use it, so nothing fails; but it cannot help to find out what changed.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; z=From
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; z=From:a@d.example
    /// ```
    Z_MALFORMED = "dkim-sig-z-malformed", Note, Ok, ["RFC 6376 §3.5", "RFC 6376 §2.11"],
        "`{part}` in `z` is no copy of a header field";

    /// # A field has changed since it was signed
    ///
    /// The signer has kept a copy of the field in `z`, and the message has another one. If the field is signed, this is why the
    /// signature fails.
    ///
    /// ```dkim-message bad
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; z=Subject:Hi
    /// From: alice@d.example
    /// Subject: [list] Hi
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; z=Subject:Hi
    /// From: alice@d.example
    /// Subject: Hi
    /// ```
    Z_DIFF = "dkim-sig-z-diff", Note, Ok, ["RFC 6376 §3.5"],
        "{field} was `{signed}` when it was signed, and {now}";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for defect in cx.defects() {
        if defect.kind == DefectKind::Copy {
            out.report(&Z_MALFORMED, cx.label(defect.span)).quote("part");
        }
    }
    let Some(message) = cx.facts.message else { return };
    for copied in cx.signature.copies.iter().take(MAX_COPIES) {
        let name = cx.slice(copied.name);
        let fields: Vec<Vec<u8>> = bodies(message, name).collect();
        let signed = words(&copied.body);
        if fields.contains(&signed) {
            continue;
        }
        let now = match fields.as_slice() {
            [] => "is not there now".to_owned(),
            [one] => format!("is `{}` now", shown(one)),
            several => format!("is none of its {} present values", several.len()),
        };
        out.report(&Z_DIFF, cx.label(copied.name)).quote("field").arg("signed", shown(&signed)).arg("now", now);
    }
}

/// Copies that are compared: a message of hostile size has thousands.
const MAX_COPIES: usize = 100;
/// Fields of one name that each copy is compared with.
const MAX_SAME: usize = 20;

fn bodies<'m>(message: &'m Message<'_>, name: &'m str) -> impl Iterator<Item = Vec<u8>> + 'm {
    message.fields_named(name).take(MAX_SAME).map(|at| words(message.fields()[at].body()))
}

/// A field body in its relaxed form: white space is not what people look for.
fn words(body: &[u8]) -> Vec<u8> {
    let field = Canonicalization::Relaxed.header(&[b"x:", body].concat());
    field.strip_prefix(b"x:").unwrap_or(&field).trim_ascii().to_vec()
}

fn shown(body: &[u8]) -> String {
    let source = Source::from_bytes(body);
    source.visible(Span::new(0, source.text().len())).to_string()
}
