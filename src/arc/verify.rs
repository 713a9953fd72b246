//! Validation of a chain (RFC 8617 §5.2). Every failure is permanent (§5.2.1), also one of the DNS.

use super::fields::{MessageSignature, Seal, Validation};
use super::outcome::{ArcResult, Cause, CheckProblem, Outcome, SetOutcome};
use super::set::{Chain, DefectKind};
use crate::Timestamp;
use crate::dkim::primitives::{
    BodyRequest, Hasher, Keys, body_hashes, header_field, header_hash, key_name, problem, signature_field,
    signed_fields,
};
use crate::dkim::{Algorithm, Canonicalization, Digest, Signature, signature_defect};
use crate::dns::{Lookup, Question, RecordType, Snapshot, Step};
use crate::message::Message;

/// What a validator accepts.
///
/// ```
/// use mailproof::arc::{self, Cause, CheckProblem, Options};
/// use mailproof::dkim::KeyProblem;
/// use mailproof::{Timestamp, dns::{Answer, Snapshot}, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let message = Message::parse(b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=papershop.example; s=s2026; b=Zm9v\r\n\
///     ARC-Message-Signature: i=1; a=rsa-sha256; d=papershop.example; s=s2026; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n\
///     ARC-Authentication-Results: i=1; mx.papershop.example; none\r\nFrom: a@papershop.example\r\n\r\n");
/// let mut options = Options::default();
/// options.min_rsa_bits = 3072;
/// let ask = |question: &_| zone.answer(question);
/// let verify = |dns: &_| arc::verify_with(dns, &message, Timestamp(1_795_255_300), &options);
/// let outcome = drive_sync(&mut Snapshot::new(), ask, verify);
/// // The key has 2048 bits.
/// assert_eq!(outcome.cause, Cause::MessageSignature(CheckProblem::Key(KeyProblem::TooShort)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The size of RSA keys below which no signature passes, in bits. RFC 8301 §3.2 says 1024.
    pub min_rsa_bits: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_rsa_bits: 1024 }
    }
}

/// Validates the chain of a message. All keys are asked for in one round.
///
/// ```
/// use mailproof::arc::{self, ArcResult};
/// use mailproof::dns::{Snapshot, Step};
/// use mailproof::{Timestamp, message::Message};
///
/// let message = Message::parse(b"From: a@d.example\r\n\r\n");
/// let Step::Done(outcome) = arc::verify(&Snapshot::new(), &message, Timestamp(0)) else { panic!() };
/// assert_eq!(outcome.result, ArcResult::None);
/// ```
pub fn verify(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<Outcome> {
    verify_with(dns, message, now, &Options::default())
}

/// The same as [`verify`], with other options.
///
/// ```
/// use mailproof::arc::{self, Options};
/// use mailproof::{Timestamp, dns::{Question, RecordType, Snapshot, Step}, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=l.example; s=s1; b=Zm9v\r\n\
///     ARC-Message-Signature: i=1; a=rsa-sha256; d=l.example; s=s2; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\n\
///     ARC-Authentication-Results: i=1; mx.l.example; none\r\nFrom: a@d.example\r\n\r\n");
/// let step = arc::verify_with(&Snapshot::new(), &message, Timestamp(0), &Options::default());
/// // Both keys are asked for at once.
/// let Step::Ask(questions) = step else { panic!() };
/// let names = ["s2._domainkey.l.example".parse()?, "s1._domainkey.l.example".parse()?];
/// assert_eq!(questions, names.map(|name| Question::new(name, RecordType::Txt)));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn verify_with(dns: &Snapshot, message: &Message<'_>, now: Timestamp, options: &Options) -> Step<Outcome> {
    run(dns, message, now, options, Extent::Everything)
}

/// The same result with fewer signatures: the message signatures of older sets, which may fail (§5.2 step 5 is optional), are left out,
/// and whatever comes after the first failure. For receivers that want the result only; diagnoses need [`verify`].
///
/// ```
/// use mailproof::arc::{self, ArcResult};
/// use mailproof::dns::{Snapshot, Step};
/// use mailproof::{Timestamp, message::Message};
///
/// let message = Message::parse(b"From: a@d.example\r\n\r\n");
/// let Step::Done(outcome) = arc::verdict(&Snapshot::new(), &message, Timestamp(0)) else { panic!() };
/// assert_eq!(outcome.result, ArcResult::None);
/// ```
pub fn verdict(dns: &Snapshot, message: &Message<'_>, now: Timestamp) -> Step<Outcome> {
    run(dns, message, now, &Options::default(), Extent::Result)
}

/// How many signatures are looked at.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Extent {
    /// All.
    Everything,
    /// Those that the result depends on.
    Result,
}

