//! Verification (RFC 6376 §6.1).

use super::crypto::Digest;
use super::hashes::{BodyRequest, body_hashes, header_hash, signed_fields};
use super::lookup::{Keys, problem};
use super::outcome::{BodyCheck, Candidate, Cause, HeaderCheck, KeyLookup, Outcome};
use super::selector::key_name;
use super::signature::{Algorithm, Canonicalizations, Defect, DefectKind, MAX_SIGNATURES, Signature};
use crate::dns::{Lookup, Question, RecordType, Snapshot, Step};
use crate::message::Message;
use crate::{Name, Timestamp};

/// What a verifier accepts.
///
/// ```
/// use mailproof::dkim::{self, Cause, KeyProblem, Options};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/passes.eml")?;
/// let message = Message::parse(&mail);
/// let mut options = Options::default();
/// options.min_rsa_bits = 3072;
/// let ask = |question: &_| zone.answer(question);
/// let verify = |dns: &_| dkim::verify_with(dns, &message, Timestamp(1_795_255_300), &options);
/// let outcomes = drive_sync(&mut Snapshot::new(), ask, verify);
/// assert_eq!(outcomes[0].cause, Cause::Key(KeyProblem::TooShort));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Whether rsa-sha1 may pass. RFC 8301 §3.1 says no.
    pub allow_rsa_sha1: bool,
    /// The size of RSA keys below which no signature passes, in bits. RFC 8301 §3.2 says 1024.
    pub min_rsa_bits: usize,
    /// Signatures that are judged, by default [`MAX_SIGNATURES`]; the others are reported as not looked at.
    pub signatures: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { allow_rsa_sha1: false, min_rsa_bits: 1024, signatures: MAX_SIGNATURES }
    }
}

