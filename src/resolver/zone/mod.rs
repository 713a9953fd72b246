//! A zone as text: the DNS of tests, of examples, and of "what if I publish this?"
//!
//! # Text
//! Master text as in RFC 1035 §5.1: `$ORIGIN` and `$TTL`, relative names and `@`, a line that begins
//! with white space for the owner above, TTL and class (IN) in either order, parentheses over several
//! lines, quoted and unquoted strings, `\"` and `\DDD`, comments. Relative names are relative to the
//! root until `$ORIGIN` says otherwise, so a final dot may be left out. `$GENERATE` is BIND's. One text may hold the names of
//! many domains. A text whose every line is indented is read as if it were not.
//!
//! In the place of the type may stand a mark, which no server would read:
//! `TIMEOUT`, `SERVFAIL`, `REFUSED`, `BOGUS`, `MALFORMED`, `NXDOMAIN`.
//!
//! ```text
//! slow.example.    TIMEOUT         ; every type without data at this name
//! broken.example.  SERVFAIL TXT    ; this type only, even where it has data
//! *.down.example.  REFUSED         ; every name below that is not written
//! ```
//!
//! # Answers
//! As a resolver's: CNAMEs are followed, wildcards are those of RFC 4592, a name that only has names
//! below it exists without data, and every other name does not exist. Nothing is delegated: an NS record is
//! a record like others.

mod answer;
mod error;
mod generate;
mod lexer;
mod rdata;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

pub use error::{Reason, ZoneError};

use super::Resolver;
use crate::Name;
use crate::dns::{Answer, Failure, Question, RecordType, Records};
use crate::text::Span;

/// Records and failures by name, as a resolver would see them.
///
/// ```
/// use mailproof::dns::{Failure, Lookup, Question, RecordType};
/// use mailproof::resolver::Zone;
///
/// let zone = Zone::parse(
///     r#"
///     $ORIGIN example.com.
///     $TTL 1h
///     @     TXT   ( "v=spf1 ip4:192.0.2.0/24"   ; the office
///                   " -all" )
///     www   CNAME @
///     slow  TIMEOUT
///     "#,
/// )?;
/// let txt = |name: &str| zone.answer(&Question::new(name.parse().unwrap(), RecordType::Txt));
///
/// let answer = txt("www.example.com");
/// assert_eq!(answer.txts()[0].text(), "v=spf1 ip4:192.0.2.0/24 -all");
/// assert_eq!(answer.aliases[0], "example.com");
/// assert_eq!(answer.ttl, Some(3600));
/// assert_eq!(txt("slow.example.com").failure(), Some(Failure::Timeout));
/// assert_eq!(txt("other.example.com").lookup, Lookup::NxDomain);
/// # Ok::<(), mailproof::resolver::ZoneError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Zone {
    /// In the order of their first appearance; names without anything but names below included.
    nodes: Vec<(Name, Node)>,
    index: HashMap<Name, usize, foldhash::fast::RandomState>,
    entries: Vec<Entry>,
}

/// One entry of a zone text.
///
/// ```
/// use mailproof::resolver::Zone;
///
/// let text = "$ORIGIN example.com.\n@       300 MX 10 mail\n_dmarc      TXT \"v=DMARC1; p=reject\"\n";
/// let zone = Zone::parse(text)?;
/// let dmarc = zone.entries().iter().find(|entry| entry.name == "_dmarc.example.com").unwrap();
/// assert_eq!((dmarc.line, dmarc.columns.start), (3, 1));
/// assert_eq!(&text[dmarc.span], "_dmarc      TXT \"v=DMARC1; p=reject\"");
/// # Ok::<(), mailproof::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The owner.
    pub name: Name,
    /// What it says about the owner.
    pub data: Data,
    /// Its TTL in seconds: its own, that of `$TTL`, or the last one stated above.
    pub ttl: Option<u32>,
    /// The line of its first word, counted from 1.
    pub line: u32,
    /// The columns that it takes on that line, in characters counted from 1; the end is one past the last.
    pub columns: Range<u32>,
    /// Its bytes in the text, from its first word to its last.
    pub span: Span,
}

