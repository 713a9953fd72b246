//! The search for what happened to a body.

mod converted;
mod encoded;
mod hard_breaks;
mod insertions;
mod one_line;
mod places;
mod raw_hash;
mod reframed;
mod truncated;

use super::lines::Lines;
use super::{Alteration, Certainty, Part, Scope, SignedAs, What, Work, transform};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;
use crate::dkim::outcome::{BodyCheck, Outcome};
use crate::dkim::signature::{Canonicalization, HashAlgorithm, Signature};
use crate::message::{LineEnds, Message};
use places::Places;

/// Bodies up to this many octets are searched with more than one pass; the search keeps copies of them.
const MAX_BODY: usize = 8 << 20;
/// Fields of one name that are read. A message has one Content-Type, and each server that converts it writes one field of its own.
const MAX_FIELDS: usize = 10;

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
    let found = search.run(message, signature);
    let tried = search.work.spent.hashes - before;
    let mut alteration = found.unwrap_or_else(|| {
        let is_cut = truncated || truncated::is_open_multipart(message);
        let likely = match is_cut {
            true => None,
            false if converted::says_so(message, outcome.field) => Some(What::ReEncoded),
            false if reframed::names_a_later_server(message, outcome.field) => Some(What::Reframed),
            false => None,
        };
        if let Some(what) = likely {
            let mut alteration = unknown(what, Certainty::Likely);
            alteration.scope = Scope::Body;
            return alteration;
        }
        if is_cut || truncated::is_open_html(message) {
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
    fn run(&mut self, message: &Message<'_>, signature: &Signature) -> Option<Alteration> {
        let lines = Lines::new(self.goal.mode, self.body, self.ends);
        if self.goal.length.is_none()
            && let Some(end) = self.ends_after(&lines, 0)
        {
            return Some(self.range(&lines, 0, end));
        }
        // White space at line ends is lost and added by many; signing otherwise than told is rare.
        if let Some(candidate) = transform::trailing_space_added(self.body)
            && let Some(found) = self.try_candidate(candidate)
        {
            return Some(found);
        }
        if let Some(found) = self.signed_otherwise().or_else(|| self.hashed_with_other_ends(&lines)) {
            return Some(found);
        }
        if let Some(found) = self.reframed(message, signature).or_else(|| self.undone(message)) {
            return Some(found);
        }
        let places = Places::of(&lines);
        if let Some(length) = self.goal.length {
            return self.inserted_within(&lines, &places, length);
        }
        None.or_else(|| self.last_characters_lost(&lines))
            .or_else(|| self.starts_later(&lines, FIRST_STARTS))
            .or_else(|| self.inserted_before(&lines, &places, &places.ends))
            .or_else(|| self.inserted_after(&lines, &places))
            .or_else(|| self.with_half(|search| search.added_in_base64(message)))
            .or_else(|| self.with_half(|search| search.before_in_two_parts(&lines, &places)))
            .or_else(|| self.with_half(|search| search.after_in_two_parts(&lines, &places)))
            .or_else(|| self.one_line(&lines))
            .or_else(|| self.with_half(|search| search.hard_breaks_lost(&lines)))
            .or_else(|| self.with_half(|search| search.inserted_in_first_line(&lines, &places)))
            .or_else(|| self.with_half(|search| search.inserted_before(&lines, &places, &places.all)))
            .or_else(|| self.starts_later(&lines, usize::MAX))
    }

    /// What relays do to a whole body. A candidate costs a copy of the body, so none is made when none can be judged any more.
    fn undone(&mut self, message: &Message<'_>) -> Option<Alteration> {
        let mut candidates = transform::candidates(self.goal.mode, message);
        while self.affords(self.body)
            && let Some(candidate) = candidates.next()
        {
            let Some(candidate) = candidate else { continue };
            if !self.affords(&candidate.body) {
                return None;
            }
            if let Some(found) = self.try_candidate(candidate) {
                return Some(found);
            }
        }
        None
    }

    /// Whether one hash of `body` can still be done.
    fn affords(&self, body: &[u8]) -> bool {
        self.work.affords(body.len() as u64 + DIGEST_COST, 1)
    }

    /// Whether its hash can be compared at every line end.
    fn affords_lines(&self, body: &[u8]) -> bool {
        let count = memchr::memchr_iter(b'\n', body).count() + 2;
        self.work.affords(body.len() as u64 + count as u64 * DIGEST_COST, count)
    }

    /// A search that would use up the budget gets half of what is left.
    fn with_half<T>(&mut self, search: impl FnOnce(&mut Self) -> T) -> T {
        let limit = self.work.limit;
        let spent = self.work.spent;
        self.work.limit = super::Budget {
            octets: spent.octets + self.work.left() / 2,
            hashes: spent.hashes + limit.hashes.saturating_sub(spent.hashes) / 2,
        };
        let found = search(self);
        self.work.limit = limit;
        found
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
        if !deep || self.goal.length.is_some() || !self.affords_lines(&original) {
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
        // Places were found in the text with CRLF; in a message with LF they are elsewhere.
        if let (Scope::Place, Some(first), LineEnds::Crlf) = (scope, edits.first(), self.ends) {
            (found.at, found.length) = (Some(first.at), first.length);
            found.at_range = Some((first.at, first.at + first.length));
            found.original = Some(first.original.clone());
            found.edits = edits;
        } else {
            found.scope = if scope == Scope::RawHash { scope } else { Scope::Body };
            found.original = Some(original);
        }
        Some(found)
    }

    fn hits(&self, digest: &[u8]) -> bool {
        digest == self.goal.expected
    }
}

/// Starts that are tried before dearer hypotheses; a banner is rarely longer.
const FIRST_STARTS: usize = 25;

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
