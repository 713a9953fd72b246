//! Line ends.

use memchr::memmem;

use super::{Candidate, by_line};
use crate::dkim::forensics::{Scope, What};

/// LF or CR alone became what it is by a gateway; the signer saw CRLF.
pub(super) fn bare_line_ends(body: &[u8]) -> Option<Candidate> {
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
pub(super) fn doubled_cr(body: &[u8]) -> Option<Candidate> {
    let out = by_line(body, |line, out| {
        let end = line.iter().rposition(|&b| b != b'\r').map_or(0, |at| at + 1);
        out.extend_from_slice(&line[..end]);
    })?;
    Some(Candidate::body(What::LineEndings, out))
}

/// Every line end became two.
pub(super) fn blank_lines_doubled(body: &[u8]) -> Option<Candidate> {
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
pub(super) fn blank_line_before(body: &[u8]) -> Option<Candidate> {
    Some(Candidate::body(What::Whitespace, [b"\r\n", body].concat()))
}

/// The signer hashed LF where CRLF went over the wire.
pub(super) fn lone_lf_signed(body: &[u8]) -> Option<Candidate> {
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

/// `cat -s`: runs of empty lines became one. Most runs were of two.
pub(super) fn runs_joined(body: &[u8]) -> Option<Candidate> {
    memmem::find(body, b"\r\n\r\n")?;
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(at) = memmem::find(rest, b"\r\n\r\n") {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\r\n\r\n\r\n");
        rest = &rest[at + 4..];
    }
    out.extend_from_slice(rest);
    Some(Candidate::body(What::Whitespace, out))
}

/// Each empty line became two.
pub(super) fn empty_lines_doubled(body: &[u8]) -> Option<Candidate> {
    let out = super::replaced(body, b"\r\n\r\n\r\n", b"\r\n\r\n")?;
    Some(Candidate::exactly(What::Whitespace, out))
}
