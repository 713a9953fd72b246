#![doc = include_str!("schema.md")]

use serde::{Serialize, Serializer};

use super::{Advice, Branch, Counter, Facts, Group, Input, Mark, Report, Trace, Verdict};
use crate::cause;
use crate::dns::Snapshot;
use crate::finding::{
    Applicability, Change, Code, Diagnostic, Edit, Effect, Evidence, Fix, Label, Origin, Params, Severity, Sources,
    Subject, apply,
};
use crate::text::Span;

/// The version of the form. It grows when a field changes its meaning or goes away.
pub const FORMAT: u32 = 1;

/// The form as a JSON Schema (draft 2020-12): the file `schema/report.schema.json`.
///
/// It is strict: a field that it does not name is no part of a report of this version. `$defs` has what else the program `check`
/// prints: `bulk_line`, `zone`, `advised`, `codes`, `explained`.
pub const SCHEMA: &str = include_str!("../../schema/report.schema.json");

/// What of a report is needed to have it again.
///
/// ```
/// use mailproof::report::{RecordInput, json::Replay};
///
/// // A report that somebody attached to a ticket, as JSON.
/// let attached = serde_json::to_string(&RecordInput::new("v=spf1 ipv4:192.0.2.1 -all").report())?;
///
/// let replay: Replay = serde_json::from_str(&attached)?;
/// let report = replay.input.check(&replay.snapshot).done().unwrap();
/// assert_eq!(report.findings[0].code, "spf-mechanism-typo");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Replay {
    /// What was asked.
    pub input: Input,
    /// What the DNS said.
    pub snapshot: Snapshot,
}

crate::reading::reads! { Replay { needs input, snapshot; takes } }

/// Octets of a text up to which fixes carry the whole text that they make.
const MAX_RESULT: usize = 8_192;

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places = Places::default();
        let mut form = ReportForm {
            mailproof: env!("CARGO_PKG_VERSION"),
            format: FORMAT,
            input: &self.input,
            passed: self.passed,
            headline: &self.headline,
            causes: self.causes.split_first().map(|(primary, secondary)| CausesForm {
                primary: places.cause(primary),
                secondary: secondary.iter().map(|cause| places.cause(cause)).collect(),
            }),
            verdicts: self.verdicts.iter().map(|verdict| places.verdict(verdict)).collect(),
            receivers: &self.receivers,
            advice: self.advice.iter().map(|advice| places.advice(advice)).collect(),
            findings: self.findings.iter().map(|found| places.finding(found)).collect(),
            groups: &self.groups,
            traces: self.traces.iter().map(|trace| places.trace(trace)).collect(),
            message: self.message.as_ref(),
            facts: self.facts.as_ref(),
            sources: Vec::new(),
            snapshot: &self.snapshot,
        };
        let subjects = places.0.into_vec();
        form.sources = subjects.iter().map(source).collect();
        form.serialize(serializer)
    }
}

/// Findings that belong to no report, in the same form: `{findings, sources}`.
///
/// ```
/// use mailproof::{report::json::Found, srs};
///
/// let found = srs::lint(&srs::Address::parse("srs0=PGkz=G3=example.com=alice@fwd.example"), &Default::default());
/// let json = serde_json::to_value(Found(&found)).unwrap();
/// assert_eq!(json["findings"][0]["code"], "srs-lowercased");
/// assert_eq!(json["sources"][0]["text"], "srs0=PGkz=G3=example.com=alice@fwd.example");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Found<'a>(pub &'a [Diagnostic]);

impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places = Places::default();
        let findings = self.0.iter().map(|found| places.finding(found)).collect();
        let subjects = places.0.into_vec();
        FoundForm { findings, sources: subjects.iter().map(source).collect() }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct FoundForm<'a> {
    findings: Vec<FindingForm<'a>>,
    sources: Vec<SourceForm<'a>>,
}

#[derive(Serialize)]
struct ReportForm<'a> {
    mailproof: &'static str,
    format: u32,
    input: &'a Input,
    passed: bool,
    headline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    causes: Option<CausesForm<'a>>,
    verdicts: Vec<VerdictForm<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    receivers: &'a [crate::dmarc::Verdict],
    advice: Vec<AdviceForm<'a>>,
    findings: Vec<FindingForm<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups: &'a [Group],
    traces: Vec<TraceForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a super::MessageFacts>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    facts: Option<&'a Facts>,
    sources: Vec<SourceForm<'a>>,
    snapshot: &'a Snapshot,
}

#[derive(Serialize)]
struct CausesForm<'a> {
    primary: CauseForm<'a>,
    secondary: Vec<CauseForm<'a>>,
}

#[derive(Serialize)]
struct CauseForm<'a> {
    id: &'static str,
    told: &'a str,
    advice_to: super::Actor,
    advice: &'a str,
    evidence: Vec<SeenForm<'a>>,
}

#[derive(Serialize)]
struct SeenForm<'a> {
    text: &'a str,
    at: Option<PlaceForm<'a>>,
}

#[derive(Serialize)]
struct VerdictForm<'a> {
    method: &'static str,
    identity: &'static str,
    domain: &'a str,
    result: &'static str,
    because: Option<FindingForm<'a>>,
    explanation: Option<&'a str>,
}

#[derive(Serialize)]
struct AdviceForm<'a> {
    actor: super::Actor,
    text: &'a str,
    at: Option<PlaceForm<'a>>,
    fix: Option<FixForm<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remaining: Vec<FindingForm<'a>>,
}

#[derive(Serialize)]
struct FindingForm<'a> {
    code: Code,
    severity: Severity,
    effect: Effect,
    evidence: Evidence,
    message: String,
    params: &'a Params,
    citations: &'static [&'static str],
    primary: PlaceForm<'a>,
    related: Vec<PlaceForm<'a>>,
    fixes: Vec<FixForm<'a>>,
}

