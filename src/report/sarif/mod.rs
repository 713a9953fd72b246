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

mod form;
mod message;

use std::collections::BTreeMap;

use super::{Input, Report};
use crate::finding::{Applicability, Diagnostic, Fix, Label, Rule, Severity};
pub use form::Log;
use form::{
    Artifact, ArtifactChange, Configuration, Driver, FixForm, Help, Invocation, Location, Logical, Physical, Region,
    Related, Replacement, ResultForm, RuleForm, Run, Text, Tool,
};
use message::Lines;

/// A finding, and the place in a file that it is shown at.
///
/// ```
/// use mailproof::{report::sarif::{self, Located}, spf};
///
/// // The record is the whole second line of a file.
/// let found = spf::lint_text(&"v=spf1 ipv4:192.0.2.1 -all".into());
/// let whole = [2, 1, 2, 27];
/// let mended = vec![(whole, "v=spf1 ip4:192.0.2.1 -all".to_owned())];
/// let located = Located::new(&found[0]).at("spf.txt", whole).fix(&found[0].fixes[0], mended);
/// let json = serde_json::to_value(sarif::log([located]))?;
/// assert_eq!(json["runs"][0]["results"][0]["ruleId"], "spf-mechanism-typo");
/// assert!(json["runs"][0]["results"][0]["fixes"].is_array());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Located<'a> {
    finding: &'a Diagnostic,
    file: Option<(&'a str, [u32; 4])>,
    repairs: Vec<Repair<'a>>,
}

/// A fix, as what stands in regions of the file afterwards.
#[derive(Clone, Debug)]
struct Repair<'a> {
    fix: &'a Fix,
    replacements: Vec<([u32; 4], String)>,
}

impl<'a> Located<'a> {
    /// A finding that is in no file. It has the name of its text as a logical location.
    pub fn new(finding: &'a Diagnostic) -> Self {
        Self { finding, file: None, repairs: Vec::new() }
    }

    /// In `file`, a path with `/`, at a region: line, column, last line, and the column one past the end, all counted from 1
    /// in characters.
    #[must_use]
    pub fn at(self, file: &'a str, region: [u32; 4]) -> Self {
        Self { file: Some((file, region)), ..self }
    }

    /// One of its fixes, as what stands in regions of the file afterwards. Without a file, or where something has to be filled
    /// in, it is left out: who reads SARIF may apply it.
    #[must_use]
    pub fn fix(mut self, fix: &'a Fix, replacements: Vec<([u32; 4], String)>) -> Self {
        if fix.applicability != Applicability::HasPlaceholders && !replacements.is_empty() {
            self.repairs.push(Repair { fix, replacements });
        }
        self
    }
}

/// A log with one run that has these findings. What it serializes to is a SARIF file.
///
/// ```
/// use mailproof::{report::sarif::{self, Located}, spf};
///
/// let found = spf::lint_text(&"v=spf1 ipv4:192.0.2.1 ptr -all".into());
/// let json = serde_json::to_value(sarif::log(found.iter().map(Located::new)))?;
/// let results = json["runs"][0]["results"].as_array().unwrap();
/// assert_eq!(results.len(), found.len());
/// // Each of them names its rule, whose page is in the log too.
/// assert_eq!(results[0]["ruleId"], "spf-mechanism-typo");
/// # Ok::<(), serde_json::Error>(())
/// ```
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
    let run = Run {
        tool: Tool { driver },
        invocations: vec![Invocation { execution_successful: true }],
        column_kind: "unicodeCodePoints",
        results,
        properties: None,
    };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: vec![run] }
}

/// What decided and what was found in a report. `file` is the path of the message, where a message was asked about; what is in
/// its header fields or body then has a region in it. The answer is in the run's `properties`.
///
/// ```
/// use mailproof::report::{Input, sarif};
///
/// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
/// let json = serde_json::to_value(sarif::report(&report, None))?;
/// assert_eq!(json["runs"][0]["properties"]["passed"], false);
/// assert_eq!(json["runs"][0]["results"][0]["ruleId"], "spf-mechanism-typo");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn report(report: &Report, file: Option<&str>) -> Log {
    let lines = match (&report.input, file) {
        (Input::Message(input), Some(file)) => Some((file, Lines::of(&input.message.0))),
        _ => None,
    };
    let decided = report.verdicts.iter().filter_map(|verdict| verdict.because.as_ref());
    let mut log = log(decided.chain(&report.findings).map(|found| {
        let place = lines.as_ref().and_then(|(file, lines)| Some((*file, lines.region(&found.primary)?)));
        place.into_iter().fold(Located::new(found), |one, (file, region)| one.at(file, region))
    }));
    if let Some(run) = log.runs.first_mut() {
        run.properties = Some(form::Answer { passed: report.passed, headline: report.headline.clone() });
    }
    log
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
        logical_locations: logical(&found.primary),
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
        related_locations: related_all(&found.related),
        fixes: one.file.map(|(file, _)| fixes(file, &one.repairs)).unwrap_or_default(),
    }
}

/// The record, header field or part of the session, and what is written there.
fn logical(label: &Label) -> Vec<Logical> {
    let name = label.subject.origin().to_string();
    vec![Logical { fully_qualified_name: name, kind: "resource" }]
}

/// Each place once (SARIF §3.27.22).
fn related_all(labels: &[Label]) -> Vec<Related> {
    let mut seen: Vec<Related> = Vec::new();
    for label in labels {
        let one = related(label);
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

fn related(label: &Label) -> Related {
    let quoted = label.quoted();
    let text = match (label.text.as_str(), quoted.as_str()) {
        (text, "") => text.to_owned(),
        ("", quoted) => quoted.to_owned(),
        (text, quoted) => format!("{quoted}: {text}"),
    };
    Related { logical_locations: logical(label), message: (!text.is_empty()).then_some(Text { text }) }
}

fn fixes(file: &str, repairs: &[Repair<'_>]) -> Vec<FixForm> {
    let told = |fix: &Fix| match fix.applicability {
        Applicability::MachineApplicable => fix.title.clone(),
        Applicability::MaybeIncorrect | Applicability::HasPlaceholders => {
            format!("{} (look before you publish it)", fix.title)
        }
    };
    let replacement = |(region, text): &([u32; 4], String)| {
        let [start_line, start_column, end_line, end_column] = *region;
        // What is inserted deletes nothing: its region ends where it begins (SARIF §3.57.3).
        let deleted_region =
            Region { start_line, start_column, end_line: Some(end_line), end_column: Some(end_column) };
        Replacement { deleted_region, inserted_content: Text { text: text.clone() } }
    };
    let form = |repair: &Repair<'_>| FixForm {
        description: Text { text: told(repair.fix) },
        artifact_changes: vec![ArtifactChange {
            artifact_location: Artifact { uri: uri(file) },
            replacements: repair.replacements.iter().map(replacement).collect(),
        }],
    };
    repairs.iter().map(form).collect()
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
