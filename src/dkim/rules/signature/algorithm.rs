//! How it was signed: `a`, `c`, `q`, and the octets in `b` and `bh` (RFC 6376 §3.3, §3.4, §3.5; RFC 8301).

use super::context::Context;
use crate::dkim::signature_defect::DefectKind;
use crate::dkim::{Algorithm, Canonicalization};
use crate::finding::{Findings, rules};

rules! {
    /// # The algorithm is unknown
    ///
    /// `a` is `rsa-sha256` or `ed25519-sha256`, in small letters. Verifiers ignore a signature with another algorithm.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-md5; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ALG_UNKNOWN = "dkim-sig-alg-unknown", Error, Permerror, ["RFC 6376 §3.3", "RFC 8463 §3"],
        "no verifier knows the algorithm `{value}`";

    /// # The signature is made by rsa-sha1
    ///
    /// SHA-1 is broken: signers must not use it and verifiers must not accept it. Let the signer use `rsa-sha256`; the key can stay.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha1; d=d.example; s=s1; h=from; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    RSA_SHA1 = "dkim-sig-rsa-sha1", Error, Permerror, ["RFC 8301 §3.1"],
        "the signature is made by `rsa-sha1`, which verifiers must not accept";

    /// # The canonicalization is unknown
    ///
    /// `c` is `simple` or `relaxed` for the header and, after a slash, for the body.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; c=foo/relaxed; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    CANON_UNKNOWN = "dkim-sig-canon-unknown", Error, Permerror, ["RFC 6376 §3.4", "RFC 6376 §3.5"],
        "no verifier knows the canonicalization `{value}`";

    /// # The header may not change at all
    ///
    /// With `simple`, which is the default, a space or a fold that a server on the way writes otherwise breaks the signature. Let the
    /// signer use `c=relaxed/relaxed`.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; c=simple/simple; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    CANON_SIMPLE_HEADER = "dkim-sig-canon-simple-header", Note, Ok, ["RFC 6376 §3.4.1", "RFC 6376 §3.5"],
        "the header is signed in its `simple` form, which any change of white space breaks";

    /// # The signature is not base64
    ///
    /// `b` has a character that base64 does not know, or a part of it is missing: the field has been damaged.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=@@@
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    B_NOT_BASE64 = "dkim-sig-b-not-base64", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §2.10"],
        "`b` is not base64: {why}";

    /// # The body hash is no hash
    ///
    /// `bh` is the base64 of a digest: 32 octets for SHA-256, 20 for SHA-1.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=abcd; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    BH_NOT_BASE64 = "dkim-sig-bh-not-base64", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §3.7"],
        "`bh` cannot be a body hash: {why}";

    /// # The key cannot be had
    ///
    /// `q` lists the ways to the key, and only `dns/txt` is one. Without `q` it is meant.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; q=http
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    Q_UNSUPPORTED = "dkim-sig-q-unsupported", Error, Permerror, ["RFC 6376 §3.5"],
        "`q` does not list `dns/txt`, so no verifier can get the key";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let signature = cx.signature;
    if let Some(sha1) = signature.algorithm.filter(|a| a.value == Algorithm::RsaSha1) {
        out.report(&RSA_SHA1, cx.label(sha1.span));
    }
    if signature.canonicalization.is_some_and(|c| c.header == Canonicalization::Simple) {
        out.report(&CANON_SIMPLE_HEADER, cx.part("c"));
    }
    for defect in cx.defects() {
        let label = cx.label(defect.span);
        match &defect.kind {
            DefectKind::Algorithm => {
                out.report(&ALG_UNKNOWN, label).quote("value");
            }
            DefectKind::Canonicalization | DefectKind::Empty("c") => {
                out.report(&CANON_UNKNOWN, label).quote("value");
            }
            DefectKind::QueryMethod | DefectKind::Empty("q") => {
                out.report(&Q_UNSUPPORTED, cx.part("q"));
            }
            DefectKind::Base64(error) => {
                let of_hash = cx.tag("bh").is_some_and(|bh| bh.value == defect.span);
                let wrong = error.place(cx.slice(defect.span)).shifted(defect.span.start as usize);
                let rule = if of_hash { &BH_NOT_BASE64 } else { &B_NOT_BASE64 };
                out.report(rule, cx.label(wrong)).arg("why", error);
            }
            DefectKind::BodyHashLength { expected, found } => {
                let why = format!("it has {found} octets, and the hash of this algorithm has {expected}");
                out.report(&BH_NOT_BASE64, label).arg("why", why);
            }
            _ => {}
        }
    }
}
