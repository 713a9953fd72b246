//! `check zone`: what is wrong in this zone file, line by line?

use std::fmt::Write as _;
use std::path::PathBuf;

use mailproof::Name;
use mailproof::finding::Severity;
use mailproof::report::sarif::{self, Located};
use mailproof::report::text::Text;
use mailproof::zone_file;

use crate::output::{Failure, Output, Status};

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
    /// Print SARIF 2.1.0, as code hosts read it for annotations.
    #[arg(long, conflicts_with = "markdown")]
    sarif: bool,
    /// Print Markdown.
    #[arg(long)]
    markdown: bool,
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
        let located = || {
            findings.iter().map(|placed| {
                let place = placed.place;
                let region = [place.line, place.column, place.end_line, place.end_column];
                Located::new(&placed.finding).at(&name, region)
            })
        };
        if self.sarif || output.wants_json() {
            output.json(&sarif::log(located()))?;
        } else {
            output.text(|text, out| {
                for placed in &findings {
                    if self.markdown {
                        mailproof::report::markdown::finding(&placed.finding, Some((&name, placed.place.line)), out)?;
                    } else {
                        write_text(text, &name, placed, out)?;
                    }
                }
                let domains = counted(linted.domains.len(), "domain");
                writeln!(out, "{name}: {domains} with records about mail, {}", counted(findings.len(), "finding"))
            })?;
        }
        let well = linted.findings.iter().all(|placed| placed.finding.severity == Severity::Note);
        Ok(if well { Status::Pass } else { Status::NotPass })
    }
}

fn write_text(text: Text<'_>, name: &str, placed: &zone_file::Placed, out: &mut String) -> std::fmt::Result {
    let place = placed.place;
    writeln!(out, "{name}:{}:{}: {}", place.line, place.column, placed.domain)?;
    text.finding(&placed.finding, out)?;
    out.push('\n');
    Ok(())
}

fn counted(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}