fn run(dns: &Snapshot, message: &Message<'_>, now: Timestamp, options: &Options, extent: Extent) -> Step<Outcome> {
    let chain = Chain::of(message);
    let ended = |cause, chain| {
        let result = if cause == Cause::NoChain { ArcResult::None } else { ArcResult::Fail };
        Step::Done(Outcome { result, cause, chain, sets: Vec::new(), oldest_pass: None })
    };
    // §5.2 step 1
    if chain.is_empty() {
        return ended(Cause::NoChain, chain);
    }
    if message.limit().is_some() {
        return ended(Cause::MessageLimit, chain);
    }
    // §5.2 step 2
    let newest = chain.last().and_then(|set| set.seal.as_ref()?.validation);
    if newest.is_some_and(|validation| validation.value == Validation::Fail) {
        return ended(Cause::SealedAsFailed, chain);
    }
    // §5.2 step 3
    let broken = chain.defects.iter().find(|defect| defect.kind != DefectKind::InstanceNotFirst);
    if let Some(defect) = broken {
        return ended(Cause::Structure(defect.clone()), chain.clone());
    }
    let hops: Option<Vec<Hop<'_>>> = chain.sets.iter().map(Hop::of).collect();
    // Without a defect every set has all three fields.
    let Some(hops) = hops else { return ended(Cause::NoChain, chain) };
    let looks_at = |at: usize| extent == Extent::Everything || at + 1 == hops.len();
    let message_signatures = hops.iter().enumerate().filter(|(at, _)| looks_at(*at)).map(|(_, hop)| &hop.ams.signature);
    let questions: Vec<Question> = message_signatures
        .chain(hops.iter().map(|hop| &hop.seal.signature))
        .filter_map(|signature| key_name(&signature.domain.as_ref()?.value, &signature.selector.as_ref()?.value))
        .filter(|name| dns.lookup(name.as_str(), RecordType::Txt).is_none())
        .map(|name| Question::new(name, RecordType::Txt))
        .collect();
    if !questions.is_empty() {
        return Step::Ask(questions);
    }
    let validator = Validator { dns, message, now, options };
    let (sets, cause, oldest_pass) = match extent {
        Extent::Everything => {
            let sets = validator.check(&hops);
            let (cause, oldest_pass) = judge(&sets);
            (sets, cause, oldest_pass)
        }
        Extent::Result => {
            let sets = validator.check_what_decides(&hops);
            let (cause, _) = judge(&sets);
            (sets, cause, None)
        }
    };
    let result = if cause == Cause::Verified { ArcResult::Pass } else { ArcResult::Fail };
    Step::Done(Outcome { result, cause, sets, oldest_pass, chain })
}

/// §5.2 steps 4 to 7
fn judge(sets: &[SetOutcome]) -> (Cause, Option<u32>) {
    let Some(newest) = sets.last() else { return (Cause::NoChain, None) };
    if let Some(problem) = &newest.message_signature {
        return (Cause::MessageSignature(problem.clone()), None);
    }
    let changed = sets.iter().rev().find(|set| set.message_signature.is_some());
    let oldest_pass = Some(changed.map_or(0, |set| set.instance + 1));
    for set in sets.iter().rev() {
        if let Some(problem) = &set.seal {
            return (Cause::Seal { instance: set.instance, problem: problem.clone() }, oldest_pass);
        }
    }
    (Cause::Verified, oldest_pass)
}

/// A set that has all its fields.
struct Hop<'c> {
    instance: u32,
    aar: usize,
    ams: &'c MessageSignature,
    seal: &'c Seal,
}

impl<'c> Hop<'c> {
    fn of(set: &'c super::set::Set) -> Option<Self> {
        let aar = set.results.as_ref()?.field;
        Some(Self { instance: set.instance, aar, ams: set.message_signature.as_ref()?, seal: set.seal.as_ref()? })
    }
}

struct Validator<'v> {
    dns: &'v Snapshot,
    message: &'v Message<'v>,
    now: Timestamp,
    options: &'v Options,
}

