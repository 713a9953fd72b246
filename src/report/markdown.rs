//! A report as Markdown, for comments of code hosts and tickets. Texts from the DNS stand in code and cannot format anything.
//!
//! First the answer, then who has to do what, then what was found, by whose it is to act on. What is only worth knowing takes a line
//! each at the end.
//!
//! ```
//! use mailproof::{dns::Snapshot, report::{Input, markdown}};
//!
//! let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&Snapshot::new()).done().unwrap();
//! let mut out = String::new();
//! markdown::report(&report, &mut out)?;
//! assert!(out.starts_with("**error: "));
//! assert!(out.contains("### What to do"));
//! assert!(out.contains("(`spf-mechanism-typo`)"));
//! # Ok::<(), std::fmt::Error>(())
//! ```

use std::fmt::{self, Write};

use super::advice::care;
use super::text::{Plain, Text, uncapitalised};
use super::{Actor, Advice, Report, Verdict, told_once};
use crate::finding::{Change, Diagnostic, Effect, Fix, Label, Origin, Severity, apply_within};
use crate::text::is_invisible;

/// Writes a report.
///
/// # Errors
/// Those of `out`.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput, markdown}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::Spf(SpfInput::new("198.51.100.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// let mut out = String::new();
/// markdown::report(&report, &mut out)?;
/// assert!(out.starts_with("**fail: 198.51.100.7 may not send mail for example.com"));
/// assert!(out.contains("| SPF | MAIL FROM `example.com` | fail |"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn report(report: &Report, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "**{}**", Prose(&report.headline))?;
    advice(&report.advice, out)?;
    causes(report, out)?;
    verdicts(&report.verdicts, out)?;
    decided(report, out)?;
    if report.groups.is_empty() {
        let others = report.findings.iter().filter(|found| told_once::verdict_of(report, found).is_none());
        section("What was found", &others.collect::<Vec<_>>(), out)?;
    } else {
        groups(report, out)?;
    }
    traces(report, out)
}

fn decided(report: &Report, out: &mut dyn Write) -> fmt::Result {
    let mut before = false;
    for (i, verdict) in report.verdicts.iter().enumerate() {
        // Of several verdicts the table says enough about those that are well.
        let matters = |because: &&Diagnostic| because.severity != Severity::Note || report.verdicts.len() == 1;
        // And about those that were decided where another one was.
        let Some(because) = verdict.because.as_ref().filter(matters) else { continue };
        if told_once::as_before(report, i).is_some() {
            continue;
        }
        if std::mem::replace(&mut before, true) {
            out.write_char('\n')?;
        } else {
            title("What decided", out)?;
        }
        finding(because, None, out)?;
        for rule in told_once::belongs_to(report, i) {
            let citations = rule.code.rule().citations.join(", ");
            writeln!(out, "- {} (`{}`, {citations})", Prose(&rule.message()), rule.code)?;
            rule.fixes.iter().try_for_each(|one| fix(Some(&rule.primary), one, care(one), out))?;
        }
    }
    Ok(())
}

fn groups(report: &Report, out: &mut dyn Write) -> fmt::Result {
    let mut rest = report.findings.as_slice();
    for group in &report.groups {
        let (own, others) = rest.split_at(group.findings.min(rest.len()));
        rest = others;
        let own: Vec<&Diagnostic> = own.iter().collect();
        match group.actor {
            Actor::Nobody => good_to_know(&own, out)?,
            actor => section(&format!("For the {}", actor.told()), &own, out)?,
        }
    }
    Ok(())
}

/// What led to it, as the text form draws it.
fn traces(report: &Report, out: &mut dyn Write) -> fmt::Result {
    if report.traces.is_empty() {
        return Ok(());
    }
    let mut drawn = String::new();
    for (i, trace) in report.traces.iter().enumerate() {
        if i > 0 {
            drawn.push('\n');
        }
        Text::new(&Plain).trace(trace, &mut drawn)?;
    }
    title("How it came about", out)?;
    let fence = "`".repeat(longest_run(&drawn).max(2) + 1);
    writeln!(out, "{fence}text\n{drawn}{fence}")
}

fn title(words: &str, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "\n### {words}\n")
}

fn advice(advice: &[Advice], out: &mut dyn Write) -> fmt::Result {
    if advice.is_empty() {
        return Ok(());
    }
    title("What to do", out)?;
    for one in advice {
        match one.actor {
            Actor::Nobody => writeln!(out, "- {}", Prose(&one.text))?,
            actor => writeln!(out, "- **{}**: {}", actor.told(), Prose(&uncapitalised(&one.text)))?,
        }
        if let Some(fix) = &one.fix {
            out.write_str("  ")?;
            self::fix(one.at.as_ref(), fix, one.care(), out)?;
        }
        for left in &one.remaining {
            writeln!(out, "  - then: {}", Prose(&left.message()))?;
        }
    }
    Ok(())
}

/// What is behind a message's fate, and what else is out of order.
fn causes(report: &Report, out: &mut dyn Write) -> fmt::Result {
    let Some((primary, secondary)) = report.causes.split_first() else { return Ok(()) };
    if !primary.evidence().is_empty() {
        title("What shows it", out)?;
        for seen in primary.evidence() {
            writeln!(out, "- {}", Prose(&seen.text))?;
        }
    }
    if !secondary.is_empty() {
        title("What else is out of order", out)?;
        for cause in secondary {
            writeln!(out, "- {}. {}", Prose(&cause.told), Prose(&cause.advice))?;
        }
    }
    Ok(())
}

