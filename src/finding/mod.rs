//! Words for findings: what a rule is called and says ([`Rule`], [`Code`]), what it found ([`Diagnostic`]),
//! and how to mend it ([`Fix`]).

mod diagnostic;
mod fix;
mod rule;
mod subject;

pub(crate) use diagnostic::Findings;
pub use diagnostic::{Diagnostic, Evidence, Label, Params};
pub use fix::{Applicability, Change, Edit, Fix, apply};
pub(crate) use rule::rules;
pub use rule::{Code, Effect, Rule, Severity};
pub use subject::{Origin, Subject};
