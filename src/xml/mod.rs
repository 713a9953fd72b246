//! XML: aggregate reports and logos.

#[cfg(feature = "xml")]
mod walk;

#[cfg(feature = "xml")]
pub(crate) use walk::{Defect, DefectKind, Element, Tag, Visitor, walk};

use crate::text::Span;

/// Defects that are kept. How many more there are is told.
pub(crate) const MAX_DEFECTS: usize = 100;

/// The text of an element.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use mailproof::aggregate::Report;
///
/// let xml = "<feedback><report_metadata><org_name> A &amp; B </org_name></report_metadata></feedback>";
/// let report = Report::read(xml.as_bytes());
/// let name = report.org_name.as_ref().unwrap();
/// assert_eq!(name.text, "A & B");
/// assert_eq!(report.source.text()[name.span].trim(), "A &amp; B");
/// # }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Value {
    /// Without white space around it, entities resolved.
    pub text: String,
    /// Where it stands in the XML.
    pub span: Span,
}
