//! Where the record stands, and what else stands there.

use super::context::Context;
use super::domain::{DomainContext, MAX_TOLD, is_near_miss, is_spf, owner};
use super::misplaced;
use crate::Name;
use crate::aliases;
use crate::dmarc::{Found, Policies, Policy, Record, Request};
use crate::dns::{Answer, Lookup, Question, RecordType, Records};
use crate::finding::{Applicability, Change, Effect, Evidence, Findings, Fix, Label, Rule, Subject, rules};
use crate::text::Source;
use crate::unread;

rules! {
    /// # No DMARC record
    ///
    /// No record stands at the domain, at its Organizational Domain, or at its public suffix. Receivers apply no DMARC: forged mail
    /// is judged by nothing but their own taste, and large providers take less mail from such domains.
    ///
    /// ```zone bad d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// Begin with watching:
    ///
    /// ```zone good d.example
    /// d.example. MX 10 mx.d.example.
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@d.example"
    /// ```
    MISSING = "dmarc-missing", Warning, NoDmarc, ["RFC 9989 §4.10.1"],
        "no DMARC record applies to `{domain}`: none is at `{owner}`, nor where the tree walk looks above it";

    /// # An SPF record at `_dmarc`
    ///
    /// Receivers ignore it there. Often it comes from a wildcard that was meant for something else.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=spf1 -all"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example.        TXT "v=spf1 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=reject; rua=mailto:r@d.example"
    /// ```
    SPF_HERE = "dmarc-spf-at-dmarc-name", Error, PartIgnored, ["RFC 9989 §4.5"],
        "an SPF record stands at `{owner}`, where receivers ignore it";

    /// # Other texts beside the record
    ///
    /// Receivers drop every TXT record at `_dmarc` that is no DMARC record. It does no harm.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// _dmarc.d.example. TXT "site-verification=1234"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// d.example.        TXT "site-verification=1234"
    /// ```
    UNRELATED = "dmarc-unrelated-txt", Note, Ok, ["RFC 9989 §4.10"],
        "a TXT record at `{owner}` has nothing to do with DMARC, and receivers drop it";

    /// # A wildcard answers at `_dmarc`
    ///
    /// `*.d.example TXT` answers for every name that does not exist, `_dmarc` included.
    ///
    /// ```zone bad d.example
    /// *.d.example. TXT "v=spf1 -all"
    /// d.example.   MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// *.d.example.      TXT "v=spf1 -all"
    /// d.example.        MX 10 mx.d.example.
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    WILDCARD = "dmarc-wildcard-txt", Warning, PartIgnored, ["RFC 9989 §4.10", "RFC 4592"], covers ["dns-wildcard-txt"],
        "the wildcard `{wildcard}` answers at `{owner}` with something that is no DMARC record";

    /// # `_dmarc` is an alias
    ///
    /// A CNAME hands the record to somebody else, often a provider. That is legal; the provider decides what the domain's
    /// policy is.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. CNAME d.example.dmarc.prov.example.
    /// d.example.dmarc.prov.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    CNAME = "dmarc-cname", Note, Ok, ["RFC 1034 §3.6.2"],
        "`{owner}` is an alias of `{target}`, which decides about the policy";

    /// # The alias leads nowhere
    ///
    /// `_dmarc` is a CNAME of a name without a DMARC record. Receivers see none. If the target's domain is free, anybody can
    /// register it and publish a policy for you.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. CNAME gone.prov.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    CNAME_DANGLING = "dmarc-cname-dangling", Error, NoDmarc, ["RFC 1034 §3.6.2"],
        "`{owner}` is an alias of `{target}`, where no DMARC record stands";

    /// # An alias and other records at one name
    ///
    /// A name with a CNAME may have no other records. What resolvers answer depends on which of them they saw first.
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    CNAME_CONFLICT = "dmarc-cname-conflict", Error, Differs, ["RFC 1034 §3.6.2", "RFC 2181 §10.1"],
        "both a CNAME (of `{target}`) and a TXT record stand at `{owner}`: which one a receiver sees is chance";

    /// # `_dmarc` is delegated
    ///
    /// NS records hand the whole of `_dmarc` to other name servers, usually a provider's. That is legal.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. NS ns1.prov.example.
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    NS_DELEGATED = "dmarc-ns-delegated", Note, Ok, ["RFC 9989 §5.1.8"],
        "`{owner}` is delegated to the name servers `{servers}`";

    /// # The DNS does not answer
    ///
    /// Whether there is a record is unknown, and so is the policy. Receivers answer temperror, or deliver without DMARC.
    ///
    /// ```zone bad d.example
    /// _dmarc.d.example. SERVFAIL
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    TEMPERROR = "dmarc-dns-temperror", Warning, Temperror, ["RFC 9989 §5.3.6"],
        "the DNS gives {failure} for `{owner}`, so whether there is a record is unknown";

    /// # The DNS does not answer further up
    ///
    /// A name on the way up the tree gives no answer. Receivers may not step over it, so the policy, or the Organizational Domain,
    /// is unknown to them.
    ///
    /// ```zone bad a.d.example
    /// _dmarc.d.example. SERVFAIL
    /// a.d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```zone good a.d.example
    /// _dmarc.a.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@a.d.example"
    /// ```
    WALK_TEMPERROR = "dmarc-walk-temperror", Warning, Temperror, ["RFC 9989 §4.10.1", "RFC 9989 §5.3.6"],
        "the DNS gives {failure} for `{owner}` above `{domain}`, so {unknown} unknown";

    /// # The record is not signed
    ///
    /// The resolver checks DNSSEC and vouches for other answers, but not for this one: whoever can forge DNS answers can forge
    /// the policy.
    ///
    /// ```zone good d.example
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; rua=mailto:r@d.example"
    /// ```
    INSECURE = "dmarc-lookup-insecure", Note, Ok, ["RFC 9989 §11.3"], covers ["dns-dnssec-unsigned"],
        "the record at `{owner}` is not signed with DNSSEC";

    /// # A domain without mail is not closed
    ///
    /// The domain sends no mail: SPF authorizes nobody. Nothing legitimate can fail, so `p=reject` for it and everything below it
    /// costs nothing and keeps forgers out.
    ///
    /// ```zone bad d.example
    /// d.example.        MX 0 .
    /// d.example.        TXT "v=spf1 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:r@d.example"
    /// ```
    ///
    /// ```zone good d.example
    /// d.example.        MX 0 .
    /// d.example.        TXT "v=spf1 -all"
    /// _dmarc.d.example. TXT "v=DMARC1; p=reject; sp=reject; np=reject"
    /// ```
    NONMAIL = "dmarc-on-nonmail-domain", Note, Ok, ["RFC 9989 §5.1.7", "RFC 7505 §4"],
        "`{domain}` sends no mail, so `p=reject; sp=reject; np=reject` would be safe";
}

