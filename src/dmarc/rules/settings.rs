//! `t`, `psd`, `adkim`, `aspf`, `fo`, and `ruf` as a choice.

use super::context::Context;
use super::version::holds_a_tag;
use crate::dmarc::{FailureOptions, FailureOptionsError, Mode, Policy, Psd, Section, Stated, Tag, Testing};
use crate::finding::{Edit, Evidence, Findings, Fix, Rule, rules};
use crate::text::Span;

rules! {
    /// # Test mode
    ///
    /// `t=y` asks receivers for one level less than the policy says: `reject` becomes `quarantine`, `quarantine` becomes `none`.
    /// Reports are sent as usual. Receivers of RFC 7489 do not know the tag and apply the policy as it is.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; t=y; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    TESTING_MODE = "dmarc-testing-mode", Warning, Ok, ["RFC 9989 §4.7", "RFC 9989 §A.6"],
        "`t=y` lowers the policy: `{requested}` acts as `{policy}`";

    /// # `t` has a value that does not exist
    ///
    /// `t` is `y` or `n`. Anything else counts as `n`: the policy applies in full.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; t=yes; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; t=y; rua=mailto:d@d.example
    /// ```
    T_INVALID = "dmarc-t-invalid", Warning, DefaultUsed, ["RFC 9989 §4.8"],
        "`t={value}` is neither `y` nor `n`, so receivers use `n`: the policy applies in full";

    /// # Test mode of nothing
    ///
    /// `t=y` lowers a policy, and `none` cannot be lowered.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=none; t=y; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    T_NOOP = "dmarc-t-noop", Note, Ok, ["RFC 9989 §4.7"], "`t=y` has no effect, since every policy of the record is `none`";

    /// # `psd` has a value that does not exist
    ///
    /// `psd` is `y`, `n` or `u`. Anything else counts as `u`: the tree walk decides.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; psd=no; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; psd=n; rua=mailto:d@d.example
    /// ```
    PSD_INVALID = "dmarc-psd-invalid", Warning, DefaultUsed, ["RFC 9989 §4.8"],
        "`psd={value}` is none of `y`, `n`, `u`, so receivers use `u`";

    /// # `psd=y` at an ordinary domain
    ///
    /// `psd=y` says that independent parties register names below this one. At an ordinary domain it makes every subdomain an
    /// organization of its own: mail of the domain no longer aligns with its subdomains, nor they with one another.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; psd=y; rua=mailto:r@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; psd=n; rua=mailto:r@d.example
    /// ```
    PSD_Y = "dmarc-psd-y-on-normal-domain", Error, Ok, ["RFC 9989 §4.7", "RFC 9989 §4.10.2"],
        "`psd=y` at `{domain}`, which is no public suffix by the Public Suffix List: it no longer aligns with its own subdomains";

    /// # `ruf` of a public suffix
    ///
    /// Failure reports show mail of people who have nothing to do with the registry. Reporters must ignore `ruf` in a record with
    /// `psd=y`, unless they agreed to something else.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; psd=y; rua=mailto:r@nic.example; ruf=mailto:f@nic.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; psd=n; rua=mailto:r@d.example; ruf=mailto:f@d.example
    /// ```
    RUF_IN_PSD = "dmarc-ruf-in-psd-record", Note, PartIgnored, ["RFC 9991 §2", "RFC 9989 §10.2"],
        "`ruf` in a record with `psd=y`: reporters ignore it unless they agreed to send";

    /// # `adkim` has a value that does not exist
    ///
    /// `adkim` is `r` (relaxed) or `s` (strict). Anything else counts as `r`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; adkim=strict; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; adkim=s; rua=mailto:d@d.example
    /// ```
    ADKIM_INVALID = "dmarc-adkim-invalid", Warning, DefaultUsed, ["RFC 9989 §4.8"],
        "`adkim={value}` is neither `r` nor `s`, so receivers use `r`";

    /// # `aspf` has a value that does not exist
    ///
    /// `aspf` is `r` (relaxed) or `s` (strict). Anything else counts as `r`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; aspf=strict; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; aspf=s; rua=mailto:d@d.example
    /// ```
    ASPF_INVALID = "dmarc-aspf-invalid", Warning, DefaultUsed, ["RFC 9989 §4.8"],
        "`aspf={value}` is neither `r` nor `s`, so receivers use `r`";

    /// # Strict alignment
    ///
    /// With `s` only the very same domain aligns: mail that is signed by, or bounces to, a subdomain fails. That protects against
    /// subdomains in other hands, and it breaks services that use a subdomain of yours.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; adkim=s; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; adkim=r; rua=mailto:d@d.example
    /// ```
    STRICT = "dmarc-strict-alignment", Note, Ok, ["RFC 9989 §4.4", "RFC 9989 §11.8"],
        "`{tag}=s`: only the From domain itself aligns, subdomains do not";

    /// # `fo` has a member that does not exist
    ///
    /// `fo` is made of `0`, `1`, `d` and `s`, with colons between them. Anything else makes the whole tag count as `0`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; fo=1,d; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; fo=1:d; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    FO_INVALID = "dmarc-fo-invalid", Warning, DefaultUsed, ["RFC 9989 §4.7", "RFC 9989 §4.8"],
        "`fo={value}` is no list of `0`, `1`, `d`, `s` with colons between them, so receivers use `0`";

    /// # `fo` has both `0` and `1`
    ///
    /// `0` asks for a report if every mechanism fails, `1` if any does. They exclude each other, and the tag counts as `0`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; fo=0:1; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; fo=1; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    FO_EXCLUSIVE = "dmarc-fo-exclusive", Warning, DefaultUsed, ["RFC 9989 §4.7"],
        "`fo={value}` has both `0` and `1`, which exclude each other, so receivers use `0`";

    /// # A member of `fo` stands twice
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; fo=d:d; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; fo=d; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    FO_DUPLICATE = "dmarc-fo-duplicate", Warning, DefaultUsed, ["RFC 9989 §4.8"],
        "`fo={value}` names an option twice, so receivers use `0`";

    /// # `fo` without `ruf`
    ///
    /// `fo` says when failure reports are wanted, `ruf` says where they go. Without `ruf`, receivers ignore `fo`.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; fo=1; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; fo=1; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    FO_WITHOUT_RUF = "dmarc-fo-without-ruf", Note, PartIgnored, ["RFC 9989 §4.7"],
        "`fo` has no effect without `ruf`";

    /// # Failure reports are asked for
    ///
    /// A failure report holds headers or the whole of a real message, with the addresses of people. Few receivers send them, and
    /// where they come, they are personal data.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:d@d.example; ruf=mailto:f@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    RUF_PRIVACY = "dmarc-ruf-privacy", Note, Ok, ["RFC 9991 §7", "RFC 9989 §10.2"],
        "`ruf` asks for copies of failing messages: personal data, and few receivers send them";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    testing(cx, out);
    psd(cx, out);
    mode(cx, Tag::Adkim, cx.record.adkim(), &ADKIM_INVALID, out);
    mode(cx, Tag::Aspf, cx.record.aspf(), &ASPF_INVALID, out);
    failure_options(cx, out);
    if cx.record.has_ruf() {
        let place = cx.tag(Tag::Ruf).map_or_else(|| cx.whole(), |ruf| cx.label(ruf.part));
        if cx.record.psd().or_default() == Psd::Yes {
            out.report(&RUF_IN_PSD, place);
        } else if !cx.record.ruf().is_empty() {
            out.report(&RUF_PRIVACY, place);
        }
    }
}

