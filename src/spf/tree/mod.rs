//! What a record costs: every `include` and `redirect` followed, without a client's address (RFC 7208 §4.6.4).
//!
//! [`check_host`](super::check_host) stops where a receiver stops. The tree goes on past the limits, so that a reader
//! sees where all look-ups come from: 14 of 10, and which term of which record asks for each.

mod branch;
mod counts;
mod node;
mod target;
mod walk;

pub use branch::{Asked, Branch, BranchKind, Target};
pub use counts::{Counts, Voids};
pub use node::{Ending, Found, Node};

use crate::Name;
use crate::dns::{Snapshot, Step};

/// The record of a domain with every record that it includes or redirects to.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 mx include:_spf.esp.example -all a"
/// _spf.esp.example. TXT "v=spf1 a:mail.esp.example -all"
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// assert_eq!(tree.counts.lookups, 3, "`mx`, `include`, and the `a` in it");
/// assert_eq!(tree.lookups_written, 4, "with the `a` that no receiver reaches");
/// assert!(tree.complete);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 a:mail.esp.example -all"
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let visits = tree.branches();
/// let below = visits[1];
/// assert_eq!((below.node.domain.as_str(), below.branch.kind.as_str()), ("_spf.esp.example", "a"));
/// assert_eq!((below.depth, below.parent), (1, Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

#[cfg(test)]
pub(crate) mod tests;
