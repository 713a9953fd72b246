//! Bodies that lost their end.

use super::{Alteration, Certainty, DIGEST_COST, Lines, Search, What};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::forensics::transform::boundary;
use crate::message::Message;

/// A multipart without its closing delimiter (RFC 2046 §5.1.1).
pub(super) fn is_open_multipart(message: &Message<'_>) -> bool {
    let closing = boundary(message).map(|boundary| [b"--", &boundary[..], b"--"].concat());
    closing.is_some_and(|closing| memchr::memmem::find(message.body(), &closing).is_none())
}

/// HTML that starts and does not end. Where parts follow each other, only the last could have lost its end, and the closing
/// delimiter with it.
pub(super) fn is_open_html(message: &Message<'_>) -> bool {
    let body = if boundary(message).is_none() { message.body() } else { b"" };
    let is_next =
        |at: usize, tag: &[u8]| body[at..].get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag));
    let mut tags = memchr::memchr_iter(b'<', body);
    tags.any(|at| is_next(at, b"<html")) && !tags.any(|at| is_next(at, b"</html"))
}

impl Search<'_> {
    /// The body ends within a line, as it does when octets were counted wrongly: one or two characters are missing.
    pub(super) fn last_characters_lost(&mut self, lines: &Lines) -> Option<Alteration> {
        if self.body.is_empty() || self.body.ends_with(b"\n") {
            return None;
        }
        let text = lines.trimmed();
        let printable = b'!'..=b'~';
        let count = printable.len() * (printable.len() + 2);
        if !self.work.spend(text.len() as u64 + count as u64 * DIGEST_COST, count) {
            return None;
        }
        let mut hasher = Hasher::new(self.goal.hash);
        hasher.push(text.strip_suffix(b"\r\n").unwrap_or(text));
        for last in printable.clone() {
            if self.hits(&hasher.digest_with(&[last, b'\r', b'\n'])) {
                return Some(self.lost(&[last]));
            }
            for before in (b' '..=b' ').chain(printable.clone()) {
                if self.hits(&hasher.digest_with(&[before, last, b'\r', b'\n'])) {
                    return Some(self.lost(&[before, last]));
                }
            }
        }
        None
    }

    fn lost(&self, text: &[u8]) -> Alteration {
        let mut found = Alteration::of_body(What::Truncated, Certainty::Proven, self.body.len(), 0);
        found.original = Some(text.to_vec());
        found
    }
}
