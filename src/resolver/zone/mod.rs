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
mod entry;
mod error;
mod generate;
mod lexer;
mod node;
mod rdata;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use entry::{Data, Entry, Mark};
pub use error::{Reason, ZoneError};
use node::{Node, Set, remove_duplicates};

use super::Resolver;
use crate::Name;
use crate::dns::{Answer, Question, RecordType, Records};

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
