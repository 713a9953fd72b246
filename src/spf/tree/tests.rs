use super::*;
use crate::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records};
use crate::resolver::drive_sync;
use crate::spf::Qualifier;

/// Lines `name TYPE value`: `A`, `AAAA`, `MX`, `TXT`, `FAIL`. Other names do not exist, unless they are above one of these.
pub(crate) fn answer(world: &str, question: &Question) -> Answer {
    let of_name =
        || world.lines().filter_map(|line| line.trim().split_once(' ')).filter(|(name, _)| question.name == *name);
    if of_name().any(|(_, rest)| rest == "FAIL") {
        return Failure::ServFail.into();
    }
    let values: Vec<&str> = of_name()
        .filter_map(|(_, rest)| rest.split_once(' '))
        .filter(|(kind, _)| *kind == question.record_type.as_str())
        .map(|(_, value)| value)
        .collect();
    let lookup = match question.record_type {
        // RFC 4592 §2.2.2: a name above another one exists.
        _ if !world.lines().any(|line| is_within(line, &question.name)) => Lookup::NxDomain,
        _ if values.is_empty() => Lookup::NoData,
        RecordType::Txt => return Answer::txt(values),
        RecordType::A => Lookup::Records(Records::A(values.iter().map(|v| v.parse().unwrap()).collect())),
        RecordType::Aaaa => Lookup::Records(Records::Aaaa(values.iter().map(|v| v.parse().unwrap()).collect())),
        RecordType::Mx => {
            let mx = values.iter().map(|v| Mx { preference: 10, exchange: v.parse().unwrap() });
            Lookup::Records(Records::Mx(mx.collect()))
        }
        other => panic!("{other}"),
    };
    Answer::new(lookup)
}

fn is_within(line: &str, name: &Name) -> bool {
    line.trim().split(' ').next().and_then(|of| of.parse().ok()).is_some_and(|of: Name| of.is_within(name))
}

/// The tree of `d.example`.
pub(crate) fn of(world: &str) -> Tree {
    let domain = "d.example".parse().unwrap();
    drive_sync(&mut Snapshot::new(), |question| answer(world, question), |dns| tree(dns, &domain))
}

/// `term before→after`, a line for each branch, with `(dead)` and the void look-ups where there are any.
fn budget(tree: &Tree) -> String {
    let mut out = String::new();
    for Visit { node, branch, depth, .. } in tree.branches() {
        let term = node.record().unwrap().text(branch.span);
        let indent = "  ".repeat(depth);
        out += &format!("{indent}{term} {}→{}", branch.before.lookups, branch.after.lookups);
        if branch.voids != Voids::default() {
            out += &format!(" void {}/{}", branch.voids.ipv4, branch.voids.ipv6);
        }
        out += if branch.live { "\n" } else { " (dead)\n" };
    }
    out
}

#[track_caller]
fn check(world: &str, expected: &str) -> Tree {
    let tree = of(world);
    let expected: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let margin = expected.first().map_or(0, |line| line.len() - line.trim_start().len());
    let expected: String = expected.iter().map(|line| format!("{}\n", &line[margin..])).collect();
    assert_eq!(budget(&tree), expected);
    tree
}

#[test]
fn counts_terms_of_nested_records() {
    let tree = check(
        "d.example TXT v=spf1 ip4:192.0.2.1 include:a.example mx -all
         d.example MX mx.d.example
         mx.d.example A 192.0.2.2
         mx.d.example AAAA 2001:db8::2
         a.example TXT v=spf1 ?include:b.example a:b.example ~all
         b.example TXT v=spf1 -include:c.example ip4:192.0.2.3 ?all
         b.example A 192.0.2.4
         c.example TXT v=spf1 exists:%{i}.c.example",
        "
        include:a.example 0→5
          ?include:b.example 1→4
            -include:c.example 2→4
              exists:%{i}.c.example 3→4
          a:b.example 4→5 void 0/1
        mx 5→6
        ",
    );
    assert_eq!(tree.counts, Counts { lookups: 6, voids: Voids { ipv4: 0, ipv6: 1 } });
    assert_eq!(tree.lookups_written, 6);
    assert_eq!(tree.branches()[1].branch.qualifier, Qualifier::Neutral);
    assert_eq!(tree.branches()[2].branch.qualifier, Qualifier::Fail);
}

