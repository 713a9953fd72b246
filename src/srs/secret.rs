//! Secrets, and the hash that they make.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha1::Sha1;

/// A key for the hash of SRS addresses.
///
/// The key itself is not kept, only the state of HMAC-SHA1 after it; `Debug` shows neither. Any bytes are a key, but no
/// bytes are not: with an empty key anybody could make addresses.
///
/// ```
/// use mailproof::srs::Secret;
///
/// let secret = Secret::new(b"tops3cr3t").unwrap();
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new(b"").is_none());
/// ```
#[derive(Clone)]
pub struct Secret(Hmac<Sha1>);

/// Characters of base64(SHA-1) without padding: all the hash there is.
pub const MAX_HASH: usize = 27;

impl Secret {
    /// A key; `None` if it is empty.
    pub fn new(key: &[u8]) -> Option<Self> {
        // HMAC takes keys of any length.
        (!key.is_empty()).then(|| Hmac::new_from_slice(key).ok().map(Self)).flatten()
    }

    /// The keys of a secret file: one a line, without its line end; empty lines and those that start with `#` are none.
    ///
    /// ```
    /// assert_eq!(mailproof::srs::Secret::lines(b"# new\nabc\r\n\nold\n").count(), 2);
    /// ```
    pub fn lines(file: &[u8]) -> impl Iterator<Item = Self> {
        file.split(|&b| b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.starts_with(b"#"))
            .filter_map(Self::new)
    }

    /// The base64 of the HMAC-SHA1 over the lower-cased fields, which nothing separates.
    pub(super) fn hash(&self, fields: [&str; 3]) -> [u8; MAX_HASH] {
        let mut mac = self.0.clone();
        let mut buffer = [0; 64];
        let mut filled = 0;
        for field in fields {
            for &byte in field.as_bytes() {
                if filled == buffer.len() {
                    mac.update(&buffer);
                    filled = 0;
                }
                buffer[filled] = byte.to_ascii_lowercase();
                filled += 1;
            }
        }
        mac.update(&buffer[..filled]);
        base64(&mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(digest: &[u8; 20]) -> [u8; MAX_HASH] {
    let mut out = [0; MAX_HASH];
    for (three, four) in digest.chunks(3).zip(out.chunks_mut(4)) {
        let mut group = [0; 3];
        group[..three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for (i, character) in four.iter_mut().enumerate() {
            *character = BASE64[(bits >> (18 - 6 * i)) as usize & 63];
        }
    }
    out
}

/// Whether `received` is a prefix of `hash`, in either alphabet and in any case. Takes the same time wherever they differ.
pub(super) fn matches(received: &[u8], hash: &[u8; MAX_HASH]) -> bool {
    let difference = received.iter().zip(hash).fold(0, |sum, (&a, &b)| sum | (folded(a) ^ folded(b)));
    difference == 0 && received.len() <= MAX_HASH
}

/// One character for both alphabets and both cases.
fn folded(character: u8) -> u8 {
    match character {
        b'-' => b'+',
        b'_' => b'/',
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(key: &[u8], fields: [&str; 3]) -> String {
        String::from_utf8(Secret::new(key).unwrap().hash(fields).to_vec()).unwrap()
    }

    #[test]
    fn as_every_implementation_does() {
        assert_eq!(hash(b"tops3cr3t", ["G3", "example.com", "alice"]), "PGkzM2fmRPDO/P21IzulO0aFRso");
        assert_eq!(hash(b"tops3cr3t", ["g3", "EXAMPLE.com", "Alice"]), "PGkzM2fmRPDO/P21IzulO0aFRso");
    }

    #[test]
    fn a_secret_file() {
        let hashes = |file: &[u8]| Secret::lines(file).map(|secret| secret.hash(["G3", "h", "u"])).collect::<Vec<_>>();
        let of = |keys: &[&str]| keys.iter().map(|key| hash(key.as_bytes(), ["G3", "h", "u"])).collect::<Vec<_>>();
        let text = |hashes: Vec<[u8; MAX_HASH]>| {
            hashes.iter().map(|h| String::from_utf8(h.to_vec()).unwrap()).collect::<Vec<_>>()
        };
        for (file, keys) in [
            (&b"abc"[..], &["abc"][..]),
            (b"# new\nabc\r\n\nold\n", &["abc", "old"]),
            (b"#\n", &[]),
            (b"a#b\n c\n", &["a#b", " c"]),
            (b"", &[]),
        ] {
            assert_eq!(text(hashes(file)), of(keys), "{}", String::from_utf8_lossy(file));
        }
    }

    #[test]
    fn long_fields_and_keys_are_hashed_whole() {
        let long = "x".repeat(200);
        assert_ne!(hash(b"k", ["G3", "h", &long]), hash(b"k", ["G3", "h", &long[1..]]));
        assert_ne!(hash(&[7; 80], ["G3", "h", "u"]), hash(&[7; 81], ["G3", "h", "u"]));
    }

    #[test]
    fn both_alphabets_match() {
        let hash = *b"a+/Cdefghijklmnopqrstuvwxyz";
        for received in ["a+/C", "A-_c", "a-/cdE", ""] {
            assert!(matches(received.as_bytes(), &hash), "{received}");
        }
        assert!(!matches(b"a+/D", &hash));
        // Two differences do not make up for each other: `a` and `b` differ in the same bits as `d` and `g`.
        assert!(!matches(b"b+/Cg", &hash));
        assert!(!matches(b"a+/Cdefghijklmnopqrstuvwxyzz", &hash));
    }
}
