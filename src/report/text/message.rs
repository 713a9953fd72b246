//! A report on a message: the cause, who acts, what was seen, how the identifiers align, what was changed.

use std::fmt::{self, Write};

use super::safe::{Ascii, Safe};
use super::style::{Role, paint, styled};
use super::{Text, tree};
use crate::cause::{Cause, Found};
use crate::finding::{Origin, Severity};
use crate::report::{Actor, AlignmentFacts, MessageFacts, Report, Verdict};

pub(super) fn write(text: &Text<'_>, report: &Report, out: &mut dyn Write) -> fmt::Result {
    text.headline(report, out)?;
    advice(text, report, out)?;
    evidence(text, report, out)?;
    if let Some(facts) = &report.message {
        alignment(text, facts, out)?;
        changes(text, facts, out)?;
    }
    verdicts(text, report, out)?;
    text.groups(report, out)?;
    for trace in &report.traces {
        out.write_char('\n')?;
        tree::write(text.style, trace, out)?;
    }
    Ok(())
}

fn title(text: &Text<'_>, words: &str, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "\n{}", paint(text.style, Role::Strong, &Safe(words)))
}

fn advice(text: &Text<'_>, report: &Report, out: &mut dyn Write) -> fmt::Result {
    if report.advice.is_empty() {
        return Ok(());
    }
    title(text, "what to do", out)?;
    for advice in &report.advice {
        if advice.actor == Actor::Nobody {
            writeln!(out, "  {}", Safe(&advice.text))?;
        } else {
            to_do(text, advice.actor, &advice.text, out)?;
        }
    }
    Ok(())
}

fn to_do(text: &Text<'_>, actor: Actor, what: &str, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "  {}: {}", paint(text.style, Role::Help, &actor.told()), Safe(&super::uncapitalised(what)))
}

/// What was seen of the cause, and what else is out of order; nothing that stands elsewhere.
fn evidence(text: &Text<'_>, report: &Report, out: &mut dyn Write) -> fmt::Result {
    let Some((primary, secondary)) = report.causes.split_first() else { return Ok(()) };
    let rows = report.message.as_ref().map_or(&[][..], |facts| facts.alignment.as_slice());
    let changes = report.message.as_ref().and_then(|facts| facts.signatures.get(facts.altered?));
    let changes = changes.map_or(&[][..], |signature| signature.alterations.as_slice());
    let is_told = |words: &str| {
        let bare = words.trim_start_matches("harmless: ");
        let is_change = changes.iter().any(|change| words.starts_with(&change.told));
        report.headline.contains(bare) || is_change || rows.iter().any(|row| row.why == words)
    };
    let mut seen = primary.evidence().iter().filter(|seen| !is_told(&seen.text)).peekable();
    if seen.peek().is_some() {
        title(text, "what shows it", out)?;
    }
    for seen in seen {
        let place = seen.at.as_ref().map_or_else(String::new, |at| place(at.subject.origin()));
        writeln!(out, "  {}{}", Safe(&seen.text), paint(text.style, Role::Faint, &Safe(&place)))?;
    }
    // What the primary cause did to a signature is no second thing.
    let by_list = |id: &str| primary.cause == Cause::MailingListModified && id.starts_with("dkim-");
    let mut other = secondary.iter().filter(|other| !is_told(&other.told) && !by_list(other.cause.id())).peekable();
    if other.peek().is_some() {
        title(text, if report.passed { "harmless here" } else { "also out of order" }, out)?;
    }
    for other in other {
        writeln!(out, "  {}", Safe(&other.told))?;
    }
    if report.passed { worth_doing(text, secondary, out) } else { Ok(()) }
}

/// What the sender's side can do about what is harmless on this way, and may not be on the next: a redirect breaks SPF.
fn worth_doing(text: &Text<'_>, causes: &[Found], out: &mut dyn Write) -> fmt::Result {
    let own = causes.iter().filter(|cause| matches!(cause.actor, Actor::DomainOwner | Actor::SendingService));
    let mut own = own.peekable();
    if own.peek().is_some() {
        title(text, "worth doing all the same", out)?;
    }
    own.try_for_each(|cause| to_do(text, cause.actor, &cause.advice, out))
}

fn place(origin: &Origin) -> String {
    match origin {
        Origin::Field { index, .. } => format!(" (header field {})", index + 1),
        other => format!(" ({other})"),
    }
}

