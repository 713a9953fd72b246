//! IP addresses that no public network has.

use std::net::IpAddr;

/// Whether no public network has the address: loopback, unspecified, link-local, RFC 1918, RFC 4193, and what a provider has behind its
/// NAT (RFC 6598 §7).
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_behind_nat = a == 100 && b & 0xc0 == 64;
            ip.is_private() || ip.is_loopback() || ip.is_unspecified() || ip.is_link_local() || is_behind_nat
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_at_home() {
        for (ip, expected) in [
            ("10.1.2.3", true),
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("169.254.1.1", true),
            ("100.64.0.1", true),
            ("100.127.255.255", true),
            ("100.63.0.1", false),
            ("100.128.0.1", false),
            ("192.0.2.1", false),
            ("::ffff:192.168.1.1", true),
            ("::1", true),
            ("::", true),
            ("fe80::1", true),
            ("fd00::1", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(ip.parse().unwrap()), expected, "{ip}");
        }
    }
}
