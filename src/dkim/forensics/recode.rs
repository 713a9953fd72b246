//! Content-transfer-encodings of a body or of its parts, changed back.

use std::ops::Range;

use memchr::memmem;

use super::What;
use super::coding::{
    Habit, decode_base64, decode_quoted_printable, encode_base64, encode_quoted_printable, from_latin1_to_utf8,
    from_utf8_to_latin1,
};
use super::transform::{Candidate, boundary};
use crate::message::mime::{Part, part_ranges};
use crate::message::{LineEnds, Message};

/// A body, or a part of one, with its content-transfer-encoding.
pub(super) struct Piece {
    /// The part's header in the body; empty for a message that is not multipart.
    pub(super) header: Range<usize>,
    pub(super) content: Range<usize>,
}

/// Parts looked at.
const MAX_PARTS: usize = 8;
/// Multiparts within each other. Mail with pictures, an attachment and a signature has four.
const MAX_DEPTH: usize = 6;

/// The leaves of a multipart, or the whole body.
pub(super) fn parts(message: &Message<'_>) -> Vec<Piece> {
    let body = message.body();
    let mut pieces = Vec::new();
    if let Some(boundary) = boundary(message) {
        leaves(body, 0..body.len(), &boundary, MAX_DEPTH, &mut pieces);
    }
    if pieces.is_empty() { vec![Piece { header: 0..0, content: 0..body.len() }] } else { pieces }
}

/// The parts that are no multiparts themselves, by their places in the body.
fn leaves(body: &[u8], within: Range<usize>, boundary: &[u8], depth: usize, pieces: &mut Vec<Piece>) {
    for range in part_ranges(&body[within.clone()], boundary) {
        if pieces.len() >= MAX_PARTS {
            return;
        }
        let (start, end) = (within.start + range.start, within.start + range.end);
        // The line end before a delimiter belongs to it.
        let end = if body[start..end].ends_with(b"\r\n") { end - 2 } else { end };
        let part = Part::new(&body[start..end]);
        let content = end - part.body.len();
        match part.boundary() {
            Some(inner) if depth > 0 => leaves(body, content..end, &inner, depth - 1, pieces),
            Some(_) => {}
            None if part.body.is_empty() => {}
            None => pieces.push(Piece { header: start..start + part.header.len(), content: content..end }),
        }
    }
}

/// Encodings of parts, each by itself and then all at once; `None` for those that none of it has.
pub(super) fn recoded<'m>(
    message: &'m Message<'m>,
    pieces: Vec<Piece>,
    text: Vec<u8>,
) -> impl Iterator<Item = Option<Candidate>> + 'm {
    // Part offsets are those of the body as received; with LF it is another text, and only the whole is tried.
    let pieces = if message.line_ends() == LineEnds::Lf { Vec::new() } else { pieces };
    let pieces = if pieces.is_empty() { vec![Piece { header: 0..0, content: 0..text.len() }] } else { pieces };
    let several = pieces.len() > 1;
    let single = (0..pieces.len()).map(|at| vec![at]);
    let all = several.then(|| (0..pieces.len()).collect::<Vec<_>>());
    let sets: Vec<Vec<usize>> = single.chain(all).collect();
    let ways = ways();
    sets.into_iter().flat_map(move |set| ways.clone().into_iter().map(move |way| (set.clone(), way))).map(
        move |(set, (named, way))| {
            let mut out = Vec::with_capacity(text.len() * 2);
            let mut at = 0;
            let mut changed = false;
            for index in set {
                let piece = &pieces[index];
                let Some(content) = way(&text[piece.content.clone()]) else { continue };
                changed = true;
                out.extend_from_slice(&text[at..piece.header.start]);
                out.extend_from_slice(&encoding_named(&text[piece.header.clone()], named));
                out.extend_from_slice(&text[piece.header.end..piece.content.start]);
                out.extend_from_slice(&content);
                at = piece.content.end;
            }
            out.extend_from_slice(&text[at..]);
            changed.then(|| Candidate { deep: !several, ..Candidate::body(What::ReEncoded, out) })
        },
    )
}

