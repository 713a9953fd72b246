//! `bounce`: what a reply or a notification says.

use mailproof::bounce::{Bounce, Context, Dsn, diagnose};
use serde_json::{Value, json};

use crate::text;

pub(crate) fn answer(case: &Value) -> Value {
    let file = case["message"].as_str().and_then(|path| crate::surroundings::read(path).ok());
    let message = file.or_else(|| case["message_text"].as_str().map(|text| text.as_bytes().to_vec()));
    let bounce = match message {
        Some(message) => Dsn::parse(&message).and_then(|dsn| dsn.bounces().into_iter().next()),
        None => {
            let reply = ["reply", "text", "diagnostic"]
                .into_iter()
                .map(|field| text(case, field))
                .find(|text| !text.is_empty());
            let context =
                Context { host: case["host"].as_str(), mail_from: case["mail_from"].as_str(), ..Context::default() };
            reply.map(|reply| diagnose(reply, &context))
        }
    };
    bounce.map_or_else(|| json!({"provider": null, "cause": "unknown", "advice_to": "nobody"}), |bounce| told(&bounce))
}

fn told(bounce: &Bounce) -> Value {
    json!({
        "provider": bounce.provider,
        "cause": bounce.cause.as_str(),
        "advice_to": bounce.actor.as_str(),
        "permanent": bounce.permanent,
        "advice": bounce.advice().iter().map(|advice| advice.text).collect::<Vec<_>>(),
    })
}
