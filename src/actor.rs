//! Who has to act.

/// Who can mend a problem.
///
/// ```
/// use mailproof::{Actor, cause::Cause};
///
/// let actor = Cause::ForwardedWithoutSrs.actor();
/// assert_eq!(actor, Actor::Forwarder);
/// // For programs, and for people.
/// assert_eq!((Actor::DomainOwner.as_str(), Actor::DomainOwner.told()), ("domain-owner", "domain owner"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Actor {
    /// Who writes and sends the message.
    Sender,
    /// Who has the domain and its DNS.
    DomainOwner,
    /// Who runs the server or service that sends.
    SendingService,
    /// Who redirects the message.
    Forwarder,
    /// Who runs the mailing list.
    ListOperator,
    /// Who receives the message, or runs the receiving server.
    Recipient,
    /// Nothing has to be done.
    Nobody,
}

impl Actor {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::DomainOwner => "domain-owner",
            Self::SendingService => "sending-service",
            Self::Forwarder => "forwarder",
            Self::ListOperator => "list-operator",
            Self::Recipient => "recipient",
            Self::Nobody => "nobody",
        }
    }

    /// How people call them.
    pub fn told(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::DomainOwner => "domain owner",
            Self::SendingService => "sending service",
            Self::Forwarder => "forwarder",
            Self::ListOperator => "list operator",
            Self::Recipient => "recipient",
            Self::Nobody => "nobody",
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
