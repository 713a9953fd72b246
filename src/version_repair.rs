//! How a text is made to begin with its version, as the records of MTA-STS, TLS-RPT and BIMI have to, and to name its fields. They are
//! damaged in the same ways.

use crate::finding::{Applicability, Edit, Findings, Fix, Label, Rule, Subject, apply};
use crate::tag_list::{Kind, Segment, segments};
use crate::text::{Span, is_no_text};

/// The spelling of a protocol.
#[derive(Clone, Copy)]
pub(crate) struct Spelling {
    /// What a record begins with: `v=STSv1`.
    pub(crate) version: &'static str,
    /// The fields that the standard knows beside the version.
    pub(crate) fields: &'static [&'static str],
}

impl Spelling {
    /// Tells with `rule` that the text does not begin with the version, and how to make it.
    pub(crate) fn tell(self, rule: &'static Rule, subject: &Subject, out: &mut Findings) {
        let text = subject.source().text();
        let (span, edits) = self.version(text);
        let found = out.report(rule, Label::new(subject, span));
        if !edits.is_empty() {
            let sure =
                if self.is_sure(text) { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect };
            found.fix(Fix::edit(format!("write `{}`", self.version), edits, sure));
        }
    }

    /// Whether the text would have the field `name` with a right version, as `has` says or but for its spelling: it then is unread, and
    /// not missing.
    pub(crate) fn would_have(self, text: &str, name: &str, has: impl Fn(&str) -> bool) -> bool {
        let Some(repaired) = apply(text, &self.version(text).1) else { return false };
        let text = repaired.as_str();
        let is_hidden = |segment: Segment| {
            let field = self.field(text, segment.span).filter(|(known, _)| *known == name);
            let is_plain =
                matches!(segment.kind, Kind::Tag { name: other, .. } if text[other].eq_ignore_ascii_case(name));
            !is_plain && field.is_some_and(|(_, value)| value < segment.span.end as usize)
        };
        has(text) || segments(text).any(is_hidden)
    }

    /// What stands instead of the version, and the edits that make the text begin with it and a semicolon. There are none where
    /// nothing in the text is of this protocol: a version alone makes no record of it.
    fn version(self, text: &str) -> (Span, Vec<Edit>) {
        let (span, edits) = self.repair(text);
        if self.is_named(text) || self.has_field(text, |_| true) { (span, edits) } else { (span, Vec::new()) }
    }

    fn repair(self, text: &str) -> (Span, Vec<Edit>) {
        let wanted = self.version;
        let start = text.len() - text.trim_start_matches(is_no_text).len();
        let mut edits = Vec::new();
        if start > 0 {
            edits.push(Edit::delete(Span::new(0, start)));
        }
        let within = |span: Span| Span::new((span.start as usize).max(start), (span.end as usize).max(start));
        let begins = |span: Span| span.start as usize <= start;
        let mut tags = segments(text).filter(|segment| segment.kind != Kind::Empty);
        let first = tags.next().map(|segment| within(segment.span));
        let is_version =
            |span: Span| names_version(&text[span]) || !text[span].contains('=') && self.field(text, span).is_none();
        match first.filter(|first| begins(*first) && !first.is_empty() && is_version(*first)) {
            Some(first) => {
                let end = self.end_of_version(text, first);
                // `v=STSv1,id=1`: the comma stands where a semicolon belongs.
                let rest = text[end..first.end as usize].trim_start();
                let end = rest.strip_prefix(',').map_or(end, |rest| first.end as usize - rest.len());
                let span = Span::new(first.start as usize, end);
                let is_followed = text[span.end as usize..].trim_start().starts_with(';');
                edits.push(Edit::replace(span, format!("{wanted}{}", if is_followed { "" } else { ";" })));
                (Span::new(0, span.end as usize), edits)
            }
            None => {
                edits.push(Edit::insert(start, format!("{wanted}; ")));
                // A version behind other tags moves to the front.
                let later = tags.find(|segment| names_version(&text[segment.span]));
                if let Some(later) = later {
                    let from = text[..later.span.start as usize].rfind(';').unwrap_or(later.span.start as usize);
                    edits.push(Edit::delete(Span::new(from, within(later.span).end as usize)));
                }
                (Span::at(0), edits)
            }
        }
    }

    /// Whether the text is of this protocol and of no other: one with an `a:` may be of anything.
    fn is_sure(self, text: &str) -> bool {
        self.is_named(text) || self.has_field(text, |name| name.len() > 1)
    }

