//! A line of a zone file, or of what `dig`, `host` and `nslookup` print, that was pasted as a value: where the value in it is.

use crate::finding::Edit;
use crate::text::Span;

/// What is wrapped around a value.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// The name, time to live, class and type before the value; empty if only parentheses are around it.
    pub(super) head: Span,
    /// What leaves the value.
    pub(super) edits: Vec<Edit>,
    /// Where each character-string ends, if they stand in quotation marks.
    pub(super) ends: Vec<usize>,
}

impl Line {
    /// What is wrapped around the value in `text`; `None` if there is only a value.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (outside, end) = (leading_space(text), text.trim_end().len());
        let head = head(text.trim()).map(|head| head.shifted(outside));
        let mut start = head.map_or(outside, |head| head.end as usize);
        start += leading_space(&text[start..]);
        let opens = text[start..].starts_with('(');
        if opens {
            start += 1;
            start += leading_space(&text[start..]);
        }
        let is_quoted = text[start..].starts_with('"');
        let closes = opens && !is_quoted && text[start..end.max(start)].ends_with(')');
        if head.is_none() && !(opens && (is_quoted || closes)) {
            return None;
        }
        let mut ends = Vec::new();
        let mut edits = vec![Edit::delete(Span::new(0, start))];
        if is_quoted {
            edits.extend(quoted(text, start, &mut ends));
        } else {
            let inside = &text[start..end.max(start) - usize::from(closes)];
            let end = start + inside.trim_end().len();
            edits.extend(escapes(text, start, end));
            edits.push(Edit::delete(Span::new(end, text.len())));
        }
        edits.retain(|edit| !edit.span.is_empty());
        Some(Self { head: head.unwrap_or_else(|| Span::at(outside)), edits, ends })
    }
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The name, class and type before the value: `_dmarc.d.example. 3600 IN TXT`.
fn head(text: &str) -> Option<Span> {
    let mut words = text.split_whitespace().map(|word| (Span::of(word, text), word)).take(MAX_WORDS).peekable();
    let (first, name) = words.next()?;
    // Prose may have such words, too; a value has a tag or quotation marks.
    let begins = |rest: &str| {
        let word = rest.split_whitespace().next().unwrap_or_default();
        word.starts_with(['"', '(']) || word.contains('=')
    };
    let ends = |span: Span| begins(&text[span.end as usize..]).then(|| Span::new(0, span.end as usize));
    if is_type(name) {
        return ends(first);
    }
    if !is_name(name) {
        return None;
    }
    // A time to live, or the bare name of a record of mail, and the value.
    let is_of_mail =
        ["_dmarc", "._domainkey", "_mta-sts", "_smtp._tls", "._bimi"].iter().any(|mail| name.contains(mail));
    if (is_of_mail || is_time(name))
        && words.peek().is_some_and(|(_, word)| word.trim_start_matches(['(', '"']).starts_with("v="))
    {
        return ends(first);
    }
    for (span, word) in words {
        if is_type(word) {
            return ends(span);
        }
        // `host` and `nslookup`.
        if matches!(word, "descriptive" | "text") {
            let rest = text[span.start as usize..].strip_prefix("descriptive text");
            let rest = rest.or_else(|| text[span.start as usize..].strip_prefix("text ="))?;
            return ends(Span::new(span.start as usize, text.len() - rest.len()));
        }
        let is_class = ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
        if !is_class && !is_time(word) {
            return None;
        }
    }
    None
}

/// A name, a time to live, a class, a type, and the word behind it.
const MAX_WORDS: usize = 5;

fn is_type(word: &str) -> bool {
    // Forms and tickets write `TXT:`.
    ["txt", "txt:", "spf"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// What may own a record. Terms of SPF and tags hold a `:` or `=`.
fn is_name(word: &str) -> bool {
    word == "@"
        || word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'*'))
        || !word.is_ascii()
}

