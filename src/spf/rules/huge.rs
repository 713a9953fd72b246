//! Networks that are a large part of all addresses.

use ipnet::IpNet;

use super::Context;
use super::ranges::HUGE;
use crate::finding::Findings;
use crate::text::Span;

/// Prefix lengths up to which a network is a large part of the family: 1/128 of IPv4, which is two /8.
const HUGE_V4: u8 = 7;
/// The largest allocations of IPv6 to one holder are /16 to /20.
const HUGE_V6: u8 = 15;

pub(super) fn network(cx: &Context<'_>, span: Span, network: &IpNet, out: &mut Findings) {
    let (family, limit) = match network {
        IpNet::V4(_) => ("IPv4", HUGE_V4),
        IpNet::V6(_) => ("IPv6", HUGE_V6),
    };
    if network.prefix_len() > limit {
        return;
    }
    out.report(&HUGE, cx.at(span)).quote("term").arg("share", share(network)).arg("family", family);
}

fn share(network: &IpNet) -> String {
    match network.prefix_len() {
        0 => "all".to_owned(),
        bits => format!("1/{} of all", 1_u32 << bits),
    }
}

/// Networks none of which is huge, and which are one that is: half of the Internet can be written as two quarters.
pub(super) fn together(cx: &Context<'_>, counts: [u128; 2], passing: &[(Span, IpNet)], out: &mut Findings) {
    if counts[0] < 1 << (32 - HUGE_V4) && counts[1] < 1 << (128 - HUGE_V6) {
        return;
    }
    let limit = |network: &IpNet| if network.addr().is_ipv4() { HUGE_V4 } else { HUGE_V6 };
    let is_huge = |network: &IpNet| network.prefix_len() <= limit(network);
    for network in IpNet::aggregate(&passing.iter().map(|(_, network)| *network).collect()) {
        let parts = || passing.iter().filter(|(_, part)| network.contains(part));
        if !is_huge(&network) || parts().any(|(_, part)| is_huge(part)) {
            continue;
        }
        let mut parts = parts().map(|(span, _)| *span);
        let Some(first) = parts.next() else { continue };
        let rest: Vec<Span> = parts.collect();
        let terms: Vec<&str> = [first].iter().chain(&rest).take(MAX_QUOTED).map(|span| cx.text(*span)).collect();
        let more = if rest.len() < MAX_QUOTED { "" } else { " …" };
        let family = if network.addr().is_ipv4() { "IPv4" } else { "IPv6" };
        let found = out.report(&HUGE, cx.at(first)).arg("term", format!("{}{more}", terms.join(" ")));
        found.arg("share", share(&network)).arg("family", family);
        for span in rest {
            found.related(cx.at(span).with("the rest of it"));
        }
    }
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
        for term in ["-ip4:0.0.0.0/0", "ip4:17.0.0.0/8", "ip4:6.0.0.0/8 ip4:8.0.0.0/8"] {
            assert!(!codes(&format!("v=spf1 {term} ?all")).contains(&"spf-pass-huge-range"), "{term}");
        }
    }
}
