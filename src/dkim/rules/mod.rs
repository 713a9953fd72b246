//! What is told about a key record, and about a selector.

mod context;
mod data;
mod historic;
mod hostname;
mod lint;
mod list;
mod pem_file;
mod plus_lost;
mod rsa;
mod selector;
mod settings;
mod signature;
mod strings;
mod unnamed;
mod version;

#[cfg(feature = "crypto")]
mod body_hints;
#[cfg(feature = "crypto")]
mod header_hints;
#[cfg(feature = "crypto")]
mod outcome;
#[cfg(all(test, feature = "crypto"))]
mod pages;
#[cfg(feature = "crypto")]
mod passes;
#[cfg(feature = "crypto")]
mod tell;
#[cfg(feature = "crypto")]
mod transport;

#[cfg(test)]
mod tests;

pub(crate) use lint::{keeps, lint_subject};
pub use lint::{key_effect, lint_key, mended_key};
pub use selector::{LintOptions, MAX_OTHERS, lint_key_at, lint_selector};
pub use signature::{SignatureFacts, lint_message, lint_signature, lint_signature_at};
#[cfg(feature = "crypto")]
pub use tell::{Known, findings, message_findings};

use crate::finding::Rule;

/// Rules that a text can break by itself.
pub(crate) static OF_TEXTS: &[&[&Rule]] = &[
    version::RULES,
    list::RULES,
    pem_file::RULES,
    hostname::RULES,
    strings::RULES,
    settings::RULES,
    data::RULES,
    plus_lost::RULES,
    rsa::RULES,
    historic::RULES,
    selector::absent::RULES,
    signature::tags::RULES,
    signature::algorithm::RULES,
    signature::identity::RULES,
    signature::fields::RULES,
    signature::length::RULES,
    signature::times::RULES,
    signature::copies::RULES,
];

/// Rules of what is around it: the DNS, a message, a verdict.
pub(crate) static BEYOND_TEXTS: &[&[&Rule]] = &[
    #[cfg(feature = "crypto")]
    outcome::RULES,
    #[cfg(feature = "crypto")]
    body_hints::RULES,
    #[cfg(feature = "crypto")]
    header_hints::RULES,
    #[cfg(feature = "crypto")]
    passes::RULES,
    #[cfg(feature = "crypto")]
    transport::RULES,
    selector::answers::RULES,
    selector::known::RULES,
    signature::message::RULES,
];
