//! The public key in `p=` (RFC 6376 §3.6.1, RFC 8463 §4).

use super::base64::{self, Base64Error};
use super::der::{self, Structure};
use super::signature::Algorithm;

/// `k=`.
///
/// ```
/// use mailproof::dkim::{Algorithm, Key, KeyType};
///
/// // Without `k=` it is RSA, so a signature with `a=ed25519-sha256` needs another key.
/// let key = Key::parse(&"v=DKIM1; p=".into());
/// assert_eq!(key.key_type(), Some(KeyType::Rsa));
/// assert_eq!(KeyType::of(Algorithm::Ed25519Sha256).as_str(), "ed25519");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum KeyType {
    /// RSA, the default.
    Rsa,
    /// Ed25519 (RFC 8463 §4).
    Ed25519,
}

impl KeyType {
    /// The value of `k=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The type that `algorithm` needs.
    pub fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RsaSha1 | Algorithm::RsaSha256 => Self::Rsa,
            Algorithm::Ed25519Sha256 => Self::Ed25519,
        }
    }
}

/// What `p=` holds.
///
/// ```
/// use mailproof::dkim::{Key, KeyData};
///
/// assert_eq!(Key::parse(&"v=DKIM1; p=".into()).data, KeyData::Revoked);
/// assert_eq!(Key::parse(&"v=DKIM1; k=rsa".into()).data, KeyData::Missing);
/// assert_eq!(Key::parse(&"v=DKIM1; k=mldsa; p=Zm9v".into()).data, KeyData::OtherType);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyData {
    /// There is no `p=`.
    Missing,
    /// `p=` is empty: the key is revoked.
    Revoked,
    /// An RSA public key.
    Rsa(RsaKey),
    /// An Ed25519 public key.
    Ed25519([u8; 32]),
    /// Not looked at, since `k=` names what nobody knows.
    OtherType,
    /// No key at all.
    Invalid(KeyError),
}

/// An RSA public key.
///
/// ```
/// use mailproof::dkim::{Key, KeyData, RsaForm};
///
/// let key = Key::parse(&"v=DKIM1; p=MBEwDQYJKoZIhvcNAQEBBQADAA==".into());
/// assert!(matches!(key.data, KeyData::Invalid(_)));
/// let key = Key::parse(&"v=DKIM1; p=MAcCAgCRAgED".into());
/// let KeyData::Rsa(rsa) = key.data else { panic!() };
/// assert_eq!((rsa.modulus(), rsa.exponent(), rsa.bits()), (&[0x91][..], &[3][..], 8));
/// assert_eq!(rsa.form, RsaForm::Pkcs1);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RsaKey {
    /// The modulus, then the public exponent.
    numbers: Vec<u8>,
    modulus_octets: usize,
    /// How it is written.
    pub form: RsaForm,
}

/// How an RSA key is written.
///
/// ```
/// use mailproof::dkim::{Key, KeyData, RsaForm};
/// use mailproof::{dns::{Question, RecordType}, resolver::Zone};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let question = Question::new("s2026._domainkey.papershop.example".parse()?, RecordType::Txt);
/// let key = Key::parse(&zone.answer(&question).txts()[0]);
/// let KeyData::Rsa(rsa) = key.data else { panic!() };
/// assert_eq!((rsa.form, rsa.bits()), (RsaForm::Spki, 2048));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RsaForm {
    /// SubjectPublicKeyInfo: what everybody publishes.
    Spki,
    /// RSAPublicKey: what the text of RFC 6376 says, and few publish.
    Pkcs1,
}

impl RsaKey {
    pub(crate) fn new(modulus: &[u8], exponent: &[u8], form: RsaForm) -> Self {
        Self { numbers: [modulus, exponent].concat(), modulus_octets: modulus.len(), form }
    }

    /// The modulus, most significant octet first, without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        &self.numbers[..self.modulus_octets]
    }

    /// The public exponent, in the same form.
    pub fn exponent(&self) -> &[u8] {
        &self.numbers[self.modulus_octets..]
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.modulus().first().map_or(0, |first| self.modulus_octets * 8 - first.leading_zeros() as usize)
    }
}

