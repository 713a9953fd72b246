//! Who has to do what.

use std::fmt;

/// One thing to do, and whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Who can do it.
    pub actor: Actor,
    /// What, in one sentence without a full stop.
    pub text: String,
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