#[test]
fn repeated_and_diamond_includes_count_each_time() {
    let tree = check(
        "d.example TXT v=spf1 include:a.example include:b.example include:a.example -all
         a.example TXT v=spf1 include:c.example -all
         b.example TXT v=spf1 include:c.example -all
         c.example TXT v=spf1 ip4:192.0.2.1 -all",
        "
        include:a.example 0→2
          include:c.example 1→2
        include:b.example 2→4
          include:c.example 3→4
        include:a.example 4→6
          include:c.example 5→6
        ",
    );
    assert!(!tree.has_cycle());
}

#[test]
fn a_cycle_is_marked_and_not_followed() {
    let tree = check(
        "d.example TXT v=spf1 include:a.example -all
         a.example TXT v=spf1 include:b.example -all
         b.example TXT v=spf1 redirect=a.example",
        "
        include:a.example 0→3
          include:b.example 1→3
            redirect=a.example 2→3
        ",
    );
    assert!(tree.has_cycle());
    assert_eq!(tree.branches()[2].branch.node.as_ref().unwrap().found, Found::Cycle(1));
}

#[test]
fn a_record_that_includes_itself() {
    for record in ["v=spf1 include:d.example -all", "v=spf1 include:D.Example. -all", "v=spf1 redirect=%{d}"] {
        let tree = of(&format!("d.example TXT {record}"));
        assert_eq!(tree.branches()[0].branch.node.as_ref().unwrap().found, Found::Cycle(0), "{record}");
    }
}

#[test]
fn what_follows_all_is_written_but_costs_nothing() {
    let tree = check(
        "d.example TXT v=spf1 redirect=a.example a -all mx include:b.example
         d.example A 192.0.2.1
         d.example AAAA 2001:db8::1
         a.example TXT v=spf1 mx:gone.example -all
         b.example TXT v=spf1 a:gone.example -all",
        "
        a 0→1
        mx 1→1 void 1/1 (dead)
        include:b.example 1→1 (dead)
          a:gone.example 1→1 void 1/1 (dead)
        redirect=a.example 1→1 (dead)
          mx:gone.example 1→1 void 1/1 (dead)
        ",
    );
    assert_eq!(tree.counts.lookups, 1);
    assert_eq!(tree.counts.voids, Voids::default());
    assert_eq!(tree.lookups_written, 6);
}

#[test]
fn a_redirect_comes_last_wherever_it_stands() {
    check(
        "d.example TXT v=spf1 redirect=a.example include:b.example
         a.example TXT v=spf1 ip4:192.0.2.1 -all
         b.example TXT v=spf1 ip4:192.0.2.2 -all",
        "
        include:b.example 0→1
        redirect=a.example 1→2
        ",
    );
}

#[test]
fn nobody_comes_past_an_include_that_passes_everyone() {
    check(
        "d.example TXT v=spf1 include:a.example a -all
         d.example A 192.0.2.1
         a.example TXT v=spf1 redirect=b.example
         b.example TXT v=spf1 +all",
        "
        include:a.example 0→2
          redirect=b.example 1→2
        a 2→2 void 0/1 (dead)
        ",
    );
    check(
        "d.example TXT v=spf1 include:a.example a -all
         d.example A 192.0.2.1
         a.example TXT v=spf1 include:b.example -all
         b.example TXT v=spf1 +all",
        "
        include:a.example 0→2
          include:b.example 1→2
        a 2→2 void 0/1 (dead)
        ",
    );
}

