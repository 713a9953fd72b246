//! The protocol `lint`, kind `dkim-signature`.

use mailproof::Timestamp;
use mailproof::dkim::{self, SignatureFacts};
use mailproof::dmarc::Section;
use mailproof::dns::Snapshot;
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use mailproof::text::Source;
use serde_json::Value;

use crate::dmarc as dmarc_cases;
use crate::lint_dkim_key::told;
use crate::zone::zone;
use crate::{latin1, text};

pub fn answer(case: &Value) -> Value {
    let field = Source::new(text(case, "text"));
    let header = case["headers"].as_str().map(latin1);
    let message = header.as_deref().map(Message::parse);
    let received = case["received_at"].as_u64().or_else(|| case["now"].as_u64()).map(Timestamp);
    let mut facts = SignatureFacts::default();
    if let Some(message) = &message {
        facts = facts.of_message(message);
    }
    if let Some(received) = received {
        facts = facts.received(received);
    }
    if case.get("psl").is_some() || case.get("psl_text").is_some() {
        let domain = dkim::Signature::parse(&field).domain.map(|domain| domain.value);
        let list = dmarc_cases::suffixes(case);
        facts = facts.public_suffix(domain.is_some_and(|domain| list.org_domain(&domain, Section::All).is_none()));
    }
    let is_signed = case["text"].is_string();
    let mut found = match (is_signed, case["zone"].is_object()) {
        (false, _) => Vec::new(),
        (true, false) => dkim::lint_signature(&field, &facts),
        (true, true) => {
            let zone = zone(&case["zone"]);
            let look = |dns: &Snapshot| dkim::lint_signature_at(dns, &field, &facts);
            drive_sync(&mut Snapshot::new(), |question| zone.answer(question), look)
        }
    };
    // The field of the case is one that the header need not have.
    let of_message = message.iter().flat_map(|message| dkim::lint_message(message, received));
    found.extend(of_message.filter(|found| !is_signed || found.code != "dkim-not-signed"));
    told(&found, dkim::key_effect(&found), None)
}
