//! `diagnose`: whole messages and their root cause.

use std::collections::BTreeMap;

use mailproof::dkim::forensics::{Alteration, Certainty, Part, Scope, What};
use mailproof::dmarc::PublicSuffixes;
use mailproof::dns::Snapshot;
use mailproof::message::diagnose;
use mailproof::message::diagnose::{Connection, Diagnosis, Input, Recipient, SrsDomain, Stage, Submission};
use mailproof::resolver::drive_sync;
use mailproof::srs::{Alphabet, Secret, Separator, Settings, Srs};
use mailproof::{Name, Timestamp};
use serde_json::{Value, json};

use crate::{dkim, text, zone};

/// The answer to one case.
pub fn answer(case: &Value) -> Value {
    let bytes = match message(case) {
        Ok(bytes) => bytes,
        Err(error) => return json!({"crash": error}),
    };
    let mut input = Input::new(&bytes, dkim::now(case));
    input.received_at = case["received_at"].as_u64().map(Timestamp);
    input.connection = connection(&case["connection"]);
    input.trusted_sealers = names(&case["trusted_sealers"]);
    if text(case, "stage") == "submission" {
        input.stage = Stage::Submission;
    }
    input.submission = case["submission"].is_object().then(|| submission(&case["submission"]));
    input.recipient = case["mailbox"].is_object().then(|| recipient(&case["mailbox"]));
    if let Some(rules) = case["psl"].as_array() {
        input.suffixes = Some(PublicSuffixes::parse(&strings_of(rules).join("\n")));
    } else if let Ok(rules) = crate::surroundings::read(text(case, "psl")) {
        input.suffixes = Some(PublicSuffixes::parse(&String::from_utf8_lossy(&rules)));
    }
    let zone = zone::zone(&case["zone"]);
    let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| diagnose(dns, &input));
    told(&found)
}

fn message(case: &Value) -> Result<Vec<u8>, String> {
    if let Some(text) = case["message_text"].as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(encoded) = case["message_b64"].as_str() {
        return base64(encoded).ok_or_else(|| "message_b64 is not base64".to_owned());
    }
    crate::surroundings::read(text(case, "message")).map_err(|error| error.to_string())
}

fn connection(value: &Value) -> Connection {
    let owned = |name: &str| value[name].as_str().map(str::to_owned);
    let mut connection = Connection::default();
    connection.ip = value["ip"].as_str().and_then(|ip| ip.parse().ok());
    connection.helo = owned("helo");
    connection.mail_from = owned("mail_from");
    connection.rcpt_to = strings(&value["rcpt_to"]);
    connection.tls = value["tls"].as_bool();
    connection
}

fn submission(value: &Value) -> Submission {
    let mut submission = Submission::new(text(value, "login"));
    submission.aliases = strings(&value["aliases"]);
    submission.alias_domains = pairs(&value["alias_domains"]);
    submission.delegated = strings(&value["delegated"]);
    submission
}

fn recipient(value: &Value) -> Recipient {
    let mut recipient = Recipient::default();
    recipient.address = value["address"].as_str().map(str::to_owned);
    recipient.own_domains = names(&value["own_domains"]);
    recipient.aliases = strings(&value["aliases"]);
    recipient.alias_domains = pairs(&value["alias_domains"]);
    recipient.allowlist = strings(&value["allowlist"]);
    recipient.catch_all = match &value["catch_all"] {
        Value::Bool(true) => recipient.address.clone(),
        other => other.as_str().map(str::to_owned),
    };
    recipient.sent_message_ids = value["sent_message_ids"].is_array().then(|| strings(&value["sent_message_ids"]));
    recipient.srs = srs(&value["srs"]);
    recipient
}