/// What an entry says about its owner.
///
/// ```
/// use mailproof::dns::{RecordType, Records};
/// use mailproof::resolver::{Zone, zone::{Data, Mark}};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 -all\"\nexample.com. LOC 0 N 0 E 0m\nexample.com. NXDOMAIN MX")?;
/// let [spf, place, mark] = zone.entries() else { panic!() };
/// assert!(matches!(&spf.data, Data::Record(Records::Txt(texts)) if texts[0].text() == "v=spf1 -all"));
/// assert_eq!(place.data, Data::Other("LOC".into()));
/// assert_eq!(mark.data, Data::Mark(Mark::NxDomain, Some(RecordType::Mx)));
/// # Ok::<(), mailproof::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// One record.
    Record(Records),
    /// A record of a type that mail authentication never asks for, by its mnemonic; its data are not kept.
    Other(Box<str>),
    /// A mark, and the type that it is limited to.
    Mark(Mark, Option<RecordType>),
}

/// An answer without records that a zone is told to give.
///
/// ```
/// use mailproof::dns::{Failure, Snapshot};
/// use mailproof::resolver::{Zone, drive_sync, zone::{Data, Mark}};
/// use mailproof::{Timestamp, spf};
///
/// // What becomes of the mail if the servers of the included domain are down?
/// let zone = Zone::parse("example.com. TXT \"v=spf1 include:esp.example -all\"\nesp.example. SERVFAIL")?;
/// assert_eq!(zone.entries()[1].data, Data::Mark(Mark::Failure(Failure::ServFail), None));
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let outcome =
///     drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// assert_eq!(outcome.result, spf::SpfResult::Temperror);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mark {
    /// No answer can be had.
    Failure(Failure),
    /// The name does not exist, nor does any wildcard apply to it or to a name below it.
    NxDomain,
}

/// What stands at one name. It exists even if nothing does.
#[derive(Clone, Debug, Default)]
struct Node {
    /// One for each type.
    sets: Vec<Set>,
    /// By the type they are limited to; each at most once.
    marks: Vec<(Option<RecordType>, Mark)>,
    /// Whether it is more than an ancestor of other names.
    written: bool,
}

#[derive(Clone, Debug)]
struct Set {
    records: Records,
    /// The lowest of the records' TTLs (RFC 2181 §5.2).
    ttl: Option<u32>,
}

impl Zone {
    /// A zone without names.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// assert_eq!(Zone::new().names().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads master text. Relative names are relative to the root until `$ORIGIN` says otherwise.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// let zone = Zone::parse("$ORIGIN example.com.\n@ MX 10 mail\nmail A 192.0.2.1")?;
    /// assert_eq!(zone.entries().len(), 2);
    ///
    /// let error = Zone::parse("example.com. A 192.0.2.1\nexample.com. A 192.0.2.256").unwrap_err();
    /// assert_eq!(error.line, 2);
    /// # Ok::<(), mailproof::resolver::ZoneError>(())
    /// ```
    ///
    /// # Errors
    /// The first place that is not master text (RFC 1035 §5.1), or uses what is not supported:
    /// `$INCLUDE`, classes other than IN. [`Zone::parse_lossy`] reads on.
    pub fn parse(text: &str) -> Result<Self, ZoneError> {
        Self::parse_at(&Name::root(), text)
    }

    /// Reads master text whose relative names are relative to `origin`, as in a file of that zone.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// let zone = Zone::parse_at(&"example.com".parse()?, "www A 192.0.2.1")?;
    /// assert_eq!(zone.names().next().unwrap(), "www.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Zone::parse`].
    pub fn parse_at(origin: &Name, text: &str) -> Result<Self, ZoneError> {
        reader::read(text, origin, None)
    }

    /// The same without the entries that cannot be read; those are told beside it, in the order of the text.
    ///
    /// A server takes no record of a file with such an entry, unless the entry [is one of servers](Reason::is_of_servers).
    ///
    /// ```
    /// use mailproof::{Name, resolver::Zone};
    ///
    /// let text = "$ORIGIN example.com.\n@ A 192.0.2.256\n$INCLUDE keys.inc\n@ TXT \"v=spf1 -all\"";
    /// let (zone, unread) = Zone::parse_lossy(&Name::root(), text)?;
    /// assert_eq!(zone.entries().len(), 1);
    /// assert_eq!(unread.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 3]);
    /// # Ok::<(), mailproof::ZoneError>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake of a text with more than 64 of them: it is no zone file.
    pub fn parse_lossy(origin: &Name, text: &str) -> Result<(Self, Vec<ZoneError>), ZoneError> {
        let mut unread = Vec::new();
        let zone = reader::read(text, origin, Some(&mut unread))?;
        Ok((zone, unread))
    }

