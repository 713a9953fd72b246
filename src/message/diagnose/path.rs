//! The hops that the Received fields claim, as far as a diagnosis needs them.

use std::net::IpAddr;

use crate::Name;
use crate::message::{self, Message, Path, Received, is_private};

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

/// Hops that are looked at: Postfix refuses messages with more than 50, and RFC 5321 §6.3 has servers take about 100.
const MAX_HOPS: usize = 50;

/// The hops before the session, the last first; with the hop that shows the session where it was not given: the one in
/// which the receiver took the message from outside.
pub(super) fn hops(message: &Message<'_>, session_is_given: bool) -> (Option<Hop>, Vec<Hop>) {
    let path = Path::of(message, &[]);
    let (session, before) = if session_is_given { (None, path.hops()) } else { (path.boundary(), path.claimed()) };
    let hop = |hop: &message::Hop| Hop { field: hop.field, ..Hop::of(&hop.received) };
    (session.map(hop), before.iter().rev().take(MAX_HOPS).map(hop).collect())
}

/// The hops of a header section that came back in a report: the bodies of its Received fields, the last first.
pub(super) fn hops_of(bodies: &[String]) -> Vec<Hop> {
    bodies.iter().take(MAX_HOPS).map(|body| Hop::of(&Received::parse(body))).collect()
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
