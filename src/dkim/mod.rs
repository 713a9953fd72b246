//! DomainKeys Identified Mail (RFC 6376, with RFC 8301, RFC 8463 and RFC 8616).

mod base64;
mod canonical;
#[cfg(feature = "crypto")]
mod crypto;
mod der;
mod key;
mod signature;
mod tags;

pub use base64::Base64Error;
#[cfg(feature = "crypto")]
pub use crypto::Digest;
pub use key::{Key, KeyData, KeyError, KeyType, RsaForm, RsaKey};
pub use signature::{
    Algorithm, Canonicalization, Canonicalizations, CopiedField, HashAlgorithm, Identity, MAX_HEADERS, Signature,
};
pub use tags::{ListFault, Tag};

/// What is wrong with a key record.
pub mod key_defect {
    pub use super::key::{Defect, DefectKind};
}

/// What is wrong with a signature.
pub mod signature_defect {
    pub use super::signature::{Defect, DefectKind};
}
