//! DKIM: kinds verify, canon, bodyhash, key, sigparse.

use mailproof::Timestamp;
use mailproof::dkim::{self, Canonicalization, DkimResult, HashAlgorithm, Key, KeyData, Signature};
use mailproof::dns::Snapshot;
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{latin1, surroundings, text, unsupported};

/// The answer to one case.
pub fn answer(case: &Value) -> Value {
    match text(case, "kind") {
        "verify" => verify(case),
        "canon" => canon(case),
        "bodyhash" => body_hash(case),
        "key" => key(case),
        "sigparse" => sigparse(case),
        _ => unsupported(),
    }
}

/// The time of the case, or of the clock.
pub fn now(case: &Value) -> Timestamp {
    Timestamp(case["now"].as_u64().unwrap_or_else(surroundings::now))
}

fn verify(case: &Value) -> Value {
    let bytes = match surroundings::read(text(case, "message")) {
        Ok(bytes) => bytes,
        Err(error) => return json!({"crash": error.to_string()}),
    };
    let message = Message::parse(&bytes);
    let mut options = dkim::Options::default();
    options.allow_rsa_sha1 = case["options"]["allow_rsa_sha1"].as_bool().unwrap_or(false);
    if let Some(bits) = case["options"]["min_rsa_bits"].as_u64() {
        options.min_rsa_bits = usize::try_from(bits).unwrap_or(usize::MAX);
    }
    let now = now(case);
    let mut dns = Snapshot::new();
    let zone = zone(&case["zone"]);
    let resolve = |question: &_| zone.answer(question);
    let outcomes = drive_sync(&mut dns, resolve, |dns| dkim::verify_with(dns, &message, now, &options));
    let best = outcomes.iter().map(|outcome| outcome.result).min().map_or("none", DkimResult::as_str);
    let signatures: Vec<Value> = outcomes
        .iter()
        .map(|outcome| json!({"result": outcome.result.as_str(), "cause": format!("{:?}", outcome.cause)}))
        .collect();
    json!({"signatures": signatures, "result": best})
}

fn mode(case: &Value) -> Canonicalization {
    if case["mode"] == "relaxed" { Canonicalization::Relaxed } else { Canonicalization::Simple }
}

fn canon(case: &Value) -> Value {
    let input = latin1(text(case, "input"));
    let shown = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect::<String>();
    if case["part"] == "body" {
        return json!({"body": shown(mode(case).body(&input))});
    }
    json!({"header": shown(mode(case).header(&input))})
}

fn body_hash(case: &Value) -> Value {
    let input = latin1(text(case, "input"));
    let hash = if case["algorithm"] == "sha1" { HashAlgorithm::Sha1 } else { HashAlgorithm::Sha256 };
    json!({"bodyhash": dkim::body_hash(mode(case), hash, &input, case["length"].as_u64()).to_string()})
}

fn key(case: &Value) -> Value {
    let key = Key::parse(&Source::from_bytes(&latin1(text(case, "record"))));
    let revoked = key.data == KeyData::Revoked && key.key_type().is_some() && key.defects.is_empty();
    json!({"valid": key.is_usable() || revoked})
}

fn sigparse(case: &Value) -> Value {
    let header = latin1(text(case, "header"));
    json!({"valid": Signature::parse(&Source::from_bytes(&header)).is_usable()})
}
