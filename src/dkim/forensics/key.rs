//! Which key made a signature.

use super::KeyEvidence;
use crate::Name;
use crate::dkim::crypto::Digest;
use crate::dkim::hashes::header_hash;
use crate::dkim::lookup::Keys;
use crate::dkim::outcome::{KeyLookup, Outcome};
use crate::dkim::signature::Algorithm;
use crate::dns::{RecordType, Snapshot};
use crate::message::Message;

/// RFC 8017 §8.2.2: raised to the public exponent of its key, and of no other, a signature has the padding. Ed25519
/// keys tell only by verifying.
pub(super) fn key_evidence(dns: &Snapshot, message: &Message<'_>, outcome: &Outcome) -> KeyEvidence {
    let signature = &outcome.signature;
    let Some(algorithm) = signature.algorithm.map(|algorithm| algorithm.value) else { return KeyEvidence::Unknown };
    let Some(b) = &signature.signature else { return KeyEvidence::Unknown };
    let mut reveals = false;
    match &outcome.keys {
        KeyLookup::Found { name, used, .. } => {
            let Some((_, keys)) = dns.parsed::<Keys>(name.as_str(), RecordType::Txt) else {
                return KeyEvidence::Unknown;
            };
            if let Some(entry) = keys.0.get(*used).filter(|entry| entry.can_check(algorithm)) {
                if let Some((hash, digest)) = entry.prepared().recover(&b.value) {
                    return KeyEvidence::Signed { digest, hash };
                }
                reveals = entry.prepared().reveals();
            }
        }
        KeyLookup::Missing { .. } => {}
        KeyLookup::NotAsked | KeyLookup::NoName | KeyLookup::Failed { .. } => return KeyEvidence::Unknown,
    }
    let digest = outcome.header.map(|header| header.computed).or_else(|| computed(message, outcome, algorithm));
    match digest.and_then(|digest| elsewhere(dns, outcome, algorithm, &digest, &b.value)) {
        Some(name) => KeyEvidence::PublishedElsewhere { name },
        None if reveals => KeyEvidence::Other,
        None => KeyEvidence::Unknown,
    }
}

/// The hash of the header of a signature that no key could be found for.
fn computed(message: &Message<'_>, outcome: &Outcome, algorithm: Algorithm) -> Option<Digest> {
    let mode = outcome.signature.canonicalization?.header;
    let own = message.fields().get(outcome.field)?.bytes();
    Some(header_hash(message, own, &outcome.signed, mode, algorithm.hash()))
}

/// Another name below `_domainkey` whose key made the signature.
fn elsewhere(
    dns: &Snapshot,
    outcome: &Outcome,
    algorithm: Algorithm,
    digest: &Digest,
    signature: &[u8],
) -> Option<Name> {
    let texts = dns.iter().map(|(question, _)| question).filter(|question| question.record_type == RecordType::Txt);
    for question in texts.take(MAX_OTHER_KEYS) {
        if !question.name.as_str().contains("._domainkey.") || outcome.keys.name() == Some(&question.name) {
            continue;
        }
        let Some((_, keys)) = dns.parsed::<Keys>(question.name.as_str(), RecordType::Txt) else { continue };
        let made_it = keys.0.iter().filter(|entry| entry.can_check(algorithm)).any(|entry| {
            let key = entry.prepared();
            if key.reveals() { key.recover(signature).is_some() } else { key.verify(algorithm, digest, signature) }
        });
        if made_it {
            return Some(question.name.clone());
        }
    }
    None
}

/// Answers looked through for another key. Each with a key costs an RSA operation, or a check of Ed25519.
const MAX_OTHER_KEYS: usize = 200;
