//! White space.

use super::{Candidate, by_line};
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

/// A TAB at the start of a line became eight spaces: in every line that starts with them, or in one.
pub(super) const TAB_WAYS: usize = 12;

pub(super) fn tabs_expanded(body: &[u8], way: usize) -> Option<Candidate> {
    let mut found = 0;
    let out = by_line(body, |line, out| {
        let mut rest = line;
        while let Some(next) = rest.strip_prefix(b"        ") {
            found += 1;
            if way != 0 && way != found {
                break;
            }
            out.push(b'\t');
            rest = next;
        }
        out.extend_from_slice(rest);
    })?;
    Some(Candidate::body(What::Whitespace, out))
}
