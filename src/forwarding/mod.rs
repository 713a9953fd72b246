//! Forwarding: what a redirect, a list, SRS and ARC do to each verdict, recognised in a message and predicted for a way.
//!
//! [`findings`] tells what a message's fields and verdicts show of its way; [`predict`] says what becomes of the verdicts on a
//! way that is planned.

mod facts;
mod predict;
pub(crate) mod rules;
#[cfg(test)]
mod tests;

pub use facts::{Arc, Dkim, Dmarc, Facts, Spf};
pub use predict::{Advice, Author, Hop, List, Munging, Prediction, Signature, Trust, predict};
pub use rules::findings;
