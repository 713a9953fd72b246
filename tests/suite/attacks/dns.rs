//! Records that make others ask: amplification, loops, macros that grow.

use std::collections::BTreeMap;

use mailproof::dns::{Question, RecordType, Snapshot};
use mailproof::resolver::{MAX_QUESTIONS, Zone, drive_sync};
use mailproof::spf::{self, Cause, Outcome, Session, SpfResult};

use super::soon;
use crate::world::{NOW, session, zone};

/// The outcome, and how many questions of each type were asked.
fn asked(zone: &Zone, session: &Session) -> (Outcome, BTreeMap<RecordType, usize>) {
    let mut count = BTreeMap::new();
    let resolve = |question: &Question| {
        *count.entry(question.record_type).or_default() += 1;
        zone.answer(question)
    };
    let outcome = drive_sync(&mut Snapshot::new(), resolve, |dns| spf::check_host(dns, session, NOW));
    (outcome, count)
}

/// The most that one message can make a receiver ask for SPF: ten `mx` terms (RFC 7208 §4.6.4) with ten hosts each, and the
/// explanation. RFC 7208 §11.1 counts the same.
#[test]
fn one_record_causes_at_most_112_questions() {
    let mut text = String::new();
    let terms: Vec<String> = (0..10).map(|term| format!("mx:m{term}.d.example")).collect();
    text.push_str(&format!(
        "d.example. TXT \"v=spf1 {} -all exp=why.d.example\"\nwhy.d.example. TXT \"x\"\n",
        terms.join(" ")
    ));
    for term in 0..10 {
        for host in 0..10 {
            text.push_str(&format!("m{term}.d.example. MX {host} h{term}-{host}.victim.example.\n"));
            text.push_str(&format!("h{term}-{host}.victim.example. A 198.51.100.1\n"));
        }
    }
    let (outcome, asked) = asked(&zone(&text), &session("192.0.2.1", "a@d.example"));
    assert_eq!(outcome.result, SpfResult::Fail);
    assert_eq!(asked, [(RecordType::A, 100), (RecordType::Mx, 10), (RecordType::Txt, 2)].into());
}

/// An eleventh name of an `mx`, or an eleventh term, ends it; none of the names beyond is asked for.
#[test]
fn what_is_beyond_the_limits_is_not_asked() {
    let hosts: String = (0..200).map(|host| format!("d.example. MX {host} h{host}.victim.example.\n")).collect();
    let (outcome, count) =
        asked(&zone(&format!("{hosts}d.example. TXT \"v=spf1 mx -all\"")), &session("192.0.2.1", "a@d.example"));
    assert!(matches!(outcome.cause, Cause::TooManyExchanges { .. }), "{:?}", outcome.cause);
    assert!(count.get(&RecordType::A).is_none_or(|asked| *asked <= 10), "{count:?}");

    let terms: String = (0..2_000).map(|term| format!(" a:h{term}.victim.example")).collect();
    let record = format!("d.example. TXT {}", strings(&format!("v=spf1{terms} -all")));
    let addresses: String = (0..2_000).map(|term| format!("h{term}.victim.example. A 198.51.100.1\n")).collect();
    let (outcome, count) = asked(&zone(&format!("{addresses}{record}")), &session("192.0.2.1", "a@d.example"));
    assert!(matches!(outcome.cause, Cause::TooManyLookups { .. }), "{:?}", outcome.cause);
    assert!(count.values().sum::<usize>() <= 12, "{count:?}");
}

/// PTR: ten names of the client's are looked at (§4.6.4), whoever owns its reverse zone.
#[test]
fn a_thousand_reverse_names_cause_ten_questions() {
    let names: String = (0..1_000).map(|n| format!("1.2.0.192.in-addr.arpa. PTR h{n}.d.example.\n")).collect();
    let (_, count) =
        asked(&zone(&format!("{names}d.example. TXT \"v=spf1 ptr -all\"")), &session("192.0.2.1", "a@d.example"));
    assert_eq!((count[&RecordType::Ptr], count[&RecordType::A]), (1, 10));
}

/// An include in each direction, and a record that includes itself twice: a tree of 2^n, cut at ten look-ups.
#[test]
fn loops_and_trees_of_includes_end() {
    for text in [
        "d.example. TXT \"v=spf1 include:d.example include:d.example -all\"",
        "d.example. TXT \"v=spf1 include:e.example -all\"\ne.example. TXT \"v=spf1 include:d.example -all\"",
        "d.example. TXT \"v=spf1 redirect=d.example\"",
        "d.example. TXT \"v=spf1 include:%{d} redirect=%{d}\"",
    ] {
        let (outcome, count) = asked(&zone(text), &session("192.0.2.1", "a@d.example"));
        assert!(matches!(outcome.cause, Cause::TooManyLookups { .. }), "{text} {:?}", outcome.cause);
        assert!(outcome.lookups <= 11 && count.values().sum::<usize>() <= 12, "{text} {count:?}");
    }
}

