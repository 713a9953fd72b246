//! The report of a message's diagnosis.

use super::{AlignmentFacts, ArcFacts, KnownFacts, MessageFacts, MessageInput, SessionFacts, path, signature, tell};
use crate::arc::{self, ArcResult};
use crate::cause::Cause;
use crate::dkim::forensics::Certainty;
use crate::dmarc::{Mode, explain};
use crate::dns::{Snapshot, Step};
use crate::finding::{Diagnostic, Severity};
use crate::message::diagnose::{Diagnosis, Known, Row};
use crate::message::{Message, diagnose};
use crate::report::{Actor, Advice, Input, Report, Verdict, dmarc, spf};

pub(super) fn check(input: &MessageInput, dns: &Snapshot) -> Step<Report> {
    diagnose(dns, &input.asked()).map(|found| report(input, dns, &found))
}

fn report(input: &MessageInput, dns: &Snapshot, found: &Diagnosis) -> Report {
    let message = Message::parse(&input.message.0);
    let facts = facts(&message, found);
    let mut findings = found.findings.clone();
    let verdicts = verdicts(dns, found, &mut findings);
    let added = tell::added(&findings).map(str::to_owned);
    findings.retain(|one| !tell::is_told_otherwise(one, found.primary.cause));
    let passed = found.primary.cause == Cause::NoProblem && added.is_none();
    let headline = match (&added, found.primary.cause) {
        (Some(field), Cause::NoProblem) => {
            format!(
                "a second {field} was added above the signed one: DKIM passes, but people may see what nobody signed"
            )
        }
        _ => found.primary.told.clone() + on_whose_word(found),
    };
    let list = message.fields_named("List-Id").next().is_some();
    let mut report = Report::new(Input::Message(Box::new(input.clone())), passed, headline, dns.clone())
        .with_groups(findings, |one| tell::whose(one, list, found.primary.cause));
    report.traces =
        facts.signatures.iter().enumerate().map(|(at, one)| tell::signature(one, facts.altered == Some(at))).collect();
    report.traces.extend(facts.arc.as_ref().map(tell::arc));
    report.traces.extend(spf_trace(dns, found));
    report.traces.extend(found.dmarc.as_ref().and_then(|outcome| dmarc::policy_trace(outcome, &found.receivers)));
    report.traces.extend(path::trace(&facts));
    report.verdicts = verdicts;
    report.receivers = found.receivers.clone();
    report.advice = advice(found);
    report.causes = [&found.primary].into_iter().chain(&found.secondary).cloned().collect();
    report.message = Some(facts);
    report
}

/// That nothing is wrong, where only SPF says so and the message itself tells who its client was.
fn on_whose_word(found: &Diagnosis) -> &'static str {
    let session = &found.session;
    let claimed = session.ip.as_ref().is_some_and(|ip| ip.claimed_by.is_some())
        || session.mail_from.as_ref().is_some_and(|path| path.claimed_by.is_some());
    let mut passing = found.alignment.iter().filter(|row| row.aligned_pass());
    let by_spf_only = found.primary.cause == Cause::NoProblem && passing.all(|row| row.identifier.is_spf());
    if claimed && by_spf_only { "; this rests on Received and Return-Path being true" } else { "" }
}

/// Where nothing is wrong, nobody has to do anything about what is harmless.
fn advice(found: &Diagnosis) -> Vec<Advice> {
    if found.primary.cause == Cause::NoProblem {
        return Vec::new();
    }
    let mut all: Vec<Advice> = Vec::new();
    let others = found.secondary.iter().filter(|other| other.actor != Actor::Nobody);
    // Whoever undoes the primary cause mends the signature too.
    let by_list = found.primary.cause == Cause::MailingListModified;
    let others = others.filter(|other| !(by_list && other.cause.id().starts_with("dkim-")));
    for cause in [&found.primary].into_iter().chain(others) {
        let advice = Advice::new(cause.actor, &cause.advice);
        if !all.contains(&advice) {
            all.push(advice);
        }
    }
    all
}

