//! The report on one SMTP session: may this client send for this domain, and why?

mod advise;
mod tree;

#[cfg(feature = "crypto")]
pub(super) use tree::trace;

use std::net::IpAddr;

use super::{Input, Report, Verdict};
use crate::Timestamp;
use crate::dns::{Question, RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Label, Severity, Subject};
use crate::spf::{self, Cause, Identity, Outcome, Record, Session, SpfResult};

/// An SMTP session to check by SPF.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Input, SpfInput}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
/// mail.example.com. TXT "v=spf1 a -all"
/// mail.example.com. A 192.0.2.25
/// "#)?;
/// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// // MAIL FROM is checked first, the HELO name beside it.
/// let told: Vec<_> = report.verdicts.iter().map(|verdict| (verdict.identity, verdict.result)).collect();
/// assert_eq!(told, [("mail-from", "pass"), ("helo", "fail")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SpfInput {
    /// The client's address.
    pub ip: IpAddr,
    /// The HELO name; empty where it is not known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "String::is_empty"))]
    pub helo: String,
    /// The reverse-path without angle brackets, empty for the null one; `None` to check the HELO name only.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mail_from: Option<String>,
    /// The receiving host, for explanations that show it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub receiver: Option<String>,
    /// When; only an explanation with `%{t}` shows it.
    pub now: Timestamp,
}

#[cfg(feature = "serde")]
crate::reading::reads! { SpfInput { needs ip; takes helo, mail_from, receiver, now } }

impl SpfInput {
    /// A client that sends mail from `mail_from`.
    pub fn new(ip: IpAddr, helo: &str, mail_from: &str) -> Self {
        Self { ip, helo: helo.to_owned(), mail_from: Some(mail_from.to_owned()), receiver: None, now: Timestamp(0) }
    }

    /// The session that matters, and the check of the HELO name beside it where that says something of its own.
    fn sessions(&self) -> (Session, Option<Session>) {
        let with_receiver = |session: Session| match &self.receiver {
            Some(receiver) => session.receiver(receiver),
            None => session,
        };
        let helo = with_receiver(Session::for_helo(self.ip, &self.helo));
        let Some(mail_from) = &self.mail_from else { return (helo, None) };
        let main = with_receiver(Session::new(self.ip, &self.helo, mail_from));
        // §2.3: an address literal or a name of one label is no reason to say more. §2.4: a null path is the HELO name's.
        let beside = !mail_from.is_empty() && helo.checked_domain().is_ok();
        (main, beside.then_some(helo))
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        let (main, helo) = self.sessions();
        let mut open = Vec::new();
        let evaluate = |session: &Session| spf::check_host(dns, session, self.now);
        let outcome = evaluate(&main).or_ask(&mut open);
        let helo = helo.and_then(|session| Some((evaluate(&session).or_ask(&mut open)?, session)));
        match outcome {
            Some(outcome) if open.is_empty() => Step::Done(self.report(dns, (outcome, main), helo)),
            _ => Step::Ask(open),
        }
    }

    fn report(&self, dns: &Snapshot, main: Check, helo: Option<Check>) -> Report {
        let mut headline = spf::headline(&main.0, &main.1);
        let helo_fails = helo.as_ref().is_some_and(|(helo, _)| helo.result == SpfResult::Fail);
        if helo_fails && main.0.result != SpfResult::Fail {
            headline.push_str("; but its HELO name fails, for which some receivers refuse the mail");
        }
        let passed = main.0.result == SpfResult::Pass && !helo_fails;
        let advice = advise::advice(&main.1, &main.0);
        let checks: Vec<Check> = [main].into_iter().chain(helo).collect();
        let mut verdicts = Vec::new();
        let mut findings = Vec::new();
        for (outcome, session) in &checks {
            let told = spf::explain(outcome, session).into_iter().skip(1);
            let mut verdict = verdict(outcome, session, dns);
            // MAIL FROM decided; few hosts have a record of their own, and nobody refuses mail for the lack of one.
            if let (false, SpfResult::None, Some(because)) = (verdicts.is_empty(), outcome.result, &mut verdict.because)
            {
                because.severity = Severity::Note;
            }
            verdicts.push(verdict);
            // Both checks say the same about the client.
            findings.extend(told.filter(|found| !findings.contains(found)).collect::<Vec<_>>());
        }
        findings.extend(about_records(&checks));
        let mut report = Report::new(Input::Spf(self.clone()), passed, headline, dns.clone()).with_findings(findings);
        report.verdicts = verdicts;
        report.advice = advice;
        report.traces = checks.iter().filter_map(|(outcome, session)| tree::trace(session, outcome, dns)).collect();
        report
    }
}

/// What SPF says, and what decided it.
pub(super) fn verdict(outcome: &Outcome, session: &Session, dns: &Snapshot) -> Verdict {
    let first = spf::explain(outcome, session).into_iter().next();
    Verdict {
        method: "spf",
        identity: match session.identity() {
            Identity::Helo => "helo",
            Identity::MailFrom => "mail-from",
        },
        domain: session.sender_domain().to_owned(),
        result: outcome.result.as_str(),
        because: first.map(|found| with_records(found, &outcome.cause, dns)),
        explanation: outcome.explanation.clone(),
    }
}

/// What was checked, and what it came to.
type Check = (Outcome, Session);

/// A finding about several records, with these records: an outcome does not hold what it could not use.
fn with_records(mut found: Diagnostic, cause: &Cause, dns: &Snapshot) -> Diagnostic {
    let Cause::SeveralRecords { domain, .. } = cause else { return found };
    let answer = dns.get(&Question::new(domain.clone(), RecordType::Txt));
    let records = answer.map_or(&[][..], |answer| answer.txts()).iter().filter(|text| Record::is_spf(text.text()));
    let mut labels = records.map(|text| Label::whole(&Subject::record(domain, RecordType::Txt, text.clone())));
    if let Some(first) = labels.next() {
        let led_there = std::mem::replace(&mut found.primary, first.with("the first record"));
        if !led_there.subject.source().text().is_empty() {
            found.related.push(led_there);
        }
        found.related.extend(labels.map(|label| label.with("one more")));
    }
    found
}

/// What the rules say about the records that were read: errors and warnings for the domain's own record and where it
/// redirects to, only what matters to the verdict for the records of others that it includes.
fn about_records(checks: &[Check]) -> Vec<Diagnostic> {
    let mut seen: Vec<Subject> = Vec::new();
    let mut findings = Vec::new();
    for (outcome, _) in checks {
        for (i, read) in outcome.trace.records.iter().enumerate() {
            let Some(source) = &read.source else { continue };
            let subject = Subject::record(&read.domain, RecordType::Txt, source.clone());
            if seen.contains(&subject) {
                continue;
            }
            let record = Record::from_source(source.clone());
            let context =
                spf::rules::Context { record: &record, subject: &subject, domain: Some(&read.domain), tree: None };
            let included = tree::is_included(&outcome.trace, i);
            // A note is for whoever looks after the record: it says nothing about this mail.
            let least = if included { Severity::Error } else { Severity::Warning };
            findings.extend(spf::rules::text(&context).into_iter().filter(|found| found.severity <= least));
            seen.push(subject);
        }
    }
    findings
}
