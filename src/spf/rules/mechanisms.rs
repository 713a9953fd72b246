//! Names of mechanisms (RFC 7208 §5), and what stands where one should.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::spelling::is_near;
use super::unknown::{Claim, Unknown, is_term};
use super::version::starts_with;
use super::{misspelt_all, size, sure_if};
use crate::Name;
use crate::finding::{Edit, Findings, Fix, Rule, rules};
use crate::spf::SyntaxErrorKind;
use crate::text::Span;

rules! {
    /// # A term that is not a mechanism
    ///
    /// SPF has eight mechanisms: `all`, `include`, `a`, `mx`, `ptr`, `ip4`, `ip6` and `exists`. Any other name without `=` is a
    /// permerror, and then the whole record is worth nothing.
    ///
    /// ```spf bad
    /// v=spf1 dkim:example.net -all
    /// ```
    ///
    /// Take the term out, or use the mechanism that says what was meant:
    ///
    /// ```spf good
    /// v=spf1 include:example.net -all
    /// ```
    UNKNOWN_MECHANISM = "spf-unknown-mechanism", Error, Permerror, ["RFC 7208 §4.6.1", "RFC 7208 §12"],
        "`{name}` is not a mechanism";

    /// # A mechanism that is misspelt
    ///
    /// The name is nearly that of a mechanism. Receivers do not guess: an unknown mechanism is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ipv4:203.0.113.7 inlcude:_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 include:_spf.example.net -all
    /// ```
    MECHANISM_TYPO = "spf-mechanism-typo", Error, Permerror, ["RFC 7208 §12"],
        "`{name}` is not a mechanism; `{meant}` was probably meant";

    /// # An address without `ip4:` or `ip6:`
    ///
    /// An address alone is not a term. Receivers cannot read it, and the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 203.0.113.7 2001:db8::25 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7 ip6:2001:db8::25 -all
    /// ```
    BARE_IP = "spf-bare-ip", Error, Permerror, ["RFC 7208 §5.6"],
        "`{term}` is an address without `{meant}:` in front of it";

    /// # A domain name without a mechanism
    ///
    /// A name alone is not a term. It must say what is asked of it: `include:` for the record of a sending service,
    /// `a:` for a host's own addresses.
    ///
    /// ```spf bad
    /// v=spf1 _spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    BARE_DOMAIN = "spf-bare-domain", Error, Permerror, ["RFC 7208 §12"],
        "`{term}` is a name without a mechanism such as `include:` or `a:` in front of it";

    /// # `all` with an argument
    ///
    /// `all` matches everybody and takes nothing behind it. With an argument the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 mx -all:example.net
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    ALL_WITH_ARGUMENT = "spf-all-with-argument", Error, Permerror, ["RFC 7208 §5.1"],
        "`all` takes no argument, and here it has `{argument}`";

    /// # `include` without a domain
    ///
    /// `include` needs the domain whose record is asked: `include:_spf.example.net`. Without one the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 include: -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    INCLUDE_MISSING_DOMAIN = "spf-include-missing-domain", Error, Permerror, ["RFC 7208 §5.2"],
        "`{term}` does not say which domain to include";

    /// # `exists` without a domain
    ///
    /// `exists` needs a name, usually one with macros: `exists:%{i}._spf.example.net`. Without one the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 exists -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 exists:%{i}._spf.example.net -all
    /// ```
    EXISTS_MISSING_DOMAIN = "spf-exists-missing-domain", Error, Permerror, ["RFC 7208 §5.7"],
        "`{term}` does not say which name to look up";

    /// # `a:`, `mx:` or `ptr:` with nothing behind the colon
    ///
    /// Without a colon these mechanisms mean the domain itself. With a colon a domain must follow, or the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 a: mx:/24 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a mx/24 -all
    /// ```
    A_MX_EMPTY_DOMAIN = "spf-a-mx-empty-domain", Error, Permerror, ["RFC 7208 §5.3", "RFC 7208 §5.4", "RFC 7208 §5.5"],
        "`{term}` has a colon and no domain behind it";
}

/// The mechanisms, the longest names first so that `a` does not win over `all`.
pub(super) const NAMES: [&str; 8] = ["include", "exists", "all", "ip4", "ip6", "ptr", "mx", "a"];

pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    match term.error.kind {
        SyntaxErrorKind::UnexpectedArgument => all_with_argument(term, out),
        SyntaxErrorKind::MissingDomain => missing_domain(term, out),
        SyntaxErrorKind::UnknownMechanism => unknown_mechanism(term, out),
        _ => Claim::No,
    }
}

