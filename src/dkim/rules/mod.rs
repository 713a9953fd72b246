//! What is told about a key record, and about a selector.

mod context;
mod data;
mod lint;
mod list;
mod settings;
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

#[cfg(feature = "crypto")]
pub(crate) use lint::lint_subject as lint_key_record;
pub use lint::{key_effect, lint_key, mended_key};
#[cfg(feature = "crypto")]
pub use tell::{Known, findings, message_findings};

use crate::finding::Rule;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[
    version::RULES,
    list::RULES,
    settings::RULES,
    data::RULES,
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
];
