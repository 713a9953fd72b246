//! The report on one message: its DKIM signatures, what was changed since, its ARC chain, and SPF where the session is
//! known.

#[cfg(feature = "crypto")]
mod checked;
mod facts;
mod raw;
mod tell;
#[cfg(not(feature = "crypto"))]
mod unchecked;

#[cfg(feature = "crypto")]
use checked::facts;
pub use facts::{AlterationFacts, ArcFacts, MessageFacts, SignatureFacts};
pub use raw::RawMessage;
#[cfg(not(feature = "crypto"))]
use unchecked::facts;

use super::{Input, Report, SpfInput, Verdict};
use crate::Timestamp;
use crate::dns::{Snapshot, Step};
use crate::message::Message;

/// A message to check.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}};
///
/// let input = Input::Message(MessageInput::new(b"From: a@d.example\r\n\r\nHello\r\n", Timestamp(0)));
/// let report = input.check(&Snapshot::new()).done().unwrap();
/// assert_eq!(report.headline, "unsigned: the message has no DKIM signature");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct MessageInput {
    /// The message as it was received.
    pub message: RawMessage,
    /// When it is checked; signatures expire.
    #[cfg_attr(feature = "serde", serde(default))]
    pub now: Timestamp,
    /// The SMTP session that delivered it, where that is known: then SPF is checked too.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub session: Option<SpfInput>,
}

impl MessageInput {
    /// A message by itself.
    pub fn new(message: &[u8], now: Timestamp) -> Self {
        Self { message: RawMessage(message.to_vec()), now, session: None }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        let message = Message::parse(&self.message.0);
        let mut open = Vec::new();
        let spf = self.session.as_ref().map(|session| session.check(dns).or_ask(&mut open));
        let found = facts(dns, &message, self.now).or_ask(&mut open);
        let Some(found) = found.filter(|_| open.is_empty()) else { return Step::Ask(open) };
        Step::Done(self.report(dns, found, spf.flatten()))
    }

    fn report(&self, dns: &Snapshot, found: MessageFacts, spf: Option<Report>) -> Report {
        let signed = !found.signatures.is_empty();
        let passed = signed && found.signatures.iter().all(|signature| signature.result == Some("pass"));
        let mut report = Report::new(Input::Message(self.clone()), passed, tell::headline(&found), dns.clone());
        report.verdicts = found.signatures.iter().filter_map(verdict).collect();
        report.advice = tell::advice(&found);
        report.traces = tell::traces(&found);
        if let Some(spf) = spf {
            report.passed &= spf.passed;
            report.headline.push_str(&format!("; SPF {}", spf.headline));
            report.verdicts.extend(spf.verdicts);
            report.advice.extend(spf.advice);
            report.findings.extend(spf.findings);
            report.traces.extend(spf.traces);
        }
        report.message = Some(found);
        report
    }
}

fn verdict(signature: &SignatureFacts) -> Option<Verdict> {
    Some(Verdict {
        method: "dkim",
        identity: "",
        domain: signature.domain.clone().unwrap_or_default(),
        result: signature.result?,
        because: None,
        explanation: None,
    })
}
