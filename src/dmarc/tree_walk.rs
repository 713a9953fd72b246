//! The DNS Tree Walk (RFC 9989 §4.10): which DMARC Policy Records stand on the way up from a name.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Psd, Record};
use crate::Name;
use crate::dns::{Answer, Failure, FromAnswer, Question, RecordType, Snapshot, Step};
use crate::name::MAX_NAME;

/// What a tree walk saw, from the longest name to the shortest.
///
/// ```
/// use mailproof::{dmarc, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let start = "news.example.com".parse()?;
/// let walk = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::walk(dns, &start));
/// let names: Vec<String> = walk.visits.iter().map(|visit| walk.name(visit).to_string()).collect();
/// assert_eq!(names, ["news.example.com", "example.com", "com"]);
/// let (visit, record) = walk.records().next().unwrap();
/// assert_eq!((walk.name(visit).as_str(), record.source().text()), ("example.com", "v=DMARC1; p=reject"));
/// assert_eq!(walk.failure(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::{dmarc, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // Long names are not asked about label by label: after the start the walk goes on with seven labels.
/// let start = "a.b.c.d.e.f.g.h.example.com".parse()?;
/// let walk = drive_sync(&mut Snapshot::new(), |q| Zone::new().answer(q), |dns| dmarc::walk(dns, &start));
/// let labels: Vec<usize> = walk.visits.iter().map(|visit| visit.labels).collect();
/// assert_eq!(labels, [10, 7, 6, 5, 4, 3, 2, 1]);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
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
///
/// ```
/// use mailproof::dmarc::{self, Found};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// // An SPF record at `_dmarc` is not looked at; the record of `news` is not alone.
/// let zone = Zone::parse(
///     r#"
///     _dmarc.example.com.      TXT "v=spf1 -all"
///     _dmarc.news.example.com. TXT "v=DMARC1; p=reject"
///     _dmarc.news.example.com. TXT "v=DMARC1; p=none"
///     "#,
/// )?;
/// let start = "news.example.com".parse()?;
/// let walk = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::walk(dns, &start));
/// assert_eq!((&walk.visits[0].found, &walk.visits[1].found), (&Found::Several(2), &Found::Nothing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    ///
    /// ```
    /// use mailproof::{dmarc, dns::{Failure, Snapshot}, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse("_dmarc.example.com. TIMEOUT")?;
    /// let start = "news.example.com".parse()?;
    /// let walk = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::walk(dns, &start));
    /// assert_eq!(walk.failure(), Some(("example.com".parse()?, Failure::Timeout)));
    /// assert_eq!(walk.visits.len(), 2, "`com` is not asked any more");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    let mut visits = Vec::with_capacity(start.label_count().min(MAX_VISITS));
    step_through(dns, start, None, |labels, found| visits.push(Visit { labels, found: found.into_owned() }))
        .map(|()| Walk { start: start.clone(), visits })
}

/// The same for those who keep nothing of it: `visit` is told the labels of each name, and what was found there. Where it comes to the
/// start of another walk, it goes on as that one did.
pub(super) fn step_through<'a>(
    dns: &'a Snapshot,
    start: &Name,
    other: Option<&'a Walk>,
    mut visit: impl FnMut(usize, Cow<'a, Found>),
) -> Step<()> {
    let other = other.filter(|other| start.is_within(&other.start));
    let mut cursor = Cursor::new(start);
    loop {
        if let Some(other) = other.filter(|other| other.start.as_str().len() == cursor.octets()) {
            other.visits.iter().for_each(|known| visit(known.labels, Cow::Borrowed(&known.found)));
            break;
        }
        let Some((labels, owner)) = cursor.next_owner() else { break };
        let Some(found) = found_at(dns, owner) else { return Step::Ask(questions(dns, start)) };
        let over = match &*found {
            // Steps 2 and 6: a record that says what the domain is ends the walk.
            Found::Record(record) => record.psd().or_default() != Psd::Unknown,
            // §4.10.1: an error is no "no such record"; stepping over it could find the wrong policy.
            Found::Failure(_) => true,
            Found::Nothing | Found::Several(_) => false,
        };
        visit(labels, found);
        if over {
            break;
        }
    }
    Step::Done(())
}

