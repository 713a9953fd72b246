//! `sender`: who may write as whom.

use mailproof::sender::{Directory, Entries, Field, Fields, Submission, check};
use serde_json::{Value, json};

pub(crate) fn answer(case: &Value) -> Value {
    let entries: Entries = match serde_json::from_value(case["directory"].clone()) {
        Ok(entries) => entries,
        Err(error) => return json!({"crash": error.to_string()}),
    };
    let directory = match Directory::new(&entries) {
        Ok(directory) => directory,
        Err(error) => return json!({"crash": error.to_string()}),
    };
    let headers = &case["headers"];
    let bodies = |name: &str| -> Vec<Field> {
        let values = match &headers[name] {
            Value::Array(values) => values.as_slice(),
            Value::Null => &[],
            value => std::slice::from_ref(value),
        };
        values.iter().filter_map(Value::as_str).map(Field::from).collect()
    };
    let submission = Submission {
        login: case["login"].as_str(),
        mail_from: case["mail_from"].as_str(),
        fields: (!headers.is_null()).then(|| Fields {
            from: bodies("From"),
            sender: bodies("Sender").into_iter().next(),
            reply_to: bodies("Reply-To").into_iter().next(),
        }),
    };
    // The cases are made for the last two labels.
    let outcome = check(&directory, &submission, |name| name.suffix(2));
    let statuses = |authors: &[mailproof::sender::Author]| -> Vec<&str> {
        authors.iter().map(|author| author.status.as_str()).collect()
    };
    json!({
        "verdict": outcome.verdict.as_str(),
        "mail_from": outcome.mail_from.as_ref().map(|author| author.status.as_str()),
        "from": submission.fields.is_some().then(|| statuses(&outcome.from)),
        "codes": outcome.findings.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(),
        "advice": outcome.advice().iter().map(|advice| advice.text.as_str()).collect::<Vec<_>>(),
    })
}
