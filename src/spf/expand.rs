//! Macro expansion (RFC 7208 §7.3).

use std::fmt::Write as _;
use std::net::IpAddr;

use super::macros::{Letter, MacroExpand, Piece, pieces};
use super::session::Session;
use crate::Timestamp;
use crate::name::MAX_NAME;

/// The values that macros stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) session: &'a Session,
    /// The current domain: that of the record in which the macro stands.
    pub(super) domain: &'a str,
    pub(super) now: Timestamp,
}

/// Appends the expansion of `text` to `out`. `validated` looks up the value of `%{p}`, which needs the DNS.
///
/// A wrong macro ends it; parsing has refused those before. What is longer than [`MAX_EXPANDED`] loses its beginning: a name is
/// cut there anyway, and an explanation is not used.
pub(super) fn expand<E>(
    text: &str,
    values: Values<'_>,
    out: &mut String,
    mut validated: impl FnMut() -> Result<String, E>,
) -> Result<(), E> {
    let mut made = String::new();
    for piece in pieces(text) {
        match piece {
            Ok(Piece::Literal(span)) => out.push_str(&text[span]),
            Ok(Piece::Percent(_)) => out.push('%'),
            Ok(Piece::Space(_)) => out.push(' '),
            Ok(Piece::UrlSpace(_)) => out.push_str("%20"),
            Ok(Piece::Expand(expand)) => {
                if expand.letter == Letter::ValidatedName {
                    made = validated()?;
                } else {
                    made.clear();
                }
                transform(values.get(expand.letter, &mut made), &expand, &text[expand.delimiters], out);
            }
            Err(_) => break,
        }
        if out.len() > 2 * MAX_EXPANDED {
            out.drain(..out.floor_char_boundary(out.len() - MAX_EXPANDED));
        }
    }
    Ok(())
}

/// Octets of an expansion of which the end is sure to be kept. A record of 64 KiB could repeat a sender 16,000 times; a name
/// has 253 octets (§7.3), and an explanation goes into replies of a few lines (§6.2).
pub(super) const MAX_EXPANDED: usize = 4_096;

impl Values<'_> {
    /// §7.2. What does not stand anywhere as text is written into `made`; the name of `%{p}` is there already.
    fn get<'v>(&'v self, letter: Letter, made: &'v mut String) -> &'v str {
        let session = self.session;
        match letter {
            Letter::Sender => return session.sender(),
            Letter::LocalPart => return session.local_part(),
            Letter::SenderDomain => return session.sender_domain(),
            Letter::Domain => return self.domain,
            Letter::Version => return if session.ip().is_ipv4() { "in-addr" } else { "ip6" },
            Letter::Helo => return session.helo(),
            Letter::Receiver => return session.receiver_name().unwrap_or(UNKNOWN),
            Letter::Ip => push_ip(session.ip(), made),
            Letter::ReadableIp => push_display(session.ip(), made),
            Letter::Time => push_display(self.now, made),
            Letter::ValidatedName => {}
        }
        made
    }
}

/// §7.3: what stands for a value that is not known.
pub(super) const UNKNOWN: &str = "unknown";

fn push_display(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// Octets of the longest: 32 nibbles and what parts them.
const ROOM_FOR_IP: usize = 63;

/// §7.3: dotted quad, or 32 nibbles with dots between.
fn push_ip(ip: IpAddr, out: &mut String) {
    out.reserve(ROOM_FOR_IP);
    match ip {
        IpAddr::V4(v4) => {
            for (i, octet) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push('.');
                }
                push_octet(octet, out);
            }
        }
        IpAddr::V6(v6) => {
            for (i, byte) in v6.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push('.');
                }
                out.push(hex_digit(byte >> 4));
                out.push('.');
                out.push(hex_digit(byte & 15));
            }
        }
    }
}

/// Decimal. `%{i}` stands in most macro-strings, and formatting it was a fifth of their expansion.
fn push_octet(octet: u8, out: &mut String) {
    if octet >= 100 {
        out.push(char::from(b'0' + octet / 100));
    }
    if octet >= 10 {
        out.push(char::from(b'0' + octet / 10 % 10));
    }
    out.push(char::from(b'0' + octet % 10));
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble & 15)])
}

