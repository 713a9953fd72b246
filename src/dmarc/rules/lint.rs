//! The entries: a record alone, a domain with its DNS, an evaluation.

use super::context::Context;
use super::domain::DomainContext;
use super::standing::keeps;
use super::{
    alignment, characters, destinations, domain, historic, inheritance, location, mend, other, policy, readiness,
    records, settings, subdomains, suffix, tags, uris, version,
};
use crate::Name;
use crate::dmarc::{Found, Outcome, PublicSuffixes, Record, discover};
use crate::dns::RecordType;
use crate::dns::{Snapshot, Step};
use crate::finding::{
    Applicability, Change, Diagnostic, Effect, Findings, Fix, Label, Severity, Subject, mend_or_tidy,
};
use crate::panel;
use crate::text::Source;
use crate::unread;

/// What is known beside the DNS, and which receivers are compared.
///
/// ```
/// use mailproof::dmarc::{self, Leg};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"")?;
/// let domain = "example.com".parse()?;
/// let mut options = dmarc::LintOptions::default();
/// (options.spf, options.dkim) = (Leg::Broken, Leg::Broken);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::lint_domain(dns, &domain, &options));
/// // The domain asks receivers to reject its own mail.
/// assert!(found.iter().any(|found| found.code == "dmarc-enforcing-no-auth"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LintOptions {
    /// The Public Suffix List of RFC 7489 receivers; without one they are not compared.
    pub suffixes: Option<PublicSuffixes>,
    /// Whether SPF of the domain can give an aligned pass.
    pub spf: Leg,
    /// Whether DKIM can.
    pub dkim: Leg,
}

/// Whether a mechanism can give an aligned pass for mail of a domain.
///
/// ```
/// use mailproof::dmarc::{self, Leg, LintOptions};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"")?;
/// let domain = "example.com".parse()?;
/// let mut options = LintOptions::default();
/// (options.spf, options.dkim) = (Leg::Works, Leg::Broken);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::lint_domain(dns, &domain, &options));
/// // SPF alone does not survive a forwarder.
/// assert!(found.iter().any(|found| found.code == "dmarc-enforcing-one-leg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Leg {
    /// Nobody looked, or nobody can know: DKIM selectors cannot be listed (RFC 6376 §3.1).
    #[default]
    Unknown,
    /// It can.
    Works,
    /// It cannot: the record is missing or broken, or every key that is known of is.
    Broken,
}

/// With the built-in list, if there is one, and nothing known of SPF and DKIM.
impl Default for LintOptions {
    fn default() -> Self {
        #[cfg(feature = "psl")]
        let suffixes = Some(PublicSuffixes::built_in());
        #[cfg(not(feature = "psl"))]
        let suffixes = None;
        Self { suffixes, spf: Leg::Unknown, dkim: Leg::Unknown }
    }
}

/// What there is to say about a record alone. Nothing is claimed about the DNS.
///
/// ```
/// use mailproof::dmarc::{self, Record};
///
/// let findings = dmarc::lint(&Record::parse("v=DMARC1; p=reject; sp=rejct; rua=mailto:d@example.com"));
/// let trap = findings.iter().find(|found| found.code == "dmarc-sp-invalid").unwrap();
/// assert_eq!(
///     trap.message(),
///     "`rejct` is not a policy, and that disarms the whole record, `p` too: \
///      receivers act as if the whole record were `p=none`"
/// );
/// ```
pub fn lint(record: &Record) -> Vec<Diagnostic> {
    let subject = Subject::new(crate::finding::Origin::Given, record.source().clone());
    lint_at(record, &subject, None, &LintOptions::default())
}

/// The same for a record of `domain` (not `_dmarc.…`), if that is known; `subject` is the record's text with where it came from.
///
/// ```
/// use mailproof::dmarc::{self, LintOptions, Record};
/// use mailproof::finding::Subject;
///
/// let text = "v=DMARC1; p=reject; psd=y; rua=mailto:d@example.com";
/// let (record, subject, domain) = (Record::parse(text), Subject::given(text), "example.com".parse()?);
/// let found = dmarc::lint_at(&record, &subject, Some(&domain), &LintOptions::default());
/// // Only who knows that the record is that of an ordinary domain can tell that this is wrong.
/// let trap = found.iter().find(|found| found.code == "dmarc-psd-y-on-normal-domain").unwrap();
/// assert_eq!(trap.primary.quoted(), "psd=y");
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn lint_at(record: &Record, subject: &Subject, domain: Option<&Name>, options: &LintOptions) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    let cx = Context { record, subject, domain, suffixes: options.suffixes.as_ref() };
    if record.is_dmarc() || domain::is_near_miss(cx.text()) {
        text(&cx, &mut out);
        destinations::not_checked(&cx, &mut out);
    } else {
        location::stranger(&cx, &mut out);
    }
    out.into_sorted()
}

