//! What transports and gateways do to characters.

use super::{Candidate, by_line};
use crate::dkim::forensics::coding::{from_latin1_to_utf8, from_utf8_to_latin1};
use crate::dkim::forensics::{Edit, Scope, What};

/// RFC 5321 §4.5.2 done once too often: a line that starts with a dot has one more.
pub(super) fn dot_added(body: &[u8]) -> Option<Candidate> {
    start_removed(body, |line| line.starts_with(b".."))
}

/// mbox: `From ` at the start of a line became `>From `.
pub(super) fn from_quoted(body: &[u8]) -> Option<Candidate> {
    start_removed(body, |line| {
        line.trim_ascii_start().starts_with(b">") && {
            let quotes = line.iter().take_while(|&&b| b == b'>').count();
            line[quotes..].starts_with(b"From ")
        }
    })
}

/// Takes the first octet of some lines away.
fn start_removed(body: &[u8], some: impl Fn(&[u8]) -> bool) -> Option<Candidate> {
    let mut places = Places::default();
    let out = by_line(body, |line, out| {
        let remove = some(line);
        if remove {
            places.note(1, b"");
        }
        out.extend_from_slice(&line[usize::from(remove)..]);
        places.at += line.len() + 2;
    })?;
    Some(places.candidate(What::Inserted, out))
}

/// A dot at the start of a line was taken for dot-stuffing.
pub(super) fn dot_removed(body: &[u8]) -> Option<Candidate> {
    let mut places = Places::default();
    let out = by_line(body, |line, out| {
        if line.starts_with(b".") {
            out.push(b'.');
            places.note(0, b".");
        }
        out.extend_from_slice(line);
        places.at += line.len() + 2;
    })?;
    Some(places.candidate(What::Replaced, out))
}

/// Where lines were changed.
#[derive(Default)]
struct Places {
    /// The start of the line that is looked at.
    at: usize,
    edits: Vec<Edit>,
}

/// Places that are told one by one; where there are more, the whole signed body is.
const MAX_EDITS: usize = 1_000;

impl Places {
    fn note(&mut self, length: usize, original: &[u8]) {
        if self.edits.len() <= MAX_EDITS {
            self.edits.push(Edit { at: self.at, length, original: original.to_vec() });
        }
    }

    fn candidate(self, what: What, body: Vec<u8>) -> Candidate {
        if self.edits.len() > MAX_EDITS {
            return Candidate::body(what, body);
        }
        Candidate { body, what, scope: Scope::Place, edits: self.edits, deep: true }
    }
}

/// The digits of quoted-printable in the other case (RFC 2045 §6.7 wants upper case).
pub(super) fn digits_of_other_case(body: &[u8], way: usize) -> Option<Candidate> {
    let mut out = body.to_vec();
    for at in memchr::memchr_iter(b'=', body) {
        if let Some(digits) = out.get_mut(at + 1..at + 3)
            && digits.iter().all(u8::is_ascii_hexdigit)
        {
            if way == 0 { digits.make_ascii_uppercase() } else { digits.make_ascii_lowercase() }
        }
    }
    (out != body).then(|| Candidate::exactly(What::ReEncoded, out))
}
pub(super) const DIGIT_WAYS: usize = 2;

pub(super) fn byte_order_mark(body: &[u8]) -> Option<Candidate> {
    let what = What::ReEncoded;
    match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => Some(Candidate::body(what, rest.to_vec())),
        None if !body.is_ascii() => Some(Candidate::body(what, [b"\xef\xbb\xbf", body].concat())),
        None => None,
    }
}

pub(super) fn latin1(body: &[u8]) -> Option<Candidate> {
    from_utf8_to_latin1(body).map(|body| Candidate::body(What::ReEncoded, body))
}

pub(super) fn utf8(body: &[u8]) -> Option<Candidate> {
    from_latin1_to_utf8(body).map(|body| Candidate::body(What::ReEncoded, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_places_are_told_as_one() {
        let told = |lines: usize| {
            let found = dot_removed(".a\r\n".repeat(lines).as_bytes()).unwrap();
            (found.what, found.edits.len(), found.body.len())
        };
        assert_eq!(told(2), (What::Replaced, 2, 10));
        assert_eq!(told(MAX_EDITS), (What::Replaced, MAX_EDITS, 5 * MAX_EDITS));
        assert_eq!(told(MAX_EDITS + 1), (What::Replaced, 0, 5 * (MAX_EDITS + 1)));
    }

    #[test]
    fn digits() {
        let way = |way| digits_of_other_case(b"=c3=A9 = =\r\n=g", way).map(|found| found.body);
        assert_eq!(way(0).unwrap(), b"=C3=A9 = =\r\n=g");
        assert_eq!(way(1).unwrap(), b"=c3=a9 = =\r\n=g");
        assert!(digits_of_other_case(b"=C3", 0).is_none());
    }
}
