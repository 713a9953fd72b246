//! `pct`, `rf`, `ri`: tags that RFC 9989 removed (§9.3).

use super::context::{Context, Written};
use crate::dmarc::{Policy, Tag};
use crate::finding::{Applicability, Diagnostic, Edit, Effect, Findings, Fix, Severity, rules};

rules! {
    /// # `pct` is history
    ///
    /// RFC 9989 removed `pct`: its receivers apply the policy to all mail. Receivers of RFC 7489 still apply it to this share only,
    /// so the same message fares differently.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; pct=20; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    PCT_REMOVED = "dmarc-pct-removed", Warning, Differs, ["RFC 9989 §9.3", "RFC 9989 §A.6", "RFC 7489 §6.3"],
        "`pct={value}` is history: RFC 9989 receivers ignore it, RFC 7489 receivers {old}";

    /// # `pct=0` was the old test mode
    ///
    /// `pct=0` asked receivers of RFC 7489 to apply the policy to no mail, so that mailing lists already rewrote From. RFC 9989
    /// receivers ignore it and apply the policy in full. `t=y` is its successor.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=quarantine; pct=0; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; t=y; rua=mailto:d@d.example
    /// ```
    PCT_ZERO = "dmarc-pct-zero", Warning, Differs, ["RFC 9989 §A.6"], covers ["dmarc-pct-removed"],
        "`pct=0` no longer tests: RFC 9989 receivers ignore it and apply `{p}` in full; `t=y` is the test mode now";

    /// # `pct` is no number from 0 to 100
    ///
    /// RFC 7489 wanted a plain integer; RFC 9989 ignores the tag in any case.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; pct=100%; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    PCT_INVALID = "dmarc-pct-invalid", Note, PartIgnored, ["RFC 7489 §6.3"], covers ["dmarc-pct-removed"],
        "`pct={value}` is no integer from 0 to 100, and RFC 9989 receivers ignore `pct` anyway";

    /// # `pct` with `quarantine`
    ///
    /// In old receivers, mail outside the sample gets one level less than the policy. Below `quarantine` that is `none`: such mail is
    /// delivered as if nothing were wrong.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=quarantine; pct=50; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; rua=mailto:d@d.example
    /// ```
    PCT_QUARANTINE = "dmarc-pct-quarantine-partial", Warning, Differs, ["RFC 7489 §6.6.4"],
        "RFC 7489 receivers deliver {rest} % of the failing mail as if the policy were `none`";

    /// # `ri` is history
    ///
    /// RFC 9989 removed the report interval: reports come at least daily.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; ri=86400; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    RI_REMOVED = "dmarc-ri-removed", Note, PartIgnored, ["RFC 9989 §9.3"],
        "`ri` is history: receivers ignore it and report at least once a day";

    /// # `ri` is no number
    ///
    /// RFC 7489 wanted seconds as a plain number. The tag is history in any case.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; ri=1d; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    RI_INVALID = "dmarc-ri-invalid", Note, PartIgnored, ["RFC 7489 §6.3"], covers ["dmarc-ri-removed"],
        "`ri={value}` is no number of seconds, and receivers of RFC 9989 ignore `ri` anyway";

    /// # `rf` is history
    ///
    /// RFC 9989 removed the report format: there has only ever been one.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rf=afrf; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    RF_REMOVED = "dmarc-rf-removed", Note, PartIgnored, ["RFC 9989 §9.3"],
        "`rf` is history: receivers ignore it";

    /// # `rf` names another format
    ///
    /// `afrf` is the only format of failure reports. The tag is history in any case.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rf=iodef; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    RF_INVALID = "dmarc-rf-invalid", Note, PartIgnored, ["RFC 7489 §6.3"], covers ["dmarc-rf-removed"],
        "`rf={value}` names no format but `afrf`, and receivers of RFC 9989 ignore `rf` anyway";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    if let Some(pct) = cx.tag(Tag::Pct) {
        percentage(cx, pct, out);
    }
    if let Some(ri) = cx.tag(Tag::Ri).filter(|ri| !ri.value.is_empty()) {
        let number = cx.slice(ri.value).bytes().all(|b| b.is_ascii_digit());
        let found = out.report(if number { &RI_REMOVED } else { &RI_INVALID }, cx.label(ri.part));
        found.arg("value", cx.record.source().visible(ri.value));
        take_away(cx, "ri", ri, found);
    }
    if let Some(rf) = cx.tag(Tag::Rf).filter(|rf| !rf.value.is_empty()) {
        let known = cx.slice(rf.value).eq_ignore_ascii_case("afrf");
        let found = out.report(if known { &RF_REMOVED } else { &RF_INVALID }, cx.label(rf.part));
        found.arg("value", cx.record.source().visible(rf.value));
        take_away(cx, "rf", rf, found);
    }
}

/// Another tag called so would count then: somebody has to look at those. What the value has swallowed is no history.
fn take_away(cx: &Context<'_>, name: &str, tag: Written, found: &mut Diagnostic) {
    if cx.tell_swallowed(tag.value, found) {
        return;
    }
    let alone = cx.tags().filter(|other| other.tag == tag.tag).count() == 1;
    let plain = !cx.slice(tag.value).contains([' ', '\t', '=', ',']);
    let sure = if alone && plain { Applicability::MachineApplicable } else { Applicability::MaybeIncorrect };
    found.fix(Fix::edit(format!("take `{name}` away"), [cx.without(tag.part)], sure));
}

fn percentage(cx: &Context<'_>, pct: Written, out: &mut Findings) {
    if pct.value.is_empty() {
        return;
    }
    let value = cx.record.source().visible(pct.value).to_string();
    let place = cx.label(pct.part);
    let policies = cx.policies();
    match cx.record.pct().value() {
        None => {
            take_away(cx, "pct", pct, out.report(&PCT_INVALID, place).arg("value", value));
        }
        Some(0) => {
            let p = policies.map_or(Policy::None, |policies| policies.p);
            let found = out.report(&PCT_ZERO, place).arg("p", p);
            if p == Policy::None {
                found.severity(Severity::Note).effect(Effect::PartIgnored);
                take_away(cx, "pct", pct, found);
            } else if cx.tag(Tag::T).is_none() {
                found.fix(Fix::maybe("write `t=y`", [Edit::replace(pct.part, "t=y")]));
            }
        }
        Some(100) => {
            let found = out.report(&PCT_REMOVED, place).arg("value", value).arg("old", "do the same without it");
            take_away(cx, "pct", pct, found.severity(Severity::Note).effect(Effect::PartIgnored));
        }
        Some(percent) => {
            let p = policies.map_or(Policy::None, |policies| policies.p);
            let found = out.report(&PCT_REMOVED, place.clone()).arg("value", value);
            found.arg("old", format!("apply the policy to {percent} % of the failing mail"));
            if p == Policy::None {
                found.severity(Severity::Note).effect(Effect::PartIgnored);
            }
            if p == Policy::Quarantine {
                out.report(&PCT_QUARANTINE, place).arg("rest", 100 - percent);
            }
        }
    }
}
