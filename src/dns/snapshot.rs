//! Everything that the DNS has said so far.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use super::{Answer, Lookup, Question, RecordType, Records};
use crate::Name;

/// The answers that evaluators read, in the order in which they came.
///
/// A report carries its snapshot, so every verdict can be had again without the DNS. Records are
/// parsed once, when first read. A question has one answer: the first stays until [`Snapshot::replace`].
///
/// ```
/// use mailproof::dns::{Answer, Question, RecordType, Snapshot};
///
/// let mut dns = Snapshot::new();
/// assert!(dns.is_empty());
/// let question = Question::new("example.com".parse()?, RecordType::Txt);
/// dns.insert(question.clone(), Answer::txt(["v=spf1 -all"]));
/// assert!(dns.get(&question).is_some());
/// assert_eq!(dns.len(), 1);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Default)]
pub struct Snapshot {
    entries: Vec<Entry>,
    index: HashMap<Name, Vec<(RecordType, usize)>, foldhash::fast::RandomState>,
}

struct Entry {
    question: Question,
    answer: Answer,
    parsed: OnceLock<Box<AnyParsed>>,
}

/// What was made of an answer, and by whom: a list, since an answer may be read as several things.
struct Parsed<T: ?Sized> {
    next: OnceLock<Box<AnyParsed>>,
    value: T,
}

type AnyParsed = Parsed<dyn Any + Send + Sync>;

/// What can be made of an answer, once, and be kept beside it.
pub(crate) trait FromAnswer: Any + Send + Sync {
    fn from_answer(answer: &Answer) -> Self;
}

impl Snapshot {
    /// An empty snapshot.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many questions have been answered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing has been answered yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The answer to `question`, if it is known.
    pub fn get(&self, question: &Question) -> Option<&Answer> {
        self.lookup(question.name.as_str(), question.record_type)
    }

    /// Questions and answers, in the order in which they came.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"example.com. TXT "v=spf1 include:gone.example -all""#)?;
    /// let domain = "example.com".parse()?;
    /// let mut dns = Snapshot::new();
    /// drive_sync(&mut dns, |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let failing = dns.iter().filter(|(_, answer)| answer.records().is_none());
    /// assert_eq!(failing.map(|(question, _)| question.to_string()).collect::<Vec<_>>(), ["gone.example TXT"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&Question, &Answer)> {
        self.entries.iter().map(|entry| (&entry.question, &entry.answer))
    }

    /// Adds an answer. Returns false, and changes nothing, if the question has one already.
    ///
    /// An answer with records of another type than was asked is kept as
    /// [`Failure::Malformed`](super::Failure::Malformed): a resolver's nonsense must not become a verdict.
    ///
    /// ```
    /// use mailproof::dns::{Answer, Failure, Question, RecordType, Records, Snapshot};
    ///
    /// let mut dns = Snapshot::new();
    /// let question = Question::new("example.com".parse()?, RecordType::Txt);
    /// assert!(dns.insert(question.clone(), Records::A(vec!["192.0.2.1".parse()?]).into()));
    /// assert_eq!(dns.get(&question).unwrap().failure(), Some(Failure::Malformed), "an address is no text");
    /// assert!(!dns.insert(question, Answer::txt(["v=spf1 -all"])), "the first answer stays");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, question: Question, answer: Answer) -> bool {
        if self.get(&question).is_some() {
            return false;
        }
        let at = self.entries.len();
        self.index.entry(question.name.clone()).or_default().push((question.record_type, at));
        let answer = sane(&question, answer);
        self.entries.push(Entry { question, answer, parsed: OnceLock::new() });
        true
    }

    /// Sets an answer, whether the question had one or not: "what if I publish this?"
    ///
    /// ```
    /// use mailproof::{dns::{Answer, Question, RecordType, Snapshot}, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"example.com. TXT "v=spf1 a mx ptr -all""#)?;
    /// let domain = "example.com".parse()?;
    /// let mut dns = Snapshot::new();
    /// let tree = drive_sync(&mut dns, |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.counts.lookups, 3);
    ///
    /// // What would this record cost in its place?
    /// dns.replace(Question::new(domain.clone(), RecordType::Txt), Answer::txt(["v=spf1 mx -all"]));
    /// assert_eq!(spf::tree(&dns, &domain).done().unwrap().counts.lookups, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace(&mut self, question: Question, answer: Answer) {
        match self.position(question.name.as_str(), question.record_type) {
            Some(at) => {
                let answer = sane(&question, answer);
                self.entries[at] = Entry { question, answer, parsed: OnceLock::new() };
            }
            None => {
                self.insert(question, answer);
            }
        }
    }

    /// The answer for a name in normal form.
    pub(crate) fn lookup(&self, canonical: &str, record_type: RecordType) -> Option<&Answer> {
        self.position(canonical, record_type).map(|at| &self.entries[at].answer)
    }

    /// The answer for a name in normal form, and what `T` makes of it; made once.
    pub(crate) fn parsed<T: FromAnswer>(&self, canonical: &str, record_type: RecordType) -> Option<(&Answer, &T)> {
        let entry = &self.entries[self.position(canonical, record_type)?];
        Some((&entry.answer, entry.parsed()))
    }

    /// The same, and nothing made of an answer without records: most answers of a walk are such, and not worth keeping.
    pub(crate) fn parsed_records<T: FromAnswer>(
        &self,
        canonical: &str,
        record_type: RecordType,
    ) -> Option<(&Answer, Option<&T>)> {
        let entry = &self.entries[self.position(canonical, record_type)?];
        Some((&entry.answer, entry.answer.records().map(|_| entry.parsed())))
    }

    fn position(&self, canonical: &str, record_type: RecordType) -> Option<usize> {
        let of_name = self.index.get(canonical)?;
        of_name.iter().find(|(t, _)| *t == record_type).map(|&(_, at)| at)
    }
}

