//! What relays do to a whole body, undone. Each gives the body that was there before, if it may have been done at all.

use memchr::memmem;

use super::coding::{
    Habit, decode_base64, decode_quoted_printable, encode_base64, encode_quoted_printable, from_latin1_to_utf8,
    from_utf8_to_latin1,
};
use super::{Edit, Scope, What};
use crate::message::{LineEnds, Message};

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
    fn body(what: What, body: Vec<u8>) -> Self {
        Self { body, what, scope: Scope::Body, edits: Vec::new(), deep: true }
    }
}

/// Takes back what may have been done.
type Undo = fn(&[u8]) -> Option<Candidate>;

/// The ways to undo, likeliest first; a way is not gone before the one before it has failed.
pub(super) fn candidates<'m>(message: &'m Message<'m>) -> impl Iterator<Item = Candidate> + 'm {
    let body = message.body();
    let crlf = normal(body, message.line_ends());
    let whole: [Undo; 16] = [
        bare_line_ends,
        doubled_cr,
        dot_added,
        from_quoted,
        trailing_space_added,
        blank_lines_doubled,
        byte_order_mark,
        dot_removed,
        signature_delimiter,
        blank_line_before,
        flowed,
        long_lines,
        lone_lf_signed,
        latin1,
        utf8,
        tabs_expanded,
    ];
    let parts = parts(message);
    let text = crlf.clone();
    let changes = whole.into_iter().filter_map(move |undo| undo(&crlf));
    changes.chain(recoded(message, parts, text))
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

/// LF or CR alone became what it is by a gateway; the signer saw CRLF.
fn bare_line_ends(body: &[u8]) -> Option<Candidate> {
    let mut out = Vec::with_capacity(body.len() + 64);
    for (at, &byte) in body.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| body[at]);
        match byte {
            b'\n' if before != Some(b'\r') => out.extend_from_slice(b"\r\n"),
            b'\r' if body.get(at + 1) != Some(&b'\n') => out.extend_from_slice(b"\r\n"),
            byte => out.push(byte),
        }
    }
    (out != body).then(|| Candidate::body(What::LineEndings, out))
}

/// CR CR LF for CRLF.
fn doubled_cr(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        let end = line.iter().rposition(|&b| b != b'\r').map_or(0, |at| at + 1);
        out.extend_from_slice(&line[..end]);
    })?;
    Some(Candidate::body(What::LineEndings, out))
}

/// RFC 5321 §4.5.2 done once too often: a line that starts with a dot has one more.
fn dot_added(body: &[u8]) -> Option<Candidate> {
    start_removed(body, |line| line.starts_with(b".."))
}

/// mbox: `From ` at the start of a line became `>From `.
fn from_quoted(body: &[u8]) -> Option<Candidate> {
    start_removed(body, |line| {
        line.trim_ascii_start().starts_with(b">") && {
            let quotes = line.iter().take_while(|&&b| b == b'>').count();
            line[quotes..].starts_with(b"From ")
        }
    })
}

/// Takes the first octet of some lines away.
fn start_removed(body: &[u8], some: impl Fn(&[u8]) -> bool) -> Option<Candidate> {
    let mut edits = Vec::new();
    let mut at = 0;
    let out = by_line(body, |line, out| {
        let remove = some(line);
        if remove {
            edits.push(Edit { at, length: 1, original: Vec::new() });
        }
        out.extend_from_slice(&line[usize::from(remove)..]);
        at += line.len() + 2;
    })?;
    Some(Candidate { body: out, what: What::Inserted, scope: Scope::Place, edits, deep: true })
}

/// A dot at the start of a line was taken for dot-stuffing.
fn dot_removed(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

fn trailing_space_added(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| out.extend_from_slice(trim_end(line)))?;
    Some(Candidate::body(What::Whitespace, out))
}

fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |at| at + 1);
    &line[..end]
}

