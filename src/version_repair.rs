//! How a text is made to begin with its version, as the records of MTA-STS, TLS-RPT and BIMI have to, and to name its fields. They are
//! damaged in the same ways.

use crate::finding::{Edit, Fix, apply};
use crate::tag_list::{Kind, segments};
use crate::text::{Span, is_invisible};

/// The spelling of a protocol.
#[derive(Clone, Copy)]
pub(crate) struct Spelling {
    /// What a record begins with: `v=STSv1`.
    pub(crate) version: &'static str,
    /// The fields that the standard knows beside the version.
    pub(crate) fields: &'static [&'static str],
}

impl Spelling {
    /// What stands instead of the version, and the edits that make the text begin with it and a semicolon. There are none where
    /// nothing in the text is of this protocol: a version alone makes no record of it.
    pub(crate) fn version(self, text: &str) -> (Span, Vec<Edit>) {
        let (span, edits) = self.repair(text);
        if self.is_meant(text) { (span, edits) } else { (span, Vec::new()) }
    }

    /// The text as it is once it begins with the version: what is missing from it then is missing, and not only unread.
    pub(crate) fn repaired(self, text: &str) -> Option<String> {
        apply(text, &self.version(text).1)
    }

    fn repair(self, text: &str) -> (Span, Vec<Edit>) {
        let wanted = self.version;
        let mut edits = damaged_ends(text);
        let start = edits.first().map_or(0, |edit| edit.span.end as usize);
        // A closing quotation mark has an edit of its own.
        let end = edits.get(1).map_or(text.len(), |edit| edit.span.start as usize).max(start);
        let within =
            |span: Span| Span::new((span.start as usize).clamp(start, end), (span.end as usize).clamp(start, end));
        let begins = |span: Span| span.start as usize <= start;
        let mut tags = segments(text).filter(|segment| segment.kind != Kind::Empty);
        let first = tags.next().map(|segment| within(segment.span));
        let is_version =
            |span: Span| names_version(&text[span]) || !text[span].contains('=') && self.field(text, span).is_none();
        match first.filter(|first| begins(*first) && !first.is_empty() && is_version(*first)) {
            Some(first) => {
                let end = end_of_version(text, first, wanted);
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

    /// Whether the text names the protocol, or has one of its fields.
    fn is_meant(self, text: &str) -> bool {
        let protocol = self.version.trim_start_matches("v=").trim_end_matches(['1', 'v']);
        let first = text.split(';').next().unwrap_or_default();
        // What stands behind the scheme of an address may be called anything.
        let letters = first.split("://").next().unwrap_or_default().chars().filter(char::is_ascii_alphabetic);
        let letters = letters.collect::<String>().to_ascii_lowercase();
        letters.contains(&protocol.to_ascii_lowercase())
            || segments(text).any(|segment| self.field(text, segment.span).is_some())
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

    /// How to make a known field of what stands at `span` and is none. Where the field is there already, it would be a second one.
    pub(crate) fn field_repair(self, text: &str, span: Span) -> Option<Fix> {
        let (name, value) = self.field(text, span)?;
        let is_there = |kind| matches!(kind, Kind::Tag { name: other, .. } if text[other] == *name);
        if segments(text).any(|segment| segment.span != span && is_there(segment.kind)) {
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
        Some(Fix::machine(format!("write `{name}=`"), edits))
    }
}

/// White space, and what nobody sees.
fn is_no_text(c: char) -> bool {
    c == ' ' || is_invisible(c)
}

/// `v=`, and what stands behind it.
fn names_version(tag: &str) -> bool {
    tag.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("v"))
}

/// Where the version ends if no semicolon follows it but another tag: `v=STSv1 id=1`, `v=STSv1id=1`.
fn end_of_version(text: &str, tag: Span, wanted: &str) -> usize {
    let value = text[tag].find('=').map_or(0, |at| at + 1);
    let value = value + text[tag][value..].len() - text[tag][value..].trim_start().len();
    let version = wanted.trim_start_matches("v=").len();
    let is_wanted = |head: &str| head.eq_ignore_ascii_case(&wanted[wanted.len() - version..]);
    if let Some((head, rest)) = text[tag][value..].split_at_checked(version)
        && is_wanted(head)
        && rest.contains('=')
    {
        return tag.start as usize + value + version;
    }
    let space = text[tag][value..].find([' ', '\t']).map(|at| value + at);
    let end = space.filter(|&at| text[tag][at..].contains('='));
    end.map_or(tag.end as usize, |at| tag.start as usize + at)
}

/// White space and invisible characters before the text, and quotation marks around all of it, which belong into zone files only.
fn damaged_ends(text: &str) -> Vec<Edit> {
    let inside = text.trim_start_matches(is_no_text).trim_end();
    let start = text.trim_end().len() - inside.len();
    let end = start + inside.len();
    let Some(mark) = inside.chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
        return if start > 0 { vec![Edit::delete(Span::new(0, start))] } else { Vec::new() };
    };
    let mut edits = vec![Edit::delete(Span::new(0, start + 1))];
    if inside.len() > 1 && inside.ends_with(mark) {
        edits.push(Edit::delete(Span::new(end - 1, text.len())));
    }
    edits
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
            ("\"v=STSv1; id=1\"", "v=STSv1; id=1"),
            ("'v=STSv1; id=1'", "v=STSv1; id=1"),
            ("\"v=STSv1\"", "v=STSv1;"),
            ("\"id=1; v=STSv1\"", "v=STSv1; id=1"),
            (" \"v=STSv1; id=1", "v=STSv1; id=1"),
            ("\"", "v=STSv1; "),
            ("", "v=STSv1; "),
        ] {
            assert_eq!(apply(text, &STS.repair(text).1).unwrap(), mended, "{text}");
        }
    }

    #[test]
    fn what_is_of_another_protocol_gets_no_version() {
        for text in
            ["", "\"", "v=spf1 -all", "https://d.example/sts", "v=TLSRPTv1; rua=mailto:a@d.example", "foo", "v=1"]
        {
            assert_eq!(STS.version(text).1, [], "{text}");
        }
        for (text, mended) in [
            ("\u{feff}v=STSv1; id=1", "v=STSv1; id=1"),
            ("v=1; id=1", "v=STSv1; id=1"),
            ("sts1", "v=STSv1;"),
            ("id:1", "v=STSv1; id:1"),
        ] {
            assert_eq!(apply(text, &STS.version(text).1).unwrap(), mended, "{text}");
        }
    }

    #[test]
    fn known_fields_are_written_right() {
        for (text, mended) in [("id:1", "id=1"), ("id : 1", "id=1"), ("\u{a0}id=1", "id=1"), ("ID=1\u{200b}", "id=1")] {
            let fix = STS.field_repair(text, Span::new(0, text.len())).unwrap();
            assert_eq!(apply(text, fix.edits()).unwrap(), mended, "{text}");
        }
        assert!(STS.field_repair("id:1; id=2", Span::new(0, 4)).is_none(), "it would be a second one");
        for text in ["", "ident:1", "id", "x:1", "id-1"] {
            assert!(STS.field_repair(text, Span::new(0, text.len())).is_none(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "([ ;=\"']|v=|STSv1|id|é){0,10}") {
            let mended = apply(&text, &STS.repair(&text).1).unwrap();
            // White space before the semicolon stays, as in `v = STSv1 ; id=1` above.
            let is_followed = |rest: &str| rest.trim_start().starts_with(';');
            proptest::prop_assert!(mended.strip_prefix("v=STSv1").is_some_and(is_followed), "{text:?} {mended:?}");
        }
    }
}
