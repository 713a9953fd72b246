//! The facts of a message for people.

use super::{AlterationFacts, ArcFacts, SignatureFacts};
use crate::cause::Cause;
use crate::finding::{Diagnostic, Origin, Severity};
use crate::report::{Actor, Branch, Mark, Trace};

/// The name of a field of which another one stands above a signed one.
pub(super) fn added(findings: &[Diagnostic]) -> Option<&str> {
    findings.iter().find(|found| found.code == "dkim-header-added")?.params.get("field")
}

/// What the alignment table, the diff or a trace of the report says already, or what is of no interest by itself.
pub(super) fn is_told_otherwise(found: &Diagnostic, cause: Cause) -> bool {
    // Notes about a record are for whoever looks after it: they say nothing about this mail.
    let of_record = matches!(found.primary.subject.origin(), Origin::Record { .. });
    let about_mail = matches!(found.code.as_str(), "spf-eval-near-miss" | "dkim-pass-testing-key");
    if of_record && found.severity == Severity::Note && !about_mail {
        return true;
    }
    // Nor does what is fragile in an SPF record, where the record is not the trouble.
    let code = found.code.as_str();
    let of_spf = code.starts_with("spf-") && !code.starts_with("spf-eval-");
    if of_record && of_spf && found.severity == Severity::Warning && !cause.id().starts_with("spf-") {
        return true;
    }
    matches!(
        found.code.as_str(),
        "arc-none"
            | "arc-historic-note"
            | "arc-oldest-pass"
            | "arc-original-auth"
            | "dkim-both-checked"
            | "dkim-pass-third-party"
            | "dkim-body-hash-hint-footer"
            | "dkim-body-hash-hint-crlf"
            | "dkim-header-changed-hint"
            | "dkim-key-changed-hint"
            | "align-spf-pass-unaligned"
            | "align-spf-not-pass"
            | "align-dkim-pass-unaligned"
            | "align-dkim-not-pass"
            | "align-only-dkim"
            | "align-only-spf"
            | "forward-dkim-survives"
            | "forward-spf-broken"
            | "forward-dkim-broken-by"
            | "forward-srs-spf-unaligned"
            | "received-missing"
            | "received-forgeable-note"
            | "received-private-origin"
            | "received-tls-missing"
            | "received-delay"
    )
}

/// Who can do something about a finding. `list` if the message came through a mailing list.
pub(super) fn whose(found: &Diagnostic, list: bool, cause: Cause) -> Actor {
    let of_record = matches!(found.primary.subject.origin(), Origin::Record { .. });
    if of_record && (is_nobodys(cause) || is_about_reports(found)) {
        return Actor::Nobody;
    }
    let passed_on = if list { Actor::ListOperator } else { Actor::Forwarder };
    let code = found.code.as_str();
    match code {
        "dkim-replay-hint" | "dkim-dns-tempfail" => Actor::Recipient,
        "dkim-header-added" => passed_on,
        // The signer's own fault, unlike the other hints, which the traces show in full.
        "dkim-body-hash-hint-empty" | "dkim-body-hash-hint-relaxed" => Actor::SendingService,
        // A note that changes nothing for receivers asks nothing of anybody.
        _ if found.severity == Severity::Note => Actor::Nobody,
        "authres-result-differs" | "align-authres-forged" => Actor::Recipient,
        // Whoever uses a name that looks like another one does so on purpose.
        "from-domain-homograph" | "from-mixed-scripts" => Actor::Recipient,
        // Nobody needs a chain where the message passes without it.
        _ if code.starts_with("arc-") && cause == Cause::NoProblem => Actor::Nobody,
        _ if code.starts_with("arc-") => passed_on,
        _ if code.starts_with("dmarc-") || code.starts_with("align-") || code.starts_with("forward-") => {
            Actor::DomainOwner
        }
        _ => match found.primary.subject.origin() {
            Origin::Record { .. } => Actor::DomainOwner,
            // Nobody tells a forger how to write better mail.
            _ if is_forged(cause) => Actor::Nobody,
            _ => Actor::SendingService,
        },
    }
}

/// Whether the records of the author have nothing to answer for.
fn is_nobodys(cause: Cause) -> bool {
    matches!(cause, Cause::NoProblem | Cause::Backscatter | Cause::GenuineBounce)
}

/// Where reports go has nothing to do with what became of a mail.
fn is_about_reports(found: &Diagnostic) -> bool {
    let code = found.code.as_str();
    code.starts_with("dmarc-rua") || code.starts_with("dmarc-ruf") || code.starts_with("dmarc-report")
}

fn is_forged(cause: Cause) -> bool {
    matches!(cause, Cause::SpoofedOwnDomain | Cause::DisplayNameSpoof | Cause::Backscatter)
}

/// How a signature fared. What was changed is left out where it is told before.
pub(super) fn signature(facts: &SignatureFacts, told: bool) -> Trace {
    let domain = facts.domain.as_deref().unwrap_or("an unreadable domain");
    let selector = facts.selector.as_deref().unwrap_or("unreadable");
    let result = facts.result.unwrap_or("not checked");
    let mut branches = vec![Branch {
        text: "result".to_owned(),
        outcome: result.to_owned(),
        mark: if result == "pass" { Mark::Good } else { Mark::Bad },
        notes: facts.key.iter().chain(&facts.key_evidence).cloned().collect(),
        ..Branch::default()
    }];
    branches.push(half("header", facts.header, facts, told));
    branches.push(half("body", facts.body, facts, told));
    Trace { title: format!("DKIM signature of {domain}, selector {selector}"), counters: Vec::new(), branches }
}

fn half(part: &str, well: Option<bool>, facts: &SignatureFacts, told: bool) -> Branch {
    let known = facts.alterations.iter().any(|one| one.part == part && one.certainty != "unknown");
    let (outcome, mark) = match well {
        Some(true) => ("as it was signed", Mark::Good),
        // A header whose signature fails may be unchanged, and the key another one.
        Some(false) if part == "header" && !known => ("does not verify", Mark::Bad),
        Some(false) => ("not as it was signed", Mark::Bad),
        None => ("not checked", Mark::Skipped),
    };
    let mut notes = Vec::new();
    if part == "header" && !facts.signed.is_empty() {
        notes.push(format!("signed: {}", facts.signed.join(", ")));
    }
    if part == "body" && facts.unsigned_octets > 0 {
        notes.push(format!("{} octets at its end are not signed (`l=`)", facts.unsigned_octets));
    }
    let alterations = facts.alterations.iter().filter(|one| one.part == part && !told);
    notes.extend(alterations.flat_map(AlterationFacts::lines));
    Branch { text: part.to_owned(), outcome: outcome.to_owned(), mark, notes, ..Branch::default() }
}

/// What a chain shows.
pub(super) fn arc(facts: &ArcFacts) -> Trace {
    let chain = Branch { text: facts.told.clone(), notes: facts.claims.clone(), ..Branch::default() };
    Trace { title: "ARC, as evidence only".to_owned(), counters: Vec::new(), branches: vec![chain] }
}
