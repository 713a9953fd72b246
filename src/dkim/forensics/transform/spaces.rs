//! White space.

use super::{Candidate, by_line, replaced};
use crate::dkim::forensics::What;

/// The `-- ` of signatures lost its space.
pub(super) fn signature_delimiter(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        out.extend_from_slice(line);
        if line == b"--" {
            out.push(b' ');
        }
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// format=flowed lost its spaces: every line of a paragraph but the last had one at its end (RFC 3676 §4.1). Lines
/// were broken where the next word did not fit into so many columns.
const FLOWED: &[usize] = &[66, 72, 70, 64, 78, 74, 76, 60];
pub(super) const FLOWED_WAYS: usize = FLOWED.len() * 2;

pub(super) fn flowed(body: &[u8], way: usize) -> Option<Candidate> {
    let width = *FLOWED.get(way / 2)?;
    let delimiter = way % 2 == 1;
    let lines: Vec<&[u8]> = body.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let mut at = 0;
    let out = by_line(body, |line, out| {
        out.extend_from_slice(line);
        let next = lines.get(at + 1).filter(|next| !next.is_empty() && !next.starts_with(b"--"));
        let word = next.map(|next| memchr::memchr(b' ', next).unwrap_or(next.len()));
        let flows = word.is_some_and(|word| line.len() + 1 + word > width) && !line.ends_with(b" ");
        if !line.is_empty() && flows || delimiter && line == b"--" {
            out.push(b' ');
        }
        at += 1;
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// Blanks in lines that hold nothing else went lost.
const BLANKS: &[&[u8]] = &[b" ", b"  ", b"\t", b"    "];
pub(super) const BLANK_WAYS: usize = BLANKS.len();

pub(super) fn blank_lines_emptied(body: &[u8], way: usize) -> Option<Candidate> {
    let blanks = *BLANKS.get(way)?;
    let out = by_line(body, |line, out| out.extend_from_slice(if line.is_empty() { blanks } else { line }))?;
    Some(Candidate::exactly(What::Whitespace, out))
}

/// Two spaces after a sentence became one.
pub(super) fn sentences_joined(body: &[u8], way: usize) -> Option<Candidate> {
    let mut out = replaced(body, b". ", b".  ");
    if way == 1 {
        for (one, two) in [(b"? ", b"?  "), (b"! ", b"!  "), (b": ", b":  ")] {
            out = replaced(out.as_deref().unwrap_or(body), one, two).or(out);
        }
    }
    Some(Candidate::exactly(What::Whitespace, out?))
}
pub(super) const SENTENCE_WAYS: usize = 2;

/// RFC 3676 §4.4: a space was put before `From `, or before all that starts with a space, `>` or `From `.
pub(super) fn space_stuffed(body: &[u8], way: usize) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        let stuffed = line.strip_prefix(b" ").filter(|rest| {
            rest.starts_with(b"From ") || way == 1 && (rest.starts_with(b" ") || rest.starts_with(b">"))
        });
        out.extend_from_slice(stuffed.unwrap_or(line));
    })?;
    Some(Candidate::exactly(What::Whitespace, out))
}
pub(super) const STUFFED_WAYS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(undo: fn(&[u8], usize) -> Option<Candidate>, body: &str, way: usize) -> Option<String> {
        undo(body.as_bytes(), way).map(|candidate| String::from_utf8(candidate.body).unwrap())
    }

    #[test]
    fn spaces() {
        assert_eq!(undone(blank_lines_emptied, "a\r\n\r\n\r\nb\r\n", 1).unwrap(), "a\r\n  \r\n  \r\nb\r\n");
        assert_eq!(undone(sentences_joined, "One. Two? Three.\r\n", 0).unwrap(), "One.  Two? Three.\r\n");
        assert_eq!(undone(sentences_joined, "One. Two? Three.\r\n", 1).unwrap(), "One.  Two?  Three.\r\n");
        assert_eq!(undone(sentences_joined, "One\r\n", 1), None);
        assert_eq!(undone(space_stuffed, " From\r\n From a\r\n > b\r\n", 0).unwrap(), " From\r\nFrom a\r\n > b\r\n");
        assert_eq!(undone(space_stuffed, " From\r\n From a\r\n > b\r\n", 1).unwrap(), " From\r\nFrom a\r\n> b\r\n");
    }
}
