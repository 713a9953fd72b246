//! SPF: Sender Policy Framework (RFC 7208).
//!
//! [`Record`] is the syntax, [`check_host`] the evaluation.

pub(crate) mod check_host;
mod expand;
pub(crate) mod explain;
pub(crate) mod lint;
mod macros;
pub mod networks;
mod outcome;
mod parse;
mod qualifier;
mod received_spf;
mod record;
pub(crate) mod rules;
pub(crate) mod select;
mod session;
pub(crate) mod trace;
pub mod tree;

#[cfg(feature = "crypto")]
pub(crate) use check_host::reverse_name;
pub use check_host::{Limits, check_host, check_host_with, expand_macros, verdict};
pub use explain::{compare_reported, explain, headline};
pub use lint::{LintOptions, effect, lint, lint_at, lint_domain, lint_text, mended};
pub use macros::{Letter, MacroError, MacroExpand, Piece, Pieces, Place, pieces};
pub use networks::{Networks, networks};
pub use outcome::{Cause, Outcome, SpfResult, TermRef};
pub use parse::{CidrError, SyntaxError, SyntaxErrorKind};
pub use qualifier::Qualifier;
pub(crate) use qualifier::unqualified;
pub use received_spf::{ReceivedSpf, ReceivedSpfDefect, received_spf};
pub use record::{Directive, DomainSpec, DualCidr, Mechanism, Modifier, Record, Term, TermKind};
pub use rules::received::lint_received_spf;
pub use rules::service_facts::services;
pub use session::{DomainDefect, Identity, Session};
pub use trace::{Event, Miss, Trace, TracedLookup, TracedRecord, Verdict};
pub use tree::{Tree, tree};
