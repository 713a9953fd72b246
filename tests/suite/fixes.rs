//! A fix is believed because it is tested, on every `bad` block of every page and on the public cases.

use std::collections::BTreeSet;

use mailproof::finding::{Applicability, Change, Diagnostic, Fix, Origin, Severity, apply};
use mailproof::spf::{self, Mechanism, Qualifier, Record, TermKind};
use mailproof::text::Source;

use crate::pages::{Block, blocks};

#[test]
fn a_fix_of_a_record_mends_it() {
    for text in records() {
        let found = spf::lint_text(&Source::new(&text));
        for (found_one, fix) in machine_fixes(&found) {
            let fixed = apply(&text, fix.edits()).unwrap_or_else(|| panic!("{fix:?} does not apply to {text:?}"));
            let after = spf::lint_text(&Source::new(&fixed));
            let context = || format!("{}: {text:?} → {fixed:?}", found_one.code);
            assert!(!again(found_one, fix, &after), "{} is still there: {after:#?}", context());
            let new: Vec<_> = codes(&after).difference(&codes(&found)).copied().collect();
            assert!(new.is_empty(), "{} brings {new:?}", context());
            assert!(keeps_senders(&text, &fixed), "{} loses a sender", context());
        }
    }
}

#[test]
fn a_fix_applied_twice_is_applied_once() {
    for text in records() {
        let lint = |text: &str| spf::lint_text(&Source::new(text));
        let once = mailproof::finding::apply_all(&text, Applicability::MachineApplicable, lint);
        assert!(once.settled, "{text:?} does not settle");
        let twice = mailproof::finding::apply_all(&once.text, Applicability::MachineApplicable, lint);
        assert_eq!(once.text, twice.text, "{text:?}");
        assert!(keeps_senders(&text, &once.text), "{text:?} → {:?}", once.text);
    }
}

#[test]
fn fixes_are_real_edits() {
    for block in blocks().into_iter().filter(|block| block.is_bad) {
        for found in block.run() {
            for fix in &found.fixes {
                let text = found.primary.subject.source().text();
                match &fix.change {
                    Change::Edit(edits) => {
                        let fixed = apply(text, edits).unwrap_or_else(|| panic!("{}: {fix:?}", found.code));
                        assert_ne!(fixed, text, "{}: {fix:?} changes nothing", found.code);
                    }
                    Change::Records { remove, add, .. } => assert!(!remove.is_empty() || !add.is_empty(), "{fix:?}"),
                }
            }
        }
    }
}

/// Records to mend: those of the pages, bad and good, and of the public cases.
fn records() -> Vec<String> {
    let of_pages = blocks().into_iter().filter(|block| block.kind == "spf").flat_map(|block| lines(&block));
    of_pages.chain(public_cases()).collect()
}

fn lines(block: &Block) -> Vec<String> {
    block.text.lines().map(str::to_owned).collect()
}

fn public_cases() -> Vec<String> {
    let cases = crate::shared::shared("conformance/lint.jsonl").unwrap_or_default();
    let texts = cases.lines().filter_map(|line| {
        let case: serde_json::Value = serde_json::from_str(line).ok()?;
        (case["kind"] == "spf").then(|| case["text"].as_str().map(str::to_owned)).flatten()
    });
    texts.collect()
}

/// The first fix of each finding, if a machine may apply it and it edits the text.
fn machine_fixes(found: &[Diagnostic]) -> impl Iterator<Item = (&Diagnostic, &Fix)> {
    found.iter().filter_map(|found| {
        let fix = found.fixes.first()?;
        let edits = fix.applicability == Applicability::MachineApplicable && !fix.edits().is_empty();
        (edits && *found.primary.subject.origin() == Origin::Given).then_some((found, fix))
    })
}

/// Whether the same finding is told about what the fix left.
fn again(found: &Diagnostic, fix: &Fix, after: &[Diagnostic]) -> bool {
    // Where the place is after the edits before it.
    let moved: i64 = fix
        .edits()
        .iter()
        .filter(|edit| edit.span.end <= found.primary.span.start)
        .map(|edit| {
            i64::try_from(edit.text.len()).unwrap_or_default() - i64::try_from(edit.span.len()).unwrap_or_default()
        })
        .sum();
    let start = i64::from(found.primary.span.start) + moved;
    after.iter().any(|other| {
        other.code == found.code && i64::from(other.primary.span.start) == start && other.params == found.params
    })
}

fn codes(found: &[Diagnostic]) -> BTreeSet<&'static str> {
    found.iter().filter(|found| found.severity < Severity::Note).map(|found| found.code.as_str()).collect()
}

/// Whether every term by which `before` lets somebody pass is in `after` too.
fn keeps_senders(before: &str, after: &str) -> bool {
    let after = Record::parse(after);
    let kept: BTreeSet<String> = passing(&after).collect();
    passing(&Record::parse(before)).all(|term| kept.contains(&term) || kept.iter().any(|kept| covers(kept, &term)))
}

fn passing(record: &Record) -> impl Iterator<Item = String> {
    record.terms().iter().filter_map(|term| match term.kind {
        TermKind::Directive(directive) if directive.qualifier == Qualifier::Pass => match directive.mechanism {
            // What is a network or a plain name; other terms are repaired by changing them.
            Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => {
                let text = record.text(term.span).trim_start_matches('+').to_ascii_lowercase();
                text.split_once(':').map(|(_, network)| network.to_owned())
            }
            _ => None,
        },
        _ => None,
    })
}

/// Whether the network `wide` holds `narrow`.
fn covers(wide: &str, narrow: &str) -> bool {
    let network = |text: &str| -> Option<(u128, u32)> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: std::net::IpAddr = address.parse().ok()?;
        let (bits, full) = match address {
            std::net::IpAddr::V4(address) => match address.to_ipv6_mapped().into() {
                std::net::IpAddr::V6(mapped) => (u128::from(mapped), 32),
                std::net::IpAddr::V4(_) => return None,
            },
            std::net::IpAddr::V6(address) => (u128::from(address), 128),
        };
        let length: u32 = length.map_or(Some(full), |length| length.parse().ok())?;
        Some((bits, length + 128 - full))
    };
    let (Some((wide, length)), Some((narrow, longer))) = (network(wide), network(narrow)) else { return false };
    length <= longer && (length == 0 || (wide ^ narrow) >> (128 - length) == 0)
}
