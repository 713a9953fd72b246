//! The hops that the Received fields claim (RFC 5321 §4.4), as far as a diagnosis needs them.

use std::net::IpAddr;

use crate::Name;
use crate::message::Message;

/// One Received field. All of it is a claim of whoever wrote it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Hop {
    /// Which header field it is, counted from 0 at the top.
    pub(super) field: usize,
    /// The HELO name of the client.
    pub(super) helo: Option<String>,
    /// The client's address.
    pub(super) ip: Option<IpAddr>,
    /// The server that took the message.
    pub(super) by: Option<Name>,
    /// The recipient.
    pub(super) to: Option<String>,
}

/// Hops that are looked at; servers refuse messages with more than about 50 (RFC 5321 §6.3).
const MAX_HOPS: usize = 50;
/// Octets of one field that are looked at.
const MAX_FIELD: usize = 4_096;

/// The hops, the last first.
pub(super) fn hops(message: &Message<'_>) -> Vec<Hop> {
    message.fields_named("Received").take(MAX_HOPS).map(|field| hop(field, message.fields()[field].body())).collect()
}

/// The hops of a header section that came back in a report: the bodies of its Received fields.
pub(super) fn hops_of(bodies: &[String]) -> Vec<Hop> {
    bodies.iter().take(MAX_HOPS).map(|body| hop(0, body.as_bytes())).collect()
}

fn hop(field: usize, body: &[u8]) -> Hop {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_FIELD)]);
    // A `;` comes before the date and may stand in a comment too; what follows the last is no word of the hop.
    let text = text.rsplit_once(';').map_or(&*text, |(hop, _)| hop);
    let mut found = Hop { field, ..Hop::default() };
    let mut words = outside_comments(text).into_iter();
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "from" if found.helo.is_none() => found.helo = words.next().map(str::to_owned),
            "by" if found.by.is_none() => found.by = words.next().and_then(|host| Name::parse(host).ok()),
            "for" if found.to.is_none() => {
                found.to = words.next().map(|to| to.trim_matches(['<', '>']).to_owned()).filter(|to| to.contains('@'));
            }
            _ => {}
        }
    }
    let client = text.split_once(" by ").map_or(text, |(client, _)| client);
    found.ip = literal(client);
    found
}

/// The first address in square brackets.
fn literal(text: &str) -> Option<IpAddr> {
    text.split('[').skip(1).find_map(|after| {
        let inside = after.split_once(']')?.0;
        let plain =
            if inside.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("IPv6:")) { &inside[5..] } else { inside };
        plain.parse().ok()
    })
}

/// The words that are in no comment.
fn outside_comments(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => {
                if depth == 0 {
                    words.extend(text[start..at].split_whitespace());
                }
                depth += 1;
            }
            ')' if depth > 0 => {
                depth -= 1;
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth == 0 {
        words.extend(text[start..].split_whitespace());
    }
    words
}

/// Whether an address can be that of a client on the Internet.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified()),
        IpAddr::V6(ip) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_postfix() {
        let found = hop(
            3,
            b" from mail.a.example (mail.a.example [192.0.2.1])\r\n\tby mx.b.example (Postfix) with ESMTPS id 1\r\n\tfor <x@b.example>; Tue, 1 Sep 2026 00:00:00 +0000",
        );
        let expected = Hop {
            field: 3,
            helo: Some("mail.a.example".into()),
            ip: "192.0.2.1".parse().ok(),
            by: "mx.b.example".parse().ok(),
            to: Some("x@b.example".into()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn reads_literals_and_nonsense() {
        assert_eq!(hop(0, b"from [10.0.0.1] ([IPv6:2001:db8::1]) by x.example").ip, "10.0.0.1".parse().ok());
        assert_eq!(hop(0, b"from x (y [IPv6:2001:db8::1])\n by x.example").ip, "2001:db8::1".parse().ok());
        for text in ["", "from", "by ((((", "for )", "from a by \u{fffd} for <", "[", "[é"] {
            let _ = hop(0, text.as_bytes());
        }
        assert!(!is_public("10.1.2.3".parse().unwrap()) && is_public("192.0.2.1".parse().unwrap()));
    }
}
