//! The SPF leg: why it does not carry the message.

use super::{Case, copied, failed, stranger};
use crate::cause::{Cause, Evidence, Found};
use crate::finding::Diagnostic;
use crate::message::diagnose::facts::{Client, client, covering_include, forwarded, list_mark, rewritten};
use crate::spf::rules::owners::Owner;
use crate::spf::{self, SpfResult};
use crate::{Actor, Name};

/// Why SPF does not carry the message; `None` if it does, or was not checked.
pub(super) fn leg(case: &Case<'_>) -> Option<Found> {
    let aligned = case.spf_is_aligned();
    match case.spf_result()? {
        SpfResult::Pass if aligned => None,
        SpfResult::Pass => Some(not_aligned(case)),
        SpfResult::None if aligned => Some(missing(case)),
        SpfResult::Permerror if aligned => Some(invalid(case)),
        SpfResult::Temperror if aligned => Some(no_answer(case)),
        SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral if aligned => {
            Some(forwarded_without_srs(case).unwrap_or_else(|| not_listed(case)))
        }
        // The return path is somebody else's, and that somebody is not in order either.
        _ => forwarded_without_srs(case).or_else(|| forwarders_record(case)).or_else(|| somebody_else(case)),
    }
}

/// The same beside the verdict: that somebody else sends is a view of the whole, not of one leg.
pub(super) fn beside(case: &Case<'_>) -> Option<Found> {
    let leg = leg(case)?;
    if leg.cause == Cause::ThirdPartySenderNotAuthorized { client_not_listed(case) } else { Some(leg) }
}

fn no_answer(case: &Case<'_>) -> Found {
    let domain = case.spf_domain().map(ToString::to_string).unwrap_or_default();
    Found::new(Cause::DnsTemporaryFailure, evidence(case))
        .told(format!("the DNS gave no answer to what SPF of {domain} needs"))
}

fn not_aligned(case: &Case<'_>) -> Found {
    let author = case.author();
    let domain = case.spf_domain().map(ToString::to_string).unwrap_or_default();
    let seen = match case.spf_row() {
        Some(row) => row.why.clone(),
        None => format!("SPF passes for {domain}"),
    };
    let why = match (rewritten(case.mail), list_mark(case.mail)) {
        (Some((scheme, _)), _) => format!(", since the forwarder rewrote it ({scheme})"),
        (None, Some(_)) => ", since it is the list's".to_owned(),
        (None, None) => String::new(),
    };
    let found = Found::new(Cause::SpfNotAligned, seen)
        .told(format!("SPF passes for the return path at {domain}, which is not aligned with {author}{why}"));
    if why.is_empty() && case.is_authenticated() {
        return found.advise(format!("Use a return path below {author}, if SPF is to be aligned beside DKIM"));
    }
    if let Some(sender) = case.spf_domain().filter(|_| why.is_empty()) {
        let remedy = format!("use a return path below {author}, or sign with d={author}");
        return stranger::advised(case, found, sender, &remedy);
    }
    found
        .for_actor(Actor::Nobody)
        .advise("Nothing: whoever passes mail on gets the bounces, so that is as it should be")
}

fn missing(case: &Case<'_>) -> Found {
    let domain = case.spf_domain().map(ToString::to_string).unwrap_or_default();
    let ip = case.client_ip();
    let outcome = case.checks.spf.as_ref().map(|checked| &checked.outcome.cause);
    if let Some(spf::Cause::NoRecord { nonexistent: true }) = outcome {
        // Many receivers refuse such a sender before they ask for SPF.
        return Found::new(Cause::SpfMissing, evidence(case))
            .told(format!("{domain}, the domain of the sender, does not exist in the DNS"))
            .advise(format!(
                "If {domain} is misspelt, correct the sender's address; if it has run out or its name servers do not know it, bring it back"
            ));
    }
    Found::new(Cause::SpfMissing, format!("there is no SPF record at {domain}"))
        .told(format!("{domain} publishes no SPF record"))
        .advise(format!("Publish an SPF record at {domain} that lists {ip}, or sign with DKIM"))
}

