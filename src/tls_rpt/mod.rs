//! SMTP TLS Reporting (RFC 8460): the record at `_smtp._tls` that says where reports on failed TLS connections go.
//!
//! ```
//! use mailproof::tls_rpt;
//!
//! let found = tls_rpt::lint(&"v=TLSRPTv1; rua=http://reports.example.com/".into());
//! assert_eq!(found[0].code, "tlsrpt-rua-invalid");
//! assert_eq!(tls_rpt::mended("v=TLSRPTv1; rua=mailto:a!b@example.com").unwrap(), "v=TLSRPTv1; rua=mailto:a%21b@example.com");
//! ```

mod record;
pub(crate) mod rules;

pub use record::{Field, Record, Target, Uri};
pub(crate) use rules::{keeps, lint_subject};
pub use rules::{lint, lint_domain, mended};
