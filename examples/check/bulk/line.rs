//! Lines of output.

use mailproof::finding::{Code, Diagnostic, Effect, Evidence, Severity};
use mailproof::report::{Input, Report};
use serde::{Deserialize, Serialize};

use super::input::Unreadable;

#[derive(Serialize)]
struct Line<'a> {
    domain: &'a str,
    passed: bool,
    headline: &'a str,
    /// What DMARC asks for, by whose mail it is about.
    policy: Policy,
    findings: Vec<Finding<'a>>,
}

#[derive(Default, Serialize)]
struct Policy {
    domain: Option<&'static str>,
    subdomain: Option<&'static str>,
    nonexistent: Option<&'static str>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: Code,
    severity: Severity,
    effect: Effect,
    #[serde(skip_serializing_if = "is_observed")]
    evidence: Evidence,
    message: String,
    at: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

fn is_observed(evidence: &Evidence) -> bool {
    *evidence == Evidence::Observed
}

#[derive(Serialize)]
struct Error<'a> {
    domain: &'a str,
    error: &'a str,
}

/// The domain of a line that an earlier run wrote.
pub(super) fn domain(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Told {
        Short { domain: String },
        Full { input: Input },
    }
    match serde_json::from_slice(line).ok()? {
        Told::Short { domain } => Some(domain),
        Told::Full { input: Input::Domain(input) } => Some(input.domain),
        Told::Full { .. } => None,
    }
}

/// What there is to say about a domain, on a line.
pub(super) fn told(report: &Report, full: bool) -> String {
    let asked = match &report.input {
        Input::Domain(input) => input.domain.as_str(),
        _ => "",
    };
    if full {
        return ended(&report);
    }
    let findings = report.findings.iter().map(finding).collect();
    let mut policy = Policy::default();
    for verdict in &report.verdicts {
        match verdict.identity {
            "domain" => policy.domain = Some(verdict.result),
            "subdomain" => policy.subdomain = Some(verdict.result),
            _ => policy.nonexistent = Some(verdict.result),
        }
    }
    ended(&Line { domain: asked, passed: report.passed, headline: &report.headline, policy, findings })
}

fn finding(found: &Diagnostic) -> Finding<'_> {
    let span = found.primary.span;
    Finding {
        code: found.code,
        severity: found.severity,
        effect: found.effect,
        evidence: found.evidence,
        message: found.message(),
        at: found.primary.subject.origin().to_string(),
        text: found.primary.subject.source().text().get(span.start as usize..span.end as usize).unwrap_or_default(),
    }
}

/// Why a line of input has no answer.
pub(super) fn unreadable(why: &Unreadable) -> String {
    ended(&Error { domain: &why.line, error: &why.why })
}

fn ended(value: &impl Serialize) -> String {
    // Everything above has string keys and no numbers that JSON lacks.
    let mut line = serde_json::to_string(value).expect("data that JSON can hold");
    line.push('\n');
    line
}
