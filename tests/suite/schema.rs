//! The published JSON Schema (`schema/report.schema.json`) against what is written: nothing that it does not name, nothing
//! that it names otherwise. The other suites hand their reports to [`hold`].

use std::collections::BTreeSet;
use std::sync::OnceLock;

use boon::{Compiler, SchemaIndex, Schemas};
use mailproof::cause::Cause;
use mailproof::dns::RecordType;
use mailproof::report::{Report, json};
use serde_json::{Value, json};

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(json::SCHEMA).unwrap())
}

/// `part` is the name of a definition, or empty for a report.
fn compiled(part: &str) -> (&'static Schemas, SchemaIndex) {
    static ALL: OnceLock<(Schemas, Vec<(String, SchemaIndex)>)> = OnceLock::new();
    let (schemas, parts) = ALL.get_or_init(|| {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("report.schema.json", schema().clone()).unwrap();
        let names = ["", "replay", "bulk_line", "zone", "advised", "codes", "explained", "snapshot"];
        let parts = names.map(|name| {
            let at = if name.is_empty() { String::new() } else { format!("#/$defs/{name}") };
            (name.to_owned(), compiler.compile(&format!("report.schema.json{at}"), &mut schemas).unwrap())
        });
        (schemas, parts.into())
    });
    (schemas, parts.iter().find(|(name, _)| name == part).unwrap().1)
}

fn fault(value: &Value, part: &str) -> Option<String> {
    let (schemas, index) = compiled(part);
    schemas.validate(value, index).err().map(|error| format!("{error:#}"))
}

#[track_caller]
pub(crate) fn hold(value: &Value, part: &str) {
    if let Some(why) = fault(value, part) {
        panic!("not as the schema says ({part}): {why}");
    }
}

#[track_caller]
pub(crate) fn report_holds(report: &Report) {
    hold(&serde_json::to_value(report).unwrap(), "");
    let file = Some("a mail.eml");
    crate::sarif::hold(&serde_json::to_value(mailproof::report::sarif::report(report, file)).unwrap());
}

/// JSON that `check` printed.
#[track_caller]
pub(crate) fn printed_holds(command: &str, text: &str) {
    let value = || serde_json::from_str(text).unwrap();
    match command {
        "bulk" => text.lines().for_each(|line| {
            let value: Value = serde_json::from_str(line).unwrap();
            hold(&value, if value.get("format").is_some() { "" } else { "bulk_line" });
        }),
        "zone" => hold(&value(), "zone"),
        "advise" => hold(&value(), "advised"),
        "codes" => hold(&value(), "codes"),
        "explain" => hold(&value(), "explained"),
        _ => {
            hold(&value(), "");
            hold(&value(), "replay");
        }
    }
}

fn sample() -> Value {
    let report = mailproof::report::Input::record("v=spf1 ipv4:192.0.2.1 inlcude:a.example -all ~all")
        .check(&mailproof::dns::Snapshot::new())
        .done();
    serde_json::to_value(report.unwrap()).unwrap()
}

/// Every object in `value`, as a path of keys.
fn objects(value: &Value, at: &mut Vec<String>, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            out.push(at.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect());
            for (key, value) in map {
                at.push(key.clone());
                objects(value, at, out);
                at.pop();
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                at.push(index.to_string());
                objects(value, at, out);
                at.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn a_field_that_is_not_documented_is_a_fault() {
    let whole = sample();
    hold(&whole, "");
    let mut paths = Vec::new();
    objects(&whole, &mut Vec::new(), &mut paths);
    assert!(paths.len() > 50);
    for path in paths {
        let mut changed = whole.clone();
        changed.pointer_mut(&path).unwrap()["undocumented"] = json!(1);
        assert!(fault(&changed, "").is_some(), "{path}");
    }
}

#[test]
fn a_field_that_is_missing_is_a_fault() {
    let whole = sample();
    for key in whole.as_object().unwrap().keys() {
        let mut changed = whole.clone();
        changed.as_object_mut().unwrap().remove(key);
        assert!(fault(&changed, "").is_some(), "{key}");
    }
}

/// Every object is closed, but the one that names a part of a report.
#[test]
fn every_object_is_closed() {
    fn look(value: &Value, at: &str, open: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                let is_schema =
                    map.get("type").is_some_and(|kind| kind == "object" || kind == &json!(["object", "null"]));
                if is_schema && map.get("additionalProperties").is_none() {
                    open.push(at.to_owned());
                }
                map.iter().for_each(|(key, value)| look(value, &format!("{at}/{key}"), open));
            }
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, value)| look(value, &format!("{at}/{index}"), open));
            }
            _ => {}
        }
    }
    let mut open = Vec::new();
    look(schema(), "", &mut open);
    assert_eq!(open, ["/$defs/replay"]);
}

#[test]
fn words_are_those_of_the_code() {
    let words = |pointer: &str| -> BTreeSet<String> {
        let list = schema().pointer(pointer).unwrap().as_array().unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let of = |words: &mut dyn Iterator<Item = &'static str>| words.map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(words("/$defs/cause/properties/id/enum"), of(&mut Cause::ALL.iter().map(|cause| cause.id())));
    assert_eq!(words("/$defs/record_type/enum"), of(&mut RecordType::ALL.iter().map(|of| of.as_str())));
    // The effects that rules have are among those that are named.
    let effects = of(&mut mailproof::rules().map(|rule| rule.effect.as_str()));
    assert!(effects.is_subset(&words("/$defs/effect/enum")), "{effects:?}");
    let list: Vec<Value> = mailproof::rules()
        .map(|rule| {
            json!({"code": rule.code, "severity": rule.severity,
        "effect": rule.effect, "title": rule.title(), "citations": rule.citations, "covers": rule.covers})
        })
        .collect();
    hold(&Value::Array(list), "codes");
}

#[test]
fn the_prose_names_the_same_fields() {
    let prose = include_str!("../../src/report/schema.md");
    let rows = prose.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let told: BTreeSet<&str> = rows.map(|(name, _)| name).collect();
    let named: BTreeSet<&str> = schema()["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(told, named);
}