/// `3600` or `1h`.
fn is_time(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| "smhdwSMHDW".contains(c));
    !digits.is_empty() && word.len() - digits.len() <= 1 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The quoted strings from `start` on without their quotes, joined (RFC 1035 §5.1); a parenthesis and a comment behind them go too.
pub(super) fn quoted(text: &str, start: usize, ends: &mut Vec<usize>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = start;
    loop {
        edits.push(Edit::delete(Span::new(at, at + 1)));
        at += 1;
        let closing = closing(&text[at..]).map_or(text.len(), |closing| at + closing);
        edits.extend(escapes(text, at, closing));
        ends.push(closing);
        let after = (closing + 1).min(text.len());
        let rest = text[after..].trim_start();
        if rest.starts_with('"') {
            at = text.len() - rest.len();
            edits.push(Edit::delete(Span::new(closing, at)));
            continue;
        }
        let rest = rest.strip_prefix(')').unwrap_or(rest).trim_start();
        // What else stands there is not known, and stays.
        let end = if rest.is_empty() || rest.starts_with(';') { text.len() } else { after };
        edits.push(Edit::delete(Span::new(closing, end)));
        return edits;
    }
}

/// The quotation mark that ends a string: one with no backslash before it.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

/// Backslashes before what a zone file has to escape (RFC 1035 §5.1). Before other characters they are kept: what a DKIM note or a
/// macro holds is not guessed at.
pub(super) fn escapes(text: &str, start: usize, end: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = start;
    while let Some(found) = text[at..end].find('\\') {
        at += found;
        if text[at + 1..end].starts_with([';', '"', '\\']) {
            edits.push(Edit::delete(Span::new(at, at + 1)));
            at += 1;
        }
        at += 1;
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;

    /// The head, and the value.
    fn read(text: &str) -> Option<(&str, String)> {
        let line = Line::read(text)?;
        Some((&text[line.head], apply(text, &line.edits).unwrap()))
    }

    #[test]
    fn the_value_of_a_line() {
        for (text, head, value) in [
            ("_dmarc IN TXT \"v=DMARC1; p=none\"", "_dmarc IN TXT", "v=DMARC1; p=none"),
            ("d.example.\t1h\tIN\tTXT\t\"v=spf1 \" \"-all\" ; mail", "d.example.\t1h\tIN\tTXT", "v=spf1 -all"),
            ("TXT v=spf1 -all", "TXT", "v=spf1 -all"),
            ("TXT: v=spf1 -all", "TXT:", "v=spf1 -all"),
            ("_dmarc.d.example v=DMARC1\\; p=none", "_dmarc.d.example", "v=DMARC1; p=none"),
            ("@ 3600 TXT (\"v=spf1\" \" -all\")", "@ 3600 TXT", "v=spf1 -all"),
            ("@ 3600 TXT ( \"v=spf1", "@ 3600 TXT", "v=spf1"),
            ("d.example descriptive text \"v=spf1 -all\"", "d.example descriptive text", "v=spf1 -all"),
            ("d.example\ttext = \"v=spf1 -all\"", "d.example\ttext =", "v=spf1 -all"),
            (" ( \"a\\\"b\\;c\\\\\" )", "", "a\"b;c\\"),
            ("TXT \"a\" b", "TXT", "a b"),
            ("bücher.example TXT v=é", "bücher.example TXT", "v=é"),
        ] {
            assert_eq!(read(text), Some((head, value.to_owned())), "{text}");
        }
    }

    #[test]
    fn only_a_value() {
        for text in [
            "",
            "TXT",
            "v=spf1 a TXT -all",
            "\"v=spf1 -all\"",
            "some words v=spf1 -all",
            "google-site-verification=x",
            "a (b)",
            "mx text about nothing",
            "our SPF record is new",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in r#"([ (")\\;]|v=spf1|TXT|_dmarc|IN|text =|é|9){0,12}"#) {
            let line = Line::read(&text);
            proptest::prop_assert!(line.is_none_or(|line| apply(&text, &line.edits).is_some()));
        }
    }
}
