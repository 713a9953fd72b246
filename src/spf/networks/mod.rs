//! Who may send: the addresses that a tree of records passes, and through which terms.

mod ranges;
mod united;
mod walk;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use self::ranges::{Families, Range, number, range};
pub(in crate::spf) use self::united::united;
use super::{Qualifier, Tree};
use crate::Name;
use crate::text::Span;

/// The authorised set of a domain, as far as networks can tell it.
///
/// A record with an error counts as if its good terms were all of it: what it would authorise once it is mended.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip6:2001:db8::/64 -all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// // Two neighbours are told as one network.
/// assert_eq!(networks.ipv4, ["192.0.2.0/24".parse()?]);
/// assert_eq!((networks.ipv4_count, networks.ipv6_count), (256, 1 << 64));
/// assert!(networks.open.is_empty() && networks.complete, "nobody else can pass");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Networks {
    /// The records that were read, the domain's own first.
    pub records: Vec<Via>,
    /// Each network of each term that decides about a sender, in the order of evaluation.
    pub terms: Vec<Authorised>,
    /// The IPv4 addresses that pass, in as few networks as possible.
    pub ipv4: Vec<Ipv4Net>,
    /// The IPv6 addresses that pass, in as few networks as possible.
    pub ipv6: Vec<Ipv6Net>,
    /// How many IPv4 addresses pass.
    pub ipv4_count: u128,
    /// How many IPv6 addresses pass; all of them count as one less.
    pub ipv6_count: u128,
    /// Terms whose senders cannot be listed. Whom they match depends on more than the address.
    pub open: Vec<Open>,
    /// Whether everything was counted: at most [`MAX_NETWORKS`] are.
    pub complete: bool,
    owners: Families<BTreeMap<u128, (u128, usize)>>,
}

/// A record, and the way to it.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 include:_spf.esp.example -all"
/// _spf.esp.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// let via = &networks.records[1];
/// assert_eq!(via.domain, "_spf.esp.example");
/// let (above, span) = via.from.unwrap();
/// assert_eq!(networks.records[above].domain, "d.example");
/// assert_eq!(tree.root.record().unwrap().text(span), "include:_spf.esp.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Via {
    /// Where it stands.
    pub domain: Name,
    /// The record (an index of [`Networks::records`]) and the term in it that led here; `None` for the first.
    pub from: Option<(usize, Span)>,
}

/// A network of a term, and what becomes of its senders.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 -ip4:192.0.2.66 ip4:192.0.2.0/24 -all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// let (denied, passed) = (&networks.terms[0], &networks.terms[1]);
/// assert_eq!((denied.network, denied.result), ("192.0.2.66/32".parse()?, spf::Qualifier::Fail));
/// // The first match wins: of the 256 addresses of the second term, 255 pass.
/// assert_eq!((passed.covered, networks.ipv4_count), (spf::networks::Covered::Partly, 255));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authorised {
    /// The record: an index of [`Networks::records`].
    pub record: usize,
    /// The number of the term in its record.
    pub term: usize,
    /// Where the term is written.
    pub span: Span,
    /// The network.
    pub network: IpNet,
    /// The result for the whole: `-include` turns the pass of an included record into fail.
    pub result: Qualifier,
    /// How much of it earlier terms have decided already.
    pub covered: Covered,
}

/// How much of a network was decided by earlier terms: the first match wins (§4.6.2).
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, networks::Covered}};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// assert_eq!(networks.terms[0].covered, Covered::Nothing);
/// // The second term is of no use: the first one (0) has passed its address already.
/// assert_eq!(networks.terms[1].covered, Covered::Wholly(Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Covered {
    /// Nothing.
    Nothing,
    /// A part.
    Partly,
    /// All of it. The index in [`Networks::terms`] of the one that decides about its first address, where that is one.
    Wholly(Option<usize>),
}

/// A term whose senders cannot be listed.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
///
/// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.0/24 exists:%{i}._spf.d.example -all""#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// let open = &networks.open[0];
/// assert_eq!(tree.root.record().unwrap().text(open.span), "exists:%{i}._spf.d.example");
/// // Whom it matches, it passes: the authorised set may be larger than the 256 addresses that are known.
/// assert_eq!((open.result, networks.ipv4_count), (spf::Qualifier::Pass, 256));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Open {
    /// The record: an index of [`Networks::records`].
    pub record: usize,
    /// The number of the term in its record.
    pub term: usize,
    /// Where the term is written.
    pub span: Span,
    /// The result for the whole, if it matches.
    pub result: Qualifier,
    /// Why.
    pub reason: OpenReason,
}

/// Why the senders of a term cannot be listed.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, networks::OpenReason}};
///
/// let zone = Zone::parse(r#"
/// d.example. TXT "v=spf1 ptr include:%{l}._spf.d.example a:slow.example -all"
/// slow.example. TIMEOUT
/// "#)?;
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
/// let reasons: Vec<_> = spf::networks(&tree).open.iter().map(|open| open.reason).collect();
/// assert_eq!(reasons, [OpenReason::Ptr, OpenReason::Macros, OpenReason::NoAnswer]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum OpenReason {
    /// `exists` asks the DNS about each sender (§5.7).
    Exists,
    /// `ptr` asks for the client's names (§5.5).
    Ptr,
    /// Its target has macros that depend on the sender (§7).
    Macros,
    /// The DNS gave no answer.
    NoAnswer,
}

