//! Key records in answers (RFC 6376 §6.1.2).

use std::sync::{Arc, OnceLock};

use super::crypto::Prepared;
use super::key::{Key, MAX_KEYS};
use super::key_data::{KeyData, KeyType};
use super::outcome::KeyProblem;
use super::signature::{Algorithm, Signature};
use crate::dns::{Answer, FromAnswer};

/// The TXT records of an answer as key records, read once for each snapshot.
pub(crate) struct Keys(pub(crate) Vec<Entry>);

pub(crate) struct Entry {
    pub(crate) key: Arc<Key>,
    prepared: OnceLock<Prepared>,
}

impl FromAnswer for Keys {
    fn from_answer(answer: &Answer) -> Self {
        let (mut keys, mut others) = (0, 0);
        // Whatever else stands at the name must not push the key out.
        let kept = answer.txts().iter().map(Key::parse).filter(|key| {
            let count = if key.is_meant() { &mut keys } else { &mut others };
            *count += 1;
            *count <= MAX_KEYS
        });
        Self(kept.map(|key| Entry { key: Arc::new(key), prepared: OnceLock::new() }).collect())
    }
}

impl Entry {
    pub(crate) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::new(&self.key.data))
    }

    /// Whether checking a signature with it makes sense, whatever its record allows.
    pub(crate) fn can_check(&self, algorithm: Algorithm) -> bool {
        match &self.key.data {
            KeyData::Rsa(_) => KeyType::of(algorithm) == KeyType::Rsa && !too_long(&self.key),
            KeyData::Ed25519(_) => KeyType::of(algorithm) == KeyType::Ed25519,
            KeyData::Missing | KeyData::Revoked | KeyData::OtherType | KeyData::Invalid(_) => false,
        }
    }
}

/// §6.1.2: the first thing that makes `key` useless for `signature`.
pub(crate) fn problem(
    key: &Key,
    algorithm: Algorithm,
    signature: &Signature,
    min_rsa_bits: usize,
) -> Option<KeyProblem> {
    let text = key.source.text();
    if key.tags.is_empty() && !text.contains('=') && !text.trim().is_empty() {
        return Some(KeyProblem::NotAKey);
    }
    // §6.1.2 step 5
    if !key.defects.is_empty() || key.data == KeyData::Missing {
        return Some(KeyProblem::Syntax);
    }
    // §3.6.1, s=
    if !key.is_for_email() {
        return Some(KeyProblem::Service);
    }
    // §6.1.2 step 6
    if !key.allows(algorithm.hash()) {
        return Some(KeyProblem::Hash);
    }
    // §6.1.2 step 7
    if key.data == KeyData::Revoked {
        return Some(KeyProblem::Revoked);
    }
    // §6.1.2 step 8
    if key.key_type() != Some(KeyType::of(algorithm)) {
        return Some(KeyProblem::Type);
    }
    match &key.data {
        // RFC 8301 §3.2
        KeyData::Rsa(rsa) if rsa.bits() < min_rsa_bits => return Some(KeyProblem::TooShort),
        KeyData::Rsa(_) if too_long(key) => return Some(KeyProblem::TooLong),
        KeyData::Rsa(_) | KeyData::Ed25519(_) => {}
        KeyData::Missing | KeyData::Revoked | KeyData::OtherType | KeyData::Invalid(_) => {
            return Some(KeyProblem::Undecodable);
        }
    }
    // §3.6.1, t=s
    let strict = key.is_strict().then_some(signature.identity.as_ref()).flatten();
    let other = strict.is_some_and(|i| signature.domain.as_ref().is_some_and(|d| d.value != i.value.domain));
    other.then_some(KeyProblem::Strict)
}

fn too_long(key: &Key) -> bool {
    matches!(&key.data, KeyData::Rsa(rsa) if rsa.bits() > MAX_RSA_BITS || rsa.exponent().len() > MAX_EXPONENT_OCTETS)
}

/// RFC 8301 §3.2 wants 4,096; the cost grows with the square.
const MAX_RSA_BITS: usize = 8_192;
/// Practically everybody uses 65537; the cost grows with the length (§8.13).
const MAX_EXPONENT_OCTETS: usize = 4;
