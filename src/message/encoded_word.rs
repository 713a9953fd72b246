//! Encoded-words (RFC 2047): `=?utf-8?B?…?=` in display names and comments, turned into text.

use std::borrow::Cow;

use super::mime::quoted_printable;
use crate::text::{iso_8859_15, windows_1252};

/// `text` with its encoded-words decoded; white space between two of them is left out (RFC 2047 §6.2).
///
/// What is not an encoded-word, or is in a charset other than UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15 or Windows-1252, stays as it is.
///
/// ```
/// use mailproof::message::decode_words;
///
/// assert_eq!(decode_words("=?utf-8?B?w6k=?= =?iso-8859-1?Q?=E9_x?="), "éé x");
/// assert_eq!(decode_words("=?x-unknown?Q?a?="), "=?x-unknown?Q?a?=");
/// ```
pub fn decode_words(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let between = &rest[..at];
        match word(&rest[at..]) {
            Some((decoded, length)) => {
                if !(after_word && between.bytes().all(|b| b.is_ascii_whitespace())) {
                    out.push_str(between);
                }
                out.push_str(&decoded);
                rest = &rest[at + length..];
                after_word = true;
            }
            None => {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
                after_word = false;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text of the encoded-word at the start, and its length. It may be longer than the 75 octets of RFC 2047 §2: mail programs show those
/// too. No search goes farther than the third question mark, so all of them together see each octet a few times.
fn word(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let charset_end = 2 + memchr::memchr(b'?', &bytes[2..])?;
    let encoding = bytes.get(charset_end + 1)?.to_ascii_uppercase();
    if bytes.get(charset_end + 2) != Some(&b'?') {
        return None;
    }
    let start = charset_end + 3;
    let end = start + memchr::memchr(b'?', bytes.get(start..)?)?;
    if bytes.get(end + 1) != Some(&b'=') {
        return None;
    }
    let octets = match encoding {
        b'B' => base64(&bytes[start..end])?,
        b'Q' => quoted(&bytes[start..end]),
        _ => return None,
    };
    // RFC 2231 §5: a language may follow the charset.
    let charset = text.get(2..charset_end)?.split('*').next()?;
    Some((in_charset(octets, charset)?, end + 2))
}

fn in_charset(octets: Vec<u8>, charset: &str) -> Option<String> {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(charset));
    if is(&["utf-8", "utf8", "us-ascii", "ascii"]) {
        return Some(
            String::from_utf8(octets).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        );
    }
    let of: fn(u8) -> char = match () {
        () if is(&["iso-8859-1", "latin1", "windows-1252", "cp1252"]) => windows_1252,
        () if is(&["iso-8859-15", "latin9"]) => iso_8859_15,
        () => return None,
    };
    Some(octets.into_iter().map(of).collect())
}

/// Base64 with or without its padding; `None` if it holds anything else.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// RFC 2047 §4.2: `_` is a space, `=XX` an octet.
fn quoted(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
    quoted_printable(&spaced).octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_an_address() {
        assert_eq!(decode_words("=?utf-8?B?ImNlb0BiYW5rLmV4YW1wbGUi?= x"), "\"ceo@bank.example\" x");
        assert_eq!(decode_words("a =?utf-8?q?b=40c?= d"), "a b@c d");
    }

    /// RFC 2047 §6.2: a charset that is not known is shown as it stands.
    #[test]
    fn charsets() {
        assert_eq!(decode_words("=?ISO-8859-1?Q?Andr=E9?= =?iso-8859-1*fr?B?6Q==?="), "Andréé");
        assert_eq!(decode_words("=?windows-1252?Q?=80_5_=96_=93x=94?="), "€ 5 – “x”");
        assert_eq!(decode_words("=?iso-8859-15?Q?=A4_5_=E9?="), "€ 5 é");
        assert_eq!(decode_words("=?UTF-8?Q?=E9?="), "\u{fffd}");
        assert_eq!(decode_words("=?koi8-r?Q?=E9?="), "=?koi8-r?Q?=E9?=");
    }

    #[test]
    fn broken_words_stay() {
        for text in [
            "=?",
            "=?utf-8",
            "=?utf-8?B",
            "=?utf-8?B?",
            "=?utf-8?B?é",
            "=?utf-8?B?a?",
            "=?utf-8?X?a?=",
            "=?utf-8?B?*?=",
        ] {
            assert_eq!(decode_words(text), text);
        }
        assert_eq!(decode_words("=?=?utf-8?q?a?="), "=?a");
    }
}
