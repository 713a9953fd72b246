//! The walk: records from the root, terms in the order of evaluation, all foreseeable questions of a level at once.

use super::target::{asks_for_names, target};
use super::{
    Asked, Branch, BranchKind, Counts, Ending, Found, MAX_BRANCHES, MAX_EXCHANGES, MAX_TERMS, Node, Target, Tree, Voids,
};
use crate::Name;
use crate::dns::{Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::finding::Subject;
use crate::spf::select::Selected;
use crate::spf::{Mechanism, Qualifier, Record, TermKind};
use crate::text::Source;

pub(super) fn tree(dns: &Snapshot, domain: &Name) -> Step<Tree> {
    let mut walk = Walk {
        dns,
        open: Vec::new(),
        counts: Counts::default(),
        written: 0,
        branches: MAX_BRANCHES,
        terms: MAX_TERMS,
        path: Vec::new(),
        complete: true,
    };
    let (root, _) = walk.node(domain, Way { live: true, in_include: false });
    if !walk.open.is_empty() {
        return Step::Ask(walk.open);
    }
    Step::Done(Tree { root, counts: walk.counts, lookups_written: walk.written, complete: walk.complete })
}

struct Walk<'a> {
    dns: &'a Snapshot,
    /// Questions without an answer so far.
    open: Vec<Question>,
    counts: Counts,
    /// Look-up terms, reached or not.
    written: usize,
    /// How many more branches may be followed.
    branches: usize,
    /// How many more terms may be read.
    terms: usize,
    /// The names of the records above.
    path: Vec<Name>,
    complete: bool,
}

/// How a record was come to.
#[derive(Clone, Copy)]
struct Way {
    /// Whether a receiver comes to it.
    live: bool,
    /// Whether an `include` lies above: then its `exp` is never used (§6.2).
    in_include: bool,
}

