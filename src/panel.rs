//! What DNS panels and copying do to the text of a record: it is pasted with its name, in parentheses, or as HTML. Every record is
//! damaged in the same ways, whatever protocol it is of.

use crate::finding::{Edit, Findings, Fix, Label, Rule, Subject, rules};
use crate::text::Span;

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

/// What of a text comes from a panel or from copying. Nothing of it is told twice.
pub(crate) fn check(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    let inside = parentheses(text).unwrap_or(Span::new(0, text.len()));
    if inside.len() < text.len() {
        let value = value(text, inside);
        report(&PARENTHESES, subject, Span::new(0, text.len()), value, out);
    } else if let Some(head) = head(text) {
        let after = Span::new(head.end as usize, text.len());
        let inside = parentheses(&text[after]).map_or(after, |span| span.shifted(after.start as usize));
        let value = value(text, inside);
        report(&LABEL_IN_VALUE, subject, head, value, out).arg("head", text[head].trim());
    }
    html(subject, out);
}

fn report<'o>(
    rule: &'static Rule,
    subject: &Subject,
    span: Span,
    value: String,
    out: &'o mut Findings,
) -> &'o mut crate::finding::Diagnostic {
    let whole = Span::new(0, subject.source().text().len());
    let fix = Fix::machine("leave the value", [Edit::replace(whole, value)]);
    out.report(rule, Label::new(subject, span)).fix(fix)
}

/// `text` without the name and type, or the parentheses, that were pasted with it: for those who look what it is.
pub(crate) fn unwrapped(text: &str) -> &str {
    let inside = parentheses(text).map_or(text, |span| &text[span]);
    head(inside).map_or(inside, |head| &inside[head.end as usize..])
}

/// What stands between parentheses around the whole text.
fn parentheses(text: &str) -> Option<Span> {
    let trimmed = text.trim();
    let inside = trimmed.strip_prefix('(')?.strip_suffix(')')?;
    Some(Span::of(inside, text))
}

/// The name, class and type before the value: `_dmarc.d.example. 3600 IN TXT`.
fn head(text: &str) -> Option<Span> {
    let quote = text.find('"').unwrap_or(text.len());
    let version = text.find("v=").filter(|&at| at > 0).unwrap_or(text.len());
    let head = &text[..quote.min(version).min(text.len())];
    let head = head.trim_end();
    let head = head.strip_suffix('(').unwrap_or(head);
    let words: Vec<&str> = head.split_whitespace().collect();
    let is_type = |word: &str| word.eq_ignore_ascii_case("txt") || word.eq_ignore_ascii_case("spf");
    // A name, a time to live, a class and a type; or the bare name of a record of mail.
    let is_head = match words.as_slice() {
        [only] => {
            is_type(only) || ["_dmarc", "._domainkey", "_mta-sts", "_smtp._tls"].iter().any(|name| only.contains(name))
        }
        [.., last] => words.len() <= 4 && is_type(last),
        [] => false,
    };
    let end = head.trim_end().len();
    (is_head && end < text.len()).then(|| Span::new(0, end))
}

/// The value: quoted strings joined (RFC 1035 §5.1), or the text as it is.
fn value(text: &str, span: Span) -> String {
    let inside = text[span].trim();
    if !inside.starts_with('"') {
        return inside.to_owned();
    }
    inside.split('"').skip(1).step_by(2).collect()
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
