//! Whether an error at a term strikes every sender, or only those whom no earlier term matches.

use crate::finding::Effect;
use crate::spf::tree::{Branch, BranchKind, Found, Node, Target, Visit};
use crate::spf::{Directive, Mechanism, Record};
use crate::text::Span;

/// The effect of a permerror at the term `span`, as far as the text tells: any mechanism before it may match.
pub(super) fn reached(record: &Record, span: Span) -> Effect {
    let mut before = record.directives().take_while(|(before, _)| before.start < span.start);
    // A redirect comes last wherever it stands.
    let is_redirect = record.redirect().is_some_and(|(redirect, _)| redirect == span);
    let may_match = if is_redirect { record.directives().next().is_some() } else { before.next().is_some() };
    if may_match { Effect::PermerrorForSome } else { Effect::Permerror }
}

/// The effect of a permerror at a branch: whether any term before it can match somebody.
pub(super) fn at(visits: &[Visit<'_>], branch: usize) -> Effect {
    let mut at = Some(branch);
    while let Some(visit) = at.map(|at| &visits[at]) {
        if may_match_before(visit.node, visit.branch) {
            return Effect::PermerrorForSome;
        }
        at = visit.parent;
    }
    Effect::Permerror
}

fn may_match_before(node: &Node, branch: &Branch) -> bool {
    let Some(record) = node.record() else { return false };
    let is_redirect = branch.kind == BranchKind::Redirect;
    let before = record.directives().filter(|(span, _)| is_redirect || span.start < branch.span.start);
    before.into_iter().any(|(span, directive)| may_match(node, span, directive))
}

fn may_match(node: &Node, span: Span, directive: &Directive) -> bool {
    match directive.mechanism {
        Mechanism::All => true,
        Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => super::ranges::network(directive).is_some(),
        _ => node.branches.iter().find(|branch| branch.span == span).is_none_or(branch_may_match),
    }
}

/// Whether a term can match somebody, by what the DNS says.
pub(super) fn branch_may_match(branch: &Branch) -> bool {
    match branch.kind {
        BranchKind::Ptr => return true,
        BranchKind::Include => {
            let Some(node) = &branch.node else { return branch.target == Target::Sender };
            let Found::Record(record) = &node.found else {
                return matches!(node.found, Found::Failure(_) | Found::NotWalked);
            };
            let passes = |d: &Directive| d.qualifier == crate::spf::Qualifier::Pass;
            return record.directives().any(|(span, d)| passes(d) && may_match(node, span, d))
                || node.branches.iter().any(|b| b.kind == BranchKind::Redirect && b.live && branch_may_match(b));
        }
        BranchKind::Redirect => {
            return branch.node.as_ref().is_none_or(|node| match &node.found {
                Found::Record(record) => record.directives().any(|(span, d)| may_match(node, span, d)),
                Found::Failure(_) | Found::NotWalked => true,
                Found::None | Found::NxDomain | Found::Several(_) | Found::Cycle(_) => false,
            });
        }
        BranchKind::A | BranchKind::Mx | BranchKind::Exists | BranchKind::Explanation => {}
    }
    match branch.target {
        Target::Sender => true,
        Target::Unusable => false,
        Target::Name(_) => branch.asked.iter().any(|asked| {
            use crate::dns::RecordType::{A, Aaaa};
            let is_address = matches!(asked.question.record_type, A | Aaaa);
            asked.answer.failure().is_some() || (is_address && asked.answer.records().is_some())
        }),
    }
}
