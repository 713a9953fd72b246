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
mod exp_text;
mod idn;
mod macros;
mod mechanisms;
mod mend;
mod merge;
mod misplaced;
mod misspelt_all;
mod modifiers;
mod mojibake;
mod no_name;
mod null_record;
mod opening;
mod providers;
mod qualifiers;
mod quotes;
mod rfc6652;
mod seams;
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

pub(crate) use opening::is_open;

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
    mechanisms::RULES,
    modifiers::RULES,
    null_record::RULES,
    others::RULES,
    providers::RULES,
    qualifiers::RULES,
    rfc6652::RULES,
    commas::RULES,
    seams::RULES,
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

/// The checks of the syntax, in their order. They come after those of characters, of the version, and of another record in the text
/// ([`mend`]), each of which makes nonsense of what follows.
static SYNTAX: &[Check] = &[
    // The version, and what is written twice of it.
    version::check,
    // Terms that receivers cannot read: each is told once, by the rule that knows best what was meant (`unknown::ASKED`).
    unknown::check,
    // Terms that receivers can read, and that say something else than was meant.
    domain_spec::check,
    macros::check,
    modifiers::check,
    providers::check,
    rfc6652::check,
];

/// The checks of what the record means; they see it as it was meant, after the repairs of its syntax. None depends on another.
static MEANING: &[Check] = &[
    null_record::check,
    all::check,
    redirect::check,
    includes::check,
    exists::check,
    hosts::check,
    ranges::check,
    duplicates::check,
    explanation::check,
    services::check,
    size::check,
    lookups::check,
];

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
    if characters::is_all_plain(cx.whole()) && !panel::is_damaged(cx.subject) {
        mend::look(cx, &mut out);
    } else {
        panel::look(cx.subject, &mut out, &|subject, out| {
            let record = Record::from_source(subject.source().clone());
            let cx = Context { record: &record, subject, ..*cx };
            mend::look(&cx, out);
            // What it uncovers is looked at only after repairs that are sure.
            opening::check(&cx, out.as_mut_slice());
        });
    }
    let mut found = out.into_sorted();
    second::check(cx, &mut found);
    opening::check(cx, &mut found);
    // §4.5: what receivers do not select they do not read, so nothing in it has an effect of its own.
    if !Record::is_spf(cx.whole()) {
        for found in &mut found {
            found.effect = found.effect.min(Effect::None);
        }
    }
    found
}

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
        commas::RULES,
        seams::RULES,
        separators::RULES,
        version::RULES,
    ];
    files.iter().flat_map(|rules| rules.iter()).any(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use crate::finding::{Effect, Severity, apply_all_where};
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

    /// §4.5, §4.6: neither a text that receivers do not see nor one that they cannot read lets anybody pass.
    #[test]
    fn nobody_passes_by_what_is_not_read() {
        for text in [
            "v=spf1 ip4:9.9.9.9 include:_s.x.example + alv=spf1l",
            "v=spf1 a + al=l ~all p;tr",
            "v=spf2 mx +all",
            "v=spf1 mxx +all",
        ] {
            let found = spf::lint_text(&text.into());
            assert!(found.iter().all(|found| found.effect != Effect::PassForEveryone), "{text}: {found:#?}");
        }
    }

    /// A name that is spoilt lets nobody pass whom it should: good mail is rejected.
    #[test]
    fn a_spoilt_name_is_an_error() {
        for terms in [
            "mx a:mail.example.com-all",
            "a:a.example,a:b.example -all",
            "a:x\\.example -all",
            "mx a:a.example,b.example -all",
            "mx -all v=DMARC1; p=reject",
        ] {
            let found = spf::lint_text(&format!("v=spf1 {terms}").as_str().into());
            assert!(found.iter().any(|found| found.severity == Severity::Error), "{terms}: {found:#?}");
        }
    }
}
