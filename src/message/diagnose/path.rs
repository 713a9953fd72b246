//! The hops that the Received fields claim, as far as a diagnosis needs them.

use std::net::IpAddr;

use super::{Input, Stage};
use crate::Name;
use crate::ip::is_private;
use crate::message::{self, Message, Path, Received};

/// One Received field. All of it is a claim of whoever wrote it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Hop {
    /// Which header field it is, counted from 0 at the top.
    pub(super) field: usize,
    /// The HELO name of the client.
    pub(super) helo: Option<String>,
    /// The client's address; `None` for those that no public network has.
    pub(super) ip: Option<IpAddr>,
    /// The server that took the message.
    pub(super) by: Option<Name>,
    /// The recipient.
    pub(super) to: Option<String>,
}

/// How a message came to the receiver without a server of somebody else: there is no client then that SPF could judge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct HandedIn {
    /// Which header field shows it, counted from 0 at the top.
    pub(super) field: usize,
    /// The server that took it, as it calls itself; empty if it does not.
    pub(super) at: String,
    /// Whether the client had logged in; otherwise a program on the receiver's own hosts wrote it.
    pub(super) logged_in: bool,
    /// Whether it had been on its way before.
    pub(super) was_underway: bool,
}

/// The way that a message came. Where the session is given and no field shows it, the receiver has not written its own yet.
pub(super) fn way(input: &Input<'_>, message: &Message<'_>) -> Path {
    if input.stage == Stage::Submission {
        return Path::claims(message);
    }
    let path = Path::of(message, &input.trusted_hosts);
    let seen = path.boundary().and_then(|hop| hop.received.ip());
    match input.connection.ip {
        Some(ip)
            if input.trusted_hosts.is_empty() && seen.map(|seen| seen.to_canonical()) != Some(ip.to_canonical()) =>
        {
            Path::claims(message)
        }
        _ => path,
    }
}

/// The hop in which the receiver took the message from outside.
pub(super) fn taken(path: &Path) -> Option<Hop> {
    path.boundary().filter(|hop| !hop.received.is_fetched()).map(hop)
}

/// The hops before that, the last first.
pub(super) fn before(path: &Path) -> Vec<Hop> {
    path.claimed().iter().rev().map(hop).collect()
}

/// Whether the message was handed in, as far as the receiver's own field tells (RFC 3848). Who gives a session says that there is a
/// client; then the field has to be that of a trusted host and to show the same client, as the client can write such a field itself.
pub(super) fn handed_in(input: &Input<'_>, path: &Path) -> Option<HandedIn> {
    let hop = handing_in(path).filter(|hop| match input.connection.ip {
        Some(_) => hop.received.authenticated() && !input.trusted_hosts.is_empty() && shows(input, hop),
        None => true,
    })?;
    Some(HandedIn {
        field: hop.field,
        at: hop.received.by().unwrap_or_default().to_owned(),
        logged_in: hop.received.authenticated(),
        was_underway: !path.claimed().is_empty(),
    })
}

/// The server at which the client of the session had logged in, if the field is true that says so. Nobody named the own hosts.
pub(super) fn claimed_login(input: &Input<'_>, path: &Path) -> Option<HandedIn> {
    let is_claim = input.trusted_hosts.is_empty() && input.connection.ip.is_some();
    let hop = handing_in(path).filter(|hop| is_claim && hop.received.authenticated() && shows(input, hop))?;
    let at = hop.received.by()?.to_owned();
    Some(HandedIn { field: hop.field, at, logged_in: true, was_underway: !path.claimed().is_empty() })
}

/// The hop in which the message was handed in, if it was.
fn handing_in(path: &Path) -> Option<&message::Hop> {
    let hop = path.boundary().filter(|hop| !hop.received.is_fetched() && !hop.received.is_lmtp())?;
    (hop.received.authenticated() || hop.received.is_local()).then_some(hop)
}

/// Whether a hop shows the client of the session that was given.
fn shows(input: &Input<'_>, hop: &message::Hop) -> bool {
    let canonical = |ip: IpAddr| ip.to_canonical();
    hop.received.ip().map(canonical) == input.connection.ip.map(canonical)
}

fn hop(hop: &message::Hop) -> Hop {
    Hop { field: hop.field, ..Hop::of(&hop.received) }
}

/// The hops of a header section that came back in a report, the first one first; `bodies` are those of its Received fields.
pub(super) fn hops_of(bodies: &[String]) -> impl Iterator<Item = Hop> {
    bodies.iter().rev().map(|body| Hop::of(&Received::parse(body)))
}

impl Hop {
    fn of(received: &Received) -> Self {
        Self {
            field: 0,
            helo: received.helo().or(received.from_name()).map(str::to_owned),
            ip: received.ip().filter(|ip| !is_private(*ip)),
            by: received.by().and_then(|by| Name::parse(by).ok()),
            to: received.recipient().map(str::to_owned),
        }
    }
}
