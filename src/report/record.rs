//! The report on one text, such as a record that somebody is about to publish.

use super::{Input, Kind, Report, pasted, repaired};
use crate::Name;
use crate::dns::{RecordType, Snapshot};
use crate::finding::{Diagnostic, Effect, Severity, Subject};
use crate::text::Source;
use crate::{bimi, dkim, dmarc, mta_sts, spf, tls_rpt};

/// A text to look at, without asking the DNS anything.
///
/// ```
/// use mailproof::report::RecordInput;
///
/// // With its domain, a record can be found to lead back to itself.
/// let mut input = RecordInput::new("v=spf1 include:example.com -all");
/// assert!(input.report().passed);
/// input.domain = Some("example.com".parse()?);
/// assert_eq!(input.report().findings[0].code, "spf-self-include");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RecordInput {
    /// The text.
    pub text: Source,
    /// What it is; `None` to have it detected.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<Kind>,
    /// The domain it is about, where that is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub domain: Option<Name>,
}

#[cfg(feature = "serde")]
crate::reading::reads! { RecordInput { needs text; takes kind, domain } }

impl RecordInput {
    /// A text as people paste it (see [`pasted`]).
    pub fn new(text: &str) -> Self {
        Self { text: pasted(without_field_name(text)), kind: None, domain: None }
    }

    /// The report. It asks nothing of the DNS.
    ///
    /// ```
    /// use mailproof::report::RecordInput;
    ///
    /// assert!(RecordInput::new("v=spf1 -all").report().passed);
    /// ```
    pub fn report(&self) -> Report {
        self.check(Snapshot::new())
    }

    /// The snapshot is only kept in the report.
    pub(super) fn check(&self, dns: Snapshot) -> Report {
        let input = Input::Record(self.clone());
        let Some(kind) = self.kind.or_else(|| Kind::detect(self.text.text())) else {
            let headline = "the text does not look like a record of SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI";
            return Report::new(input, false, headline.to_owned(), dns);
        };
        let subject = match &self.domain {
            Some(domain) => Subject::record(&owner(kind, domain), RecordType::Txt, self.text.clone()),
            None => Subject::new(crate::finding::Origin::Given, self.text.clone()),
        };
        let Lint { findings, unreadable, is_none, is_open: _ } = lint(kind, &subject, self.domain.as_ref());
        let errors = findings.iter().filter(|found| found.severity == Severity::Error).count();
        let warnings = findings.iter().filter(|found| found.severity == Severity::Warning).count();
        let well = unreadable.is_none();
        let headline = match unreadable {
            Some(why) if errors == 0 => format!("error: {} that receivers cannot use: {why}", kind.told()),
            _ if is_none => format!("{}; receivers act as if it were `p=none`", headline(kind, errors, warnings)),
            _ => headline(kind, errors, warnings),
        };
        let passed = errors == 0 && well;
        let mut report = Report::new(input, passed, headline, dns).with_findings(findings);
        report.advice.extend(repaired::advice(kind, &subject, self.domain.as_ref(), &report.findings, errors));
        report
    }
}

/// A signature without `DKIM-Signature:`, which is the name of the field and no part of it.
fn without_field_name(text: &str) -> &str {
    let field = text.trim_start().split_once(':');
    let is_signature = |name: &str| name.trim_end().eq_ignore_ascii_case("DKIM-Signature");
    field.filter(|(name, _)| is_signature(name)).map_or(text, |(_, value)| value.trim_start())
}

/// Where a record of `domain` stands.
fn owner(kind: Kind, domain: &Name) -> Name {
    match kind {
        Kind::Dmarc => domain.prefixed("_dmarc"),
        Kind::MtaSts => domain.prefixed("_mta-sts"),
        Kind::TlsRpt => domain.prefixed("_smtp._tls"),
        Kind::Bimi => domain.prefixed("default._bimi"),
        // A key's domain is its whole name, with the selector.
        Kind::Spf | Kind::DkimKey | Kind::DkimSignature => Ok(domain.clone()),
    }
    .unwrap_or_else(|_| domain.clone())
}

/// What is known of a text of some kind.
pub(super) struct Lint {
    pub(super) findings: Vec<Diagnostic>,
    /// What strict reading says first, so that no text is called well that receivers refuse.
    pub(super) unreadable: Option<String>,
    /// What receivers make of a DMARC record whose policy they cannot read.
    is_none: bool,
    /// Whether an SPF record lets just anybody pass (RFC 7208 §11.1).
    pub(super) is_open: bool,
}

