//! What people read about a message: the mails of `examples/mail` and some others, and the whole text of their reports.
//!
//! Review a change with `INSTA_UPDATE=always cargo test --test suite messages` and `git diff`.

use insta::assert_snapshot;
use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::report::json::Replay;
use mailproof::report::{ConnectionInput, Input, MailboxInput, MessageInput, Report};
use mailproof::resolver::{Zone, drive_sync};

const PASSES: &str = include_str!("../../examples/mail/passes.eml");
const LIST_FOOTER: &str = include_str!("../../examples/mail/list-footer.eml");
const SUBJECT_TAG: &str = include_str!("../../examples/mail/subject-tag.eml");
const KEY_MISSING: &str = include_str!("../../examples/mail/key-missing.eml");
const ZONE: &str = include_str!("../../examples/mail/papershop.zone");

fn asked(message: &str, zone: &str, connection: ConnectionInput) -> Report {
    let mut input = MessageInput::new(message.as_bytes(), Timestamp(1_795_260_000));
    input.connection = connection;
    of(input, zone)
}

fn of(input: MessageInput, zone: &str) -> Report {
    let zone = Zone::parse(zone).unwrap();
    let input = Input::Message(input.into());
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    let json = serde_json::to_string(&report).unwrap();
    crate::schema::report_holds(&report);
    let replay: Replay = serde_json::from_str(&json).unwrap();
    let again = replay.input.check(&replay.snapshot).done().unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
    report
}

fn report(message: &str) -> Report {
    asked(message, ZONE, ConnectionInput::default())
}

/// A client of which nothing but its address is known.
fn client(ip: &str) -> ConnectionInput {
    let mut client = ConnectionInput::default();
    client.ip = Some(ip.parse().unwrap());
    client
}

#[test]
fn the_mails_beside_the_zone() {
    let passes = report(PASSES);
    assert!(passes.passed);
    assert_snapshot!("message_passes", passes);
    assert_snapshot!("message_list_footer", report(LIST_FOOTER));
    assert_snapshot!("message_subject_tag", report(SUBJECT_TAG));
    assert_snapshot!("message_key_missing", report(KEY_MISSING));
}

#[test]
fn as_json() {
    assert_snapshot!("message_as_json", serde_json::to_string_pretty(&report(SUBJECT_TAG)).unwrap());
}

#[test]
fn of_two_signatures_one_passes() {
    let start = KEY_MISSING.find("DKIM-Signature").unwrap();
    let end = KEY_MISSING.find("From: ").unwrap();
    assert_snapshot!("message_two_signatures", report(&format!("{}{PASSES}", &KEY_MISSING[start..end])));
}

#[test]
fn what_the_key_record_spoils() {
    let one = |record: &str| {
        asked(PASSES, &format!("s2026._domainkey.papershop.example. TXT \"{record}\""), ConnectionInput::default())
    };
    assert_snapshot!("message_key_revoked", one("v=DKIM1; p="));
    assert_snapshot!("message_key_malformed", one("v=dkim1; k=rsa; p=MIIB"));
    let other = include_str!("../../src/dkim/testdata/rsa1024.pub").trim();
    assert_snapshot!("message_key_of_another_signer", one(&format!("v=DKIM1; k=rsa; p={other}")));
    let silent = asked(PASSES, "s2026._domainkey.papershop.example. SERVFAIL", ConnectionInput::default());
    assert_snapshot!("message_key_servfail", silent);
}

#[test]
fn changed_beyond_recognition() {
    let changed = PASSES.replace("your order 1042 left", "your cheque for 1042 left");
    assert_snapshot!("message_changed", report(&changed));
    // Two fields in From, of which the upper one is not signed.
    let second = PASSES.replace("From: Papershop", "From: Bank <service@bank.example>\nFrom: Papershop");
    assert_snapshot!("message_second_from", report(&second));
}

#[test]
fn spf_beside_it() {
    let of_list = asked(LIST_FOOTER, ZONE, client("198.51.100.7"));
    assert_snapshot!("message_with_a_claimed_reverse_path", of_list);
    let alone = PASSES.split_once("Received:").unwrap().1;
    let report = asked(&format!("Received:{alone}"), ZONE, client("192.0.2.25"));
    assert_snapshot!("message_without_a_reverse_path", report);
    let mut given = client("203.0.113.9");
    given.mail_from = Some("bounce@papershop.example".to_owned());
    assert_snapshot!("message_with_a_session", asked(PASSES, ZONE, given));
}