/// What stands at `_dmarc.<name>` alone.
pub(super) fn own(dns: &Snapshot, name: &Name) -> Step<Found> {
    let mut cursor = Cursor::new(name);
    let Some((_, owner)) = cursor.next_owner() else { return Step::Done(Found::Nothing) };
    match found_at(dns, owner) {
        Some(found) => Step::Done(found.into_owned()),
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

fn found_at<'a>(dns: &'a Snapshot, owner: &str) -> Option<Cow<'a, Found>> {
    // A name longer than the DNS allows has no records (RFC 1035 §2.3.4).
    if owner.len() > MAX_NAME {
        return Some(Cow::Owned(Found::Nothing));
    }
    let (answer, published) = dns.parsed_records::<Published>(owner, RecordType::Txt)?;
    Some(match (published, answer.failure()) {
        (Some(published), _) => Cow::Borrowed(&published.0),
        (None, Some(failure)) => Cow::Owned(Found::Failure(failure)),
        (None, None) => Cow::Owned(Found::Nothing),
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
struct Cursor {
    /// Labels of the next name; none when the walk is over.
    labels: usize,
    /// The prefix and the start. Each next name begins further on, and its prefix overwrites what was before it.
    buffer: [u8; PREFIX.len() + MAX_NAME],
    /// Where the next owner name begins and ends there.
    owner: Range<usize>,
}

const PREFIX: &[u8] = b"_dmarc.";

impl Cursor {
    fn new(start: &Name) -> Self {
        let mut buffer = [0; PREFIX.len() + MAX_NAME];
        let end = PREFIX.len() + start.as_str().len();
        buffer[PREFIX.len()..end].copy_from_slice(start.as_str().as_bytes());
        Self { labels: start.label_count(), buffer, owner: 0..end }
    }

    /// How long the next name is.
    fn octets(&self) -> usize {
        self.owner.len() - PREFIX.len()
    }

    fn next_owner(&mut self) -> Option<(usize, &str)> {
        if self.labels == 0 {
            return None;
        }
        let (labels, owner) = (self.labels, self.owner.clone());
        self.buffer[owner.start..owner.start + PREFIX.len()].copy_from_slice(PREFIX);
        // Step 4: from eight labels or more the walk goes on with seven. The root is not asked.
        self.labels = if labels < MAX_VISITS { labels - 1 } else { MAX_VISITS - 1 };
        for _ in self.labels..labels {
            let rest = &self.buffer[self.owner.start + PREFIX.len()..owner.end];
            self.owner.start += rest.iter().position(|&b| b == b'.').map_or(rest.len(), |dot| dot + 1);
        }
        // A name is ASCII.
        Some((labels, std::str::from_utf8(&self.buffer[owner]).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

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

    fn walked(records: &str, start: &str) -> Walk {
        let (zone, start) = (Zone::parse(records).unwrap(), start.parse().unwrap());
        drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| walk(dns, &start))
    }

    /// RFC 1035 §2.3.4: with `_dmarc.` before it a name of 246 octets can be asked about, and one of 247 cannot.
    #[test]
    fn the_longest_name_that_has_a_record() {
        let name =
            |last: usize| format!("{}.{}.{}.{}.com", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(last));
        for (start, found) in [(name(50), true), (name(51), false), (name(57), false)] {
            let records = if found { format!("_dmarc.{start}. TXT \"v=DMARC1; p=none\"") } else { String::new() };
            let walk = walked(&records, &start);
            assert_eq!(matches!(walk.visits[0].found, Found::Record(_)), found, "{}", start.len());
            assert_eq!(walk.visits.len(), 5);
        }
    }

    /// §4.10 step 2: texts that are none are not counted with the records.
    #[test]
    fn several_records_are_counted() {
        let record = |n: usize| format!("_dmarc.example.com. TXT \"v=DMARC1; p=none; x={n}\"\n");
        let other = "_dmarc.example.com. TXT \"v=spf1 -all\"\n_dmarc.example.com. TXT \"verified\"\n";
        for count in [2, 3, 5] {
            let walk = walked(&((0..count).map(record).collect::<String>() + other), "example.com");
            assert_eq!(walk.visits[0].found, Found::Several(count));
        }
        assert!(matches!(walked(&(other.to_owned() + &record(1)), "example.com").visits[0].found, Found::Record(_)));
    }

    /// Where a walk comes to the start of another one nothing changes but that nobody is asked.
    #[test]
    fn a_walk_goes_on_as_the_other_one_did() {
        let records = "_dmarc.x.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"";
        let zone = Zone::parse(records).unwrap();
        for above in ["m", "com", "example.com", "x.example.com", "seventeen.example"] {
            let other = walked(records, above);
            for length in 1..30 {
                let start: Name = format!("{}.{above}", "a".repeat(length)).parse().unwrap();
                let visits = |other: Option<&Walk>| {
                    drive_sync(
                        &mut Snapshot::new(),
                        |q| zone.answer(q),
                        |dns| {
                            let mut visits = Vec::new();
                            step_through(dns, &start, other, |labels, found| visits.push((labels, found.into_owned())))
                                .map(|()| visits)
                        },
                    )
                };
                assert_eq!(visits(Some(&other)), visits(None), "{start}");
            }
        }
    }
}
