//! How people write addresses: with a port, with zeros in front, as a range.

use std::net::Ipv4Addr;

use ipnet::Ipv4Subnets;

use super::is_term;

/// Four labels, most of them numbers: `192.0.2.1a` is an address mistyped, and no host.
pub(super) fn is_nearly_ipv4(address: &str) -> bool {
    let is_number = |label: &&str| label.bytes().all(|b| b.is_ascii_digit());
    address.split('.').count() == 4 && address.split('.').filter(is_number).count() == 3
}

/// What instructions have in the place of an address: `x.x.x.x`, `203.0.xxx.xxx`, `YOUR.SERVER.IP`.
pub(super) fn is_placeholder(address: &str) -> bool {
    let is_number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    let is_filler = |label: &str| {
        let first = label.bytes().next().filter(u8::is_ascii_alphabetic);
        first.is_some_and(|first| label.len() <= 3 && label.bytes().all(|b| b == first))
    };
    let stands_for_octets = address.split('.').count() == 4
        && address.split('.').any(is_filler)
        && address.split('.').all(|label| is_number(label) || is_filler(label));
    // No name ends so.
    let last = address.rsplit('.').next().unwrap_or_default();
    stands_for_octets || ["ip", "ipv4", "address"].iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Where `://` is: to look for its colon first costs a tenth.
pub(super) fn find_scheme(value: &str) -> Option<usize> {
    value.contains(':').then(|| value.find("://"))?
}

/// `192.0.2.1:25`, `[2001:db8::1]:25`
pub(super) fn with_port(text: &str) -> Option<(&str, &str)> {
    let (address, port) = text.rsplit_once(':')?;
    let whole = address.parse::<Ipv4Addr>().is_ok() || address.starts_with('[') && address.ends_with(']');
    (whole && !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()))
        .then(|| (address, &text[address.len()..]))
}

pub(super) fn without_zeros(text: &str) -> Option<String> {
    let octets: Vec<&str> = text.split('.').collect();
    let digits = octets.iter().all(|octet| !octet.is_empty() && octet.bytes().all(|b| b.is_ascii_digit()));
    if octets.len() != 4 || !digits {
        return None;
    }
    let numbers: Option<Vec<String>> =
        octets.iter().map(|octet| octet.parse::<u8>().ok().map(|n| n.to_string())).collect();
    numbers.map(|numbers| numbers.join(".")).filter(|decimal| decimal != text)
}

pub(super) fn is_host(text: &str) -> bool {
    text.contains('.')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !text.contains(':')
        && is_term(&format!("a:{text}"))
}

/// The prefix length of a netmask whose ones come first.
pub(super) fn prefix_of_mask(mask: Ipv4Addr) -> Option<u32> {
    let bits = u32::from(mask);
    let ones = bits.leading_ones();
    (bits.count_ones() == ones).then_some(ones)
}

/// The networks that are exactly a range; `last` may be only the last octets. None if they are too many to be read.
pub(super) fn networks_of_range(first: &str, last: &str) -> Option<Vec<String>> {
    const MAX: usize = 8;
    let first: Ipv4Addr = first.parse().ok()?;
    let kept = 4usize.checked_sub(last.split('.').count())?;
    let head: String = first.octets()[..kept].iter().map(|octet| format!("{octet}.")).collect();
    let last: Ipv4Addr = format!("{head}{last}").parse().ok()?;
    if last < first {
        return None;
    }
    let networks: Vec<_> = Ipv4Subnets::new(first, last, 0).take(MAX + 1).collect();
    let text = |net: &ipnet::Ipv4Net| if net.prefix_len() == 32 { net.addr().to_string() } else { net.to_string() };
    (networks.len() <= MAX).then(|| networks.iter().map(text).collect())
}

/// `192.0.2.*` is `192.0.2.0/24`.
pub(super) fn wildcard(text: &str) -> Option<String> {
    let stem = text.trim_end_matches(['*', '.']);
    let octets = stem.split('.').count();
    if !(1..4).contains(&octets) || !stem.split('.').all(|octet| octet.parse::<u8>().is_ok()) {
        return None;
    }
    Some(format!("{stem}{}/{}", ".0".repeat(4 - octets), octets * 8))
}
