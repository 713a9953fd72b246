//! What people read about a message: the mails of `examples/mail` and some others, and the whole text of their reports.
//!
//! Review a change with `INSTA_UPDATE=always cargo test --test suite messages` and `git diff`.

use insta::assert_snapshot;
use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::report::json::Replay;
use mailproof::report::{Input, MessageInput, Report, SpfInput};
use mailproof::resolver::{Zone, drive_sync};

const PASSES: &str = include_str!("../../examples/mail/passes.eml");
const LIST_FOOTER: &str = include_str!("../../examples/mail/list-footer.eml");
const SUBJECT_TAG: &str = include_str!("../../examples/mail/subject-tag.eml");
const KEY_MISSING: &str = include_str!("../../examples/mail/key-missing.eml");
const ZONE: &str = include_str!("../../examples/mail/papershop.zone");

fn asked(message: &str, zone: &str, session: Option<SpfInput>) -> Report {
    let zone = Zone::parse(zone).unwrap();
    let mut input = MessageInput::new(message.as_bytes(), Timestamp(1_795_260_000));
    input.session = session;
    let input = Input::Message(input);
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    let json = serde_json::to_string(&report).unwrap();
    let replay: Replay = serde_json::from_str(&json).unwrap();
    let again = replay.input.check(&replay.snapshot).done().unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
    report
}

fn report(message: &str) -> Report {
    asked(message, ZONE, None)
}

/// A client of which nothing but its address is known.
fn client(ip: &str) -> SpfInput {
    SpfInput { mail_from: None, ..SpfInput::new(ip.parse().unwrap(), "", "") }
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
    let one = |record: &str| asked(PASSES, &format!("s2026._domainkey.papershop.example. TXT \"{record}\""), None);
    assert_snapshot!("message_key_revoked", one("v=DKIM1; p="));
    assert_snapshot!("message_key_malformed", one("v=dkim1; k=rsa; p=MIIB"));
    let other = include_str!("../../src/dkim/testdata/rsa1024.pub").trim();
    assert_snapshot!("message_key_of_another_signer", one(&format!("v=DKIM1; k=rsa; p={other}")));
    let silent = asked(PASSES, "s2026._domainkey.papershop.example. SERVFAIL", None);
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
    let of_list = asked(LIST_FOOTER, ZONE, Some(client("198.51.100.7")));
    assert_snapshot!("message_with_a_claimed_reverse_path", of_list);
    let alone = PASSES.split_once("Received:").unwrap().1;
    let report = asked(&format!("Received:{alone}"), ZONE, Some(client("192.0.2.25")));
    assert_snapshot!("message_without_a_reverse_path", report);
    let given = SpfInput::new("203.0.113.9".parse().unwrap(), "", "bounce@papershop.example");
    assert_snapshot!("message_with_a_session", asked(PASSES, ZONE, Some(given)));
}

#[test]
fn a_broken_chain() {
    let seal = "ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=lists.school.example; s=s1; b=Zm9v\n\
                ARC-Authentication-Results: i=2; lists.school.example; dkim=pass header.d=papershop.example\n";
    assert_snapshot!("message_broken_chain", report(&format!("{seal}{PASSES}")));
}
