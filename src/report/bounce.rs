//! The report on mail that came back: who refused it, why, and who has to act.

use super::{Advice, Branch, Facts, Input, Mark, RawMessage, Report, Trace};
use crate::Actor;
use crate::bounce::{
    Basis, Bounce, Cause, Context, Dsn, MAX_DEPTH, MAX_RECIPIENTS, MAX_TOTAL_PARTS, Original, Recipient, Reply, Unread,
    diagnose,
};
use crate::dns::Snapshot;
use crate::finding::{Diagnostic, Findings, Label, Subject};
use crate::message::Message;
use crate::unread;

/// An SMTP reply or a notification to explain.
///
/// ```
/// use mailproof::report::{BounceInput, Input};
///
/// let input = BounceInput::new(b"550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. gsmtp");
/// let report = Input::Bounce(input).check(&mailproof::dns::Snapshot::new()).done().unwrap();
/// assert_eq!(report.headline, "refused: Gmail does not take the message because neither SPF nor DKIM passes");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BounceInput {
    /// What came back.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub text: BounceText,
    /// The host that said it, where that is known; for a reply only.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub host: Option<String>,
    /// The envelope sender of the message that was refused; for a reply only.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mail_from: Option<String>,
}

/// What came back.
///
/// ```
/// use mailproof::report::{BounceInput, BounceText};
///
/// // A line of a log is a reply; a message with a delivery status would be a notification.
/// let input = BounceInput::new(b"550 5.7.23 SPF validation failed");
/// assert!(matches!(input.text, BounceText::Reply(_)));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum BounceText {
    /// A reply, or a line of a log with one.
    Reply(String),
    /// A notification: a whole message.
    Message(RawMessage),
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{BounceInput, BounceText};
    use crate::reading::{Fault, Read, Tree, deserialize, fields};

    impl Read for BounceInput {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let text = Read::read(tree)?;
            fields!(tree, { needs; takes host, mail_from });
            Ok(Self { text, host, mail_from })
        }
    }

    impl Read for BounceText {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant_among(&["reply", "message"])? {
                ("reply", held) => held.held("reply").map(Self::Reply),
                (_, held) => held.held("message").map(Self::Message),
            }
        }
    }
    deserialize!(BounceInput, BounceText);
}

/// What is known of a bounce.
///
/// ```
/// use mailproof::{bounce::Cause, dns::Snapshot, report::{BounceInput, Facts, Input}};
///
/// let input = Input::Bounce(BounceInput::new(b"550 5.7.23 SPF validation failed"));
/// let report = input.check(&Snapshot::new()).done().unwrap();
/// let Some(Facts::Bounce(facts)) = report.facts else { panic!() };
/// assert_eq!(facts.replies[0].bounce.cause, Cause::Spf);
/// assert!(facts.original.is_none(), "a reply brings no message back");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BounceFacts {
    /// What was said, for each recipient who did not get the message.
    pub replies: Vec<ReplyFacts>,
    /// The message that came back in a notification.
    pub original: Option<Original>,
    /// What was not looked at of a notification.
    pub unread: Unread,
}

/// What was said about one recipient.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{BounceInput, Facts, Input}};
///
/// let notification = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\
///     Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
///     Final-Recipient: rfc822; bob@example.net\r\nAction: failed\r\nStatus: 5.7.1\r\n\
///     Diagnostic-Code: smtp; 550 5.7.1 Rejected due to the DMARC policy of example.com\r\n--b--\r\n";
/// let report = Input::Bounce(BounceInput::new(notification)).check(&Snapshot::new()).done().unwrap();
/// let Some(Facts::Bounce(facts)) = report.facts else { panic!() };
/// assert_eq!(facts.replies[0].recipient.as_deref(), Some("bob@example.net"));
/// assert_eq!(facts.replies[0].bounce.cause.as_str(), "dmarc");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ReplyFacts {
    /// Who did not get the message, where that is known.
    pub recipient: Option<String>,
    /// What the reply says.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub bounce: Bounce,
}

/// Replies that are told one by one; a notification for more recipients mostly says the same of all.
const MAX_TOLD: usize = 20;

