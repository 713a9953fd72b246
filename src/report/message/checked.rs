//! Facts and findings by checking every signature.

use super::{AlterationFacts, ArcFacts, Checked, CheckedSignature, SignatureFacts, advise};
use crate::Timestamp;
use crate::arc::{self, ArcResult};
use crate::dkim::forensics::{Alteration, Budget, Certainty, Evidence, Part, investigate};
use crate::dkim::{self, Outcome, explain};
use crate::dns::{Snapshot, Step};
use crate::finding::{Diagnostic, Origin, Severity};
use crate::message::Message;

pub(super) fn check(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<Checked> {
    let mut open = Vec::new();
    let outcomes = dkim::verify(dns, message, now).or_ask(&mut open);
    let chain = arc::verify(dns, message, now).or_ask(&mut open);
    let (Some(outcomes), Some(chain)) = (outcomes, chain) else { return Step::Ask(open) };
    let keys: Vec<Vec<Diagnostic>> =
        outcomes.iter().map(|outcome| about_key(dns, outcome).or_ask(&mut open).unwrap_or_default()).collect();
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let mut found = Checked::default();
    let known = dkim::Known { now: Some(now), ..dkim::Known::default() };
    let fields = dkim::lint_message(message, Some(now));
    for (outcome, of_key) in outcomes.iter().zip(keys) {
        let evidence = investigate(dns, message, outcome, &Budget::default());
        let mut findings = dkim::findings(message, outcome, &evidence, &known);
        let of_field = fields.iter().filter(|found| is_in(found, outcome.field));
        // A note is for whoever looks after the record or the signer: it says nothing about this mail.
        let lints = of_field.cloned().chain(of_key).filter(|found| found.severity < Severity::Note);
        findings.extend(lints.filter(|found| !told_by(outcome, found)));
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

/// What there is to say about the key.
fn about_key(dns: &Snapshot, outcome: &Outcome) -> Step<Vec<Diagnostic>> {
    let (Some(name), Some(algorithm)) = (outcome.keys.name(), outcome.signature.algorithm) else {
        return Step::Done(Vec::new());
    };
    let mut options = dkim::LintOptions::default();
    options.algorithms.push(algorithm.value);
    dkim::lint_key_at(dns, name, &options)
}

fn is_in(found: &Diagnostic, field: usize) -> bool {
    matches!(found.primary.subject.origin(), Origin::Field { index, .. } if *index == field)
}

/// Whether the outcome says the same: that there is no key, that `l=` counts too much or leaves something out.
fn told_by(outcome: &Outcome, found: &Diagnostic) -> bool {
    let passed = outcome.cause == dkim::Cause::Verified;
    match found.code.as_str() {
        "dkim-key-missing" => true,
        "dkim-sig-l-too-large" => outcome.body.is_some(),
        "dkim-sig-l-tag" | "dkim-sig-l-zero" => passed && outcome.body.is_some_and(|body| body.unsigned() > 0),
        _ => false,
    }
}

/// The finding that explains the result; it is taken away from the others.
fn because(outcome: &Outcome, findings: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
    use dkim::Cause;
    let grave = |found: &Diagnostic| found.severity == Severity::Error;
    let decides = |found: &Diagnostic| match &outcome.cause {
        Cause::Verified | Cause::TooManySignatures | Cause::MessageLimit(_) => false,
        Cause::BodyHash | Cause::BodyTooShort => found.code == "dkim-body-hash-mismatch",
        Cause::HeaderSignature => found.code == "dkim-sig-mismatch",
        Cause::KeyUnavailable(_) => found.code == "dkim-dns-tempfail",
        Cause::NoKey => found.code == "dkim-key-dns-nokey",
        Cause::Key(_) => grave(found) && matches!(found.primary.subject.origin(), Origin::Record { .. }),
        Cause::Expired => found.code == "dkim-sig-expired",
        Cause::Sha1 => found.code == "dkim-sig-rsa-sha1",
        Cause::Signature(defect) => grave(found) && is_in(found, outcome.field) && found.primary.span == defect.span,
        Cause::KeyName => grave(found) && is_in(found, outcome.field),
    };
    let first = findings.iter().position(decides);
    // The rule may point at a wider place than the verifier does.
    let otherwise = || {
        let any = matches!(outcome.cause, Cause::Signature(_));
        findings.iter().position(|found| any && grave(found) && found.code.as_str().starts_with("dkim-sig-"))
    };
    let at = first.or_else(otherwise)?;
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
