//! How a verdict came about, as a tree that any protocol can fill.

use std::fmt;

use crate::finding::Label;

/// One evaluation, step by step.
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
