//! The narrow door for ARC (RFC 8617 §4.1, §5.1.1), which signs with the canonical forms, keys and hashes of DKIM.

#[cfg(feature = "crypto")]
pub(crate) use super::base64::encode as base64_encode;
#[cfg(feature = "crypto")]
pub(crate) use super::canonical::{header_field, signature_field};
#[cfg(feature = "crypto")]
pub(crate) use super::crypto::{Hasher, PrivateKey};
#[cfg(feature = "crypto")]
pub(crate) use super::hashes::{BodyRequest, body_hashes, header_hash, signed_fields};
#[cfg(feature = "crypto")]
pub(crate) use super::lookup::{Keys, problem};
#[cfg(feature = "crypto")]
pub(crate) use super::selector::key_name;
pub(crate) use super::signature::Form;
