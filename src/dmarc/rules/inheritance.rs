//! Which policy applies to a domain, and what it comes from.

use super::context::Context;
use super::domain::{DomainContext, owner};
use super::subdomains;
use crate::dmarc::{ChosenBy, Existence, Found, MAX_VISITS, Place, PolicyTag, Psd, Record};
use crate::dns::Question;
use crate::finding::{Evidence, Findings, Label, rules};

rules! {
    /// # The policy is inherited
    ///
    /// The domain has no record of its own, so that of its Organizational Domain applies: `sp` for a domain that exists, `np` for one
    /// that does not, `p` where there is no such tag.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=quarantine; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=quarantine; rua=mailto:r@d.example"
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    INHERITED = "dmarc-inherited", Note, Ok, ["RFC 9989 §4.10.1"],
        "`{domain}` has no record of its own and inherits `{policy}` from {source}";

    /// # The policy comes from the public suffix
    ///
    /// Neither the domain nor its Organizational Domain has a record. That of the registry (`psd=y`) applies, and its reports go to
    /// the registry.
    ///
    /// ```zone bad d.example
    /// _dmarc.example. TXT "v=DMARC1; p=none; psd=y; rua=mailto:r@nic.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.example.   TXT "v=DMARC1; p=none; psd=y; rua=mailto:r@nic.example"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    FROM_PSD = "dmarc-inherited-from-psd", Note, Ok, ["RFC 9989 §4.10.1"],
        "only the record of the public suffix `{found}` applies to `{domain}`: `{policy}`";

    /// # The policy for mail from the domain
    ///
    /// What the tags come to for this domain, with their defaults and test mode. This is what Authentication-Results shows as
    /// `policy.dmarc`.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; t=y; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    EFFECTIVE = "dmarc-effective-policy", Note, Ok, ["RFC 9989 §4.7", "RFC 9989 §4.10.1", "RFC 9989 §9.1"],
        "mail from `{domain}` that fails DMARC: `{policy}` is asked for, by {source}{testing}";

    /// # The domain does not exist
    ///
    /// The DNS answers NXDOMAIN for the domain, so `np` applies to mail that claims to come from it.
    ///
    /// ```zone bad ghost.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good real.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@d.example"
    /// real.d.example. A 192.0.2.1
    /// ```
    NP_APPLIES = "dmarc-np-applies", Note, Ok, ["RFC 9989 §4.7", "RFC 9989 §3.2.13"],
        "`{domain}` does not exist, so `{tag}` of the record at `{found}` applies: `{policy}`";

    /// # Names in the middle are never asked
    ///
    /// From a name of more than eight labels the walk jumps to its last seven. Records at the names between are not found.
    ///
    /// ```zone bad a.b.c.e.f.g.h.i.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good a.b.d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    SKIPS = "dmarc-walk-skips-labels", Note, Ok, ["RFC 9989 §4.10"],
        "`{domain}` has {labels} labels: after it the walk goes on at `{next}`, so records between them are never found";

    /// # A record between the domain and its Organizational Domain
    ///
    /// Only three records can apply: that of the domain itself, of its Organizational Domain, of its public suffix. One in between
    /// applies to its own name only.
    ///
    /// ```zone bad a.mail.d.example
    /// _dmarc.mail.d.example. TXT "v=DMARC1; p=none; rua=mailto:r@d.example"
    /// _dmarc.d.example.      TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// a.mail.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good a.mail.d.example
    /// _dmarc.a.mail.d.example. TXT "v=DMARC1; p=none; rua=mailto:r@d.example"
    /// _dmarc.d.example.        TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    INTERMEDIATE = "dmarc-intermediate-record", Note, Ok, ["RFC 9989 §4.10.1", "RFC 9989 §4.10.2"],
        "the record at `{between}` does not apply to `{domain}`, whose Organizational Domain is `{org}`";
}

pub(super) fn check(cx: &DomainContext<'_>, _open: &mut Vec<Question>, out: &mut Findings) {
    policy(cx, out);
    skipped(cx, out);
    between(cx, out);
}