impl BounceInput {
    /// A notification where `text` is one, else a reply.
    pub fn new(text: &[u8]) -> Self {
        let text = match Dsn::parse(text) {
            // A mail that reports nothing is no reply, though it has numbers in it.
            None if is_mail(text) => BounceText::Message(RawMessage(text.to_vec())),
            Some(_) => BounceText::Message(RawMessage(text.to_vec())),
            None => BounceText::Reply(String::from_utf8_lossy(text).into_owned()),
        };
        Self { text, host: None, mail_from: None }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Report {
        let (facts, is_told) = self.facts();
        let bad: Vec<&ReplyFacts> = facts.replies.iter().filter(|reply| !is_good(&reply.bounce)).collect();
        // Of nobody else is anything wanted.
        let passed = is_told && bad.iter().all(|reply| reply.bounce.actor == Actor::Nobody);
        let headline = headline(&facts, is_told, &bad);
        let mut report = Report::new(Input::Bounce(self.clone()), passed, headline, dns.clone());
        for reply in &bad {
            for advice in reply.bounce.advice() {
                let advice = Advice::new(advice.actor, advice.text);
                if !report.advice.contains(&advice) {
                    report.advice.push(advice);
                }
            }
        }
        report.traces = facts.replies.iter().take(MAX_TOLD).map(trace).collect();
        report.traces.extend(untold(facts.replies.len().saturating_sub(MAX_TOLD)));
        report.traces.extend(facts.original.as_ref().map(original));
        let unread = self.unread(&facts);
        report.facts = Some(Facts::Bounce(facts));
        report.with_findings(unread)
    }

    /// What was not looked at.
    fn unread(&self, facts: &BounceFacts) -> Vec<Diagnostic> {
        let mut out = Findings::default();
        let mut tell = |what, total: usize, more: usize| {
            unread::beyond(Label::whole(&Subject::given("")), what, total, total - more, &mut out);
        };
        match &self.text {
            BounceText::Reply(text) => {
                let more = text.len() - Reply::looked_at(text).len();
                tell("octets of the reply", text.len(), more);
            }
            BounceText::Message(message) => {
                let Unread { recipients, parts, deep, octets } = facts.unread;
                tell("recipients of the notification", MAX_RECIPIENTS + recipients, recipients);
                tell("parts of the notification", MAX_TOTAL_PARTS + parts, parts);
                tell("parts within each other", MAX_DEPTH + deep, deep);
                tell("octets of the notification", message.0.len(), octets);
            }
        }
        out.into_vec()
    }

    /// The facts, and whether they tell what became of anybody.
    fn facts(&self) -> (BounceFacts, bool) {
        match &self.text {
            BounceText::Reply(text) => {
                let context =
                    Context { host: self.host.as_deref(), mail_from: self.mail_from.as_deref(), ..Context::default() };
                let replies = vec![ReplyFacts { recipient: None, bounce: diagnose(text, &context) }];
                (BounceFacts { replies, original: None, unread: Unread::default() }, true)
            }
            BounceText::Message(message) => {
                let Some(dsn) = Dsn::parse(&message.0) else {
                    let unread = Unread::default();
                    return (BounceFacts { replies: Vec::new(), original: None, unread }, false);
                };
                let failed = dsn.recipients.iter().filter(|recipient| recipient.is_undelivered());
                let replies = failed.zip(dsn.bounces()).map(|(recipient, bounce)| reply(recipient, bounce)).collect();
                (BounceFacts { replies, original: dsn.original, unread: dsn.unread }, !dsn.recipients.is_empty())
            }
        }
    }
}

/// Whether a text is a whole message: it begins with header fields, From among them.
fn is_mail(text: &[u8]) -> bool {
    let message = Message::parse(text);
    let first = message.fields().first();
    first.is_some_and(|field| text.starts_with(field.bytes())) && message.fields_named("From").next().is_some()
}

fn reply(recipient: &Recipient, bounce: Bounce) -> ReplyFacts {
    let recipient = recipient.original_address.clone().or_else(|| recipient.address.clone());
    ReplyFacts { recipient, bounce }
}

/// Where more recipients did not get the message than are told of one by one.
fn untold(count: usize) -> Option<Trace> {
    let title = format!("what was said about {count} more recipients is not shown here");
    (count > 0).then(|| Trace { title, counters: Vec::new(), branches: Vec::new() })
}

/// RFC 5321 §4.2.1: 2xx and 3xx are no refusal.
fn is_good(bounce: &Bounce) -> bool {
    match (bounce.reply.code, bounce.reply.enhanced) {
        (Some(code), _) => code < 400,
        (None, Some(enhanced)) => enhanced.0 == 2,
        (None, None) => false,
    }
}

fn headline(facts: &BounceFacts, is_told: bool, bad: &[&ReplyFacts]) -> String {
    let Some(first) = bad.first() else {
        let told = match (is_told, &facts.original) {
            (true, _) => "accepted: nobody refused the message",
            (false, Some(_)) => "a message came back, and the notice does not show for whom or why",
            (false, None) => "nothing is reported about any recipient",
        };
        return told.to_owned();
    };
    let bounce = &first.bounce;
    let host = bounce.reply.host.as_deref();
    // Software does not refuse; the server that runs it does.
    let who = bounce.provider.filter(|_| bounce.is_provider).or(host).unwrap_or("the server");
    let because = bounce.cause.told();
    let told = match bounce.permanent {
        Some(false) => format!("delayed: {who} does not take the message yet because {because}"),
        // Nobody refused it for good.
        Some(true) if bounce.reply.is_permanent() != Some(true) || bounce.cause.passes_by_itself() => {
            format!("given up: the message was not delivered because {because}")
        }
        Some(true) | None => format!("refused: {who} does not take the message because {because}"),
    };
    let others: Vec<Cause> =
        bad.iter().map(|reply| reply.bounce.cause).filter(|cause| *cause != bounce.cause).collect();
    match (bad.len(), others.len()) {
        (1, _) => told,
        (all, 0) => format!("{told}; so it is for all {all} recipients"),
        (all, others) => format!("{told}; {others} of {all} recipients have other reasons"),
    }
}

fn trace(facts: &ReplyFacts) -> Trace {
    let bounce = &facts.bounce;
    let title = match &facts.recipient {
        Some(recipient) => format!("what was said about {recipient}"),
        None => "what was said".to_owned(),
    };
    let codes = [bounce.reply.code.map(|code| code.to_string()), bounce.reply.enhanced.map(|code| code.to_string())];
    let codes = codes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let line = |text: &str, outcome: String, mark, notes: Vec<String>| Branch {
        text: text.to_owned(),
        outcome,
        mark,
        notes,
        ..Branch::default()
    };
    let said = vec![bounce.reply.text.clone()].into_iter().filter(|text| !text.is_empty()).collect();
    let mut branches = Vec::new();
    if let Some(host) = &bounce.reply.host {
        branches.push(line("host", host.clone(), Mark::Plain, Vec::new()));
    }
    let codes = if codes.is_empty() { "no code".to_owned() } else { codes };
    branches.push(line("reply", codes, Mark::Plain, said));
    let provider = bounce.provider.unwrap_or("not known").to_owned();
    branches.push(line("provider", provider, Mark::Plain, Vec::new()));
    let mark = if is_good(bounce) { Mark::Good } else { Mark::Bad };
    let cause = bounce.cause.as_str().replace('-', " ");
    branches.push(line("cause", cause, mark, vec![basis(bounce.basis).to_owned()]));
    if bounce.forwarded {
        let notes = vec!["the envelope sender is an SRS address".to_owned()];
        branches.push(line("forwarded", "yes".to_owned(), Mark::Plain, notes));
    }
    if let Some(address) = &bounce.redirected_to {
        branches.push(line("redirected to", address.clone(), Mark::Plain, Vec::new()));
    }
    Trace { title, counters: Vec::new(), branches }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::HostAndWords => "the provider is known, and so are its words",
        Basis::Words => "the words are known",
        Basis::LikelyWords => "the words mean about this everywhere",
        Basis::Code => "only the code says so",
        Basis::Nothing => "neither words nor codes are known",
    }
}

/// The message that came back: whoever did not send it sees it here.
fn original(original: &Original) -> Trace {
    let line = |name: &str, body: &Option<String>| {
        body.as_ref().map(|body| Branch { text: name.to_owned(), outcome: body.clone(), ..Branch::default() })
    };
    let signed = (!original.signed_by.is_empty()).then(|| original.signed_by.join(", "));
    let first_hop = original.received.last().cloned();
    let branches = [
        line("From", &original.from),
        line("To", &original.to),
        line("Subject", &original.subject),
        line("Message-ID", &original.message_id),
        line("Return-Path", &original.return_path),
        line("signed by", &signed),
        line("first Received", &first_hop),
    ];
    Trace {
        title: "the message that came back".to_owned(),
        counters: Vec::new(),
        branches: branches.into_iter().flatten().collect(),
    }
}
