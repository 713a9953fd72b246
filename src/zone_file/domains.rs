//! Which domains of a zone file have records about mail, and which names the file speaks for.

use std::collections::{HashMap, HashSet};

use crate::Name;
use crate::dns::{RecordType, Records};
use crate::resolver::Zone;
use crate::resolver::zone::{Data, Entry};

/// A domain of a zone file that has records about mail.
///
/// ```
/// use mailproof::{Name, zone_file};
///
/// let text = "example.com. MX 10 mail.example.com.\ns1._domainkey.example.com. TXT \"v=DKIM1; p=\"";
/// let domain = &zone_file::lint(text, &Name::root())?.domains[0];
/// assert_eq!(domain.name, "example.com");
/// assert_eq!(domain.selectors[0], "s1");
/// # Ok::<(), mailproof::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Domain {
    /// Its name.
    pub name: Name,
    /// The selectors that have keys in the file.
    pub selectors: Vec<Name>,
}

/// The names that a zone file speaks for.
#[derive(Debug)]
pub(super) struct Inside {
    /// Where its zones begin: the owners of SOA records, or else every name in it.
    tops: HashSet<Name>,
    /// Names below which other servers answer.
    cuts: HashSet<Name>,
}

impl Inside {
    pub(super) fn of(zone: &Zone) -> Self {
        let of_type = |wanted: RecordType| {
            let entries = zone.entries().iter().filter(move |entry| record_type(entry) == Some(wanted));
            entries.map(|entry| entry.name.clone()).collect::<HashSet<_>>()
        };
        let mut tops = of_type(RecordType::Soa);
        let mut cuts = HashSet::new();
        if tops.is_empty() {
            tops = zone.names().cloned().collect();
        } else {
            cuts = of_type(RecordType::Ns);
            cuts.retain(|name| !tops.contains(name));
        }
        Self { tops, cuts }
    }

    /// Whether the file says all there is about `name`.
    pub(super) fn has(&self, name: &Name) -> bool {
        let mut rest = Some(name.as_str());
        while let Some(text) = rest {
            // The sets hold names in normal form, and so is every part of one.
            if self.cuts.contains(text) {
                return false;
            }
            if self.tops.contains(text) {
                return true;
            }
            rest = text.split_once('.').map(|(_, above)| above);
        }
        false
    }
}

fn record_type(entry: &Entry) -> Option<RecordType> {
    match &entry.data {
        Data::Record(records) => Some(records.record_type()),
        Data::Other(_) | Data::Mark(..) => None,
    }
}

/// The domains that have records about mail, in the order in which the file names them.
pub(super) fn domains(zone: &Zone, inside: &Inside) -> Vec<Domain> {
    let mut domains: Vec<Domain> = Vec::new();
    let mut index: HashMap<Name, usize> = HashMap::new();
    for entry in zone.entries() {
        let Some((name, selector)) = about(entry) else { continue };
        if !inside.has(&name) && !inside.has(&entry.name) || name.as_str().starts_with("*.") {
            continue;
        }
        let at = *index.entry(name.clone()).or_insert(domains.len());
        if at == domains.len() {
            domains.push(Domain { name, selectors: Vec::new() });
        }
        let selectors = &mut domains[at].selectors;
        if let Some(selector) = selector.filter(|selector| !selectors.contains(selector)) {
            selectors.push(selector);
        }
    }
    domains
}

/// The domain that an entry is about, and the selector where it is a key.
fn about(entry: &Entry) -> Option<(Name, Option<Name>)> {
    let owner = entry.name.as_str();
    let kind = match &entry.data {
        Data::Record(records) => records,
        Data::Other(_) | Data::Mark(..) => return None,
    };
    if let Some((selector, domain)) = owner.split_once("._domainkey.") {
        let is_key = matches!(kind, Records::Txt(_) | Records::Cname(_));
        let selector: Option<Name> = selector.parse().ok().filter(|_| selector != "*");
        return is_key.then(|| domain.parse().ok()).flatten().map(|domain| (domain, selector));
    }
    for label in ["_dmarc.", "_mta-sts.", "_smtp._tls."] {
        if let Some(domain) = owner.strip_prefix(label) {
            return matches!(kind, Records::Txt(_) | Records::Cname(_))
                .then(|| domain.parse().ok())
                .flatten()
                .map(bare);
        }
    }
    if let Some((_, domain)) = owner.split_once("._bimi.") {
        return domain.parse().ok().map(bare);
    }
    match kind {
        Records::Mx(_) => Some(bare(entry.name.clone())),
        Records::Txt(texts) | Records::Spf(texts) => {
            // Names with an underscore are for hosts of records, which the domains that include them are told about.
            let is_spf = texts.iter().any(|text| looks_like_spf(text.text()));
            (is_spf && !owner.starts_with('_')).then(|| bare(entry.name.clone()))
        }
        _ => None,
    }
}

fn bare(name: Name) -> (Name, Option<Name>) {
    (name, None)
}

fn looks_like_spf(text: &str) -> bool {
    let start: String = text.chars().filter(|c| !c.is_whitespace() && *c != '"').take(6).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("v=spf") || start.starts_with("spf1") || start.starts_with("spf2")
}
