//! Outcomes and evidence in words.

mod alteration;
mod diff;

pub use alteration::{alteration, certainty};
pub use diff::{Difference, Line, Side, difference};

use super::forensics::{Alteration, Certainty, Evidence, KeyEvidence, What};
use super::{Cause, KeyLookup, KeyProblem, Outcome, Signature, key_defect, signature_defect};
use crate::message::Message;

/// The result of a signature in one sentence, without a full stop. `evidence` is what an investigation found.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::dns::{Answer, Snapshot};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// assert_eq!(
///     explain::headline(&outcomes[0], &message, &evidence),
///     "the DKIM signature of d.example (selector s1) can never verify: its key was revoked"
/// );
/// ```
pub fn headline(outcome: &Outcome, message: &Message<'_>, evidence: &Evidence) -> String {
    use super::DkimResult as R;
    let signature = name(&outcome.signature);
    let says = match outcome.result {
        R::Pass => return format!("the DKIM signature of {signature} passes"),
        R::Fail => "fails",
        R::Temperror => "could not be checked now",
        R::Policy => "is not acceptable",
        R::Neutral => "could not be processed",
        R::Permerror => "can never verify",
    };
    let mut why = cause(&outcome.cause);
    match outcome.cause {
        Cause::BodyHash | Cause::BodyTooShort => {
            if let Some(found) = evidence.body.as_ref().filter(|found| found.certainty != Certainty::Unknown) {
                why = format!("{why}, {}", alteration(found, message));
            }
        }
        Cause::HeaderSignature => {
            let known: Vec<String> = evidence
                .header
                .iter()
                .filter(|found| found.certainty != Certainty::Unknown)
                .map(|found| alteration(found, message))
                .collect();
            if !known.is_empty() {
                why = format!("the header was changed after signing, {}", known.join(" and "));
            } else if let Some(told) = key(&evidence.key) {
                why = match evidence.key {
                    KeyEvidence::Signed { .. } => reason(outcome, evidence),
                    _ => told,
                };
            }
        }
        _ => {}
    }
    format!("the DKIM signature of {signature} {says}: {why}")
}

/// The result of a signature as an answer: the word of RFC 8601, a colon, and why; without a full stop.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::dns::{Answer, Snapshot};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// assert_eq!(
///     explain::answer(&outcomes[0], &message, &evidence),
///     "permerror: the signature of d.example (selector s1) can never verify: its key was revoked"
/// );
/// ```
pub fn answer(outcome: &Outcome, message: &Message<'_>, evidence: &Evidence) -> String {
    use super::DkimResult as R;
    let signature = name(&outcome.signature);
    let word = outcome.result;
    let told = |found: &Alteration| alteration(found, message);
    match outcome.cause {
        Cause::Verified => {
            let rest = match outcome.body.map(|body| body.unsigned()).filter(|&octets| octets > 0) {
                Some(octets) => format!(", but for {octets} octets at the end that are not signed"),
                None => String::new(),
            };
            return format!("{word}: header and body are as {signature} signed them{rest}");
        }
        Cause::BodyHash | Cause::BodyTooShort => {
            let found = evidence.body.as_ref().filter(|found| found.certainty != Certainty::Unknown);
            if found.is_some_and(|found| found.what == What::SignedOtherwise) {
                return format!(
                    "{word}: the body fits the signature of {signature} only if it is hashed otherwise than it says"
                );
            }
            let how = found.map(|found| format!(": {}", told(found))).unwrap_or_default();
            return format!("{word}: the body was changed after {signature} signed it{how}");
        }
        Cause::HeaderSignature => {
            let known = evidence.header.iter().filter(|found| found.certainty != Certainty::Unknown);
            let known: Vec<String> = known.map(told).collect();
            if !known.is_empty() {
                return format!("{word}: {} after {signature} signed it", known.join(", and "));
            }
            let why = match &evidence.key {
                KeyEvidence::Signed { .. } => "header fields were changed after it was made".to_owned(),
                other => key(other).unwrap_or_else(|| "header fields were changed, or another key made it".to_owned()),
            };
            return format!("{word}: the signature of {signature} does not verify: {why}");
        }
        _ => {}
    }
    let says = match outcome.result {
        R::Pass => "passes",
        R::Fail => "fails",
        R::Temperror => "could not be checked now",
        R::Policy => "is not acceptable",
        R::Neutral => "could not be processed",
        R::Permerror => "can never verify",
    };
    format!("{word}: the signature of {signature} {says}: {}", cause(&outcome.cause))
}

