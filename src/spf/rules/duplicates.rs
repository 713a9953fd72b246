//! Terms that repeat, cover, contradict or complete each other (RFC 7208 §4.6.2: the first match wins).

use std::cmp::Ordering;

use ipnet::IpNet;
use smallvec::SmallVec;

use super::{Context, edits, huge, ranges};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::order::{sort_by, sort_by_key};
use crate::spf::networks::united;
use crate::spf::qualifier::split_qualifiers;
use crate::spf::{Directive, Mechanism, Qualifier};
use crate::text::Span;

rules! {
    /// # The same include twice
    ///
    /// The second one can match nobody whom the first has not matched, but it counts towards the ten look-ups, with all
    /// includes inside it.
    ///
    /// ```spf bad
    /// v=spf1 include:_spf.example.net mx include:_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 include:_spf.example.net mx -all
    /// ```
    DUPLICATE_INCLUDE = "spf-duplicate-include", Warning, Ok, ["RFC 7208 §4.6.4", "RFC 7208 §10.1.1"],
        "`{term}` stands twice and costs its look-ups twice";

    /// # The same term twice
    ///
    /// The second one can never match: the first has matched before.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.1 mx ip4:192.0.2.1 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.1 mx -all
    /// ```
    DUPLICATE = "spf-duplicate-term", Note, Ok, ["RFC 7208 §4.6.2", "RFC 7208 §10.1.1"],
        "`{term}` stands twice";

    /// # A term that can never match
    ///
    /// All its addresses belong to a term before it with the same qualifier, so it changes nothing and may go.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    SHADOWED = "spf-shadowed-term", Note, Ok, ["RFC 7208 §4.6.2"],
        "`{term}` can never match: `{by}` covers it";

    /// # Two terms disagree
    ///
    /// The first match wins. An exclusion behind the network that it is taken from never works; put the exception first.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.7 ~all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 ~all
    /// ```
    CONFLICT = "spf-conflicting-terms", Warning, Ok, ["RFC 7208 §4.6.2"],
        "`{term}` never works: `{by}` comes first and says otherwise";

    /// # Networks that can be one
    ///
    /// Adjacent networks with the same qualifier make up a larger one. One term is shorter and easier to read.
    ///
    /// ```spf bad
    /// v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    MERGEABLE = "spf-mergeable-networks", Note, Ok, ["RFC 7208 §3.4"],
        "`{term}` and {count} more can be written as `{network}`";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut networks: SmallVec<[Placed; 8]> = SmallVec::new();
    let mut others: SmallVec<[Other<'_>; 8]> = SmallVec::new();
    let mut is_live = true;
    for (at, (span, directive)) in cx.record.directives().enumerate() {
        if directive.mechanism == Mechanism::All {
            is_live = false;
        } else if let Some(network) = ranges::network(directive) {
            // Behind an `all` nothing is compared any more.
            if is_live {
                networks.push(Placed { network, at, span, qualifier: directive.qualifier, is_covered: false });
            }
        } else {
            others.push((at, span, directive));
        }
    }
    if others.len() > 1 {
        repeated(cx, &mut others, out);
    }
    if networks.len() > 1 {
        covered(cx, &mut networks, out);
        mergeable(cx, &networks, out);
    }
}

/// A network at its place in the order of directives.
struct Placed {
    network: IpNet,
    at: usize,
    span: Span,
    qualifier: Qualifier,
    is_covered: bool,
}

type Other<'a> = (usize, Span, &'a Directive);

/// Terms that ask the DNS, and are written the same.
fn repeated(cx: &Context<'_>, terms: &mut [Other<'_>], out: &mut Findings) {
    sort_by(terms, |a, b| compare(cx, a.2, b.2).then(a.0.cmp(&b.0)));
    for group in terms.chunk_by(|a, b| compare(cx, a.2, b.2) == Ordering::Equal) {
        let Some((first, again)) = group.split_first() else { continue };
        for term in again {
            let rule = match term.2.mechanism {
                _ if term.2.qualifier != first.2.qualifier => &CONFLICT,
                Mechanism::Include(_) => &DUPLICATE_INCLUDE,
                _ => &DUPLICATE,
            };
            out.report(rule, cx.at(term.1))
                .quote("term")
                .arg("by", cx.text(first.1))
                .related(cx.at(first.1).with("first here"))
                .fix(Fix::machine("remove it", [edits::remove(cx, term.1)]));
        }
    }
}

/// The octets of `text` without the case of its letters. §7.3: a macro's upper-case letter asks for URL escapes, and stays.
pub(super) fn folded(text: &str) -> impl Iterator<Item = u8> + '_ {
    let is_macro = |at: usize| text[..at].ends_with("%{");
    text.bytes()
        .enumerate()
        .map(move |(at, byte)| if byte.is_ascii_uppercase() && is_macro(at) { byte } else { byte.to_ascii_lowercase() })
}

