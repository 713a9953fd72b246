//! What is told about BIMI.

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
pub(crate) use record::lint_subject;
pub use record::{lint, mended};

use crate::finding::Rule;

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[record::RULES, place::RULES, evidence::RULES, logo::RULES];
