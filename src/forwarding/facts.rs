//! What is known of a message and its way.

use crate::Name;
use crate::dmarc::{DmarcResult, Policy};
use crate::finding::{Origin, Subject};
use crate::message::{AddressList, Message, Path};
use crate::spf::SpfResult;
use crate::srs::{self, Dialect, Form};
use crate::text::Source;

/// What is known of a message and its way. `None` is not known, and nothing is said that needs it.
///
/// ```
/// use mailproof::forwarding::{Facts, findings};
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"Delivered-To: bob@fwd.example\r\nFrom: alice@d.example\r\nTo: bob@e.example\r\n\r\n");
/// let mut facts = Facts::of(&message, &[]);
/// facts.mail_from = Some("SRS0=abcd=G3=d.example=alice@fwd.example".into());
/// assert!(findings(&facts).iter().any(|found| found.code == "forward-detected"));
/// ```
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The message.
    pub message: &'a Message<'a>,
    /// Its path.
    pub path: Path,
    /// MAIL FROM; empty for the null reverse-path.
    pub mail_from: Option<String>,
    /// RCPT TO.
    pub recipient: Option<String>,
    /// SPF.
    pub spf: Option<Spf>,
    /// The signatures, from the top; `None` if they were not checked.
    pub dkim: Option<Vec<Dkim>>,
    /// DMARC.
    pub dmarc: Option<Dmarc>,
    /// The ARC chain; `None` if there is none or it was not checked.
    pub arc: Option<Arc>,
}

/// The SPF result.
///
/// ```
/// use mailproof::{forwarding::{Facts, Spf, findings}, message::Message};
///
/// let mail = b"Delivered-To: bob@fwd.example\r\nFrom: alice@example.com\r\nTo: bob@example.net\r\n\r\n";
/// let message = Message::parse(mail);
/// let mut facts = Facts::of(&message, &[]);
/// facts.mail_from = Some("alice@example.com".to_owned());
/// facts.spf = Some(Spf { result: mailproof::spf::SpfResult::Fail, aligned: true });
/// // The forwarder kept MAIL FROM, so SPF looks for its address in the author's record.
/// assert!(findings(&facts).iter().any(|found| found.code == "forward-spf-broken"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spf {
    /// The result.
    pub result: SpfResult,
    /// Whether its domain is aligned with From, whatever the result.
    pub aligned: bool,
}

/// The result of one signature.
///
/// ```
/// use mailproof::{forwarding::{Dkim, Facts, findings}, message::Message};
///
/// let mail = b"List-Id: <list.example.net>\r\nFrom: alice@example.com\r\nTo: list@example.net\r\n\r\n";
/// let message = Message::parse(mail);
/// let mut facts = Facts::of(&message, &[]);
/// let broken_by = Some("a footer was added".to_owned());
/// facts.dkim = Some(vec![Dkim { domain: "example.com".parse()?, passes: false, aligned: true, broken_by }]);
/// let found = findings(&facts);
/// assert!(found.iter().any(|found| found.message().contains("a footer was added")), "{found:?}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dkim {
    /// `d=`.
    pub domain: Name,
    /// Whether it passes.
    pub passes: bool,
    /// Whether its domain is aligned with From, whatever the result.
    pub aligned: bool,
    /// What was changed, if that is known: "a footer was added".
    pub broken_by: Option<String>,
}

/// The DMARC result.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Dmarc, Facts, findings}, message::Message};
///
/// let message = Message::parse(b"From: alice@example.com\r\nTo: bob@example.net\r\n\r\n");
/// let mut facts = Facts::of(&message, &[]);
/// // It passes, by SPF alone: no signature is there.
/// facts.dmarc = Some(Dmarc { result: DmarcResult::Pass, policy: Policy::Reject });
/// facts.dkim = Some(Vec::new());
/// // If Bob has his mail redirected, the next receiver is asked to reject it.
/// assert!(findings(&facts).iter().any(|found| found.code == "forward-next-hop-dmarc-risk"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dmarc {
    /// The result.
    pub result: DmarcResult,
    /// What the policy asks for messages that fail.
    pub policy: Policy,
}

/// The ARC chain.
///
/// ```
/// use mailproof::{dmarc::{DmarcResult, Policy}, forwarding::{Arc, Dmarc, Facts, findings}, message::Message};
///
/// let message = Message::parse(b"List-Id: <list.example.net>\r\nFrom: alice@example.com\r\n\r\n");
/// let mut facts = Facts::of(&message, &[]);
/// facts.dmarc = Some(Dmarc { result: DmarcResult::Fail, policy: Policy::Reject });
/// // The list sealed what it had seen, before it changed the message.
/// facts.arc = Some(Arc { intact: true, passed_before: true });
/// assert!(findings(&facts).iter().any(|found| found.code == "forward-arc-could-help"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arc {
    /// Whether the chain is valid.
    pub intact: bool,
    /// Whether its first set says that DMARC, or an aligned SPF or DKIM, passed.
    pub passed_before: bool,
}

impl<'a> Facts<'a> {
    /// What the message itself shows. `trusted` are hosts whose Received fields are believed, as in [`Path::of`].
    ///
    /// MAIL FROM is taken from Return-Path, which the last server writes; nothing was checked yet.
    pub fn of(message: &'a Message<'a>, trusted: &[Name]) -> Self {
        let mut facts = Self {
            message,
            path: Path::of(message, trusted),
            mail_from: None,
            recipient: None,
            spf: None,
            dkim: None,
            dmarc: None,
            arc: None,
        };
        facts.mail_from = facts.first("Return-Path").map(|(_, text)| {
            let path = text.trim();
            path.strip_prefix('<').and_then(|path| path.strip_suffix('>')).unwrap_or(path).to_owned()
        });
        facts
    }

    /// The first field called `name`: its subject, and its text in one line.
    pub(super) fn first(&self, name: &str) -> Option<(Subject, String)> {
        let at = self.message.fields_named(name).next()?;
        let subject = self.subject(at);
        let text = subject.source().text().trim().replace(['\r', '\n'], "");
        Some((subject, text))
    }

    pub(super) fn subject(&self, at: usize) -> Subject {
        let field = &self.message.fields()[at];
        let name = String::from_utf8_lossy(field.name()).into_owned();
        Subject::new(Origin::Field { name, index: at }, Source::from_bytes(field.body()))
    }

    /// The addresses of a field.
    pub(super) fn addresses(&self, name: &str) -> Option<(Subject, AddressList)> {
        let (subject, _) = self.first(name)?;
        let list = AddressList::from_source(subject.source().clone());
        Some((subject, list))
    }

    /// The scheme by which MAIL FROM was rewritten for forwarding.
    pub(super) fn rewritten(&self) -> Option<&'static str> {
        let address = srs::Address::parse(self.mail_from.as_deref()?);
        match address.dialect() {
            // BATV and VERP are of the sender, not of a forwarder.
            Some(Dialect::Prvs { .. } | Dialect::Btv1 { .. } | Dialect::Verp { .. }) => return None,
            Some(dialect) => return Some(dialect.name()),
            None => {}
        }
        match address.form() {
            Form::Srs0(_) | Form::Srs1(_) => Some("SRS"),
            Form::Malformed(_) | Form::Other => None,
        }
    }

    /// An aligned signature that passes.
    pub(super) fn aligned_pass(&self) -> Option<&Dkim> {
        self.dkim.iter().flatten().find(|dkim| dkim.aligned && dkim.passes)
    }
}
