//! When it was signed, and until when it is valid: `t`, `x` (RFC 6376 §3.5).

use super::context::Context;
use crate::dkim::signature_defect::DefectKind;
use crate::finding::{Findings, rules};

rules! {
    /// # The time of signing is no number
    ///
    /// `t` is the number of seconds since 1970-01-01 00:00 UTC, in at most 12 digits.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=now
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    T_INVALID = "dkim-sig-t-invalid", Warning, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "`{value}` in `t` is no number of seconds";

    /// # The message was signed in the future
    ///
    /// The clock of the signer is wrong, or that of the receiver. Verifiers may ignore such a signature.
    ///
    /// ```dkim-signature bad now=1790000000
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1793456000
    /// ```
    ///
    /// ```dkim-signature good now=1790000000
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1790000020
    /// ```
    T_FUTURE = "dkim-sig-t-future", Warning, Ok, ["RFC 6376 §3.5"],
        "the signature was made {ahead} after the message was received, so verifiers may ignore it";

    /// # The end of validity is no number
    ///
    /// `x` is the number of seconds since 1970-01-01 00:00 UTC, in at most 12 digits: not a length of time and not a date.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; x=tomorrow
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from:from:subject:subject:to:to:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v
    /// ```
    X_INVALID = "dkim-sig-x-invalid", Warning, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "`{value}` in `x` is no number of seconds";

    /// # The signature ends before it begins
    ///
    /// `x` must be later than `t`.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1700000000; x=1600000000
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1700000000; x=1701000000
    /// ```
    X_BEFORE_T = "dkim-sig-x-before-t", Error, Permerror, ["RFC 6376 §3.5"],
        "the signature ends (`x`) before or when it begins (`t`)";

    /// # The signature has expired
    ///
    /// `x` had passed when the message was received. Mail that waits in a queue for days needs a longer validity; five days and more
    /// are usual.
    ///
    /// ```dkim-signature bad now=1790000000
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; x=1600000000
    /// ```
    ///
    /// ```dkim-signature good now=1790000000
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; x=1790500000
    /// ```
    EXPIRED = "dkim-sig-expired", Error, Permerror, ["RFC 6376 §3.5", "RFC 6376 §6.1.1"],
        "the signature had expired {ago} before the message was received";

    /// # The signature is valid for a short time
    ///
    /// A server that cannot deliver tries again for days (RFC 5321 §4.5.4.1). A message that is late then has an expired signature. A week
    /// is a good length.
    ///
    /// ```dkim-signature bad
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1789999940; x=1790000540
    /// ```
    ///
    /// ```dkim-signature good
    /// v=1; a=rsa-sha256; d=d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v; t=1789999940; x=1790604740
    /// ```
    EXPIRES_SOON = "dkim-sig-expires-soon", Note, Ok, ["RFC 6376 §3.5", "RFC 5321 §4.5.4.1"],
        "the signature is valid for {length} only: delayed mail will fail";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    for (tag, rule) in [("t", &T_INVALID), ("x", &X_INVALID)] {
        for kind in [DefectKind::Number(tag), DefectKind::Empty(tag)] {
            if let Some(span) = cx.defect(&kind) {
                out.report(rule, cx.label(span)).quote("value");
            }
        }
    }
    let (t, x, received) = (cx.signature.timestamp, cx.signature.expiration, cx.facts.received);
    if let (Some(t), Some(received)) = (t, received)
        && t.value > received.0.saturating_add(DRIFT)
    {
        out.report(&T_FUTURE, cx.part("t")).arg("ahead", duration(t.value - received.0));
    }
    let Some(x) = x else { return };
    let length = t.map_or(x.value, |t| x.value.saturating_sub(t.value));
    if t.is_some() && length == 0 {
        out.report(&X_BEFORE_T, cx.part("x")).related(cx.part("t").with("when it begins"));
    } else if let Some(received) = received.filter(|received| received.0 > x.value) {
        out.report(&EXPIRED, cx.part("x")).arg("ago", duration(received.0 - x.value));
    } else if t.is_some() && length < SHORT {
        out.report(&EXPIRES_SOON, cx.part("x")).arg("length", duration(length));
    }
}

/// Clocks differ by minutes; nobody should hear of that. Seconds.
const DRIFT: u64 = 300;
/// A day: what is delayed at all is often delayed by hours. Seconds.
const SHORT: u64 = 86_400;

/// A length of time for people: the greatest unit that it has two of.
fn duration(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = units.into_iter().find(|(length, _)| seconds >= 2 * length);
    unit.map_or_else(|| format!("{seconds} seconds"), |(length, name)| format!("{} {name}", seconds / length))
}
