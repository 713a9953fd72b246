//! What the DNS says around a record, for the rules that look at it.

use super::Context;
use crate::Name;
use crate::dns::{Answer, Lookup, Mx, Question, RecordType, Records, Snapshot, Step};
use crate::finding::Label;
use crate::spf::tree::{Asked, Branch, Node, Visit};
use crate::spf::{Networks, Tree, networks};
use crate::text::Span;

/// A tree of records with its surroundings.
pub(crate) struct World<'a> {
    pub(super) tree: &'a Tree,
    /// The branches of the tree, in the order of evaluation.
    pub(super) visits: Vec<Visit<'a>>,
    pub(super) networks: Networks,
    /// The domain's own mail exchanges.
    pub(super) exchanges: Vec<Mx>,
    /// Their addresses.
    pub(super) hosts: Vec<Asked>,
    /// Names that do not exist, with the one above them that somebody could register.
    pub(super) unregistered: Vec<(Name, Name)>,
}

impl<'a> World<'a> {
    /// What the DNS says around `tree`, or the questions about it.
    pub(crate) fn look(dns: &Snapshot, tree: &'a Tree) -> Step<Self> {
        let mut ask = Ask { dns, open: Vec::new() };
        let exchanges =
            match ask.about(&tree.root.domain, RecordType::Mx).and_then(|asked| asked.answer.records().cloned()) {
                Some(Records::Mx(exchanges)) => exchanges,
                _ => Vec::new(),
            };
        let mut hosts = Vec::new();
        for mx in exchanges.iter().filter(|mx| mx.exchange != Name::root()).take(MAX_HOSTS) {
            hosts.extend(ask.about(&mx.exchange, RecordType::A));
            hosts.extend(ask.about(&mx.exchange, RecordType::Aaaa));
        }
        let visits = tree.branches();
        let mut unregistered: Vec<(Name, Name)> = Vec::new();
        for name in visits.iter().filter(|visit| visit.branch.live).filter_map(|visit| missing(visit.branch)) {
            if unregistered.iter().all(|(known, _)| *known != *name)
                && let Some(registrable) = registrable(name)
                && ask.is_missing(&registrable)
                && ask.exists(&registrable.suffix(1))
            {
                unregistered.push((name.clone(), registrable));
            }
        }
        if !ask.open.is_empty() {
            return Step::Ask(ask.open);
        }
        Step::Done(Self { tree, visits, networks: networks(tree), exchanges, hosts, unregistered })
    }

    /// The branch of the domain's own record through which a branch is come to; itself, if it stands there.
    pub(super) fn root_of(&self, mut at: usize) -> usize {
        while let Some(parent) = self.visits[at].parent {
            at = parent;
        }
        at
    }

    /// Branches that a receiver can come to, each with its number.
    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &Visit<'a>)> {
        self.visits.iter().enumerate().filter(|(_, visit)| visit.branch.live)
    }

    /// The same, of the domain's own record.
    pub(super) fn own(&self) -> impl Iterator<Item = &'a Branch> {
        self.live().filter(|(_, visit)| visit.depth == 0).map(|(_, visit)| visit.branch)
    }

    /// Where a branch is written.
    pub(super) fn label(&self, at: usize) -> Label {
        let visit = &self.visits[at];
        Label::new(&visit.node.subject, visit.branch.span)
    }
}

/// The text of a branch.
pub(super) fn text<'a>(visit: &Visit<'a>) -> &'a str {
    term(visit.node, visit.branch.span)
}

/// The text of `span` in a node's record.
pub(super) fn term(node: &Node, span: Span) -> &str {
    node.record().map_or("", |record| record.text(span))
}

/// Exchanges of the domain whose addresses are asked for: two questions each. Where one more could have told something, it is said.
pub(super) const MAX_HOSTS: usize = 20;

/// The target of a branch, if it does not exist.
fn missing(branch: &Branch) -> Option<&Name> {
    let asked = match &branch.node {
        Some(node) => node.asked.as_ref(),
        None => branch.asked.first(),
    }?;
    (asked.answer.lookup == Lookup::NxDomain).then_some(&asked.question.name)
}

/// The name that would have to be registered for `name` to exist. Without a list of public suffixes this is a guess: two
/// labels, or three below the usual second levels of countries (`co.uk`).
pub(super) fn registrable(name: &Name) -> Option<Name> {
    let mut labels = name.labels().rev();
    let (top, second) = (labels.next()?, labels.next()?);
    let is_second_level = top.len() == 2
        && matches!(second, "ac" | "co" | "com" | "edu" | "go" | "gov" | "gv" | "ne" | "net" | "or" | "org");
    let registrable = name.suffix(if is_second_level { 3 } else { 2 });
    (registrable.is_hostname() && registrable.label_count() == if is_second_level { 3 } else { 2 })
        .then_some(registrable)
}

struct Ask<'a> {
    dns: &'a Snapshot,
    open: Vec<Question>,
}

impl Ask<'_> {
    fn about(&mut self, name: &Name, record_type: RecordType) -> Option<Asked> {
        let question = Question::new(name.clone(), record_type);
        match self.dns.get(&question) {
            Some(answer) => Some(Asked { question, answer: answer.clone() }),
            None => {
                self.open.push(question);
                None
            }
        }
    }

    fn is_missing(&mut self, name: &Name) -> bool {
        self.about(name, RecordType::Ns).is_some_and(|asked| asked.answer.lookup == Lookup::NxDomain)
    }

    fn exists(&mut self, name: &Name) -> bool {
        let exists = |answer: &Answer| matches!(answer.lookup, Lookup::Records(_) | Lookup::NoData);
        self.about(name, RecordType::Ns).is_some_and(|asked| exists(&asked.answer))
    }
}

/// A file of rules about the surroundings: looks at them, and reports.
pub(crate) type Check = fn(&Context<'_>, &World<'_>, &mut crate::finding::Findings);