/// Signing domain and selector: `example.com (selector s1)`.
///
/// ```
/// use mailproof::{dkim::{Signature, explain}, text::Source};
///
/// let field = Source::new("v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=aGFzaA==; b=c2ln");
/// assert_eq!(explain::name(&Signature::parse(&field)), "example.com (selector s1)");
/// ```
pub fn name(signature: &Signature) -> String {
    let domain = signature.domain.as_ref().map_or("an unreadable domain", |domain| domain.value.as_str());
    match &signature.selector {
        Some(selector) => format!("{domain} (selector {})", selector.value),
        None => format!("{domain} (no readable selector)"),
    }
}

/// Why a signature has its result; a clause without a full stop.
///
/// ```
/// use mailproof::dkim::{Cause, explain};
///
/// assert_eq!(explain::cause(&Cause::NoKey), "there is no key record at its selector");
/// ```
pub fn cause(cause: &Cause) -> String {
    let told = match cause {
        Cause::Verified => "header and body are as they were signed",
        Cause::TooManySignatures => "the message has too many signatures, this one was not looked at",
        Cause::MessageLimit(_) => "the header section is too large and was not read to its end",
        Cause::Signature(defect) => return format!("its field is not usable, {}", fault(&defect.kind)),
        Cause::Expired => "it has expired (`x=`)",
        Cause::Sha1 => "it verifies, but rsa-sha1 counts for nothing any more (RFC 8301)",
        Cause::KeyName => "selector and domain together are too long for a name in the DNS",
        Cause::KeyUnavailable(failure) => {
            return format!("the DNS answers the question for its key with {}", failure.as_str());
        }
        Cause::NoKey => "there is no key record at its selector",
        Cause::Key(problem) => return key_problem(*problem).to_owned(),
        Cause::BodyTooShort => "the body is shorter than what was signed (`l=`)",
        Cause::BodyHash => "the body was changed after signing",
        Cause::HeaderSignature => "the signed header fields were changed, or another key signed them",
    };
    told.to_owned()
}

/// The same with what is known of the key: where the published one made the signature, no other did.
pub(crate) fn reason(outcome: &Outcome, evidence: &Evidence) -> String {
    match (&outcome.cause, &evidence.key) {
        (Cause::HeaderSignature, KeyEvidence::Signed { .. }) => "the signed header fields were changed".to_owned(),
        (other, _) => cause(other),
    }
}

fn key_problem(problem: KeyProblem) -> &'static str {
    match problem {
        KeyProblem::NotAKey => "what is published at its selector is no key",
        KeyProblem::Syntax => "its key record is malformed",
        KeyProblem::Service => "its key is not for mail (`s=`)",
        KeyProblem::Hash => "its key does not allow the hash (`h=`)",
        KeyProblem::Revoked => "its key was revoked",
        KeyProblem::Type => "its key is of another type than `a=` says",
        KeyProblem::Undecodable => "its key record holds no readable key",
        KeyProblem::TooShort => "its RSA key is too short",
        KeyProblem::TooLong => "its RSA key is too large to be checked",
        KeyProblem::Strict => "its key is only for the domain of `d=` itself (`t=s`), and `i=` names another",
    }
}

