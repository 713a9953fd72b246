//! Findings about MTA-STS, TLS-RPT and BIMI.

use mailproof::dns::{Snapshot, Step};
use mailproof::finding::{Applicability, Change, Diagnostic, Effect, Severity};
use mailproof::mta_sts::{self, Fetched};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;
use mailproof::{Name, bimi, domain, tls_rpt};
use serde_json::{Value, json};

use crate::text;
use crate::zone::zone;

pub fn answer(case: &Value) -> Value {
    let Ok(name) = text(case, "name").parse::<Name>() else { return json!({"crash": "no domain"}) };
    let zone = zone(&case["zone"]);
    let has_zone = case["zone"].is_object();
    let record = case["text"].as_str();
    let (findings, mended) = match (text(case, "kind"), record) {
        ("mta-sts-policy", _) => {
            let file = Fetched::body(text(case, "text").as_bytes());
            let mut found = ask(&zone, |dns| mta_sts::lint_policy(dns, &name, &file));
            if !has_zone {
                // Where nothing is known of the DNS, nothing can be said about mail servers.
                found.retain(|found| {
                    !["sts-policy-mx-not-covering", "sts-policy-mx-extra"].contains(&found.code.as_str())
                });
            }
            (found, None)
        }
        ("mta-sts", Some(record)) => (mta_sts::lint(&Source::new(record)), mta_sts::mended(record)),
        ("tls-rpt", Some(record)) => (tls_rpt::lint(&Source::new(record)), tls_rpt::mended(record)),
        ("bimi", Some(record)) => (bimi::lint(&Source::new(record)), bimi::mended(record)),
        ("mta-sts", None) => in_zone(ask(&zone, |dns| mta_sts::lint_domain(dns, &name)), mta_sts::mended),
        ("tls-rpt", None) => in_zone(ask(&zone, |dns| tls_rpt::lint_domain(dns, &name)), tls_rpt::mended),
        ("bimi", None) => {
            let facts = ask(&zone, |dns| domain::bimi_facts(dns, &name));
            in_zone(ask(&zone, |dns| bimi::lint_domain(dns, &name, &facts)), bimi::mended)
        }
        _ => return crate::unsupported(),
    };
    let codes: Vec<&str> = findings.iter().map(|found| found.code.as_str()).collect();
    let effect = findings.iter().map(|found| found.effect).filter(|effect| *effect != Effect::Differs).max();
    let differs = findings.iter().any(|found| found.effect == Effect::Differs);
    let effect = match effect.unwrap_or_default() {
        Effect::Ok if differs && findings.iter().any(|found| found.severity < Severity::Note) => Effect::Differs,
        effect => effect,
    };
    json!({
        "codes": codes,
        "errors": findings.iter().filter(|found| found.severity == Severity::Error).count(),
        "effect": effect.as_str(),
        "fixed": mended,
        "policy": null,
    })
}

fn ask<T>(zone: &Zone, evaluate: impl Fn(&Snapshot) -> Step<T>) -> T {
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), evaluate)
}

/// The findings, and the record that is to be published instead of what is there.
fn in_zone(findings: Vec<Diagnostic>, mended: fn(&str) -> Option<String>) -> (Vec<Diagnostic>, Option<String>) {
    let merged = findings.iter().flat_map(|found| &found.fixes).find_map(|fix| match &fix.change {
        Change::Records { add, remove, .. }
            if !remove.is_empty() && fix.applicability < Applicability::HasPlaceholders =>
        {
            add.first().cloned()
        }
        Change::Records { .. } | Change::Edit(_) => None,
    });
    let text = findings
        .iter()
        .map(|found| found.primary.subject.source().text())
        .find(|text| text.starts_with("v=") && !text.starts_with("v=spf1"));
    let fixed = merged.or_else(|| text.and_then(mended));
    (findings, fixed)
}
