//! A record in the tree.

use super::{Asked, Branch, BranchKind};
use crate::Name;
use crate::dns::Failure;
use crate::finding::Subject;
use crate::spf::{Mechanism, Qualifier, Record};
use crate::text::Source;

/// A record in its place in the tree.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 mx include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let node = &tree.root;
/// assert_eq!((node.domain.as_str(), node.branches.len()), ("d.example", 2));
/// // The records that it includes are nodes of their own.
/// let included = node.branches[1].node.as_ref().unwrap();
/// assert_eq!(included.record().unwrap().to_string(), "v=spf1 ip4:192.0.2.0/24 -all");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, tree::Found}};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 include:gone.example include:slow.example -all"
/// slow.example. TIMEOUT
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let nodes = tree.root.branches.iter().filter_map(|branch| branch.node.as_ref());
/// let found: Vec<&Found> = nodes.map(|node| &node.found).collect();
/// // To a receiver the first is permerror for good, the second temperror for now.
/// assert_eq!(found, [&Found::NxDomain, &Found::Failure(mailproof::dns::Failure::Timeout)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Not followed: see [`Tree::complete`](super::Tree::complete).
    NotWalked,
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
        if let Some((_, all)) = record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All) {
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
