//! Quotation marks and backslashes that belong into zone files, in records of protocols that have no rules of their own about them.

use super::line::{escapes, quoted};
use crate::finding::{Edit, Findings, Fix, Label, Subject, rules};
use crate::text::{Span, is_no_text};

rules! {
    /// # Quotation marks are in the value
    ///
    /// In a zone file they stand around the value. Most DNS panels want the value alone, and publish the marks with it: nobody sees
    /// such a record.
    ///
    /// ```mta-sts bad
    /// "v=STSv1; id=20261122"
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=20261122
    /// ```
    QUOTES = "dns-panel-quotes", Error, Ignored, ["RFC 1035 §5.1"],
        "`{mark}` is part of the value: quotation marks belong in zone files only";

    /// # Backslashes are in the value
    ///
    /// In a zone file a semicolon begins a comment, so that a backslash has to stand before it. In a DNS panel the backslash becomes a
    /// part of the value.
    ///
    /// ```mta-sts bad
    /// v=STSv1\; id=20261122
    /// ```
    ///
    /// ```mta-sts good
    /// v=STSv1; id=20261122
    /// ```
    BACKSLASHES = "dns-panel-backslashes", Error, Ignored, ["RFC 1035 §5.1"],
        "`{escape}` is part of the value: the backslash belongs in zone files only";
}

/// Quotation marks of zone files, programs and word processors.
const MARKS: [char; 13] = ['"', '\'', '`', '“', '”', '„', '‟', '‘', '’', '‚', '«', '»', '″'];

pub(super) fn check(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    let (marks, inside) = marks(text);
    if let Some(first) = marks.iter().find(|edit| !text[edit.span].trim_matches(is_no_text).is_empty()) {
        let found =
            out.report(&QUOTES, Label::new(subject, first.span)).arg("mark", text[first.span].trim_matches(is_no_text));
        found.fix(Fix::machine("leave the value", marks));
    }
    let mut escapes = escapes(text, inside.start as usize, inside.end as usize);
    // Outside of quotation marks two backslashes may be two.
    escapes.retain(|edit| !text[edit.span.end as usize..].starts_with('\\'));
    if let Some(first) = escapes.first() {
        let span = Span::new(first.span.start as usize, first.span.end as usize + 1);
        let found = out.report(&BACKSLASHES, Label::new(subject, span)).quote("escape");
        found.fix(Fix::machine("take the backslashes away", escapes));
    }
}

/// The edits that take the marks around the value away, and what of the text they leave alone.
fn marks(text: &str) -> (Vec<Edit>, Span) {
    let end = text.trim_end_matches(is_no_text).len();
    let start = end - text[..end].trim_start_matches(is_no_text).len();
    if text[start..].starts_with('"') {
        let mut edits = quoted(text, start, &mut Vec::new());
        edits.insert(0, Edit::delete(Span::new(0, start)));
        edits.retain(|edit| !edit.span.is_empty());
        return (edits, Span::at(start));
    }
    if start >= end {
        return (Vec::new(), Span::at(0));
    }
    let inside = &text[start..end];
    let opening = inside.strip_prefix('\\').unwrap_or(inside).strip_prefix(MARKS).map_or(0, |rest| end - rest.len());
    let from = opening.max(start);
    let inside = &text[from..end];
    let rest = inside.strip_suffix(MARKS).filter(|rest| !closes(rest, &inside[rest.len()..]));
    let rest = rest.map(|rest| rest.strip_suffix('\\').unwrap_or(rest));
    let to = rest.map_or(end, |rest| from + rest.len());
    let mut edits = Vec::new();
    if opening > 0 {
        edits.push(Edit::delete(Span::new(0, opening)));
    }
    if to < end {
        edits.push(Edit::delete(Span::new(to, text.len())));
    }
    (edits, Span::new(from, to))
}

/// Whether the `mark` behind `before` closes a value in it, as in `ext="x"`, and not the whole.
fn closes(before: &str, mark: &str) -> bool {
    let field = &before[before.rfind(';').unwrap_or(0)..];
    let is_pair = |c: &char| mark.starts_with(*c) || !c.is_ascii() && !mark.is_ascii() && MARKS.contains(c);
    field.chars().filter(is_pair).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;

    fn told(text: &str) -> (Vec<&'static str>, String) {
        let mut out = Findings::default();
        check(&Subject::given(text), &mut out);
        let found = out.into_vec();
        let edits: Vec<Edit> = found.iter().flat_map(|found| found.fixes[0].edits()).cloned().collect();
        (found.iter().map(|found| found.code.as_str()).collect(), apply(text, &edits).unwrap())
    }

    #[test]
    fn what_stands_around_a_value() {
        for (text, codes) in [
            ("\"v=STSv1; id=1\"", &["dns-panel-quotes"][..]),
            ("  \"v=STSv1; \" \"id=1\" ", &["dns-panel-quotes"]),
            ("\"v=STSv1\\; id=1\"", &["dns-panel-quotes"]),
            ("\"v=STSv1; id=1", &["dns-panel-quotes"]),
            ("v=STSv1; id=1\"", &["dns-panel-quotes"]),
            ("'v=STSv1; id=1'", &["dns-panel-quotes"]),
            ("“v=STSv1; id=1”", &["dns-panel-quotes"]),
            ("\\\"v=STSv1; id=1\\\"", &["dns-panel-quotes"]),
            ("\\\"v=STSv1\\; id=1\\\"", &["dns-panel-quotes", "dns-panel-backslashes"]),
            ("v=STSv1\\; id=1", &["dns-panel-backslashes"]),
            ("\u{feff}\"v=STSv1; id=1\"", &["dns-panel-quotes"]),
            ("\u{feff}'v=STSv1; id=1'\u{200b}", &["dns-panel-quotes"]),
        ] {
            assert_eq!(told(text), (codes.to_vec(), "v=STSv1; id=1".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_part_of_a_value() {
        for text in [
            "",
            " ",
            "v=STSv1; id=1",
            "v=TLSRPTv1; rua=mailto:\"a b\"@d.example",
            "v=BIMI1; l=\\x",
            "a\"b",
            "v=STSv1; id=1; ext=\"x\"",
            "v=STSv1; id=1; ext=“x”",
            "v=STSv1; id=1; ext=a\\\\b",
            "v=TLSRPTv1; rua=mailto:a@d.example; x='y'",
            "v=STSv1; id='1'",
            "v=BIMI1; l=\"https://d.example/?a=l.svg\"",
            "\u{feff}v=STSv1; id=1",
        ] {
            assert_eq!(told(text), (Vec::new(), text.to_owned()));
        }
    }

    #[test]
    fn a_value_in_marks_in_a_text_in_marks() {
        let quotes = ["dns-panel-quotes"].to_vec();
        assert_eq!(told("'v=STSv1; ext='x''"), (quotes.clone(), "v=STSv1; ext='x'".to_owned()));
        assert_eq!(
            told("v=TLSRPTv1; rua=mailto:o'a@d.example\""),
            (quotes, "v=TLSRPTv1; rua=mailto:o'a@d.example".to_owned())
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in r#"([ "'\\;“”]|v=STSv1|é){0,10}"#) {
            told(&text);
        }
    }
}
