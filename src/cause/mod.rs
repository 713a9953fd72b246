//! Root causes: the one thing behind what went wrong with a message, who acts, and what to do.
//!
//! A [`Cause`] is a word with its meaning and advice. A [`Found`] cause is one with its evidence: there is none without.

mod found;
mod registry;

pub use found::{Evidence, Found};
pub use registry::{Cause, UnknownCause};