#[test]
fn voids_by_family() {
    let tree = of("d.example TXT v=spf1 a:v4.example a:v6.example a:gone.example mx:h.example mx:gone.example include:gone.example exists:gone.example -all
         v4.example A 192.0.2.1
         v6.example AAAA 2001:db8::1
         h.example MX v4.example
         h.example MX gone.example");
    let voids: Vec<_> = tree.branches().iter().map(|v| (v.branch.voids.ipv4, v.branch.voids.ipv6)).collect();
    assert_eq!(voids, [(0, 1), (1, 0), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1)]);
    assert_eq!(tree.counts.voids, Voids { ipv4: 6, ipv6: 6 });
}

#[test]
fn more_exchanges_than_allowed_are_seen() {
    let exchanges: String =
        (0..12).map(|i| format!("d.example MX m{i}.example\nm{i}.example A 192.0.2.{i}\n")).collect();
    let tree = of(&format!("d.example TXT v=spf1 mx -all\n{exchanges}"));
    let branch = tree.branches()[0].branch;
    assert_eq!(branch.exchanges().count(), 12);
    assert_eq!(branch.asked.len(), 1 + 2 * MAX_EXCHANGES);
    assert_eq!(tree.counts.lookups, 1);
}

#[test]
fn a_null_mx_has_no_host() {
    let tree = of("d.example TXT v=spf1 mx -all\nd.example MX .");
    assert_eq!(tree.branches()[0].branch.asked.len(), 1);
    assert_eq!(tree.counts.voids, Voids::default());
}