    /// Adds all that `other` has, such as what a file holds that [`$INCLUDE`](Reason::Include) names.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// let mut zone = Zone::parse("example.com. TXT \"v=spf1 -all\"")?;
    /// zone.merge(Zone::parse("s1._domainkey.example.com. TXT \"v=DKIM1; p=\"")?);
    /// assert_eq!(zone.names().count(), 2);
    /// # Ok::<(), mailproof::ZoneError>(())
    /// ```
    pub fn merge(&mut self, other: Self) -> &mut Self {
        for (name, node) in other.nodes {
            let to = self.node(name);
            to.written |= node.written;
            node.sets.into_iter().for_each(|set| to.add(set.records, set.ttl));
            node.marks.into_iter().for_each(|(record_type, mark)| to.mark(record_type, mark));
        }
        self.entries.extend(other.entries);
        self.remove_duplicates();
        self
    }

    /// What the zone says to `question`.
    ///
    /// ```
    /// use mailproof::dns::{Question, RecordType};
    /// use mailproof::resolver::Zone;
    ///
    /// let zone = Zone::parse("example.com. TXT \"v=spf1 -all\"")?;
    /// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::Txt));
    /// assert_eq!(answer.txts()[0].text(), "v=spf1 -all");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(&self, question: &Question) -> Answer {
        answer::answer(self, question)
    }

    /// Adds records at `name`, beside those of the same type that are there.
    ///
    /// Equal records stay as many as are given; in a text they count once (RFC 2181 §5).
    ///
    /// ```
    /// use mailproof::dns::{Question, RecordType, Records};
    /// use mailproof::resolver::Zone;
    ///
    /// let mut zone = Zone::new();
    /// zone.insert("example.com".parse()?, Records::A(vec!["192.0.2.1".parse()?]));
    /// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::A));
    /// assert_eq!(answer.records(), Some(&Records::A(vec!["192.0.2.1".parse()?])));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, name: Name, records: impl Into<Records>) -> &mut Self {
        let records = records.into();
        if records.is_empty() {
            self.node(name).written = true;
        } else {
            self.node(name).add(records, None);
        }
        self
    }

    /// Lets `name` give `mark` for one type, or, with `None`, for all types without data there.
    ///
    /// ```
    /// use mailproof::dns::{Failure, Question, RecordType};
    /// use mailproof::resolver::Zone;
    ///
    /// let mut zone = Zone::parse("example.com. TXT \"v=spf1 mx -all\"")?;
    /// zone.fail("example.com".parse()?, Some(RecordType::Mx), Failure::Timeout);
    /// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::Mx));
    /// assert_eq!(answer.failure(), Some(Failure::Timeout));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fail(&mut self, name: Name, record_type: Option<RecordType>, mark: impl Into<Mark>) -> &mut Self {
        self.node(name).mark(record_type, mark.into());
        self
    }

    /// The names at which something stands, in the order of their first appearance.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// let zone = Zone::parse("a.example. A 192.0.2.1\nb.example. A 192.0.2.2")?;
    /// assert!(zone.names().map(|name| name.as_str()).eq(["a.example", "b.example"]));
    /// # Ok::<(), mailproof::resolver::ZoneError>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.nodes.iter().filter(|(_, node)| node.written).map(|(name, _)| name)
    }

    /// The entries of the text it was read from, in their order.
    ///
    /// ```
    /// use mailproof::resolver::Zone;
    ///
    /// let zone = Zone::parse("\na.example. 300 A 192.0.2.1")?;
    /// let entry = &zone.entries()[0];
    /// assert_eq!((entry.line, entry.ttl), (2, Some(300)));
    /// # Ok::<(), mailproof::resolver::ZoneError>(())
    /// ```
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn add(&mut self, entry: Entry) {
        let node = self.node(entry.name.clone());
        match &entry.data {
            Data::Record(record) => node.add(record.clone(), entry.ttl),
            Data::Other(_) => node.written = true,
            Data::Mark(mark, record_type) => node.mark(*record_type, *mark),
        }
        self.entries.push(entry);
    }

    /// The node of `name`; its ancestors come to exist as well (RFC 4592 §2.2.2).
    fn node(&mut self, name: Name) -> &mut Node {
        let at = match self.index.get(&name) {
            Some(&at) => at,
            None => {
                let mut ancestor = parent(name.as_str());
                let at = self.add_node(name.clone());
                while let Some(text) = ancestor.filter(|text| !self.index.contains_key(*text)) {
                    self.add_node(Name::from_canonical(text));
                    ancestor = parent(text);
                }
                at
            }
        };
        &mut self.nodes[at].1
    }

    fn add_node(&mut self, name: Name) -> usize {
        let at = self.nodes.len();
        self.index.insert(name.clone(), at);
        self.nodes.push((name, Node::default()));
        at
    }

    fn find(&self, name: &str) -> Option<&Node> {
        self.index.get(name).map(|&at| &self.nodes[at].1)
    }

    fn remove_duplicates(&mut self) {
        for set in self.nodes.iter_mut().flat_map(|(_, node)| &mut node.sets) {
            remove_duplicates(&mut set.records);
        }
    }
}

