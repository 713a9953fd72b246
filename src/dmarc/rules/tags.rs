//! The parts between semicolons: what is no tag, unknown and misspelt tags.

use super::context::{Context, Written};
use super::duplicates;
use super::near::meant;
use super::torn::{self, Torn};
use crate::dmarc::tag_set::Tags;
use crate::dmarc::{MAX_PARTS, PartKind, Tag};
use crate::finding::{Diagnostic, Edit, Effect, Findings, Fix, Severity, rules};
use crate::text::Span;
use crate::unread;

rules! {
    /// # Text after the last tag
    ///
    /// Something stands at the end that is no tag: often a part of the zone file line, such as a TTL. Receivers ignore it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; rua=mailto:d@d.example; TTL 3600
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    TRAILING_GARBAGE = "dmarc-trailing-garbage", Warning, PartIgnored, ["RFC 9989 §4.8"],
        "`{part}` at the end is no tag, so receivers ignore it";

    /// # A part without `=`
    ///
    /// Between two semicolons stands a text that is no `tag=value`. Receivers ignore it; if it was meant as a tag, it does nothing.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; quarantine; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; rua=mailto:d@d.example
    /// ```
    WITHOUT_EQUALS = "dmarc-tag-without-equals", Error, PartIgnored, ["RFC 9989 §4.8"],
        "`{part}` has no `=`, so receivers ignore it";

    /// # A colon instead of `=`
    ///
    /// `tag:value` is no tag. It looks right and does nothing.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p:reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    TAG_COLON = "dmarc-tag-colon", Error, PartIgnored, ["RFC 9989 §4.8"],
        "`{part}` is written with a colon and not with `=`, so receivers ignore it";

    /// # A tag without a value
    ///
    /// Nothing stands after `=`. An empty `p`, `sp` or `np` is an invalid policy and disarms the whole record; any other
    /// empty tag counts as absent.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; sp=; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    EMPTY_VALUE = "dmarc-tag-empty-value", Error, PartIgnored, ["RFC 9989 §4.8", "RFC 9989 §4.10.1"],
        "`{tag}` has no value: receivers {consequence}";

    /// # Nothing between two semicolons
    ///
    /// Harmless, but a sign that something was lost. The grammar allows a semicolon after the last tag, not two in a row.
    ///
    /// ```dmarc bad
    /// v=DMARC1;; p=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example;
    /// ```
    EMPTY_PART = "dmarc-empty-part", Note, Ok, ["RFC 9989 §4.8"],
        "nothing stands between two semicolons; receivers skip it";

    /// # No tag can be called so
    ///
    /// A tag's name consists of letters only.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; p olicy=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    NAME_INVALID = "dmarc-tag-name-invalid", Warning, PartIgnored, ["RFC 9989 §4.8"],
        "`{name}` cannot be the name of a tag, which has letters only, so receivers ignore `{part}`";

    /// # A tag's name in capital letters
    ///
    /// RFC 6376, on which the tag-lists of DMARC build, makes names case-sensitive; the grammar of RFC 9989 does not care. Some
    /// receivers do not know the tag.
    ///
    /// ```dmarc bad
    /// v=DMARC1; P=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    TAG_CASE = "dmarc-tag-case", Warning, Differs, ["RFC 6376 §3.2", "RFC 9989 §4.8"],
        "`{name}` is written in capital letters: to strict receivers it is an unknown tag and not `{lower}`";

    /// # An unknown tag
    ///
    /// Receivers ignore tags that are not registered. It does no harm and nothing else.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; colour=blue; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    UNKNOWN_TAG = "dmarc-unknown-tag", Note, PartIgnored, ["RFC 9989 §4.7"],
        "`{name}` is not a tag of DMARC, so receivers ignore it";

    /// # A misspelt tag
    ///
    /// The name is close to that of a tag, which was probably meant. As it is, receivers ignore it.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; ruaa=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    TAG_TYPO = "dmarc-tag-typo", Warning, PartIgnored, ["RFC 9989 §4.7"],
        "`{name}` is not a tag of DMARC, so receivers ignore it; `{meant}` was probably meant";

    /// # A part of an SPF or DKIM record
    ///
    /// A term of SPF or a tag of a DKIM key stands in the DMARC record. Each protocol has its own record at its own name.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; k=rsa; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; rua=mailto:d@d.example; include:_spf.d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    OTHER_PROTOCOL = "dmarc-spf-or-dkim-tag", Warning, PartIgnored, ["RFC 9989 §4.7"],
        "`{part}` belongs in a record of {protocol} and does nothing here";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let parts = cx.record.parts();
    let torn = torn::values(cx);
    // What is there, or will be after a repair: a second one would spoil the record.
    let mut there: Tags = cx.tags().map(|written| written.tag).collect();
    for (i, part) in parts.iter().enumerate() {
        match part.kind {
            PartKind::Empty => {
                out.report(&EMPTY_PART, cx.label(Span::at(part.span.start as usize)))
                    .fix(Fix::machine("take the semicolon away", [empty_part(cx, part.span)]));
            }
            PartKind::Word => {
                let torn = torn::at(&torn, part.span);
                word(cx, part.span, torn, i + 1 == parts.len(), &mut there, out);
            }
            PartKind::Tag { .. } => {}
        }
    }
    for tag in cx.tags() {
        name(cx, tag, &mut there, out);
        if tag.value.is_empty() {
            empty_value(cx, tag, torn::at(&torn, tag.part), out);
        }
    }
    duplicates::check(cx, out);
    let last = parts.get(MAX_PARTS - 1).map(|part| part.span);
    unread::check(cx.subject, MAX_PARTS, last, cx.text().len(), out);
}