/// CNAMEs that lead round, or on for ever, are no answer, and SPF is a temperror.
#[test]
fn loops_of_aliases_end() {
    let chain: String = (0..100).map(|n| format!("c{n}.d.example. CNAME c{}.d.example.\n", n + 1)).collect();
    for text in [
        "d.example. CNAME e.example.\ne.example. CNAME d.example.",
        "d.example. CNAME d.example.",
        &format!("{chain}d.example. CNAME c0.d.example."),
    ] {
        let (outcome, count) = asked(&zone(text), &session("192.0.2.1", "a@d.example"));
        assert_eq!(outcome.result, SpfResult::Temperror, "{text}");
        assert_eq!(count.values().sum::<usize>(), 1);
    }
}

/// Macros that repeat the local-part in every label: what comes out is cut to 253 octets (§7.3) before anybody is asked.
#[test]
fn macro_bombs_become_names_of_at_most_253_octets() {
    let macros = "%{l}.%{s}.%{L1r+-}.".repeat(400);
    let sender = format!("{}@d.example", "a.".repeat(30_000));
    let record = format!("d.example. TXT {}", strings(&format!("v=spf1 exists:{macros}d.example -all")));
    let (outcome, count) = soon(|| asked(&zone(&record), &session("192.0.2.1", &sender)));
    assert!(matches!(outcome.result, SpfResult::Fail | SpfResult::Permerror), "{:?}", outcome.cause);
    assert!(count.values().sum::<usize>() <= 2, "{count:?}");
}

/// An explanation that its macros make longer than 4 KiB is none.
#[test]
fn macro_bombs_in_explanations_are_bounded() {
    let text = format!(
        "d.example. TXT \"v=spf1 -all exp=why.d.example\"\nwhy.d.example. TXT {}",
        strings(&"%{s}".repeat(4_000))
    );
    let sender = format!("{}@d.example", "a.".repeat(1_900));
    let (outcome, _) = soon(|| asked(&zone(&text), &session("192.0.2.1", &sender)));
    assert_eq!(outcome.result, SpfResult::Fail);
    assert_eq!(outcome.explanation, None);
    // One that is shorter is given whole.
    let text = "d.example. TXT \"v=spf1 -all exp=why.d.example\"\nwhy.d.example. TXT \"%{s}\"";
    let (outcome, _) = asked(&zone(text), &session("192.0.2.1", &sender));
    assert_eq!(outcome.explanation, Some(sender));
}

/// A domain whose every record names another one: the whole check stays below the bound of the drivers.
#[test]
fn a_hostile_domain_cannot_ask_without_end() {
    let domain = mailproof::domain::Input::new("d.example");
    let mut asked = 0;
    let report = drive_sync(
        &mut Snapshot::new(),
        |question| {
            asked += 1;
            hostile(question, asked)
        },
        |dns| mailproof::domain::check(dns, &domain),
    );
    assert!(asked <= MAX_QUESTIONS, "{asked}");
    assert!(!report.findings.is_empty());
}

/// Each answer leads to as many new names as fit.
fn hostile(question: &Question, n: usize) -> mailproof::dns::Answer {
    let names = |count: usize| (0..count).map(move |i| format!("n{n}-{i}.victim.example"));
    match question.record_type {
        RecordType::Txt if question.name.as_str().starts_with("_dmarc") => {
            let uris: Vec<String> = names(100).map(|name| format!("mailto:a@{name}")).collect();
            mailproof::dns::Answer::txt([format!("v=DMARC1; p=none; rua={}", uris.join(",")).as_str()])
        }
        RecordType::Txt => {
            let terms: Vec<String> = names(200).map(|name| format!("include:{name}")).collect();
            mailproof::dns::Answer::txt([format!("v=spf1 {} -all", terms.join(" ")).as_str()])
        }
        RecordType::Mx => {
            let text: String = names(200).map(|name| format!("{}. MX 10 {name}.\n", question.name)).collect();
            zone(&text).answer(question)
        }
        _ => zone(&format!("{}. A 198.51.100.1", question.name)).answer(question),
    }
}

/// A text as character-strings of 255 octets.
fn strings(text: &str) -> String {
    let parts: Vec<String> =
        text.as_bytes().chunks(255).map(|part| format!("\"{}\"", String::from_utf8_lossy(part))).collect();
    parts.join(" ")
}
