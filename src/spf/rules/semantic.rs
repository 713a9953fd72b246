//! What a record means and costs with the DNS around it.

use super::world::{self, World};
use super::{Context, all, answers, everyone, explanation, lookups, ranges, services, size, targets, voids};
use crate::dns::{Snapshot, Step};
use crate::finding::{Diagnostic, Findings};
use crate::spf::Tree;

/// Checks of the record with the DNS around it.
static AROUND: &[world::Check] = &[
    targets::check_world,
    everyone::check_world,
    all::check_world,
    answers::check_world,
    explanation::check_world,
    services::check_world,
    ranges::check_world,
    size::check_world,
    lookups::check_world,
    voids::check_world,
];

/// What the DNS around a record says, beside what its text says. Nothing where there is not exactly one record.
///
/// The text is then to be looked at with [`Context::tree`] set, so that look-ups and addresses are not told twice.
pub(crate) fn around(dns: &Snapshot, tree: &Tree) -> Step<Vec<Diagnostic>> {
    let Some(record) = tree.root.record() else { return Step::Done(Vec::new()) };
    let world = match World::look(dns, tree) {
        Step::Done(world) => world,
        Step::Ask(questions) => return Step::Ask(questions),
    };
    let cx = Context { record, subject: &tree.root.subject, domain: Some(&tree.root.domain), tree: Some(tree) };
    let mut out = Findings::default();
    AROUND.iter().for_each(|check| check(&cx, &world, &mut out));
    Step::Done(out.into_vec())
}

#[cfg(test)]
mod tests {
    use super::super::{duplicates, exists, hosts, includes, redirect};
    use super::*;
    use crate::finding::Rule;

    fn rules() -> impl Iterator<Item = &'static Rule> {
        let files = [
            all::RULES,
            redirect::RULES,
            includes::RULES,
            exists::RULES,
            hosts::RULES,
            ranges::RULES,
            duplicates::RULES,
            explanation::RULES,
            services::RULES,
            size::RULES,
            lookups::RULES,
            targets::RULES,
            everyone::RULES,
            answers::RULES,
            voids::RULES,
        ];
        files.into_iter().flatten().copied()
    }

    /// The ids of the catalogue that are answered here.
    #[test]
    fn codes_are_those_of_the_catalogue() {
        let Some(catalogue) = crate::shared::shared("catalogue.tsv") else { return };
        let ids: Vec<&str> = catalogue.lines().filter_map(|line| line.split('\t').nth(1)).collect();
        for code in rules().flat_map(|rule| [rule.code].into_iter().chain(rule.covers.iter().copied())) {
            assert!(ids.contains(&code), "{code}");
        }
    }
}
