//! What is asked of the DNS, what it said, and the record of both that evaluators read.
//!
//! An evaluation is a pure function of a [`Snapshot`]. When an answer is missing it returns
//! [`Step::Ask`]; whoever drives it ([`crate::resolver`]) adds the answers and calls it again.

mod answer;
pub(crate) mod master;
mod question;
mod snapshot;
mod step;

pub use answer::{Answer, Failure, Lookup, Mx, Records, Soa, Tlsa};
pub use question::{Question, RecordType};
pub(crate) use snapshot::FromAnswer;
pub use snapshot::Snapshot;
pub use step::Step;
