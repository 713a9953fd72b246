//! Whether somebody sent the message on.

use super::{Client, Owners, client};
use crate::Name;
use crate::finding::Label;
use crate::message::diagnose::checks::Checks;
use crate::message::diagnose::mail::Mail;
use crate::order;
use crate::srs::{Address, Dialect, Form};

/// Who sent the message on, and what shows it.
#[derive(Clone, Debug)]
pub(in super::super) struct Forwarded {
    /// The host or domain that did.
    pub(in super::super) by: String,
    /// What shows it.
    pub(in super::super) text: String,
    /// Where that stands.
    pub(in super::super) label: Option<Label>,
}

/// Fields in which a forwarder notes the address at which it got the message.
const NOTES: &[&str] = &["Delivered-To", "X-Forwarded-To", "X-Forwarded-For", "X-Original-To", "Resent-From"];

pub(in super::super) fn forwarded(mail: &Mail<'_>, checks: &Checks) -> Option<Forwarded> {
    // A relay of the author's own domain sends nothing on: it belongs there.
    if mail.author_domain().is_some_and(|author| client(mail, checks, author) != Client::Other) {
        return None;
    }
    authorised_before(mail, checks).or_else(|| noted(mail)).or_else(|| received_for_another(mail))
}

/// Whether the host that sends now wrote the uppermost hop, so that the hop is more than what a stranger put there.
pub(in super::super) fn wrote_last_hop(mail: &Mail<'_>) -> bool {
    let by = mail.hops.first().and_then(|hop| hop.by.as_ref());
    let helo = Name::parse(mail.session.helo()).ok();
    by.zip(helo.as_ref()).is_some_and(|(by, helo)| Owners::of(mail.input).same(by, helo))
}

/// SPF authorises the client of an earlier hop: it was in order there.
fn authorised_before(mail: &Mail<'_>, checks: &Checks) -> Option<Forwarded> {
    let hop = checks.authorised_hop.as_ref()?;
    let ip = hop.ip?;
    Some(Forwarded {
        by: forwarder(mail),
        text: format!("an earlier hop came from {ip}, which SPF authorises"),
        label: Some(mail.label_at(hop.field)),
    })
}

/// A field says at which other address the message arrived before.
fn noted(mail: &Mail<'_>) -> Option<Forwarded> {
    // After delivery the receiver's own note stands above its own hop.
    let after = mail.path.boundary().map(|hop| hop.field);
    let notes = NOTES.iter().flat_map(|name| mail.message.fields_named(name).map(move |at| (name, at)));
    let recipients = order::set(mail.session.rcpt_to.iter().map(|to| to.to_ascii_lowercase()));
    notes.filter(|(_, at)| after.is_none_or(|hop| *at > hop)).find_map(|(name, at)| {
        let value = String::from_utf8_lossy(mail.message.fields()[at].body());
        let address = value.split_whitespace().next_back()?.trim_matches(['<', '>', ',']);
        let other = address.contains('@') && !recipients.contains(&address.to_ascii_lowercase());
        other.then(|| Forwarded {
            by: forwarder(mail),
            text: format!("{name} shows that it was sent to {address} first"),
            label: Some(mail.label_at(at)),
        })
    })
}

/// The host that sends now received the message for another address.
fn received_for_another(mail: &Mail<'_>) -> Option<Forwarded> {
    let hop = mail.hops.first()?;
    let (by, to) = (hop.by.as_ref()?, hop.to.as_ref()?);
    let other = !mail.session.rcpt_to.is_empty() && !is_recipient(mail, to);
    (other && wrote_last_hop(mail)).then(|| Forwarded {
        by: forwarder(mail),
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
        Form::Other => match address.dialect() {
            Some(dialect @ (Dialect::Microsoft { .. } | Dialect::GmailForwarding { .. })) => {
                Some((dialect.name().to_owned(), None))
            }
            _ => own_address(mail, path),
        },
    }
}

/// Some redirects put the address of the mailbox that they belong to into the return path.
fn own_address(mail: &Mail<'_>, path: &str) -> Option<(String, Option<Name>)> {
    let is_to = |to: &String| to.eq_ignore_ascii_case(path);
    let redirects = mail.hops.iter().any(|hop| hop.to.as_ref().is_some_and(is_to)) && !is_recipient(mail, path);
    let domain = path.rsplit_once('@').and_then(|(_, domain)| Name::parse(domain).ok());
    let is_author = domain.as_ref() == mail.author_domain();
    (redirects && !is_author).then(|| ("the address of the mailbox that redirects".to_owned(), None))
}
