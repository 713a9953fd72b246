//! A cause with what makes it one.

use super::Cause;
use crate::Actor;
use crate::finding::Label;

/// A root cause that was found in a message: with what was seen, who acts, and what to do, in the names of this message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// Which cause.
    pub cause: Cause,
    /// What happened, in one sentence without a full stop.
    pub told: String,
    /// Who acts.
    pub actor: Actor,
    /// What to do, in one sentence without a full stop.
    pub advice: String,
    /// What was seen; never empty.
    evidence: Vec<Evidence>,
}

/// Something that was seen, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evidence {
    /// What, in a clause without a full stop.
    pub text: String,
    /// Where it stands, if it stands somewhere.
    pub at: Option<Label>,
}

impl Found {
    /// A cause and the first thing that was seen of it.
    pub fn new(cause: Cause, evidence: impl Into<Evidence>) -> Self {
        Self {
            cause,
            told: cause.meaning().to_owned(),
            actor: cause.actor(),
            advice: cause.advice().to_owned(),
            evidence: vec![evidence.into()],
        }
    }

    /// With what happened, told in the names of this message.
    #[must_use]
    pub fn told(mut self, told: impl Into<String>) -> Self {
        self.told = told.into();
        self
    }

    /// With what to do, told in the names of this message.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// With somebody else who acts.
    #[must_use]
    pub fn for_actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// With one more thing that was seen.
    #[must_use]
    pub fn and(mut self, evidence: impl Into<Evidence>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// With more things that were seen.
    #[must_use]
    pub fn and_all(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// What was seen, at least one thing.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}

impl Evidence {
    /// Something seen at a place.
    pub fn at(label: Label, text: impl Into<String>) -> Self {
        Self { text: text.into(), at: Some(label) }
    }
}

impl From<String> for Evidence {
    fn from(text: String) -> Self {
        Self { text, at: None }
    }
}

impl From<&str> for Evidence {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), at: None }
    }
}
