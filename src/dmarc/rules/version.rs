//! The version tag, and what keeps a text from being seen as a DMARC record.

use super::context::Context;
use crate::dmarc::{PartKind, Tag, Version};
use crate::finding::{Edit, Findings, Fix, rules};
use crate::tag_list::SIGNS;
use crate::text::Span;

rules! {
    /// # The version is not written `DMARC1`
    ///
    /// The value of `v` is compared with regard to case. A record that begins with `v=dmarc1` is no DMARC record:
    /// receivers ignore all of it, as if nothing were published.
    ///
    /// ```dmarc bad
    /// v=dmarc1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// Write the letters large:
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    VERSION_CASE = "dmarc-version-case", Error, NoDmarc, ["RFC 9989 §4.7", "RFC 9989 §4.8"],
        "`{value}` is not `DMARC1`: the value is case-sensitive, so receivers ignore the whole record";

    /// # The version is another one
    ///
    /// `DMARC1` is the only version there is. A record with any other value, or with more characters in it, is ignored.
    ///
    /// ```dmarc bad
    /// v=DMARC2; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc bad
    /// v=DMARC 1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    VERSION_WRONG = "dmarc-version-wrong", Error, NoDmarc, ["RFC 9989 §4.7"],
        "the version is `{value}` and must be exactly `DMARC1`, so receivers ignore the whole record";

    /// # The version is not the first tag
    ///
    /// `v=DMARC1` must stand first. Without it there, the text is not seen as a DMARC record.
    ///
    /// ```dmarc bad
    /// p=reject; v=DMARC1; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc bad
    /// p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    VERSION_NOT_FIRST = "dmarc-version-not-first", Error, NoDmarc, ["RFC 9989 §4.7"],
        "the record begins with `{first}` and not with `v=DMARC1`, so receivers ignore all of it";

    /// # No semicolon after the version
    ///
    /// Tags are separated by semicolons. Without the first one, the version is `DMARC1 p=reject`, which is none.
    ///
    /// ```dmarc bad
    /// v=DMARC1 p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    VERSION_NO_SEPARATOR = "dmarc-version-no-separator", Error, NoDmarc, ["RFC 9989 §4.8"],
        "no `;` follows `DMARC1`: the version reads `{value}`, so receivers ignore the whole record";

    /// # Commas between tags
    ///
    /// A comma separates the addresses of `rua` and `ruf`, never tags. What follows it belongs to the value before it.
    ///
    /// ```dmarc bad
    /// v=DMARC1, p=reject, rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject, sp=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; sp=none; rua=mailto:d@d.example
    /// ```
    COMMA_SEPARATOR = "dmarc-comma-separator", Error, NoDmarc, ["RFC 9989 §4.8"],
        "a comma stands where a `;` must separate `{tag}` from what is before it";

    /// # Backslashes before the semicolons
    ///
    /// A zone file writes `\;` for a semicolon. In a DNS panel, or in the data itself, the backslash is a character like any
    /// other, and it spoils every value.
    ///
    /// ```dmarc bad
    /// v=DMARC1\; p=reject\; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    ESCAPED_SEMICOLON = "dmarc-escaped-semicolon", Error, NoDmarc, ["RFC 1035 §5.1", "RFC 9989 §4.8"], covers ["dns-panel-backslashes"],
        "a backslash before `;` is part of the data: it belongs in zone files only";

    /// # Quotation marks in the data
    ///
    /// Zone files and command lines quote a text; the quotes are not part of it. Published as data, they make the first tag
    /// something other than `v`, or a value something that is none.
    ///
    /// ```dmarc bad
    /// "v=DMARC1; p=reject; rua=mailto:d@d.example"
    /// ```
    ///
    /// ```dmarc bad
    /// v=DMARC1; p="reject"; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    LITERAL_QUOTES = "dmarc-literal-quotes", Error, NoDmarc, ["RFC 1035 §5.1", "RFC 9989 §4.8"], covers ["dns-panel-quotes"],
        "quotation marks are part of the data: {consequence}";

    /// # White space before the version
    ///
    /// The version must be the very first thing. Many receivers trim the text, strict ones do not see the record.
    ///
    /// ```dmarc bad
    /// \u{20}v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    LEADING_WHITESPACE = "dmarc-leading-whitespace", Warning, Differs, ["RFC 9989 §4.8"],
        "white space before `v=DMARC1`: strict receivers do not see the record";

    /// # `V` instead of `v`
    ///
    /// The grammar of RFC 9989 allows a large `V`; RFC 6376, on which it builds, makes tag names case-sensitive. Some
    /// receivers do not see the record.
    ///
    /// ```dmarc bad
    /// V=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    UPPER_V = "dmarc-version-upper-v-tag", Note, Differs, ["RFC 9989 §4.8", "RFC 6376 §3.2"],
        "`V` is written large: some receivers take tag names to the letter and do not see the record";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    match cx.record.version() {
        Version::Dmarc1 => {}
        Version::UpperCase => {
            out.report(&UPPER_V, cx.label(Span::new(0, 1)))
                .fix(Fix::machine("write `v`", [Edit::replace(Span::new(0, 1), "v")]));
        }
        Version::Other => not_seen(cx, out),
    }
    backslashes(cx, out);
    super::quotes::check(cx, out);
    commas(cx, out);
}

