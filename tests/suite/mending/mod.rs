//! What a machine may mend in a record is mended without harm, over records of the pages, of the public cases, and made at random:
//! no address loses its result, no policy grows weaker, nothing is lost, nothing new is wrong, and mending again changes nothing.

mod meaning;
mod texts;

use std::collections::BTreeSet;

use mailproof::finding::{Applicability, Diagnostic, Severity, apply, apply_all};
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

fn lint(kind: Kind, text: &str) -> Vec<Diagnostic> {
    let mut input = RecordInput::new("");
    input.text = Source::new(text);
    input.kind = Some(kind);
    input.report().findings
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
