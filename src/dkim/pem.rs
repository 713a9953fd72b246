//! Keys in files (RFC 7468): what a signer has, to be compared with what the DNS says.

use super::base64;
use super::der::{self, Structure};
use super::key_data::{KeyData, RsaForm, RsaKey};

impl KeyData {
    /// The public key in a PEM file, or the one that belongs to the private key in it: PKCS#1, PKCS#8, SubjectPublicKeyInfo.
    ///
    /// `None` if it is none of RSA or Ed25519. The public key of an Ed25519 private key needs the feature `crypto`.
    ///
    /// ```
    /// use mailproof::dkim::KeyData;
    ///
    /// let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    /// assert!(matches!(KeyData::from_pem(pem), Some(KeyData::Ed25519(_))));
    /// ```
    pub fn from_pem(text: &str) -> Option<Self> {
        let octets = octets(text)?;
        let rsa = |modulus, exponent, form| Some(Self::Rsa(RsaKey::new(modulus, exponent, form)));
        match der::structure(&octets) {
            Structure::RsaSpki { modulus, exponent } => rsa(modulus, exponent, RsaForm::Spki),
            Structure::RsaPkcs1 { modulus, exponent } => rsa(modulus, exponent, RsaForm::Pkcs1),
            Structure::Ed25519Spki(key) => Some(Self::Ed25519(key.try_into().ok()?)),
            Structure::Private => of_private(&octets),
            Structure::OtherSpki | Structure::Truncated { .. } | Structure::Unknown => None,
        }
    }
}

/// What stands between the first two lines `-----BEGIN …-----` and `-----END …-----`, decoded.
pub(super) fn octets(text: &str) -> Option<Vec<u8>> {
    let after = text.split_once("-----BEGIN ")?.1.split_once("-----")?.1;
    base64::decode(after.split_once("-----END ")?.0.as_bytes()).ok()
}

fn of_private(octets: &[u8]) -> Option<KeyData> {
    #[cfg(feature = "crypto")]
    if let Some(seed) = der::ed25519_private(octets) {
        return Some(KeyData::Ed25519(super::crypto::ed25519_public(seed)));
    }
    let [modulus, exponent, ..] = der::rsa_private(octets)?;
    Some(KeyData::Rsa(RsaKey::new(modulus, exponent, RsaForm::Pkcs1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of `dkim-key-p-private`'s page, whose public half is that of `dkim-key-too-short`.
    #[test]
    fn the_public_half_of_a_private_key() {
        let private = "MIIBOgIBAAJBANsleCqVRuWrGdIwm5ulJtN+GO/dCZqUCAEygas6BpxWCDFkcXwaYRuxbfDBmg6z6Yf4dojSzZ50QJZWv9RI8SkCAwEAAQJAT02L4r0KXuo/+dQlO3nURwyGsaZnZ0zSaLyCOBhTdBbyffsPFuW/wYFWOnkYye8awugn9pL6kPxQiKQ/G/0b0QIhAPKm9PD+LOnftPucdec65XBVqYqu31RD9nuqRlGhWzrHAiEA5zOAlrUObMAN+sXGEmPOE8s2PGQsiuJMAyF3aWdYBI8CIFcFNwyCKvtIpfAiIUpmncfWgLHimubuZKPe4c7+jegbAiA1JXCktCAJvag5AieC6LBhenAQN9LJZjWk7pd9gkUIXwIhAIU4rCjhMnB35gVTCxASysEpDDBaqK7Vv2IEpxKBuj+5";
        let public = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANsleCqVRuWrGdIwm5ulJtN+GO/dCZqUCAEygas6BpxWCDFkcXwaYRuxbfDBmg6z6Yf4dojSzZ50QJZWv9RI8SkCAwEAAQ==";
        let pem = |kind: &str, text: &str| format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n");
        let of = |kind, text| match KeyData::from_pem(&pem(kind, text)) {
            Some(KeyData::Rsa(key)) => (key.modulus().to_vec(), key.exponent().to_vec()),
            other => panic!("{other:?}"),
        };
        assert_eq!(of("RSA PRIVATE KEY", private), of("PUBLIC KEY", public));
        assert_eq!(KeyData::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"), None);
    }

    /// RFC 8410 §10.3; the public key is that of the second structure there.
    #[test]
    #[cfg(feature = "crypto")]
    fn ed25519() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----";
        assert_eq!(KeyData::from_pem(pem).unwrap(), KeyData::from_pem(public).unwrap());
    }
}
