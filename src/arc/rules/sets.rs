//! The structure of the chain (RFC 8617 §4.2, §5.2 steps 1 to 3).

use super::tell::{Validated, sealer};
use crate::arc::set::MAX_DEFECTS;
use crate::arc::{DefectKind, FieldKind};
use crate::finding::{Findings, Label, Subject, rules};
use crate::unread;

rules! {
    /// # There is no ARC chain
    ///
    /// No server on the way has sealed the message. Nothing is missing: only servers that pass mail on have reason to.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// From: alice@d.example
    /// ```
    NONE = "arc-none", Note, Ok, ["RFC 8617 §5.2"], "the message has no ARC chain";

    /// # A set is missing in the chain
    ///
    /// Each server that seals adds a set with the next number. A number that is missing means that somebody took a set
    /// away, and the chain shows nothing any more.
    ///
    /// ```message bad
    /// ARC-Seal: i=3; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=school.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=school.example; s=s1; b=Zm9v
    /// ```
    GAP = "arc-instance-gap", Error, Fail, ["RFC 8617 §5.2"],
        "the ARC chain has no set {instance}, though its numbers go up to {last}";

    /// # A field of a set is there twice
    ///
    /// Each set has each of its three fields once. With two of a kind nobody can say which one was sealed.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    DUPLICATE = "arc-instance-duplicate", Error, Fail, ["RFC 8617 §5.2"],
        "set {instance} of the ARC chain has `{field}` twice";

    /// # A set is not complete
    ///
    /// A set is ARC-Authentication-Results, ARC-Message-Signature and ARC-Seal. Mostly a server on the way, or an archive,
    /// took one of them away.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ARC-Authentication-Results: i=1; list.example; dkim=pass header.d=d.example
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from; bh=Zm9v; b=Zm9v
    /// ARC-Authentication-Results: i=1; list.example; dkim=pass header.d=d.example
    /// ```
    INCOMPLETE = "arc-instance-incomplete", Error, Fail, ["RFC 8617 §4.2", "RFC 8617 §5.2"],
        "set {instance} of the ARC chain has no `{field}`";

    /// # A field has no instance from 1 to 50
    ///
    /// `i` says to which set a field belongs: a number from 1 to 50.
    ///
    /// ```message bad
    /// ARC-Seal: i=51; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    RANGE = "arc-instance-range", Error, Fail, ["RFC 8617 §4.2.1"],
        "`i` of `{field}` is not a number from 1 to 50";

    /// # The first seal does not say `cv=none`
    ///
    /// Before the first set there was no chain, and its seal has to say so.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    FIRST_NOT_NONE = "arc-cv-first-not-none", Error, Fail, ["RFC 8617 §5.2"],
        "the first seal, of `{domain}`, says `cv={cv}`, and only `cv=none` may stand there";

    /// # A later seal says `cv=none`
    ///
    /// Who seals second sees a chain, and has to say `cv=pass` or `cv=fail` of it.
    ///
    /// ```message bad
    /// ARC-Seal: i=2; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    LATER_NONE = "arc-cv-later-none", Error, Fail, ["RFC 8617 §5.2"],
        "seal {instance}, of `{domain}`, says `cv=none` though sets come before it";

    /// # A seal says that the chain is broken
    ///
    /// The sealer found the chain broken when it got the message. Nobody may add to it after that, and nothing in it counts.
    ///
    /// ```message bad
    /// ARC-Seal: i=2; cv=fail; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    CV_FAIL = "arc-cv-fail", Error, Fail, ["RFC 8617 §4.4", "RFC 8617 §5.2"],
        "seal {instance}, of `{domain}`, says that the chain was broken already when it came there (`cv=fail`)";

    /// # A seal has no readable `cv`
    ///
    /// `cv` is `none`, `pass` or `fail`.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=maybe; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    CV_INVALID = "arc-cv-invalid", Error, Fail, ["RFC 8617 §4.1.3"],
        "seal {instance}, of `{domain}`, has no `cv` of `none`, `pass` or `fail`";

    /// # A seal has `h`
    ///
    /// A seal covers the ARC fields, always all of them. `h` has no place in it, and makes the chain fail.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; h=from; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    SEAL_H = "arc-seal-h-tag", Error, Fail, ["RFC 8617 §4.1.3"], "seal {instance}, of `{domain}`, has the tag `h`";

    /// # A message signature covers seals
    ///
    /// Seals are added after it, so it could never stay valid.
    ///
    /// ```message bad
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from:arc-seal; bh=Zm9v; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from:subject; bh=Zm9v; b=Zm9v
    /// ```
    SIGNS_SEAL = "arc-ams-signs-seal", Error, Fail, ["RFC 8617 §4.1.2"],
        "`h` of message signature {instance} lists ARC-Seal, which it must not cover";
}

pub(super) fn check(cx: &Validated<'_>, out: &mut Findings) {
    let chain = cx.chain();
    if chain.is_empty() {
        out.report(&NONE, Label::whole(&Subject::given("")));
        return;
    }
    let last = chain.last();
    let faults = MAX_DEFECTS + chain.more_defects;
    unread::beyond(Label::whole(&Subject::given("")), "faults of the ARC chain", faults, MAX_DEFECTS, out);
    for defect in &chain.defects {
        let set = defect.instance.and_then(|instance| cx.set(instance));
        let rule = match &defect.kind {
            DefectKind::Instance(kind) => {
                if let Some(place) = defect.place {
                    out.report(&RANGE, cx.at(place)).arg("field", kind.as_str());
                }
                continue;
            }
            // All three are missing then, and it is told once.
            DefectKind::Missing(kind) if set.is_none() => {
                if *kind == FieldKind::Seal
                    && let (Some(last), Some(instance)) = (last, defect.instance)
                    && let Some(place) = cx.some_field(last)
                {
                    out.report(&GAP, place).arg("instance", instance).arg("last", last.instance);
                }
                continue;
            }
            DefectKind::Missing(kind) => {
                if let Some(set) = set
                    && let Some(place) = cx.some_field(set)
                {
                    out.report(&INCOMPLETE, place).arg("instance", set.instance).arg("field", kind.as_str());
                }
                continue;
            }
            DefectKind::Duplicate { kind, first } => {
                if let Some((index, _)) = defect.place {
                    let found = out.report(&DUPLICATE, cx.whole(index)).arg("field", kind.as_str());
                    found.arg("instance", defect.instance.unwrap_or_default());
                    found.related(cx.whole(*first).with("the first one"));
                }
                continue;
            }
            // Told with what the results claim.
            DefectKind::InstanceNotFirst => continue,
            DefectKind::Validation => &CV_INVALID,
            DefectKind::FirstNotNone => &FIRST_NOT_NONE,
            DefectKind::LaterNone => &LATER_NONE,
            DefectKind::Fail => &CV_FAIL,
            DefectKind::SealSignsHeaders => &SEAL_H,
            DefectKind::SignsSeal => &SIGNS_SEAL,
        };
        let (Some(place), Some(set)) = (defect.place, set) else { continue };
        let found = out.report(rule, cx.at(place));
        found.arg("instance", set.instance).arg("domain", sealer(set));
        if defect.kind == DefectKind::FirstNotNone {
            found.quote("cv");
        }
    }
}