fn alignment(text: &Text<'_>, facts: &MessageFacts, out: &mut dyn Write) -> fmt::Result {
    let (Some(author), false) = (&facts.author, facts.alignment.is_empty()) else { return Ok(()) };
    title(text, &format!("who vouches for From {author}"), out)?;
    let head = ["identifier", "result", "organizational domain", "mode", "aligned"].map(str::to_owned);
    let rows: Vec<[String; 5]> = facts.alignment.iter().map(cells).collect();
    let width = |at: usize| {
        let widths = rows.iter().chain([&head]).map(|row| row[at].chars().count());
        widths.max().unwrap_or_default().min(MAX_COLUMN)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |row: &[String; 5]| {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:width$}  "));
        }
        line + &row[4]
    };
    writeln!(out, "{}", paint(text.style, Role::Faint, &line(&head)))?;
    for (row, facts) in rows.iter().zip(&facts.alignment) {
        let well = facts.aligned && facts.result == "pass";
        writeln!(out, "{}", paint(text.style, if well { Role::Good } else { Role::Plain }, &line(row)))?;
        writeln!(out, "     {}", paint(text.style, Role::Faint, &Safe(&facts.why)))?;
    }
    Ok(())
}

/// Columns are not wider than this; a longer cell moves what follows it.
const MAX_COLUMN: usize = 56;

fn cells(row: &AlignmentFacts) -> [String; 5] {
    [
        Safe(&row.identifier).to_string(),
        row.result.to_owned(),
        row.org_domain.as_deref().map_or_else(|| "-".to_owned(), |name| Safe(name).to_string()),
        row.mode.unwrap_or("-").to_owned(),
        if row.aligned { "yes" } else { "no" }.to_owned(),
    ]
}

fn changes(text: &Text<'_>, facts: &MessageFacts, out: &mut dyn Write) -> fmt::Result {
    let Some(signature) = facts.altered.and_then(|at| facts.signatures.get(at)) else { return Ok(()) };
    let signer = signature.domain.as_deref().unwrap_or("somebody");
    title(text, &format!("what was changed since {signer} signed it"), out)?;
    for alteration in &signature.alterations {
        let lines = alteration.lines();
        for (at, line) in lines.iter().enumerate() {
            writeln!(out, "  {}{}", if at == 0 { "" } else { "  " }, Safe(line))?;
        }
    }
    Ok(())
}

/// A check that is not the trouble takes one line, and none where the table has it.
fn verdicts(text: &Text<'_>, report: &Report, out: &mut dyn Write) -> fmt::Result {
    let mut before = false;
    let altered = report.message.as_ref().and_then(|facts| facts.altered);
    let about_spf = report.causes.first().is_some_and(|primary| primary.cause.id().starts_with("spf-"));
    let is_evidence =
        |words: &str| report.causes.iter().flat_map(|cause| cause.evidence()).any(|seen| seen.text == words);
    let mut signatures = 0;
    for verdict in &report.verdicts {
        let is_diff_above = verdict.method == "dkim" && altered == Some(signatures);
        signatures += usize::from(verdict.method == "dkim");
        let Some(because) = &verdict.because else { continue };
        let in_full = !report.passed
            && !is_diff_above
            && because.severity < Severity::Note
            && verdict.result != "pass"
            && (verdict.method == "dkim" || verdict.method == "spf" && about_spf);
        if in_full {
            out.write_char('\n')?;
            text.finding(because, out)?;
            before = false;
        } else if verdict.result != "pass" && !is_evidence(&because.message()) {
            if !std::mem::replace(&mut before, true) {
                out.write_char('\n')?;
            }
            line(text, verdict, out)?;
        }
        text.says(verdict, out)?;
    }
    Ok(())
}

fn line(text: &Text<'_>, verdict: &Verdict, out: &mut dyn Write) -> fmt::Result {
    let Some(because) = &verdict.because else { return Ok(()) };
    styled(text.style, Role::Faint, out, |out| write!(out, "{}={}", verdict.method, verdict.result))?;
    write!(out, " [{}]", because.code)?;
    // The table of identifiers has told why.
    if verdict.method != "dmarc" {
        write!(out, ": {}", Safe(&because.message()))?;
    }
    let sections: Vec<String> = because.code.rule().citations.iter().map(|each| Ascii(each).to_string()).collect();
    if !sections.is_empty() {
        write!(out, " ({})", sections.join(", "))?;
    }
    out.write_char('\n')
}
