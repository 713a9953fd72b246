//! What relays do to a whole body, undone. Each gives the body that was there before, if it may have been done at all.

mod lines;
mod links;
mod mime;
mod spaces;
mod tabs;
mod text;
mod width;

use memchr::memmem;

use super::recode::{parts, recoded};
use super::{Edit, Scope, What};
use crate::dkim::signature::Canonicalization;
use crate::message::{LineEnds, Message};
pub(super) use mime::{boundary, preambles};

/// A body as it may have been.
pub(super) struct Candidate {
    pub(super) body: Vec<u8>,
    /// What was done to it.
    pub(super) what: What,
    pub(super) scope: Scope,
    /// The places, where they are few and small.
    pub(super) edits: Vec<Edit>,
    /// Whether something may have been appended as well.
    pub(super) deep: bool,
}

impl Candidate {
    pub(super) fn body(what: What, body: Vec<u8>) -> Self {
        Self { body, what, scope: Scope::Body, edits: Vec::new(), deep: true }
    }

    /// With nothing appended: one hash.
    pub(super) fn exactly(what: What, body: Vec<u8>) -> Self {
        Self { deep: false, ..Self::body(what, body) }
    }
}

/// Takes back what may have been done.
type Undo = fn(&[u8]) -> Option<Candidate>;

/// The same with a number of ways in which it may have been done, counted from 0.
type UndoWay = (usize, fn(&[u8], usize) -> Option<Candidate>);

/// White space within lines.
const WITHIN_LINES: &[UndoWay] = &[
    (tabs::STOP_WAYS, tabs::tabs_to_stops),
    (tabs::SPACES_WAYS, tabs::tabs_to_spaces),
    (tabs::OF_SPACES_WAYS, tabs::tabs_of_spaces),
    (spaces::BLANK_WAYS, spaces::blank_lines_emptied),
    (spaces::SENTENCE_WAYS, spaces::sentences_joined),
];

/// The ways to undo, likeliest first; a way is not gone before the one before it has failed. `None` for one that cannot have been done.
pub(super) fn candidates<'m>(
    mode: Canonicalization,
    message: &'m Message<'m>,
) -> impl Iterator<Item = Option<Candidate>> + 'm {
    let body = message.body();
    let crlf = normal(body, message.line_ends());
    let first: [Undo; 17] = [
        lines::bare_line_ends,
        lines::doubled_cr,
        text::dot_added,
        text::from_quoted,
        trailing_space_added,
        lines::blank_lines_doubled,
        lines::runs_joined,
        lines::empty_lines_doubled,
        text::byte_order_mark,
        text::dot_removed,
        spaces::signature_delimiter,
        lines::blank_line_before,
        lines::lone_lf_signed,
        text::latin1,
        text::utf8,
        |body| tabs::tabs_expanded(body, 0),
        |body| links::links(body, 0),
    ];
    // Relaxed canonicalization evens out the rest.
    let within_lines: &[UndoWay] = match mode {
        Canonicalization::Simple => WITHIN_LINES,
        Canonicalization::Relaxed => &[],
    };
    let more: [UndoWay; 8] = [
        (spaces::STUFFED_WAYS, spaces::space_stuffed),
        (text::DIGIT_WAYS, text::digits_of_other_case),
        (links::LINK_WAYS, links::links),
        (mime::PREAMBLE_WAYS, mime::preamble_lost),
        (spaces::FLOWED_WAYS, spaces::flowed),
        (width::LONG_WAYS, width::long_lines),
        (width::FILLED_WAYS, width::filled),
        (tabs::TAB_WAYS, tabs::tabs_expanded),
    ];
    let (again, text) = (crlf.clone(), crlf.clone());
    let changes = first.into_iter().map(move |undo| undo(&crlf));
    let closings = boundary(message).map(|boundary| mime::closing_lost(&text, &boundary)).unwrap_or_default();
    let ways = within_lines.iter().copied().chain(more).flat_map(|(ways, undo)| (0..ways).map(move |way| (undo, way)));
    let ways = ways.map(move |(undo, way)| undo(&again, way));
    changes.chain(closings.into_iter().map(Some)).chain(recoded(message, parts(message), text)).chain(ways)
}

