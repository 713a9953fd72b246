//! What is wrong with a record, a text, or a domain.

use super::Record;
use super::rules::surroundings::Surroundings;
use super::rules::{self, Context, coverage, selection, semantic, version};
use super::tree;
use crate::Name;
use crate::dns::{Answer, RecordType, Snapshot, Step};
use crate::finding::{Applicability, Diagnostic, Effect, Findings, Fix, Severity, Subject, apply_all_where, bounded};
use crate::text::Source;

/// What is known about a domain beside its DNS.
///
/// ```
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, LintOptions}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 a mx -all""#)?;
/// let domain = "example.com".parse()?;
/// // The owner says that no mail comes from it: then its record lets somebody send without need.
/// let options = LintOptions::default().parked(true);
/// let lint = |dns: &Snapshot| spf::lint_domain(dns, &domain, &options);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), lint);
/// assert!(found.iter().any(|found| found.code == "spf-parked-not-null"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LintOptions {
    /// The domain sends no mail, says its owner.
    pub parked: bool,
    /// The domain is a public suffix.
    pub public_suffix: bool,
    /// What each authoritative name server answered to TXT at the domain, where that was asked: names of servers, and answers.
    pub servers: Vec<(String, Answer)>,
}

impl LintOptions {
    /// With the domain declared as one that sends no mail.
    #[must_use]
    pub fn parked(mut self, parked: bool) -> Self {
        self.parked = parked;
        self
    }

    /// With the domain declared as a public suffix.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}, spf::{self, LintOptions}};
    ///
    /// let zone = Zone::parse(r#"co.example. TXT "v=spf1 a -all""#)?;
    /// let (domain, options) = ("co.example".parse()?, LintOptions::default().public_suffix(true));
    /// let lint = |dns: &Snapshot| spf::lint_domain(dns, &domain, &options);
    /// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), lint);
    /// assert!(found.iter().any(|found| found.code == "spf-on-public-suffix"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn public_suffix(mut self, public_suffix: bool) -> Self {
        self.public_suffix = public_suffix;
        self
    }

    /// With the answer of one authoritative name server.
    ///
    /// ```
    /// use mailproof::{dns::{Answer, Snapshot}, resolver::{Zone, drive_sync}, spf::{self, LintOptions}};
    ///
    /// // A secondary server still has the record of last week.
    /// let zone = Zone::parse(r#"example.com. TXT "v=spf1 mx -all""#)?;
    /// let domain = "example.com".parse()?;
    /// let options = LintOptions::default()
    ///     .server("ns1.example.com", Answer::txt(["v=spf1 mx -all"]))
    ///     .server("ns2.example.com", Answer::txt(["v=spf1 a -all"]));
    /// let lint = |dns: &Snapshot| spf::lint_domain(dns, &domain, &options);
    /// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), lint);
    /// assert!(found.iter().any(|found| found.code == "spf-inconsistent-nameservers"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn server(mut self, server: impl Into<String>, answer: Answer) -> Self {
        self.servers.push((server.into(), answer));
        self
    }
}

/// What the text of a record says alone. Nothing is claimed about the DNS.
///
/// All defects are told, not only the first; each where it stands.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let found = spf::lint(&Record::parse("v=spf1 ipv4:185.145.98.91 mx, -all;"));
/// let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
/// assert_eq!(codes[..2], ["spf-mechanism-typo", "spf-comma-or-semicolon-separator"]);
/// assert_eq!(found[0].message(), "`ipv4` is not a mechanism; `ip4` was probably meant");
/// assert_eq!(spf::effect(&found).as_str(), "permerror");
/// ```
pub fn lint(record: &Record) -> Vec<Diagnostic> {
    let subject = Subject::new(crate::finding::Origin::Given, record.source().clone());
    rules::text(&Context { record, subject: &subject, domain: None, tree: None })
}

/// The same for a record of `domain`: also whether it leads back to itself.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let domain = "d.example".parse()?;
/// let found = spf::lint_at(&Record::parse("v=spf1 include:d.example -all"), &domain);
/// assert_eq!(found[0].code, "spf-self-include");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_at(record: &Record, domain: &Name) -> Vec<Diagnostic> {
    let subject = Subject::record(domain, RecordType::Txt, record.source().clone());
    rules::text(&Context { record, subject: &subject, domain: Some(domain), tree: None })
}

