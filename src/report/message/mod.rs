//! The report on one message: its DKIM signatures, what was changed since, its ARC chain, and SPF where the client is
//! known.

#[cfg(feature = "crypto")]
mod advise;
#[cfg(feature = "crypto")]
mod checked;
mod envelope;
mod facts;
mod raw;
mod tell;
#[cfg(not(feature = "crypto"))]
mod unchecked;

#[cfg(feature = "crypto")]
use checked::check;
pub use facts::{AlterationFacts, ArcFacts, MessageFacts, SignatureFacts};
pub use raw::RawMessage;
#[cfg(not(feature = "crypto"))]
use unchecked::check;

use super::{Advice, Input, Report, SpfInput, Verdict};
use crate::Timestamp;
use crate::dns::{Snapshot, Step};
use crate::finding::Diagnostic;
use crate::message::Message;
use envelope::Envelope;

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
    /// The SMTP session that delivered it, where that is known: then SPF is checked too. Without a reverse-path, the one in
    /// Return-Path is taken, and the report says so.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub session: Option<SpfInput>,
}

/// What was found out about a message.
#[derive(Default)]
struct Checked {
    facts: MessageFacts,
    /// One for each signature.
    signatures: Vec<CheckedSignature>,
    /// What was found beside what decided about the signatures.
    findings: Vec<Diagnostic>,
}

/// What was found out about a signature.
#[derive(Default)]
struct CheckedSignature {
    /// The result and its reason as an answer.
    answer: String,
    because: Option<Diagnostic>,
    advice: Vec<Advice>,
}

impl MessageInput {
    /// A message by itself.
    pub fn new(message: &[u8], now: Timestamp) -> Self {
        Self { message: RawMessage(message.to_vec()), now, session: None }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        let message = Message::parse(&self.message.0);
        let mut open = Vec::new();
        let envelope = Envelope::of(self.session.as_ref(), &message);
        let spf = envelope.session().map(|session| session.check(dns).or_ask(&mut open));
        let found = check(dns, &message, self.now).or_ask(&mut open);
        let Some(found) = found.filter(|_| open.is_empty()) else { return Step::Ask(open) };
        Step::Done(self.report(dns, &message, found, spf.flatten(), &envelope))
    }

    fn report(
        &self,
        dns: &Snapshot,
        message: &Message<'_>,
        found: Checked,
        spf: Option<Report>,
        envelope: &Envelope,
    ) -> Report {
        let signatures = &found.facts.signatures;
        let mut passed = tell::all_well(&found);
        let mut headline = tell::headline(&found);
        headline.push_str(&envelope.told(spf.as_ref()));
        let mut verdicts: Vec<Verdict> = Vec::new();
        let mut advice: Vec<Advice> = Vec::new();
        for (facts, checked) in signatures.iter().zip(found.signatures) {
            verdicts.extend(facts.result.map(|result| Verdict {
                method: "dkim",
                identity: "",
                domain: facts.domain.clone().unwrap_or_default(),
                result,
                because: checked.because,
                explanation: None,
            }));
            let new = checked.advice.into_iter().filter(|new| !advice.contains(new)).collect::<Vec<_>>();
            advice.extend(new);
        }
        let mut traces = tell::traces(&found.facts);
        traces.extend(envelope.trace());
        let mut findings = found.findings;
        if let Some(spf) = spf {
            passed &= spf.passed;
            verdicts.extend(spf.verdicts);
            advice.extend(spf.advice);
            findings.extend(spf.findings);
            traces.extend(spf.traces);
        }
        let list = message.fields_named("List-Id").next().is_some();
        let mut report = Report::new(Input::Message(self.clone()), passed, headline, dns.clone())
            .with_groups(findings, |found| tell::whose(found, list));
        report.verdicts = verdicts;
        report.advice = advice;
        report.traces = traces;
        report.message = Some(found.facts);
        report
    }
}
