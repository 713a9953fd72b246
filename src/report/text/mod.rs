//! A report for people, in the style of compiler messages.
//!
//! The answer comes first, then what to do, then each finding with the place it is about, then how the verdict came
//! about. Only ASCII is printed, except what records and messages hold; nothing in them can harm a terminal.
//! Colour is the caller's: see [`Style`].
//!
//! ```
//! use mailproof::{dns::Snapshot, report::{Input, text}};
//!
//! let report = Input::record("v=spf1 -all").check(&Snapshot::new()).done().unwrap();
//! let mut out = String::new();
//! text::Text::new(&text::Plain).width(80).report(&report, &mut out)?;
//! assert!(out.starts_with("ok: an SPF record"));
//! # Ok::<(), std::fmt::Error>(())
//! ```

mod finding;
mod message;
mod page;
mod safe;
mod snippet;
mod style;
mod tree;

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::{Actor, Report, Verdict, told_once};
use crate::finding::{Diagnostic, Label, Rule, Severity};
use safe::{Ascii, Safe};
pub use style::{Plain, Role, Style};
use style::{paint, styled};

/// Prints reports and their parts.
///
/// ```
/// use mailproof::{report::text::{Plain, Text}, spf::{self, Record}};
///
/// let found = spf::lint(&Record::parse("v=spf1 ipv4:192.0.2.1 -all"));
/// let mut out = String::new();
/// Text::new(&Plain).width(72).finding(&found[0], &mut out)?;
/// assert!(out.starts_with("error[spf-mechanism-typo]: "));
/// assert!(out.contains("v=spf1 ipv4:192.0.2.1 -all"), "the place, with a line under `ipv4`");
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Text<'a> {
    style: &'a dyn Style,
    width: usize,
}

/// Columns of a quoted record. Longer ones are shown around the places that matter.
const WIDTH: usize = 100;
/// Fewer columns than this would cut the places themselves.
const MIN_WIDTH: usize = 40;

impl<'a> Text<'a> {
    /// Text in `style`, with records of up to 100 columns in full.
    ///
    /// ```
    /// use mailproof::report::{Input, text::{Plain, Text}};
    ///
    /// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
    /// let mut out = String::new();
    /// Text::new(&Plain).report(&report, &mut out)?;
    /// assert_eq!(out, report.to_string());
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    pub fn new(style: &'a dyn Style) -> Self {
        Self { style, width: WIDTH }
    }

    /// With records of up to `columns` in full; at least 40.
    ///
    /// ```
    /// use mailproof::report::{Input, text::{Plain, Text}};
    ///
    /// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
    /// let mut out = String::new();
    /// Text::new(&Plain).width(60).report(&report, &mut out)?;
    /// assert!(out.contains("v=spf1 ipv4:192.0.2.1 -all"));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    #[must_use]
    pub fn width(self, columns: usize) -> Self {
        Self { width: columns.max(MIN_WIDTH), ..self }
    }

    /// Writes all of `report`.
    ///
    /// ```
    /// use mailproof::report::{Input, text::{Plain, Text}};
    ///
    /// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
    /// let mut out = String::new();
    /// Text::new(&Plain).report(&report, &mut out)?;
    /// assert!(out.starts_with("error: "));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `out`.
    pub fn report(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        if !report.causes.is_empty() {
            return message::write(self, report, out);
        }
        self.headline(report, out)?;
        for (i, verdict) in report.verdicts.iter().enumerate() {
            match told_once::as_before(report, i) {
                Some(before) => self.same(verdict, before, out)?,
                None => self.verdict(verdict, i > 0, &told_once::belongs_to(report, i).collect::<Vec<_>>(), out)?,
            }
        }
        self.advice(report, out)?;
        if report.groups.is_empty() {
            let others = report.findings.iter().filter(|found| told_once::verdict_of(report, found).is_none());
            self.findings(others, out)?;
        } else {
            self.groups(report, out)?;
        }
        for trace in &report.traces {
            out.write_char('\n')?;
            tree::write(self.style, trace, out)?;
        }
        Ok(())
    }

