//! How a verdict came about, as a tree of lines.

use std::fmt::{self, Write};

use super::safe::Safe;
use super::style::{Role, Style, paint};
use crate::report::{Branch, Counter, Mark, Trace};

pub(super) fn write(style: &dyn Style, trace: &Trace, out: &mut dyn Write) -> fmt::Result {
    write!(out, "{}", paint(style, Role::Strong, &Safe(&trace.title)))?;
    counters(style, &trace.counters, out)?;
    out.write_char('\n')?;
    let column = trace.branches.iter().map(|branch| branch.width(0)).max().unwrap_or(0).min(MAX_COLUMN);
    let tree = Tree { style, column };
    for branch in &trace.branches {
        tree.branch(branch, "  ", "  ", out)?;
    }
    Ok(())
}

/// Outcomes stand in one column, but not farther right than this.
const MAX_COLUMN: usize = 60;

struct Tree<'a> {
    style: &'a dyn Style,
    column: usize,
}

impl Tree<'_> {
    /// A line that begins with `first`, and lines below it that begin with `rest`.
    fn branch(&self, branch: &Branch, first: &str, rest: &str, out: &mut dyn Write) -> fmt::Result {
        let text = Safe(&branch.text).to_string();
        let gutter = paint(self.style, Role::Gutter, &first);
        write!(out, "{gutter}{}", paint(self.style, text_role(branch.mark), &text))?;
        if !branch.outcome.is_empty() {
            let pad = (self.column + 2).saturating_sub(first.len() + text.chars().count()).max(2);
            write!(out, "{:pad$}{}", "", paint(self.style, outcome_role(branch.mark), &Safe(&branch.outcome)))?;
        }
        counters(self.style, &branch.counters, out)?;
        out.write_char('\n')?;
        let bar = if branch.children.is_empty() { "   " } else { "|  " };
        for note in &branch.notes {
            let gutter = format!("{rest}{bar}");
            writeln!(
                out,
                "{}{}",
                paint(self.style, Role::Gutter, &gutter),
                paint(self.style, Role::Faint, &Safe(note))
            )?;
        }
        let last = branch.children.last();
        for run in branch.children.chunk_by(|a, b| a.is_dull() && b.is_dull()) {
            let (shown, left_out) = if run.len() > RUN { run.split_at(RUN - 1) } else { (run, &[][..]) };
            for child in shown {
                let is_last = last.is_some_and(|last| std::ptr::eq(last, child));
                let (corner, below) = if is_last { ("`- ", "   ") } else { ("|- ", "|  ") };
                self.branch(child, &format!("{rest}{corner}"), &format!("{rest}{below}"), out)?;
            }
            if !left_out.is_empty() {
                let gutter = format!("{rest}|  ");
                let told = format!("... {} more that do not match", left_out.len());
                writeln!(out, "{}{}", paint(self.style, Role::Gutter, &gutter), paint(self.style, Role::Faint, &told))?;
            }
        }
        Ok(())
    }
}

fn counters(style: &dyn Style, counters: &[Counter], out: &mut dyn Write) -> fmt::Result {
    if counters.is_empty() {
        return Ok(());
    }
    out.write_str("  [")?;
    for (i, counter) in counters.iter().enumerate() {
        let role = if counter.used > counter.limit { Role::Bad } else { Role::Faint };
        write!(out, "{}{}", if i > 0 { ", " } else { "" }, paint(style, role, counter))?;
    }
    out.write_char(']')
}

fn text_role(mark: Mark) -> Role {
    match mark {
        Mark::Skipped => Role::Faint,
        Mark::Plain | Mark::NoMatch | Mark::Good | Mark::Bad | Mark::Error => Role::Plain,
    }
}

fn outcome_role(mark: Mark) -> Role {
    match mark {
        Mark::Good => Role::Good,
        Mark::Bad | Mark::Error => Role::Bad,
        Mark::Plain | Mark::NoMatch | Mark::Skipped => Role::Faint,
    }
}

/// Steps in a row that only say "no match" and are shown; a long list of networks would hide what decided.
const RUN: usize = 8;

impl Branch {
    /// Whether it only says that it did not match.
    fn is_dull(&self) -> bool {
        self.mark == Mark::NoMatch && self.children.is_empty() && self.notes.is_empty() && self.counters.is_empty()
    }

    /// The column at which the longest line of it and below it ends, without outcomes.
    fn width(&self, depth: usize) -> usize {
        let own = if self.outcome.is_empty() { 0 } else { 2 + 3 * depth + self.text.chars().count() };
        self.children.iter().map(|child| child.width(depth + 1)).fold(own, usize::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::Plain;

    #[test]
    fn a_tree() {
        let lookups = |used| Counter { name: "lookups", used, limit: 10 };
        let leaf = |text: &str, outcome: &str| Branch {
            text: text.into(),
            outcome: outcome.into(),
            mark: Mark::NoMatch,
            ..Branch::default()
        };
        let trace = Trace {
            title: "SPF of example.com".into(),
            counters: vec![lookups(2), Counter { name: "voids", used: 0, limit: 2 }],
            branches: vec![Branch {
                text: "example.com".into(),
                children: vec![
                    Branch {
                        notes: vec!["_spf.example.com has a record".into()],
                        counters: vec![lookups(1)],
                        children: vec![leaf("ip4:192.0.2.1", "no match"), leaf("?all", "neutral")],
                        ..leaf("include:_spf.example.com", "no match")
                    },
                    leaf("-all", "match: fail"),
                ],
                ..Branch::default()
            }],
        };
        let mut out = String::new();
        write(&Plain, &trace, &mut out).unwrap();
        assert_eq!(
            out,
            "\
SPF of example.com  [lookups 2/10, voids 0/2]
  example.com
  |- include:_spf.example.com  no match  [lookups 1/10]
  |  |  _spf.example.com has a record
  |  |- ip4:192.0.2.1          no match
  |  `- ?all                   neutral
  `- -all                      match: fail
"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let leaf = |i| Branch { text: format!("ip4:192.0.2.{i}"), mark: Mark::NoMatch, ..Branch::default() };
        let branch = Branch { text: "example.com".into(), children: (0..20).map(leaf).collect(), ..Branch::default() };
        let mut out = String::new();
        let trace = Trace { title: "SPF".into(), counters: Vec::new(), branches: vec![branch] };
        write(&Plain, &trace, &mut out).unwrap();
        assert_eq!(out.lines().count(), 2 + 7 + 1);
        assert!(out.ends_with("  |- ip4:192.0.2.6\n  |  ... 13 more that do not match\n"), "{out}");
    }
}
