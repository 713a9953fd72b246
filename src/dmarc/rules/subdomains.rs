//! `sp` and `np`: what applies below the domain.

use super::context::Context;
use crate::dmarc::{Policy, Section, Tag};
use crate::finding::{Evidence, Findings, rules};

rules! {
    /// # Subdomains are not protected
    ///
    /// The domain enforces its policy, but `sp=none` asks receivers to do nothing about forged mail from its subdomains. Forgers
    /// take a subdomain then.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; sp=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; sp=reject; rua=mailto:d@d.example
    /// ```
    SP_NONE = "dmarc-sp-none", Warning, Ok, ["RFC 9989 §4.7"],
        "`sp=none` leaves subdomains unprotected while the domain asks for `{p}`";

    /// # Subdomains are protected less
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; sp=reject; rua=mailto:d@d.example
    /// ```
    SP_WEAKER = "dmarc-sp-weaker", Warning, Ok, ["RFC 9989 §4.7"],
        "`sp={sp}` asks for less than `p={p}`: forgers can take a subdomain";

    /// # Subdomains inherit the policy
    ///
    /// Without `sp`, the policy of the domain applies to its subdomains. That is usually what is wanted; it also concerns
    /// subdomains that other departments or services send from.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; sp=reject; rua=mailto:d@d.example
    /// ```
    SP_MISSING = "dmarc-sp-missing", Note, Ok, ["RFC 9989 §4.7"],
        "there is no `sp`, so `p={p}` applies to subdomains without a record too";

    /// # `sp` at a subdomain has no effect
    ///
    /// `sp` and `np` count in the record of an Organizational Domain (or public suffix) only. Mail from names below this one gets
    /// the policy of the Organizational Domain, not of this record.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; sp=none; rua=mailto:r@d.example"
    /// _dmarc.d.example.   TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    SP_ON_SUBDOMAIN = "dmarc-sp-on-subdomain", Note, PartIgnored, ["RFC 9989 §4.7"],
        "`{tag}` has no effect here: `{domain}` lies below its Organizational Domain `{org}`, whose record applies further down";

    /// # Names that do not exist are not protected
    ///
    /// No legitimate mail comes from names that do not exist. `np=none` lets forgers use any of them.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; np=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; np=reject; rua=mailto:d@d.example
    /// ```
    NP_NONE = "dmarc-np-none", Warning, Ok, ["RFC 9989 §4.7"],
        "`np=none` leaves names that do not exist unprotected, and no legitimate mail comes from them";

    /// # Names that do not exist are protected less
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; np=quarantine; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; np=reject; rua=mailto:d@d.example
    /// ```
    NP_WEAKER = "dmarc-np-weaker", Warning, Ok, ["RFC 9989 §4.7"],
        "`np={np}` asks for less for names that do not exist than `{from}={than}` for those that do";

    /// # `np=reject` would be safe
    ///
    /// No legitimate mail comes from names that do not exist, so `np=reject` protects them at no risk, even while the policy for
    /// real names is weaker.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=quarantine; sp=none; rua=mailto:d@d.example
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=quarantine; sp=none; np=reject; rua=mailto:d@d.example
    /// ```
    NP_MISSING = "dmarc-np-missing", Note, Ok, ["RFC 9989 §4.7"],
        "there is no `np`, so `{policy}` applies to names that do not exist; `np=reject` is safe, since no legitimate mail comes from them";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let record = cx.record;
    let Some(policies) = cx.policies() else { return };
    match record.sp().value() {
        Some(Policy::None) if policies.p > Policy::None => {
            out.report(&SP_NONE, cx.place(Tag::Sp, record.sp())).arg("p", policies.p);
        }
        Some(sp) if sp < policies.p => {
            out.report(&SP_WEAKER, cx.place(Tag::Sp, record.sp())).arg("sp", sp).arg("p", policies.p);
        }
        None if policies.p > Policy::None => {
            out.report(&SP_MISSING, cx.place(Tag::P, record.p())).arg("p", policies.p);
        }
        Some(_) | None => {}
    }
    match record.np().value() {
        Some(Policy::None) => {
            out.report(&NP_NONE, cx.place(Tag::Np, record.np()));
        }
        Some(np) if np < policies.sp => {
            let from = if record.sp().is_absent() { "p" } else { "sp" };
            out.report(&NP_WEAKER, cx.place(Tag::Np, record.np()))
                .arg("np", np)
                .arg("from", from)
                .arg("than", policies.sp);
        }
        None if policies.np < Policy::Reject => {
            out.report(&NP_MISSING, cx.place(Tag::P, record.p())).arg("policy", policies.np);
        }
        Some(_) | None => {}
    }
    by_suffix_list(cx, out);
}

/// Without the DNS, the Public Suffix List can only guess where the Organizational Domain is.
fn by_suffix_list(cx: &Context<'_>, out: &mut Findings) {
    let (Some(domain), Some(suffixes)) = (cx.domain, cx.suffixes) else { return };
    let Some(org) = suffixes.org_domain(domain, Section::All).filter(|org| org != domain) else { return };
    if cx.record.psd().or_default() == crate::dmarc::Psd::No {
        return;
    }
    below_org_domain(cx, domain, &org, Evidence::Guessed, out);
}

/// Tells each of `sp` and `np` that has no effect since `domain` lies below `org`.
pub(super) fn below_org_domain(
    cx: &Context<'_>,
    domain: &crate::Name,
    org: &crate::Name,
    evidence: Evidence,
    out: &mut Findings,
) {
    for (tag, stated) in [(Tag::Sp, cx.record.sp()), (Tag::Np, cx.record.np())] {
        if stated.value().is_some() {
            out.report(&SP_ON_SUBDOMAIN, cx.place(tag, stated))
                .arg("tag", tag.as_str())
                .arg("domain", domain)
                .arg("org", org)
                .evidence(evidence);
        }
    }
}
