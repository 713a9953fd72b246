//! What probably happened to a body whose hash does not match, from the search for its original.

use super::tell::{Judged, body, sure};
use crate::dkim::forensics::{Alteration, Certainty, What};
use crate::dkim::{Canonicalization, HashAlgorithm, body_hash, explain};
use crate::finding::{Evidence, Findings, Label, rules};

rules! {
    /// # Text was added to the body
    ///
    /// Without that text the hash is the one in `bh`, so the rest is exactly what was signed. Mailing lists add footers,
    /// companies disclaimers and banners, and some wrap the whole body in a multipart to do so.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// + ____________
    /// + friends@list.example
    /// ```
    ///
    /// A list that adds text should write its own domain in From and sign the message anew, or add nothing.
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    /// - Lunch at twelve?
    /// + Lunch at one?
    /// ```
    ADDED = "dkim-body-hash-hint-footer", Note, Ok, ["RFC 6376 §8.2", "RFC 6377 §3.3"], covers ["dkim-body-hash-hint-l"],
        "the body that `{domain}` signed (selector `{selector}`) is all there, and more: {how}";

    /// # The body was converted
    ///
    /// White space, line ends, the transfer encoding or the charset changed on the way; what people read is the same.
    /// Canonicalization `relaxed` survives changed white space, nothing survives the others.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    /// - Lunch at twelve?
    /// - Bring money.
    /// + Lunch at twelve?\u{a}Bring money.
    /// ```
    ///
    /// ```signed good c=relaxed
    ///   From: alice@d.example
    ///
    /// - Lunch at twelve?
    /// + Lunch at twelve?\u{20}
    /// ```
    CONVERTED = "dkim-body-hash-hint-crlf", Note, Ok, ["RFC 6376 §3.4", "RFC 6376 §5.3"],
        "the body that `{domain}` signed (selector `{selector}`) was converted on the way: {how}";

    /// # An empty body was signed
    ///
    /// `bh` is the hash of an empty body, and this one is not empty. Programs that sign before the body is there do that;
    /// all their mail fails.
    ///
    /// ```signed bad
    ///   From: alice@d.example
    ///
    /// + Lunch at twelve?
    /// ```
    ///
    /// ```signed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    EMPTY = "dkim-body-hash-hint-empty", Note, Ok, ["RFC 6376 §3.4.3", "RFC 6376 §3.4.4"],
        "`{domain}` signed an empty body (selector `{selector}`): its program probably signs before the body is there";

    /// # The body fits only if it is hashed otherwise than the signature says
    ///
    /// The hash in `bh` comes out with another canonicalization than `c` names, or without the limit of `l`. With
    /// `relaxed` in the place of `simple`, white space may have been changed on the way. Otherwise the body is as it was,
    /// and the signer does not do what its `c` and `l` say: it has to be set right.
    ///
    /// ```signed bad c=simple hashed=relaxed
    ///   From: alice@d.example
    ///
    ///   Lunch  at  twelve?
    /// ```
    ///
    /// ```signed good c=simple
    ///   From: alice@d.example
    ///
    ///   Lunch  at  twelve?
    /// ```
    OTHERWISE = "dkim-body-hash-hint-relaxed", Note, Ok, ["RFC 6376 §3.4", "RFC 6376 §3.5"],
        "the body is as `{domain}` signed it (selector `{selector}`) only if it is hashed otherwise than it says: {how}";
}

pub(super) fn check(cx: &Judged<'_>, out: &mut Findings) {
    let Some(found) = cx.evidence.body.as_ref().filter(|found| found.certainty != Certainty::Unknown) else { return };
    if is_of_nothing(cx) {
        // The text may have been there when it was signed, or not: the hash cannot tell.
        cx.report(&EMPTY, cx.tag("bh"), out).evidence(Evidence::Guessed);
        return;
    }
    if found.what == What::SignedOtherwise {
        otherwise(cx, found, out);
        return;
    }
    let (rule, at) = match found.what {
        What::Appended | What::Inserted => (&ADDED, added(cx, found)),
        What::MimeWrapped => (&ADDED, cx.tag("bh")),
        What::ReEncoded | What::Reframed | What::Whitespace | What::LineEndings => (&CONVERTED, cx.tag("bh")),
        What::SignedOtherwise
        | What::Replaced
        | What::Truncated
        | What::HeaderChanged
        | What::HeaderRefolded
        | What::HeaderAdded
        | What::HeaderRemoved
        | What::Unknown => return,
    };
    cx.report(rule, at, out).arg("how", explain::alteration(found, cx.message)).evidence(sure(found));
}

fn otherwise(cx: &Judged<'_>, found: &Alteration, out: &mut Findings) {
    let declared = cx.signature().canonicalization.map(|c| c.body);
    let hashed = found.signed_as.map(|how| how.canonicalization);
    let report = cx.report(&OTHERWISE, cx.tag("c"), out);
    // What `relaxed` evens out may have been changed on the way as well.
    if (declared, hashed) == (Some(Canonicalization::Simple), Some(Canonicalization::Relaxed)) {
        report
            .arg("how", "its signer uses `relaxed`, or white space was changed on the way")
            .evidence(Evidence::Guessed);
    } else {
        report.arg("how", explain::alteration(found, cx.message)).evidence(sure(found));
    }
}

/// The first place where something was put in.
fn added(cx: &Judged<'_>, found: &Alteration) -> Label {
    let (at, length) = match found.edits.first() {
        Some(edit) => (edit.at, edit.length),
        None => (found.at.unwrap_or_default(), found.length),
    };
    body(cx.message, at, length)
}

/// Whether `bh=` is the hash of an empty body.
fn is_of_nothing(cx: &Judged<'_>) -> bool {
    let signature = cx.signature();
    let hash = signature.algorithm.map_or(HashAlgorithm::Sha256, |algorithm| algorithm.value.hash());
    let modes = [Canonicalization::Simple, Canonicalization::Relaxed];
    signature
        .body_hash
        .as_ref()
        .is_some_and(|bh| modes.iter().any(|&mode| *body_hash(mode, hash, b"", None) == *bh.value))
}
