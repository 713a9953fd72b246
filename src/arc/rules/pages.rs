//! Runs the blocks of kind `message`, and of kind `sealed`: a message as it was sealed (`- ` and `  `), and as it was
//! received (`+ ` and `  `).

use super::{ALL, Known};
use crate::arc::{Headers, Sealer, Validation, findings, seal, verify};
use crate::dkim::testing::{Block, TestKey, blocks};
use crate::dns::{Answer, Lookup, Question, Snapshot};
use crate::finding::Diagnostic;
use crate::message::Message;
use crate::resolver::drive_sync;
use crate::{Name, Timestamp};

#[test]
fn pages_tell_the_truth() {
    let mut ran = 0;
    for rule in ALL.iter().copied().flatten() {
        for kind in ["message", "sealed"] {
            for block in blocks(rule, kind) {
                ran += 1;
                let found = if kind == "sealed" { sealed(&block) } else { found(&block, &block.text) };
                for found in &found {
                    let message = found.message();
                    assert!(!message.contains(['{', '\n']) && !message.ends_with('.'), "{message}");
                    let text = found.primary.subject.source().text();
                    assert!(found.primary.span.end as usize <= text.len(), "{found:?}");
                }
                let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
                assert_eq!(codes.contains(&rule.code), block.is_bad, "{}: {codes:?}\n{}", rule.code, block.text);
            }
        }
    }
    assert!(ran > 40, "{ran}");
}

fn sealed(block: &Block) -> Vec<Diagnostic> {
    let with_seal = |text: &str, validation: Validation, domain: &str| {
        let domain: Name = domain.parse().unwrap();
        let sealer = Sealer {
            domain: &domain,
            selector: &"s".parse().unwrap(),
            authserv_id: &format!("mx.{domain}"),
            headers: "from:subject",
            timestamp: Timestamp(0),
            private_key: TestKey::Rsa1024.pem(),
        };
        let made = seal(&Message::parse(text.as_bytes()), validation, &sealer).unwrap();
        let Headers { results, message_signature, seal } = made;
        format!(
            "ARC-Seal: {seal}\r\nARC-Message-Signature: {message_signature}\r\nARC-Authentication-Results: {results}\r\n"
        )
    };
    let first = with_seal(&block.signed, Validation::None, "l.example");
    let mut received = first + &block.received;
    if block.has("reseal") {
        received = with_seal(&received, Validation::Pass, "list.example") + &received;
    }
    if block.word("break") == Some("results") {
        received = received.replace("mx.l.example", "mx.x.example");
    }
    found(block, &received)
}

fn found(block: &Block, received: &str) -> Vec<Diagnostic> {
    let message = Message::parse(received.as_bytes());
    let record = TestKey::Rsa1024.record();
    let resolve = |_: &Question| match block.word("key") {
        Some(_) => Answer::new(Lookup::NxDomain),
        None => Answer::txt([record.as_str()]),
    };
    let outcome = drive_sync(&mut Snapshot::new(), resolve, |dns| verify(dns, &message, Timestamp(0)));
    let trusted = block.word("trusted").map(|name| name.parse().unwrap()).into_iter().collect();
    findings(&message, &outcome, &Known { trusted })
}

/// Each name in `h` that must not stand there is shown by itself.
#[test]
fn signed_trace_fields_are_shown() {
    let ams = "i=1; a=rsa-sha256; d=l.example; s=s; h=from:ARC-Authentication-Results :\r\n authentication-results:arc-seal; bh=Zm9v; b=Zm9v";
    let text = format!("ARC-Message-Signature: {ams}\r\nFrom: a@d.example\r\n\r\n");
    let message = Message::parse(text.as_bytes());
    let resolve = |_: &Question| Answer::new(Lookup::NxDomain);
    let outcome = drive_sync(&mut Snapshot::new(), resolve, |dns| verify(dns, &message, Timestamp(0)));
    let mut found = findings(&message, &outcome, &Known::default());
    found.retain(|found| found.code == "arc-ams-signs-trace");
    let shown: Vec<String> = found.iter().map(|found| found.primary.quoted()).collect();
    assert_eq!(shown, ["authentication-results", "ARC-Authentication-Results"]);
}

proptest::proptest! {
    #[test]
    fn any_message(text in "((ARC-(Seal|Message-Signature|Authentication-Results)|From|Authentication-Results): ?((i=[0-3]|cv=[a-z]{0,4}|d=l.example|s=s|a=rsa-sha256|bh?=Zm9v|h=[a-z:]{0,9}|l|mx.é|dkim=pass|.{0,4}); ?){0,9}\r\n){0,7}(\r\n)?.{0,9}") {
        let message = Message::parse(text.as_bytes());
        let resolve = |_: &Question| Answer::new(Lookup::NxDomain);
        let outcome = drive_sync(&mut Snapshot::new(), resolve, |dns| verify(dns, &message, Timestamp(0)));
        for found in findings(&message, &outcome, &Known::default()) {
            let text = found.primary.subject.source().text();
            assert!(text.get(found.primary.span.range()).is_some(), "{found:?}");
            assert!(!found.message().contains('\n'), "{}", found.message());
        }
    }
}