impl Entry {
    /// What `T` makes of the answer; made once.
    fn parsed<T: FromAnswer>(&self) -> &T {
        let mut slot = &self.parsed;
        loop {
            let parsed = slot.get_or_init(|| {
                Box::new(Parsed { next: OnceLock::new(), value: T::from_answer(&self.answer) }) as Box<AnyParsed>
            });
            match parsed.value.downcast_ref::<T>() {
                Some(value) => return value,
                None => slot = &parsed.next,
            }
        }
    }
}

fn sane(question: &Question, answer: Answer) -> Answer {
    match &answer.lookup {
        Lookup::Records(records) if records.is_empty() => Answer { lookup: Lookup::NoData, ..answer },
        Lookup::Records(records) if records.record_type() != question.record_type => {
            Answer { lookup: Lookup::Failure(super::Failure::Malformed), ..answer }
        }
        Lookup::Records(records) if size(records) > MAX_ANSWER => {
            Answer { lookup: Lookup::Failure(super::Failure::Malformed), ..answer }
        }
        Lookup::Records(_) | Lookup::NoData | Lookup::NxDomain | Lookup::Failure(_) => answer,
    }
}

/// Octets of records in one answer. A DNS message has at most 65,535 (RFC 1035 §4.2.2), so more cannot be true.
const MAX_ANSWER: usize = 65_535;

/// At least how many octets the records take in a DNS message; the owner name's pointer and the fixed fields are 12.
fn size(records: &Records) -> usize {
    let data: usize = match records {
        Records::A(records) => records.len() * 4,
        Records::Aaaa(records) => records.len() * 16,
        Records::Cname(records) | Records::Ns(records) | Records::Ptr(records) => records.len() * 2,
        Records::Mx(records) => records.len() * 4,
        Records::Soa(records) => records.len() * 22,
        Records::Spf(records) | Records::Txt(records) => {
            // U+FFFD stands for one byte in three.
            records.iter().map(|text| text.text().len() - 2 * text.invalid_bytes().len()).sum()
        }
        Records::Tlsa(records) => records.iter().map(|tlsa| tlsa.data.len() + 3).sum(),
    };
    data + 12 * records.len()
}

