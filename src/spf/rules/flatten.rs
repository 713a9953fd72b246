//! An include written as the networks that it authorises: fewer look-ups, at a cost that the suggestion tells.

use super::world::World;
use super::{Context, size};
use crate::finding::{Edit, Fix};
use crate::order::sort_by_key;
use crate::spf::tree::{BranchKind, Node, Target};
use crate::spf::{Qualifier, Tree, networks};

/// Networks that a flattened include may have: more make the record too long for an answer of 512 octets.
const MAX_FLAT: usize = 15;

/// The dearest include whose senders can all be listed, written as its networks.
pub(super) fn dearest(cx: &Context<'_>, world: &World<'_>) -> Option<Fix> {
    let includes =
        world.own().filter(|branch| branch.kind == BranchKind::Include && branch.qualifier == Qualifier::Pass);
    let mut includes: Vec<_> = includes.collect();
    sort_by_key(&mut includes, |branch| std::cmp::Reverse(branch.lookups()));
    includes.into_iter().find_map(|branch| {
        let Target::Name(target) = &branch.target else { return None };
        let networks = listed(branch.node.as_ref()?)?;
        let (count, saved, terms) = (networks.len(), branch.lookups(), networks.join(" "));
        let octets = cx.record.source().text().len() - cx.text(branch.span).len() + terms.len();
        let size = size::told(octets);
        let title = format!(
            "write the {count} networks of `{target}` instead: saves {saved} look-ups, and has to be repeated whenever that service changes them; the record then has {octets} octets: {size}"
        );
        Some(Fix::maybe(title, [Edit::replace(branch.span, terms)]))
    })
}

/// The networks that an included record passes, as terms.
fn listed(node: &Node) -> Option<Vec<String>> {
    let alone = Tree { root: node.clone(), counts: Default::default(), lookups_written: 0, complete: true };
    let networks = networks(&alone);
    let count = networks.ipv4.len() + networks.ipv6.len();
    if !networks.open.is_empty() || !(1..=MAX_FLAT).contains(&count) || networks.passes_everyone() {
        return None;
    }
    let ipv4 = networks.ipv4.iter().map(|network| match network.prefix_len() {
        32 => format!("ip4:{}", network.addr()),
        _ => format!("ip4:{network}"),
    });
    let ipv6 = networks.ipv6.iter().map(|network| match network.prefix_len() {
        128 => format!("ip6:{}", network.addr()),
        _ => format!("ip6:{network}"),
    });
    Some(ipv4.chain(ipv6).collect())
}
