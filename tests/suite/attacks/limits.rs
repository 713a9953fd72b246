//! Inputs that are long in one direction: lines, header fields, names, bodies.

use mailproof::message::{AddressList, DefectKind, LintOptions, Message, Received, lint};
use mailproof::resolver::Zone;
use mailproof::{Mailbox, Name, bounce};

use super::soon;

/// A line of ten million octets in the header, and in the body.
#[test]
fn very_long_lines() {
    let long = "x".repeat(10_000_000);
    let text = format!("From: a@d.example\r\nSubject: ok\r\n\r\n{long}\r\n");
    let message = Message::parse(text.as_bytes());
    assert_eq!((message.fields().len(), message.body().len()), (2, long.len() + 2));
    let text = format!("From: a@d.example\r\nSubject: {long}\r\nTo: b@d.example\r\n\r\nbody");
    let message = soon(|| Message::parse(text.as_bytes()));
    assert!(message.defects().iter().any(|d| matches!(d.kind, DefectKind::HeaderTooLong | DefectKind::LongLine)));
    assert_eq!(message.body(), b"body");
    assert!(soon(|| lint(&message, &LintOptions::default())).len() < 100);
}

/// A million header fields: 2,000 are read, and the body is found all the same.
#[test]
fn very_many_fields() {
    let text = format!("From: a@d.example\r\n{}\r\nbody", "X: y\r\n".repeat(1_000_000));
    let message = soon(|| Message::parse(text.as_bytes()));
    assert!(message.fields().len() <= 2_000);
    assert_eq!(message.body(), b"body");
    assert!(message.limit().is_some());
    assert!(soon(|| lint(&message, &LintOptions::default())).len() < 1_000);
}

/// A From behind the limit is not taken for no From: the limit is told.
#[test]
fn a_from_that_hides_behind_the_limit() {
    let text = format!("{}From: a@d.example\r\n\r\nbody", "X: y\r\n".repeat(3_000));
    let message = Message::parse(text.as_bytes());
    assert_eq!(message.limit(), Some(DefectKind::TooManyFields));
    assert_eq!(message.fields_named("From").count(), 0);
}

/// NULs everywhere: each is told once, and none ends a text early.
#[test]
fn nuls_end_nothing() {
    let text = b"From: a@d.exam\0ple\r\nSubject\0: x\r\n\0\r\n\r\nbo\0dy";
    let message = Message::parse(text);
    assert!(message.defects().iter().any(|defect| defect.kind == DefectKind::Nul));
    assert_eq!(message.body(), b"bo\0dy");
    let codes: Vec<_> = lint(&message, &LintOptions::default()).iter().map(|found| found.code.to_string()).collect();
    assert!(codes.contains(&"from-nul-or-control".to_owned()), "{codes:?}");
    for address in ["a\0@d.example", "a@d.example\0.evil.example", "\"a\0\"@d.example"] {
        assert!(Mailbox::parse(address).is_err(), "{address:?}");
    }
    assert!(
        Name::parse("d.example\0.evil.example").is_ok_and(|name| !name.is_hostname())
            || Name::parse("d.example\0.evil.example").is_err()
    );
}

/// Names of a megabyte, lists of a hundred thousand addresses, Received fields without an end.
#[test]
fn very_long_names_and_lists() {
    assert!(Name::parse(&"a.".repeat(500_000)).is_err());
    assert!(Name::parse(&"a".repeat(1_000_000)).is_err());
    let list = "a@d.example, ".repeat(100_000);
    assert!(soon(|| AddressList::parse(&list)).mailboxes().count() <= 100_000);
    for piece in ["from ", "by x ", "(", "; ", "for <a@b> "] {
        let text = piece.repeat(200_000);
        soon(|| Received::parse(&text));
    }
    let hops = "Received: from a.example ([192.0.2.1]) by b.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n".repeat(1_900);
    let text = format!("{hops}From: a@d.example\r\n\r\n");
    let message = Message::parse(text.as_bytes());
    assert!(soon(|| mailproof::message::Path::claims(&message)).hops().len() <= 1_900);
}

/// A reply, a notification and a zone of ten megabytes.
#[test]
fn very_long_texts() {
    let reply = "550-5.7.1 not authorised because ".repeat(300_000);
    let context = bounce::Context::default();
    assert!(!soon(|| bounce::diagnose(&reply, &context)).advice().is_empty());
    let lines = "550-5.7.1 x\r\n".repeat(800_000);
    assert!(!soon(|| bounce::diagnose(&lines, &context)).advice().is_empty());
    let zone: String = (0..100_000).map(|n| format!("n{n}.d.example. A 192.0.2.1\n")).collect();
    assert_eq!(soon(|| Zone::parse(&zone)).expect("a zone").entries().len(), 100_000);
    assert!(soon(|| Zone::parse(&"(".repeat(1_000_000))).is_err());
    let one = format!("d.example. TXT {}", "\"x\" ".repeat(1_000_000));
    let _ = soon(|| Zone::parse(&one));
}
