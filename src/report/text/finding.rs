//! One finding: what, where, what receivers do, by which sentence, and how to mend it.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::safe::Safe;
use super::snippet::{self, Window, gutter};
use super::style::{Role, paint, styled};
use super::{Text, role};
use crate::dns::{RecordType, master};
use crate::finding::{Change, Diagnostic, Edit, Effect, Evidence, Fix, Label, apply, apply_within};
use crate::report::advice::care;
use crate::text::{Source, Span};

pub(super) fn write(text: &Text<'_>, found: &Diagnostic, out: &mut dyn Write) -> fmt::Result {
    decided(text, found, &[], out)
}

/// A finding, and what `rules` say of the same place: a line each, and their repairs.
pub(super) fn decided(text: &Text<'_>, found: &Diagnostic, rules: &[&Diagnostic], out: &mut dyn Write) -> fmt::Result {
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
    for rule in rules {
        text.equals(out)?;
        writeln!(out, "{}: {}", rule.code, Safe(&rule.message()))?;
        text.citations(rule.code.rule().citations, out)?;
    }
    let all = [found].into_iter().chain(rules.iter().copied());
    all.flat_map(|found| &found.fixes).try_for_each(|fix| help(text, Some(&found.primary), fix, care(fix), out))
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

/// A repair of the text that `at` is in, or of the DNS, with the words of [`care`] behind it.
pub(super) fn help(text: &Text<'_>, at: Option<&Label>, fix: &Fix, care: &str, out: &mut dyn Write) -> fmt::Result {
    styled(text.style, Role::Help, out, |out| out.write_str("help"))?;
    writeln!(out, ": {}{care}", Safe(&fix.title))?;
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

/// The value as a zone file has it.
fn master_text(record_type: RecordType, value: &str) -> Cow<'_, str> {
    match record_type {
        RecordType::Txt | RecordType::Spf => Cow::Owned(master::quoted_strings(value)),
        _ => Cow::Borrowed(value),
    }
}

/// The text before and after. Where it is too long for a line, the changed part; then all of it, to be copied.
fn edited(text: &Text<'_>, source: &Source, edits: &[Edit], out: &mut dyn Write) -> fmt::Result {
    let Some((near, before, after)) = near(source, edits, text.width) else { return Ok(()) };
    let near = Source::new(&near);
    let old = Window::around(source, before, text.width);
    let new = Window::around(&near, after, text.width);
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
    if let Some(result) = apply_within(source.text(), edits, MAX_COPY).filter(|_| !whole) {
        text.equals(out)?;
        writeln!(out, "in full: {}", Source::new(&result).visible(Span::new(0, result.len())))?;
    }
    Ok(())
}

/// Octets of a repaired text that are printed in full. A record as long as an answer over UDP can be (RFC 6891 §6.2.5)
/// fits; a hostile one must not be printed once for each of its faults.
const MAX_COPY: usize = 4_096;

/// The text after all edits, as far from them as `width` columns can reach, and the part that changed: in the text before, and
/// in this one. A long text has many faults, and is not made again for each.
fn near(source: &Source, edits: &[Edit], width: usize) -> Option<(String, Span, Span)> {
    let before = edits.iter().map(|edit| edit.span).reduce(Span::to)?;
    let text = source.text();
    // A character has four octets at most and at least one column; one more shows that there is more.
    let reach = 4 * width + 1;
    let start = text.floor_char_boundary((before.start as usize).saturating_sub(reach));
    let end = text.ceil_char_boundary((before.end as usize).saturating_add(reach));
    let back = |offset: u32| (offset as usize).checked_sub(start);
    let shifted =
        |edit: &Edit| Some(Edit::replace(Span::new(back(edit.span.start)?, back(edit.span.end)?), &*edit.text));
    let edits: Vec<Edit> = edits.iter().map(shifted).collect::<Option<_>>()?;
    let result = apply(text.get(start..end)?, &edits)?;
    let after = Span::new(back(before.start)?, result.len().checked_sub(end.checked_sub(before.end as usize)?)?);
    Some((result, before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_as_in_a_zone_file() {
        assert_eq!(master_text(RecordType::Mx, "10 mx.example"), "10 mx.example");
        assert_eq!(master_text(RecordType::Txt, "a\"b\\"), r#""a\"b\\""#);
    }

    #[test]
    fn the_changed_part_is_found() {
        let source = Source::new("v=spf1 ipv4:192.0.2.1 all");
        let edits = [Edit::insert(22, "-"), Edit::replace(Span::new(7, 11), "ip4")];
        let (text, before, after) = near(&source, &edits, 80).unwrap();
        assert_eq!(text, "v=spf1 ip4:192.0.2.1 -all");
        assert_eq!(&source.text()[before], "ipv4:192.0.2.1 ");
        assert_eq!(&text.as_str()[after], "ip4:192.0.2.1 -");

        let source = Source::new(&format!("{}ipv4:192.0.2.1{}", "é".repeat(500), " mx".repeat(500)));
        let edits = [Edit::replace(Span::new(1000, 1004), "ip4")];
        let (text, _, after) = near(&source, &edits, 20).unwrap();
        assert_eq!(&text.as_str()[after], "ip4");
        assert!(text.len() < 200);
    }
}
