//! The public cases whose alteration can be proven, read from `../shared`.

use std::collections::BTreeMap;

use mailproof::Timestamp;
use mailproof::dkim::forensics::{Alteration, Budget, Certainty, Part, investigate};
use mailproof::dkim::verify;
use mailproof::dns::{Answer, Lookup, Question, Snapshot};
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use serde_json::Value;

/// Those of a file with one case a line.
pub(crate) fn cases(file: &str) -> impl Iterator<Item = Value> {
    let cases = file.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    cases.filter(|case| case["expect"]["alteration"]["provable"] == true)
}

/// What is proven of any signature of a case.
pub(crate) fn proven(case: &Value) -> Vec<Alteration> {
    let message = case["message_text"].as_str().expect("a message");
    let message = Message::parse(message.as_bytes());
    let zone: BTreeMap<String, &Value> =
        case["zone"].as_object().expect("a zone").iter().map(|(name, sets)| (name.to_lowercase(), sets)).collect();
    let answer = |question: &Question| {
        let texts = zone.get(&question.name.as_str().to_lowercase()).and_then(|sets| sets["TXT"].as_array());
        let Some(texts) = texts else { return Answer::new(Lookup::NxDomain) };
        let joined = |text: &Value| match text {
            Value::Array(strings) => strings.iter().filter_map(Value::as_str).collect::<String>(),
            text => text.as_str().unwrap_or_default().to_owned(),
        };
        let texts: Vec<String> = texts.iter().map(joined).collect();
        Answer::txt(texts.iter().map(String::as_str))
    };
    let now = Timestamp(case["now"].as_u64().unwrap_or_default());
    let mut dns = Snapshot::new();
    let outcomes = drive_sync(&mut dns, answer, |dns| verify(dns, &message, now));
    let evidence = outcomes.iter().map(|outcome| investigate(&dns, &message, outcome, &Budget::default()));
    let told = evidence.flat_map(|evidence| evidence.header.into_iter().chain(evidence.body));
    told.filter(|found| found.certainty == Certainty::Proven).collect()
}

/// Whether it is what the case expects.
pub(crate) fn fits(found: &Alteration, expected: &Value) -> bool {
    let part = if found.part == Part::Body { "body" } else { "header" };
    let same_header = found
        .header
        .as_deref()
        .is_none_or(|header| expected["header"].as_str().is_some_and(|expected| expected.eq_ignore_ascii_case(header)));
    let what = match expected["what_any"].as_array() {
        Some(any) => any.iter().any(|what| what == found.what.as_str()),
        None => expected["what"] == found.what.as_str(),
    };
    let number = |value: &Value| value.as_u64().map(|number| number as usize);
    let at = number(&expected["at"]).is_none_or(|at| {
        let range = expected["at_range"].as_array();
        let range = range.and_then(|range| Some((number(&range[0])?, number(&range[1])?))).unwrap_or((at, at));
        found.at.is_some_and(|at| (range.0..=range.1).contains(&at))
    });
    let original = expected["original"].as_str();
    let original = original.is_none_or(|text| found.original.as_deref() == Some(text.as_bytes()));
    // Where the place is not exact, neither is the length: an empty line more or less means the same.
    let slack = expected["at_range"].as_array().and_then(|range| Some(number(&range[1])? - number(&range[0])?));
    let length = number(&expected["length"]).is_none_or(|length| found.length.abs_diff(length) <= slack.unwrap_or(0));
    expected["part"] == part && same_header && what && at && original && length
}
