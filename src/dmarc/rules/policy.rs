//! `p`: whether there is one, whether it is valid, and what it asks for.

use super::context::Context;
use super::near::meant;
use super::tags::{equals_forgotten, has_typo_of};
use super::version::holds_a_tag;
use crate::dmarc::{Part, PartKind, Policy, Stated, Tag};
use crate::finding::{Edit, Effect, Findings, Fix, Rule, rules};

rules! {
    /// # No policy, but a report address
    ///
    /// A record without `p` counts as `p=none`: reports come, nothing is protected. Old receivers may drop the record. Write
    /// down what is meant.
    ///
    /// ```dmarc bad
    /// v=DMARC1; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    P_MISSING = "dmarc-p-missing", Warning, PolicyNone, ["RFC 9989 §4.7", "RFC 9989 §4.10.1"],
        "the record has no `p`, so receivers act as if it were `p=none`, and receivers of RFC 7489 may drop it";

    /// # No policy and no report address
    ///
    /// RFC 9989 says two things about such a record: §4.10.1 has receivers apply no DMARC, §4.7 has them treat it as
    /// `p=none`. Either way nothing is protected and nobody sends reports. If it stands at a subdomain, it also keeps the
    /// policy of the domain above from applying.
    ///
    /// ```dmarc bad
    /// v=DMARC1; adkim=s
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; adkim=s
    /// ```
    P_MISSING_NO_RUA = "dmarc-p-missing-no-rua", Error, NoDmarc, ["RFC 9989 §4.7", "RFC 9989 §4.10.1"],
        "the record has neither `p` nor a usable `rua`: some receivers apply no DMARC, some act as if it were `p=none`";

    /// # The policy is none that exists
    ///
    /// `p` is `none`, `quarantine` or `reject`. With any other value the whole record is disarmed: with a usable `rua` it counts
    /// as `p=none`, without one receivers apply no DMARC at all.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=monitor; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    P_INVALID = "dmarc-p-invalid", Error, PolicyNone, ["RFC 9989 §4.7", "RFC 9989 §4.10.1"],
        "`{value}` is not a policy, so receivers {consequence}";

    /// # The policy is misspelt
    ///
    /// The word is close to a policy, but receivers compare the letters. A misspelt `p` disarms the whole record: with a usable
    /// `rua` it counts as `p=none`, without one receivers apply no DMARC at all.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=quarentine; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; rua=mailto:d@d.example
    /// ```
    P_TYPO = "dmarc-p-typo", Error, PolicyNone, ["RFC 9989 §4.7", "RFC 9989 §4.10.1"],
        "`{value}` is not a policy (`{meant}` was probably meant), so receivers {consequence}";

    /// # A bad `sp` disarms the record
    ///
    /// One misspelt `sp` makes receivers discard a good `p` as well, also for mail from the domain itself: the record then
    /// counts as `p=none`, or, without a usable `rua`, as no record.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; sp=rejct; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; sp=reject; rua=mailto:d@d.example
    /// ```
    SP_INVALID = "dmarc-sp-invalid", Error, PolicyNone, ["RFC 9989 §4.10.1"],
        "`{value}` is not a policy, and that disarms the whole record, `p` too: receivers {consequence}";

    /// # A bad `np` disarms the record
    ///
    /// One misspelt `np` makes RFC 9989 receivers discard a good `p` as well, also for mail from the domain itself: the record
    /// then counts as `p=none`, or, without a usable `rua`, as no record. RFC 7489 receivers do not know the tag and apply `p`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; np=refuse; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; np=reject; rua=mailto:d@d.example
    /// ```
    NP_INVALID = "dmarc-np-invalid", Error, PolicyNone, ["RFC 9989 §4.10.1"],
        "`{value}` is not a policy, and that disarms the whole record, `p` too: receivers {consequence}";

    /// # `p` is not the second tag
    ///
    /// RFC 9989 leaves the order of the tags after `v` free. RFC 7489 wanted `p` right after it, and strict old receivers drop
    /// the record otherwise.
    ///
    /// ```dmarc bad
    /// v=DMARC1; rua=mailto:d@d.example; p=reject
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    P_NOT_SECOND = "dmarc-p-not-second", Note, Ok, ["RFC 7489 §6.4", "RFC 9989 §4.8"],
        "`p` does not stand right after `v`: strict receivers of RFC 7489 drop the record";

    /// # Monitoring only
    ///
    /// `p=none` asks receivers to change nothing: forged mail is delivered as before. It is the right first step. The next one is
    /// `p=quarantine` (or `p=reject; t=y`), once at least a month of aggregate reports shows that every legitimate source is
    /// aligned.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; rua=mailto:d@d.example
    /// ```
    P_NONE = "dmarc-p-none", Warning, Ok, ["RFC 9989 §3.2.12", "RFC 9989 §4.7", "RFC 9989 §5.1.7"],
        covers ["dmarc-rollout-next-step"],
        "`p=none` only watches: receivers deliver forged mail; the next step is `p=quarantine` once the reports show no aligned source missing";

    /// # Monitoring without reports
    ///
    /// `p=none` protects nothing, and without `rua` nobody reports what happens. Such a record has no use.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    P_NONE_NO_RUA = "dmarc-p-none-no-rua", Warning, Ok, ["RFC 9989 §3.2.12", "RFC 9989 §4.7"],
        "`p=none` without `rua`: nothing is protected and nothing is reported";

    /// # Quarantine
    ///
    /// Failing mail is treated as suspicious, usually put in the spam folder. One step remains: `p=reject`, after as long at
    /// `quarantine` as at `none`, and only where no user posts to mailing lists.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=quarantine; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    P_QUARANTINE = "dmarc-p-quarantine", Note, Ok, ["RFC 9989 §4.7", "RFC 9989 §7.4"],
        covers ["dmarc-rollout-next-step"],
        "`p=quarantine` has failing mail treated as suspicious; `p=reject` is one step stricter";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    p(cx, out);
    other(cx, Tag::Sp, cx.record.sp(), &SP_INVALID, out);
    other(cx, Tag::Np, cx.record.np(), &NP_INVALID, out);
}