/// Networks that are looked at. The largest known authorised sets have some thousands.
pub const MAX_NETWORKS: usize = 100_000;

/// The authorised set of `tree`.
///
/// ```
/// use mailproof::dns::{Answer, Lookup, Snapshot};
/// use mailproof::{resolver::drive_sync, spf};
///
/// let domain = "d.example".parse()?;
/// let tree = drive_sync(&mut Snapshot::new(), |question| match question.name.as_str() {
///     "d.example" => Answer::txt(["v=spf1 ip4:192.0.2.0/25 -ip4:192.0.2.130 include:_spf.d.example -all"]),
///     "_spf.d.example" => Answer::txt(["v=spf1 ip4:192.0.2.128/25 -all"]),
///     _ => Answer::new(Lookup::NxDomain),
/// }, |dns| spf::tree(dns, &domain));
/// let networks = spf::networks(&tree);
/// assert_eq!(networks.ipv4_count, 255);
/// let sender = networks.decides("192.0.2.200".parse()?).unwrap();
/// assert_eq!(networks.records[sender.record].domain, "_spf.d.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn networks(tree: &Tree) -> Networks {
    walk::networks(tree)
}

impl Networks {
    /// How many addresses of `network` pass; all of IPv6 counts as one less.
    pub(crate) fn passing_in(&self, network: &IpNet) -> u128 {
        match network {
            IpNet::V4(_) => overlap(&self.ipv4, range(network)),
            IpNet::V6(_) => overlap(&self.ipv6, range(network)),
        }
    }

    /// The term that decides about a client, unless an open term before it matches.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let networks = spf::networks(&tree);
    /// assert_eq!(networks.decides("192.0.2.7".parse()?).unwrap().network, "192.0.2.0/24".parse()?);
    /// assert!(networks.decides("2001:db8::1".parse()?).is_none_or(|term| term.result == spf::Qualifier::Fail));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decides(&self, client: IpAddr) -> Option<&Authorised> {
        let client = client.to_canonical();
        let owners = self.owners.of(&IpNet::from(client));
        let (_, &(last, owner)) = owners.range(..=number(client)).next_back()?;
        (number(client) <= last).then(|| &self.terms[owner])
    }

    /// The way to a record: the domains and the terms in them, from the first record on.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"
    /// d.example. TXT "v=spf1 mx include:_spf.d.example -all"
    /// d.example. MX 10 mail.d.example.
    /// _spf.d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// "#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// let networks = spf::networks(&tree);
    /// let last = networks.records.len() - 1;
    /// assert_eq!(networks.path(last)[0].0, "d.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(&self, record: usize) -> Vec<(&Name, Span)> {
        let mut path = Vec::new();
        let mut at = self.records.get(record);
        while let Some((above, span)) = at.and_then(|via| via.from) {
            at = self.records.get(above);
            path.extend(at.map(|via| (&via.domain, span)));
        }
        path.reverse();
        path
    }

    /// Whether every IPv4 or every IPv6 address passes.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf};
    ///
    /// let zone = Zone::parse(r#"d.example. TXT "v=spf1 +all""#)?;
    /// let domain = "d.example".parse()?;
    /// let tree = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::tree(dns, &domain));
    /// assert!(spf::networks(&tree).passes_everyone());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn passes_everyone(&self) -> bool {
        self.ipv4_count > u128::from(u32::MAX) || self.ipv6_count == u128::MAX
    }
}

