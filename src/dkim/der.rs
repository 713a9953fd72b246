//! As much DER (X.690) as keys need: SubjectPublicKeyInfo, RSAPublicKey, and private keys to warn of.

/// What the octets of a key turned out to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Structure<'a> {
    /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) with an RSA key in it.
    RsaSpki { modulus: &'a [u8], exponent: &'a [u8] },
    /// RSAPublicKey (RFC 8017 A.1.1) by itself.
    RsaPkcs1 { modulus: &'a [u8], exponent: &'a [u8] },
    /// SubjectPublicKeyInfo with an Ed25519 key in it (RFC 8410 §4).
    Ed25519Spki(&'a [u8]),
    /// SubjectPublicKeyInfo with a key of another kind.
    OtherSpki,
    /// A private key (RFC 8017 A.1.2, RFC 5208).
    Private,
    /// The outermost element wants more octets than there are.
    Truncated { wanted: usize },
    /// Something else.
    Unknown,
}

pub(crate) fn structure(octets: &[u8]) -> Structure<'_> {
    let mut outer = Reader(octets);
    let Some((SEQUENCE, length)) = outer.head() else { return Structure::Unknown };
    if length > outer.0.len() {
        let head = octets.len() - outer.0.len();
        // Nothing but the beginning of a key starts like this, so the length is believed.
        let plausible = matches!(outer.0.first(), Some(&(SEQUENCE | INTEGER)));
        return if plausible { Structure::Truncated { wanted: head + length } } else { Structure::Unknown };
    }
    if length < outer.0.len() {
        return Structure::Unknown;
    }
    spki(outer).or_else(|| rsa_public(outer)).or_else(|| private(outer)).unwrap_or(Structure::Unknown)
}

/// SubjectPublicKeyInfo around an RSAPublicKey.
pub(crate) fn spki_of_rsa(public: &[u8]) -> Vec<u8> {
    let identifier = element(SEQUENCE, &[element(OBJECT_IDENTIFIER, RSA_ENCRYPTION), vec![NULL, 0]].concat());
    let key = element(BIT_STRING, &[&[0], public].concat());
    element(SEQUENCE, &[identifier, key].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|&&octet| octet == 0).count();
    let mut out = vec![tag];
    if content.len() >= 0x80 {
        // A length has at most eight octets.
        out.push(0x80 | (length.len() - zeros) as u8);
    }
    out.extend_from_slice(&length[zeros..]);
    out.extend_from_slice(content);
    out
}

/// The integers of an RSAPrivateKey (RFC 8017 A.1.2), bare or in a PrivateKeyInfo: n, e, d, p, q.
pub(crate) fn rsa_private(octets: &[u8]) -> Option<[&[u8]; 5]> {
    let mut body = Reader(Reader(octets).element(SEQUENCE)?);
    body.integer()?;
    if body.0.first() == Some(&SEQUENCE) {
        body.element(SEQUENCE)?;
        body = Reader(Reader(body.element(OCTET_STRING)?).element(SEQUENCE)?);
        body.integer()?;
    }
    Some([body.integer()?, body.integer()?, body.integer()?, body.integer()?, body.integer()?])
}

