//! `authres`: Authentication-Results fields.

use mailproof::message::AuthResults;
use serde_json::{Value, json};

use crate::{latin1, text};

pub(crate) fn answer(case: &Value) -> Value {
    let bytes = latin1(text(case, "header"));
    let header = String::from_utf8_lossy(&bytes);
    let is = |field: &str| case[field].as_bool().unwrap_or_default();
    let field = if is("arc") { AuthResults::parse_arc(&header) } else { AuthResults::parse(&header) };
    let strict = case["mode"].as_str() == Some("strict");
    let empty = field.authserv_id().is_none() && field.results().is_empty();
    if strict && !field.is_strict(is("i18n")) || empty {
        return json!({"valid": false, "error": format!("{:?}", field.faults())});
    }
    let results = field.results().iter().map(|result| {
        // A property without a type is none.
        let typed = result.properties.iter().filter(|property| !property.ptype.is_empty());
        let props = typed.map(|p| json!([p.ptype, p.name, bytes_as_chars(&p.value.text)]));
        json!({
            "method": result.method,
            "result": result.result,
            "reason": result.reason.as_ref().map(|reason| bytes_as_chars(&reason.text)),
            "props": props.collect::<Vec<_>>(),
        })
    });
    json!({
        "valid": true,
        "instance": field.instance(),
        "authserv_id": field.authserv_id().map(bytes_as_chars),
        "version": field.version(),
        "results": results.collect::<Vec<_>>(),
    })
}

fn bytes_as_chars(text: &str) -> String {
    text.bytes().map(char::from).collect()
}
