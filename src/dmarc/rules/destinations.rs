//! Whether reports can arrive: permission, and mail for the destination.

use super::context::Context;
use super::domain::{DomainContext, is_null_mx};
use crate::Name;
use crate::dmarc::{Permission, ReportKind, Section, Target, Uri, permission, permission_by_list, permission_name};
use crate::dns::{Lookup, Question, RecordType, Records, Step};
use crate::finding::{
    Applicability, Diagnostic, Effect, Evidence, Findings, Fix, Label, Rule, Severity, Subject, rules,
};
use crate::unread;

rules! {
    /// # The destination's domain does not exist
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@gone.d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    NXDOMAIN = "dmarc-rua-domain-nxdomain", Error, Ok, ["RFC 5321 §5.1"],
        "reports cannot be delivered: `{host}` in `{tag}` does not exist";

    /// # The destination accepts no mail
    ///
    /// The domain has a null MX, or neither an MX nor an address. Reports bounce.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 0 .
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    NO_MAIL = "dmarc-rua-domain-no-mail", Error, Ok, ["RFC 7505 §3", "RFC 5321 §5.1"],
        "reports cannot be delivered: `{host}` in `{tag}` accepts no mail, since it has {reason}";

    /// # The destination has no MX
    ///
    /// Without an MX, mail goes to the domain's address. That works where a mail server listens there.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example.  TXT "v=DMARC1; p=reject; rua=mailto:r@host.d.example"
    /// host.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    NO_MX = "dmarc-rua-domain-no-mx", Note, Ok, ["RFC 5321 §5.1"],
        "`{host}` in `{tag}` has no MX, so reports go to its address";

    /// # An external destination without permission
    ///
    /// Reports may leave the organization only if the destination permits it by a record of its own. Without that, reporters ignore the
    /// destination. The record is for whoever runs it to publish.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=DMARC1;"
    /// ```
    UNAUTHORIZED = "dmarc-rua-external-unauthorized", Error, PartIgnored, ["RFC 9990 §4"],
        "`{host}` does not permit aggregate reports about `{domain}`, so reporters ignore it; it must publish `{owner} TXT \"v=DMARC1;\"`";

    /// # An external destination for failure reports without permission
    ///
    /// The same permission is needed for failure reports.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example; ruf=mailto:f@rep.test"
    /// d.example. MX 10 mx.d.example.
    /// rep.test.  MX 10 mx.rep.test.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example; ruf=mailto:f@rep.test"
    /// d.example. MX 10 mx.d.example.
    /// rep.test.  MX 10 mx.rep.test.
    /// *._report._dmarc.rep.test. TXT "v=DMARC1;"
    /// ```
    RUF_UNAUTHORIZED = "dmarc-ruf-external-unauthorized", Error, PartIgnored, ["RFC 9990 §4", "RFC 9991 §5"],
        "`{host}` does not permit failure reports about `{domain}`, so reporters ignore it; it must publish `{owner} TXT \"v=DMARC1;\"`";

    /// # An external destination with permission
    ///
    /// The destination permits reports about this domain. Nothing is to be done.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=DMARC1;"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    AUTHORIZED = "dmarc-rua-external-authorized", Note, Ok, ["RFC 9990 §4"],
        "`{host}` in `{tag}` is external and permits reports about `{domain}` at `{owner}`";

    /// # An external destination was not checked
    ///
    /// Reports may leave the organization only if the destination permits it in its DNS, which was not asked here.
    ///
    /// ```dmarc bad
    /// v=DMARC1; p=reject; rua=mailto:r@rep.test
    /// ```
    ///
    /// ```dmarc good
    /// v=DMARC1; p=reject; rua=mailto:r@d.example
    /// ```
    NOT_CHECKED = "dmarc-rua-external-not-checked", Note, Ok, ["RFC 9990 §4"],
        "`{host}` in `{tag}` seems external: it must permit reports by `{owner} TXT \"v=DMARC1;\"`, which was not looked up";

    /// # The permission is odd
    ///
    /// What stands at the name of the permission is no DMARC record, or there are several. Several count as permission; a text that
    /// does not begin with `v=DMARC1` does not.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=dmarc1"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=DMARC1"
    /// ```
    MALFORMED = "dmarc-rua-external-malformed", Warning, Ok, ["RFC 9990 §4"],
        "the permission at `{owner}` is odd: {what}";

    /// # The permission sends reports elsewhere
    ///
    /// A permission may name another address, but only at the same host. With another host, reporters send to neither.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=DMARC1; rua=mailto:x@other.test"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@rep.test"
    /// rep.test. MX 10 mx.rep.test.
    /// d.example._report._dmarc.rep.test. TXT "v=DMARC1"
    /// ```
    OVERRIDE = "dmarc-rua-external-override", Warning, PartIgnored, ["RFC 9990 §4"],
        "the permission at `{owner}` names another destination{where}: {consequence}";

    /// # Whether a destination is external depends on the receiver
    ///
    /// RFC 9989 receivers compare Organizational Domains by tree walk, RFC 7489 receivers by the Public Suffix List. For one of them
    /// this destination needs a permission, for the other it does not.
    ///
    /// ```zone bad s.d.example
    /// _dmarc.s.d.example. TXT "v=DMARC1; p=reject; psd=n; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// s.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example. MX 10 mx.d.example.
    /// ```
    BY_LIST = "dmarc-rua-external-org-psl", Note, Ok, ["RFC 9990 §4", "RFC 7489 §7.1"],
        "`{host}` in `{tag}` is {walk} to RFC 9989 receivers and {list} to RFC 7489 receivers";
}

