//! Whom an included record lets pass: everyone, or a large part of the Internet (RFC 7208 §5.2, §6.1).

use ipnet::IpNet;

use super::ranges::special;
use super::world::{World, term};
use super::{Context, huge};
use crate::finding::{Diagnostic, Effect, Findings, Label, rules};
use crate::order::sort_by_key;
use crate::spf::Qualifier;
use crate::spf::networks::{Authorised, Covered, united};
use crate::spf::tree::Node;
use crate::text::Span;

rules! {
    /// # An included record passes everyone
    ///
    /// It ends in `+all`, or has another term that matches everybody, so the include matches every sender: as if `+all` stood in
    /// this record.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 +all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 include:s.example -all"
    /// s.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    PASS_ALL = "spf-pass-all-nested", Error, PassForEveryone, ["RFC 7208 §5.2", "RFC 7208 §5.1"],
        "`{term}` passes everyone: the record of `{domain}` has `{all}`";
}

pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let networks = &world.networks;
    let of_v4 = || networks.ipv4.iter().any(|network| huge::is_huge(&(*network).into()));
    if !of_v4() && !networks.ipv6.iter().any(|network| huge::is_huge(&(*network).into())) {
        return;
    }
    let records = records(world);
    let passed = networks.terms.iter().filter(|by| passes(world, by)).filter_map(|by| {
        let root = records.get(by.record)?.as_ref()?.root;
        Some(Passed { term: root.unwrap_or(by.span), is_through: root.is_some(), by })
    });
    let mut passed: Vec<Passed<'_>> = passed.collect();
    if !passed.iter().any(|passed| passed.is_through) {
        return;
    }
    sort_by_key(&mut passed, |passed| passed.term.start);
    // §4.6: with a term that cannot be read, nobody passes by the others.
    let is_broken = cx.record.errors().next().is_some();
    let effect = if is_broken { Effect::Permerror } else { Effect::PassForEveryone };
    for passed in of_terms(&passed).filter(|passed| passed[0].is_through) {
        if let Some(found) = told(cx, world, &records, passed, out) {
            found.effect(effect);
        }
    }
    if let Some(found) = together(cx, world, &passed, out) {
        found.effect(effect);
    }
}

/// A network that clients on the Internet pass by.
struct Passed<'a> {
    /// The term of the first record that they pass by.
    term: Span,
    /// Whether it leads to another record.
    is_through: bool,
    by: &'a Authorised,
}

/// Those of each term.
fn of_terms<'a, 'p>(passed: &'a [Passed<'p>]) -> impl Iterator<Item = &'a [Passed<'p>]> {
    passed.chunk_by(|a, b| a.term == b.term)
}

fn merged(passed: &[Passed<'_>]) -> Vec<IpNet> {
    united(passed.iter().map(|passed| passed.by.network))
}

/// What terms of the first record pass together that none of them passes alone, some of them through other records: the widest of it.
fn together<'o>(
    cx: &Context<'_>,
    world: &World<'_>,
    passed: &[Passed<'_>],
    out: &'o mut Findings,
) -> Option<&'o mut Diagnostic> {
    // They are parts of those of all, so what holds one of these is that one.
    let mut alone: Vec<IpNet> = of_terms(passed).flat_map(merged).collect();
    sort_by_key(&mut alone, |network| *network);
    let huge = merged(passed).into_iter().filter(huge::is_huge);
    let sums = huge.filter(|network| alone.binary_search(network).is_err());
    let (bits, network) = widest(world, sums)?;
    let parts = || passed.iter().filter(|passed| network.contains(&passed.by.network));
    // What only terms of this record pass is told of those.
    if !parts().any(|part| part.is_through) {
        return None;
    }
    let mut terms: Vec<Span> = parts().map(|part| part.term).collect();
    terms.dedup();
    huge::tell(cx, &terms, bits, &network, out)
}

/// The network of which most is passed: earlier terms may have refused some of it.
fn widest(world: &World<'_>, networks: impl Iterator<Item = IpNet>) -> Option<(u8, IpNet)> {
    let bits = |network: &IpNet| huge::bits_of(network, world.networks.passing_in(network));
    networks.filter_map(|network| Some((bits(&network)?, network))).min_by_key(|(bits, _)| *bits)
}

/// A record of the tree, and where the term of the first record stands that leads to it.
struct Reached<'a> {
    node: &'a Node,
    root: Option<Span>,
}

/// The records of the authorised set, by their numbers there. Nothing for those that are never asked or cannot be used, nor for what is
/// behind them: an error in one is an error of the whole (§5.2).
fn records<'a>(world: &World<'a>) -> Vec<Option<Reached<'a>>> {
    let mut records: Vec<Option<Reached<'a>>> = Vec::new();
    for via in &world.networks.records {
        let reached = match via.from {
            None => Some(Reached { node: &world.tree.root, root: None }),
            Some((above, span)) => records[above].as_ref().and_then(|above| {
                let branch = above.node.branches.iter().find(|branch| branch.span == span)?;
                let node = branch.node.as_deref().filter(|_| branch.live)?;
                let is_good = node.record().is_some_and(|record| record.errors().next().is_none());
                is_good.then_some(Reached { node, root: Some(above.root.unwrap_or(span)) })
            }),
        };
        records.push(reached);
    }
    records
}

