//! The addresses of `ip4` and `ip6` (RFC 7208 §5.6).

#[cfg(test)]
mod tests;
mod written;

use std::net::{Ipv4Addr, Ipv6Addr};

use self::written::{
    find_scheme, is_host, is_nearly_ipv4, is_placeholder, networks_of_range, prefix_of_mask, wildcard, with_port,
    without_zeros,
};
use super::mechanisms::{another_term, family, meant};
use super::unknown::{Claim, Unknown, is_term};
use super::{cidr, sure_if};
use crate::finding::{Diagnostic, Edit, Findings, Fix, Rule, rules};

rules! {
    /// # `ip4` without a good IPv4 address
    ///
    /// `ip4` takes a dotted quad: four numbers from 0 to 255. A short form or another text is a permerror for the whole record.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.0/24 -all
    /// ```
    IP4_INVALID = "spf-ip4-invalid", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is not an IPv4 address";

    /// # A leading zero in an address or prefix length
    ///
    /// Numbers in a record have no leading zeros. Some programs read such numbers as octal; receivers answer permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113.07 ip4:198.51.100.0/024 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 ip4:198.51.100.0/24 -all
    /// ```
    IP4_LEADING_ZERO = "spf-ip4-leading-zero", Error, Permerror, ["RFC 7208 §12"],
        "`{value}` has a leading zero";

    /// # An IPv6 address in `ip4`
    ///
    /// `ip4` takes IPv4 addresses only; the address here needs `ip6`. As it stands the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:2001:db8::25 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip6:2001:db8::25 -all
    /// ```
    IP4_HOLDS_IPV6 = "spf-ip4-holds-ipv6", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is an IPv6 address and belongs in `ip6`";

    /// # An IPv4 address in `ip6`
    ///
    /// `ip6` takes IPv6 addresses only; the address here needs `ip4`. As it stands the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip6:203.0.113.7 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 -all
    /// ```
    IP6_HOLDS_IPV4 = "spf-ip6-holds-ipv4", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is an IPv4 address and belongs in `ip4`";

    /// # `ip6` without a good IPv6 address
    ///
    /// `ip6` takes an address of eight groups of hexadecimal digits, or fewer with one `::`. Anything else is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip6:2001:db8:::1 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip6:2001:db8::1 -all
    /// ```
    IP6_INVALID = "spf-ip6-invalid", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is not an IPv6 address";

    /// # Brackets or a zone in an IPv6 address
    ///
    /// Brackets around an address belong into URLs and mail addresses, a zone such as `%eth0` into one machine. In a record both are a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip6:[2001:db8::25] -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip6:2001:db8::25 -all
    /// ```
    IP6_BRACKETS_OR_ZONE = "spf-ip6-brackets-or-zone", Error, Permerror, ["RFC 7208 §12"],
        "`{value}` is not a plain address: in a record it has neither brackets nor a zone";

    /// # A range, wildcard or netmask in place of a prefix length
    ///
    /// Networks are written as an address and the number of leading bits that count, `203.0.113.0/24`. Ranges with a dash, `*` and netmasks
    /// are unknown to SPF and make the record a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113.* ip4:198.51.100.0/255.255.255.0 ip4:192.0.2.8-192.0.2.15 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/24 ip4:192.0.2.8/29 -all
    /// ```
    IP_RANGE_DASH = "spf-ip-range-dash", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is not a network in CIDR form";

    /// # A port or URL in an address
    ///
    /// SPF is about addresses; a port number or a URL is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113.7:25 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 -all
    /// ```
    IP_WITH_PORT = "spf-ip-with-port", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is more than an address: a record holds no ports and no URLs";

    /// # A host name in `ip4` or `ip6`
    ///
    /// `ip4` and `ip6` take addresses. A host is named with `a:`; as it stands the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:mail.example.com -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a:mail.example.com -all
    /// ```
    IP_IS_HOSTNAME = "spf-ip-is-hostname", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is a host name and not an address";

    /// # A macro in `ip4` or `ip6`
    ///
    /// Macros are expanded in domain names only. In an address they are a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:%{i} -all
    /// ```
    ///
    /// To ask the DNS about the client's address, use `exists`:
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.com -all
    /// ```
    MACRO_IN_IP = "spf-macro-in-ip", Error, Permerror, ["RFC 7208 §5.6"],
        "`{value}` is a macro, and `ip4` and `ip6` take addresses only";
}

