//! The findings of every check about one message, in one place.

use super::checks::{Checks, MAX_HOPS_CHECKED};
use super::facts::Owners;
use super::mail::Mail;
use super::{Signed, Stage};
use crate::arc::{self, ArcResult};
use crate::dkim::explain;
use crate::dkim::forensics::What;
use crate::dmarc::{self, Author};
use crate::dns::{Lookup, RecordType, Snapshot};
use crate::finding::{Diagnostic, Findings, Origin, Severity, Sources};
use crate::forwarding::{self, Facts};
use crate::message::{self, AuthResults, LintOptions, Verdict};
use crate::order::distinct_by;
use crate::sender::{SessionFacts, session_findings};
use crate::spf::SpfResult;
use crate::{dkim, spf, unread};

/// A further check adds its findings here.
pub(super) fn all(dns: &Snapshot, mail: &Mail<'_>, checks: &Checks) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(checked) = &checks.spf {
        found.extend(spf::explain(&checked.outcome, &checked.session));
    }
    found.extend(checks.spf_findings.iter().cloned());
    found.extend(of_signatures(mail, checks));
    if let Some(chain) = &checks.arc {
        let known = arc::Known { trusted: mail.input.trusted_sealers.clone() };
        found.extend(arc::findings(&mail.message, chain, &known));
    }
    // Where nothing can be said, there is no verdict.
    let decided = checks.dmarc.as_ref().filter(|outcome| outcome.cause != dmarc::Cause::SpfNotChecked);
    if let Some(outcome) = decided {
        let mut options = dmarc::LintOptions::default();
        options.suffixes.clone_from(&mail.input.suffixes);
        found.extend(dmarc::lint_outcome(outcome, dns, &options));
    }
    if !matches!(mail.author, Author::Domain(_)) {
        found.extend(dmarc::lint_author(&mail.author));
    }
    found.extend(checks.policy_findings.iter().cloned());
    found.extend(hops_unread(mail, checks));
    // What a server adds before it sends a message on is still missing then.
    if mail.input.stage == Stage::Receiving {
        found.extend(message::lint(&mail.message, &lint_options(mail, checks)));
        found.extend(forwarding::findings(&facts(mail, checks)));
        found.extend(of_session(dns, mail, checks));
    }
    once(found)
}

/// Where SPF did not pass, and no hop that was looked at came from a host that may send the message, one of the others may have.
fn hops_unread(mail: &Mail<'_>, checks: &Checks) -> Vec<Diagnostic> {
    let mut out = Findings::default();
    let matters = checks.spf.as_ref().is_some_and(|spf| spf.outcome.result != SpfResult::Pass);
    if let (true, None, Some(last)) = (matters, &checks.authorised_hop, mail.hops.first()) {
        let count = mail.hops.iter().filter(|hop| hop.ip.is_some()).count();
        unread::beyond(mail.label_at(last.field), "hops that may have SPF", count, MAX_HOPS_CHECKED, &mut out);
    }
    let mut found = out.into_vec();
    // Honest mail has some more hops within the provider of its author.
    found.iter_mut().for_each(|found| _ = found.severity(Severity::Note));
    found
}

/// The first of those that say the same of the same place.
fn once(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut sources = Sources::default();
    let mut found: Vec<_> = found.into_iter().map(|found| (sources.index(&found.primary.subject), found)).collect();
    distinct_by(&mut found, |(in_a, a), (in_b, b)| {
        (in_a, a.primary.span, a.code.as_str()).cmp(&(in_b, b.primary.span, b.code.as_str()))
    });
    found.into_iter().map(|(_, found)| found).collect()
}

fn of_signatures(mail: &Mail<'_>, checks: &Checks) -> Vec<Diagnostic> {
    let mut known = dkim::Known { now: Some(mail.input.judged_at()), ..dkim::Known::default() };
    // Mail from an archive is not replayed: how old it was counts from when it was received.
    if mail.input.received_at.is_some() {
        known.recipients.clone_from(&mail.session.rcpt_to);
    }
    known.organization = mail.author_domain().map(|author| Owners::of(mail.input).registrable(author));
    // Of a public suffix in `d` the rules of alignment tell (`align-public-suffix-d`).
    let fields = dkim::lint_message(&mail.message, known.now);
    let mut all = Vec::new();
    for (at, signed) in checks.signatures.iter().enumerate() {
        let outcome = &signed.outcome;
        all.extend(dkim::findings(&mail.message, outcome, &signed.evidence, &known));
        let of_field = fields.iter().filter(|found| is_in(found, outcome.field));
        let of_key = checks.key_findings.get(at).into_iter().flatten();
        // A note is for whoever looks after the record or the signer: it says nothing about this mail.
        let lints = of_field.chain(of_key).filter(|found| found.severity < Severity::Note);
        all.extend(lints.filter(|found| !told_by(outcome, found)).cloned());
    }
    if !mail.input.headers_only {
        all.extend(dkim::message_findings(&mail.message));
    }
    all
}

fn is_in(found: &Diagnostic, field: usize) -> bool {
    matches!(found.primary.subject.origin(), Origin::Field { index, .. } if *index == field)
}

/// Whether the outcome says the same: that there is no key, that `l=` counts too much or leaves something out.
fn told_by(outcome: &dkim::Outcome, found: &Diagnostic) -> bool {
    let passed = outcome.cause == dkim::Cause::Verified;
    match found.code.as_str() {
        "dkim-key-missing" => true,
        "dkim-sig-l-too-large" => outcome.body.is_some(),
        "dkim-sig-l-tag" | "dkim-sig-l-zero" => passed && outcome.body.is_some_and(|body| body.unsigned() > 0),
        _ => false,
    }
}

