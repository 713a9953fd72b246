//! The figures, kind by kind, as the README shows them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::judge::Verdict;
use crate::sign::Key;

/// Cases in which the signature broke, and in how many of them everything was proven.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) broken: usize,
    pub(crate) proven: usize,
    pub(crate) likely: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.broken += other.broken;
        self.proven += other.proven;
        self.likely += other.likely;
    }

    /// In percent, rounded down.
    pub(crate) fn rate(self) -> usize {
        (self.proven * 100).checked_div(self.broken).unwrap_or(0)
    }

    fn cell(self) -> String {
        match self.broken {
            0 => "–".to_owned(),
            broken => format!("{} of {broken}", self.proven),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<(usize, &'static str), BTreeMap<Key, Count>>,
}

impl Table {
    pub(crate) fn note(&mut self, kind: (usize, &'static str), key: Key, verdict: Verdict) {
        let count = self.rows.entry(kind).or_default().entry(key).or_default();
        count.broken += usize::from(verdict != Verdict::Unbroken);
        count.proven += usize::from(verdict == Verdict::Proven);
        count.likely += usize::from(verdict == Verdict::Likely);
    }

    pub(crate) fn kinds(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn total(&self, key: Key) -> Count {
        let mut total = Count::default();
        for row in self.rows.values() {
            total.add(row.get(&key).copied().unwrap_or_default());
        }
        total
    }

    /// The mean of the rates of all kinds, in percent: a kind with many cases weighs no more than another.
    pub(crate) fn mean(&self, key: Key) -> usize {
        let counts: Vec<Count> =
            self.rows.values().filter_map(|row| row.get(&key)).copied().filter(|count| count.broken > 0).collect();
        let sum: usize = counts.iter().map(|count| count.proven * 1_000 / count.broken).sum();
        sum / counts.len().max(1) / 10
    }

    /// Rows of Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::new();
        for ((_, kind), row) in &self.rows {
            let cell = |key| row.get(&key).copied().unwrap_or_default().cell();
            writeln!(out, "| {kind} | {} | {} |", cell(Key::Rsa), cell(Key::Ed25519)).expect("memory");
        }
        out
    }
}
