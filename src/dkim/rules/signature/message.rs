//! What is told about the signatures of a message together.

use crate::dkim::MAX_SIGNATURES;
use crate::finding::{Findings, Label, Origin, Subject, rules};
use crate::message::Message;
use crate::text::Source;

rules! {
    /// # The message is not signed
    ///
    /// There is no DKIM-Signature field, so only SPF can vouch for the sender, and SPF does not survive forwarding.
    ///
    /// ```dkim-message bad
    /// From: alice@d.example
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// ```
    NOT_SIGNED = "dkim-not-signed", Warning, None, ["RFC 6376 §6.1", "RFC 8601 §2.7.1"],
        "the message has no DKIM-Signature field";

    /// # There are many signatures
    ///
    /// Each costs a verifier a question to the DNS and a calculation, so verifiers stop after some: ten is a usual number.
    ///
    /// ```dkim-message bad
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// DKIM-Signature: v=1
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// ```
    TOO_MANY = "dkim-sig-too-many", Note, Differs, ["RFC 6376 §4.2", "RFC 6376 §8.4"],
        "the message has {count} signatures, and verifiers may stop after ten";

    /// # There are fields of DKIM2
    ///
    /// DKIM2 is a new protocol that is still being written. Verifiers of DKIM ignore its fields, and so does this check.
    ///
    /// ```dkim-message bad
    /// DKIM2-Signature: i=1; m=1; d=d.example; s=s1:rsa-sha256:Zm9v
    /// DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// ```
    DKIM2 = "dkim-sig-dkim2", Note, Ok, ["RFC 6376 §3.5"],
        "`{field}` belongs to DKIM2, which is not DKIM and not looked at";

    /// # There is a signature of DomainKeys
    ///
    /// DomainKey-Signature belongs to the forerunner of DKIM. Nobody checks it any more; the signer can stop making it.
    ///
    /// ```dkim-message bad
    /// DomainKey-Signature: a=rsa-sha1; s=s1; d=d.example; c=nofws; q=dns; b=Zm9v
    /// From: alice@d.example
    /// ```
    ///
    /// ```dkim-message good
    /// DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// From: alice@d.example
    /// ```
    DOMAINKEY_SIGNATURE = "dkim-domainkey-signature", Note, Ok, ["RFC 6376 §1.1"],
        "a DomainKey-Signature is there, which nobody checks any more";
}

pub(super) fn check(message: &Message<'_>, out: &mut Findings) {
    let signatures: Vec<usize> = message.fields_named("DKIM-Signature").collect();
    // A header that was not read to its end may have one below.
    if signatures.is_empty() && message.limit().is_none() {
        let from = message.fields_named("From").next();
        let label = from.map(|at| label(message, at));
        let label = label.unwrap_or_else(|| Label::whole(&Subject::new(Origin::Given, Source::default())));
        out.report(&NOT_SIGNED, label);
    }
    if let Some(&first) = signatures.get(MAX_SIGNATURES) {
        out.report(&TOO_MANY, label(message, first)).arg("count", signatures.len());
    }
    for name in ["DKIM2-Signature", "Message-Instance"] {
        if let Some(at) = message.fields_named(name).next() {
            out.report(&DKIM2, label(message, at)).arg("field", name);
        }
    }
    if let Some(at) = message.fields_named("DomainKey-Signature").next() {
        out.report(&DOMAINKEY_SIGNATURE, label(message, at));
    }
}

fn label(message: &Message<'_>, at: usize) -> Label {
    Label::whole(&field_subject(message, at))
}

/// The body of a header field.
pub(super) fn field_subject(message: &Message<'_>, at: usize) -> Subject {
    let field = &message.fields()[at];
    let name = String::from_utf8_lossy(field.name()).into_owned();
    Subject::new(Origin::Field { name, index: at }, Source::from_bytes(field.body()))
}
