//! Prefix lengths (RFC 7208 §12: ip4-cidr-length, ip6-cidr-length, dual-cidr-length).

use std::net::IpAddr;

use super::addresses::IP4_LEADING_ZERO;
use super::mechanisms::family;
use super::sure_if;
use super::unknown::{Claim, Unknown, is_term};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::{CidrError, SyntaxErrorKind};
use crate::text::Span;

rules! {
    /// # A prefix length where none may stand
    ///
    /// `include`, `exists`, `ptr`, `redirect` and `exp` name a domain and take no prefix length. With one the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 include:_spf.example.net/24 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net -all
    /// ```
    INCLUDE_WITH_CIDR = "spf-include-with-cidr", Error, Permerror, ["RFC 7208 §12"],
        "`{name}` takes no prefix length, and here it has `{cidr}`";

    /// # An IPv4 prefix length over 32
    ///
    /// An IPv4 address has 32 bits, so `/32` is the longest prefix. A longer one is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip4:203.0.113.7/33 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:203.0.113.7/32 -all
    /// ```
    CIDR4_OUT_OF_RANGE = "spf-cidr4-out-of-range", Error, Permerror, ["RFC 7208 §12"],
        "`{cidr}` is no IPv4 prefix length: 32 is the longest";

    /// # An IPv6 prefix length over 128
    ///
    /// An IPv6 address has 128 bits, so 128 is the longest prefix. A longer one is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 ip6:2001:db8::/129 mx//200 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip6:2001:db8::/32 mx//64 -all
    /// ```
    CIDR6_OUT_OF_RANGE = "spf-cidr6-out-of-range", Error, Permerror, ["RFC 7208 §12"],
        "`{cidr}` is no IPv6 prefix length: 128 is the longest";

    /// # A slash without a number
    ///
    /// Behind the slash stands a number of bits. Nothing, or letters, is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 a/ mx/2x -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a mx/24 -all
    /// ```
    CIDR_EMPTY_OR_TEXT = "spf-cidr-empty-or-text", Error, Permerror, ["RFC 7208 §12"],
        "`{cidr}` is no prefix length: a number must follow the slash";

    /// # Prefix lengths in the wrong order, or with too few slashes
    ///
    /// `a` and `mx` take an IPv4 prefix length behind one slash and then an IPv6 one behind two: `a/24//64`. In the other order, or with one
    /// slash before the IPv6 length, the record is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 a//64/24 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a/24//64 -all
    /// ```
    CIDR_ORDER = "spf-cidr-order", Error, Permerror, ["RFC 7208 §12"],
        "`{cidr}` is not an IPv4 length behind one slash, then an IPv6 length behind two";

    /// # A bad prefix length behind a macro
    ///
    /// The prefix length is checked when the record is read, whatever the macro in front of it expands to. A wrong one is a permerror.
    ///
    /// ```spf bad
    /// v=spf1 a:%{d}/99 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 a:%{d}/24 -all
    /// ```
    CIDR_IN_MACRO_TERM_BAD = "spf-cidr-in-macro-term-bad", Error, Permerror, ["RFC 7208 §12"],
        "`{cidr}` behind a macro is no prefix length";
}

