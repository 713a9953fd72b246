//! What is known, as data, beside what is told.

use super::{BounceFacts, SenderFacts, SrsFacts};

/// What a report on an address, a submission or a bounce knows.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Facts {
    /// Of an SRS address.
    Srs(SrsFacts),
    /// Of a submission.
    Sender(SenderFacts),
    /// Of a bounce.
    Bounce(BounceFacts),
}