/// With CRLF, as it came over the wire.
fn normal(body: &[u8], ends: LineEnds) -> Vec<u8> {
    match ends {
        LineEnds::Crlf => body.to_vec(),
        LineEnds::Lf => {
            let mut out = Vec::with_capacity(body.len() + body.len() / 30);
            for line in body.split_inclusive(|&byte| byte == b'\n') {
                match line.strip_suffix(b"\n") {
                    Some(line) => {
                        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                        out.extend_from_slice(b"\r\n");
                    }
                    None => out.extend_from_slice(line),
                }
            }
            out
        }
    }
}

/// `body` line by line through `change`; `None` if nothing changed.
fn by_line(body: &[u8], mut change: impl FnMut(&[u8], &mut Vec<u8>)) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut rest = body;
    while !rest.is_empty() {
        let (line, end, next) = match memmem::find(rest, b"\r\n") {
            Some(length) => (&rest[..length], &b"\r\n"[..], &rest[length + 2..]),
            None => (rest, &b""[..], &b""[..]),
        };
        change(line, &mut out);
        out.extend_from_slice(end);
        rest = next;
    }
    (out != body).then_some(out)
}

/// `body` with `other` for each `text`; `None` if there is none.
fn replaced(body: &[u8], text: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut from = 0;
    for at in memmem::find_iter(body, text) {
        out.extend_from_slice(&body[from..at]);
        out.extend_from_slice(other);
        from = at + text.len();
    }
    out.extend_from_slice(&body[from..]);
    (from > 0).then_some(out)
}

pub(super) fn trailing_space_added(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| out.extend_from_slice(trim_end(line)))?;
    Some(Candidate::body(What::Whitespace, out))
}

pub(super) fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |at| at + 1);
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::lines::{bare_line_ends, blank_lines_doubled, doubled_cr};
    use super::text::{dot_added, from_quoted};
    use super::*;

    fn undone(undo: fn(&[u8]) -> Option<Candidate>, body: &str) -> Option<String> {
        undo(body.as_bytes()).map(|candidate| String::from_utf8(candidate.body).unwrap())
    }

    #[test]
    fn undoing() {
        assert_eq!(undone(bare_line_ends, "a\nb\r\nc\r").unwrap(), "a\r\nb\r\nc\r\n");
        assert_eq!(undone(doubled_cr, "a\r\r\n\r\r\n").unwrap(), "a\r\n\r\n");
        assert_eq!(undone(dot_added, "..a\r\nb\r\n..\r\n").unwrap(), ".a\r\nb\r\n.\r\n");
        assert_eq!(undone(from_quoted, ">From a\r\n> b\r\n").unwrap(), "From a\r\n> b\r\n");
        assert_eq!(undone(trailing_space_added, "a \r\nb\t\r\n").unwrap(), "a\r\nb\r\n");
        assert_eq!(undone(blank_lines_doubled, "a\r\n\r\nb\r\n\r\n").unwrap(), "a\r\nb\r\n");
        assert_eq!(undone(dot_added, "a\r\n"), None);
        let line = "x".repeat(998);
        let whole = width::long_lines(format!("{line}\r\n yz\r\n").as_bytes(), 0).unwrap().body;
        assert_eq!(whole, format!("{line}yz\r\n").as_bytes());
        let edits = dot_added(b"a\r\n..b\r\n").unwrap().edits;
        assert_eq!(edits, [Edit { at: 3, length: 1, original: Vec::new() }]);
    }

    proptest::proptest! {
        #[test]
        fn any_body(body in "(--b|[a-z.>=]{0,8}|Content-Type: x|From |\r\n|\n|\r|\u{fc}){0,20}") {
            let text = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
            let message = Message::parse(text.as_bytes());
            for mode in [Canonicalization::Simple, Canonicalization::Relaxed] {
                assert!(candidates(mode, &message).flatten().count() < 1_000);
            }
        }
    }
}
