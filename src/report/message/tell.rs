//! The facts of a message for people.

use super::{AlterationFacts, ArcFacts, Checked, MessageFacts, SignatureFacts};
use crate::finding::{Diagnostic, Origin, Severity};
use crate::report::{Actor, Branch, Mark, Trace};

pub(super) fn headline(found: &Checked) -> String {
    let all = &found.facts.signatures;
    let (good, bad): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&at| passes(&all[at]));
    let answer = |at: usize| found.signatures.get(at).map_or("", |one| one.answer.as_str());
    let mut told = match (good.as_slice(), bad.first()) {
        ([], None) => return "unsigned: the message has no DKIM signature".to_owned(),
        ([], Some(&bad)) => return answer(bad).to_owned(),
        ([only], _) => answer(*only).to_owned(),
        (several, _) => {
            let names: Vec<&str> = several.iter().filter_map(|&at| all[at].domain.as_deref()).collect();
            format!("pass: header and body are as {} signed them ({} DKIM signatures)", listed(&names), several.len())
        }
    };
    if let Some(added) = added(&found.findings) {
        told.push_str(&format!("; but a second {added} stands above the signed one"));
    }
    if let Some(&bad) = bad.first() {
        let why = answer(bad).split_once(": ").map_or("", |(_, why)| why);
        told.push_str(&format!("; but {why}"));
    }
    told
}

/// Whether every signature passes, and what people see is what was signed.
pub(super) fn all_well(found: &Checked) -> bool {
    let all = &found.facts.signatures;
    !all.is_empty() && all.iter().all(passes) && added(&found.findings).is_none()
}

fn passes(facts: &SignatureFacts) -> bool {
    facts.result == Some("pass")
}

/// The name of a field of which another one stands above a signed one.
fn added(findings: &[Diagnostic]) -> Option<&str> {
    findings.iter().find(|found| found.code == "dkim-header-added")?.params.get("field")
}

/// `a, b and c`, each once.
fn listed(names: &[&str]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for &name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    match distinct.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => distinct.concat(),
    }
}

/// Who can do something about a finding. `list` if the message came through a mailing list.
pub(super) fn whose(found: &Diagnostic, list: bool) -> Actor {
    let passed_on = if list { Actor::ListOperator } else { Actor::Forwarder };
    match found.code.as_str() {
        "dkim-replay-hint" | "dkim-dns-tempfail" => Actor::Recipient,
        "dkim-header-added" => passed_on,
        // The signer's own fault, unlike the other hints, which the traces show in full.
        "dkim-body-hash-hint-empty" | "dkim-body-hash-hint-relaxed" => Actor::SendingService,
        // A note that changes nothing for receivers asks nothing of anybody.
        _ if found.severity == Severity::Note => Actor::Nobody,
        code if code.starts_with("arc-") => passed_on,
        _ => match found.primary.subject.origin() {
            Origin::Record { .. } => Actor::DomainOwner,
            _ => Actor::SendingService,
        },
    }
}

pub(super) fn traces(found: &MessageFacts) -> Vec<Trace> {
    let signatures = found.signatures.iter().map(signature);
    signatures.chain(found.arc.as_ref().map(arc)).collect()
}

fn signature(facts: &SignatureFacts) -> Trace {
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
    branches.push(half("header", facts.header, facts));
    branches.push(half("body", facts.body, facts));
    Trace { title: format!("DKIM signature of {domain}, selector {selector}"), counters: Vec::new(), branches }
}

fn half(part: &str, well: Option<bool>, facts: &SignatureFacts) -> Branch {
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
    notes.extend(facts.alterations.iter().filter(|one| one.part == part).flat_map(alteration));
    Branch { text: part.to_owned(), outcome: outcome.to_owned(), mark, notes, ..Branch::default() }
}

fn alteration(found: &AlterationFacts) -> Vec<String> {
    let mut notes = vec![format!("{} ({})", found.told, found.sure)];
    notes.extend(found.difference.iter().cloned());
    if found.left_out > 0 {
        notes.push(format!("... {} more", found.left_out));
    }
    notes
}

fn arc(facts: &ArcFacts) -> Trace {
    let chain = Branch { text: facts.told.clone(), notes: facts.claims.clone(), ..Branch::default() };
    Trace { title: "ARC, as evidence only".to_owned(), counters: Vec::new(), branches: vec![chain] }
}