/// The seed of an Ed25519 PrivateKeyInfo (RFC 8410 §7).
#[cfg(feature = "crypto")]
pub(crate) fn ed25519_private(octets: &[u8]) -> Option<&[u8; 32]> {
    let mut body = Reader(Reader(octets).element(SEQUENCE)?);
    body.integer()?;
    let identifier = Reader(body.element(SEQUENCE)?).element(OBJECT_IDENTIFIER)?;
    let seed = Reader(body.element(OCTET_STRING)?).element(OCTET_STRING)?;
    (identifier == ED25519).then(|| seed.try_into().ok()).flatten()
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.3.101.112
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

fn spki(mut body: Reader<'_>) -> Option<Structure<'_>> {
    let mut algorithm = Reader(body.element(SEQUENCE)?);
    let identifier = algorithm.element(OBJECT_IDENTIFIER)?;
    let (unused, key) = body.element(BIT_STRING)?.split_first()?;
    if *unused != 0 || !body.0.is_empty() {
        return None;
    }
    if identifier == ED25519 {
        return Some(Structure::Ed25519Spki(key));
    }
    if identifier != RSA_ENCRYPTION {
        return Some(Structure::OtherSpki);
    }
    let mut rsa = Reader(key);
    let (modulus, exponent) = numbers(Reader(rsa.element(SEQUENCE)?))?;
    rsa.0.is_empty().then_some(Structure::RsaSpki { modulus, exponent })
}

fn rsa_public(body: Reader<'_>) -> Option<Structure<'_>> {
    let (modulus, exponent) = numbers(body)?;
    Some(Structure::RsaPkcs1 { modulus, exponent })
}

fn private(mut body: Reader<'_>) -> Option<Structure<'_>> {
    let version = body.integer()?;
    let then = body.0.first()?;
    (version.len() <= 1 && matches!(*then, INTEGER | SEQUENCE | OCTET_STRING)).then_some(Structure::Private)
}

/// Exactly two positive integers.
fn numbers(mut body: Reader<'_>) -> Option<(&[u8], &[u8])> {
    let (modulus, exponent) = (body.integer()?, body.integer()?);
    (body.0.is_empty() && !modulus.is_empty() && !exponent.is_empty()).then_some((modulus, exponent))
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Tag and length; the content may be shorter than the length says.
    fn head(&mut self) -> Option<(u8, usize)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            // Three octets of length are 16 MiB; no key is longer.
            if count == 0 || count > 3 || rest.len() < count {
                return None;
            }
            let (octets, tail) = rest.split_at(count);
            length = octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet));
            rest = tail;
        }
        self.0 = rest;
        Some((tag, length))
    }

    fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, length) = self.head()?;
        if found != tag || length > self.0.len() {
            return None;
        }
        let (content, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(content)
    }

    /// A positive integer without leading zeros; zero is no octet.
    fn integer(&mut self) -> Option<&'a [u8]> {
        let octets = self.element(INTEGER)?;
        if octets.first()? & 0x80 != 0 {
            return None;
        }
        let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
        Some(&octets[zeros..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_keys_apart() {
        let pkcs1 = [0x30, 0x07, 2, 2, 0, 0x91, 2, 1, 3];
        assert_eq!(structure(&pkcs1), Structure::RsaPkcs1 { modulus: &[0x91], exponent: &[3] });
        assert_eq!(structure(&pkcs1[..6]), Structure::Truncated { wanted: 9 });
        let private = [0x30, 0x09, 2, 1, 0, 2, 1, 0x11, 2, 1, 3];
        assert_eq!(structure(&private), Structure::Private);
        let mut ed25519 = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
        ed25519.extend([7; 32]);
        assert_eq!(structure(&ed25519), Structure::Ed25519Spki(&[7; 32]));
        assert_eq!(structure(&[0, 0, 0]), Structure::Unknown);
        assert_eq!(structure(&[]), Structure::Unknown);
    }

    /// RFC 8017 §A.1.1, RFC 5280 §4.1: two positive integers and nothing else; a bit string of whole octets.
    #[test]
    fn what_is_no_key() {
        let seq = |parts: &[&[u8]]| element(SEQUENCE, &parts.concat());
        let (n, e, zero) = (element(INTEGER, &[0x11, 0x11]), element(INTEGER, &[3]), element(INTEGER, &[0]));
        let good = seq(&[&n, &e]);
        let key = Structure::RsaPkcs1 { modulus: &[0x11, 0x11], exponent: &[3] };
        assert_eq!(structure(&good), key);
        let identifier = seq(&[&element(OBJECT_IDENTIFIER, RSA_ENCRYPTION), &[NULL, 0]]);
        let spki = |unused: u8, key: &[u8], behind: &[u8]| {
            seq(&[&identifier, &element(BIT_STRING, &[&[unused], key].concat()), behind])
        };
        assert!(matches!(structure(&spki(0, &good, b"")), Structure::RsaSpki { .. }));
        for (why, octets) in [
            ("an octet behind it", [&good[..], &[0]].concat()),
            ("a third integer", seq(&[&n, &e, &e])),
            ("no modulus", seq(&[&element(INTEGER, &[0; 9]), &element(OCTET_STRING, b""), &e])),
            ("no exponent", seq(&[&n, &zero])),
            ("a negative exponent", seq(&[&n, &[INTEGER, 1, 0x80]])),
            ("no integers", seq(&[&element(OCTET_STRING, &[0x11, 0x11]), &element(OCTET_STRING, &[3])])),
            ("an integer longer than what is there", vec![SEQUENCE, 4, INTEGER, 5, 0x11, 0x11]),
            ("a bit string of broken octets", spki(1, &good, b"")),
            ("something behind the bit string", spki(0, &good, &[NULL, 0])),
            ("something behind the key in it", spki(0, &[&good[..], &[NULL, 0]].concat(), b"")),
        ] {
            let found = structure(&octets);
            let is_key = matches!(found, Structure::RsaPkcs1 { .. } | Structure::RsaSpki { .. });
            assert!(!is_key, "{why}: {found:?}");
        }
        // Two integers first are not the version of a private key, and nothing else is what may follow a version.
        assert_eq!(structure(&seq(&[&n, &e, &e])), Structure::Unknown);
        assert_eq!(structure(&seq(&[&zero, &element(OBJECT_IDENTIFIER, ED25519)])), Structure::Unknown);
        assert_eq!(structure(&[&good[..], &[0]].concat()), Structure::Unknown);
        // X.690 §8.1.3.5: a length may have more octets than it needs; of more than three none is believed.
        let long = |head: &[u8]| [&[SEQUENCE], head, &good[2..]].concat();
        let length = good[1];
        for (head, found) in [
            (&[length][..], key.clone()),
            (&[0x81, length], key.clone()),
            (&[0x83, 0, 0, length], key),
            (&[0x84, 0, 0, 0, length], Structure::Unknown),
            (&[0x80], Structure::Unknown),
        ] {
            assert_eq!(structure(&long(head)), found, "{head:02x?}");
        }
    }

    #[test]
    fn wraps_a_bare_key() {
        let bare = [0x30, 0x07, 2, 2, 0, 0x91, 2, 1, 3];
        assert_eq!(structure(&spki_of_rsa(&bare)), Structure::RsaSpki { modulus: &[0x91], exponent: &[3] });
        let long = element(SEQUENCE, &[element(INTEGER, &[1; 300]), element(INTEGER, &[3])].concat());
        assert_eq!(structure(&spki_of_rsa(&long)), Structure::RsaSpki { modulus: &[1; 300], exponent: &[3] });
    }

    proptest::proptest! {
        #[test]
        fn any_octets(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..64)) {
            let _ = structure(&octets);
            let _ = structure(&[&[0x30, octets.len() as u8], &octets[..]].concat());
        }
    }
}
