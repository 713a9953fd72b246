//! What is told about the way of a message.

mod path;
mod recognised;

use super::Facts;
use crate::finding::{Diagnostic, Findings, Rule};

/// Every rule about forwarding.
pub(crate) static ALL: &[&[&Rule]] = &[recognised::RULES, path::RULES];

/// What the fields and verdicts of a message show of its way.
///
/// ```
/// use mailproof::{forwarding::{Facts, findings}, message::Message};
///
/// let mail = b"Delivered-To: bob@fwd.example\r\nFrom: alice@example.com\r\nTo: bob@example.net\r\n\r\n";
/// let message = Message::parse(mail);
/// let found = findings(&Facts::of(&message, &[]));
/// assert_eq!(found[0].code, "forward-detected");
/// assert!(found[0].message().starts_with("the message was forwarded: "));
/// ```
pub fn findings(facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    recognised::check(facts, &mut out);
    path::check(facts, &mut out);
    out.into_vec()
}
