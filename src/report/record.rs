//! The report on one text, such as a record that somebody is about to publish.

use super::{Actor, Advice, Input, Kind, Report, pasted};
use crate::Name;
use crate::dns::master::quoted_strings;
use crate::dns::{RecordType, Snapshot};
use crate::finding::{Applicability, Diagnostic, Edit, Effect, Fix, Severity, Subject, apply_all_where};
use crate::text::{Source, Span};
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
        Self { text: pasted(text), kind: None, domain: None }
    }

    /// The report. It asks nothing of the DNS.
    ///
    /// ```
    /// use mailproof::report::RecordInput;
    ///
    /// assert!(RecordInput::new("v=spf1 -all").report().passed);
    /// ```
    pub fn report(&self) -> Report {
        self.check(&Snapshot::new())
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Report {
        let input = Input::Record(self.clone());
        let Some(kind) = self.kind.or_else(|| Kind::detect(self.text.text())) else {
            let headline = "the text does not look like a record of SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI";
            return Report::new(input, false, headline.to_owned(), dns.clone());
        };
        let subject = match &self.domain {
            Some(domain) => Subject::record(&owner(kind, domain), RecordType::Txt, self.text.clone()),
            None => Subject::new(crate::finding::Origin::Given, self.text.clone()),
        };
        let Lint { findings, unreadable, is_none } = lint(kind, &subject, self.domain.as_ref());
        let errors = findings.iter().filter(|found| found.severity == Severity::Error).count();
        let warnings = findings.iter().filter(|found| found.severity == Severity::Warning).count();
        let well = unreadable.is_none();
        let headline = match unreadable {
            Some(why) if errors == 0 => format!("error: {} that receivers cannot use: {why}", kind.told()),
            _ if is_none => format!("{}; receivers act as if it were `p=none`", headline(kind, errors, warnings)),
            _ => headline(kind, errors, warnings),
        };
        let passed = errors == 0 && well;
        let findings = if kind == Kind::Spf { spf::rules::bounded(findings) } else { findings };
        let mut report = Report::new(input, passed, headline, dns.clone()).with_findings(findings);
        report.advice.extend(repaired(kind, &subject, self.domain.as_ref(), &report.findings));
        report
    }
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
struct Lint {
    findings: Vec<Diagnostic>,
    /// What strict reading says first, so that no text is called well that receivers refuse.
    unreadable: Option<String>,
    /// What receivers make of a DMARC record whose policy they cannot read.
    is_none: bool,
}

/// What the rules for `kind` say.
fn lint(kind: Kind, subject: &Subject, domain: Option<&Name>) -> Lint {
    match kind {
        Kind::Spf => {
            let record = spf::Record::from_source(subject.source().clone());
            let findings = spf::rules::text(&spf::rules::Context { record: &record, subject, domain, tree: None });
            let strict = subject.source().text().parse::<spf::Record>();
            Lint { findings, unreadable: strict.err().map(|error| error.to_string()), is_none: false }
        }
        Kind::Dmarc => {
            let record = dmarc::Record::of(subject.source().clone());
            let findings = dmarc::lint_at(&record, subject, domain, &dmarc::LintOptions::default());
            let unused = !record.is_dmarc() || record.request() == dmarc::Request::NoProcessing;
            // §4.10.1: no valid policy, but `rua`.
            let is_none = record.is_dmarc() && record.request() == dmarc::Request::ActAsNone;
            Lint { findings, unreadable: unused.then(|| "they apply no DMARC".to_owned()), is_none }
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
    Lint { findings, unreadable, is_none: false }
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

/// One repair of all that is wrong and that a machine may repair, if that leaves no error. What is only untidy stays: whoever mends a comma
/// does not want to find his networks merged.
fn repaired(kind: Kind, subject: &Subject, domain: Option<&Name>, findings: &[Diagnostic]) -> Option<Advice> {
    let broken = findings.iter().find(|found| found.severity == Severity::Error)?;
    let is_long =
        |found: &Diagnostic| ["spf-string-over-255", "dkim-key-string-over-255"].contains(&found.code.as_str());
    if findings.iter().filter(|found| found.severity == Severity::Error).all(is_long) {
        // The text is right, and no edit of it can say where strings meet.
        let strings = quoted_strings(subject.source().text());
        let told = format!("publish it as several strings, which receivers join: {strings}");
        return Some(Advice::new(Actor::DomainOwner, told).at(broken.primary.clone()));
    }
    if findings.iter().all(|found| found.fixes.is_empty()) {
        return None;
    }
    let by_hand = Advice::new(Actor::DomainOwner, "publish a repaired record: each `help` below shows one repair");
    let text = subject.source().text();
    let again = |now: &str| match now == text {
        // As long as nothing is changed, it is known where its character-strings meet.
        true => lint(kind, subject, domain),
        false => lint(kind, &Subject::new(subject.origin().clone(), Source::new(now)), domain),
    };
    let is_sure = |found: &Diagnostic, fix: &Fix| {
        found.severity < Severity::Note && fix.applicability == Applicability::MachineApplicable
    };
    let mended = apply_all_where(text, |text| again(text).findings, is_sure).text;
    let left = again(&mended);
    let well = left.unreadable.is_none() && left.findings.iter().all(|found| found.severity != Severity::Error);
    if !well || mended == text {
        return Some(by_hand);
    }
    let fix = Fix::machine("write what was probably meant", [difference(text, &mended)]);
    Some(Advice::new(Actor::DomainOwner, "publish this record instead").at(broken.primary.clone()).fix(fix))
}

/// The one edit that makes `new` of `old`: all between what both begin and end with.
fn difference(old: &str, new: &str) -> Edit {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (rest, text) = (&old[start..], &new[start..]);
    let end: usize = rest.chars().rev().zip(text.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    Edit::replace(Span::new(start, old.len() - end), &text[..text.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;

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
    fn a_string_that_is_too_long_is_cut_into_several() {
        let networks: String = (1..20).map(|n| format!("ip4:9.9.{n}.1 ")).collect();
        let value = format!("v=spf1 include:_spf.d.example {networks}-all");
        let report = RecordInput::new(&format!("\"{value}\"")).report();
        assert!(!report.passed);
        let told = report.advice[0].text.split_once(": ").unwrap().1;
        assert_eq!((pasted(told).text(), pasted(told).strings().count()), (value.as_str(), 2));
        assert!(pasted(told).strings().all(|string| string.text.len() <= 255));
    }

    #[test]
    fn what_is_only_untidy_stays() {
        let text = "v=spf1 ipv4:9.9.9.8 ipv4:9.9.9.9 ?all";
        let report = RecordInput::new(text).report();
        assert!(report.findings.iter().any(|found| found.code == "spf-mergeable-networks"));
        let fix = report.advice[0].fix.as_ref().unwrap();
        assert_eq!(apply(text, fix.edits()).unwrap(), "v=spf1 ip4:9.9.9.8 ip4:9.9.9.9 ?all");
    }

    #[test]
    fn one_edit_of_all() {
        for (old, new) in [("aéb", "aèb"), ("aa", "aaa"), ("aaa", "aa"), ("x", "x"), ("", "a"), ("ab", "cd")] {
            assert_eq!(apply(old, &[difference(old, new)]).as_deref(), Some(new));
        }
        assert_eq!(difference("v=spf1 ipv4:9.9.9.9", "v=spf1 ip4:9.9.9.9"), Edit::delete(Span::new(9, 10)));
    }
}
