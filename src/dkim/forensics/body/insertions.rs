//! Text that was put into a body somewhere else than at its end.

use super::places::Places;
use super::{Alteration, Certainty, DIGEST_COST, Lines, Search, What};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::forensics::Edit;

/// Octets of an insertion inside a body.
const MAX_INSERTION: usize = 32 << 10;

/// Octets of a text that stands before the first words, in their line.
const MAX_TAG: usize = 300;

/// Places after the start of a banner in the first and in the second of two parts: for HTML the edges of tags.
const NEAR_FIRST: usize = 12;
const NEAR_SECOND: usize = 24;

impl Search<'_> {
    /// Text that ends at a place where footers end: before a boundary, before `</body>`.
    pub(super) fn inserted_before(&mut self, lines: &Lines, places: &Places, ends: &[usize]) -> Option<Alteration> {
        let text = lines.trimmed();
        for &end in ends.iter().rev() {
            let from = places.all.partition_point(|&place| place < end.saturating_sub(MAX_INSERTION));
            let upto = places.all.partition_point(|&place| place < end);
            let suffix = (text.len() - end) as u64 + DIGEST_COST;
            // No more than a quarter of what is left for one place.
            let affordable = usize::try_from(self.work.left() / 4 / suffix).unwrap_or(usize::MAX);
            let window = &places.all[from.max(upto.saturating_sub(affordable))..upto];
            let Some(&first) = window.first() else { continue };
            if !self.work.spend(end as u64 + suffix * window.len() as u64, window.len()) {
                continue;
            }
            let mut hasher = Hasher::new(self.goal.hash);
            hasher.push(&text[..first]);
            let mut at = first;
            for &start in window {
                hasher.push(&text[at..start]);
                at = start;
                if self.hits(&hasher.digest_with(&text[end..])) {
                    return Some(self.deletions(lines, &[(start, end)]));
                }
            }
        }
        None
    }

    /// Text that starts at a place where banners start: at the top of a part, after `<body>`.
    pub(super) fn inserted_after(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        for &start in &places.starts {
            let mut hasher = self.hashed(&text[..start])?;
            let from = places.all.partition_point(|&place| place <= start);
            let share = self.work.left() / 4;
            let mut used = 0;
            for &end in places.all[from..].iter().take_while(|&&end| end - start < MAX_INSERTION) {
                let cost = (text.len().saturating_sub(end)) as u64 + DIGEST_COST;
                used += cost;
                if used > share || !self.work.spend(cost, 1) {
                    break;
                }
                if self.hits(&hasher.digest_with(text.get(end..).unwrap_or_default())) {
                    return Some(self.deletions(lines, &[(start, end)]));
                }
            }
        }
        None
    }

    /// The hash of what stands before a guess; `None` if it costs too much.
    pub(super) fn hashed(&mut self, before: &[u8]) -> Option<Hasher> {
        let mut hasher = Hasher::new(self.goal.hash);
        self.work.spend(before.len() as u64, 0).then(|| hasher.push(before))?;
        Some(hasher)
    }

    /// Text right before the first words, in their line.
    pub(super) fn inserted_in_first_line(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        for &start in &places.starts {
            let mut hasher = self.hashed(&text[..start])?;
            let line = memchr::memchr(b'\r', &text[start..]).unwrap_or(0).min(MAX_TAG);
            // Where a word may begin.
            let ends = (start + 1..start + line).filter(|&end| b" \t])}>:*".contains(&text[end - 1]));
            for end in ends {
                if !self.work.spend((text.len() - end) as u64 + DIGEST_COST, 1) {
                    return None;
                }
                if self.hits(&hasher.digest_with(&text[end..])) {
                    return Some(self.deletions(lines, &[(start, end)]));
                }
            }
        }
        None
    }

    /// A footer in two parts: a text and its HTML form.
    pub(super) fn before_in_two_parts(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        let near = |end: usize, count: usize| {
            let upto = places.all.partition_point(|&place| place < end);
            &places.all[upto.saturating_sub(count)..upto]
        };
        for (i, &first_end) in places.ends.iter().enumerate() {
            for &second_end in places.ends[i + 1..].iter().rev() {
                let suffix = (text.len() - second_end) as u64 + DIGEST_COST;
                let second = near(second_end, 80);
                let second = &second[second.partition_point(|&place| place <= first_end)..];
                let Some(&second_from) = second.first() else { continue };
                for &first_start in near(first_end, 40).iter().rev() {
                    let between = (first_start + second_end - first_end) as u64;
                    if !self.work.spend(between + suffix * second.len() as u64, second.len()) {
                        return None;
                    }
                    let mut hasher = Hasher::new(self.goal.hash);
                    hasher.push(&text[..first_start]);
                    hasher.push(&text[first_end..second_from]);
                    let mut at = second_from;
                    for &second_start in second {
                        hasher.push(&text[at..second_start]);
                        at = second_start;
                        if self.hits(&hasher.digest_with(&text[second_end..])) {
                            let both = [(first_start, first_end), (second_start, second_end)];
                            return Some(self.deletions(lines, &both));
                        }
                    }
                }
            }
        }
        None
    }

    /// A banner in two parts.
    pub(super) fn after_in_two_parts(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        let near = |start: usize, count: usize| {
            let from = places.all.partition_point(|&place| place <= start);
            &places.all[from..places.all.len().min(from + count)]
        };
        for (i, &first_start) in places.starts.iter().enumerate() {
            for &second_start in &places.starts[i + 1..] {
                let second = near(second_start, NEAR_SECOND);
                let first = near(first_start, NEAR_FIRST);
                for &first_end in first.iter().take_while(|&&end| end <= second_start) {
                    let prefix = (first_start + second_start - first_end) as u64;
                    let suffixes = second.iter().map(|&end| (text.len() - end) as u64 + DIGEST_COST).sum::<u64>();
                    if !self.work.spend(prefix + suffixes, second.len()) {
                        return None;
                    }
                    let mut hasher = Hasher::new(self.goal.hash);
                    hasher.push(&text[..first_start]);
                    hasher.push(&text[first_end..second_start]);
                    for &second_end in second {
                        if self.hits(&hasher.digest_with(&text[second_end..])) {
                            let both = [(first_start, first_end), (second_start, second_end)];
                            return Some(self.deletions(lines, &both));
                        }
                    }
                }
            }
        }
        None
    }

    /// With `l=` only the first octets were signed: text before their end pushes some of them out.
    pub(super) fn inserted_within(&mut self, lines: &Lines, places: &Places, length: u64) -> Option<Alteration> {
        let text = lines.trimmed();
        let length = usize::try_from(length).ok()?;
        for &start in places.starts.iter().take_while(|&&start| start < length) {
            let mut hasher = self.hashed(&text[..start])?;
            let from = places.all.partition_point(|&place| place <= start);
            for &end in places.all[from..].iter().take_while(|&&end| end - start < MAX_INSERTION) {
                let Some(rest) = text.get(end..end + length - start) else { break };
                if !self.work.spend(length as u64 + DIGEST_COST, 1) {
                    return None;
                }
                if self.hits(&hasher.digest_with(rest)) {
                    return Some(self.deletions(lines, &[(start, end)]));
                }
            }
        }
        None
    }

    /// With these pieces of the canonical text taken away it is what was signed.
    pub(super) fn deletions(&self, lines: &Lines, pieces: &[(usize, usize)]) -> Alteration {
        let edits: Vec<Edit> = pieces
            .iter()
            .map(|&(start, end)| {
                let at = lines.raw_offset(self.goal.mode, self.body, start);
                let length = lines.raw_offset(self.goal.mode, self.body, end).saturating_sub(at);
                Edit { at, length, original: Vec::new() }
            })
            .collect();
        let mut found = Alteration::of_body(What::Inserted, Certainty::Proven, edits[0].at, edits[0].length);
        if edits.len() > 1 {
            found.edits = edits;
        }
        found
    }
}
