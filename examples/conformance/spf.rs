//! `spf` cases: eval, parse, expand.

use mailproof::Timestamp;
use mailproof::dns::Snapshot;
use mailproof::resolver::drive_sync;
use mailproof::spf::{self, Record, Session};
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{text, unsupported};

/// Answers one case.
pub fn answer(case: &Value) -> Value {
    match text(case, "kind") {
        "eval" => eval(case),
        "parse" => json!({"valid": text(case, "record").parse::<Record>().is_ok()}),
        "expand" => expand(case),
        _ => unsupported(),
    }
}

fn eval(case: &Value) -> Value {
    let Some(session) = session(case) else { return json!({"crash": "no address"}) };
    let zone = zone(&case["zone"]);
    let mut dns = Snapshot::new();
    let resolve = |question: &_| zone.answer(question);
    let outcome = drive_sync(&mut dns, resolve, |dns| spf::check_host(dns, &session, NOW));
    json!({"result": outcome.result.as_str(), "explanation": outcome.explanation})
}

fn expand(case: &Value) -> Value {
    let Some(session) = session(case) else { return json!({"crash": "no address"}) };
    let place = match text(case, "context") {
        "explanation" => spf::Place::Explanation,
        _ => spf::Place::Term,
    };
    let zone = zone(&case["zone"]);
    let expand = |dns: &_| spf::expand_macros(dns, text(case, "macro"), place, &session, NOW);
    let expansion = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), expand);
    json!({"expansion": expansion})
}

fn session(case: &Value) -> Option<Session> {
    let ip = text(case, "ip").parse().ok()?;
    let mut session = Session::new(ip, text(case, "helo"), text(case, "mailfrom"));
    if let Some(domain) = case["domain"].as_str() {
        session = session.domain(domain);
    }
    if let Some(receiver) = case["receiver"].as_str() {
        session = session.receiver(receiver);
    }
    Some(session)
}

const NOW: Timestamp = Timestamp(1_790_000_000);
