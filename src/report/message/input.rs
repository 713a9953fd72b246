//! What is asked about a message, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::RawMessage;
use crate::{Name, Timestamp};

/// A message to check, and what is known around it. Only the message is needed.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}};
/// use mailproof::resolver::{Zone, drive_sync};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"")?;
/// let mut message = MessageInput::new(b"From: a@d.example\r\n\r\nHello\r\n", Timestamp(0));
/// message.connection.ip = Some("192.0.2.1".parse()?);
/// message.connection.mail_from = Some("a@d.example".into());
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
/// assert!(report.passed && report.headline.starts_with("nothing is wrong: "), "{}", report.headline);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MessageInput {
    /// The message as it was received, or its header section alone.
    pub message: RawMessage,
    /// Whether the body was left out: then no body hash is judged.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub headers_only: bool,
    /// The present time.
    pub now: Timestamp,
    /// When it was received; signatures are judged at that time. Without it, at `now`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub received_at: Option<Timestamp>,
    /// The SMTP session that delivered it. What is left out is taken from the message, and marked as its claim.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "ConnectionInput::is_empty"))]
    pub connection: ConnectionInput,
    /// Domains whose ARC seals the receiver believes.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub trusted_sealers: Vec<Name>,
    /// The receiver's own hosts, whose Received and Authentication-Results fields are believed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub trusted_hosts: Vec<Name>,
    /// Where the message is.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Stage::is_receiving"))]
    pub stage: Stage,
    /// The account that handed it in.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub submission: Option<SubmissionInput>,
    /// The mailbox that it is for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mailbox: Option<MailboxInput>,
}

/// Where a message is.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput, Stage, SubmissionInput}};
///
/// let mut message = MessageInput::new(b"From: bob@example.com\r\n\r\nHello\r\n", Timestamp(1_800_000_000));
/// // Handed in by a client of our own: it has no signature yet, and SPF is not its matter.
/// message.stage = Stage::Submission;
/// let mut submission = SubmissionInput::default();
/// submission.login = "alice@example.com".to_owned();
/// message.submission = Some(submission);
/// let report = Input::Message(message.into()).check(&Snapshot::new()).done().unwrap();
/// assert!(!report.passed, "the login may not write as somebody else");
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

/// The SMTP session that delivered a message.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let mut message = MessageInput::new(b"From: alice@example.com\r\n\r\nHello\r\n", Timestamp(1_800_000_000));
/// message.connection.ip = Some("198.51.100.7".parse()?);
/// message.connection.helo = Some("mail.example.com".to_owned());
/// message.connection.mail_from = Some("alice@example.com".to_owned());
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let spf = report.verdicts.iter().find(|verdict| verdict.method == "spf").unwrap();
/// assert_eq!((spf.domain.as_str(), spf.result), ("example.com", "fail"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ConnectionInput {
    /// The client's address.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ip: Option<IpAddr>,
    /// The name in HELO or EHLO.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub helo: Option<String>,
    /// MAIL FROM without angle brackets; empty for the null reverse-path.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mail_from: Option<String>,
    /// The recipients in RCPT TO.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub rcpt_to: Vec<String>,
    /// Whether it was encrypted.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub tls: Option<bool>,
}

/// The account that handed a message in.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, report::{Input, MessageInput, Stage, SubmissionInput}};
///
/// let mut submission = SubmissionInput::default();
/// submission.login = "alice@example.com".to_owned();
/// submission.aliases.push("sales@example.com".to_owned());
/// let mut message = MessageInput::new(b"From: sales@example.com\r\n\r\nHello\r\n", Timestamp(1_800_000_000));
/// message.stage = Stage::Submission;
/// message.submission = Some(submission);
/// let report = Input::Message(message.into()).check(&Snapshot::new()).done().unwrap();
/// assert!(report.passed, "{}", report.headline);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SubmissionInput {
    /// The login, an address.
    pub login: String,
    /// Further addresses of the login.
    pub aliases: Vec<String>,
    /// Alias domains and the domains that they stand for.
    pub alias_domains: BTreeMap<String, String>,
    /// Addresses of others that the login may use.
    pub delegated: Vec<String>,
}