fn p(cx: &Context<'_>, out: &mut Findings) {
    match cx.record.p() {
        Stated::Absent => missing(cx, out),
        Stated::Invalid { span } if span.is_empty() || is_escaped(cx.slice(span)) => {}
        Stated::Invalid { span } => {
            let (effect, consequence) = cx.trap();
            let meant = meant(cx.slice(span), words());
            let found = match meant {
                Some(meant) => out.report(&P_TYPO, cx.label(span)).quote("value").arg("meant", meant),
                None => out.report(&P_INVALID, cx.label(span)).quote("value"),
            };
            found.arg("consequence", consequence).effect(effect);
            if cx.tell_swallowed(span, found) || holds_a_tag(cx.slice(span)) {
                // The rule about commas mends the latter, and the tag is not lost.
            } else if let Some(meant) = meant {
                found.fix(Fix::maybe(format!("write `{meant}`"), [Edit::replace(span, meant)]));
            } else if !cx.asks(span) {
                let word = other_words(cx.slice(span));
                found.fix(Fix::maybe(format!("write `{word}`"), [Edit::replace(span, word)]));
            }
        }
        Stated::Valid { value, .. } => {
            second(cx, out);
            asked(cx, value, out);
        }
    }
}

/// `reject\`, of `p=reject\;`: the backslash is told, and all that it spoils.
fn is_escaped(value: &str) -> bool {
    value.ends_with('\\') && Policy::read(value.trim_end_matches('\\')).is_some()
}