/// The same for any TXT text: also why it is not seen as SPF. Nothing, if it was hardly meant as SPF.
///
/// ```
/// use mailproof::spf;
///
/// let found = spf::lint_text(&"\"v=spf1 mx -all\"".into());
/// assert_eq!(found[0].code, "spf-literal-quotes");
/// assert_eq!(spf::effect(&found).as_str(), "none");
/// assert!(spf::lint_text(&"google-site-verification=x".into()).is_empty());
/// ```
pub fn lint_text(source: &Source) -> Vec<Diagnostic> {
    if !version::is_candidate(source.text()) {
        return Vec::new();
    }
    lint(&Record::from_source(source.clone()))
}

/// A text as it was meant: after every repair that `lint` suggests for it; `None` if there is none.
///
/// `lint` says what is wrong with a text: [`lint`] or [`lint_at`] alone, or [`lint_domain`] with the text in its place. Errors, parts
/// without an effect and what is missing are mended. What would be better in the place of a term that works is changed only
/// where nothing else is wrong.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// let mended = |text: &str| spf::mended(text, |now| spf::lint(&Record::parse(now)));
/// assert_eq!(mended("v=spf1 ipv4:192.0.2.1, mx -all").unwrap(), "v=spf1 ip4:192.0.2.1 mx -all");
/// assert_eq!(mended("v=spf1 mx -all"), None);
/// ```
pub fn mended(text: &str, mut lint: impl FnMut(&str) -> Vec<Diagnostic>) -> Option<String> {
    let repaired = apply_all_where(text, &mut lint, is_repair).text;
    if repaired != text {
        return Some(repaired);
    }
    let tidied = apply_all_where(text, lint, is_suggested).text;
    (tidied != text).then_some(tidied)
}

/// What mends an error, or a part that has no effect, or adds what is missing.
fn is_repair(found: &Diagnostic, fix: &Fix) -> bool {
    let mends = || found.severity == Severity::Error || found.effect == Effect::PartIgnored;
    let adds = || fix.edits().iter().all(|edit| edit.span.is_empty());
    match fix.applicability {
        Applicability::MachineApplicable => found.severity < Severity::Note,
        Applicability::MaybeIncorrect => found.severity < Severity::Note && (mends() || adds()),
        Applicability::HasPlaceholders => false,
    }
}

/// What is certain, and what probably mends something that is wrong. A note has nothing to mend that is not certain.
fn is_suggested(found: &Diagnostic, fix: &Fix) -> bool {
    match fix.applicability {
        Applicability::MachineApplicable => true,
        Applicability::MaybeIncorrect => found.severity < Severity::Note,
        Applicability::HasPlaceholders => false,
    }
}

/// What is wrong with the SPF of a domain: its records, which one receivers select, where else one is, and the names around it.
///
/// ```
/// use mailproof::dns::Snapshot;
/// use mailproof::resolver::{Zone, drive_sync};
/// use mailproof::spf::{self, LintOptions};
///
/// let zone = Zone::parse("_spf.example.com. TXT \"v=spf1 ip4:203.0.113.7 -all\"")?;
/// let domain = "example.com".parse()?;
/// let options = LintOptions::default();
/// let mut dns = Snapshot::new();
/// let found = drive_sync(&mut dns, |question| zone.answer(question), |dns| spf::lint_domain(dns, &domain, &options));
/// assert_eq!(found[0].code, "spf-at-underscore-name");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_domain(dns: &Snapshot, domain: &Name, options: &LintOptions) -> Step<Vec<Diagnostic>> {
    let mut open = Vec::new();
    let around = Surroundings::gather(dns, domain, options).or_ask(&mut open);
    let tree = tree(dns, domain).or_ask(&mut open);
    let meant = tree.as_ref().and_then(|tree| semantic::around(dns, tree).or_ask(&mut open));
    let (Some(mut around), Some(tree), Some(meant)) = (around, &tree, meant) else { return Step::Ask(open) };
    around.tree = Some(tree);
    let mut out = Findings::default();
    selection::domain(&around, &mut out);
    coverage::domain(&around, &mut out);
    out.extend(meant);
    Step::Done(bounded(out.into_vec()))
}

/// What receivers do with a record because of all findings about it: the gravest effect.
///
/// ```
/// use mailproof::spf::{self, Record};
///
/// // A note about `ptr`, and an error in a prefix length: the error decides.
/// let found = spf::lint(&Record::parse("v=spf1 ptr ip4:192.0.2.0/33 -all"));
/// assert!(found.len() > 1);
/// assert_eq!(spf::effect(&found).as_str(), "permerror");
/// assert_eq!(spf::effect(&spf::lint(&Record::parse("v=spf1 ip4:192.0.2.0/24 -all"))).as_str(), "ok");
/// ```
pub fn effect(found: &[Diagnostic]) -> Effect {
    found.iter().map(|found| found.effect).max().unwrap_or_default()
}
