//! Tags that stand twice.

use std::collections::BTreeMap;

use super::context::{Context, Written};
use crate::dmarc::{PartKind, Tag};
use crate::finding::{Applicability, Edit, Findings, Fix, rules};

rules! {
    /// # A tag stands twice
    ///
    /// RFC 6376 makes the whole list invalid. Real receivers take the first, take the last, or drop the record, so nobody
    /// can say what applies.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:d@d.example; p=none
    /// ```
    ///
    /// Several report addresses belong into one tag:
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:a@d.example; rua=mailto:b@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example
    /// ```
    DUPLICATE = "dmarc-duplicate-tag", Error, Differs, ["RFC 6376 §3.2", "RFC 9989 §4.7"],
        "`{tag}` stands {times} times: some receivers take the first, some the last, some drop the record";

    /// # An unknown tag stands twice
    ///
    /// Receivers ignore unknown tags, but a list in which any tag stands twice is invalid by RFC 6376. Strict receivers drop
    /// the record.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; x=1; x=2; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    DUPLICATE_UNKNOWN = "dmarc-duplicate-unknown-tag", Warning, Differs, ["RFC 6376 §3.2"],
        "the unknown tag `{tag}` stands {times} times: strict receivers drop the record";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let key = |tag: &Written| cx.slice(tag.name).to_ascii_lowercase();
    // By name, in the order of the text; a record has at most `MAX_PARTS` parts.
    let mut groups: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    for tag in cx.tags() {
        groups.entry(key(&tag)).or_default().push(tag);
    }
    for (name, group) in groups {
        let [first, later @ ..] = group.as_slice() else { continue };
        let Some(second) = later.first() else { continue };
        let rule = if first.tag == Tag::Unknown { &DUPLICATE_UNKNOWN } else { &DUPLICATE };
        let found = out.report(rule, cx.label(second.part)).arg("tag", &name).arg("times", group.len());
        found.related(cx.label(first.part).with("first here"));
        for more in &later[1..] {
            found.related(cx.label(more.part).with("and here"));
        }
        let value = |tag: &Written| cx.slice(tag.value);
        let mut edits: Vec<Edit> = later.iter().map(|tag| cx.without(tag.part)).collect();
        if later.iter().all(|tag| value(tag).eq_ignore_ascii_case(value(first))) {
            found.fix(Fix::machine("keep one", edits));
        } else if matches!(first.tag, Tag::Rua | Tag::Ruf) {
            let all: Vec<&str> = group.iter().map(value).filter(|value| !value.is_empty()).collect();
            edits.push(Edit::replace(first.value, all.join(",")));
            // What is no address may be a tag that the value has swallowed.
            let plain = all.iter().all(|value| !value.contains([' ', '\t', '"', '\'', '\\']));
            let sure = if plain { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect };
            found.fix(Fix::edit("write all addresses in one tag", edits, sure));
        } else if first.tag == Tag::Unknown {
            found.fix(Fix::maybe("keep the first", edits));
        }
    }
    version_again(cx, out);
}

/// A second `v`, which no rule about the version looks at when the first is good.
fn version_again(cx: &Context<'_>, out: &mut Findings) {
    if !cx.record.is_dmarc() {
        return;
    }
    for part in cx.record.parts() {
        if let PartKind::Tag { tag: Tag::V, .. } = part.kind {
            out.report(&DUPLICATE, cx.label(part.span))
                .arg("tag", "v")
                .arg("times", 2)
                .fix(Fix::machine("keep the first", [cx.without(part.span)]));
        }
    }
}
