use super::super::tests::{keeps_quiet, tells};

#[test]
fn addresses() {
    tells("v=spf1 ip4:2001:db8::1/64 -all", "spf-ip4-holds-ipv6", "v=spf1 ip6:2001:db8::1/64 -all");
    tells("v=spf1 ip6:192.0.2.1 -all", "spf-ip6-holds-ipv4", "v=spf1 ip4:192.0.2.1 -all");
    tells("v=spf1 ip6:[2001:db8::1] -all", "spf-ip6-brackets-or-zone", "v=spf1 ip6:2001:db8::1 -all");
    tells("v=spf1 ip6:fe80::1%eth0 -all", "spf-ip6-brackets-or-zone", "v=spf1 ip6:fe80::1 -all");
    tells("v=spf1 ip4:192.0.2.1:587 ~all", "spf-ip-with-port", "v=spf1 ip4:192.0.2.1 ~all");
    tells("v=spf1 ip6:[2001:db8::1]:25 ~all", "spf-ip-with-port", "v=spf1 ip6:2001:db8::1 ~all");
    tells("v=spf1 ip4:http://192.0.2.1/ ~all", "spf-ip-with-port", "v=spf1 ip4:192.0.2.1 ~all");
    tells("v=spf1 ip4:smtp.x.example -all", "spf-ip-is-hostname", "v=spf1 a:smtp.x.example -all");
    tells("v=spf1 ip4:192.0.2.01 -all", "spf-ip4-leading-zero", "v=spf1 ip4:192.0.2.1 -all");
    tells("v=spf1 ip4:192.0.2.0/027 -all", "spf-ip4-leading-zero", "v=spf1 ip4:192.0.2.0/27 -all");
    tells("v=spf1 ip4:192.0.2/24 -all", "spf-ip4-invalid", "v=spf1 ip4:192.0.2.0/24 -all");
    tells("v=spf1 ip4:192.0.2. -all", "spf-ip4-invalid", "v=spf1 ip4:192.0.2.0/24 -all");
    tells("v=spf1 ip4:192.0.2.1. -all", "spf-ip4-invalid", "v=spf1 ip4:192.0.2.1 -all");
    tells("v=spf1 ip4:ip4:192.0.2.1 -all", "spf-ip4-invalid", "v=spf1 ip4:192.0.2.1 -all");
    tells("v=spf1 ip4:mx:x.example -all", "spf-ip4-invalid", "v=spf1 mx:x.example -all");
    tells("v=spf1 ip4:5.6.7.8:5.6.7.9/31 -all", "spf-ip4-invalid", "v=spf1 ip4:5.6.7.8 ip4:5.6.7.9/31 -all");
    tells("v=spf1 ip4:5.6.7:5.6.7.9 -all", "spf-ip4-invalid", "v=spf1 ip4:5.6.7:5.6.7.9 -all");
    tells("v=spf1 ip4:999.1.1.1 -all", "spf-ip4-invalid", "v=spf1 ip4:999.1.1.1 -all");
    tells("v=spf1 ip6:2001:db8:::1 -all", "spf-ip6-invalid", "v=spf1 ip6:2001:db8:::1 -all");
    tells("v=spf1 ip4:%{i} -all", "spf-macro-in-ip", "v=spf1 ip4:%{i} -all");
}

/// What stands for an address is no host: with `a:` in front of it the record would be valid, and let nobody send.
#[test]
fn placeholders() {
    for address in ["xxx.xxx.xxx.xxx", "x.x.x.x", "a.b.c.d", "198.51.xxx.xxx", "YOUR.SERVER.IP", "your.address"] {
        let text = format!("v=spf1 ip4:{address} mx ~all");
        tells(&text, "spf-ip4-invalid", &text);
        keeps_quiet(&text, "spf-ip-is-hostname");
    }
    for address in ["x.x.x.x", "your.ip"] {
        let text = format!("v=spf1 ip6:{address} mx ~all");
        tells(&text, "spf-ip6-invalid", &text);
        keeps_quiet(&text, "spf-ip-is-hostname");
    }
    for host in ["xx.yy.example", "ip.mail.example.com", "a.b.c.de"] {
        tells(&format!("v=spf1 ip4:{host} ~all"), "spf-ip-is-hostname", &format!("v=spf1 a:{host} ~all"));
    }
}

#[test]
fn ranges() {
    let code = "spf-ip-range-dash";
    tells("v=spf1 ip4:192.0.2.* ~all", code, "v=spf1 ip4:192.0.2.0/24 ~all");
    tells("v=spf1 ip4:192.0.*.* ~all", code, "v=spf1 ip4:192.0.0.0/16 ~all");
    tells("v=spf1 ip4:192.0.2.0/255.255.255.0 ~all", code, "v=spf1 ip4:192.0.2.0/24 ~all");
    tells("v=spf1 ip4:192.0.2.8-192.0.2.15 ~all", code, "v=spf1 ip4:192.0.2.8/29 ~all");
    tells("v=spf1 ip4:192.0.2.87-96 ~all", code, "v=spf1 ip4:192.0.2.87 ip4:192.0.2.88/29 ip4:192.0.2.96 ~all");
    tells("v=spf1 ip4:192.0.2.0/255.0.255.0 ~all", code, "v=spf1 ip4:192.0.2.0/255.0.255.0 ~all");
}
