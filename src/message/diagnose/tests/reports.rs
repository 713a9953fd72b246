//! Reports and answers that came back.

use super::*;

#[test]
fn reports_about_what_was_sent_and_what_was_not() {
    let bounced = |original: &str, sent: Option<&str>| {
        let mail = report(original);
        let mut recipient = Recipient::new("bob@r.example");
        recipient.sent_message_ids = sent.map(|id| vec![id.to_owned()]);
        let input = Input::new(mail.as_bytes(), NOW)
            .connection(connection("203.0.113.7", "out.esp.example", ""))
            .recipient(recipient);
        diagnosed("", &input).primary
    };
    let original = "Received: from z (z [198.51.100.66]) by out.esp.example; x\r\nFrom: bob@r.example\r\nMessage-ID: <7@r.example>\r\n";
    let found = bounced(original, Some("<7@r.example>"));
    assert_eq!((found.cause, found.actor), (Cause::GenuineBounce, Actor::Sender));
    assert_eq!(found.advice, "Correct the recipient's address (x@esp.example)");
    assert_eq!(bounced(original, Some("<8@r.example>")).cause, Cause::Backscatter);
    // Without a list of what was sent: it did not set out from a server of r.example.
    let found = bounced(original, None);
    assert_eq!((found.cause, found.actor), (Cause::Backscatter, Actor::Nobody));
    assert_eq!(bounced(&original.replace("198.51.100.66", "192.0.2.2"), None).cause, Cause::GenuineBounce);
}

/// What qmail, Exim and others write has no parts; what came back stands below a line.
#[test]
fn reports_without_parts() {
    let bounced = |head: &str, sent: Option<&str>| {
        let mail = format!(
            "From: MAILER-DAEMON@esp.example\r\nTo: bob@r.example\r\n{head}\r\nI wasn't able to deliver your message.\r\n\r\n\
             <x@esp.example>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n\
             --- Below this line is a copy of the message.\r\n\r\n\
             Received: from z (z [198.51.100.66]) by out.esp.example; x\r\nFrom: bob@r.example\r\nMessage-ID: <7@r.example>\r\n\r\nHi\r\n"
        );
        let mut recipient = Recipient::new("bob@r.example");
        recipient.sent_message_ids = sent.map(|id| vec![id.to_owned()]);
        let input = Input::new(mail.as_bytes(), NOW)
            .connection(connection("203.0.113.7", "out.esp.example", ""))
            .recipient(recipient);
        diagnosed("", &input).primary.cause
    };
    assert_eq!(bounced("", Some("<7@r.example>")), Cause::GenuineBounce);
    assert_eq!(bounced("", Some("<8@r.example>")), Cause::Backscatter);
    assert_eq!(bounced("", None), Cause::Backscatter);
    let named = "Auto-Submitted: auto-generated\r\nIn-Reply-To: <5@r.example>\r\n\r\n550 5.1.1 User unknown\r\n\r\n";
    // The original is nearer than what a field names.
    assert_eq!(bounced(named, Some("<7@r.example>")), Cause::GenuineBounce);
}

#[test]
fn a_signature_of_ours_proves_that_we_sent_it() {
    let original = signed(MAIL);
    let header = original.split_once("\r\n\r\n").unwrap().0;
    let mail = report(&format!("{header}\r\n"));
    let mut recipient = Recipient::new("ann@d.example");
    recipient.sent_message_ids = Some(Vec::new());
    let input = Input::new(mail.as_bytes(), NOW)
        .connection(connection("203.0.113.7", "out.esp.example", ""))
        .recipient(recipient);
    assert_eq!(diagnosed("", &input).primary.cause, Cause::GenuineBounce);
}

#[test]
fn bounces_to_srs_addresses() {
    let domain: crate::Name = "fwd.example".parse().unwrap();
    let srs = || Srs::new([Secret::new(b"tops3cr3t").unwrap()]);
    let made = |at: Timestamp| match srs().forward("ann@d.example", &domain, at).unwrap() {
        Forwarded::Rewritten { address, .. } => address,
        Forwarded::Unchanged(_) => panic!(),
    };
    let bounced = |to: &str| {
        let mail = report("From: ann@d.example\r\n");
        let client = Connection::new("203.0.113.7".parse().unwrap(), "out.esp.example", "").to(to);
        let recipient =
            Recipient { srs: Some(SrsDomain { domain: domain.clone(), srs: srs() }), ..Recipient::default() };
        let input = Input::new(mail.as_bytes(), NOW).connection(client).recipient(recipient);
        // Secrets are not shown.
        assert!(!format!("{input:?}").contains("tops3cr3t"));
        diagnosed("", &input).primary.cause
    };
    assert_eq!(bounced(&made(NOW)), Cause::GenuineBounce);
    assert_eq!(bounced(&made(Timestamp(NOW.0 - 60 * 86_400))), Cause::SrsExpired);
    assert_eq!(bounced("SRS0=aaaa=G3=d.example=ann@fwd.example"), Cause::SrsHashInvalid);
}
