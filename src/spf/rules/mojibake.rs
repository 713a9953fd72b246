//! Characters that a program wrote in one encoding and another one reads in another: bytes of Windows-1252 that are no UTF-8, and
//! UTF-8 that was taken for Windows-1252 and stored again, `â€“` for a dash.

use super::Context;
use crate::finding::Edit;
use crate::text::Span;

/// Bytes that are not UTF-8, read as Windows-1252: old panels store dashes, quotes and umlauts so.
pub(super) fn decode(cx: &Context<'_>) -> Vec<Edit> {
    let invalid = cx.record.source().invalid_bytes();
    let read = |&(at, byte): &(u32, u8)| {
        let c = windows_1252(byte)?;
        Some(Edit::replace(Span::new(at as usize, at as usize + '\u{fffd}'.len_utf8()), c))
    };
    invalid.iter().filter_map(read).collect()
}

/// What the octets from 0x80 on are in Windows-1252, which else is Latin-1; NUL for those that it leaves out.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '\u{2018}', '\u{2019}',
    '\u{201c}', '\u{201d}', '•', '\u{2013}', '\u{2014}', '\u{2dc}', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => Some(WINDOWS_1252[usize::from(byte - 0x80)]).filter(|c| *c != '\0'),
        byte => Some(char::from(byte)),
    }
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

/// The octet that was read as `c`; the five that Windows-1252 leaves out are read as controls.
fn octet(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0x80..=0xff => u8::try_from(code).ok(),
        _ => WINDOWS_1252.iter().position(|known| *known == c && c != '\0').and_then(|at| u8::try_from(0x80 + at).ok()),
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
