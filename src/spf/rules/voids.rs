//! The limit of two void look-ups (RFC 7208 §4.6.4).

use super::world::{World, text};
use super::{Context, effects};
use crate::finding::{Effect, Findings, Severity, rules};
use crate::spf::tree::{BranchKind, Visit, Voids};

rules! {
    /// # More than two void look-ups
    ///
    /// A look-up is void if the name does not exist or has no such record. At the third one most receivers stop with permerror;
    /// the standard recommends the number, and some use another.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 a:x.d.example a:y.d.example a:z.d.example -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 a:x.d.example -all"
    /// x.d.example. A 192.0.2.1
    /// x.d.example. AAAA 2001:db8::1
    /// ```
    EXCEEDED = "spf-void-exceeded", Error, Permerror, ["RFC 7208 §4.6.4", "RFC 7208 §11.1"],
        "`{term}` is void look-up {number} for {clients}, and 2 are allowed";

    /// # A look-up finds nothing
    ///
    /// The name does not exist, or has no record of that type. Receivers allow two such look-ups; the third ends in permerror.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 a:gone.d.example ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    PRESENT = "spf-void-present", Warning, Ok, ["RFC 7208 §4.6.4"],
        "{count} of 2 allowed void look-ups: {terms}";

    /// # Void look-ups depend on the client
    ///
    /// For a client with an IPv4 address `a` and `mx` ask for A records, for one with an IPv6 address they ask for AAAA. A host
    /// that has one of them only is a void look-up for clients of the other family.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 a:v6.d.example -all"
    /// v6.d.example. AAAA 2001:db8::1
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip6:2001:db8::1 -all"
    /// ```
    FAMILY = "spf-void-family-dependent", Note, Ok, ["RFC 7208 §4.6.4", "RFC 7208 §5"],
        "void look-ups: {ipv4} for IPv4 clients, {ipv6} for IPv6 clients: {terms}";
}

/// §4.6.4
const LIMIT: usize = 2;

pub(super) fn check_world(_: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let voids = world.tree.counts.voids;
    if voids.worst() > LIMIT {
        exceeded(world, voids, out);
    }
    if voids.ipv4 != voids.ipv6 {
        list(
            world,
            |own| own.ipv4 != own.ipv6,
            |at, terms, out| {
                out.report(&FAMILY, at).arg("ipv4", voids.ipv4).arg("ipv6", voids.ipv6).arg("terms", terms);
            },
            out,
        );
    }
    if (1..=LIMIT).contains(&voids.ipv4.min(voids.ipv6)) {
        let count = voids.ipv4.min(voids.ipv6);
        // An include of nothing is told by itself: it is a permerror at once.
        list(
            world,
            |own| own.ipv4 > 0 && own.ipv6 > 0,
            |at, terms, out| {
                out.report(&PRESENT, at).arg("count", count).arg("terms", terms);
            },
            out,
        );
    }
}

/// The family that has too many, and the term of the third.
fn exceeded(world: &World<'_>, voids: Voids, out: &mut Findings) {
    let (clients, of): (_, fn(Voids) -> usize) = match (voids.ipv4 > LIMIT, voids.ipv6 > LIMIT) {
        (true, true) => ("all clients", |voids| voids.ipv4.min(voids.ipv6)),
        (true, false) => ("IPv4 clients", |voids| voids.ipv4),
        _ => ("IPv6 clients", |voids| voids.ipv6),
    };
    let third = |(_, visit): &(usize, &Visit<'_>)| of(visit.branch.after.voids) > LIMIT && of(visit.branch.voids) > 0;
    let Some((at, visit)) = world.live().find(third) else { return };
    let found = out.report(&EXCEEDED, world.label(at));
    found
        .arg("term", text(visit))
        .arg("number", LIMIT + 1)
        .arg("clients", clients)
        .effect(effects::at(&world.visits, at));
    if clients != "all clients" {
        found.severity(Severity::Warning).effect(Effect::PermerrorForSome);
    }
    for (earlier, visit) in world.live().filter(|(other, visit)| *other < at && of(visit.branch.voids) > 0) {
        found.related(world.label(earlier).with(format!("`{}` finds nothing", text(visit))));
    }
}

fn list(
    world: &World<'_>,
    is_told: impl Fn(Voids) -> bool,
    tell: impl FnOnce(crate::finding::Label, String, &mut Findings),
    out: &mut Findings,
) {
    let is_target = |visit: &Visit<'_>| matches!(visit.branch.kind, BranchKind::Include | BranchKind::Redirect);
    let told: Vec<_> = world.live().filter(|(_, visit)| !is_target(visit) && is_told(visit.branch.voids)).collect();
    let Some((first, _)) = told.first() else { return };
    let terms: Vec<String> = told.iter().map(|(_, visit)| format!("`{}`", text(visit))).collect();
    tell(world.label(*first), terms.join(", "), out);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found_in, has};
    use crate::finding::{Effect, Severity};

    #[test]
    fn the_third_is_too_many() {
        let world = |own: &str| format!("d.example TXT v=spf1 {own} -all\nd.example A 9.9.9.9\nd.example AAAA 2a01::1");
        let found = found_in(&world("a:x.example a:y.example"));
        assert!(has(&found, "spf-void-present") && !has(&found, "spf-void-exceeded"));
        let found = found_in(&world("a:x.example mx:y.example exists:z.example"));
        let exceeded = found.iter().find(|found| found.code == "spf-void-exceeded").unwrap();
        assert_eq!((exceeded.primary.quoted().as_str(), exceeded.effect), ("exists:z.example", Effect::Permerror));
        let found = found_in(&world("a a:x.example mx:y.example exists:z.example"));
        assert_eq!(
            found.iter().find(|found| found.code == "spf-void-exceeded").unwrap().effect,
            Effect::PermerrorForSome
        );
    }

    #[test]
    fn families_differ() {
        let found = found_in(
            "d.example TXT v=spf1 a:x.example a:y.example a:z.example -all\nx.example A 9.9.9.9\ny.example A 9.9.9.9\nz.example A 9.9.9.9",
        );
        let exceeded = found.iter().find(|found| found.code == "spf-void-exceeded").unwrap();
        assert_eq!(exceeded.severity, Severity::Warning);
        assert!(exceeded.message().contains("IPv6 clients"));
        assert!(has(&found, "spf-void-family-dependent") && !has(&found, "spf-void-present"));
    }
}
