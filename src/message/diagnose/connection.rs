//! The SMTP session: as given, and what is missing as the message claims it.

use std::net::IpAddr;

use super::Connection;
use super::path::Hop;
use crate::message::{AuthResults, Message};
use crate::text::Source;

/// The session that a diagnosis rests on.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/helpdesk.zone")?)?;
/// let mail = std::fs::read("examples/mail/third-party-sender.eml")?;
/// let input = Input::new(&mail, Timestamp(1_795_255_400));
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// // No session was given, so Return-Path and Received tell of it.
/// let session = &diagnosis.session;
/// assert_eq!(session.mail_from.as_ref().unwrap().value, "b-1007@bounce.mailer.example");
/// assert_eq!(session.helo.as_ref().unwrap().value, "out.mailer.example");
/// assert_eq!(session.rcpt_to, ["carol@mailhost.example"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// The client's address.
    pub ip: Option<Known<IpAddr>>,
    /// The HELO name.
    pub helo: Option<Known<String>>,
    /// MAIL FROM; empty for the null reverse-path.
    pub mail_from: Option<Known<String>>,
    /// The recipients.
    pub rcpt_to: Vec<String>,
}

/// A value and how it is known.
///
/// ```
/// use mailproof::message::{diagnose, diagnose::Input};
/// use mailproof::{Timestamp, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/helpdesk.zone")?)?;
/// let mail = std::fs::read("examples/mail/third-party-sender.eml")?;
/// let input = Input::new(&mail, Timestamp(1_795_255_400));
/// let diagnosis = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| diagnose(dns, &input));
/// // The second field, Received, claims the address of the client.
/// let ip = diagnosis.session.ip.as_ref().unwrap();
/// assert_eq!((ip.value, ip.claimed_by), ("198.51.100.80".parse()?, Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// The header field that claims it, counted from 0 at the top; `None` if it was given.
    pub claimed_by: Option<usize>,
}

impl<T> Known<T> {
    fn given(value: T) -> Self {
        Self { value, claimed_by: None }
    }

    fn claimed(value: T, field: usize) -> Self {
        Self { value, claimed_by: Some(field) }
    }
}

impl Session {
    /// `taken` is the hop in which the receiver took the message, where the session was not given. Where it was handed in, its
    /// client is a person's device or nobody, and no server whose sender SPF judges.
    pub(super) fn of(given: &Connection, message: &Message<'_>, taken: Option<Hop>, handed_in: bool) -> Self {
        let mut session = Self {
            // Of a client that had logged in SPF has nothing to say.
            ip: given.ip.filter(|_| !handed_in).map(Known::given),
            helo: given.helo.clone().map(Known::given),
            mail_from: given.mail_from.clone().map(Known::given),
            rcpt_to: given.rcpt_to.clone(),
        };
        // Without the client's address the message has been delivered, and its topmost fields are the receiver's own.
        if session.ip.is_none() && handed_in {
            session.claim_recipient(taken.unwrap_or_default());
        } else if session.ip.is_none() {
            session.claim_hop(taken.unwrap_or_default());
            session.claim_results(message);
        }
        if session.mail_from.is_none() {
            session.mail_from = return_path(message);
        }
        session
    }

    fn claim_hop(&mut self, hop: Hop) {
        self.ip = hop.ip.map(|ip| Known::claimed(ip, hop.field));
        if self.helo.is_none() {
            self.helo = hop.helo.clone().map(|helo| Known::claimed(helo, hop.field));
        }
        self.claim_recipient(hop);
    }

    /// The client of another hop.
    pub(super) fn take_at(&mut self, hop: Hop) {
        self.ip = hop.ip.map(|ip| Known::claimed(ip, hop.field));
        self.helo = hop.helo.map(|helo| Known::claimed(helo, hop.field));
    }

    fn claim_recipient(&mut self, hop: Hop) {
        self.rcpt_to.extend(hop.to.filter(|_| self.rcpt_to.is_empty()));
    }

    /// RFC 8601: the topmost field is the receiver's own, if anybody's is.
    fn claim_results(&mut self, message: &Message<'_>) {
        let Some(field) = message.fields_named("Authentication-Results").next() else { return };
        let results = AuthResults::from_source(Source::from_bytes(message.fields()[field].body()));
        for spf in results.of_method("spf") {
            let claimed = |name| spf.property("smtp", name).map(|value| Known::claimed(value.to_owned(), field));
            self.mail_from = self.mail_from.take().or_else(|| return_path(message)).or_else(|| claimed("mailfrom"));
            self.helo = self.helo.take().or_else(|| claimed("helo"));
        }
        if self.ip.is_none() {
            let address = |value: &str| value.parse().ok().map(|ip| Known::claimed(ip, field));
            let mut claims = results.results().iter();
            self.ip = claims.find_map(|result| {
                result.property("policy", "iprev").or_else(|| result.property("smtp", "remote-ip")).and_then(address)
            });
        }
    }

    /// MAIL FROM, if it is known.
    pub(super) fn reverse_path(&self) -> Option<&str> {
        self.mail_from.as_ref().map(|path| path.value.as_str())
    }

    /// The HELO name, empty if it is not known.
    pub(super) fn helo(&self) -> &str {
        self.helo.as_ref().map_or("", |helo| helo.value.as_str())
    }
}

/// RFC 5321 §4.4: the final server writes the reverse-path down.
fn return_path(message: &Message<'_>) -> Option<Known<String>> {
    let field = message.fields_named("Return-Path").next()?;
    let text = String::from_utf8_lossy(message.fields()[field].body()).trim().to_owned();
    let path = text.strip_prefix('<').and_then(|path| path.strip_suffix('>')).unwrap_or(&text);
    Some(Known::claimed(path.to_owned(), field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Path;
    use crate::message::diagnose::path::{before, taken};

    #[test]
    fn what_is_missing_is_claimed() {
        let message = Message::parse(
            b"Return-Path: <a@d.example>\r\nReceived: from in.r.example (in.r.example [10.0.0.1]) by r.example; x\r\n\
              Received: from mx.d.example (mx.d.example [192.0.2.1]) by in.r.example for <b@r.example>; x\r\n\
              Received: from pc (pc [198.51.100.1]) by mx.d.example; x\r\n\r\n",
        );
        let path = Path::of(&message, &[]);
        let session = Session::of(&Connection::default(), &message, taken(&path), false);
        assert_eq!(session.ip, Some(Known::claimed([192, 0, 2, 1].into(), 2)));
        assert_eq!(session.helo(), "mx.d.example");
        assert_eq!(session.mail_from, Some(Known::claimed("a@d.example".to_owned(), 0)));
        assert_eq!(session.rcpt_to, ["b@r.example"]);
        assert_eq!(before(&path).len(), 1);
    }

    #[test]
    fn results_of_the_receiver_are_a_claim_too() {
        let message = Message::parse(
            b"Authentication-Results: mx.r.example; spf=pass smtp.mailfrom=d.example; iprev=pass policy.iprev=192.0.2.1\r\n\r\n",
        );
        let session = Session::of(&Connection::default(), &message, None, false);
        assert_eq!(session.ip.map(|ip| ip.value), Some([192, 0, 2, 1].into()));
        assert_eq!(session.mail_from.map(|path| path.value), Some("d.example".to_owned()));
    }
}
