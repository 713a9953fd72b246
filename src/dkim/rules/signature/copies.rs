//! Copies of header fields, for diagnosis: `z` (RFC 6376 §3.5).

use super::context::Context;
use crate::dkim::Canonicalization;
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Evidence, Findings, rules};
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

    /// # Not every copied field is compared
    ///
    /// `z` may have copies of thousands of fields. The first hundred that can be read are compared with the message, and the rest may
    /// have changed or not. Verifiers do not use `z`, so nothing fails.
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; z=From:a@d.example
    /// ```
    Z_REST = "dkim-sig-z-rest", Note, Ok, ["RFC 6376 §3.5"],
        "`z` goes on behind the {count} copies that were compared with the message: whether the fields of the others have changed is \
         not told ({octets} octets)";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for defect in cx.defects() {
        if defect.kind == DefectKind::Copy {
            out.report(&Z_MALFORMED, cx.label(defect.span)).quote("part");
        }
    }
    let Some(message) = cx.facts.message else { return };
    rest(cx, out);
    // Many copies may be of fields of one name, which are read once.
    let mut read: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for copied in cx.signature.copies.iter().take(MAX_COPIES) {
        let name = cx.slice(copied.name);
        let at = read.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
            read.push((name.to_owned(), bodies(message, name)));
            read.len() - 1
        });
        let fields = &read[at].1;
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

/// Tells of the copies that are not compared.
fn rest(cx: &Context<'_>, out: &mut Findings) {
    let (Some(value), [.., last, _]) =
        (cx.signature.tag("z"), cx.signature.copies.get(..=MAX_COPIES).unwrap_or_default())
    else {
        return;
    };
    let text = cx.slice(Span::new(last.name.start as usize, value.end as usize));
    let rest = text.split_once('|').map_or("", |(_, rest)| rest).trim();
    let found = out.report(&Z_REST, cx.label(Span::of(rest, cx.text())));
    found.arg("count", MAX_COPIES).arg("octets", rest.len()).evidence(Evidence::NotChecked);
}

/// Copies that are compared: a message of hostile size has thousands.
const MAX_COPIES: usize = 100;
fn bodies(message: &Message<'_>, name: &str) -> Vec<Vec<u8>> {
    message.fields_named(name).map(|at| words(message.fields()[at].body())).collect()
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
