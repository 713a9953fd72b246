//! A world that a test can read: a zone, a session, a verdict.

use mailproof::Timestamp;
use mailproof::dns::{Question, Snapshot};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::spf::{self, Outcome, Session, SpfResult};

/// The zone that `text` describes; a mistake in it fails the test.
#[track_caller]
pub fn zone(text: &str) -> Zone {
    // Tests are indented, and an owner name begins its line.
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    match Zone::parse(&text) {
        Ok(zone) => zone,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// The outcome for mail from `mail_from` (empty: `<>` and HELO `mx.d.example`) sent by `ip`.
#[track_caller]
pub fn outcome(zone_text: &str, ip: &str, mail_from: &str) -> Outcome {
    let zone = zone(zone_text);
    evaluate(&zone, &session(ip, mail_from)).0
}

pub fn session(ip: &str, mail_from: &str) -> Session {
    Session::new(ip.parse().expect("an address"), "mx.d.example", mail_from).receiver("mx.receiver.example")
}

/// Drives an evaluation to its end; the outcome with the snapshot that it needed.
pub fn evaluate(zone: &Zone, session: &Session) -> (Outcome, Snapshot) {
    let mut dns = Snapshot::new();
    let resolve = |question: &Question| zone.answer(question);
    let outcome = drive_sync(&mut dns, resolve, |dns| spf::check_host(dns, session, NOW));
    (outcome, dns)
}

/// Asserts the result of `a@d.example` for each address.
#[track_caller]
pub fn results(zone_text: &str, expected: &[(&str, SpfResult)]) {
    for (ip, result) in expected {
        let outcome = outcome(zone_text, ip, "a@d.example");
        assert_eq!(outcome.result, *result, "{ip}: {:?}\n{zone_text}", outcome.cause);
    }
}

pub const NOW: Timestamp = Timestamp(1_790_000_000);
