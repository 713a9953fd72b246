//! What is told about a message's header fields.

pub(crate) mod author;

use crate::finding::Rule;

/// Every rule about messages.
pub(crate) static ALL: &[&[&Rule]] = &[author::RULES];
