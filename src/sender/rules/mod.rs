//! What is told about senders.

pub(super) mod author;
pub(super) mod envelope;
pub(super) mod reply;
mod session;
#[cfg(test)]
mod tests;

use crate::finding::Rule;

pub use session::{SessionFacts, session_findings};

/// Every rule about senders.
pub(crate) static ALL: &[&[&Rule]] = &[envelope::RULES, author::RULES, reply::RULES, session::RULES];

/// Why an address may not be used, after "which".
pub(super) fn why(status: super::Status) -> &'static str {
    use super::Status as S;
    match status {
        S::OtherUser => "belongs to somebody else",
        S::UnknownLocal => "nobody has",
        S::Foreign => "is at a domain that is not hosted here",
        S::ReceiveOnly => "only receives mail",
        S::Inactive => "is switched off",
        S::OwnedNotLoggedIn => "belongs to an account",
        S::SendOnBehalf => "the login may only name on behalf of its owner",
        S::Invalid => "is not an address",
        S::Null => "is the null sender",
        S::Own | S::Alias | S::AliasDomain | S::Subaddress | S::Wildcard | S::SendAs | S::AnySender => "it may use",
    }
}
