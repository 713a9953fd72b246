//! The tag-list and what it must have (RFC 6376 §3.2, §3.5).

use super::context::{Context, KNOWN};
use crate::dkim::ListFault;
use crate::dkim::rules::list::too_many;
use crate::dkim::signature::MAX_DEFECTS;
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Findings, Label, Rule, rules};
use crate::unread;

rules! {
    /// # `v` is missing
    ///
    /// The tag `v`, the version, is required. It must be `1`. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_V = "dkim-sig-missing-v", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `v`, the version";

    /// # `a` is missing
    ///
    /// The tag `a`, the algorithm, is required. Without it nobody knows how to check the signature. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_A = "dkim-sig-missing-a", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `a`, the algorithm";

    /// # `b` is missing
    ///
    /// The tag `b`, the signature itself, is required. Without it there is nothing to check. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_B = "dkim-sig-missing-b", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `b`, the signature itself";

    /// # `bh` is missing
    ///
    /// The tag `bh`, the hash of the body, is required. Without it the body is not covered. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_BH = "dkim-sig-missing-bh", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `bh`, the hash of the body";

    /// # `d` is missing
    ///
    /// The tag `d`, the signing domain, is required. Without it nobody knows who signs, and where the key is. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_D = "dkim-sig-missing-d", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `d`, the signing domain";

    /// # `h` is missing
    ///
    /// The tag `h`, the list of the signed header fields, is required. Without it nobody knows what is signed. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_H = "dkim-sig-missing-h", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `h`, the list of the signed header fields";

    /// # `s` is missing
    ///
    /// The tag `s`, the selector, is required. Without it nobody knows where the key is. A signature without it is invalid; the program that signs is wrong, or
    /// something on the way has cut the field.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    MISSING_S = "dkim-sig-missing-s", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature has no `s`, the selector";

    /// # A tag is empty
    ///
    /// The tag is there without a value, and needs one. An empty `b` is what signers hash before they put the signature in: such a
    /// message has left before it was signed.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    EMPTY_TAG = "dkim-sig-empty-tag", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the tag `{tag}` of the signature is empty";

    /// # The version of the signature is another one
    ///
    /// `v` is compared as text and must be `1`: neither `1.0` nor `DKIM1`, which is for keys.
    ///
    /// ```dkim-signature bad
    /// v=DKIM1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    VERSION = "dkim-sig-version", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the version of the signature is `{value}` and must be `1`";

    /// # The signature is not a list of tags
    ///
    /// A signature is a list of `name=value` with a semicolon between two of them. One mistake makes all of it invalid. Signatures are
    /// made by programs: the program is wrong, or something on the way has changed the field.
    ///
    /// ```dkim-signature bad
    /// v=1 a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    SYNTAX = "dkim-sig-syntax", Error, Permerror, ["RFC 6376 §3.2", "RFC 6376 §6.1.1"],
        "the signature cannot be read: {what}";

    /// # A tag stands twice
    ///
    /// A tag that stands twice makes the whole list invalid, even with the same value.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    DUPLICATE_TAG = "dkim-sig-duplicate-tag", Error, Permerror, ["RFC 6376 §3.2"],
        "the tag `{tag}` stands twice in the signature";

    /// # A tag is unknown
    ///
    /// Verifiers ignore tags that they do not know. They are part of what is signed all the same.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; darn=x
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    UNKNOWN_TAG = "dkim-sig-unknown-tag", Note, PartIgnored, ["RFC 6376 §3.2"],
        "no standard knows the tag `{tag}` in signatures";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for &(tag, name) in cx.swallowed {
        let what = format!("no `;` separates `{}` from `{}`", cx.slice(tag.name), cx.slice(name));
        out.report(&SYNTAX, cx.label(name)).arg("what", what);
    }
    for &tag in &cx.signature.tags {
        if !KNOWN.contains(&cx.slice(tag.name)) {
            out.report(&UNKNOWN_TAG, cx.label(tag.name)).quote("tag");
        }
    }
    let faults = MAX_DEFECTS + cx.signature.more_defects;
    unread::beyond(Label::whole(cx.subject), "faults of the signature", faults, MAX_DEFECTS, out);
    for defect in cx.defects() {
        let label = cx.label(defect.span);
        match &defect.kind {
            DefectKind::List(ListFault::Duplicate { first }) => {
                let first = cx.label(*first).with("first here");
                out.report(&DUPLICATE_TAG, label).quote("tag").related(first);
            }
            DefectKind::List(fault) => {
                let what = match fault {
                    ListFault::NotATag | ListFault::Duplicate { .. } => format!("`{}` has no `=`", label.quoted()),
                    ListFault::TooMany => too_many(),
                    ListFault::Empty => "nothing stands between two semicolons".to_owned(),
                    ListFault::Name if label.quoted().contains(':') => {
                        "the name of the field is no part of it".to_owned()
                    }
                    ListFault::Name if label.quoted().is_empty() => "a tag has no name".to_owned(),
                    ListFault::Name => format!("`{}` is no name of a tag", label.quoted()),
                };
                out.report(&SYNTAX, label).arg("what", what);
            }
            DefectKind::Version => {
                out.report(&VERSION, label).quote("value");
            }
            DefectKind::Missing(name) if !cx.is_swallowed(name) => {
                if let Some((_, rule)) = MISSING.iter().find(|(tag, _)| tag == name) {
                    out.report(rule, label);
                }
            }
            // The other tags have rules that say more.
            DefectKind::Empty(name) if !["h", "c", "l", "q", "t", "x"].contains(name) => {
                out.report(&EMPTY_TAG, cx.part(name)).arg("tag", name);
            }
            _ => {}
        }
    }
}

const MISSING: [(&str, &Rule); 7] = [
    ("v", &MISSING_V),
    ("a", &MISSING_A),
    ("b", &MISSING_B),
    ("bh", &MISSING_BH),
    ("d", &MISSING_D),
    ("h", &MISSING_H),
    ("s", &MISSING_S),
];
