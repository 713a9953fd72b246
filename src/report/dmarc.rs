//! The report on DMARC of a message, given what SPF and DKIM say.

use super::{Actor, Advice, Branch, Input, Mark, Report, Trace, Verdict};
use crate::Name;
use crate::dmarc::{
    self, Alignment, Authenticated, Author, Cause, DmarcResult, LintOptions, Method, MethodResult, Outcome, Policy,
    explain,
};
use crate::dns::{RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Severity, Subject};

/// A From field, and what SPF and DKIM say about its message.
///
/// ```
/// use mailproof::{dmarc::{Authenticated, MethodResult}, dns::Snapshot};
/// use mailproof::{report::{DmarcInput, Input}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"_dmarc.example.com. TXT "v=DMARC1; p=reject""#)?;
/// // A newsletter service signs with its own domain, and with no other.
/// let signed = Authenticated::default().dkim("esp.example".parse()?, MethodResult::Pass);
/// let input = Input::Dmarc(DmarcInput::new("news@example.com", signed));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// assert!(!report.passed);
/// assert_eq!(report.verdicts[0].result, "fail");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DmarcInput {
    /// The domain of each address in From.
    pub from: Vec<String>,
    /// The results of SPF and DKIM.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub authenticated: Authenticated,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::DmarcInput;
    use crate::reading::{Fault, Read, Tree, deserialize, fields};

    impl Read for DmarcInput {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let authenticated = Read::read(tree)?;
            fields!(tree, { needs from; takes });
            Ok(Self { from, authenticated })
        }
    }
    deserialize!(DmarcInput);
}

impl DmarcInput {
    /// A message from `from`: a domain or an address.
    pub fn new(from: &str, authenticated: Authenticated) -> Self {
        Self { from: vec![from.to_owned()], authenticated }
    }

    /// With one more address in From.
    ///
    /// ```
    /// use mailproof::{dmarc::Authenticated, dns::Snapshot, report::{DmarcInput, Input}};
    ///
    /// let input = DmarcInput::new("alice@example.com", Authenticated::default()).also_from("bob@example.net");
    /// let report = Input::Dmarc(input).check(&Snapshot::new()).done().unwrap();
    /// assert_eq!(report.headline, "permerror: DMARC is not possible, From names several domains");
    /// ```
    #[must_use]
    pub fn also_from(mut self, from: &str) -> Self {
        self.from.push(from.to_owned());
        self
    }

    fn author(&self) -> Author {
        Author::of(self.from.iter().map(|from| {
            let from = from.trim().trim_end_matches('>');
            from.rsplit('@').next().unwrap_or(from)
        }))
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        let author = self.author();
        let Author::Domain(domain) = &author else { return Step::Done(self.without_author(&author, dns)) };
        let options = LintOptions::default();
        let mut open = Vec::new();
        let outcome = dmarc::evaluate(dns, domain, &self.authenticated).or_ask(&mut open);
        // What older receivers do is told beside it, so it is asked beside it.
        if let Some(suffixes) = &options.suffixes {
            let _ = dmarc::compare(dns, domain, &self.authenticated, suffixes).or_ask(&mut open);
        }
        match outcome {
            Some(outcome) if open.is_empty() => Step::Done(self.report(&outcome, dns, &options)),
            _ => Step::Ask(open),
        }
    }

    fn without_author(&self, author: &Author, dns: &Snapshot) -> Report {
        let headline = match author {
            Author::Several(_) => "permerror: DMARC is not possible, From names several domains",
            Author::Nobody | Author::Domain(_) => "permerror: DMARC is not possible, From names no domain",
        };
        let findings = dmarc::lint_author(author);
        let mut report = Report::new(Input::Dmarc(self.clone()), false, headline.to_owned(), dns.clone());
        report.verdicts.push(Verdict {
            method: "dmarc",
            identity: "",
            domain: self.from.join(", "),
            result: DmarcResult::Permerror.as_str(),
            because: findings.into_iter().next(),
            explanation: None,
        });
        report.advice.push(Advice::new(Actor::SendingService, "write one From address, or several in one domain"));
        report
    }

