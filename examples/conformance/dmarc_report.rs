//! DMARC aggregate reports.

use std::collections::BTreeSet;

use mailproof::aggregate::{Report, Value as Text};
use serde_json::{Value, json};

pub fn answer(case: &Value) -> Value {
    let Ok(file) = crate::surroundings::read(super::text(case, "report")) else {
        return json!({"crash": "the report cannot be read"});
    };
    let report = Report::read(&file);
    let text_of = |key| super::text(case, key);
    let text = |value: &Option<Text>| value.as_ref().map(|value| value.text.clone());
    let authors: BTreeSet<String> =
        report.records.iter().filter_map(|record| text(&record.header_from)).map(|from| from.to_lowercase()).collect();
    json!({
        "valid": report.is_report() && (text_of("mode") == "relaxed" || report.is_well_formed()),
        "org_name": text(&report.org_name),
        "report_id": text(&report.report_id),
        "begin": report.begin.map(|begin| begin.0),
        "end": report.end.map(|end| end.0),
        "policy_domain": text(&report.published.domain),
        "p": text(&report.published.p),
        "records": report.records.len(),
        "messages": report.messages(),
        "header_from": authors,
        "dmarc_pass": report.passed(),
    })
}
