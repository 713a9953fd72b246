//! What a machine may mend in a record is mended without harm, over records of the pages, of the public cases, and made at random:
//! no address loses its result, no policy grows weaker, nothing is lost, nothing new is wrong, and mending again changes nothing.

mod damages;
mod dmarc;
mod meaning;
mod texts;

use std::collections::BTreeSet;
use std::path::Path;

use mailproof::finding::{Applicability, Diagnostic, Fix, Severity, apply, apply_all};
use mailproof::report::{Kind, RecordInput};
use mailproof::text::Source;

use crate::pages::blocks;

/// Kinds of which a record is a text of its own.
const KINDS: &[Kind] = &[Kind::Spf, Kind::Dmarc, Kind::DkimKey, Kind::MtaSts, Kind::TlsRpt, Kind::Bimi];

/// Random records of each kind. Every run makes the same ones; `MAILPROOF_RECORDS` makes more.
const RECORDS: usize = 150;

/// Repairs of terms that receivers read as something else and ignore: with them somebody passes who did not before.
const READS_IGNORED: &[&str] = &["spf-equals-for-colon", "spf-ip4-mapped-ip6", "spf-backslash-escape"];

#[test]
fn records_that_are_written_down() {
    let written = of_pages().chain(of_public_cases());
    judge(written.filter_map(|text| Some((Kind::detect(&text).filter(|kind| KINDS.contains(kind))?, text))));
}

// Only a test may be told by its environment how long to search.
#[allow(clippy::disallowed_methods)]
#[test]
fn records_made_at_random() {
    let count = std::env::var("MAILPROOF_RECORDS").ok().and_then(|count| count.parse().ok()).unwrap_or(RECORDS);
    judge(KINDS.iter().flat_map(|kind| texts::random(*kind, count).into_iter().map(|text| (*kind, text))));
}

