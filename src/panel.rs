//! What DNS panels and copying do to the text of a record: it is pasted with its name, in parentheses, or as HTML. Every record is
//! damaged in the same ways, whatever protocol it is of.

mod line;
mod quotes;

use std::borrow::Cow;

use line::Line;

use crate::finding::{
    Diagnostic, Edit, Effect, Findings, Fix, Label, Lint, Moved, Rule, Severity, Subject, apply, bring_back, choose,
    rules, uncovered,
};
use crate::text::{Source, Span};
use crate::unread;

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
        "`{head}` belongs in the fields for name and type, and is part of the value";

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

    /// # A web address stands where a record belongs
    ///
    /// The address of a page about the record, or of a file, was pasted instead of the record. Nobody follows it.
    ///
    /// ```domain bad d.example
    /// _dmarc.d.example. TXT "https://dmarc.d.example/record"
    /// ```
    ///
    /// ```domain good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:d@d.example"
    /// ```
    URL = "dns-panel-http-or-url", Error, Ignored, ["RFC 1035 §5.1"], "`{text}` is a web address, and no record";

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
pub(crate) static ALL: &[&[&Rule]] = &[RULES, quotes::RULES];

/// What is told about the text itself, whatever protocol it is of.
type Check = fn(&Subject, &mut Findings);

/// Looks at `subject` with `lint`. What came from a panel or from copying is told once: `lint` then sees the value that was meant, as
/// what is wrapped around it is no defect of the value.
pub(crate) fn look(subject: &Subject, out: &mut Findings, lint: Lint<'_>) {
    uncovered(subject, out, &|subject, out| value(subject, out, check, lint));
}

/// Whether the text has what panels and copying do to one.
pub(crate) fn is_damaged(subject: &Subject) -> bool {
    let mut damage = Findings::default();
    check(subject, &mut damage);
    !damage.as_slice().is_empty()
}

/// The same for a protocol without rules of its own about quotation marks and backslashes.
pub(crate) fn look_in_quotes(subject: &Subject, out: &mut Findings, lint: Lint<'_>) {
    let check = |subject: &Subject, out: &mut Findings| {
        check(subject, out);
        if Line::read(subject.source().text()).is_none() {
            quotes::check(subject, out);
        }
    };
    uncovered(subject, out, &|subject, out| value(subject, out, check, lint));
}

