//! The search for what happened to a body.

use super::lines::Lines;
use super::{Alteration, Certainty, Part, Scope, SignedAs, What, Work, transform};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::outcome::{BodyCheck, Outcome};
use crate::dkim::signature::{Canonicalization, HashAlgorithm};
use crate::message::{LineEnds, Message};

/// Bodies up to this many octets are searched with more than one pass; the search keeps copies of them.
const MAX_BODY: usize = 8 << 20;

pub(super) fn search(
    message: &Message<'_>,
    outcome: &Outcome,
    check: &BodyCheck,
    work: &mut Work,
) -> Option<Alteration> {
    let signature = &outcome.signature;
    let expected = &signature.body_hash.as_ref()?.value;
    let mode = signature.canonicalization?.body;
    let hash = signature.algorithm?.value.hash();
    let length = signature.length.map(|length| length.value);
    let body = message.body();
    let unknown = |what, certainty| {
        let mut alteration = Alteration::of_body(what, certainty, 0, body.len());
        alteration.original = None;
        alteration
    };
    // §3.5: `l=` cannot count more than there was.
    let truncated = check.signed > check.octets;
    if body.len() > MAX_BODY {
        return Some(unknown(What::Unknown, Certainty::Unknown));
    }
    let before = work.spent.hashes;
    let mut search = Search { body, goal: Goal { mode, hash, length, expected }, ends: message.line_ends(), work };
    let found = search.run(message);
    let tried = search.work.spent.hashes - before;
    let mut alteration = found.unwrap_or_else(|| {
        if truncated {
            let mut alteration = unknown(What::Truncated, Certainty::Likely);
            (alteration.at, alteration.length) = (Some(body.len()), 0);
            return alteration;
        }
        unknown(What::Unknown, Certainty::Unknown)
    });
    alteration.tried = tried;
    Some(alteration)
}

/// The hash to be found, and how it is made.
#[derive(Clone, Copy)]
struct Goal<'g> {
    mode: Canonicalization,
    hash: HashAlgorithm,
    length: Option<u64>,
    expected: &'g [u8],
}

struct Search<'s> {
    body: &'s [u8],
    goal: Goal<'s>,
    ends: LineEnds,
    work: &'s mut Work,
}

/// What a digest costs beside its octets, in octets: finishing a copy of the state.
const DIGEST_COST: u64 = 128;

