//! Macro-strings (RFC 7208 §7.1): their pieces, read one after the other, each time they are needed.
//!
//! A record keeps no list of pieces: checking a macro-string when it is parsed, and expanding it later, both walk
//! the text once, which is cheaper than an allocation.

use nom::Parser as _;
use nom::bytes::complete::take_while;
use nom::character::complete::{digit0, one_of};
use nom::combinator::{consumed, opt};

use crate::text::Span;

/// A piece of a macro-string.
///
/// ```
/// use mailproof::spf::{Piece, pieces};
///
/// // The text that `exp=` leads to: a macro between words, and a percent sign.
/// let text = "%{i} is no server of ours, 100%% sure";
/// let read: Vec<Piece> = pieces(text).map(Result::unwrap).collect();
/// assert!(matches!(read[0], Piece::Expand(_)));
/// assert_eq!(&text[read[1].span()], " is no server of ours, 100");
/// assert!(matches!(read[2], Piece::Percent(_)));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece {
    /// Characters that stand for themselves.
    Literal(Span),
    /// `%%`: a percent sign.
    Percent(Span),
    /// `%_`: a space.
    Space(Span),
    /// `%-`: `%20`.
    UrlSpace(Span),
    /// `%{…}`.
    Expand(MacroExpand),
}

/// `%{…}` (§7.1): a letter with its transformers.
///
/// ```
/// use mailproof::spf::{Letter, Piece, pieces};
///
/// // The last two labels of the sender's domain: for `news.example.com` that is `example.com`.
/// let Some(Ok(Piece::Expand(expand))) = pieces("%{o2}._spf.example.net").next() else { panic!() };
/// assert_eq!((expand.letter, expand.keep, expand.reverse), (Letter::SenderDomain, Some(2), false));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MacroExpand {
    /// All of it.
    pub span: Span,
    /// Which value.
    pub letter: Letter,
    /// Whether the letter is upper case, so that the value is URL-escaped (§7.3).
    pub url_escape: bool,
    /// How many parts are kept from the right; `None` keeps all.
    pub keep: Option<u32>,
    /// Whether the parts are reversed.
    pub reverse: bool,
    /// The delimiters that split the value; empty means `.`.
    pub delimiters: Span,
}

/// A macro letter (§7.2).
///
/// ```
/// use mailproof::spf::{Letter, Piece, pieces};
///
/// // A target with a letter of the sender is another name for each mail.
/// let letter = |text| match pieces(text).next() { Some(Ok(Piece::Expand(expand))) => Some(expand.letter), _ => None };
/// assert_eq!(letter("%{l}._spf.example.com"), Some(Letter::LocalPart));
/// // The time may stand in the explanation of a fail only.
/// assert!(letter("%{t}").is_some_and(Letter::is_explanation_only));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Letter {
    /// `s`: the sender.
    Sender,
    /// `l`: the local-part of the sender.
    LocalPart,
    /// `o`: the domain of the sender.
    SenderDomain,
    /// `d`: the current domain.
    Domain,
    /// `i`: the client's address.
    Ip,
    /// `p`: the client's validated domain name.
    ValidatedName,
    /// `v`: `in-addr` or `ip6`.
    Version,
    /// `h`: the HELO name.
    Helo,
    /// `c`: the client's address, easily readable; only in explanation text.
    ReadableIp,
    /// `r`: the receiving host; only in explanation text.
    Receiver,
    /// `t`: the time; only in explanation text.
    Time,
}

