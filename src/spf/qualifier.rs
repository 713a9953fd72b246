//! Qualifiers (RFC 7208 §4.6.2).

/// What a match means (§4.6.2).
///
/// ```
/// use mailproof::spf::{Qualifier, Record, SpfResult};
///
/// let record = Record::parse("v=spf1 ip4:192.0.2.0/24 ?all");
/// let (_, all) = record.directives().last().unwrap();
/// assert_eq!(all.qualifier.as_char(), '?');
/// // What a receiver says of a sender whom it matches.
/// assert_eq!(SpfResult::from(all.qualifier), SpfResult::Neutral);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Qualifier {
    /// `+`
    Pass,
    /// `-`
    Fail,
    /// `~`
    Softfail,
    /// `?`
    Neutral,
}

impl Qualifier {
    /// The character.
    pub fn as_char(self) -> char {
        match self {
            Self::Pass => '+',
            Self::Fail => '-',
            Self::Softfail => '~',
            Self::Neutral => '?',
        }
    }
}

/// The characters of [`Qualifier`], one of which may stand in front of a mechanism.
pub(crate) const QUALIFIERS: [char; 4] = ['+', '-', '~', '?'];

/// Whether `byte` is the character of a qualifier.
pub(super) fn is_qualifier(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'~' | b'?')
}

/// The qualifiers in front of `term`, and the rest of it. More than one is a mistake, and told as such.
pub(crate) fn split_qualifiers(term: &str) -> (&str, &str) {
    let rest = unqualified(term);
    (&term[..term.len() - rest.len()], rest)
}

/// `term` without the qualifiers in front of it.
pub(crate) fn unqualified(term: &str) -> &str {
    term.trim_start_matches(QUALIFIERS)
}
