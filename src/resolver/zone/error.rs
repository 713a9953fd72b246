//! Why a text is not a zone.

use crate::Name;
use crate::name::NameError;
use crate::text::Span;

/// Why a text is not a zone, and where.
///
/// ```
/// use mailproof::resolver::Zone;
///
/// let error = Zone::parse("example.com. A 192.0.2.1\nexample.com. MX mail").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 17));
/// assert_eq!(error.to_string(), "line 2, column 17: `mail` is not a preference, a number from 0 to 65535");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct ZoneError {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// The same place in bytes.
    pub span: Span,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a zone text.
///
/// ```
/// use mailproof::resolver::{Zone, zone::Reason};
///
/// let reason = |text: &str| Zone::parse(text).unwrap_err().reason;
/// assert_eq!(reason("example.com. TXT \"v=spf1 -all"), Reason::OpenQuote);
/// assert_eq!(
///     reason("example.com. A 192.0.2.256").to_string(),
///     "`192.0.2.256` is not an IPv4 address"
/// );
/// // A name server reads this; what stands in the other file is not known here.
/// assert!(reason("$INCLUDE keys.inc").is_of_servers());
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A quotation mark without its partner on the same line.
    #[error("the string that begins here is not closed on its line")]
    OpenQuote,
    /// `(` without `)`.
    #[error("the parenthesis that opens here is never closed")]
    OpenParenthesis,
    /// `)` without `(`.
    #[error("no parenthesis is open here")]
    StrayParenthesis,
    /// A backslash before nothing, or before a number that is no octet.
    #[error("after a backslash comes a character, or three digits from 000 to 255")]
    Escape,
    /// A line that starts with white space continues the owner above, and there is none.
    #[error("the line has no owner name, and there is none above to take")]
    NoOwner,
    /// A name in the place of the type: the line starts with white space, so its owner is the one above.
    #[error("the line begins with white space, so it has no owner of its own, and `{found}` stands where a type must")]
    IndentedOwner {
        /// What is written.
        found: String,
    },
    /// A name that breaks the limits of RFC 1035 §2.3.4 or holds what no name holds.
    #[error("`{found}` is not a name: {error}")]
    Name {
        /// What is written.
        found: String,
        /// What is wrong with it.
        error: NameError,
    },
    /// An escape in a name that stands for a dot or an octet outside ASCII.
    #[error("`{found}` has a dot inside a label or an octet outside ASCII, which is not supported")]
    EscapedName {
        /// What is written.
        found: String,
    },
    /// A word like `$ORIGIN` that is no directive.
    #[error("`{found}` is no directive: those are $ORIGIN, $TTL, $INCLUDE and $GENERATE")]
    Directive {
        /// What is written.
        found: String,
    },
    /// `$INCLUDE`: no file is read here. Who can read it may [`merge`](super::Zone::merge) its records.
    #[error("$INCLUDE is not followed: the records of `{file}` are not known here")]
    Include {
        /// The name of the file.
        file: String,
        /// What its relative names are relative to.
        origin: Name,
    },
    /// `$GENERATE` with a `${…}` that is none, or with too many lines to write.
    #[error("$GENERATE is not followed: a `${{…}}` in it is not written right, or it stands for too many lines")]
    Generate,
    /// A class that mail does not use: CH, CS, HS.
    #[error("`{found}` is not the class IN, the one that mail uses")]
    Class {
        /// What is written.
        found: String,
    },
    /// Something else was expected.
    #[error("`{found}` is not {wanted}")]
    Unexpected {
        /// What is written.
        found: String,
        /// What should be.
        wanted: &'static str,
    },
    /// The entry ends too early.
    #[error("the entry ends where {wanted} should follow")]
    Missing {
        /// What should follow.
        wanted: &'static str,
    },
    /// The entry does not end where it should.
    #[error("nothing should follow here, but `{found}` does")]
    Extra {
        /// What is written.
        found: String,
    },
    /// More octets than a character-string holds (RFC 1035 §3.3).
    #[error("the string has {octets} octets, the limit is 255; write it as several strings")]
    LongString {
        /// How many octets it has.
        octets: usize,
    },
}

/// Characters of the zone that an error quotes; enough to know the word again.
const MAX_QUOTE: usize = 64;

impl Reason {
    pub(super) fn unexpected(found: &str, wanted: &'static str) -> Self {
        Self::Unexpected { found: quote(found), wanted }
    }

    /// Whether servers read such an entry, and only this does not. Of every other mistake a server says so, and takes no
    /// record of the file.
    pub fn is_of_servers(&self) -> bool {
        matches!(self, Self::Include { .. } | Self::Generate | Self::Class { .. })
    }

    /// This reason, at `span`.
    pub(super) fn at(self, span: Span) -> Fault {
        Fault { reason: self, span }
    }
}

/// What is wrong with an entry, before its line is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    span: Span,
}

impl Fault {
    /// The same in `text`, whose line of this number begins at `line_start`, at or before the place.
    ///
    /// Lines are counted from there, not from the beginning: a text can have a mistake on every line.
    pub(super) fn below(self, text: &str, line: u32, line_start: usize) -> ZoneError {
        let Self { reason, span } = self;
        let between = text.get(line_start..span.start as usize).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', between.as_bytes()).count();
        let start = memchr::memrchr(b'\n', between.as_bytes()).map_or(line_start, |at| line_start + at + 1);
        let column = column(text, start, line_start + between.len());
        ZoneError { line: line.saturating_add(number(lines)), column, span, reason }
    }
}

/// The beginning of `found`, short enough for a message.
pub(super) fn quote(found: &str) -> String {
    match found.char_indices().nth(MAX_QUOTE) {
        Some((end, _)) => format!("{}…", &found[..end]),
        None => found.to_owned(),
    }
}

/// The column of the byte at `at` in the line that begins at `line_start`.
pub(super) fn column(text: &str, line_start: usize, at: usize) -> u32 {
    number(text.get(line_start..at).unwrap_or_default().chars().count() + 1)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{MAX_QUOTE, quote};

    #[test]
    fn a_quotation_that_is_cut_says_so() {
        assert_eq!(quote(&"é".repeat(MAX_QUOTE)), "é".repeat(MAX_QUOTE));
        assert_eq!(quote(&"é".repeat(MAX_QUOTE + 1)), "é".repeat(MAX_QUOTE) + "…");
    }
}
