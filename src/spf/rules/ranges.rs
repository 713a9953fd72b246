//! `ip4` and `ip6`: what the networks stand for (RFC 7208 §5.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::world::World;
use super::{Context, edits, huge};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::networks::united;
use crate::spf::qualifier::split_qualifiers;
use crate::spf::{Directive, Mechanism, Qualifier};
use crate::text::Span;

rules! {
    /// # A network is a large part of the Internet
    ///
    /// `ip4:0.0.0.0/0` and `ip6:::/0` pass every client of the family, like `+all`. Networks nearly as wide authorise
    /// millions of strangers.
    ///
    /// ```spf bad
    /// v=spf1 ip4:0.0.0.0/0 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    HUGE = "spf-pass-huge-range", Error, PassForEveryone, ["RFC 7208 §10.1.2", "RFC 9989 §7.1"],
        "`{term}` authorises {share} {family} addresses";

    /// # Very many addresses pass
    ///
    /// Whoever can send from one of these addresses passes SPF for the domain, and DMARC with it. The more there are, the more
    /// of them belong to people you do not know: customers of a cloud or of a web host.
    ///
    /// ```spf bad
    /// v=spf1 ip4:20.0.0.0/12 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    LARGE = "spf-large-authorized-space", Note, Ok, ["RFC 9989 §7.1", "RFC 7208 §11.4"],
        "{ipv4} IPv4 addresses and {ipv6} IPv6 addresses pass";

    /// # A network address with host bits
    ///
    /// Receivers compare only the bits of the prefix, so the rest of the address has no effect. Whether one host or the whole
    /// network was meant cannot be seen.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.55/24 -all
    /// ```
    ///
    /// Write the network, or the address without a prefix length:
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    HOST_BITS = "spf-ip-host-bits-set", Note, Ok, ["RFC 7208 §5.6"],
        "`{term}` authorises all of `{network}`: the bits behind the prefix have no effect";

    /// # An address that is not on the Internet
    ///
    /// Receivers see the public address of a sender. Private, loopback, link-local, documentation and multicast addresses
    /// never reach them, so the term matches no mail from outside.
    ///
    /// ```spf bad
    /// v=spf1 ip4:10.0.0.0/8 -all
    /// ```
    ///
    /// Write the public address that the mail leaves from:
    ///
    /// ```spf good
    /// v=spf1 ip4:9.9.9.9 -all
    /// ```
    NOT_GLOBAL = "spf-ip-not-global", Warning, Ok, ["RFC 6890 §2.2", "RFC 1918 §3"],
        "`{term}` never matches mail from the Internet: {kind}";

    /// # An IPv4 address written as IPv6
    ///
    /// Receivers treat a client whose address is IPv4-mapped (`::ffff:192.0.2.1`) as an IPv4 client, so an `ip6` term with such
    /// an address never matches.
    ///
    /// ```spf bad
    /// v=spf1 ip6:::ffff:9.9.9.9 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:9.9.9.9 -all
    /// ```
    MAPPED = "spf-ip4-mapped-ip6", Note, PartIgnored, ["RFC 7208 §5"],
        "`{term}` never matches: such clients are treated as IPv4";
}

/// More IPv4 addresses than these are told: a /16, which few senders fill.
const LARGE_V4: u128 = 1 << 16;
/// More IPv6 addresses than these are told: a /32, which is what a whole provider has.
const LARGE_V6: u128 = 1 << 96;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut counts = [0_u128; 2];
    let mut passing = Vec::new();
    for (span, directive) in cx.record.directives() {
        let network = match directive.mechanism {
            Mechanism::All => break,
            Mechanism::Ip4 { address, prefix, span: at } => ip4(cx, (span, at), address, prefix, out),
            Mechanism::Ip6 { address, prefix, span: at } => ip6(cx, (span, at), address, prefix, out),
            _ => continue,
        };
        if let Some(network) = network
            && directive.qualifier == Qualifier::Pass
        {
            passing.push((span, network));
            let count = &mut counts[usize::from(network.addr().is_ipv6())];
            *count = count.saturating_add(size(&network));
        }
    }
    huge::check(cx, counts, &passing, out);
    // With the DNS known, the whole tree is counted.
    if cx.tree.is_none() && (counts[0] > LARGE_V4 || counts[1] > LARGE_V6) {
        large(cx, union(cx), out);
    }
}

