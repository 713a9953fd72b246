//! One signature: its facts, and the finding that explains its result.

use super::{AlterationFacts, SignatureFacts};
use crate::dkim::forensics::{Alteration, Certainty, Part};
use crate::dkim::{Outcome, explain};
use crate::finding::{Diagnostic, Origin, Severity};
use crate::message::Message;
use crate::message::diagnose::Signed;

/// What is known of a signature.
pub(super) fn facts(message: &Message<'_>, signed: &Signed) -> SignatureFacts {
    let (outcome, evidence) = (&signed.outcome, &signed.evidence);
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

/// The finding that explains the result; it is taken away from the others.
pub(super) fn because(outcome: &Outcome, findings: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
    use crate::dkim::Cause;
    let grave = |found: &Diagnostic| found.severity == Severity::Error;
    let is_own = |found: &Diagnostic| is_in(found, outcome.field) || is_key(found, outcome) || names(found, outcome);
    let decides = |found: &Diagnostic| match &outcome.cause {
        Cause::Verified | Cause::TooManySignatures | Cause::MessageLimit(_) => false,
        Cause::BodyHash | Cause::BodyTooShort => found.code == "dkim-body-hash-mismatch",
        Cause::HeaderSignature => found.code == "dkim-sig-mismatch",
        Cause::KeyUnavailable(_) => found.code == "dkim-dns-tempfail",
        Cause::NoKey => found.code == "dkim-key-dns-nokey",
        Cause::Key(_) => grave(found) && is_key(found, outcome),
        Cause::Expired => found.code == "dkim-sig-expired",
        Cause::Sha1 => found.code == "dkim-sig-rsa-sha1",
        Cause::Signature(defect) => grave(found) && is_in(found, outcome.field) && found.primary.span == defect.span,
        Cause::KeyName => grave(found) && is_in(found, outcome.field),
    };
    let first = findings.iter().position(|found| is_own(found) && decides(found));
    // The rule may point at a wider place than the verifier does.
    let otherwise = || {
        let any = matches!(outcome.cause, Cause::Signature(_));
        findings
            .iter()
            .position(|found| any && is_own(found) && grave(found) && found.code.as_str().starts_with("dkim-sig-"))
    };
    let at = first.or_else(otherwise)?;
    Some(findings.remove(at))
}

fn is_in(found: &Diagnostic, field: usize) -> bool {
    matches!(found.primary.subject.origin(), Origin::Field { index, .. } if *index == field)
}

/// Whether it is about the key record of this signature.
fn is_key(found: &Diagnostic, outcome: &Outcome) -> bool {
    matches!(found.primary.subject.origin(), Origin::Record { owner, .. } if Some(owner) == outcome.keys.name())
}

/// Whether it says that it is about this signature.
fn names(found: &Diagnostic, outcome: &Outcome) -> bool {
    let signature = &outcome.signature;
    let domain = signature.domain.as_ref().map(|domain| domain.value.as_str());
    let selector = signature.selector.as_ref().map(|selector| selector.value.as_str());
    domain.is_some() && found.params.get("domain") == domain && found.params.get("selector") == selector
}
