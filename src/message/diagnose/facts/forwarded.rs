//! Whether somebody sent the message on.

use super::{Client, Owners, client};
use crate::Name;
use crate::finding::Label;
use crate::message::diagnose::checks::Checks;
use crate::message::diagnose::mail::Mail;
use crate::srs::{Address, Dialect, Form};

/// Who sent the message on, and what shows it.
#[derive(Clone, Debug)]
pub(in super::super) struct Forwarded {
    /// The host or domain that did.
    pub(in super::super) by: String,
    /// The address from which it was sent on, if a field names it.
    pub(in super::super) from: Option<String>,
    /// What shows it.
    pub(in super::super) text: String,
    /// Where that stands.
    pub(in super::super) label: Option<Label>,
}

/// Fields in which a forwarder notes the address at which it got the message.
const NOTES: &[&str] = &["Delivered-To", "X-Forwarded-To", "X-Forwarded-For", "X-Original-To", "Resent-From"];

pub(in super::super) fn forwarded(mail: &Mail<'_>, checks: &Checks) -> Option<Forwarded> {
    let own = mail.author_domain().is_some_and(|author| client(mail, checks, author) == Client::Own);
    if own {
        return None;
    }
    authorised_before(mail, checks).or_else(|| noted(mail)).or_else(|| received_for_another(mail))
}

/// SPF authorises the client of an earlier hop: it was in order there.
fn authorised_before(mail: &Mail<'_>, checks: &Checks) -> Option<Forwarded> {
    let hop = checks.authorised_hop.as_ref()?;
    let ip = hop.ip?;
    Some(Forwarded {
        by: forwarder(mail),
        from: hop.to.clone(),
        text: format!("an earlier hop came from {ip}, which SPF authorises"),
        label: Some(mail.label_at(hop.field)),
    })
}

/// A field says at which other address the message arrived before.
fn noted(mail: &Mail<'_>) -> Option<Forwarded> {
    // After delivery the receiver's own note stands there too.
    let given = mail.input.connection.ip.is_some();
    NOTES.iter().find_map(|name| {
        let label = mail.label(name)?;
        let value = mail.text(name)?;
        let address = value.split_whitespace().next_back()?.trim_matches(['<', '>', ',']).to_owned();
        let other = address.contains('@') && !is_recipient(mail, &address);
        (given && other).then(|| Forwarded {
            by: forwarder(mail),
            text: format!("{name} shows that it was sent to {address} first"),
            from: Some(address),
            label: Some(label),
        })
    })
}

/// The host that sends now received the message for another address.
fn received_for_another(mail: &Mail<'_>) -> Option<Forwarded> {
    let hop = mail.hops.first()?;
    let (by, to) = (hop.by.as_ref()?, hop.to.as_ref()?);
    let helo = Name::parse(mail.session.helo()).ok()?;
    let sends = Owners::of(mail.input).same(by, &helo);
    let other = !mail.session.rcpt_to.is_empty() && !is_recipient(mail, to);
    (sends && other).then(|| Forwarded {
        by: forwarder(mail),
        from: Some(to.clone()),
        text: format!("{by} received it for {to}, and sends it on"),
        label: Some(mail.label_at(hop.field)),
    })
}

fn is_recipient(mail: &Mail<'_>, address: &str) -> bool {
    mail.session.rcpt_to.iter().any(|to| to.eq_ignore_ascii_case(address))
}

fn forwarder(mail: &Mail<'_>) -> String {
    let session = &mail.session;
    match (session.helo(), &session.ip) {
        ("", Some(ip)) => ip.value.to_string(),
        ("", None) => "the forwarder".to_owned(),
        (helo, _) => helo.to_owned(),
    }
}

/// The original domain of a rewritten reverse-path; `None` if it was not rewritten. Not every scheme shows the domain.
pub(in super::super) fn rewritten(mail: &Mail<'_>) -> Option<(String, Option<Name>)> {
    let path = mail.session.reverse_path()?;
    let address = Address::parse(path);
    match address.form() {
        Form::Srs0(_) | Form::Srs1(_) => {
            let domain = address.form().original().and_then(|(_, host)| Name::parse(address.slice(host)).ok());
            Some(("SRS".to_owned(), domain))
        }
        Form::Malformed(_) => None,
        Form::Other => match address.dialect()? {
            dialect @ (Dialect::Microsoft { .. } | Dialect::GmailForwarding { .. }) => {
                Some((dialect.name().to_owned(), None))
            }
            _ => None,
        },
    }
}
