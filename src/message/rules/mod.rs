//! What is told about a message's header fields.

pub(crate) mod ambiguity;
pub(crate) mod author;
pub(crate) mod author_domains;
pub(crate) mod lines;
pub(crate) mod results;
pub(crate) mod scripts;
pub(crate) mod structure;
#[cfg(test)]
mod tests;
pub(crate) mod unsubscribe;

use crate::finding::Rule;

/// Every rule about messages.
pub(crate) static ALL: &[&[&Rule]] = &[
    author::RULES,
    author_domains::RULES,
    scripts::RULES,
    ambiguity::RULES,
    structure::RULES,
    unsubscribe::RULES,
    results::RULES,
    lines::RULES,
];