/// A term `ip4` or `ip6` that cannot be read.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if !(term.is("ip4") || term.is("ip6")) {
        return Claim::No;
    }
    let told = out.as_slice().len();
    Value::new(term).check(out);
    // Something is wrong, since the parser could not read it.
    if out.as_slice().len() == told {
        invalid(term, out);
    }
    Claim::Told
}

/// What stands behind `ip4:` or `ip6:`.
struct Value<'a> {
    term: &'a Unknown<'a>,
    v4: bool,
    /// Up to the first slash.
    address: &'a str,
    /// The slash and what follows.
    suffix: &'a str,
}

impl<'a> Value<'a> {
    fn new(term: &'a Unknown<'a>) -> Self {
        let at = term.value.find('/').unwrap_or(term.value.len());
        let (address, suffix) = term.value.split_at(at);
        Self { term, v4: term.is("ip4"), address, suffix }
    }

    fn check(&self, out: &mut Findings) {
        let term = self.term;
        let value = term.value;
        if term.separator != ":" || value.is_empty() {
            invalid(term, out);
        } else if value.contains('%') && value.contains("%{") {
            self.report(&MACRO_IN_IP, value, out);
        } else if let Some(at) = find_scheme(value) {
            self.url(at, out);
        } else if self.v4 && self.address.contains(':') && self.address.parse::<Ipv6Addr>().is_ok() {
            self.other_family(&IP4_HOLDS_IPV6, "ip6", out);
        } else if !self.v4 && self.address.parse::<Ipv4Addr>().is_ok() {
            self.other_family(&IP6_HOLDS_IPV4, "ip4", out);
        } else if !self.list(out) && !self.range(out) {
            self.address(out);
            cidr::of_address(term, self.suffix, self.v4, out);
        }
    }

    fn report<'o>(&self, rule: &'static Rule, part: &str, out: &'o mut Findings) -> &'o mut Diagnostic {
        out.report(rule, self.term.cx.at(self.term.span_of(part))).quote("value")
    }

    fn url(&self, at: usize, out: &mut Findings) {
        let value = self.term.value;
        let host = value[at + 3..].split('/').next().unwrap_or_default();
        let fix = self.replaced(value, host);
        let found = self.report(&IP_WITH_PORT, value, out);
        if family(host).is_some() || host.contains('.') {
            found.fix(fix);
        }
    }

    /// `part` replaced, as sure as the term can be read afterwards.
    fn replaced(&self, part: &str, text: &str) -> Fix {
        let span = self.term.span_of(part);
        let in_term = span.start - self.term.span.start;
        let term = self.term.text;
        let repaired = format!("{}{text}{}", &term[..in_term as usize], &term[in_term as usize + part.len()..]);
        Fix::edit(format!("write `{text}`"), [Edit::replace(span, text)], sure_if(is_term(&repaired)))
    }

    fn other_family(&self, rule: &'static Rule, mechanism: &str, out: &mut Findings) {
        let fix = self.replaced(self.term.name, mechanism);
        self.report(rule, self.address, out).fix(fix);
    }

    /// `192.0.2.1:192.0.2.2`
    fn list(&self, out: &mut Findings) -> bool {
        let value = self.term.value;
        if !self.v4 || !value.contains(':') || !value.split(':').all(|one| family(one) == Some("ip4")) {
            return false;
        }
        let text = value.replace(':', &format!(" {}{}:", self.term.qualifier, self.term.name));
        // Two addresses may be the ends of a range.
        let fix = Fix::maybe(format!("write `{text}`"), [Edit::replace(self.term.span_of(value), text)]);
        self.report(&IP4_INVALID, value, out).fix(fix);
        true
    }

    /// Ranges, wildcards and netmasks.
    fn range(&self, out: &mut Findings) -> bool {
        let value = self.term.value;
        let networks = if let Some(mask) = self.suffix.strip_prefix('/').filter(|mask| mask.contains('.')) {
            let Ok(mask) = mask.parse::<Ipv4Addr>() else { return false };
            let length = prefix_of_mask(mask);
            length.map(|length| vec![format!("{}/{length}", self.address)])
        } else if let Some((first, last)) = self.address.split_once('-').filter(|_| self.v4) {
            if !first.starts_with(|c: char| c.is_ascii_digit()) || !last.starts_with(|c: char| c.is_ascii_digit()) {
                return false;
            }
            networks_of_range(first, last)
        } else if self.address.contains('*') {
            wildcard(self.address).map(|network| vec![network])
        } else {
            return false;
        };
        let edit = networks.map(|networks| {
            let separator = format!(" {}{}:", self.term.qualifier, self.term.name);
            let text = networks.join(&separator);
            let qualifier = self.term.qualifier;
            let good = networks.iter().all(|network| is_term(&format!("{qualifier}ip4:{network}")));
            Fix::edit(format!("write `{text}`"), [Edit::replace(self.term.span_of(value), text)], sure_if(good))
        });
        let found = self.report(&IP_RANGE_DASH, value, out);
        if let Some(fix) = edit {
            found.fix(fix);
        }
        true
    }

