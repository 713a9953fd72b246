//! A body as canonical lines that know where they came from.

use memchr::memchr;

use crate::dkim::canonical;
use crate::dkim::signature::Canonicalization;
use crate::message::LineEnds;

/// The canonical lines of a body, blank ones at the end included.
pub(super) struct Lines {
    /// All of them, each with CRLF.
    pub(super) text: Vec<u8>,
    /// Where each starts in `text`; at last the end.
    pub(super) starts: Vec<usize>,
    /// Where each starts in the body as received; at last its end.
    pub(super) raw: Vec<usize>,
    /// How many lines there are up to the last that is not blank.
    pub(super) last: usize,
}

impl Lines {
    pub(super) fn new(mode: Canonicalization, body: &[u8], ends: LineEnds) -> Self {
        let mut lines = Self { text: Vec::with_capacity(body.len() + 2), starts: vec![0], raw: vec![0], last: 0 };
        let mut at = 0;
        while at < body.len() {
            let (content, next) = line(body, at, ends);
            canonical::line(mode, &body[at..content], &mut lines.text);
            if lines.text.len() > lines.starts[lines.starts.len() - 1] {
                lines.last = lines.starts.len();
            }
            lines.text.extend_from_slice(b"\r\n");
            lines.starts.push(lines.text.len());
            lines.raw.push(next);
            at = next;
        }
        lines
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The line without its CRLF.
    pub(super) fn content(&self, line: usize) -> &[u8] {
        &self.text[self.starts[line]..self.starts[line + 1] - 2]
    }

    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.starts[line + 1] - self.starts[line] == 2
    }

    /// Up to the end of the last line that is not blank.
    pub(super) fn trimmed(&self) -> &[u8] {
        &self.text[..self.starts[self.last]]
    }

    /// The place in the received body for one in the canonical text. Inside a line the canonical form may be shorter.
    pub(super) fn raw_offset(&self, mode: Canonicalization, body: &[u8], offset: usize) -> usize {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let into = offset - self.starts[line];
        let start = self.raw[line];
        if into == 0 || line == self.count() {
            return start;
        }
        if mode == Canonicalization::Simple {
            return start + into;
        }
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t');
        let mut seen = 0;
        let mut after_space = false;
        for (at, &byte) in body[start..].iter().enumerate() {
            let dropped = is_space(byte) && after_space;
            if seen == into && !dropped {
                return start + at;
            }
            seen += usize::from(!dropped);
            after_space = is_space(byte);
        }
        body.len()
    }
}

/// Where the content of the line at `at` ends, and where the next line starts.
fn line(body: &[u8], at: usize, ends: LineEnds) -> (usize, usize) {
    let mut from = at;
    while let Some(length) = memchr(b'\n', &body[from..]) {
        let lf = from + length;
        let crlf = lf > at && body[lf - 1] == b'\r';
        if crlf {
            return (lf - 1, lf + 1);
        }
        if ends == LineEnds::Lf {
            return (lf, lf + 1);
        }
        from = lf + 1;
    }
    (body.len(), body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_place() {
        let body = b"a  b \r\n\r\nc\nd\r\n \r\nlast";
        let lines = Lines::new(Canonicalization::Relaxed, body, LineEnds::Crlf);
        assert_eq!(lines.text, b"a b\r\n\r\nc\nd\r\n\r\nlast\r\n");
        assert_eq!(lines.raw, [0, 7, 9, 14, 17, 21]);
        assert_eq!((lines.count(), lines.last), (5, 5));
        assert_eq!(lines.raw_offset(Canonicalization::Relaxed, body, 2), 3);
        assert_eq!(lines.raw_offset(Canonicalization::Relaxed, body, 5), 7);
        let trimmed = Lines::new(Canonicalization::Simple, b"x\n\n\n", LineEnds::Lf);
        assert_eq!((trimmed.trimmed(), trimmed.last), (&b"x\r\n"[..], 1));
    }
}
