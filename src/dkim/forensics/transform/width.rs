//! Lines that were too long for somebody.

use memchr::memmem;

use super::{Candidate, by_line};
use crate::dkim::forensics::What;
use crate::order::sort_by;

/// A relay broke lines that were longer than it sends. What it may have put there: nothing, a space on the next line,
/// `!` before the line end and a space after it.
const JOINTS: &[(bool, bool)] = &[(false, true), (false, false), (true, true), (true, false)];
/// Widths tried: of long lines that are there.
const WIDTHS: usize = 4;
pub(super) const LONG_WAYS: usize = JOINTS.len() * WIDTHS;

pub(super) fn long_lines(body: &[u8], way: usize) -> Option<Candidate> {
    let (mark, space) = *JOINTS.get(way % JOINTS.len())?;
    let mut lengths: Vec<usize> = memmem::find_iter(body, b"\r\n")
        .scan(0, |start, end| Some(end - std::mem::replace(start, end + 2)))
        .filter(|length| *length >= 500)
        .collect();
    // A piece in the middle has the space at its start.
    sort_by(&mut lengths, Ord::cmp);
    lengths.dedup();
    let width = lengths.get(way / JOINTS.len())?.checked_sub(usize::from(mark))?;
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut continued = false;
    let mut joined = false;
    while let Some(length) = memmem::find(rest, b"\r\n") {
        let mut line = &rest[..length];
        rest = &rest[length + 2..];
        if continued && space {
            line = line.strip_prefix(b" ").unwrap_or(line);
        }
        let piece = if mark { line.strip_suffix(b"!").unwrap_or(line) } else { line };
        // With the space counted or not.
        continued = (piece.len() == width || continued && space && piece.len() + 1 == width)
            && (!mark || piece.len() < line.len());
        joined |= continued;
        if continued {
            out.extend_from_slice(piece);
        } else {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(rest);
    joined.then(|| Candidate::body(What::LineEndings, out))
}

/// Text was filled anew: a line was broken at a space wherever the next word did not fit into so many columns.
const FILLED: &[usize] = &[76, 78, 72, 80, 79, 77, 75, 74, 70, 65, 998];
pub(super) const FILLED_WAYS: usize = FILLED.len() * 2;

pub(super) fn filled(body: &[u8], way: usize) -> Option<Candidate> {
    let width = *FILLED.get(way / 2)?;
    let kept = way % 2 == 1;
    let longest = body.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // Words that are longer than a line stay as they are; other lines are not longer than the width.
    if !longest.clone().any(|line| line.len() <= width && line.len() + 20 > width) {
        return None;
    }
    let lines: Vec<&[u8]> = longest.collect();
    let mut at = 0;
    let mut joined = Vec::new();
    let marked = by_line(body, |line, out| {
        out.extend_from_slice(line);
        let next = lines.get(at + 1).copied().unwrap_or_default();
        let word = memchr::memchr(b' ', next).unwrap_or(next.len());
        if !line.is_empty() && !next.is_empty() && line.len() + 1 + word > width {
            joined.push(at);
            out.push(b' ');
        }
        at += 1;
    })?;
    let mut out = Vec::with_capacity(marked.len());
    let mut joined = joined.into_iter().peekable();
    for (at, line) in marked.split_inclusive(|&b| b == b'\n').enumerate() {
        if joined.next_if_eq(&at).is_none() {
            out.extend_from_slice(line);
            continue;
        }
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        out.extend_from_slice(line);
        if kept && line.ends_with(b"  ") {
            out.pop();
        }
    }
    Some(Candidate::body(What::LineEndings, out))
}
