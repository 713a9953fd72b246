//! What a record costs: every `include` and `redirect` followed, without a client's address (RFC 7208 §4.6.4).
//!
//! [`check_host`](super::check_host) stops where a receiver stops. The tree goes on past the limits, so that a reader
//! sees where all look-ups come from: 14 of 10, and which term of which record asks for each.

mod target;
mod walk;

use std::ops::{Add, AddAssign};

use super::{Qualifier, Record, TermKind};
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::finding::Subject;
use crate::text::{Source, Span};

/// The record of a domain with every record that it includes or redirects to.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tree {
    /// The domain's own record.
    pub root: Node,
    /// What a sender costs who matches nothing: every term up to the first `all` of each record.
    pub counts: Counts,
    /// Look-up terms as written: with those after an `all`, which no receiver reaches.
    pub lookups_written: usize,
    /// Whether everything was followed. If not, [`MAX_BRANCHES`] or [`MAX_TERMS`] was reached, and the nodes that were
    /// left out are [`Found::NotWalked`].
    pub complete: bool,
}

/// A record in its place in the tree.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Where the record stands.
    pub domain: Name,
    /// The record for findings to point at; its text is empty where there is none.
    pub subject: Subject,
    /// The TXT question and what it found; nothing where nothing was asked.
    pub asked: Option<Asked>,
    /// The record, or why there is none.
    pub found: Found,
    /// Its terms that need the DNS, in the order of evaluation: directives, `redirect`, `exp`.
    pub branches: Vec<Branch>,
}

/// What stands at a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Found {
    /// One record; it may have syntax errors.
    Record(Record),
    /// The name exists and has no SPF record.
    None,
    /// The name does not exist.
    NxDomain,
    /// Several records: permerror (§4.5).
    Several(Vec<Source>),
    /// The DNS gave no answer.
    Failure(Failure),
    /// It is a record that is being read already, this many nodes below the root (0 is the root): not followed again.
    Cycle(usize),
    /// Not followed: see [`Tree::complete`].
    NotWalked,
}

/// A term that needs the DNS, and what it costs.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Branch {
    /// Its number among the record's terms.
    pub term: usize,
    /// Where it is written in the node's record.
    pub span: Span,
    /// What it is.
    pub kind: BranchKind,
    /// What a match means; pass for `redirect` and `exp`, which have none.
    pub qualifier: Qualifier,
    /// The name it asks about.
    pub target: Target,
    /// Whether a receiver can come to it: not after an `all`, not a `redirect` beside an `all`.
    pub live: bool,
    /// How many look-ups the term itself counts for: 1, with one more where `%{p}` is in it; `exp` is free.
    pub cost: usize,
    /// The counters when it is reached by a sender who matched nothing before.
    pub before: Counts,
    /// The counters after it and all below it.
    pub after: Counts,
    /// Questions and answers of the term itself. Look-ups that depend on the sender are not among them.
    pub asked: Vec<Asked>,
    /// Void look-ups of the term itself.
    pub voids: Voids,
    /// The record that an `include` or `redirect` leads to.
    pub node: Option<Box<Node>>,
}

/// The terms that need the DNS.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum BranchKind {
    /// `include` (§5.2)
    Include,
    /// `a` (§5.3)
    A,
    /// `mx` (§5.4)
    Mx,
    /// `ptr` (§5.5)
    Ptr,
    /// `exists` (§5.7)
    Exists,
    /// `redirect` (§6.1)
    Redirect,
    /// `exp` (§6.2), which costs nothing
    Explanation,
}

/// The name that a term asks about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// This one, whoever sends.
    Name(Name),
    /// Another one for each sender: it has other macros than `%{d}`.
    Sender,
    /// A text that is no DNS name, such as one with an empty label; it has no records (§4.8).
    Unusable,
}

/// A question and its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

/// The two counters of §4.6.4.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Counts {
    /// Terms that query the DNS; ten are allowed.
    pub lookups: usize,
    /// Look-ups that find nothing; two are allowed.
    pub voids: Voids,
}

/// Void look-ups, which depend on the client's address family: `a` asks for A or for AAAA.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Voids {
    /// For a client with an IPv4 address.
    pub ipv4: usize,
    /// For a client with an IPv6 address.
    pub ipv6: usize,
}

