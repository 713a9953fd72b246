//! Outcomes and evidence in words.

mod alteration;
mod diff;
mod keys;

pub use alteration::{alteration, certainty};
pub use diff::{Difference, Line, Side, difference};
pub use keys::{key, key_lookup};

use super::forensics::{Alteration, Certainty, Evidence, KeyEvidence, What};
use super::{Cause, DkimResult, KeyProblem, Outcome, Signature, signature_defect};
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
    let signature = name(&outcome.signature);
    let says = says(outcome);
    if outcome.result == DkimResult::Pass {
        return format!("the DKIM signature of {signature} {says}");
    }
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
    let says = says(outcome);
    format!("{word}: the signature of {signature} {says}: {}", cause(&outcome.cause))
}

/// The result as a verb.
fn says(outcome: &Outcome) -> &'static str {
    match (outcome.result, &outcome.cause) {
        (DkimResult::Pass, _) => "passes",
        (DkimResult::Fail, _) => "fails",
        (DkimResult::Temperror, _) => "could not be checked now",
        (DkimResult::Policy, _) => "is not acceptable",
        (DkimResult::Neutral, _) => "could not be processed",
        // §3.6.1: its owner has taken the key back for good.
        (DkimResult::Permerror, Cause::Key(KeyProblem::Revoked)) => "can never verify",
        // A key may be published yet, or its record mended.
        (DkimResult::Permerror, Cause::NoKey | Cause::Key(_)) => "does not verify",
        (DkimResult::Permerror, _) => "can never verify",
    }
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
        Cause::Key(problem) => return keys::problem(*problem).to_owned(),
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

    /// The signer's copy in `z=` proves what an emptied field said, or the first part of the body does.
    #[test]
    fn an_emptied_field() {
        let key = TestKey::Rsa2048;
        let told = |signed: Vec<u8>, field: &str, empty: &str| {
            let message = String::from_utf8(signed).unwrap().replacen(&format!("\r\n{field}\r\n"), empty, 1);
            told(message.as_bytes(), &key.record())
        };
        let emptied = "the DKIM signature of d.example (selector s) fails: the header was changed after signing, Subject was \
                       emptied";
        let copied = Signer { more: " z=Subject:x;", ..Signer::new(key, Relaxed) };
        for empty in ["\r\nSubject:\r\n", "\r\nSubject: \r\n"] {
            let (headline, lines) = told(copied.sign(MAIL), "Subject: x", empty);
            assert_eq!((headline.as_str(), lines[0].as_str()), (emptied, "- Subject: x"));
        }
        let parts = "From: a@d.example\r\nSubject: A plan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
                     Content-Type: text/plain\r\nSubject: A plan\r\n\r\nHello\r\n--b--\r\n";
        let signed = Signer::new(key, Relaxed).h("from:subject").sign(parts.as_bytes());
        assert_eq!(told(signed, "Subject: A plan", "\r\nSubject:\r\n").0, emptied);
        // Without a proof nobody knows whether there was more than that.
        let (headline, _) = told(Signer::new(key, Relaxed).sign(MAIL), "Subject: x", "\r\nSubject:\r\n");
        assert!(!headline.contains("emptied"), "{headline}");
        let (headline, _) = told(copied.sign(MAIL), "Subject: x", "\r\nSubject: y\r\n");
        assert!(headline.ends_with("Subject was changed"), "{headline}");
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

    /// What is mended in the DNS makes the same signature pass.
    #[test]
    fn a_key_record_can_be_mended() {
        let signed = Signer::new(TestKey::Rsa2048, Relaxed).sign(MAIL);
        for (record, why) in [
            ("hello", "what is published at its selector is no key"),
            ("v=dkim1; p=AAAA", "its key record is malformed"),
            ("v=DKIM1; s=other; p=AAAA", "its key is not for mail (`s=`)"),
            ("v=DKIM1; h=sha1; p=AAAA", "its key does not allow the hash (`h=`)"),
            (
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "its key is of another type than `a=` says",
            ),
            ("v=DKIM1; p=AAAA", "its key record holds no readable key"),
        ] {
            let (headline, _) = told(&signed, record);
            assert!(headline.ends_with(&format!(" does not verify: {why}")), "{headline}");
        }
        let without_from = Signer::new(TestKey::Rsa2048, Relaxed).h("to:subject").sign(MAIL);
        let (headline, _) = told(&without_from, &TestKey::Rsa2048.record());
        assert!(headline.ends_with("can never verify: its field is not usable, From is not in `h=`"), "{headline}");
    }
}
