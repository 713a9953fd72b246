//! What is asked about a message.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::dkim::forensics::Budget;
use crate::dmarc::PublicSuffixes;
use crate::srs::Srs;
use crate::{Name, Timestamp};

/// A message and what is known around it. Only the message is needed.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/passes.eml")?;
/// let mut input = Input::new(&mail, Timestamp(1_800_000_000));
/// input.received_at = Some(Timestamp(1_795_255_202));
/// input.trusted_hosts.push("mx.school.example".parse()?);
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.primary.cause, Cause::NoProblem);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Input<'a> {
    /// The message, or its header section alone.
    pub message: &'a [u8],
    /// Whether the body was left out: then no body hash is judged.
    pub headers_only: bool,
    /// The SMTP session that delivered it.
    pub connection: Connection,
    /// When it was received; signatures are judged at that time. Without it, at [`Input::now`].
    pub received_at: Option<Timestamp>,
    /// The present time.
    pub now: Timestamp,
    /// Domains whose ARC seals the receiver believes.
    pub trusted_sealers: Vec<Name>,
    /// The receiver's own hosts, whose Received and Authentication-Results fields are believed, with the names below them.
    /// Without any, the topmost fields are taken for the receiver's if they show the session.
    pub trusted_hosts: Vec<Name>,
    /// Where the message is.
    pub stage: Stage,
    /// The account that handed it in, if that is known here.
    pub submission: Option<Submission>,
    /// The mailbox that it is for.
    pub recipient: Option<Recipient>,
    /// Public suffixes, for receivers of RFC 7489 and for the question who owns a domain.
    pub suffixes: Option<PublicSuffixes>,
    /// How much work the search for alterations may do, for each signature.
    pub budget: Budget,
}

/// The SMTP session that delivered a message. What is left out is taken from the message, as its claim.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Connection, Input}};
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}, spf::SpfResult};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.10 -all\"")?;
/// let client = Connection::new("192.0.2.99".parse()?, "mx.d.example", "alice@d.example").to("bob@r.example");
/// let input = Input::new(b"From: alice@d.example\r\n\r\nHello\r\n", Timestamp(0)).connection(client);
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.spf.unwrap().result, SpfResult::Fail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Connection {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The name in HELO or EHLO.
    pub helo: Option<String>,
    /// MAIL FROM without angle brackets; empty for the null reverse-path.
    pub mail_from: Option<String>,
    /// The recipients in RCPT TO.
    pub rcpt_to: Vec<String>,
    /// Whether it was encrypted.
    pub tls: Option<bool>,
}

/// Where a message is.
///
/// ```
/// use mailproof::{Timestamp, message::diagnose::{Input, Stage, Submission}};
///
/// let message = b"From: alice@d.example\r\n\r\nHello\r\n";
/// assert_eq!(Input::new(message, Timestamp(0)).stage, Stage::Receiving);
/// let input = Input::new(message, Timestamp(0)).submitted_by(Submission::new("alice@d.example"));
/// assert_eq!(input.stage, Stage::Submission);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Stage {
    /// At the receiving server.
    #[default]
    Receiving,
    /// Handed in by a client that logged in: only the sender is checked.
    Submission,
}

/// The account that hands a message in.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Input, Submission}};
/// use mailproof::{Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 -all\"")?;
/// let cause = |account: Submission| {
///     let input = Input::new(b"From: boss@d.example\r\n\r\nHello\r\n", Timestamp(0)).submitted_by(account);
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input)).primary.cause
/// };
/// let mut alice = Submission::new("alice@d.example");
/// assert_eq!(cause(alice.clone()), Cause::SenderMismatchFrom);
/// alice.delegated.push("boss@d.example".to_owned());
/// assert_ne!(cause(alice), Cause::SenderMismatchFrom);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Submission {
    /// The login, an address.
    pub login: String,
    /// Further addresses of the login.
    pub aliases: Vec<String>,
    /// Alias domains and the domains that they stand for.
    pub alias_domains: BTreeMap<String, String>,
    /// Addresses of others that the login may use.
    pub delegated: Vec<String>,
}