/// Without the DNS: which destinations seem external.
pub(super) fn not_checked(cx: &Context<'_>, out: &mut Findings) {
    let Some(domain) = cx.domain else { return };
    for (kind, uri, host) in destinations(cx.record) {
        let related = match cx.suffixes {
            Some(list) => list.org_domain_or_self(domain, Section::All) == list.org_domain_or_self(&host, Section::All),
            None => domain.is_within(&host) || host.is_within(domain),
        };
        if let (false, Some(owner)) = (related, permission_name(domain, &host)) {
            out.report(&NOT_CHECKED, cx.label(uri.uri))
                .arg("host", &host)
                .arg("tag", kind.as_str())
                .arg("owner", owner)
                .evidence(Evidence::NotChecked);
        }
    }
}

/// The mailboxes that reports go to, each host once for each list.
fn destinations(record: &crate::dmarc::Record) -> Vec<(ReportKind, Uri, Name)> {
    let mut all: Vec<(ReportKind, Uri, Name)> = Vec::new();
    for kind in [ReportKind::Rua, ReportKind::Ruf] {
        for uri in kind.uris(record) {
            // Nobody sends by another scheme; `mailto://` is told as a mistake of its own.
            if !matches!(uri.target, Target::Mailto { .. }) {
                continue;
            }
            let Some(host) = uri.host(record.source()) else { continue };
            if !all.iter().any(|(other, _, known)| *other == kind && *known == host) {
                all.push((kind, *uri, host));
            }
        }
    }
    all
}

/// Destinations whose DNS is looked at: each costs up to twenty questions.
const MAX_DESTINATIONS: usize = 20;

pub(super) fn check(cx: &DomainContext<'_>, open: &mut Vec<Question>, out: &mut Findings) {
    let Some(policy) = cx.policy() else { return };
    let subject = cx.subject(&policy.domain, policy.record.source().clone());
    let destinations = destinations(&policy.record);
    unread::beyond(Label::whole(&subject), "destinations of reports", destinations.len(), MAX_DESTINATIONS, out);
    for (kind, uri, host) in destinations.into_iter().take(MAX_DESTINATIONS) {
        let place = Label::new(&subject, uri.uri);
        permitted(cx, &policy.domain, kind, &host, &place, open, out);
        deliverable(cx, kind, &host, &place, open, out);
    }
}

fn permitted(
    cx: &DomainContext<'_>,
    domain: &Name,
    kind: ReportKind,
    host: &Name,
    place: &Label,
    open: &mut Vec<Question>,
    out: &mut Findings,
) {
    let Some(by_walk) = permission(cx.dns, domain, host, kind).or_ask(open) else { return };
    let tag = kind.as_str();
    let differs = differs(cx, domain, kind, host, &by_walk, place, open, out);
    match &by_walk {
        Permission::SameOrgDomain(_) => {}
        Permission::Given { owner, overridden, records } => {
            out.report(&AUTHORIZED, place.clone())
                .arg("host", host)
                .arg("tag", tag)
                .arg("domain", domain)
                .arg("owner", owner);
            if *records > 1 {
                out.report(&MALFORMED, place.clone())
                    .arg("owner", owner)
                    .arg("what", format!("{records} records stand there, which counts as permission"));
            }
            if *overridden {
                out.report(&OVERRIDE, place.clone())
                    .arg("owner", owner)
                    .arg("where", " at the same host")
                    .arg("consequence", "reports go there instead")
                    .severity(Severity::Note)
                    .effect(Effect::Ok);
            }
        }
        Permission::Missing { owner } => {
            let found = missing(domain, kind, host, owner.as_ref(), place, out);
            if differs {
                // Older receivers send there: to them it is the same organization.
                found.severity(Severity::Warning).effect(Effect::Ok);
            }
            if let Some(owner) = owner {
                no_permission(cx, owner, out);
            }
        }
        Permission::OverrideElsewhere { owner, host } => {
            let at = host.as_ref().map_or_else(String::new, |host| format!(" at `{host}`"));
            out.report(&OVERRIDE, place.clone())
                .arg("owner", owner)
                .arg("where", at)
                .arg("consequence", "only one at the same host is allowed, so reporters send to neither");
        }
        Permission::Unknown(failed) => {
            if let Some(owner) = permission_name(domain, host) {
                out.report(&NOT_CHECKED, place.clone())
                    .arg("host", host)
                    .arg("tag", tag)
                    .arg("owner", owner)
                    .evidence(Evidence::NotChecked)
                    .label(format!("the DNS gave {} for {}", failed.failure.as_str(), failed.name));
            }
        }
    }
}

