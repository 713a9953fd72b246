//! The Public Suffix List, by which RFC 7489 receivers find Organizational Domains (RFC 7489 §3.2).

use std::collections::HashMap;

use crate::Name;

/// Rules of a Public Suffix List.
///
/// RFC 7489 names no list and no section of one, so receivers differ: some take the ICANN section only, others
/// also the private one, in which hosting providers name the domains below which their customers live.
///
/// ```
/// use mailproof::dmarc::{PublicSuffixes, Section};
///
/// let list = PublicSuffixes::parse("io\n// ===BEGIN PRIVATE DOMAINS===\ngithub.io\n");
/// let name = "user.github.io".parse()?;
/// assert_eq!(list.org_domain(&name, Section::All).unwrap(), "user.github.io");
/// assert_eq!(list.org_domain(&name, Section::Icann).unwrap(), "github.io");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PublicSuffixes(List);

/// Which rules of a list count.
///
/// ```
/// use mailproof::dmarc::{PublicSuffixes, Section};
///
/// let list = PublicSuffixes::parse("example\n// ===BEGIN PRIVATE DOMAINS===\nsites.example");
/// let name = "www.alice.sites.example".parse()?;
/// assert_eq!(list.suffix(&name, Section::Icann), "example");
/// assert_eq!(list.suffix(&name, Section::All), "sites.example");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Section {
    /// Those of registries.
    Icann,
    /// Those of registries and of hosting providers.
    All,
}

#[derive(Clone, Debug)]
enum List {
    #[cfg(feature = "psl")]
    BuiltIn,
    Rules(HashMap<Box<str>, Rules>),
}

/// What a list says about one name.
#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    /// `name` is a rule.
    plain: Option<Section>,
    /// `*.name` is a rule.
    wildcard: Option<Section>,
    /// `!name` is a rule.
    exception: Option<Section>,
}

impl PublicSuffixes {
    /// The list that was current when the crate was built.
    ///
    /// ```
    /// use mailproof::dmarc::{PublicSuffixes, Section};
    ///
    /// let list = PublicSuffixes::built_in();
    /// assert_eq!(list.org_domain(&"news.example.co.uk".parse()?, Section::Icann).unwrap(), "example.co.uk");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[cfg(feature = "psl")]
    pub fn built_in() -> Self {
        Self(List::BuiltIn)
    }

    /// Reads a list in the format of publicsuffix.org: a rule on each line up to the first white space, comments
    /// after `//`, the private section marked by comments. What is no rule is skipped.
    ///
    /// ```
    /// use mailproof::dmarc::{PublicSuffixes, Section};
    ///
    /// let list = PublicSuffixes::parse("// Of a registry\nexample\n*.example\n!www.example\n");
    /// let org = |name: &str| list.org_domain(&name.parse().unwrap(), Section::Icann).map(|org| org.to_string());
    /// assert_eq!(org("mail.acme.co.example").unwrap(), "acme.co.example");
    /// assert_eq!(org("mail.www.example").unwrap(), "www.example");
    /// assert_eq!(org("co.example"), None);
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut rules: HashMap<Box<str>, Rules> = HashMap::new();
        let mut section = Section::Icann;
        for line in text.lines() {
            if line.starts_with("//") {
                if line.contains("BEGIN PRIVATE DOMAINS") {
                    section = Section::All;
                } else if line.contains("END PRIVATE DOMAINS") {
                    section = Section::Icann;
                }
                continue;
            }
            let Some(rule) = line.split_whitespace().next() else { continue };
            let (name, kind): (_, fn(&mut Rules) -> &mut Option<Section>) = match rule.split_at_checked(1) {
                Some(("!", name)) => (name, |rules| &mut rules.exception),
                Some(("*", name)) => (name.strip_prefix('.').unwrap_or("."), |rules| &mut rules.wildcard),
                _ => (rule, |rules| &mut rules.plain),
            };
            let Ok(name) = Name::parse(name.strip_prefix('.').unwrap_or(name)) else { continue };
            let slot = kind(rules.entry(name.as_str().into()).or_default());
            // A rule in both sections belongs to the wider one.
            *slot = if *slot == Some(Section::Icann) { *slot } else { Some(section) };
        }
        Self(List::Rules(rules))
    }

    /// The public suffix of `name`. Without a rule it is the last label, as the list's rule `*` says.
    pub fn suffix(&self, name: &Name, section: Section) -> Name {
        name.suffix(self.suffix_labels(name, section))
    }

    /// The public suffix and one label more; `None` if the name is a public suffix itself, or an IPv4 address.
    pub fn org_domain(&self, name: &Name, section: Section) -> Option<Name> {
        let labels = self.suffix_labels(name, section) + 1;
        (labels <= name.label_count()).then(|| name.suffix(labels))
    }

    /// The Organizational Domain of an RFC 7489 receiver: of a public suffix, the suffix itself.
    pub(crate) fn org_domain_or_self(&self, name: &Name, section: Section) -> Name {
        self.org_domain(name, section).unwrap_or_else(|| name.clone())
    }

    fn suffix_labels(&self, name: &Name, section: Section) -> usize {
        // No top-level domain is a number (RFC 3696 §2): this is an IPv4 address, which has no parts.
        if name.labels().next_back().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit())) {
            return name.label_count();
        }
        match &self.0 {
            #[cfg(feature = "psl")]
            List::BuiltIn => built_in_labels(name, section),
            List::Rules(rules) => labels_by(rules, name.as_str(), section),
        }
    }
}