fn invalid(case: &Case<'_>) -> Found {
    let Some(checked) = &case.checks.spf else { return failed::third_party(case) };
    let cause = match checked.outcome.cause {
        spf::Cause::TooManyLookups { .. } | spf::Cause::TooManyVoids { .. } | spf::Cause::TooManyExchanges { .. } => {
            Cause::SpfTooManyLookups
        }
        _ => Cause::SpfRecordInvalid,
    };
    let told = spf::headline(&checked.outcome, &checked.session);
    let told = told.split_once(": ").map_or(told.clone(), |(_, told)| told.to_owned());
    let found = Found::new(cause, evidence(case)).told(told);
    match others_record(&checked.outcome.cause, &checked.session) {
        Some((whom, at)) => found.advise(format!("Ask {whom} to repair the SPF record of {at}")),
        None => found,
    }
}

/// Whom to ask to repair a record that is somebody else's, and where it stands.
fn others_record<'a>(cause: &'a spf::Cause, session: &spf::Session) -> Option<(String, &'a Name)> {
    let spf::Cause::Syntax { at, .. } = cause else { return None };
    let whom = Owner::of(&at.domain, session.checked_domain().ok()?).whom()?;
    Some((whom, &at.domain))
}

/// What decided, with the place in the record.
fn evidence(case: &Case<'_>) -> Evidence {
    let Some(checked) = &case.checks.spf else { return Evidence::from("SPF was not checked") };
    let decided: Option<Diagnostic> = spf::explain(&checked.outcome, &checked.session).into_iter().next();
    match decided {
        Some(found) => Evidence::at(found.primary.clone(), found.message()),
        None => Evidence::from(spf::headline(&checked.outcome, &checked.session)),
    }
}

/// The client is not in the record: a host of the domain or of its usual sender, or somebody else.
fn not_listed(case: &Case<'_>) -> Found {
    let Some(domain) = case.spf_domain() else { return failed::third_party(case) };
    let ip = case.client_ip();
    let helo = case.mail.session.helo();
    let who = match client(case.mail, case.checks, domain) {
        Client::Own => format!("{helo} has the address {ip}"),
        Client::ClaimsToBeOwn => format!("{ip} calls itself {helo}"),
        Client::Other => match covering_include(case.dns, case.mail, domain) {
            Some(term) => format!("{helo} belongs to a sender that the record names with `{term}`"),
            None => return failed::third_party(case),
        },
    };
    Found::new(Cause::SpfSenderIpNotAuthorized, evidence(case))
        .and(who)
        .told(format!("{ip} ({helo}) sends for {domain} and is not listed in its SPF record"))
        .advise(format!("If {ip} sends for {domain}, add it to its SPF record, or sign with d={}", case.author()))
}

/// SPF passes, and alone carries the message, only because the record lets everybody send.
pub(super) fn open_to_all(case: &Case<'_>) -> Option<Found> {
    let checked = case.checks.spf.as_ref().filter(|checked| checked.outcome.result == SpfResult::Pass)?;
    let spf::Cause::Matched { path } = &checked.outcome.cause else { return None };
    let last = path.last().filter(|term| term.text().trim_start_matches('+').eq_ignore_ascii_case("all"))?;
    if case.checks.rows.iter().any(|row| row.aligned_pass() && !row.identifier.is_spf()) {
        return None;
    }
    let (author, ip, at, term) = (case.author(), case.client_ip(), &last.domain, last.text());
    Some(
        Found::new(Cause::SpfRecordInvalid, evidence(case))
            .told(format!(
                "SPF passes for {ip} only because `{term}` in the record of {at} lets everybody send: this says nothing about who \
                 sent the message, and whoever forges {author} passes DMARC"
            ))
            .advise(format!("Replace `{term}` in the SPF record of {at} by the addresses that send, and `-all`")),
    )
}