fn policy(cx: &DomainContext<'_>, out: &mut Findings) {
    let (Some(policy), Some(applied)) = (cx.policy(), cx.applied) else { return };
    let found = owner(&policy.domain);
    let tag = applied.from.as_str();
    let source = match applied.from {
        PolicyTag::ActAsNone => format!("the record at `{found}`, {}", disarmed(&policy.record)),
        PolicyTag::P | PolicyTag::PForSubdomain | PolicyTag::Sp | PolicyTag::Np => {
            format!("`{tag}` of the record at `{found}`")
        }
    };
    match policy.place {
        Place::AuthorDomain => {}
        Place::OrgDomain => {
            out.report(&INHERITED, cx.policy_label())
                .arg("domain", cx.domain)
                .arg("policy", applied.policy)
                .arg("source", &source);
        }
        Place::Psd => {
            out.report(&FROM_PSD, cx.policy_label())
                .arg("found", &policy.domain)
                .arg("domain", cx.domain)
                .arg("policy", applied.policy);
        }
    }
    let testing = if applied.policy == applied.requested {
        String::new()
    } else {
        format!(", lowered from `{}` by `t=y`", applied.requested)
    };
    out.report(&EFFECTIVE, cx.policy_label())
        .arg("domain", cx.domain)
        .arg("policy", applied.policy)
        .arg("source", &source)
        .arg("testing", testing);
    let counts = applied.from != PolicyTag::ActAsNone;
    if counts && cx.existence == Existence::NonExistent && policy.place != Place::AuthorDomain {
        out.report(&NP_APPLIES, cx.policy_label())
            .arg("domain", cx.domain)
            .arg("tag", tag)
            .arg("found", &found)
            .arg("policy", applied.policy);
    }
}

/// Why a record counts as `p=none` (§4.10.1).
fn disarmed(record: &Record) -> &'static str {
    if record.p().is_absent() {
        "which has no `p`"
    } else if record.p().is_invalid() {
        "whose `p` is not valid"
    } else if record.sp().is_invalid() {
        "whose `sp` is not valid"
    } else {
        "whose `np` is not valid"
    }
}

fn skipped(cx: &DomainContext<'_>, out: &mut Findings) {
    let labels = cx.domain.label_count();
    if labels > MAX_VISITS {
        out.report(&SKIPS, cx.nothing_here())
            .arg("domain", cx.domain)
            .arg("labels", labels)
            .arg("next", owner(&cx.domain.suffix(MAX_VISITS - 1)));
    }
}

fn between(cx: &DomainContext<'_>, out: &mut Findings) {
    let Ok(org) = &cx.discovery.org_domain else { return };
    let (start, end) = (cx.domain.label_count(), org.name.label_count());
    for visit in &cx.discovery.walk.visits {
        let Found::Record(record) = &visit.found else { continue };
        let name = cx.discovery.walk.name(visit);
        let applies = cx.policy().is_some_and(|policy| policy.domain == name);
        if visit.labels < start && visit.labels > end && !applies {
            out.report(&INTERMEDIATE, Label::whole(&cx.subject(&name, record.source().clone())))
                .arg("between", owner(&name))
                .arg("domain", cx.domain)
                .arg("org", &org.name);
        }
    }
}

/// `sp` and `np` of a record below its Organizational Domain.
pub(super) fn below(cx: &DomainContext<'_>, text: &Context<'_>, out: &mut Findings) {
    let (Some(place), Ok(org)) = (text.domain, &cx.discovery.org_domain) else { return };
    let own = place == cx.domain && org.name != *place && org.by == ChosenBy::FewestLabels;
    // A public suffix may say something for the names below it, and so may an Organizational Domain.
    if own && place.is_subdomain_of(&org.name) && text.record.psd().or_default() == Psd::Unknown {
        subdomains::below_org_domain(text, place, &org.name, Evidence::Observed, out);
    }
}