fn labels_by(rules: &HashMap<Box<str>, Rules>, name: &str, section: Section) -> usize {
    let counts = |of: Option<Section>| of.is_some_and(|of| section == Section::All || of == Section::Icann);
    // "If no rules match, the prevailing rule is *."
    let mut longest = 1;
    let mut start = name.len();
    let mut labels = 0;
    // From the shortest suffix to the longest.
    loop {
        let Some(before) = name[..start].strip_suffix('.').or((labels == 0).then_some(name)) else { return longest };
        start = before.rfind('.').map_or(0, |dot| dot + 1);
        labels += 1;
        if let Some(rule) = rules.get(&name[start..]) {
            // "If more than one rule matches, the prevailing rule is the one which is an exception rule", less its first label.
            if counts(rule.exception) {
                return labels - 1;
            }
            if counts(rule.plain) {
                longest = labels;
            }
            if counts(rule.wildcard) && start > 0 {
                longest = labels + 1;
            }
        }
        if start == 0 {
            return longest;
        }
    }
}

/// The crate tells the section of the longest rule only. If that is a private one, the longest ICANN rule is shorter,
/// so it is found again in what is left without the first label.
#[cfg(feature = "psl")]
fn built_in_labels(name: &Name, section: Section) -> usize {
    use psl::{Psl as _, Type};
    let mut labels: &str = name.as_str();
    loop {
        let info = psl::List.find(labels.rsplit('.').map(str::as_bytes));
        let suffix = &labels[labels.len().saturating_sub(info.len)..];
        if section == Section::All || info.typ != Some(Type::Private) {
            return suffix.split('.').count();
        }
        match suffix.split_once('.') {
            Some((_, rest)) => labels = rest,
            None => return 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
// ===BEGIN ICANN DOMAINS===
com
*.ck
!www.ck
uk // with a remark
co.uk
公司.cn
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
blogspot.com
// ===END PRIVATE DOMAINS===
";

    fn org(name: &str, section: Section) -> Option<String> {
        PublicSuffixes::parse(LIST).org_domain(&name.parse().unwrap(), section).map(|org| org.to_string())
    }

    #[test]
    fn rules() {
        for (name, expected) in [
            ("com", None),
            ("example.com", Some("example.com")),
            ("a.b.example.com", Some("example.com")),
            ("blogspot.com", None),
            ("me.blogspot.com", Some("me.blogspot.com")),
            ("co.uk", None),
            ("a.b.co.uk", Some("b.co.uk")),
            ("ck", None),
            ("test.ck", None),
            ("b.test.ck", Some("b.test.ck")),
            ("www.ck", Some("www.ck")),
            ("a.www.ck", Some("www.ck")),
            ("unlisted", None),
            ("192.0.2.1", None),
            ("1.unlisted", Some("1.unlisted")),
            ("a.b.unlisted", Some("b.unlisted")),
            ("食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
        ] {
            assert_eq!(org(name, Section::All).as_deref(), expected, "{name}");
        }
        assert_eq!(org("me.blogspot.com", Section::Icann).as_deref(), Some("blogspot.com"));
    }

    #[cfg(feature = "psl")]
    #[test]
    fn the_built_in_list_has_both_sections() {
        let list = PublicSuffixes::built_in();
        for (name, icann, all) in [
            ("user.github.io", "github.io", "user.github.io"),
            ("a.example.co.uk", "example.co.uk", "example.co.uk"),
            ("a.www.ck", "www.ck", "www.ck"),
            ("a.example.test", "example.test", "example.test"),
        ] {
            let name = name.parse().unwrap();
            assert_eq!(list.org_domain(&name, Section::Icann).unwrap(), icann);
            assert_eq!(list.org_domain(&name, Section::All).unwrap(), all);
        }
        assert_eq!(list.org_domain(&"com".parse().unwrap(), Section::All), None);
    }
}