/// The mailbox that a message is for.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Input, Recipient}};
/// use mailproof::{Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/helpdesk.zone")?)?;
/// // A bounce comes to Bob, who never sent what it is about.
/// let mail = std::fs::read("examples/mail/backscatter.eml")?;
/// let mut bob = Recipient::new("bob@club.example");
/// bob.sent_message_ids = Some(vec!["<lunch@club.example>".to_owned()]);
/// let input = Input::new(&mail, Timestamp(1_795_255_400)).recipient(bob);
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.primary.cause, Cause::Backscatter);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Recipient {
    /// Its address.
    pub address: Option<String>,
    /// Domains that belong to it.
    pub own_domains: Vec<Name>,
    /// Further addresses that lead to it.
    pub aliases: Vec<String>,
    /// Alias domains and the domains that they stand for.
    pub alias_domains: BTreeMap<String, String>,
    /// Addresses that its filter lets through.
    pub allowlist: Vec<String>,
    /// The address that gets the mail of all unknown addresses.
    pub catch_all: Option<String>,
    /// Message-IDs of what it sent; `None` if they are not known.
    pub sent_message_ids: Option<Vec<String>>,
    /// How it rewrites senders of what it forwards.
    pub srs: Option<SrsDomain>,
}

/// The SRS of a forwarder. `Debug` does not show its secrets.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::{Connection, Input, Recipient, SrsDomain}};
/// use mailproof::srs::{Secret, Srs};
/// use mailproof::{Timestamp, cause::Cause, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("fwd.example. TXT \"v=spf1 -all\"")?;
/// let mut forwarder = Recipient::default();
/// forwarder.srs = Some(SrsDomain { domain: "fwd.example".parse()?, srs: Srs::new(Secret::new(b"tops3cr3t")) });
/// // Somebody made up an SRS address.
/// let bounce = Connection::new("192.0.2.1".parse()?, "mx.d.example", "").to("SRS0=aaaa=G3=d.example=ann@fwd.example");
/// let message = b"From: postmaster@mx.d.example\r\nAuto-Submitted: auto-replied\r\n\r\nIt came back.\r\n";
/// let input = Input::new(message, Timestamp(1_700_000_000)).connection(bounce).recipient(forwarder);
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// assert_eq!(diagnosis.primary.cause, Cause::SrsHashInvalid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SrsDomain {
    /// The domain of its addresses.
    pub domain: Name,
    /// Secrets and settings.
    pub srs: Srs,
}

impl<'a> Input<'a> {
    /// A whole message by itself.
    pub fn new(message: &'a [u8], now: Timestamp) -> Self {
        #[cfg(feature = "psl")]
        let suffixes = Some(PublicSuffixes::built_in());
        #[cfg(not(feature = "psl"))]
        let suffixes = None;
        Self {
            message,
            headers_only: false,
            connection: Connection::default(),
            received_at: None,
            now,
            trusted_sealers: Vec::new(),
            trusted_hosts: Vec::new(),
            stage: Stage::Receiving,
            submission: None,
            recipient: None,
            suffixes,
            budget: Budget::default(),
        }
    }

    /// A header section alone.
    ///
    /// ```
    /// use mailproof::message::{diagnose, diagnose::Input};
    /// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
    ///
    /// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
    /// let mail = std::fs::read_to_string("examples/mail/passes.eml")?;
    /// let (header, _) = mail.split_once("\n\n").unwrap();
    /// let input = Input::headers(header.as_bytes(), Timestamp(1_795_255_400));
    /// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
    /// // The signature over the header is checked, the hash of the body is not.
    /// assert!(diagnosis.signatures[0].outcome.header.unwrap().verified);
    /// assert_eq!(diagnosis.signatures[0].outcome.body, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn headers(header: &'a [u8], now: Timestamp) -> Self {
        Self { headers_only: true, ..Self::new(header, now) }
    }

    /// With the SMTP session.
    #[must_use]
    pub fn connection(mut self, connection: Connection) -> Self {
        self.connection = connection;
        self
    }

    /// With the mailbox that it is for.
    #[must_use]
    pub fn recipient(mut self, recipient: Recipient) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// Handed in by this account, and no further yet.
    #[must_use]
    pub fn submitted_by(mut self, submission: Submission) -> Self {
        self.submission = Some(submission);
        self.stage = Stage::Submission;
        self
    }

    /// When signatures are judged.
    pub(super) fn judged_at(&self) -> Timestamp {
        self.received_at.unwrap_or(self.now)
    }
}

impl Connection {
    /// A session; `mail_from` is empty for the null reverse-path.
    pub fn new(ip: IpAddr, helo: &str, mail_from: &str) -> Self {
        Self {
            ip: Some(ip),
            helo: Some(helo.to_owned()),
            mail_from: Some(mail_from.to_owned()),
            rcpt_to: Vec::new(),
            tls: None,
        }
    }

    /// With a recipient.
    #[must_use]
    pub fn to(mut self, recipient: &str) -> Self {
        self.rcpt_to.push(recipient.to_owned());
        self
    }
}

impl Submission {
    /// An account without further addresses.
    pub fn new(login: &str) -> Self {
        Self { login: login.to_owned(), ..Self::default() }
    }
}

impl Recipient {
    /// A mailbox of which only the address is known.
    pub fn new(address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..Self::default() }
    }
}
