//! What all tag-lists of DKIM have in common (RFC 6376 §3.2): a fault of the list makes all of it invalid.

use crate::tag_list::{Kind, is_tag_name, segments, trimmed};
use crate::text::Span;

/// A tag as written.
///
/// ```
/// use mailproof::dkim::Key;
///
/// // Tags that nobody knows are kept too.
/// let record = "v=DKIM1; p=; note=rotated in May";
/// let key = Key::parse(&record.into());
/// let tags: Vec<_> = key.tags.iter().map(|tag| (&record[tag.name], &record[tag.value])).collect();
/// assert_eq!(tags, [("v", "DKIM1"), ("p", ""), ("note", "rotated in May")]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tag {
    /// Its name.
    pub name: Span,
    /// Its value, without white space at its ends.
    pub value: Span,
}

/// What is wrong with the list itself.
///
/// ```
/// use mailproof::dkim::{Key, ListFault, key_defect::DefectKind};
///
/// // Of two tags with one name neither counts: all of the list is invalid (RFC 6376 §3.2).
/// let record = "v=DKIM1; k=rsa; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// let key = Key::parse(&record.into());
/// let DefectKind::List(ListFault::Duplicate { first }) = key.defects[0].kind else { panic!() };
/// assert_eq!((&record[first], first.start), ("k", 9));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ListFault {
    /// Text without `=`.
    NotATag,
    /// Nothing between two semicolons.
    Empty,
    /// The name is empty or has characters that no name may have.
    Name,
    /// The name stands there for the second time.
    Duplicate {
        /// Where it stood first.
        first: Span,
    },
    /// More tags than are read come before it.
    TooMany,
}

/// The tags of `text` in order, each name once, and the faults of the list.
pub(crate) fn read(text: &str, mut fault: impl FnMut(ListFault, Span)) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::with_capacity(16);
    let mut seen = 0;
    let mut segments = segments(text);
    while let Some(segment) = segments.step() {
        let (name, value) = match segment.kind {
            Kind::Tag { name, value } => (name, value),
            Kind::Word => {
                fault(ListFault::NotATag, segment.span);
                continue;
            }
            Kind::Empty => {
                fault(ListFault::Empty, segment.span);
                continue;
            }
        };
        let written = &text[name];
        if !is_tag_name(written) {
            fault(ListFault::Name, name);
            continue;
        }
        // Each tag is compared with those before it; hostile lists end here, before that becomes quadratic.
        if tags.len() == MAX_TAGS {
            fault(ListFault::TooMany, Span::new(segment.span.start as usize, text.len()));
            break;
        }
        let kind = name_kind(written);
        let first = if seen & kind == 0 { None } else { tags.iter().find(|tag| &text[tag.name] == written) };
        seen |= kind;
        match first {
            Some(first) => fault(ListFault::Duplicate { first: first.name }, name),
            None => tags.push(Tag { name, value }),
        }
    }
    tags
}

/// One bit that equal names have in common, and different ones rarely: a name whose bit is new stands there for the first time.
fn name_kind(name: &str) -> u64 {
    let first = name.bytes().next().unwrap_or_default();
    1 << (u32::from(first & 31) + if name.len() > 1 { 32 } else { 0 })
}

/// Tags in one list. The standards define 14 for signatures and 8 for keys.
pub(crate) const MAX_TAGS: usize = 200;

/// The parts of `value` between `separator`s, without folding white space around each.
pub(crate) fn parts(text: &str, value: Span, separator: u8) -> impl Iterator<Item = Span> {
    let end = value.end as usize;
    let mut next = Some(value.start as usize);
    std::iter::from_fn(move || {
        let start = next?;
        let length = text.as_bytes()[start..end].iter().position(|&b| b == separator);
        next = length.map(|length| start + length + 1);
        let part = trimmed(text, start, length.map_or(end, |length| start + length));
        Some(if part.is_empty() { Span::at(start) } else { part })
    })
}

/// The number that `text` writes in at most `digits` digits; one too great for 64 bits is the greatest there is.
pub(crate) fn number(text: &str, digits: usize) -> Option<u64> {
    if text.is_empty() || text.len() > digits || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// dkim-quoted-printable (§2.11): white space is dropped, `=XX` decoded. `None` if an `=` is not followed by
/// two upper-case hexadecimal digits.
pub(crate) fn quoted_printable(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().filter(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'=' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte };
        out.push(decoded);
    }
    Some(out)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_know_their_place() {
        let text = "h= From :\r\n To:: ";
        let found: Vec<&str> = parts(text, Span::new(2, text.len()), b':').map(|span| &text[span]).collect();
        assert_eq!(found, ["From", "To", "", ""]);
    }

    #[test]
    fn quoted_printable_of_dkim() {
        assert_eq!(quoted_printable(b"a=20=7C\r\n b").unwrap(), b"a |b");
        assert_eq!(quoted_printable(b"a=7c"), None);
        assert_eq!(quoted_printable(b"a="), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(number("007", 12), Some(7));
        assert_eq!(number("9999999999999999999999", 76), Some(u64::MAX));
        assert_eq!((number("", 12), number("-1", 12), number("1234567890123", 12)), (None, None, None));
    }
}
