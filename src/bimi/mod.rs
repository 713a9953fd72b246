//! BIMI (draft-brand-indicators-for-message-identification-12): the record that names a logo, what it asks of DMARC, and the
//! logo and certificate that the caller fetched.
//!
//! ```
//! use mailproof::bimi;
//!
//! let found = bimi::lint(&"v=BIMI1; l=http://d.example/logo.svg".into());
//! assert!(found.iter().any(|found| found.code == "bimi-l-not-https"));
//! assert_eq!(bimi::mended("v=BIMI1; l=http://d.example/logo.svg").unwrap(), "v=BIMI1; l=https://d.example/logo.svg");
//! ```

mod record;
pub(crate) mod rules;

pub use record::Record;
#[cfg(feature = "xml")]
pub use rules::lint_logo;
pub use rules::{Certificate, DmarcFacts, Facts, lint, lint_domain, mended};
pub(crate) use rules::{keeps, lint_subject};