impl Clone for Snapshot {
    fn clone(&self) -> Self {
        self.iter().map(|(question, answer)| (question.clone(), answer.clone())).collect()
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Snapshot {}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(Question, Answer)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (Question, Answer)>>(pairs: I) -> Self {
        let mut snapshot = Self::new();
        snapshot.extend(pairs);
        snapshot
    }
}

impl Extend<(Question, Answer)> for Snapshot {
    fn extend<I: IntoIterator<Item = (Question, Answer)>>(&mut self, pairs: I) {
        for (question, answer) in pairs {
            self.insert(question, answer);
        }
    }
}

#[cfg(feature = "serde")]
mod as_list {
    use super::{Answer, Question, Snapshot};
    use crate::reading::{Fault, Read, Tree, deserialize};

    #[derive(serde::Serialize)]
    struct PairRef<'a> {
        #[serde(flatten)]
        question: &'a Question,
        #[serde(flatten)]
        answer: &'a Answer,
    }

    /// An ordered list of questions with their answers.
    impl serde::Serialize for Snapshot {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.iter().map(|(question, answer)| PairRef { question, answer }))
        }
    }

    impl Read for Snapshot {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            tree.list()?.iter().map(|pair| Ok((Question::read(pair)?, Answer::read(pair)?))).collect()
        }
    }
    deserialize!(Snapshot);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Failure;

    fn question(name: &str) -> Question {
        Question::new(name.parse().unwrap(), RecordType::Txt)
    }

    struct Length(usize);
    impl FromAnswer for Length {
        fn from_answer(answer: &Answer) -> Self {
            Self(answer.txts().len())
        }
    }
    struct First(String);
    impl FromAnswer for First {
        fn from_answer(answer: &Answer) -> Self {
            Self(answer.txts()[0].to_string())
        }
    }

    #[test]
    fn an_answer_is_read_as_several_things() {
        let snapshot: Snapshot = [(question("a"), Answer::txt(["x", "y"]))].into_iter().collect();
        for _ in 0..2 {
            assert_eq!(snapshot.parsed::<Length>("a", RecordType::Txt).unwrap().1.0, 2);
            assert_eq!(snapshot.parsed::<First>("a", RecordType::Txt).unwrap().1.0, "x");
        }
        assert!(snapshot.parsed::<First>("b", RecordType::Txt).is_none());
    }

    #[test]
    fn nonsense_is_a_failure() {
        let mut snapshot = Snapshot::new();
        snapshot.insert(question("a"), Records::A(vec![[192, 0, 2, 1].into()]).into());
        assert_eq!(snapshot.get(&question("a")).unwrap().failure(), Some(Failure::Malformed));
        snapshot.insert(question("b"), Answer::txt([&*"x".repeat(10_000_000)]));
        assert_eq!(snapshot.get(&question("b")).unwrap().failure(), Some(Failure::Malformed));
        snapshot.insert(question("c"), Answer::txt([]));
        assert_eq!(snapshot.get(&question("c")).unwrap().lookup, Lookup::NoData);
    }

    #[test]
    fn the_first_answer_stays_until_replaced() {
        let mut snapshot = Snapshot::new();
        assert!(snapshot.insert(question("a"), Answer::txt(["1"])));
        assert!(!snapshot.insert(question("a"), Answer::txt(["2"])));
        assert_eq!(snapshot.get(&question("a")).unwrap().txts()[0].text(), "1");
        snapshot.replace(question("a"), Answer::txt(["3"]));
        assert_eq!(snapshot.get(&question("a")).unwrap().txts()[0].text(), "3");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn survives_json() {
        use crate::text::Source;
        let mut snapshot = Snapshot::new();
        let texts = vec![Source::from_strings([&b"a\xff"[..], b"b"]), Source::new("plain")];
        snapshot.insert(question("a"), Records::Txt(texts).into());
        snapshot.insert(question("b"), Failure::ServFail.into());
        snapshot.insert(question("c"), Answer { ttl: Some(60), authentic: true, ..Answer::new(Lookup::NxDomain) });
        let json = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&json).unwrap(), snapshot, "{json}");
    }
}