fn srs(value: &Value) -> Option<SrsDomain> {
    let domain = Name::parse(value["domain"].as_str()?).ok()?;
    let defaults = Settings::default();
    let settings = Settings {
        separator: match value["separator"].as_str() {
            Some("+") => Separator::Plus,
            Some("-") => Separator::Minus,
            _ => Separator::Equals,
        },
        alphabet: Alphabet::Standard,
        hash_length: value["hash_length"].as_u64().map_or(defaults.hash_length, |length| length.min(27) as u8),
        max_age_days: value["max_age_days"].as_u64().map_or(defaults.max_age_days, |days| days as u16),
        ..defaults
    };
    let secrets = strings(&value["secrets"]).into_iter().filter_map(|secret| Secret::new(secret.as_bytes()));
    Some(SrsDomain { domain, srs: Srs::new(secrets).with(settings) })
}

/// A text or a list of texts; of a map its keys.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => strings_of(list),
        Value::Object(map) => map.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn strings_of(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn names(value: &Value) -> Vec<Name> {
    strings(value).iter().filter_map(|name| Name::parse(name).ok()).collect()
}

fn pairs(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn told(found: &Diagnosis) -> Value {
    let primary = &found.primary;
    let evidence = |one: &mailproof::cause::Found| -> Vec<String> {
        one.evidence().iter().map(|evidence| evidence.text.clone()).collect()
    };
    json!({
        "spf": found.spf.as_ref().map(|outcome| outcome.result.as_str()),
        "spf_aligned": found.spf_domain_aligned(),
        "dkim": found.signatures.iter().map(|signed| signed.outcome.result.as_str()).collect::<Vec<_>>(),
        "arc": found.arc.as_ref().map(|outcome| outcome.result.as_str()),
        "dmarc": found.dmarc_result().as_str(),
        "disposition": found.disposition().as_str(),
        "primary_cause": primary.cause.id(),
        "secondary": found.secondary.iter().map(|other| other.cause.id()).collect::<Vec<_>>(),
        "advice_to": primary.actor.as_str(),
        "told": primary.told,
        "advice": primary.advice,
        "evidence": evidence(primary),
        "alteration": alterations(&found.alterations),
        "codes": found.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(),
    })
}

/// The first alteration, with the others in `also`; null if there is none that is known.
fn alterations(found: &[Alteration]) -> Value {
    let mut known = found.iter().filter(|alteration| alteration.what != What::Unknown).map(alteration);
    let Some(mut first) = known.next() else { return Value::Null };
    let others: Vec<Value> = known.collect();
    if !others.is_empty() {
        first["also"] = Value::Array(others);
    }
    first
}

fn alteration(found: &Alteration) -> Value {
    let mut value = json!({
        "part": match found.part { Part::Body => "body", Part::Header => "header" },
        "what": found.what.as_str(),
        "length": found.length,
        "scope": match found.scope { Scope::Place => "place", Scope::Body => "body", Scope::RawHash => "raw-hash" },
        "proven": found.certainty == Certainty::Proven,
    });
    if let Some(name) = &found.header {
        value["header"] = json!(name);
    }
    if let (Some(at), Part::Body) = (found.at, found.part) {
        value["at"] = json!(at);
    }
    if let Some((first, last)) = found.at_range {
        value["at_range"] = json!([first, last]);
    }
    if let Some(original) = &found.original {
        octets(&mut value, original);
    }
    if !found.edits.is_empty() {
        let edits = found.edits.iter().map(|edit| {
            let mut told = json!({"at": edit.at, "length": edit.length});
            octets(&mut told, &edit.original);
            told
        });
        value["edits"] = edits.collect();
    }
    value
}

/// As text where it is text.
fn octets(value: &mut Value, original: &[u8]) {
    if let Ok(text) = std::str::from_utf8(original) {
        value["original"] = json!(text);
    }
    value["original_b64"] = json!(encoded(original));
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encoded(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for three in octets.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, &octet| bits << 8 | u32::from(octet)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let used = place <= three.len();
            out.push(if used { char::from(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63]) } else { '=' });
        }
    }
    out
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}
