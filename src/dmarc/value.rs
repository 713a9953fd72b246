//! The values of DMARC tags (RFC 9989 §4.7, Table 2). ABNF strings are case-insensitive.

use std::fmt;

use crate::text::Span;

/// A Domain Owner Assessment Policy: the value of `p`, `sp` and `np`. The order is from the mildest.
///
/// ```
/// use mailproof::dmarc::{Policy, Record};
///
/// let record = Record::parse("v=DMARC1; p=REJECT; sp=quarantine");
/// let (p, sp) = (record.p().value().unwrap(), record.sp().value().unwrap());
/// assert_eq!(p.as_str(), "reject");
/// assert!(sp < p, "the subdomains are a way around the policy");
/// assert_eq!(p.lowered(), Policy::Quarantine);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Policy {
    /// No preference.
    #[default]
    None,
    /// Failing mail is suspicious.
    Quarantine,
    /// Failing mail is a clear misuse.
    Reject,
}

#[cfg(feature = "serde")]
crate::reading::reads_words!(Policy);

impl Policy {
    /// Every policy, from the mildest.
    pub const ALL: [Self; 3] = [Self::None, Self::Quarantine, Self::Reject];

    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    /// One level lower: what `t=y` asks for (RFC 9989 §4.7), and what RFC 7489 §6.6.4 does with mail outside the `pct` sample.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Reject => Self::Quarantine,
            Self::Quarantine | Self::None => Self::None,
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "quarantine" => Some(Self::Quarantine),
            "reject" => Some(Self::Reject),
            _ => Self::ALL.into_iter().find(|policy| text.eq_ignore_ascii_case(policy.as_str())),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An Identifier Alignment mode: the value of `adkim` and `aspf` (RFC 9989 §4.4).
///
/// ```
/// use mailproof::dmarc::{Mode, Record};
///
/// let record = Record::parse("v=DMARC1; p=reject; adkim=s");
/// assert_eq!((record.adkim().or_default(), record.aspf().or_default()), (Mode::Strict, Mode::Relaxed));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Mode {
    /// The Organizational Domains are the same.
    #[default]
    Relaxed,
    /// The domains are the same.
    Strict,
}

impl Mode {
    /// The letter in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relaxed => "r",
            Self::Strict => "s",
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        [Self::Relaxed, Self::Strict].into_iter().find(|mode| text.eq_ignore_ascii_case(mode.as_str()))
    }
}

/// The value of `psd`: whether the domain is a Public Suffix Domain.
///
/// ```
/// use mailproof::dmarc::{Psd, Record};
///
/// assert_eq!(Record::parse("v=DMARC1; p=reject; psd=n").psd().or_default(), Psd::No);
/// assert_eq!(Record::parse("v=DMARC1; p=reject").psd().or_default(), Psd::Unknown);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Psd {
    /// `y`: it is one.
    Yes,
    /// `n`: it is not one, and it is the Organizational Domain of itself and what lies below.
    No,
    /// `u`: the tree walk decides.
    #[default]
    Unknown,
}

impl Psd {
    /// The letter in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "y",
            Self::No => "n",
            Self::Unknown => "u",
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        [Self::Yes, Self::No, Self::Unknown].into_iter().find(|psd| text.eq_ignore_ascii_case(psd.as_str()))
    }
}

/// The value of `t`: whether the owner is testing the policy.
///
/// ```
/// use mailproof::dmarc::{Record, Testing};
///
/// let record = Record::parse("v=DMARC1; p=quarantine; t=y");
/// assert_eq!(record.t().value(), Some(Testing::Yes));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Testing {
    /// `y`: one level below the policy is asked for.
    Yes,
    /// `n`: the policy is asked for.
    #[default]
    No,
}

impl Testing {
    /// The letter in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "y",
            Self::No => "n",
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        [Self::Yes, Self::No].into_iter().find(|testing| text.eq_ignore_ascii_case(testing.as_str()))
    }
}

/// One failure reporting option: a member of `fo`.
///
/// ```
/// use mailproof::dmarc::{FailureOption, Record};
///
/// let record = Record::parse("v=DMARC1; p=none; fo=1:d; ruf=mailto:f@example.com");
/// let options: Vec<FailureOption> = record.fo().value().unwrap().iter().collect();
/// assert_eq!(options, [FailureOption::Any, FailureOption::Dkim]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum FailureOption {
    /// `0`: a report if no mechanism gives an aligned pass.
    All,
    /// `1`: a report if any mechanism gives no aligned pass.
    Any,
    /// `d`: a report if a DKIM signature fails.
    Dkim,
    /// `s`: a report if SPF fails.
    Spf,
}

impl FailureOption {
    /// The letter in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "0",
            Self::Any => "1",
            Self::Dkim => "d",
            Self::Spf => "s",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::All, Self::Any, Self::Dkim, Self::Spf].into_iter().find(|o| text.eq_ignore_ascii_case(o.as_str()))
    }
}

