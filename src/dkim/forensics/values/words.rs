//! Encoded words (RFC 2047), there and back.

use crate::dkim::base64;
use crate::dkim::forensics::coding;
use crate::text::windows_1252;

/// Encoded words decoded, and the other way round (RFC 2047).
pub(super) fn words(value: &str, out: &mut Vec<String>) {
    if let Some(decoded) = decoded(value) {
        out.push(decoded.clone());
        encoded(&decoded, value, out);
        out.push(value.replace("?= =?", "?==?"));
        for (from, to) in [
            ("=?utf-8?", "=?UTF-8?"),
            ("=?UTF-8?", "=?utf-8?"),
            ("?q?", "?Q?"),
            ("?Q?", "?q?"),
            ("?b?", "?B?"),
            ("?B?", "?b?"),
        ] {
            out.push(value.replace(from, to));
        }
        out.push(value.replace("=?utf-8?q?", "=?UTF-8?Q?"));
        out.push(value.replace("=?UTF-8?Q?", "=?utf-8?q?"));
        out.push(value.replace("=?utf-8?b?", "=?UTF-8?B?"));
        out.push(value.replace("=?UTF-8?B?", "=?utf-8?b?"));
    } else if !value.is_ascii() {
        encoded(value, value, out);
    }
}

/// `value` with its encoded words decoded; `None` without one that can be.
pub(super) fn decoded(value: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    let mut found = false;
    while let Some((before, after)) = rest.split_once("=?") {
        let (word, next) = after.split_once("?=").filter(|(word, _)| word.matches('?').count() == 2).or_else(|| {
            // A Q-encoded word may start with `=`: `=?utf-8?q?=C3=BC?=` splits too early.
            let end = after.match_indices("?=").map(|(at, _)| at).find(|&at| after[..at].matches('?').count() == 2)?;
            Some((&after[..end], &after[end + 2..]))
        })?;
        let mut parts = word.split('?');
        let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
        let octets = match encoding {
            "q" | "Q" => {
                let spaced = text.replace('_', " ");
                coding::decode_quoted_printable(spaced.as_bytes()).unwrap_or_else(|| spaced.into_bytes())
            }
            "b" | "B" => base64::decode(text.as_bytes()).ok()?,
            _ => return None,
        };
        let text = match charset.to_ascii_lowercase().as_str() {
            "utf-8" | "us-ascii" => String::from_utf8(octets).ok()?,
            "iso-8859-1" | "windows-1252" => octets.iter().map(|&octet| windows_1252(octet)).collect(),
            _ => return None,
        };
        // White space between two encoded words is nothing (RFC 2047 §6.2).
        out.push_str(if found && before.trim().is_empty() { "" } else { before });
        out.push_str(&text);
        found = true;
        rest = next;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// `text` as one encoded word, and with only its words that need it encoded; first in the charset of `like`, then in
/// others.
pub(super) fn encoded(text: &str, like: &str, out: &mut Vec<String>) {
    let charset = like.split_once("=?").and_then(|(_, rest)| rest.split('?').next()).unwrap_or_default();
    let family = if charset.is_empty() { "utf-8" } else { charset };
    let (same, different): (Vec<_>, Vec<_>) =
        WRITTEN.iter().partition(|(charset, _)| charset.eq_ignore_ascii_case(family));
    let as_it_is = ["q", "b", "Q", "B"].map(|encoding| (charset, encoding));
    let as_it_is = as_it_is.into_iter().filter(|(charset, _)| !charset.is_empty());
    for (charset, encoding) in as_it_is.chain(same).chain(different) {
        let octets = |text: &str| match charset.to_ascii_lowercase().as_str() {
            "utf-8" => Some(text.as_bytes().to_vec()),
            "us-ascii" => text.is_ascii().then(|| text.as_bytes().to_vec()),
            _ => coding::from_utf8_to_latin1(text.as_bytes()),
        };
        let word = |text: &str| octets(text).map(|octets| word(charset, encoding, &octets));
        let Some(whole) = word(text) else { continue };
        out.push(whole);
        if text.contains(' ') {
            let each = |part: &str| if part.is_ascii() { Some(part.to_owned()) } else { word(part) };
            let parts: Option<Vec<String>> = text.split(' ').map(each).collect();
            out.extend(parts.map(|parts| parts.join(" ")));
        }
    }
}

/// Charsets and encodings as mailers write them.
const WRITTEN: &[(&str, &str)] = &[
    ("utf-8", "q"),
    ("UTF-8", "B"),
    ("UTF-8", "Q"),
    ("utf-8", "b"),
    ("utf-8", "Q"),
    ("utf-8", "B"),
    ("UTF-8", "q"),
    ("UTF-8", "b"),
    ("iso-8859-1", "q"),
    ("ISO-8859-1", "Q"),
    ("iso-8859-1", "Q"),
    ("iso-8859-1", "b"),
    ("ISO-8859-1", "B"),
    ("iso-8859-1", "B"),
    ("windows-1252", "Q"),
    ("Windows-1252", "Q"),
    ("windows-1252", "B"),
    ("Windows-1252", "B"),
];

fn word(charset: &str, encoding: &str, octets: &[u8]) -> String {
    let text = if encoding.eq_ignore_ascii_case("b") { base64::encode(octets) } else { q(octets) };
    format!("=?{charset}?{encoding}?{text}?=")
}

fn q(octets: &[u8]) -> String {
    let octet = |&byte: &u8| match byte {
        b' ' => "_".to_owned(),
        b'?' | b'=' | b'_' | b'"' | b'(' | b')' | b',' | b'<' | b'>' => format!("={byte:02X}"),
        33..=126 => char::from(byte).to_string(),
        byte => format!("={byte:02X}"),
    };
    octets.iter().map(octet).collect()
}