/// What is left when no other rule knows better.
pub(super) fn not_known(term: &Unknown<'_>, out: &mut Findings) {
    let span = if term.name.is_empty() { term.span } else { term.span_of(term.name) };
    out.report(&UNKNOWN_MECHANISM, term.cx.at(span)).quote("name");
}

fn all_with_argument(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let argument = term.span_of(&term.unqualified()[term.name.len()..]);
    let found = out.report(&ALL_WITH_ARGUMENT, term.cx.at(argument)).quote("argument");
    // `all:-`: with its qualifier thrown away it would pass everyone.
    if let Some(all) = misspelt_all::qualified(term.value).filter(|_| term.qualifier.is_empty()) {
        // `all:mail.x.example~`: a sender may have been meant, and would be thrown away.
        let sure = sure_if(term.value.len() == 1);
        found.fix(Fix::edit(format!("write `{all}`"), [Edit::replace(term.span, all)], sure));
    } else {
        found.fix(Fix::maybe("write `all` alone", [Edit::delete(argument)]));
    }
    Claim::Told
}

fn missing_domain(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let rule: &'static Rule = match term.name.to_ascii_lowercase().as_str() {
        "include" => &INCLUDE_MISSING_DOMAIN,
        "exists" => &EXISTS_MISSING_DOMAIN,
        "a" | "mx" | "ptr" => &A_MX_EMPTY_DOMAIN,
        _ => return Claim::No,
    };
    let found = out.report(rule, term.cx.at(term.span)).quote("term");
    if rule.code == A_MX_EMPTY_DOMAIN.code {
        let without = format!("{}{}{}", term.qualifier, term.name, term.value);
        let edits = [Edit::delete(term.span_of(term.separator))];
        // `a:/24` can only mean `a/24`; behind `a:` a name may have been forgotten.
        found.fix(Fix::edit("take the colon out", edits, sure_if(!term.value.is_empty() && is_term(&without))));
    }
    Claim::Told
}

fn unknown_mechanism(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    if bare_ip(term, out) || typo(term, out) || missing_colon(term, out) || bare_domain(term, out) {
        return Claim::Told;
    }
    not_known(term, out);
    Claim::Told
}

/// `192.0.2.1`, `2001:db8::1/64`
fn bare_ip(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let Some(meant) = family(term.unqualified()) else { return false };
    let span = term.span_of(term.unqualified());
    let good = is_term(&format!("{}{meant}:{}", term.qualifier, term.unqualified()));
    out.report(&BARE_IP, term.cx.at(span)).quote("term").arg("meant", meant).fix(Fix::edit(
        format!("write `{meant}:`"),
        [Edit::insert(span.start as usize, format!("{meant}:"))],
        sure_if(good),
    ));
    true
}

/// The mechanism for an address with or without a prefix length.
pub(super) fn family(text: &str) -> Option<&'static str> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    if address.parse::<Ipv4Addr>().is_ok() {
        return Some("ip4");
    }
    address.parse::<Ipv6Addr>().is_ok().then_some("ip6")
}

/// `include:ip4:192.0.2.1`, `ip4:mx:example.com`: a whole term in the place of the value, which alone was meant.
pub(super) fn another_term(term: &Unknown<'_>) -> Option<Fix> {
    if !NAMES.iter().any(|name| term.is(name)) || term.separator != ":" || !is_another_term(term.name, term.value) {
        return None;
    }
    let span = term.span_of(term.name).to(term.span_of(term.value));
    // Of an address it is clear which mechanism takes it.
    let is_address = term.value.split_once(':').is_some_and(|(_, rest)| family(rest).is_some());
    Some(Fix::edit(format!("write `{}`", term.value), [Edit::replace(span, term.value)], sure_if(is_address)))
}

/// Whether `value` is a term with a colon, and of another mechanism than `name`.
pub(super) fn is_another_term(name: &str, value: &str) -> bool {
    let is_other =
        |other: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(other)) && !other.eq_ignore_ascii_case(name);
    value.split_once(':').is_some_and(|(other, _)| is_other(other)) && is_term(value)
}

/// `ipv4:…`, `inlcude:…`
fn typo(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let Some(meant) = meant(term.name, term.value).filter(|meant| !term.is(meant)) else { return false };
    if size::stops_in_name(term.cx.record, term.index, term.text) {
        return false;
    }
    if meant == "all" && term.separator.is_empty() && term.qualifier.is_empty() {
        misspelt_all::tell(term, out);
        return true;
    }
    let span = term.span_of(term.name);
    let repaired = [term.qualifier, meant, term.separator, term.value].concat();
    out.report(&MECHANISM_TYPO, term.cx.at(span)).quote("name").arg("meant", meant).fix(Fix::edit(
        format!("write `{meant}`"),
        [Edit::replace(span, meant)],
        sure_if(is_term(&repaired)),
    ));
    true
}

