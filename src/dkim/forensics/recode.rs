//! Content-transfer-encodings of a body or of its parts, changed back.

use memchr::memmem;

use super::What;
use super::coding::{
    Habit, decode_base64, decode_quoted_printable, encode_base64, encode_quoted_printable, from_latin1_to_utf8,
    from_utf8_to_latin1,
};
use super::transform::Candidate;
use crate::message::{LineEnds, Message};

/// A body, or a part of one, with its content-transfer-encoding.
pub(super) struct Piece {
    /// The part's header in the body; empty for a message that is not multipart.
    header: std::ops::Range<usize>,
    content: std::ops::Range<usize>,
}

/// Parts looked at.
const MAX_PARTS: usize = 8;

/// The leaves of a multipart, or the whole body. Boundaries are those that the header fields announce.
pub(super) fn parts(message: &Message<'_>) -> Vec<Piece> {
    let body = message.body();
    let whole = Piece { header: 0..0, content: 0..body.len() };
    let header = message.fields_named("Content-Type").next_back().map(|at| message.fields()[at].body());
    if header.is_none_or(|header| !header.to_ascii_lowercase().trim_ascii_start().starts_with(b"multipart/")) {
        return vec![whole];
    }
    let mut pieces = Vec::new();
    let mut starts = memmem::find_iter(body, b"\n--").map(|at| at + 1).collect::<Vec<_>>();
    if body.starts_with(b"--") {
        starts.insert(0, 0);
    }
    for (i, &start) in starts.iter().enumerate() {
        let rest = &body[start..];
        let Some(line) = memchr::memchr(b'\n', rest) else { break };
        let Some(length) = memmem::find(rest, b"\r\n\r\n") else { break };
        let header = start + line + 1..(start + length + 2).max(start + line + 1);
        let looks_like_header = body[header.clone()].to_ascii_lowercase().starts_with(b"content-");
        let end = starts.get(i + 1).copied().unwrap_or(body.len());
        let content = start + length + 4;
        if !looks_like_header || content >= end {
            continue;
        }
        // The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
        let end = if body[..end].ends_with(b"\r\n") { end - 2 } else { end };
        let multipart = memmem::find(&body[header.clone()].to_ascii_lowercase(), b"multipart/").is_some();
        if !multipart {
            pieces.push(Piece { header, content: content..end.max(content) });
        }
        if pieces.len() == MAX_PARTS {
            break;
        }
    }
    if pieces.is_empty() { vec![whole] } else { pieces }
}

/// Encodings of parts, each by itself and then all at once.
pub(super) fn recoded<'m>(
    message: &'m Message<'m>,
    pieces: Vec<Piece>,
    text: Vec<u8>,
) -> impl Iterator<Item = Candidate> + 'm {
    // Part offsets are those of the body as received; with LF it is another text, and only the whole is tried.
    let pieces = if message.line_ends() == LineEnds::Lf { Vec::new() } else { pieces };
    let pieces = if pieces.is_empty() { vec![Piece { header: 0..0, content: 0..text.len() }] } else { pieces };
    let several = pieces.len() > 1;
    let single = (0..pieces.len()).map(|at| vec![at]);
    let all = several.then(|| (0..pieces.len()).collect::<Vec<_>>());
    let sets: Vec<Vec<usize>> = single.chain(all).collect();
    let ways = ways();
    sets.into_iter().flat_map(move |set| ways.clone().into_iter().map(move |way| (set.clone(), way))).filter_map(
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
fn encoding_named(header: &[u8], encoding: &str) -> Vec<u8> {
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
        let first = recoded(&message, parts(&message), body.as_bytes().to_vec()).next().unwrap();
        let expected = "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nü\r\n--b--\r\n";
        assert_eq!(String::from_utf8(first.body).unwrap(), expected);
    }
}
