//! A record of another protocol in the text of one: two were pasted into one TXT record, where each has its own.

use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Applicability, Fix};

/// A kind of record, by what it begins with.
pub(crate) struct Kind {
    pub(crate) begin: &'static str,
    /// What it is called, with its article.
    name: &'static str,
    /// Where it belongs.
    place: &'static str,
    /// What stands before the domain there, if that is always the same.
    labels: Option<&'static str>,
}

const fn kind(begin: &'static str, name: &'static str, place: &'static str, labels: Option<&'static str>) -> Kind {
    Kind { begin, name, place, labels }
}

const AT_SELECTOR: &str = "at its selector below `_domainkey`";

const KINDS: [Kind; 7] = [
    kind("v=spf1", "an SPF record", "at the domain itself", Some("")),
    kind("v=DMARC1", "a DMARC record", "at `_dmarc` below the domain", Some("_dmarc.")),
    kind("v=DKIM1", "a DKIM key", AT_SELECTOR, None),
    // Most keys have no version.
    kind("k=rsa;", "a DKIM key", AT_SELECTOR, None),
    kind("v=BIMI1", "a BIMI record", "at `default._bimi` below the domain", Some("default._bimi.")),
    kind("v=STSv1", "an MTA-STS record", "at `_mta-sts` below the domain", Some("_mta-sts.")),
    kind("v=TLSRPTv1", "a TLS-RPT record", "at `_smtp._tls` below the domain", Some("_smtp._tls.")),
];

/// Where the first record of one of the kinds begins inside the text, behind the start of its own.
pub(crate) fn find(text: &str, is_wanted: impl Fn(&Kind) -> bool) -> Option<(usize, &'static Kind)> {
    let bytes = text.as_bytes();
    // Each begins with a name of one letter, which is ASCII, so no character is cut; `v` is rare in other words.
    let names = memchr::memchr3_iter(b'v', b'V', b'k', bytes);
    let mut starts = names.filter(|&at| at > 0 && bytes.get(at + 1) == Some(&b'='));
    starts.find_map(|at| {
        let kind = KINDS.iter().find(|kind| is_wanted(kind) && kind.begins(text, at))?;
        Some((at, kind))
    })
}

/// Whether the text begins with the version of another kind than the one that begins with `own`.
pub(crate) fn is_of_another(text: &str, own: &str) -> bool {
    KINDS.iter().any(|kind| kind.begin != own && kind.begins(text, 0))
}

impl Kind {
    fn begins(&self, text: &str, at: usize) -> bool {
        let (before, rest) = (&text[..at], &text.as_bytes()[at..]);
        // A version is seen behind a word without a space too; other tags may be the end of a longer one.
        let is_apart = if self.has_version() { !before.ends_with('=') } else { before.ends_with([' ', ';']) };
        is_apart && rest.get(..self.begin.len()).is_some_and(|part| part.eq_ignore_ascii_case(self.begin.as_bytes()))
    }

    /// Whether it begins with a version.
    pub(crate) fn has_version(&self) -> bool {
        self.begin.starts_with("v=")
    }

    /// What begins where it was found, and where it belongs.
    pub(crate) fn told(&self) -> String {
        format!("{} begins here: it belongs in a TXT record of its own, {}", self.name, self.place)
    }

    /// The record at its place for the domain.
    pub(crate) fn publish(&self, domain: &Name, record: &str) -> Option<Fix> {
        let place = Name::parse(&format!("{}{domain}", self.labels?)).ok()?;
        Some(Fix::publish("publish it there", &place, RecordType::Txt, record.trim(), Applicability::MaybeIncorrect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Change;

    #[test]
    fn the_first_record_is_found() {
        let found = |text: &str| find(text, |_| true).map(|(at, kind)| (at, kind.begin));
        assert_eq!(found("v=DMARC1; v=spf1 -all"), Some((10, "v=spf1")));
        assert_eq!(found("p=nonev=SPF1 -all v=DMARC1"), Some((6, "v=spf1")));
        assert_eq!(found("x; k=rsa; p=AAAA"), Some((3, "k=rsa;")));
        assert_eq!(found("é V=dmarc1"), Some((3, "v=DMARC1")));
        for text in ["", "v=spf1 -all", "x=v=DMARC1", "tk=rsa; p=AAAA", "k=rsa", "é"] {
            assert_eq!(found(text), None, "{text}");
        }
        assert!(find("v=spf1 v=spf1 -all", |kind| kind.begin != "v=spf1").is_none());
    }

    #[test]
    fn each_has_its_place() {
        let domain = "d.example".parse().unwrap();
        let place = |kind: &Kind| match kind.publish(&domain, "x ")?.change {
            Change::Records { owner, .. } => Some(owner.as_str().to_owned()),
            Change::Edit(_) => None,
        };
        let places: Vec<_> = KINDS.iter().filter_map(place).collect();
        // The selector of a key is not known.
        assert_eq!(
            places,
            ["d.example", "_dmarc.d.example", "default._bimi.d.example", "_mta-sts.d.example", "_smtp._tls.d.example"]
        );
    }
}