type Way = (&'static str, fn(&[u8]) -> Option<Vec<u8>>);

fn ways() -> Vec<Way> {
    vec![
        ("8bit", |text| decode_quoted_printable(text)),
        ("8bit", |text| decode_base64(text)),
        ("7bit", |text| decode_quoted_printable(text)),
        ("7bit", |text| decode_base64(text)),
        ("quoted-printable", |text| quoted(text, 76, false, true)),
        ("quoted-printable", |text| quoted(text, 76, true, true)),
        ("quoted-printable", |text| quoted(text, 75, false, true)),
        ("quoted-printable", |text| quoted(text, 74, false, true)),
        ("quoted-printable", |text| quoted(text, 73, false, true)),
        ("quoted-printable", |text| quoted(text, 72, false, true)),
        ("quoted-printable", |text| quoted(text, 76, false, false)),
        ("quoted-printable", |text| quoted(&decode_base64(text)?, 76, false, true)),
        ("base64", |text| lines(text, 76)),
        ("base64", |text| lines(text, 72)),
        ("base64", |text| lines(text, 64)),
        ("base64", |text| lines(text, 60)),
        ("base64", |text| lines(&decode_quoted_printable(text)?, 76)),
        ("base64", |text| lines(&[text, b"\r\n"].concat(), 76)),
        ("base64", |text| lines(&decode_base64(text)?, 76)),
        ("base64", |text| lines(&decode_base64(text)?, 72)),
        ("base64", |text| lines(&decode_base64(text)?, 64)),
        ("base64", |text| lines(&decode_base64(text)?, 60)),
        // With an empty line at the end, as some write it before a boundary.
        ("base64", |text| Some(encode_base64(text, 76))),
        ("base64", |text| Some(encode_base64(&[text, b"\r\n"].concat(), 76))),
        ("base64", |text| Some(encode_base64(&decode_base64(text)?, 76))),
        ("base64", |text| Some(encode_base64(&decode_base64(text)?, 72))),
        // Gateways that speak 7 bits often choose a smaller character set with the encoding.
        ("8bit", |text| from_latin1_to_utf8(&decode_quoted_printable(text)?)),
        ("8bit", |text| from_latin1_to_utf8(&decode_base64(text)?)),
        ("8bit", |text| from_utf8_to_latin1(&decode_quoted_printable(text)?)),
        ("8bit", |text| from_utf8_to_latin1(&decode_base64(text)?)),
    ]
}

/// Base64 without the last line end: before a boundary that is the boundary's.
fn lines(octets: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut text = encode_base64(octets, width);
    text.truncate(text.len().saturating_sub(2));
    Some(text)
}

fn quoted(text: &[u8], width: usize, careful: bool, upper: bool) -> Option<Vec<u8>> {
    Some(encode_quoted_printable(text, Habit { width, careful, upper }))
}

/// A part's header with another Content-Transfer-Encoding.
pub(super) fn encoding_named(header: &[u8], encoding: &str) -> Vec<u8> {
    let name = b"content-transfer-encoding:";
    let lower = header.to_ascii_lowercase();
    let Some(at) = memmem::find(&lower, name) else { return header.to_vec() };
    let value = at + name.len();
    let end = memchr::memchr(b'\r', &header[value..]).map_or(header.len(), |length| value + length);
    [&header[..value], b" ", encoding.as_bytes(), &header[end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_parts() {
        let body =
            "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n--b--\r\n";
        let text = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
        let message = Message::parse(text.as_bytes());
        let first = recoded(&message, parts(&message), body.as_bytes().to_vec()).flatten().next().unwrap();
        let expected = "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nü\r\n--b--\r\n";
        assert_eq!(String::from_utf8(first.body).unwrap(), expected);
    }

    /// The contents of the leaves.
    fn contents(text: &str) -> Vec<&str> {
        let message = Message::parse(text.as_bytes());
        let body = &text[message.body_start()..];
        parts(&message).into_iter().map(|piece| &body[piece.content]).collect()
    }

    #[test]
    fn leaves_of_multiparts_in_each_other() {
        let inner =
            "--in\r\nContent-Type: text/plain\r\n\r\none\r\n-- \r\n--not a delimiter\r\n--in\r\n\r\ntwo\r\n--in--\r\n";
        let head = "Content-Type: multipart/mixed; xboundary=in; Boundary=\"out\"\r\n\r\npreamble\r\n";
        let outer = format!(
            "{head}--out\r\nContent-Type: multipart/alternative;\r\n boundary=in\r\n\r\n{inner}--out\r\nA: b\r\n\r\nthree\r\n--out--\r\n"
        );
        assert_eq!(contents(&outer), ["one\r\n-- \r\n--not a delimiter", "two", "three"]);
        // Neither delimiters nor a multipart: the whole body.
        assert_eq!(contents(&format!("{head}text")), ["preamble\r\ntext"]);
        assert_eq!(contents("Content-Type: text/plain; boundary=b\r\n\r\n--b\r\n\r\na\r\n"), ["--b\r\n\r\na\r\n"]);
    }

    /// A list puts its footer there; of a message that was cut off, what is left is a part.
    #[test]
    fn an_epilogue_is_no_leaf() {
        let text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo";
        assert_eq!(contents(text), ["one", "two"]);
        for epilogue in ["", "\r\n\r\n____\r\nlist footer\r\n", "\r\n--b\r\n\r\nthree\r\n"] {
            assert_eq!(contents(&format!("{text}\r\n--b--{epilogue}")), ["one", "two"], "{epilogue:?}");
        }
    }

    /// Linear, or this test would not end: lines that look like delimiters, delimiters, and multiparts without end.
    #[test]
    fn hostile_parts_take_linear_time() {
        for piece in ["\r\n--a", "\r\n--b", "\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"] {
            let body = piece.repeat(2_000_000 / piece.len());
            let text = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
            assert!(parts(&Message::parse(text.as_bytes())).len() <= MAX_PARTS);
        }
    }
}