/// The name above `name`; the root is above names of one label.
fn parent(name: &str) -> Option<&str> {
    match name.split_once('.') {
        Some((_, parent)) => Some(parent),
        None if name.is_empty() => None,
        None => Some(""),
    }
}

impl Node {
    fn add(&mut self, records: Records, ttl: Option<u32>) {
        self.written = true;
        match self.sets.iter_mut().find(|set| set.records.record_type() == records.record_type()) {
            None => self.sets.push(Set { records, ttl }),
            Some(set) => {
                set.ttl = set.ttl.into_iter().chain(ttl).min();
                append(&mut set.records, records);
            }
        }
    }

    fn mark(&mut self, record_type: Option<RecordType>, mark: Mark) {
        self.written = true;
        self.marks.retain(|(limit, _)| *limit != record_type);
        self.marks.push((record_type, mark));
    }
}

/// Adds records of the same type.
fn append(to: &mut Records, more: Records) {
    match (to, more) {
        (Records::A(to), Records::A(more)) => to.extend(more),
        (Records::Aaaa(to), Records::Aaaa(more)) => to.extend(more),
        (Records::Mx(to), Records::Mx(more)) => to.extend(more),
        (Records::Soa(to), Records::Soa(more)) => to.extend(more),
        (Records::Tlsa(to), Records::Tlsa(more)) => to.extend(more),
        (Records::Cname(to), Records::Cname(more))
        | (Records::Ns(to), Records::Ns(more))
        | (Records::Ptr(to), Records::Ptr(more)) => to.extend(more),
        (Records::Spf(to), Records::Spf(more)) | (Records::Txt(to), Records::Txt(more)) => to.extend(more),
        // A set holds one type, and its caller chose the set by it.
        _ => {}
    }
}

fn remove_duplicates(records: &mut Records) {
    match records {
        Records::A(records) => keep_first(records),
        Records::Aaaa(records) => keep_first(records),
        Records::Cname(records) | Records::Ns(records) | Records::Ptr(records) => keep_first(records),
        Records::Mx(records) => keep_first(records),
        Records::Soa(records) => keep_first(records),
        Records::Spf(records) | Records::Txt(records) => keep_first(records),
        Records::Tlsa(records) => keep_first(records),
    }
}

fn keep_first<T: Clone + Eq + Hash>(records: &mut Vec<T>) {
    if records.len() > 1 {
        let mut seen = HashSet::with_capacity(records.len());
        records.retain(|record| seen.insert(record.clone()));
    }
}

impl From<Failure> for Mark {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        Self::parse(text)
    }
}

impl Resolver for Zone {
    async fn resolve(&self, question: &Question) -> Answer {
        self.answer(question)
    }
}
