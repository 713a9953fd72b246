//! DomainKeys Identified Mail (RFC 6376, with RFC 8301, RFC 8463 and RFC 8616).

mod base64;
mod canonical;
#[cfg(feature = "crypto")]
mod crypto;
mod der;
#[cfg(feature = "crypto")]
pub mod explain;
#[cfg(feature = "crypto")]
pub mod forensics;
#[cfg(feature = "crypto")]
mod hashes;
mod key;
mod key_data;
#[cfg(feature = "crypto")]
mod lookup;
#[cfg(feature = "crypto")]
mod outcome;
mod pem;
pub(crate) mod primitives;
pub(crate) mod rules;
mod selector;
mod signature;
mod tags;
#[cfg(all(test, feature = "crypto"))]
pub(crate) mod testing;
#[cfg(all(test, feature = "crypto"))]
mod traps;
#[cfg(feature = "crypto")]
mod verify;

pub use base64::Base64Error;
#[cfg(feature = "crypto")]
pub use crypto::Digest;
#[cfg(feature = "crypto")]
pub use hashes::body_hash;
pub use key::{Key, MAX_KEYS};
pub use key_data::{KeyData, KeyError, KeyType, RsaForm, RsaKey};
#[cfg(feature = "crypto")]
pub use outcome::{BodyCheck, Candidate, Cause, DkimResult, HeaderCheck, KeyLookup, KeyProblem, Outcome};
#[cfg(feature = "crypto")]
pub use rules::{Known, findings, message_findings};
pub use rules::{
    LintOptions, MAX_OTHERS, SignatureFacts, key_effect, lint_key, lint_key_at, lint_message, lint_selector,
    lint_signature, lint_signature_at, mended_key,
};
pub(crate) use rules::{keeps, lint_subject};
pub use selector::{KeyState, Selector, selectors};
pub use signature::{
    Algorithm, Canonicalization, Canonicalizations, CopiedField, HashAlgorithm, Identity, MAX_HEADERS, MAX_SIGNATURES,
    Signature,
};
pub use tags::{ListFault, Tag};
#[cfg(feature = "crypto")]
pub use verify::{Options, verify, verify_with};

/// What is wrong with a key record.
pub mod key_defect {
    pub use super::key::{Defect, DefectKind};
}

/// What is wrong with a signature.
pub mod signature_defect {
    pub use super::signature::{Defect, DefectKind};
}
