//! One text at a time, without the DNS.

use serde_json::json;
use wasm_bindgen::prelude::*;

use super::{told, write};
use crate::finding::Rule;
use crate::report::{Detected, RecordInput};
#[cfg(feature = "wasm")]
use crate::rules;
#[cfg(not(feature = "wasm"))]
use crate::rules_of_texts as rules;

/// What is wrong with `text`, a record of `kind` (detected, if left out) of `domain`. Its answer is `{report, text}`.
///
/// # Errors
/// For a `kind` or a `domain` that is none.
#[wasm_bindgen]
pub fn lint(kind: Option<String>, text: &str, domain: Option<String>) -> Result<String, JsError> {
    let mut input = RecordInput::new(text);
    input.kind = kind.map(|kind| kind.parse()).transpose()?;
    input.domain = domain.map(|domain| domain.parse()).transpose()?;
    // Not by way of `Input`: then the small build would hold every other kind of question too.
    told(&input.report())
}

/// What was pasted, as [`Detected`].
///
/// # Errors
/// None.
#[wasm_bindgen]
pub fn detect(text: &str) -> Result<String, JsError> {
    write(&Detected::of(text))
}

/// The page of a rule, by its code; `null` for a code that this build does not report.
///
/// # Errors
/// None.
#[wasm_bindgen]
pub fn explain(code: &str) -> Result<String, JsError> {
    let rule = rules().find(|rule| rule.code == code).or_else(|| rules().find(|rule| rule.covers.contains(&code)));
    write(&rule.map(|rule| {
        let mut told = in_short(rule);
        told["message"] = rule.template.into();
        told["page"] = rule.page.into();
        told
    }))
}

/// Every rule of this build, without its page.
///
/// # Errors
/// None.
#[wasm_bindgen]
pub fn codes() -> Result<String, JsError> {
    write(&rules().map(in_short).collect::<Vec<_>>())
}

fn in_short(rule: &Rule) -> serde_json::Value {
    json!({
        "code": rule.code,
        "severity": rule.severity,
        "effect": rule.effect,
        "title": rule.title(),
        "citations": rule.citations,
        "covers": rule.covers,
    })
}
