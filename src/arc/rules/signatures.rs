//! The signatures of the sets (RFC 8617 §5.2 steps 4 to 6).

use super::tell::{Validated, sealer};
use crate::arc::fields::NOT_SIGNED;
use crate::arc::{CheckProblem, explain as told};
use crate::dkim::signature_defect::DefectKind;
use crate::dkim::{Signature, explain};
use crate::finding::{Effect, Findings, Severity, rules};

rules! {
    /// # The newest message signature does not verify
    ///
    /// The message was changed after the last server had sealed it. So the chain is broken: nothing shows any more that
    /// the message is the one that the sealers saw.
    ///
    /// ```sealed bad
    ///   From: alice@d.example
    ///
    /// - Lunch at twelve?
    /// + Lunch at one?
    /// ```
    ///
    /// A server that changes mail and passes it on has to seal after its changes.
    ///
    /// ```sealed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    AMS_FAIL = "arc-ams-fail", Error, Fail, ["RFC 8617 §5.2"],
        "the message signature of set {instance}, of `{domain}`, does not verify: {why}";

    /// # A seal does not verify
    ///
    /// A seal covers the ARC fields of its set and of those before it. One of them was changed after it was made.
    ///
    /// ```sealed bad break=results
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```sealed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    SEAL_FAIL = "arc-seal-fail", Error, Fail, ["RFC 8617 §5.2"],
        "seal {instance}, of `{domain}`, does not verify: ARC fields were changed after it was made, or another key made it";

    /// # A key of the chain cannot be used
    ///
    /// Seals and message signatures are checked with keys in the DNS like those of DKIM. There is none, or it may not be
    /// used. In ARC every failure is for good, even that of a name server.
    ///
    /// ```sealed bad key=none
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```sealed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    KEY = "arc-key-problem", Error, Fail, ["RFC 8617 §5.2", "RFC 8617 §5.2.1"],
        "the {what} of set {instance}, of `{domain}`, cannot be checked: {why}";

    /// # A signature of a set is malformed
    ///
    /// A tag is missing or cannot be read, so the signature cannot be checked, and the chain fails.
    ///
    /// ```message bad
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; b=Zm9v
    /// ```
    SYNTAX = "arc-tag-syntax", Warning, Fail, ["RFC 8617 §4.1", "RFC 6376 §3.2"],
        "the {what} of set {instance} cannot be used: {why}";

    /// # A message signature does not cover From
    ///
    /// ARC takes over the rule of DKIM that From is signed. Without it the author can be changed behind the seal. Some
    /// validators fail such a chain.
    ///
    /// ```message bad
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=to:subject; bh=Zm9v; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from:to:subject; bh=Zm9v; b=Zm9v
    /// ```
    FROM = "arc-ams-from-not-signed", Warning, Differs, ["RFC 8617 §4.1.2", "RFC 6376 §5.4"],
        "`h` of message signature {instance} does not list From";

    /// # A message signature covers fields that do not stay
    ///
    /// Authentication-Results fields are often taken away by the next server, and ARC fields are added to: a signature over them breaks
    /// on the way though nobody changed the message. So `h` must list none of them.
    ///
    /// ```message bad
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from:authentication-results; bh=Zm9v; b=Zm9v
    /// ```
    ///
    /// ```message good
    /// ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s1; h=from:subject; bh=Zm9v; b=Zm9v
    /// ```
    SIGNS_TRACE = "arc-ams-signs-trace", Warning, Ok, ["RFC 8617 §4.1.2"],
        "`h` of message signature {instance} lists `{field}`, which it must not cover";
}

