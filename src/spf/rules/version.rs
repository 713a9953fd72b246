//! The version section (RFC 7208 §4.5): its rules, and oddities of a record that is seen. Why a text is not is in `unseen`.

use super::{Context, second};
use crate::finding::{Applicability, Code, Edit, Findings, Fix, rules};
use crate::spf::{Record, TermKind};
use crate::text::Span;

rules! {
    /// # The version section goes on after `v=spf1`
    ///
    /// Receivers take a TXT record for SPF only if it begins with exactly `v=spf1`, followed by a space or the end.
    /// `v=spf10` or `v=spf1;` is another record to them, and is not read at all.
    ///
    /// ```spf bad
    /// v=spf10 mx -all
    /// ```
    ///
    /// Write the version and a space:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    VERSION_LOOKALIKE = "spf-version-lookalike", Error, None, ["RFC 7208 §4.5"],
        "`{found}` is not the version `v=spf1`, so receivers do not see an SPF record here";

    /// # The version is not `v=spf1`
    ///
    /// There is one version of SPF, and it is written `v=spf1`. A TXT record that begins in another way is not an SPF record,
    /// whatever follows.
    ///
    /// ```spf bad
    /// v=spf2 mx -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    VERSION_WRONG = "spf-version-wrong", Error, None, ["RFC 7208 §4.5", "RFC 7208 §12"],
        "the record begins with `{found}` and not with `v=spf1`, so receivers do not see an SPF record here";

    /// # Something stands before `v=spf1`
    ///
    /// The version section must be the very first thing in the TXT record. A word before it (a name, `TXT`, a comment)
    /// hides the record from every receiver.
    ///
    /// ```spf bad
    /// SPF: v=spf1 mx -all
    /// ```
    ///
    /// Publish the record alone; other texts get TXT records of their own:
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    VERSION_NOT_FIRST = "spf-version-not-first", Error, None, ["RFC 7208 §4.5"],
        "`{found}` stands before `v=spf1`, so receivers do not see an SPF record here";

    /// # Another record begins inside the record
    ///
    /// A second `v=spf1` is read as a modifier called `v`, which is unknown and ignored. It is most often the sign that two
    /// records were pasted together; look at the terms on both sides. A DMARC record or a DKIM key in the same text is none either: receivers
    /// look for it at `_dmarc` below the domain, and at a selector below `_domainkey`.
    ///
    /// ```spf bad
    /// v=spf1 mx v=spf1 include:_spf.example.net -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx include:_spf.example.net -all
    /// ```
    VERSION_REPEATED = "spf-version-repeated", Warning, PartIgnored, ["RFC 7208 §6"],
        "`{found}` inside the record is read as an unknown modifier: were two records pasted together?";

    /// # Upper case in version or names
    ///
    /// The names in a record may be written in any case, so this record is right. Some checkers and a few old receivers
    /// do not know that, and lower case avoids the argument.
    ///
    /// ```spf bad
    /// V=SPF1 MX -ALL
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    VERSION_CASE = "spf-version-case", Note, Ok, ["RFC 7208 §12", "RFC 5234 §2.3"],
        "`{found}` is written in upper case, which is valid, but not every program knows that";

    /// # No space after the version
    ///
    /// `v=spf1` must be followed by a space. Glued to the first term it is not the version section, and the record is not seen.
    /// In a TXT record of several strings the strings are joined without a space, so the space must stand in one of them.
    ///
    /// ```spf bad
    /// v=spf1mx -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    VERSION_MISSING_SPACE = "spf-version-missing-space", Error, None, ["RFC 7208 §4.5"],
        "there is no space between `v=spf1` and `{term}`, so receivers do not see an SPF record here";

    /// # White space before `v=spf1`
    ///
    /// A TXT record that begins with a space or a tab does not begin with `v=spf1`. Receivers that keep to the standard
    /// do not see it; some trim the space, so the mail of such a domain passes here and not there.
    ///
    /// ```spf bad
    /// \u{20}v=spf1 mx -all
    /// ```
    ///
    /// ```spf good
    /// v=spf1 mx -all
    /// ```
    LEADING_WHITESPACE = "spf-leading-whitespace", Error, None, ["RFC 7208 §4.5"],
        "white space stands before `{found}`, so receivers do not see an SPF record here";

    /// # The record says nothing
    ///
    /// A record that is only `v=spf1` gives the result neutral for every sender. It helps nobody, and it stops nobody.
    ///
    /// ```spf bad
    /// v=spf1
    /// ```
    ///
    /// Say who may send. For a domain that sends no mail:
    ///
    /// ```spf good
    /// v=spf1 -all
    /// ```
    EMPTY_RECORD = "spf-empty-record", Warning, Neutral, ["RFC 7208 §4.7"],
        "`{record}` has no terms, so every sender gets neutral";
}

/// Oddities of a record that receivers do see.
pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if cx.record.terms().is_empty() {
        // Who may send is for somebody to say.
        let edits = [Edit::insert(cx.record.version().end as usize, " mx ~all")];
        let fix = Fix::edit("say who may send", edits, Applicability::HasPlaceholders);
        out.report(&EMPTY_RECORD, cx.at(cx.record.version())).quote("record").fix(fix);
    }
    let versions = cx.record.terms().iter().filter_map(|term| match term.kind {
        TermKind::UnknownModifier(modifier) => is_version(cx, modifier.name, modifier.value).then_some(term.span),
        TermKind::Unknown(_) => second::glued_version(cx, term.span),
        _ => None,
    });
    second::spf(cx, &versions.collect::<Vec<_>>(), out);
    upper_case(cx, out);
}

