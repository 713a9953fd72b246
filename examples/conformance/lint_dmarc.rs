//! The protocol `lint`, kind `dmarc`.

use mailproof::Name;
use mailproof::dmarc::{self, LintOptions, Record, Request, Testing};
use mailproof::dns::Snapshot;
use mailproof::finding::{Applicability, Change, Diagnostic, Effect, Origin, Severity, Subject};
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{dmarc as dmarc_cases, text};

pub fn answer(case: &Value) -> Value {
    let mut options = LintOptions::default();
    if case.get("psl").is_some() || case.get("psl_text").is_some() {
        options.suffixes = Some((*dmarc_cases::suffixes(case)).clone());
    }
    let domain = Name::parse(text(case, "name")).ok();
    match (case["zone"].is_object(), &domain) {
        (true, Some(domain)) => in_zone(case, domain, &options),
        _ => alone(case, domain.as_ref(), &options),
    }
}

/// A text alone: nothing is known of the DNS.
fn alone(case: &Value, domain: Option<&Name>, options: &LintOptions) -> Value {
    let record = Record::of(Source::new(text(case, "text")));
    let subject = Subject::new(Origin::Given, record.source().clone());
    let findings = dmarc::lint_at(&record, &subject, domain, options);
    let policy = match record.request() {
        _ if !record.is_dmarc() => None,
        Request::NoProcessing => None,
        Request::ActAsNone => Some(dmarc::Policy::None),
        Request::Policies(policies) if record.t().or_default() == Testing::Yes => Some(policies.p.lowered()),
        Request::Policies(policies) => Some(policies.p),
    };
    let effect = match (record.is_dmarc(), record.request()) {
        (false, _) | (_, Request::NoProcessing) => Effect::NoDmarc,
        (true, Request::ActAsNone) => Effect::PolicyNone,
        (true, Request::Policies(_)) => worst(&findings),
    };
    told(&findings, effect, dmarc::mended(&record, domain, options), policy)
}

fn in_zone(case: &Value, domain: &Name, options: &LintOptions) -> Value {
    let zone = zone(&case["zone"]);
    let mut dns = Snapshot::new();
    let findings = drive_sync(&mut dns, |q| zone.answer(q), |dns| dmarc::lint_domain(dns, domain, options));
    let discovery = drive_sync(&mut dns, |q| zone.answer(q), |dns| dmarc::discover(dns, domain));
    let existence = drive_sync(&mut dns, |q| zone.answer(q), |dns| dmarc::exists(dns, domain));
    let found = discovery.policy.as_ref().ok().and_then(Option::as_ref);
    let applied = found.and_then(|found| found.applied(existence));
    let effect = match (&discovery.policy, found.map(|found| found.record.request())) {
        (Err(_), _) => Effect::Temperror,
        (_, None | Some(Request::NoProcessing)) => Effect::NoDmarc,
        (_, Some(Request::ActAsNone)) => Effect::PolicyNone,
        (_, Some(Request::Policies(_))) => worst(&findings),
    };
    let text = match (found, case["text"].as_str()) {
        (_, Some(text)) => Some(Record::parse(text)),
        (Some(found), None) if found.domain == *domain => Some((*found.record).clone()),
        _ => near_miss(&dns, domain),
    };
    let fixed = published_fix(&findings, domain)
        .or_else(|| text.and_then(|record| dmarc::mended(&record, Some(domain), options)));
    told(&findings, effect, fixed, applied.map(|applied| applied.policy))
}

/// The one record that is to be published at `_dmarc` instead of what is there.
fn published_fix(findings: &[Diagnostic], domain: &Name) -> Option<String> {
    let place = domain.prefixed("_dmarc").ok()?;
    let fixes = findings.iter().flat_map(|found| &found.fixes);
    let mut complete = fixes.filter(|fix| fix.applicability < Applicability::HasPlaceholders);
    complete.find_map(|fix| match &fix.change {
        Change::Records { owner, add, .. } if *owner == place => add.first().cloned(),
        Change::Records { .. } | Change::Edit(_) => None,
    })
}

/// What stands at `_dmarc` alone and is no DMARC record.
fn near_miss(dns: &Snapshot, domain: &Name) -> Option<Record> {
    let owner = domain.prefixed("_dmarc").ok()?;
    let question = mailproof::dns::Question::new(owner, mailproof::dns::RecordType::Txt);
    match dns.get(&question)?.txts() {
        [one] => Some(Record::of(one.clone())),
        _ => None,
    }
}

/// The gravest of what the findings say, below what the policy says.
fn worst(findings: &[Diagnostic]) -> Effect {
    let effects = findings.iter().map(|found| found.effect);
    effects.filter(|effect| *effect <= Effect::Differs).max().unwrap_or_default()
}

fn told(findings: &[Diagnostic], effect: Effect, fixed: Option<String>, policy: Option<dmarc::Policy>) -> Value {
    let codes: Vec<&str> = findings.iter().map(|found| found.code.as_str()).collect();
    json!({
        "codes": codes,
        "errors": findings.iter().filter(|found| found.severity == Severity::Error).count(),
        "effect": effect.as_str(),
        "fixed": fixed,
        "policy": policy.map(dmarc::Policy::as_str),
    })
}
