//! The DNS Tree Walk (RFC 9989 §4.10): which DMARC Policy Records stand on the way up from a name.

use std::sync::Arc;

use super::{Psd, Record};
use crate::Name;
use crate::dns::{Answer, Failure, FromAnswer, Question, RecordType, Snapshot, Step};
use crate::name::MAX_NAME;

/// What a tree walk saw, from the longest name to the shortest.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Walk {
    /// Where it started.
    pub start: Name,
    /// The names it asked about, in order.
    pub visits: Vec<Visit>,
}

/// One name of a walk.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Visit {
    /// How many labels of the start the name has.
    pub labels: usize,
    /// What stands at `_dmarc` below it.
    pub found: Found,
}

/// What stands at `_dmarc.<name>`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Found {
    /// No DMARC Policy Record.
    Nothing,
    /// One.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::record::shared"))]
    Record(Arc<Record>),
    /// More than one: all are discarded (§4.10 steps 2 and 6).
    Several(usize),
    /// The DNS gave no answer, so nothing is known.
    Failure(Failure),
}

/// Names that one walk asks about at most (§4.10: the start, and seven labels).
pub const MAX_VISITS: usize = 8;

impl Walk {
    /// The name of a visit.
    pub fn name(&self, visit: &Visit) -> Name {
        self.start.suffix(visit.labels)
    }

    /// The records that it found, from the longest name.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = (&Visit, &Arc<Record>)> {
        self.visits.iter().filter_map(|visit| match &visit.found {
            Found::Record(record) => Some((visit, record)),
            Found::Nothing | Found::Several(_) | Found::Failure(_) => None,
        })
    }

    /// The name at which the DNS gave no answer, and why; there the walk ended.
    pub fn failure(&self) -> Option<(Name, Failure)> {
        self.visits.iter().find_map(|visit| match visit.found {
            Found::Failure(failure) => Some((self.name(visit), failure)),
            Found::Nothing | Found::Record(_) | Found::Several(_) => None,
        })
    }
}

/// Walks up from `start`. Every question that the walk can come to is asked in one round.
///
/// ```
/// use mailproof::dmarc::walk;
/// use mailproof::dns::{Snapshot, Step};
///
/// let Step::Ask(questions) = walk(&Snapshot::new(), &"a.b.c.d.e.f.g.h.i.example.com".parse()?) else { panic!() };
/// assert_eq!(questions.len(), 8);
/// assert_eq!(questions[1].name, "_dmarc.e.f.g.h.i.example.com");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn walk(dns: &Snapshot, start: &Name) -> Step<Walk> {
    let mut cursor = Cursor::new(start);
    let mut visits = Vec::with_capacity(cursor.labels.min(MAX_VISITS));
    while let Some((labels, owner)) = cursor.next_owner() {
        let Some(found) = found_at(dns, owner) else { return Step::Ask(questions(dns, start)) };
        let over = match &found {
            // Steps 2 and 6: a record that says what the domain is ends the walk.
            Found::Record(record) => record.psd().or_default() != Psd::Unknown,
            // §4.10.1: an error is no "no such record"; stepping over it could find the wrong policy.
            Found::Failure(_) => true,
            Found::Nothing | Found::Several(_) => false,
        };
        visits.push(Visit { labels, found });
        if over {
            break;
        }
    }
    Step::Done(Walk { start: start.clone(), visits })
}

/// What stands at `_dmarc.<name>` alone.
pub(super) fn own(dns: &Snapshot, name: &Name) -> Step<Found> {
    let mut cursor = Cursor::new(name);
    let Some((_, owner)) = cursor.next_owner() else { return Step::Done(Found::Nothing) };
    match found_at(dns, owner) {
        Some(found) => Step::Done(found),
        None => Step::Ask(vec![Question::new(Name::from_canonical(owner), RecordType::Txt)]),
    }
}

