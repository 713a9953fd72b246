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

/// HTML that says where it starts, as programs write it, and not where it ends. Where parts follow each other, only the last could have
/// lost its end, and the closing delimiter with it.
pub(super) fn is_open_html(message: &Message<'_>) -> bool {
    let kind =
        message.fields_named("Content-Type").next_back().map(|at| message.fields()[at].body().trim_ascii_start());
    let body = message.body().trim_ascii_start();
    if !kind.is_some_and(|kind| begins(kind, b"text/html"))
        || !(begins(body, b"<html") || begins(body, b"<!doctype html"))
    {
        return false;
    }
    !memchr::memchr_iter(b'<', body).any(|at| begins(&body[at..], b"</html"))
}

fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
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
        let text = text.strip_suffix(b"\r\n").unwrap_or(text);
        hasher.push(text);
        // Spaces at the end of the line are not in the relaxed form (§3.4.4): what is lost stood before them.
        let at = lines.raw_offset(self.goal.mode, self.body, text.len());
        for last in printable.clone() {
            if self.hits(&hasher.digest_with(&[last, b'\r', b'\n'])) {
                return Some(self.lost(at, &[last]));
            }
            for before in (b' '..=b' ').chain(printable.clone()) {
                if self.hits(&hasher.digest_with(&[before, last, b'\r', b'\n'])) {
                    return Some(self.lost(at, &[before, last]));
                }
            }
        }
        None
    }

    fn lost(&self, at: usize, text: &[u8]) -> Alteration {
        let mut found = Alteration::of_body(What::Truncated, Certainty::Proven, at, self.body.len() - at);
        found.original = Some(text.to_vec());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(kind: &str, body: &str) -> bool {
        is_open_html(&Message::parse(format!("Content-Type: {kind}\r\n\r\n{body}\r\n").as_bytes()))
    }

    #[test]
    fn html_that_begins_as_such_has_an_end() {
        assert!(is_open("text/html; charset=utf-8", "<!DOCTYPE html>\r\n<html><body><p>Hello"));
        assert!(!is_open("text/html", "<html><body><p>Hello</p></body></HTML>"));
        // Neither tag is needed, and who writes none has not lost one.
        assert!(!is_open("text/html", "<p>Hello"));
        // A text that speaks of HTML is none.
        assert!(!is_open("text/plain", "write <html> at the top"));
        assert!(!is_open("text/plain", "<html>"));
    }
}
