//! A text as it came from the DNS or a message, with what joining hides.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{Span, Utf16, Visible, short};

/// A text that is parsed and shown: a joined TXT record, a header field, or what somebody typed.
///
/// It remembers where the DNS character-strings (RFC 1035 §3.3.14) met, and which bytes were not
/// UTF-8: each of these stands as U+FFFD in the text. Cloning is cheap.
///
/// ```
/// use mailproof::text::{Source, Span};
///
/// let source = Source::from_strings(["v=spf1 include:a.example", "-all"]);
/// assert_eq!(source.text(), "v=spf1 include:a.example-all");
/// assert_eq!(source.seams(), [24]);
/// assert!(source.seam_inside(Span::new(7, 28)).is_some());
/// ```
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub struct Source {
    /// Short texts stand in here, so a part of one copy's text is no part of another's.
    text: SmolStr,
    origin: Option<Arc<Origin>>,
}

/// What only some texts have.
#[derive(Debug, Default, Eq, Hash, PartialEq)]
struct Origin {
    /// Offsets at which a character-string ended and the next one began.
    seams: Vec<u32>,
    /// Offset in the text (of a U+FFFD) and the byte that stood there.
    invalid: Vec<(u32, u8)>,
    /// It was given as one character-string, and is longer than one can be. Of shorter texts it makes no difference.
    is_one_string: bool,
}

/// The octets that a character-string has at most (RFC 1035 §3.3).
const STRING: usize = 255;

/// One character-string of a TXT record.
///
/// ```
/// use mailproof::text::Source;
///
/// // One TXT record in two strings. They are joined as they are, and here a space is missing.
/// let source = Source::from_strings(["v=spf1 ip4:192.0.2.0/24", "-all"]);
/// let last = source.strings().last().unwrap();
/// assert_eq!((last.text, last.span.start), ("-all", 23));
/// assert_eq!(source.text(), "v=spf1 ip4:192.0.2.0/24-all");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CharacterString<'a> {
    /// Its text.
    pub text: &'a str,
    /// Where it stands in the joined text.
    pub span: Span,
}

impl Source {
    /// A text in one piece.
    pub fn new(text: &str) -> Self {
        Self { text: short(text), origin: None }
    }

    /// The character-strings of one TXT record, joined without a space (RFC 7208 §3.3).
    pub fn from_strings<S: AsRef<[u8]>>(strings: impl IntoIterator<Item = S>) -> Self {
        let mut text = String::new();
        let mut origin = Origin::default();
        for (i, string) in strings.into_iter().enumerate() {
            if i > 0 {
                origin.seams.push(offset(&text));
            }
            push_bytes(string.as_ref(), &mut text, &mut origin.invalid);
        }
        origin.is_one_string = origin.seams.is_empty() && text.len() > STRING;
        Self::made(text, origin)
    }

    fn made(text: String, origin: Origin) -> Self {
        let plain = origin == Origin::default();
        Self { text: short(&text), origin: (!plain).then(|| Arc::new(origin)) }
    }

    /// Bytes in one piece, UTF-8 or not.
    ///
    /// ```
    /// use mailproof::text::Source;
    ///
    /// // A Latin-1 `é` in a record: one byte, which is no UTF-8.
    /// let source = Source::from_bytes(b"caf\xe9");
    /// assert_eq!(source.text(), "caf\u{fffd}");
    /// assert_eq!(source.invalid_bytes(), [(3, 0xe9)]);
    /// assert_eq!(source.bytes().as_ref(), b"caf\xe9");
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::new();
        let mut origin = Origin::default();
        push_bytes(bytes, &mut text, &mut origin.invalid);
        Self::made(text, origin)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where character-strings meet: the offset of the first byte of each but the first.
    pub fn seams(&self) -> &[u32] {
        self.origin.as_ref().map_or(&[], |origin| &origin.seams)
    }

    /// The first place strictly inside `span` where two character-strings meet.
    pub fn seam_inside(&self, span: Span) -> Option<usize> {
        let seams = self.seams();
        let next = seams.get(seams.partition_point(|&seam| seam <= span.start));
        next.filter(|&&seam| seam < span.end).map(|&seam| seam as usize)
    }