/// The open questions of the walk from `start`.
fn questions(dns: &Snapshot, start: &Name) -> Vec<Question> {
    let mut open = Vec::with_capacity(MAX_VISITS);
    let mut cursor = Cursor::new(start);
    while let Some((_, owner)) = cursor.next_owner() {
        if owner.len() <= MAX_NAME && dns.lookup(owner, RecordType::Txt).is_none() {
            open.push(Question::new(Name::from_canonical(owner), RecordType::Txt));
        }
    }
    open
}

fn found_at(dns: &Snapshot, owner: &str) -> Option<Found> {
    // A name longer than the DNS allows has no records (RFC 1035 §2.3.4).
    if owner.len() > MAX_NAME {
        return Some(Found::Nothing);
    }
    let (answer, published) = dns.parsed_records::<Published>(owner, RecordType::Txt)?;
    Some(match (published, answer.failure()) {
        (Some(published), _) => published.0.clone(),
        (None, Some(failure)) => Found::Failure(failure),
        (None, None) => Found::Nothing,
    })
}

/// The DMARC Policy Record in an answer, read once.
struct Published(Found);

impl FromAnswer for Published {
    fn from_answer(answer: &Answer) -> Self {
        // Steps 2 and 6: records that do not begin with the version are discarded first.
        let mut records = answer.txts().iter().filter(|text| looks_like_dmarc(text.text())).filter_map(|text| {
            let record = Record::of(text.clone());
            record.is_dmarc().then_some(record)
        });
        Self(match (records.next(), records.count()) {
            (None, _) => Found::Nothing,
            (Some(record), 0) => Found::Record(Arc::new(record)),
            (Some(_), others) => Found::Several(others + 1),
        })
    }
}

/// Whether reading it as DMARC is worth the while.
fn looks_like_dmarc(text: &str) -> bool {
    text.starts_with(['v', 'V'])
}

/// The owner names of a walk, in its order, in one buffer.
struct Cursor<'a> {
    start: &'a str,
    /// Labels of the next name, and where it begins in `start`; no labels when the walk is over.
    labels: usize,
    at: usize,
    owner: String,
}

const PREFIX: &str = "_dmarc.";

impl<'a> Cursor<'a> {
    fn new(start: &'a Name) -> Self {
        let labels = start.label_count();
        let start = start.as_str();
        Self { start, labels, at: 0, owner: String::with_capacity(PREFIX.len() + start.len()) }
    }

    fn next_owner(&mut self) -> Option<(usize, &str)> {
        if self.labels == 0 {
            return None;
        }
        let labels = self.labels;
        self.owner.clear();
        self.owner.push_str(PREFIX);
        self.owner.push_str(&self.start[self.at..]);
        // Step 4: from eight labels or more the walk goes on with seven. The root is not asked.
        self.labels = if labels < MAX_VISITS { labels - 1 } else { MAX_VISITS - 1 };
        for _ in self.labels..labels {
            let rest = &self.start[self.at..];
            self.at += rest.find('.').map_or(rest.len(), |dot| dot + 1);
        }
        Some((labels, &self.owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(start: &str) -> Vec<String> {
        match walk(&Snapshot::new(), &start.parse().unwrap()) {
            Step::Ask(questions) => questions.into_iter().map(|q| q.name.to_string()).collect(),
            Step::Done(_) => panic!(),
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        let names = asked("a.b.c.d.e.f.g.h.i.j.mail.example.com");
        assert_eq!(names[0], "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com");
        assert_eq!(names[1], "_dmarc.g.h.i.j.mail.example.com");
        assert_eq!(names[7], "_dmarc.com");
        assert_eq!(names.len(), 8);
    }

    #[test]
    fn eight_labels_leave_no_gap() {
        assert_eq!(asked("a.b.c.d.e.f.example.com")[1], "_dmarc.b.c.d.e.f.example.com");
        assert_eq!(asked("a.b.c.d.e.f.example.com").len(), 8);
        assert_eq!(asked("b.c.d.e.f.example.com").len(), 7);
        assert_eq!(asked("com"), ["_dmarc.com"]);
    }

    #[test]
    fn a_name_too_long_to_ask_has_no_record() {
        let long = format!("{}.{}.{}.{}.com", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(54));
        assert_eq!(asked(&long).len(), 4);
    }
}
