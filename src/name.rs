//! DNS names.

mod error;
mod traits;

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::text::{short, to_ascii, to_unicode};
use error::check_lengths;
pub use error::{MAX_LABEL, MAX_NAME, NameError};

/// A DNS name in its one normal form: A-labels, lower case, no final dot.
///
/// Names compare without regard to case (RFC 4343), and U-labels are the same as their A-labels
/// (RFC 5890 §2.3.2.1). At most 253 octets as text, labels of 1 to 63 octets (RFC 1035 §2.3.4). The root is the empty name.
/// Any visible character and the space may stand in a label: `_dmarc` and the macros of SPF (`%_` is a space) make names that are
/// not host names.
///
/// ```
/// use mailproof::Name;
///
/// let name: Name = "Bücher.Example.".parse()?;
/// assert_eq!(name.as_str(), "xn--bcher-kva.example");
/// assert_eq!(name.to_unicode(), "bücher.example");
/// assert!(name.is_subdomain_of(&"example".parse()?));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Name(SmolStr);

impl Name {
    /// Reads a name; one final dot is allowed.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("_DMARC.Example.com.")?, "_dmarc.example.com");
    /// assert!(Name::parse("a..b").is_err());
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    ///
    /// # Errors
    /// What breaks the limits of RFC 1035 §2.3.4, holds control characters or white space other than spaces, or cannot be turned
    /// into A-labels.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text == "." {
            return Ok(Self::root());
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        // Nearly every name is written as it is kept.
        if is_canonical(text) {
            return Ok(Self(short(text)));
        }
        if let Some(character) = text.chars().find(|&c| c.is_control() || (c.is_whitespace() && c != ' ')) {
            return Err(NameError::Character { character });
        }
        if text.is_ascii() {
            check_lengths(text)?;
            return Ok(Self::from_canonical(&text.to_ascii_lowercase()));
        }
        // Labels of ASCII may hold what host names may not (`_`), so only the others go through IDNA.
        let mut ascii = String::with_capacity(text.len());
        for (i, label) in text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).enumerate() {
            if i > 0 {
                ascii.push('.');
            }
            if label.is_ascii() {
                ascii.push_str(&label.to_ascii_lowercase());
            } else {
                ascii.push_str(&to_ascii(label).ok_or(NameError::Idna)?);
            }
        }
        check_lengths(&ascii)?;
        Ok(Self::from_canonical(&ascii))
    }

    /// The root of the DNS.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::root().label_count(), 0);
    /// ```
    pub fn root() -> Self {
        Self(SmolStr::default())
    }

    /// A text that is known to be in normal form.
    pub(crate) fn from_canonical(text: &str) -> Self {
        debug_assert!(is_canonical(text), "{text:?} is not canonical");
        Self(short(text))
    }

    /// The normal form: A-labels, lower case, no final dot; empty for the root.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("WWW.Example.")?.as_str(), "www.example");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, from the left.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// let name = Name::parse("_dmarc.example.com")?;
    /// assert_eq!(name.labels().collect::<Vec<_>>(), ["_dmarc", "example", "com"]);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.').filter(|label| !label.is_empty())
    }

    /// How many labels it has; none for the root.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("example.com")?.label_count(), 2);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn label_count(&self) -> usize {
        if self.0.is_empty() { 0 } else { 1 + self.0.bytes().map(|b| usize::from(b == b'.')).sum::<usize>() }
    }

    /// The name without its leftmost label; `None` for a name of one label and for the root.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("www.example.com")?.parent(), Some(Name::parse("example.com")?));
    /// assert_eq!(Name::parse("com")?.parent(), None);
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('.').map(|(_, parent)| Self(parent.into()))
    }

    /// The last `count` labels, or the whole name if it has no more.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("a.b.example.com")?.suffix(2), "example.com");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    #[must_use]
    pub fn suffix(&self, count: usize) -> Self {
        let text = self.last_labels(count);
        if text.len() == self.0.len() { self.clone() } else { Self(short(text)) }
    }

    /// The text of the last label: the top-level domain.
    pub(crate) fn last_label(&self) -> &str {
        let text = self.as_str();
        &text[text.bytes().rposition(|b| b == b'.').map_or(0, |dot| dot + 1)..]
    }

    /// The text of the last `count` labels.
    pub(crate) fn last_labels(&self, count: usize) -> &str {
        if count == 0 {
            return "";
        }
        let bytes = self.0.as_bytes();
        let mut start = bytes.len() + 1;
        for _ in 0..count {
            match bytes[..start - 1].iter().rposition(|&b| b == b'.') {
                Some(dot) => start = dot + 1,
                None => return &self.0,
            }
        }
        &self.0[start..]
    }

    /// This name with `labels` in front of it, such as `_dmarc`.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("example.com")?.prefixed("s1._domainkey")?, "s1._domainkey.example.com");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    ///
    /// # Errors
    /// When the whole becomes too long, or `labels` are none.
    pub fn prefixed(&self, labels: &str) -> Result<Self, NameError> {
        if self.0.is_empty() { Self::parse(labels) } else { Self::parse(&format!("{labels}.{}", self.0)) }
    }

    /// This name, which ends with `domain`, as a panel publishes it that adds the name of the zone to whatever is typed; each with the zone,
    /// which is `domain` itself, or where it was probably registered.
    pub(crate) fn with_zone_twice(&self, domain: &Self) -> impl Iterator<Item = (Self, Self)> {
        let above = [3, 2].into_iter().filter(|&labels| labels < domain.label_count());
        let zones = std::iter::once(domain.clone()).chain(above.map(|labels| domain.suffix(labels)));
        zones.filter_map(|zone| Some((zone.prefixed(self.as_str()).ok()?, zone)))
    }

    /// Whether it lies below `other`; a name is not below itself.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// let domain = Name::parse("example.com")?;
    /// assert!(Name::parse("mail.example.com")?.is_subdomain_of(&domain));
    /// assert!(!Name::parse("notexample.com")?.is_subdomain_of(&domain));
    /// assert!(!domain.is_subdomain_of(&domain));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn is_subdomain_of(&self, other: &Self) -> bool {
        if other.0.is_empty() {
            return !self.0.is_empty();
        }
        self.0.strip_suffix(other.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }

    /// Whether it is `other` or lies below it.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// let domain = Name::parse("example.com")?;
    /// assert!(domain.is_within(&domain));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || self.is_subdomain_of(other)
    }

    /// Whether every label has only letters, digits and inner hyphens (RFC 1123 §2.1).
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert!(Name::parse("mail.example.com")?.is_hostname());
    /// assert!(!Name::parse("_dmarc.example.com")?.is_hostname());
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn is_hostname(&self) -> bool {
        !self.0.is_empty()
            && self.labels().all(|label| {
                !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            })
    }

    /// Whether only underscores are too much for the name of a host: names of the DNS have them, and aliases lead to such.
    pub(crate) fn is_hostname_but_for_underscores(&self) -> bool {
        let is_inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !self.0.is_empty()
            && self
                .labels()
                .all(|label| !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inner))
    }

    /// Whether the last label may be that of a top-level domain: letters, or an A-label (RFC 3696 §2, RFC 5890 §2.3.2.1).
    pub(crate) fn has_top_level(&self) -> bool {
        self.labels().next_back().is_some_and(|top| {
            top.len() > 1 && (top.starts_with("xn--") || top.bytes().all(|b| b.is_ascii_alphabetic()))
        })
    }

    /// Whether mail may go there: it is not the root, and has only letters, digits, hyphens, underscores and dots. Looser than a host
    /// name, as servers are (RFC 5321 §4.1.2).
    pub(crate) fn is_mail_domain(&self) -> bool {
        let is_usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !self.0.is_empty() && self.0.bytes().all(is_usual)
    }

    /// With U-labels, for people.
    ///
    /// ```
    /// use mailproof::Name;
    ///
    /// assert_eq!(Name::parse("xn--bcher-kva.example")?.to_unicode(), "bücher.example");
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn to_unicode(&self) -> String {
        if !self.0.contains("xn--") {
            return self.0.to_string();
        }
        let labels = self.labels().map(|label| to_unicode(label).map_or(Cow::Borrowed(label), Cow::Owned));
        labels.collect::<Vec<_>>().join(".")
    }
}

