//! Octets of XML to text (XML 1.0 §4.3.3).

use std::borrow::Cow;

use crate::text::{Source, windows_1252};

/// UTF-16 has its mark. All else is read as UTF-8, which is in use under every name, unless it is not UTF-8 and says to be
/// Latin-1.
pub(super) fn decoded(xml: &[u8]) -> Source {
    let pairs = |of: fn([u8; 2]) -> u16| xml[2..].chunks_exact(2).map(move |pair| of([pair[0], pair[1]])).collect();
    let units: Vec<u16> = match xml {
        [0xff, 0xfe, ..] => pairs(u16::from_le_bytes),
        [0xfe, 0xff, ..] => pairs(u16::from_be_bytes),
        _ => return by_octets(xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml)),
    };
    Source::new(&String::from_utf16_lossy(&units))
}

fn by_octets(xml: &[u8]) -> Source {
    if says_latin(xml) && std::str::from_utf8(xml).is_err() {
        return Source::new(&xml.iter().copied().map(windows_1252).collect::<String>());
    }
    Source::from_bytes(xml)
}

/// Octets in which `<?xml … encoding="…"?>` ends.
const MAX_DECLARATION: usize = 200;

fn says_latin(xml: &[u8]) -> bool {
    let start = xml.trim_ascii_start();
    let Some(end) = memchr::memmem::find(&start[..start.len().min(MAX_DECLARATION)], b"?>") else { return false };
    let declaration: Cow<'_, str> = String::from_utf8_lossy(&start[..end]);
    let Some((_, encoding)) = declaration.split_once("encoding") else { return false };
    let encoding = encoding.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '"' | '\''));
    let encoding = encoding.split(['"', '\'']).next().unwrap_or_default();
    declaration.starts_with("<?xml")
        && ["iso-8859-1", "latin1", "windows-1252", "cp1252"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_that_says_so() {
        let read = |encoding: &str, octets: &[u8]| {
            let declaration = format!("<?xml version='1.0' encoding = \"{encoding}\"?>");
            let source = decoded(&[declaration.as_bytes(), octets].concat());
            source.text()[declaration.len()..].to_owned()
        };
        assert_eq!(read("ISO-8859-1", b"B\xfccher"), "Bücher");
        assert_eq!(read("windows-1252", b"\x93B\x94\x80"), "“B”€");
        // UTF-8 under a wrong name, and what says to be UTF-8 and is not.
        assert_eq!(read("iso-8859-1", "Bücher".as_bytes()), "Bücher");
        assert_eq!(read("UTF-8", b"B\xfccher"), "B\u{fffd}cher");
        assert_eq!(decoded(b"<feedback>\xfc").text(), "<feedback>\u{fffd}");
    }
}
