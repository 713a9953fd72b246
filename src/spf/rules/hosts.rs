//! `a` and `mx` as written: prefix lengths and the explicit `+` (RFC 7208 §5.3, §5.4).

use super::Context;
use crate::finding::{Edit, Findings, Fix, rules};
use crate::spf::{DualCidr, Mechanism, Qualifier};
use crate::text::Span;

rules! {
    /// # `a` or `mx` with prefix length 0
    ///
    /// The addresses of the hosts are compared under the prefix length. With 0 bits compared every client is equal to them,
    /// so everybody passes as long as the name has one address of the client's family.
    ///
    /// ```spf bad
    /// v=spf1 mx/0 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    SLASH_ZERO = "spf-cidr-slash0-on-a-mx", Error, PassForEveryone, ["RFC 7208 §5.3", "RFC 7208 §5.4"],
        "`{term}` matches every {family} client: `{prefix}` compares no bit of the address";

    /// # `a` or `mx` with a wide prefix
    ///
    /// The prefix length authorises the neighbours of each host: with `/16` 65,536 addresses, most of which belong to
    /// somebody else, and they move along when the host gets another address.
    ///
    /// ```spf bad
    /// v=spf1 a/16 -all
    /// ```
    ///
    /// Leave it out, or write the network that is yours:
    ///
    /// ```spf good
    /// v=spf1 a ip4:192.0.2.0/24 -all
    /// ```
    WIDE = "spf-wide-cidr-on-a-mx", Warning, Ok, ["RFC 7208 §5.3", "RFC 7208 §5.4"],
        "`{term}` authorises a whole `{prefix}` around each host";

    /// # `+a` or `+mx`
    ///
    /// `+` is what a missing qualifier means. Written out before `a` and `mx` it is the mark of web panels, which put the web
    /// server and the inbound mail servers into every record, whether they send mail or not.
    ///
    /// ```spf bad
    /// v=spf1 +a +mx -all
    /// ```
    ///
    /// Keep those that send:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    EXPLICIT_PLUS = "spf-a-mx-explicit-plus", Note, Ok, ["RFC 7208 §4.6.2", "RFC 7208 §5.3"],
        "`{term}` looks like the default of a web panel: does that host send mail?";
}

/// Bits of an IPv4 prefix below which the neighbours are surely others: a /24 is the smallest network that is routed.
const NARROW_V4: u8 = 24;
/// Bits of an IPv6 prefix below which the neighbours are surely others: a /48 is the smallest network that is routed.
const NARROW_V6: u8 = 48;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut explicit: Option<Vec<(Span, Span)>> = None;
    for (span, directive) in cx.record.directives() {
        let (Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. }) = directive.mechanism else { continue };
        if directive.qualifier != Qualifier::Pass {
            continue;
        }
        if !directive.qualifier_span.is_empty() {
            explicit.get_or_insert_default().push((span, directive.qualifier_span));
        }
        if !cidr.span.is_empty() {
            prefixes(cx, span, cidr, out);
        }
    }
    let Some(explicit) = explicit else { return };
    let Some(((first, _), more)) = explicit.split_first() else { return };
    let edits: Vec<Edit> = explicit.iter().map(|&(_, plus)| Edit::delete(plus)).collect();
    let found = out.report(&EXPLICIT_PLUS, cx.at(*first)).quote("term");
    more.iter().for_each(|&(span, _)| {
        found.related(cx.at(span).with("here too"));
    });
    found.fix(Fix::maybe("leave `+` out", edits));
}

fn prefixes(cx: &Context<'_>, span: Span, cidr: DualCidr, out: &mut Findings) {
    let written = || cx.text(cidr.span);
    let single = || Fix::maybe("compare whole addresses", [Edit::delete(cidr.span)]);
    if cidr.v4 == 0 || cidr.v6 == 0 {
        let family = match (cidr.v4, cidr.v6) {
            (0, 0) => "IPv4/IPv6",
            (0, _) => "IPv4",
            _ => "IPv6",
        };
        out.report(&SLASH_ZERO, cx.at(span)).quote("term").arg("family", family).arg("prefix", written()).fix(single());
    } else if cidr.v4 < NARROW_V4 || cidr.v6 < NARROW_V6 {
        out.report(&WIDE, cx.at(span)).quote("term").arg("prefix", written()).fix(single());
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed};

    #[test]
    fn prefixes_by_family() {
        let found = |term: &str| codes(&format!("v=spf1 {term} ?all"))[0];
        assert_eq!(found("mx/0"), "spf-cidr-slash0-on-a-mx");
        let both = &crate::spf::lint_text(&"v=spf1 mx/0//0 -all".into())[0];
        assert!(both.message().starts_with("`mx/0//0` matches every IPv4/IPv6 client"), "{both:?}");
        assert_eq!(found("a:x.example//0"), "spf-cidr-slash0-on-a-mx");
        assert_eq!(found("a/23"), "spf-wide-cidr-on-a-mx");
        assert_eq!(found("a//32"), "spf-wide-cidr-on-a-mx");
        for term in ["a/24", "mx/30//64", "a//48", "-a/0"] {
            assert_eq!(codes(&format!("v=spf1 {term} ?all")), ["spf-neutral-all"], "{term}");
        }
    }

    #[test]
    fn the_plus_is_left_out() {
        assert_eq!(fixed("v=spf1 +a mx +mx:x.example -all", "spf-a-mx-explicit-plus"), "v=spf1 a mx mx:x.example -all");
        assert!(!codes("v=spf1 +ip4:9.9.9.9 ?all").contains(&"spf-a-mx-explicit-plus"));
    }
}
