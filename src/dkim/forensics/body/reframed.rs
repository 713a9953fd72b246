//! A multipart between other delimiters than those it was signed with. Boundaries are random, so the old one is found only where
//! something in the message still tells it; that a server behind the signature put its name into the new one is no proof.

use super::{Alteration, MAX_FIELDS, Search, What};
use crate::dkim::forensics::transform::{Candidate, boundary, preambles};
use crate::dkim::signature::Signature;
use crate::message::mime::{boundary_of, fields};
use crate::message::{MAX_HOPS, Message, Received};

/// Letters of a host's label in a boundary. Shorter ones stand there by chance (`mx`, `mail`); even a longer one makes it likely only.
const LEAST_NAME: usize = 6;

impl Search<'_> {
    /// With an old boundary the signed body comes out, perhaps with the preamble that was lost on the way.
    pub(super) fn reframed(&mut self, message: &Message<'_>, signature: &Signature) -> Option<Alteration> {
        let new = boundary(message)?;
        for old in old_boundaries(message, signature).into_iter().filter(|old| *old != new) {
            let Some(body) = between(self.body, &new, &old) else { continue };
            let bare = std::iter::once_with(|| Candidate::body(What::Reframed, body.clone()));
            for candidate in bare.chain(preambles(&body).map(|body| Candidate::exactly(What::Reframed, body))) {
                if !self.affords(&candidate.body) {
                    return None;
                }
                if let Some(found) = self.try_candidate(candidate) {
                    return Some(found);
                }
            }
        }
        None
    }
}

/// What `z=` (RFC 6376 §3.5) says, and what stands in another Content-Type that the one written anew left there.
fn old_boundaries(message: &Message<'_>, signature: &Signature) -> Vec<Vec<u8>> {
    let text = signature.source.text();
    let is_type = |name: &str| name.eq_ignore_ascii_case("Content-Type");
    let copies = signature.copies.iter().filter(|copy| is_type(&text[copy.name]));
    let copies = copies.map(|copy| String::from_utf8_lossy(&copy.body).replace(['\r', '\n'], " "));
    let others = message.fields_named("Content-Type").take(MAX_FIELDS);
    let others = others.filter_map(|at| fields(message.fields()[at].bytes()).next()).map(|(_, body)| body);
    copies.take(MAX_FIELDS).chain(others).filter_map(|value| boundary_of(&value)).collect()
}

/// `body` with the delimiters of `old` in the place of those of `new`.
fn between(body: &[u8], new: &[u8], old: &[u8]) -> Option<Vec<u8>> {
    let delimiter = [b"--", new].concat();
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut at = 0;
    for start in memchr::memmem::find_iter(body, &delimiter).filter(|&at| at == 0 || body[at - 1] == b'\n') {
        out.extend_from_slice(&body[at..start + 2]);
        out.extend_from_slice(old);
        at = start + delimiter.len();
    }
    out.extend_from_slice(&body[at..]);
    (at > 0).then_some(out)
}

/// Whether the boundary holds the name of a server that took the message after the signature in field `signed` was made, as those of
/// Exchange and sendmail do, and of none before.
pub(super) fn names_a_later_server(message: &Message<'_>, signed: usize) -> bool {
    let Some(boundary) = boundary(message) else { return false };
    let boundary = String::from_utf8_lossy(&boundary).to_ascii_lowercase();
    let is_named = |at: usize| {
        let body = String::from_utf8_lossy(message.fields()[at].body()).into_owned();
        let by = Received::parse(&body).by().map(str::to_ascii_lowercase).unwrap_or_default();
        let label = by.split('.').next().unwrap_or_default();
        label.len() >= LEAST_NAME && boundary.contains(label) || by.contains('.') && boundary.contains(&by)
    };
    // Trace fields are put on top (RFC 5321 §4.4): those above the signature came after it.
    let (after, before): (Vec<usize>, Vec<usize>) =
        message.fields_named("Received").take(MAX_HOPS).partition(|&at| at < signed);
    after.into_iter().any(is_named) && !before.into_iter().any(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_stand_at_line_starts() {
        let body = b"--new\r\n\r\nsay --new\r\n--new--\r\n";
        assert_eq!(between(body, b"new", b"old").unwrap(), b"--old\r\n\r\nsay --new\r\n--old--\r\n");
        assert_eq!(between(b"text", b"new", b"old"), None);
    }

    #[test]
    fn a_boundary_may_name_a_server() {
        let told = |boundary: &str, after: &str, before: &str| {
            let hop = |by: &str| format!("Received: from a by {by} with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000\r\n");
            let kind = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n");
            let text = format!("{}DKIM-Signature: x\r\n{}{kind}\r\n", hop(after), hop(before));
            let message = Message::parse(text.as_bytes());
            let signed = message.fields_named("DKIM-Signature").next().unwrap();
            names_a_later_server(&message, signed)
        };
        assert!(told("x.12/relay.r.example", "relay.r.example", "mx.d.example"));
        assert!(told("_000_AM0PR07MB12_", "am0pr07mb12.prod.example", "mx.d.example"));
        // It was there when it was signed, it names nobody, or by chance.
        assert!(!told("_000_AM0PR07MB12_", "am0pr07mb12.prod.example", "AM0PR07MB12.prod.example"));
        assert!(!told("b1", "relay.r.example", "mx.d.example"));
        assert!(!told("=_mx_1", "mx.r.example", "a.d.example"));
    }
}