/// Why a `%` begins no macro.
///
/// ```
/// use mailproof::spf::{MacroError, pieces};
///
/// let text = "%(i)._spf.example.com";
/// let Some(Err((error, span))) = pieces(text).next() else { panic!() };
/// assert_eq!((error, &text[span]), (MacroError::Percent, "%"));
/// assert_eq!(error.to_string(), "`%` must be followed by `{`, `%`, `_` or `-`");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MacroError {
    /// The next character is not `{`, `%`, `_` or `-`.
    #[error("`%` must be followed by `{{`, `%`, `_` or `-`")]
    Percent,
    /// The `}` is missing.
    #[error("`%{{` has no `}}`")]
    Unterminated,
    /// The letter is not one of `s l o d i p v h c r t`.
    #[error("the macro letter is unknown")]
    Letter,
    /// `c`, `r` or `t` outside explanation text (§7.2).
    #[error("the macro letters `c`, `r` and `t` may stand in explanation text only")]
    ExplanationOnly,
    /// Keep no part at all (§7.1).
    #[error("a macro must keep at least one part")]
    ZeroDigits,
    /// A number of parts that does not fit in 32 bits.
    #[error("the number of parts is too large")]
    TooManyDigits,
    /// What follows letter, digits and `r` is not a delimiter.
    #[error("a delimiter must be one of `.-+,/_=`")]
    Delimiter,
}

/// Where a macro-string stands, which decides what it may hold.
///
/// ```
/// use mailproof::{Timestamp, dns::{Snapshot, Step}, spf::{self, Place}};
///
/// let session = spf::Session::new("192.0.2.3".parse()?, "mail.example.com", "alice@example.com");
/// let dns = Snapshot::new();
/// let expand = |place| spf::expand_macros(&dns, "%{c} at %{t}", place, &session, Timestamp(1_800_000_000));
/// assert_eq!(expand(Place::Explanation), Step::Done(Some("192.0.2.3 at 1800000000".to_owned())));
/// // `%{c}` and `%{t}` are for people: no term of a record may hold them.
/// assert_eq!(expand(Place::Term), Step::Done(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// A term of a record.
    Term,
    /// The text that `exp=` leads to.
    Explanation,
}

/// The pieces of a macro-string; a wrong one ends the iteration with its error.
///
/// ```
/// use mailproof::spf::{Piece, pieces};
///
/// let text = "%{ir}.%{v}._spf.%{d2}";
/// let literals: Vec<&str> = pieces(text)
///     .filter_map(|piece| match piece { Ok(Piece::Literal(span)) => Some(&text[span]), _ => None })
///     .collect();
/// assert_eq!(literals, [".", "._spf."]);
/// ```
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { text, at: 0 }
}

/// Iterator over the pieces of a macro-string; see [`pieces`].
///
/// ```
/// use mailproof::spf::{MacroError, pieces};
///
/// // The first wrong macro is the last item.
/// let mut pieces = pieces("%{d}.%{d0}.example.com");
/// assert!(pieces.next().unwrap().is_ok());
/// assert_eq!(pieces.find_map(Result::err).unwrap().0, MacroError::ZeroDigits);
/// assert!(pieces.next().is_none());
/// ```
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, (MacroError, Span)>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let literal = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        if literal > 0 {
            let span = Span::new(self.at, self.at + literal);
            self.at += literal;
            return Some(Ok(Piece::Literal(span)));
        }
        let read = macro_at(self.text, self.at);
        self.at = match &read {
            Ok(piece) => piece.span().end as usize,
            Err(_) => self.text.len(),
        };
        Some(read)
    }
}

impl Piece {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match *self {
            Self::Literal(span) | Self::Percent(span) | Self::Space(span) | Self::UrlSpace(span) => span,
            Self::Expand(expand) => expand.span,
        }
    }
}

/// Reads the macro that the `%` at `at` begins.
pub(super) fn macro_at(text: &str, at: usize) -> Result<Piece, (MacroError, Span)> {
    let two = Span::new(at, at + 2);
    match text.as_bytes().get(at + 1) {
        Some(b'%') => Ok(Piece::Percent(two)),
        Some(b'_') => Ok(Piece::Space(two)),
        Some(b'-') => Ok(Piece::UrlSpace(two)),
        Some(b'{') => macro_expand(text, at),
        _ => Err((MacroError::Percent, Span::new(at, at + 1))),
    }
}