/// What was probably meant by a value that the tag may not have.
pub(super) fn meant(tag: Tag, value: &str) -> Option<&'static str> {
    let value = value.to_ascii_lowercase();
    Some(match (tag, value.trim_matches(|c: char| !c.is_ascii_alphanumeric())) {
        (Tag::T, "yes" | "true" | "1" | "on") => "y",
        (Tag::T, "no" | "false" | "0" | "off") | (Tag::Psd, "no" | "false" | "0") => "n",
        (Tag::Psd, "unknown") => "u",
        (Tag::Adkim | Tag::Aspf, "strict" | "true") => "s",
        (Tag::Adkim | Tag::Aspf, "relaxed" | "relax" | "false") => "r",
        _ => return None,
    })
}

fn testing(cx: &Context<'_>, out: &mut Findings) {
    match cx.record.t() {
        Stated::Invalid { span } => invalid(cx, Tag::T, span, &T_INVALID, out),
        Stated::Valid { value: Testing::Yes, .. } => {
            let Some(policies) = cx.policies() else { return };
            let place = cx.place(Tag::T, cx.record.t());
            let strictest = policies.p.max(policies.sp).max(policies.np);
            if strictest == Policy::None {
                out.report(&T_NOOP, place);
            } else {
                let requested = if policies.p > Policy::None { policies.p } else { strictest };
                out.report(&TESTING_MODE, place).arg("requested", requested).arg("policy", requested.lowered());
            }
        }
        Stated::Valid { value: Testing::No, .. } | Stated::Absent => {}
    }
}

