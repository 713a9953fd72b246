//! DNS names.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

use crate::text::{to_ascii, to_unicode};

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

/// Why a text is not a DNS name.
///
/// ```
/// use mailproof::{Name, name::NameError};
///
/// let error = Name::parse("a..example").unwrap_err();
/// assert_eq!(error, NameError::EmptyLabel { index: 2 });
/// assert_eq!(error.to_string(), "label 2 is empty");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing is there.
    #[error("the name is empty")]
    Empty,
    /// Two dots meet, or the name begins with one.
    #[error("label {index} is empty")]
    EmptyLabel {
        /// Which label, counted from 1.
        index: usize,
    },
    /// More than 63 octets between two dots.
    #[error("label {index} has {octets} octets, the limit is 63")]
    LongLabel {
        /// Which label, counted from 1.
        index: usize,
        /// How many octets it has.
        octets: usize,
    },
    /// More than 253 octets in all.
    #[error("the name has {octets} octets, the limit is 253")]
    Long {
        /// How many octets it has.
        octets: usize,
    },
    /// A control character, or white space other than a space.
    #[error("{character:?} cannot stand in a name")]
    Character {
        /// The character.
        character: char,
    },
    /// U-labels that have no A-labels.
    #[error("the name has characters that internationalised names do not allow")]
    Idna,
}

/// Octets in a name as text, without the final dot (RFC 1035 §2.3.4: 255 on the wire).
pub const MAX_NAME: usize = 253;
/// Octets in a label (RFC 1035 §2.3.4).
pub const MAX_LABEL: usize = 63;

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
            return Ok(Self(text.into()));
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
        Self(text.into())
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
        if text.len() == self.0.len() { self.clone() } else { Self(text.into()) }
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

fn check_lengths(text: &str) -> Result<(), NameError> {
    if text.len() > MAX_NAME {
        return Err(NameError::Long { octets: text.len() });
    }
    let mut start = 0;
    for (index, dot) in (1..).zip(memchr::memchr_iter(b'.', text.as_bytes()).chain([text.len()])) {
        let octets = dot - start;
        if octets == 0 {
            return Err(NameError::EmptyLabel { index });
        }
        if octets > MAX_LABEL {
            return Err(NameError::LongLabel { index, octets });
        }
        start = dot + 1;
    }
    Ok(())
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl crate::reading::Read for Name {
    fn read(tree: &crate::reading::Tree) -> Result<Self, crate::reading::Fault> {
        Self::parse(tree.text()?).map_err(crate::reading::Fault::new)
    }
}
#[cfg(feature = "serde")]
crate::reading::deserialize!(Name);

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
}