/// Prefix lengths behind domains.
pub(super) fn unknown(term: &Unknown<'_>, out: &mut Findings) -> Claim {
    let SyntaxErrorKind::Cidr(error) = term.error.kind else { return Claim::No };
    let span = term.error.span;
    let cx = term.cx;
    if error == CidrError::NotAllowed {
        let found = out.report(&INCLUDE_WITH_CIDR, cx.at(span)).quote("cidr").arg("name", term.name);
        match family(term.value) {
            // That of a network belongs to it. One of no bits makes everybody of it.
            Some(family) if term.separator == ":" && !(term.is_pass() && is_zero(cx.text(span))) => {
                let name = term.span_of(term.name);
                found.fix(Fix::maybe(format!("write `{family}:`"), [Edit::replace(name, family)]));
            }
            // Whoever names a record or a text does not list a sender.
            Some(_) => {}
            None => {
                found.fix(Fix::maybe("take the prefix length out", [Edit::delete(span)]));
            }
        }
        return Claim::Told;
    }
    let all = suffix(term.text);
    if error == CidrError::LeadingZero {
        leading_zero(term, span, out);
    } else if order(term, all, out) {
        // A single number over 32 is both: too long, and perhaps meant for IPv6.
        if error == CidrError::OutOfRange && !all.contains("//") && all.matches('/').count() == 1 {
            out.report(&CIDR4_OUT_OF_RANGE, cx.at(span)).quote("cidr");
        }
    } else if term.value.contains("%{") {
        out.report(&CIDR_IN_MACRO_TERM_BAD, cx.at(span)).quote("cidr");
    } else if error == CidrError::OutOfRange {
        let before = cx.whole().as_bytes().get((span.start as usize).wrapping_sub(1));
        let rule = if before == Some(&b'/') { &CIDR6_OUT_OF_RANGE } else { &CIDR4_OUT_OF_RANGE };
        out.report(rule, cx.at(span)).quote("cidr");
    } else {
        empty_or_text(term, span, out);
    }
    Claim::Told
}

/// The prefix length of `ip4` or `ip6`, with its slash.
pub(super) fn of_address(term: &Unknown<'_>, suffix: &str, v4: bool, out: &mut Findings) {
    let Some(digits) = suffix.strip_prefix('/') else { return };
    let span = term.span_of(suffix);
    let number = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty();
    if !number {
        // `ip6:…//64` has a slash too many.
        let single = suffix.trim_start_matches('/');
        let found = out.report(&CIDR_EMPTY_OR_TEXT, term.cx.at(span)).quote("cidr");
        if is_number_to(single, if v4 { 32 } else { 128 }) {
            let slashes = Span::new(span.start as usize, span.start as usize + suffix.len() - single.len());
            found.fix(Fix::machine("write one slash", [Edit::replace(slashes, "/")]));
        } else if single.is_empty() {
            found.fix(Fix::maybe("take the slash out", [Edit::delete(span)]));
        }
    } else if digits.len() > 1 && digits.starts_with('0') {
        leading_zero(term, span, out);
    } else if !is_number_to(digits, if v4 { 32 } else { 128 }) {
        let rule = if v4 { &CIDR4_OUT_OF_RANGE } else { &CIDR6_OUT_OF_RANGE };
        let found = out.report(rule, term.cx.at(span)).quote("cidr");
        if term.value.strip_suffix(suffix).is_some_and(is_host) {
            found.fix(Fix::maybe("name this one address", [Edit::delete(span)]));
        }
    }
}

/// Whether an address is one of a host: where it ends in zeros, a network was meant, and nobody knows which.
fn is_host(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(address)) => address.octets()[3] != 0,
        Ok(IpAddr::V6(address)) => address.segments()[7] != 0,
        Err(_) => false,
    }
}

/// `/024`
fn leading_zero(term: &Unknown<'_>, span: Span, out: &mut Findings) {
    let text = term.cx.text(span);
    let slashes = text.len() - text.trim_start_matches('/').len();
    let digits = &text[slashes..];
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let zeros = zeros.min(digits.len().saturating_sub(1));
    let start = span.start as usize + slashes;
    let place = Span::new(start, start + zeros);
    let found = out.report(&IP4_LEADING_ZERO, term.cx.at(span)).quote("value");
    if !(term.is_pass() && is_zero(digits)) {
        found.fix(Fix::machine("take the zero out", [Edit::delete(place)]));
        return;
    }
    // Everybody would pass, which hardly anybody means by `/00`.
    found.label("as `/0` it would be every address");
    let all = Span { start: start_of_slashes(term.cx.whole(), start), ..span };
    if term.is("a") || term.is("mx") {
        found.fix(Fix::maybe("compare whole addresses", [Edit::delete(all)]));
    } else if term.value.split('/').next().is_some_and(is_host) {
        found.fix(Fix::maybe("name this one address", [Edit::delete(all)]));
    }
}

