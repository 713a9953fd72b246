//! `srs`: senders rewritten and addresses reversed.

use mailproof::srs::{Alphabet, Forwarded, LocalDomain, ReverseError, Secret, Separator, Settings, Srs};
use mailproof::{Name, Timestamp};
use serde_json::{Value, json};

pub(crate) fn answer(case: &Value) -> Value {
    // The private schemes of other programs are recognised, not spoken.
    if case.get("dialect").is_some_and(|dialect| !dialect.is_null()) {
        return json!({"unsupported": true});
    }
    let params = &case["params"];
    match case["kind"].as_str() {
        Some("forward") => forward(&params["secrets"], params, &case["input"]),
        Some("reverse") => reverse(&params["secrets"], params, &case["input"]),
        Some("chain") => {
            let steps =
                list(&case["steps"]).chain(list(&case["input"]["steps"])).map(|step| match step["op"].as_str() {
                    Some("forward") => forward(&step["secrets"], params, step),
                    _ => reverse(&step["secrets"], params, step),
                });
            json!({"steps": steps.collect::<Vec<_>>()})
        }
        _ => json!({"unsupported": true}),
    }
}

fn forward(secrets: &Value, params: &Value, input: &Value) -> Value {
    // An empty first secret cannot sign, and another one must not take its place.
    let signing = list(secrets).next().and_then(secret);
    let srs = Srs::new(signing).with(settings(params));
    let sender = text(&input["sender"]);
    let forwarder = text(&input["forwarder"]);
    let domain = forwarder.rsplit('@').next().unwrap_or_default();
    let Ok(domain) = Name::parse(domain) else { return json!({"err": "invalid_forwarder"}) };
    match srs.forward(sender, &domain, now(params)) {
        Ok(Forwarded::Unchanged(reason)) => json!({"ok": sender, "unchanged": reason.as_str()}),
        Ok(Forwarded::Rewritten { address, cautions }) => {
            json!({"ok": address, "warnings": cautions.iter().map(|caution| caution.as_str()).collect::<Vec<_>>()})
        }
        Err(error) => json!({"err": error.as_str()}),
    }
}

fn reverse(secrets: &Value, params: &Value, input: &Value) -> Value {
    let srs = Srs::new(list(secrets).filter_map(secret)).with(settings(params));
    match srs.reverse(text(&input["address"]), now(params)) {
        Ok(found) => json!({"ok": found.address}),
        // The cases have one word for a stamp that is not of these days.
        Err(ReverseError::FromFuture) => json!({"err": ReverseError::Expired.as_str()}),
        Err(error) => json!({"err": error.as_str()}),
    }
}

fn settings(params: &Value) -> Settings {
    let defaults = Settings::default();
    let length = |name: &str| params[name].as_u64().map(|length| u8::try_from(length).unwrap_or(u8::MAX));
    Settings {
        separator: match params["separator"].as_str() {
            Some("+") => Separator::Plus,
            Some("-") => Separator::Minus,
            _ => Separator::Equals,
        },
        alphabet: Alphabet::Standard,
        hash_length: length("hash_length").unwrap_or(defaults.hash_length),
        hash_min: length("hash_min"),
        max_age_days: params["max_age_days"].as_u64().map_or(defaults.max_age_days, |days| days as u16),
        always_rewrite: params["always_rewrite"].as_bool().unwrap_or_default(),
        local_domains: list(&params["local_domains"]).filter_map(|name| LocalDomain::parse(text(name)).ok()).collect(),
    }
}

fn now(params: &Value) -> Timestamp {
    Timestamp(params["unix_time"].as_u64().unwrap_or_default())
}

fn secret(value: &Value) -> Option<Secret> {
    Secret::new(text(value).as_bytes())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