    fn report(&self, outcome: &Outcome, dns: &Snapshot, options: &LintOptions) -> Report {
        let passed = outcome.result == DmarcResult::Pass;
        let mut told = dmarc::lint_outcome(outcome, dns, options);
        let because = told.iter().position(|found| found.code.as_str().starts_with("dmarc-eval-"));
        let because = because.map(|at| told.remove(at));
        told.extend(about_record(outcome, options));
        let mut report =
            Report::new(Input::Dmarc(self.clone()), passed, headline(outcome), dns.clone()).with_findings(told);
        report.verdicts.push(Verdict {
            method: "dmarc",
            identity: "",
            domain: outcome.author.to_string(),
            result: outcome.result.as_str(),
            because,
            explanation: None,
        });
        report.advice = advice(outcome);
        report.receivers = receivers(outcome, &self.authenticated, dns, options);
        report.traces.push(trace(outcome, &report.receivers));
        report
    }
}

fn headline(outcome: &Outcome) -> String {
    let author = &outcome.author;
    if outcome.result != DmarcResult::Fail {
        return format!("{}: {}", outcome.result, explain::outcome(outcome));
    }
    // The finding below says why of each identifier.
    let passed = outcome.alignments.iter().filter(|each| each.identifier.passed());
    let passed: Vec<String> = passed.map(|each| explain::identifier(&each.identifier)).collect();
    let why = match passed.as_slice() {
        [] => format!("neither SPF nor DKIM vouches for {author}"),
        passed => format!("{} passed without being aligned with From {author}", passed.join(" and ")),
    };
    match outcome.disposition() {
        Policy::None => format!("fail: {why}; receivers are asked to do nothing about it"),
        policy => format!("fail: {why}; receivers are asked to {policy} the mail"),
    }
}

/// What is wrong with the record that applies, as far as it matters to receivers.
fn about_record(outcome: &Outcome, options: &LintOptions) -> Vec<Diagnostic> {
    let Some(policy) = outcome.policy_record() else { return Vec::new() };
    let subject = Subject::record(&owner(&policy.domain), RecordType::Txt, policy.record.source().clone());
    let mut found = dmarc::lint_at(&policy.record, &subject, Some(&policy.domain), options);
    found.retain(|found| found.severity == Severity::Error);
    found
}

fn owner(domain: &Name) -> Name {
    domain.prefixed("_dmarc").unwrap_or_else(|_| domain.clone())
}

/// The nearest remedy first.
fn advice(outcome: &Outcome) -> Vec<Advice> {
    let author = &outcome.author;
    let advice = |actor, text: String| Advice::new(actor, text);
    match &outcome.cause {
        Cause::Aligned(_) => Vec::new(),
        Cause::NothingAligned => {
            let mut all = vec![advice(
                Actor::SendingService,
                format!("sign with DKIM as d={author}, or as a domain that is aligned with it"),
            )];
            let aligned: Vec<&Alignment> = outcome.alignments.iter().filter(|each| each.would_align()).collect();
            if let Some(domain) = without_spf(&aligned) {
                all.push(advice(Actor::DomainOwner, format!("publish an SPF record at {domain}")));
            } else if !aligned.is_empty() {
                all.push(advice(
                    Actor::Forwarder,
                    "change nothing that is signed: what would align did not pass, which mostly happens on the way"
                        .to_owned(),
                ));
            } else {
                all.push(advice(
                    Actor::DomainOwner,
                    format!(
                        "give the service a key below {author} and a bounce domain of your own, if it sends for you"
                    ),
                ));
            }
            all
        }
        Cause::NoRecord => {
            vec![advice(Actor::DomainOwner, format!("publish a DMARC record at {}", owner(author)))]
        }
        Cause::NoUsablePolicy => {
            vec![advice(
                Actor::DomainOwner,
                format!("give the DMARC record of {author} a policy that receivers can use"),
            )]
        }
        Cause::DiscoveryFailed(failed) | Cause::ExistenceUnknown(failed) => vec![
            advice(Actor::Recipient, "try again later: this is no statement about the sender".to_owned()),
            advice(Actor::DomainOwner, format!("if it stays so, look after the name servers of {}", failed.name)),
        ],
        _ => vec![advice(Actor::Recipient, "try again later: this is no statement about the sender".to_owned())],
    }
}

/// The domain of the one identifier, where SPF found no record for it: that comes of no forwarder.
fn without_spf<'a>(aligned: &[&'a Alignment]) -> Option<&'a Name> {
    let [Alignment { identifier, .. }] = aligned else { return None };
    let is_none = matches!(identifier.method, Method::Spf { .. }) && identifier.result == MethodResult::None;
    is_none.then_some(&identifier.domain)
}