pub(super) fn check(cx: &DomainContext<'_>, open: &mut Vec<Question>, out: &mut Findings) {
    if failures(cx, out) {
        return;
    }
    let misplaced = misplaced::elsewhere(cx, open, out);
    others(cx, open, out);
    alias(cx, out);
    missing(cx, &misplaced, out);
    signature(cx, out);
    nonmail(cx, out);
}

/// Whether the DNS did not tell what stands at the domain itself.
fn failures(cx: &DomainContext<'_>, out: &mut Findings) -> bool {
    let Some((name, failure)) = cx.discovery.walk.failure() else { return false };
    let (rule, own): (&'static Rule, _) =
        if name == *cx.domain { (&TEMPERROR, true) } else { (&WALK_TEMPERROR, false) };
    let subject = cx.subject(&name, Source::default());
    let unknown = match cx.discovery.policy {
        Ok(_) => "its Organizational Domain, and with it relaxed alignment, is",
        Err(_) => "its policy is",
    };
    let found = out.report(rule, Label::whole(&subject));
    found.arg("failure", failure.as_str()).arg("owner", owner(&name)).arg("domain", cx.domain).arg("unknown", unknown);
    if cx.discovery.policy.is_ok() {
        found.effect(Effect::Differs);
    }
    own
}

/// A text that nobody can have meant as a DMARC record.
pub(super) fn stranger(cx: &Context<'_>, out: &mut Findings) {
    crate::panel::url(cx.subject, out);
    let rule = if is_spf(cx.text()) { &SPF_HERE } else { &UNRELATED };
    let place = cx.domain.map_or_else(|| "_dmarc".to_owned(), |domain| owner(domain).to_string());
    out.report(rule, cx.whole()).arg("owner", place).effect(Effect::NoDmarc);
}

/// TXT records at `_dmarc` that are no DMARC records.
fn others(cx: &DomainContext<'_>, open: &mut Vec<Question>, out: &mut Findings) {
    let rest = super::records::rest(cx);
    let mut strangers: Vec<&Source> = cx
        .own_txts()
        .iter()
        .filter(|text| !Record::of((*text).clone()).is_dmarc() && !is_near_miss(text.text()))
        // What belongs to the record beside it is told as that.
        .filter(|text| !rest.contains(text))
        .collect();
    unread::beyond(cx.nothing_here(), "other texts at `_dmarc`", strangers.len(), MAX_TOLD, out);
    strangers.truncate(MAX_TOLD);
    for &text in &strangers {
        let subject = cx.subject(cx.domain, text.clone());
        if crate::panel::is_url(text.text()) {
            crate::panel::url(&subject, out);
            continue;
        }
        let rule = if is_spf(text.text()) { &SPF_HERE } else { &UNRELATED };
        let label = Label::whole(&subject);
        out.report(rule, label).arg("owner", &cx.owner);
    }
    let Some(first) = strangers.first() else { return };
    // A question for `*` itself is answered by the wildcard's own records (RFC 4592 §2.3).
    let Ok(wildcard) = cx.domain.prefixed("*") else { return };
    let Some(answer) = cx.ask(&wildcard, RecordType::Txt, open) else { return };
    if answer.txts().contains(first) {
        let label = Label::whole(&Subject::record(&wildcard, RecordType::Txt, (*first).clone()));
        out.report(&WILDCARD, label).arg("wildcard", &wildcard).arg("owner", &cx.owner);
    }
}

fn alias(cx: &DomainContext<'_>, out: &mut Findings) {
    let txt = cx.answer(&cx.owner, RecordType::Txt);
    let cname = match cx.answer(&cx.owner, RecordType::Cname).and_then(Answer::records) {
        Some(Records::Cname(names)) => names.first(),
        _ => None,
    };
    let followed = txt.map_or(&[][..], |answer| &answer.aliases);
    let label = || match cx.own_txts().first() {
        Some(text) => Label::whole(&cx.subject(cx.domain, text.clone())),
        None => cx.nothing_here(),
    };
    if let Some(target) = followed.last().or(cname) {
        let rule: &'static Rule = match txt.map(|answer| &answer.lookup) {
            Some(Lookup::Records(_)) if followed.is_empty() => &CNAME_CONFLICT,
            Some(Lookup::NoData | Lookup::NxDomain) => &CNAME_DANGLING,
            _ if matches!(cx.own(), Found::Nothing) => &CNAME_DANGLING,
            _ => &CNAME,
        };
        // It is no record that fails, but one that is not there.
        let place = if rule.code == CNAME_DANGLING.code { cx.nothing_here() } else { label() };
        let found = out.report(rule, place).arg("owner", &cx.owner).arg("target", target);
        // Of a chain the last name is the target of another one.
        if rule.code == CNAME_DANGLING.code && followed.len() < 2 {
            found.fixes.extend(aliases::without_zone(&cx.owner, RecordType::Cname, aliases::value, target, cx.domain));
        }
    }
    aliases::check(cx.dns, &cx.owner, out);
    if let Some(Records::Ns(servers)) = cx.answer(&cx.owner, RecordType::Ns).and_then(Answer::records) {
        let servers: Vec<&str> = servers.iter().map(Name::as_str).collect();
        out.report(&NS_DELEGATED, label()).arg("owner", &cx.owner).arg("servers", servers.join("`, `"));
    }
}

