//! What is known, as data, beside what is told.

use super::{BounceFacts, SenderFacts, SrsFacts};

/// What a report on an address, a submission or a bounce knows.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Facts, Input, SrsInput}};
///
/// let input = Input::Srs(SrsInput::inspect("SRS0=PGkz=G3=example.com=alice@fwd.example"));
/// let report = input.check(&Snapshot::new()).done().unwrap();
/// let Some(Facts::Srs(facts)) = report.facts else { panic!() };
/// assert_eq!(facts.original.as_deref(), Some("alice@example.com"));
/// ```
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