/// Whether a prefix length has no bits, in the words of somebody who may have meant another.
fn is_zero(cidr: &str) -> bool {
    cidr.bytes().all(|b| matches!(b, b'/' | b'0'))
}

/// Where the slashes begin that end at `end`.
fn start_of_slashes(text: &str, end: usize) -> u32 {
    text[..end].trim_end_matches('/').len() as u32
}

/// `//64/24`, `/24/64`, `/64`
fn order(term: &Unknown<'_>, all: &str, out: &mut Findings) -> bool {
    let numbers: Vec<&str> = all.split('/').filter(|part| !part.is_empty()).collect();
    let (text, sure) = match numbers[..] {
        [v6, v4] if all == format!("//{v6}/{v4}") || all == format!("//{v6}//{v4}") => (format!("/{v4}//{v6}"), true),
        [v4, v6] if all == format!("/{v4}/{v6}") => (format!("/{v4}//{v6}"), true),
        // The lengths that IPv6 networks have.
        [one]
            if all == format!("/{one}")
                && matches!(
                    one,
                    "40" | "44" | "48" | "52" | "56" | "60" | "64" | "72" | "80" | "96" | "112" | "128"
                ) =>
        {
            (format!("//{one}"), false)
        }
        _ => return false,
    };
    let repaired = format!("{}{text}", &term.text[..term.text.len() - all.len()]);
    if !is_term(&repaired) {
        return false;
    }
    let span = term.span_of(all);
    out.report(&CIDR_ORDER, term.cx.at(span)).quote("cidr").fix(Fix::edit(
        format!("write `{text}`"),
        [Edit::replace(span, text)],
        sure_if(sure),
    ));
    true
}

fn empty_or_text(term: &Unknown<'_>, span: Span, out: &mut Findings) {
    let found = out.report(&CIDR_EMPTY_OR_TEXT, term.cx.at(span)).quote("cidr");
    let text = term.cx.text(span);
    if text.trim_matches('/').is_empty() {
        found.fix(Fix::maybe("take the slash out", [Edit::delete(span)]));
    }
}

/// The slashes and digits at the end of a term.
fn suffix(text: &str) -> &str {
    &text[text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '/').len()..]
}

