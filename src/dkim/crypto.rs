//! Hashes and signatures: the only file that names a crate for cryptography.
//!
//! Two backends, one verdict: what only one of them would refuse is refused here, before either is asked.

use std::fmt;
use std::ops::Deref;

use rsa::BigUint;
use sha2::Digest as _;

use super::canonical::Sink;
use super::der;
use super::key_data::KeyData;
use super::signature::{Algorithm, HashAlgorithm};

/// The digest of something.
///
/// ```
/// use mailproof::dkim::{Canonicalization, HashAlgorithm, body_hash};
///
/// // A body without a line counts as one empty line in `simple` (RFC 6376 §3.4.3, which gives this hash).
/// let digest = body_hash(Canonicalization::Simple, HashAlgorithm::Sha256, b"", None);
/// assert_eq!(digest.to_string(), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
/// assert_eq!(digest.len(), HashAlgorithm::Sha256.octets());
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Digest {
    octets: [u8; 32],
    length: u8,
}

impl Digest {
    pub(crate) fn new(octets: &[u8]) -> Self {
        let mut digest = Self { octets: [0; 32], length: 0 };
        let length = octets.len().min(32);
        digest.octets[..length].copy_from_slice(&octets[..length]);
        // At most 32.
        digest.length = length as u8;
        digest
    }
}

impl Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }
}

/// Base64, as in `bh=`.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::base64::encode(self))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hashes what is pushed into it.
#[derive(Clone)]
pub(crate) struct Hasher {
    state: State,
    /// Canonicalization makes many small pieces; the hash wants few large ones.
    staged: [u8; STAGE],
    filled: usize,
}

const STAGE: usize = 512;

#[derive(Clone)]
enum State {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl State {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(state) => state.update(bytes),
            Self::Sha256(state) => state.update(bytes),
        }
    }

    fn finish(self) -> Digest {
        match self {
            Self::Sha1(state) => Digest::new(&state.finalize()),
            Self::Sha256(state) => Digest::new(&state.finalize()),
        }
    }
}

impl Hasher {
    pub(crate) fn new(algorithm: HashAlgorithm) -> Self {
        let state = match algorithm {
            HashAlgorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            HashAlgorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
        };
        Self { state, staged: [0; STAGE], filled: 0 }
    }

    /// The digest of all that came.
    pub(crate) fn finish(mut self) -> Digest {
        self.flush();
        self.state.finish()
    }

    /// The digest of what has come so far; more may come.
    pub(crate) fn digest_so_far(&mut self) -> Digest {
        self.flush();
        self.state.clone().finish()
    }

    /// The digest of what has come so far and of `more`, which is not kept.
    pub(crate) fn digest_with(&mut self, more: &[u8]) -> Digest {
        self.flush();
        let mut state = self.state.clone();
        state.update(more);
        state.finish()
    }

    fn flush(&mut self) {
        self.state.update(&self.staged[..self.filled]);
        self.filled = 0;
    }
}

impl Sink for Hasher {
    fn push(&mut self, bytes: &[u8]) {
        let room = STAGE - self.filled;
        if bytes.len() < room {
            self.staged[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
            self.filled += bytes.len();
            return;
        }
        // Full blocks only, so that the hash keeps nothing back itself.
        let (head, rest) = bytes.split_at(room);
        self.staged[self.filled..].copy_from_slice(head);
        self.state.update(&self.staged);
        let (blocks, tail) = rest.split_at(rest.len() - rest.len() % 64);
        self.state.update(blocks);
        self.staged[..tail.len()].copy_from_slice(tail);
        self.filled = tail.len();
    }
}

/// A public key, made ready for its backend once.
pub(crate) enum Prepared {
    Rsa {
        modulus: BigUint,
        exponent: BigUint,
        octets: usize,
        #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
        native: [Option<aws_lc_rs::signature::ParsedPublicKey>; 2],
    },
    Ed25519 {
        key: Option<ed25519_dalek::VerifyingKey>,
        #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
        native: Option<aws_lc_rs::signature::ParsedPublicKey>,
    },
    /// No key: every signature fails.
    Nothing,
}

impl Prepared {
    pub(crate) fn new(data: &KeyData) -> Self {
        match data {
            KeyData::Rsa(key) => Self::Rsa {
                modulus: BigUint::from_bytes_be(key.modulus()),
                exponent: BigUint::from_bytes_be(key.exponent()),
                octets: key.modulus().len(),
                #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
                native: native::rsa(key),
            },
            KeyData::Ed25519(key) => Self::Ed25519 {
                key: is_canonical_point(key).then(|| ed25519_dalek::VerifyingKey::from_bytes(key).ok()).flatten(),
                #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
                native: is_canonical_point(key).then(|| native::ed25519(key)).flatten(),
            },
            KeyData::Missing | KeyData::Revoked | KeyData::OtherType | KeyData::Invalid(_) => Self::Nothing,
        }
    }

    /// Whether `signature` is one of `digest`.
    pub(crate) fn verify(&self, algorithm: Algorithm, digest: &Digest, signature: &[u8]) -> bool {
        #[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
        if let Some(verdict) = native::verify(self, algorithm, digest, signature) {
            return verdict;
        }
        self.verify_portably(algorithm, digest, signature)
    }