fn value(subject: &Subject, out: &mut Findings, check: Check, lint: Lint<'_>) {
    let mut damage = Findings::default();
    check(subject, &mut damage);
    if damage.as_slice().is_empty() {
        return lint(subject, out);
    }
    let effect = as_published(subject, lint);
    let severity = if effect == Effect::Ok { Severity::Warning } else { Severity::Error };
    let text = subject.source().text();
    let edits = choose(damage.as_slice(), text, &|_: &Diagnostic, _: &Fix| true).edits();
    let value = Moved::apply(text, edits);
    out.extend(damage.into_vec().into_iter().map(|mut found| {
        found.effect(effect).severity(severity);
        found
    }));
    // An address instead of a record has no value to look at.
    let Some((value, moved)) = value else { return };
    let inside = Subject::new(subject.origin().clone(), of_strings(text, &value, &moved));
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

/// The value, with its character-strings as the text had them.
fn of_strings(text: &str, value: &str, moved: &Moved) -> Source {
    let ends = Line::read(text).map(|line| line.ends).unwrap_or_default();
    let mut rest = value;
    let mut strings: Vec<&str> = Vec::with_capacity(ends.len());
    for end in ends {
        let length =
            (moved.forward(u32::try_from(end).unwrap_or(u32::MAX)) as usize).saturating_sub(value.len() - rest.len());
        let Some((string, behind)) = rest.split_at_checked(length) else { break };
        strings.push(string);
        rest = behind;
    }
    // What stands behind the last one stays as it is.
    match strings.last() {
        Some(_) if rest.is_empty() => Source::from_strings(strings),
        _ => Source::new(value),
    }
}

/// What receivers do with the text as it is published.
fn as_published(subject: &Subject, lint: Lint<'_>) -> Effect {
    let mut found = Findings::default();
    lint(subject, &mut found);
    found.as_slice().iter().map(|found| found.effect).max().unwrap_or_default()
}

fn check(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    if let Some(Line { head, edits, .. }) = Line::read(text) {
        let fix = Fix::machine("leave the value", edits);
        if head.is_empty() {
            out.report(&PARENTHESES, Label::whole(subject)).fix(fix);
        } else {
            out.report(&LABEL_IN_VALUE, Label::new(subject, head)).arg("head", text[head].trim()).fix(fix);
        }
    }
    html(subject, out);
    url(subject, out);
}

/// Whether the whole text is the address of a page.
pub(crate) fn is_url(text: &str) -> bool {
    let has_scheme = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (has_scheme("https://") || has_scheme("http://")) && !text.contains([' ', ';'])
}

/// A web address instead of a record.
pub(crate) fn url(subject: &Subject, out: &mut Findings) {
    if is_url(subject.source().text()) {
        out.report(&URL, Label::whole(subject)).quote("text");
    }
}

/// `text` without the name and type, or the parentheses, that were pasted with it: for those who look what it is.
pub(crate) fn unwrapped(text: &str) -> Cow<'_, str> {
    let value = Line::read(text).and_then(|line| apply(text, &line.edits));
    value.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Named entities that pages and panels write, and what they stand for. Quotation marks are no part of a value.
const ENTITIES: [(&str, Option<char>); 8] = [
    ("quot", None),
    ("apos", None),
    ("amp", Some('&')),
    ("nbsp", Some(' ')),
    ("lt", Some('<')),
    ("gt", Some('>')),
    ("semi", Some(';')),
    ("equals", Some('=')),
];
/// Tags that come along from a page.
const TAGS: [&str; 9] = ["br", "p", "div", "span", "wbr", "b", "code", "pre", "td"];
/// The longest entity or tag that is looked for.
const MAX_ENTITY: usize = 12;
/// Places that one repair mends; how many more there are is told.
const MAX_PLACES: usize = 100;

fn html(subject: &Subject, out: &mut Findings) {
    let text = subject.source().text();
    let (mut first, mut edits, mut count) = (None, Vec::new(), 0);
    for at in memchr::memchr2_iter(b'&', b'<', text.as_bytes()) {
        let Some((span, meant)) = piece_of_html(text, at) else { continue };
        first = first.or(Some(span));
        count += 1;
        if count <= MAX_PLACES {
            edits.push(Edit::replace(span, meant.map(String::from).unwrap_or_default()));
        }
    }
    let Some(first) = first else { return };
    let found = out.report(&HTML, Label::new(subject, first)).arg("entity", &text[first]);
    found.fix(Fix::machine("write the characters themselves", edits));
    unread::beyond(Label::new(subject, first), "pieces of HTML", count, MAX_PLACES, out);
}

/// The entity or tag at `at`, and the character that was meant by it, if any was.
// Inlined, it makes the code for browsers larger.
#[inline(never)]
fn piece_of_html(text: &str, at: usize) -> Option<(Span, Option<char>)> {
    let rest = &text.as_bytes()[at..];
    let ends = if rest[0] == b'&' { b';' } else { b'>' };
    let length = rest.iter().take(MAX_ENTITY).position(|&byte| byte == ends)? + 1;
    let span = Span::new(at, at + length);
    let inside = text.get(at + 1..at + length - 1)?;
    let meant = if ends == b';' { entity(inside)? } else { tag(text, span, inside)? };
    Some((span, meant))
}

fn entity(inside: &str) -> Option<Option<char>> {
    let number = match inside.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u8::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        },
        None => {
            let named = ENTITIES.iter().find(|(name, _)| name.eq_ignore_ascii_case(inside))?;
            return Some(named.1);
        }
    };
    match number? {
        b'"' | b'\'' => Some(None),
        160 => Some(Some(' ')),
        byte @ b' '..=b'~' => Some(Some(char::from(byte))),
        _ => None,
    }
}

/// A tag is nothing, or the space between what it parts.
fn tag(text: &str, span: Span, inside: &str) -> Option<Option<char>> {
    let name = inside.trim_start_matches('/').trim_end_matches('/').trim();
    TAGS.iter().find(|tag| tag.eq_ignore_ascii_case(name))?;
    let parts =
        !text[..span.start as usize].ends_with([' ', ';']) && !text[span.end as usize..].starts_with([' ', ';']);
    let parts = parts && span.start > 0 && (span.end as usize) < text.len();
    Some(parts.then_some(' '))
}

/// Records at one name that are parts of another one there: `begins` tells the first part, `continues` the others.
pub(crate) fn several(
    texts: &[Subject],
    begins: impl Fn(&str) -> bool,
    continues: impl Fn(&str) -> bool,
    out: &mut Findings,
) {
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
            "3600 v=DMARC1; p=none",
            "1h \"v=DMARC1; p=none\"",
        ] {
            assert_eq!(told(line), [("dns-panel-label-in-value", "v=DMARC1; p=none".to_owned())], "{line}");
        }
        assert_eq!(told("( \"v=spf1 \" \"-all\" )"), [("dns-panel-parentheses", "v=spf1 -all".to_owned())]);
    }

    #[test]
    fn html_of_pages() {
        for (text, meant) in [
            ("v=DMARC1&#59; p=none<br>", "v=DMARC1; p=none"),
            ("v=DMARC1&semi; p&equals;none", "v=DMARC1; p=none"),
            ("v=spf1 mx &#45;all", "v=spf1 mx -all"),
            ("v=spf1 mx &#x2D;all", "v=spf1 mx -all"),
            ("v=spf1 mx<br />-all", "v=spf1 mx -all"),
            ("<p>v=spf1 mx -all</p>", "v=spf1 mx -all"),
        ] {
            assert_eq!(told(text), [("dns-panel-html-entities", meant.to_owned())], "{text}");
        }
        assert_eq!(told("v=spf1 exp=<b.example -all"), []);
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