/// Whether `text` is already what [`Name::parse`] makes of it. Cheap: evaluators ask it of every target.
pub(crate) fn is_canonical(text: &str) -> bool {
    let mut label = 0;
    for byte in text.bytes() {
        match byte {
            b'.' if label == 0 || label > MAX_LABEL => return false,
            b'.' => label = 0,
            b'A'..=b'Z' => return false,
            b' '..=b'~' => label += 1,
            _ => return false,
        }
    }
    text.is_empty() || (1..=MAX_LABEL).contains(&label) && text.len() <= MAX_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn one_normal_form() {
        assert_eq!(name("Mail.EXAMPLE."), name("mail.example"));
        assert_eq!(name("_DMARC.bücher.example"), "_dmarc.xn--bcher-kva.example");
        assert_eq!(Name::parse(".").unwrap(), Name::root());
    }

    #[test]
    fn limits_of_rfc_1035() {
        assert_eq!(Name::parse(""), Err(NameError::Empty));
        assert_eq!(Name::parse("a..b"), Err(NameError::EmptyLabel { index: 2 }));
        assert_eq!(Name::parse(".a"), Err(NameError::EmptyLabel { index: 1 }));
        assert!(Name::parse(&"a".repeat(63)).is_ok());
        assert_eq!(Name::parse(&"a".repeat(64)), Err(NameError::LongLabel { index: 1, octets: 64 }));
        assert!(Name::parse(&format!("{}ab", "a.".repeat(125))).is_ok());
        assert!(matches!(Name::parse(&"a.".repeat(128)), Err(NameError::Long { octets: 255 })));
        assert_eq!(Name::parse("a\tb.example"), Err(NameError::Character { character: '\t' }));
    }

    #[test]
    fn family() {
        let name = name("a.b.example");
        assert_eq!(name.parent().unwrap(), "b.example");
        assert_eq!(name.suffix(1), "example");
        assert_eq!(name.suffix(9), name);
        assert_eq!(name.suffix(0), Name::root());
        assert!(!name.is_subdomain_of(&name));
        assert!(name.is_within(&name));
        assert!(!Name::parse("xb.example").unwrap().is_subdomain_of(&Name::parse("b.example").unwrap()));
        assert_eq!(name.labels().rev().collect::<Vec<_>>(), ["example", "b", "a"]);
    }
    #[test]
    fn a_zone_stands_twice() {
        let twice = |domain: &str| {
            let domain = name(domain);
            let owner = domain.prefixed("_dmarc").unwrap();
            owner.with_zone_twice(&domain).map(|(name, _)| name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(twice("d.example"), ["_dmarc.d.example.d.example"]);
        assert_eq!(
            twice("mail.d.example"),
            ["_dmarc.mail.d.example.mail.d.example", "_dmarc.mail.d.example.d.example"]
        );
        assert_eq!(twice("e.d.c.b.a").len(), 3);
        assert_eq!(twice(&format!("{}b.example", "a.".repeat(100))).len(), 2, "what fits into the DNS");
    }
}