/// What is wrong with the field of a signature; a clause without a full stop.
///
/// ```
/// use mailproof::dkim::{explain, signature_defect::DefectKind};
///
/// assert_eq!(explain::fault(&DefectKind::Missing("bh")), "`bh=` is missing");
/// ```
pub fn fault(kind: &signature_defect::DefectKind) -> String {
    use signature_defect::DefectKind as Kind;
    let told = match kind {
        Kind::List(_) => "the tag-list is broken",
        Kind::Version => "`v=` is not 1",
        Kind::Missing(tag) => return format!("`{tag}=` is missing"),
        Kind::Empty(tag) => return format!("`{tag}=` is empty"),
        Kind::Algorithm => "`a=` names an unknown algorithm",
        Kind::Canonicalization => "`c=` names an unknown canonicalization",
        Kind::Base64(_) => "`b=` or `bh=` is not base64",
        Kind::BodyHashLength { .. } => "`bh=` has the wrong length",
        Kind::Domain(_) | Kind::DomainOneLabel => "`d=` is no domain",
        Kind::FinalDot => "`d=` or `s=` ends in a dot",
        Kind::Selector(_) => "`s=` is no selector",
        Kind::Identity => "`i=` is not an address",
        Kind::IdentityOutsideDomain => "`i=` does not lie in the domain of `d=`",
        Kind::HeaderName => "`h=` holds what is no field name",
        Kind::TooManyHeaders => "`h=` names too many fields",
        Kind::FromNotSigned => "From is not in `h=`",
        Kind::Number(tag) => return format!("`{tag}=` is not a number"),
        Kind::ExpirationNotAfterTimestamp => "`x=` is not after `t=`",
        Kind::QueryMethod => "`q=` does not list dns/txt",
        Kind::Copy => "`z=` is malformed",
    };
    told.to_owned()
}

/// What a search found out about the key; `None` if nothing.
///
/// ```
/// use mailproof::dkim::{explain, forensics::KeyEvidence};
///
/// let elsewhere = KeyEvidence::PublishedElsewhere { name: "s2026._domainkey.papershop.example".parse()? };
/// assert_eq!(
///     explain::key(&elsewhere).unwrap(),
///     "the key that made this signature is published at s2026._domainkey.papershop.example"
/// );
/// assert_eq!(explain::key(&KeyEvidence::Unknown), None);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn key(evidence: &KeyEvidence) -> Option<String> {
    match evidence {
        KeyEvidence::Unknown => None,
        KeyEvidence::Signed { .. } => Some("the published key made this signature".to_owned()),
        KeyEvidence::Other => Some("the published key did not make this signature, or `b=` was damaged".to_owned()),
        KeyEvidence::PublishedElsewhere { name } => {
            Some(format!("the key that made this signature is published at {name}"))
        }
    }
}

/// What was published where the key should be, in one line; `None` if nothing was asked.
///
/// ```
/// use mailproof::dkim::{self, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/passes.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// assert_eq!(
///     explain::key_lookup(&outcomes[0].keys).unwrap(),
///     "s2026._domainkey.papershop.example TXT: an RSA key of 2048 bits"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn key_lookup(keys: &KeyLookup) -> Option<String> {
    match keys {
        KeyLookup::NotAsked | KeyLookup::NoName => None,
        KeyLookup::Failed { name, failure } => Some(format!("{name} TXT: {}", failure.as_str())),
        KeyLookup::Missing { name, nxdomain: true, .. } => Some(format!("{name} does not exist")),
        KeyLookup::Missing { name, .. } => Some(format!("{name} has no TXT record")),
        KeyLookup::Found { name, candidates, .. } => {
            let used = keys.used()?;
            let mut told = format!("{name} TXT: {}", key_size(&used.key.data));
            if candidates.len() > 1 {
                told.push_str(&format!(", one of {} records", candidates.len()));
            }
            if used.key.is_testing() {
                told.push_str(", for testing only (`t=y`)");
            }
            if used.key.defects.iter().any(|defect| matches!(defect.kind, key_defect::DefectKind::List(_))) {
                told.push_str(", a broken tag-list");
            }
            Some(told)
        }
    }
}

