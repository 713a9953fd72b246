//! The null record (RFC 7208 §10.1.2).

use super::Context;
use crate::finding::{Findings, rules};
use crate::spf::{Mechanism, Qualifier, Record, TermKind};

rules! {
    /// # Nobody may send
    ///
    /// `v=spf1 -all` says that the domain sends no mail. That is the right record for names that are not used for mail, and it protects them;
    /// for a domain that does send, every message would fail.
    ///
    /// ```spf bad
    /// v=spf1 -all
    /// ```
    ///
    /// A domain that sends names its servers:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    NULL_RECORD = "spf-null-record-nonmail-domain", Note, Ok, ["RFC 7208 §10.1.2"],
        "`{record}` says that the domain sends no mail";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if is_null(cx.record) {
        let whole = crate::text::Span::new(0, cx.whole().len());
        out.report(&NULL_RECORD, cx.at(whole)).quote("record");
    }
}

/// Whether the record is `-all` alone.
pub(super) fn is_null(record: &Record) -> bool {
    let [term] = record.terms() else { return false };
    matches!(term.kind, TermKind::Directive(directive) if directive.mechanism == Mechanism::All && directive.qualifier == Qualifier::Fail)
}
