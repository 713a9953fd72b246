//! MTA-STS (RFC 8461): the record at `_mta-sts`, and the policy file that says to which mail servers senders deliver over TLS.
//!
//! The record is [`lint`]ed alone, [`lint_domain`] looks where it stands, [`lint_host`] whether the policy has a host to come from,
//! and [`lint_policy`] reads the file that the caller fetched, against the MX records of the domain.
//!
//! ```
//! use mailproof::mta_sts;
//!
//! let found = mta_sts::lint(&"v=STSv1; id=2026-11-22".into());
//! assert_eq!((found[0].code.as_str(), found[0].primary.quoted().as_str()), ("sts-id-invalid", "2026-11-22"));
//! ```

mod policy;
mod record;
pub(crate) mod rules;

pub use policy::{Fetched, Line, MAX_OCTETS, Mode, Policy};
pub use record::Record;
pub(crate) use rules::{keeps, lint_subject};
pub use rules::{lint, lint_domain, lint_host, lint_policy, mended};