#[test]
fn each_problem_is_data() {
    let tree = of("d.example TXT v=spf1 include:none.example include:gone.example include:two.example include:fail.example include:bad.example include:%{i}.example include:a..example -all
         none.example TXT something
         two.example TXT v=spf1 -all
         two.example TXT v=spf1 ~all
         fail.example FAIL
         bad.example TXT v=spf1 foo a -all");
    let visits = tree.branches();
    let found = |at: usize| &visits[at].branch.node.as_ref().unwrap().found;
    assert_eq!(*found(0), Found::None);
    assert_eq!(*found(1), Found::NxDomain);
    assert!(matches!(found(2), Found::Several(several) if several.len() == 2));
    assert_eq!(*found(3), Found::Failure(Failure::ServFail));
    let Found::Record(bad) = found(4) else { panic!() };
    assert_eq!(bad.errors().count(), 1);
    assert_eq!(visits[5].branch.kind, BranchKind::A, "terms of a broken record are counted too");
    assert_eq!(visits[6].branch.target, Target::Sender);
    assert_eq!(visits[7].branch.target, Target::Unusable);
    assert_eq!(tree.counts.lookups, 8);
}

#[test]
fn macros_of_the_domain_are_expanded() {
    let tree = of(
        "d.example TXT v=spf1 include:_spf.%{d} exists:%{d1r}.x%%.%{d2} a:%{l}.%{d} exists:%{p}.x.example -all\n_spf.d.example TXT v=spf1 -all",
    );
    let targets: Vec<_> = tree.branches().iter().map(|visit| visit.branch.target.clone()).collect();
    let name = |text: &str| Target::Name(text.parse().unwrap());
    assert_eq!(targets, [name("_spf.d.example"), name("d.x%.d.example"), Target::Sender, Target::Sender]);
    assert_eq!(tree.branches()[3].branch.cost, 2, "%{{p}} asks for the client's names");
}

#[test]
fn the_explanation_is_asked_for_and_free() {
    let tree = of(
        "d.example TXT v=spf1 include:a.example -all exp=why.%{d}\na.example TXT v=spf1 -all exp=why.a.example\nwhy.d.example TXT no",
    );
    let kinds: Vec<_> = tree.branches().iter().map(|visit| visit.branch.kind).collect();
    assert_eq!(kinds, [BranchKind::Include, BranchKind::Explanation]);
    assert_eq!(tree.branches()[1].branch.answer(RecordType::Txt).unwrap().txts()[0].text(), "no");
    assert_eq!(tree.counts.lookups, 1);
}

#[test]
fn a_level_is_asked_in_one_round() {
    let world =
        "d.example TXT v=spf1 include:a.example mx a:b.example exists:c.example redirect=e.example exp=f.example
         d.example MX mx.d.example
         a.example TXT v=spf1 include:b.example -all
         b.example TXT v=spf1 -all";
    let domain = "d.example".parse().unwrap();
    let rounds = std::cell::Cell::new(0);
    drive_sync(
        &mut Snapshot::new(),
        |question| answer(world, question),
        |dns| {
            rounds.set(rounds.get() + 1);
            tree(dns, &domain)
        },
    );
    // The root; its terms; the included include with the host of the exchange; the end.
    assert_eq!(rounds.get(), 4);
}

#[test]
fn hostile_trees_end_and_say_so() {
    // 10 includes of 10 includes of 10 …
    let mut world = String::new();
    let includes = |level: usize| -> String { (0..10).map(|i| format!(" include:n{i}.l{level}.example")).collect() };
    world += &format!("d.example TXT v=spf1{} -all\n", includes(0));
    for level in 0..6 {
        for i in 0..10 {
            world += &format!("n{i}.l{level}.example TXT v=spf1{} -all\n", includes(level + 1));
        }
    }
    let tree = of(&world);
    assert!(!tree.complete);
    assert!(tree.counts.lookups >= MAX_BRANCHES);
    assert!(tree.nodes().count() <= MAX_BRANCHES + 1);
}

/// Records of many terms, each of which leads to another: what is read of them is bounded as a whole.
#[test]
fn long_records_end() {
    let many = " ip4:192.0.2.1".repeat(MAX_TERMS / 5);
    let mut world = String::from("d.example TXT v=spf1 include:n0.example -all\n");
    for i in 0..8 {
        world += &format!("n{i}.example TXT v=spf1{many} include:n{}.example -all\n", i + 1);
    }
    let tree = of(&world);
    assert!(!tree.complete);
    let nodes: Vec<_> = tree.nodes().collect();
    assert_eq!(nodes.len(), 1 + 5);
    assert_eq!(nodes[5].found, Found::NotWalked);
}

/// §7.1: `%_`, `%-` and `%%` are the same for every sender, and any octet may stand in a label.
#[test]
fn macros_without_a_sender() {
    let tree =
        of("d.example TXT v=spf1 a:%{d}.x.example exists:a%_b.example exists:%-.x.example include:%%.example -all");
    let branches = &tree.root.branches;
    assert!(matches!(&branches[0].target, Target::Name(name) if name == "d.example.x.example"));
    assert!(matches!(&branches[1].target, Target::Name(name) if name == "a b.example"), "{:?}", branches[1].target);
    assert!(matches!(&branches[2].target, Target::Name(name) if name == "%20.x.example"), "{:?}", branches[2].target);
    assert!(matches!(&branches[3].target, Target::Name(name) if name == "%.example"), "{:?}", branches[3].target);
    let words: Vec<&str> = branches.iter().map(|branch| branch.kind.as_str()).collect();
    assert_eq!(words, ["a", "exists", "exists", "include"]);
}

#[test]
fn endings() {
    let ending = |world: &str| of(world).root.ending();
    assert_eq!(ending("d.example TXT v=spf1 ~all"), Ending::All(Qualifier::Softfail));
    assert_eq!(ending("d.example TXT v=spf1 a"), Ending::Neutral);
    assert_eq!(ending("d.example TXT v=spf1 foo -all"), Ending::Error);
    assert_eq!(
        ending("d.example TXT v=spf1 redirect=a.example\na.example TXT v=spf1 -all"),
        Ending::All(Qualifier::Fail)
    );
    assert_eq!(ending("d.example TXT v=spf1 redirect=a.example"), Ending::Error);
}
