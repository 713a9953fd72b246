//! `check explain`: what does this code mean?

use mailproof::finding::Rule;
use serde_json::json;

use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub struct Args {
    /// The code, as a finding shows it in brackets.
    code: String,
}

impl Args {
    pub fn run(self, output: &Output) -> Result<Status, Failure> {
        let code = self.code.trim_matches(['[', ']', ' ']).to_ascii_lowercase();
        let rule = mailproof::rules().find(|rule| rule.code == code);
        let Some(rule) = rule.or_else(|| covering(&code)) else { return Err(Failure::new(unknown(&code))) };
        if output.wants_json() {
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
        } else {
            output.text(|text, out| text.page(rule, out))?;
        }
        Ok(Status::Pass)
    }
}

/// The rule that answers for `code` beside its own.
fn covering(code: &str) -> Option<&'static Rule> {
    mailproof::rules().find(|rule| rule.covers.contains(&code))
}

fn unknown(code: &str) -> String {
    let mut near: Vec<(usize, &str)> = mailproof::rules().map(|rule| (distance(code, rule.code), rule.code)).collect();
    near.sort();
    let near: Vec<&str> =
        near.iter().filter(|(distance, _)| *distance <= code.len() / 2).take(5).map(|&(_, code)| code).collect();
    match near.as_slice() {
        [] => format!("there is no code `{code}`; `check codes` lists all"),
        near => format!("there is no code `{code}`. Was it one of these?\n  {}", near.join("\n  ")),
    }
}

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
