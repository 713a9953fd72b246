//! What is told about MTA-STS.

mod policy;
mod record;

pub use policy::lint_policy;
pub(crate) use record::lint_subject;
pub use record::{lint, lint_domain, mended};

use crate::finding::Rule;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[record::RULES, policy::RULES];
