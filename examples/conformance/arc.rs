//! ARC: kinds verify, sign.

use mailproof::arc::{self, ArcResult, Outcome, Sealer, Validation};
use mailproof::dns::Snapshot;
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use mailproof::{Name, Timestamp};
use serde_json::{Value, json};

use crate::zone::zone;
use crate::{dkim, surroundings, text, unsupported};

/// Answers one case.
pub fn answer(case: &Value) -> Value {
    let bytes = match surroundings::read(text(case, "message")) {
        Ok(bytes) => bytes,
        Err(error) => return json!({"crash": error.to_string()}),
    };
    let message = Message::parse(&bytes);
    match text(case, "kind") {
        "verify" => {
            let outcome = verify(case, &message);
            json!({"result": outcome.result.as_str(), "cause": format!("{:?}", outcome.cause)})
        }
        "sign" => sign(case, &message),
        _ => unsupported(),
    }
}

fn verify(case: &Value, message: &Message<'_>) -> Outcome {
    let zone = zone(&case["zone"]);
    let now = dkim::now(case);
    let mut dns = Snapshot::new();
    drive_sync(&mut dns, |question| zone.answer(question), |dns| arc::verify(dns, message, now))
}

fn sign(case: &Value, message: &Message<'_>) -> Value {
    let (Ok(domain), Ok(selector)) = (Name::parse(text(case, "domain")), Name::parse(text(case, "selector"))) else {
        return json!({"crash": "domain or selector is no name"});
    };
    let validation = match verify(case, message).result {
        ArcResult::None => Validation::None,
        ArcResult::Pass => Validation::Pass,
        ArcResult::Fail => Validation::Fail,
    };
    let timestamp = case["timestamp"].as_u64().or_else(|| text(case, "timestamp").parse().ok()).unwrap_or_default();
    let sealer = Sealer {
        domain: &domain,
        selector: &selector,
        authserv_id: text(case, "authserv_id"),
        headers: text(case, "sign_headers"),
        timestamp: Timestamp(timestamp),
        private_key: text(case, "private_key"),
    };
    let headers = match arc::seal(message, validation, &sealer) {
        Ok(headers) => json!({
            "ARC-Authentication-Results": headers.results,
            "ARC-Message-Signature": headers.message_signature,
            "ARC-Seal": headers.seal,
        }),
        Err(arc::SealError::PrivateKey) => return json!({"crash": "the private key cannot be read"}),
        Err(_) => json!({"ARC-Authentication-Results": null, "ARC-Message-Signature": null, "ARC-Seal": null}),
    };
    json!({"headers": headers})
}
