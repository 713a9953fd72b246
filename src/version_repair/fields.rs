//! What to do with the parts of a record that are no fields, or are called otherwise.

use super::Spelling;
use crate::finding::{Applicability, Diagnostic, Edit, Fix, Severity};
use crate::tag_list::{Kind, segments};
use crate::text::{Span, is_no_text};

impl Spelling {
    /// For the fields of one record that are none. `lacks` says that it has no use without the field that it has to have: what brings that
    /// is as grave as its absence.
    pub(crate) fn fields_of(self, text: &str, lacks: bool) -> Fields<'_> {
        Fields { spelling: self, text, lacks, there: None, mended: Vec::new() }
    }
}

/// What to do with the value at `span` if another field stands in it, without a semicolon before it: `1 mode=enforce`. `is_name` knows the
/// names.
pub(crate) fn swallowed(text: &str, span: Span, is_name: &dyn Fn(&str) -> bool) -> Option<Fix> {
    let is_gap = |c: char| c == ',' || c.is_whitespace();
    let value = &text[span];
    let (at, name) = value.match_indices(is_gap).find_map(|(at, gap)| {
        let rest = &value[at + gap.len()..];
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).next()?;
        let is_field = || rest[name.len()..].trim_start().starts_with([':', '=']);
        (is_name(name) && is_field()).then_some((at + gap.len(), name))
    })?;
    let gap = Span::new(value[..at].trim_end_matches(is_gap).len(), at);
    let edit = Edit::replace(gap.shifted(span.start as usize), "; ");
    // It would stand twice.
    (!has(text, name)).then(|| Fix::machine("separate the tags with semicolons", [edit]))
}

/// Whether a field of the text is called `wanted`.
fn has(text: &str, wanted: &str) -> bool {
    segments(text).any(|segment| matches!(segment.kind, Kind::Tag { name, .. } if text[name] == *wanted))
}

/// The fields of one record: none of them is mended where it would be a second one.
pub(crate) struct Fields<'a> {
    spelling: Spelling,
    text: &'a str,
    lacks: bool,
    /// The known fields that are written right. They are looked for once, as a text may have thousands that are not.
    there: Option<Vec<&'static str>>,
    /// Those that a fix writes.
    mended: Vec<&'static str>,
}

