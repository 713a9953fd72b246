//! Text as it may be printed: what cannot be seen is made visible, what could harm a terminal is not sent to it.

use std::fmt::{self, Write as _};

use smol_str::{SmolStr, ToSmolStr as _};

use super::{Source, Span, short};

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

    /// How many columns it takes when printed: two for a wide character, none for a mark that sits on another.
    ///
    /// ```
    /// use mailproof::text::{Source, Span};
    ///
    /// let source = Source::new("v=spf1\u{200b} -all");
    /// let start = source.visible(Span::new(0, 9));
    /// assert_eq!((start.to_string().as_str(), start.columns()), (r"v=spf1\u{200b}", 14));
    /// ```
    pub fn columns(self) -> usize {
        self.cells().map(|(_, cell)| cell.columns()).sum()
    }

    /// Its characters as they are shown, each with its offset in the source's text.
    pub(crate) fn cells(self) -> impl Iterator<Item = (usize, Cell)> {
        let start = self.span.start as usize;
        self.source.text()[self.span].char_indices().map(move |(at, c)| {
            let cell = match c {
                '\u{fffd}' => self.invalid_byte(start + at).map_or(Cell::Plain(c), Cell::Byte),
                c if is_invisible(c) => Cell::Escaped(c),
                c => Cell::Plain(c),
            };
            (start + at, cell)
        })
    }

    /// The same as a text.
    pub(crate) fn to_short(self) -> SmolStr {
        self.plain().map_or_else(|| self.to_smolstr(), short)
    }

    /// The text, if it is shown as it is: nearly every text is, and each finding quotes one.
    fn plain(self) -> Option<&'a str> {
        let text = &self.source.text()[self.span];
        text.bytes().all(|b| matches!(b, b' '..=b'~')).then_some(text)
    }

    // Rare: out of the loop that walks over a whole record for each of its snippets.
    #[inline(never)]
    fn invalid_byte(self, at: usize) -> Option<u8> {
        let invalid = self.source.invalid_bytes();
        let found = invalid.binary_search_by_key(&at, |&(offset, _)| offset as usize).ok()?;
        Some(invalid[found].1)
    }
}

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.plain() {
            return f.write_str(text);
        }
        self.cells().try_for_each(|(_, cell)| write!(f, "{cell}"))
    }
}

/// One character as it is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cell {
    /// As it is.
    Plain(char),
    /// As an escape.
    Escaped(char),
    /// A byte that is not UTF-8.
    Byte(u8),
}

impl Cell {
    /// How many columns it takes.
    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Plain(c) => width(c),
            Self::Escaped('\t' | '\n' | '\r') => 2,
            Self::Escaped(c) => c.escape_unicode().len(),
            Self::Byte(_) => 4,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Plain(c) => f.write_char(c),
            Self::Escaped('\t') => f.write_str("\\t"),
            Self::Escaped('\n') => f.write_str("\\n"),
            Self::Escaped('\r') => f.write_str("\\r"),
            Self::Escaped(c) => write!(f, "{}", c.escape_unicode()),
            Self::Byte(byte) => write!(f, "\\x{byte:02x}"),
        }
    }
}

/// Columns of a visible character on a terminal: the blocks that matter in mail, not all of UAX #11.
fn width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// A message or name whose control and invisible characters are shown as escapes.
pub(crate) struct Safe<'a>(pub(crate) &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        for c in self.0.chars() {
            if is_invisible(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Whether a reader cannot see the character, or would take it for a space.
pub(crate) fn is_invisible(c: char) -> bool {
    c != ' ' && (c.is_control() || c.is_whitespace() || is_zero_width(c))
}

/// White space, and what nobody sees.
pub(crate) fn is_no_text(c: char) -> bool {
    c == ' ' || is_invisible(c)
}

/// Whether the character takes no room: soft hyphen, joiners, direction marks, BOM, variation selectors.
pub(crate) fn is_zero_width(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_shown() {
        let source = Source::from_bytes("a\u{200b}\t例e\u{301}\u{a0}".as_bytes());
        let visible = source.visible(Span::new(0, source.text().len()));
        assert_eq!(visible.to_string(), "a\\u{200b}\\t例e\u{301}\\u{a0}");
        assert_eq!(visible.columns(), 1 + 8 + 2 + 2 + 1 + 6);
        assert_eq!(Source::from_bytes(b"\xff").visible(Span::new(0, 3)).columns(), 4);
    }
}
