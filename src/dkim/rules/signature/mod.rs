//! What is told about DKIM-Signature fields (RFC 6376 §3.5). Signatures cannot be mended, only made again: there are no fixes.

pub(super) mod algorithm;
mod context;
pub(super) mod copies;
pub(super) mod fields;
pub(super) mod identity;
pub(super) mod length;
pub(super) mod message;
pub(super) mod tags;
pub(super) mod times;

#[cfg(test)]
mod tests;

pub use context::SignatureFacts;

use self::context::Context;
use super::selector::{LintOptions, lint_key_at, meant_keys};
use crate::Timestamp;
use crate::dkim::selector::key_name;
use crate::dkim::{MAX_SIGNATURES, Signature};
use crate::dns::{RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Findings, Origin, Subject};
use crate::message::Message;
use crate::text::Source;

/// What there is to say about the body of a DKIM-Signature field, and what is known beside it.
///
/// Whether it verifies is not looked at: [`verify`](crate::dkim::verify()) says that.
///
/// ```
/// use mailproof::dkim::{SignatureFacts, lint_signature};
///
/// let text = "v=1; a=rsa-sha256; d=d.example; s=s; h=to; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
/// let found = lint_signature(&text.into(), &SignatureFacts::default());
/// assert!(found.iter().any(|found| found.code == "dkim-sig-from-not-signed"));
/// ```
pub fn lint_signature(text: &Source, facts: &SignatureFacts<'_>) -> Vec<Diagnostic> {
    lint_subject(&Subject::new(Origin::Given, text.clone()), facts)
}

/// The same, and what there is to say about its key in the DNS.
///
/// ```
/// use mailproof::dkim::{self, SignatureFacts};
/// use mailproof::{dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("s._domainkey.d.example. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"")?;
/// let text = "v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v".into();
/// let resolve = |question: &mailproof::dns::Question| zone.answer(question);
/// let look = |dns: &Snapshot| dkim::lint_signature_at(dns, &text, &SignatureFacts::default());
/// let found = drive_sync(&mut Snapshot::new(), resolve, look);
/// assert!(found.iter().any(|found| found.code == "dkim-key-type-mismatch"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_signature_at(dns: &Snapshot, text: &Source, facts: &SignatureFacts<'_>) -> Step<Vec<Diagnostic>> {
    let signature = Signature::parse(text);
    let (Some(domain), Some(selector)) = (&signature.domain, &signature.selector) else {
        return Step::Done(lint_signature(text, facts));
    };
    let Some(name) = key_name(&domain.value, &selector.value) else { return Step::Done(lint_signature(text, facts)) };
    let mut options = LintOptions::default();
    options.algorithms.extend(signature.algorithm.map(|algorithm| algorithm.value));
    lint_key_at(dns, &name, &options).map(|of_key| {
        let answer = dns.lookup(name.as_str(), RecordType::Txt);
        let published = || meant_keys(answer?).into_iter().next();
        let key = facts.key.cloned().or_else(published);
        let mut found = lint_signature(text, &SignatureFacts { key: key.as_ref(), ..*facts });
        found.extend(of_key);
        found
    })
}

/// What there is to say about the signatures of a message: that there is none, and what each has, from the top.
///
/// ```
/// use mailproof::dkim::lint_message;
/// use mailproof::message::Message;
///
/// let found = lint_message(&Message::parse(b"From: alice@d.example\r\n\r\nHello\r\n"), None);
/// assert_eq!(found[0].code, "dkim-not-signed");
/// ```
pub fn lint_message(message: &Message<'_>, received: Option<Timestamp>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    message::check(message, &mut out);
    let facts = SignatureFacts { message: Some(message), received, ..SignatureFacts::default() };
    for at in message.fields_named("DKIM-Signature").take(MAX_SIGNATURES) {
        out.extend(lint_subject(&message::field_subject(message, at), &facts));
    }
    out.into_vec()
}

fn lint_subject(subject: &Subject, facts: &SignatureFacts<'_>) -> Vec<Diagnostic> {
    let signature = Signature::parse(subject.source());
    let swallowed = context::swallowed(&signature);
    let cx = Context { signature: &signature, subject, facts, swallowed: &swallowed };
    let mut out = Findings::default();
    tags::check(&cx, &mut out);
    algorithm::check(&cx, &mut out);
    identity::check(&cx, &mut out);
    fields::check(&cx, &mut out);
    length::check(&cx, &mut out);
    times::check(&cx, &mut out);
    copies::check(&cx, &mut out);
    out.into_sorted()
}
