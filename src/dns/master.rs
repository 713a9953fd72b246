//! Texts as a zone file writes them (RFC 1035 §5.1): in quotation marks, in pieces that a character-string can hold.

/// Octets that a character-string can hold (RFC 1035 §3.3).
pub(crate) const MAX_STRING: usize = 255;

/// Pieces of at most [`MAX_STRING`] octets, none of which cuts a character; one for an empty text.
pub(crate) fn strings(mut text: &str) -> impl Iterator<Item = &str> {
    let mut first = true;
    std::iter::from_fn(move || {
        if text.is_empty() && !std::mem::take(&mut first) {
            return None;
        }
        first = false;
        let (piece, rest) = text.split_at(text.floor_char_boundary(MAX_STRING));
        text = rest;
        Some(piece)
    })
}

/// The text as one string, however long it is.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// The text as strings of at most [`MAX_STRING`] octets.
pub(crate) fn quoted_strings(text: &str) -> String {
    strings(text).map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hold_255_octets_and_whole_characters() {
        let lengths = |text: &str| strings(text).map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(""), [0]);
        assert_eq!(lengths(&"x".repeat(255)), [255]);
        assert_eq!(lengths(&"x".repeat(256)), [255, 1]);
        assert_eq!(lengths(&"é".repeat(200)), [254, 146]);
    }

    /// What is escaped counts as one octet, however many are written.
    #[test]
    fn quotation_marks_and_backslashes_are_escaped() {
        assert_eq!(quoted_strings(""), r#""""#);
        assert_eq!(quoted_strings(r#"a\"b"#), r#""a\\\"b""#);
        assert_eq!(quoted_strings(&"\"".repeat(256)), format!("\"{}\" \"\\\"\"", "\\\"".repeat(255)));
    }
}
