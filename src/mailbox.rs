//! Mailboxes and reverse-paths.

use std::fmt;

use crate::Name;
use crate::name::NameError;

/// An addr-spec: `local-part@domain`, kept as written (RFC 5321 §4.1.2, RFC 6531 §3.3).
///
/// The domain starts after the *last* `@`, so a quoted local-part may hold one.
///
/// ```
/// use mailproof::Mailbox;
///
/// let mailbox = Mailbox::parse("\"a@b\"@Example.com")?;
/// assert_eq!(mailbox.local_part(), "\"a@b\"");
/// assert_eq!(mailbox.domain()?, "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mailbox {
    text: String,
    at: usize,
}

/// Why a text is not a mailbox.
///
/// ```
/// use mailproof::{Mailbox, mailbox::MailboxError};
///
/// assert_eq!(Mailbox::parse("alice"), Err(MailboxError::NoAt));
/// assert_eq!(MailboxError::NoAt.to_string(), "there is no `@`");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MailboxError {
    /// There is no `@`.
    #[error("there is no `@`")]
    NoAt,
    /// Nothing stands before the `@`.
    #[error("the local-part is empty")]
    EmptyLocalPart,
    /// Nothing stands after the `@`.
    #[error("the domain is empty")]
    EmptyDomain,
    /// A character that only a quoted local-part may hold, or none.
    #[error("{character:?} at offset {offset} cannot stand in an unquoted local-part")]
    Character {
        /// The character.
        character: char,
        /// Its offset in bytes.
        offset: usize,
    },
    /// Dots that begin or end the local-part, or meet.
    #[error("a dot at offset {offset} has nothing on one of its sides")]
    Dot {
        /// Its offset in bytes.
        offset: usize,
    },
    /// A quoted local-part that does not end, or ends early.
    #[error("the quoted local-part is not well-formed")]
    Quoting,
    /// An address literal that is not closed.
    #[error("the address literal is not closed")]
    Literal,
    /// The domain has a character that no domain of mail has, or is the root.
    #[error("the domain may have letters, digits, hyphens, underscores and dots")]
    NotADomain,
    /// The domain is not a DNS name.
    #[error("the domain is not a name: {0}")]
    Domain(#[from] NameError),
}

impl Mailbox {
    /// Reads an addr-spec, without angle brackets.
    ///
    /// ```
    /// use mailproof::Mailbox;
    ///
    /// assert!(Mailbox::parse("alice@example.com").is_ok());
    /// assert!(Mailbox::parse("<alice@example.com>").is_err());
    /// ```
    ///
    /// # Errors
    /// What RFC 5321 §4.1.2 (with the UTF-8 of RFC 6531 §3.3) does not allow.
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        let at = text.rfind('@').ok_or(MailboxError::NoAt)?;
        let (local_part, domain) = (&text[..at], &text[at + 1..]);
        check_local_part(local_part)?;
        if domain.is_empty() {
            return Err(MailboxError::EmptyDomain);
        }
        if domain.starts_with('[') {
            if !domain.ends_with(']') || domain.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return Err(MailboxError::Literal);
            }
        } else if !Name::parse(domain)?.is_mail_domain() {
            return Err(MailboxError::NotADomain);
        }
        Ok(Self { text: text.to_owned(), at })
    }

    /// The whole addr-spec.
    ///
    /// ```
    /// use mailproof::Mailbox;
    ///
    /// assert_eq!(Mailbox::parse("Alice@Example.com")?.as_str(), "Alice@Example.com");
    /// # Ok::<(), mailproof::mailbox::MailboxError>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the last `@`, quotes included.
    ///
    /// ```
    /// use mailproof::Mailbox;
    ///
    /// assert_eq!(Mailbox::parse("Alice@Example.com")?.local_part(), "Alice");
    /// # Ok::<(), mailproof::mailbox::MailboxError>(())
    /// ```
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands after the last `@`, as written.
    ///
    /// ```
    /// use mailproof::Mailbox;
    ///
    /// assert_eq!(Mailbox::parse("Alice@Example.com")?.domain_text(), "Example.com");
    /// # Ok::<(), mailproof::mailbox::MailboxError>(())
    /// ```
    pub fn domain_text(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The domain as a name.
    ///
    /// ```
    /// use mailproof::Mailbox;
    ///
    /// assert_eq!(Mailbox::parse("alice@Example.com")?.domain()?, "example.com");
    /// assert!(Mailbox::parse("alice@[192.0.2.1]")?.domain().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// For an address literal, which names no domain.
    pub fn domain(&self) -> Result<Name, NameError> {
        if self.domain_text().starts_with('[') {
            return Err(NameError::Character { character: '[' });
        }
        Name::parse(self.domain_text())
    }
}

