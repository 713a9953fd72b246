//! The protocol `lint`, kind `dkim-key`.

use mailproof::Name;
use mailproof::dkim::{self, KeyState, LintOptions};
use mailproof::dns::{Question, RecordType, Snapshot};
use mailproof::finding::{Diagnostic, Effect, Severity};
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::text;
use crate::zone::zone;

pub fn answer(case: &Value) -> Value {
    let name = text(case, "name");
    match Name::parse(name) {
        Ok(name) if case["zone"].is_object() => return in_zone(case, &name),
        _ => {}
    }
    let (record, mut found) = (text(case, "text"), Vec::new());
    if let Some((selector, _)) = name.split_once("._domainkey.") {
        found.extend(dkim::lint_selector(selector));
    }
    if case["text"].is_string() {
        found.extend(dkim::lint_key(&Source::new(record)));
    }
    told(&found, dkim::key_effect(&found), dkim::mended_key(record))
}

fn in_zone(case: &Value, name: &Name) -> Value {
    let zone = zone(&case["zone"]);
    let mut options = LintOptions::default();
    for selector in case["selectors"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let domain = name.as_str().split_once("._domainkey.").map_or("", |(_, domain)| domain);
        options.others.extend(Name::parse(&format!("{selector}._domainkey.{domain}")));
    }
    let mut dns = Snapshot::new();
    let found = drive_sync(&mut dns, |q| zone.answer(q), |dns| dkim::lint_key_at(dns, name, &options));
    let answer = dns.get(&Question::new(name.clone(), RecordType::Txt));
    let effect = match answer.map(KeyState::of) {
        Some(KeyState::Unknown(_)) => Effect::Temperror,
        _ => dkim::key_effect(&found),
    };
    let texts = answer.map_or(&[][..], |answer| answer.txts());
    let fixed = if let [one] = texts { dkim::mended_key(one.text()) } else { None };
    told(&found, effect, fixed)
}

pub fn told(found: &[Diagnostic], effect: Effect, fixed: Option<String>) -> Value {
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    json!({
        "codes": codes,
        "errors": found.iter().filter(|found| found.severity == Severity::Error).count(),
        "effect": effect.as_str(),
        "fixed": fixed,
        "policy": null,
    })
}
