//! The entry: what there is to say about a chain that was validated.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{claims, sets, signatures, worth};
use crate::Name;
use crate::arc::{Chain, Outcome, Set};
use crate::dkim::Signature;
use crate::finding::{Diagnostic, Findings, Label, Origin, Subject};
use crate::message::Message;
use crate::text::{Source, Span};

/// What is known beside a message. Without it, less is found, and nothing wrong.
///
/// ```
/// use mailproof::arc::{self, Known, Sealer, Validation};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let private_key = "-----BEGIN PRIVATE KEY-----\n\
/// #     MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
/// # let (domain, selector) = ("l.example".parse()?, "arc".parse()?);
/// # let (authserv_id, headers, timestamp) = ("mx.l.example", "from:subject", Timestamp(1_795_255_300));
/// # let sealer = Sealer { domain: &domain, selector: &selector, authserv_id, headers, timestamp, private_key };
/// # let mail = "From: a@d.example\r\nSubject: Lunch\r\n\r\nHello\r\n";
/// # let set = arc::seal(&Message::parse(mail.as_bytes()), Validation::None, &sealer)?;
/// # let mail = format!(
/// #     "ARC-Seal: {}\r\nARC-Message-Signature: {}\r\nARC-Authentication-Results: {}\r\n{mail}",
/// #     set.seal, set.message_signature, set.results
/// # );
/// # let zone = Zone::parse("arc._domainkey.l.example. TXT \"v=DKIM1; k=ed25519; \
/// #     p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\"")?;
/// // A list sealed the mail and sent it on.
/// let message = Message::parse(mail.as_bytes());
/// let ask = |question: &_| zone.answer(question);
/// let outcome = drive_sync(&mut Snapshot::new(), ask, |dns| arc::verify(dns, &message, timestamp));
/// let doubt = "arc-sealer-untrusted";
/// let told = |known: &Known| arc::findings(&message, &outcome, known).iter().any(|found| found.code == doubt);
/// let mut known = Known::default();
/// assert!(told(&known));
/// known.trusted.push("l.example".parse()?);
/// assert!(!told(&known));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Known {
    /// Domains whose seals are believed.
    pub trusted: Vec<Name>,
}

/// What there is to say about the ARC chain of a message.
///
/// ```
/// use mailproof::arc::{self, Known};
/// use mailproof::dns::{Snapshot, Step};
/// use mailproof::{Timestamp, message::Message};
///
/// let message = Message::parse(b"ARC-Seal: i=1; cv=maybe; d=l.example; s=s1\r\nFrom: a@d.example\r\n\r\n");
/// let Step::Done(outcome) = arc::verify(&Snapshot::new(), &message, Timestamp(0)) else { panic!() };
/// let found = arc::findings(&message, &outcome, &Known::default());
/// let invalid = found.iter().find(|found| found.code == "arc-cv-invalid").unwrap();
/// assert_eq!(invalid.primary.quoted(), "maybe");
/// ```
pub fn findings(message: &Message<'_>, outcome: &Outcome, known: &Known) -> Vec<Diagnostic> {
    let cx = Validated { message, outcome, known, fields: RefCell::default() };
    let mut out = Findings::default();
    sets::check(&cx, &mut out);
    signatures::check(&cx, &mut out);
    claims::check(&cx, &mut out);
    worth::check(&cx, &mut out);
    out.into_vec()
}

/// A chain, what it came to, and what surrounds it.
pub(super) struct Validated<'a> {
    pub(super) message: &'a Message<'a>,
    pub(super) outcome: &'a Outcome,
    pub(super) known: &'a Known,
    /// The fields that findings are about: a long one that has many is kept once.
    fields: RefCell<BTreeMap<usize, Subject>>,
}

impl<'a> Validated<'a> {
    pub(super) fn chain(&self) -> &'a Chain {
        &self.outcome.chain
    }

    pub(super) fn set(&self, instance: u32) -> Option<&'a Set> {
        self.chain().sets.iter().find(|set| set.instance == instance)
    }

    /// The body of a header field.
    pub(super) fn field(&self, index: usize) -> Subject {
        let read = || {
            let field = self.message.fields().get(index);
            let name = field.map(|field| String::from_utf8_lossy(field.name()).into_owned()).unwrap_or_default();
            let source = field.map(|field| Source::from_bytes(field.body())).unwrap_or_default();
            Subject::new(Origin::Field { name, index }, source)
        };
        self.fields.borrow_mut().entry(index).or_insert_with(read).clone()
    }

    pub(super) fn at(&self, (index, span): (usize, Span)) -> Label {
        Label::new(&self.field(index), span)
    }

    pub(super) fn whole(&self, index: usize) -> Label {
        let subject = self.field(index);
        let text = subject.source().text();
        let start = text.len() - text.trim_start().len();
        Label::new(&subject, Span::new(start, start + text.trim().len()))
    }

    /// The value of a tag; the whole field without it.
    pub(super) fn tag(&self, index: usize, signature: &Signature, name: &str) -> Label {
        signature.tag(name).map_or_else(|| self.whole(index), |span| self.at((index, span)))
    }

    /// Any field of a set, the seal before others.
    pub(super) fn some_field(&self, set: &Set) -> Option<Label> {
        let seal = set.seal.as_ref().map(|seal| self.tag(seal.field, &seal.signature, "i"));
        let ams = || set.message_signature.as_ref().map(|ams| self.tag(ams.field, &ams.signature, "i"));
        seal.or_else(ams).or_else(|| set.results.as_ref().map(|results| self.whole(results.field)))
    }
}

/// The domain that sealed a set.
pub(super) fn sealer(set: &Set) -> &str {
    let seal = set.seal.as_ref().and_then(|seal| seal.signature.domain.as_ref());
    seal.map_or("an unreadable domain", |domain| domain.value.as_str())
}