fn is_number_to(digits: &str, most: u8) -> bool {
    !digits.starts_with('+') && digits.parse::<u8>().is_ok_and(|number| number <= most)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tells;

    #[test]
    fn prefix_lengths() {
        tells("v=spf1 ip4:192.0.2.0/33 -all", "spf-cidr4-out-of-range", "v=spf1 ip4:192.0.2.0/33 -all");
        tells("v=spf1 ip4:192.0.2.7/33 -all", "spf-cidr4-out-of-range", "v=spf1 ip4:192.0.2.7 -all");
        tells("v=spf1 ip6:2001:db8::7/129 -all", "spf-cidr6-out-of-range", "v=spf1 ip6:2001:db8::7 -all");
        tells("v=spf1 a/33 -all", "spf-cidr4-out-of-range", "v=spf1 a/33 -all");
        tells("v=spf1 mx//129 -all", "spf-cidr6-out-of-range", "v=spf1 mx//129 -all");
        tells("v=spf1 ip6:2001:db8::/129 -all", "spf-cidr6-out-of-range", "v=spf1 ip6:2001:db8::/129 -all");
        tells("v=spf1 a/ -all", "spf-cidr-empty-or-text", "v=spf1 a -all");
        tells("v=spf1 a:x.example/ -all", "spf-cidr-empty-or-text", "v=spf1 a:x.example -all");
        tells("v=spf1 mx/2x -all", "spf-cidr-empty-or-text", "v=spf1 mx/2x -all");
        tells("v=spf1 ip4:192.0.2.0/ -all", "spf-cidr-empty-or-text", "v=spf1 ip4:192.0.2.0 -all");
        tells("v=spf1 ip6:2001:db8::1//64 -all", "spf-cidr-empty-or-text", "v=spf1 ip6:2001:db8::1/64 -all");
        tells("v=spf1 a//64/24 -all", "spf-cidr-order", "v=spf1 a/24//64 -all");
        tells("v=spf1 a/24/64 -all", "spf-cidr-order", "v=spf1 a/24//64 -all");
        tells("v=spf1 mx/64 -all", "spf-cidr-order", "v=spf1 mx//64 -all");
        tells("v=spf1 mx/64 -all", "spf-cidr4-out-of-range", "v=spf1 mx//64 -all");
        tells("v=spf1 a:%{d}/99 -all", "spf-cidr-in-macro-term-bad", "v=spf1 a:%{d}/99 -all");
        tells("v=spf1 include:x.example/24 -all", "spf-include-with-cidr", "v=spf1 include:x.example -all");
        let network = "v=spf1 include:203.0.113.0/24 -all";
        tells(network, "spf-include-with-cidr", "v=spf1 ip4:203.0.113.0/24 -all");
        let network = "v=spf1 -include:2001:db8::/32 -all";
        tells(network, "spf-include-with-cidr", "v=spf1 -ip6:2001:db8::/32 -all");
        // A modifier names a record or a text, and no sender.
        for network in ["v=spf1 redirect=9.9.9.0/24", "v=spf1 redirect=2001:db8::/32", "v=spf1 exp=9.9.9.0/24 mx -all"]
        {
            tells(network, "spf-include-with-cidr", network);
        }
        let network = "v=spf1 include:9.9.9.0/024 -all";
        tells(network, "spf-include-with-cidr", "v=spf1 ip4:9.9.9.0/24 -all");
        let network = "v=spf1 exists:9.9.9.0//24 -all";
        tells(network, "spf-include-with-cidr", "v=spf1 ip4:9.9.9.0/24 -all");
        let network = "v=spf1 include:203.0.113.0/24/64 -all";
        tells(network, "spf-include-with-cidr", "v=spf1 ip4:203.0.113.0/24/64 -all");
        tells("v=spf1 redirect=x.example/24", "spf-include-with-cidr", "v=spf1 redirect=x.example");
        tells("v=spf1 ptr/24 -all", "spf-include-with-cidr", "v=spf1 ptr -all");
        tells("v=spf1 mx/024 -all", "spf-ip4-leading-zero", "v=spf1 mx/24 -all");
    }

    /// Everybody would pass.
    #[test]
    fn nobody_is_told_to_write_a_prefix_of_no_bits() {
        let zeros = "spf-ip4-leading-zero";
        for text in ["v=spf1 ip4:9.9.9.0/00 -all", "v=spf1 ip6:2a01::/000 -all"] {
            tells(text, zeros, text);
        }
        tells("v=spf1 9.9.9.0/00 -all", zeros, "v=spf1 ip4:9.9.9.0/00 -all");
        tells("v=spf1 mx:9.9.9.0/00 -all", zeros, "v=spf1 ip4:9.9.9.0/00 -all");
        for network in ["9.9.9.0/0", "9.9.9.0/00", "9.9.9.0//0", "2a01::/0", "2a01::/000"] {
            for name in ["include", "+exists"] {
                let text = format!("v=spf1 {name}:{network} -all");
                tells(&text, "spf-include-with-cidr", &text);
            }
        }
        // Who is refused does not pass.
        tells("v=spf1 -include:9.9.9.0/00 ~all", zeros, "v=spf1 -ip4:9.9.9.0/0 ~all");
        // One address was meant, or that of each host.
        tells("v=spf1 ip4:9.9.9.9/00 -all", zeros, "v=spf1 ip4:9.9.9.9 -all");
        tells("v=spf1 ip6:2a01::1/00 -all", zeros, "v=spf1 ip6:2a01::1 -all");
        tells("v=spf1 a/00 -all", zeros, "v=spf1 a -all");
        tells("v=spf1 mx:x.example//000 -all", zeros, "v=spf1 mx:x.example -all");
        tells("v=spf1 mx/00//00 -all", zeros, "v=spf1 mx -all");
    }
}
