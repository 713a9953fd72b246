//! The report on one submission: may this login send as these addresses?

use super::{Advice, Branch, Facts, Input, Mark, Report, Trace};
use crate::dns::Snapshot;
use crate::message::Message;
use crate::sender::{Author, Directory, Entries, Fields, Outcome, Submission, Verdict, check};
use crate::{Actor, Name};

/// A submission, and the directory of the service that takes it.
///
/// Organizational Domains are taken from the built-in Public Suffix List (feature `psl`), else the last two labels count.
///
/// ```
/// use mailproof::report::{Input, SenderInput};
/// use mailproof::sender::Entries;
///
/// let logins = ["alice@d.example", "bob@d.example"].map(|login| (login.to_owned(), login.to_owned()));
/// let mut input = SenderInput::new(Entries { logins: logins.into(), ..Entries::default() });
/// input.login = Some("alice@d.example".to_owned());
/// let input = input.message(b"From: Bob <bob@d.example>\r\n\r\nHello\r\n");
/// let report = Input::Sender(Box::new(input)).check(&mailproof::dns::Snapshot::new()).done().unwrap();
/// assert!(report.headline.starts_with("reject: "));
/// assert!(report.advice[0].text.starts_with("You logged in as alice@d.example, but From says bob@d.example"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SenderInput {
    /// Who has which address.
    pub directory: Entries,
    /// The login; `None` if nobody is logged in.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub login: Option<String>,
    /// MAIL FROM without angle brackets, empty for the null one; `None` if it is not known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mail_from: Option<String>,
    /// The header fields; `None` if only the envelope is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub fields: Option<Fields>,
}

#[cfg(feature = "serde")]
crate::reading::reads! { SenderInput { needs directory; takes login, mail_from, fields } }

/// What is known of a submission.
///
/// ```
/// use mailproof::{dns::Snapshot, report::{Facts, Input, SenderInput}, sender::{Entries, Verdict}};
///
/// let logins = ["alice@example.com", "bob@example.com"].map(|login| (login.to_owned(), login.to_owned()));
/// let mut input = SenderInput::new(Entries { logins: logins.into(), ..Entries::default() });
/// input.login = Some("alice@example.com".to_owned());
/// input.mail_from = Some("bob@example.com".to_owned());
/// let report = Input::Sender(input.into()).check(&Snapshot::new()).done().unwrap();
/// let Some(Facts::Sender(facts)) = report.facts else { panic!() };
/// assert_eq!(facts.verdict, Verdict::Reject);
/// assert_eq!(facts.mail_from.unwrap().address, "bob@example.com");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SenderFacts {
    /// What a careful server does.
    pub verdict: Verdict,
    /// The address of the login's mailbox.
    pub mailbox: Option<String>,
    /// What MAIL FROM is for the login.
    pub mail_from: Option<Author>,
    /// What each mailbox in From is for the login.
    pub from: Vec<Author>,
    /// What the mailbox in Sender is for the login.
    pub sender: Option<Author>,
}

impl SenderInput {
    /// A submission of which nothing is known yet.
    pub fn new(directory: Entries) -> Self {
        Self { directory, login: None, mail_from: None, fields: None }
    }

    /// With the header fields of a message.
    #[must_use]
    pub fn message(mut self, message: &[u8]) -> Self {
        self.fields = Some(Fields::of(&Message::parse(message)));
        self
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Report {
        let input = Input::Sender(Box::new(self.clone()));
        let directory = match Directory::new(&self.directory) {
            Ok(directory) => directory,
            Err(error) => {
                let headline = format!("error: the directory cannot be used: {error}");
                let mut report = Report::new(input, false, headline, dns.clone());
                report.advice.push(Advice::new(Actor::SendingService, "mend the directory"));
                return report;
            }
        };
        let submission = Submission {
            login: self.login.as_deref(),
            mail_from: self.mail_from.as_deref(),
            fields: self.fields.clone(),
        };
        let outcome = check(&directory, &submission, organizational_domain);
        let passed = outcome.verdict == Verdict::Accept;
        let mut report = Report::new(input, passed, headline(&outcome), dns.clone());
        report.advice = outcome.advice().into_iter().map(|advice| Advice::new(advice.actor, advice.text)).collect();
        report.traces.extend(trace(&outcome));
        let Outcome { verdict, mailbox, mail_from, from, sender, findings, .. } = outcome;
        report.facts = Some(Facts::Sender(SenderFacts { verdict, mailbox, mail_from, from, sender }));
        report.with_findings(findings)
    }
}

#[cfg(feature = "psl")]
fn organizational_domain(name: &Name) -> Name {
    use crate::dmarc::{PublicSuffixes, Section};
    PublicSuffixes::built_in().org_domain(name, Section::All).unwrap_or_else(|| name.clone())
}

#[cfg(not(feature = "psl"))]
fn organizational_domain(name: &Name) -> Name {
    name.suffix(2)
}

fn headline(outcome: &Outcome) -> String {
    let word = outcome.verdict.as_str();
    if let Some(found) = outcome.because().filter(|_| outcome.verdict != Verdict::Accept) {
        return format!("{word}: {}", found.message());
    }
    match (&outcome.login, outcome.from.first().or(outcome.mail_from.as_ref())) {
        (Some(login), Some(author)) => format!("{word}: {login} may write as {}", author.address),
        (None, Some(_)) => format!("{word}: nobody is logged in, so only the envelope sender is judged"),
        (_, None) => format!("{word}: nothing is wrong with the sender"),
    }
}

/// Each address that the message names, and what it is for the login.
fn trace(outcome: &Outcome) -> Option<Trace> {
    let mail_from = outcome.mail_from.iter().map(|author| branch("MAIL FROM", author));
    let from = outcome.from.iter().map(|author| branch("From", author));
    let sender = outcome.sender.iter().map(|author| branch("Sender", author));
    let branches: Vec<Branch> = mail_from.chain(from).chain(sender).collect();
    let title = match &outcome.login {
        Some(login) => format!("what the addresses are for {login}"),
        None => "what the addresses are while nobody is logged in".to_owned(),
    };
    (!branches.is_empty()).then_some(Trace { title, counters: Vec::new(), branches })
}

fn branch(place: &str, author: &Author) -> Branch {
    let address = if author.address.is_empty() { "<>" } else { &author.address };
    Branch {
        text: format!("{place} {address}"),
        outcome: author.status.as_str().replace('_', " "),
        mark: if author.status.is_allowed() { Mark::Good } else { Mark::Bad },
        notes: author.synonym_of.iter().map(|target| format!("stands for the same address at {target}")).collect(),
        ..Branch::default()
    }
}