fn empty_part(cx: &Context<'_>, span: Span) -> Edit {
    let at = span.start as usize;
    let semicolon = cx.text()[at..].find(';').map_or(at, |length| at + length);
    Edit::delete(Span::new(semicolon, semicolon + 1))
}

fn word(cx: &Context<'_>, span: Span, torn: Option<&Torn>, last: bool, there: &mut Tags, out: &mut Findings) {
    let text = cx.slice(span);
    // The addresses after a semicolon, and what was meant as the version, are told by other rules.
    if is_address(text) || cx.text()[..span.end as usize].trim() == text && !cx.record.is_dmarc() {
        return;
    }
    if let Some(torn) = torn {
        out.report(&WITHOUT_EQUALS, cx.label(span)).quote("part").fix(torn.fix(cx));
        return;
    }
    if let Some((head, _)) = text.split_once(':')
        && let tag = Tag::of(head.trim())
        && tag != Tag::Unknown
    {
        let colon = span.start as usize + head.len();
        let found = out.report(&TAG_COLON, cx.label(span)).quote("part");
        if there.insert(tag) {
            found.fix(Fix::machine("write `=`", [Edit::replace(Span::new(colon, colon + 1), "=")]));
        } else {
            found.fixes.extend(cx.taken_away(span));
        }
        if cx.is_lost_policy(tag) {
            found.effect(cx.trap().0);
        }
        return;
    }
    if is_spf_term(text) {
        let found = out.report(&OTHER_PROTOCOL, cx.label(span)).quote("part").arg("protocol", "SPF");
        found.fixes.extend(cx.taken_away(span));
    } else if let Some((tag, edit)) = equals_forgotten(cx, span).filter(|(tag, _)| there.insert(*tag)) {
        let found = out.report(&WITHOUT_EQUALS, cx.label(span)).quote("part").fix(Fix::maybe("write `=`", [edit]));
        if cx.is_lost_policy(tag) {
            found.effect(cx.trap().0);
        }
    } else if last && !text.contains('@') && (text.contains(' ') || text.starts_with(|c: char| c.is_ascii_digit())) {
        out.report(&TRAILING_GARBAGE, cx.label(span)).quote("part").fixes.extend(cx.taken_away(span));
    } else {
        let found = out.report(&WITHOUT_EQUALS, cx.label(span)).quote("part");
        // The value of a tag that stands alone may stand anywhere.
        if Tag::of(text) == Tag::Unknown {
            found.fixes.extend(cx.taken_away(span));
        }
    }
}