/// Judges every DKIM-Signature field, from the top. All keys are asked for in one round.
///
/// ```
/// use mailproof::dkim::{self, Cause, DkimResult};
/// use mailproof::dns::{Answer, Snapshot, Step};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; c=relaxed/relaxed\r\nFrom: a@d.example\r\n\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::txt(["v=DKIM1; p="]), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// assert_eq!(outcomes[0].result, DkimResult::Permerror);
/// assert_eq!(outcomes[0].cause, Cause::Key(dkim::KeyProblem::Revoked));
/// assert!(outcomes[0].body.unwrap().matches);
/// ```
pub fn verify(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<Vec<Outcome>> {
    verify_with(dns, message, now, &Options::default())
}

/// The same as [`verify`], with other options.
///
/// ```
/// use mailproof::dkim::{self, Cause, DkimResult, Options};
/// use mailproof::{Timestamp, dns::{Snapshot, Step}, message::Message};
///
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let mut options = Options::default();
/// options.signatures = 0;
/// let Step::Done(outcomes) = dkim::verify_with(&Snapshot::new(), &message, Timestamp(0), &options) else { panic!() };
/// assert_eq!((outcomes[0].result, &outcomes[0].cause), (DkimResult::Policy, &Cause::TooManySignatures));
/// ```
pub fn verify_with(dns: &Snapshot, message: &Message<'_>, now: Timestamp, options: &Options) -> Step<Vec<Outcome>> {
    let mut jobs: Vec<Job> = message.fields_named("DKIM-Signature").map(|at| Job::new(message, at)).collect();
    for job in jobs.iter_mut().skip(options.signatures) {
        job.prevented = Some(Cause::TooManySignatures);
    }
    if let Some(limit) = message.limit() {
        for job in &mut jobs {
            job.prevented = Some(Cause::MessageLimit(limit));
        }
    }
    let questions: Vec<Question> = jobs
        .iter()
        .filter_map(|job| job.key_name())
        .filter(|name| dns.lookup(name.as_str(), RecordType::Txt).is_none())
        .map(|name| Question::new(name.clone(), RecordType::Txt))
        .collect();
    if !questions.is_empty() {
        return Step::Ask(questions);
    }
    check_bodies(message, &mut jobs);
    Step::Done(jobs.into_iter().map(|job| job.judge(dns, message, now, options)).collect())
}

/// A signature on its way to an outcome.
struct Job {
    at: usize,
    signature: Signature,
    /// Why it is not even looked at.
    prevented: Option<Cause>,
    /// What checking the header needs.
    checkable: Option<Checkable>,
    body: Option<BodyCheck>,
}

struct Checkable {
    algorithm: Algorithm,
    canonicalization: Canonicalizations,
    /// Where the key is; `None` if that is no name.
    key_name: Option<Name>,
}

impl Job {
    fn new(message: &Message<'_>, at: usize) -> Self {
        let signature = Signature::of_field(&message.fields()[at]);
        let checkable = checkable(&signature);
        Self { at, signature, prevented: None, checkable, body: None }
    }

    fn key_name(&self) -> Option<&Name> {
        let asked = self.checkable.as_ref().filter(|_| self.prevented.is_none());
        asked.and_then(|checkable| checkable.key_name.as_ref())
    }

    fn judge(self, dns: &Snapshot, message: &Message<'_>, now: Timestamp, options: &Options) -> Outcome {
        let mut header = None;
        let mut keys = KeyLookup::NotAsked;
        let mut signed = Vec::new();
        if let Some(checkable) = self.checkable.as_ref().filter(|_| self.prevented.is_none()) {
            signed = signed_fields(message, self.at, &self.signature);
            let mode = checkable.canonicalization.header;
            let own = message.fields()[self.at].bytes();
            let computed = header_hash(message, own, &signed, mode, checkable.algorithm.hash());
            keys = self.find_keys(dns, checkable, &computed, options);
            let verified = keys.used().and_then(|candidate| candidate.verified);
            header = verified.map(|verified| HeaderCheck { verified, computed });
        }
        let cause = self
            .prevented
            .clone()
            .or_else(|| self.unusable(now))
            .or_else(|| key_cause(&keys))
            .or_else(|| self.mismatch(header))
            .or_else(|| self.historic(options))
            .unwrap_or(Cause::Verified);
        let result = cause.result();
        Outcome { field: self.at, signature: self.signature, result, cause, body: self.body, header, signed, keys }
    }

    /// §6.1.1: what the field itself says.
    fn unusable(&self, now: Timestamp) -> Option<Cause> {
        if let Some(defect) = first_defect(&self.signature) {
            return Some(Cause::Signature(defect.clone()));
        }
        // §3.5, x=: no allowance for clocks, since `now` is the caller's.
        self.signature.expiration.is_some_and(|x| now.0 > x.value).then_some(Cause::Expired)
    }

    /// RFC 8301 §3.1: never a pass. Asked last, since "does not verify" tells more than "is historic".
    fn historic(&self, options: &Options) -> Option<Cause> {
        let sha1 = self.signature.algorithm.is_some_and(|a| a.value == Algorithm::RsaSha1);
        (sha1 && !options.allow_rsa_sha1).then_some(Cause::Sha1)
    }

    /// §6.1.2: the key records, and what each makes of the signature.
    fn find_keys(&self, dns: &Snapshot, checkable: &Checkable, digest: &Digest, options: &Options) -> KeyLookup {
        let Some(name) = checkable.key_name.clone() else { return KeyLookup::NoName };
        let Some((answer, keys)) = dns.parsed::<Keys>(name.as_str(), RecordType::Txt) else {
            return KeyLookup::NotAsked;
        };
        let aliases = answer.aliases.clone();
        match &answer.lookup {
            Lookup::Failure(failure) => return KeyLookup::Failed { name, failure: *failure },
            Lookup::NoData => return KeyLookup::Missing { name, nxdomain: false, aliases },
            Lookup::NxDomain => return KeyLookup::Missing { name, nxdomain: true, aliases },
            Lookup::Records(_) => {}
        }
        // §3.6.2.2, §6.1.2 step 4: with several records the result is undefined; each is tried until one verifies.
        let mut candidates: Vec<Candidate> = Vec::with_capacity(keys.0.len());
        let mut used = 0;
        // Of several that are of no use, the one to tell about is a key.
        let is_key = |one: &Candidate| one.problem.is_none() || one.key.is_meant();
        let rank = |one: &Candidate| (one.problem.is_none(), one.verified == Some(true), is_key(one));
        for (at, entry) in keys.0.iter().enumerate() {
            let problem = problem(&entry.key, checkable.algorithm, &self.signature, options.min_rsa_bits);
            let mut candidate = Candidate { key: entry.key.clone(), problem, verified: None };
            let settled = candidates.get(used).is_some_and(|best| rank(best) == (true, true, true));
            if let Some(signature) = &self.signature.signature
                && entry.can_check(checkable.algorithm)
                && !settled
            {
                candidate.verified = Some(entry.prepared().verify(checkable.algorithm, digest, &signature.value));
            }
            if candidates.get(used).is_some_and(|best| rank(&candidate) > rank(best)) {
                used = at;
            }
            candidates.push(candidate);
        }
        KeyLookup::Found { name, aliases, candidates, used }
    }

    /// §6.1.3
    fn mismatch(&self, header: Option<HeaderCheck>) -> Option<Cause> {
        let body = self.body?;
        if body.signed > body.octets {
            return Some(Cause::BodyTooShort);
        }
        if !body.matches {
            return Some(Cause::BodyHash);
        }
        let verified = header.is_some_and(|header| header.verified);
        (!verified).then_some(Cause::HeaderSignature)
    }
}

/// §6.1.2: why there is no key.
fn key_cause(keys: &KeyLookup) -> Option<Cause> {
    match keys {
        KeyLookup::NotAsked => None,
        KeyLookup::NoName => Some(Cause::KeyName),
        // Step 2
        KeyLookup::Failed { failure, .. } => Some(Cause::KeyUnavailable(*failure)),
        // Step 3
        KeyLookup::Missing { .. } => Some(Cause::NoKey),
        // Steps 4 to 8
        KeyLookup::Found { .. } => keys.used()?.problem.map(Cause::Key),
    }
}

/// Whether the field says enough to look for its key and check it.
fn checkable(signature: &Signature) -> Option<Checkable> {
    let (domain, selector) = (signature.domain.as_ref()?, signature.selector.as_ref()?);
    signature.signature.as_ref()?;
    if signature.headers.is_empty() {
        return None;
    }
    Some(Checkable {
        algorithm: signature.algorithm?.value,
        canonicalization: signature.canonicalization?,
        key_name: key_name(&domain.value, &selector.value),
    })
}

/// One pass over the body for all signatures that want the same.
fn check_bodies(message: &Message<'_>, jobs: &mut [Job]) {
    let mut wanted = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        let signature = &job.signature;
        if let (Some(algorithm), Some(canonicalization), None) =
            (signature.algorithm, signature.canonicalization, &job.prevented)
            && signature.body_hash.is_some()
            && (signature.length.is_some() || signature.tag("l").is_none())
        {
            let length = signature.length.map(|length| length.value);
            let (mode, hash) = (canonicalization.body, algorithm.value.hash());
            wanted.push((at, BodyRequest { mode, hash, length }));
        }
    }
    let requests: Vec<BodyRequest> = wanted.iter().map(|(_, request)| *request).collect();
    for ((at, request), hash) in wanted.iter().zip(body_hashes(message, &requests)) {
        let job = &mut jobs[*at];
        let expected = job.signature.body_hash.as_ref().map(|hash| hash.value.as_slice());
        job.body = Some(BodyCheck {
            matches: expected == Some(&*hash.digest),
            computed: hash.digest,
            octets: hash.octets,
            signed: request.length.unwrap_or(hash.octets),
        });
    }
}

