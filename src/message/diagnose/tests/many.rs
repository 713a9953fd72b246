//! However many fields there are, the last of them counts as the first.

use super::*;
use crate::dmarc::Author;

#[test]
fn every_from_field_names_authors() {
    let mail = |last: &str| format!("{}From: x@{last}\r\n\r\nHello\r\n", "From: ann@d.example\r\n".repeat(40));
    let author = |last: &str| diagnosed("", &Input::new(mail(last).as_bytes(), NOW).connection(own())).author;
    assert_eq!(author("d.example"), Author::Domain("d.example".parse().unwrap()));
    let both = ["d.example", "evil.example"].map(|name| name.parse().unwrap());
    assert_eq!(author("evil.example"), Author::Several(both.to_vec()));
}

/// Notes that name the recipient say nothing; one behind them says who sent the mail on.
#[test]
fn every_note_of_a_forwarder_is_read() {
    let delivered = format!("{}Delivered-To: x@fwd.example\r\n{MAIL}", "Delivered-To: Bob@r.example\r\n".repeat(60));
    let plain = connection("198.51.100.20", "mx.fwd.example", "ann@d.example");
    cause("", &delivered, plain, Cause::ForwardedWithoutSrs);
}

#[test]
fn every_recipient_may_be_an_alias() {
    let mut recipient = Recipient::new("bob@r.example");
    recipient.alias_domains.insert("Other.example".to_owned(), "r.example".to_owned());
    let others: String = (0..600).map(|n| format!("x{n}@x.example,\r\n ")).collect();
    let mail = signed(&MAIL.replace("To: bob@r.example", &format!("To: bob@r.example, {others}Bob@other.example")));
    let input = Input::new(mail.as_bytes(), NOW).connection(own()).recipient(recipient);
    assert_eq!(diagnosed("", &input).primary.cause, Cause::DuplicateByAlias);
}

#[test]
fn every_message_id_is_compared() {
    let references: String = (0..200).map(|n| format!("<{n}@x.example>\r\n ")).collect();
    let mail = format!(
        "From: a@esp.example\r\nTo: bob@r.example\r\nAuto-Submitted: auto-replied\r\nReferences: {references}<7@r.example>\r\n\r\nAway\r\n"
    );
    let found = |sent: &str| {
        let mut recipient = Recipient::new("bob@r.example");
        recipient.sent_message_ids = Some(vec!["<1@r.example>".to_owned(), sent.to_owned()]);
        let client = connection("203.0.113.7", "out.esp.example", "");
        diagnosed("", &Input::new(mail.as_bytes(), NOW).connection(client).recipient(recipient)).primary.cause
    };
    assert_eq!((found("7@r.example"), found("<8@r.example>")), (Cause::GenuineBounce, Cause::Backscatter));
}

/// The first hop of what came back is the lowest field, however many stand above it.
#[test]
fn every_hop_of_a_returned_message_is_read() {
    let above = "Received: from a (a [203.0.113.9]) by b; x\r\n".repeat(60);
    let original =
        |ip: &str| format!("{above}Received: from z (z [{ip}]) by out.esp.example; x\r\nFrom: bob@r.example\r\n");
    let found = |ip: &str| {
        let mail = report(&original(ip));
        let client = connection("203.0.113.7", "out.esp.example", "");
        let input = Input::new(mail.as_bytes(), NOW).connection(client).recipient(Recipient::new("bob@r.example"));
        diagnosed("", &input).primary.cause
    };
    assert_eq!((found("192.0.2.2"), found("198.51.100.66")), (Cause::GenuineBounce, Cause::Backscatter));
}

/// SPF is asked of three hops; where a fourth could tell something, it is said, as a note.
#[test]
fn hops_that_are_not_checked_are_counted() {
    let untold = |hops: usize, client: &str| {
        let received: String =
            (0..hops).map(|n| format!("Received: from h{n} (h{n} [198.51.100.{n}]) by x{n}.example; x\r\n")).collect();
        let mail = format!("{received}{MAIL}");
        let found =
            diagnosed("", &Input::new(mail.as_bytes(), NOW).connection(connection(client, "h", "ann@d.example")));
        let told = found.findings.into_iter().find(|found| found.code == "more-not-looked-at");
        told.map(|found| (found.severity, found.message()))
    };
    let note = "hops that may have SPF: the first 3 are looked at, and 2 more are not".to_owned();
    assert_eq!(untold(5, "203.0.113.9"), Some((crate::finding::Severity::Note, note)));
    assert_eq!(untold(3, "203.0.113.9"), None);
    assert_eq!(untold(5, "192.0.2.1"), None);
}