/// The mailbox that a message is for. What is not known is left out.
///
/// ```
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
/// use mailproof::report::{Input, MailboxInput, MessageInput};
///
/// let zone = Zone::parse(r#"
/// example.net. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// _dmarc.example.net. TXT "v=DMARC1; p=none"
/// "#)?;
/// let mail = b"From: bob@example.net\r\n\r\nPay: I have your password\r\n";
/// let mut message = MessageInput::new(mail, Timestamp(1_800_000_000));
/// message.connection.ip = Some("203.0.113.9".parse()?);
/// message.connection.mail_from = Some("bob@example.net".to_owned());
/// let mut mailbox = MailboxInput::default();
/// mailbox.address = Some("bob@example.net".to_owned());
/// message.mailbox = Some(mailbox);
/// let input = Input::Message(message.into());
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// // Bob wrote nothing to himself, and nobody has his password.
/// assert_eq!(report.causes[0].cause.id(), "spoofed-own-domain");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MailboxInput {
    /// Its address.
    pub address: Option<String>,
    /// Domains that belong to it.
    pub own_domains: Vec<Name>,
    /// Further addresses that lead to it.
    pub aliases: Vec<String>,
    /// Alias domains and the domains that they stand for.
    pub alias_domains: BTreeMap<String, String>,
    /// Addresses and domains that its filter lets through.
    pub allowlist: Vec<String>,
    /// The address that gets the mail of all unknown addresses.
    pub catch_all: Option<String>,
    /// Message-IDs of what it sent.
    pub sent_message_ids: Option<Vec<String>>,
    /// How it rewrites senders of what it forwards.
    pub srs: Option<MailboxSrs>,
}

/// The SRS of a forwarder.
///
/// ```
/// use mailproof::report::{MailboxInput, MailboxSrs};
///
/// // The mailbox forwards under this domain. A bounce to one of its addresses can then be told from an invented one.
/// let mut mailbox = MailboxInput::default();
/// mailbox.srs = Some(MailboxSrs::new("fwd.example".parse()?, ["correct horse battery".to_owned()]));
/// // A report can be shown around: the secret is not in it.
/// assert!(!format!("{mailbox:?}").contains("horse"));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MailboxSrs {
    /// The domain of its addresses.
    pub domain: Name,
    /// The secrets, the present one first. They are read and never written: a report that is replayed does without.
    #[cfg_attr(feature = "serde", serde(skip_serializing))]
    pub secrets: Secrets,
    /// `=`, `+` or `-`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub separator: Option<char>,
    /// Characters of the hash.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hash_length: Option<u8>,
    /// Days for which an address is good.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max_age_days: Option<u16>,
}

/// Secrets that `Debug` does not show.
///
/// ```
/// use mailproof::report::Secrets;
///
/// // The present one first; addresses made with the one before are still good.
/// let secrets = Secrets(vec!["of this year".to_owned(), "of last year".to_owned()]);
/// assert_eq!(format!("{secrets:?}"), "Secrets(..)");
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Secrets(pub Vec<String>);

#[cfg(feature = "serde")]
mod as_data {
    use super::{ConnectionInput, MailboxInput, MailboxSrs, MessageInput, Secrets, Stage, SubmissionInput};
    use crate::reading::{Fault, Read, Tree, deserialize, reads, reads_words};

    reads! {
        default MessageInput {
            needs message;
            takes headers_only, now, received_at, connection | "session", trusted_sealers, trusted_hosts, stage, submission,
                mailbox | "recipient"
        }
    }
    reads_words!(Stage);
    reads! { default ConnectionInput { needs; takes ip, helo, mail_from, rcpt_to, tls } }
    reads! { default SubmissionInput { needs login; takes aliases, alias_domains, delegated } }
    reads! {
        strict default MailboxInput {
            needs;
            takes address, own_domains, aliases, alias_domains, allowlist, catch_all, sent_message_ids, srs
        }
    }
    reads! { strict MailboxSrs { needs domain; takes secrets, separator, hash_length, max_age_days } }

    impl Read for Secrets {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            Read::read(tree).map(Self)
        }
    }
    deserialize!(Secrets);
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets(..)")
    }
}

impl MessageInput {
    /// A message by itself.
    pub fn new(message: &[u8], now: Timestamp) -> Self {
        Self { message: RawMessage(message.to_vec()), now, ..Self::default() }
    }
}

impl MailboxSrs {
    /// The SRS of `domain` with its secrets.
    pub fn new(domain: Name, secrets: impl IntoIterator<Item = String>) -> Self {
        let secrets = Secrets(secrets.into_iter().collect());
        Self { domain, secrets, separator: None, hash_length: None, max_age_days: None }
    }
}

