//! The tag-list of a key record (RFC 6376 §3.2): one fault makes all of it invalid.

use super::context::{Context, KNOWN, PASTED};
use super::unnamed;
use crate::dkim::ListFault;
use crate::dkim::key::MAX_DEFECTS;
use crate::dkim::key_defect::DefectKind;
use crate::dkim::tags::MAX_TAGS;
use crate::finding::{Applicability, Edit, Findings, Fix, rules};
use crate::tag_list::{Kind, segments};
use crate::text::Span;
use crate::unread;

rules! {
    /// # A tag stands there twice
    ///
    /// Each tag may be written once. A second one makes the whole record invalid; verifiers that do not check this use the
    /// first or the last.
    ///
    /// ```dkim-key bad
    /// v=DKIM1; k=ed25519; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    DUPLICATE_TAG = "dkim-key-duplicate-tag", Error, Permerror, ["RFC 6376 §3.2"],
        "`{tag}` stands there for the second time, which makes the whole key record invalid";

    /// # The record is not a list of tags
    ///
    /// A key record is a list of `name=value`, separated by semicolons. Text without `=`, an empty place between two
    /// semicolons, or a missing semicolon makes all of it invalid.
    ///
    /// ```dkim-key bad
    /// v=DKIM1 k=ed25519 p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key bad
    /// v=DKIM1;; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    TAG_SYNTAX = "dkim-key-tag-syntax", Error, Permerror, ["RFC 6376 §3.2"],
        "{what}, which makes the whole key record invalid";

    /// # Quotation marks or backslashes in the data
    ///
    /// Zone files quote texts and write `\;` for a semicolon. In a DNS panel, or in the data itself, these characters are part of
    /// the record, and spoil it.
    ///
    /// ```dkim-key bad
    /// v=DKIM1\; k=ed25519\; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    ///
    /// ```dkim-key bad
    /// "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    /// ```
    ///
    /// ```dkim-key good
    /// v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// ```
    LITERAL_QUOTES = "dkim-key-literal-quotes", Error, Permerror, ["RFC 1035 §5.1", "RFC 6376 §3.6.1"], covers ["dns-panel-quotes", "dns-panel-backslashes"],
        "{what} are part of the data of the key record: they belong in zone files only";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    pasted(cx, out);
    for &tag in &cx.key.tags {
        swallowed(cx, tag, out);
    }
    let faults = MAX_DEFECTS + cx.key.more_defects;
    unread::beyond(cx.label(Span::at(0)), "faults of the tag-list", faults, MAX_DEFECTS, out);
    for defect in &cx.key.defects {
        let DefectKind::List(fault) = &defect.kind else { continue };
        match *fault {
            ListFault::Duplicate { first } => duplicate(cx, first, defect.span, out),
            // The rule above has told.
            _ if cx.is_pasted(defect.span) => {}
            ListFault::NotATag => word(cx, defect.span, out),
            ListFault::Empty => empty(cx, defect.span, out),
            ListFault::TooMany => {
                out.report(&TAG_SYNTAX, cx.label(defect.span)).arg("what", too_many());
            }
            ListFault::Name => {
                let name = cx.slice(defect.span);
                let what = if name.is_empty() {
                    "a tag has no name".to_owned()
                } else {
                    format!("`{}` is no name of a tag", cx.label(defect.span).quoted())
                };
                let found = out.report(&TAG_SYNTAX, cx.label(defect.span)).arg("what", what);
                // `=` at the end of a key makes a tag of it.
                let fix = unnamed::segment(cx, defect.span)
                    .and_then(|segment| unnamed::key(cx, segment).or_else(|| equals_forgotten(cx, segment)));
                if let Some(fix) = fix {
                    found.fix(fix);
                }
            }
        }
    }
}

/// What stands behind the last tag that is read.
pub(super) fn too_many() -> String {
    format!("more than {MAX_TAGS} tags stand there, and this is not read")
}

/// One finding for all of them, since they have one cause.
fn pasted(cx: &Context<'_>, out: &mut Findings) {
    let text = cx.text();
    let (ends, sure) = line_ends(cx);
    // Notes may have quotation marks.
    let notes = cx.tag("n").map(|notes| notes.value).filter(|&notes| !text[notes].ends_with(PASTED));
    let mut places = text
        .match_indices(PASTED)
        .map(|(at, mark)| Span::new(at, at + mark.len() + usize::from(ends && is_line_end(cx, at))))
        .filter(|&place| notes.is_none_or(|notes| !notes.contains(place)))
        .peekable();
    let Some(&first) = places.peek() else { return };
    let what = if cx.slice(first).starts_with('\\') { "backslashes" } else { "quotation marks" };
    let mut edits: Vec<Edit> = Vec::new();
    for place in places {
        match edits.last_mut() {
            // `" "` where two strings met: the white space between goes too.
            Some(last) if text[Span { start: last.span.end, end: place.start }].trim().is_empty() => {
                last.span.end = place.end;
            }
            _ => edits.push(Edit::delete(place)),
        }
    }
    out.report(&LITERAL_QUOTES, cx.label(first)).arg("what", what).fix(Fix::edit(
        format!("take the {what} away"),
        edits,
        sure,
    ));
}

