//! Quotation marks in a record, which are no part of its grammar (RFC 9989 §4.8).

use super::context::Context;
use super::version::{LITERAL_QUOTES, semicolon, spoiled, tag_behind};
use crate::dmarc::Tag;
use crate::finding::{Edit, Findings, Fix};
use crate::text::Span;

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.text();
    // Quotes belong in an addr-spec; elsewhere they are damage.
    let lists = cx.tags().filter(|tag| matches!(tag.tag, Tag::Rua | Tag::Ruf));
    let addresses: Vec<Span> = lists.map(|tag| without_marks(cx, tag.value)).collect();
    let damage = |at: usize| !addresses.iter().any(|list| list.contains(Span::new(at, at + 1)));
    let places: Vec<Span> = text
        .match_indices(['"', '\''])
        .map(|(at, _)| at)
        .filter(|&at| damage(at))
        // A backslash that escaped it goes with it.
        .map(|at| Span::new(text[..at].trim_end_matches('\\').len(), at + 1))
        .collect();
    if let Some(&first) = places.first() {
        let consequence =
            if cx.record.is_dmarc() { "no value is read with them" } else { "receivers do not see the record" };
        let parts = places.iter().filter(|&&mark| parts_tags(text, mark)).count();
        let edit = |&mark: &Span| if parts_tags(text, mark) { semicolon(text, mark) } else { Edit::delete(mark) };
        let edits: Vec<Edit> = places.iter().map(edit).collect();
        let fix = match parts {
            0 => Fix::machine("take the quotation marks away", edits),
            _ if parts == edits.len() => Fix::maybe("write semicolons", edits),
            _ => Fix::maybe("write semicolons, and take the other quotation marks away", edits),
        };
        out.report(&LITERAL_QUOTES, cx.label(first)).arg("consequence", consequence).effect(spoiled(cx)).fix(fix);
    }
}

/// Whether a quotation mark stands where a semicolon was meant, between a value and the next tag: `p=reject'rua=…`.
pub(super) fn parts_tags(text: &str, mark: Span) -> bool {
    let is_behind_value = || {
        let before = text[..mark.start as usize].trim_end_matches(is_mark);
        // `"s"p=none` is a name.
        let is_value = before.rfind(['=', ';']).is_some_and(|at| before[at..].starts_with('='));
        is_value && before.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    tag_behind(text, mark.end as usize).is_some() && is_behind_value()
}

/// Whether it is a quotation mark, as typed or as a text program writes it, or what escapes one.
fn is_mark(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\' | '\u{2018}'..='\u{201f}')
}

/// A value without the quotation marks around it; one behind `@` is for the address to tell.
fn without_marks(cx: &Context<'_>, value: Span) -> Span {
    let marks = ['"', '\'', '\\'];
    let text = cx.slice(value);
    let tail = text.trim_start_matches(marks);
    let inner = tail.trim_end_matches(marks);
    let start = value.start as usize + text.len() - tail.len();
    let end = if inner.ends_with('@') { tail.len() } else { inner.len() };
    Span::new(start, start + end)
}

#[cfg(test)]
mod tests {
    use crate::dmarc::{Record, lint};
    use crate::finding::apply;

    /// What the finding `code` makes of a record.
    fn offered(code: &str, text: &str) -> Vec<String> {
        let found = lint(&Record::parse(text));
        let fixes = found.iter().filter(|found| found.code == code).flat_map(|found| &found.fixes);
        fixes.map(|fix| apply(text, fix.edits()).unwrap()).collect()
    }

    #[test]
    fn a_mark_between_a_value_and_a_tag_becomes_a_semicolon() {
        let good = "v=DMARC1; p=reject; rua=mailto:a@d.example";
        for text in [
            "v=DMARC1; p=reject'rua=mailto:a@d.example",
            "v=DMARC1; p=reject\"rua=mailto:a@d.example",
            "v=DMARC1; p=reject' rua=mailto:a@d.example",
            "v=DMARC1; p=reject''rua=mailto:a@d.example",
            "v=DMARC1; p=reject\\\"rua=mailto:a@d.example",
            "v=DMARC1; p='reject'rua=mailto:a@d.example",
            "v=DMARC1'p=reject'rua=mailto:a@d.example",
            "\"v=DMARC1\"p=reject\"rua=mailto:a@d.example",
        ] {
            assert_eq!(offered("dmarc-literal-quotes", text), [good], "{text}");
        }
        for text in [
            "v=DMARC1; p=reject\u{2019}rua=mailto:a@d.example",
            "v=DMARC1; p=\u{201c}reject\u{201d}rua=mailto:a@d.example",
        ] {
            assert_eq!(offered("dmarc-smart-quotes", text), [good], "{text}");
        }
    }

    #[test]
    fn other_marks_are_taken_away() {
        let good = "v=DMARC1; p=reject; rua=mailto:a@d.example";
        assert_eq!(offered("dmarc-literal-quotes", "v=DMARC1; p=reject; \"s\"p=none"), ["v=DMARC1; p=reject; sp=none"]);
        for text in [
            "v=DMARC1; p='reject'; rua=mailto:a@d.example",
            "v=DMARC1; p=reject; 'rua=mailto:a@d.example",
            "v=DMARC1; p=reject'; 'rua=mailto:a@d.example",
            "v=DMARC1; p=rej'ect; rua=mailto:a@d.example",
            "v=DMARC1; 'p'=reject; r'ua=mailto:a@d.example",
        ] {
            assert_eq!(offered("dmarc-literal-quotes", text), [good], "{text}");
        }
    }
}
