//! What is told about a key record, and about a selector.

mod context;
mod data;
mod lint;
mod list;
mod settings;
mod version;

#[cfg(test)]
mod tests;

pub use lint::{key_effect, lint_key, mended_key};

use crate::finding::Rule;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[version::RULES, list::RULES, settings::RULES, data::RULES];