pub(super) fn check(cx: &Validated<'_>, out: &mut Findings) {
    for set in &cx.chain().sets {
        if let Some(ams) = &set.message_signature {
            syntax(cx, MESSAGE_SIGNATURE, set.instance, ams.field, &ams.signature, out);
            if ams.signature.signs("From") == 0 && ams.signature.tag("h").is_some() {
                out.report(&FROM, cx.tag(ams.field, &ams.signature, "h")).arg("instance", set.instance);
            }
            trace(cx, set.instance, ams.field, &ams.signature, out);
        }
        if let Some(seal) = &set.seal {
            syntax(cx, SEAL, set.instance, seal.field, &seal.signature, out);
        }
    }
    let newest = cx.outcome.sets.last().map(|set| set.instance);
    for checked in &cx.outcome.sets {
        let Some(set) = cx.set(checked.instance) else { continue };
        if let (Some(problem), Some(ams)) = (&checked.message_signature, &set.message_signature) {
            let is_newest = newest == Some(set.instance);
            let changed = matches!(problem, CheckProblem::BodyHash | CheckProblem::Mismatch);
            if is_key(problem) {
                let found = out.report(&KEY, cx.tag(ams.field, &ams.signature, "s"));
                found.arg("what", MESSAGE_SIGNATURE).arg("instance", set.instance);
                found.arg("domain", sealer(set)).arg("why", told::problem(problem));
                if !is_newest {
                    // An older message signature may fail, as long as the seals hold.
                    found.severity(Severity::Warning).effect(Effect::Ok);
                }
            } else if is_newest && changed {
                let tag = if *problem == CheckProblem::BodyHash { "bh" } else { "b" };
                let found = out.report(&AMS_FAIL, cx.tag(ams.field, &ams.signature, tag));
                found.arg("instance", set.instance).arg("domain", sealer(set));
                found.arg("why", told::problem(problem));
            }
        }
        if let (Some(problem), Some(seal)) = (&checked.seal, &set.seal) {
            if is_key(problem) {
                let found = out.report(&KEY, cx.tag(seal.field, &seal.signature, "s"));
                found.arg("what", SEAL).arg("instance", set.instance);
                found.arg("domain", sealer(set)).arg("why", told::problem(problem));
            } else if *problem == CheckProblem::Mismatch {
                let found = out.report(&SEAL_FAIL, cx.tag(seal.field, &seal.signature, "b"));
                found.arg("instance", set.instance).arg("domain", sealer(set));
            }
        }
    }
}

/// The first name of each field that must not stand in `h`; ARC-Seal among them breaks the chain, which is told of the set.
fn trace(cx: &Validated<'_>, instance: u32, at: usize, ams: &Signature, out: &mut Findings) {
    let text = ams.source.text();
    for field in NOT_SIGNED.into_iter().filter(|field| *field != "ARC-Seal") {
        let Some(&name) = ams.headers.iter().find(|&&name| text[name].eq_ignore_ascii_case(field)) else { continue };
        out.report(&SIGNS_TRACE, cx.at((at, name))).arg("instance", instance).arg("field", field);
    }
}

const MESSAGE_SIGNATURE: &str = "message signature";
const SEAL: &str = "seal";

/// Whether the key, or what it may be used for, is at fault.
fn is_key(problem: &CheckProblem) -> bool {
    match problem {
        CheckProblem::Sha1
        | CheckProblem::Expired
        | CheckProblem::KeyName
        | CheckProblem::KeyUnavailable(_)
        | CheckProblem::NoKey
        | CheckProblem::Key(_) => true,
        CheckProblem::Signature(_) | CheckProblem::BodyHash | CheckProblem::Mismatch | CheckProblem::NotChecked => {
            false
        }
    }
}

/// Faults of one field; a fault that only `z=` has harms nothing.
fn syntax(cx: &Validated<'_>, what: &str, instance: u32, at: usize, signature: &Signature, out: &mut Findings) {
    for defect in signature.defects.iter().filter(|defect| defect.kind != DefectKind::Copy) {
        let found = out.report(&SYNTAX, cx.at((at, defect.span)));
        found.arg("what", what).arg("instance", instance).arg("why", explain::fault(&defect.kind));
    }
}