/// Whoever sent the message on wrote a return path of its own, and SPF of that does not pass.
fn forwarders_record(case: &Case<'_>) -> Option<Found> {
    let (actor, whose) = match (rewritten(case.mail), list_mark(case.mail)) {
        (Some(_), _) => (Actor::Forwarder, "the forwarder"),
        (None, Some(_)) => (Actor::ListOperator, "the list"),
        (None, None) => return None,
    };
    let (domain, ip) = (case.spf_domain()?, case.client_ip());
    let (cause, told, advice) = match case.spf_result()? {
        SpfResult::None => (
            Cause::SpfMissing,
            format!("{domain}, in the return path of {whose}, publishes no SPF record"),
            format!("Publish an SPF record at {domain} that lists {ip}"),
        ),
        SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral => (
            Cause::SpfSenderIpNotAuthorized,
            format!("{ip} is not listed in the SPF record of {domain}, in the return path of {whose}"),
            format!("Add {ip} to the SPF record of {domain}"),
        ),
        SpfResult::Permerror => (
            Cause::SpfRecordInvalid,
            format!("the SPF record of {domain}, in the return path of {whose}, is invalid"),
            format!("Repair the SPF record of {domain}"),
        ),
        SpfResult::Pass | SpfResult::Temperror => return None,
    };
    Some(Found::new(cause, evidence(case)).told(told).for_actor(actor).advise(advice))
}

/// The same as one leg of many: who the client is does not matter there.
pub(super) fn client_not_listed(case: &Case<'_>) -> Option<Found> {
    let refused = matches!(case.spf_result()?, SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral);
    let domain = case.spf_domain().filter(|_| refused && case.spf_is_aligned())?;
    let ip = case.client_ip();
    let found = Found::new(Cause::SpfSenderIpNotAuthorized, evidence(case))
        .told(format!("{ip} is not listed in the SPF record of {domain}"));
    Some(if copied::has_signed_mail(case) {
        found.advise(format!(
            "Add {ip} to the SPF record of {domain} only if it is a server of {domain}: whoever passes a signed message on, or copies it, \
             is not to be listed"
        ))
    } else {
        found
    })
}

/// The message was sent on under its old return path.
pub(super) fn forwarded_without_srs(case: &Case<'_>) -> Option<Found> {
    let refused = matches!(case.spf_result()?, SpfResult::Fail | SpfResult::Softfail | SpfResult::Neutral);
    let path = case.mail.session.reverse_path().unwrap_or_default();
    if !refused || path.is_empty() || rewritten(case.mail).is_some() {
        return None;
    }
    let found = forwarded(case.mail, case.checks)?;
    let (author, ip) = (case.author(), case.client_ip());
    let domain = case.spf_domain()?;
    let saved = match case.is_authenticated() {
        true => format!("a DKIM signature of {author} carries DMARC"),
        false => format!("no DKIM signature of {author} carries DMARC"),
    };
    let by = &found.by;
    let advice = match case.is_authenticated() {
        true => format!("{by} should rewrite the return path with SRS and leave messages unchanged"),
        false => format!(
            "{by} should rewrite the return path with SRS and leave messages unchanged; {author} should sign with DKIM"
        ),
    };
    let seen = match found.label {
        Some(label) => Evidence::at(label, found.text),
        None => Evidence::from(found.text),
    };
    Some(
        Found::new(Cause::ForwardedWithoutSrs, seen)
            .and(evidence(case))
            .told(format!("{by} sent the message on without SRS: SPF of {domain} fails for {ip}, and {saved}"))
            .advise(advice),
    )
}

/// SPF of a foreign return path does not pass: nobody stands for this message.
fn somebody_else(case: &Case<'_>) -> Option<Found> {
    let null = case.mail.session.reverse_path().is_some_and(str::is_empty);
    // A report has no return path; it is for DKIM to carry it.
    (!null && case.unaligned_pass().is_none()).then(|| failed::third_party(case))
}