    /// Whether the text names the protocol: in a word at its beginning, or as its version.
    fn is_named(self, text: &str) -> bool {
        let protocol = self.version.trim_start_matches("v=").trim_end_matches(['1', 'v']).to_ascii_lowercase();
        let is_named = |word: &str| {
            let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
            let letters = letters.to_ascii_lowercase();
            letters.trim_start_matches('v').trim_start_matches("mta").starts_with(&protocol)
        };
        let mut tags = segments(text).map(|segment| &text[segment.span]);
        let first = tags.next().unwrap_or_default();
        // What stands behind the scheme of an address may be called anything.
        let first = first.split("://").next().unwrap_or_default();
        [first]
            .into_iter()
            .chain(tags.filter(|tag| names_version(tag)))
            .any(|tag| tag.split(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | ',')).any(is_named))
    }

    /// Whether the text has a field of the protocol that is `wanted`, however it is written.
    fn has_field(self, text: &str, wanted: impl Fn(&str) -> bool) -> bool {
        segments(text).any(|segment| self.field(text, segment.span).is_some_and(|(name, _)| wanted(name)))
    }

    /// Where the version ends if no semicolon follows it but another tag: `v=STSv1 id=1`, `v=STSv1id=1`, `v=STSv1, id:1`.
    fn end_of_version(self, text: &str, tag: Span) -> usize {
        let written = &text[tag];
        let goes_on = |at: usize| {
            let rest = &written[at..];
            let next = rest.trim_start_matches(is_no_text).trim_start_matches(',');
            rest.contains('=') || self.field(text, Span::new(tag.end as usize - next.len(), tag.end as usize)).is_some()
        };
        let value = written.find('=').map_or(0, |at| at + 1);
        let value = value + written[value..].len() - written[value..].trim_start().len();
        let version = self.version.trim_start_matches("v=");
        if let Some((head, _)) = written[value..].split_at_checked(version.len())
            && head.eq_ignore_ascii_case(version)
            && goes_on(value + version.len())
        {
            return tag.start as usize + value + version.len();
        }
        let space = written[value..].find([' ', '\t']).map(|at| value + at);
        space.filter(|&at| goes_on(at)).map_or(tag.end as usize, |at| tag.start as usize + at)
    }

    /// A known field however it is written: its name, and where its value begins. `id:1` and a space that is none hide it.
    fn field(self, text: &str, span: Span) -> Option<(&'static str, usize)> {
        let whole = text[span].trim_start_matches(is_no_text);
        let name = whole.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let known = self.fields.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let rest = whole[name.len()..].trim_start_matches(is_no_text);
        let value = rest.strip_prefix([':', '='])?.trim_start_matches(is_no_text);
        Some((known, span.end as usize - value.len()))
    }

    /// For the fields of one record that are none.
    pub(crate) fn fields_of(self, text: &str) -> Fields<'_> {
        Fields { spelling: self, text, there: None, mended: Vec::new() }
    }
}

/// The fields of one record: none of them is mended where it would be a second one.
pub(crate) struct Fields<'a> {
    spelling: Spelling,
    text: &'a str,
    /// The known fields that are written right. They are looked for once, as a text may have thousands that are not.
    there: Option<Vec<&'static str>>,
    mended: Vec<&'static str>,
}

impl Fields<'_> {
    /// What to do with what stands at `span` and is no field: a known one is written right, anything else goes.
    pub(crate) fn fix(&mut self, span: Span) -> Fix {
        let (text, start) = (self.text, span.start as usize);
        if let Some((name, fix)) = self.mend(span) {
            self.mended.push(name);
            return fix;
        }
        let before = text[..start].rfind(';').unwrap_or(start);
        Fix::maybe("take it away", [Edit::delete(Span::new(before, span.end as usize))])
    }

    /// Whether one of the fixes writes the field `name`.
    pub(crate) fn is_mended(&self, name: &str) -> bool {
        self.mended.contains(&name)
    }

    fn mend(&mut self, span: Span) -> Option<(&'static str, Fix)> {
        let text = self.text;
        let (name, value) = self.spelling.field(text, span)?;
        if self.is_mended(name) || self.there().contains(&name) {
            return None;
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
        Some((name, Fix::machine(format!("write `{name}=`"), edits)))
    }

    fn there(&mut self) -> &[&'static str] {
        let (text, fields) = (self.text, self.spelling.fields);
        self.there.get_or_insert_with(|| {
            let is_there = |field: &&str| {
                segments(text).any(|segment| matches!(segment.kind, Kind::Tag { name, .. } if text[name] == **field))
            };
            fields.iter().copied().filter(is_there).collect()
        })
    }
}