/// The `-- ` of signatures lost its space.
fn signature_delimiter(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        out.extend_from_slice(line);
        if line == b"--" {
            out.push(b' ');
        }
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// format=flowed lost its spaces: every line of a paragraph but the last had one at its end (RFC 3676 §4.1).
fn flowed(body: &[u8]) -> Option<Candidate> {
    let lines: Vec<&[u8]> = body.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    let mut at = 0;
    let out = by_line(body, |line, out| {
        out.extend_from_slice(line);
        let next = lines.get(at + 1).is_some_and(|next| !next.is_empty() && !next.starts_with(b"--"));
        if !line.is_empty() && next && line.len() > 50 && !line.ends_with(b" ") {
            out.push(b' ');
        }
        at += 1;
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// Every line end became two.
fn blank_lines_doubled(body: &[u8]) -> Option<Candidate> {
    let pairs = memmem::find_iter(body, b"\r\n\r\n").count();
    if pairs == 0 || pairs * 5 < memmem::find_iter(body, b"\r\n").count() * 2 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memmem::find(rest, b"\r\n\r\n") {
        out.extend_from_slice(&rest[..at + 2]);
        rest = &rest[at + 4..];
    }
    out.extend_from_slice(rest);
    Some(Candidate::body(What::LineEndings, out))
}

/// An empty line at the top got lost.
fn blank_line_before(body: &[u8]) -> Option<Candidate> {
    Some(Candidate::body(What::Whitespace, [b"\r\n", body].concat()))
}

fn byte_order_mark(body: &[u8]) -> Option<Candidate> {
    let what = What::ReEncoded;
    match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => Some(Candidate::body(what, rest.to_vec())),
        None if !body.is_ascii() => Some(Candidate::body(what, [b"\xef\xbb\xbf", body].concat())),
        None => None,
    }
}

/// A relay broke lines that were longer than it sends, and may have put a space or `!` there.
fn long_lines(body: &[u8]) -> Option<Candidate> {
    let longest = body.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).len()).max()?;
    if longest < 500 {
        return None;
    }
    let mut joined = false;
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(length) = memmem::find(rest, b"\r\n") {
        let line = &rest[..length];
        let mark = usize::from(line.ends_with(b"!"));
        rest = &rest[length + 2..];
        if line.len() == longest {
            joined = true;
            out.extend_from_slice(&line[..line.len() - mark]);
            rest = rest.strip_prefix(b" ").unwrap_or(rest);
        } else {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(rest);
    joined.then(|| Candidate::body(What::LineEndings, out))
}

/// The signer hashed LF where CRLF went over the wire.
fn lone_lf_signed(body: &[u8]) -> Option<Candidate> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memmem::find(rest, b"\r\n") {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\n');
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    let changed = out != body;
    changed.then_some(Candidate {
        body: out,
        what: What::LineEndings,
        scope: Scope::RawHash,
        edits: Vec::new(),
        deep: false,
    })
}

fn latin1(body: &[u8]) -> Option<Candidate> {
    from_utf8_to_latin1(body).map(|body| Candidate::body(What::ReEncoded, body))
}

fn utf8(body: &[u8]) -> Option<Candidate> {
    from_latin1_to_utf8(body).map(|body| Candidate::body(What::ReEncoded, body))
}

/// TABs at the start of lines became eight spaces each.
fn tabs_expanded(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        let mut rest = line;
        while let Some(next) = rest.strip_prefix(b"        ") {
            out.push(b'\t');
            rest = next;
        }
        out.extend_from_slice(rest);
    })?;
    Some(Candidate::body(What::Whitespace, out))
}

/// A body, or a part of one, with its content-transfer-encoding.
struct Piece {
    /// The part's header in the body; empty for a message that is not multipart.
    header: std::ops::Range<usize>,
    content: std::ops::Range<usize>,
}

/// Parts looked at.
const MAX_PARTS: usize = 8;

/// The leaves of a multipart, or the whole body. Boundaries are those that the header fields announce.
fn parts(message: &Message<'_>) -> Vec<Piece> {
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
fn recoded<'m>(message: &'m Message<'m>, pieces: Vec<Piece>, text: Vec<u8>) -> impl Iterator<Item = Candidate> + 'm {
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
        ("base64", |text| Some(encode_base64(text, 76))),
        ("base64", |text| Some(encode_base64(text, 72))),
        ("base64", |text| Some(encode_base64(text, 64))),
        ("base64", |text| Some(encode_base64(text, 60))),
        ("base64", |text| Some(encode_base64(&decode_quoted_printable(text)?, 76))),
        ("base64", |text| Some(encode_base64(&[text, b"\r\n"].concat(), 76))),
        ("base64", |text| Some(encode_base64(&decode_base64(text)?, 76))),
    ]
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
        assert_eq!(undone(long_lines, &format!("{line}\r\n yz\r\n")).unwrap(), format!("{line}yz\r\n"));
        let edits = dot_added(b"a\r\n..b\r\n").unwrap().edits;
        assert_eq!(edits, [Edit { at: 3, length: 1, original: Vec::new() }]);
    }

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

    proptest::proptest! {
        #[test]
        fn any_body(body in "(--b|[a-z.>=]{0,8}|Content-Type: x|From |\r\n|\n|\r|\u{fc}){0,20}") {
            let text = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
            let message = Message::parse(text.as_bytes());
            assert!(candidates(&message).count() < 1_000);
        }
    }
}
