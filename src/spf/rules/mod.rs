//! What is told about an SPF record: alone ([`text`]), and with what the DNS says around it.

pub(crate) mod evaluation;

use super::Record;
use crate::Name;
use crate::finding::{Diagnostic, Findings, Label, Rule, Subject};
use crate::text::Span;

/// Every SPF rule, file by file.
pub(crate) static ALL: &[&[&Rule]] = &[evaluation::RULES];

/// What the rules about one record look at.
pub(crate) struct Context<'a> {
    /// The record.
    pub(crate) record: &'a Record,
    /// The same as a subject of findings.
    pub(crate) subject: &'a Subject,
    /// The name it stands at, where that is known.
    pub(crate) domain: Option<&'a Name>,
}

impl Context<'_> {
    /// The place `span` in the record.
    pub(crate) fn at(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    /// The text of `span`.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.record.text(span)
    }
}

/// What the record's text alone says. Nothing is claimed about the DNS.
pub(crate) fn text(cx: &Context<'_>) -> Vec<Diagnostic> {
    let out = Findings::default();
    let _ = cx;
    out.into_sorted()
}