/// How many addresses of a range are in `networks`, which are in order and do not touch.
fn overlap<N: Copy + Into<IpNet>>(networks: &[N], (first, last): Range) -> u128 {
    let of = |network: &N| range(&(*network).into());
    let from = networks.partition_point(|network| of(network).1 < first);
    let inside = networks.iter().skip(from).map(of).take_while(|(start, _)| *start <= last);
    let counts = inside.map(|(start, end)| (end.min(last) - start.max(first)).saturating_add(1));
    counts.fold(0, u128::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spf::tree::tests::of;

    fn told(networks: &Networks) -> Vec<String> {
        let record = |at: usize| networks.records[at].domain.as_str();
        let line = |term: &Authorised| {
            let covered = match term.covered {
                Covered::Nothing => "",
                Covered::Partly => " partly",
                Covered::Wholly(_) => " wholly",
            };
            format!("{}{} {}{covered}", term.result.as_char(), term.network, record(term.record))
        };
        networks.terms.iter().map(line).collect()
    }

    fn passing(world: &str) -> Vec<String> {
        networks(&of(world)).ipv4.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_match_wins() {
        let set = networks(&of("d.example TXT v=spf1 ip4:192.0.2.0/25 -ip4:192.0.2.0/24 ip4:192.0.2.200 -all"));
        assert_eq!(
            told(&set),
            [
                "+192.0.2.0/25 d.example",
                "-192.0.2.0/24 d.example partly",
                "+192.0.2.200/32 d.example wholly",
                "-0.0.0.0/0 d.example partly",
                "-::/0 d.example",
            ]
        );
        assert_eq!(set.ipv4_count, 128);
        assert_eq!(set.terms[2].covered, Covered::Wholly(Some(1)));
    }

    #[test]
    fn only_pass_matches_an_include() {
        assert_eq!(
            passing(
                "d.example TXT v=spf1 include:a.example ip4:192.0.2.0/24 -all
                 a.example TXT v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 ip4:198.51.100.1 -all"
            ),
            ["192.0.2.0/24", "198.51.100.1/32"],
            "what an include fails is still open to later terms"
        );
    }

    #[test]
    fn qualifiers_two_includes_deep() {
        let b = "b.example TXT v=spf1 ip4:192.0.2.1 -all";
        let all = "192.0.2.1".parse().unwrap();
        let result = |outer: &str, inner: &str| {
            let world = format!(
                "d.example TXT v=spf1 {outer}include:a.example ?all\na.example TXT v=spf1 {inner}include:b.example ~all\n{b}"
            );
            networks(&of(&world)).decides(all).unwrap().result
        };
        assert_eq!(result("", ""), Qualifier::Pass);
        assert_eq!(result("-", ""), Qualifier::Fail);
        assert_eq!(result("", "-"), Qualifier::Neutral, "the inner fail is no match: `?all` decides");
        assert_eq!(result("~", "?"), Qualifier::Neutral);
        assert_eq!(result("~", ""), Qualifier::Softfail);
    }

    #[test]
    fn what_an_include_fails_is_not_passed_later_in_it() {
        assert_eq!(
            passing(
                "d.example TXT v=spf1 include:a.example -all
                 a.example TXT v=spf1 -ip4:192.0.2.0/25 include:b.example
                 b.example TXT v=spf1 ip4:192.0.2.0/24 -all"
            ),
            ["192.0.2.128/25"]
        );
    }

    #[test]
    fn hosts_and_exchanges_under_their_prefixes() {
        let set = networks(&of("d.example TXT v=spf1 a/24//64 mx redirect=r.example
             d.example A 192.0.2.7
             d.example AAAA 2001:db8::7
             d.example MX m.example
             m.example A 192.0.2.9
             r.example TXT v=spf1 ip6:2001:db8:1::/48 -all"));
        assert_eq!(set.ipv4.len(), 1);
        assert_eq!(set.ipv6.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2001:db8::/64", "2001:db8:1::/48"]);
        assert_eq!(set.decides("2001:db8:1::1".parse().unwrap()).unwrap().record, 1);
        let (domain, span) = set.path(1)[0];
        assert_eq!((domain.as_str(), span.len()), ("d.example", "redirect=r.example".len()));
        assert!(matches!(set.terms[2].covered, Covered::Wholly(Some(0))));
    }

    #[test]
    fn what_cannot_be_listed() {
        let set = networks(&of(
            "d.example TXT v=spf1 exists:%{i}.d.example ?ptr a:%{l}.d.example include:%{o}.example mx:f.example -all
             f.example FAIL",
        ));
        let reasons: Vec<_> = set.open.iter().map(|open| open.reason).collect();
        assert_eq!(
            reasons,
            [OpenReason::Exists, OpenReason::Ptr, OpenReason::Macros, OpenReason::Macros, OpenReason::NoAnswer]
        );
        assert_eq!(set.open[1].result, Qualifier::Neutral);
        assert_eq!(set.ipv4_count, 0);
    }

    #[test]
    fn everyone() {
        let set = networks(&of("d.example TXT v=spf1 include:a.example -all\na.example TXT v=spf1 ?all"));
        assert!(!set.passes_everyone());
        let set = networks(&of("d.example TXT v=spf1 include:a.example -all\na.example TXT v=spf1 +all"));
        assert!(set.passes_everyone());
        assert_eq!((set.ipv4_count, set.ipv6_count), (1 << 32, u128::MAX));
        let set = networks(&of("d.example TXT v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"));
        assert!(set.passes_everyone());
        // A name that is the same for everybody and has an address.
        let set = networks(&of("d.example TXT v=spf1 exists:a.example -all\na.example A 127.0.0.2"));
        assert!(set.passes_everyone());
    }

    #[test]
    fn a_mapped_network_matches_nobody() {
        let set = networks(&of("d.example TXT v=spf1 ip6:::ffff:192.0.2.0/120 -all"));
        assert_eq!((set.ipv4_count, set.ipv6_count), (0, 0));
    }

    #[test]
    fn many_networks_take_no_quadratic_time() {
        let fails = " -ip4:0.0.0.0/1".repeat(1_000);
        let singles: String = (0..3_000u32).map(|i| format!(" ip4:10.{}.{}.1", i / 250, i % 250)).collect();
        let set = networks(&of(&format!("d.example TXT v=spf1{singles}{fails} -all")));
        assert_eq!(set.ipv4_count, 3_000);
    }
}