/// Why `p=` is no key.
///
/// ```
/// use mailproof::dkim::{Key, KeyData, KeyError};
///
/// // The whole file was pasted, where its lines between the first and the last belong.
/// let record = "v=DKIM1; p=-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA-----END PUBLIC KEY-----";
/// assert_eq!(Key::parse(&record.into()).data, KeyData::Invalid(KeyError::PemArmor));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not base64. Offsets count from the start of the value.
    Base64(Base64Error),
    /// Lines such as `-----BEGIN PUBLIC KEY-----` around it.
    PemArmor,
    /// It is a private key.
    Private,
    /// It ends before the end that its own first octets announce.
    Truncated {
        /// Octets there are.
        found: usize,
        /// Octets announced.
        wanted: usize,
    },
    /// Neither SubjectPublicKeyInfo nor RSAPublicKey.
    NotDer,
    /// SubjectPublicKeyInfo of neither RSA nor Ed25519.
    OtherAlgorithm,
    /// An Ed25519 key of another length than 32 octets.
    Ed25519Size {
        /// Octets there are.
        found: usize,
    },
    /// An Ed25519 key as SubjectPublicKeyInfo; only its last 32 octets should be published.
    Ed25519Spki([u8; 32]),
    /// An Ed25519 key, but `k=` does not say so.
    Ed25519Undeclared([u8; 32]),
    /// An RSA key, but `k=ed25519`.
    RsaDeclaredEd25519,
    /// A modulus that no RSA key has: even, or 1.
    BadNumbers,
    /// A public exponent that no RSA key has: even, or 1, with which everybody can sign.
    BadExponent,
}

/// The key that `p=` holds; `declared` says that `k=` is written.
pub(super) fn key_data(text: &[u8], k: KeyType, declared: bool) -> KeyData {
    // The key as it nearly always is goes straight to its place.
    if k == KeyType::Ed25519
        && let Some(key) = base64::decode_exactly(text)
    {
        return KeyData::Ed25519(key);
    }
    let read = base64::decode_briefly(text, |octets| match k {
        KeyType::Rsa => rsa(octets, declared),
        KeyType::Ed25519 => ed25519(octets),
    });
    match read {
        Ok(data) => data,
        Err(_) if text.starts_with(b"-----BEGIN") => KeyData::Invalid(KeyError::PemArmor),
        Err(error) => KeyData::Invalid(cut_or(error, text)),
    }
}

/// A key that was cut off rarely ends where four characters of base64 do: what is left says whether it was.
fn cut_or(error: Base64Error, text: &[u8]) -> KeyError {
    if let Base64Error::Length { characters } = error {
        let mut whole: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        whole.truncate(characters - characters % 4);
        let octets = base64::decode(&whole).unwrap_or_default();
        if let Structure::Truncated { wanted } = der::structure(&octets) {
            return KeyError::Truncated { found: octets.len(), wanted };
        }
    }
    KeyError::Base64(error)
}

fn rsa(octets: &[u8], declared: bool) -> KeyData {
    let (modulus, exponent, form) = match der::structure(octets) {
        Structure::RsaSpki { modulus, exponent } => (modulus, exponent, RsaForm::Spki),
        Structure::RsaPkcs1 { modulus, exponent } => (modulus, exponent, RsaForm::Pkcs1),
        Structure::Private => return KeyData::Invalid(KeyError::Private),
        Structure::Truncated { wanted } => {
            return KeyData::Invalid(KeyError::Truncated { found: octets.len(), wanted });
        }
        Structure::Ed25519Spki(key) => {
            return KeyData::Invalid(<[u8; 32]>::try_from(key).map_or(KeyError::OtherAlgorithm, KeyError::Ed25519Spki));
        }
        Structure::OtherSpki => return KeyData::Invalid(KeyError::OtherAlgorithm),
        Structure::Unknown => {
            let undeclared = <[u8; 32]>::try_from(octets).ok().filter(|_| !declared);
            return KeyData::Invalid(undeclared.map_or(KeyError::NotDer, KeyError::Ed25519Undeclared));
        }
    };
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    if !odd(modulus) || modulus == [1] {
        return KeyData::Invalid(KeyError::BadNumbers);
    }
    if !odd(exponent) || exponent == [1] {
        return KeyData::Invalid(KeyError::BadExponent);
    }
    KeyData::Rsa(RsaKey::new(modulus, exponent, form))
}

fn ed25519(octets: &[u8]) -> KeyData {
    if let Ok(key) = <[u8; 32]>::try_from(octets) {
        return KeyData::Ed25519(key);
    }
    KeyData::Invalid(match der::structure(octets) {
        Structure::Ed25519Spki(key) => match <[u8; 32]>::try_from(key) {
            Ok(key) => KeyError::Ed25519Spki(key),
            Err(_) => KeyError::Ed25519Size { found: key.len() },
        },
        Structure::RsaSpki { .. } | Structure::RsaPkcs1 { .. } => KeyError::RsaDeclaredEd25519,
        Structure::Private => KeyError::Private,
        Structure::OtherSpki | Structure::Truncated { .. } | Structure::Unknown => {
            KeyError::Ed25519Size { found: octets.len() }
        }
    })
}
