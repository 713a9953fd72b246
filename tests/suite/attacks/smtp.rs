//! Where one message ends and another begins, and which of two fields counts.

use mailproof::message::{DefectKind, LintOptions, Message, lint};

fn told(message: &[u8]) -> Vec<String> {
    lint(&Message::parse(message), &LintOptions::default()).iter().map(|found| found.code.to_string()).collect()
}

const HEAD: &str = "Date: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\nFrom: a@d.example\r\n";

/// SMTP smuggling (2023): an end of data that only one of two servers sees. What does not stand between CRLFs is told.
#[test]
fn ends_of_data_that_are_none() {
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n\r.\r\n", "\n\r.\n"] {
        let smuggled = format!("{HEAD}\r\nHello{end}MAIL FROM:<x@evil.example>\r\nRCPT TO:<b@r.example>\r\nDATA\r\n");
        let message = Message::parse(smuggled.as_bytes());
        let kinds: Vec<DefectKind> = message.body_defects().iter().map(|defect| defect.kind).collect();
        assert!(kinds.iter().any(|kind| matches!(kind, DefectKind::BareLf | DefectKind::BareCr)), "{end:?} {kinds:?}");
        assert!(told(smuggled.as_bytes()).contains(&"bare-lf-or-cr".to_owned()), "{end:?}");
    }
    // The real one is the server's, and nothing of it is left in a message.
    assert!(told(format!("{HEAD}\r\nHello\r\n..\r\n").as_bytes()).is_empty());
}

/// Whether a line feed alone ends a field is for each program to choose: the field behind it is seen, and so are both.
#[test]
fn a_field_behind_a_bare_line_end_does_not_hide() {
    for (message, authors) in [
        ("From: a@d.example\r\nSubject: x\nFrom: b@evil.example\r\n\r\n", 2),
        ("From: a@d.example\r\nSubject: x\rFrom: b@evil.example\r\n\r\n", 1),
        ("From: a@d.example\r\nSubject: x\n\nFrom: b@evil.example\r\n\r\n", 1),
    ] {
        assert_eq!(Message::parse(message.as_bytes()).fields_named("From").count(), authors, "{message:?}");
        let told = told(message.as_bytes());
        assert!(told.contains(&"bare-lf-or-cr".to_owned()), "{message:?}");
        assert_eq!(told.contains(&"from-multiple-fields".to_owned()), authors == 2, "{message:?}");
    }
}

/// Found by the fuzz target `message`: a character of several bytes in a field was cut by the place of its finding.
#[test]
fn places_in_fields_that_are_no_ascii() {
    for value in ["\u{497}", "x\u{497}y", "\u{1f600}", "\u{497}\u{9e}\u{1f600}"] {
        let text = format!("{HEAD}Comments: {value}\r\n\r\n");
        let found = lint(&Message::parse(text.as_bytes()), &LintOptions::default());
        let found = found.iter().find(|found| found.code == "non-ascii-header").expect("it is told");
        let first = value.chars().find(|c| !c.is_ascii()).expect("one");
        assert_eq!(found.primary.quoted(), first.to_string(), "{value:?}");
    }
    let text = [HEAD.as_bytes(), b"Comments: a\xff\xd2\x97b\r\n\r\n"].concat();
    let found = lint(&Message::parse(&text), &LintOptions::default());
    let found = found.iter().find(|found| found.code == "non-ascii-header").expect("it is told");
    assert_eq!(found.primary.quoted(), r"\xff");
}

/// A field that may stand once stands twice: programs choose differently (RFC 5322 §3.6).
#[test]
fn doubled_fields_are_told() {
    for name in ["Subject", "Date", "To", "Message-ID", "Reply-To", "Sender", "MIME-Version", "Content-Type"] {
        let message = format!("{HEAD}{name}: x\r\n{name}: y\r\n\r\n");
        assert!(told(message.as_bytes()).contains(&"duplicate-unique-header".to_owned()), "{name}");
    }
    assert!(
        told(format!("{HEAD}From: b@evil.example\r\n\r\n").as_bytes()).contains(&"from-multiple-fields".to_owned())
    );
}

/// A second From above the signed one: a signature that covers one of them only is told, so that nobody believes it for both.
#[cfg(feature = "crypto")]
#[test]
fn a_from_added_above_a_signature_is_told() {
    use mailproof::report::{Input, MessageInput};

    let signed = include_bytes!("../../../examples/mail/passes.eml");
    let zone = mailproof::resolver::Zone::parse(include_str!("../../../examples/mail/papershop.zone")).expect("a zone");
    let report = |message: &[u8]| {
        let input = Input::Message(Box::new(MessageInput::new(message, mailproof::Timestamp(1_795_312_800))));
        let mut dns = mailproof::dns::Snapshot::new();
        mailproof::resolver::drive_sync(&mut dns, |question| zone.answer(question), |dns| input.check(dns))
    };
    assert!(report(signed).passed, "{}", report(signed));
    let forged = report(&[b"From: ceo@bank.example\r\n", &signed[..]].concat());
    let dmarc = forged.verdicts.iter().find(|verdict| verdict.method == "dmarc").expect("a verdict");
    assert!(!forged.passed && dmarc.result != "pass", "{forged}");
    assert!(forged.findings.iter().any(|found| found.code == "from-multiple-fields"), "{forged}");
}
