//! Delivery status notifications (RFC 3464), and older bounces as far as they show a reply.

use std::collections::BTreeSet;

use super::cause::Cause;
use super::codes;
use super::diagnose::{Bounce, Context, diagnose};
use super::notice::said_of;
use super::outline::{self, Kind};
use super::plain::is_of_mailer;
use super::provider;
use super::redirect::led_to;
use super::repeated::once_each;
use super::reply::{Enhanced, Reply};
use super::unread::Unread;
use crate::message::mime::{Part, fields};

/// A notification.
///
/// ```
/// use mailproof::bounce::{Cause, Dsn};
///
/// let message = b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n\
///     --x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
///     Final-Recipient: rfc822; bob@d.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\
///     --x\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: ann@x.example\r\nMessage-ID: <1@x.example>\r\n--x--\r\n";
/// let dsn = Dsn::parse(message).unwrap();
/// assert_eq!(dsn.recipients[0].address.as_deref(), Some("bob@d.example"));
/// assert_eq!(dsn.bounces()[0].cause, Cause::UnknownUser);
/// assert_eq!(dsn.original.unwrap().message_id.as_deref(), Some("<1@x.example>"));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dsn {
    /// Who reports.
    pub reporting_mta: Option<String>,
    /// To whom the notification went: for a forwarder its SRS address.
    pub to: Option<String>,
    /// What became of each recipient, of the first 1,000.
    pub recipients: Vec<Recipient>,
    /// What is said for people, in the first part.
    pub notice: String,
    /// The message that came back.
    pub original: Option<Original>,
    /// Whether it is a notification of RFC 3464; `false` if replies, or only the message that came back, were found in a text.
    pub is_standard: bool,
    /// What was not looked at, since there is more of it than anybody sends.
    pub unread: Unread,
}

/// What became of one recipient (RFC 3464 §2.3).
///
/// ```
/// use mailproof::bounce::{Dsn, Enhanced};
///
/// let message = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n\
///     --x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n\
///     Final-Recipient: rfc822; bob@example.net\r\nAction: delayed\r\nStatus: 4.7.0\r\n\
///     Diagnostic-Code: smtp; 451 4.7.0 Greylisted, try again later\r\n--x--\r\n";
/// let bob = &Dsn::parse(message).unwrap().recipients[0];
/// assert_eq!(bob.address.as_deref(), Some("bob@example.net"));
/// assert_eq!((bob.action.as_deref(), bob.status), (Some("delayed"), Some(Enhanced(4, 7, 0))));
/// assert!(bob.is_undelivered(), "not yet");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Recipient {
    /// Final-Recipient, without its type.
    pub address: Option<String>,
    /// Original-Recipient, without its type.
    pub original_address: Option<String>,
    /// failed, delayed, delivered, relayed or expanded.
    pub action: Option<String>,
    /// The status code.
    pub status: Option<Enhanced>,
    /// The host that said it, without its type.
    pub remote_mta: Option<String>,
    /// What it said, without its type.
    pub diagnostic: Option<String>,
}

/// What is left of the message that came back: enough to see whether one sent it.
///
/// ```
/// use mailproof::bounce::Dsn;
///
/// let message = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n\
///     --x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
///     Final-Recipient: rfc822; bob@example.net\r\nAction: failed\r\nStatus: 5.7.1\r\n\
///     --x\r\nContent-Type: text/rfc822-headers\r\n\r\n\
///     DKIM-Signature: v=1; d=esp.example; s=s1; bh=; b=\r\nFrom: alice@example.com\r\n--x--\r\n";
/// let original = Dsn::parse(message).unwrap().original.unwrap();
/// // Was it sent by the owner of example.com? It is signed by somebody else.
/// assert_eq!(original.from.as_deref(), Some("alice@example.com"));
/// assert_eq!(original.signed_by, ["esp.example"]);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Original {
    /// Its header section as it came back.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub header: Vec<u8>,
    /// All of it, if the body came back too.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub message: Option<Vec<u8>>,
    /// From.
    pub from: Option<String>,
    /// Return-Path.
    pub return_path: Option<String>,
    /// To.
    pub to: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Message-ID.
    pub message_id: Option<String>,
    /// The `d=` of its DKIM signatures.
    pub signed_by: Vec<String>,
    /// Its Received fields, the last hop first.
    pub received: Vec<String>,
}

/// Recipients of one notification (RFC 5321 §4.5.3.1.8 asks for 100). [`Dsn::unread`] counts those beyond.
pub(crate) const MAX_RECIPIENTS: usize = 1_000;

impl Recipient {
    /// Whether the message has not reached this recipient, for good or yet.
    pub fn is_undelivered(&self) -> bool {
        let action = self.action.as_deref().unwrap_or("failed");
        !["delivered", "relayed", "expanded"].iter().any(|good| action.eq_ignore_ascii_case(good))
    }

