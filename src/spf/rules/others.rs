//! Records of something else, where SPF is looked up.

use super::version::starts_with;
use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Applicability, Diagnostic, Findings, Fix, Label, Subject, rules};
use crate::text::Span;

rules! {
    /// # A Sender ID record
    ///
    /// Sender ID (`spf2.0/…`) was an experiment that ended years ago. Nobody evaluates such records; they do not disturb SPF either.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "spf2.0/pra ip4:203.0.113.7 -all"
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    SENDER_ID = "spf-senderid-record", Note, Ok, ["RFC 7208 §1", "RFC 4406"],
        "`{record}` begins a Sender ID record, which nobody evaluates any more";

    /// # A DMARC record where SPF is looked up
    ///
    /// DMARC records belong to `_dmarc` below the domain. At the domain itself nobody looks for them, so the DMARC policy does not apply.
    ///
    /// ```zone bad example.com
    /// example.com. TXT "v=DMARC1; p=none"
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    ///
    /// ```zone good example.com
    /// _dmarc.example.com. TXT "v=DMARC1; p=none"
    /// example.com. TXT "v=spf1 ip4:203.0.113.7 -all"
    /// ```
    DMARC_AT_APEX = "spf-dmarc-at-apex", Error, Ok, ["RFC 9989 §4.5"],
        "a DMARC record stands at `{domain}`; it belongs to `_dmarc.{domain}`";
}

pub(super) fn is_dmarc(text: &str) -> bool {
    let squeezed: String = text.chars().take(16).filter(|c| !c.is_whitespace()).collect();
    starts_with(&squeezed, "v=DMARC1")
}

/// Tells of a DMARC record at `domain`.
pub(super) fn dmarc<'a>(domain: &Name, subject: &Subject, out: &'a mut Findings) -> &'a mut Diagnostic {
    let text = subject.source().text();
    let span = Span::new(0, text.find(';').unwrap_or(text.len()));
    let found = out.report(&DMARC_AT_APEX, Label::new(subject, span)).arg("domain", domain);
    if let Ok(place) = domain.prefixed("_dmarc") {
        found.fix(Fix::publish("publish it there", &place, RecordType::Txt, text, Applicability::MaybeIncorrect));
    }
    found
}