impl Fields<'_> {
    /// Adds to `found` what to do with what stands at `span` and is no field, or none that anybody knows (`is_field`): a known one is
    /// written right, a value gets its name, and what else is no field goes. Nothing is offered for a value that has no place.
    pub(crate) fn tell(&mut self, found: &mut Diagnostic, span: Span, is_field: bool) {
        let known = self.mended.len();
        let Some(fix) = (if is_field { self.meant(span) } else { self.fix(span) }) else { return };
        found.fix(fix);
        if is_field {
            found.severity(Severity::Warning);
        }
        let (required, effect) = self.spelling.required;
        if self.lacks && self.mended[known..].contains(&required) {
            found.severity(Severity::Error).effect(effect);
        }
    }

    /// Whether one of the fixes writes the field `name`.
    pub(crate) fn is_mended(&self, name: &str) -> bool {
        self.mended.contains(&name)
    }

    fn fix(&mut self, span: Span) -> Option<Fix> {
        let part = self.text[span].trim_matches(is_no_text);
        if let Some(fix) = self.mend(span) {
            return Some(fix);
        }
        if let Some(name) = (self.spelling.value_of)(part) {
            return self.unnamed(name, span, span.start as usize);
        }
        let is_name = |part: &str| !part.contains(char::is_whitespace) && part.trim_matches('.').contains('.');
        let is_value = if self.spelling.takes_digits() {
            part.starts_with(|c: char| c.is_ascii_digit())
        } else {
            part.contains('@') || part.contains("://") || is_name(part)
        };
        let before = self.text[..span.start as usize].rfind(';').unwrap_or(span.start as usize);
        let edit = Edit::delete(Span::new(before, span.end as usize));
        (!is_value).then(|| Fix::maybe("take it away", [edit]))
    }

    /// Which known field is meant by the field at `span` that nobody knows: `RUA=…`, `ruf=…`, or an address with `=` in it.
    fn meant(&mut self, span: Span) -> Option<Fix> {
        let text = self.text;
        if let Some(name) = (self.spelling.value_of)(&text[span]) {
            return self.unnamed(name, span, span.start as usize);
        }
        let (written, value) = text[span].split_once('=')?;
        let alias = self.spelling.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(written.trim()));
        if let Some(&(_, name)) = alias {
            let is_meant = self.is_free(name) && (self.spelling.value_of)(value.trim()) == Some(name);
            let edit = Edit::replace(Span::new(span.start as usize, span.start as usize + written.len()), name);
            return is_meant.then(|| self.name(name, edit, Applicability::MaybeIncorrect));
        }
        if value.trim().is_empty() { None } else { self.mend(span) }
    }

    fn mend(&mut self, span: Span) -> Option<Fix> {
        let text = self.text;
        let (name, value) = self.spelling.field(text, span)?;
        if !self.is_free(name) {
            return self.unnamed(name, span, value);
        }
        let end = value + text[value..span.end as usize].trim_end_matches(is_no_text).len();
        let mut edits = vec![Edit::replace(Span::new(span.start as usize, value), format!("{name}="))];
        if end < span.end as usize {
            edits.push(Edit::delete(Span::new(end, span.end as usize)));
        }
        // In front of it a space may stand for one that is none.
        let spaced = text[span].starts_with(is_no_text) && text[..span.start as usize].ends_with(';');
        if spaced {
            edits[0].text.insert(0, ' ');
        }
        self.mended.push(name);
        Some(Fix::machine(format!("write `{name}=`"), edits))
    }

    /// The value of `name`, from `value` to the end of `span`, without the name: it gets it, or is that of the field before it.
    fn unnamed(&mut self, name: &'static str, span: Span, value: usize) -> Option<Fix> {
        if self.is_free(name) {
            let edit = Edit::insert(value, format!("{name}="));
            return Some(self.name(name, edit, Applicability::MachineApplicable));
        }
        let head = self.text[..span.start as usize].trim_end_matches(|c: char| c.is_whitespace() || c == ';');
        let before = &head[head.rfind(';').map_or(0, |at| at + 1)..];
        let (_, list) = before.split_once('=').filter(|(before, _)| before.trim() == name)?;
        let (gap, part) = (Span::new(head.len(), value), self.text[value..span.end as usize].trim());
        if list.trim().is_empty() {
            // A second one would have no place.
            let is_first = !self.is_mended(name);
            self.mended.push(name);
            return is_first.then(|| Fix::machine("take the semicolon away", [Edit::delete(gap)]));
        }
        let is_same = |member: &str| {
            let member = member.trim();
            member == part || member.strip_prefix("mailto:") == Some(part)
        };
        if list.split(',').any(is_same) {
            return Some(Fix::machine("take it away", [Edit::delete(Span::new(head.len(), span.end as usize))]));
        }
        // Behind a scheme alone no member ends.
        let last = &list[list.rfind(',').unwrap_or(0)..];
        let is_member = self.spelling.list == Some(name) && last.contains(['@', '/']);
        is_member.then(|| Fix::machine("write a comma", [Edit::replace(gap, ",")]))
    }

    fn name(&mut self, name: &'static str, edit: Edit, sure: Applicability) -> Fix {
        self.mended.push(name);
        Fix::edit(format!("write `{name}=`"), [edit], sure)
    }

    /// Whether no other part of the text is the field `name`, or becomes it.
    fn is_free(&mut self, name: &str) -> bool {
        !self.is_mended(name) && !self.there().contains(&name)
    }

    fn there(&mut self) -> &[&'static str] {
        let (text, fields) = (self.text, self.spelling.fields);
        self.there.get_or_insert_with(|| fields.iter().copied().filter(|field| has(text, field)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::STS;
    use super::*;
    use crate::finding::apply;

    #[test]
    fn known_fields_are_written_right() {
        let whole = |text: &str| STS.fields_of(text, false).mend(Span::new(0, text.len()));
        for (text, mended) in
            [("id:1", "id=1"), ("id : 1", "id=1"), ("\u{a0}id=1", "id=1"), ("ID=1\u{200b}", "id=1"), ("id 1", "id=1")]
        {
            assert_eq!(apply(text, whole(text).unwrap().edits()).unwrap(), mended, "{text}");
        }
        for text in ["", "ident:1", "id", "x:1", "id-1", "id x"] {
            assert!(whole(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_field_is_written_twice() {
        let title =
            |fields: &mut Fields<'_>, span: (usize, usize)| fields.fix(Span::new(span.0, span.1)).unwrap().title;
        let mut fields = STS.fields_of("id:1; id=2", false);
        assert_eq!(title(&mut fields, (0, 4)), "take it away");
        assert!(!fields.is_mended("id"));
        let mut fields = STS.fields_of("v=STSv1; id:1; id:2", false);
        assert_eq!([(9, 13), (15, 19)].map(|span| title(&mut fields, span)), ["write `id=`", "take it away"]);
        assert!(fields.is_mended("id"));
    }

    /// A value is not taken away.
    #[test]
    fn a_value_without_its_name() {
        let mended = |text: &str, span: (usize, usize)| {
            let fix = STS.fields_of(text, false).fix(Span::new(span.0, span.1))?;
            apply(text, fix.edits())
        };
        assert_eq!(mended("v=STSv1; 1", (9, 10)).as_deref(), Some("v=STSv1; id=1"));
        assert_eq!(mended("v=STSv1; id=; 1", (14, 15)).as_deref(), Some("v=STSv1; id=1"));
        assert_eq!(mended("v=STSv1; id=; x; 1", (17, 18)), None);
        assert_eq!(mended("v=STSv1; id=1; 2", (15, 16)), None);
        assert_eq!(mended("v=STSv1; id=1; 1", (15, 16)).as_deref(), Some("v=STSv1; id=1"));
        // What stands in the policy file, and words.
        for part in ["mx: mx.d.example", "mx: *.d.example", "https://d.example/x", "end.", "a@d.example"] {
            let text = format!("v=STSv1; id=1; {part}");
            assert_eq!(mended(&text, (15, text.len())).as_deref(), Some("v=STSv1; id=1"), "{part}");
        }
    }

    #[test]
    fn where_addresses_are_values() {
        const BIMI: Spelling = Spelling { version: "v=BIMI1", fields: &["l"], value_of: |_| None, ..STS };
        for (part, goes) in [
            ("2026", true),
            ("end.", true),
            ("n/a", true),
            ("mx: mx.d.example", true),
            ("l.svg", false),
            ("d.example/l.svg", false),
            ("a@d.example", false),
            ("ftp://d.example", false),
        ] {
            assert_eq!(BIMI.fields_of(part, false).fix(Span::new(0, part.len())).is_some(), goes, "{part}");
        }
    }
}
