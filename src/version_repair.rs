//! How a text is made to begin with its version, as the records of MTA-STS, TLS-RPT and BIMI have to, and to name its fields. They are
//! damaged in the same ways.

mod addresses;
mod fields;

pub(crate) use addresses::{AROUND, https, keeps_addresses};
pub(crate) use fields::swallowed;

use self::addresses::is_address;
use crate::finding::{Applicability, Edit, Effect, Findings, Fix, Label, Rule, Subject, apply};
use crate::other_record::is_of_another;
use crate::tag_list::{Kind, Segment, segments};
use crate::text::{Span, is_no_text};

/// The spelling of a protocol.
#[derive(Clone, Copy)]
pub(crate) struct Spelling {
    /// What a record begins with: `v=STSv1`.
    pub(crate) version: &'static str,
    /// The fields that the standard knows beside the version.
    pub(crate) fields: &'static [&'static str],
    /// Names that are written for those of fields, and the fields: `ruf` for `rua`.
    pub(crate) aliases: &'static [(&'static str, &'static str)],
    /// The field that a text is the value of, if it can be that of one only of this protocol: `https://d.example/l.svg`.
    pub(crate) value_of: fn(&str) -> Option<&'static str>,
    /// The field that a record has to have, and what is done with one that has it not.
    pub(crate) required: (&'static str, Effect),
    /// The field whose value is a list with commas.
    pub(crate) list: Option<&'static str>,
}

/// What is written for the semicolon behind a version.
const SEPARATORS: [char; 10] = [',', ':', '.', '|', '/', '-', '&', '+', '_', '；'];

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
    /// nothing in the text is of this protocol, or its version is of another: a version alone makes no record of it. Nor where an address
    /// would go with what stands there, or a date that may be the value of the field that is missing.
    fn version(self, text: &str) -> (Span, Vec<Edit>) {
        let (span, edits) = self.repair(text);
        let is_of_another =
            || segments(text).map(|segment| &text[segment.span]).any(|tag| is_of_another(tag, self.version));
        let is_meant = self.is_named(text) || self.has_field(text, |_| true) && !is_of_another();
        let is_date = |part: &str| part.bytes().filter(u8::is_ascii_digit).count() >= DIGITS;
        let is_there = |segment: Segment| {
            let field = self.field(text, segment.span).filter(|(name, _)| *name == self.required.0);
            field.is_some_and(|(_, value)| value < segment.span.end as usize)
        };
        let lacks_date = self.takes_digits() && !segments(text).any(is_there);
        let is_lost = |edit: &Edit| {
            let part = text[edit.span].trim_end_matches(SEPARATORS);
            is_address(part) || lacks_date && is_date(part)
        };
        if is_meant && !edits.iter().any(is_lost) { (span, edits) } else { (span, Vec::new()) }
    }

    fn repair(self, text: &str) -> (Span, Vec<Edit>) {
        let wanted = self.version;
        let start = text.len() - text.trim_start_matches(|c| is_no_text(c) || matches!(c, ';' | ',')).len();
        let mut edits = Vec::new();
        if start > 0 {
            edits.push(Edit::delete(Span::new(0, start)));
        }
        let within = |span: Span| Span::new((span.start as usize).max(start), (span.end as usize).max(start));
        let begins = |span: Span| span.start as usize <= start;
        let mut tags = segments(text).map(|segment| within(segment.span)).filter(|span| !span.is_empty());
        let first = tags.next();
        let is_version =
            |span: Span| names_version(&text[span]) || !text[span].contains('=') && self.field(text, span).is_none();
        match first.filter(|first| begins(*first) && is_version(*first)) {
            Some(first) => {
                let end = self.end_of_version(text, first);
                // `v=STSv1,id=1`: the comma stands where a semicolon belongs.
                let rest = text[end..first.end as usize].trim_start();
                let behind = rest.trim_start_matches(SEPARATORS);
                let end = if behind.len() < rest.len() { first.end as usize - behind.len() } else { end };
                let span = Span::new(first.start as usize, end);
                let is_followed = text[span.end as usize..].trim_start().starts_with(';');
                edits.push(Edit::replace(span, format!("{wanted}{}", if is_followed { "" } else { ";" })));
                (Span::new(0, span.end as usize), edits)
            }
            None => {
                edits.push(Edit::insert(start, format!("{wanted}; ")));
                // A version behind other tags moves to the front.
                if let Some(later) = tags.find(|tag| names_version(&text[*tag])) {
                    let from = text[..later.start as usize].rfind(';').unwrap_or(later.start as usize);
                    edits.push(Edit::delete(Span::new(from, later.end as usize)));
                }
                (Span::at(0), edits)
            }
        }
    }

    /// Whether the text names the protocol, or has a field whose name says more than one letter: one with an `a:` may be of anything.
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

    /// Whether digits are the value of a field; addresses are, otherwise.
    fn takes_digits(self) -> bool {
        (self.value_of)("1").is_some()
    }

    /// Where the version ends if no semicolon follows it but another tag: `v=STSv1 id=1`, `v=STSv1id=1`, `v=STSv1, id:1`.
    fn end_of_version(self, text: &str, tag: Span) -> usize {
        let written = &text[tag];
        let begins_field = |at: usize| {
            let next = written[at..].trim_start_matches(|c| is_no_text(c) || SEPARATORS.contains(&c));
            let next = Span::new(tag.end as usize - next.len(), tag.end as usize);
            // A long list is not read again at each gap.
            let is_value = |word: &str| (self.value_of)(word).is_some();
            self.field(text, next).is_some() || text[next].split_whitespace().next().is_some_and(is_value)
        };
        let goes_on = |at: usize| written[at..].contains('=') || begins_field(at);
        let value = written.find('=').map_or(0, |at| at + 1);
        let value = value + written[value..].len() - written[value..].trim_start().len();
        let version = self.version.trim_start_matches("v=");
        if let Some((head, _)) = written[value..].split_at_checked(version.len())
            && head.eq_ignore_ascii_case(version)
            && goes_on(value + version.len())
        {
            return tag.start as usize + value + version.len();
        }
        let mut gaps = written[value..].match_indices([' ', '\t', ',', ':', '|']).map(|(at, _)| value + at);
        let end = gaps.clone().take(MAX_GAPS).find(|&at| begins_field(at));
        let end = end.or_else(|| gaps.find(|&at| written[at..].starts_with([' ', '\t'])).filter(|&at| goes_on(at)));
        end.map_or(tag.end as usize, |at| tag.start as usize + at)
    }

    /// A known field however it is written: its name, and where its value begins. `id:1` and a space that is none hide it.
    fn field(self, text: &str, span: Span) -> Option<(&'static str, usize)> {
        let whole = text[span].trim_start_matches(is_no_text);
        let name = whole.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let known = self.fields.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let behind = &whole[name.len()..];
        let rest = behind.trim_start_matches(is_no_text);
        let value = match rest.strip_prefix([':', '=']) {
            Some(value) => value.trim_start_matches(is_no_text),
            // `id 20260901`
            None if rest.len() < behind.len() && (self.value_of)(rest) == Some(known) => rest,
            None => return None,
        };
        Some((known, span.end as usize - value.len()))
    }
}

