//! What can be reported: every code, and the catalogue ids that it answers.

use serde_json::{Value, json};

/// Answers the question for the catalogue.
pub fn answer() -> Value {
    let codes: Vec<Value> = mailproof::rules()
        .map(|rule| {
            let covers: Vec<&str> = [rule.code].into_iter().chain(rule.covers.iter().copied()).collect();
            json!({"code": rule.code, "covers": covers, "severity": rule.severity.as_str()})
        })
        .collect();
    json!({"codes": codes})
}
