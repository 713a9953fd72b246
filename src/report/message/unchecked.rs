//! Facts in a build that cannot check signatures.

use super::{ArcFacts, Checked, CheckedSignature, MessageFacts, SignatureFacts};
use crate::Timestamp;
use crate::arc::Chain;
use crate::dkim::Signature;
use crate::dns::{Snapshot, Step};
use crate::message::Message;

/// Why nothing was checked.
const WHY: &str = "this build of mailproof has no cryptography (feature `crypto`)";

pub(super) fn check(_: &Snapshot, message: &Message<'_>, _: Timestamp) -> Step<Checked> {
    let signatures = message.fields_named("DKIM-Signature").map(|at| {
        let signature = Signature::of_field(&message.fields()[at]);
        let domain = signature.domain.as_ref().map(|domain| domain.value.to_string());
        let selector = signature.selector.as_ref().map(|selector| selector.value.to_string());
        let named = domain.as_deref().unwrap_or("an unreadable domain");
        let by = selector.as_deref().unwrap_or("unreadable");
        let told = format!("the DKIM signature of {named} (selector {by}) was not checked: {WHY}");
        let text = signature.source.text();
        let signed = signature.headers.iter().map(|&name| text[name].to_owned()).collect();
        SignatureFacts { field: at, domain, selector, told, signed, ..SignatureFacts::default() }
    });
    let signatures: Vec<SignatureFacts> = signatures.collect();
    let chain = Chain::of(message);
    let arc = (!chain.is_empty())
        .then(|| ArcFacts { told: format!("the ARC chain was not checked: {WHY}"), ..ArcFacts::default() });
    let answers = signatures.iter().map(|facts| CheckedSignature { answer: facts.told.clone(), ..Default::default() });
    let answers = answers.collect();
    Step::Done(Checked { facts: MessageFacts { signatures, arc }, signatures: answers, findings: Vec::new() })
}
