//! What breaks the limits of names.

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

pub(super) fn check_lengths(text: &str) -> Result<(), NameError> {
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
