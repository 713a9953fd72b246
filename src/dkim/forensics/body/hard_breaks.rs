//! The two spaces at the end of a line with which Markdown breaks it, gone from lines that follow each other.

use super::{Alteration, Certainty, DIGEST_COST, Lines, Search, What};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::forensics::Edit;
use crate::dkim::signature::Canonicalization;

impl Search<'_> {
    pub(super) fn hard_breaks_lost(&mut self, lines: &Lines) -> Option<Alteration> {
        // Relaxed form has no spaces there.
        if self.goal.mode == Canonicalization::Relaxed {
            return None;
        }
        let text = lines.trimmed();
        let mut before = Hasher::new(self.goal.hash);
        for first in 0..lines.last {
            let mut hasher = before.clone();
            for line in (first..lines.last).take_while(|&line| !lines.is_blank(line)) {
                let rest = &text[lines.starts[line + 1]..];
                if !self.work.spend(rest.len() as u64 + DIGEST_COST, 1) {
                    return None;
                }
                hasher.push(lines.content(line));
                hasher.push(b"  \r\n");
                if self.hits(&hasher.digest_with(rest)) {
                    return Some(self.broken(lines, first..=line));
                }
            }
            before.push(&text[lines.starts[first]..lines.starts[first + 1]]);
        }
        None
    }

    fn broken(&self, lines: &Lines, some: std::ops::RangeInclusive<usize>) -> Alteration {
        let end = |line: usize| lines.raw[line] + self.content_length(lines.raw[line]);
        let edits: Vec<Edit> = some.map(|line| Edit { at: end(line), length: 0, original: b"  ".to_vec() }).collect();
        // There is one line at least.
        let mut found = Alteration::of_body(What::Whitespace, Certainty::Proven, edits[0].at, 0);
        found.original = Some(b"  ".to_vec());
        if edits.len() > 1 {
            found.edits = edits;
        }
        found
    }
}