fn upper_case(cx: &Context<'_>, out: &mut Findings) {
    let is_upper = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
    // Hardly any record has such a letter at all, and without a way out of the loop many are looked at together.
    if !cx.whole().bytes().fold(false, |found, b| found | b.is_ascii_uppercase()) {
        return;
    }
    let names = cx.record.terms().iter().filter_map(|term| {
        let (start, name) = match &term.kind {
            TermKind::Directive(directive) => (directive.qualifier_span.end, directive.mechanism.name()),
            TermKind::Redirect(_) => (term.span.start, "redirect"),
            TermKind::Explanation(_) => (term.span.start, "exp"),
            TermKind::UnknownModifier(_) | TermKind::Unknown(_) => return None,
        };
        Some(Span::new(start as usize, start as usize + name.len()))
    });
    let upper: Vec<Span> =
        [cx.record.version()].into_iter().chain(names).filter(|span| is_upper(cx.text(*span))).collect();
    if let Some(first) = upper.first() {
        let edits: Vec<Edit> = upper.iter().map(|&span| lower(cx, span)).collect();
        out.report(&VERSION_CASE, cx.at(*first)).quote("found").fix(Fix::machine("write lower case", edits));
    }
}

/// Whether a modifier is a second version section.
pub(super) fn is_version(cx: &Context<'_>, name: Span, value: Span) -> bool {
    cx.text(name).eq_ignore_ascii_case("v") && starts_with(cx.text(value), "spf")
}

fn lower(cx: &Context<'_>, span: Span) -> Edit {
    Edit::replace(span, cx.text(span).to_ascii_lowercase())
}

/// A term with the space in front of it, for taking it out.
pub(super) fn with_space_before(text: &str, span: Span) -> Span {
    let before = text[..span.start as usize].trim_end_matches(' ').len();
    Span::new(before, span.end as usize)
}

/// Whether a finding says why receivers see no record in a text (§4.5).
pub(super) fn is_unseen(code: Code) -> bool {
    [&VERSION_LOOKALIKE, &VERSION_WRONG, &VERSION_NOT_FIRST, &VERSION_MISSING_SPACE, &LEADING_WHITESPACE]
        .iter()
        .any(|rule| code == rule.code)
}

pub(super) const VERSION: &str = "v=spf1";

/// The end of a version section that is spelt otherwise: `v=spf2`, `spf1`, `v spf1`, `v=sfp1`.
pub(super) fn other_version(text: &str) -> Option<usize> {
    if starts_with(text, SENDER_ID) {
        return None;
    }
    let bytes = text.as_bytes();
    let skip = |at: usize, class: fn(&u8) -> bool| at + bytes[at..].iter().take_while(|b| class(b)).count();
    let tag = if starts_with(text, "version") { 7 } else { usize::from(starts_with(text, "v")) };
    let name = skip(tag, |b| matches!(b, b' ' | b'=' | b':' | b'-' | b'_'));
    if name > tag && tag == 0 && !text.starts_with('=') {
        return None;
    }
    let letters = skip(name, |b| matches!(b.to_ascii_lowercase(), b's' | b'p' | b'f'));
    if !(2..=4).contains(&(letters - name)) {
        return None;
    }
    let mut end =
        skip(letters, |b| b.is_ascii_digit() || matches!(b, b'.' | b'v' | b'V' | b'-' | b'=' | b':' | b';' | b','));
    // `v=spfl`, with a letter that looks like the digit.
    if end == letters && tag > 0 && matches!(bytes.get(end), Some(b'l' | b'I' | b'i' | b'|' | b'!')) {
        end += 1;
    }
    // `v=spf 1`
    if end == letters && bytes.get(end..).is_some_and(|rest| rest == b" 1" || rest.starts_with(b" 1 ")) {
        end += 2;
    }
    let ends_well = matches!(bytes.get(end), None | Some(b' '));
    let says_version = tag > 0 && name > tag || end > letters;
    (ends_well && says_version).then_some(end)
}

/// Whether a TXT record was probably meant as SPF, seen or not.
pub(crate) fn is_candidate(text: &str) -> bool {
    if Record::is_spf(text) {
        return true;
    }
    if is_sender_id(text) {
        return false;
    }
    let head: String = text.chars().take(HEAD).filter(|c| c.is_ascii_graphic() && !"\"'`\\(".contains(*c)).collect();
    starts_with(&head, VERSION)
        || other_version(&head).is_some()
        || other_version(text).is_some()
        || find_version(text).is_some()
        || starts_with(&head, "v=spf")
}

/// Characters in which a version section is looked for.
const HEAD: usize = 32;
const SENDER_ID: &str = "spf2.0/";

/// Whether a TXT record is Sender ID (RFC 4406).
pub(crate) fn is_sender_id(text: &str) -> bool {
    starts_with(text, SENDER_ID)
}

pub(super) fn find_version(text: &str) -> Option<usize> {
    find(text, VERSION)
}

/// Where `version`, which begins with `v`, stands first.
pub(super) fn find(text: &str, version: &str) -> Option<usize> {
    memchr::memchr2_iter(b'v', b'V', text.as_bytes()).find(|&at| {
        let bytes = text.as_bytes();
        bytes.get(at..at + version.len()).is_some_and(|part| part.eq_ignore_ascii_case(version.as_bytes()))
    })
}

pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_not_candidates() {
        for text in
            ["google-site-verification=v", "v=DMARC1; p=none", "spf2.0/pra -all", "", "v", "spf", "v=DKIM1; p=", "vs 1"]
        {
            assert!(!is_candidate(text), "{text}");
        }
        for text in [
            "\"v=spf1 -all\"",
            "\u{feff}v=spf1 -all",
            "\tv=spf1",
            "v=spf1\tmx",
            "v\\=spf1",
            "v=spf2 -all",
            "d. IN TXT \"v=spf1 -all\"",
        ] {
            assert!(is_candidate(text), "{text}");
        }
    }
}
