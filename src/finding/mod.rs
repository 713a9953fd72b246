//! Words for findings: what a rule is called and says ([`Rule`], [`Code`]), what it found ([`Diagnostic`]),
//! and how to mend it ([`Fix`]).

mod apply_all;
mod diagnostic;
mod fix;
mod further;
mod kept;
mod many;
mod moved;
mod rule;
mod sources;
mod subject;

pub(crate) use apply_all::{Accept, choose};
pub use apply_all::{MAX_ROUNDS, Mended, apply_all, apply_all_where};
pub(crate) use diagnostic::Findings;
pub use diagnostic::{Diagnostic, Evidence, Label, Params};
pub use fix::{Applicability, Change, Edit, Fix, apply};
pub(crate) use fix::{apply_ordered, apply_within, in_order};
pub(crate) use further::MAX_OCTETS as MAX_FURTHER_OCTETS;
pub(crate) use further::{Lint, look_further, presupposes, uncovered};
pub(crate) use kept::{apply_all_kept, is_grave, mend_or_tidy};
pub(crate) use many::bounded;
pub(crate) use moved::{Moved, bring_back, is_written, place_before};
pub(crate) use rule::rules;
pub use rule::{Code, Effect, Rule, Severity};
pub(crate) use sources::Sources;
pub use subject::{Origin, Subject};

/// Rules about findings themselves.
pub(crate) static ALL: &[&[&Rule]] = &[many::RULES];
