//! Messages for which somebody else stands than From names, and what is advised then.

use super::*;

const FORGED: &str = "if nobody knows it, the mail is forged";

fn by_esp(zone: &str, mail: &str) -> Diagnosis {
    diagnosed(zone, &Input::new(mail.as_bytes(), NOW).connection(esp()))
}

#[test]
fn nobody_has_to_let_a_stranger_sign() {
    let plain = by_esp("", MAIL).primary;
    assert_eq!((plain.cause, plain.actor), (Cause::SpfNotAligned, Actor::DomainOwner));
    assert!(plain.advice.starts_with("If esp.example sends for d.example, use a return path"), "{}", plain.advice);
    assert!(plain.advice.contains(FORGED));
    let form = by_esp("", &format!("X-PHP-Originating-Script: 33:contact.php\r\n{MAIL}")).primary;
    assert_eq!(form.actor, Actor::SendingService);
    assert!(form.advice.starts_with("A form on a website"), "{}", form.advice);
    let resent = by_esp("", &format!("Resent-From: eve@esp.example\r\n{MAIL}")).primary;
    assert!(resent.advice.starts_with("eve@esp.example should write its own address"), "{}", resent.advice);
    let gmail = "_dmarc.gmail.com. TXT \"v=DMARC1; p=none\"";
    let consumer = by_esp(gmail, &MAIL.replace("ann@d.example", "ann@gmail.com")).primary;
    assert_eq!(consumer.actor, Actor::SendingService);
    assert!(consumer.advice.contains("gmail.com authorises nobody else"), "{}", consumer.advice);
}

#[test]
fn a_mailbox_provider_signs_for_nobody_else() {
    let zone = "gmail.com. TXT \"v=spf1 ip4:203.0.113.7 -all\"";
    let found = cause(zone, MAIL, connection("203.0.113.7", "m.google.com", "ann@gmail.com"), Cause::SpfNotAligned);
    assert!(found.primary.advice.starts_with("Send mail of d.example through the server of d.example"));
}

#[test]
fn a_colleague_may_write_to_a_list_or_use_a_service() {
    let own = "From: Boss <boss@r.example>\r\nTo: l@esp.example\r\n\r\nHello\r\n";
    let found = by_esp("", &format!("List-Id: <l.esp.example>\r\n{own}")).primary;
    assert_eq!(found.cause, Cause::DkimNotSigned);
    assert!(found.advice.ends_with("if boss@r.example did not write this, it is forged"), "{}", found.advice);
    let found = by_esp("", own).primary;
    assert_eq!(found.cause, Cause::SpoofedOwnDomain);
    assert!(found.told.contains("unless esp.example sends for r.example"), "{}", found.told);
    assert!(found.advice.starts_with("If esp.example sends for r.example"), "{}", found.advice);
    // A mark of a list that others than the list send is nobody's.
    let forged = connection("203.0.113.9", "x.bad.example", "boss@r.example");
    cause("", &format!("List-Id: <l.esp.example>\r\n{own}"), forged, Cause::SpoofedOwnDomain);
}

#[test]
fn whoever_sends_on_has_a_record_to_keep() {
    let srs = connection("198.51.100.99", "out.fwd.example", "SRS0=p8XC=G3=d.example=ann@fwd.example");
    let found = cause("", MAIL, srs.clone(), Cause::DkimNotSigned);
    assert!(found.primary.told.contains("SPF says fail for whoever sent it on"), "{}", found.primary.told);
    assert_eq!(
        (found.secondary[0].cause, found.secondary[0].actor),
        (Cause::SpfSenderIpNotAuthorized, Actor::Forwarder)
    );
    let found = cause("", &signed(MAIL), srs.clone(), Cause::NoProblem);
    assert!(!found.primary.told.contains("authorised it neither"), "{}", found.primary.told);
    let found = cause("fwd.example. -", MAIL, srs, Cause::DkimNotSigned);
    assert_eq!(found.secondary[0].cause, Cause::SpfMissing);
}

#[test]
fn a_record_that_lets_everybody_send_shows_nothing() {
    let open = "d.example. TXT \"v=spf1 +all\"";
    let anybody = || connection("203.0.113.9", "x.bad.example", "ann@d.example");
    let found = cause(open, MAIL, anybody(), Cause::SpfRecordInvalid);
    assert!(found.primary.told.contains("lets everybody send"), "{}", found.primary.told);
    cause(open, &signed(MAIL), anybody(), Cause::NoProblem);
}

#[test]
fn a_comma_in_a_name_needs_quotes() {
    let found = cause("", &MAIL.replace("From: Ann", "From: Lee, Ann"), own(), Cause::FromNotSingleDomain);
    assert_eq!(found.primary.advice, "Write the name in quotes: `From: \"Lee, Ann\" <ann@d.example>`");
}

#[test]
fn a_key_may_go_after_delivery() {
    let field = "Authentication-Results: mx.r.example; dkim=pass header.d=d.example header.s=s\r\n";
    let hop = "Received: from out.esp.example (out.esp.example [203.0.113.7]) by mx.r.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    let mail = signed(MAIL);
    let gone = |message: String| diagnosed("s._domainkey.d.example. -", &Input::new(message.as_bytes(), NOW));
    let found = gone(format!("Return-Path: <b@esp.example>\r\n{field}{hop}{mail}")).primary;
    assert_eq!(found.cause, Cause::NoProblem, "{found:?}");
    assert!(found.told.contains("taken out of the DNS since"), "{}", found.told);
    // Below the border it is the client's word.
    let found = gone(format!("Return-Path: <b@esp.example>\r\n{hop}{field}{mail}")).primary;
    assert_eq!(found.cause, Cause::DkimKeyMissing);
}

#[test]
fn answers_that_are_no_failures() {
    let mut recipient = Recipient::new("bob@r.example");
    recipient.sent_message_ids = Some(vec!["<7@r.example>".to_owned()]);
    let said = |mail: String| {
        let input = Input::new(mail.as_bytes(), NOW)
            .connection(connection("203.0.113.7", "out.esp.example", ""))
            .recipient(recipient.clone());
        let found = diagnosed("", &input).primary;
        assert_eq!((found.cause, found.actor), (Cause::GenuineBounce, Actor::Nobody), "{found:?}");
        found.told
    };
    let relayed =
        report("From: bob@r.example\r\nMessage-ID: <7@r.example>\r\n").replace("Action: failed", "Action: relayed");
    assert_eq!(said(relayed), "the report is real, and no failure: a message that was sent from here was relayed");
    let away = "From: x@esp.example\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <7@r.example>\r\n\r\nAway\r\n";
    assert!(said(away.to_owned()).starts_with("the automatic answer is real"));
}

#[test]
fn a_list_without_fields_of_lists() {
    let tagged = signed(MAIL).replace("Subject: Hi", "Subject: [club] Hi");
    let list = format!("Sender: owner-club@esp.example\r\nPrecedence: list\r\n{tagged}");
    assert_eq!(by_esp("", &list).primary.cause, Cause::MailingListModified);
}

#[test]
fn a_list_that_writes_itself_into_from_deceives_nobody() {
    let mail = signed(
        &MAIL
            .replace("From: Ann", "From: \"boss@r.example via Talk\"")
            .replace("To:", "Reply-To: boss@r.example\r\nTo:"),
    );
    cause("", &format!("List-Id: <talk.d.example>\r\n{mail}"), own(), Cause::NoProblem);
}