/// The value of `fo`: at most one of `0` and `1`, `d`, `s`, in the order written.
///
/// ```
/// use mailproof::dmarc::{FailureOption, FailureOptions, Record};
///
/// // Without `fo` a receiver reports what neither SPF nor DKIM could align.
/// let stated = Record::parse("v=DMARC1; p=none; ruf=mailto:f@example.com").fo();
/// assert!(stated.is_absent());
/// assert!(stated.or_default().iter().eq([FailureOption::All]));
/// assert!(FailureOptions::parse("d:s")?.iter().eq([FailureOption::Dkim, FailureOption::Spf]));
/// # Ok::<(), mailproof::dmarc::FailureOptionsError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FailureOptions {
    options: [FailureOption; 3],
    len: u8,
}

/// Why a value of `fo` is none.
///
/// ```
/// use mailproof::dmarc::{FailureOptions, FailureOptionsError};
///
/// assert_eq!(FailureOptions::parse("0:1"), Err(FailureOptionsError::Exclusive));
/// assert_eq!(FailureOptions::parse("d:d"), Err(FailureOptionsError::Duplicate));
/// assert_eq!(FailureOptions::parse("d,s"), Err(FailureOptionsError::Unknown), "options are divided by colons");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FailureOptionsError {
    /// A member is none of `0 1 d s`, or empty.
    Unknown,
    /// `0` and `1` exclude each other.
    Exclusive,
    /// A member stands twice.
    Duplicate,
}

impl FailureOptions {
    /// The options, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = FailureOption> {
        self.options.into_iter().take(usize::from(self.len))
    }

    /// Reads the value of a `fo` tag (RFC 9989 §4.8, `dmarc-fo`).
    ///
    /// # Errors
    /// A member that is unknown, stands twice, or excludes another.
    pub fn parse(text: &str) -> Result<Self, FailureOptionsError> {
        use FailureOption::{All, Any};
        let mut options = Self { options: [All; 3], len: 0 };
        let mut error = None;
        for member in text.split(':') {
            let option = FailureOption::read(member).ok_or(FailureOptionsError::Unknown)?;
            if options.iter().any(|other| other == option) {
                error.get_or_insert(FailureOptionsError::Duplicate);
            } else if options.iter().any(|other| matches!((other, option), (All, Any) | (Any, All))) {
                error = Some(FailureOptionsError::Exclusive);
            } else if let Some(slot) = options.options.get_mut(usize::from(options.len)) {
                *slot = option;
                options.len += 1;
            }
        }
        error.map_or(Ok(options), Err)
    }
}

impl Default for FailureOptions {
    /// `0`.
    fn default() -> Self {
        Self { options: [FailureOption::All; 3], len: 1 }
    }
}

/// What a record says about a tag.
///
/// ```
/// use mailproof::dmarc::{Policy, Record, Stated};
///
/// let text = "v=DMARC1; p=reject; sp=rejct";
/// let record = Record::parse(text);
/// assert_eq!(record.p().value(), Some(Policy::Reject));
/// let Stated::Invalid { span } = record.sp() else { panic!() };
/// assert_eq!(&text[span], "rejct");
/// assert!(record.sp().is_invalid() && record.sp().span() == Some(span));
/// assert!(record.np().is_absent());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Stated<T> {
    /// Nothing.
    #[default]
    Absent,
    /// This value.
    Valid {
        /// The value.
        value: T,
        /// Where it is written.
        span: Span,
    },
    /// Something that is no value of the tag.
    Invalid {
        /// Where it is written.
        span: Span,
    },
}

impl<T: Copy> Stated<T> {
    pub(super) fn read(span: Span, value: Option<T>) -> Self {
        match value {
            Some(value) => Self::Valid { value, span },
            None => Self::Invalid { span },
        }
    }

    /// The value, if a valid one is written.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Valid { value, .. } => Some(value),
            Self::Absent | Self::Invalid { .. } => None,
        }
    }

    /// Where the value is written, valid or not.
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Valid { span, .. } | Self::Invalid { span } => Some(span),
            Self::Absent => None,
        }
    }

    /// Whether something is written that is no value of the tag.
    pub fn is_invalid(self) -> bool {
        matches!(self, Self::Invalid { .. })
    }

    /// Whether the tag is not there.
    pub fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Copy + Default> Stated<T> {
    /// The value, or the tag's default (RFC 9989 §4.8).
    pub fn or_default(self) -> T {
        self.value().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_options() {
        let read = |text| FailureOptions::parse(text).map(|fo| fo.iter().map(|o| o.as_str()).collect::<Vec<_>>());
        assert_eq!(read("1:d:s").unwrap(), ["1", "d", "s"]);
        assert_eq!(read("S:0").unwrap(), ["s", "0"]);
        assert_eq!(read("0:1"), Err(FailureOptionsError::Exclusive));
        assert_eq!(read("d:d"), Err(FailureOptionsError::Duplicate));
        for text in ["", "1,d", "01", "1: d", "1:", "x"] {
            assert_eq!(read(text), Err(FailureOptionsError::Unknown), "{text}");
        }
    }

    #[test]
    fn one_level_lower() {
        assert_eq!(Policy::Reject.lowered(), Policy::Quarantine);
        assert_eq!(Policy::Quarantine.lowered(), Policy::None);
        assert_eq!(Policy::None.lowered(), Policy::None);
    }
}
