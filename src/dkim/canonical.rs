//! Canonicalization (RFC 6376 §3.4): one pass over the message, piece by piece into whatever takes them.
//!
//! Nothing is copied but what changes. SP and TAB are white space; CR or LF alone is an octet like any other,
//! except where all lines of the message end in LF alone ([`LineEnds::Lf`]).

#[cfg(any(test, feature = "crypto"))]
use std::ops::Range;

use memchr::memchr;

use super::signature::Canonicalization;
use crate::message::LineEnds;

/// Takes the canonical form in pieces.
pub(crate) trait Sink {
    fn push(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn push(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

const CRLF: &[u8] = b"\r\n";

impl Canonicalization {
    /// A body with CRLF line ends in this canonical form (§3.4.3, §3.4.4). Verifiers never make this copy.
    ///
    /// ```
    /// use mailproof::dkim::Canonicalization;
    ///
    /// // What whoever compares two bodies wants to see: spaces, and empty lines at the end.
    /// assert_eq!(Canonicalization::Relaxed.body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    /// assert_eq!(Canonicalization::Simple.body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C \r\nD \t E\r\n");
    /// ```
    pub fn body(self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 2);
        body(self, text, LineEnds::Crlf, &mut out);
        out
    }

    /// Header fields in this canonical form (§3.4.1, §3.4.2), each with its CRLF.
    ///
    /// ```
    /// use mailproof::dkim::Canonicalization;
    ///
    /// assert_eq!(Canonicalization::Relaxed.header(b"B : Y\t\r\n\tZ  \r\n"), b"b:Y Z\r\n");
    /// ```
    pub fn header(self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 2);
        let mut rest = text;
        while !rest.is_empty() {
            let (field, next) = rest.split_at(field_length(rest));
            header_field(self, field, &mut out);
            rest = next;
        }
        out
    }
}

/// Octets up to a line end that no white space follows.
fn field_length(text: &[u8]) -> usize {
    let mut ends = memchr::memchr_iter(b'\n', text).map(|lf| lf + 1);
    ends.find(|&end| !text.get(end).is_some_and(|b| is_space(*b))).unwrap_or(text.len())
}

/// A body in canonical form (§3.4.3, §3.4.4).
pub(crate) fn body(mode: Canonicalization, body: &[u8], ends: LineEnds, sink: &mut impl Sink) {
    let text = &body[..end_of_text(mode, body, ends)];
    if text.is_empty() {
        // §3.4.3: an empty body is one CRLF; §3.4.4: it stays empty.
        if mode == Canonicalization::Simple {
            sink.push(CRLF);
        }
        return;
    }
    match ends {
        LineEnds::Crlf => run(mode, text, sink),
        LineEnds::Lf => {
            let mut rest = text;
            while let Some(lf) = memchr(b'\n', rest) {
                line(mode, rest[..lf].strip_suffix(b"\r").unwrap_or(&rest[..lf]), sink);
                sink.push(CRLF);
                rest = &rest[lf + 1..];
            }
            line(mode, rest, sink);
        }
    }
    sink.push(CRLF);
}

/// Where the last line with something in it ends, before its line end. 0 if there is none.
pub(crate) fn end_of_text(mode: Canonicalization, body: &[u8], ends: LineEnds) -> usize {
    let mut end = body.len();
    loop {
        if mode == Canonicalization::Relaxed {
            end -= trailing_space(&body[..end]);
        }
        end = match &body[..end] {
            [.., b'\r', b'\n'] => end - 2,
            [.., b'\n'] if ends == LineEnds::Lf => end - 1,
            _ => return end,
        };
    }
}

/// One line without its line end.
pub(crate) fn line(mode: Canonicalization, text: &[u8], sink: &mut impl Sink) {
    match mode {
        Canonicalization::Simple => sink.push(text),
        Canonicalization::Relaxed => run(mode, &text[..text.len() - trailing_space(text)], sink),
    }
}

fn trailing_space(text: &[u8]) -> usize {
    text.iter().rev().take_while(|b| is_space(**b)).count()
}

/// Text that does not end in white space.
fn run(mode: Canonicalization, text: &[u8], sink: &mut impl Sink) {
    if mode == Canonicalization::Simple {
        return sink.push(text);
    }
    let mut from = 0;
    let mut at = 0;
    let mut tab = next_tab(text, 0);
    loop {
        let start = match find_spaces(&text[..tab], at) {
            Some(start) => start,
            None if tab == text.len() => break,
            // One space before it belongs to it; two would have been found.
            None => tab - usize::from(tab > at && text[tab - 1] == b' '),
        };
        let end = end_of_space(text, start);
        at = end;
        if tab < at {
            tab = next_tab(text, at);
        }
        if text[end..].starts_with(CRLF) {
            // §3.4.4: no white space at the end of a line.
            sink.push(&text[from..start]);
            from = end;
        } else if &text[start..end] != b" " {
            // §3.4.4: one space for all white space between words.
            if text[start] == b' ' {
                sink.push(&text[from..=start]);
            } else {
                sink.push(&text[from..start]);
                sink.push(b" ");
            }
            from = end;
        }
    }
    sink.push(&text[from..]);
}

fn next_tab(text: &[u8], at: usize) -> usize {
    memchr(b'\t', &text[at..]).map_or(text.len(), |length| at + length)
}

/// The next space before another control or space.
fn find_spaces(text: &[u8], mut at: usize) -> Option<usize> {
    // Eight octets at a time, each beside the one that follows it.
    while let Some(nine) = text.get(at..at + 9) {
        let (Ok(these), Ok(next)) = (nine[..8].try_into(), nine[1..].try_into()) else { break };
        let found = equal(u64::from_le_bytes(these), b' ') & at_most_space(u64::from_le_bytes(next));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let mut pairs = text.get(at..)?.windows(2);
    pairs.position(|pair| pair[0] == b' ' && pair[1] <= b' ').map(|length| at + length)
}

/// The end of the white space that starts at `start`.
fn end_of_space(text: &[u8], start: usize) -> usize {
    if let Some(Ok(eight)) = text.get(start..start + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(eight);
        let other = !(equal(word, b' ') | equal(word, b'\t')) & !LOW_BITS;
        if other != 0 {
            return start + other.trailing_zeros() as usize / 8;
        }
    }
    start + text[start..].iter().take_while(|b| is_space(**b)).count()
}

const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ONES: u64 = 0x0101_0101_0101_0101;

/// The high bit of each octet of `word` that is `octet`. No octet carries into the next, so no bit is false.
fn equal(word: u64, octet: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(octet));
    !(((zero & LOW_BITS) + LOW_BITS) | zero | LOW_BITS)
}

/// The high bit of each octet of `word` that is a space or a control.
fn at_most_space(word: u64) -> u64 {
    !(((word & LOW_BITS) + ONES * (0x7f - 0x20)) | word | LOW_BITS)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A header field with its line end, in canonical form (§3.4.1, §3.4.2).
pub(crate) fn header_field(mode: Canonicalization, field: &[u8], sink: &mut impl Sink) {
    header_text(mode, field, sink);
    sink.push(CRLF);
}

/// The field that carries the signature (§3.7): without the value of `b=` and without its last line end.
#[cfg(any(test, feature = "crypto"))]
pub(crate) fn signature_field(mode: Canonicalization, field: &[u8], sink: &mut impl Sink) {
    let b = signature_value(field);
    header_text(mode, &[&field[..b.start], &field[b.end..]].concat(), sink);
}

fn header_text(mode: Canonicalization, field: &[u8], sink: &mut impl Sink) {
    let field = field.strip_suffix(b"\n").map_or(field, |field| field.strip_suffix(b"\r").unwrap_or(field));
    match mode {
        Canonicalization::Simple => {
            let mut rest = field;
            while let Some(lf) = memchr(b'\n', rest) {
                sink.push(rest[..lf].strip_suffix(b"\r").unwrap_or(&rest[..lf]));
                sink.push(CRLF);
                rest = &rest[lf + 1..];
            }
            sink.push(rest);
        }
        Canonicalization::Relaxed => {
            let colon = memchr(b':', field).unwrap_or(field.len());
            lower_case(field[..colon].trim_ascii(), sink);
            sink.push(b":");
            unfolded(field.get(colon + 1..).unwrap_or_default(), sink);
        }
    }
}

fn lower_case(name: &[u8], sink: &mut impl Sink) {
    for part in name.chunks(64) {
        let mut lower = [0; 64];
        lower[..part.len()].copy_from_slice(part);
        lower.make_ascii_lowercase();
        sink.push(&lower[..part.len()]);
    }
}

/// §3.4.2: line ends gone, white space as one space, none at the ends.
pub(crate) fn unfolded(text: &[u8], sink: &mut impl Sink) {
    let text = &text[end_of_fold(text, 0)..];
    let text = without_fold_at_end(text);
    let (mut from, mut at) = (0, 0);
    while let Some(start) = find_folded(text, at) {
        let end = end_of_fold(text, start);
        // CR alone is no fold.
        at = end.max(start + 1);
        if start == end || &text[start..end] == b" " {
            continue;
        }
        if text[start] == b' ' {
            sink.push(&text[from..=start]);
        } else {
            sink.push(&text[from..start]);
            sink.push(b" ");
        }
        from = end;
    }
    sink.push(&text[from..]);
}

/// The next place that may have to change: as in bodies, or at a line end.
fn find_folded(text: &[u8], mut at: usize) -> Option<usize> {
    while let Some(nine) = text.get(at..at + 9) {
        let (Ok(these), Ok(next)) = (nine[..8].try_into(), nine[1..].try_into()) else { break };
        let (these, next) = (u64::from_le_bytes(these), u64::from_le_bytes(next));
        let ends = equal(these, b'\t') | equal(these, b'\r') | equal(these, b'\n');
        let changed = ends | (equal(these, b' ') & at_most_space(next));
        if changed != 0 {
            return Some(at + changed.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let last = |at: &usize| {
        let next = text.get(at + 1).copied().unwrap_or(b'x');
        matches!(text[*at], b'\t' | b'\r' | b'\n') || (text[*at] == b' ' && next <= b' ')
    };
    (at..text.len()).find(last)
}

fn end_of_fold(text: &[u8], mut at: usize) -> usize {
    loop {
        match fold_length(&text[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}

fn without_fold_at_end(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [rest @ .., b'\r', b'\n'] | [rest @ .., b' ' | b'\t' | b'\n'] => rest,
            _ => return text,
        };
    }
}

/// How many octets of folding white space `text` starts with, counting one SP, TAB or line end.
fn fold_length(text: &[u8]) -> usize {
    match text {
        [b' ' | b'\t' | b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

/// Where the value of `b=` stands in a field, with all white space around it (§3.7). Found by reading the tag-list:
/// `b=` may well stand in another tag's value, and `bh=` is another tag.
#[cfg(any(test, feature = "crypto"))]
pub(crate) fn signature_value(field: &[u8]) -> Range<usize> {
    let mut start = memchr(b':', field).map_or(field.len(), |colon| colon + 1);
    while start < field.len() {
        let end = memchr(b';', &field[start..]).map_or(field.len(), |length| start + length);
        if let Some(equals) = memchr(b'=', &field[start..end])
            && field[start..start + equals].trim_ascii() == b"b"
        {
            return start + equals + 1..end;
        }
        start = end + 1;
    }
    field.len()..field.len()
}

#[cfg(test)]
mod tests;
