//! What the tests of the rules ask.

use super::Context;
use super::MEANING;
use super::semantic::around;
use crate::Name;
use crate::dns::{Answer, Question, RecordType, Snapshot};
use crate::finding::{Diagnostic, Effect, Findings, Subject, apply};
use crate::resolver::drive_sync;
use crate::spf::tree::tests::answer;
use crate::spf::{Record, tree};
use crate::text::Source;

fn found_at(subject: &Subject) -> Vec<Diagnostic> {
    let record = Record::from_source(subject.source().clone());
    let cx = Context { record: &record, subject, domain: None, tree: None };
    let mut out = Findings::default();
    MEANING.iter().for_each(|check| check(&cx, &mut out));
    out.into_sorted()
}

fn list(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

pub(super) fn codes(text: &str) -> Vec<&'static str> {
    list(&found_at(&Subject::given(text)))
}

pub(super) fn codes_of_record(strings: &[&str]) -> Vec<&'static str> {
    let owner: Name = "d.example".parse().unwrap();
    list(&found_at(&Subject::record(&owner, RecordType::Txt, Source::from_strings(strings))))
}

#[track_caller]
fn one(text: &str, code: &str) -> Diagnostic {
    let found = found_at(&Subject::given(text));
    let found = found.into_iter().find(|found| found.code == *code);
    found.unwrap_or_else(|| panic!("{text} has no {code}: {:?}", codes(text)))
}

#[track_caller]
pub(super) fn message(text: &str, code: &str) -> String {
    one(text, code).message()
}

#[track_caller]
pub(super) fn effect(text: &str, code: &str) -> Effect {
    one(text, code).effect
}

pub(super) fn spans(text: &str, code: &str) -> Vec<String> {
    let found = found_at(&Subject::given(text));
    found.iter().filter(|found| found.code == *code).map(|found| found.primary.quoted()).collect()
}

/// The text after the first fix of the finding. The code is gone then, and nothing graver has come.
#[track_caller]
pub(super) fn fixed(text: &str, code: &str) -> String {
    let fixed = apply(text, one(text, code).fixes[0].edits()).unwrap();
    let before = found_at(&Subject::given(text));
    let after = found_at(&Subject::given(&fixed));
    let count = |found: &[Diagnostic]| found.iter().filter(|found| found.code == *code).count();
    assert!(count(&after) < count(&before), "{fixed} still has {code}");
    assert!(Record::parse(&fixed).errors().count() <= Record::parse(text).errors().count());
    fixed
}

/// What is told about the record of `d.example` in a world as the tests of the tree write it.
pub(super) fn found_in(world: &str) -> Vec<Diagnostic> {
    found_by(|question| answer(world, question))
}

fn found_by(answer: impl Fn(&Question) -> Answer) -> Vec<Diagnostic> {
    let domain: Name = "d.example".parse().unwrap();
    let mut dns = Snapshot::new();
    let tree = drive_sync(&mut dns, &answer, |dns| tree(dns, &domain));
    let found = drive_sync(&mut dns, &answer, |dns| around(dns, &tree));
    let record = tree.root.record().expect("a record");
    let cx = Context { record, subject: &tree.root.subject, domain: Some(&domain), tree: Some(&tree) };
    let mut out = Findings::default();
    MEANING.iter().for_each(|check| check(&cx, &mut out));
    out.extend(found);
    out.into_vec()
}

pub(super) fn codes_in(world: &str) -> Vec<&'static str> {
    list(&found_in(world))
}

pub(super) fn has(found: &[Diagnostic], code: &str) -> bool {
    found.iter().any(|found| found.code == *code)
}

#[track_caller]
pub(super) fn zone_fixed(world: &str, code: &str) -> String {
    let found = found_in(world);
    let found = found.iter().find(|found| found.code == *code).unwrap();
    apply(found.primary.subject.source().text(), found.fixes[0].edits()).unwrap()
}