fn macro_expand(text: &str, at: usize) -> Result<Piece, (MacroError, Span)> {
    let inside = at + 2;
    let Some(&byte) = text.as_bytes().get(inside) else {
        return Err((MacroError::Unterminated, Span::new(at, text.len())));
    };
    let Some(letter) = Letter::from_byte(byte) else {
        // `%{}` and `%{é…}` too: the span covers one whole character.
        let length = text[inside..].chars().next().map_or(1, char::len_utf8);
        return Err((MacroError::Letter, Span::new(inside, inside + length)));
    };
    let (rest, (whole, (digits, reverse, delimiters))) = transformers(&text[inside + 1..]);
    let end = inside + 1 + whole.len();
    match rest.chars().next() {
        Some('}') => {}
        None => return Err((MacroError::Unterminated, Span::new(at, text.len()))),
        Some(_) if !text[end..].contains('}') => return Err((MacroError::Unterminated, Span::new(at, text.len()))),
        Some(other) => return Err((MacroError::Delimiter, Span::new(end, end + other.len_utf8()))),
    }
    let digits_span = Span::new(inside + 1, inside + 1 + digits.len());
    let keep = match digits.parse() {
        _ if digits.is_empty() => None,
        Ok(0) => return Err((MacroError::ZeroDigits, digits_span)),
        Ok(keep) => Some(keep),
        // §7.3 asks for at least 127; no name has four thousand million parts.
        Err(_) => return Err((MacroError::TooManyDigits, digits_span)),
    };
    Ok(Piece::Expand(MacroExpand {
        span: Span::new(at, end + 1),
        letter,
        url_escape: byte.is_ascii_uppercase(),
        keep,
        reverse: reverse.is_some(),
        delimiters: Span::new(end - delimiters.len(), end),
    }))
}

/// Digits, `r`, delimiters.
type Transformers<'a> = (&'a str, Option<char>, &'a str);

/// `*DIGIT ["r"] *delimiter`, and the text it took.
fn transformers(text: &str) -> (&str, (&str, Transformers<'_>)) {
    let grammar = (digit0, opt(one_of("rR")), take_while(is_delimiter));
    let read: nom::IResult<&str, _> = consumed(grammar).parse(text);
    // All three parts may be empty, so it cannot fail.
    read.unwrap_or((text, ("", ("", None, ""))))
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '.' | '-' | '+' | ',' | '/' | '_' | '=')
}

impl Letter {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte.to_ascii_lowercase() {
            b's' => Self::Sender,
            b'l' => Self::LocalPart,
            b'o' => Self::SenderDomain,
            b'd' => Self::Domain,
            b'i' => Self::Ip,
            b'p' => Self::ValidatedName,
            b'v' => Self::Version,
            b'h' => Self::Helo,
            b'c' => Self::ReadableIp,
            b'r' => Self::Receiver,
            b't' => Self::Time,
            _ => return None,
        })
    }

    /// Whether it may stand in explanation text only (§7.2).
    pub fn is_explanation_only(self) -> bool {
        matches!(self, Self::ReadableIp | Self::Receiver | Self::Time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn error(text: &str, error: MacroError, at: &str) {
        let found = pieces(text).find_map(Result::err).expect("an error");
        assert_eq!((found.0, &text[found.1]), (error, at), "{text}");
    }

    #[test]
    fn reads_transformers() {
        let text = "a%{L10r-+}b";
        let read: Vec<_> = pieces(text).map(Result::unwrap).collect();
        let Piece::Expand(expand) = read[1] else { panic!("{read:?}") };
        assert_eq!(&text[expand.span], "%{L10r-+}");
        assert_eq!(&text[expand.delimiters], "-+");
        assert_eq!((expand.letter, expand.keep), (Letter::LocalPart, Some(10)));
        assert!(expand.reverse && expand.url_escape);
    }

    #[test]
    fn names_each_error() {
        error("100%.x", MacroError::Percent, "%");
        error("x%", MacroError::Percent, "%");
        error("%{i.x", MacroError::Unterminated, "%{i.x");
        error("%{", MacroError::Unterminated, "%{");
        error("%{z}", MacroError::Letter, "z");
        error("%{é}", MacroError::Letter, "é");
        error("%{}", MacroError::Letter, "}");
        error("%{d0}", MacroError::ZeroDigits, "0");
        error("%{d4294967296}", MacroError::TooManyDigits, "4294967296");
        error("%{i;}", MacroError::Delimiter, ";");
        error("%{dr2}", MacroError::Delimiter, "2");
    }
}