/// The rules about the text of one record, as published and as it was meant.
fn text(cx: &Context<'_>, out: &mut Findings) {
    let mut found = Findings::default();
    panel::look(cx.subject, &mut found, &|subject, out| {
        if subject == cx.subject {
            return mend::look(cx, out);
        }
        let record = Record::of(subject.source().clone());
        mend::look(&Context { record: &record, subject, ..*cx }, out);
    });
    // What was looked at last may have been mended before.
    out.extend(mend::kept(cx, found));
}

/// A misspelt record beside one that counts. It changes nothing, and mended it would be a second record.
fn beside(cx: &DomainContext<'_>, out: &mut Findings) {
    if matches!(cx.own(), Found::Nothing | Found::Failure(_)) {
        return;
    }
    let rest = records::rest(cx);
    let near: Vec<&Source> = cx.near_misses().filter(|near| !rest.contains(near)).collect();
    for &near in near.iter().take(domain::MAX_TOLD) {
        let (record, subject) = (Record::of(near.clone()), cx.subject(cx.domain, near.clone()));
        let near_cx = Context { record: &record, subject: &subject, domain: Some(cx.domain), suffixes: None };
        let mut found = Findings::default();
        version::check(&near_cx, &mut found);
        out.extend(found.into_vec().into_iter().filter(|found| found.effect == Effect::NoDmarc).take(1).map(
            |mut found| {
                found.severity(Severity::Warning).effect(Effect::Ok);
                if let Some(good) = single(cx.own()) {
                    found.related(Label::whole(&cx.subject(cx.domain, good.source().clone())).with("this one counts"));
                }
                found.fixes = vec![taken_out(cx, near)];
                found
            },
        ));
    }
    near_misses_untold(cx, near.len(), out);
}

/// Of more misspelt records than are told, how many are left.
fn near_misses_untold(cx: &DomainContext<'_>, count: usize, out: &mut Findings) {
    unread::beyond(cx.nothing_here(), "misspelt records at `_dmarc`", count, domain::MAX_TOLD, out);
}

/// The name without a text that only resembles the record beside it. What it asks for may be what is meant.
fn taken_out(cx: &DomainContext<'_>, near: &Source) -> Fix {
    let change = Change::Records {
        owner: cx.owner.clone(),
        record_type: RecordType::Txt,
        remove: vec![near.text().to_owned()],
        add: Vec::new(),
    };
    Fix { title: "remove it".to_owned(), change, applicability: Applicability::MaybeIncorrect }
}

pub(super) fn published(cx: &Context<'_>, out: &mut Findings) {
    // What is of another record makes nonsense of this one's tags.
    if other::check(cx, out) {
        return;
    }
    version::check(cx, out);
    characters::check(cx, out);
    tags::check(cx, out);
    settings::check(cx, out);
    historic::check(cx, out);
    uris::check(cx, out);
    // A policy that another tag has swallowed is told there, and is not missing.
    policy::check(cx, out);
    subdomains::check(cx, out);
}