/// The defect that decides, in the order of §6.1.1; harmless ones decide nothing.
fn first_defect(signature: &Signature) -> Option<&Defect> {
    let stage = |defect: &&Defect| match defect.kind {
        DefectKind::Copy => None,
        DefectKind::List(_)
        | DefectKind::Empty(_)
        | DefectKind::Base64(_)
        | DefectKind::BodyHashLength { .. }
        | DefectKind::Domain(_)
        | DefectKind::DomainOneLabel
        | DefectKind::FinalDot
        | DefectKind::Selector(_)
        | DefectKind::Identity
        | DefectKind::HeaderName
        | DefectKind::Number(_)
        | DefectKind::ExpirationNotAfterTimestamp => Some(1),
        DefectKind::Version => Some(2),
        DefectKind::Missing(_) => Some(3),
        DefectKind::IdentityOutsideDomain => Some(4),
        DefectKind::FromNotSigned => Some(5),
        DefectKind::TooManyHeaders => Some(7),
        // §6.1.1: unknown algorithms, canonicalizations and query methods make the signature one to ignore.
        DefectKind::Algorithm | DefectKind::Canonicalization | DefectKind::QueryMethod => Some(8),
    };
    let deciding = signature.defects.iter().filter(|defect| stage(defect).is_some());
    deciding.min_by_key(|defect| stage(defect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::testing::{Signer, TestKey};
    use crate::dkim::{Canonicalization, DkimResult, MAX_HEADERS};
    use crate::dns::{Answer, Failure};
    use crate::resolver::drive_sync;

    /// What is made of the signature of a message that `change` has changed, where the DNS answers this to every question.
    fn outcome(change: impl Fn(String) -> String, answer: &Answer) -> (DkimResult, Cause, KeyLookup) {
        let mail = b"From: a@d.example\r\nTo: b@r.example\r\n\r\nHello\r\n";
        let signed = Signer::new(TestKey::Ed25519, Canonicalization::Relaxed).sign(mail);
        let text = change(String::from_utf8(signed).unwrap());
        let message = Message::parse(text.as_bytes());
        let verify = |dns: &_| verify(dns, &message, Timestamp(0));
        let outcome = drive_sync(&mut Snapshot::new(), |_| answer.clone(), verify).remove(0);
        (outcome.result, outcome.cause, outcome.keys)
    }

    fn same(text: String) -> String {
        text
    }

    /// §6.1.2: no answer is a matter of time, no key is not.
    #[test]
    fn section_6_1_2_why_there_is_no_key() {
        let key = Answer::txt([TestKey::Ed25519.record().as_str()]);
        assert_eq!(outcome(same, &key).0, DkimResult::Pass);
        let (result, cause, _) = outcome(same, &Failure::ServFail.into());
        assert_eq!((result, cause), (DkimResult::Temperror, Cause::KeyUnavailable(Failure::ServFail)));
        for (lookup, nonexistent) in [(Lookup::NoData, false), (Lookup::NxDomain, true)] {
            let (result, cause, keys) = outcome(same, &Answer::new(lookup));
            assert_eq!((result, cause), (DkimResult::Permerror, Cause::NoKey));
            assert!(matches!(keys, KeyLookup::Missing { nxdomain, .. } if nxdomain == nonexistent), "{keys:?}");
        }
    }

    /// §3.6.2.1: the name of the key is selector and domain together, and a name has 253 octets.
    #[test]
    fn a_selector_too_long_for_a_name() {
        let selector = vec!["x".repeat(60); 4].join(".");
        let (result, cause, keys) =
            outcome(|text| text.replace(" s=s;", &format!(" s={selector};")), &Answer::new(Lookup::NxDomain));
        assert_eq!((result, cause), (DkimResult::Permerror, Cause::KeyName));
        assert!(matches!(keys, KeyLookup::NoName), "{keys:?}");
    }

    /// A list so long that it is not read to its end is refused by this verifier, not by the standard (RFC 8601 §2.7.1).
    #[test]
    fn a_long_list_of_fields_is_a_matter_of_policy() {
        let names = ":to".repeat(MAX_HEADERS);
        let (result, cause, _) =
            outcome(|text| text.replace("h=from", &format!("h=from{names}")), &Answer::new(Lookup::NxDomain));
        let Cause::Signature(defect) = &cause else { panic!("{cause:?}") };
        assert_eq!((result, &defect.kind), (DkimResult::Policy, &DefectKind::TooManyHeaders));
    }

    #[test]
    fn more_fields_than_are_hashed() {
        let names = "to:".repeat(MAX_HEADERS);
        let (result, cause, _) =
            outcome(|text| text.replace("h=from", &format!("h={names}from")), &Answer::new(Lookup::NxDomain));
        assert_eq!(result, DkimResult::Permerror);
        assert!(
            matches!(
                &cause,
                Cause::Signature(Defect { kind: DefectKind::TooManyHeaders | DefectKind::FromNotSigned, .. })
            ),
            "{cause:?}"
        );
    }
}