    /// The addresses that it goes by.
    pub(super) fn names(&self) -> Vec<&str> {
        [&self.address, &self.original_address].into_iter().flatten().map(String::as_str).collect()
    }

    /// Its diagnostic, if that says anything.
    pub(super) fn said(&self) -> Option<&str> {
        self.diagnostic.as_deref().filter(|said| !said.trim().is_empty())
    }

    /// Whether a reply that names nobody may be what this recipient got: its status says the same, less or nothing, and nobody tries
    /// on after a refusal. `cause` is what the reply tells.
    pub(super) fn may_have_got(&self, reply: &Reply, cause: Cause) -> bool {
        let says = |status: Enhanced| match codes::of_code(status) {
            None => true,
            Some(vague) if vague.is_vague() => {
                let is_of_policy = cause.is_authentication() || cause.is_vague();
                let is_of_subject = reply.enhanced.map_or(is_of_policy, |enhanced| enhanced.1 == status.1);
                is_of_subject && reply.is_permanent() == Some(status.0 == 5)
            }
            Some(_) => reply.enhanced == Some(status),
        };
        self.status.is_none_or(says) && !(self.is("delayed") && reply.is_permanent() == Some(true))
    }

    /// Whether the action is this one (RFC 3464 §2.3.3).
    fn is(&self, action: &str) -> bool {
        self.action.as_deref().is_some_and(|own| own.trim().eq_ignore_ascii_case(action))
    }

    /// What it got: its diagnostic, or else what it was told in the notice.
    fn got(&self, told: &str) -> String {
        let status = self.status.map(|status| status.to_string()).unwrap_or_default();
        match self.said() {
            Some(said) if Reply::parse(said).code.is_some() => said.to_owned(),
            // A server that got no reply says why in its own words, and its code stands in the status.
            said => format!("{status} {}", said.unwrap_or(told)),
        }
    }
}

impl Dsn {
    /// Reads a message; `None` if it reports nothing, as far as it is looked at: in 32 MiB, 200 parts and six levels of them.
    /// [`Dsn::unread`] tells what is left out.
    ///
    /// ```
    /// use mailproof::bounce::{Cause, Dsn};
    ///
    /// // An old mailer, which writes no RFC 3464: the reply stands in the text.
    /// let message = b"From: MAILER-DAEMON@mx.example.com\r\n\r\nYour mail could not be delivered.\r\n\r\n\
    ///     <bob@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown\r\n";
    /// let dsn = Dsn::parse(message).unwrap();
    /// assert!(!dsn.is_standard);
    /// assert_eq!(dsn.bounces()[0].cause, Cause::UnknownUser);
    /// assert_eq!(Dsn::parse(b"From: alice@example.com\r\n\r\nSee you at lunch.\r\n"), None);
    /// ```
    pub fn parse(message: &[u8]) -> Option<Self> {
        let (message, octets) = outline::bounded(message);
        let part = Part::new(message);
        let mut dsn = Self { to: part.field("To"), unread: Unread { octets, ..Unread::default() }, ..Self::default() };
        if outline::is_bare_status(&part) {
            dsn.read_status(&String::from_utf8_lossy(message));
        } else {
            let (parts, deep) = outline::walk(part, &mut |kind, part| dsn.see(kind, part));
            dsn.unread = Unread { parts, deep, ..dsn.unread };
        }
        let by_mailer = is_of_mailer(&part);
        if dsn.recipients.is_empty() && by_mailer {
            dsn.read_text(&part);
        }
        // Anybody may attach the header of a message.
        let returned = by_mailer && dsn.original.is_some();
        (dsn.is_standard || !dsn.recipients.is_empty() || returned).then_some(dsn)
    }