/// Why the text is not seen as a DMARC record.
fn not_seen(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.text();
    let trimmed = text.trim_start();
    if trimmed.len() < text.len() && text[..text.len() - trimmed.len()].bytes().all(|b| b == b' ' || b == b'\t') {
        let space = Span::new(0, text.len() - trimmed.len());
        out.report(&LEADING_WHITESPACE, cx.label(space))
            .fix(Fix::machine("take the white space away", [Edit::delete(space)]));
    }
    // What other rules tell better: quotation marks and invisible characters at the start.
    let start = text.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let Some((value, name)) = version_tag(cx) else {
        not_first(cx, out, start);
        return;
    };
    let word = cx.slice(value);
    let clean = word.trim_matches(['"', '\'', '\\', ' ', '\t']);
    if name > start {
        not_first(cx, out, start);
    } else if clean == "DMARC1" {
        noise(cx, name, out);
    } else if clean.eq_ignore_ascii_case("DMARC1") {
        out.report(&VERSION_CASE, cx.label(value))
            .quote("value")
            .fix(Fix::machine("write `DMARC1`", [Edit::replace(value, "DMARC1")]));
    } else if let Some(rest) = strip_version(clean).filter(|rest| rest.contains('=') && !begins_otherwise(rest)) {
        let at = Span::of(rest, cx.text()).start as usize;
        let found = out.report(&VERSION_NO_SEPARATOR, cx.label(value)).quote("value");
        let gap = Span::new(
            at,
            at + rest.len() - rest.trim_start_matches(|c| matches!(c, ' ' | '\t') || SIGNS.contains(&c)).len(),
        );
        match other_separator(cx.text(), at) {
            Some(edits) => found.fix(Fix::machine("write semicolons", edits)),
            None => found.fix(Fix::machine("put a `;` after the version", [Edit::replace(gap, "; ")])),
        };
    } else if strip_version(clean).is_none_or(|rest| !begins_otherwise(rest)) {
        out.report(&VERSION_WRONG, cx.label(value))
            .quote("value")
            .fix(Fix::maybe("write `DMARC1`", [Edit::replace(value, "DMARC1")]));
    }
}

/// `: p=none: rua=…`: another sign behind the version, and before each tag.
fn other_separator(text: &str, start: usize) -> Option<Vec<Edit>> {
    let sign = text[start..].trim_start_matches([' ', '\t']).chars().next()?;
    if !SIGNS.contains(&sign) {
        return None;
    }
    let places = text[start..].match_indices(sign).map(|(at, _)| start + at);
    let edits = places.filter(|&at| tag_behind(text, at + 1).is_some()).map(|at| {
        let before = start + text[start..at].trim_end_matches([' ', '\t']).len();
        semicolon(text, Span::new(before, at + 1))
    });
    Some(edits.collect()).filter(|edits: &Vec<Edit>| !edits.is_empty())
}

/// Signs that stand before a version and say nothing, and the white space between them.
fn is_noise(text: &str) -> bool {
    text.bytes().all(|b| b".-_:*#+/|;, \t".contains(&b))
}

/// Signs that are typed or left over before the version. Quotation marks and white space are told as such.
fn noise(cx: &Context<'_>, version: usize, out: &mut Findings) {
    let noise = &cx.text()[..version];
    // White space alone is told as such.
    if !noise.trim_ascii().is_empty() && is_noise(noise) {
        let first = cx.record.parts().first().map_or(Span::at(0), |part| part.span);
        out.report(&VERSION_NOT_FIRST, cx.label(first))
            .quote("first")
            .fix(Fix::machine("begin with the version", [Edit::delete(Span::new(0, version))]));
    }
}

/// Whether a comma or a typographic semicolon stands behind the version, which are told as such.
fn begins_otherwise(rest: &str) -> bool {
    rest.trim_start().starts_with([',', '\u{ff1b}'])
}

fn strip_version(value: &str) -> Option<&str> {
    let (version, rest) = value.split_at_checked(6)?;
    version.eq_ignore_ascii_case("DMARC1").then_some(rest)
}

/// The value of the first `v` tag, and where the tag begins.
fn version_tag(cx: &Context<'_>) -> Option<(Span, usize)> {
    cx.record.parts().iter().find_map(|part| match part.kind {
        PartKind::Tag { name, value, tag } => {
            let written = cx.slice(name);
            let bare = written.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_v = tag == Tag::V || bare.eq_ignore_ascii_case("v");
            is_v.then_some((value, name.end as usize - bare.len()))
        }
        PartKind::Word | PartKind::Empty => None,
    })
}

