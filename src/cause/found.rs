//! A cause with what makes it one.

use super::Cause;
use crate::Actor;
use crate::finding::Label;

/// A root cause that was found in a message: with what was seen, who acts, and what to do, in the names of this message.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
/// use mailproof::{Actor, Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(
///     r#"
///     example.com.        TXT "v=spf1 ip4:192.0.2.1 -all"
///     _dmarc.example.com. TXT "v=DMARC1; p=reject"
///     mx.example.com.     A   192.0.2.10
///     "#,
/// )?;
/// let client = Connection::new("192.0.2.10".parse()?, "mx.example.com", "alice@example.com");
/// let input = Input::new(b"From: alice@example.com\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input)).primary;
/// assert_eq!((found.cause, found.actor), (Cause::SpfSenderIpNotAuthorized, Actor::DomainOwner));
/// assert_eq!(found.told, "192.0.2.10 (mx.example.com) sends for example.com and is not listed in its SPF record");
/// assert!(found.advice.contains("add it to its SPF record"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// Which cause.
    pub cause: Cause,
    /// What happened, in one sentence without a full stop.
    pub told: String,
    /// Who acts.
    pub actor: Actor,
    /// What to do, in one sentence without a full stop.
    pub advice: String,
    /// What was seen; never empty.
    evidence: Vec<Evidence>,
}

/// Something that was seen, and where.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\nmx.example.com. A 192.0.2.10")?;
/// let client = Connection::new("192.0.2.10".parse()?, "mx.example.com", "alice@example.com");
/// let input = Input::new(b"From: alice@example.com\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input)).primary;
/// // The term of the record that decided, and what the DNS says of the client.
/// assert_eq!(found.evidence()[0].at.as_ref().unwrap().quoted(), "-all");
/// assert_eq!(found.evidence()[1].text, "mx.example.com has the address 192.0.2.10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evidence {
    /// What, in a clause without a full stop.
    pub text: String,
    /// Where it stands, if it stands somewhere.
    pub at: Option<Label>,
}

impl Found {
    /// A cause and the first thing that was seen of it.
    ///
    /// ```
    /// use mailproof::Actor;
    /// use mailproof::cause::{Cause, Evidence, Found};
    /// use mailproof::finding::{Label, Subject};
    /// use mailproof::text::Span;
    ///
    /// // A program that knows more than the message shows: its own forwarding table.
    /// let path = Subject::session("mail-from", "alice@example.com");
    /// let found = Found::new(Cause::ForwardedWithoutSrs, "bob@example.org is redirected to bob@example.net")
    ///     .and(Evidence::at(Label::new(&path, Span::new(6, 17)), "the reverse-path is that of the author"))
    ///     .advise("Switch SRS on for the redirect of bob@example.org");
    /// assert_eq!(found.evidence()[1].at.as_ref().unwrap().quoted(), "example.com");
    /// assert_eq!(found.told, Cause::ForwardedWithoutSrs.meaning());
    ///
    /// // In words of its own, and for somebody else to act.
    /// let found = found
    ///     .told("bob@example.org is redirected, and the redirect keeps the sender")
    ///     .for_actor(Actor::Recipient)
    ///     .and_all(["the rule was made in webmail".into()]);
    /// assert_eq!((found.actor, found.evidence().len()), (Actor::Recipient, 3));
    /// ```
    pub fn new(cause: Cause, evidence: impl Into<Evidence>) -> Self {
        Self {
            cause,
            told: cause.meaning().to_owned(),
            actor: cause.actor(),
            advice: cause.advice().to_owned(),
            evidence: vec![evidence.into()],
        }
    }

    /// With what happened, told in the names of this message.
    #[must_use]
    pub fn told(mut self, told: impl Into<String>) -> Self {
        self.told = told.into();
        self
    }

    /// With what to do, told in the names of this message.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// With somebody else who acts.
    #[must_use]
    pub fn for_actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// With one more thing that was seen.
    #[must_use]
    pub fn and(mut self, evidence: impl Into<Evidence>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// With more things that were seen.
    #[must_use]
    pub fn and_all(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// What was seen, at least one thing.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}

impl Evidence {
    /// Something seen at a place.
    pub fn at(label: Label, text: impl Into<String>) -> Self {
        Self { text: text.into(), at: Some(label) }
    }
}

impl From<String> for Evidence {
    fn from(text: String) -> Self {
        Self { text, at: None }
    }
}

impl From<&str> for Evidence {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), at: None }
    }
}
