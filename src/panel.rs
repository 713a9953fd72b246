//! What DNS panels and copying do to the text of a record: it is pasted with its name, in parentheses, or as HTML. Every record is
//! damaged in the same ways, whatever protocol it is of.

mod line;

use std::borrow::Cow;

use line::Line;

use crate::finding::{
    Diagnostic, Edit, Effect, Findings, Fix, Label, Moved, Rule, Severity, Subject, apply, bring_back, choose, rules,
};
use crate::text::{Source, Span};

rules! {
    /// # A line of a zone file was pasted as the value
    ///
    /// The name, the type and the time to live have fields of their own in a DNS panel; the value begins with the version. Nobody
    /// sees such a record.
    ///
    /// ```panel bad
    /// _dmarc IN TXT "v=DMARC1; p=none; rua=mailto:d@d.example"
    /// ```
    ///
    /// ```panel good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    LABEL_IN_VALUE = "dns-panel-label-in-value", Error, Ignored, ["RFC 1035 §5.1"],
        "`{head}` belongs into the fields for name and type, and is part of the value";

    /// # Parentheses of a zone file are in the value
    ///
    /// They let a record of a zone file go over several lines, and are no part of its value.
    ///
    /// ```panel bad
    /// ( "v=spf1 ip4:192.0.2.0/24 -all" )
    /// ```
    ///
    /// ```panel good
    /// v=spf1 ip4:192.0.2.0/24 -all
    /// ```
    PARENTHESES = "dns-panel-parentheses", Error, Ignored, ["RFC 1035 §5.1"],
        "the parentheses are part of the value: they belong in zone files only";

    /// # HTML is in the value
    ///
    /// The record was copied from a web page that shows it wrongly, or a panel has encoded it. In the DNS the characters stand for
    /// themselves.
    ///
    /// ```panel bad
    /// v=DMARC1&#59; p=none&#59; rua=mailto:d@d.example
    /// ```
    ///
    /// ```panel good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    HTML = "dns-panel-html-entities", Error, Ignored, ["RFC 1035 §3.3.14"], "`{entity}` is HTML, and part of the value";

    /// # The parts of one record are published as several
    ///
    /// A record that is too long for one string is published as one record of several strings. As several records its parts mean
    /// nothing, or something else.
    ///
    /// ```domain bad d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24"
    /// d.example. TXT "ip4:203.0.113.0/24 include:_spf.e.example -all"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 " "ip4:203.0.113.0/24 -all"
    /// ```
    SEVERAL = "dns-strings-multiple-records", Error, Differs, ["RFC 1035 §3.3.14", "RFC 7208 §3.3"],
        "`{text}` is a part of the record beside it, and was published as a record of its own";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

/// Looks at `subject` with `lint`. What came from a panel or from copying is told once: `lint` then sees the value that was meant, as
/// what is wrapped around it is no defect of the value.
pub(crate) fn look(subject: &Subject, out: &mut Findings, lint: impl Fn(&Subject, &mut Findings)) {
    let mut damage = Findings::default();
    check(subject, &mut damage);
    let text = subject.source().text();
    let (edits, _) = choose(damage.as_slice(), text, &|_: &Diagnostic, _: &Fix| true);
    let Some((value, moved)) = Moved::apply(text, &edits).filter(|_| !edits.is_empty()) else {
        return lint(subject, out);
    };
    let effect = as_published(subject, &lint);
    let severity = if effect == Effect::Ok { Severity::Warning } else { Severity::Error };
    out.extend(damage.into_vec().into_iter().map(|mut found| {
        found.effect(effect).severity(severity);
        found
    }));
    let inside = Subject::new(subject.origin().clone(), Source::new(&value));
    let mut found = Findings::default();
    lint(&inside, &mut found);
    let moves = [moved];
    out.extend(found.into_vec().into_iter().map(|mut found| {
        bring_back(&mut found, &inside, subject, &moves);
        // What receivers do not see has no effect of its own.
        found.effect = found.effect.min(effect);
        found
    }));
}

/// What receivers do with the text as it is published.
fn as_published(subject: &Subject, lint: &impl Fn(&Subject, &mut Findings)) -> Effect {
    let mut found = Findings::default();
    lint(subject, &mut found);
    found.as_slice().iter().map(|found| found.effect).max().unwrap_or_default()
}

fn check(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    if let Some(Line { head, edits }) = Line::read(text) {
        let fix = Fix::machine("leave the value", edits);
        if head.is_empty() {
            out.report(&PARENTHESES, Label::whole(subject)).fix(fix);
        } else {
            out.report(&LABEL_IN_VALUE, Label::new(subject, head)).arg("head", text[head].trim()).fix(fix);
        }
    }
    html(subject, out);
}

/// `text` without the name and type, or the parentheses, that were pasted with it: for those who look what it is.
pub(crate) fn unwrapped(text: &str) -> Cow<'_, str> {
    let value = Line::read(text).and_then(|line| apply(text, &line.edits));
    value.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Entities that pages and panels write, and what they stand for.
const ENTITIES: [(&str, &str); 10] = [
    ("&quot;", ""),
    ("&#34;", ""),
    ("&amp;", "&"),
    ("&nbsp;", " "),
    ("&#160;", " "),
    ("&#59;", ";"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("<br>", ""),
    ("<br/>", ""),
];
/// Places that are told of; one repair mends all of them.
const MAX_PLACES: usize = 100;

fn html(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    let mut places: Vec<(Span, &str)> = Vec::new();
    for at in memchr::memchr2_iter(b'&', b'<', text.as_bytes()) {
        let rest = &text.as_bytes()[at..];
        let is =
            |entity: &str| rest.get(..entity.len()).is_some_and(|found| found.eq_ignore_ascii_case(entity.as_bytes()));
        if let Some((entity, meant)) = ENTITIES.iter().find(|(entity, _)| is(entity)) {
            places.push((Span::new(at, at + entity.len()), meant));
        }
        if places.len() == MAX_PLACES {
            break;
        }
    }
    let Some(&(first, _)) = places.first() else { return };
    let edits: Vec<Edit> = places.iter().map(|(span, meant)| Edit::replace(*span, *meant)).collect();
    let found = out.report(&HTML, Label::new(subject, first)).arg("entity", &text[first]);
    found.fix(Fix::machine("write the characters themselves", edits));
}

/// Records at one name that are parts of another one there: `begins` tells the first part, `continues` the others.
pub(crate) fn several(texts: &[Subject], begins: fn(&str) -> bool, continues: fn(&str) -> bool, out: &mut Findings) {
    let text = |subject: &Subject| subject.source().text().to_owned();
    let mut first = texts.iter().filter(|subject| begins(&text(subject)));
    let (Some(first), None) = (first.next(), first.next()) else { return };
    for part in texts.iter().filter(|subject| continues(&text(subject))) {
        let found = out.report(&SEVERAL, Label::whole(part)).quote("text");
        found.related(Label::whole(first).with("the first part"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::apply;

    fn told(text: &str) -> Vec<(&'static str, String)> {
        let mut out = Findings::default();
        check(&Subject::given(text), &mut out);
        let fixed = |found: &crate::finding::Diagnostic| apply(text, found.fixes[0].edits()).unwrap();
        out.into_vec().iter().map(|found| (found.code.as_str(), fixed(found))).collect()
    }

    #[test]
    fn lines_of_zone_files() {
        for line in [
            "_dmarc IN TXT \"v=DMARC1; p=none\"",
            "_dmarc.d.example. 3600 IN TXT \"v=DMARC1; \" \"p=none\"",
            "TXT v=DMARC1; p=none",
            "_dmarc.d.example v=DMARC1; p=none",
            "d.example. TXT ( \"v=DMARC1; p=none\" )",
        ] {
            assert_eq!(told(line), [("dns-panel-label-in-value", "v=DMARC1; p=none".to_owned())], "{line}");
        }
        assert_eq!(told("( \"v=spf1 \" \"-all\" )"), [("dns-panel-parentheses", "v=spf1 -all".to_owned())]);
    }

    #[test]
    fn html_of_pages() {
        assert_eq!(told("v=DMARC1&#59; p=none<br>"), [("dns-panel-html-entities", "v=DMARC1; p=none".to_owned())]);
        assert_eq!(told("v=DMARC1; p=none; rua=mailto:a&b@d.example"), []);
    }

    #[test]
    fn what_is_no_line_of_a_zone_file() {
        for text in ["v=spf1 -all", "", "\"v=spf1 -all\"", "some words v=spf1 -all", "google-site-verification=x"] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "([ (\")]|v=spf1|TXT|_dmarc|&#59;|<br>|é){0,12}") {
            told(&text);
        }
    }
}