fn lint_options(mail: &Mail<'_>, checks: &Checks) -> LintOptions {
    let passed = checks.identifiers.identifiers.iter().filter(|identifier| identifier.passed());
    let mut options = LintOptions::default().authenticated(passed.map(|identifier| identifier.domain.clone()));
    for host in &mail.input.trusted_hosts {
        options = options.trusted(host.clone());
    }
    if mail.input.trusted_hosts.is_empty() && mail.path.boundary().is_none() {
        options = options.at_border();
    }
    if let Some(time) = mail.input.received_at {
        options = options.received_at(time);
    }
    for verdict in verdicts(mail, checks) {
        options = options.verdict(verdict);
    }
    options
}

/// What was found now, as far as the receiver could have found the same.
fn verdicts(mail: &Mail<'_>, checks: &Checks) -> Vec<Verdict> {
    let verdict =
        |method: &str, domain, result: &str| Verdict { method: method.to_owned(), domain, result: result.to_owned() };
    let mut all = Vec::new();
    if let Some(spf) = &checks.spf {
        all.push(verdict("spf", spf.outcome.domain.clone(), spf.outcome.result.as_str()));
    }
    // A header section alone says half of what the receiver saw.
    if mail.input.headers_only {
        return all;
    }
    for signed in &checks.signatures {
        all.push(verdict("dkim", signed.outcome.domain().cloned(), signed.outcome.result.as_str()));
    }
    let decided = checks.dmarc.as_ref().filter(|dmarc| dmarc.cause != dmarc::Cause::SpfNotChecked);
    if let Some(dmarc) = decided {
        all.push(verdict("dmarc", Some(dmarc.author.clone()), dmarc.result.as_str()));
    }
    all
}

fn facts<'m>(mail: &'m Mail<'_>, checks: &Checks) -> Facts<'m> {
    let mut facts = Facts::of(&mail.message, &[]);
    facts.path = mail.path.clone();
    facts.mail_from = mail.session.reverse_path().map(str::to_owned);
    facts.recipient = mail.session.rcpt_to.first().cloned();
    facts.spf = checks.spf.as_ref().map(|spf| forwarding::Spf {
        result: spf.outcome.result,
        aligned: checks.rows.iter().any(|row| row.identifier.is_spf() && row.aligned),
    });
    facts.dkim = Some(checks.signatures.iter().filter_map(|signed| signature(mail, checks, signed)).collect());
    facts.dmarc =
        checks.dmarc.as_ref().map(|dmarc| forwarding::Dmarc { result: dmarc.result, policy: dmarc.disposition() });
    facts.arc = checks
        .arc
        .as_ref()
        .filter(|arc| arc.result != ArcResult::None)
        .map(|arc| forwarding::Arc { intact: arc.result == ArcResult::Pass, passed_before: passed_before(arc) });
    facts
}

fn signature(mail: &Mail<'_>, checks: &Checks, signed: &Signed) -> Option<forwarding::Dkim> {
    let domain = signed.outcome.domain()?.clone();
    let mut rows = checks.rows.iter().filter(|row| !row.identifier.is_spf());
    Some(forwarding::Dkim {
        aligned: rows.any(|row| row.aligned && row.identifier.domain == domain),
        passes: signed.passes(),
        broken_by: signed
            .alterations()
            .find(|found| found.what != What::Unknown)
            .map(|found| explain::alteration(found, &mail.message)),
        domain,
    })
}

/// What the first who sealed the message says that it saw.
fn passed_before(arc: &arc::Outcome) -> bool {
    let first = arc.chain.sets.iter().find(|set| set.instance == 1);
    let Some(results) = first.and_then(|set| set.results.as_ref()) else { return false };
    let seen = AuthResults::parse_arc(results.source.text());
    seen.of_method("dmarc").any(|result| result.result == "pass")
}

/// Nothing is asked for these: what the other checks had to ask is known.
fn of_session(dns: &Snapshot, mail: &Mail<'_>, checks: &Checks) -> Vec<Diagnostic> {
    let given = |claimed_by: Option<usize>| claimed_by.is_none();
    let helo = mail.session.helo.as_ref().filter(|helo| given(helo.claimed_by));
    let mail_from = mail.session.reverse_path();
    // SPF asked for it.
    let domain = mail_from.filter(|_| checks.spf.is_some()).and_then(super::mail::domain_of);
    let answer = domain.and_then(|domain| dns.lookup(domain.as_str(), RecordType::Txt));
    let names: Vec<(&str, &str)> = checks.signatures.iter().map(|signed| names(&signed.outcome.signature)).collect();
    session_findings(&SessionFacts {
        ip: mail.session.ip.as_ref().map(|ip| ip.value),
        helo: helo.map(|helo| helo.value.as_str()),
        pointers: checks.pointers.as_ref().map(|known| known.names.as_slice()),
        pointers_confirmed: checks.pointers.as_ref().and_then(|known| known.confirmed),
        mail_from,
        mail_from_exists: answer
            .filter(|answer| answer.failure().is_none())
            .map(|answer| answer.lookup != Lookup::NxDomain),
        author: mail.author_domain(),
        signatures: &names,
        ..SessionFacts::default()
    })
}

/// `d=` and `s=` as written.
fn names(signature: &dkim::Signature) -> (&str, &str) {
    let text = signature.source.text();
    let of = |name| signature.tag(name).map_or("", |span| &text[span]);
    (of("d"), of("s"))
}
