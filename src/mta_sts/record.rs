//! The record (RFC 8461 §3.1).

use crate::tag_list::{Kind, MAX_FIELDS, segments};
use crate::text::{Source, Span};

/// An MTA-STS record, whatever it looks like.
///
/// ```
/// use mailproof::mta_sts::Record;
///
/// let record = Record::parse("v=STSv1; id=20261122T090000;");
/// assert!(Record::is_mta_sts(record.source.text()));
/// // Senders fetch the policy again when this changes.
/// assert_eq!(&record.source.text()[record.id().unwrap()], "20261122T090000");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The text.
    pub source: Source,
    /// All fields in order, `v` among them: the whole, the name (empty without `=`), the value.
    pub fields: Vec<(Span, Span, Span)>,
}

impl Record {
    /// Reads a text; what cannot be read stays in [`Record::fields`], of which there are up to
    /// [`MAX_FIELDS`](crate::tag_list::MAX_FIELDS).
    pub fn parse(text: impl Into<Source>) -> Self {
        let source = text.into();
        let fields = segments(source.text()).filter_map(|segment| match segment.kind {
            Kind::Tag { name, value } => Some((segment.span, name, value)),
            Kind::Word => Some((segment.span, Span::at(segment.span.start as usize), segment.span)),
            Kind::Empty => None,
        });
        Self { fields: fields.take(MAX_FIELDS).collect(), source }
    }

    /// Whether receivers see an MTA-STS record: `v=STSv1` comes first, in this spelling, and a `;` follows (§3.1).
    pub fn is_mta_sts(text: &str) -> bool {
        text.strip_prefix("v=STSv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
    }

    /// Where the value of the first `id` stands.
    pub fn id(&self) -> Option<Span> {
        let text = self.source.text();
        self.fields.iter().find(|(_, name, _)| &text[*name] == "id").map(|&(_, _, value)| value)
    }
}

/// §3.1: one to 32 letters and digits.
pub(super) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
