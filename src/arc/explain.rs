//! A chain in words: as evidence of who handled the message, never as a pass.

use super::{ArcResult, Cause, CheckProblem, DefectKind, Outcome, Set};
use crate::dkim::explain as dkim;
use crate::dkim::{Cause as DkimCause, Signature};

/// What the chain shows, in one sentence without a full stop.
///
/// ```
/// use mailproof::arc::{self, explain};
/// use mailproof::dns::{Snapshot, Step};
/// use mailproof::{Timestamp, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=none; d=l.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let Step::Done(outcome) = arc::verify(&Snapshot::new(), &message, Timestamp(0)) else { panic!() };
/// assert_eq!(
///     explain::headline(&outcome),
///     "the ARC chain is broken and shows nothing: set 1 has no ARC-Authentication-Results"
/// );
/// ```
pub fn headline(outcome: &Outcome) -> String {
    match outcome.result {
        ArcResult::None => "there is no ARC chain".to_owned(),
        ArcResult::Pass => {
            let sealers: Vec<String> =
                outcome.chain.sets.iter().filter_map(|set| Some(dkim::name(sealed(set)?))).collect();
            let seals = sealers.join(", then ");
            let unchanged = match outcome.oldest_pass {
                Some(0) => "; the message is as the first of them had it".to_owned(),
                Some(instance) => format!("; the message was changed before set {instance} was made"),
                None => String::new(),
            };
            format!(
                "the ARC chain is intact, sealed by {seals}{unchanged}; it is evidence for who trusts them, no pass"
            )
        }
        ArcResult::Fail => format!("the ARC chain is broken and shows nothing: {}", cause(outcome)),
    }
}

/// What the results of a set claim, as its sealer wrote them: `set 1 of l.example (selector s1) claims: …`.
///
/// ```
/// use mailproof::{arc::{Chain, explain}, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=none; d=l.example; s=s1\r\n\
///     ARC-Authentication-Results: i=1; mx.l.example;\r\n\tdkim=pass header.d=d.example\r\n\r\n");
/// let set = &Chain::of(&message).sets[0];
/// assert_eq!(
///     explain::claim(set),
///     "set 1 of l.example (selector s1) claims: mx.l.example; dkim=pass header.d=d.example"
/// );
/// ```
pub fn claim(set: &Set) -> String {
    let sealer = sealed(set).map_or_else(|| "nobody".to_owned(), dkim::name);
    let Some(results) = &set.results else { return format!("set {} of {sealer} claims nothing", set.instance) };
    let text = &results.source.text()[results.payload];
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    format!("set {} of {sealer} claims: {}", set.instance, words.join(" "))
}

fn sealed(set: &Set) -> Option<&Signature> {
    set.seal.as_ref().map(|seal| &seal.signature)
}

fn cause(outcome: &Outcome) -> String {
    let of = |instance: Option<u32>| {
        let set = outcome.chain.sets.iter().find(|set| Some(set.instance) == instance);
        set.and_then(sealed).map(dkim::name).unwrap_or_default()
    };
    match &outcome.cause {
        Cause::NoChain => "there is none".to_owned(),
        Cause::Verified => "nothing is wrong".to_owned(),
        Cause::MessageLimit => "the header section is too large and was not read to its end".to_owned(),
        Cause::SealedAsFailed => {
            let last = outcome.chain.last().map(|set| set.instance);
            format!("{} sealed it as broken already (`cv=fail`)", of(last))
        }
        Cause::Structure(defect) => structure(&defect.kind, defect.instance),
        Cause::MessageSignature(problem) => {
            let last = outcome.chain.last().and_then(|set| set.message_signature.as_ref());
            let signer = last.map(|ams| dkim::name(&ams.signature)).unwrap_or_default();
            format!("the newest message signature, of {signer}, does not verify: {}", self::problem(problem))
        }
        Cause::Seal { instance, problem } => {
            format!("seal {instance}, of {}, does not verify: {}", of(Some(*instance)), self::problem(problem))
        }
    }
}

fn structure(kind: &DefectKind, instance: Option<u32>) -> String {
    let set = instance.map_or_else(|| "a set".to_owned(), |instance| format!("set {instance}"));
    match kind {
        DefectKind::Instance(field) => format!("a field {} has no instance of 1 to 50 (`i=`)", field.as_str()),
        DefectKind::InstanceNotFirst => format!("in {set} the instance does not stand first"),
        DefectKind::Duplicate { kind, .. } => format!("{set} has {} twice", kind.as_str()),
        DefectKind::Missing(field) => format!("{set} has no {}", field.as_str()),
        DefectKind::Validation => format!("the seal of {set} has no readable `cv=`"),
        DefectKind::FirstNotNone => "the first seal does not say `cv=none`".to_owned(),
        DefectKind::LaterNone => format!("the seal of {set} says `cv=none` though sets come before it"),
        DefectKind::Fail => format!("the seal of {set} says `cv=fail`"),
        DefectKind::SealSignsHeaders => format!("the seal of {set} has `h=`"),
        DefectKind::SignsSeal => format!("the message signature of {set} signs ARC-Seal"),
    }
}

/// Why a signature of a set does not verify; a clause without a full stop.
///
/// ```
/// use mailproof::arc::{CheckProblem, explain};
///
/// assert_eq!(explain::problem(&CheckProblem::BodyHash), "the body was changed after signing");
/// assert_eq!(explain::problem(&CheckProblem::Sha1), "rsa-sha1 is not allowed in ARC");
/// ```
pub fn problem(problem: &CheckProblem) -> String {
    let cause = match problem {
        CheckProblem::Signature(defect) => DkimCause::Signature(defect.clone()),
        CheckProblem::Expired => DkimCause::Expired,
        CheckProblem::Sha1 => return "rsa-sha1 is not allowed in ARC".to_owned(),
        CheckProblem::KeyName => DkimCause::KeyName,
        CheckProblem::KeyUnavailable(failure) => DkimCause::KeyUnavailable(*failure),
        CheckProblem::NoKey => DkimCause::NoKey,
        CheckProblem::Key(problem) => DkimCause::Key(*problem),
        CheckProblem::BodyHash => DkimCause::BodyHash,
        CheckProblem::Mismatch => DkimCause::HeaderSignature,
        CheckProblem::NotChecked => return "it was not looked at".to_owned(),
    };
    dkim::cause(&cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Snapshot, Step};
    use crate::message::Message;
    use crate::{Timestamp, arc};

    fn outcome(text: &str) -> Outcome {
        let Step::Done(outcome) = arc::verify(&Snapshot::new(), &Message::parse(text.as_bytes()), Timestamp(0)) else {
            panic!("nothing is to be asked")
        };
        outcome
    }

    #[test]
    fn a_chain_is_never_a_pass() {
        assert_eq!(headline(&outcome("From: a@d.example\r\n\r\n")), "there is no ARC chain");
        let failed = outcome("ARC-Seal: i=1; cv=fail; d=l.example; s=s1\r\n\r\n");
        assert_eq!(
            headline(&failed),
            "the ARC chain is broken and shows nothing: l.example (selector s1) sealed it as broken already (`cv=fail`)"
        );
    }

    #[test]
    fn claims_are_quoted() {
        let claimed = outcome(
            "ARC-Seal: i=1; cv=none; d=l.example; s=s1\r\n\
             ARC-Authentication-Results: i=1; mx.l.example;\r\n\tdkim=pass\r\n\r\n",
        );
        assert_eq!(claim(&claimed.chain.sets[0]), "set 1 of l.example (selector s1) claims: mx.l.example; dkim=pass");
    }
}