    /// The address itself; its prefix length is looked at apart from it.
    fn address(&self, out: &mut Findings) {
        let inner = self.address.trim_matches(['[', ']']);
        let good =
            |text: &str| if self.v4 { text.parse::<Ipv4Addr>().is_ok() } else { text.parse::<Ipv6Addr>().is_ok() };
        if good(self.address) {
            return;
        }
        let bracketed = self.address.starts_with('[');
        if let Some((address, port)) =
            with_port(self.address).filter(|(address, _)| good(address.trim_matches(['[', ']'])))
        {
            let fix = self.replaced(self.address, address.trim_matches(['[', ']']));
            self.report(&IP_WITH_PORT, port, out).arg("value", self.address).fix(fix);
            return;
        }
        if bracketed && good(inner) {
            let fix = self.replaced(self.address, inner);
            self.report(if self.v4 { &IP4_INVALID } else { &IP6_BRACKETS_OR_ZONE }, self.address, out).fix(fix);
        } else if let Some((address, _)) = inner.split_once('%').filter(|(address, _)| !self.v4 && good(address)) {
            let fix = self.replaced(self.address, address);
            self.report(&IP6_BRACKETS_OR_ZONE, self.address, out).fix(fix);
        } else if let Some(decimal) = without_zeros(self.address).filter(|_| self.v4) {
            let octal = self
                .address
                .split('.')
                .any(|n| n.len() > 1 && n.starts_with('0') && n.trim_start_matches('0').len() > 1);
            let mut fix = self.replaced(self.address, &decimal);
            fix.applicability = fix.applicability.max(sure_if(!octal));
            self.report(&IP4_LEADING_ZERO, self.address, out).fix(fix);
        } else if is_placeholder(self.address) {
            let rule = if self.v4 { &IP4_INVALID } else { &IP6_INVALID };
            self.report(rule, self.address, out).label("the address was to be filled in here");
        } else if is_host(self.address) && !is_nearly_ipv4(self.address) {
            self.host(out);
        } else if self.v4 {
            let fix = self.completed();
            let found = self.report(&IP4_INVALID, self.address, out);
            fix.map(|fix| found.fix(fix));
        } else {
            self.report(&IP6_INVALID, self.address, out);
        }
    }

    /// `ip4:mail.example.com`
    fn host(&self, out: &mut Findings) {
        let place = self.term.span_of(self.term.name);
        let good = is_term(&format!("{}a:{}{}", self.term.qualifier, self.address, self.suffix));
        self.report(&IP_IS_HOSTNAME, self.address, out).fix(Fix::edit(
            "write `a:`",
            [Edit::replace(place, "a")],
            sure_if(good),
        ));
    }

    /// `192.0.2/24` is `192.0.2.0/24`, and `192.0.2` probably too.
    fn completed(&self) -> Option<Fix> {
        let stem = self.address.trim_end_matches('.');
        if stem.len() < self.address.len() && stem.parse::<Ipv4Addr>().is_ok() {
            return Some(self.replaced(self.address, stem));
        }
        let octets = stem.split('.').count();
        if !(1..4).contains(&octets) || !stem.split('.').all(|octet| octet.parse::<u8>().is_ok()) {
            // `ip4:ip4:192.0.2.1`
            if let Some(fix) = another_term(self.term) {
                return Some(fix);
            }
            let (name, rest) = self.term.value.split_once(':')?;
            let is_name = meant(name, rest) == Some("ip4");
            return (is_name && is_term(&format!("ip4:{rest}"))).then(|| self.replaced(self.term.value, rest));
        }
        let address = format!("{stem}{}", ".0".repeat(4 - octets));
        if self.suffix.is_empty() {
            if octets < 2 {
                return None;
            }
            let mut fix = self.replaced(self.address, &format!("{address}/{}", octets * 8));
            fix.applicability = sure_if(false);
            return Some(fix);
        }
        Some(self.replaced(self.address, &address))
    }
}

fn invalid(term: &Unknown<'_>, out: &mut Findings) {
    let rule = if term.is("ip4") { &IP4_INVALID } else { &IP6_INVALID };
    let span = if term.value.is_empty() { term.span } else { term.span_of(term.value) };
    out.report(rule, term.cx.at(span)).quote("value");
}