fn key_size(data: &super::KeyData) -> String {
    use super::KeyData;
    match data {
        KeyData::Rsa(rsa) => format!("an RSA key of {} bits", rsa.bits()),
        KeyData::Ed25519(_) => "an Ed25519 key".to_owned(),
        KeyData::Revoked => "a revoked key".to_owned(),
        KeyData::Missing | KeyData::OtherType | KeyData::Invalid(_) => "no readable key".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::Canonicalization::{Relaxed, Simple};
    use crate::dkim::forensics::{Budget, investigate};
    use crate::dkim::testing::{Signer, TestKey, verified};

    const MAIL: &[u8] = b"From: a@d.example\r\nTo: b@r.example\r\nSubject: x\r\nDate: y\r\n\r\nHello\r\n";

    fn told(message: &[u8], record: &str) -> (String, Vec<String>) {
        let (outcomes, dns) = verified(message, record);
        let message = Message::parse(message);
        let evidence = investigate(&dns, &message, &outcomes[0], &Budget::default());
        let alterations = evidence.body.iter().chain(&evidence.header);
        let lines = alterations.flat_map(|found| difference(found, &message).lines).map(|line| line.to_string());
        let lines = lines.collect();
        (headline(&outcomes[0], &message, &evidence), lines)
    }

    #[test]
    fn a_pass_and_a_footer() {
        let key = TestKey::Rsa2048;
        let signed = Signer::new(key, Relaxed).sign(MAIL);
        assert_eq!(
            told(&signed, &key.record()),
            ("the DKIM signature of d.example (selector s) passes".into(), vec![])
        );
        let footer = [&signed[..], b"\r\n____ \r\nl\xe2\x80\x8bist\r\n"].concat();
        let (headline, lines) = told(&footer, &key.record());
        assert_eq!(
            headline,
            "the DKIM signature of d.example (selector s) fails: the body was changed after signing, three lines were \
             added at its end"
        );
        assert_eq!(lines, ["  Hello", "+ ", "+ ____\\x20", "+ l\\u{200b}ist"]);
    }

    #[test]
    fn a_subject_tag() {
        let key = TestKey::Rsa2048;
        let signed = String::from_utf8(Signer::new(key, Relaxed).sign(MAIL)).unwrap();
        let tagged = signed.replace("Subject: x", "Subject: [list] x");
        let (headline, lines) = told(tagged.as_bytes(), &key.record());
        assert_eq!(
            headline,
            "the DKIM signature of d.example (selector s) fails: the header was changed after signing, Subject was changed"
        );
        assert_eq!(lines, ["- Subject: x", "+ Subject: [list] x"]);
    }

    #[test]
    fn line_ends_are_shown() {
        let key = TestKey::Ed25519;
        let signed = String::from_utf8(Signer::new(key, Simple).sign(MAIL)).unwrap();
        let bare = signed.replace("Hello\r\n", "Hello\n");
        let (headline, lines) = told(bare.as_bytes(), &key.record());
        assert!(headline.ends_with("its line ends were changed"), "{headline}");
        assert_eq!(lines, ["- Hello\\r\\n", "+ Hello\\n"]);
    }

    #[test]
    fn the_key_is_told() {
        let signed = Signer::new(TestKey::Rsa2048, Relaxed).sign(MAIL);
        let (headline, _) = told(&signed, &TestKey::Rsa1024.record());
        assert_eq!(
            headline,
            "the DKIM signature of d.example (selector s) fails: the published key did not make this signature, or \
             `b=` was damaged"
        );
        let (headline, _) = told(&signed, "v=DKIM1; p=");
        assert!(headline.ends_with("can never verify: its key was revoked"), "{headline}");
    }
}
