//! `check codes`: which codes are there?

use std::fmt::Write as _;

use mailproof::finding::{Rule, Severity};
use serde_json::json;

use crate::output::{Failure, Format, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only codes and titles with this word.
    filter: Option<String>,
    /// Only this severity: error, warning, note.
    #[arg(long)]
    severity: Option<String>,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let severities = [Severity::Error, Severity::Warning, Severity::Note].map(Severity::as_str);
        if let Some(wanted) = &self.severity
            && !severities.contains(&wanted.as_str())
        {
            return Err(Failure::new(format!("`{wanted}` is not a severity; they are {}", severities.join(", "))));
        }
        let mut rules: Vec<&Rule> = mailproof::rules().filter(|rule| self.wants(rule)).collect();
        rules.sort_by_key(|rule| rule.code);
        output.without_sarif()?;
        if output.format() == Format::Json {
            let codes: Vec<_> = rules
                .iter()
                .map(|rule| json!({"code": rule.code, "severity": rule.severity, "effect": rule.effect, "title": rule.title(), "citations": rule.citations, "covers": rule.covers}))
                .collect();
            output.json(&codes)?;
        } else if output.format() == Format::Markdown {
            output.text(|_, out| {
                out.push_str("| code | severity | |\n|---|---|---|\n");
                rules.iter().try_for_each(|rule| {
                    writeln!(out, "| `{}` | {} | {} |", rule.code, rule.severity, rule.title().replace('|', "\\|"))
                })
            })?;
        } else {
            let width = rules.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
            output.text(|_, out| {
                for rule in &rules {
                    writeln!(out, "{:width$}  {:7}  {}", rule.code, rule.severity, rule.title())?;
                }
                writeln!(out, "{} codes; `check explain CODE` tells more", rules.len())
            })?;
        }
        Ok(if rules.is_empty() { Status::NotPass } else { Status::Pass })
    }

    fn wants(&self, rule: &Rule) -> bool {
        let filter = self.filter.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.severity.as_deref().is_none_or(|wanted| rule.severity.as_str() == wanted)
            && (rule.code.contains(&filter) || rule.title().to_ascii_lowercase().contains(&filter))
    }
}
