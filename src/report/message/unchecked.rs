//! The report of a build that cannot check signatures: what the message shows, and SPF where the client is known.

use super::{ArcFacts, MessageFacts, MessageInput, SignatureFacts};
use crate::arc::Chain;
use crate::dkim::Signature;
use crate::dns::{Snapshot, Step};
use crate::message::Message;
use crate::report::{Input, Report, SpfInput};

/// Why nothing was checked.
const WHY: &str = "this build of mailproof has no cryptography (feature `crypto`)";

pub(super) fn check(input: &MessageInput, dns: &Snapshot) -> Step<Report> {
    let message = Message::parse(&input.message.0);
    let Some(session) = session(input, &message) else { return Step::Done(report(input, &message, dns, None)) };
    session.check(dns).map(|spf| report(input, &message, dns, Some(spf)))
}

/// The session, where the client is known; without a reverse-path, with that of Return-Path.
fn session(input: &MessageInput, message: &Message<'_>) -> Option<SpfInput> {
    let given = &input.connection;
    let return_path = || {
        let at = message.fields_named("Return-Path").next()?;
        Some(String::from_utf8_lossy(message.fields()[at].body()).trim().trim_matches(['<', '>']).to_owned())
    };
    let mail_from = given.mail_from.clone().or_else(return_path)?;
    Some(SpfInput::new(given.ip?, given.helo.as_deref().unwrap_or_default(), &mail_from))
}

fn report(input: &MessageInput, message: &Message<'_>, dns: &Snapshot, spf: Option<Report>) -> Report {
    let signatures: Vec<SignatureFacts> =
        message.fields_named("DKIM-Signature").map(|at| signature(message, at)).collect();
    let mut headline = match signatures.first() {
        Some(first) => first.told.clone(),
        None => "unsigned: the message has no DKIM signature".to_owned(),
    };
    let chain = Chain::of(message);
    let arc = (!chain.is_empty())
        .then(|| ArcFacts { told: format!("the ARC chain was not checked: {WHY}"), ..ArcFacts::default() });
    if let Some(verdict) = spf.as_ref().and_then(|spf| spf.verdicts.first()) {
        headline.push_str(&format!("; SPF says {}", verdict.result));
    }
    let findings = spf.as_ref().map(|spf| spf.findings.clone()).unwrap_or_default();
    let mut report =
        Report::new(Input::Message(Box::new(input.clone())), false, headline, dns.clone()).with_findings(findings);
    if let Some(spf) = spf {
        report.verdicts = spf.verdicts;
        report.advice = spf.advice;
        report.traces = spf.traces;
    }
    report.message = Some(MessageFacts { signatures, arc, ..MessageFacts::default() });
    report
}

fn signature(message: &Message<'_>, at: usize) -> SignatureFacts {
    let signature = Signature::of_field(&message.fields()[at]);
    let domain = signature.domain.as_ref().map(|domain| domain.value.to_string());
    let selector = signature.selector.as_ref().map(|selector| selector.value.to_string());
    let named = domain.as_deref().unwrap_or("an unreadable domain");
    let by = selector.as_deref().unwrap_or("unreadable");
    let told = format!("the DKIM signature of {named} (selector {by}) was not checked: {WHY}");
    let text = signature.source.text();
    let signed = signature.headers.iter().map(|&name| text[name].to_owned()).collect();
    SignatureFacts { field: at, domain, selector, told, signed, ..SignatureFacts::default() }
}