impl Walk<'_> {
    /// The record at `domain`, and how many void look-ups finding it was.
    fn node(&mut self, domain: &Name, way: Way) -> (Node, Voids) {
        let mut node = Node {
            domain: domain.clone(),
            subject: Subject::record(domain, RecordType::Txt, Source::default()),
            asked: None,
            found: Found::NotWalked,
            branches: Vec::new(),
        };
        if let Some(at) = self.path.iter().position(|above| above == domain) {
            node.found = Found::Cycle(at);
            return (node, Voids::default());
        }
        let Some(asked) = self.ask(domain, RecordType::Txt) else { return (node, Voids::default()) };
        node.found = self.select(&asked);
        let void = asked.is_void();
        node.asked = Some(asked);
        if let Found::Record(record) = &node.found {
            node.subject = Subject::record(domain, RecordType::Txt, record.source().clone());
            self.path.push(domain.clone());
            node.branches = self.branches(record, domain, way);
            self.path.pop();
        }
        (node, Voids::one(void, void))
    }

    /// §4.5
    fn select(&mut self, asked: &Asked) -> Found {
        match &asked.answer.lookup {
            Lookup::Failure(failure) => return Found::Failure(*failure),
            Lookup::NxDomain => return Found::NxDomain,
            Lookup::Records(_) | Lookup::NoData => {}
        }
        let selected = self.dns.parsed::<Selected>(asked.question.name.as_str(), RecordType::Txt);
        match selected.map(|(_, selected)| selected) {
            None | Some(Selected::None) => Found::None,
            Some(Selected::One(policy)) => match self.terms.checked_sub(policy.record.terms().len()) {
                Some(left) => {
                    self.terms = left;
                    Found::Record(policy.record.clone())
                }
                None => self.not_walked(),
            },
            Some(Selected::Several(at)) => {
                let texts = asked.answer.txts();
                Found::Several(at.iter().filter_map(|&at| texts.get(at).cloned()).collect())
            }
        }
    }

    fn not_walked(&mut self) -> Found {
        self.complete = false;
        Found::NotWalked
    }

    /// §4.6: the directives in order, then the redirect; the explanation is for the end (§6.2).
    fn branches(&mut self, record: &Record, domain: &Name, way: Way) -> Vec<Branch> {
        let has_all = record.has_all();
        let mut live = way.live;
        let mut branches = Vec::new();
        for (at, term) in record.terms().iter().enumerate() {
            let TermKind::Directive(directive) = term.kind else { continue };
            if directive.mechanism == Mechanism::All {
                live = false;
            } else if let Some(kind) = BranchKind::of(&directive.mechanism) {
                let branch = self.branch(record, at, kind, domain, Way { live, ..way });
                // Whoever an include passes goes no further (§5.2).
                live &= !(kind == BranchKind::Include && branch.node.as_deref().is_some_and(passes_everyone));
                branches.push(branch);
            }
        }
        for (at, term) in record.terms().iter().enumerate() {
            let (kind, way) = match term.kind {
                // §6.1: beside an `all`, wherever that stands, a redirect is ignored.
                TermKind::Redirect(_) => (BranchKind::Redirect, Way { live: live && !has_all, ..way }),
                TermKind::Explanation(_) if way.in_include => continue,
                TermKind::Explanation(_) => (BranchKind::Explanation, way),
                TermKind::Directive(_) | TermKind::UnknownModifier(_) | TermKind::Unknown(_) => continue,
            };
            branches.push(self.branch(record, at, kind, domain, way));
        }
        branches
    }

    fn branch(&mut self, record: &Record, at: usize, kind: BranchKind, domain: &Name, way: Way) -> Branch {
        let term = record.terms()[at];
        let spec = term.domain_spec();
        let mut branch = Branch {
            term: at,
            span: term.span,
            kind,
            qualifier: match term.kind {
                TermKind::Directive(directive) => directive.qualifier,
                _ => Qualifier::Pass,
            },
            target: target(record, spec, domain),
            live: way.live,
            cost: if kind == BranchKind::Explanation { 0 } else { 1 + usize::from(asks_for_names(record, spec)) },
            before: self.counts,
            after: self.counts,
            asked: Vec::new(),
            voids: Voids::default(),
            node: None,
        };
        self.written += branch.cost;
        if branch.live {
            self.counts.lookups += branch.cost;
        }
        match self.branches.checked_sub(1) {
            Some(left) => {
                self.branches = left;
                self.follow(&mut branch, way);
            }
            None => self.complete = false,
        }
        if branch.live {
            self.counts.voids += branch.voids;
        }
        branch.after = self.counts;
        branch
    }

    fn follow(&mut self, branch: &mut Branch, way: Way) {
        let Target::Name(name) = branch.target.clone() else { return };
        match branch.kind {
            BranchKind::Include | BranchKind::Redirect => {
                let in_include = way.in_include || branch.kind == BranchKind::Include;
                let (node, voids) = self.node(&name, Way { live: way.live, in_include });
                branch.voids = voids;
                branch.node = Some(Box::new(node));
            }
            BranchKind::A => {
                branch.voids = self.addresses(&name, &mut branch.asked);
            }
            BranchKind::Mx => self.mx(&name, branch),
            BranchKind::Exists => {
                // §5.7: A, whatever the client's family.
                let asked = self.ask(&name, RecordType::A);
                let void = asked.as_ref().is_some_and(Asked::is_void);
                branch.voids = Voids::one(void, void);
                branch.asked.extend(asked);
            }
            // §6.2: neither counted nor void.
            BranchKind::Explanation => {
                let asked = self.ask(&name, RecordType::Txt);
                branch.asked.extend(asked);
            }
            // The question is the client's reverse name.
            BranchKind::Ptr => {}
        }
    }

    /// §5.4
    fn mx(&mut self, name: &Name, branch: &mut Branch) {
        let Some(asked) = self.ask(name, RecordType::Mx) else { return };
        let void = asked.is_void();
        let mut voids = Voids::default();
        let exchanges = match asked.answer.records() {
            Some(Records::Mx(exchanges)) => exchanges.clone(),
            _ => Vec::new(),
        };
        branch.asked.push(asked);
        // RFC 7505: the exchange `.` is no host.
        for exchange in exchanges.iter().take(MAX_EXCHANGES).filter(|mx| mx.exchange != Name::root()) {
            voids += self.addresses(&exchange.exchange, &mut branch.asked);
        }
        // §4.6.4 speaks of terms: hosts without an address are one void look-up for all of them.
        branch.voids = Voids::one(void || voids.ipv4 > 0, void || voids.ipv6 > 0);
    }

    /// A and AAAA: a client's family decides which one is asked (§5).
    fn addresses(&mut self, name: &Name, to: &mut Vec<Asked>) -> Voids {
        let [ipv4, ipv6] = [RecordType::A, RecordType::Aaaa].map(|record_type| {
            let asked = self.ask(name, record_type);
            let void = asked.as_ref().is_some_and(Asked::is_void);
            to.extend(asked);
            void
        });
        Voids::one(ipv4, ipv6)
    }

    /// The answer, if it is there; the question is open if not.
    fn ask(&mut self, name: &Name, record_type: RecordType) -> Option<Asked> {
        let question = Question::new(name.clone(), record_type);
        match self.dns.get(&question) {
            Some(answer) => Some(Asked { question, answer: answer.clone() }),
            None => {
                self.open.push(question);
                None
            }
        }
    }
}

/// Whether a record passes every sender whom no other term of it matches: by `all`, or by a record that it leads to.
fn passes_everyone(node: &Node) -> bool {
    let is_sound = node.record().is_some_and(|record| record.errors().next().is_none());
    let leads_to_all = |branch: &Branch| {
        branch.live
            && branch.qualifier == Qualifier::Pass
            && matches!(branch.kind, BranchKind::Include | BranchKind::Redirect)
            && branch.node.as_deref().is_some_and(passes_everyone)
    };
    is_sound && (node.ending() == Ending::All(Qualifier::Pass) || node.branches.iter().any(leads_to_all))
}
