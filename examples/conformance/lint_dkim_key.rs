//! The protocol `lint`, kind `dkim-key`.

use mailproof::dkim;
use mailproof::finding::Severity;
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::{text, unsupported};

/// Answers one case about a text; selectors in a zone are not answered.
pub fn answer(case: &Value) -> Value {
    if case["zone"].is_object() {
        return unsupported();
    }
    let record = text(case, "text");
    let found = dkim::lint_key(&Source::new(record));
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    json!({
        "codes": codes,
        "errors": found.iter().filter(|found| found.severity == Severity::Error).count(),
        "effect": dkim::key_effect(&found).as_str(),
        "fixed": dkim::mended_key(record),
        "policy": null,
    })
}