fn compare(cx: &Context<'_>, a: &Directive, b: &Directive) -> Ordering {
    let lower = |directive: &Directive| {
        let spec = directive.mechanism.domain_spec();
        let text = match spec {
            Some(spec) => cx.text(spec.span),
            None => cx.domain.map_or("", |domain| domain.as_str()),
        };
        folded(text.strip_suffix('.').unwrap_or(text))
    };
    let cidr = |directive: &Directive| match directive.mechanism {
        Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => (cidr.v4, cidr.v6),
        _ => (32, 128),
    };
    let by_name = a.mechanism.name().cmp(b.mechanism.name());
    by_name.then_with(|| cidr(a).cmp(&cidr(b))).then_with(|| lower(a).cmp(lower(b)))
}

/// Networks inside others that come before them. Networks overlap only by lying inside each other, so after sorting those
/// around each one are on a stack.
fn covered(cx: &Context<'_>, networks: &mut [Placed], out: &mut Findings) {
    sort_by_key(networks, |placed| (placed.network.network(), placed.network.prefix_len(), placed.at));
    let mut around: Vec<usize> = Vec::new();
    for i in 0..networks.len() {
        let inner = &networks[i];
        while around.last().is_some_and(|&last| !networks[last].network.contains(&inner.network)) {
            around.pop();
        }
        let first = around.iter().copied().min_by_key(|&j| networks[j].at);
        if let Some(by) = first.map(|j| &networks[j]).filter(|by| by.at < inner.at) {
            tell(cx, inner, by, out);
            networks[i].is_covered = true;
        }
        // Equal networks are told about once each, and the first stands for all: the stack stays as deep as prefixes go.
        let is_equal = around.last().is_some_and(|&last| networks[last].network == networks[i].network);
        if !is_equal {
            around.push(i);
        }
    }
}

fn tell(cx: &Context<'_>, inner: &Placed, by: &Placed, out: &mut Findings) {
    let same_network = inner.network == by.network;
    let rule = match inner.qualifier == by.qualifier {
        false => &CONFLICT,
        true if same_network => &DUPLICATE,
        true => &SHADOWED,
    };
    let fix = if inner.qualifier != by.qualifier && !same_network {
        let text = format!("{} ", cx.text(inner.span));
        let edits = [edits::remove(cx, inner.span), Edit::insert(by.span.start as usize, text)];
        Fix::maybe("put the exception first", edits)
    } else {
        Fix::machine("remove it", [edits::remove(cx, inner.span)])
    };
    out.report(rule, cx.at(inner.span))
        .quote("term")
        .arg("by", cx.text(by.span))
        .related(cx.at(by.span).with("decides about these addresses"))
        .fix(fix);
}

/// Networks that make up a larger one. Only where no term between them has another qualifier does their order not matter.
fn mergeable(cx: &Context<'_>, networks: &[Placed], out: &mut Findings) {
    let mut free: Vec<&Placed> = networks.iter().filter(|placed| !placed.is_covered).collect();
    if free.len() < 2 {
        return;
    }
    sort_by_key(&mut free, |placed| placed.at);
    let qualifiers: Vec<Qualifier> = cx.record.directives().map(|(_, directive)| directive.qualifier).collect();
    let same_run = |a: &&Placed, b: &&Placed| qualifiers[a.at..=b.at].iter().all(|&q| q == a.qualifier);
    for run in free.chunk_by(same_run) {
        if run.len() < 2 {
            continue;
        }
        let merged = united(run.iter().map(|placed| placed.network));
        if merged.len() == run.len() {
            continue;
        }
        let mut run: Vec<&Placed> = run.to_vec();
        sort_by_key(&mut run, |placed| (placed.network.addr().is_ipv6(), placed.network.network()));
        for network in merged {
            let from = run.partition_point(|placed| before(&placed.network, &network));
            let length = run[from..].iter().take_while(|placed| network.contains(&placed.network)).count();
            let parts = &run[from..from + length];
            // Of several parts one may be the whole: then the others lie inside it.
            let is_sum = length > 1 && parts.iter().all(|placed| placed.network != network);
            // That a large part of the Internet passes is no reason to write it shorter.
            if is_sum && !huge::is_huge(&network) {
                tell_merged(cx, parts, &network, out);
            }
        }
    }
}

fn before(network: &IpNet, other: &IpNet) -> bool {
    (network.addr().is_ipv6(), network.network()) < (other.addr().is_ipv6(), other.network())
}

