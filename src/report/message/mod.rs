//! The report on one message: the root cause, who acts, and what it rests on.

#[cfg(feature = "crypto")]
mod checked;
mod facts;
mod input;
#[cfg(feature = "crypto")]
mod path;
mod raw;
#[cfg(feature = "crypto")]
mod signature;
#[cfg(feature = "crypto")]
mod tell;
#[cfg(not(feature = "crypto"))]
mod unchecked;

#[cfg(feature = "crypto")]
use checked::check;
pub use facts::{
    AlignmentFacts, AlterationFacts, ArcFacts, HopFacts, KnownFacts, MessageFacts, SessionFacts, SignatureFacts,
};
pub use input::{ConnectionInput, MailboxInput, MailboxSrs, MessageInput, Secrets, Stage, SubmissionInput};
pub use raw::RawMessage;
#[cfg(not(feature = "crypto"))]
use unchecked::check;

use super::Report;
use crate::dns::{Snapshot, Step};

impl MessageInput {
    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        check(self, dns)
    }
}
