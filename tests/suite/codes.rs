//! Codes are promises: each once, none lost, every id of the catalogue answered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::shared::shared;

/// Ids that need facts which a library cannot have, and which.
const BEYOND: &[(&str, &str)] = &[
    ("dmarc-report-domain-enforced", "what the server of the reports' mailbox refuses: only its logs say so"),
    ("dnsbl-listed", "which block lists to ask: each has terms of its own, and judges addresses and not domains"),
    ("spf-evaluation-timeout", "how long the DNS took: nothing here has a clock"),
    ("spf-flattening-stale", "which provider a list of addresses was copied from"),
    ("starttls-missing", "a connection to the mail server: nothing here has a socket"),
    ("spf-include-expiring", "when a registration ends: the registry says it, not the DNS"),
];

#[test]
fn each_code_and_each_id_has_one_rule() {
    let mut codes = BTreeSet::new();
    for rule in mailproof::rules() {
        assert!(codes.insert(rule.code), "`{}` is two rules", rule.code);
    }
    for rule in mailproof::rules() {
        let well_formed = |code: &str| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(well_formed(rule.code), "{}", rule.code);
        assert!(rule.citations.iter().all(|citation| !citation.is_empty()), "{}", rule.code);
        // What is bounded here and nowhere else is no matter of an RFC.
        let is_own_bound = matches!(rule.code, "more-findings" | "more-not-looked-at");
        assert_eq!(rule.citations.is_empty(), is_own_bound, "{}", rule.code);
    }
}

#[test]
fn codes_are_stable() {
    let rules: BTreeMap<&str, _> = mailproof::rules().map(|rule| (rule.code, rule)).collect();
    let mut list = String::new();
    for (code, rule) in rules {
        // Writing to a string does not fail.
        let _ = write!(list, "{code} {}", rule.severity);
        if !rule.covers.is_empty() {
            let _ = write!(list, " covers {}", rule.covers.join(" "));
        }
        list.push('\n');
    }
    insta::assert_snapshot!(list);
}

#[test]
fn the_catalogue_is_answered() {
    let Some(catalogue) = shared("catalogue.tsv") else { return };
    let answered: BTreeSet<&str> =
        mailproof::rules().flat_map(|rule| [rule.code].into_iter().chain(rule.covers.iter().copied())).collect();
    let mut missing = Vec::new();
    for line in catalogue.lines() {
        let mut fields = line.split('\t');
        let (Some(_), Some(id)) = (fields.next(), fields.next()) else { continue };
        if !answered.contains(id) {
            missing.push(id);
        }
    }
    // The heading of its column is no id.
    missing.retain(|id| *id != "id");
    let beyond: BTreeSet<&str> = BEYOND.iter().map(|(id, _)| *id).collect();
    assert_eq!(missing.into_iter().collect::<BTreeSet<_>>(), beyond, "what is answered, and what cannot be");
}