/// Terms with look-ups that are followed: twenty times the limit. Who is that far past it learns nothing from more.
pub const MAX_BRANCHES: usize = 200;
/// Terms of all kinds in all records together. The largest TXT record (64 KiB) has fewer than 6,000.
pub const MAX_TERMS: usize = 20_000;
/// Exchanges of an `mx` whose addresses are asked for: more are a permerror (§4.6.4).
pub const MAX_EXCHANGES: usize = 10;

/// The tree of the record at `domain`.
///
/// Repeated records are counted each time, as receivers do. A record that includes itself, over however many steps, is
/// marked ([`Found::Cycle`]) and not followed again.
///
/// ```
/// use mailproof::dns::{Answer, Lookup, Snapshot};
/// use mailproof::{resolver::drive_sync, spf};
///
/// let mut dns = Snapshot::new();
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut dns, |question| match question.name.as_str() {
///     "d.example" => Answer::txt(["v=spf1 include:_spf.d.example -all"]),
///     "_spf.d.example" => Answer::txt(["v=spf1 exists:%{i}.ok.d.example -all"]),
///     _ => Answer::new(Lookup::NxDomain),
/// }, |dns| spf::tree(dns, &domain));
/// assert_eq!(tree.counts.lookups, 2);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn tree(dns: &Snapshot, domain: &Name) -> Step<Tree> {
    walk::tree(dns, domain)
}

/// A branch as [`Tree::branches`] lists it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The record that it is in.
    pub node: &'a Node,
    /// The branch.
    pub branch: &'a Branch,
    /// How many records lie above its own: 0 in the domain's own record.
    pub depth: usize,
    /// The place in the list of the branch that led to its record.
    pub parent: Option<usize>,
}

impl Tree {
    /// Every branch, in the order of evaluation, each before those below it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let words: Vec<_> = tree.branches().iter().map(|visit| (visit.depth, visit.branch.kind.as_str())).collect();
    /// assert_eq!(words, [(0, "mx"), (0, "include"), (1, "exists")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn branches(&self) -> Vec<Visit<'_>> {
        let mut list = Vec::new();
        list_branches(&self.root, 0, None, &mut list);
        list
    }

    /// Every node, the root first.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.nodes().map(|node| node.domain.as_str()).eq(["d.example", "_spf.d.example"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        let below = self.branches().into_iter().filter_map(|visit| visit.branch.node.as_deref());
        [&self.root].into_iter().chain(below)
    }

    /// Whether a record includes or redirects to one that it is itself part of, where a receiver can come to it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 include:d.example -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.has_cycle());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_cycle(&self) -> bool {
        self.branches().iter().any(|visit| visit.branch.live && visit.branch.is_cycle())
    }
}

fn list_branches<'a>(node: &'a Node, depth: usize, parent: Option<usize>, list: &mut Vec<Visit<'a>>) {
    for branch in &node.branches {
        list.push(Visit { node, branch, depth, parent });
        let at = list.len() - 1;
        if let Some(below) = &branch.node {
            list_branches(below, depth + 1, Some(at), list);
        }
    }
}

/// What becomes of a sender whom no other term matches.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 mx ~all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// assert_eq!(tree.root.ending(), spf::tree::Ending::All(spf::Qualifier::Softfail));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ending {
    /// The `all` that ends the record, or the one it redirects to, says this.
    All(Qualifier),
    /// Neither `all` nor `redirect`: neutral (§4.7).
    Neutral,
    /// Its record or the one it redirects to cannot be used.
    Error,
}

