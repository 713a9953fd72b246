//! A value that a semicolon has torn from its tag: `rua=;mailto:d@d.example`, `p=;reject`.

use super::context::{Context, Written};
use super::near::meant;
use super::settings;
use super::tags::is_address;
use crate::dmarc::{FailureOptions, Mode, PartKind, Policy, Psd, Tag, Testing};
use crate::finding::{Applicability, Edit, Fix};
use crate::text::Span;

/// A tag without a value, and the part behind it that is its value.
pub(super) struct Torn {
    tag: Written,
    value: Span,
    scheme: &'static str,
}

/// All of a record, in order.
pub(super) fn values(cx: &Context<'_>) -> Vec<Torn> {
    let mut empty: Option<Written> = None;
    let mut torn = Vec::new();
    for part in cx.record.parts() {
        match part.kind {
            PartKind::Empty => {}
            PartKind::Tag { tag, name, value } => {
                empty = value.is_empty().then_some(Written { tag, part: part.span, name, value });
            }
            PartKind::Word => {
                let text = cx.slice(part.span);
                if let Some(tag) = empty.take().filter(|tag| is_value(tag.tag, text)) {
                    let first = text.split(',').next().unwrap_or(text);
                    let is_bare = matches!(tag.tag, Tag::Rua | Tag::Ruf) && !first.contains(':');
                    torn.push(Torn { tag, value: part.span, scheme: if is_bare { "mailto:" } else { "" } });
                }
            }
        }
    }
    torn
}

/// The one whose tag or value stands at `part`.
pub(super) fn at(torn: &[Torn], part: Span) -> Option<&Torn> {
    torn.iter().find(|torn| torn.tag.part == part || torn.value == part)
}

impl Torn {
    /// Writes the value behind its tag. The tag is written anew with it, so that no other edit takes it away at the same time.
    pub(super) fn fix(&self, cx: &Context<'_>) -> Fix {
        let whole = Span { start: self.tag.part.start, end: self.value.end };
        let tag = cx.slice(Span { start: self.tag.part.start, end: self.tag.value.start });
        let value = cx.slice(self.value);
        let meant = settings::meant(self.tag.tag, value);
        // A policy, for how much mail it counts, and which domain is the Organizational Domain, is for somebody to confirm.
        let is_grave = matches!(self.tag.tag, Tag::P | Tag::Sp | Tag::Np | Tag::Psd | Tag::Pct);
        let sure =
            if is_grave || meant.is_some() { Applicability::MaybeIncorrect } else { Applicability::MachineApplicable };
        let value = [tag, self.scheme, meant.unwrap_or(value)].concat();
        Fix::edit("take the semicolon away", [Edit::replace(whole, value)], sure)
    }
}

/// Whether the tag may have this value, or one that was probably meant by it.
fn is_value(tag: Tag, text: &str) -> bool {
    match tag {
        Tag::P | Tag::Sp | Tag::Np => meant(text, Policy::ALL.into_iter().map(Policy::as_str)).is_some(),
        Tag::Rua | Tag::Ruf => is_address(text) || text.contains("://") && !text.contains([' ', '\t']),
        Tag::Adkim | Tag::Aspf => Mode::read(text).is_some() || settings::meant(tag, text).is_some(),
        Tag::T => Testing::read(text).is_some() || settings::meant(tag, text).is_some(),
        Tag::Psd => Psd::read(text).is_some() || settings::meant(tag, text).is_some(),
        Tag::Fo => FailureOptions::parse(text).is_ok(),
        Tag::Pct | Tag::Ri => text.bytes().all(|b| b.is_ascii_digit()),
        Tag::V | Tag::Rf | Tag::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{LintOptions, Record, lint, mended};
    use crate::finding::{Applicability, apply_all};

    #[test]
    fn a_value_goes_back_to_its_tag() {
        for (text, good) in [
            ("v=DMARC1; p=reject; rua=;mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
            ("v=DMARC1; p=reject; rua=; mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
            ("v=DMARC1; p=quarantine; rua=;a@d.example", "v=DMARC1; p=quarantine; rua=mailto:a@d.example"),
            (
                "v=DMARC1; p=reject; ruf=;mailto:a@d.example; rua=mailto:b@d.example",
                "v=DMARC1; p=reject; ruf=mailto:a@d.example; rua=mailto:b@d.example",
            ),
            ("v=DMARC1; rua=;mailto:a@d.example; p=reject", "v=DMARC1; rua=mailto:a@d.example; p=reject"),
            (
                "v=DMARC1; p=reject; fo=1; rua=  ;  mailto:a@d.example",
                "v=DMARC1; p=reject; fo=1; rua=mailto:a@d.example",
            ),
            ("v=DMARC1; p=reject;; rua=;mailto:a@d.example", "v=DMARC1; p=reject;; rua=mailto:a@d.example"),
            (
                "v=DMARC1; p=reject; rua=;mailto:a@d.example;mailto:b@d.example",
                "v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example",
            ),
            (
                "v=DMARC1; p=reject; rua=mailto:a@d.example; rua=;mailto:b@d.example",
                "v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example",
            ),
            ("v=DMARC1; p=;reject; rua=mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
            ("v=DMARC1; p=; rejct; rua=mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
            (
                "v=DMARC1; p=reject; adkim=;s; rua=mailto:a@d.example",
                "v=DMARC1; p=reject; adkim=s; rua=mailto:a@d.example",
            ),
        ] {
            let mended = mended(&Record::parse(text), None, &LintOptions::default());
            assert_eq!(mended.as_deref(), Some(good), "{text}");
        }
    }

    /// By `psd` another domain may become the Organizational Domain (§4.10.2).
    #[test]
    fn what_counts_for_other_domains_is_confirmed() {
        let sure =
            |text: &str| apply_all(text, Applicability::MachineApplicable, |text| lint(&Record::parse(text))).text;
        assert_eq!(sure("v=DMARC1; p=reject; adkim=;s"), "v=DMARC1; p=reject; adkim=s");
        for text in ["v=DMARC1; p=reject; psd=;y", "v=DMARC1; p=reject; adkim=;strict", "v=DMARC1; p=reject; pct=;25"] {
            assert_eq!(sure(text), text);
        }
    }

    #[test]
    fn a_right_address_is_not_told_as_a_broken_one() {
        let found = lint(&Record::parse("v=DMARC1; p=reject; rua=;mailto:a@d.example"));
        let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
        assert!(codes.contains(&"dmarc-rua-semicolon-separated") && !codes.contains(&"dmarc-rua-invalid-uri"));
    }
}
