//! What to do about a signature that does not pass, and who can.

use crate::dkim::forensics::{Certainty, Evidence, KeyEvidence, What};
use crate::dkim::{Cause, KeyProblem, Outcome, explain, signature_defect};
use crate::message::Message;
use crate::report::{Actor, Advice};

/// The nearest remedy first.
pub(super) fn advice(message: &Message<'_>, outcome: &Outcome, evidence: &Evidence) -> Vec<Advice> {
    let domain = outcome.domain().map_or("the signing domain", |domain| domain.as_str());
    let at = outcome.keys.name().map(ToString::to_string).unwrap_or_default();
    let one = |actor, text: String| vec![Advice::new(actor, text)];
    match &outcome.cause {
        Cause::Verified | Cause::TooManySignatures | Cause::MessageLimit(_) => Vec::new(),
        Cause::Signature(defect) => one(
            Actor::SendingService,
            match defect.kind {
                signature_defect::DefectKind::FromNotSigned => "list From in `h` when you sign".to_owned(),
                _ => format!("correct how {domain} signs: {}", explain::fault(&defect.kind)),
            },
        ),
        Cause::Expired => one(
            Actor::SendingService,
            "if good mail takes that long, let signatures live longer (`x`), or send the message again".to_owned(),
        ),
        Cause::Sha1 => one(Actor::SendingService, "sign with rsa-sha256".to_owned()),
        Cause::KeyName => one(Actor::SendingService, "use a shorter selector".to_owned()),
        Cause::KeyUnavailable(_) => vec![
            Advice::new(Actor::Recipient, "try again later: this is no statement about the message"),
            Advice::new(Actor::DomainOwner, format!("if it stays so, look after the name servers of {domain}")),
        ],
        Cause::NoKey => one(
            Actor::DomainOwner,
            format!("publish the key that signs at {at}, or have the service sign with a selector that has its key"),
        ),
        Cause::Key(problem) => key(*problem, domain, &at),
        Cause::BodyTooShort | Cause::BodyHash | Cause::HeaderSignature => changed(message, evidence, &at),
    }
}

fn key(problem: KeyProblem, domain: &str, at: &str) -> Vec<Advice> {
    let (actor, text) = match problem {
        KeyProblem::Revoked => {
            (Actor::SendingService, format!("sign with a key that is published: the one at {at} was revoked"))
        }
        KeyProblem::Type => (
            Actor::SendingService,
            format!("sign with an algorithm that fits the key at {at}, or publish the right key"),
        ),
        KeyProblem::TooShort => {
            (Actor::DomainOwner, "publish an RSA key of 2,048 bits at a new selector, and sign with it".to_owned())
        }
        KeyProblem::TooLong => {
            (Actor::DomainOwner, "publish an RSA key of 2,048 bits at a new selector: this one is too large".to_owned())
        }
        KeyProblem::Strict => {
            (Actor::SendingService, format!("name {domain} itself in `i`, or take the flag `s` out of the key record"))
        }
        KeyProblem::NotAKey => {
            (Actor::DomainOwner, format!("publish the key at {at}, in the place of what stands there"))
        }
        KeyProblem::Syntax | KeyProblem::Undecodable => (Actor::DomainOwner, format!("correct the key record at {at}")),
        KeyProblem::Service => {
            (Actor::DomainOwner, format!("list `email` in `s` of the key record at {at}, or leave `s` out"))
        }
        KeyProblem::Hash => {
            (Actor::DomainOwner, format!("list `sha256` in `h` of the key record at {at}, or leave `h` out"))
        }
    };
    vec![Advice::new(actor, text)]
}

/// The message is not the one that was signed, or the key is another one.
fn changed(message: &Message<'_>, evidence: &Evidence, at: &str) -> Vec<Advice> {
    let known = || evidence.body.iter().chain(&evidence.header).filter(|one| one.certainty != Certainty::Unknown);
    if known().any(|one| one.what == What::SignedOtherwise) {
        let text = "have the signing program do what its `c` and `l` say, and sign after all other changes";
        return vec![Advice::new(Actor::SendingService, text)];
    }
    if known().next().is_some() {
        let who = if message.fields_named("List-Id").next().is_some() { Actor::ListOperator } else { Actor::Forwarder };
        let text = "pass the mail on unchanged, or write your own domain in From and sign anew";
        return vec![Advice::new(who, text)];
    }
    match &evidence.key {
        KeyEvidence::Other => vec![Advice::new(
            Actor::DomainOwner,
            format!("publish the key that signs at a selector of its own: the one at {at} is another"),
        )],
        KeyEvidence::PublishedElsewhere { name } => {
            vec![Advice::new(Actor::SendingService, format!("sign with the selector of the key that is at {name}"))]
        }
        KeyEvidence::Unknown | KeyEvidence::Signed { .. } => vec![Advice::new(
            Actor::Recipient,
            "ask the sender for the message as it was sent: compared with this one, it shows what was changed",
        )],
    }
}
