//! The facts of a message for people.

use super::{AlterationFacts, ArcFacts, MessageFacts, SignatureFacts};
use crate::report::{Actor, Advice, Branch, Mark, Trace};

pub(super) fn headline(found: &MessageFacts) -> String {
    let bad: Vec<&SignatureFacts> = found.signatures.iter().filter(|one| one.result != Some("pass")).collect();
    match (bad.as_slice(), found.signatures.as_slice()) {
        (_, []) => "unsigned: the message has no DKIM signature".to_owned(),
        ([], [only]) => format!("pass: {}", only.told),
        ([], all) => format!("pass: all {} DKIM signatures pass", all.len()),
        ([first, ..], [_]) => first.told.clone(),
        ([first, ..], all) => format!("{}; {} of {} signatures pass", first.told, all.len() - bad.len(), all.len()),
    }
}

/// The nearest remedy for each kind of failure.
pub(super) fn advice(found: &MessageFacts) -> Vec<Advice> {
    let mut out: Vec<Advice> = Vec::new();
    let changed = found.signatures.iter().flat_map(|one| &one.alterations).find(|one| one.certainty != "unknown");
    if changed.is_some_and(|one| one.what != "signed-otherwise") {
        let list = "pass the mail on unchanged, or write your own domain in From and sign anew";
        out.push(Advice::new(Actor::ListOperator, list));
    }
    out
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
    let (outcome, mark) = match well {
        Some(true) => ("as it was signed", Mark::Good),
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