/// No record applies. What comes close is shown, with the one record to publish.
fn missing(cx: &DomainContext<'_>, misplaced: &[(Name, Source)], out: &mut Findings) {
    if !matches!(cx.discovery.policy, Ok(None)) || matches!(cx.own(), Found::Several(_)) {
        return;
    }
    let found = out.report(&MISSING, cx.nothing_here());
    found.arg("domain", cx.domain).arg("owner", &cx.owner);
    let mut candidate = None;
    for text in cx.near_misses().take(MAX_TOLD) {
        let label = Label::whole(&cx.subject(cx.domain, text.clone()));
        found.related(label.with("receivers do not see this as a DMARC record"));
        candidate.get_or_insert_with(|| misplaced::repaired(cx, text));
    }
    for (name, text) in misplaced {
        let label = Label::whole(&Subject::record(name, RecordType::Txt, text.clone()));
        found.related(label.with("receivers do not look here"));
        candidate.get_or_insert_with(|| misplaced::repaired(cx, text));
    }
    let (value, applicability) = match candidate {
        Some(text) => (text, Applicability::MaybeIncorrect),
        None if cx.sends_nothing() => {
            ("v=DMARC1; p=reject; sp=reject; np=reject".to_owned(), Applicability::MaybeIncorrect)
        }
        None => {
            let text = format!("v=DMARC1; p=none; rua=mailto:dmarc-reports@{}", cx.domain);
            (text, Applicability::HasPlaceholders)
        }
    };
    let remove = cx.near_misses().map(|text| text.text().to_owned());
    found.fix(Fix {
        title: format!("publish one record at {}", cx.owner),
        change: Change::Records {
            owner: cx.owner.clone(),
            record_type: RecordType::Txt,
            remove: remove.collect(),
            add: vec![value],
        },
        applicability,
    });
}

/// Only a resolver that vouches for something can be said not to vouch for this.
fn signature(cx: &DomainContext<'_>, out: &mut Findings) {
    let Some(policy) = cx.policy() else { return };
    let owner = owner(&policy.domain);
    let signed = cx.answer(&owner, RecordType::Txt).is_none_or(|answer| answer.authentic);
    if !signed && cx.dns.iter().any(|(_, answer)| answer.authentic) {
        out.report(&INSECURE, cx.policy_label()).arg("owner", &owner);
    }
}

fn nonmail(cx: &DomainContext<'_>, out: &mut Findings) {
    let Found::Record(record) = cx.own() else { return };
    let closed = matches!(
        record.request(),
        Request::Policies(Policies { p: Policy::Reject, sp: Policy::Reject, np: Policy::Reject, .. })
    );
    if cx.sends_nothing() && !closed {
        out.report(&NONMAIL, cx.policy_label()).arg("domain", cx.domain).evidence(Evidence::Guessed);
    }
}
