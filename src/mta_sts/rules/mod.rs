//! What is told about MTA-STS.

mod fetching;
mod policy;
mod record;
#[cfg(test)]
mod tests;

pub use fetching::lint_host;
pub use policy::lint_policy;
pub(crate) use record::{keeps, lint_subject};
pub use record::{lint, lint_domain, mended};

use crate::finding::Rule;

/// Rules that a text can break by itself.
pub(crate) static OF_TEXTS: &[&[&Rule]] = &[record::RULES];

/// Rules of what is around it: the DNS, a message, a verdict.
pub(crate) static BEYOND_TEXTS: &[&[&Rule]] = &[fetching::RULES, policy::RULES, policy::servers::RULES];
