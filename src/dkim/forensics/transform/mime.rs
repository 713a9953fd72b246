//! The frame of a multipart.

use super::Candidate;
use crate::dkim::forensics::{Edit, Scope, What};
use crate::message::Message;
use crate::message::mime::{boundary_of, fields};

/// The boundary of a message that is a multipart.
pub(in crate::dkim::forensics) fn boundary(message: &Message<'_>) -> Option<Vec<u8>> {
    let at = message.fields_named("Content-Type").next_back()?;
    let (_, field) = fields(message.fields()[at].bytes()).next()?;
    boundary_of(&field)
}

/// What mailers write before the first boundary; nobody ever sees it.
const PREAMBLES: &[&str] = &[
    "This is a multi-part message in MIME format.\r\n",
    "This is a multi-part message in MIME format.\r\n\r\n",
    "\r\nThis is a multi-part message in MIME format.\r\n\r\n",
    "\r\n",
    "This is a multi-part message in MIME format\r\n",
    "This is a multi-part message in MIME format\r\n\r\n",
    "This is a MIME-formatted message.\r\n",
    "This is a message with multiple parts in MIME format.\r\n",
    "This is a multipart message in MIME format.\r\n\r\n",
    "This is a MIME-encapsulated message\r\n\r\n",
    "This is a MIME-encapsulated message.\r\n\r\n",
    "This is a cryptographically signed message in MIME format.\r\n\r\n",
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\r\n",
];
pub(super) const PREAMBLE_WAYS: usize = PREAMBLES.len();

pub(super) fn preamble_lost(body: &[u8], way: usize) -> Option<Candidate> {
    let preamble = PREAMBLES.get(way).filter(|_| body.starts_with(b"--"))?;
    let out = [preamble.as_bytes(), body].concat();
    let edits = vec![Edit { at: 0, length: 0, original: preamble.as_bytes().to_vec() }];
    Some(Candidate { body: out, what: What::Replaced, scope: Scope::Place, edits, deep: false })
}

/// `body` behind each preamble that may have been lost.
pub(in crate::dkim::forensics) fn preambles(body: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    PREAMBLES.iter().filter(|_| body.starts_with(b"--")).map(move |preamble| [preamble.as_bytes(), body].concat())
}

/// The closing delimiter, or what is missing of it.
pub(super) fn closing_lost(body: &[u8], boundary: &[u8]) -> Vec<Candidate> {
    let delimiter = [b"\r\n--", boundary, b"--\r\n"].concat();
    let mut endings = vec![delimiter.clone(), [b"\r\n", &delimiter[..]].concat()];
    let missing = (2..delimiter.len() - 2).filter(|&length| body.ends_with(&delimiter[..length])).max();
    endings.extend(missing.map(|length| delimiter[length..].to_vec()));
    let lost = |ending: Vec<u8>| {
        let out = [body, &ending[..]].concat();
        let edits = vec![Edit { at: body.len(), length: 0, original: ending }];
        Candidate { body: out, what: What::Truncated, scope: Scope::Place, edits, deep: false }
    };
    endings.into_iter().map(lost).collect()
}