/// Whether clients on the Internet pass by a term. What others have passed before it counts: the one may be mended, and the other not.
fn passes(world: &World<'_>, passed: &Authorised) -> bool {
    let is_free = match passed.covered {
        Covered::Nothing | Covered::Partly => true,
        // What no term decides was refused inside an include (§5.2).
        Covered::Wholly(by) => {
            by.and_then(|by| world.networks.terms.get(by)).is_some_and(|by| by.result == Qualifier::Pass)
        }
    };
    passed.result == Qualifier::Pass && is_free && special(&passed.network).is_none()
}

/// What is told about a term of the first record, through which these networks pass: the widest of them.
fn told<'o>(
    cx: &Context<'_>,
    world: &World<'_>,
    records: &[Option<Reached<'_>>],
    passed: &[Passed<'_>],
    out: &'o mut Findings,
) -> Option<&'o mut Diagnostic> {
    let huge: Vec<IpNet> = merged(passed).into_iter().filter(huge::is_huge).collect();
    let (bits, network) = widest(world, huge.iter().copied())?;
    let is_all = |of: &IpNet| huge::bits_of(of, world.networks.passing_in(of)) == Some(0);
    let is_everyone = bits == 0 && huge.iter().filter(|network| is_all(network)).count() == 2;
    let parts = parts(records, passed, &|part| is_everyone || network.contains(part));
    let found = if is_everyone {
        let (node, _) = parts.first()?;
        let terms: Vec<&str> = parts.iter().map(|(node, span)| term(node, *span)).collect();
        let found = out.report(&PASS_ALL, cx.at(passed[0].term)).quote("term");
        found.arg("domain", &node.domain).arg("all", terms.join(" "))
    } else {
        huge::tell(cx, &[passed[0].term], bits, &network, out)?
    };
    for (node, span) in parts {
        found.related(Label::new(&node.subject, span).with("passes them"));
    }
    Some(found)
}

