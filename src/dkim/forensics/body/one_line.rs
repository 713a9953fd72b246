//! One small thing at one line: a line end too many or too few, a dot or a space lost.

use super::{Alteration, Certainty, DIGEST_COST, Lines, Search, What};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::signature::Canonicalization;

/// Hypotheses about each line.
const OF_EACH: usize = 6;

impl Search<'_> {
    /// Line by line, with the hash of everything before it at hand.
    pub(super) fn one_line(&mut self, lines: &Lines) -> Option<Alteration> {
        let from = self.first_affordable(lines);
        if !self.work.spend(lines.starts[from] as u64, 0) {
            return None;
        }
        let mut hasher = Hasher::new(self.goal.hash);
        hasher.push(&lines.text[..lines.starts[from]]);
        for line in from..lines.last {
            let rest = &lines.trimmed()[lines.starts[line]..];
            if !self.work.spend((rest.len() as u64 + DIGEST_COST) * OF_EACH as u64, OF_EACH) {
                return None;
            }
            let content = lines.content(line);
            let next = rest.get(content.len() + 2..).unwrap_or_default();
            let with = |pieces: &[&[u8]]| {
                let mut hasher = hasher.clone();
                for piece in pieces {
                    hasher.push(piece);
                }
                *hasher.finish() == *self.goal.expected
            };
            let start = lines.raw[line];
            let end = self.end_of_line(lines, line);
            let line_end = lines.raw[line + 1] - end;
            if with(&[b"\r\n", rest]) {
                return Some(Alteration::replaced(What::Whitespace, start, 0, b"\r\n"));
            }
            if with(&[b".", rest]) {
                return Some(Alteration::replaced(What::Replaced, start, 0, b"."));
            }
            if !next.is_empty() && with(&[content, next]) {
                return Some(Alteration::replaced(What::LineEndings, end, line_end, b""));
            }
            if !next.is_empty() && with(&[content, b" ", next]) {
                return Some(Alteration::replaced(What::LineEndings, end, line_end, b" "));
            }
            if self.goal.mode == Canonicalization::Simple {
                if with(&[content, b" \r\n", next]) {
                    return Some(Alteration::replaced(What::Whitespace, end, 0, b" "));
                }
                let trimmed = content.trim_ascii_end();
                if trimmed.len() < content.len() && with(&[trimmed, b"\r\n", next]) {
                    let space = content.len() - trimmed.len();
                    return Some(Alteration::replaced(What::Whitespace, end - space, space, b""));
                }
            }
            hasher.push(&rest[..content.len() + 2]);
        }
        None
    }

    /// The line from which on half of the budget is enough: later lines are cheaper.
    fn first_affordable(&self, lines: &Lines) -> usize {
        let share = self.work.left() / 2;
        let mut cost = 0;
        for line in (0..lines.last).rev() {
            cost += ((lines.starts[lines.last] - lines.starts[line]) as u64 + DIGEST_COST) * OF_EACH as u64;
            if cost > share {
                return line + 1;
            }
        }
        0
    }

    /// Where in the received body the text of a line ends, before white space that relaxed form does not have.
    fn end_of_line(&self, lines: &Lines, line: usize) -> usize {
        let start = lines.raw[line];
        let end = start + self.content_length(start);
        match self.goal.mode {
            Canonicalization::Simple => end,
            Canonicalization::Relaxed => start + super::transform::trim_end(&self.body[start..end]).len(),
        }
    }
}

impl Alteration {
    fn replaced(what: What, at: usize, length: usize, original: &[u8]) -> Self {
        let mut found = Self::of_body(what, Certainty::Proven, at, length);
        found.original = Some(original.to_vec());
        found
    }
}