    /// Whether it is known to have been given as character-strings, where one may be longer than 255 octets.
    pub(crate) fn is_of_strings(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.is_one_string || !origin.seams.is_empty())
    }

    /// The bytes that were not UTF-8: offset of the U+FFFD that replaces it, and the byte.
    pub fn invalid_bytes(&self) -> &[(u32, u8)] {
        self.origin.as_ref().map_or(&[], |origin| &origin.invalid)
    }

    /// The character-strings, in order.
    pub fn strings(&self) -> impl Iterator<Item = CharacterString<'_>> {
        let ends = self.seams().iter().map(|&seam| seam as usize).chain([self.text.len()]);
        ends.scan(0, |start, end| {
            let span = Span::new(*start, end);
            *start = end;
            Some(CharacterString { text: &self.text[span], span })
        })
    }

    /// The bytes as they were published.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        self.bytes_of(Span::new(0, self.text.len()))
    }

    /// The bytes of `span` as they were published.
    ///
    /// ```
    /// use mailproof::text::{Source, Span};
    ///
    /// let source = Source::from_bytes(b"v=spf1 \xa0-all");
    /// // The byte stands as U+FFFD in the text, which takes three.
    /// assert_eq!(source.bytes_of(Span::new(7, 14)).as_ref(), b"\xa0-all");
    /// ```
    pub fn bytes_of(&self, span: Span) -> Cow<'_, [u8]> {
        let text = self.text[span].as_bytes();
        if self.invalid_bytes().is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut at = span.start as usize;
        for &(offset, byte) in self.invalid_bytes() {
            let offset = offset as usize;
            if offset < at || offset >= span.end as usize {
                continue;
            }
            bytes.extend_from_slice(&self.text.as_bytes()[at..offset]);
            bytes.push(byte);
            at = offset + REPLACEMENT.len();
        }
        bytes.extend_from_slice(self.text.as_bytes().get(at..span.end as usize).unwrap_or_default());
        Cow::Owned(bytes)
    }

    /// The text of `span`, with invisible characters shown.
    ///
    /// ```
    /// use mailproof::text::{Source, Span};
    ///
    /// // A no-break space that came with a copy from a web page.
    /// let source = Source::new("v=spf1\u{a0}-all");
    /// assert_eq!(source.visible(Span::new(0, source.text().len())).to_string(), "v=spf1\\u{a0}-all");
    /// ```
    pub fn visible(&self, span: Span) -> Visible<'_> {
        Visible::new(self, span)
    }

    /// The offset in UTF-16 code units, as JavaScript counts.
    ///
    /// ```
    /// use mailproof::text::Source;
    ///
    /// let source = Source::new("é v=spf1");
    /// let at = source.text().find("v=").unwrap() as u32;
    /// assert_eq!((at, source.utf16(at)), (3, 2));
    /// ```
    pub fn utf16(&self, offset: u32) -> u32 {
        Utf16::of(&self.text).offset(&self.text, offset)
    }
}

const REPLACEMENT: &str = "\u{fffd}";

fn offset(text: &str) -> u32 {
    saturating(text.len())
}

fn saturating(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Appends what is UTF-8, and U+FFFD for each byte that is not.
fn push_bytes(bytes: &[u8], text: &mut String, invalid: &mut Vec<(u32, u8)>) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            invalid.push((offset(text), byte));
            text.push_str(REPLACEMENT);
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.strings().map(|string| string.text)).finish()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// A text in one piece is a string; several character-strings are a list; one with bytes that are not
/// UTF-8 is `{"hex": …}`.
#[cfg(feature = "serde")]
mod as_strings {
    use super::Source;
    use crate::reading::{Fault, Read, Tree, deserialize, fields};

    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Form {
        One(Piece),
        Several(Vec<Piece>),
    }

    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Piece {
        Text(String),
        Bytes { hex: String },
    }

    impl serde::Serialize for Source {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut pieces: Vec<Piece> = self
                .strings()
                .map(|string| match std::str::from_utf8(&self.bytes_of(string.span)) {
                    Ok(text) => Piece::Text(text.to_owned()),
                    Err(_) => Piece::Bytes { hex: to_hex(&self.bytes_of(string.span)) },
                })
                .collect();
            match pieces.len() {
                1 if !self.is_of_strings() => Form::One(pieces.remove(0)),
                _ => Form::Several(pieces),
            }
            .serialize(serializer)
        }
    }

    impl Read for Source {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree {
                Tree::List(pieces) => Ok(Self::from_strings(pieces.iter().map(octets).collect::<Result<Vec<_>, _>>()?)),
                piece => Ok(Self::from_bytes(&octets(piece)?)),
            }
        }
    }
    deserialize!(Source);

    /// Those of one character-string.
    fn octets(piece: &Tree) -> Result<Vec<u8>, Fault> {
        match piece {
            Tree::Text(text) => Ok(text.clone().into_bytes()),
            _ => {
                fields!(piece, { needs hex; takes });
                let hex: String = hex;
                from_hex(&hex).ok_or_else(|| Fault::new("`hex` is not hexadecimal"))
            }
        }
    }

    fn to_hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn from_hex(hex: &str) -> Option<Vec<u8>> {
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?, 16).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_published() {
        let source = Source::from_strings([&b"a\xffb"[..], b"\xe2\x80\x93", b""]);
        assert_eq!(source.text(), "a\u{fffd}b–");
        assert_eq!(source.bytes().as_ref(), b"a\xffb\xe2\x80\x93");
        assert_eq!(source.invalid_bytes(), [(1, 0xff)]);
        assert_eq!(source.strings().map(|s| s.text).collect::<Vec<_>>(), ["a\u{fffd}b", "–", ""]);
    }

    #[test]
    fn bytes_of_a_part() {
        let source = Source::from_bytes(b"\xff-\xfe-\xfd");
        assert_eq!(source.bytes_of(Span::new(3, 8)).as_ref(), b"-\xfe-");
    }

    #[test]
    fn javascript_counts_in_utf16() {
        let source = Source::new("é😀x");
        assert_eq!(source.utf16(2), 1);
        assert_eq!(source.utf16(6), 3);
        assert_eq!(source.utf16(99), 4);
    }
}
