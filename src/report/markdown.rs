//! A report as Markdown, for comments of code hosts and tickets. Texts from the DNS stand in code and cannot format anything.
//!
//! ```
//! use mailproof::{dns::Snapshot, report::{Input, markdown}};
//!
//! let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&Snapshot::new()).done().unwrap();
//! let mut out = String::new();
//! markdown::report(&report, &mut out)?;
//! assert!(out.starts_with("**error: "));
//! assert!(out.contains("### error: `spf-mechanism-typo`"));
//! # Ok::<(), std::fmt::Error>(())
//! ```

use std::fmt::{self, Write};

use super::Report;
use crate::finding::{Applicability, Change, Diagnostic, Effect, Fix, apply};
use crate::text::is_invisible;

/// Writes a report.
///
/// # Errors
/// Those of `out`.
pub fn report(report: &Report, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "**{}**\n", Prose(&report.headline))?;
    if !report.verdicts.is_empty() {
        out.write_str("| check | identity | domain | result |\n|---|---|---|---|\n")?;
        for verdict in &report.verdicts {
            let domain = Code(&verdict.domain);
            writeln!(out, "| {} | {} | {domain} | {} |", verdict.method, verdict.identity, verdict.result)?;
        }
        out.write_char('\n')?;
    }
    let decided = report.verdicts.iter().filter_map(|verdict| verdict.because.as_ref());
    decided.chain(&report.findings).try_for_each(|found| finding(found, None, out))
}

/// Writes one finding; where it stands in a file, with the file's name and the line.
///
/// # Errors
/// Those of `out`.
pub fn finding(found: &Diagnostic, file: Option<(&str, u32)>, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "### {}: `{}`\n", found.severity, found.code)?;
    writeln!(out, "{}\n", Prose(&found.message()))?;
    match file {
        Some((file, line)) => writeln!(out, "- at {} line {line}: {}", Code(file), found.primary.subject.origin())?,
        None => writeln!(out, "- at {}", Code(&found.primary.subject.origin().to_string()))?,
    }
    let quoted = found.primary.quoted();
    if !quoted.is_empty() {
        writeln!(out, "- text: {}", Code(&quoted))?;
    }
    if found.effect != Effect::Ok {
        writeln!(out, "- receivers {}", found.effect.told())?;
    }
    if !found.code.rule().citations.is_empty() {
        writeln!(out, "- {}", found.code.rule().citations.join(", "))?;
    }
    for one in &found.fixes {
        fix(found, one, out)?;
    }
    out.write_char('\n')
}

fn fix(found: &Diagnostic, fix: &Fix, out: &mut dyn Write) -> fmt::Result {
    let care = match fix.applicability {
        Applicability::MachineApplicable => "",
        Applicability::MaybeIncorrect => " (look before you publish it)",
        Applicability::HasPlaceholders => " (fill in the rest)",
    };
    write!(out, "- fix: {}{care}", Prose(&fix.title))?;
    match &fix.change {
        Change::Edit(edits) => match apply(found.primary.subject.source().text(), edits) {
            Some(text) if text.len() <= LONGEST => writeln!(out, ": {}", Code(&text)),
            _ => writeln!(out),
        },
        Change::Records { owner, record_type, remove, add } => {
            writeln!(out)?;
            for (word, values) in [("remove", remove), ("add", add)] {
                for value in values {
                    writeln!(out, "  - {word} `{owner}` {record_type} {}", Code(value))?;
                }
            }
            Ok(())
        }
    }
}

/// Octets of a text that a fix makes, up to which it is shown: two character-strings and a little.
const LONGEST: usize = 600;

/// A text in a code span whose fence is longer than any run of backticks in it (CommonMark §6.1).
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.0.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let space = if self.0.starts_with(['`', ' ']) || self.0.ends_with(['`', ' ']) { " " } else { "" };
        write!(f, "{fence}{space}")?;
        for c in self.0.chars() {
            match c {
                // A table's cell would end here, even in code.
                '|' => f.write_str("\u{2502}")?,
                c if is_invisible(c) => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        write!(f, "{space}{fence}")
    }
}

/// A sentence of ours with names in backticks. What stands outside of them cannot format anything.
struct Prose<'a>(&'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut in_code = false;
        let balanced = self.0.matches('`').count().is_multiple_of(2);
        for c in self.0.chars() {
            match c {
                '`' if balanced => {
                    in_code = !in_code;
                    f.write_char(c)?;
                }
                c if is_invisible(c) => write!(f, "{}", c.escape_default())?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '@' | '&' if !in_code => {
                    write!(f, "\\{c}")?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_format_nothing() {
        assert_eq!(Code("a`b``c").to_string(), "```a`b``c```");
        assert_eq!(Code("`x").to_string(), "`` `x ``");
        assert_eq!(Code("a\nb|c").to_string(), "`a\\nb\u{2502}c`");
        assert_eq!(Prose("<img> `<b>` [x](y) @all").to_string(), "\\<img\\> `<b>` \\[x\\](y) \\@all");
        assert_eq!(Prose("one ` alone").to_string(), "one \\` alone");
    }
}
