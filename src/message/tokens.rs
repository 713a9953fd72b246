//! The tokens of structured header fields (RFC 5322 §3.2), with what is not closed.

use crate::text::Span;

/// A token and where it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Atoms and dots in one piece.
    Word,
    /// `"…"`, with its quotes.
    Quoted,
    /// `(…)`, with its parentheses and what nests in it.
    Comment,
    /// `[…]`, with its brackets.
    Literal,
    /// One of `< > @ , ; :` or another character that no atom may hold.
    Special(u8),
    /// A backslash outside quotes and what follows it.
    Pair,
    /// A control character that is not white space.
    Control,
    /// `"` without a second one: up to the end.
    OpenQuote,
    /// `(` without `)`: up to the end.
    OpenComment,
    /// `[` without `]`: up to the end.
    OpenLiteral,
}

/// The tokens of `text`; white space, folded or not, is between them.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let (kind, end) = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'"' => closed(delimited(bytes, at, b'"'), Kind::Quoted, Kind::OpenQuote, bytes.len()),
            b'[' => closed(delimited(bytes, at, b']'), Kind::Literal, Kind::OpenLiteral, bytes.len()),
            b'(' => closed(comment(bytes, at), Kind::Comment, Kind::OpenComment, bytes.len()),
            b'\\' => (Kind::Pair, at + 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8)),
            b'<' | b'>' | b'@' | b',' | b';' | b':' | b')' | b']' => (Kind::Special(byte), at + 1),
            0..=31 | 127 => (Kind::Control, at + 1),
            _ => (Kind::Word, word(bytes, at)),
        };
        out.push(Token { kind, span: Span::new(at, end) });
        at = end;
    }
    out
}

fn closed(end: Option<usize>, closed: Kind, open: Kind, length: usize) -> (Kind, usize) {
    end.map_or((open, length), |end| (closed, end))
}

/// One past the closing `delimiter`, quoted-pairs stepped over.
fn delimited(bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(delimiter, b'\\', bytes.get(at..)?)?;
        if bytes[at] == delimiter {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// One past the `)` that closes the `(` at `start`. Comments nest (§3.2.2), counted and not recursed into.
fn comment(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    loop {
        at += memchr::memchr3(b'(', b')', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => at += 1,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// One past the atoms and dots at `start`.
fn word(bytes: &[u8], start: usize) -> usize {
    let is_word = |&byte: &u8| {
        !matches!(
            byte,
            0..=32 | 127 | b'"' | b'[' | b']' | b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\'
        )
    };
    bytes[start..].iter().position(|byte| !is_word(byte)).map_or(bytes.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_everything_but_white_space() {
        for text in [
            "a.b \"c\\\" d\" (e (f) \\) g) <h@[i]>, j;\r\n k:",
            "\"open",
            "(open (x)",
            "[open",
            "\\",
            "\\é",
            "\0",
            "é\u{fffd}",
        ] {
            let mut left = text.to_owned();
            for token in tokens(text).iter().rev() {
                assert!(text.get(token.span.range()).is_some_and(|part| !part.is_empty()), "{text} {token:?}");
                left.replace_range(token.span.range(), "");
            }
            assert_eq!(left.trim(), "", "{text}");
        }
    }

    #[test]
    fn many_opening_parentheses_are_one_token() {
        let text = "(".repeat(100_000);
        assert_eq!(tokens(&text).len(), 1);
    }
}