/// `v=`, and what stands behind it.
fn names_version(tag: &str) -> bool {
    tag.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("v"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STS: Spelling = Spelling { version: "v=STSv1", fields: &["id"] };

    #[test]
    fn a_record_begins_with_its_version() {
        for (text, mended) in [
            ("v=stsv1; id=1", "v=STSv1; id=1"),
            ("v = STSv1 ; id=1", "v=STSv1 ; id=1"),
            ("STSv1; id=1", "v=STSv1; id=1"),
            ("id=1", "v=STSv1; id=1"),
            ("id=1; v=STSv1", "v=STSv1; id=1"),
            ("id=1; v=STSv1;", "v=STSv1; id=1;"),
            ("v=STSv1 id=1", "v=STSv1; id=1"),
            ("v=STS v1; id=1", "v=STSv1; id=1"),
            ("v=STSv1,id=1", "v=STSv1;id=1"),
            ("v=stsv1 , id=1", "v=STSv1; id=1"),
            ("v=STSv1id=1", "v=STSv1;id=1"),
            ("v=STSv1", "v=STSv1;"),
            ("v=STSv1, id:1", "v=STSv1; id:1"),
            ("v=STSv1 id:1", "v=STSv1; id:1"),
            ("v=STS1 id : 1", "v=STSv1; id : 1"),
            (" v=STSv1; id=1", "v=STSv1; id=1"),
            ("", "v=STSv1; "),
        ] {
            assert_eq!(apply(text, &STS.repair(text).1).unwrap(), mended, "{text}");
        }
    }

    #[test]
    fn what_is_of_another_protocol_gets_no_version() {
        for text in [
            "",
            "v=spf1 -all",
            "https://d.example/sts",
            "v=TLSRPTv1; rua=mailto:a@d.example",
            "foo",
            "v=1",
            "some first stage text",
            "two tests",
        ] {
            assert_eq!(STS.version(text).1, [], "{text}");
        }
        for (text, mended) in [
            ("\u{feff}v=STSv1; id=1", "v=STSv1; id=1"),
            ("v=1; id=1", "v=STSv1; id=1"),
            ("sts1", "v=STSv1;"),
            ("MTA-STS v1", "v=STSv1;"),
            ("version=STSv1; foo=1", "v=STSv1; version=STSv1; foo=1"),
            ("id:1", "v=STSv1; id:1"),
        ] {
            assert_eq!(apply(text, &STS.version(text).1).unwrap(), mended, "{text}");
        }
    }

    #[test]
    fn known_fields_are_written_right() {
        let whole = |text: &str| STS.fields_of(text).mend(Span::new(0, text.len())).map(|(_, fix)| fix);
        for (text, mended) in [("id:1", "id=1"), ("id : 1", "id=1"), ("\u{a0}id=1", "id=1"), ("ID=1\u{200b}", "id=1")] {
            assert_eq!(apply(text, whole(text).unwrap().edits()).unwrap(), mended, "{text}");
        }
        for text in ["", "ident:1", "id", "x:1", "id-1"] {
            assert!(whole(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_field_is_written_twice() {
        let mut fields = STS.fields_of("id:1; id=2");
        assert_eq!(fields.fix(Span::new(0, 4)).title, "take it away");
        assert!(!fields.is_mended("id"));
        let mut fields = STS.fields_of("v=STSv1; id:1; id:2");
        assert_eq!(
            [Span::new(9, 13), Span::new(15, 19)].map(|span| fields.fix(span).title),
            ["write `id=`", "take it away"]
        );
        assert!(fields.is_mended("id"));
    }

    #[test]
    fn what_a_right_version_brings_to_light() {
        let has = |text: &str| text.contains("id=1");
        for text in ["v=STSv1,id=1", "v=STSv1, id:1", "v=stsv1; \u{200b}id=2"] {
            assert!(STS.would_have(text, "id", has), "{text}");
        }
        for text in ["v=STSv1, ID=2", "v=STSv1, id:", "v=STSv1", "id"] {
            assert!(!STS.would_have(text, "id", has), "{text}");
        }
    }

    /// One letter is no proof.
    #[test]
    fn how_sure_a_version_is() {
        const BIMI: Spelling = Spelling { version: "v=BIMI1", fields: &["l", "a", "avp", "lps"] };
        for text in ["foo; avp=brand", "l=https://d.example/l.svg; v=BIMI1", "BIMI; a:mail.d.example"] {
            assert!(BIMI.is_sure(text), "{text}");
        }
        for text in ["foo; a:mail.d.example", "a=https://d.example/l.pem"] {
            assert!(!BIMI.is_sure(text) && !BIMI.version(text).1.is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "([ ;=,:]|v=|STSv1|id|é){0,10}") {
            let mended = apply(&text, &STS.repair(&text).1).unwrap();
            // White space before the semicolon stays, as in `v = STSv1 ; id=1` above.
            let is_followed = |rest: &str| rest.trim_start().starts_with(';');
            proptest::prop_assert!(mended.strip_prefix("v=STSv1").is_some_and(is_followed), "{text:?} {mended:?}");
        }
    }
}
