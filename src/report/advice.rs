//! Who has to do what.

use std::fmt;

use crate::finding::{Fix, Label};

/// One thing to do, and whose it is.
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

/// Who can mend something.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Actor {
    /// Who publishes the DNS records of the sending domain.
    DomainOwner,
    /// Who runs the server or service that sent the mail.
    SendingService,
    /// Who sent the mail on.
    Forwarder,
    /// Who runs the mailing list.
    ListOperator,
    /// Who receives the mail.
    Recipient,
    /// Nothing is to be done.
    Nobody,
}

impl Actor {
    /// How people call them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DomainOwner => "domain owner",
            Self::SendingService => "sending service",
            Self::Forwarder => "forwarder",
            Self::ListOperator => "list operator",
            Self::Recipient => "recipient",
            Self::Nobody => "nobody",
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