/// SPF, each signature, ARC, DMARC. What explains them is taken away from the findings.
fn verdicts(dns: &Snapshot, found: &Diagnosis, findings: &mut Vec<Diagnostic>) -> Vec<Verdict> {
    let mut all = Vec::new();
    if let Some((outcome, session)) = found.spf.as_ref().zip(spf_session(found)) {
        let mut verdict = spf::verdict(outcome, &session, dns);
        let first = crate::spf::explain(outcome, &session).into_iter().next();
        findings.retain(|one| Some(one) != first.as_ref());
        // Nobody should authorise a forwarder or a forger.
        let may_authorise = matches!(found.primary.cause, Cause::SpfSenderIpNotAuthorized | Cause::SpfRecordInvalid);
        if let Some(because) = verdict.because.as_mut().filter(|_| !may_authorise) {
            because.fixes.clear();
        }
        all.push(verdict);
    }
    for signed in &found.signatures {
        let outcome = &signed.outcome;
        let domain = outcome.domain().map(ToString::to_string).unwrap_or_default();
        all.push(verdict("dkim", domain, outcome.result.as_str(), signature::because(outcome, findings)));
    }
    if let Some(arc) = found.arc.as_ref().filter(|arc| arc.result != ArcResult::None) {
        let seal = arc.chain.last().and_then(|set| set.seal.as_ref());
        let domain = seal.and_then(|seal| seal.signature.domain.as_ref()).map(|domain| domain.value.to_string());
        let broken = |one: &Diagnostic| one.severity == Severity::Error && one.code.as_str().starts_with("arc-");
        all.push(verdict("arc", domain.unwrap_or_default(), arc.result.as_str(), take(findings, broken)));
    }
    let because = take(findings, |one| one.code.as_str().starts_with("dmarc-eval-"));
    let undecided = found.dmarc.as_ref().is_some_and(|dmarc| dmarc.cause == crate::dmarc::Cause::SpfNotChecked);
    if !undecided && (found.dmarc.is_some() || because.is_some()) {
        let domain = found.author.domain().map(ToString::to_string).unwrap_or_default();
        let result = if found.dmarc.is_some() { found.dmarc_result().as_str() } else { "permerror" };
        all.push(verdict("dmarc", domain, result, because));
    }
    all
}

fn verdict(method: &'static str, domain: String, result: &'static str, because: Option<Diagnostic>) -> Verdict {
    Verdict { method, identity: "", domain, result, because, explanation: None }
}

/// The first that is so; it is taken away.
pub(super) fn take(findings: &mut Vec<Diagnostic>, is: impl Fn(&Diagnostic) -> bool) -> Option<Diagnostic> {
    let at = findings.iter().position(is)?;
    Some(findings.remove(at))
}

fn spf_session(found: &Diagnosis) -> Option<crate::spf::Session> {
    let session = &found.session;
    let helo = session.helo.as_ref().map_or("", |helo| helo.value.as_str());
    Some(crate::spf::Session::new(session.ip.as_ref()?.value, helo, &session.mail_from.as_ref()?.value))
}

fn spf_trace(dns: &Snapshot, found: &Diagnosis) -> Option<crate::report::Trace> {
    spf::trace(&spf_session(found)?, found.spf.as_ref()?, dns)
}

fn facts(message: &Message<'_>, found: &Diagnosis) -> MessageFacts {
    let altered = found.signatures.iter().position(|signed| {
        let known = || signed.alterations().any(|one| one.certainty != Certainty::Unknown);
        let other_body = signed.outcome.body.is_some_and(|body| !body.matches);
        Some(signed.outcome.field) == found.altered_signature && (other_body || known())
    });
    let known = |known: &Known<String>| self::known(message, known, known.value.clone());
    MessageFacts {
        signatures: found.signatures.iter().map(|signed| signature::facts(message, signed)).collect(),
        arc: found.arc.as_ref().filter(|arc| arc.result != ArcResult::None).map(|arc| ArcFacts {
            intact: Some(arc.result == ArcResult::Pass),
            told: arc::explain::headline(arc),
            claims: arc.chain.sets.iter().map(arc::explain::claim).collect(),
        }),
        altered,
        author: found.author.domain().map(ToString::to_string),
        alignment: found.alignment.iter().map(alignment).collect(),
        session: SessionFacts {
            ip: found.session.ip.as_ref().map(|ip| self::known(message, ip, ip.value.to_string())),
            helo: found.session.helo.as_ref().map(known),
            mail_from: found.session.mail_from.as_ref().map(known),
            rcpt_to: found.session.rcpt_to.clone(),
        },
        path: path::facts(&found.path),
    }
}

fn known<T>(message: &Message<'_>, known: &Known<T>, value: String) -> KnownFacts {
    let field = known.claimed_by.and_then(|at| message.fields().get(at));
    let field = field.map(|field| String::from_utf8_lossy(field.name()).into_owned());
    KnownFacts { value, claimed_by: known.claimed_by, field }
}

fn alignment(row: &Row) -> AlignmentFacts {
    AlignmentFacts {
        method: if row.identifier.is_spf() { "spf" } else { "dkim" },
        identifier: explain::identifier(&row.identifier),
        domain: row.identifier.domain.to_string(),
        result: row.identifier.result.as_str(),
        org_domain: row.org_domain.as_ref().map(ToString::to_string),
        mode: row.mode.map(|mode| match mode {
            Mode::Relaxed => "relaxed",
            Mode::Strict => "strict",
        }),
        aligned: row.aligned,
        why: row.why.clone(),
    }
}