impl Validator<'_> {
    fn check(&self, hops: &[Hop<'_>]) -> Vec<SetOutcome> {
        let bodies = self.body_matches(hops);
        let outcomes = hops.iter().enumerate().map(|(at, hop)| SetOutcome {
            instance: hop.instance,
            message_signature: self.message_signature(hop.ams, bodies[at]).err(),
            seal: self.seal(&hops[..=at]).err(),
        });
        outcomes.collect()
    }

    /// The newest message signature, and the seals from the newest on, up to one that fails (§5.2 steps 4 and 6).
    fn check_what_decides(&self, hops: &[Hop<'_>]) -> Vec<SetOutcome> {
        let unknown = |hop: &Hop<'_>| SetOutcome {
            instance: hop.instance,
            message_signature: Some(CheckProblem::NotChecked),
            seal: Some(CheckProblem::NotChecked),
        };
        let mut sets: Vec<SetOutcome> = hops.iter().map(unknown).collect();
        let (Some(newest), Some(last)) = (hops.last(), sets.last_mut()) else { return sets };
        let body_matches = self.body_matches(std::slice::from_ref(newest)) == [true];
        last.message_signature = self.message_signature(newest.ams, body_matches).err();
        let mut verifies = last.message_signature.is_none();
        for (at, set) in sets.iter_mut().enumerate().rev() {
            if !verifies {
                break;
            }
            set.seal = self.seal(&hops[..=at]).err();
            verifies = set.seal.is_none();
        }
        sets
    }

    /// Whether the body is the one that each set signed; one pass for all that want the same.
    fn body_matches(&self, hops: &[Hop<'_>]) -> Vec<bool> {
        let wanted: Vec<Option<BodyRequest>> = hops
            .iter()
            .map(|hop| {
                let signature = &hop.ams.signature;
                let (mode, hash) = (signature.canonicalization?.body, signature.algorithm?.value.hash());
                Some(BodyRequest { mode, hash, length: signature.length.map(|length| length.value) })
            })
            .collect();
        let requests: Vec<BodyRequest> = wanted.iter().flatten().copied().collect();
        let mut hashes = body_hashes(self.message, &requests).into_iter();
        let matches = wanted.iter().zip(hops).map(|(wanted, hop)| {
            let Some(found) = wanted.as_ref().and_then(|_| hashes.next()) else { return false };
            let signature = &hop.ams.signature;
            let long_enough = signature.length.is_none_or(|length| length.value <= found.octets);
            long_enough && signature.body_hash.as_ref().is_some_and(|hash| hash.value == *found.digest)
        });
        matches.collect()
    }

    fn message_signature(&self, ams: &MessageSignature, body_matches: bool) -> Result<(), CheckProblem> {
        let signature = &ams.signature;
        let algorithm = self.usable(signature)?;
        let Some(canonicalization) = signature.canonicalization else { return Err(CheckProblem::Mismatch) };
        let signed = signed_fields(self.message, ams.field, signature);
        let own = self.message.fields()[ams.field].bytes();
        let digest = header_hash(self.message, own, &signed, canonicalization.header, algorithm.hash());
        self.verified(signature, algorithm, &digest)?;
        if body_matches { Ok(()) } else { Err(CheckProblem::BodyHash) }
    }

    /// §5.1.1: the fields of all sets up to this one in the order in which they came, always relaxed.
    fn seal(&self, hops: &[Hop<'_>]) -> Result<(), CheckProblem> {
        let Some((last, before)) = hops.split_last() else { return Err(CheckProblem::Mismatch) };
        let signature = &last.seal.signature;
        let algorithm = self.usable(signature)?;
        let mut hasher = Hasher::new(algorithm.hash());
        let field = |at: usize| self.message.fields()[at].bytes();
        for hop in before {
            for at in [hop.aar, hop.ams.field, hop.seal.field] {
                header_field(Canonicalization::Relaxed, field(at), &mut hasher);
            }
        }
        header_field(Canonicalization::Relaxed, field(last.aar), &mut hasher);
        header_field(Canonicalization::Relaxed, field(last.ams.field), &mut hasher);
        signature_field(Canonicalization::Relaxed, field(last.seal.field), &mut hasher);
        self.verified(signature, algorithm, &hasher.finish())
    }

    fn usable(&self, signature: &Signature) -> Result<Algorithm, CheckProblem> {
        use signature_defect::DefectKind as Kind;
        let harmless = |kind: &Kind| matches!(kind, Kind::Copy);
        if let Some(defect) = signature.defects.iter().find(|defect| !harmless(&defect.kind)) {
            return Err(CheckProblem::Signature(defect.clone()));
        }
        if signature.expiration.is_some_and(|x| self.now.0 > x.value) {
            return Err(CheckProblem::Expired);
        }
        match signature.algorithm.map(|algorithm| algorithm.value) {
            Some(Algorithm::RsaSha1) => Err(CheckProblem::Sha1),
            Some(algorithm) => Ok(algorithm),
            // `a=` that is missing or unknown is a defect.
            None => Err(CheckProblem::Mismatch),
        }
    }

    fn verified(&self, signature: &Signature, algorithm: Algorithm, digest: &Digest) -> Result<(), CheckProblem> {
        let (Some(domain), Some(selector), Some(b)) = (&signature.domain, &signature.selector, &signature.signature)
        else {
            return Err(CheckProblem::Mismatch);
        };
        let name = key_name(&domain.value, &selector.value).ok_or(CheckProblem::KeyName)?;
        let Some((answer, keys)) = self.dns.parsed::<Keys>(name.as_str(), RecordType::Txt) else {
            return Err(CheckProblem::NoKey);
        };
        match &answer.lookup {
            Lookup::Failure(failure) => return Err(CheckProblem::KeyUnavailable(*failure)),
            Lookup::NoData | Lookup::NxDomain => return Err(CheckProblem::NoKey),
            Lookup::Records(_) => {}
        }
        // Of several that do not verify it, the one to tell about can be used, or was meant as a key.
        let mut told = None;
        for entry in &keys.0 {
            let problem = match problem(&entry.key, algorithm, signature, self.options.min_rsa_bits) {
                Some(problem) => CheckProblem::Key(problem),
                None if entry.prepared().verify(algorithm, digest, &b.value) => return Ok(()),
                None => CheckProblem::Mismatch,
            };
            let rank = (problem == CheckProblem::Mismatch, entry.key.is_meant());
            if told.as_ref().is_none_or(|(best, _)| rank > *best) {
                told = Some((rank, problem));
            }
        }
        Err(told.map_or(CheckProblem::NoKey, |(_, problem)| problem))
    }
}
