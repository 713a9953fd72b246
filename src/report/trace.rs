//! How a verdict came about, as a tree that any protocol can fill.

use std::fmt;

use crate::finding::Label;

/// One evaluation, step by step.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 mx ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let trace = &report.traces[0];
/// assert_eq!(trace.title, "SPF of example.com for 192.0.2.7 (MAIL FROM)");
/// assert_eq!(trace.counters[0].to_string(), "lookups 1/10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trace {
    /// What was evaluated: "SPF of example.com (MAIL FROM)".
    pub title: String,
    /// The counters at the end.
    pub counters: Vec<Counter>,
    /// The steps.
    pub branches: Vec<Branch>,
}

/// One step, and the steps that it took.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let record = &report.traces[0].branches[0];
/// let step = &record.children[1];
/// assert_eq!((step.text.as_str(), step.outcome.as_str()), ("ip4:192.0.2.0/24", "match: pass"));
/// assert_eq!(step.at.as_ref().unwrap().quoted(), "ip4:192.0.2.0/24");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Branch {
    /// What was looked at, in its own words: `include:_spf.example.net`.
    pub text: String,
    /// Where that is written.
    pub at: Option<Label>,
    /// What came of it: "no match".
    pub outcome: String,
    /// How that bears on the verdict.
    pub mark: Mark,
    /// Why, and what was asked and answered; one line each.
    pub notes: Vec<String>,
    /// The counters that it moved, as they stood afterwards.
    pub counters: Vec<Counter>,
    /// The steps inside it.
    pub children: Vec<Self>,
}

/// How a step bears on the verdict.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput, Mark}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let terms = &report.traces[0].branches[0].children;
/// // The first match decides: `-all` was not even tried.
/// assert_eq!(terms.iter().map(|step| step.mark).collect::<Vec<_>>(), [Mark::NoMatch, Mark::Good]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Mark {
    /// It only leads to other steps.
    #[default]
    Plain,
    /// It was tried and decided nothing.
    NoMatch,
    /// It decided for the sender.
    Good,
    /// It decided against the sender, or nothing at all.
    Bad,
    /// It ended the evaluation with an error.
    Error,
    /// It was not reached.
    Skipped,
}

/// A budget of the standard, and how much of it is used.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 a mx -all""#)?;
/// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let counters: Vec<_> = report.traces[0].counters.iter().map(ToString::to_string).collect();
/// // Neither is there: both look-ups are void, and a third one would be permerror.
/// assert_eq!(counters, ["lookups 2/10", "voids 2/2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counter {
    /// What is counted: `lookups`.
    pub name: &'static str,
    /// How much is used.
    pub used: usize,
    /// How much there is.
    pub limit: usize,
}

/// `lookups 7/10`
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.name, self.used, self.limit)
    }
}
