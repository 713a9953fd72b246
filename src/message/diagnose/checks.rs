//! SPF, DKIM, ARC and DMARC of one message, with every question that can be foreseen in the first round.

use super::mail::{Mail, domain_of};
use super::path::{Hop, hops_of};
use super::pointers::{self, Pointers};
use super::signatures::Signed;
use super::{Row, Stage, alignment, facts};
use crate::dkim::Cause;
use crate::dmarc::{self, Authenticated, MethodResult, Verdict, Weakness};
use crate::dns::{Question, RecordType, Snapshot, Step};
use crate::finding::{Diagnostic, Subject};
use crate::message::Message;
use crate::spf::{self, SpfResult};
use crate::{Name, Timestamp, arc, dkim};

/// What every protocol said.
#[derive(Default)]
pub(super) struct Checks {
    pub(super) spf: Option<Spf>,
    pub(super) signatures: Vec<Signed>,
    pub(super) arc: Option<arc::Outcome>,
    pub(super) identifiers: Authenticated,
    pub(super) dmarc: Option<dmarc::Outcome>,
    /// RFC 9989 first, then receivers of RFC 7489.
    pub(super) receivers: Vec<Verdict>,
    pub(super) rows: Vec<Row>,
    /// What there is to say about the DMARC records of the Author Domain.
    pub(super) policy_findings: Vec<Diagnostic>,
    /// The same for the domain above that somebody registered, where no record applies to the Author Domain.
    pub(super) parent_findings: Vec<Diagnostic>,
    /// What there is to say about the SPF record, where the message does not pass.
    pub(super) spf_findings: Vec<Diagnostic>,
    /// What there is to say about the key of each signature.
    pub(super) key_findings: Vec<Vec<Diagnostic>>,
    /// The hop, before the session, whose client SPF authorises.
    pub(super) authorised_hop: Option<Hop>,
    pub(super) returned: Option<Returned>,
    /// Whether the HELO name has the client's address; `None` if it is not known.
    pub(super) helo_confirmed: Option<bool>,
    /// The names of the client's address, if that is known.
    pub(super) pointers: Option<Pointers>,
    /// Whether the Author Domain itself has the client's address.
    pub(super) author_host: bool,
    /// Whether the recipient's mail goes to Google.
    pub(super) recipient_at_google: bool,
}

/// SPF of the MAIL FROM identity.
pub(super) struct Spf {
    pub(super) session: spf::Session,
    pub(super) outcome: spf::Outcome,
}

/// The message that came back in a report.
#[derive(Default)]
pub(super) struct Returned {
    /// Domains whose signature over its header holds.
    pub(super) signed_by: Vec<Name>,
    /// What SPF of its author says about the client of its first hop.
    pub(super) spf: Option<(Hop, SpfResult)>,
}

/// Hops whose clients are looked at with SPF, the first ones of the way; each may cost a hundred questions. Where one more could have told
/// something, it is said.
pub(super) const MAX_HOPS_CHECKED: usize = 3;
/// Domains whose Organizational Domain is asked for before it is known to matter. Nothing is left out: of the others it is asked for once it
/// does, in a further round.
const MAX_FORESEEN: usize = 8;

