//! `check zone`: what is wrong in this zone file, line by line?

use std::fmt::Write as _;
use std::path::PathBuf;

use mailproof::Name;
use mailproof::finding::Severity;
use mailproof::report::json::{FORMAT, Found};
use mailproof::report::markdown;
use mailproof::report::sarif::{self, Located};
use mailproof::report::text::Text;
use mailproof::zone_file::{self, Linted, Place, Placed};
use serde_json::{Value, json};

use crate::output::{Failure, Format, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The zone file (RFC 1035 master text); `-` reads standard input.
    file: PathBuf,
    /// The name that relative names are relative to, until `$ORIGIN` says otherwise.
    #[arg(long, default_value = ".")]
    origin: Name,
    /// Leave out findings that are less grave: error, warning, note.
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    least: Least,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Least {
    Error,
    Warning,
    Note,
}

impl Args {
    /// Errors and warnings are not well; notes are.
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let (name, text) = crate::dns::read_text(&self.file)?;
        let linted =
            zone_file::lint(&text, &self.origin).map_err(|e| Failure::new(crate::dns::told(&name, &text, &e)))?;
        let least = match self.least {
            Least::Error => Severity::Error,
            Least::Warning => Severity::Warning,
            Least::Note => Severity::Note,
        };
        let findings: Vec<_> = linted.findings.iter().filter(|placed| placed.finding.severity <= least).collect();
        match output.format() {
            Format::Sarif => output.json(&sarif::log(findings.iter().map(|placed| located(&name, placed))))?,
            Format::Json => output.json(&as_json(&name, &linted, &findings)?)?,
            Format::Markdown => output.text(|_, out| {
                for placed in &findings {
                    markdown::finding(&placed.finding, Some((&name, placed.place.line)), out)?;
                    out.push('\n');
                }
                summary(&name, &linted, &findings, out)
            })?,
            Format::Text => output.text(|text, out| {
                findings.iter().try_for_each(|placed| write_text(text, &name, placed, out))?;
                summary(&name, &linted, &findings, out)
            })?,
        }
        let well = linted.findings.iter().all(|placed| placed.finding.severity == Severity::Note);
        Ok(if well { Status::Pass } else { Status::NotPass })
    }
}

fn region(place: Place) -> [u32; 4] {
    [place.line, place.column, place.end_line, place.end_column]
}

fn located<'a>(name: &'a str, placed: &'a Placed) -> Located<'a> {
    placed.fixes.iter().fold(Located::new(&placed.finding).at(name, region(placed.place)), |one, fix| {
        let edits = fix.edits.iter().map(|(place, text)| (region(*place), text.clone())).collect();
        one.fix(&placed.finding.fixes[fix.fix], edits)
    })
}

/// The form `zone` of the schema.
fn as_json(name: &str, linted: &Linted, findings: &[&Placed]) -> Result<Value, Failure> {
    let told: Vec<_> = findings.iter().map(|placed| placed.finding.clone()).collect();
    let mut form = serde_json::to_value(Found(&told))?;
    let placed = form["findings"].as_array_mut().into_iter().flatten().zip(findings).map(|(finding, placed)| {
        let [line, column, end_line, end_column] = region(placed.place);
        json!({
            "domain": placed.domain, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            "finding": finding.take(),
        })
    });
    form["findings"] = placed.collect();
    form["mailproof"] = env!("CARGO_PKG_VERSION").into();
    form["format"] = FORMAT.into();
    form["file"] = name.into();
    let domains = linted.domains.iter().map(|domain| json!({"name": domain.name, "selectors": domain.selectors}));
    form["domains"] = domains.collect();
    Ok(form)
}

fn summary(name: &str, linted: &Linted, findings: &[&Placed], out: &mut String) -> std::fmt::Result {
    let domains = counted(linted.domains.len(), "domain");
    writeln!(out, "{name}: {domains} with records about mail, {}", counted(findings.len(), "finding"))
}

fn write_text(text: Text<'_>, name: &str, placed: &Placed, out: &mut String) -> std::fmt::Result {
    let place = placed.place;
    writeln!(out, "{name}:{}:{}: {}", place.line, place.column, placed.domain)?;
    text.finding(&placed.finding, out)?;
    out.push('\n');
    Ok(())
}

fn counted(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}
