//! Which words of a notice for people are said of whom. The texts of mailers name the address and then tell; a few tell first, and then
//! list addresses.

use std::collections::BTreeSet;
use std::ops::Range;

use super::notice::{reply_lines, tells_why};
use super::reply::MAX_REPLY;
use crate::order;

/// Octets said of several recipients: each gets them, and a line of a reply has 512 at most (RFC 5321 §4.5.3.1.5).
pub(super) const MAX_SHARED: usize = 2_048;

/// What is said of each recipient, of each of whom the names are given: the lines from the one that names an address on, to one that
/// names another, or to an empty line after words. Of addresses that follow each other without words in between, and of those in one
/// line, the same is said. A heading is said of the list below it.
pub(super) fn by_address(notice: &str, recipients: &[Vec<&str>]) -> Vec<String> {
    let numbered = recipients.iter().enumerate();
    let named = numbered.flat_map(|(place, names)| names.iter().map(move |name| (bare(name), place)));
    let mut places: Vec<(String, usize)> = named.collect();
    order::sort_by(&mut places, |(a, _), (b, _)| a.cmp(b));
    let place_of = |address: &str| {
        let name = bare(address);
        let at = places.partition_point(|(other, _)| *other < name);
        places.get(at).filter(|(other, _)| *other == name).map(|(_, place)| *place)
    };
    let is_listed = |line: &str| !is_told(line) && addresses(line).any(|address| place_of(address).is_some());
    let has_headings = lists_come_last(notice, is_listed);
    let mut passages = Passages::of(notice, recipients.len());
    let mut end = 0;
    let mut lines = lines(notice);
    while let Some(line) = lines.next() {
        let start = end;
        end += line.len();
        let has_words = !passages.words.is_empty();
        if line.trim().is_empty() && has_words {
            passages.close();
        }
        let named = order::set(addresses(line).filter_map(place_of));
        if !named.is_empty() && (has_words || is_told(line)) && named != passages.about {
            passages.close();
        }
        let ends_open = || {
            let next = lines.clone().find(|line| !line.trim().is_empty());
            line.trim_end().ends_with(':') && next.is_some_and(is_listed)
        };
        if named.is_empty() && is_told(line) && (has_headings || ends_open()) {
            passages.head(start..end);
            continue;
        }
        // A line that names several begins a list, before anything is said of anybody, if it holds no reply itself.
        let begins_list = named.len() > 1 && reply_lines(line).next().is_none();
        passages.about.extend(named);
        if !begins_list && is_told(line) {
            passages.tell(start..end);
        }
    }
    passages.close();
    // One that is told of twice has its words in the first place.
    let place = |names: &[&str]| names.iter().find_map(|name| place_of(name));
    recipients.iter().map(|names| place(names).map(|place| passages.said_of(place)).unwrap_or_default()).collect()
}

fn lines(notice: &str) -> impl Iterator<Item = &str> + Clone {
    notice.split_inclusive('\n').take_while(|line| !is_head_of_original(line))
}

/// Whether what is said of a list stands above it, as a reply above the first list shows, if nothing is said below the last.
fn lists_come_last(notice: &str, is_listed: impl Fn(&str) -> bool) -> bool {
    let (mut above_first, mut is_reply) = (None, false);
    let (mut before, mut end, mut below) = ("", 0, 0..0);
    for line in lines(notice) {
        let after_gap = before.trim().is_empty();
        let start = end;
        end += line.len();
        if is_listed(line) {
            above_first = above_first.or(Some(is_reply));
            is_reply = false;
            below = end..end;
        } else if is_told(line) {
            // Another paragraph is said of something else.
            is_reply = is_reply && !(above_first.is_none() && after_gap) || reply_lines(line).next().is_some();
            if below.end == start {
                below.end = end;
            }
        }
        before = line;
    }
    above_first == Some(true) && !is_reply && !tells_why(&notice[below])
}

/// What was read, and the passage that is being read.
struct Passages<'a> {
    notice: &'a str,
    heading: Range<usize>,
    about: BTreeSet<usize>,
    words: Range<usize>,
    /// What is said of one alone is surer than what is said of several.
    of_one: Vec<String>,
    of_several: Vec<String>,
}

impl<'a> Passages<'a> {
    fn of(notice: &'a str, recipients: usize) -> Self {
        let of_one = vec![String::new(); recipients];
        Self { notice, heading: 0..0, about: BTreeSet::new(), words: 0..0, of_several: of_one.clone(), of_one }
    }

    /// Takes a line for the heading of the next passage, or for more of it.
    fn head(&mut self, line: Range<usize>) {
        let start =
            if self.heading.end == line.start && self.about.is_empty() { self.heading.start } else { line.start };
        self.close();
        self.heading = start..line.end;
    }

    /// Takes a line into the passage, if that is about anybody.
    fn tell(&mut self, line: Range<usize>) {
        if !self.about.is_empty() {
            let start = if self.words.is_empty() { line.start } else { self.words.start };
            self.words = start..line.end;
        }
    }

    /// Ends the passage, and what it is about. Of whom enough is said already, no more is looked at.
    fn close(&mut self) {
        let heading = &self.notice[std::mem::take(&mut self.heading)];
        let words = &self.notice[std::mem::take(&mut self.words)];
        let mut about = std::mem::take(&mut self.about);
        let (told, limit) =
            if about.len() == 1 { (&mut self.of_one, MAX_REPLY) } else { (&mut self.of_several, MAX_SHARED) };
        about.retain(|place| told[*place].len() < limit);
        if about.is_empty() {
            return;
        }
        let words = if is_surer(heading, words) { heading } else { words };
        for place in about {
            add(&mut told[place], words, limit);
        }
    }

    /// The passages about one recipient, with an empty line after each.
    fn said_of(&self, place: usize) -> String {
        let of_one = &self.of_one[place];
        if of_one.is_empty() { &self.of_several[place] } else { of_one }.clone()
    }
}

fn add(said: &mut String, passage: &str, limit: usize) {
    for line in passage[..passage.floor_char_boundary(limit)].lines() {
        said.push_str(line);
        said.push('\n');
    }
    if !passage.is_empty() {
        said.push('\n');
    }
    said.truncate(said.floor_char_boundary(limit));
}

/// Whether a heading tells more than the words below the list: a reply, or at least why.
fn is_surer(heading: &str, words: &str) -> bool {
    let is_reply = |said: &str| reply_lines(said).next().is_some();
    !heading.is_empty() && !is_reply(words) && (is_reply(heading) || tells_why(heading) && !tells_why(words))
}

/// Exchange shows the header of the message that came back, which names recipients too.
fn is_head_of_original(line: &str) -> bool {
    line.trim().eq_ignore_ascii_case("original message headers:")
}

/// Whether a line holds more than addresses.
pub(super) fn is_told(line: &str) -> bool {
    told(line).next().is_some()
}

/// The words of a line that are no addresses.
pub(super) fn told(line: &str) -> impl Iterator<Item = &str> {
    pieces(line).filter(|piece| !piece.contains('@') && piece.contains(char::is_alphanumeric))
}

/// The addresses of a line, without what encloses them.
pub(super) fn addresses(line: &str) -> impl Iterator<Item = &str> {
    pieces(line).filter(|piece| piece.contains('@'))
}

fn pieces(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | ':')
    })
}

pub(super) fn bare(address: &str) -> String {
    address.trim().trim_matches(['<', '>', '.']).to_lowercase()
}