pub(super) fn run(dns: &Snapshot, mail: &Mail<'_>) -> Step<Checks> {
    if mail.input.stage == Stage::Submission {
        return Step::Done(Checks::default());
    }
    let mut run = Run { dns, mail, open: Vec::new() };
    run.foresee();
    let spf = run.spf();
    let signatures = run.dkim();
    let arc = arc::verify(dns, &mail.message, mail.input.judged_at()).or_ask(&mut run.open);
    let key_findings = signatures.iter().map(|outcome| run.key_findings(outcome)).collect();
    let policy_findings = run.policy_findings();
    let authorised_hop = run.authorised_hop();
    let returned = run.returned();
    let helo_confirmed = run.helo_confirmed();
    let author_host = mail.author_domain().is_some_and(|author| run.has_address(author) == Some(true));
    let recipient_at_google = run.recipient_at_google();
    let pointers = run.pointers();
    if !run.open.is_empty() {
        return Step::Ask(run.open);
    }
    let identifiers = identifiers(spf.as_ref(), &signatures);
    let (dmarc, receivers) = run.dmarc(&identifiers, spf.is_some());
    let spf_findings = run.spf_findings(spf.as_ref());
    let parent_findings = run.parent_findings(dmarc.as_ref());
    if !run.open.is_empty() {
        return Step::Ask(run.open);
    }
    let mut checks = Checks {
        spf,
        signatures: signatures.into_iter().map(Signed::new).collect(),
        arc,
        identifiers,
        dmarc,
        receivers,
        rows: Vec::new(),
        policy_findings,
        parent_findings,
        spf_findings,
        key_findings,
        authorised_hop,
        returned,
        helo_confirmed,
        pointers,
        author_host,
        recipient_at_google,
    };
    checks.rows = alignment::rows(mail, &checks);
    Step::Done(checks)
}

struct Run<'r> {
    dns: &'r Snapshot,
    mail: &'r Mail<'r>,
    open: Vec<Question>,
}

