//! How addresses are written, and which senders are rewritten.

use crate::Name;

/// How addresses are written, and which are accepted.
///
/// ```
/// use mailproof::{Timestamp, srs::{Forwarded, Secret, Separator, Settings, Srs}};
///
/// let settings = Settings { separator: Separator::Plus, hash_length: 6, ..Settings::default() };
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]).with(settings);
/// let forwarded = srs.forward("alice@example.com", &"fwd.example".parse()?, Timestamp(1_700_000_000))?;
/// let Forwarded::Rewritten { address, .. } = forwarded else { panic!() };
/// assert!(address.starts_with("SRS0+PGkz"));
/// assert!(address[11..].starts_with("=G3=example.com=alice@"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The separator after the tag. Some filters know `=` only, and `+` and `-` may be recipient delimiters.
    pub separator: Separator,
    /// The alphabet of the hash. Both are accepted on the way back.
    pub alphabet: Alphabet,
    /// Characters of the hash, from 1 to 27; 4 make about 20 bits, since case does not count.
    pub hash_length: u8,
    /// The fewest characters of the hash that are accepted; `None`, or more than are written: as many as are written.
    pub hash_min: Option<u8>,
    /// The greatest age of a stamp, in days, today being 0.
    pub max_age_days: u16,
    /// Whether senders at the forwarder's own domain are rewritten too.
    pub always_rewrite: bool,
    /// Senders that are never rewritten.
    pub local_domains: Vec<LocalDomain>,
}

/// The character after `SRS0` and `SRS1`.
///
/// ```
/// use mailproof::{Timestamp, srs::{Forwarded, Secret, Separator, Settings, Srs}};
///
/// let settings = Settings { separator: Separator::Minus, ..Settings::default() };
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]).with(settings);
/// let forwarded = srs.forward("alice@example.com", &"fwd.example".parse()?, Timestamp(1_700_000_000))?;
/// let Forwarded::Rewritten { address, .. } = forwarded else { panic!() };
/// assert_eq!(address, "SRS0-PGkz=G3=example.com=alice@fwd.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
pub enum Separator {
    /// `=`
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "="))]
    Equals,
    /// `+`
    #[cfg_attr(feature = "serde", serde(rename = "+"))]
    Plus,
    /// `-`
    #[cfg_attr(feature = "serde", serde(rename = "-"))]
    Minus,
}

/// The last two characters of base64.
///
/// ```
/// use mailproof::{Timestamp, srs::{Alphabet, Forwarded, Secret, Settings, Srs}};
///
/// let now = Timestamp(1_700_000_000);
/// let settings = Settings { alphabet: Alphabet::Standard, ..Settings::default() };
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]).with(settings);
/// let forwarded = srs.forward("jane@example.com", &"fwd.example".parse()?, now)?;
/// let Forwarded::Rewritten { address, .. } = forwarded else { panic!() };
/// assert_eq!(address, "SRS0=+kNV=G3=example.com=jane@fwd.example");
/// // What the forwarder wrote before it changed the setting is valid too.
/// assert_eq!(srs.reverse("SRS0=-kNV=G3=example.com=jane@fwd.example", now)?.address, "jane@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Alphabet {
    /// `-_`, as postsrsd writes them since 2.2.6. Some hosts refuse `/` in addresses.
    #[default]
    UrlSafe,
    /// `+/`, as all others write them.
    Standard,
}

/// A domain whose senders are not rewritten.
///
/// ```
/// use mailproof::{Timestamp, srs::{Forwarded, LocalDomain, Secret, Settings, Srs, Unchanged}};
///
/// // As postsrsd writes it: all domains below example.com.
/// let local_domains = vec![LocalDomain::parse(".example.com")?];
/// assert_eq!(local_domains[0], LocalDomain::Below("example.com".parse()?));
/// let srs = Srs::new([Secret::new(b"tops3cr3t").unwrap()]).with(Settings { local_domains, ..Settings::default() });
/// let forwarded = srs.forward("alice@mail.example.com", &"fwd.example".parse()?, Timestamp(1_700_000_000))?;
/// assert_eq!(forwarded, Forwarded::Unchanged(Unchanged::LocalDomain));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LocalDomain {
    /// This domain, and nothing below it.
    Exactly(Name),
    /// All domains below this one, but not itself; postsrsd writes it with a dot in front.
    Below(Name),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            separator: Separator::default(),
            alphabet: Alphabet::default(),
            hash_length: 4,
            hash_min: None,
            max_age_days: 21,
            always_rewrite: false,
            local_domains: Vec::new(),
        }
    }
}

impl TryFrom<String> for LocalDomain {
    type Error = crate::name::NameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Alphabet, LocalDomain, Separator, Settings};
    use crate::reading::{Fault, Read, Tree, deserialize, reads, reads_words};

    reads! {
        strict default Settings {
            needs;
            takes separator, alphabet, hash_length, hash_min, max_age_days, always_rewrite, local_domains
        }
    }
    reads_words!(Alphabet, Separator);

    impl Read for LocalDomain {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            Self::parse(tree.text()?).map_err(Fault::new)
        }
    }
    deserialize!(LocalDomain);
}

impl LocalDomain {
    /// Reads postsrsd's form: a domain, or a dot and the domain above.
    ///
    /// # Errors
    /// When it is no DNS name.
    ///
    /// ```
    /// use mailproof::srs::LocalDomain;
    ///
    /// assert_eq!(LocalDomain::parse("example.com")?, LocalDomain::Exactly("example.com".parse()?));
    /// assert_eq!(LocalDomain::parse(".example.com")?, LocalDomain::Below("example.com".parse()?));
    /// # Ok::<(), mailproof::name::NameError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, crate::name::NameError> {
        match text.strip_prefix('.') {
            Some(parent) => Name::parse(parent).map(Self::Below),
            None => Name::parse(text).map(Self::Exactly),
        }
    }

    pub(super) fn holds(&self, domain: &str) -> bool {
        match self {
            Self::Exactly(name) => domain.eq_ignore_ascii_case(name.as_str()),
            Self::Below(name) => {
                let parent = name.as_str();
                let Some(cut) = domain.len().checked_sub(parent.len() + 1) else { return false };
                domain.as_bytes()[cut] == b'.' && domain.as_bytes()[cut + 1..].eq_ignore_ascii_case(parent.as_bytes())
            }
        }
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn are_read_from_json() {
        let json = r#"{"separator": "+", "alphabet": "url-safe", "local_domains": [".example.com", "example.net"]}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        let local_domains = vec![
            LocalDomain::Below("example.com".parse().unwrap()),
            LocalDomain::Exactly("example.net".parse().unwrap()),
        ];
        assert_eq!(settings, Settings { separator: Separator::Plus, local_domains, ..Settings::default() });
        assert!(serde_json::from_str::<Settings>(r#"{"seperator": "+"}"#).is_err());
    }
}