fn tell_merged(cx: &Context<'_>, parts: &[&Placed], network: &IpNet, out: &mut Findings) {
    let mut parts = parts.to_vec();
    sort_by_key(&mut parts, |placed| placed.at);
    let Some((first, more)) = parts.split_first() else { return };
    let text = cx.text(first.span);
    let (qualifier, _) = split_qualifiers(text);
    let name = if network.addr().is_ipv4() { "ip4" } else { "ip6" };
    let written = format!("{qualifier}{name}:{network}");
    let mut edits = vec![Edit::replace(first.span, &*written)];
    let found =
        out.report(&MERGEABLE, cx.at(first.span)).quote("term").arg("count", more.len()).arg("network", &written);
    for placed in more {
        found.related(cx.at(placed.span).with("the rest of it"));
        edits.push(edits::remove(cx, placed.span));
    }
    found.fix(Fix::machine("write one network", edits));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{codes, fixed, spans};

    #[test]
    fn repeated_terms_are_removed() {
        assert_eq!(
            fixed("v=spf1 mx ip4:9.9.9.9 a ip4:9.9.9.9 -all", "spf-duplicate-term"),
            "v=spf1 mx ip4:9.9.9.9 a -all"
        );
        assert_eq!(fixed("v=spf1 a mx A -all", "spf-duplicate-term"), "v=spf1 a mx -all");
        assert_eq!(fixed("v=spf1 a/32 a//128 -all", "spf-duplicate-term"), "v=spf1 a/32 -all");
        assert_eq!(
            fixed("v=spf1 include:a.example include:A.example. -all", "spf-duplicate-include"),
            "v=spf1 include:a.example -all"
        );
        assert_eq!(fixed("v=spf1 a ?a -all", "spf-conflicting-terms"), "v=spf1 a -all");
        let twice = |other: &str| {
            codes(&format!("v=spf1 exists:%{{S}}.x.example {other} -all")).contains(&"spf-duplicate-term")
        };
        assert!(twice("exists:%{S}.x.example."));
        assert!(!twice("exists:%{s}.x.example"), "§7.3: upper case asks for URL escapes");
        assert!(twice("exists:%{S}.X.example"), "a name has no case");
        assert!(codes("v=spf1 a a/24 mx mx:x.example ?all").iter().all(|code| *code == "spf-neutral-all"));
    }

    #[test]
    fn an_exception_comes_first() {
        assert_eq!(
            fixed("v=spf1 ip4:85.226.1.0/24 -ip4:85.226.1.25 ~all", "spf-conflicting-terms"),
            "v=spf1 -ip4:85.226.1.25 ip4:85.226.1.0/24 ~all"
        );
        assert!(!codes("v=spf1 -ip4:85.226.1.25 ip4:85.226.1.0/24 ~all").contains(&"spf-conflicting-terms"));
        assert_eq!(fixed("v=spf1 ip4:9.9.9.9 -ip4:9.9.9.9 ~all", "spf-conflicting-terms"), "v=spf1 ip4:9.9.9.9 ~all");
    }

    #[test]
    fn covered_by_the_first_of_several() {
        assert_eq!(
            spans("v=spf1 ip4:9.9.0.0/16 ip4:9.9.9.0/24 ip4:9.9.9.9 ip6:2a01::/64 ?all", "spf-shadowed-term"),
            ["ip4:9.9.9.0/24", "ip4:9.9.9.9"]
        );
        assert_eq!(
            codes("v=spf1 ip4:9.9.9.9 ip4:9.9.9.0/24 ?all"),
            ["spf-neutral-all"],
            "the wider one still matches others"
        );
        assert_eq!(spans("v=spf1 ip4:9.9.9.9 ip4:9.9.9.0/24 ip4:9.9.9.9 ?all", "spf-duplicate-term"), ["ip4:9.9.9.9"]);
        assert_eq!(codes("v=spf1 ?all ip4:9.9.9.0/24 ip4:9.9.9.9"), ["spf-neutral-all", "spf-all-not-last"]);
    }

    #[test]
    fn adjacent_networks_are_merged() {
        let mend = |text: &str| fixed(text, "spf-mergeable-networks");
        assert_eq!(
            mend("v=spf1 ip4:9.9.8.0/24 mx ip4:9.9.9.0/24 ?all"),
            "v=spf1 ip4:9.9.8.0/24 mx ip4:9.9.9.0/24 ?all"
                .replace("9.9.8.0/24", "9.9.8.0/23")
                .replace(" ip4:9.9.9.0/24", "")
        );
        assert_eq!(mend("v=spf1 ip4:9.9.9.3 ip4:9.9.9.0 ip4:9.9.9.2 ip4:9.9.9.1 ?all"), "v=spf1 ip4:9.9.9.0/30 ?all");
        assert_eq!(mend("v=spf1 ~ip6:2a01::/64 ~ip6:2a01:0:0:1::/64 ?all"), "v=spf1 ~ip6:2a01::/63 ?all");
        for text in [
            "v=spf1 ip4:9.9.9.1 ip4:9.9.9.2 ?all",
            "v=spf1 ip4:9.9.9.0 -a ip4:9.9.9.1 ?all",
            "v=spf1 ip4:9.9.9.0/25 ip4:9.9.9.0/24 ?all",
            "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ?all",
        ] {
            assert!(!codes(text).contains(&"spf-mergeable-networks"), "{text}");
        }
    }
}
