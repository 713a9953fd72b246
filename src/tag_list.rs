//! Tag-lists (RFC 6376 §3.2): `name=value; name=value`, as DKIM, DMARC, ARC, MTA-STS, TLS-RPT and BIMI write them.
//!
//! Reading never fails: what is not a tag is a [`Segment`] of another [`Kind`]. Whether a tag is known, stands
//! twice, or has a good value is for the protocol to say.

use crate::text::Span;

/// What is written for the semicolon between two tags, beside the comma, which values have too.
pub(crate) const SIGNS: [char; 11] = [':', '|', '/', '.', '&', '+', '-', '_', ')', '\'', '\\'];

/// What stands between two semicolons.
///
/// ```
/// use mailproof::tag_list::segments;
///
/// let text = "v=DKIM1; p=MIIB";
/// let spans: Vec<&str> = segments(text).map(|segment| &text[segment.span]).collect();
/// assert_eq!(spans, ["v=DKIM1", "p=MIIB"]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Segment {
    /// All of it, without white space at its ends.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a segment is.
///
/// ```
/// use mailproof::tag_list::{Kind, segments};
///
/// let text = "p=reject";
/// let segment = segments(text).next().unwrap();
/// assert!(matches!(segment.kind, Kind::Tag { name, value } if &text[name] == "p" && &text[value] == "reject"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Kind {
    /// `name=value`, white space around both left out. The name may be empty or hold what no name may.
    Tag {
        /// What stands before the first `=`.
        name: Span,
        /// What stands after it.
        value: Span,
    },
    /// Text without `=`.
    Word,
    /// Nothing, between two semicolons or before the first.
    Empty,
}

/// The segments of `text`, in order. Nothing after the last semicolon is no segment.
///
/// ```
/// use mailproof::tag_list::{Kind, segments};
///
/// let text = "v=DMARC1; p = reject;; quarantine;";
/// let values: Vec<&str> = segments(text)
///     .map(|segment| match segment.kind {
///         Kind::Tag { value, .. } => &text[value],
///         Kind::Word => "a word",
///         Kind::Empty => "nothing",
///     })
///     .collect();
/// assert_eq!(values, ["DMARC1", "reject", "nothing", "a word"]);
/// ```
pub fn segments(text: &str) -> Segments<'_> {
    // Spans are 32 bits wide, and no record is longer.
    Segments { text: text.get(..text.len().min(u32::MAX as usize)).unwrap_or_default(), at: 0 }
}

/// Segments of one record that MTA-STS, TLS-RPT and BIMI keep. Their records have fewer than ten; each one that nobody knows is
/// told, and a text of megabytes must not become as many findings.
pub const MAX_FIELDS: usize = 500;

/// Whether `field` is an extension of a record of MTA-STS (RFC 8461 §3.1) or TLS-RPT (RFC 8460 §3): `name=value`, and nothing around the
/// `=`.
pub(crate) fn is_extension(field: &str) -> bool {
    let Some((name, value)) = field.split_once('=') else { return false };
    let is_letter = |b: &u8| b.is_ascii_alphanumeric();
    let in_name = |b: &u8| is_letter(b) || matches!(b, b'_' | b'-' | b'.');
    let in_value = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'=' | b';');
    name.len() <= 32
        && name.as_bytes().first().is_some_and(is_letter)
        && name.as_bytes().iter().all(in_name)
        && !value.is_empty()
        && value.as_bytes().iter().all(in_value)
}

/// Iterator over the segments of a tag-list; see [`segments`].
///
/// ```
/// assert_eq!(mailproof::tag_list::segments("a=1;b=2;").count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    #[inline]
    fn next(&mut self) -> Option<Segment> {
        self.step()
    }
}

impl Segments<'_> {
    /// The same as `next`, always made part of the caller's loop: handed over in memory, a segment would be read back in pieces, which is a
    /// seventh of what reading a key costs.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Option<Segment> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let end = memchr::memchr(b';', rest).map_or(self.text.len(), |length| self.at + length);
        let start = trimmed_start(self.text, self.at, end);
        let whole = Span::of_parsed(start, trimmed_end(self.text, start, end));
        let last = end == self.text.len();
        self.at = end + 1;
        if whole.is_empty() {
            // §3.2: the list may end in a semicolon.
            return (!last).then_some(Segment { span: whole, kind: Kind::Empty });
        }
        // Names are a few letters long.
        let equals = self.text.as_bytes()[whole.range()].iter().position(|&b| b == b'=');
        let kind = match equals {
            Some(length) => {
                let (start, end) = (whole.start as usize, whole.end as usize);
                let equals = start + length;
                // The ends of the segment are trimmed already.
                Kind::Tag {
                    name: Span::of_parsed(start, trimmed_end(self.text, start, equals)),
                    value: Span::of_parsed(trimmed_start(self.text, equals + 1, end), end),
                }
            }
            None => Kind::Word,
        };
        Some(Segment { span: whole, kind })
    }
}

/// `start..end` without folding white space at its ends (§2.8: SP, TAB, CR, LF).
pub(crate) fn trimmed(text: &str, start: usize, end: usize) -> Span {
    let start = trimmed_start(text, start, end);
    Span::new(start, trimmed_end(text, start, end))
}

fn trimmed_start(text: &str, start: usize, end: usize) -> usize {
    let part = &text.as_bytes()[start..end];
    start + part.iter().position(|&b| !is_fws(b)).unwrap_or(part.len())
}

fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    let part = &text.as_bytes()[start..end];
    part.iter().rposition(|&b| !is_fws(b)).map_or(start, |last| start + last + 1)
}

fn is_fws(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether `name` is a tag-name (§3.2): a letter, then letters, digits and `_`.
///
/// ```
/// use mailproof::tag_list::is_tag_name;
///
/// assert!(is_tag_name("adkim"));
/// assert!(!is_tag_name("p:"));
/// ```
pub fn is_tag_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic()) && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<String> {
        segments(text)
            .map(|segment| match segment.kind {
                Kind::Tag { name, value } => format!("{}|{}", &text[name], &text[value]),
                Kind::Word => format!("word {}", &text[segment.span]),
                Kind::Empty => format!("empty at {}", segment.span.start),
            })
            .collect()
    }

    #[test]
    fn reads_everything() {
        assert_eq!(spans(" a = 1 ;\r\n\tb=2=3; =x; y=; z"), ["a|1", "b|2=3", "|x", "y|", "word z"]);
        assert_eq!(spans(";;a=1;;"), ["empty at 0", "empty at 1", "a|1", "empty at 6"]);
        assert!(spans("").is_empty());
        assert!(spans(" ").is_empty());
    }

    #[test]
    fn names() {
        assert!(is_tag_name("a1_b"));
        assert!(!is_tag_name("1a") && !is_tag_name("") && !is_tag_name("a-b"));
    }
}
