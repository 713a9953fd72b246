//! Who has to do what.

use crate::Actor;
use crate::finding::{Applicability, Diagnostic, Fix, Label};

/// One thing to do, and whose it is.
///
/// ```
/// use mailproof::{finding::apply, report::{Actor, RecordInput}};
///
/// let report = RecordInput::new("v=spf1 ipv4:192.0.2.1 -all").report();
/// let advice = &report.advice[0];
/// assert_eq!(advice.actor, Actor::DomainOwner);
/// // The place and the change of it: the text to publish.
/// let text = advice.at.as_ref().unwrap().subject.source().text();
/// assert_eq!(apply(text, advice.fix.as_ref().unwrap().edits()).unwrap(), "v=spf1 ip4:192.0.2.1 -all");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Advice {
    /// Who can do it.
    pub actor: Actor,
    /// What, in one sentence without a full stop.
    pub text: String,
    /// The place that it is about, where there is one.
    pub at: Option<Label>,
    /// The change of the text there, or of the DNS, that does it.
    pub fix: Option<Fix>,
    /// The errors that are left after `fix`, where that is one step of several: nothing is to be published before they are mended, too. Their
    /// places are in the text that `fix` makes.
    pub remaining: Vec<Diagnostic>,
}

impl Advice {
    /// What `actor` should do.
    pub(crate) fn new(actor: Actor, text: impl Into<String>) -> Self {
        Self { actor, text: text.into(), at: None, fix: None, remaining: Vec::new() }
    }

    /// About this place.
    #[must_use]
    pub(crate) fn at(self, at: Label) -> Self {
        Self { at: Some(at), ..self }
    }

    /// By this change.
    #[must_use]
    pub(crate) fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// As one step, after which these errors are left.
    #[must_use]
    pub(crate) fn remaining(self, remaining: Vec<Diagnostic>) -> Self {
        Self { remaining, ..self }
    }

    /// What to mind before its fix is published. Nothing is to be filled in where that is one step: what is left is told below it.
    pub(super) fn care(&self) -> &'static str {
        self.fix.as_ref().filter(|_| self.remaining.is_empty()).map_or("", care)
    }
}

/// What to mind before `fix` is published, as it stands behind its title.
pub(super) fn care(fix: &Fix) -> &'static str {
    match fix.applicability {
        Applicability::MachineApplicable => "",
        Applicability::MaybeIncorrect => " (look before you publish it)",
        Applicability::HasPlaceholders => " (fill in the rest)",
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Applicability;
    use crate::report::text::{Plain, Text};
    use crate::report::{RecordInput, markdown};

    #[test]
    fn one_step_is_not_to_be_filled_in() {
        let report = RecordInput::new("v=spf1 mx, ip4:192.0.2.256 -all").report();
        let fix = report.advice[0].fix.as_ref().unwrap();
        assert_eq!(fix.applicability, Applicability::HasPlaceholders);
        let mut told = [String::new(), String::new()];
        Text::new(&Plain).report(&report, &mut told[0]).unwrap();
        markdown::report(&report, &mut told[1]).unwrap();
        for told in told {
            assert!(told.contains(&fix.title) && !told.contains("fill in"), "{told}");
        }
    }
}
