//! The report on one text, such as a record that somebody is about to publish.

use super::{Actor, Advice, Input, Kind, Report, pasted};
use crate::Name;
use crate::dns::{RecordType, Snapshot};
use crate::finding::{Diagnostic, Severity, Subject};
use crate::spf;
use crate::text::Source;

/// A text to look at, without asking the DNS anything.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct RecordInput {
    /// The text.
    pub text: Source,
    /// What it is; `None` to have it detected.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub kind: Option<Kind>,
    /// The domain it is about, where that is known.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub domain: Option<Name>,
}

impl RecordInput {
    /// A text as people paste it (see [`pasted`]).
    pub fn new(text: &str) -> Self {
        Self { text: pasted(text), kind: None, domain: None }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Report {
        let input = Input::Record(self.clone());
        let Some(kind) = self.kind.or_else(|| Kind::detect(self.text.text())) else {
            let headline = "the text does not look like a record of SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI";
            return Report::new(input, false, headline.to_owned(), dns.clone());
        };
        let subject = match &self.domain {
            Some(domain) => Subject::record(domain, RecordType::Txt, self.text.clone()),
            None => Subject::new(crate::finding::Origin::Given, self.text.clone()),
        };
        let Some(Lint { findings, unreadable }) = lint(kind, &subject, self.domain.as_ref()) else {
            let headline = format!("this looks like {}, for which there are no rules yet", kind.told());
            return Report::new(input, false, headline, dns.clone());
        };
        let errors = findings.iter().filter(|found| found.severity == Severity::Error).count();
        let warnings = findings.iter().filter(|found| found.severity == Severity::Warning).count();
        let well = unreadable.is_none();
        let headline = match unreadable {
            Some(why) if errors == 0 => format!("error: {} that receivers cannot use: {why}", kind.told()),
            _ => headline(kind, errors, warnings),
        };
        let passed = errors == 0 && well;
        let mut report = Report::new(input, passed, headline, dns.clone()).with_findings(findings);
        report.advice.extend(repaired(&report.findings));
        report
    }
}

/// What is known of a text of some kind.
struct Lint {
    findings: Vec<Diagnostic>,
    /// What strict reading says first, so that no text is called well that receivers refuse.
    unreadable: Option<String>,
}

/// What the rules for `kind` say; `None` where there are none.
fn lint(kind: Kind, subject: &Subject, domain: Option<&Name>) -> Option<Lint> {
    match kind {
        Kind::Spf => {
            let record = spf::Record::from_source(subject.source().clone());
            let findings = spf::rules::text(&spf::rules::Context { record: &record, subject, domain, tree: None });
            let strict = subject.source().text().parse::<spf::Record>();
            Some(Lint { findings, unreadable: strict.err().map(|error| error.to_string()) })
        }
        Kind::Dmarc | Kind::DkimKey | Kind::DkimSignature | Kind::MtaSts | Kind::TlsRpt | Kind::Bimi => None,
    }
}

fn headline(kind: Kind, errors: usize, warnings: usize) -> String {
    let thing = kind.told();
    match (errors, warnings) {
        (0, 0) => format!("ok: {thing} in which nothing is wrong"),
        (0, n) => format!("ok: {thing} that receivers can use, with {}", counted(n, "warning")),
        (e, 0) => format!("error: {thing} with {}", counted(e, "error")),
        (e, n) => format!("error: {thing} with {} and {}", counted(e, "error"), counted(n, "warning")),
    }
}

fn counted(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

fn repaired(findings: &[Diagnostic]) -> Option<Advice> {
    let fixable = findings.iter().any(|found| found.severity == Severity::Error && !found.fixes.is_empty());
    fixable.then(|| Advice::new(Actor::DomainOwner, "publish a repaired record: each `help` below shows one repair"))
}
