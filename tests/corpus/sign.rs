//! Signers: who signs, with which key, in which mode.

use mailproof::dkim::{Canonicalization, HashAlgorithm, body_hash};
use sha2::{Digest as _, Sha256};

use crate::codec::{base64, from_base64};
use crate::mail::{Mail, is_named};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Rsa,
    Ed25519,
}

impl Key {
    pub(crate) const ALL: [Self; 2] = [Self::Rsa, Self::Ed25519];

    /// Where the private key is in the repository.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Rsa => "src/dkim/testdata/rsa2048.pem",
            Self::Ed25519 => "src/dkim/testdata/ed25519.pem",
        }
    }

    pub(crate) fn pem(self) -> &'static str {
        match self {
            Self::Rsa => include_str!("../../src/dkim/testdata/rsa2048.pem"),
            Self::Ed25519 => include_str!("../../src/dkim/testdata/ed25519.pem"),
        }
    }

    fn der(self) -> Vec<u8> {
        let lines = self.pem().lines().filter(|line| !line.starts_with('-'));
        from_base64(lines.collect::<String>().as_bytes())
    }

    /// The 32 octets of an Ed25519 key: the end of its PKCS #8 form.
    pub(crate) fn seed(self) -> [u8; 32] {
        let der = self.der();
        der[der.len() - 32..].try_into().expect("32 octets")
    }

    pub(crate) fn record(self) -> String {
        match self {
            Self::Rsa => format!("v=DKIM1; k=rsa; p={}", include_str!("../../src/dkim/testdata/rsa2048.pub")),
            Self::Ed25519 => format!("v=DKIM1; k=ed25519; p={}", include_str!("../../src/dkim/testdata/ed25519.pub")),
        }
    }

    /// A key of the same kind that signed nothing.
    pub(crate) fn other_record(self) -> String {
        match self {
            Self::Rsa => format!("v=DKIM1; k=rsa; p={}", include_str!("../../src/dkim/testdata/rsa1024.pub")),
            // The example of RFC 8463 §A.2.
            Self::Ed25519 => "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
        }
    }

    pub(crate) fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }

    fn sign(self, digest: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa => {
                use rsa::pkcs8::DecodePrivateKey as _;
                let key = rsa::RsaPrivateKey::from_pkcs8_der(&self.der()).expect("a key");
                let info = from_base64(b"MDEwDQYJYIZIAWUDBAIBBQAEIA==");
                key.sign(rsa::Pkcs1v15Sign { hash_len: Some(32), prefix: info.into() }, digest).expect("a signature")
            }
            Self::Ed25519 => {
                let key = ed25519_dalek::SigningKey::from_bytes(&self.seed());
                ed25519_dalek::Signer::sign(&key, digest).to_bytes().to_vec()
            }
        }
    }
}

/// Header and body.
pub(crate) type Modes = (Canonicalization, Canonicalization);

pub(crate) const ALIKE: [Modes; 2] = {
    use Canonicalization::{Relaxed, Simple};
    [(Simple, Simple), (Relaxed, Relaxed)]
};

pub(crate) const MIXED: [Modes; 2] = {
    use Canonicalization::{Relaxed, Simple};
    [(Simple, Relaxed), (Relaxed, Simple)]
};

/// Fields that are signed where they are, and once more so that none can be added.
const SIGNED: &[&str] = &[
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Comments",
    "List-Unsubscribe",
    "Sender",
];

/// Signed by the few lines here, with `s=` as its selector and d.example as its domain.
pub(crate) fn own(mail: &Mail, key: Key, (header, body): Modes, length: Option<u64>) -> Mail {
    let mut names = Vec::new();
    let mut signed = Vec::new();
    for name in SIGNED {
        let instances: Vec<&Vec<u8>> = mail.fields.iter().rev().filter(|field| is_named(field, name)).collect();
        names.extend(std::iter::repeat_n(*name, instances.len() + 1));
        for instance in instances {
            signed.extend(header.header(instance));
        }
    }
    let hash = body_hash(body, HashAlgorithm::Sha256, &mail.body, length);
    let limit = length.map(|length| format!(" l={length};")).unwrap_or_default();
    let start = format!(
        "DKIM-Signature: v=1; a={}; c={}/{};{limit}\r\n\td=d.example; s=s; t=1795312800;\r\n\th={};\r\n\tbh={hash};\r\n\tb=",
        key.algorithm(),
        header.as_str(),
        body.as_str(),
        names.join(":"),
    );
    let last = header.header(format!("{start}\r\n").as_bytes());
    signed.extend_from_slice(last.strip_suffix(b"\r\n").expect("a line"));
    let b = base64(&key.sign(&Sha256::digest(&signed)));
    let lines: Vec<&str> = b.as_bytes().chunks(72).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    let field = format!("{start}{}\r\n", lines.join("\r\n\t "));
    let mut out = mail.clone();
    out.fields.insert(0, field.into_bytes());
    out
}
