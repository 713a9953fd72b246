//! XML: aggregate reports and logos.

#[cfg(feature = "xml")]
mod walk;

#[cfg(feature = "xml")]
pub(crate) use walk::{Defect, DefectKind, Element, Tag, Visitor, walk};

use crate::text::Span;

/// The text of an element.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Value {
    /// Without white space around it, entities resolved.
    pub text: String,
    /// Where it stands in the XML.
    pub span: Span,
}
