//! The parts of a record: tags, and what is none (RFC 9989 §4.8).

use super::uri;
use crate::text::Span;

/// What stands between two semicolons after the version.
///
/// ```
/// use mailproof::dmarc::Record;
///
/// let text = "v=DMARC1; p=reject;; quarantine ; rua=mailto:d@example.com";
/// let record = Record::parse(text);
/// let parts: Vec<&str> = record.parts().iter().map(|part| &text[part.span]).collect();
/// assert_eq!(parts, ["p=reject", "", "quarantine", "rua=mailto:d@example.com"]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Part {
    /// All of it, without white space at its ends.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
}

/// What a part of a record is.
///
/// ```
/// use mailproof::dmarc::{PartKind, Record, Tag};
///
/// let text = "v=DMARC1; p=reject; policy=none; quarantine";
/// let record = Record::parse(text);
/// let [_, policy, word] = record.parts() else { panic!() };
/// // Receivers ignore a tag that they do not know, and what is no tag at all.
/// let PartKind::Tag { tag: Tag::Unknown, name, value } = policy.kind else { panic!() };
/// assert_eq!((&text[name], &text[value]), ("policy", "none"));
/// assert_eq!(word.kind, PartKind::Word);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum PartKind {
    /// A tag with a value, which may be empty or wrong.
    Tag {
        /// Which tag.
        tag: Tag,
        /// Its name as written; [`Tag::Unknown`] may hold what no name may.
        name: Span,
        /// What stands after the first `=`.
        value: Span,
    },
    /// Text without `=`.
    Word,
    /// Nothing, before a semicolon.
    Empty,
}

macro_rules! tags {
    ($($(#[$doc:meta])+ $variant:ident $text:literal;)+) => {
        /// The name of a tag.
        ///
        /// ```
        /// use mailproof::dmarc::{Record, Tag};
        ///
        /// let record = Record::parse("v=DMARC1; P=reject; pct=50; policy=none");
        /// let tags: Vec<Tag> = record.tags().map(|(tag, _, _)| tag).collect();
        /// assert_eq!(tags, [Tag::P, Tag::Pct, Tag::Unknown]);
        /// assert!(Tag::KNOWN.contains(&Tag::Pct), "it had a meaning");
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
        #[non_exhaustive]
        pub enum Tag {
            $($(#[$doc])+ $variant,)+
            /// Any other name: receivers ignore it.
            Unknown,
        }

        impl Tag {
            /// Every tag that has a meaning or had one.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The name; empty for an unknown tag.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ Self::Unknown => "" }
            }

            /// The tag called `name`, in any case.
            pub(in crate::dmarc) fn of(name: &str) -> Self {
                match Self::exactly(name) {
                    Self::Unknown if name.len() <= 5 && name.bytes().any(|b| b.is_ascii_uppercase()) => {
                        Self::exactly(&name.to_ascii_lowercase())
                    }
                    tag => tag,
                }
            }

            fn exactly(name: &str) -> Self {
                match name { $($text => Self::$variant,)+ _ => Self::Unknown }
            }
        }
    };
}

tags! {
    /// Policy of the domain.
    P "p";
    /// Policy of existing subdomains.
    Sp "sp";
    /// Policy of non-existent subdomains.
    Np "np";
    /// Aggregate report destinations.
    Rua "rua";
    /// Failure report destinations.
    Ruf "ruf";
    /// DKIM alignment mode.
    Adkim "adkim";
    /// SPF alignment mode.
    Aspf "aspf";
    /// Test mode.
    T "t";
    /// Whether the domain is a Public Suffix Domain.
    Psd "psd";
    /// Failure reporting options.
    Fo "fo";
    /// Version; it has a meaning only as the first tag.
    V "v";
    /// Historic (§9.3): the sampling percentage of RFC 7489.
    Pct "pct";
    /// Historic: the failure report format of RFC 7489.
    Rf "rf";
    /// Historic: the report interval of RFC 7489.
    Ri "ri";
}

/// What stands between semicolons, white space (WSP, §4.8) around it left out.
pub(super) struct Segments<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Iterator for Segments<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(self.at..)?;
        let end = memchr::memchr(b';', rest).map_or(bytes.len(), |length| self.at + length);
        let span = uri::trimmed(bytes, self.at, end);
        self.at = end + 1;
        if span.is_empty() {
            // Nothing after the last semicolon is no part.
            return (end < bytes.len()).then_some(Part { span, kind: PartKind::Empty });
        }
        let (start, whole) = (span.start as usize, &bytes[span.range()]);
        let Some(equals) = whole.iter().position(|&b| b == b'=') else {
            return Some(Part { span, kind: PartKind::Word });
        };
        let name = uri::trimmed(bytes, start, start + equals);
        let value = uri::trimmed(bytes, start + equals + 1, span.end as usize);
        Some(Part { span, kind: PartKind::Tag { tag: Tag::of(&self.text[name]), name, value } })
    }
}
