//! Findings as SARIF 2.1.0 (OASIS), which code hosts show as annotations (feature `serde`).
//!
//! ```
//! use mailproof::report::sarif::{self, Located};
//! use mailproof::spf;
//!
//! let found = spf::lint_text(&"v=spf1 ipv4:192.0.2.1 -all".into());
//! let log = sarif::log(found.iter().map(|found| Located::new(found).at("example.zone", [3, 5, 3, 9])));
//! let json = serde_json::to_value(&log)?;
//! assert_eq!(json["version"], "2.1.0");
//! let place = &json["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
//! assert_eq!(place["region"]["startLine"], 3);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Diagnostic, Rule, Severity};

/// A finding, and the place in a file that it is shown at.
#[derive(Clone, Debug)]
pub struct Located<'a> {
    finding: &'a Diagnostic,
    file: Option<(&'a str, [u32; 4])>,
}

impl<'a> Located<'a> {
    /// A finding that is in no file. It has the name of its text as a logical location.
    pub fn new(finding: &'a Diagnostic) -> Self {
        Self { finding, file: None }
    }

    /// In `file`, a path with `/`, at a region: line, column, last line, and the column one past the end, all counted from 1
    /// in characters.
    #[must_use]
    pub fn at(self, file: &'a str, region: [u32; 4]) -> Self {
        Self { file: Some((file, region)), ..self }
    }
}

/// A log with one run that has these findings. What it serializes to is a SARIF file.
pub fn log<'a>(found: impl IntoIterator<Item = Located<'a>>) -> Log {
    let found: Vec<Located<'_>> = found.into_iter().collect();
    let codes: BTreeMap<&str, &'static Rule> =
        found.iter().map(|one| (one.finding.code.as_str(), one.finding.code.rule())).collect();
    let index: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let results = found.iter().map(|one| result(one, index[one.finding.code.as_str()])).collect();
    let driver = Driver {
        name: "mailproof",
        version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: codes.values().map(|rule| rule_form(rule)).collect(),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: vec![run] }
}

fn rule_form(rule: &'static Rule) -> RuleForm {
    RuleForm {
        id: rule.code,
        short_description: Text { text: rule.title().to_owned() },
        help: Help { text: rule.page.trim(), markdown: rule.page.trim() },
        default_configuration: Configuration { level: rule.severity.as_str() },
    }
}

fn result(one: &Located<'_>, rule_index: usize) -> ResultForm {
    let found = one.finding;
    let location = Location {
        physical_location: one.file.map(|(file, region)| Physical {
            artifact_location: Artifact { uri: uri(file) },
            region: region_form(region),
        }),
        logical_locations: vec![Logical { fully_qualified_name: found.primary.subject.origin().to_string() }],
    };
    let mut text = found.message();
    if let Some(fix) = found.fixes.first() {
        text.push_str("; ");
        text.push_str(&fix.title);
    }
    ResultForm {
        rule_id: found.code.as_str(),
        rule_index,
        level: level(found.severity),
        message: Text { text },
        locations: vec![location],
    }
}

fn level(severity: Severity) -> &'static str {
    // SARIF §3.27.10 has the same three words.
    severity.as_str()
}

/// An end before its start, or at it, is left out: the region is then the rest of the line (SARIF §3.30.5).
fn region_form([start_line, start_column, end_line, end_column]: [u32; 4]) -> Region {
    let end = (end_line, end_column) > (start_line, start_column);
    Region { start_line, start_column, end_line: end.then_some(end_line), end_column: end.then_some(end_column) }
}

/// A path as a URI reference (RFC 3986 §3.3).
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A SARIF log file.
#[derive(Clone, Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultForm>,
}

#[derive(Clone, Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<RuleForm>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleForm {
    id: &'static str,
    short_description: Text,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Clone, Debug, Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultForm {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
}

#[derive(Clone, Debug, Serialize)]
struct Text {
    text: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<Physical>,
    logical_locations: Vec<Logical>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, Debug, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}
