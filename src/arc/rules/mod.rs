//! What is told about an ARC chain: evidence of who handled the message, never a pass.

mod claims;
mod sets;
mod signatures;
mod tell;
mod worth;

#[cfg(test)]
mod pages;

use crate::finding::Rule;

pub use tell::{Known, findings};

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[sets::RULES, signatures::RULES, claims::RULES, worth::RULES];