fn missing(cx: &Context<'_>, out: &mut Findings) {
    // `p:reject`, a `p` lost in the version, behind a comma or after strange white space, `policy=`: told where it stands.
    let mut words = cx.text().split(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    let joined = |part: &Part| cx.tag_at_seam(part.span).is_some_and(|at| cx.text()[at..].starts_with(['p', 'P']));
    let without_equals = |part: &Part| {
        part.kind == PartKind::Word && equals_forgotten(cx, part.span).is_some_and(|(tag, _)| tag == Tag::P)
    };
    let lost = words.any(|word| word.starts_with("p=") || word.starts_with("P="))
        || has_typo_of(out, Tag::P)
        || cx.record.parts().iter().any(without_equals)
        || cx.record.parts().iter().any(joined);
    if lost && out.as_slice().iter().any(|found| found.effect >= Effect::PolicyNone) {
        return;
    }
    let (rule, title): (&'static Rule, _) = if cx.record.has_usable_rua() {
        (&P_MISSING, "write down what receivers do now")
    } else {
        (&P_MISSING_NO_RUA, "ask for what receivers do at most now")
    };
    let version_end = cx.text().find(';').unwrap_or(cx.text().len());
    let found = out.report(rule, cx.whole());
    // A second `p` would spoil the record as soon as the first is repaired.
    let asks = |part: &Part| part.kind == PartKind::Word && cx.asks(part.span);
    if cx.record.is_dmarc() && !lost && !cx.record.parts().iter().any(asks) {
        found.fix(Fix::maybe(title, [Edit::insert(version_end, "; p=none")]));
    }
}

fn other(cx: &Context<'_>, tag: Tag, stated: Stated<Policy>, rule: &'static Rule, out: &mut Findings) {
    let Stated::Invalid { span } = stated else { return };
    if span.is_empty() {
        return;
    }
    let (effect, consequence) = cx.trap();
    let found = out.report(rule, cx.label(span)).quote("value").arg("consequence", consequence).effect(effect);
    if cx.tell_swallowed(span, found) || holds_a_tag(cx.slice(span)) {
        // The rule about commas mends the latter, and the tag is not lost.
    } else if let Some(meant) = meant(cx.slice(span), words()) {
        found.fix(Fix::maybe(format!("write `{meant}`"), [Edit::replace(span, meant)]));
    } else if let Some(written) = cx.tag(tag).filter(|written| cx.taken_away(written.part).is_some()) {
        found.fix(Fix::maybe(format!("take `{}` away", tag.as_str()), [cx.without(written.part)]));
    }
}

/// The policy for words that people write instead; for any other word `none`, which is what receivers do now.
fn other_words(written: &str) -> &'static str {
    let written = written.to_ascii_lowercase();
    let policy = match written.trim_matches(|c: char| !c.is_ascii_alphanumeric()) {
        "block" | "deny" | "discard" | "drop" | "refuse" | "fail" | "bounce" => Policy::Reject,
        "spam" | "junk" | "suspicious" | "isolate" => Policy::Quarantine,
        _ => Policy::None,
    };
    policy.as_str()
}

fn words() -> impl Iterator<Item = &'static str> {
    Policy::ALL.into_iter().map(Policy::as_str)
}

fn second(cx: &Context<'_>, out: &mut Findings) {
    let Some(p) = cx.tag(Tag::P) else { return };
    if cx.record.is_dmarc() && cx.tags().next().is_some_and(|first| first.part != p.part) {
        let first = cx.text().find(';').unwrap_or(0);
        let part = cx.slice(p.part);
        out.report(&P_NOT_SECOND, cx.label(p.part))
            .fix(Fix::machine("put `p` second", [Edit::insert(first, format!("; {part}")), cx.without(p.part)]));
    }
}

fn asked(cx: &Context<'_>, policy: Policy, out: &mut Findings) {
    // A disarmed record asks for nothing, whatever its `p` says.
    if cx.policies().is_none() {
        return;
    }
    let place = cx.place(Tag::P, cx.record.p());
    match policy {
        Policy::None => {
            out.report(&P_NONE, place.clone());
            if !cx.record.has_rua() {
                out.report(&P_NONE_NO_RUA, place);
            }
        }
        Policy::Quarantine => {
            out.report(&P_QUARANTINE, place);
        }
        Policy::Reject => {}
    }
}