/// How many addresses of each family the record's own networks pass, each counted once.
fn union(cx: &Context<'_>) -> [u128; 2] {
    let live = cx.record.directives().take_while(|(_, directive)| directive.mechanism != Mechanism::All);
    let passing = live.filter(|(_, directive)| directive.qualifier == Qualifier::Pass);
    let mut counts = [0_u128; 2];
    for network in united(passing.filter_map(|(_, directive)| network(directive))) {
        let count = &mut counts[usize::from(network.addr().is_ipv6())];
        *count = count.saturating_add(size(&network));
    }
    counts
}

/// What the whole tree passes.
pub(super) fn check_world(cx: &Context<'_>, world: &World<'_>, out: &mut Findings) {
    let networks = &world.networks;
    // That everyone passes is told by a graver finding.
    if !networks.passes_everyone() && (networks.ipv4_count > LARGE_V4 || networks.ipv6_count > LARGE_V6) {
        large(cx, [networks.ipv4_count, networks.ipv6_count], out);
    }
}

fn large(cx: &Context<'_>, [ipv4, ipv6]: [u128; 2], out: &mut Findings) {
    let ipv6 = match ipv6 {
        0..=0xffff => ipv6.to_string(),
        _ => format!("2^{}", 127 - ipv6.leading_zeros()),
    };
    out.report(&LARGE, cx.at(cx.record.version())).arg("ipv4", ipv4).arg("ipv6", ipv6);
}

/// The network of an `ip4` or `ip6` term that can match.
pub(super) fn network(directive: &Directive) -> Option<IpNet> {
    match directive.mechanism {
        Mechanism::Ip4 { address, prefix, .. } => Some(Ipv4Net::new(address, prefix).ok()?.trunc().into()),
        Mechanism::Ip6 { address, prefix, .. } if !is_mapped(address, prefix) => {
            Some(Ipv6Net::new(address, prefix).ok()?.trunc().into())
        }
        _ => None,
    }
}

pub(super) fn size(network: &IpNet) -> u128 {
    let bits = network.max_prefix_len() - network.prefix_len();
    1_u128.checked_shl(u32::from(bits)).unwrap_or(u128::MAX)
}

fn ip4(cx: &Context<'_>, (term, at): (Span, Span), address: Ipv4Addr, prefix: u8, out: &mut Findings) -> Option<IpNet> {
    let network = Ipv4Net::new(address, prefix).ok()?.trunc();
    if let Some(kind) = special(&network.into()) {
        not_global(cx, term, kind, out);
    }
    host_bits(cx, (term, at), address.into(), network.into(), out);
    Some(network.into())
}

fn ip6(cx: &Context<'_>, (term, at): (Span, Span), address: Ipv6Addr, prefix: u8, out: &mut Findings) -> Option<IpNet> {
    if is_mapped(address, prefix) {
        mapped(cx, term, address, prefix, out);
        return None;
    }
    let network = Ipv6Net::new(address, prefix).ok()?.trunc();
    if let Some(kind) = special(&network.into()) {
        not_global(cx, term, kind, out);
    }
    host_bits(cx, (term, at), address.into(), network.into(), out);
    Some(network.into())
}

fn is_mapped(address: Ipv6Addr, prefix: u8) -> bool {
    prefix >= 96 && address.to_ipv4_mapped().is_some()
}

fn mapped(cx: &Context<'_>, term: Span, address: Ipv6Addr, prefix: u8, out: &mut Findings) {
    let found = out.report(&MAPPED, cx.at(term)).quote("term");
    let Some(address) = address.to_ipv4_mapped() else { return };
    let text = cx.text(term);
    let (qualifier, _) = split_qualifiers(text);
    let ip4 = match prefix {
        128 => format!("{qualifier}ip4:{address}"),
        _ => format!("{qualifier}ip4:{address}/{}", prefix - 96),
    };
    // `::ffff:0:0/96` is all of IPv4: what now matches nobody would match everybody, to pass or to refuse them.
    let is_huge = Ipv4Net::new(address, prefix - 96).is_ok_and(|network| huge::is_huge(&network.trunc().into()));
    found.fix(if is_huge {
        Fix::maybe("remove it", [edits::remove(cx, term)])
    } else {
        Fix::machine("write it as IPv4", [Edit::replace(term, ip4)])
    });
}

