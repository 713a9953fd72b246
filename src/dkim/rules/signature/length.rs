//! How much of the body is signed: `l` (RFC 6376 §3.5, §8.2).

use super::context::Context;
use crate::dkim::canonical::{self, Sink};
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Findings, rules};
use crate::message::DefectKind as MessageDefect;

rules! {
    /// # A part of the body is not signed
    ///
    /// With `l`, only that many octets of the body are signed: anybody may add to the message, and what is added can hide the rest. Let
    /// the signer leave `l` out.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; l=100
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    L_TAG = "dkim-sig-l-tag", Warning, Ok, ["RFC 6376 §8.2", "RFC 6376 §3.5"],
        "only {octets} octets of the body are signed{unsigned}: anybody can add to it";

    /// # The body is shorter than what was signed
    ///
    /// `l` says how many octets of the body are signed, and the body has fewer. A part has been cut off on the way.
    ///
    /// ```dkim-message bad
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; l=99999
    /// From: alice@d.example
    ///
    /// Hello
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; l=7
    /// From: alice@d.example
    ///
    /// Hello
    /// ```
    L_TOO_LARGE = "dkim-sig-l-too-large", Error, Permerror, ["RFC 6376 §3.5"],
        "{octets} octets of the body are signed, and it has {found} only";

    /// # Nothing of the body is signed
    ///
    /// With `l=0` the whole body can be replaced, and the signature still passes.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; l=0
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    L_ZERO = "dkim-sig-l-zero", Warning, Ok, ["RFC 6376 §8.2"],
        "`l` is 0: nothing of the body is signed, and anybody can replace it";

    /// # The body length is no number
    ///
    /// `l` is a number of at most 76 digits, and nothing else.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; l=-1
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    L_INVALID = "dkim-sig-l-invalid", Error, Permerror, ["RFC 6376 §3.5"], "`{value}` in `l` is no number of octets";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for kind in [DefectKind::Number("l"), DefectKind::Empty("l")] {
        if let Some(span) = cx.defect(&kind) {
            out.report(&L_INVALID, cx.label(span)).quote("value");
        }
    }
    let Some(length) = cx.signature.length else { return };
    if length.value == 0 {
        out.report(&L_ZERO, cx.part("l"));
        return;
    }
    let body = body_length(cx);
    if let Some(found) = body.filter(|&found| found < length.value) {
        out.report(&L_TOO_LARGE, cx.part("l")).arg("octets", length.value).arg("found", found);
        return;
    }
    let unsigned = match body.map(|found| found - length.value) {
        None => String::new(),
        Some(0) => ", which is all of it today".to_owned(),
        Some(rest) => format!(", and {rest} are not"),
    };
    out.report(&L_TAG, cx.part("l")).arg("octets", length.value).arg("unsigned", unsigned);
}

/// Octets of the canonical body, if there is one.
fn body_length(cx: &Context<'_>) -> Option<u64> {
    let message = cx.facts.message?;
    let mode = cx.signature.canonicalization?.body;
    if message.defects().iter().any(|defect| defect.kind == MessageDefect::NoEmptyLine) {
        return None;
    }
    let mut count = Count(0);
    canonical::body(mode, message.body(), message.line_ends(), &mut count);
    Some(count.0)
}

struct Count(u64);

impl Sink for Count {
    fn push(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
}