#[test]
fn a_broken_chain() {
    let seal = "ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=lists.school.example; s=s1; b=Zm9v\n\
                ARC-Authentication-Results: i=2; lists.school.example; dkim=pass header.d=papershop.example\n";
    assert_snapshot!("message_broken_chain", report(&format!("{seal}{PASSES}")));
}

#[test]
fn what_a_helpdesk_is_asked() {
    const HELPDESK: &str = include_str!("../../examples/mail/helpdesk.zone");
    let bob: MailboxInput = serde_json::from_str(include_str!("../../examples/mail/bob.json")).unwrap();
    let report = |message: &str, mailbox: Option<&MailboxInput>| {
        let mut input = MessageInput::new(message.as_bytes(), Timestamp(1_795_260_000));
        input.mailbox = mailbox.cloned();
        let report = of(input, HELPDESK);
        assert!(!report.passed && report.headline == report.causes[0].told, "{report}");
        report
    };
    let redirect = report(include_str!("../../examples/mail/redirect-without-srs.eml"), None);
    assert_snapshot!("message_redirect_without_srs", redirect);
    let third_party = report(include_str!("../../examples/mail/third-party-sender.eml"), None);
    assert_snapshot!("message_third_party_sender", third_party);
    let backscatter = report(include_str!("../../examples/mail/backscatter.eml"), Some(&bob));
    assert_snapshot!("message_backscatter", backscatter);
    let spoofed = report(include_str!("../../examples/mail/spoofed-own-address.eml"), Some(&bob));
    // Who forged it is not to be authorised.
    assert!(!spoofed.to_string().contains("authorise it with"), "{spoofed}");
    assert_snapshot!("message_spoofed_own_address", spoofed);
}

/// A forwarder saw another connection than the receiver: that SPF passed for it contradicts nothing.
#[test]
fn what_a_server_before_said_of_its_own_connection_is_no_contradiction() {
    let text = include_str!("../../examples/mail/redirect-without-srs.eml");
    let said = "Authentication-Results: mx.club.example; spf=pass smtp.mailfrom=bakery.example";
    let zone = include_str!("../../examples/mail/helpdesk.zone");
    let text = text.replacen("From: Anna", &format!("{said}\nFrom: Anna"), 1);
    let report = asked(&text, zone, ConnectionInput::default());
    assert!(report.to_string().contains("without SRS"), "{report}");
    assert!(!report.findings.iter().any(|found| found.code == "authres-result-differs"), "{report}");
}

#[test]
fn at_the_border_nothing_in_the_message_is_believed() {
    let mut session = client("192.0.2.25");
    session.helo = Some("out.papershop.example".to_owned());
    session.mail_from = Some("bounce@papershop.example".to_owned());
    // The sender's own server wrote the only field that is there.
    let received = "Received: from pc (pc.papershop.example [192.0.2.60])\n\tby out.papershop.example with ESMTPSA; \
                    Sat, 21 Nov 2026 10:00:01 +0000\nAuthentication-Results: mx.forwarder.example; dkim=fail header.d=papershop.example\n";
    let signed = &PASSES[PASSES.find("DKIM-Signature").unwrap()..];
    let report = asked(&format!("{received}{signed}"), ZONE, session);
    assert!(report.passed);
    let facts = report.message.as_ref().unwrap();
    assert!(facts.path.iter().all(|hop| !hop.believed));
    assert_eq!(facts.session.ip.as_ref().unwrap().claimed_by, None);
    assert!(!report.findings.iter().any(|found| found.code == "authres-result-differs"), "{report}");
    // At the end of its way the topmost field is the receiver's.
    let delivered = self::report(PASSES);
    assert!(delivered.message.unwrap().path.iter().all(|hop| hop.believed));
}

#[test]
fn a_header_section_alone() {
    let header = PASSES.split_once("\n\n").unwrap().0;
    let mut input = MessageInput::new(header.as_bytes(), Timestamp(1_795_260_000));
    input.headers_only = true;
    let report = of(input, ZONE);
    assert!(report.passed, "{report}");
    assert_eq!(report.message.unwrap().signatures[0].body, None);
}