/// The mechanism that a name before `value` means, misspelt or not.
pub(super) fn meant(name: &str, value: &str) -> Option<&'static str> {
    if let Some(exact) = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        return Some(exact);
    }
    let lower = name.to_ascii_lowercase();
    let by_value = || family(value.trim_matches(['[', ']']));
    match lower.as_str() {
        "ipv4" | "ip-4" | "ip_4" | "ip4v" | "ipv-4" | "ip4s" | "inet" | "inet4" | "1p4" | "lp4" => return Some("ip4"),
        "ipv6" | "ip-6" | "ip_6" | "ip6v" | "ipv-6" | "inet6" | "1p6" | "lp6" => return Some("ip6"),
        "ip" | "ips" | "ipv" | "ip5" | "addr" | "address" | "ip-address" | "ipaddress" => return by_value(),
        "incl" | "inc" | "included" | "including" => return Some("include"),
        "aii" | "al1" | "a11" | "a1l" | "ail" => return Some("all"),
        // Real words that happen to be near.
        "exp" | "exclude" | "aaaa" | "max" => return None,
        _ => {}
    }
    // One letter more or less makes `a` of too many words.
    let long_enough = NAMES.iter().filter(|known| known.len() > 2 && name.len() > 1);
    let near = long_enough.filter(|known| is_near(name, known)).min_by_key(|known| known.len().abs_diff(name.len()));
    match near.copied() {
        Some("ip4" | "ip6") => by_value(),
        Some(near) => Some(near),
        None if matches!(lower.as_str(), "xm" | "mxs" | "mxx" | "mmx" | "mx." | "m.x") => Some("mx"),
        None => None,
    }
}

/// `ip4192.0.2.1`, `ip4;192.0.2.1`, `include_spf.example.net`, `redirect._spf.example.net`
fn missing_colon(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let text = term.unqualified();
    let starts = |name: &&&str| text.len() > name.len() && starts_with(text, name);
    let Some(name) = ["include", "exists", "ip4", "ip6", "redirect"].iter().find(starts) else { return false };
    let rest = &text[name.len()..];
    let value = after_noise(rest);
    let noise = &rest[..rest.len() - value.len()];
    let address = family(value).is_some();
    if !address && may_be_a_name(name, noise, value) {
        return false;
    }
    let (sign, title) = if *name == "redirect" { ("=", "write `=`") } else { (":", "put a colon") };
    let meant = [name, sign, value].concat();
    if !is_term(&meant) {
        return false;
    }
    let start = term.span_of(rest).start as usize;
    let edit = Edit::replace(Span::new(start, start + noise.len()), sign);
    out.report(&MECHANISM_TYPO, term.cx.at(term.span_of(&text[..name.len()])))
        .arg("name", text)
        .arg("meant", &meant)
        .fix(Fix::edit(title, [edit], sure_if(address)));
    true
}

/// Whether a host could have the name that begins with that of a mechanism: `includes.example.net`. None is called `include`, and labels
/// such as `_spf` and `spf` stand at the beginning of a name.
fn may_be_a_name(mechanism: &str, noise: &str, value: &str) -> bool {
    match noise {
        _ if value.starts_with('_') => false,
        "" => !starts_with(value, "spf"),
        "." => !matches!(mechanism, "include" | "redirect"),
        _ => false,
    }
}

/// What stands behind the characters that were typed in the place of a colon. A name may begin with an underscore.
fn after_noise(text: &str) -> &str {
    let value = text.trim_start_matches([';', ',', '.', '-', '|', '"']);
    let without = value.trim_start_matches('_');
    if family(without).is_some() {
        return without;
    }
    if value.starts_with("__") { &value[1..] } else { value }
}

