//! What is told about a key record, and about a selector.

mod context;
mod data;
mod historic;
mod lint;
mod list;
mod selector;
mod settings;
mod signature;
mod version;

#[cfg(test)]
mod tests;

pub use lint::{key_effect, lint_key, mended_key};
pub use selector::{LintOptions, MAX_OTHERS, lint_key_at, lint_selector};
pub use signature::{SignatureFacts, lint_message, lint_signature, lint_signature_at};

use crate::finding::Rule;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[
    version::RULES,
    list::RULES,
    settings::RULES,
    data::RULES,
    historic::RULES,
    selector::absent::RULES,
    selector::answers::RULES,
    selector::known::RULES,
    signature::tags::RULES,
    signature::algorithm::RULES,
    signature::identity::RULES,
    signature::fields::RULES,
    signature::length::RULES,
    signature::times::RULES,
    signature::copies::RULES,
    signature::message::RULES,
];