/// `sp-none`, `p reject`: a known tag, another character, a word.
pub(super) fn equals_forgotten(cx: &Context<'_>, span: Span) -> Option<(Tag, Edit)> {
    let text = cx.slice(span);
    let name = text.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let value = text[name.len()..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let tag = Tag::of(name);
    let start = span.start as usize;
    let gap = Span::new(start + name.len(), start + text.len() - value.len());
    (tag != Tag::Unknown && !gap.is_empty() && !value.is_empty()).then(|| (tag, Edit::replace(gap, "=")))
}

/// An address or several, but not one behind a tag with a colon, such as `rua:mailto:a@d.example`, nor one among words.
pub(super) fn is_address(text: &str) -> bool {
    // `rua:mailto:…`, `rua mailto:…`
    let name = text.split([':', ' ', '\t']).next().unwrap_or_default();
    if Tag::KNOWN.iter().any(|tag| tag.as_str().eq_ignore_ascii_case(name)) {
        return false;
    }
    let is_list = || {
        let mut pieces = text.split([' ', '\t', ',']).filter(|piece| !piece.is_empty());
        text.contains('@') && pieces.all(|piece| piece.contains(['@', ':']))
    };
    text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:")) || is_list()
}

fn is_spf_term(text: &str) -> bool {
    let term = text.trim_start_matches(['+', '-', '~', '?']);
    let name = term.split([':', '/', ' ']).next().unwrap_or_default();
    ["all", "include", "ip4", "ip6", "mx", "exists", "ptr", "a:"].iter().any(|m| m.eq_ignore_ascii_case(name))
        || term.starts_with("a:")
        || term.starts_with("v=spf1")
}

/// Whether a misspelt `tag` is told.
pub(super) fn has_typo_of(out: &Findings, tag: Tag) -> bool {
    let is_of_name = |found: &Diagnostic| found.code == TAG_TYPO.code || found.code == NAME_INVALID.code;
    let is_typo = |found: &Diagnostic| is_of_name(found) && found.params.get("meant") == Some(tag.as_str());
    out.as_slice().iter().any(is_typo)
}

fn name(cx: &Context<'_>, tag: Written, there: &mut Tags, out: &mut Findings) {
    let written = cx.slice(tag.name);
    if tag.tag != Tag::Unknown {
        if written.bytes().any(|b| b.is_ascii_uppercase()) {
            out.report(&TAG_CASE, cx.label(tag.name))
                .quote("name")
                .arg("lower", tag.tag.as_str())
                .fix(Fix::machine("write small letters", [Edit::replace(tag.name, tag.tag.as_str())]));
        }
        return;
    }
    // What was meant as the version, and typographic and invisible characters, are told as such.
    let is_version =
        |written: &str| written.trim_matches(|c: char| !c.is_ascii_alphanumeric()).eq_ignore_ascii_case("v");
    let last_word = written.rsplit([' ', '\t', ':']).next().unwrap_or(written);
    // `_dmarc.example.com TXT = v=DMARC1`
    let is_before = cx.slice(tag.value).eq_ignore_ascii_case("v=DMARC1");
    if !cx.record.is_dmarc() && (is_version(written) || is_version(last_word) || is_before) {
        return;
    }
    if !written.is_ascii() || written.bytes().any(|b| b.is_ascii_control()) {
        return;
    }
    let names = Tag::KNOWN.iter().filter(|tag| **tag != Tag::V).map(|tag| tag.as_str());
    let numbered = numbered(written);
    let taken_away = |found: &mut Diagnostic| {
        if !cx.tell_swallowed_by_unread(tag.value, found) {
            found.fixes.extend(cx.taken_away(tag.part));
        }
    };
    if let Some(protocol) = other_protocol(written, cx.slice(tag.value)) {
        taken_away(out.report(&OTHER_PROTOCOL, cx.label(tag.part)).quote("part").arg("protocol", protocol));
    } else if let Some(meant) = numbered
        .or_else(|| meant(written, names))
        .or_else(|| long_name(written))
        .or_else(|| by_value(written, cx.slice(tag.value)))
    {
        let found = if numbered.is_some() {
            out.report(&NAME_INVALID, cx.label(tag.name)).arg("part", cx.record.source().visible(tag.part))
        } else {
            out.report(&TAG_TYPO, cx.label(tag.name))
        };
        let found = found.quote("name").arg("meant", meant);
        if there.insert(Tag::of(meant)) {
            found.fix(Fix::maybe(format!("write `{meant}`"), [Edit::replace(tag.name, meant)]));
        } else {
            taken_away(found);
        }
        if cx.is_lost_policy(Tag::of(meant)) {
            found.effect(cx.trap().0).severity(Severity::Error);
        }
    } else if written.is_empty() || !written.bytes().all(|b| b.is_ascii_alphabetic()) {
        let found = out.report(&NAME_INVALID, cx.label(tag.name)).quote("name");
        taken_away(found.arg("part", cx.record.source().visible(tag.part)));
    } else {
        cx.tell_swallowed_by_unread(tag.value, out.report(&UNKNOWN_TAG, cx.label(tag.name)).quote("name"));
    }
}

/// The names of DKIM keys and of SPF modifiers, with values that they have.
fn other_protocol(name: &str, value: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "k" if matches!(value, "rsa" | "ed25519") => Some("DKIM"),
        "h" if value.contains("sha") => Some("DKIM"),
        "d" | "s" | "g" | "n" | "b" | "bh" | "c" | "a" | "q" | "k" | "h" => Some("DKIM"),
        "redirect" | "exp" | "include" | "ip" => Some("SPF"),
        _ => None,
    }
}

