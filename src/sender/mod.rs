//! Sender mismatch: whether somebody who logged in may write as the sender and authors of a message, and what to change if
//! not.
//!
//! [`Directory`] knows who has which address; [`check`] looks at MAIL FROM and every mailbox in From, Sender and Reply-To;
//! [`Outcome::advice`] says it in the user's words. [`session_findings`] tells what the connection shows.

mod check;
mod directory;
mod explain;
mod key;
pub(crate) mod rules;
#[cfg(test)]
mod tests;

pub use check::{Author, Field, Fields, Outcome, Submission, Verdict, check};
pub use directory::{Delegation, Directory, DirectoryError, Entries, Right, Status};
pub use explain::Advice;
pub use rules::{SessionFacts, session_findings};