fn check_local_part(text: &str) -> Result<(), MailboxError> {
    if text.is_empty() {
        return Err(MailboxError::EmptyLocalPart);
    }
    if let Some(rest) = text.strip_prefix('"') {
        return check_quoted(rest);
    }
    let mut after_dot = true;
    for (offset, c) in text.char_indices() {
        match c {
            '.' if after_dot => return Err(MailboxError::Dot { offset }),
            '.' => after_dot = true,
            c if is_atext(c) => after_dot = false,
            character => return Err(MailboxError::Character { character, offset }),
        }
    }
    if after_dot { Err(MailboxError::Dot { offset: text.len() - 1 }) } else { Ok(()) }
}

/// What follows the opening quote: qtext and quoted-pairs, then one quote at the very end.
fn check_quoted(rest: &str) -> Result<(), MailboxError> {
    let Some(inner) = rest.strip_suffix('"') else { return Err(MailboxError::Quoting) };
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let well = match c {
            '"' => false,
            '\\' => chars.next().is_some_and(|next| (' '..='~').contains(&next)),
            c => !c.is_control(),
        };
        if !well {
            return Err(MailboxError::Quoting);
        }
    }
    Ok(())
}

/// Offset of the quote that closes the one at the start.
pub(crate) fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let step = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at + step] {
            b'"' => return Some(at + step),
            _ => at += step + 2,
        }
    }
}

/// RFC 5322 §3.2.3, with the UTF-8 of RFC 6532 §3.2.
pub(crate) fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_control())
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl std::str::FromStr for Mailbox {
    type Err = MailboxError;

    fn from_str(text: &str) -> Result<Self, MailboxError> {
        Self::parse(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Mailbox {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Mailbox {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts() {
        for text in [
            "a@b",
            "a.b+c@example.com",
            "\"a b\"@example.com",
            "\"a\\\"@\"@example.com",
            "ü@bücher.example",
            "a@[192.0.2.1]",
        ] {
            assert!(Mailbox::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn parts_and_text() {
        let mailbox: Mailbox = "\"a@b\"@Example.com".parse().unwrap();
        assert_eq!(mailbox.local_part(), "\"a@b\"");
        assert_eq!(format!("{mailbox:?}"), r#""\"a@b\"@Example.com""#);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn as_json() {
        let mailbox: Mailbox = serde_json::from_str("\"a@example.com\"").unwrap();
        assert_eq!(serde_json::to_string(&mailbox).unwrap(), "\"a@example.com\"");
        assert!(serde_json::from_str::<Mailbox>("\"example.com\"").is_err());
    }

    #[test]
    fn refuses() {
        use MailboxError as E;
        let cases = [
            ("nobody", E::NoAt),
            ("@example.com", E::EmptyLocalPart),
            ("a@", E::EmptyDomain),
            ("a b@example.com", E::Character { character: ' ', offset: 1 }),
            (".a@example.com", E::Dot { offset: 0 }),
            ("a.@example.com", E::Dot { offset: 1 }),
            ("a..b@example.com", E::Dot { offset: 2 }),
            ("\"a@example.com", E::Quoting),
            ("\"a\"b\"@example.com", E::Quoting),
            ("a@[192.0.2.1", E::Literal),
            ("a@b.example>", E::NotADomain),
            ("a@b example", E::NotADomain),
            ("a@.", E::NotADomain),
            ("a@b..c", E::Domain(NameError::EmptyLabel { index: 2 })),
        ];
        for (text, error) in cases {
            assert_eq!(Mailbox::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_literal_names_no_domain() {
        assert!(Mailbox::parse("a@[192.0.2.1]").unwrap().domain().is_err());
    }
}