/// Whether `\n` and `\r` in the key stand for the ends of lines, as in a program's text, or are letters of the key behind a
/// stray backslash. Sure is what alone gives a key.
fn line_ends(cx: &Context<'_>) -> (bool, Applicability) {
    let p = cx.tag("p").map(|p| cx.slice(p.value)).filter(|p| LINE_ENDS.iter().any(|end| p.contains(end)));
    let Some(p) = p else { return (false, Applicability::MachineApplicable) };
    let is_key = |text: &str| {
        let base64: String = text.chars().filter(|c| !PASTED.contains(c) && !c.is_ascii_whitespace()).collect();
        [false, true].into_iter().any(|kind| super::context::is_key(&base64, kind))
    };
    let without = LINE_ENDS.iter().fold(p.to_owned(), |text, end| text.replace(end, ""));
    match (is_key(p), is_key(&without)) {
        (true, false) => (false, Applicability::MachineApplicable),
        (false, true) => (true, Applicability::MachineApplicable),
        _ => (false, Applicability::MaybeIncorrect),
    }
}

const LINE_ENDS: [&str; 2] = ["\\n", "\\r"];

fn is_line_end(cx: &Context<'_>, at: usize) -> bool {
    let in_key = cx.tag("p").is_some_and(|p| p.value.contains(Span::new(at, at + 1)));
    in_key && LINE_ENDS.iter().any(|end| cx.text()[at..].starts_with(end))
}

fn swallowed(cx: &Context<'_>, tag: crate::dkim::Tag, out: &mut Findings) {
    let gaps = cx.swallowed(tag);
    let Some(&(gap, next)) = gaps.first() else { return };
    let (name, next) = (cx.slice(tag.name), next.to_owned());
    let edits: Vec<Edit> = gaps.iter().map(|&(gap, _)| Edit::replace(gap, "; ")).collect();
    // A tag that is written elsewhere, too, might be the one that counts.
    let again = gaps.iter().any(|(_, name)| cx.tag(name).is_some());
    let sure = if again { Applicability::MaybeIncorrect } else { Applicability::MachineApplicable };
    out.report(&TAG_SYNTAX, cx.label(gap))
        .arg("what", format!("no `;` separates `{name}` from `{next}`"))
        .fix(Fix::edit("separate the tags with semicolons", edits, sure));
}

fn word(cx: &Context<'_>, span: Span, out: &mut Findings) {
    let what = format!("`{}` has no `=`", cx.label(span).quoted());
    let text = cx.slice(span);
    let found = out.report(&TAG_SYNTAX, cx.label(span)).arg("what", what);
    if let Some(fix) = unnamed::key(cx, span) {
        found.fix(fix);
    } else if let Some(fix) = equals_forgotten(cx, span) {
        found.fix(fix);
    } else if cx.key.has_key() || !unnamed::may_be_of_a_key(text) {
        found.fix(Fix::maybe("take it away", [cx.without(span)]));
    }
}

/// Puts `=` where it is missing between a name and its value: `p:MII…`, `k rsa`, `pMII…`.
fn equals_forgotten(cx: &Context<'_>, span: Span) -> Option<Fix> {
    let text = cx.slice(span);
    let name = text.get(..1).filter(|name| KNOWN.contains(name) && cx.tag(name).is_none())?;
    let value = text[1..].trim_start_matches([':', '-', ' ', '\t']);
    let gap = Span::new(1, text.len() - value.len()).shifted(span.start as usize);
    let is_maybe = text.as_bytes().get(1) == Some(&b':') && !value.is_empty();
    let is_key = unnamed::is_meant(cx, value).filter(|_| name == "p");
    let sure = is_key.or(is_maybe.then_some(Applicability::MaybeIncorrect))?;
    Some(Fix::edit("write `=`", [Edit::replace(gap, "=")], sure))
}

fn empty(cx: &Context<'_>, place: Span, out: &mut Findings) {
    let text = cx.text();
    // The semicolon that ends the empty place.
    let Some(length) = text[place.end as usize..].find(';') else { return };
    let semicolon = place.end as usize + length;
    let rest = text[semicolon + 1..].trim_start_matches([' ', '\t']);
    let span = Span::new(semicolon, semicolon + 1);
    let gap = if place.start == 0 { Span::new(0, text.len() - rest.len()) } else { span };
    out.report(&TAG_SYNTAX, cx.label(span))
        .arg("what", "nothing stands before this semicolon")
        .fix(Fix::machine("take the semicolon away", [Edit::delete(gap)]));
}

fn duplicate(cx: &Context<'_>, first: Span, second: Span, out: &mut Findings) {
    let value = |name: Span| {
        segments(cx.text()).find_map(|segment| match segment.kind {
            Kind::Tag { name: found, value } if found == name => Some(value),
            _ => None,
        })
    };
    let (Some(kept), Some(again)) = (value(first), value(second)) else { return };
    let known = KNOWN.contains(&cx.slice(second));
    // §3.6.1: an empty `p` revokes the key that the other one names.
    let (gone, title) = match cx.slice(kept) {
        "" => (first.to(kept), "keep the last one"),
        _ => (second.to(again), "keep the first one"),
    };
    let fix = if cx.slice(kept) == cx.slice(again) || !known {
        Fix::machine("take the second one away", [cx.without(second.to(again))])
    } else {
        Fix::maybe(title, [cx.without(gone)])
    };
    out.report(&DUPLICATE_TAG, cx.label(second)).quote("tag").related(cx.label(first).with("first here")).fix(fix);
}
