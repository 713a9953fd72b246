//! `lint` cases of kind spf.

use mailproof::Name;
use mailproof::dmarc::Section;
use mailproof::dns::{Answer, Lookup, Question, RecordType, Records, Snapshot};
use mailproof::finding::{Applicability, Change, Diagnostic, Fix, Origin, Severity};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, LintOptions, Record};
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::text;
use crate::zone::zone;

/// Answers one case.
pub fn answer(case: &Value) -> Value {
    match (case["zone"].is_object(), Name::parse(text(case, "name"))) {
        (true, Ok(name)) => domain(&zone(&case["zone"]), &name, &options(case, &name)),
        (_, name) => record(text(case, "text"), name.ok().as_ref()),
    }
}

fn record(text: &str, name: Option<&Name>) -> Value {
    let lint = |text: &str| match name {
        Some(name) => spf::lint_at(&Record::parse(text), name),
        None => spf::lint(&Record::parse(text)),
    };
    let found = lint(text);
    told(&found, spf::mended(text, lint))
}

/// What the Public Suffix List says of the name.
fn options(case: &Value, name: &Name) -> LintOptions {
    LintOptions::default().public_suffix(crate::dmarc::suffixes(case).suffix(name, Section::All) == *name)
}

fn domain(zone: &Zone, name: &Name, options: &LintOptions) -> Value {
    let mut dns = Snapshot::new();
    let found = lint(&mut dns, zone, name, options);
    told(&found, fixed(dns, zone, name, options, &found))
}

fn lint(dns: &mut Snapshot, zone: &Zone, name: &Name, options: &LintOptions) -> Vec<Diagnostic> {
    drive_sync(dns, |question| zone.answer(question), |dns| spf::lint_domain(dns, name, options))
}

/// The record after the suggested changes: of records first, then of the text.
fn fixed(mut dns: Snapshot, zone: &Zone, name: &Name, options: &LintOptions, found: &[Diagnostic]) -> Option<String> {
    let question = Question::new(name.clone(), RecordType::Txt);
    let change = found.iter().find_map(|found| {
        let fix = found.fixes.iter().find(|fix| is_suggested(found, fix))?;
        match &fix.change {
            Change::Records { owner, record_type: RecordType::Txt, remove, add } if owner == name => {
                Some((remove, add))
            }
            _ => None,
        }
    });
    if let Some((remove, add)) = change {
        let mut texts = texts(&dns, &question);
        texts.retain(|source| !remove.iter().any(|text| text == source.text()));
        texts.extend(add.iter().map(|text| Source::new(text)));
        dns.replace(question.clone(), publish(texts));
    }
    let found = lint(&mut dns, zone, name, options);
    let before = subject(&found, &dns, &question)?;
    let mended = spf::mended(&before, |now| {
        let texts = texts(&dns, &question);
        let changed = texts.into_iter().map(|source| if source.text() == before { Source::new(now) } else { source });
        let mut dns = dns.clone();
        dns.replace(question.clone(), publish(changed.collect()));
        lint(&mut dns, zone, name, options)
    });
    mended.or_else(|| change.map(|_| before))
}

/// The record that the domain's findings are about: the one that is seen, or else the first that should be.
fn subject(found: &[Diagnostic], dns: &Snapshot, question: &Question) -> Option<String> {
    let seen = texts(dns, question).into_iter().find(|source| Record::is_spf(source.text()));
    let meant = || {
        let of_domain = found.iter().filter(|found| {
            matches!(found.primary.subject.origin(), Origin::Record { owner, record_type: RecordType::Txt } if *owner == question.name)
        });
        of_domain.map(|found| found.primary.subject.source().clone()).find(|source| !source.text().is_empty())
    };
    seen.or_else(meant).map(|source| source.text().to_owned())
}

fn texts(dns: &Snapshot, question: &Question) -> Vec<Source> {
    dns.get(question).map(|answer| answer.txts().to_vec()).unwrap_or_default()
}

fn publish(texts: Vec<Source>) -> Answer {
    Answer::new(Lookup::Records(Records::Txt(texts)))
}

/// What is certain, and what probably mends something that is wrong. A note has nothing to mend that is not certain.
fn is_suggested(found: &Diagnostic, fix: &Fix) -> bool {
    match fix.applicability {
        Applicability::MachineApplicable => true,
        Applicability::MaybeIncorrect => found.severity < Severity::Note,
        Applicability::HasPlaceholders => false,
    }
}

fn told(found: &[Diagnostic], fixed: Option<String>) -> Value {
    let mut codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    json!({"codes": codes, "errors": errors, "effect": spf::effect(found).as_str(), "fixed": fixed})
}