impl Run<'_> {
    /// What DMARC will want to know once SPF and DKIM are done.
    fn foresee(&mut self) {
        let Some(author) = self.mail.author_domain() else { return };
        let _ = dmarc::discover(self.dns, author).or_ask(&mut self.open);
        let top = author.labels().next_back();
        let mail_from = self.mail.session.reverse_path().and_then(domain_of);
        let signers = self.mail.message.fields_named("DKIM-Signature").filter_map(|at| {
            dkim::Signature::of_field(&self.mail.message.fields()[at]).domain.map(|domain| domain.value)
        });
        for domain in mail_from.into_iter().chain(signers.take(MAX_FORESEEN)) {
            if domain != *author && domain.labels().next_back() == top {
                let _ = dmarc::org_domain(self.dns, &domain).or_ask(&mut self.open);
            }
        }
    }

    fn spf(&mut self) -> Option<Spf> {
        let ip = self.mail.session.ip.as_ref()?.value;
        let session = spf::Session::new(ip, self.mail.session.helo(), self.mail.session.reverse_path()?);
        let outcome = spf::check_host(self.dns, &session, self.mail.input.judged_at()).or_ask(&mut self.open)?;
        Some(Spf { session, outcome })
    }

    fn dkim(&mut self) -> Vec<dkim::Outcome> {
        let outcomes = dkim::verify(self.dns, &self.mail.message, self.mail.input.judged_at()).or_ask(&mut self.open);
        let mut outcomes = outcomes.unwrap_or_default();
        if self.mail.input.headers_only {
            outcomes.iter_mut().for_each(of_header);
        }
        outcomes
    }

    fn dmarc(&mut self, ids: &Authenticated, spf_checked: bool) -> (Option<dmarc::Outcome>, Vec<Verdict>) {
        let Some(author) = self.mail.author_domain() else { return (None, Vec::new()) };
        let outcome = dmarc::evaluate(self.dns, author, ids).or_ask(&mut self.open);
        // RFC 9989 §5.3.6 says fail of a message whose SPF and DKIM are both known.
        if !spf_checked && outcome.as_ref().is_some_and(|outcome| outcome.cause == dmarc::Cause::NothingAligned) {
            return (outcome.map(dmarc::Outcome::without_spf), Vec::new());
        }
        let Some(suffixes) = &self.mail.input.suffixes else { return (outcome, Vec::new()) };
        let receivers = dmarc::compare(self.dns, author, ids, suffixes).or_ask(&mut self.open);
        (outcome, receivers.unwrap_or_default())
    }

    fn key_findings(&mut self, outcome: &dkim::Outcome) -> Vec<Diagnostic> {
        let (Some(name), Some(algorithm)) = (outcome.keys.name(), outcome.signature.algorithm) else {
            return Vec::new();
        };
        // A key that did its work stands at the right place: nothing more is asked for it.
        if let (Cause::Verified, Some(used)) = (&outcome.cause, outcome.keys.used()) {
            return dkim::lint_subject(&Subject::record(name, RecordType::Txt, used.key.source.clone()));
        }
        let mut options = dkim::LintOptions::default();
        options.algorithms.push(algorithm.value);
        let mut found = dkim::lint_key_at(self.dns, name, &options).or_ask(&mut self.open).unwrap_or_default();
        // The signature tells that already.
        found.retain(|found| found.code != "dkim-dns-tempfail");
        found
    }

    fn policy_findings(&mut self) -> Vec<Diagnostic> {
        let Some(author) = self.mail.author_domain() else { return Vec::new() };
        let options = self.lint_options();
        dmarc::lint_domain(self.dns, author, &options).or_ask(&mut self.open).unwrap_or_default()
    }

    fn parent_findings(&mut self, dmarc: Option<&dmarc::Outcome>) -> Vec<Diagnostic> {
        let nothing = |outcome: &&dmarc::Outcome| outcome.cause == dmarc::Cause::NoRecord;
        let Some(outcome) = dmarc.filter(nothing) else { return Vec::new() };
        let parent = facts::Owners::of(self.mail.input).registrable(&outcome.author);
        if parent == outcome.author {
            return Vec::new();
        }
        let options = self.lint_options();
        dmarc::lint_domain(self.dns, &parent, &options).or_ask(&mut self.open).unwrap_or_default()
    }

    fn lint_options(&self) -> dmarc::LintOptions {
        let mut options = dmarc::LintOptions::default();
        options.suffixes.clone_from(&self.mail.input.suffixes);
        options
    }

    /// A record that let the message pass is nobody's question.
    fn spf_findings(&mut self, spf: Option<&Spf>) -> Vec<Diagnostic> {
        let Some(spf) = spf.filter(|spf| spf.outcome.result != SpfResult::Pass) else { return Vec::new() };
        let Some(domain) = &spf.outcome.domain else { return Vec::new() };
        let options = spf::LintOptions::default();
        let mut found = spf::lint_domain(self.dns, domain, &options).or_ask(&mut self.open).unwrap_or_default();
        // The record to publish is one for domains that send nothing, and this one sends.
        found.iter_mut().filter(|found| found.code == "spf-missing").for_each(|found| found.fixes.clear());
        found
    }

    /// A hop at which the message came from a host that may send it: after that somebody sent it on.
    fn authorised_hop(&mut self) -> Option<Hop> {
        let mail_from = self.mail.session.reverse_path().filter(|path| !path.is_empty())?;
        let mut found = None;
        for hop in self.mail.hops.iter().rev().filter(|hop| hop.ip.is_some()).take(MAX_HOPS_CHECKED) {
            if self.spf_of(hop, mail_from) == Some(SpfResult::Pass) && found.is_none() {
                found = Some(hop.clone());
            }
        }
        found
    }

    fn spf_of(&mut self, hop: &Hop, mail_from: &str) -> Option<SpfResult> {
        let session = spf::Session::new(hop.ip?, hop.helo.as_deref().unwrap_or_default(), mail_from);
        let outcome = spf::check_host(self.dns, &session, self.mail.input.judged_at()).or_ask(&mut self.open)?;
        Some(outcome.result)
    }

    /// Whose signature the returned message has, and whether it began its way at one of its author's hosts.
    fn returned(&mut self) -> Option<Returned> {
        let original = self.mail.report.as_ref()?.original.as_ref()?;
        let bytes = original.message.as_deref().unwrap_or(&original.header);
        let message = Message::parse(bytes);
        // When it was signed does not matter: it is asked who signed, and not whether it is fresh.
        let outcomes = dkim::verify(self.dns, &message, Timestamp(0)).or_ask(&mut self.open).unwrap_or_default();
        let verified = |outcome: &&dkim::Outcome| outcome.header.is_some_and(|header| header.verified);
        let signed_by = outcomes.iter().filter(verified).filter_map(|outcome| outcome.domain().cloned()).collect();
        let mut returned = Returned { signed_by, spf: None };
        let first = hops_of(&original.received).find(|hop| hop.ip.is_some());
        let author = original.from.as_deref().and_then(facts::first_address);
        if let (Some(hop), Some(author)) = (first, author)
            && let Some(result) = self.spf_of(&hop, &author)
        {
            returned.spf = Some((hop, result));
        }
        Some(returned)
    }

    fn helo_confirmed(&mut self) -> Option<bool> {
        let helo = Name::parse(self.mail.session.helo()).ok().filter(|name| name.label_count() > 1)?;
        self.has_address(&helo)
    }

    /// What a receiver looks at; where a message sets out, the client is its author's.
    fn pointers(&mut self) -> Option<Pointers> {
        let ip = self.mail.session.ip.as_ref().filter(|_| self.mail.input.stage == Stage::Receiving)?;
        pointers::of(self.dns, ip.value, &mut self.open)
    }

    /// Whether a name has the client's address; `None` if nobody can say.
    fn has_address(&mut self, name: &Name) -> Option<bool> {
        let ip = self.mail.session.ip.as_ref()?.value.to_canonical();
        let record_type = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        let Some(answer) = self.dns.lookup(name.as_str(), record_type) else {
            self.open.push(Question::new(name.clone(), record_type));
            return None;
        };
        if answer.failure().is_some() {
            return None;
        }
        Some(facts::addresses(answer).contains(&ip))
    }

    /// Asked only where the author writes to the own mailbox.
    fn recipient_at_google(&mut self) -> bool {
        let Some(author) = self.mail.author_address() else { return false };
        let mut own = self.mail.session.rcpt_to.iter().filter(|to| facts::same_gmail(author, to));
        let Some(domain) = own.next().and_then(|to| domain_of(to)) else { return false };
        if facts::is_gmail(&domain) {
            return true;
        }
        let Some(answer) = self.dns.lookup(domain.as_str(), RecordType::Mx) else {
            self.open.push(Question::new(domain, RecordType::Mx));
            return false;
        };
        facts::exchanges(answer).any(facts::is_google_host)
    }
}

