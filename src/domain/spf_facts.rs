//! What SPF can do for a domain, whoever sends.

use crate::dmarc::Leg;
use crate::finding::{Diagnostic, Effect, Subject};
use crate::spf::tree::{Ending, Found};
use crate::spf::{self, Mechanism, Qualifier, Record, Tree};
use crate::text::Span;

/// What SPF of a domain comes to.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 include:_spf.esp.example ~all"
/// _spf.esp.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
/// "#)?;
/// let input = domain::Input::new("example.com");
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// let spf = known.facts.unwrap().spf;
/// assert_eq!(spf.others, Some(mailproof::spf::Qualifier::Softfail));
/// // Everybody who may send may do so by this one term.
/// let record = spf.record.unwrap();
/// assert_eq!(&record.source().text()[spf.only_include.unwrap()], "include:_spf.esp.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SpfFacts {
    /// In one word.
    pub state: SpfState,
    /// The record, if there is exactly one.
    pub record: Option<Subject>,
    /// What becomes of a sender whom nothing in the record matches; `None` without a usable record.
    pub others: Option<Qualifier>,
    /// Whether receivers answer permerror for senders that the terms before a fault do not match.
    pub partly_broken: bool,
    /// The place of the `all` that says so, if it stands in the domain's own record.
    pub all: Option<Span>,
    /// The one `include` that authorizes everybody who is authorized; `None` if there are other terms.
    pub only_include: Option<Span>,
    /// Whether a `redirect` stands unused beside `all`: who may send is then not sure to be what the record says.
    pub(super) has_unused_redirect: bool,
}

/// What SPF of a domain can give.
///
/// ```
/// use mailproof::{dns::Snapshot, domain::{self, SpfState}, resolver::{Zone, drive_sync}};
///
/// let state = |record: &str| {
///     let zone = Zone::parse(&format!("example.com. TXT \"{record}\"")).unwrap();
///     let input = domain::Input::new("example.com");
///     let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
///     known.facts.unwrap().spf.state
/// };
/// assert_eq!(state("v=spf1 ip4:192.0.2.0/24 -all"), SpfState::Usable);
/// assert_eq!(state("v=spf1 -all"), SpfState::Nobody);
/// assert_eq!(state("v=spf1 ?all"), SpfState::Neutral);
/// assert_eq!(state("v=spf1 include:gone.example -all"), SpfState::Broken);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SpfState {
    /// Some senders pass, others do not.
    Usable,
    /// Nobody passes, and that is what the record says.
    Nobody,
    /// Nobody passes, and the record does not say that nobody may send: it ends in neutral, or names senders with `?`.
    Neutral,
    /// Everybody passes.
    Everybody,
    /// Receivers answer permerror, or see no record in what was meant as one.
    Broken,
    /// There is no record.
    Missing,
    /// The DNS gave no answer.
    Unknown,
}

impl SpfFacts {
    pub(super) fn of(tree: &Tree, findings: &[Diagnostic]) -> Self {
        let record = tree.root.record();
        let passes = record.map(Passes::of).unwrap_or_default();
        Self {
            state: state(tree, &passes, findings),
            record: record.map(|_| tree.root.subject.clone()),
            others: match tree.root.ending() {
                Ending::All(qualifier) => Some(qualifier),
                Ending::Neutral => Some(Qualifier::Neutral),
                Ending::Error => None,
            },
            partly_broken: spf::effect(findings) == Effect::PermerrorForSome,
            all: record.and_then(|record| {
                record.directives().find(|(_, directive)| directive.mechanism == Mechanism::All).map(|(span, _)| span)
            }),
            only_include: passes.only_include,
            has_unused_redirect: record.is_some_and(|record| record.has_all() && record.redirect().is_some()),
        }
    }

    /// Whether SPF can give an aligned pass.
    pub(super) fn leg(&self) -> Leg {
        match self.state {
            SpfState::Usable | SpfState::Everybody => Leg::Works,
            SpfState::Nobody | SpfState::Neutral | SpfState::Broken | SpfState::Missing => Leg::Broken,
            SpfState::Unknown => Leg::Unknown,
        }
    }
}

fn state(tree: &Tree, passes: &Passes, findings: &[Diagnostic]) -> SpfState {
    match &tree.root.found {
        Found::Record(_) => {}
        Found::Several(_) => return SpfState::Broken,
        Found::None | Found::NxDomain | Found::Cycle(_) | Found::NotWalked => return SpfState::Missing,
        Found::Failure(_) => return SpfState::Unknown,
    }
    match spf::effect(findings) {
        Effect::Permerror | Effect::None => SpfState::Broken,
        Effect::Temperror => SpfState::Unknown,
        _ if tree.root.ending() == Ending::All(Qualifier::Pass) => SpfState::Everybody,
        Effect::PassForEveryone => SpfState::Everybody,
        _ if passes.count == 0 && !passes.redirects => match tree.root.ending() {
            Ending::All(Qualifier::Neutral) | Ending::Neutral => SpfState::Neutral,
            // RFC 9989 §11.1: senders that DMARC shall not take for its own.
            _ if passes.names_neutral => SpfState::Neutral,
            Ending::All(_) | Ending::Error => SpfState::Nobody,
        },
        _ => SpfState::Usable,
    }
}

/// The terms of a record through which somebody can pass.
#[derive(Default)]
struct Passes {
    count: usize,
    only_include: Option<Span>,
    redirects: bool,
    names_neutral: bool,
}

impl Passes {
    fn of(record: &Record) -> Self {
        let mut passes = Self { redirects: !record.has_all() && record.redirect().is_some(), ..Self::default() };
        let mut include = None;
        for (span, directive) in record.directives() {
            if directive.mechanism == Mechanism::All {
                break;
            }
            passes.names_neutral |= directive.qualifier == Qualifier::Neutral;
            if directive.qualifier == Qualifier::Pass {
                passes.count += 1;
                include = matches!(directive.mechanism, Mechanism::Include(_)).then_some(span);
            }
        }
        passes.only_include = include.filter(|_| passes.count == 1 && !passes.redirects);
        passes
    }
}