    /// The same without a native backend.
    pub(crate) fn verify_portably(&self, algorithm: Algorithm, digest: &Digest, signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa { .. }, Algorithm::RsaSha1 | Algorithm::RsaSha256) => {
                self.recover(signature).is_some_and(|found| found == (algorithm.hash(), *digest))
            }
            // RFC 8463 §3: the message that is signed is the digest.
            (Self::Ed25519 { key: Some(key), .. }, Algorithm::Ed25519Sha256) => {
                let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else { return false };
                ed25519_dalek::Verifier::verify(key, digest, &signature).is_ok()
            }
            _ => false,
        }
    }

    /// Whether its signatures reveal the digest.
    pub(crate) fn reveals(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// The digest that an RSA signature was made of (RFC 8017 §8.2.2): the signature raised to the public
    /// exponent, if it has exactly the padding that a signer with the private key makes.
    pub(crate) fn recover(&self, signature: &[u8]) -> Option<(HashAlgorithm, Digest)> {
        let Self::Rsa { modulus, exponent, octets, .. } = self else { return None };
        let number = BigUint::from_bytes_be(signature);
        if signature.len() != *octets || number >= *modulus {
            return None;
        }
        let encoded = number.modpow(exponent, modulus).to_bytes_be();
        // 0x00 0x01 0xFF… 0x00 DigestInfo (§9.2); the number has lost the leading zero.
        if encoded.len() + 1 != *octets || encoded.first() != Some(&1) {
            return None;
        }
        let padding = encoded[1..].iter().take_while(|&&octet| octet == 0xff).count();
        let info = encoded[1 + padding..].strip_prefix(&[0])?;
        if padding < 8 {
            return None;
        }
        [(HashAlgorithm::Sha256, SHA256_INFO), (HashAlgorithm::Sha1, SHA1_INFO)].into_iter().find_map(
            |(hash, prefix)| {
                let digest = info.strip_prefix(prefix)?;
                (digest.len() == hash.octets()).then(|| (hash, Digest::new(digest)))
            },
        )
    }
}

/// A private key, for sealing and for signing in tests.
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::RsaPrivateKey>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl PrivateKey {
    /// Reads PEM (RFC 7468): PKCS#1 or PKCS#8.
    pub(crate) fn from_pem(text: &str) -> Option<Self> {
        let octets = super::pem::octets(text)?;
        if let Some(seed) = der::ed25519_private(&octets) {
            return Some(Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed))));
        }
        let [n, e, d, p, q] = der::rsa_private(&octets)?.map(BigUint::from_bytes_be);
        let key = rsa::RsaPrivateKey::from_components(n, e, d, vec![p, q]).ok()?;
        Some(Self::Rsa(Box::new(key)))
    }

    pub(crate) fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa(_))
    }

    /// The signature of a SHA-256 digest. Empty for an RSA key that is too short for one.
    pub(crate) fn sign(&self, digest: &Digest) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let padding = rsa::Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: SHA256_INFO.into() };
                key.sign(padding, digest).unwrap_or_default()
            }
            Self::Ed25519(key) => ed25519_dalek::Signer::sign(&**key, digest).to_bytes().to_vec(),
        }
    }
}

/// The public key of a seed (RFC 8032 §5.1.5).
pub(crate) fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// DER of DigestInfo up to the digest (RFC 8017 §9.2 note 1).
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
pub(super) const SHA1_INFO: &[u8] =
    &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// Whether `key` is the one encoding of its point (RFC 8032 §5.1.3), and not of the two points with x = 0:
/// libraries differ in what they make of others.
fn is_canonical_point(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    // p is 2^255 - 19: little-endian ed ff … ff 7f.
    let high = y[31] == 0x7f && y[1..31].iter().all(|&octet| octet == 0xff);
    let one = y[0] == 1 && y[1..].iter().all(|&octet| octet == 0);
    let minus_one = high && y[0] == 0xec;
    !(one || minus_one || high && y[0] >= 0xed)
}

#[cfg(all(feature = "aws-lc-rs", not(target_arch = "wasm32")))]
mod native {
    use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
    use aws_lc_rs::rsa::PublicKeyComponents;
    use aws_lc_rs::signature::{
        ED25519, ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    };

    use super::{Algorithm, Digest, HashAlgorithm, Prepared};
    use crate::dkim::RsaKey;

    /// One for each hash. Keys outside its limits are left to the other backend.
    pub(super) fn rsa(key: &RsaKey) -> [Option<ParsedPublicKey>; 2] {
        let algorithms =
            [&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY];
        algorithms.map(|algorithm| {
            let components = PublicKeyComponents { n: key.modulus(), e: key.exponent() };
            components.to_parsed_public_key(algorithm).ok().filter(|_| (1024..=8192).contains(&key.bits()))
        })
    }

    pub(super) fn ed25519(key: &[u8; 32]) -> Option<ParsedPublicKey> {
        ParsedPublicKey::new(&ED25519, key).ok()
    }

    /// `None` if the key is not for this backend.
    pub(super) fn verify(key: &Prepared, algorithm: Algorithm, digest: &Digest, signature: &[u8]) -> Option<bool> {
        match (key, algorithm) {
            (Prepared::Rsa { native: [sha1, sha256], .. }, Algorithm::RsaSha1 | Algorithm::RsaSha256) => {
                let (key, hash) = match algorithm.hash() {
                    HashAlgorithm::Sha1 => (sha1, &SHA1_FOR_LEGACY_USE_ONLY),
                    HashAlgorithm::Sha256 => (sha256, &SHA256),
                };
                let digest = digest::Digest::import_less_safe(digest, hash).ok()?;
                Some(key.as_ref()?.verify_digest_sig(&digest, signature).is_ok())
            }
            (Prepared::Ed25519 { native: Some(key), .. }, Algorithm::Ed25519Sha256) => {
                Some(key.verify_sig(digest, signature).is_ok())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
