//! `check explain`: what does this code mean?

use std::fmt::Write as _;

use serde_json::json;

use crate::output::{Failure, Format, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code, as a finding shows it in brackets.
    code: String,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let code = self.code.trim_matches(['[', ']', ' ']).to_ascii_lowercase();
        let Some(rule) = mailproof::rule(&code) else { return Err(Failure::new(unknown(&code))) };
        output.without_sarif()?;
        if output.format() == Format::Json {
            output.json(&json!({
                "code": rule.code,
                "severity": rule.severity,
                "effect": rule.effect,
                "title": rule.title(),
                "citations": rule.citations,
                "covers": rule.covers,
                "message": rule.template,
                "page": rule.page,
            }))?;
        } else if output.format() == Format::Markdown {
            output.text(|_, out| writeln!(out, "{}", rule.page.trim()))?;
        } else {
            output.text(|text, out| text.page(rule, out))?;
        }
        Ok(Status::Pass)
    }
}

fn unknown(code: &str) -> String {
    let holding = mailproof::rules().map(|rule| rule.code).filter(|known| !code.is_empty() && known.contains(code));
    let mut near: Vec<(usize, &str)> = mailproof::rules()
        .map(|rule| (distance(code, rule.code), rule.code))
        .filter(|(n, _)| *n <= code.len() / 3)
        .collect();
    near.sort();
    let mut near: Vec<&str> = near.into_iter().map(|(_, known)| known).collect();
    near.extend(holding);
    near.dedup();
    near.truncate(SUGGESTED);
    match near.as_slice() {
        [] => format!("there is no code `{code}`; `check codes` lists all"),
        near => format!("there is no code `{code}`. Was it one of these?\n  {}", near.join("\n  ")),
    }
}

/// Codes that are suggested at most.
const SUGGESTED: usize = 5;

/// How many characters must change to make one of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(80).collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
