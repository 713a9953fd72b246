//! Runs the blocks of kind `signed`: a message as it was signed (`- ` and `  `), and as it was received (`+ ` and `  `).

use super::{BEYOND_TEXTS, Known, OF_TEXTS};
use crate::Timestamp;
use crate::dkim::forensics::{Budget, investigate};
use crate::dkim::testing::{Block, Signer, TestKey, blocks};
use crate::dkim::{Canonicalization, Options, findings, message_findings, verify_with};
use crate::dns::{Answer, Failure, Lookup, Question, Snapshot};
use crate::finding::Diagnostic;
use crate::message::Message;
use crate::resolver::drive_sync;

#[test]
fn pages_tell_the_truth() {
    let mut ran = 0;
    for rule in OF_TEXTS.iter().chain(BEYOND_TEXTS).copied().flatten() {
        for block in blocks(rule, "signed") {
            ran += 1;
            let found = run(&block);
            for found in &found {
                let message = found.message();
                assert!(!message.contains(['{', '\n']) && !message.ends_with('.'), "{message}");
                let text = found.primary.subject.source().text();
                assert!(found.primary.span.end as usize <= text.len(), "{found:?}");
            }
            let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
            assert_eq!(codes.contains(&rule.code), block.is_bad, "{}: {codes:?}\n{}", rule.code, block.received);
        }
    }
    assert!(ran > 30, "{ran}");
}

fn run(block: &Block) -> Vec<Diagnostic> {
    let mode = |word: &str| match block.word(word) {
        Some("simple") => Some(Canonicalization::Simple),
        Some(_) => Some(Canonicalization::Relaxed),
        None => None,
    };
    let c = mode("c").unwrap_or(Canonicalization::Relaxed);
    let key = if block.word("key") == Some("rsa512") { TestKey::Rsa512 } else { TestKey::Rsa2048 };
    let more = block.word("t").map(|t| format!(" t={t};")).unwrap_or_default();
    let signer = Signer {
        length: block.word("l").and_then(|l| l.parse().ok()),
        body: mode("hashed").unwrap_or(c),
        declared: Some(c),
        more: &more,
        ..Signer::new(key, c)
    };
    let signer = signer.h(block.word("h").unwrap_or("from:from:to:subject:subject"));
    let received = signer.add_to(block.signed.as_bytes(), block.received.as_bytes());
    let message = Message::parse(&received);
    let mut options = Options::default();
    if let Some(bits) = block.word("min-bits") {
        options.min_rsa_bits = bits.parse().unwrap();
    }
    let mut dns = Snapshot::new();
    let answer = |record: &str| Answer::txt([record]);
    let resolve = |_: &Question| match block.word("key") {
        Some("none") => Answer::new(Lookup::NxDomain),
        Some("servfail") => Answer::new(Lookup::Failure(Failure::ServFail)),
        Some("other") => answer(&TestKey::Rsa1024.record()),
        Some("testing") => answer(&format!("{}; t=y", key.record())),
        _ => answer(&key.record()),
    };
    let now = Timestamp(block.word("now").map_or(0, |now| now.parse().unwrap()));
    let outcomes = drive_sync(&mut dns, resolve, |dns| verify_with(dns, &message, now, &options));
    let evidence = investigate(&dns, &message, &outcomes[0], &Budget::default());
    let recipients = block.word("rcpt").map(str::to_owned).into_iter().collect();
    let known = Known { now: Some(now), recipients, organization: None };
    let mut found = findings(&message, &outcomes[0], &evidence, &known);
    found.extend(message_findings(&message));
    found
}

proptest::proptest! {
    #[test]
    fn any_message(text in "((DKIM-Signature|From|To|Subject|é): ?((v=1|d=d.example|s=s|a=rsa-sha256|bh=47DEQpj8HBSa[+]/TImW[+]5JCeuQeRkm5NMpJWZG3hSuFU=|b=Zm9v|h=[a-z:]{0,9}|h=from|l=[0-9]|t=1|c=relaxed/simple|.{0,4}); ?){0,9}(\r\n|\n|\r)){0,7}(\r\n)?(.{0,9}\r?\n){0,3}", silent: bool) {
        let message = Message::parse(text.as_bytes());
        let key = TestKey::Rsa1024.record();
        let resolve = |_: &Question| if silent { Answer::new(Lookup::NxDomain) } else { Answer::txt([key.as_str()]) };
        let mut dns = Snapshot::new();
        let outcomes = drive_sync(&mut dns, resolve, |dns| verify_with(dns, &message, Timestamp(0), &Options::default()));
        let mut all = message_findings(&message);
        for outcome in &outcomes {
            let evidence = investigate(&dns, &message, outcome, &Budget { octets: 10_000, hashes: 100 });
            all.extend(findings(&message, outcome, &evidence, &Known::default()));
        }
        for found in all {
            let text = found.primary.subject.source().text();
            assert!(text.get(found.primary.span.range()).is_some(), "{found:?}");
            assert!(!found.message().contains('\n'), "{}", found.message());
        }
    }
}