/// Gaps behind a damaged version that are looked at. It is a few words, and a long text must not be read again at each of its gaps.
const MAX_GAPS: usize = 8;

/// Digits that no version has, and a date does.
const DIGITS: usize = 6;

/// `v=`, and what stands behind it.
fn names_version(tag: &str) -> bool {
    tag.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("v"))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const STS: Spelling = Spelling {
        version: "v=STSv1",
        fields: &["id"],
        aliases: &[],
        value_of: |text| text.starts_with(|c: char| c.is_ascii_digit()).then_some("id"),
        required: ("id", Effect::NoPolicy),
        list: None,
    };

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
            ("; v=STSv1; id=1", "v=STSv1; id=1"),
            (" ;,v=STSv1; id=1", "v=STSv1; id=1"),
            (",;v=1; id=1", "v=STSv1; id=1"),
            ("v=STSv1: id=1", "v=STSv1; id=1"),
            ("v=STSv1:id=1", "v=STSv1;id=1"),
            ("v=STSv1；id=1", "v=STSv1;id=1"),
            ("v=STSv1 | id=1", "v=STSv1; id=1"),
            ("v=STSv1 - 20260901", "v=STSv1; 20260901"),
            ("v=STS1,id=1", "v=STSv1;id=1"),
            ("v=STS v1, id=1", "v=STSv1; id=1"),
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
    fn what_a_right_version_brings_to_light() {
        let has = |text: &str| text.contains("id=1");
        for text in ["v=STSv1,id=1", "v=STSv1, id:1", "v=stsv1; \u{200b}id=2"] {
            assert!(STS.would_have(text, "id", has), "{text}");
        }
        for text in ["v=STSv1, ID=2", "v=STSv1, id:", "v=STSv1", "id"] {
            assert!(!STS.would_have(text, "id", has), "{text}");
        }
    }

    /// RFC 8460 §3 and RFC 9989 have `rua` both, and other protocols may have an `id`.
    #[test]
    fn a_record_of_another_protocol_stays_one() {
        for text in ["v=DMARC1; id=1", "v=TLSRPTv1; id=1; rua=mailto:a@d.example", "v=spf1; id=1", "id=1; v=dkim1"] {
            assert_eq!(STS.version(text).1, [], "{text}");
        }
    }

    #[test]
    fn nothing_is_lost_with_the_version() {
        for (text, mended) in [
            ("v=STS 20260901 id=1", "v=STSv1; 20260901 id=1"),
            ("v=https://d.example/x; id=1", "v=https://d.example/x; id=1"),
            // The date is the id that is missing.
            ("v=STSv20260901; id=", "v=STSv20260901; id="),
            ("v=STSv20260901; id=1", "v=STSv1; id=1"),
            // A slash alone makes no address.
            ("v=STSv1/id=1", "v=STSv1;id=1"),
            ("v=STSv1// id=1", "v=STSv1; id=1"),
            ("v=S/TSv1; id=1", "v=STSv1; id=1"),
        ] {
            assert_eq!(apply(text, &STS.version(text).1).unwrap(), mended, "{text}");
        }
    }

    #[test]
    fn where_no_field_takes_a_date_it_goes() {
        const BIMI: Spelling = Spelling { version: "v=BIMI1", fields: &["l"], value_of: |_| None, ..STS };
        let text = "v=BIMI20260901; l=https://d.example/l.svg";
        assert_eq!(apply(text, &BIMI.version(text).1).unwrap(), "v=BIMI1; l=https://d.example/l.svg");
    }

    /// One letter is no proof.
    #[test]
    fn how_sure_a_version_is() {
        const BIMI: Spelling = Spelling { version: "v=BIMI1", fields: &["l", "a", "avp", "lps"], ..STS };
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
