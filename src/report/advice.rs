//! Who has to do what.

use crate::Actor;
use crate::finding::{Fix, Label};

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
}

impl Advice {
    /// What `actor` should do.
    pub(crate) fn new(actor: Actor, text: impl Into<String>) -> Self {
        Self { actor, text: text.into(), at: None, fix: None }
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
}