#[derive(Serialize)]
struct PlaceForm<'a> {
    source: usize,
    span: Span,
    utf16: Span,
    quoted: String,
    text: &'a str,
}

#[derive(Serialize)]
struct FixForm<'a> {
    title: &'a str,
    applicability: Applicability,
    #[serde(flatten)]
    change: ChangeForm<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ChangeForm<'a> {
    Edit { edits: Vec<EditForm<'a>>, result: Option<String> },
    Records { records: RecordsForm<'a> },
}

#[derive(Serialize)]
struct EditForm<'a> {
    span: Span,
    utf16: Span,
    text: &'a str,
}

#[derive(Serialize)]
struct RecordsForm<'a> {
    owner: &'a crate::Name,
    record_type: crate::dns::RecordType,
    remove: &'a [String],
    add: &'a [String],
}

#[derive(Serialize)]
struct TraceForm<'a> {
    title: &'a str,
    counters: &'a [Counter],
    branches: Vec<BranchForm<'a>>,
}

#[derive(Serialize)]
struct BranchForm<'a> {
    text: &'a str,
    at: Option<PlaceForm<'a>>,
    outcome: &'a str,
    mark: Mark,
    notes: &'a [String],
    counters: &'a [Counter],
    branches: Vec<Self>,
}

#[derive(Serialize)]
struct SourceForm<'a> {
    origin: &'a Origin,
    text: &'a str,
    strings: Vec<Span>,
}

fn source(subject: &Subject) -> SourceForm<'_> {
    SourceForm {
        origin: subject.origin(),
        text: subject.source().text(),
        strings: subject.source().strings().map(|string| string.span).collect(),
    }
}

/// Numbers the texts as places in them are met.
#[derive(Default)]
struct Places(Sources);

impl Places {
    fn place<'a>(&mut self, label: &'a Label) -> PlaceForm<'a> {
        PlaceForm {
            source: self.0.index(&label.subject),
            span: label.span,
            utf16: label.subject.utf16(label.span),
            quoted: label.quoted(),
            text: &label.text,
        }
    }

    fn cause<'a>(&mut self, found: &'a cause::Found) -> CauseForm<'a> {
        let seen = found.evidence().iter();
        CauseForm {
            id: found.cause.id(),
            told: &found.told,
            advice_to: found.actor,
            advice: &found.advice,
            evidence: seen
                .map(|seen| SeenForm { text: &seen.text, at: seen.at.as_ref().map(|at| self.place(at)) })
                .collect(),
        }
    }

    fn verdict<'a>(&mut self, verdict: &'a Verdict) -> VerdictForm<'a> {
        VerdictForm {
            method: verdict.method,
            identity: verdict.identity,
            domain: &verdict.domain,
            result: verdict.result,
            because: verdict.because.as_ref().map(|found| self.finding(found)),
            explanation: verdict.explanation.as_deref(),
        }
    }

    fn advice<'a>(&mut self, advice: &'a Advice) -> AdviceForm<'a> {
        AdviceForm {
            actor: advice.actor,
            text: &advice.text,
            at: advice.at.as_ref().map(|at| self.place(at)),
            fix: advice.fix.as_ref().map(|fix| fix_form(fix, advice.at.as_ref())),
            remaining: advice.remaining.iter().map(|left| self.finding(left)).collect(),
        }
    }

    fn finding<'a>(&mut self, found: &'a Diagnostic) -> FindingForm<'a> {
        FindingForm {
            code: found.code,
            severity: found.severity,
            effect: found.effect,
            evidence: found.evidence,
            message: found.message(),
            params: &found.params,
            citations: found.code.rule().citations,
            primary: self.place(&found.primary),
            related: found.related.iter().map(|label| self.place(label)).collect(),
            fixes: found.fixes.iter().map(|fix| fix_form(fix, Some(&found.primary))).collect(),
        }
    }

    fn trace<'a>(&mut self, trace: &'a Trace) -> TraceForm<'a> {
        let branches = trace.branches.iter().map(|branch| self.branch(branch)).collect();
        TraceForm { title: &trace.title, counters: &trace.counters, branches }
    }

    fn branch<'a>(&mut self, branch: &'a Branch) -> BranchForm<'a> {
        BranchForm {
            text: &branch.text,
            at: branch.at.as_ref().map(|at| self.place(at)),
            outcome: &branch.outcome,
            mark: branch.mark,
            notes: &branch.notes,
            counters: &branch.counters,
            branches: branch.children.iter().map(|child| self.branch(child)).collect(),
        }
    }
}

/// A fix of the text that `at` is in.
fn fix_form<'a>(fix: &'a Fix, at: Option<&Label>) -> FixForm<'a> {
    let change = match &fix.change {
        Change::Edit(edits) => ChangeForm::Edit {
            edits: edits.iter().map(|edit| edit_form(edit, at)).collect(),
            result: at
                .map(|at| at.subject.source().text())
                .filter(|text| text.len() <= MAX_RESULT)
                .and_then(|text| apply(text, edits)),
        },
        Change::Records { owner, record_type, remove, add } => {
            ChangeForm::Records { records: RecordsForm { owner, record_type: *record_type, remove, add } }
        }
    };
    FixForm { title: &fix.title, applicability: fix.applicability, change }
}

fn edit_form<'a>(edit: &'a Edit, at: Option<&Label>) -> EditForm<'a> {
    EditForm { span: edit.span, utf16: at.map_or(edit.span, |at| at.subject.utf16(edit.span)), text: &edit.text }
}
