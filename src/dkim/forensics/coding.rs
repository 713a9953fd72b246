//! Content-transfer-encodings (RFC 2045 §6) and charsets, there and back.

use crate::dkim::base64;
use crate::message::mime::quoted_printable;
use crate::text::{to_windows_1252, windows_1252};

/// Quoted-printable undone; `None` if nothing in it was encoded, or it is none.
pub(super) fn decode_quoted_printable(text: &[u8]) -> Option<Vec<u8>> {
    let read = quoted_printable(text);
    (read.encoded > 0 && read.stray == 0).then_some(read.octets)
}

/// How an encoder of quoted-printable goes about it; the standard leaves it free.
#[derive(Clone, Copy)]
pub(super) struct Habit {
    /// Characters in a line, the `=` of a soft line break included.
    pub(super) width: usize,
    /// Whether lines start with an encoded `.` and `From `.
    pub(super) careful: bool,
    /// Whether hexadecimal digits are upper case, as RFC 2045 wants.
    pub(super) upper: bool,
}

pub(super) fn encode_quoted_printable(text: &[u8], habit: Habit) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    for (count, line) in split_lines(text).enumerate() {
        if count > 0 {
            out.extend_from_slice(b"\r\n");
        }
        let mut column = 0;
        for (at, &byte) in line.iter().enumerate() {
            let last = at + 1 == line.len();
            let space = matches!(byte, b' ' | b'\t');
            let from = habit.careful && at == 0 && (byte == b'.' || line.starts_with(b"From "));
            let plain = (33..=126).contains(&byte) && byte != b'=' && !from || (space && !last);
            let octets = if plain { 1 } else { 3 };
            if column + octets > habit.width - usize::from(!last) {
                out.extend_from_slice(b"=\r\n");
                column = 0;
            }
            if plain {
                out.push(byte);
            } else {
                let digits: &[u8; 16] = if habit.upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
                out.extend_from_slice(&[b'=', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
            }
            column += octets;
        }
    }
    out
}

/// Lines without CRLF; after the last line end comes an empty one.
fn split_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Base64 undone, if all of `text` is base64 in lines.
pub(super) fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let plausible =
        text.len() >= 8 && text.iter().take(200).all(|&b| b.is_ascii_alphanumeric() || b"+/=\r\n".contains(&b));
    plausible.then(|| base64::decode(text).ok()).flatten().filter(|octets| !octets.is_empty())
}

pub(super) fn encode_base64(octets: &[u8], width: usize) -> Vec<u8> {
    let text = base64::encode(octets);
    let mut out = Vec::with_capacity(text.len() + text.len() / 32 + 2);
    for line in text.as_bytes().chunks(width) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// What was Windows-1252, or the ISO-8859-1 in it, before somebody made UTF-8 of it.
pub(super) fn from_utf8_to_latin1(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii())?;
    text.chars().map(to_windows_1252).collect()
}

/// What was UTF-8 before somebody made Windows-1252 of it, or ISO-8859-1.
pub(super) fn from_latin1_to_utf8(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_ascii() || std::str::from_utf8(text).is_ok() {
        return None;
    }
    Some(text.iter().map(|&octet| windows_1252(octet)).collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable() {
        let habit = Habit { width: 76, careful: false, upper: true };
        let text = "Größe = 1 \r\n".repeat(3) + &"x".repeat(100) + "\r\n";
        let encoded = encode_quoted_printable(text.as_bytes(), habit);
        assert!(encoded.starts_with(b"Gr=C3=B6=C3=9Fe =3D 1=20\r\n"));
        assert_eq!(decode_quoted_printable(&encoded).unwrap(), text.as_bytes());
        assert!(encoded.split(|&b| b == b'\n').all(|line| line.len() <= 77));
        assert_eq!(decode_quoted_printable(b"a=b c"), None);
    }

    #[test]
    fn charsets() {
        assert_eq!(from_utf8_to_latin1("a ü –".as_bytes()).unwrap(), b"a \xfc \x96");
        assert_eq!(from_latin1_to_utf8(b"a \xfc \x96").unwrap(), "a ü –".as_bytes());
        let letters = "Š Œ ž † ‰ ƒ Ÿ".as_bytes();
        assert_eq!(from_latin1_to_utf8(&from_utf8_to_latin1(letters).unwrap()).unwrap(), letters);
    }

    proptest::proptest! {
        #[test]
        fn any_octets(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = (decode_quoted_printable(&text), decode_base64(&text), from_latin1_to_utf8(&text));
            for width in [10, 76] {
                encode_quoted_printable(&text, Habit { width, careful: true, upper: false });
            }
        }
    }
}