fn psd(cx: &Context<'_>, out: &mut Findings) {
    if let Stated::Invalid { span } = cx.record.psd() {
        invalid(cx, Tag::Psd, span, &PSD_INVALID, out);
    }
    let (Some(domain), Some(suffixes)) = (cx.domain, cx.suffixes) else { return };
    // One label is a top-level domain, listed or not.
    if cx.record.psd().value() == Some(Psd::Yes)
        && domain.label_count() > 1
        && suffixes.suffix(domain, Section::All) != *domain
    {
        let place = cx.place(Tag::Psd, cx.record.psd());
        let value = cx.record.psd().span();
        let found = out.report(&PSD_Y, place).arg("domain", domain).evidence(Evidence::Guessed);
        if let Some(value) = value {
            found.fix(Fix::maybe("write `psd=n`", [Edit::replace(value, "n")]));
        }
    }
}

fn mode(cx: &Context<'_>, tag: Tag, stated: Stated<Mode>, rule: &'static Rule, out: &mut Findings) {
    if let Stated::Invalid { span } = stated {
        invalid(cx, tag, span, rule, out);
    }
    if stated.value() == Some(Mode::Strict) {
        out.report(&STRICT, cx.place(tag, stated)).arg("tag", tag.as_str());
    }
}

/// A value that is none, with what was probably meant.
fn invalid(cx: &Context<'_>, tag: Tag, span: Span, rule: &'static Rule, out: &mut Findings) {
    let Some(written) = cx.tag(tag).filter(|_| !span.is_empty()) else { return };
    let value = cx.slice(span);
    let found = out.report(rule, cx.label(written.part)).arg("value", cx.record.source().visible(span));
    if !cx.tell_swallowed(span, found)
        && let Some(meant) = meant(tag, value).filter(|_| !holds_a_tag(value))
    {
        found.fix(Fix::maybe(format!("write `{meant}`"), [Edit::replace(span, meant)]));
    }
}

fn failure_options(cx: &Context<'_>, out: &mut Findings) {
    let stated = cx.record.fo();
    let Some(span) = stated.span().filter(|span| !span.is_empty()) else { return };
    let place = cx.place(Tag::Fo, stated);
    if let Err(error) = FailureOptions::parse(cx.slice(span)) {
        let rule = match error {
            FailureOptionsError::Unknown => &FO_INVALID,
            FailureOptionsError::Exclusive => &FO_EXCLUSIVE,
            FailureOptionsError::Duplicate => &FO_DUPLICATE,
        };
        let found = out.report(rule, place.clone()).arg("value", cx.record.source().visible(span));
        if !cx.tell_swallowed(span, found)
            && let Some(mended) = mended_options(cx.slice(span))
        {
            found.fix(Fix::maybe(format!("write `fo={mended}`"), [Edit::replace(span, mended)]));
        }
    }
    if !cx.record.has_ruf() {
        out.report(&FO_WITHOUT_RUF, place);
    }
}

/// The options that are there, each once; `1` stands for `0` and `1`, since it asks for more.
fn mended_options(value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let known = lower.chars().all(|c| matches!(c, '0' | '1' | 'd' | 's' | ':' | ',' | ' ' | '|' | '/'));
    let members: Vec<&str> =
        ["0", "1", "d", "s"].into_iter().filter(|m| lower.contains(m) && !(*m == "0" && lower.contains('1'))).collect();
    (known && !members.is_empty()).then(|| members.join(":"))
}
