//! Bounces: what an SMTP reply or a delivery status notification says, why, who has to act, and what to do.
//!
//! [`diagnose`] reads one reply; [`Dsn`] reads a notification (RFC 3464) with the message that came back in it.
//! The host and the words of a reply decide, its numbers come second: providers use enhanced status codes in meanings of
//! their own.

mod advice;
mod cause;
mod codes;
mod diagnose;
mod dsn;
mod html;
mod notice;
mod outline;
mod passages;
mod phrases;
mod plain;
mod provider;
mod redirect;
mod repeated;
mod reply;
mod table;
#[cfg(test)]
mod tests;
mod unread;
mod words;

pub use advice::Advice;
pub use cause::Cause;
pub use diagnose::{Basis, Bounce, Context, diagnose};
pub use dsn::{Dsn, Original, Recipient};
pub(crate) use outline::Notification;
pub use reply::{Enhanced, Reply, Stage};
pub use unread::Unread;

pub(crate) use dsn::MAX_RECIPIENTS;
pub(crate) use outline::{MAX_DEPTH, MAX_TOTAL_PARTS};
