//! The walk through the tree: each network is compared with what earlier terms have taken.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::ranges::{Families, Ranges, range};
use super::{Authorised, Covered, MAX_NETWORKS, Networks, Open, OpenReason, Via};
use crate::dns::Records;
use crate::spf::tree::{Branch, BranchKind, Node, Target};
use crate::spf::{DualCidr, Mechanism, Qualifier, TermKind, Tree};
use crate::text::Span;

pub(super) fn networks(tree: &Tree) -> Networks {
    let mut walk = Walk {
        out: Networks {
            records: vec![Via { domain: tree.root.domain.clone(), from: None }],
            terms: Vec::new(),
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            ipv4_count: 0,
            ipv6_count: 0,
            open: Vec::new(),
            complete: tree.complete,
            owners: Families::default(),
        },
        passing: Families::default(),
        frames: vec![Frame { is_root: true, ..Frame::default() }],
    };
    walk.record(&tree.root, 0);
    let Walk { mut out, passing, .. } = walk;
    out.ipv4 = passing.ipv4.ipv4_networks();
    out.ipv6 = passing.ipv6.ipv6_networks();
    out.ipv4_count = passing.ipv4.count();
    out.ipv6_count = passing.ipv6.count();
    out
}

struct Walk {
    out: Networks,
    passing: Families<Ranges>,
    /// The first record with its redirects, then each include inside another with its.
    frames: Vec<Frame>,
}

/// A record with those it redirects to.
#[derive(Default)]
struct Frame {
    /// Whether its result is the result of the whole.
    is_root: bool,
    /// What a pass in it means for the whole; nothing where it means "no match" further up (§5.2).
    pass: Option<Qualifier>,
    /// What its terms have decided.
    taken: Families<Ranges>,
    /// What they have passed.
    passed: Families<Ranges>,
}

/// A term, and the result if it matches.
#[derive(Clone, Copy)]
struct At {
    record: usize,
    term: usize,
    span: Span,
    qualifier: Qualifier,
}

impl Walk {
    fn record(&mut self, node: &Node, number: usize) {
        let Some(record) = node.record() else { return };
        for (term, &written) in record.terms().iter().enumerate() {
            let TermKind::Directive(directive) = written.kind else { continue };
            let at = At { record: number, term, span: written.span, qualifier: directive.qualifier };
            match directive.mechanism {
                Mechanism::All => return self.everyone(at),
                Mechanism::Ip4 { address, prefix, .. } => {
                    self.network(at, Ipv4Net::new_assert(address, prefix.min(32)).trunc().into());
                }
                Mechanism::Ip6 { address, prefix, .. } => {
                    // §5: a mapped client is an IPv4 client.
                    if prefix < 96 || address.to_ipv4_mapped().is_none() {
                        self.network(at, Ipv6Net::new_assert(address, prefix.min(128)).trunc().into());
                    }
                }
                Mechanism::Include(_) => self.include(at, node.branch(term)),
                Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => self.hosts(at, node.branch(term), cidr),
                Mechanism::Ptr { .. } => self.open(at, OpenReason::Ptr),
                Mechanism::Exists(_) => self.exists(at, node.branch(term)),
            }
        }
        let redirect = node.branches.iter().find(|branch| branch.kind == BranchKind::Redirect);
        let Some(redirect) = redirect else { return };
        match (&redirect.node, &redirect.target) {
            (Some(below), _) => {
                let number = self.via(below, number, redirect.span);
                self.record(below, number);
            }
            (None, Target::Sender) => {
                let at = At { record: number, term: redirect.term, span: redirect.span, qualifier: Qualifier::Pass };
                self.open(at, OpenReason::Macros);
            }
            (None, _) => {}
        }
    }

    fn via(&mut self, node: &Node, from: usize, span: Span) -> usize {
        self.out.records.push(Via { domain: node.domain.clone(), from: Some((from, span)) });
        self.out.records.len() - 1
    }