#[cfg(feature = "serde")]
impl ConnectionInput {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Stage {
    #[cfg(feature = "serde")]
    fn is_receiving(&self) -> bool {
        *self == Self::Receiving
    }
}

#[cfg(feature = "serde")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(feature = "crypto")]
mod asked {
    use super::{ConnectionInput, MailboxInput, MailboxSrs, MessageInput, Stage, SubmissionInput};
    use crate::message::diagnose::{self, Connection, Input, Recipient, SrsDomain, Submission};
    use crate::srs::{Secret, Separator, Settings, Srs};

    impl MessageInput {
        /// The same for the diagnosis.
        pub(in crate::report::message) fn asked(&self) -> Input<'_> {
            let mut input = Input::new(&self.message.0, self.now);
            input.headers_only = self.headers_only;
            input.received_at = self.received_at;
            input.connection = self.connection.asked();
            input.trusted_sealers.clone_from(&self.trusted_sealers);
            input.trusted_hosts.clone_from(&self.trusted_hosts);
            input.stage = match self.stage {
                Stage::Receiving => diagnose::Stage::Receiving,
                Stage::Submission => diagnose::Stage::Submission,
            };
            input.submission = self.submission.as_ref().map(SubmissionInput::asked);
            input.recipient = self.mailbox.as_ref().map(MailboxInput::asked);
            input
        }
    }

    impl ConnectionInput {
        fn asked(&self) -> Connection {
            Connection {
                ip: self.ip,
                helo: self.helo.clone().filter(|helo| !helo.is_empty()),
                mail_from: self.mail_from.clone(),
                rcpt_to: self.rcpt_to.clone(),
                tls: self.tls,
            }
        }
    }

    impl SubmissionInput {
        fn asked(&self) -> Submission {
            let mut submission = Submission::new(&self.login);
            submission.aliases.clone_from(&self.aliases);
            submission.alias_domains.clone_from(&self.alias_domains);
            submission.delegated.clone_from(&self.delegated);
            submission
        }
    }

    impl MailboxInput {
        fn asked(&self) -> Recipient {
            let mut recipient = Recipient::default();
            recipient.address.clone_from(&self.address);
            recipient.own_domains.clone_from(&self.own_domains);
            recipient.aliases.clone_from(&self.aliases);
            recipient.alias_domains.clone_from(&self.alias_domains);
            recipient.allowlist.clone_from(&self.allowlist);
            recipient.catch_all.clone_from(&self.catch_all);
            recipient.sent_message_ids.clone_from(&self.sent_message_ids);
            recipient.srs = self.srs.as_ref().and_then(MailboxSrs::asked);
            recipient
        }
    }

    impl MailboxSrs {
        /// `None` without a secret: then no address can be judged.
        fn asked(&self) -> Option<SrsDomain> {
            let secrets: Vec<Secret> =
                self.secrets.0.iter().filter_map(|secret| Secret::new(secret.as_bytes())).collect();
            let mut settings = Settings::default();
            settings.separator = match self.separator {
                Some('+') => Separator::Plus,
                Some('-') => Separator::Minus,
                _ => Separator::Equals,
            };
            settings.hash_length = self.hash_length.unwrap_or(settings.hash_length);
            settings.max_age_days = self.max_age_days.unwrap_or(settings.max_age_days);
            (!secrets.is_empty())
                .then(|| SrsDomain { domain: self.domain.clone(), srs: Srs::new(secrets).with(settings) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let srs = MailboxSrs::new("fwd.example".parse().unwrap(), ["tops3cr3t".to_owned()]);
        assert!(!format!("{srs:?}").contains("tops3cr3t"));
        #[cfg(feature = "serde")]
        {
            assert_eq!(serde_json::to_string(&srs).unwrap(), r#"{"domain":"fwd.example"}"#);
            let read: MailboxSrs =
                serde_json::from_str(r#"{"domain": "fwd.example", "secrets": ["tops3cr3t"]}"#).unwrap();
            assert_eq!(read, srs);
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn the_form_before_is_read_too() {
        let old =
            r#"{"message": "From: a@d.example", "now": 1, "session": {"ip": "192.0.2.1", "helo": "mx", "now": 1}}"#;
        let read: MessageInput = serde_json::from_str(old).unwrap();
        assert_eq!(read.connection.ip, Some([192, 0, 2, 1].into()));
        assert_eq!(read.connection.helo.as_deref(), Some("mx"));
        assert!(serde_json::from_str::<MailboxInput>(r#"{"own_domain": ["d.example"]}"#).is_err());
    }
}
