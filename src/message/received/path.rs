//! The path of a message: its hops in the order in which it went, and how far they can be believed.

use std::net::IpAddr;

use super::Received;
use crate::Name;
use crate::ip::is_private;
use crate::message::Message;
use crate::text::Source;

/// The path of a message.
///
/// Each server writes its Received field above those that are there (RFC 5321 §4.4), so whoever sends a message can put
/// any number below. Believed are the fields from the top, down to the one in which a trusted server took the message from
/// somebody else: its client is who sent the message here. All below is what that client says.
///
/// ```
/// use mailproof::message::{Message, Path};
///
/// let message = Message::parse(b"Received: from mx.d.example (mx.d.example [10.0.0.1]) by store.d.example with LMTP; Thu, 1 Jan 2026 10:00:09 +0000\r
/// Received: from out (out.esp.example [192.0.2.1]) by mx.d.example with ESMTPS; Thu, 1 Jan 2026 10:00:05 +0000\r
/// Received: from pc ([198.51.100.1]) by out.esp.example with ESMTPA; Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n");
/// let path = Path::of(&message, &[]);
/// assert_eq!(path.hops().len(), 3);
/// assert_eq!(path.hops()[1].delay, Some(5));
/// let boundary = path.boundary().expect("a trusted hop");
/// assert_eq!((boundary.received.ip(), boundary.received.helo()), (Some("192.0.2.1".parse()?), Some("out")));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Path {
    hops: Vec<Hop>,
    trusted: usize,
}

/// One Received field.
///
/// ```
/// use mailproof::message::{Message, Path};
///
/// let message = Message::parse(b"Received: from out.d.example by mx.r.example; Thu, 1 Jan 2026 11:00:00 +0000\r\n\
///     Received: from pc by out.d.example; Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n");
/// let path = Path::of(&message, &[]);
/// // The message lay for an hour at out.d.example.
/// let last = &path.hops()[1];
/// assert_eq!((last.field, last.received.by(), last.delay), (0, Some("mx.r.example"), Some(3_600)));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hop {
    /// Which header field it is, counted from 0 at the top.
    pub field: usize,
    /// What it says.
    pub received: Received,
    /// Seconds since the hop before it that has a date; negative if a clock was wrong.
    pub delay: Option<i64>,
}

impl Path {
    /// The path of `message`. `trusted` are hosts whose Received fields are believed; each stands for the names below it
    /// too. If there are none, the uppermost field is believed, because the receiver wrote it.
    pub fn of(message: &Message<'_>, trusted: &[Name]) -> Self {
        let mut hops: Vec<Hop> = message
            .fields_named("Received")
            .rev()
            .map(|field| {
                let source = Source::from_bytes(message.fields()[field].body());
                Hop { field, received: Received::from_source(source), delay: None }
            })
            .collect();
        let mut last = None;
        for hop in &mut hops {
            let Some(at) = hop.received.date else { continue };
            hop.delay = last.map(|before: u64| at.0.cast_signed().saturating_sub(before.cast_signed()));
            last = Some(at.0);
        }
        let trusted = count_trusted(&hops, trusted);
        Self { hops, trusted }
    }

    /// The path of a message to which the receiver has not added its own field yet: no hop is believed.
    ///
    /// ```
    /// use mailproof::message::{Message, Path};
    ///
    /// let message = Message::parse(b"Received: from pc ([198.51.100.1]) by out.esp.example with ESMTPA; x\r\n\r\n");
    /// let path = Path::claims(&message);
    /// assert_eq!((path.claimed().len(), path.boundary()), (1, None));
    /// ```
    pub fn claims(message: &Message<'_>) -> Self {
        Self { trusted: 0, ..Self::of(message, &[]) }
    }

    /// With the hop before [`Path::boundary`] believed too.
    #[cfg(feature = "crypto")]
    pub(crate) fn with_one_more(self) -> Self {
        Self { trusted: (self.trusted + 1).min(self.hops.len()), ..self }
    }

