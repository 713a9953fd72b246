//! What `a` and `mx` find (RFC 7208 §5.3, §5.4, §4.6.4).

use super::world::{MAX_HOSTS, World, text};
use super::{Context, effects};
use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Evidence, Findings, rules};
use crate::spf::tree::{Branch, BranchKind, MAX_EXCHANGES, Target, Visit};
use crate::unread;

rules! {
    /// # `a` finds no address
    ///
    /// The name has neither A nor AAAA records, so the term matches nobody. It is one of the two void look-ups that receivers
    /// allow.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 a:old.d.example ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    NO_ADDRESS = "spf-a-target-no-address", Warning, Ok, ["RFC 7208 §5.3", "RFC 7208 §4.6.4"],
        "`{term}` matches nobody: `{target}` has no address";

    /// # `mx` finds no MX record
    ///
    /// SPF does not fall back to the addresses of the name itself, as delivery of mail does. The term matches nobody and is one
    /// of the two void look-ups that receivers allow.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 a -all"
    /// d.example. A 192.0.2.1
    /// ```
    NO_MX = "spf-mx-target-no-mx", Warning, Ok, ["RFC 7208 §5.4"],
        "`{term}` matches nobody: `{target}` has no MX record";

    /// # An exchange has no address
    ///
    /// One of the hosts that `mx` looks up has neither A nor AAAA records. It is a void look-up, and mail cannot be delivered to
    /// it either.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. MX 10 mx1.d.example.
    /// d.example. MX 20 mx2.d.example.
    /// mx1.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. MX 10 mx1.d.example.
    /// mx1.d.example. A 192.0.2.1
    /// ```
    HOST = "spf-mx-host-no-address", Warning, Ok, ["RFC 7208 §5.4", "RFC 7208 §4.6.4"],
        "`{host}`, which `{term}` looks up, has no address";

    /// # `mx` with more than ten exchanges
    ///
    /// A receiver looks up the addresses of at most ten exchanges. More are a permerror.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. MX 10 m0.d.example.
    /// d.example. MX 10 m1.d.example.
    /// d.example. MX 10 m2.d.example.
    /// d.example. MX 10 m3.d.example.
    /// d.example. MX 10 m4.d.example.
    /// d.example. MX 10 m5.d.example.
    /// d.example. MX 10 m6.d.example.
    /// d.example. MX 10 m7.d.example.
    /// d.example. MX 10 m8.d.example.
    /// d.example. MX 10 m9.d.example.
    /// d.example. MX 10 m10.d.example.
    /// ```
    ///
    /// Name the networks of the hosts instead:
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/28 -all"
    /// ```
    OVER_10 = "spf-mx-over-10", Error, Permerror, ["RFC 7208 §4.6.4"],
        "`{target}` has {count} MX records, and `{term}` may look up 10";

    /// # `mx` and a null MX
    ///
    /// The name says by a null MX that it accepts no mail (RFC 7505), so `mx` finds no host and matches nobody.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. MX 0 .
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 -all"
    /// d.example. MX 0 .
    /// ```
    NULL_MX = "spf-mx-on-null-mx", Warning, Ok, ["RFC 7505 §3", "RFC 7208 §5.4"],
        "`{term}` matches nobody: `{target}` has a null MX";

    /// # No IPv6 sender can pass
    ///
    /// The domain's mail hosts have IPv6 addresses, and the record lists IPv4 only. If one of them sends over IPv6, which the
    /// operating system decides, its mail fails.
    ///
    /// ```zone bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// d.example. MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// mx.d.example. AAAA 2001:db8::1
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"
    /// d.example. MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// mx.d.example. AAAA 2001:db8::1
    /// ```
    NO_IPV6 = "spf-no-ipv6-coverage", Note, Ok, ["RFC 7208 §5.6"],
        "`{host}` has an IPv6 address, and no IPv6 address passes";
}

pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    for (at, visit) in world.live() {
        let Target::Name(target) = &visit.branch.target else { continue };
        match visit.branch.kind {
            BranchKind::A => address(world, at, visit, target, out),
            BranchKind::Mx => exchanges(world, at, visit, target, out),
            _ => {}
        }
    }
    ipv6(cx, world, out);
}

fn address(world: &World<'_>, at: usize, visit: &Visit<'_>, target: &Name, out: &mut Findings) {
    if visit.branch.voids.ipv4 > 0 && visit.branch.voids.ipv6 > 0 {
        out.report(&NO_ADDRESS, world.label(at)).arg("term", text(visit)).arg("target", target);
    }
}

fn exchanges(world: &World<'_>, at: usize, visit: &Visit<'_>, target: &Name, out: &mut Findings) {
    let branch = visit.branch;
    let count = branch.exchanges().count();
    let rule = match count {
        0 if branch.voids.worst() > 0 => &NO_MX,
        0 => return,
        _ if branch.exchanges().all(|mx| mx.exchange == Name::root()) => &NULL_MX,
        _ if count > MAX_EXCHANGES => &OVER_10,
        _ => return hosts(world, at, visit, out),
    };
    let found = out.report(rule, world.label(at)).arg("term", text(visit)).arg("target", target).arg("count", count);
    if count > MAX_EXCHANGES {
        found.effect(effects::at(&world.visits, at));
    }
}

fn hosts(world: &World<'_>, at: usize, visit: &Visit<'_>, out: &mut Findings) {
    for mx in visit.branch.exchanges().filter(|mx| is_void(visit.branch, &mx.exchange)) {
        out.report(&HOST, world.label(at)).arg("term", text(visit)).arg("host", &mx.exchange);
    }
}

/// Whether a host was asked for both kinds of address, and has neither.
fn is_void(branch: &Branch, host: &Name) -> bool {
    let is_void = |record_type| {
        let mut of_host = branch.asked.iter().filter(|a| a.question.name == *host);
        of_host.any(|asked| asked.question.record_type == record_type && asked.is_void())
    };
    is_void(RecordType::A) && is_void(RecordType::Aaaa)
}

fn ipv6(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let networks = &world.networks;
    // A domain that authorises nobody sends no mail.
    if networks.ipv6_count > 0 || networks.ipv4_count == 0 || !networks.open.is_empty() {
        return;
    }
    let is_ipv6 = |asked: &&crate::spf::tree::Asked| {
        asked.question.record_type == RecordType::Aaaa && asked.answer.records().is_some()
    };
    let servers = world.exchanges.iter().filter(|mx| mx.exchange != Name::root()).count();
    let host = world.hosts.iter().find(is_ipv6);
    if host.is_none() {
        unread::beyond(cx.at(cx.record.version()), "mail servers that may have IPv6", servers, MAX_HOSTS, out);
    }
    if let Some(host) = host {
        out.report(&NO_IPV6, cx.at(cx.record.version())).arg("host", &host.question.name).evidence(Evidence::Guessed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes_in, found_in};

    #[test]
    fn ipv6_hosts_of_ipv4_records() {
        let hosts = "d.example MX mx.d.example\nmx.d.example AAAA 2a01::1";
        let told =
            |record: &str| codes_in(&format!("d.example TXT {record}\n{hosts}")).contains(&"spf-no-ipv6-coverage");
        assert!(told("v=spf1 ip4:9.9.9.9 -all"));
        for record in ["v=spf1 -all", "v=spf1 ip4:9.9.9.9 mx -all", "v=spf1 ip4:9.9.9.9 exists:%{i}.x.example -all"] {
            assert!(!told(record), "{record}");
        }
    }

    #[test]
    fn each_exchange_without_an_address() {
        let found = found_in(
            "d.example TXT v=spf1 mx -all\nd.example MX a.example\nd.example MX b.example\nd.example MX c.example\na.example A 9.9.9.9",
        );
        let hosts: Vec<_> = found.iter().filter(|f| f.code == "spf-mx-host-no-address").map(|f| f.message()).collect();
        assert_eq!(hosts.len(), 2);
        assert!(hosts[0].starts_with("`b.example`"));
    }
}
