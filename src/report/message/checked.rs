//! Facts and findings by checking every signature.

use super::{AlterationFacts, ArcFacts, Checked, CheckedSignature, SignatureFacts, advise};
use crate::Timestamp;
use crate::arc::{self, ArcResult};
use crate::dkim::forensics::{Alteration, Budget, Certainty, Evidence, Part, investigate};
use crate::dkim::{self, Outcome, explain};
use crate::dns::{RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Effect, Severity, Subject};
use crate::message::Message;

pub(super) fn check(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<Checked> {
    let mut open = Vec::new();
    let outcomes = dkim::verify(dns, message, now).or_ask(&mut open);
    let chain = arc::verify(dns, message, now).or_ask(&mut open);
    let (Some(outcomes), Some(chain)) = (outcomes, chain) else { return Step::Ask(open) };
    let mut found = Checked::default();
    let known = dkim::Known { now: Some(now), ..dkim::Known::default() };
    for outcome in &outcomes {
        let evidence = investigate(dns, message, outcome, &Budget::default());
        let mut findings = dkim::findings(message, outcome, &evidence, &known);
        findings.extend(about_key(outcome));
        found.facts.signatures.push(signature(message, outcome, &evidence));
        found.signatures.push(CheckedSignature {
            answer: explain::answer(outcome, message, &evidence),
            because: because(outcome, &mut findings),
            advice: advise::advice(message, outcome, &evidence),
        });
        found.findings.extend(findings);
    }
    found.findings.extend(dkim::message_findings(message));
    found.findings.extend(arc::findings(message, &chain, &arc::Known::default()));
    found.findings.retain(|found| !TOLD_OTHERWISE.contains(&found.code.as_str()));
    found.facts.arc = (chain.result != ArcResult::None).then(|| ArcFacts {
        intact: Some(chain.result == ArcResult::Pass),
        told: arc::explain::headline(&chain),
        claims: chain.chain.sets.iter().map(arc::explain::claim).collect(),
    });
    Step::Done(found)
}

/// What the traces say in other words, or is of no interest by itself.
const TOLD_OTHERWISE: &[&str] = &["arc-none", "dkim-both-checked"];

/// What the text of the key record has against it.
fn about_key(outcome: &Outcome) -> Vec<Diagnostic> {
    let (Some(name), Some(used)) = (outcome.keys.name(), outcome.keys.used()) else { return Vec::new() };
    let subject = Subject::record(name, RecordType::Txt, used.key.source.clone());
    // A note is for whoever looks after the record: it says nothing about this mail.
    dkim::lint_key_record(&subject).into_iter().filter(|found| found.severity < Severity::Note).collect()
}

/// The finding that explains the result; it is taken away from the others.
fn because(outcome: &Outcome, findings: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
    use dkim::Cause;
    let code = match &outcome.cause {
        Cause::BodyHash | Cause::BodyTooShort => Some("dkim-body-hash-mismatch"),
        Cause::HeaderSignature => Some("dkim-sig-mismatch"),
        Cause::KeyUnavailable(_) => Some("dkim-dns-tempfail"),
        Cause::NoKey => Some("dkim-key-dns-nokey"),
        Cause::Verified => return None,
        _ => None,
    };
    let decides = |found: &Diagnostic| match code {
        Some(code) => found.code == code,
        None => found.effect == Effect::Permerror && !found.code.as_str().starts_with("dkim-body"),
    };
    let at = findings.iter().position(decides)?;
    Some(findings.remove(at))
}

fn signature(message: &Message<'_>, outcome: &Outcome, evidence: &Evidence) -> SignatureFacts {
    let signature = &outcome.signature;
    let text = signature.source.text();
    SignatureFacts {
        field: outcome.field,
        domain: signature.domain.as_ref().map(|domain| domain.value.to_string()),
        selector: signature.selector.as_ref().map(|selector| selector.value.to_string()),
        result: Some(outcome.result.as_str()),
        told: explain::headline(outcome, message, evidence),
        algorithm: signature.algorithm.map(|algorithm| algorithm.value.as_str()),
        signed: signature.headers.iter().map(|&name| text[name].to_owned()).collect(),
        body: outcome.body.map(|body| body.matches),
        unsigned_octets: outcome.body.map_or(0, |body| body.unsigned()),
        header: outcome.header.map(|header| header.verified),
        key: explain::key_lookup(&outcome.keys),
        key_evidence: explain::key(&evidence.key),
        alterations: evidence.body.iter().chain(&evidence.header).map(|found| alteration(found, message)).collect(),
    }
}

fn alteration(found: &Alteration, message: &Message<'_>) -> AlterationFacts {
    let difference = explain::difference(found, message);
    AlterationFacts {
        part: match found.part {
            Part::Body => "body",
            Part::Header => "header",
        },
        what: found.what.as_str(),
        header: found.header.clone(),
        at: found.at,
        length: found.length,
        certainty: match found.certainty {
            Certainty::Proven => "proven",
            Certainty::Likely => "likely",
            Certainty::Unknown => "unknown",
        },
        sure: explain::certainty(found),
        tried: found.tried,
        told: explain::alteration(found, message),
        difference: difference.lines.iter().map(ToString::to_string).collect(),
        left_out: difference.left_out,
    }
}