fn missing<'o>(
    domain: &Name,
    kind: ReportKind,
    host: &Name,
    owner: Option<&Name>,
    place: &Label,
    out: &'o mut Findings,
) -> &'o mut Diagnostic {
    let rule: &'static Rule = match kind {
        ReportKind::Rua => &UNAUTHORIZED,
        ReportKind::Ruf => &RUF_UNAUTHORIZED,
    };
    let found = out.report(rule, place.clone()).arg("host", host).arg("domain", domain);
    let Some(owner) = owner else { return found.arg("owner", "(a name longer than the DNS allows)") };
    found.arg("owner", owner).fix(Fix::publish(
        format!("whoever runs {host} publishes the permission"),
        owner,
        RecordType::Txt,
        "v=DMARC1;",
        Applicability::MaybeIncorrect,
    ))
}

/// What stands at the name of a permission and permits nothing.
fn no_permission(cx: &DomainContext<'_>, owner: &Name, out: &mut Findings) {
    let texts = cx.answer(owner, RecordType::Txt).map_or(&[][..], crate::dns::Answer::txts);
    if let Some(text) = texts.first() {
        let label = Label::whole(&Subject::record(owner, RecordType::Txt, text.clone()));
        out.report(&MALFORMED, label)
            .arg("owner", owner)
            .arg("what", "it does not begin with `v=DMARC1`, so it permits nothing")
            .effect(Effect::PartIgnored);
    }
}

/// Whether receivers of both generations differ about the destination; told if they do.
#[allow(clippy::too_many_arguments)]
fn differs(
    cx: &DomainContext<'_>,
    domain: &Name,
    kind: ReportKind,
    host: &Name,
    by_walk: &Permission,
    place: &Label,
    open: &mut Vec<Question>,
    out: &mut Findings,
) -> bool {
    let Some(suffixes) = &cx.options.suffixes else { return false };
    if matches!(by_walk, Permission::Unknown(_)) {
        return false;
    }
    let step: Step<Permission> = permission_by_list(cx.dns, domain, host, kind, suffixes, Section::All);
    let Some(by_list) = step.or_ask(open) else { return false };
    let external = |permission: &Permission| !matches!(permission, Permission::SameOrgDomain(_));
    let differs = by_walk.is_given() != by_list.is_given();
    if differs {
        let word = |permission: &Permission| if external(permission) { "external" } else { "the same organization" };
        out.report(&BY_LIST, place.clone())
            .arg("host", host)
            .arg("tag", kind.as_str())
            .arg("walk", word(by_walk))
            .arg("list", word(&by_list));
    }
    differs
}

fn deliverable(
    cx: &DomainContext<'_>,
    kind: ReportKind,
    host: &Name,
    place: &Label,
    open: &mut Vec<Question>,
    out: &mut Findings,
) {
    let Some(mx) = cx.ask(host, RecordType::Mx, open) else { return };
    let tag = kind.as_str();
    match &mx.lookup {
        Lookup::Records(Records::Mx(mxs)) if is_null_mx(mxs) => {
            out.report(&NO_MAIL, place.clone()).arg("host", host).arg("tag", tag).arg("reason", "a null MX");
        }
        Lookup::Records(_) | Lookup::Failure(_) => {}
        Lookup::NxDomain => {
            out.report(&NXDOMAIN, place.clone()).arg("host", host).arg("tag", tag);
        }
        Lookup::NoData => {
            let addresses = [RecordType::A, RecordType::Aaaa].map(|record_type| cx.ask(host, record_type, open));
            let [Some(a), Some(aaaa)] = addresses else { return };
            if a.failure().is_some() || aaaa.failure().is_some() {
                return;
            }
            if a.records().is_some() || aaaa.records().is_some() {
                out.report(&NO_MX, place.clone()).arg("host", host).arg("tag", tag);
            } else {
                let reason = "neither an MX nor an address";
                out.report(&NO_MAIL, place.clone()).arg("host", host).arg("tag", tag).arg("reason", reason);
            }
        }
    }
}