/// `_spf.example.net`
fn bare_domain(term: &Unknown<'_>, out: &mut Findings) -> bool {
    let text = term.unqualified();
    if !text.contains('.') || term.separator == ":" || term.separator == "=" || !is_term(&format!("a:{text}")) {
        return false;
    }
    let host = text.split('/').next().unwrap_or_default();
    if Name::parse(host).is_err() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    {
        return false;
    }
    let span = term.span_of(text);
    let service = host
        .split('.')
        .any(|label| label.eq_ignore_ascii_case("_spf") || label.to_ascii_lowercase().starts_with("spf"));
    let order = if service { ["include", "a"] } else { ["a", "include"] };
    let found = out.report(&BARE_DOMAIN, term.cx.at(span)).quote("term");
    for mechanism in order {
        found.fix(Fix::maybe(
            format!("write `{mechanism}:`"),
            [Edit::insert(span.start as usize, format!("{mechanism}:"))],
        ));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps_quiet, tells};

    #[test]
    fn typos() {
        tells("v=spf1 ipv4:192.0.2.1 -all", "spf-mechanism-typo", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 ip:192.0.2.1 -all", "spf-mechanism-typo", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 ip:2001:db8::1 -all", "spf-mechanism-typo", "v=spf1 ip6:2001:db8::1 -all");
        tells("v=spf1 inlcude:x.example -all", "spf-mechanism-typo", "v=spf1 include:x.example -all");
        tells("v=spf1 includes:x.example -all", "spf-mechanism-typo", "v=spf1 include:x.example -all");
        tells("v=spf1 mx -al", "spf-mechanism-typo", "v=spf1 mx -all");
        tells("v=spf1 mx -all.", "spf-mechanism-typo", "v=spf1 mx -all");
        tells("v=spf1 ip4192.0.2.1 -all", "spf-mechanism-typo", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 ip4.192.0.2.1 -all", "spf-mechanism-typo", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 include_spf.x.example -all", "spf-mechanism-typo", "v=spf1 include:_spf.x.example -all");
        for text in
            ["include;_spf.x.example", "include,_spf.x.example", "include._spf.x.example", "include__spf.x.example"]
        {
            tells(&format!("v=spf1 {text} -all"), "spf-mechanism-typo", "v=spf1 include:_spf.x.example -all");
        }
        for text in ["include.spf.x.example", "includespf.x.example", "include-spf.x.example"] {
            tells(&format!("v=spf1 {text} -all"), "spf-mechanism-typo", "v=spf1 include:spf.x.example -all");
        }
        for text in ["redirect._spf.x.example", "redirect_spf.x.example", "redirect;_spf.x.example"] {
            tells(&format!("v=spf1 {text}"), "spf-mechanism-typo", "v=spf1 redirect=_spf.x.example");
        }
        tells("v=spf1 includes.x.example -all", "spf-bare-domain", "v=spf1 a:includes.x.example -all");
        tells("v=spf1 exists.x.example -all", "spf-bare-domain", "v=spf1 a:exists.x.example -all");
        tells("v=spf1 ip4_192.0.2.1 -all", "spf-mechanism-typo", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 dkim:x.example -all", "spf-unknown-mechanism", "v=spf1 dkim:x.example -all");
        tells("v=spf1 spf:x.example -all", "spf-unknown-mechanism", "v=spf1 spf:x.example -all");
        tells("v=spf1 :x.example -all", "spf-unknown-mechanism", "v=spf1 :x.example -all");
    }

    #[test]
    fn bare_values() {
        tells("v=spf1 192.0.2.1 -all", "spf-bare-ip", "v=spf1 ip4:192.0.2.1 -all");
        tells("v=spf1 192.0.2.0/24 -all", "spf-bare-ip", "v=spf1 ip4:192.0.2.0/24 -all");
        tells("v=spf1 a 2a01:446e:3ba5::bb6 -all", "spf-bare-ip", "v=spf1 a ip6:2a01:446e:3ba5::bb6 -all");
        tells("v=spf1 +2001:db8::/32 -all", "spf-bare-ip", "v=spf1 +ip6:2001:db8::/32 -all");
        tells("v=spf1 _spf.x.example -all", "spf-bare-domain", "v=spf1 include:_spf.x.example -all");
        tells("v=spf1 mail.x.example -all", "spf-bare-domain", "v=spf1 a:mail.x.example -all");
    }

    #[test]
    fn arguments() {
        tells("v=spf1 mx -all:x.example", "spf-all-with-argument", "v=spf1 mx -all");
        tells("v=spf1 mx all/8", "spf-all-with-argument", "v=spf1 mx all");
        tells("v=spf1 a mx all:-", "spf-all-with-argument", "v=spf1 a mx -all");
        tells("v=spf1 a mx all/~", "spf-all-with-argument", "v=spf1 a mx ~all");
        tells("v=spf1 a mx ~all:-", "spf-all-with-argument", "v=spf1 a mx ~all");
        keeps_quiet("v=spf1 a mx all:-", "spf-pass-all");
        tells("v=spf1 include -all", "spf-include-missing-domain", "v=spf1 include -all");
        tells("v=spf1 exists: -all", "spf-exists-missing-domain", "v=spf1 exists: -all");
        tells("v=spf1 a:/27 mx -all", "spf-a-mx-empty-domain", "v=spf1 a/27 mx -all");
        tells("v=spf1 a: mx -all", "spf-a-mx-empty-domain", "v=spf1 a mx -all");
        tells("v=spf1 ptr: -all", "spf-a-mx-empty-domain", "v=spf1 ptr -all");
    }
}
