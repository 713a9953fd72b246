//! Second opinions: random zones, evaluated here, by mail-auth, and by pyspf in a process of its own.

#[path = "../../benches/support/mod.rs"]
pub mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::IpAddr;
use std::process::{Command, Stdio};

use mailproof::spf::{Cause, Session, SpfResult};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use self::support::peer::{Keeps, Peer};
use crate::random_zone::{Terms, World, world};
use crate::world::evaluate;

const ZONES: u32 = 400;

fn names_itself(world: &World) -> bool {
    world.0.iter().any(|(name, _, data)| {
        data.split(' ').any(|term| term.ends_with(&format!("include:{name}")) || *term == format!("redirect={name}"))
    })
}

fn worlds(terms: Terms, records: usize) -> Vec<World> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let strategy = world(terms, records, false);
    (0..ZONES).map(|_| strategy.new_tree(&mut runner).expect("a world").current()).collect()
}

/// Known differences of mail-auth (RFC 7208): several records (§4.5), void lookups (§4.6.4), and what it
/// counts when an include or redirect has no record (§5.2, §6.1). Whatever else differs fails.
#[test]
fn mail_auth_agrees_but_for_what_is_known() {
    let mut agreed = 0;
    for world in worlds(Terms::WithoutPeerDefects, 5) {
        for last in 0..4u8 {
            let ip = IpAddr::from([192, 0, 2, last]);
            let session = Session::new(ip, "mx.d.example", "a@d.example");
            let (outcome, snapshot) = evaluate(&world.zone(), &session);
            let known = matches!(
                outcome.cause,
                Cause::SeveralRecords { .. } | Cause::TooManyVoids { .. } | Cause::TargetWithoutRecord { .. }
            );
            if known {
                continue;
            }
            let theirs = Peer::new(&snapshot, Keeps::Parsed).spf(ip, "mx.d.example", "a@d.example");
            assert_eq!(ours(outcome.result), theirs, "{ip}: {:?}\n{world:?}", outcome.cause);
            agreed += 1;
        }
    }
    assert!(agreed > 400, "only {agreed} sessions were compared");
}

fn ours(result: SpfResult) -> mail_auth::SpfResult {
    match result {
        SpfResult::None => mail_auth::SpfResult::None,
        SpfResult::Neutral => mail_auth::SpfResult::Neutral,
        SpfResult::Pass => mail_auth::SpfResult::Pass,
        SpfResult::Fail => mail_auth::SpfResult::Fail,
        SpfResult::Softfail => mail_auth::SpfResult::SoftFail,
        SpfResult::Temperror => mail_auth::SpfResult::TempError,
        SpfResult::Permerror => mail_auth::SpfResult::PermError,
    }
}

/// Known differences of pyspf: it counts void lookups in its own way (§4.6.4 leaves it open), `%{p}` for nothing, and
/// answers permerror for a record that names itself in `include` or `redirect`, before it evaluates anything.
#[test]
fn pyspf_agrees() {
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/pyspf_answers.py");
    let installed = Command::new("python3").args(["-c", "import spf"]).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("MAILPROOF_REQUIRE_REAL_PARTS").is_none(), "pyspf is not installed");
        eprintln!("skipped: pyspf is not installed");
        return;
    }
    let mut python = Command::new("python3")
        .arg(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 starts");
    let mut questions = python.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(python.stdout.take().expect("a pipe")).lines();
    let mut agreed = 0;
    for world in worlds(Terms::All, 5).into_iter().take(200) {
        for last in 0..4u8 {
            let ip = IpAddr::from([192, 0, 2, last]);
            let session = Session::new(ip, "mx.d.example", "a@d.example");
            let (outcome, _) = evaluate(&world.zone(), &session);
            let case =
                json!({"zone": world.json(), "ip": ip.to_string(), "helo": "mx.d.example", "mail_from": "a@d.example"});
            writeln!(questions, "{case}").expect("pyspf listens");
            let theirs = answers.next().expect("an answer").expect("text");
            if outcome.voids > 0 || theirs == "permerror" && (outcome.lookups >= 8 || names_itself(&world)) {
                continue;
            }
            assert_eq!(outcome.result.as_str(), theirs, "{ip}: {:?}\n{world:?}", outcome.cause);
            agreed += 1;
        }
    }
    drop(questions);
    python.wait().expect("pyspf ends");
    assert!(agreed > 400, "only {agreed} sessions were compared");
}
