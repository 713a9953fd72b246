//! `lint` cases of kind `spf`.

use mailproof::Name;
use mailproof::dns::Snapshot;
use mailproof::finding::{Applicability, Change, Diagnostic, Fix, Severity, apply_all_where};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, LintOptions};
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{text, unsupported};

/// Answers one case.
pub fn answer(case: &Value) -> Value {
    if text(case, "kind") != "spf" {
        return unsupported();
    }
    let found = match (&case["zone"], case["text"].as_str()) {
        (Value::Null, Some(record)) => spf::lint_text(&record.into()),
        (records, _) => lint_zone(&zone(records), text(case, "name")),
    };
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    let fixed = match case["text"].as_str() {
        Some(record) => fixed(record),
        None => published_fix(&found).or_else(|| published(case).and_then(|record| fixed(&record))),
    };
    json!({"codes": codes, "errors": errors, "effect": spf::effect(&found).as_str(), "fixed": fixed})
}

fn lint_zone(zone: &Zone, name: &str) -> Vec<Diagnostic> {
    let Ok(name) = Name::parse(name) else { return Vec::new() };
    let options = LintOptions::default();
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| spf::lint_domain(dns, &name, &options))
}

/// The one record that is to be published instead of several.
fn published_fix(found: &[Diagnostic]) -> Option<String> {
    let of_several = found.iter().filter(|found| found.code == "spf-multiple-records");
    of_several.flat_map(|found| &found.fixes).find_map(|fix| match &fix.change {
        Change::Records { add, .. } => add.first().cloned(),
        Change::Edit(_) => None,
    })
}

fn published(case: &Value) -> Option<String> {
    let texts = case["zone"][text(case, "name")]["TXT"].as_array()?;
    let joined = |strings: &Value| strings.as_array().map(|s| s.iter().filter_map(Value::as_str).collect::<String>());
    texts.iter().filter_map(joined).find(|text| text.contains("spf1"))
}

fn fixed(record: &str) -> Option<String> {
    let mended = apply_all_where(record, |text| spf::lint_text(&text.into()), is_wanted);
    (mended.text != record).then_some(mended.text)
}

fn is_wanted(found: &Diagnostic, fix: &Fix) -> bool {
    match found.severity {
        Severity::Note => fix.applicability == Applicability::MachineApplicable,
        _ => fix.applicability < Applicability::HasPlaceholders,
    }
}
