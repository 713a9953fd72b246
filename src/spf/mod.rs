//! SPF: Sender Policy Framework (RFC 7208).
//!
//! [`Record`] is the syntax, [`check_host`] the evaluation.

mod macros;
mod parse;
mod record;
pub(crate) mod rules;

pub use macros::{Letter, MacroError, MacroExpand, Piece, Pieces, pieces};
pub use parse::{CidrError, SyntaxError, SyntaxErrorKind};
pub use record::{Directive, DomainSpec, DualCidr, Mechanism, Modifier, Qualifier, Record, Term, TermKind};
