//! One text at a time, without the DNS.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{told, write};
use crate::finding::{Effect, Rule, Severity};
use crate::report::{Detected, RecordInput};
#[cfg(feature = "wasm")]
use crate::rules;
#[cfg(not(feature = "wasm"))]
use crate::rules_of_texts as rules;

/// What is wrong with `text`, a record of `kind` (detected, if left out) of `domain`. Its answer is `{report, text}`.
///
/// # Errors
/// For a `kind` or a `domain` that is none.
///
/// ```js
/// import { lint } from 'mailproof/lint';
///
/// const { report } = lint('spf', 'v=spf1 ipv4:192.0.2.1 -all');
/// report.findings[0].code; // 'spf-mechanism-typo'
/// report.findings[0].primary.quoted; // 'ipv4'
/// ```
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
///
/// ```js
/// import { detect } from 'mailproof/lint';
///
/// detect('v=DMARC1; p=reject'); // { what: 'record', kind: 'dmarc', text: 'v=DMARC1; p=reject' }
/// detect('https://www.example.com/'); // { what: 'domain', domain: 'example.com' }
/// ```
#[wasm_bindgen]
pub fn detect(text: &str) -> Result<String, JsError> {
    write(&Detected::of(text))
}

/// The page of a rule, by its code; `null` for a code that this build does not report.
///
/// # Errors
/// None.
///
/// ```js
/// import { explain } from 'mailproof/lint';
///
/// explain('spf-ptr-used').citations; // ['RFC 7208 §5.5']
/// explain('no-such-code'); // null
/// ```
#[wasm_bindgen]
pub fn explain(code: &str) -> Result<String, JsError> {
    let rule = rules().find(|rule| rule.code == code).or_else(|| rules().find(|rule| rule.covers.contains(&code)));
    write(&rule.map(|rule| Told { message: Some(rule.template), page: Some(rule.page), ..in_short(rule) }))
}

/// Every rule of this build, without its page.
///
/// # Errors
/// None.
///
/// ```js
/// import { codes } from 'mailproof/lint';
///
/// const errors = codes().filter((rule) => rule.severity === 'error');
/// errors.some((rule) => rule.code === 'spf-mechanism-typo'); // true
/// ```
#[wasm_bindgen]
pub fn codes() -> Result<String, JsError> {
    write(&rules().map(in_short).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Told {
    code: &'static str,
    severity: Severity,
    effect: Effect,
    title: &'static str,
    citations: &'static [&'static str],
    covers: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

fn in_short(rule: &Rule) -> Told {
    Told {
        code: rule.code,
        severity: rule.severity,
        effect: rule.effect,
        title: rule.title(),
        citations: rule.citations,
        covers: rule.covers,
        message: None,
        page: None,
    }
}
