//! Reports on the public cases, held against the published schema. Every seventh of the many; all where they are few.

use mailproof::dns::Snapshot;
use mailproof::report::{DmarcInput, Input, MessageInput, RecordInput, Report, SpfInput};
use mailproof::resolver::drive_sync;
use mailproof::{Timestamp, domain};
use serde_json::{Value, json};

use crate::shared::shared;
use crate::{latin1, schema, zone};

fn cases(file: &str) -> Vec<Value> {
    let text = shared(&format!("conformance/{file}.jsonl")).unwrap_or_default();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let step = if cases.len() > 200 { 7 } else { 1 };
    cases.into_iter().step_by(step).collect()
}

fn report(case: &Value, input: &Input) -> Report {
    let zone = zone::zone(&case["zone"]);
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    schema::report_holds(&report);
    schema::hold(&serde_json::to_value(&report).unwrap(), "replay");
    mailproof::report::markdown::report(&report, &mut String::new()).unwrap();
    report
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

#[test]
fn spf() {
    for case in cases("spf").iter().filter(|case| case["kind"] == "eval") {
        let Ok(ip) = text(case, "ip").parse() else { continue };
        report(case, &Input::Spf(SpfInput::new(ip, text(case, "helo"), text(case, "mailfrom"))));
    }
}

#[test]
fn records_and_domains() {
    for case in cases("lint") {
        let record = String::from_utf8_lossy(&latin1(text(&case, "text"))).into_owned();
        let mut input = RecordInput::new(&record);
        input.kind = text(&case, "kind").parse().ok();
        report(&case, &Input::Record(input));
        let mut name = domain::Input::new(text(&case, "name"));
        name.guess_selectors = true;
        report(&case, &Input::Domain(name));
    }
}

#[test]
fn dmarc() {
    for case in cases("dmarc").iter().filter(|case| case["kind"] == "eval") {
        let from = text(case, "from_domain");
        report(case, &Input::Dmarc(DmarcInput::new(from, Default::default())));
        report(case, &Input::Domain(domain::Input::new(from)));
    }
}

#[test]
fn messages() {
    for file in ["scenarios", "forwarding", "arc", "dkim"] {
        for case in cases(file).iter().filter(|case| case["kind"] == "message" || case["kind"] == "verify") {
            let message = match case["message_text"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => octets(text(case, "message")),
            };
            let now = Timestamp(case["now"].as_u64().unwrap_or(1_750_000_000));
            let mut input = MessageInput::new(&message, now);
            // The cases say it in our own form; what they do not say is null.
            let given: serde_json::Map<_, _> = case["connection"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            if let Ok(connection) = serde_json::from_value(Value::Object(given)) {
                input.connection = connection;
            }
            report(case, &Input::Message(input.into()));
        }
    }
}

fn octets(path: &str) -> Vec<u8> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance").join(path);
    std::fs::read(file).unwrap()
}

#[test]
fn submissions() {
    for case in cases("sender") {
        let fields = |name: &str| match &case["headers"][name] {
            Value::String(body) => vec![json!({"body": body})],
            Value::Array(bodies) => bodies.iter().map(|body| json!({"body": body})).collect(),
            _ => Vec::new(),
        };
        let input = json!({"sender": {
            "directory": case["directory"], "login": case["login"], "mail_from": case["mail_from"],
            "fields": {"from": fields("From"), "sender": fields("Sender").first(), "reply_to": fields("Reply-To").first()},
        }});
        report(&case, &serde_json::from_value(input).unwrap());
    }
}