fn identifiers(spf: Option<&Spf>, signatures: &[dkim::Outcome]) -> Authenticated {
    let mut ids = Authenticated::default();
    if let Some(spf) = spf
        && let Some(domain) = spf.outcome.domain.clone()
    {
        let result = spf.outcome.result.as_str().parse().unwrap_or(MethodResult::None);
        ids = if spf.session.mail_from().is_empty() {
            ids.spf_of_null_path(domain, result)
        } else {
            ids.spf(domain, result)
        };
    }
    for outcome in signatures {
        let Some(domain) = outcome.domain().cloned() else { continue };
        let result = outcome.result.as_str().parse().unwrap_or(MethodResult::None);
        let weakness = weakness(outcome);
        ids = match outcome.signature.selector.as_ref() {
            Some(selector) => ids.dkim_signature(domain, selector.value.clone(), result, weakness),
            None => ids.dkim(domain, result),
        };
    }
    ids
}

/// Without a body there is nothing to say about the body hash: the header decides.
fn of_header(outcome: &mut dkim::Outcome) {
    outcome.body = None;
    if let (Cause::BodyHash | Cause::BodyTooShort, Some(header)) = (&outcome.cause, outcome.header) {
        outcome.cause = if header.verified { Cause::Verified } else { Cause::HeaderSignature };
        outcome.result = outcome.cause.result();
    }
}

fn weakness(outcome: &dkim::Outcome) -> Option<Weakness> {
    if outcome.body.is_some_and(|body| body.unsigned() > 0) {
        return Some(Weakness::PartialBody);
    }
    outcome.is_testing().then_some(Weakness::TestKey)
}