/// Octets of a first part that holds nothing but the version, whatever stands before it.
const BARE_VERSION: usize = 16;

fn not_first(cx: &Context<'_>, out: &mut Findings, start: usize) {
    let first = cx.record.parts().first().map_or(Span::at(0), |part| part.span);
    let later = cx.record.parts().iter().skip(1).find(|part| {
        matches!(part.kind, PartKind::Tag { tag: Tag::V, value, .. } if cx.slice(value).eq_ignore_ascii_case("DMARC1"))
    });
    let mut edits = vec![Edit::insert(start, "v=DMARC1; ")];
    let found = out.report(&VERSION_NOT_FIRST, cx.label(first)).quote("first");
    // `_dmarc.example.com: v=DMARC1`
    let head = cx.slice(first);
    let version = head.to_ascii_lowercase().rfind("v=dmarc1");
    // A tag that stands there is no label: it would be lost.
    let is_label = |at: &usize| {
        let label = &head[..*at];
        label.ends_with([' ', ':', '\t', '=']) && !label.trim_end_matches([' ', '=']).contains('=')
    };
    if let Some(at) = version.filter(is_label) {
        found.fix(Fix::machine("begin with the version", [Edit::delete(Span::new(0, first.start as usize + at))]));
    } else if let Some(later) = later {
        found.related(cx.label(later.span).with("the version is here"));
        edits.push(cx.without(later.span));
        found.fix(Fix::machine("move the version to the front", edits));
    } else {
        if let Some(at) = version.filter(|&at| head[..at].ends_with(' ')) {
            // `p=none v=DMARC1`
            let version = Span::new(first.start as usize + at - 1, first.start as usize + at + "v=DMARC1".len());
            edits.push(Edit::delete(version));
        } else if cx.slice(first).len() <= BARE_VERSION && cx.slice(first).to_ascii_lowercase().contains("dmarc") {
            // `DMARC1`, `version=DMARC1`
            let end = first.end as usize;
            let start = cx.text()[..start.min(end)].trim_end_matches(['=', ' ']).len();
            edits = vec![Edit::replace(Span::new(start, end), "v=DMARC1")];
        }
        found.fix(Fix::maybe("begin with the version", edits));
    }
}

fn backslashes(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.text();
    // What was escaped twice has several.
    let run = |at: usize| Span::new(text[..at].trim_end_matches('\\').len(), at + 1);
    let places: Vec<Span> = text.match_indices("\\;").map(|(at, _)| run(at)).collect();
    if let Some(&first) = places.first() {
        let edits: Vec<Edit> = places.into_iter().map(Edit::delete).collect();
        out.report(&ESCAPED_SEMICOLON, cx.label(first))
            .effect(spoiled(cx))
            .fix(Fix::machine("take the backslashes away", edits));
    }
}

/// `, name=` where `name` is a tag.
fn commas(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.text();
    let mut first = None;
    let mut edits = Vec::new();
    for (at, _) in text.match_indices(',') {
        // What stands before the version separates nothing from it.
        let name = tag_behind(text, at + 1).filter(|_| !is_noise(&text[..at]));
        if let Some(name) = name {
            first.get_or_insert((Span::new(at, at + 1), name));
            edits.push(semicolon(text, Span::new(at, at + 1)));
        }
    }
    if let Some((span, name)) = first {
        out.report(&COMMA_SEPARATOR, cx.label(span))
            .arg("tag", name)
            .effect(spoiled(cx))
            .fix(Fix::machine("write semicolons", edits));
    }
}

/// A semicolon in the place of another sign, and a space behind it.
pub(super) fn semicolon(text: &str, sign: Span) -> Edit {
    let is_spaced = text[sign.end as usize..].starts_with([' ', '\t']);
    Edit::replace(sign, if is_spaced { ";" } else { "; " })
}

/// The tag that begins behind a sign that ends at `end`.
pub(super) fn tag_behind(text: &str, end: usize) -> Option<&str> {
    let rest = text[end..].trim_start_matches([' ', '\t']);
    let name = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let after = rest[name.len()..].trim_start_matches([' ', '\t']);
    let is_tag = Tag::KNOWN.iter().any(|tag| tag.as_str().eq_ignore_ascii_case(name));
    (is_tag && after.starts_with('=')).then_some(name)
}

/// Whether a comma in a value stands where a semicolon was meant.
pub(super) fn holds_a_tag(value: &str) -> bool {
    value.match_indices(',').any(|(at, _)| tag_behind(value, at + 1).is_some())
}

/// What receivers do with a record of which some values are spoiled.
pub(super) fn spoiled(cx: &Context<'_>) -> crate::finding::Effect {
    use crate::finding::Effect;
    match (cx.record.is_dmarc(), cx.policies()) {
        (false, _) => Effect::NoDmarc,
        (true, None) => cx.trap().0,
        (true, Some(_)) => Effect::PartIgnored,
    }
}
