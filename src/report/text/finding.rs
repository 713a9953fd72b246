//! One finding: what, where, what receivers do, by which sentence, and how to mend it.

use std::fmt::{self, Write};

use super::safe::Safe;
use super::snippet::{self, Window, gutter};
use super::style::{Role, paint, styled};
use super::{Text, role};
use crate::dns::RecordType;
use crate::finding::{Applicability, Change, Diagnostic, Edit, Effect, Evidence, Fix, Label, apply};
use crate::text::{Source, Span};

pub(super) fn write(text: &Text<'_>, found: &Diagnostic, out: &mut dyn Write) -> fmt::Result {
    let role = role(found.severity);
    styled(text.style, role, out, |out| write!(out, "{}[{}]", found.severity, found.code))?;
    let message = found.message();
    writeln!(out, ": {}", paint(text.style, Role::Strong, &Safe(&message)))?;
    let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
        found.related.iter().partition(|label| label.subject == found.primary.subject);
    snippet::location(text, "-->", &found.primary, out)?;
    snippet::write(text, &found.primary, &here, role, out)?;
    for label in elsewhere {
        snippet::location(text, ":::", label, out)?;
        snippet::write(text, label, &[], Role::Related, out)?;
    }
    facts(text, found, out)?;
    found.fixes.iter().try_for_each(|fix| help(text, Some(&found.primary), fix, out))
}

fn facts(text: &Text<'_>, found: &Diagnostic, out: &mut dyn Write) -> fmt::Result {
    if found.effect != Effect::Ok {
        text.equals(out)?;
        writeln!(out, "receivers {}", found.effect.told())?;
    }
    text.citations(found.code.rule().citations, out)?;
    match found.evidence {
        Evidence::Observed => Ok(()),
        Evidence::Guessed => {
            text.equals(out)?;
            writeln!(out, "this is a likely reading, not a certain one")
        }
        Evidence::NotChecked => {
            text.equals(out)?;
            writeln!(out, "this could not be checked")
        }
    }
}

/// A repair of the text that `at` is in, or of the DNS.
pub(super) fn help(text: &Text<'_>, at: Option<&Label>, fix: &Fix, out: &mut dyn Write) -> fmt::Result {
    styled(text.style, Role::Help, out, |out| out.write_str("help"))?;
    write!(out, ": {}", Safe(&fix.title))?;
    match fix.applicability {
        Applicability::MachineApplicable => {}
        Applicability::MaybeIncorrect => out.write_str(" (look before you publish it)")?,
        Applicability::HasPlaceholders => out.write_str(" (fill in the rest)")?,
    }
    out.write_char('\n')?;
    gutter(text, out)?;
    out.write_char('\n')?;
    match &fix.change {
        Change::Edit(edits) => at.map_or(Ok(()), |at| edited(text, at.subject.source(), edits, out)),
        Change::Records { owner, record_type, remove, add } => {
            let mut line = |role, sign, value: &str| {
                let value = master_text(*record_type, value);
                styled(text.style, role, out, |out| writeln!(out, "{sign} | {owner}. {record_type} {}", Safe(&value)))
            };
            remove.iter().try_for_each(|value| line(Role::Removed, '-', value))?;
            add.iter().try_for_each(|value| line(Role::Added, '+', value))
        }
    }
}

/// The value as a zone file has it: texts in quotes, in strings of at most 255 octets (RFC 1035 §3.3).
fn master_text(record_type: RecordType, value: &str) -> String {
    if !matches!(record_type, RecordType::Txt | RecordType::Spf) {
        return value.to_owned();
    }
    let mut out = String::from("\"");
    let mut octets = 0;
    for c in value.chars() {
        if octets + c.len_utf8() > 255 {
            out.push_str("\" \"");
            octets = 0;
        }
        octets += c.len_utf8();
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// The text before and after. Where it is too long for a line, the changed part; then all of it, to be copied.
fn edited(text: &Text<'_>, source: &Source, edits: &[Edit], out: &mut dyn Write) -> fmt::Result {
    let Some((result, before, after)) = result(source, edits) else { return Ok(()) };
    let result = Source::new(&result);
    let old = Window::around(source, before, text.width);
    let new = Window::around(&result, after, text.width);
    let mut whole = true;
    for (window, sign, role) in [(&old, '-', Role::Removed), (&new, '+', Role::Added)] {
        let Some(window) = window else { continue };
        whole &= window.is_whole();
        styled(text.style, role, out, |out| {
            write!(out, "{sign} | ")?;
            window.write(out)
        })?;
        out.write_char('\n')?;
    }
    if !whole && result.text().len() <= MAX_COPY {
        text.equals(out)?;
        writeln!(out, "in full: {}", result.visible(Span::new(0, result.text().len())))?;
    }
    Ok(())
}

/// Octets of a repaired text that are printed in full. A record as long as an answer over UDP can be (RFC 6891 §6.2.5)
/// fits; a hostile one must not be printed once for each of its faults.
const MAX_COPY: usize = 4_096;

/// The text after all edits, and the part that changed, before and after.
fn result(source: &Source, edits: &[Edit]) -> Option<(String, Span, Span)> {
    let result = apply(source.text(), edits)?;
    let before = edits.iter().map(|edit| edit.span).reduce(Span::to)?;
    let behind = source.text().len().checked_sub(before.end as usize)?;
    let after = Span::new(before.start as usize, result.len().checked_sub(behind)?);
    Some((result, before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_as_in_a_zone_file() {
        assert_eq!(master_text(RecordType::Mx, "10 mx.example"), "10 mx.example");
        assert_eq!(master_text(RecordType::Txt, "a\"b\\"), r#""a\"b\\""#);
        let long = master_text(RecordType::Txt, &"x".repeat(300));
        assert_eq!(long, format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
    }

    #[test]
    fn the_changed_part_is_found() {
        let source = Source::new("v=spf1 ipv4:192.0.2.1 all");
        let edits = [Edit::insert(22, "-"), Edit::replace(Span::new(7, 11), "ip4")];
        let (text, before, after) = result(&source, &edits).unwrap();
        assert_eq!(text, "v=spf1 ip4:192.0.2.1 -all");
        assert_eq!(&source.text()[before], "ipv4:192.0.2.1 ");
        assert_eq!(&text.as_str()[after], "ip4:192.0.2.1 -");
    }
}