/// What fuzzing began with is hardly a record, and what would mend it is anybody's guess; but mending it ends.
#[test]
fn mending_what_is_hardly_a_record_ends() {
    let mut seen = 0;
    for text in of_fuzz_seeds() {
        let Some(kind) = Kind::detect(&text).filter(|kind| KINDS.contains(kind)) else { continue };
        seen += 1;
        assert!(apply_all(&text, Applicability::MachineApplicable, |text| lint(kind, text)).settled, "{kind} {text:?}");
        assert_eq!(undone(kind, &text, &lint(kind, &text)), [], "{kind}");
    }
    // The seeds are no part of the package.
    assert!(seen > 10 || !Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").exists(), "{seen}");
}

/// Tells every harm of one sort once.
#[track_caller]
fn judge(records: impl Iterator<Item = (Kind, String)>) {
    let mut sorts = BTreeSet::new();
    let mut harms = Vec::new();
    let mut seen = 0;
    for (kind, text) in records {
        seen += 1;
        for (sort, harm) in harm(kind, &text) {
            if sorts.insert(format!("{kind} {sort}")) {
                harms.push(format!("{kind} {sort}: {harm}"));
            }
        }
    }
    assert!(seen > 100, "only {seen} records were looked at");
    assert!(harms.is_empty(), "{} sorts of harm in {seen} records\n{}", harms.len(), harms.join("\n"));
}

/// What mending `text` does that it should not: a sort of harm, and the case.
fn harm(kind: Kind, text: &str) -> Vec<(String, String)> {
    let mut harms = Vec::new();
    let found = lint(kind, text);
    for found_one in &found {
        for fix in &found_one.fixes {
            let fixed = apply(text, fix.edits());
            if fixed.is_none()
                || fix.applicability == Applicability::MachineApplicable && fixed.as_deref() == Some(text)
            {
                harms.push((format!("{} cannot be applied", found_one.code), format!("{text:?} {fix:?}")));
            }
            let Some(fixed) = fixed.filter(|_| fix.applicability == Applicability::MachineApplicable) else { continue };
            let gained = meaning::gained(text, &fixed).filter(|_| kind == Kind::Spf);
            if let Some(gained) = gained.filter(|_| !READS_IGNORED.contains(&found_one.code.as_str())) {
                harms.push((format!("{} lets pass", found_one.code), format!("{text:?} → {fixed:?}: {gained}")));
            }
            if let Some(lost) = meaning::lost(kind, text, &fixed) {
                harms.push((format!("{} does harm", found_one.code), format!("{text:?} → {fixed:?}: {lost}")));
            }
        }
    }
    harms.extend(undone(kind, text, &found));
    let mended = apply_all(text, Applicability::MachineApplicable, |text| lint(kind, text));
    let case = || format!("{text:?} → {:?} {:?}", mended.text, mended.applied);
    if !mended.settled {
        harms.push(("does not settle".to_owned(), case()));
    }
    let after = lint(kind, &mended.text);
    let told: BTreeSet<&str> = found.iter().map(|found| found.code.as_str()).collect();
    let new: Vec<&str> = grave(&after).difference(&told).copied().collect();
    if let Some(first) = new.first() {
        let causes: Vec<&str> = mended.applied.iter().map(|(code, _)| code.as_str()).collect();
        harms.push((format!("{first} is new"), format!("after {causes:?}: {}", case())));
    }
    let again = apply_all(&mended.text, Applicability::MachineApplicable, |text| lint(kind, text));
    if again.text != mended.text {
        harms.push(("is not done".to_owned(), format!("{} and then {:?}", case(), again.text)));
    }
    if let Some(lost) = meaning::lost(kind, text, &mended.text) {
        harms.push((format!("loses {lost}"), case()));
    }
    harms
}

/// Repairs of `text` that the repairs of the repaired text take back.
fn undone(kind: Kind, text: &str, found: &[Diagnostic]) -> Vec<(String, String)> {
    let likely = |fix: &&Fix| fix.applicability < Applicability::HasPlaceholders;
    let fixes = found.iter().flat_map(|found| found.fixes.iter().filter(likely).map(move |fix| (found.code, fix)));
    let fixed =
        fixes.filter_map(|(code, fix)| Some((code, fix, apply(text, fix.edits()).filter(|fixed| fixed != text)?)));
    let mut seen = BTreeSet::new();
    let new: Vec<_> = fixed.filter(|(_, _, fixed)| seen.insert(fixed.clone())).collect();
    new.into_iter()
        .filter_map(|(code, fix, fixed)| {
            let mut passed = Vec::new();
            let mended = apply_all(&fixed, Applicability::MachineApplicable, |text| {
                passed.push(text.to_owned());
                lint(kind, text)
            });
            let back = passed.iter().skip(1).chain([&mended.text]).any(|passed| passed == text);
            let case = || format!("{text:?} → {fixed:?} → {:?} ({}) {:?}", mended.text, fix.title, mended.applied);
            (back || !mended.settled).then(|| (format!("{code} is undone"), case()))
        })
        .collect()
}

fn input(kind: Kind, text: &str) -> RecordInput {
    let mut input = RecordInput::new("");
    input.text = Source::new(text);
    input.kind = Some(kind);
    input
}

fn lint(kind: Kind, text: &str) -> Vec<Diagnostic> {
    input(kind, text).report().findings
}

/// What the report says to publish in the place of the text.
fn advised(kind: Kind, text: &str) -> Option<String> {
    let mut fixes = input(kind, text).report().advice.into_iter().filter_map(|advice| advice.fix);
    let fix = fixes.find(|fix| fix.applicability < Applicability::HasPlaceholders)?;
    apply(text, fix.edits())
}

fn grave(found: &[Diagnostic]) -> BTreeSet<&'static str> {
    found.iter().filter(|found| found.severity < Severity::Note).map(|found| found.code.as_str()).collect()
}

/// The lines of all blocks; most are of a zone or a message, which are texts too.
fn of_pages() -> impl Iterator<Item = String> {
    let lines: BTreeSet<String> =
        blocks().into_iter().flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.into_iter()
}

fn of_public_cases() -> impl Iterator<Item = String> {
    let cases = crate::shared::shared("conformance/lint.jsonl").unwrap_or_default();
    let mut texts = BTreeSet::new();
    for case in cases.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        texts.extend(case["text"].as_str().map(str::to_owned));
        let zone = case["zone"].as_object().into_iter().flatten();
        for strings in zone.flat_map(|(_, records)| records["TXT"].as_array().into_iter().flatten()) {
            let joined: String =
                strings.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
            texts.insert(joined);
        }
    }
    texts.into_iter()
}

/// What fuzzing began with: a record, or one below the line with its kind.
fn of_fuzz_seeds() -> impl Iterator<Item = String> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let directories = ["lint", "spf_record", "pasted", "files"].map(|directory| seeds.join(directory));
    let files =
        directories.into_iter().flat_map(|directory| std::fs::read_dir(directory).into_iter().flatten().flatten());
    let mut texts = BTreeSet::new();
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap_or_default()).into_owned();
        texts.extend(text.split_once('\n').map(|(_, record)| record.replace('\n', "")));
        texts.insert(text);
    }
    texts.into_iter()
}
