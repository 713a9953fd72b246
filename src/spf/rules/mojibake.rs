//! Characters that a program wrote in one encoding and another one reads in another: bytes of Windows-1252 that are no UTF-8, and
//! UTF-8 that was taken for Windows-1252 and stored again, `â€“` for a dash.

use super::Context;
use crate::finding::Edit;
use crate::text::{Span, to_windows_1252, windows_1252};

/// Bytes that are not UTF-8, read as Windows-1252: old panels store dashes, quotes and umlauts so.
pub(super) fn decode(cx: &Context<'_>) -> Vec<Edit> {
    let invalid = cx.record.source().invalid_bytes();
    let read = |&(at, byte): &(u32, u8)| {
        // Five octets stand for nothing there.
        let c = Some(windows_1252(byte)).filter(|c| !c.is_control())?;
        Some(Edit::replace(Span::new(at as usize, at as usize + '\u{fffd}'.len_utf8()), c))
    };
    invalid.iter().filter_map(read).collect()
}

/// The character whose UTF-8 octets `text` begins with, each as a character of its own, and how long they are as they stand.
pub(super) fn misread(text: &str) -> Option<(char, usize)> {
    let mut chars = text.chars();
    let lead = octet(chars.next()?)?;
    let more = match lead {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        _ => return None,
    };
    let mut octets = vec![lead];
    for c in chars.by_ref().take(more) {
        octets.push(octet(c)?);
    }
    let meant = std::str::from_utf8(&octets).ok()?.chars().next()?;
    Some((meant, text.len() - chars.as_str().len()))
}

/// The octet that was read as `c`, in Windows-1252 or in Latin-1.
fn octet(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0x80..=0xff => u8::try_from(code).ok(),
        0..0x80 => None,
        _ => to_windows_1252(c),
    }
}

#[cfg(test)]
mod tests {
    use super::misread;

    #[test]
    fn octets_are_put_together() {
        assert_eq!(misread("Â\u{a0}-all"), Some(('\u{a0}', 4)));
        assert_eq!(misread("â€“all"), Some(('–', 8)));
        assert_eq!(misread("â\u{80}\u{93}"), Some(('–', 6)));
        assert_eq!(misread("ï»¿v=spf1"), Some(('\u{feff}', 6)));
        assert_eq!(misread("Ã¼"), Some(('ü', 4)));
        for text in ["", "a", "Â", "Âb", "â€", "ü", "–", "\u{a0}"] {
            assert_eq!(misread(text), None, "{text:?}");
        }
    }
}
