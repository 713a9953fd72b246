//! Networks that are a large part of all addresses.

use ipnet::IpNet;

use super::ranges::{HUGE, special};
use super::{Context, exists, ranges};
use crate::finding::{Diagnostic, Findings};
use crate::order::sort_by_key;
use crate::spf::networks::united;
use crate::spf::{Directive, Mechanism, Qualifier};
use crate::text::Span;

/// Prefix lengths up to which a network is a large part of the family: 1/128 of IPv4, which is two /8.
const HUGE_V4: u8 = 7;
/// The largest allocations of IPv6 to one holder are /16 to /20.
const HUGE_V6: u8 = 15;

/// Whether a network is a large part of the addresses that mail can come from.
pub(super) fn is_huge(network: &IpNet) -> bool {
    // `fc00::/7` is wide, and nobody on the Internet has an address in it.
    network.prefix_len() <= limit(network) && special(network).is_none()
}

fn limit(network: &IpNet) -> u8 {
    if network.addr().is_ipv4() { HUGE_V4 } else { HUGE_V6 }
}

/// The prefix length of the widest network that `count` addresses of `network` could fill, if that is huge.
pub(super) fn bits_of(network: &IpNet, count: u128) -> Option<u8> {
    let size = ranges::size(network);
    // A few that are refused are no reason to call it half.
    if count >= size - size / 128 {
        return Some(network.prefix_len());
    }
    let bits = network.max_prefix_len() - u8::try_from(count.checked_ilog2()?).ok()?;
    (bits <= limit(network)).then_some(bits)
}

/// Whether a term of `text` passes so many that nobody should be told to put it into force.
pub(super) fn opens(text: &str, directive: &Directive) -> bool {
    directive.qualifier == Qualifier::Pass
        && match directive.mechanism {
            Mechanism::All => true,
            Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => ranges::network(directive).is_some_and(|n| is_huge(&n)),
            Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => cidr.v4 <= HUGE_V4 || cidr.v6 <= HUGE_V6,
            Mechanism::Exists(spec) => exists::is_static(text, spec),
            Mechanism::Include(_) | Mechanism::Ptr { .. } => false,
        }
}

/// What part of its family a network is, by its prefix length.
fn share(bits: u8) -> String {
    match bits {
        0 => "all".to_owned(),
        bits => format!("1/{} of all", 1_u32 << bits),
    }
}

/// Tells of the passing networks of a record that are huge, each alone or only together.
pub(super) fn check(cx: &Context<'_>, counts: [u128; 2], passing: &[(Span, IpNet)], out: &mut Findings) {
    if counts[0] < 1 << (32 - HUGE_V4) && counts[1] < 1 << (128 - HUGE_V6) {
        return;
    }
    let global = passing.iter().map(|(_, network)| *network).filter(|network| special(network).is_none());
    let merged = united(global);
    for (span, network) in passing.iter().filter(|(_, network)| is_huge(network)) {
        tell(cx, &[*span], network.prefix_len(), network, out);
    }
    together(cx, &merged, passing, out);
}

/// Networks none of which is huge, and which are one that is: half of the Internet can be written as two quarters.
fn together(cx: &Context<'_>, merged: &[IpNet], passing: &[(Span, IpNet)], out: &mut Findings) {
    // They are in order, and what contains a network comes before it.
    let whole = |part: &IpNet| {
        let at = merged.partition_point(|whole| whole <= part).checked_sub(1)?;
        (merged[at].contains(part) && is_huge(&merged[at])).then_some(at)
    };
    let mut parts: Vec<(usize, &(Span, IpNet))> =
        passing.iter().filter_map(|part| Some((whole(&part.1)?, part))).collect();
    sort_by_key(&mut parts, |(whole, _)| *whole);
    for parts in parts.chunk_by(|a, b| a.0 == b.0) {
        let network = &merged[parts[0].0];
        if !parts.iter().any(|(_, (_, part))| is_huge(part)) {
            let terms: Vec<Span> = parts.iter().map(|(_, (span, _))| *span).collect();
            tell(cx, &terms, network.prefix_len(), network, out);
        }
    }
}

/// Tells that `terms` pass a network of which 1/2^`bits` of all is passed.
pub(super) fn tell<'o>(
    cx: &Context<'_>,
    terms: &[Span],
    bits: u8,
    network: &IpNet,
    out: &'o mut Findings,
) -> Option<&'o mut Diagnostic> {
    let (first, rest) = terms.split_first()?;
    let shown = |span: &Span| cx.record.source().visible(*span).to_string();
    let mut quoted = shown(first);
    for span in rest.iter().take(MAX_QUOTED - 1) {
        quoted = quoted + " " + &shown(span);
    }
    if terms.len() > MAX_QUOTED {
        quoted += " …";
    }
    let found = out.report(&HUGE, cx.at(*first)).arg("term", quoted);
    let family = if network.addr().is_ipv4() { "IPv4" } else { "IPv6" };
    found.arg("share", share(bits)).arg("family", family);
    for span in rest {
        found.related(cx.at(*span).with("the rest of it"));
    }
    Some(found)
}

/// Terms that a message quotes; it points at all of them.
const MAX_QUOTED: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, message};
    use crate::finding::{Effect, Severity};

    #[test]
    fn large_parts_of_the_internet() {
        assert_eq!(
            message("v=spf1 mx ip6:::/0 ?all", "spf-pass-huge-range"),
            "`ip6:::/0` authorises all IPv6 addresses"
        );
        assert_eq!(
            message("v=spf1 ip4:0.0.0.0/1 ?all", "spf-pass-huge-range"),
            "`ip4:0.0.0.0/1` authorises 1/2 of all IPv4 addresses"
        );
        let text = "v=spf1 ip4:6.0.0.0/8 mx ip4:7.0.0.0/8 -all";
        assert_eq!(
            message(text, "spf-pass-huge-range"),
            "`ip4:6.0.0.0/8 ip4:7.0.0.0/8` authorises 1/128 of all IPv4 addresses"
        );
        let found = crate::spf::lint_text(&text.into());
        let huge: Vec<_> = found.iter().filter(|found| found.code == *"spf-pass-huge-range").collect();
        assert_eq!(huge.len(), 1);
        assert_eq!((huge[0].severity, huge[0].effect), (Severity::Error, Effect::PassForEveryone));
        assert_eq!(
            codes("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ?all")
                .iter()
                .filter(|code| **code == "spf-pass-huge-range")
                .count(),
            2
        );
        for term in [
            "-ip4:0.0.0.0/0",
            "ip4:17.0.0.0/8",
            "ip4:6.0.0.0/8 ip4:8.0.0.0/8",
            "ip6:fc00::/7",
            "ip4:224.0.0.0/4 ip4:240.0.0.0/4",
        ] {
            assert!(!codes(&format!("v=spf1 {term} ?all")).contains(&"spf-pass-huge-range"), "{term}");
        }
    }
}
