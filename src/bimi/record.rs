//! The record (draft §4.3).

use crate::tag_list::{Kind, MAX_FIELDS, segments};
use crate::text::{Source, Span};

/// A BIMI record, whatever it looks like.
///
/// ```
/// use mailproof::bimi::Record;
///
/// let record = Record::parse("v=BIMI1; l=https://example.com/logo.svg; a=");
/// assert!(Record::is_bimi(record.source.text()) && !record.declines());
/// assert_eq!(&record.source.text()[record.tag("l").unwrap()], "https://example.com/logo.svg");
/// // Without a certificate some receivers show no logo.
/// assert!(record.tag("a").unwrap().is_empty());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The text.
    pub source: Source,
    /// All tags in order: the whole, the name (empty without `=`), the value.
    pub tags: Vec<(Span, Span, Span)>,
}

impl Record {
    /// Reads a text; what cannot be read stays in [`Record::tags`], of which there are up to
    /// [`MAX_FIELDS`](crate::tag_list::MAX_FIELDS).
    ///
    /// ```
    /// use mailproof::bimi::Record;
    ///
    /// let record = Record::parse("v=BIMI1; l=; a=;");
    /// assert!(record.declines() && Record::is_bimi(record.source.text()));
    /// ```
    pub fn parse(text: impl Into<Source>) -> Self {
        let source = text.into();
        let tags = segments(source.text()).filter_map(|segment| match segment.kind {
            Kind::Tag { name, value } => Some((segment.span, name, value)),
            Kind::Word => Some((segment.span, Span::at(segment.span.start as usize), segment.span)),
            Kind::Empty => None,
        });
        Self { tags: tags.take(MAX_FIELDS).collect(), source }
    }

    /// Whether receivers see a BIMI record: the first tag is `v=BIMI1` in this spelling.
    pub fn is_bimi(text: &str) -> bool {
        let first = text.split(';').next().unwrap_or_default();
        first.split_once('=').is_some_and(|(name, version)| name.trim() == "v" && version.trim() == "BIMI1")
    }

    /// Where the value of the first tag called `name` stands.
    pub fn tag(&self, name: &str) -> Option<Span> {
        self.tags.iter().find(|(_, found, _)| &self.source.text()[*found] == name).map(|&(_, _, value)| value)
    }

    /// Whether the domain says that it takes no part: `l` and `a` are empty (§4.3).
    pub fn declines(&self) -> bool {
        let is_empty = |value: Span| value.is_empty();
        self.tag("l").is_some_and(is_empty) && self.tag("a").is_none_or(is_empty)
    }
}