/// The record, the identifiers, and what receivers of RFC 7489 make of it.
fn trace(outcome: &Outcome, receivers: &[dmarc::Verdict]) -> Trace {
    let mut branches: Vec<Branch> = record(outcome).into_iter().collect();
    branches.extend(outcome.alignments.iter().map(|each| identifier(each, &outcome.author)));
    branches.extend(others(receivers));
    Trace { title: format!("DMARC of {}", outcome.author), counters: Vec::new(), branches }
}

/// The record, and the receivers of RFC 7489 that come to something else; `None` where there is neither.
#[cfg(feature = "crypto")]
pub(super) fn policy_trace(outcome: &Outcome, verdicts: &[dmarc::Verdict]) -> Option<Trace> {
    let others = others(verdicts).filter(|others| others.mark == Mark::Bad);
    let branches: Vec<Branch> = record(outcome).into_iter().chain(others).collect();
    let title = format!("DMARC of {}", outcome.author);
    (!branches.is_empty()).then(|| Trace { title, counters: Vec::new(), branches })
}

fn record(outcome: &Outcome) -> Option<Branch> {
    let policy = outcome.policy_record()?;
    Some(Branch {
        text: format!("record at {}", owner(&policy.domain)),
        outcome: explain::policy(outcome).unwrap_or_else(|| "no usable policy".to_owned()),
        notes: vec![policy.record.source().text().to_owned()],
        ..Branch::default()
    })
}

fn identifier(alignment: &Alignment, author: &Name) -> Branch {
    let id = &alignment.identifier;
    let method = if id.is_spf() { "spf" } else { "dkim" };
    let (outcome, mark) = match (alignment.aligned_pass(), id.result) {
        (true, _) => ("aligned", Mark::Good),
        (false, MethodResult::Pass) => ("not aligned", Mark::Bad),
        (false, _) => ("not authenticated", Mark::Bad),
    };
    Branch {
        text: format!("{method}={} {}", id.result, explain::identifier(id)),
        outcome: outcome.to_owned(),
        mark,
        notes: vec![explain::alignment(alignment, author)],
        ..Branch::default()
    }
}

/// What each kind of receiver makes of it; without a Public Suffix List only those of RFC 9989 are known.
fn receivers(outcome: &Outcome, ids: &Authenticated, dns: &Snapshot, options: &LintOptions) -> Vec<dmarc::Verdict> {
    let compared = options.suffixes.as_ref().map(|suffixes| dmarc::compare(dns, &outcome.author, ids, suffixes));
    compared.and_then(Step::done).unwrap_or_else(|| vec![outcome.into()])
}

/// The receivers of RFC 7489 that come to something else.
fn others(verdicts: &[dmarc::Verdict]) -> Option<Branch> {
    let (walk, lists) = verdicts.split_first().filter(|(_, lists)| !lists.is_empty())?;
    let differ: Vec<String> = lists.iter().filter(|list| !list.agrees_with(walk)).map(explain::verdict).collect();
    Some(Branch {
        text: "receivers of RFC 7489".to_owned(),
        outcome: if differ.is_empty() { "come to the same" } else { "come to something else" }.to_owned(),
        mark: if differ.is_empty() { Mark::Plain } else { Mark::Bad },
        notes: differ,
        ..Branch::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    /// RFC 7208 §2.6.1: that no record was found is the domain's doing, and nobody's on the way.
    #[test]
    fn what_a_forwarder_cannot_do_is_not_asked_of_one() {
        let zone = Zone::parse("_dmarc.d.example. TXT \"v=DMARC1; p=reject\"\nwww.d.example. A 192.0.2.1").unwrap();
        let asked = |result: MethodResult| {
            let ids = Authenticated::default().spf("www.d.example".parse().unwrap(), result);
            let input = DmarcInput::new("a@www.d.example", ids);
            let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
            report.advice.into_iter().map(|advice| advice.text).collect::<Vec<_>>()
        };
        assert_eq!(asked(MethodResult::None)[1], "publish an SPF record at www.d.example");
        assert!(asked(MethodResult::Fail)[1].ends_with("which mostly happens on the way"));
    }
}
