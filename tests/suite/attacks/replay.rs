//! Saved reports that lie (RFC 8259 data from anybody): what is in them is judged anew, and a report cannot claim a verdict.

use mailproof::dns::Step;
use mailproof::report::json::Replay;
use mailproof::report::{Input, SpfInput};
use mailproof::resolver::drive_sync;
use serde_json::{Value, json};

use crate::world::zone;

fn honest() -> Value {
    let zone = zone("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"");
    let input = Input::Spf(SpfInput::new([203, 0, 113, 9].into(), "mx.d.example", "a@d.example"));
    let mut dns = mailproof::dns::Snapshot::new();
    let report = drive_sync(&mut dns, |question| zone.answer(question), |dns| input.check(dns));
    serde_json::to_value(&report).expect("JSON")
}

fn again(report: &Value) -> Result<Step<mailproof::report::Report>, serde_json::Error> {
    let replay: Replay = serde_json::from_value(report.clone())?;
    Ok(replay.input.check(&replay.snapshot))
}

/// A verdict, a headline and findings that were written by hand are not believed.
#[test]
fn a_claimed_verdict_is_not_believed() {
    let mut report = honest();
    report["passed"] = json!(true);
    report["headline"] = json!("pass: all is well");
    report["verdicts"][0]["result"] = json!("pass");
    report["findings"] = json!([]);
    let report = again(&report).expect("a report").done().expect("all is known");
    assert!(!report.passed && report.verdicts[0].result == "fail");
}

/// Without an answer, the question is asked; with two, the first counts; with one of another type, it is a failure.
#[test]
fn a_snapshot_that_lies() {
    let mut report = honest();
    report["snapshot"] = json!([]);
    assert!(matches!(again(&report).expect("a report"), Step::Ask(questions) if !questions.is_empty()));

    let mut report = honest();
    let mut second = report["snapshot"][0].clone();
    second["records"] = json!({"TXT": ["v=spf1 +all"]});
    report["snapshot"].as_array_mut().expect("a list").push(second);
    match again(&report) {
        Ok(step) => assert_eq!(step.done().expect("all is known").verdicts[0].result, "fail"),
        Err(error) => assert!(error.to_string().contains("twice") || !error.to_string().is_empty()),
    }

    let mut report = honest();
    report["snapshot"][0]["records"] = json!({"A": ["192.0.2.1"]});
    match again(&report) {
        Ok(step) => assert_eq!(step.done().expect("all is known").verdicts[0].result, "temperror"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Values of the wrong kind, names that no DNS has, nesting without end: an error, never a panic.
#[test]
fn nonsense_is_an_error_or_a_report() {
    let honest = honest();
    let wrong = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!("x".repeat(100_000)),
        json!([[[]]]),
        json!({"a": {}}),
        json!("\u{0}\u{202e}"),
    ];
    for (pointer, _) in places(&honest, String::new()) {
        for value in &wrong {
            let mut report = honest.clone();
            *report.pointer_mut(&pointer).expect("a place") = value.clone();
            if let Ok(Step::Done(report)) = again(&report) {
                let text = report.to_string();
                assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{pointer}");
            }
        }
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(serde_json::from_str::<Replay>(&deep).is_err());
}

/// Every place of `input` and `snapshot`, as JSON pointers.
fn places(value: &Value, at: String) -> Vec<(String, ())> {
    let here = (at.starts_with("/input") || at.starts_with("/snapshot")).then(|| (at.clone(), ()));
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (format!("{at}/{key}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, value)| (format!("{at}/{i}"), value)).collect(),
        _ => Vec::new(),
    };
    here.into_iter().chain(below.into_iter().flat_map(|(at, value)| places(value, at))).collect()
}
