//! What is told about BIMI.

mod addresses;
mod evidence;
mod logo;
#[cfg(feature = "xml")]
mod logo_file;
mod place;
mod record;

pub use evidence::{Certificate, DmarcFacts, Facts};
#[cfg(feature = "xml")]
pub use logo_file::lint_logo;
pub use place::lint_domain;
pub(crate) use record::{keeps, lint_subject};
pub use record::{lint, mended};

use crate::finding::Rule;

/// Rules that a text can break by itself.
pub(crate) static OF_TEXTS: &[&[&Rule]] = &[record::RULES];

/// Rules of what is around it: the DNS, a message, a verdict.
pub(crate) static BEYOND_TEXTS: &[&[&Rule]] = &[place::RULES, evidence::RULES, logo::RULES];