/// The terms that pass the widest of the networks that `accept` takes, each with its record.
fn parts<'a>(
    records: &[Option<Reached<'a>>],
    passed: &[Passed<'_>],
    accept: &dyn Fn(&IpNet) -> bool,
) -> Vec<(&'a Node, Span)> {
    let mut widest: Vec<&Authorised> = passed.iter().map(|passed| passed.by).filter(|by| accept(&by.network)).collect();
    sort_by_key(&mut widest, |passed| passed.network.prefix_len());
    let mut parts: Vec<&Authorised> = Vec::new();
    for part in widest {
        let is_told = |wider: &&Authorised| {
            wider.network.contains(&part.network) || (wider.record, wider.span) == (part.record, part.span)
        };
        if parts.len() < MAX_PARTS && !parts.iter().any(is_told) {
            parts.push(part);
        }
    }
    let with_record = |part: &&Authorised| Some((records.get(part.record)?.as_ref()?.node, part.span));
    parts.iter().filter_map(with_record).collect()
}

/// Terms of other records that are pointed at.
const MAX_PARTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::testing::{codes_in, found_in, has};
    use crate::finding::Effect;

    #[test]
    fn everyone_passes_through_an_include() {
        let nested = |own: &str| {
            codes_in(&format!("d.example TXT v=spf1 {own} ~all\na.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 +all")).contains(&"spf-pass-all-nested")
        };
        assert!(nested("include:a.example"));
        assert!(nested("include:b.example"));
        assert!(!nested("-include:b.example"));
        assert!(
            !codes_in("d.example TXT v=spf1 include:a.example -all\na.example TXT v=spf1 ip4:9.9.9.9 ?all")
                .contains(&"spf-pass-all-nested")
        );
    }

    #[test]
    fn large_parts_of_the_internet_through_another_record() {
        let told = |own: &str, other: &str| {
            let world =
                format!("d.example TXT v=spf1 {own} -all\na.example TXT v=spf1 {other} -all\na.example A 9.9.9.9");
            let told = |code: &str| ["spf-pass-all-nested", "spf-pass-huge-range"].contains(&code);
            let found = found_in(&world).into_iter().filter(|found| told(found.code.as_str()));
            found.map(|found| (found.primary.quoted(), found.message(), found.effect)).collect::<Vec<_>>()
        };
        let huge = |term: &str, what: &str| {
            (term.to_owned(), format!("`{term}` authorises {what} addresses"), Effect::PassForEveryone)
        };
        let include = "include:a.example";
        for other in ["ip4:0.0.0.0/0", "ip4:0.0.0.0/1 mx ip4:128.0.0.0/1", "a/0", "-ip4:8.8.8.8 ip4:0.0.0.0/0"] {
            assert_eq!(told(include, other), [huge(include, "all IPv4")], "{other}");
        }
        let (own, other) = (told("include:a.example", "ip4:4.0.0.0/7"), told("include:a.example", "ip4:9.0.0.0/8"));
        assert_eq!((own, other), (vec![huge(include, "1/128 of all IPv4")], vec![]));
        let all = told(include, "ip4:9.9.9.9 ip4:0.0.0.0/0 ip6:::/0");
        let message = "`include:a.example` passes everyone: the record of `a.example` has `ip4:0.0.0.0/0 ip6:::/0`";
        assert_eq!(all, [(include.to_owned(), message.to_owned(), Effect::PassForEveryone)]);
        assert_eq!(told(include, "exists:a.example").len(), 1);
        for (own, other) in [
            (include, "ip4:9.0.0.0/8 ip6:fc00::/7 ip4:224.0.0.0/3"),
            ("-include:a.example", "ip4:0.0.0.0/0"),
            (include, "-ip4:0.0.0.0/0 ip4:0.0.0.0/0"),
            ("-ip4:0.0.0.0/0 include:a.example", "ip4:0.0.0.0/0"),
            ("-ip4:0.0.0.0/1 -ip4:128.0.0.0/1 include:a.example", "ip4:0.0.0.0/0"),
            (include, "foo ip4:0.0.0.0/0"),
            ("-all include:a.example", "ip4:0.0.0.0/0"),
        ] {
            assert_eq!(told(own, other), [], "{own} {other}");
        }
        assert_eq!(told("foo include:a.example", "ip4:0.0.0.0/0")[0].2, Effect::Permerror);
        // One finding, of the widest: the two in the middle are neighbours, and so one /13.
        let widest = told(include, "ip6:2000::/15 ip6:2400::/14 ip6:2404::/14 ip6:2800::/15");
        assert_eq!(widest, [huge(include, "1/8192 of all IPv6")]);
        let own = told("include:a.example ip4:0.0.0.0/0", "-ip4:0.0.0.0/0 ip4:0.0.0.0/0");
        assert_eq!(own, [huge("ip4:0.0.0.0/0", "all IPv4")], "not the include");
        let refused = "-ip4:0.0.0.0/1 -ip4:128.0.0.0/2 include:a.example";
        assert_eq!(told(refused, "ip4:0.0.0.0/0"), [huge(include, "1/4 of all IPv4")]);
        assert_eq!(told("-ip4:64.0.0.0/2 include:a.example", "ip4:0.0.0.0/0"), [huge(include, "1/2 of all IPv4")]);
        assert_eq!(told("ip4:9.0.0.0/8 include:a.example", "ip4:0.0.0.0/0"), [huge(include, "all IPv4")]);
        let redirect = "d.example TXT v=spf1 redirect=a.example\na.example TXT v=spf1 ip4:0.0.0.0/0 -all";
        assert!(has(&found_in(redirect), "spf-pass-huge-range"));
    }

    #[test]
    fn parts_of_the_internet_through_several_records() {
        let told = |own: &str, a: &str, b: &str| {
            let (one, other) = (format!("a.example TXT v=spf1 {a} -all"), format!("b.example TXT v=spf1 {b} -all"));
            let found = found_in(&format!("d.example TXT v=spf1 {own} -all\n{one}\n{other}"));
            let huge = found.into_iter().filter(|found| found.code == "spf-pass-huge-range");
            huge.map(|found| (found.message(), found.related.len())).collect::<Vec<_>>()
        };
        let sum = |terms: &str, what: &str| (format!("`{terms}` authorises {what} addresses"), 1);
        let both = "include:a.example include:b.example";
        let halves = told(both, "ip4:0.0.0.0/1", "ip4:128.0.0.0/1");
        assert_eq!(halves.len(), 3, "each half, and both: {halves:?}");
        assert_eq!(halves[2], sum(both, "all IPv4"));
        assert_eq!(told(both, "ip4:6.0.0.0/8", "ip4:7.0.0.0/8"), [sum(both, "1/128 of all IPv4")]);
        let own = "ip4:6.0.0.0/8 include:b.example";
        assert_eq!(told(own, "mx", "ip4:7.0.0.0/8"), [sum(own, "1/128 of all IPv4")]);
        assert_eq!(told(&format!("foo {both}"), "ip4:6.0.0.0/8", "ip4:7.0.0.0/8").len(), 1);
        // No neighbours, or refused before; and what one passes alone is told of that one.
        assert_eq!(told(both, "ip4:6.0.0.0/8", "ip4:9.0.0.0/8"), []);
        assert_eq!(told(&format!("-ip4:7.0.0.0/8 {both}"), "ip4:6.0.0.0/8", "ip4:7.0.0.0/8"), []);
        assert_eq!(told(both, "ip4:6.0.0.0/7", "ip4:7.0.0.0/8").len(), 1);
        assert_eq!(told("ip4:6.0.0.0/8 ip4:7.0.0.0/8 include:a.example", "ip4:9.9.9.9", "mx").len(), 1);
    }
}
