//! The page of a rule for a terminal: its Markdown in plain words.

use std::fmt::{self, Write};

use super::safe::Ascii;
use super::style::{Role, paint, styled};
use super::{Text, role};
use crate::finding::{Effect, Rule};

pub(super) fn write(text: &Text<'_>, rule: &Rule, out: &mut dyn Write) -> fmt::Result {
    styled(text.style, role(rule.severity), out, |out| write!(out, "{}[{}]", rule.severity, rule.code))?;
    writeln!(out, ": {}", paint(text.style, Role::Strong, &plain(rule.title())))?;
    let mut block = false;
    let mut blank = false;
    for line in rule.page.trim_start().lines().skip(1) {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        if let Some(info) = line.trim_start().strip_prefix("```") {
            block = !block;
            if block && let Some(words) = caption(info) {
                writeln!(out, "\n{}", paint(text.style, Role::Strong, &Ascii(&words)))?;
                blank = false;
            }
            continue;
        }
        if line.is_empty() && !block {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            out.write_char('\n')?;
        }
        match (block, line.trim_start_matches('#')) {
            (true, _) => writeln!(out, "    {line}")?,
            (false, heading) if heading.len() < line.len() => {
                writeln!(out, "{}", paint(text.style, Role::Strong, &plain(heading.trim())))?;
            }
            (false, _) => writeln!(out, "{}", plain(line))?,
        }
    }
    out.write_char('\n')?;
    if rule.effect != Effect::Ok {
        text.equals(out)?;
        writeln!(out, "receivers {}", rule.effect.told())?;
    }
    text.citations(rule.citations, out)?;
    if !rule.covers.is_empty() {
        text.equals(out)?;
        writeln!(out, "also answers for {}", rule.covers.join(", "))?;
    }
    Ok(())
}

/// What the words after the fence say about the block below, with the session or options that they give.
fn caption(info: &str) -> Option<String> {
    let mut words = info.split_whitespace().skip(1);
    let says = match words.next() {
        Some("bad") => "This has it",
        Some("good") => "This does not",
        _ => return None,
    };
    let with: Vec<&str> = words.collect();
    Some(if with.is_empty() { format!("{says}:") } else { format!("{says} ({}):", with.join(" ")) })
}

/// Text without the marks of links: `[words](address)` becomes `words (address)`.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once("](").and_then(|(words, tail)| Some((words, tail.split_once(')')?))) {
            Some((words, (address, tail))) if !words.contains('[') => {
                out.push_str(words);
                out.push_str(" (");
                out.push_str(address);
                out.push(')');
                rest = tail;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ascii(&out).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::text::Plain;

    #[test]
    fn a_page() {
        let rule = Rule {
            code: "spf-example",
            severity: Severity::Warning,
            effect: Effect::PartIgnored,
            citations: &["RFC 7208 §5.5"],
            covers: &["spf-other"],
            template: "",
            page: " # `ptr` is published\n\n See [the RFC](https://x.example/a).\n Second line.\n\n ```spf bad\n v=spf1 ptr -all\n ```\n\n Write:\n\n ```spf good\n v=spf1 a -all\n ```\n",
        };
        let mut out = String::new();
        write(&Text::new(&Plain), &rule, &mut out).unwrap();
        assert_eq!(
            out,
            "\
warning[spf-example]: `ptr` is published

See the RFC (https://x.example/a).
Second line.

This has it:
    v=spf1 ptr -all

Write:

This does not:
    v=spf1 a -all

  = receivers ignore the part
  = RFC 7208 section 5.5
  = also answers for spf-other
"
        );
    }
}