fn not_global(cx: &Context<'_>, term: Span, kind: &'static str, out: &mut Findings) {
    out.report(&NOT_GLOBAL, cx.at(term))
        .quote("term")
        .arg("kind", kind)
        .fix(Fix::maybe("remove it", [edits::remove(cx, term)]));
}

fn host_bits(cx: &Context<'_>, (term, at): (Span, Span), address: IpAddr, network: IpNet, out: &mut Findings) {
    if network.addr() == address {
        return;
    }
    let value = Span { start: at.start, end: term.end };
    let found = out.report(&HOST_BITS, cx.at(term)).quote("term").arg("network", network);
    // All of a family is nobody's network.
    if network.prefix_len() > 0 {
        found.fix(Fix::maybe("write the network", [Edit::replace(value, network.to_string())]));
    }
    found.fix(Fix::maybe("authorise that address only", [Edit::replace(value, address.to_string())]));
}

/// The special-purpose networks of IPv4 (IANA registry, RFC 6890) that no mail comes from.
static SPECIAL_V4: &[([u8; 4], u8, &str)] = &[
    ([0, 0, 0, 0], 8, "\"this network\" (RFC 791 §3.2)"),
    ([10, 0, 0, 0], 8, "private use (RFC 1918)"),
    ([100, 64, 0, 0], 10, "shared by carriers (RFC 6598)"),
    ([127, 0, 0, 0], 8, "loopback (RFC 1122 §3.2.1.3)"),
    ([169, 254, 0, 0], 16, "link-local (RFC 3927)"),
    ([172, 16, 0, 0], 12, "private use (RFC 1918)"),
    ([192, 0, 0, 0], 24, "protocol assignments (RFC 6890)"),
    ([192, 0, 2, 0], 24, "documentation (RFC 5737)"),
    ([192, 168, 0, 0], 16, "private use (RFC 1918)"),
    ([198, 18, 0, 0], 15, "benchmarks (RFC 2544)"),
    ([198, 51, 100, 0], 24, "documentation (RFC 5737)"),
    ([203, 0, 113, 0], 24, "documentation (RFC 5737)"),
    ([224, 0, 0, 0], 4, "multicast (RFC 5771)"),
    ([240, 0, 0, 0], 4, "reserved (RFC 1112 §4)"),
    ([224, 0, 0, 0], 3, "multicast and reserved (RFC 5771, RFC 1112 §4)"),
];

/// The same for IPv6. Outside `2000::/3` nothing is assigned for use on the Internet.
static SPECIAL_V6: &[(u128, u8, &str)] = &[
    (0xfc00 << 112, 7, "unique local (RFC 4193)"),
    (0xfe80 << 112, 10, "link-local (RFC 4291 §2.5.6)"),
    (0xff00 << 112, 8, "multicast (RFC 4291 §2.7)"),
    (0x2001_0db8 << 96, 32, "documentation (RFC 3849)"),
    (0x3fff << 112, 20, "documentation (RFC 9637)"),
    (0x2001_0002 << 96, 48, "benchmarks (RFC 5180)"),
    (1, 128, "loopback (RFC 4291 §2.5.3)"),
    (0, 3, "not assigned for use on the Internet"),
    (0x4000 << 112, 2, "not assigned for use on the Internet"),
    (0x8000 << 112, 1, "not assigned for use on the Internet"),
];

/// What a network is for, none of whose addresses mail comes from.
pub(super) fn special(network: &IpNet) -> Option<&'static str> {
    match network {
        IpNet::V4(network) => special_v4(*network),
        IpNet::V6(network) => special_v6(*network),
    }
}

fn special_v4(network: Ipv4Net) -> Option<&'static str> {
    let start = network.network().to_bits();
    SPECIAL_V4.iter().find_map(|&(first, prefix, kind)| {
        let first = u32::from_be_bytes(first);
        let within = network.prefix_len() >= prefix && (start ^ first).leading_zeros() >= u32::from(prefix);
        within.then_some(kind)
    })
}