    /// §5.2
    fn include(&mut self, at: At, branch: Option<&Branch>) {
        let Some(branch) = branch else { return };
        let Some(below) = &branch.node else {
            if branch.target == Target::Sender {
                self.open(at, OpenReason::Macros);
            }
            return;
        };
        let pass = self.result(at.qualifier);
        self.frames.push(Frame { pass, ..Frame::default() });
        let number = self.via(below, at.record, at.span);
        self.record(below, number);
        // One was pushed six lines above, and `record` leaves as many as it found.
        let Some(inner) = self.frames.pop() else { return };
        let Some(frame) = self.frames.last_mut() else { return };
        let families = [
            (&inner.passed.ipv4, &mut frame.taken.ipv4, &mut frame.passed.ipv4),
            (&inner.passed.ipv6, &mut frame.taken.ipv6, &mut frame.passed.ipv6),
        ];
        for (inner, taken, passed) in families {
            for range in inner.iter() {
                if at.qualifier == Qualifier::Pass {
                    taken.missing(range).into_iter().for_each(|range| passed.insert(range));
                }
                taken.insert(range);
            }
        }
    }

    /// §5.3, §5.4
    fn hosts(&mut self, at: At, branch: Option<&Branch>, cidr: DualCidr) {
        let Some(branch) = branch else { return };
        if branch.target == Target::Sender {
            return self.open(at, OpenReason::Macros);
        }
        for asked in &branch.asked {
            match asked.answer.records() {
                Some(Records::A(addresses)) => {
                    for &address in addresses {
                        self.network(at, Ipv4Net::new_assert(address, cidr.v4.min(32)).trunc().into());
                    }
                }
                Some(Records::Aaaa(addresses)) => {
                    for &address in addresses {
                        self.network(at, Ipv6Net::new_assert(address, cidr.v6.min(128)).trunc().into());
                    }
                }
                _ => {}
            }
        }
        if branch.asked.iter().any(|asked| asked.answer.failure().is_some()) {
            self.open(at, OpenReason::NoAnswer);
        }
    }

    /// §5.7: one name for everybody matches everybody or nobody.
    fn exists(&mut self, at: At, branch: Option<&Branch>) {
        let Some(branch) = branch else { return };
        if branch.target == Target::Sender {
            return self.open(at, OpenReason::Exists);
        }
        for asked in &branch.asked {
            if asked.answer.failure().is_some() {
                self.open(at, OpenReason::NoAnswer);
            } else if asked.answer.records().is_some() {
                self.everyone(at);
            }
        }
    }

    fn everyone(&mut self, at: At) {
        self.network(at, Ipv4Net::new_assert([0; 4].into(), 0).into());
        self.network(at, Ipv6Net::new_assert([0; 16].into(), 0).into());
    }

    fn open(&mut self, at: At, reason: OpenReason) {
        if let Some(result) = self.result(at.qualifier) {
            self.out.open.push(Open { record: at.record, term: at.term, span: at.span, result, reason });
        }
    }

    /// What a match of a term in the present record means for the whole.
    fn result(&self, qualifier: Qualifier) -> Option<Qualifier> {
        let frame = self.frames.last()?;
        match qualifier {
            qualifier if frame.is_root => Some(qualifier),
            Qualifier::Pass => frame.pass,
            Qualifier::Fail | Qualifier::Softfail | Qualifier::Neutral => None,
        }
    }

    fn network(&mut self, at: At, network: IpNet) {
        if self.out.terms.len() >= MAX_NETWORKS {
            self.out.complete = false;
            return;
        }
        let result = self.result(at.qualifier);
        let whole = range(&network);
        let Some((frame, above)) = self.frames.split_last_mut() else { return };
        // The innermost first: what it has taken is large and in few pieces.
        let mut parts = frame.taken.of(&network).missing(whole);
        if at.qualifier == Qualifier::Pass {
            parts.iter().for_each(|&part| frame.passed.of_mut(&network).insert(part));
        }
        frame.taken.of_mut(&network).insert(whole);
        let Some(result) = result else { return };
        for frame in above.iter().rev() {
            parts = parts.into_iter().flat_map(|part| frame.taken.of(&network).missing(part)).collect();
        }
        let covered = match parts.as_slice() {
            [] => Covered::Wholly(self.owner(&network)),
            [part] if *part == whole => Covered::Nothing,
            _ => Covered::Partly,
        };
        let number = self.out.terms.len();
        for &(start, end) in &parts {
            self.out.owners.of_mut(&network).insert(start, (end, number));
            if result == Qualifier::Pass {
                self.passing.of_mut(&network).insert((start, end));
            }
        }
        let At { record, term, span, .. } = at;
        self.out.terms.push(Authorised { record, term, span, network, result, covered });
    }

    /// The term that decides about the first address of a network.
    fn owner(&self, network: &IpNet) -> Option<usize> {
        let first = range(network).0;
        let (_, &(last, owner)) = self.out.owners.of(network).range(..=first).next_back()?;
        (first <= last).then_some(owner)
    }
}
