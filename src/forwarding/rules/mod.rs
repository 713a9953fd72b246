//! What is told about the way of a message.

mod path;
mod recognised;

use super::Facts;
use crate::finding::{Diagnostic, Findings, Rule};

/// Every rule about forwarding.
pub(crate) static ALL: &[&[&Rule]] = &[recognised::RULES, path::RULES];

/// What the fields and verdicts of a message show of its way.
pub fn findings(facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    recognised::check(facts, &mut out);
    path::check(facts, &mut out);
    out.into_vec()
}