fn special_v6(network: Ipv6Net) -> Option<&'static str> {
    let start = network.network().to_bits();
    SPECIAL_V6.iter().find_map(|&(first, prefix, kind)| {
        let within = network.prefix_len() >= prefix && (start ^ first).leading_zeros() >= u32::from(prefix);
        within.then_some(kind)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed, message};

    #[test]
    fn host_bits_may_mean_two_things() {
        assert_eq!(fixed("v=spf1 ip4:37.7.146.130/27 ?all", "spf-ip-host-bits-set"), "v=spf1 ip4:37.7.146.128/27 ?all");
        for term in ["ip4:9.9.9.9/32", "ip6:2a01:4f73:6641::104c/128", "ip4:9.9.9.0/24", "ip6:2a01::/16"] {
            assert_eq!(
                codes(&format!("v=spf1 {term} ?all"))[0],
                if term.ends_with("/16") { "spf-large-authorized-space" } else { "spf-neutral-all" },
                "{term}"
            );
        }
        assert_eq!(fixed("v=spf1 ip6:2a01::1/64 ?all", "spf-ip-host-bits-set"), "v=spf1 ip6:2a01::/64 ?all");
        assert_eq!(fixed("v=spf1 ip4:9.9.9.9/0 ?all", "spf-ip-host-bits-set"), "v=spf1 ip4:9.9.9.9 ?all");
    }

    #[test]
    fn addresses_that_are_not_on_the_internet() {
        let outside = |term: &str| codes(&format!("v=spf1 {term} ?all")).contains(&"spf-ip-not-global");
        for term in [
            "ip4:10.1.2.3",
            "ip4:172.31.0.0/16",
            "ip4:192.168.1.1",
            "ip4:100.64.0.1",
            "ip4:224.0.0.1",
            "ip4:255.255.255.255",
            "ip6:fd00::1",
            "ip6:fe80::1",
            "ip6:2001:db8::/32",
            "ip6:::1",
            "ip6:ff02::1",
            "ip6:4000::/3",
            "ip6:64:ff9b::1",
        ] {
            assert!(outside(term), "{term}");
        }
        for term in
            ["ip4:172.32.0.1", "ip4:9.9.9.9", "ip4:192.0.1.0", "ip6:2a01:db8::1", "ip6:2001:db9::", "ip4:8.0.0.0/6"]
        {
            assert!(!outside(term), "{term}");
        }
    }

    #[test]
    fn mapped_addresses_become_ipv4() {
        assert_eq!(
            fixed("v=spf1 ip6:::ffff:5.105.128.115 mx ?all", "spf-ip4-mapped-ip6"),
            "v=spf1 ip4:5.105.128.115 mx ?all"
        );
        assert_eq!(
            fixed("v=spf1 -ip6:::ffff:5.105.128.0/120 mx ?all", "spf-ip4-mapped-ip6"),
            "v=spf1 -ip4:5.105.128.0/24 mx ?all"
        );
        assert_eq!(fixed("v=spf1 mx ip6:::ffff:0:0/96 ?all", "spf-ip4-mapped-ip6"), "v=spf1 mx ?all");
        assert_eq!(fixed("v=spf1 -ip6:::ffff:0:0/96 mx ?all", "spf-ip4-mapped-ip6"), "v=spf1 mx ?all");
        assert!(!codes("v=spf1 ip6:::ffff:0:0/95 ?all").contains(&"spf-ip4-mapped-ip6"));
    }

    #[test]
    fn each_address_is_counted_once() {
        assert_eq!(
            message(
                "v=spf1 ip4:20.0.0.0/15 ip4:20.0.0.0/15 ip4:20.2.0.0/16 -ip4:21.0.0.0/8 ?all",
                "spf-large-authorized-space"
            ),
            "196608 IPv4 addresses and 0 IPv6 addresses pass"
        );
        assert!(!codes("v=spf1 ip4:20.0.0.0/16 ?all").contains(&"spf-large-authorized-space"));
    }

    /// What the addresses are is known, whoever writes them otherwise.
    #[test]
    fn huge_networks_of_a_range_are_told() {
        for (terms, told) in [("ip4:0.0.0.0-191.255.255.255", 2), ("ip4:0.0.0.0/2.ip4:64.0.0.0/2", 1)] {
            let found = crate::spf::lint_text(&format!("v=spf1 {terms} -all").as_str().into());
            let huge = found.iter().filter(|found| found.code == *"spf-pass-huge-range").count();
            assert_eq!(huge, told, "{terms}: {found:#?}");
        }
    }
}
