//! Why a term is none.

use std::fmt;

use super::super::macros::MacroError;
use crate::text::Span;

/// Why a term is none.
///
/// ```
/// use mailproof::spf::Record;
///
/// let record = Record::parse("v=spf1 a:mail.example.com/24/64 -all");
/// let error = record.errors().next().unwrap();
/// assert_eq!(error.to_string(), "the prefix length is not a number (at offset 25)");
/// assert_eq!(record.text(error.span), "/24/64", "one slash is missing: `/24//64`");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where: the smallest part of the term that is to blame.
    pub span: Span,
    /// The term's name as far as it was read, for the message.
    name: Name,
}

/// The start of a term, kept so that an error can be told without its record.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
struct Name {
    bytes: [u8; 15],
    length: u8,
}

/// What is wrong with a term.
///
/// ```
/// use mailproof::spf::{Record, SyntaxErrorKind};
///
/// let kind = |text| Record::parse(text).errors().next().map(|error| error.kind);
/// assert_eq!(kind("v=spf1 ipv4:192.0.2.1 -all"), Some(SyntaxErrorKind::UnknownMechanism));
/// assert_eq!(kind("v=spf1 include: -all"), Some(SyntaxErrorKind::MissingDomain));
/// // Receivers skip a modifier that they do not know, so it is no error.
/// assert_eq!(kind("v=spf1 mx note=office -all"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The record does not begin with `v=spf1` and a space (§4.5). Only strict reading reports it.
    Version,
    /// The name is not one of the eight mechanisms and no `=` follows it (§4.6.1): `ipv4:192.0.2.1`.
    UnknownMechanism,
    /// A qualifier and nothing else: `-`.
    QualifierAlone,
    /// Two qualifiers: `--all`.
    DoubleQualifier,
    /// A modifier with a qualifier: `-redirect=example.net`.
    QualifierOnModifier,
    /// The name of a modifier does not begin with a letter or has other characters than letters, digits, `-`, `_`, `.`: `1x=y`.
    ModifierName,
    /// `redirect` or `exp` a second time (§6).
    DuplicateModifier {
        /// The first one.
        first: Span,
    },
    /// `all` takes no argument (§5.1): `all:example.net`.
    UnexpectedArgument,
    /// A domain-spec is needed and is not there: `include:`.
    MissingDomain,
    /// `ip4` without a dotted quad.
    Ip4,
    /// `ip6` without an IPv6 address.
    Ip6,
    /// A prefix length.
    Cidr(CidrError),
    /// A macro.
    Macro(MacroError),
    /// A domain-spec must end in a dot and a top label, or in a macro (§7.1): `include:localhost`.
    SingleLabel,
    /// The last label has no letter, or another character than letters, digits and inner hyphens (§12 toplabel): `a:192.0.2.1`.
    TopLabel,
    /// Not a visible ASCII character (§12 macro-literal).
    Character,
}

/// What is wrong with a prefix length.
///
/// ```
/// use mailproof::spf::{CidrError, Record, SyntaxErrorKind};
///
/// let record = Record::parse("v=spf1 ip4:192.0.2.0/33 -all");
/// let error = record.errors().next().unwrap();
/// assert_eq!(error.kind, SyntaxErrorKind::Cidr(CidrError::OutOfRange));
/// assert_eq!(record.text(error.span), "/33");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CidrError {
    /// Over 32, or over 128.
    OutOfRange,
    /// A zero before other digits.
    LeadingZero,
    /// No digits, or something else.
    Malformed,
    /// The term takes none: `include:example.net/24`.
    NotAllowed,
}

impl SyntaxError {
    pub(super) fn new(kind: SyntaxErrorKind, span: Span, name: &str) -> Self {
        Self { kind, span, name: Name::new(name) }
    }

    pub(in crate::spf) fn version(span: Span) -> Self {
        Self::new(SyntaxErrorKind::Version, span, "")
    }
}

impl Name {
    fn new(name: &str) -> Self {
        let mut bytes = [0; 15];
        let ascii = name.bytes().take_while(u8::is_ascii_graphic).take(bytes.len());
        let mut length = 0;
        for (slot, byte) in bytes.iter_mut().zip(ascii) {
            *slot = byte;
            length += 1;
        }
        Self { bytes, length }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        match self.kind {
            SyntaxErrorKind::Version => f.write_str("the record does not begin with `v=spf1` and a space"),
            SyntaxErrorKind::UnknownMechanism => write!(f, "`{name}` is not a mechanism"),
            SyntaxErrorKind::QualifierAlone => f.write_str("a qualifier stands alone"),
            SyntaxErrorKind::DoubleQualifier => f.write_str("a term has two qualifiers"),
            SyntaxErrorKind::QualifierOnModifier => write!(f, "the modifier `{name}` takes no qualifier"),
            SyntaxErrorKind::ModifierName => write!(f, "`{name}` cannot be the name of a modifier"),
            SyntaxErrorKind::DuplicateModifier { .. } => write!(f, "`{name}` stands more than once"),
            SyntaxErrorKind::UnexpectedArgument => f.write_str("`all` takes no argument"),
            SyntaxErrorKind::MissingDomain => write!(f, "`{name}` needs a domain"),
            SyntaxErrorKind::Ip4 => f.write_str("`ip4` needs an IPv4 address"),
            SyntaxErrorKind::Ip6 => f.write_str("`ip6` needs an IPv6 address"),
            SyntaxErrorKind::Cidr(CidrError::OutOfRange) => f.write_str("the prefix length is too large"),
            SyntaxErrorKind::Cidr(CidrError::LeadingZero) => f.write_str("the prefix length has a leading zero"),
            SyntaxErrorKind::Cidr(CidrError::Malformed) => f.write_str("the prefix length is not a number"),
            SyntaxErrorKind::Cidr(CidrError::NotAllowed) => write!(f, "`{name}` takes no prefix length"),
            SyntaxErrorKind::Macro(error) => write!(f, "{error}"),
            SyntaxErrorKind::SingleLabel => write!(f, "the domain of `{name}` has no dot"),
            SyntaxErrorKind::TopLabel => write!(f, "the domain of `{name}` does not end in a top-level label"),
            SyntaxErrorKind::Character => f.write_str("a character is not visible ASCII"),
        }?;
        write!(f, " (at offset {})", self.span.start)
    }
}
