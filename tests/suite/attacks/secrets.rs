//! What must not come out: the secrets of SRS, in no log, no report and no length of time.
#![cfg(feature = "crypto")]

use mailproof::report::{Input, MailboxInput, MailboxSrs, MessageInput, SrsInput};
use mailproof::srs::{Secret, Settings, Srs};
use mailproof::{Name, Timestamp};

const SECRET: &str = "tops3cr3t-hunter2";

fn own() -> Name {
    "fwd.example".parse().expect("a name")
}

/// The secret as text, as octets in Debug, and as hexadecimal.
#[track_caller]
fn hides(shown: &str) {
    let octets: Vec<String> = SECRET.bytes().map(|octet| octet.to_string()).collect();
    let hexadecimal: String = SECRET.bytes().map(|octet| format!("{octet:02x}")).collect();
    for form in [SECRET.to_owned(), octets.join(", "), hexadecimal] {
        assert!(!shown.contains(&form), "{shown}");
    }
}

#[test]
fn no_secret_is_shown_by_debug() {
    let secret = Secret::new(SECRET.as_bytes()).expect("a secret");
    let srs = Srs::new([secret.clone()]).with(Settings::default());
    hides(&format!("{secret:?} {secret:#?} {srs:?} {srs:#?}"));
    hides(&format!("{:?}", Secret::lines(SECRET.as_bytes()).collect::<Vec<_>>()));
    hides(&format!("{:?}", MailboxSrs::new(own(), [SECRET.to_owned()])));
    let mut input = MessageInput::new(b"From: a@d.example\r\n\r\n", Timestamp(0));
    let mut mailbox = MailboxInput::default();
    mailbox.srs = Some(MailboxSrs::new(own(), [SECRET.to_owned()]));
    input.mailbox = Some(mailbox);
    hides(&format!("{input:?} {:#?}", Input::Message(Box::new(input.clone()))));
}

/// Not in a report either: reports are shown around.
#[test]
fn no_secret_is_in_a_report() {
    let srs = Srs::new(Secret::new(SECRET.as_bytes()));
    let sender = SrsInput::forward(&srs, "alice@d.example", &own(), Timestamp(1_700_000_000));
    let mut message = MessageInput::new(b"From: a@d.example\r\nTo: b@fwd.example\r\n\r\n", Timestamp(0));
    let mut mailbox = MailboxInput::default();
    mailbox.address = Some("b@fwd.example".to_owned());
    mailbox.srs = Some(MailboxSrs::new(own(), [SECRET.to_owned()]));
    message.mailbox = Some(mailbox);
    for input in [Input::Srs(sender), Input::Message(Box::new(message))] {
        let mut dns = mailproof::dns::Snapshot::new();
        let zone = mailproof::resolver::Zone::new();
        let report = mailproof::resolver::drive_sync(&mut dns, |q| zone.answer(q), |dns| input.check(dns));
        hides(&report.to_string());
        hides(&serde_json::to_string(&report).expect("JSON"));
        hides(&format!("{report:?}"));
    }
}

/// How long a comparison takes says nothing about how much of a hash was right: it is one loop over all octets, without a
/// branch on them, for every secret. (Measuring it would say more about the machine than about the code.)
#[test]
fn hashes_of_srs_are_compared_in_constant_time() {
    let source = include_str!("../../../src/srs/secret.rs");
    let compare = source.split_once("fn matches").expect("the comparison").1.split_once("\n}").expect("its end").0;
    for early in ["==", "return", " if ", ".all(", ".any(", ".eq(", "starts_with", "break", "?"] {
        let lines = compare.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found: Vec<&str> = lines.filter(|line| line.contains(early)).collect();
        let is_end = |line: &str| line.contains("black_box") || line.contains("len()") || line.contains("difference");
        assert!(found.iter().all(|line| is_end(line)), "`{early}` in {found:?}");
    }
    // And it decides as it should, for a wrong octet at any place.
    let srs = Srs::new(Secret::new(SECRET.as_bytes()));
    let now = Timestamp(1_700_000_000);
    let good = SrsInput::forward(&srs, "alice@d.example", &own(), now);
    let Ok(mailproof::srs::Forwarded::Rewritten { address, .. }) = srs.forward("alice@d.example", &own(), now) else {
        panic!("{good:?}")
    };
    for at in 5..9 {
        let mut wrong = address.clone().into_bytes();
        wrong[at] = if wrong[at] == b'.' { b',' } else { b'.' };
        let wrong = String::from_utf8(wrong).expect("ASCII");
        assert!(srs.reverse(&wrong, now).is_err(), "{wrong}");
    }
    assert!(srs.reverse(&address, now).is_ok());
}
