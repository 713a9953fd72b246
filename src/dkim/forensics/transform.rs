//! What relays do to a whole body, undone. Each gives the body that was there before, if it may have been done at all.

use memchr::memmem;

use super::coding::{from_latin1_to_utf8, from_utf8_to_latin1};
use super::recode::{parts, recoded};
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
    pub(super) fn body(what: What, body: Vec<u8>) -> Self {
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

    proptest::proptest! {
        #[test]
        fn any_body(body in "(--b|[a-z.>=]{0,8}|Content-Type: x|From |\r\n|\n|\r|\u{fc}){0,20}") {
            let text = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
            let message = Message::parse(text.as_bytes());
            assert!(candidates(&message).count() < 1_000);
        }
    }
}