/// What there is to say about DMARC of `domain`: its record or the one it inherits, where it stands, what receivers make of
/// it, and whether reports can arrive.
///
/// ```
/// use mailproof::{dmarc, dns::Snapshot, resolver::{drive_sync, Zone}};
///
/// let zone = Zone::parse("example.com. TXT \"v=DMARC1; p=reject\"\nexample.com. MX 10 mx.example.com.")?;
/// let (domain, options) = ("example.com".parse()?, dmarc::LintOptions::default());
/// let findings = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| dmarc::lint_domain(dns, &domain, &options));
/// assert!(findings.iter().any(|found| found.code == "dmarc-wrong-location-apex"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_domain(dns: &Snapshot, domain: &Name, options: &LintOptions) -> Step<Vec<Diagnostic>> {
    let mut open = Vec::new();
    // Asked in the first round, whatever the walk finds.
    domain::ask_early(dns, domain, &mut open);
    let Some(discovery) = discover(dns, domain).or_ask(&mut open) else { return Step::Ask(open) };
    if !open.is_empty() {
        return Step::Ask(open);
    }
    let cx = DomainContext::new(dns, domain, options, &discovery);
    let mut out = Findings::default();
    for (place, record) in cx.texts() {
        let subject = cx.subject(&place, record.source().clone());
        // What the Public Suffix List could only guess, the walk knows.
        let text_cx = Context { record: &record, subject: &subject, domain: Some(&place), suffixes: None };
        text(&text_cx, &mut out);
        suffix::psd_yes(&cx, &text_cx, &mut out);
        inheritance::below(&cx, &text_cx, &mut out);
    }
    if matches!(cx.own(), Found::Nothing) {
        near_misses_untold(&cx, cx.near_misses().count(), &mut out);
    }
    beside(&cx, &mut out);
    location::check(&cx, &mut open, &mut out);
    records::check(&cx, &mut open, &mut out);
    inheritance::check(&cx, &mut open, &mut out);
    suffix::check(&cx, &mut open, &mut out);
    destinations::check(&cx, &mut open, &mut out);
    readiness::check(&cx, &mut open, &mut out);
    if open.is_empty() { Step::Done(out.into_sorted()) } else { Step::Ask(open) }
}

/// What there is to say about the DMARC result of a message.
///
/// ```
/// use mailproof::dmarc::{self, Authenticated, LintOptions, MethodResult};
/// use mailproof::{dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")?;
/// let author = "example.com".parse()?;
/// let ids = Authenticated::default().dkim("esp.example".parse()?, MethodResult::Pass);
/// let mut dns = Snapshot::new();
/// let outcome = drive_sync(&mut dns, |q| zone.answer(q), |dns| dmarc::evaluate(dns, &author, &ids));
/// let found = dmarc::lint_outcome(&outcome, &dns, &LintOptions::default());
/// assert_eq!(found[0].code, "dmarc-eval-fail");
/// // Why: the signature is good, but that of somebody else.
/// assert!(found.iter().any(|found| found.code == "align-dkim-pass-unaligned"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_outcome(outcome: &Outcome, dns: &Snapshot, options: &LintOptions) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    alignment::check(outcome, dns, options, &mut out);
    out.into_vec()
}

/// The record after the suggested edits; `None` if there are none, or if they do not make a sound record of it.
///
/// Errors and warnings are mended. Notes are tidied only where nothing else is wrong. What comes of it is read again as a whole: it is a
/// DMARC record without an error, asks for no less than was written, and has every destination. Edits by which it would not are left out.
///
/// ```
/// use mailproof::dmarc::{self, LintOptions, Record};
///
/// let mended = |text: &str| dmarc::mended(&Record::parse(text), None, &LintOptions::default());
/// assert_eq!(
///     mended("v=DMARC1, p=reject, rua=d@example.com").unwrap(),
///     "v=DMARC1; p=reject; rua=mailto:d@example.com"
/// );
/// assert_eq!(mended("v=DMARC1; p=reject; rua=mailto:d@example.com"), None);
/// ```
pub fn mended(record: &Record, domain: Option<&Name>, options: &LintOptions) -> Option<String> {
    let text = record.source().text();
    let lint = |now: &str| {
        // As long as nothing is changed, it is known where its character-strings meet.
        let record = if now == text { record.clone() } else { Record::parse(now) };
        let subject = Subject::new(crate::finding::Origin::Given, record.source().clone());
        lint_at(&record, &subject, domain, options)
    };
    let is_sound = |after: &str| {
        Record::parse(after).is_dmarc() && lint(after).iter().all(|found| found.severity != Severity::Error)
    };
    mend_or_tidy(text, &lint, &keeps, &is_sound)
}

/// A record found by the walk, if one stands there alone.
pub(super) fn single(found: &Found) -> Option<&std::sync::Arc<Record>> {
    match found {
        Found::Record(record) => Some(record),
        Found::Nothing | Found::Several(_) | Found::Failure(_) => None,
    }
}