impl Search<'_> {
    /// From the likely and cheap to the unlikely and dear.
    fn run(&mut self, message: &Message<'_>) -> Option<Alteration> {
        let lines = Lines::new(self.goal.mode, self.body, self.ends);
        if self.goal.length.is_none()
            && let Some(end) = self.ends_after(&lines, 0)
        {
            return Some(self.range(&lines, 0, end));
        }
        if let Some(found) = self.signed_otherwise() {
            return Some(found);
        }
        for candidate in transform::candidates(message) {
            if let Some(found) = self.try_candidate(candidate) {
                return Some(found);
            }
        }
        if self.goal.length.is_some() {
            return None;
        }
        let places = Places::of(&lines);
        None.or_else(|| self.starts_later(&lines, FIRST_STARTS))
            .or_else(|| self.inserted_before(&lines, &places))
            .or_else(|| self.inserted_after(&lines, &places))
            .or_else(|| self.in_two_parts(&lines, &places))
            .or_else(|| self.starts_later(&lines, usize::MAX))
    }

    /// One pass from line `start` on, with a comparison at every line end: the line after which the signed body ended.
    fn ends_after(&mut self, lines: &Lines, start: usize) -> Option<usize> {
        let octets = (lines.text.len() - lines.starts[start]) as u64;
        let count = lines.count() - start + 1;
        if !self.work.spend(octets + count as u64 * DIGEST_COST, count) {
            return None;
        }
        let mut hasher = Hasher::new(self.goal.hash);
        // The signed body was empty: §3.4.3 and §3.4.4 differ in what that is.
        let empty = if self.goal.mode == Canonicalization::Simple { &b"\r\n"[..] } else { b"" };
        if start == 0 && self.hits(&hasher.digest_with(empty)) {
            return Some(0);
        }
        for line in start..lines.last {
            hasher.push(&lines.text[lines.starts[line]..lines.starts[line + 1]]);
            if !lines.is_blank(line) && self.hits(&hasher.digest_so_far()) {
                return Some(line + 1);
            }
        }
        None
    }

    /// Something was put before the signed body, and perhaps after it.
    fn starts_later(&mut self, lines: &Lines, limit: usize) -> Option<Alteration> {
        let from = if limit == usize::MAX { FIRST_STARTS.min(lines.last) } else { 1 };
        for start in from..lines.last.min(limit) {
            // A later start is dearer than everything before it is worth when little is left.
            if self.work.left() < (lines.text.len() - lines.starts[start]) as u64 {
                return None;
            }
            if let Some(end) = self.ends_after(lines, start) {
                return Some(self.range(lines, start, end));
            }
        }
        None
    }

    /// The signed body is the lines from `start` up to `end`.
    fn range(&self, lines: &Lines, start: usize, end: usize) -> Alteration {
        let (head, tail) = (lines.raw[start], lines.raw[end]);
        if start == 0 {
            let mut found = Alteration::of_body(What::Appended, Certainty::Proven, tail, self.body.len() - tail);
            let content = if end == 0 { 0 } else { lines.raw[end - 1] + self.content_length(lines.raw[end - 1]) };
            let next = (end..lines.count()).find(|&line| !lines.is_blank(line)).unwrap_or(end);
            found.at_range = Some((content, lines.raw[next]));
            return found;
        }
        let first = (0..start).map(|line| lines.content(line)).find(|content| !content.is_empty());
        let last = (end..lines.last).map(|line| lines.content(line)).find(|content| !content.is_empty());
        let boundary = |line: Option<&[u8]>| line.is_some_and(|line| line.len() > 2 && line.starts_with(b"--"));
        if boundary(first) && boundary(last) {
            let mut found = Alteration::of_body(What::MimeWrapped, Certainty::Proven, 0, self.body.len());
            found.scope = Scope::Body;
            found.original = Some(self.body[head..tail].to_vec());
            return found;
        }
        let mut found = Alteration::of_body(What::Inserted, Certainty::Proven, 0, head);
        found.at_range = Some((0, 0));
        if end < lines.last {
            let insertion = |at, length| super::Edit { at, length, original: Vec::new() };
            found.edits = vec![insertion(0, head), insertion(tail, self.body.len() - tail)];
        }
        found
    }

    fn content_length(&self, start: usize) -> usize {
        let line = memchr::memchr(b'\n', &self.body[start..]).map_or(self.body.len() - start, |length| length);
        line - usize::from(self.body[start..start + line].ends_with(b"\r"))
    }

    /// The signer did not do what `c=` and `l=` say.
    fn signed_otherwise(&mut self) -> Option<Alteration> {
        let mut ways = Vec::new();
        for mode in [Canonicalization::Simple, Canonicalization::Relaxed] {
            for length in [self.goal.length, None] {
                if (mode, length) != (self.goal.mode, self.goal.length) {
                    ways.push(Goal { mode, length, ..self.goal });
                }
            }
        }
        for goal in ways {
            if self.matches(goal, self.body, self.ends) {
                let mut found = Alteration::of_body(What::SignedOtherwise, Certainty::Proven, 0, self.body.len());
                found.original = Some(self.body.to_vec());
                found.scope = Scope::Body;
                found.signed_as = Some(SignedAs { canonicalization: goal.mode, length: goal.length });
                return Some(found);
            }
        }
        None
    }

    fn matches(&mut self, goal: Goal<'_>, body: &[u8], ends: LineEnds) -> bool {
        if !self.work.spend(body.len() as u64 + DIGEST_COST, 1) {
            return false;
        }
        let mut limited = Limited { hasher: Hasher::new(goal.hash), left: goal.length.unwrap_or(u64::MAX) };
        crate::dkim::canonical::body(goal.mode, body, ends, &mut limited);
        let complete = goal.length.is_none() || limited.left == 0;
        complete && *limited.hasher.finish() == *goal.expected
    }

    fn try_candidate(&mut self, candidate: transform::Candidate) -> Option<Alteration> {
        let transform::Candidate { body, what, scope, edits, deep } = candidate;
        let mut original = body;
        if !deep || self.goal.length.is_some() {
            if !self.matches(self.goal, &original, LineEnds::Crlf) {
                return None;
            }
        } else {
            let lines = Lines::new(self.goal.mode, &original, LineEnds::Crlf);
            let end = self.ends_after(&lines, 0)?;
            if end == 0 {
                return None;
            }
            if end < lines.last {
                original.truncate(lines.raw[end]);
            }
        }
        let mut found = Alteration::of_body(what, Certainty::Proven, 0, self.body.len());
        if let (Scope::Place, Some(first)) = (scope, edits.first()) {
            (found.at, found.length) = (Some(first.at), first.length);
            found.at_range = Some((first.at, first.at + first.length));
        } else {
            (found.scope, found.original) = (scope, Some(original));
        }
        found.edits = edits;
        Some(found)
    }

    /// Text that ends at a place where footers end: before a boundary, before `</body>`.
    fn inserted_before(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        for &end in places.ends.iter().rev() {
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
    fn inserted_after(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
        let text = lines.trimmed();
        for &start in &places.starts {
            let mut hasher = Hasher::new(self.goal.hash);
            if !self.work.spend(start as u64, 0) {
                return None;
            }
            hasher.push(&text[..start]);
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

    /// The same in two parts: a text and its HTML form both got the footer, or both the banner.
    fn in_two_parts(&mut self, lines: &Lines, places: &Places) -> Option<Alteration> {
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

    /// With these pieces of the canonical text taken away it is what was signed.
    fn deletions(&self, lines: &Lines, pieces: &[(usize, usize)]) -> Alteration {
        let edits: Vec<super::Edit> = pieces
            .iter()
            .map(|&(start, end)| {
                let at = lines.raw_offset(self.goal.mode, self.body, start);
                let length = lines.raw_offset(self.goal.mode, self.body, end).saturating_sub(at);
                super::Edit { at, length, original: Vec::new() }
            })
            .collect();
        let mut found = Alteration::of_body(What::Inserted, Certainty::Proven, edits[0].at, edits[0].length);
        if edits.len() > 1 {
            found.edits = edits;
        }
        found
    }

    fn hits(&self, digest: &[u8]) -> bool {
        digest == self.goal.expected
    }
}

/// Starts that are tried before dearer hypotheses; a banner is rarely longer.
const FIRST_STARTS: usize = 25;

/// Octets of an insertion inside a body.
const MAX_INSERTION: usize = 32 << 10;

/// Where text may have been put in, as offsets of the canonical text, ascending.
struct Places {
    /// Line starts, and the edges of tags in HTML.
    all: Vec<usize>,
    /// Where an insertion may have ended.
    ends: Vec<usize>,
    /// Where an insertion may have started.
    starts: Vec<usize>,
}

/// Places of each kind; a body with more is a listing of them, and no mail.
const MAX_ANCHORS: usize = 16;
/// Of all places.
const MAX_PLACES: usize = 20_000;

impl Places {
    fn of(lines: &Lines) -> Self {
        let mut places = Self { all: Vec::new(), ends: Vec::new(), starts: Vec::new() };
        let mut in_header = false;
        for line in 0..lines.last {
            let start = lines.starts[line];
            let content = lines.content(line);
            places.all.push(start);
            if content.starts_with(b"--") && content.len() > 2 && content != b"-- " {
                places.ends.push(start);
                in_header = true;
            } else if in_header && content.is_empty() {
                in_header = false;
                places.starts.push(lines.starts[line + 1]);
            }
            for edge in memchr::memchr2_iter(b'<', b'>', content) {
                if places.all.len() >= MAX_PLACES {
                    break;
                }
                let at = start + edge + usize::from(content[edge] == b'>');
                places.all.push(at);
                let tag = &content[edge..];
                let named = |name: &[u8]| tag.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
                if named(b"</body") || named(b"</html") {
                    places.ends.push(at);
                }
                if named(b"<body") {
                    let close = memchr::memchr(b'>', tag).map_or(content.len(), |length| edge + length + 1);
                    places.starts.push(start + close);
                }
            }
            if places.all.len() >= MAX_PLACES {
                break;
            }
        }
        places.starts.insert(0, 0);
        places.all.push(lines.starts[lines.last]);
        places.ends.push(lines.starts[lines.last]);
        places.all.dedup();
        places.starts.truncate(MAX_ANCHORS);
        let extra = places.ends.len().saturating_sub(MAX_ANCHORS);
        places.ends.drain(..extra);
        places
    }
}

/// Hashes up to so many octets.
struct Limited {
    hasher: Hasher,
    left: u64,
}

impl crate::dkim::canonical::Sink for Limited {
    fn push(&mut self, bytes: &[u8]) {
        let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        self.left -= take as u64;
        self.hasher.push(&bytes[..take]);
    }
}

impl Alteration {
    fn of_body(what: What, certainty: Certainty, at: usize, length: usize) -> Self {
        Self {
            part: Part::Body,
            what,
            header: None,
            at: Some(at),
            at_range: None,
            length,
            original: Some(Vec::new()),
            scope: Scope::Place,
            edits: Vec::new(),
            signed_as: None,
            certainty,
            tried: 0,
        }
    }
}