/// A known name with what no name has behind it: `rua1`, `RUA_`.
fn numbered(name: &str) -> Option<&'static str> {
    let letters = name.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let known = Tag::KNOWN.iter().filter(|tag| **tag != Tag::V && letters.len() < name.len());
    known.map(|tag| tag.as_str()).find(|tag| tag.eq_ignore_ascii_case(letters))
}

/// A misspelt short name that its value gives away: `pp=reject`, `ssp=none`, `fro=1`. So short, a name alone says nothing.
fn by_value(name: &str, value: &str) -> Option<&'static str> {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    let is_policy = matches!(value.as_str(), "none" | "quarantine" | "reject");
    let names: &[&str] = match value.as_str() {
        _ if is_policy => &["sp", "np", "p"],
        "0" | "1" | "d" | "s" => &["fo"],
        list if list.contains(':') && list.split(':').all(|one| matches!(one, "0" | "1" | "d" | "s")) => &["fo"],
        _ => &[],
    };
    let is_near = |short: &&&str| {
        // All its letters are there in their order, and one or two more.
        let mut letters = name.chars();
        let holds = short.chars().all(|wanted| letters.any(|letter| letter == wanted));
        holds && name.starts_with(&short[..1]) && name.len() <= short.len() + 2
    };
    names.iter().find(is_near).copied()
}

/// Words that people write for the short names.
fn long_name(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "policy" => "p",
        "subpolicy" | "psp" | "subdomain" => "sp",
        "pn" => "np",
        "dkim" => "adkim",
        "spf" => "aspf",
        "percent" | "pc" => "pct",
        "test" | "testing" => "t",
        _ => return None,
    })
}

fn empty_value(cx: &Context<'_>, tag: Written, torn: Option<&Torn>, out: &mut Findings) {
    let found = out.report(&EMPTY_VALUE, cx.label(tag.part)).arg("tag", cx.slice(tag.name));
    if matches!(tag.tag, Tag::P | Tag::Sp | Tag::Np) {
        let (effect, consequence) = cx.trap();
        found.effect(effect).arg("consequence", consequence);
    } else {
        found.arg("consequence", "ignore it");
        if matches!(tag.tag, Tag::Adkim | Tag::Aspf | Tag::Fo | Tag::T | Tag::Psd) {
            found.effect(Effect::DefaultUsed);
        }
        if matches!(tag.tag, Tag::Pct | Tag::Rf | Tag::Ri | Tag::Unknown) {
            found.severity(Severity::Warning);
        }
    }
    if let Some(torn) = torn {
        found.fix(torn.fix(cx));
    } else if tag.tag != Tag::P {
        found.fix(Fix::maybe("take it away", [cx.without(tag.part)]));
    }
}