    /// What each recipient's reply says, for those who did not get the message. Of a reply the first 16 KiB are looked at, and the first
    /// 2 KiB of what is said of several recipients together (RFC 5321 §4.5.3.1.5: a line has 512 octets).
    pub fn bounces(&self) -> Vec<Bounce> {
        let bad: Vec<&Recipient> = self.recipients.iter().filter(|recipient| recipient.is_undelivered()).collect();
        // Without a diagnostic, what is said for people may hold the reply.
        let is_needed = bad.iter().any(|recipient| recipient.said().is_none());
        let mut told = if is_needed { said_of(&self.notice, &bad, &self.senders()) } else { Vec::new() };
        told.resize(bad.len(), String::new());
        let reached = self.original.as_ref().and_then(Original::delivered_to);
        let mail_from = self.original.as_ref().and_then(|original| original.return_path.as_deref());
        let contexts = bad.iter().map(|recipient| Context {
            host: recipient.remote_mta.as_deref(),
            mail_from: mail_from.or(self.to.as_deref()),
            redirected_to: led_to(recipient, reached.as_ref()),
            delivering: true,
            gave_up: recipient.is("failed"),
        });
        let contexts: Vec<Context<'_>> = contexts.collect();
        // All that decides: the text, of the host whose it is, of a redirect whether there is one.
        let keys = bad.iter().zip(&told).zip(&contexts).map(|((recipient, told), context)| {
            let whose = context.host.map(|host| provider::of_host(host).map(|provider| provider.name));
            (recipient.got(told), whose, context.redirected_to.is_some(), context.gave_up)
        });
        let keys: Vec<_> = keys.collect();
        let mut bounces = once_each(&keys, |place| diagnose(&keys[place].0, &contexts[place]));
        for ((bounce, recipient), context) in bounces.iter_mut().zip(bad).zip(contexts) {
            bounce.redirected_to = context.redirected_to.map(str::to_owned);
            bounce.reply.enhanced = bounce.reply.enhanced.or(recipient.status);
        }
        bounces
    }

    /// What the sender of the message that came back goes by.
    pub(super) fn senders(&self) -> Vec<&str> {
        let of_original = self.original.iter().flat_map(|original| [&original.from, &original.return_path]);
        of_original.chain([&self.to]).flatten().map(String::as_str).collect()
    }

    /// Reads a part, and says whether the message that it is is looked into.
    fn see(&mut self, kind: Kind, part: &Part<'_>) -> bool {
        match kind {
            Kind::Status => self.read_status(&part.text()),
            Kind::Header => self.read_original(&part.octets(), false),
            Kind::Message if self.is_standard => self.read_original(&part.octets(), true),
            // A report that somebody forwarded as an attachment.
            Kind::Message => return true,
            Kind::Text | Kind::Html => outline::hear(&mut self.notice, kind, part),
        }
        false
    }

    /// RFC 3464 §2.1: groups of fields, an empty line between them; the first is about the message.
    fn read_status(&mut self, text: &str) {
        self.is_standard = true;
        let text = text.replace("\r\n", "\n");
        for group in text.split("\n\n").filter(|group| !group.trim().is_empty()) {
            let mut recipient = Recipient::default();
            for (name, body) in fields(group.as_bytes()) {
                let value = || Some(without_type(&body).to_owned());
                match name.to_ascii_lowercase().as_str() {
                    "reporting-mta" => self.reporting_mta = value(),
                    "final-recipient" => recipient.address = value(),
                    "original-recipient" => recipient.original_address = value(),
                    "action" => recipient.action = Some(body.to_ascii_lowercase()),
                    "status" => recipient.status = Enhanced::parse(body.split_whitespace().next().unwrap_or_default()),
                    "remote-mta" => recipient.remote_mta = value(),
                    "diagnostic-code" => recipient.diagnostic = value(),
                    _ => {}
                }
            }
            if recipient == Recipient::default() {
                continue;
            }
            match self.recipients.len() < MAX_RECIPIENTS {
                true => self.recipients.push(recipient),
                false => self.unread.recipients += 1,
            }
        }
    }

    pub(super) fn read_original(&mut self, bytes: &[u8], whole: bool) {
        if self.original.is_some() {
            return;
        }
        let part = Part::new(bytes);
        let mut original =
            Original { header: part.header.to_vec(), message: whole.then(|| bytes.to_vec()), ..Original::default() };
        let mut signed_by = BTreeSet::new();
        for (name, body) in fields(part.header) {
            let place = match name.to_ascii_lowercase().as_str() {
                "from" => &mut original.from,
                "return-path" => &mut original.return_path,
                "to" => &mut original.to,
                "subject" => &mut original.subject,
                "message-id" => &mut original.message_id,
                "received" => {
                    original.received.push(body);
                    continue;
                }
                "dkim-signature" => {
                    signed_by.extend(tag(&body, "d"));
                    continue;
                }
                _ => continue,
            };
            place.get_or_insert(body);
        }
        original.signed_by = signed_by.into_iter().collect();
        self.original = Some(original);
    }
}

/// `rfc822; bob@d.example` without its type (RFC 3464 §2.1.2).
fn without_type(body: &str) -> &str {
    match body.split_once(';') {
        Some((kind, value)) if kind.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => value.trim(),
        _ => body.trim(),
    }
}

/// The value of a tag of a signature.
fn tag(field: &str, name: &str) -> Option<String> {
    crate::tag_list::segments(field).find_map(|segment| match segment.kind {
        crate::tag_list::Kind::Tag { name: found, value } if &field[found] == name => {
            Some(field[value].to_ascii_lowercase())
        }
        _ => None,
    })
}
