//! The protocol `lint`, kinds `domain` and `mx`.

use mailproof::Name;
use mailproof::dns::Snapshot;
use mailproof::domain::{self, EffectivePolicy, Input};
use mailproof::finding::{Effect, Severity};
use mailproof::resolver::drive_sync;
use serde_json::{Value, json};

use crate::text;
use crate::zone::zone;

pub fn answer(case: &Value) -> Value {
    let zone = zone(&case["zone"]);
    let selectors = case["selectors"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut input = Input::new(text(case, "name"));
    for selector in selectors.filter_map(|selector| Name::parse(selector).ok()) {
        input = input.selector(selector);
    }
    let mut known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
    let mut lost = None;
    if text(case, "kind") == "mx" {
        let is_of_mx = |code: &str| code.starts_with("mx-") || code == "spf-domain-nonexistent";
        known.findings.retain(|found| is_of_mx(found.code.as_str()));
        lost = known.facts.as_ref().filter(|facts| !facts.mx.takes_mail()).map(|_| Effect::NoMail);
    }
    let mut codes: Vec<&str> = known.findings.iter().map(|found| found.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let effect = lost.or_else(|| known.findings.iter().map(|found| found.effect).max()).unwrap_or(Effect::Ok);
    let policy = known.facts.as_ref().map(|facts| &facts.policies.own).and_then(EffectivePolicy::policy);
    json!({
        "codes": codes,
        "errors": known.findings.iter().filter(|found| found.severity == Severity::Error).count(),
        "effect": effect.as_str(),
        "fixed": null,
        "policy": policy.map(mailproof::dmarc::Policy::as_str),
    })
}
