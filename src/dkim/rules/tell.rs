//! The entries: what there is to say about a signature that was checked, and about all of them.

use super::{body_hints, header_hints, outcome, passes, transport};
use crate::dkim::forensics::{Alteration, Certainty, Evidence};
use crate::dkim::{Candidate, Outcome, Signature};
use crate::dns::RecordType;
use crate::finding::{self, Diagnostic, Findings, Label, Origin, Rule, Subject};
use crate::message::Message;
use crate::text::{Source, Span};
use crate::{Name, Timestamp};

/// What is known beside a message. Without it, less is found, and nothing wrong.
///
/// ```
/// use mailproof::dkim::{self, Known, forensics::Evidence};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/passes.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// // Two weeks later the same mail comes for somebody whom it does not name.
/// let mut known = Known::default();
/// known.now = Some(Timestamp(1_795_255_300 + 14 * 86_400));
/// known.recipients.push("jane@other.example".to_owned());
/// let found = dkim::findings(&message, &outcomes[0], &Evidence::default(), &known);
/// assert!(found.iter().any(|found| found.code == "dkim-replay-hint"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Known {
    /// The time of the check; `None` if it does not matter.
    pub now: Option<Timestamp>,
    /// The addresses of RCPT TO.
    pub recipients: Vec<String>,
    /// The domain of which all names count as the author's: mostly the Organizational Domain of From.
    pub organization: Option<Name>,
}

/// What there is to say about one signature that was checked. `evidence` is what an investigation found.
///
/// ```
/// use mailproof::dkim::{self, Known, forensics::{self, Budget}};
/// use mailproof::dns::{Answer, Lookup, Snapshot};
/// use mailproof::message::Message;
/// use mailproof::{Timestamp, resolver::drive_sync};
///
/// // Signed with an empty body; somebody appended a line.
/// let message = Message::parse(b"DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s1; h=from;\r\n \
///     bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; c=relaxed/relaxed\r\nFrom: a@d.example\r\n\r\nad\r\n");
/// let mut dns = Snapshot::new();
/// let outcomes = drive_sync(&mut dns, |_| Answer::new(Lookup::NxDomain), |dns| dkim::verify(dns, &message, Timestamp(0)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let found = dkim::findings(&message, &outcomes[0], &evidence, &Known::default());
/// let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
/// assert_eq!(codes, ["dkim-body-hash-mismatch", "dkim-key-dns-nokey", "dkim-body-hash-hint-empty"]);
/// ```
pub fn findings(message: &Message<'_>, outcome: &Outcome, evidence: &Evidence, known: &Known) -> Vec<Diagnostic> {
    let cx = Judged::new(message, outcome, evidence, known);
    let mut out = Findings::default();
    outcome::check(&cx, &mut out);
    body_hints::check(&cx, &mut out);
    header_hints::check(&cx, &mut out);
    passes::check(&cx, &mut out);
    out.into_vec()
}

/// What there is to say about a message that concerns all of its signatures alike; nothing if it has none.
///
/// ```
/// use mailproof::dkim;
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"From: a@d.example\r\nDKIM-Signature: v=1\r\n\r\nline\nline\r\n");
/// let found = dkim::message_findings(&message);
/// assert_eq!(found[0].code, "dkim-message-malformed");
/// ```
pub fn message_findings(message: &Message<'_>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    if message.fields_named("DKIM-Signature").next().is_some() {
        transport::check(message, &mut out);
    }
    out.into_vec()
}

/// A signature, what it came to, and what surrounds it.
pub(super) struct Judged<'a> {
    pub(super) message: &'a Message<'a>,
    pub(super) outcome: &'a Outcome,
    pub(super) evidence: &'a Evidence,
    pub(super) known: &'a Known,
    /// The DKIM-Signature field.
    pub(super) field: Subject,
}

impl<'a> Judged<'a> {
    fn new(message: &'a Message<'a>, outcome: &'a Outcome, evidence: &'a Evidence, known: &'a Known) -> Self {
        Self { message, outcome, evidence, known, field: field(message, outcome.field) }
    }

    pub(super) fn signature(&self) -> &'a Signature {
        &self.outcome.signature
    }

    /// Reports `rule` with the names of the signature, which every message says.
    pub(super) fn report<'o>(&self, rule: &'static Rule, at: Label, out: &'o mut Findings) -> &'o mut Diagnostic {
        let signature = self.signature();
        let domain = signature.domain.as_ref().map_or("an unreadable domain", |domain| domain.value.as_str());
        let selector = signature.selector.as_ref().map_or("unreadable", |selector| selector.value.as_str());
        out.report(rule, at).arg("domain", domain).arg("selector", selector)
    }

    /// The value of the tag `name`; the whole field without it.
    pub(super) fn tag(&self, name: &str) -> Label {
        match self.signature().tag(name) {
            Some(span) => Label::new(&self.field, span),
            None => Label::whole(&self.field),
        }
    }

    /// The key record that the result is about.
    pub(super) fn key_record(&self) -> Option<Label> {
        let Candidate { key, .. } = self.outcome.keys.used()?;
        let subject = Subject::record(self.outcome.keys.name()?, RecordType::Txt, key.source.clone());
        Some(Label::whole(&subject).with("the key that is published"))
    }
}

/// The body of a header field.
pub(super) fn field(message: &Message<'_>, index: usize) -> Subject {
    let field = message.fields().get(index);
    let name = field.map(|field| String::from_utf8_lossy(field.name()).into_owned()).unwrap_or_default();
    let source = field.map(|field| Source::from_bytes(field.body())).unwrap_or_default();
    Subject::new(Origin::Field { name, index }, source)
}

/// What stands at a place of the body. No more of it is kept than anybody reads.
pub(super) fn body(message: &Message<'_>, at: usize, length: usize) -> Label {
    let text = message.body();
    let start = at.min(text.len());
    let end = start.saturating_add(length.min(MAX_EXCERPT)).min(text.len());
    let subject = Subject::new(Origin::Body, Source::from_bytes(&text[start..end]));
    Label::whole(&subject)
}

/// Octets that are kept of a place in the body.
const MAX_EXCERPT: usize = 400;

/// The field that an alteration is about.
pub(super) fn altered_field(message: &Message<'_>, found: &Alteration) -> Option<Label> {
    let at = found.at?;
    let index = message.fields().iter().position(|field| field.span().start as usize == at)?;
    Some(trimmed(&field(message, index)))
}

/// All of a field but the white space around it.
pub(super) fn trimmed(subject: &Subject) -> Label {
    let text = subject.source().text();
    let start = text.len() - text.trim_start().len();
    Label::new(subject, Span::new(start, start + text.trim().len()))
}

/// How sure a finding is that rests on an alteration.
pub(super) fn sure(found: &Alteration) -> finding::Evidence {
    match found.certainty {
        Certainty::Proven => finding::Evidence::Observed,
        Certainty::Likely | Certainty::Unknown => finding::Evidence::Guessed,
    }
}