    fn findings<'b>(&self, findings: impl IntoIterator<Item = &'b Diagnostic>, out: &mut dyn Write) -> fmt::Result {
        for found in findings {
            out.write_char('\n')?;
            self.finding(found, out)?;
        }
        Ok(())
    }

    /// Findings under the name of who has to act. What is only worth knowing takes a line each.
    fn groups(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let mut rest = report.findings.as_slice();
        for group in &report.groups {
            let (own, others) = rest.split_at(group.findings.min(rest.len()));
            rest = others;
            let heading = match group.actor {
                Actor::Nobody => "good to know".to_owned(),
                actor => format!("for the {}", actor.told()),
            };
            writeln!(out, "\n{}", paint(self.style, Role::Strong, &heading))?;
            if group.actor != Actor::Nobody {
                self.findings(own, out)?;
                continue;
            }
            for found in own {
                out.write_str("  ")?;
                styled(self.style, role(found.severity), out, |out| write!(out, "{}[{}]", found.severity, found.code))?;
                writeln!(out, ": {}", Safe(&found.message()))?;
            }
        }
        Ok(())
    }

    /// Writes one finding.
    ///
    /// ```
    /// use mailproof::report::{Input, text::{Plain, Text}};
    ///
    /// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
    /// let mut out = String::new();
    /// Text::new(&Plain).finding(&report.findings[0], &mut out)?;
    /// assert!(out.starts_with("error[spf-mechanism-typo]"), "{out}");
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finding(&self, found: &Diagnostic, out: &mut dyn Write) -> fmt::Result {
        finding::write(self, found, out)
    }

    /// Writes how a verdict came about.
    pub(super) fn trace(&self, trace: &super::Trace, out: &mut dyn Write) -> fmt::Result {
        tree::write(self.style, trace, out)
    }

    /// Writes the page of a rule, in plain words.
    ///
    /// ```
    /// use mailproof::report::text::{Plain, Text};
    ///
    /// let mut out = String::new();
    /// Text::new(&Plain).page(mailproof::rule("spf-eval-fail").unwrap(), &mut out)?;
    /// assert!(out.contains("SPF fails"));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `out`.
    pub fn page(&self, rule: &Rule, out: &mut dyn Write) -> fmt::Result {
        page::write(self, rule, out)
    }

    /// Writes the text that a place is in, with a caret line under it.
    ///
    /// ```
    /// use mailproof::report::{Input, text::{Plain, Text}};
    ///
    /// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&mailproof::dns::Snapshot::new()).done().unwrap();
    /// let mut out = String::new();
    /// Text::new(&Plain).snippet(&report.findings[0].primary, &mut out)?;
    /// assert!(out.contains("^^^^"));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `out`.
    pub fn snippet(&self, place: &Label, out: &mut dyn Write) -> fmt::Result {
        snippet::write(self, place, &[], Role::Error, out)
    }

    /// The answer: its first word, up to a colon, in the colour of how it ended.
    fn headline(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let role = if report.passed { Role::Good } else { Role::Bad };
        match report.headline.split_once(": ") {
            Some((word, rest)) => {
                styled(self.style, role, out, |out| write!(out, "{}:", Safe(word)))?;
                writeln!(out, " {}", paint(self.style, Role::Strong, &Safe(rest)))
            }
            None => writeln!(out, "{}", paint(self.style, role, &Safe(&report.headline))),
        }
    }

    /// What decided, with what rules say of the same place. Where another verdict is the answer, one that is well takes one line.
    fn verdict(&self, verdict: &Verdict, beside: bool, rules: &[&Diagnostic], out: &mut dyn Write) -> fmt::Result {
        match &verdict.because {
            Some(because) if beside && because.severity == Severity::Note => {
                let role = if verdict.result == "pass" { Role::Good } else { Role::Faint };
                let (method, result, identity) = (verdict.method, verdict.result, verdict.identity);
                out.write_char('\n')?;
                styled(self.style, role, out, |out| write!(out, "{method}={result}"))?;
                writeln!(out, " ({identity}): {}", Safe(&because.message()))?;
            }
            Some(because) => {
                out.write_char('\n')?;
                finding::decided(self, because, rules, out)?;
            }
            None => {}
        }
        self.says(verdict, out)
    }

    /// A verdict whose reason was told.
    fn same(&self, verdict: &Verdict, before: &Verdict, out: &mut dyn Write) -> fmt::Result {
        out.write_char('\n')?;
        styled(self.style, Role::Faint, out, |out| write!(out, "{}={}", verdict.method, verdict.result))?;
        writeln!(out, " ({} {}): for the same reason as {}", verdict.identity, Safe(&verdict.domain), before.identity)?;
        if verdict.explanation == before.explanation { Ok(()) } else { self.says(verdict, out) }
    }

    /// What the domain itself says of a verdict.
    fn says(&self, verdict: &Verdict, out: &mut dyn Write) -> fmt::Result {
        match &verdict.explanation {
            Some(text) => {
                self.equals(out)?;
                writeln!(out, "{} itself says: {}", Safe(&verdict.domain), Safe(text))
            }
            None => Ok(()),
        }
    }

    fn citations(&self, citations: &[&str], out: &mut dyn Write) -> fmt::Result {
        if citations.is_empty() {
            return Ok(());
        }
        self.equals(out)?;
        for (i, citation) in citations.iter().enumerate() {
            write!(out, "{}{}", if i > 0 { ", " } else { "" }, Ascii(citation))?;
        }
        out.write_char('\n')
    }

    /// The start of a line of facts below a snippet.
    fn equals(&self, out: &mut dyn Write) -> fmt::Result {
        write!(out, "  {} ", paint(self.style, Role::Gutter, &"="))
    }

    fn advice(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        if report.advice.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", paint(self.style, Role::Strong, &"what to do"))?;
        for advice in &report.advice {
            let told = advice.actor.told();
            let actor = paint(self.style, Role::Help, &told);
            writeln!(out, "  {actor}: {}", Safe(&uncapitalised(&advice.text)))?;
            if let Some(fix) = &advice.fix {
                finding::help(self, advice.at.as_ref(), fix, advice.care(), out)?;
            }
            for left in &advice.remaining {
                writeln!(out, "  then: {}", Safe(&left.message()))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("width", &self.width).finish_non_exhaustive()
    }
}

/// The role of a severity's word.
fn role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Note => Role::Note,
    }
}

/// A sentence as it goes on after a colon: its first word in small letters, if it is an ordinary word.
pub(super) fn uncapitalised(text: &str) -> Cow<'_, str> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && (second.is_ascii_lowercase() || second == ' ') => {
            Cow::Owned(format!("{}{}", first.to_ascii_lowercase(), &text[1..]))
        }
        _ => Cow::Borrowed(text),
    }
}
