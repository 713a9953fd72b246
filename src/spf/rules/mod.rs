//! What is told about an SPF record: alone ([`text`]), and with what the DNS says around it.
//!
//! A broken record is looked at again after its repairs ([`mend`]), so that one defect does not hide
//! another, and so that rules about meaning see the record that was meant.

mod addresses;
mod characters;
mod cidr;
mod commas;
pub(crate) mod coverage;
mod domain_spec;
mod idn;
mod macros;
mod many;
mod mechanisms;
mod mend;
mod merge;
mod misplaced;
mod misspelt_all;
mod modifiers;
mod mojibake;
mod no_name;
mod null_record;
mod providers;
mod qualifiers;
mod quotes;
mod rfc6652;
mod second;
pub(crate) mod selection;
mod separators;
mod spelling;
pub(crate) mod surroundings;
mod unknown;
mod unseen;
pub(crate) mod version;

mod all;
mod answers;
mod duplicates;
mod edits;
mod effects;
pub(crate) mod evaluation;
mod everyone;
mod exists;
mod explanation;
mod flatten;
mod hosts;
mod huge;
mod includes;
mod lookups;
mod others;
pub(crate) mod owners;
mod parts;
mod ranges;
pub(crate) mod received;
mod redirect;
pub(crate) mod semantic;
pub(crate) mod service_facts;
mod services;
mod size;
mod targets;
#[cfg(test)]
mod testing;
mod voids;
mod world;

use super::{Record, Tree};
use crate::Name;
use crate::finding::{Applicability, Diagnostic, Effect, Findings, Label, Rule, Subject};
use crate::panel;
use crate::text::Span;

/// Rules that a text can break by itself.
pub(crate) static OF_TEXTS: &[&[&Rule]] = &[
    all::RULES,
    duplicates::RULES,
    exists::RULES,
    explanation::RULES,
    hosts::RULES,
    includes::RULES,
    lookups::RULES,
    ranges::RULES,
    redirect::RULES,
    services::RULES,
    size::RULES,
    addresses::RULES,
    characters::RULES,
    cidr::RULES,
    domain_spec::RULES,
    idn::RULES,
    macros::RULES,
    many::RULES,
    mechanisms::RULES,
    modifiers::RULES,
    null_record::RULES,
    others::RULES,
    providers::RULES,
    qualifiers::RULES,
    rfc6652::RULES,
    separators::RULES,
    unknown::RULES,
    version::RULES,
];

/// Rules of what is around it: the DNS, a message, a verdict.
pub(crate) static BEYOND_TEXTS: &[&[&Rule]] = &[
    answers::RULES,
    evaluation::RULES,
    everyone::RULES,
    received::RULES,
    targets::RULES,
    voids::RULES,
    coverage::RULES,
    misplaced::RULES,
    selection::RULES,
];

/// A file of rules: looks at the record, and reports.
pub(crate) type Check = fn(&Context<'_>, &mut Findings);

/// Rules of the syntax. What they would repair is repaired before the next ones look.
static SYNTAX: &[Check] = &[
    version::check,
    unknown::check,
    domain_spec::check,
    macros::check,
    modifiers::check,
    providers::check,
    rfc6652::check,
];

/// Rules of what the record means; they see it as it was meant.
static MEANING: &[Check] = &[null_record::check];

/// What the rules about one record look at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The record.
    pub(crate) record: &'a Record,
    /// The same as a subject of findings.
    pub(crate) subject: &'a Subject,
    /// The name it stands at, where that is known.
    pub(crate) domain: Option<&'a Name>,
    /// The tree of its includes, where the DNS was asked: what the tree tells, the text need not.
    pub(crate) tree: Option<&'a Tree>,
}

impl<'a> Context<'a> {
    /// The place `span` in the record.
    pub(crate) fn at(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    /// The text of `span`.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.record.text(span)
    }

    /// The whole text.
    pub(crate) fn whole(&self) -> &'a str {
        self.record.source().text()
    }
}

/// What the record's text alone says. Nothing is claimed about the DNS.
pub(crate) fn text(cx: &Context<'_>) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    let settled = mend::Settled::default();
    panel::look(cx.subject, &mut out, &|subject, out| {
        if subject == cx.subject {
            return mend::look(cx, &settled, out);
        }
        if let Some(known) = settled.take(subject.source()) {
            return out.extend(known.into_vec());
        }
        let record = Record::from_source(subject.source().clone());
        mend::look(&Context { record: &record, subject, ..*cx }, &settled, out);
    });
    let mut found = out.into_sorted();
    // §4.5: what receivers do not select they do not read, so nothing in it has an effect of its own.
    if !Record::is_spf(cx.whole()) {
        for found in &mut found {
            found.effect = found.effect.min(Effect::None);
        }
    }
    found
}

pub(crate) use many::bounded;

/// How sure a fix is whose result was looked at.
fn sure_if(good: bool) -> Applicability {
    if good { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect }
}

#[cfg(test)]
fn is_syntax(code: &str) -> bool {
    let files: &[&[&Rule]] = &[
        addresses::RULES,
        characters::RULES,
        cidr::RULES,
        domain_spec::RULES,
        idn::RULES,
        macros::RULES,
        mechanisms::RULES,
        modifiers::RULES,
        providers::RULES,
        qualifiers::RULES,
        rfc6652::RULES,
        separators::RULES,
        version::RULES,
    ];
    files.iter().flat_map(|rules| rules.iter()).any(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use crate::finding::{Severity, apply_all_where};
    use crate::spf;

    /// `text` has a finding `code`, and becomes `fixed` when its errors and warnings are mended.
    #[track_caller]
    pub(super) fn tells(text: &str, code: &str, fixed: &str) {
        let found = spf::lint_text(&text.into());
        assert!(found.iter().any(|found| found.code == code), "{text:?} {code}: {found:#?}");
        let mended = apply_all_where(
            text,
            |text| spf::lint_text(&text.into()),
            // Those of the syntax only: what rules about the meaning advise is tested beside them.
            |found, fix| {
                found.severity < Severity::Note
                    && super::is_syntax(found.code.as_str())
                    && fix.applicability < crate::finding::Applicability::HasPlaceholders
            },
        );
        assert_eq!(mended.text, fixed, "{text:?} {:?}", mended.applied);
    }

    /// `text` has no finding `code`.
    #[track_caller]
    pub(super) fn keeps_quiet(text: &str, code: &str) {
        let found = spf::lint_text(&text.into());
        assert!(!found.iter().any(|found| found.code == code), "{text:?}: {found:#?}");
    }
}