/// What the rules for `kind` say.
pub(super) fn lint(kind: Kind, subject: &Subject, domain: Option<&Name>) -> Lint {
    match kind {
        Kind::Spf => {
            let record = spf::Record::from_source(subject.source().clone());
            let findings = spf::rules::text(&spf::rules::Context { record: &record, subject, domain, tree: None });
            let strict = subject.source().text().parse::<spf::Record>();
            let unreadable = strict.err().map(|error| error.to_string());
            Lint { findings, unreadable, is_none: false, is_open: spf::rules::is_open(&record) }
        }
        Kind::Dmarc => {
            let record = dmarc::Record::of(subject.source().clone());
            let findings = dmarc::lint_at(&record, subject, domain, &dmarc::LintOptions::default());
            let unused = !record.is_dmarc() || record.request() == dmarc::Request::NoProcessing;
            // §4.10.1: no valid policy, but `rua`.
            let is_none = record.is_dmarc() && record.request() == dmarc::Request::ActAsNone;
            Lint { findings, unreadable: unused.then(|| "they apply no DMARC".to_owned()), is_none, is_open: false }
        }
        Kind::DkimKey => told(dkim::lint_subject(subject), &[Effect::Permerror, Effect::Ignored]),
        Kind::DkimSignature => {
            let facts = dkim::SignatureFacts::default().public_suffix(signs_as_suffix(subject.source()));
            let findings = dkim::lint_signature(subject.source(), &facts);
            told(findings, &[Effect::Permerror, Effect::Ignored])
        }
        Kind::MtaSts => told(mta_sts::lint_subject(subject), &[Effect::NoPolicy]),
        Kind::TlsRpt => told(tls_rpt::lint_subject(subject), &[Effect::NoReports]),
        Kind::Bimi => told(bimi::lint_subject(subject), &[]),
    }
}

/// Whether independent people register names below the signing domain, by the Public Suffix List where it is built in. What
/// providers hand out below their own domains does not count: they may sign as these themselves.
fn signs_as_suffix(signature: &Source) -> bool {
    #[cfg(feature = "psl")]
    {
        let domain = dkim::Signature::parse(signature).domain;
        domain.is_some_and(|domain| {
            dmarc::PublicSuffixes::built_in().org_domain(&domain.value, dmarc::Section::Icann).is_none()
        })
    }
    #[cfg(not(feature = "psl"))]
    {
        let _ = signature;
        false
    }
}

/// Findings that tell by their effect whether receivers can use the record.
fn told(findings: Vec<Diagnostic>, useless: &[Effect]) -> Lint {
    let unused = findings.iter().find(|found| useless.contains(&found.effect));
    let unreadable = unused.map(|found| format!("they {}", found.effect.told()));
    Lint { findings, unreadable, is_none: false, is_open: false }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of every page, as if each were a text of each kind.
    #[test]
    fn texts_break_rules_of_texts_only() {
        let of_texts: Vec<&str> = crate::rules_of_texts().map(|rule| rule.code).collect();
        let kinds =
            [Kind::Spf, Kind::Dmarc, Kind::DkimKey, Kind::DkimSignature, Kind::MtaSts, Kind::TlsRpt, Kind::Bimi];
        let mut told = std::collections::BTreeSet::new();
        for block in crate::rules().flat_map(|rule| rule.page.split("```").skip(1).step_by(2)) {
            let Some((_, example)) = block.split_once('\n') else { continue };
            for text in example.lines().chain([example]) {
                for kind in kinds {
                    for domain in [None, Some("d.example".parse().unwrap())] {
                        let input = RecordInput { kind: Some(kind), domain, ..RecordInput::new(text) };
                        told.extend(input.report().findings.iter().map(|found| found.code.as_str()));
                    }
                }
            }
        }
        assert!(told.len() > 200, "{}", told.len());
        for code in told {
            assert!(of_texts.contains(&code), "{code}");
        }
    }

    /// RFC 6376 §6.1.1: the domain that signs is told where nobody registers it.
    #[cfg(feature = "psl")]
    #[test]
    fn a_signature_of_a_public_suffix_is_told() {
        let told = |domain: &str| {
            let bh = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
            let text = format!("v=1; a=rsa-sha256; d={domain}; s=s; h=from; bh={bh}; b=Zm9v");
            let input = RecordInput { kind: Some(Kind::DkimSignature), ..RecordInput::new(&text) };
            let found = input.report().findings.into_iter().filter(|found| found.code == "dkim-sig-d-invalid");
            found.collect::<Vec<_>>()
        };
        assert_eq!(told("com").len(), 1, "a name of one label is told as that");
        let found = told("co.uk").remove(0);
        assert_eq!((found.severity, found.effect), (Severity::Warning, Effect::Differs));
        assert_eq!(
            found.message(),
            "the signing domain `co.uk` is not valid: names below it belong to different people (Public Suffix \
             List), and nobody can sign for all of them"
        );
        for fine in ["d.co.uk", "github.io", "d.example"] {
            assert!(told(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_signature_may_come_with_the_name_of_its_field() {
        let value =
            "v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v";
        for text in [format!("DKIM-Signature: {value}"), format!("dkim-signature:{value}"), value.to_owned()] {
            let input = RecordInput::new(&text);
            assert_eq!(input.text.text(), value);
            assert!(input.report().headline.contains("a DKIM signature"), "{text}");
        }
    }
}