impl Node {
    /// The record, if there is exactly one.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 mx -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.record().unwrap().directives().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&self) -> Option<&Record> {
        match &self.found {
            Found::Record(record) => Some(record),
            _ => None,
        }
    }

    /// What becomes of a sender whom no other term matches.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 mx""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.ending(), spf::tree::Ending::Neutral);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ending(&self) -> Ending {
        let Some(record) = self.record().filter(|record| record.errors().next().is_none()) else {
            return Ending::Error;
        };
        if let Some((_, all)) = record.directives().find(|(_, directive)| directive.mechanism == super::Mechanism::All)
        {
            return Ending::All(all.qualifier);
        }
        match self.branches.iter().find(|branch| branch.kind == BranchKind::Redirect) {
            Some(redirect) => redirect.node.as_ref().map_or(Ending::Error, |node| node.ending()),
            // A redirect that was not walked is a branch too, unless the tree is incomplete.
            None if record.redirect().is_some() => Ending::Error,
            None => Ending::Neutral,
        }
    }

    /// The branch of the record's term with this number.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.1 mx -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.root.branch(0).is_none());
    /// assert_eq!(tree.root.branch(1).unwrap().kind.as_str(), "mx");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn branch(&self, term: usize) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.term == term)
    }
}

impl Branch {
    /// Whether it leads back to a record above it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 include:d.example -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.root.branches[0].is_cycle());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_cycle(&self) -> bool {
        self.node.as_ref().is_some_and(|node| matches!(node.found, Found::Cycle(_)))
    }

    /// The look-ups of the term with all below it.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.branches[1].lookups(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lookups(&self) -> usize {
        if self.live { self.after.lookups - self.before.lookups } else { 0 }
    }

    /// The exchanges that an `mx` found.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert_eq!(tree.root.branches[0].exchanges().next().unwrap().exchange, "mail.d.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exchanges(&self) -> impl Iterator<Item = &crate::dns::Mx> {
        self.asked.iter().flat_map(|asked| match asked.answer.records() {
            Some(Records::Mx(exchanges)) => exchanges.as_slice(),
            _ => &[],
        })
    }

    /// The answer to the question for `record_type` about the target itself.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 exists:%{i}.d.example -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let mx = tree.root.branches[0].answer(mailproof::dns::RecordType::Mx);
    /// assert!(mx.unwrap().records().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(&self, record_type: RecordType) -> Option<&Answer> {
        let Target::Name(target) = &self.target else { return None };
        let asked = self.asked.iter().find(|a| a.question.record_type == record_type && a.question.name == *target);
        asked.map(|asked| &asked.answer)
    }
}

impl Asked {
    /// Whether it is a void look-up: no record, or no such name.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 a:gone.example -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(tree.root.branches[0].asked[0].is_void());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_void(&self) -> bool {
        matches!(self.answer.lookup, Lookup::NoData | Lookup::NxDomain)
    }
}

impl BranchKind {
    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::A => "a",
            Self::Mx => "mx",
            Self::Ptr => "ptr",
            Self::Exists => "exists",
            Self::Redirect => "redirect",
            Self::Explanation => "exp",
        }
    }

    fn of(kind: &TermKind) -> Option<Self> {
        use super::Mechanism as M;
        match kind {
            TermKind::Directive(directive) => match directive.mechanism {
                M::Include(_) => Some(Self::Include),
                M::A { .. } => Some(Self::A),
                M::Mx { .. } => Some(Self::Mx),
                M::Ptr { .. } => Some(Self::Ptr),
                M::Exists(_) => Some(Self::Exists),
                M::All | M::Ip4 { .. } | M::Ip6 { .. } => None,
            },
            TermKind::Redirect(_) => Some(Self::Redirect),
            TermKind::Explanation(_) => Some(Self::Explanation),
            TermKind::UnknownModifier(_) | TermKind::Unknown(_) => None,
        }
    }
}

impl Voids {
    /// The greater of the two.
    ///
    /// ```
    /// use mailproof::spf::tree::Voids;
    ///
    /// assert_eq!(Voids { ipv4: 1, ipv6: 3 }.worst(), 3);
    /// ```
    pub fn worst(self) -> usize {
        self.ipv4.max(self.ipv6)
    }

    /// One for each family that is set.
    fn one(ipv4: bool, ipv6: bool) -> Self {
        Self { ipv4: usize::from(ipv4), ipv6: usize::from(ipv6) }
    }
}

impl Add for Voids {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { ipv4: self.ipv4 + other.ipv4, ipv6: self.ipv6 + other.ipv6 }
    }
}

impl AddAssign for Voids {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
pub(crate) mod tests;
