//! JavaScript's face: JSON in, JSON out. It decides nothing; what the forms hold is in `examples/npm/index.d.ts`.
//!
//! What is no question at all (broken JSON, an unknown field) is thrown as an `Error`. A finding, a failure of the DNS or an
//! address that cannot be reversed is an answer.

#[cfg(feature = "wasm")]
mod check;
mod text;
#[cfg(feature = "wasm")]
mod tools;

#[cfg(feature = "wasm")]
pub use check::Check;
pub use text::{codes, detect, explain, lint};
#[cfg(feature = "wasm")]
pub use tools::{check_sender, predict_way, read_bounce, srs_forward, srs_inspect, srs_reverse};

use serde::Serialize;
#[cfg(feature = "wasm")]
use serde::de::DeserializeOwned;
#[cfg(feature = "wasm")]
use serde_json::Value;
use wasm_bindgen::prelude::*;

use crate::report::Report;
#[cfg(feature = "wasm")]
use crate::text::{Source, Utf16};

/// Panics are faults of this library. They reach JavaScript as an `Error` that says where.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| wasm_bindgen::throw_val(JsError::new(&info.to_string()).into())));
}

/// Reads what JavaScript gave.
#[cfg(feature = "wasm")]
fn read<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, JsError> {
    serde_json::from_str(json).map_err(|error| JsError::new(&format!("{what}: {error}")))
}

fn write(value: &impl Serialize) -> Result<String, JsError> {
    Ok(serde_json::to_string(value)?)
}

/// The report as data and as text for people.
fn told(report: &Report) -> Result<String, JsError> {
    #[derive(Serialize)]
    struct Told<'a> {
        report: &'a Report,
        text: String,
    }
    write(&Told { report, text: report.to_string() })
}

/// `value`, with every span in it counted as JavaScript counts.
#[cfg(feature = "wasm")]
fn in_utf16(value: Value, source: &Source) -> Value {
    in_units(value, source.text(), &Utf16::of(source.text()))
}

#[cfg(feature = "wasm")]
fn in_units(value: Value, text: &str, utf16: &Utf16) -> Value {
    match value {
        Value::Object(mut fields) => {
            let offset = |fields: &serde_json::Map<String, Value>, name| fields.get(name).and_then(Value::as_u64);
            if fields.len() == 2
                && let (Some(start), Some(end)) = (offset(&fields, "start"), offset(&fields, "end"))
            {
                for (name, at) in [("start", start), ("end", end)] {
                    let at = u32::try_from(at).unwrap_or(u32::MAX);
                    fields.insert(name.to_owned(), utf16.offset(text, at).into());
                }
                return Value::Object(fields);
            }
            Value::Object(fields.into_iter().map(|(name, value)| (name, in_units(value, text, utf16))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(|value| in_units(value, text, utf16)).collect()),
        other => other,
    }
}