    /// The hops in the order in which the message went: the origin first, the receiver last.
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// The hops that are believed: the last of [`Path::hops`].
    ///
    /// ```
    /// use mailproof::message::{Message, Path};
    ///
    /// let message = Message::parse(b"Received: from mx.r.example by in.r.example; Thu, 1 Jan 2026 10:00:09 +0000\r\n\
    ///     Received: from out.d.example by mx.r.example; Thu, 1 Jan 2026 10:00:05 +0000\r\n\
    ///     Received: from pc by mx.r.example; Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n");
    /// let path = Path::of(&message, &["in.r.example".parse()?]);
    /// // Nothing shows that mx.r.example belongs to the receiver, so only the uppermost field is believed.
    /// assert_eq!((path.trusted().len(), path.claimed().len()), (1, 2));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn trusted(&self) -> &[Hop] {
        &self.hops[self.hops.len() - self.trusted..]
    }

    /// The hops of which only the client tells.
    pub fn claimed(&self) -> &[Hop] {
        &self.hops[..self.hops.len() - self.trusted]
    }

    /// The hop in which a trusted server took the message from outside: its client's address is the one that SPF checks.
    pub fn boundary(&self) -> Option<&Hop> {
        self.trusted().first()
    }
}

/// How many hops from the top are believed.
fn count_trusted(hops: &[Hop], hosts: &[Name]) -> usize {
    let mut count = 0;
    for (at, hop) in hops.iter().enumerate().rev() {
        let by = hop.received.by().and_then(|by| Name::parse(by).ok());
        let is_host = |name: &Name| hosts.iter().any(|host| name.is_within(host));
        if !hosts.is_empty() && !by.as_ref().is_some_and(is_host) {
            break;
        }
        count += 1;
        let below = at.checked_sub(1).map(|below| &hops[below].received);
        if !comes_from_inside(&hop.received, by.as_ref(), below, is_host) {
            break;
        }
    }
    count
}

/// Whether the client belongs to the server's own house, so that the field below was written there too.
fn comes_from_inside(
    received: &Received,
    by: Option<&Name>,
    below: Option<&Received>,
    is_host: impl Fn(&Name) -> bool,
) -> bool {
    // A step inside one host, such as Gmail's `by 2002:a05:… with SMTP` and qmail's own notes.
    if received.spans.from.is_none() {
        return true;
    }
    // RFC 2033: LMTP brings mail to its store; Cyrus calls it LMTPA.
    if received.is_lmtp() {
        return true;
    }
    // Whoever logs in is a client, wherever it stands.
    if received.authenticated {
        return false;
    }
    if received.ip.is_some_and(is_private) || received.is_fetched() || is_within_exchange_online(received, by) {
        return true;
    }
    // HELO is what the client says; the reverse name was looked up.
    let Some(name) = received.reverse_name().and_then(|name| Name::parse(name).ok()) else { return false };
    let written_below = below.and_then(Received::by).and_then(|by| Name::parse(by).ok());
    is_host(&name) || written_below.as_ref() == Some(&name) && by.is_some_and(|by| takes_mail_beside(&name, by))
}

/// Whether a host stands directly beside the server and is called after taking mail in, as `mx2.d.example` beside `store.d.example`.
/// Providers have their customers' hosts below the same domain, and what sends out for customers: what comes from those came
/// from outside, though the names end alike. They may begin alike too: only a number or a single letter may stand behind the role.
fn takes_mail_beside(name: &Name, server: &Name) -> bool {
    const ROLES: &[&str] = &[
        "mx",
        "in",
        "inbound",
        "incoming",
        "gw",
        "gateway",
        "mailgw",
        "edge",
        "filter",
        "mailfilter",
        "scan",
        "av",
        "antispam",
        "antivirus",
        "lb",
    ];
    let Some((first, above)) = name.as_str().split_once('.') else { return false };
    let is_role = |role: &&str| first.strip_prefix(role).is_some_and(only_counts);
    let is_beside = server.as_str().split_once('.').is_some_and(|(_, of_server)| of_server == above);
    is_beside && above.contains('.') && ROLES.iter().any(is_role)
}

/// Whether what stands behind a role only tells one host from the next: `2`, `-2` or `-b`.
fn only_counts(behind: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match behind.strip_prefix('-') {
        Some(after) => {
            matches!(after.as_bytes(), [byte] if byte.is_ascii_alphabetic()) || !after.is_empty() && is_number(after)
        }
        None => is_number(behind),
    }
}

/// Exchange Online writes no reverse names. Between its servers it uses addresses of 2603:1006::/32, 2603:1016::/32 … that it
/// sends to nobody else from.
fn is_within_exchange_online(received: &Received, by: Option<&Name>) -> bool {
    let microsoft = |name: &Name| {
        let end = name.suffix(2);
        ["outlook.com", "office365.com", "exchangelabs.com"].contains(&end.as_str())
    };
    let internal = matches!(received.ip, Some(IpAddr::V6(ip)) if {
        let [first, second, ..] = ip.segments();
        first == 0x2603 && second & 0xff0f == 0x1006
    });
    internal && by.is_some_and(microsoft)
}