fn verdicts(verdicts: &[Verdict], out: &mut dyn Write) -> fmt::Result {
    if verdicts.is_empty() {
        return Ok(());
    }
    title("What each check came to", out)?;
    out.write_str("| check | of | result |\n|---|---|---|\n")?;
    for verdict in verdicts {
        let (method, domain, result) = (verdict.method.to_ascii_uppercase(), Code(&verdict.domain), verdict.result);
        match verdict.identity {
            "" | "domain" => writeln!(out, "| {method} | {domain} | {result} |")?,
            "mail-from" => writeln!(out, "| {method} | MAIL FROM {domain} | {result} |")?,
            "helo" => writeln!(out, "| {method} | HELO {domain} | {result} |")?,
            "subdomain" => writeln!(out, "| {method} | sub-domains of {domain} | {result} |")?,
            _ => writeln!(out, "| {method} | sub-domains of {domain} that do not exist | {result} |")?,
        }
        if let Some(text) = &verdict.explanation {
            writeln!(out, "| | {domain} itself says | {} |", Code(text))?;
        }
    }
    Ok(())
}

fn section(words: &str, found: &[&Diagnostic], out: &mut dyn Write) -> fmt::Result {
    if found.is_empty() {
        return Ok(());
    }
    title(words, out)?;
    for (i, one) in found.iter().enumerate() {
        if i > 0 {
            out.write_char('\n')?;
        }
        finding(one, None, out)?;
    }
    Ok(())
}

fn good_to_know(found: &[&Diagnostic], out: &mut dyn Write) -> fmt::Result {
    title("Good to know", out)?;
    found.iter().try_for_each(|found| writeln!(out, "- {} (`{}`)", Prose(&found.message()), found.code))
}

/// Writes one finding; where it stands in a file, with the file's name and the line.
///
/// # Errors
/// Those of `out`.
///
/// ```
/// use mailproof::{report::markdown, spf::{self, Record}};
///
/// let found = spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 -all"));
/// let mut out = String::new();
/// markdown::finding(&found[0], Some(("zones/example.com.zone", 12)), &mut out)?;
/// assert!(out.starts_with("**Error**: `ipv4` is not a mechanism"));
/// assert!(out.contains("- at `zones/example.com.zone` line 12: "));
/// # Ok::<(), std::fmt::Error>(())
/// ```
pub fn finding(found: &Diagnostic, file: Option<(&str, u32)>, out: &mut dyn Write) -> fmt::Result {
    let severity = match found.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    };
    writeln!(out, "**{severity}**: {} (`{}`)\n", Prose(&found.message()), found.code)?;
    let origin = found.primary.subject.origin().to_string();
    match file {
        Some((file, line)) => writeln!(out, "- at {} line {line}: {}", Code(file), Code(&origin))?,
        None if *found.primary.subject.origin() == Origin::Given => {}
        None => writeln!(out, "- at {}", Code(&origin))?,
    }
    let quoted = found.primary.quoted();
    if !quoted.is_empty() {
        writeln!(out, "- text: {}", Code(cut(&quoted)))?;
    }
    if found.effect != Effect::Ok {
        writeln!(out, "- receivers {}", found.effect.told())?;
    }
    if !found.code.rule().citations.is_empty() {
        writeln!(out, "- {}", found.code.rule().citations.join(", "))?;
    }
    found.fixes.iter().try_for_each(|one| fix(Some(&found.primary), one, care(one), out))
}

/// As much of a text as a person reads in a ticket.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// A fix of the text that `at` is in.
fn fix(at: Option<&Label>, fix: &Fix, care: &str, out: &mut dyn Write) -> fmt::Result {
    write!(out, "- fix: {}{care}", Prose(&fix.title))?;
    match &fix.change {
        Change::Edit(edits) => match at.and_then(|at| apply_within(at.subject.source().text(), edits, LONGEST)) {
            Some(text) => writeln!(out, ": {}", Code(&text)),
            None => writeln!(out),
        },
        Change::Records { owner, record_type, remove, add } => {
            writeln!(out)?;
            for (word, values) in [("remove", remove), ("add", add)] {
                for value in values {
                    writeln!(out, "    - {word} `{owner}` {record_type} {}", Code(value))?;
                }
            }
            Ok(())
        }
    }
}

/// Octets of a text that a fix makes, up to which it is shown: two character-strings and a little.
const LONGEST: usize = 600;

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A text in a code span whose fence is longer than any run of backticks in it (CommonMark §6.1).
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fence = "`".repeat(longest_run(self.0) + 1);
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
        let mut before = ' ';
        let balanced = self.0.matches('`').count().is_multiple_of(2);
        for c in self.0.chars() {
            match c {
                '`' if balanced => {
                    in_code = !in_code;
                    f.write_char(c)?;
                }
                c if is_invisible(c) => write!(f, "{}", c.escape_default())?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' if !in_code => {
                    write!(f, "\\{c}")?;
                }
                // Alone it may call somebody; inside an address it does not.
                '@' if !in_code && !before.is_alphanumeric() => f.write_str("\\@")?,
                c => f.write_char(c)?,
            }
            before = c;
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
