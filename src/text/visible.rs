//! Text as it may be printed: what cannot be seen is made visible, what could harm a terminal is not sent to it.

use std::fmt::{self, Write as _};

use super::{Source, Span};

/// A part of a [`Source`] with its invisible characters shown: ` ` stays, TAB is `\t`, a zero-width
/// space is `\u{200b}`, a byte that is not UTF-8 is `\xff`.
///
/// ```
/// use mailproof::text::{Source, Span};
///
/// let source = Source::from_bytes(b"mx\t\xe2\x80\x93all \xff");
/// assert_eq!(source.visible(Span::new(0, 13)).to_string(), r"mx\t–all \xff");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Visible<'a> {
    source: &'a Source,
    span: Span,
}

impl<'a> Visible<'a> {
    pub(super) fn new(source: &'a Source, span: Span) -> Self {
        Self { source, span }
    }

    /// How many columns it takes when printed, counting one for each character.
    pub fn columns(self) -> usize {
        let mut count = Columns(0);
        // `Columns` never fails.
        let _ = write!(count, "{self}");
        count.0
    }
}

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.span.start;
        for (at, c) in self.source.text()[self.span].char_indices() {
            match c {
                '\u{fffd}' => match self.invalid_byte(start as usize + at) {
                    Some(byte) => write!(f, "\\x{byte:02x}")?,
                    None => f.write_char(c)?,
                },
                '\t' => f.write_str("\\t")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                c if is_invisible(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl Visible<'_> {
    fn invalid_byte(&self, at: usize) -> Option<u8> {
        let invalid = self.source.invalid_bytes();
        let found = invalid.binary_search_by_key(&at, |&(offset, _)| offset as usize).ok()?;
        Some(invalid[found].1)
    }
}

/// Whether a reader cannot see the character, or would take it for a space.
pub(crate) fn is_invisible(c: char) -> bool {
    c != ' ' && (c.is_control() || c.is_whitespace() || is_zero_width(c))
}

/// Whether the character takes no room: soft hyphen, joiners, direction marks, BOM, variation selectors.
pub(crate) fn is_zero_width(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

struct Columns(usize);

impl fmt::Write for Columns {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0 += s.chars().count();
        Ok(())
    }
}