/// §7.3: split, reverse, keep the rightmost parts, join with dots, escape.
pub(super) fn transform(value: &str, expand: &MacroExpand, delimiters: &str, out: &mut String) {
    if !expand.reverse && expand.keep.is_none() && matches!(delimiters, "" | ".") {
        return push_part(value, expand.url_escape, out);
    }
    let delimiters = delimiters.as_bytes();
    let is_delimiter = |b: &u8| if delimiters.is_empty() { *b == b'.' } else { delimiters.contains(b) };
    let value = value.as_bytes();
    let count = value.iter().filter(|b| is_delimiter(b)).count() + 1;
    let skipped = expand.keep.map_or(0, |keep| count.saturating_sub(keep as usize));
    if expand.reverse {
        push_parts(value.rsplit(is_delimiter).skip(skipped), expand.url_escape, out);
    } else {
        push_parts(value.split(is_delimiter).skip(skipped), expand.url_escape, out);
    }
}

fn push_parts<'a>(parts: impl Iterator<Item = &'a [u8]>, url_escape: bool, out: &mut String) {
    for (i, part) in parts.enumerate() {
        if i > 0 {
            out.push('.');
        }
        // Delimiters are ASCII, so what stands between them is whole characters.
        push_part(std::str::from_utf8(part).unwrap_or_default(), url_escape, out);
    }
}

/// §7.3: upper-case letters escape all but RFC 3986 unreserved characters.
fn push_part(part: &str, url_escape: bool, out: &mut String) {
    if !url_escape {
        out.push_str(part);
        return;
    }
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// §7.3: a name of more than 253 characters loses labels on the left until it fits.
pub(super) fn shortened(name: &str) -> &str {
    if name.len() <= MAX_NAME {
        return name;
    }
    let fits = memchr::memchr_iter(b'.', name.as_bytes()).find(|dot| name.len() - dot - 1 <= MAX_NAME);
    fits.map_or("", |dot| &name[dot + 1..])
}

/// Whether a macro-string shows the sender's local-part (RFC 8616 §4: such a term does not match one that is not ASCII).
pub(super) fn shows_local_part(text: &str) -> bool {
    pieces(text)
        .any(|piece| matches!(piece, Ok(Piece::Expand(MacroExpand { letter: Letter::Sender | Letter::LocalPart, .. }))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expands(ip: &str, text: &str, to: &str) {
        let session = Session::new(ip.parse().unwrap(), "mx.example.org", "strong-bad@email.example.com");
        let values = Values { session: &session, domain: "email.example.com", now: Timestamp(7) };
        let mut out = String::new();
        expand(text, values, &mut out, || Ok::<_, ()>("mx.example.org".to_owned())).unwrap();
        assert_eq!(out, to, "{text}");
    }

    #[test]
    fn section_7_4() {
        for (text, to) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l-}", "strong.bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{S}", "strong-bad%40email.example.com"),
            ("%{p}%%%_%-%{t}", "mx.example.org% %207"),
        ] {
            expands("192.0.2.3", text, to);
        }
        expands("2001:db8::cb01", "%{ir}.%{v}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6");
        expands("2001:db8::cb01", "%{c}", "2001:db8::cb01");
    }

    /// However often a record repeats a long sender, no more is kept than a reply or a name could need; the end is whole.
    #[test]
    fn only_the_end_of_a_long_expansion_is_kept() {
        let session =
            Session::new([192, 0, 2, 3].into(), "mx.example.org", &format!("{}@example.com", "é".repeat(400)));
        let values = Values { session: &session, domain: "example.com", now: Timestamp(7) };
        let mut out = String::new();
        expand(&("%{l}".repeat(1_000) + ".end.example"), values, &mut out, || Ok::<_, ()>(String::new())).unwrap();
        assert!((MAX_EXPANDED..=2 * MAX_EXPANDED).contains(&out.len()), "{}", out.len());
        assert!(out.ends_with("éé.end.example"));
    }

    #[test]
    fn octets_are_decimal() {
        for octet in 0..=255 {
            let mut out = String::new();
            push_octet(octet, &mut out);
            assert_eq!(out, octet.to_string());
        }
    }

    #[test]
    fn long_names_lose_labels_on_the_left() {
        let long = format!("{}.{}.{}", "a".repeat(60), "b".repeat(60), "cc.".repeat(80)) + "example";
        assert_eq!(shortened(&long), &long[122..]);
        assert_eq!(shortened(&long).len(), 247);
        assert_eq!(shortened(&"x".repeat(300)), "");
    }
}
