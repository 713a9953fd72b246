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
use wasm_bindgen::prelude::*;

#[cfg(feature = "wasm")]
use crate::reading::{Read, Tree};
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
fn read<T: Read>(what: &str, json: &str) -> Result<T, JsError> {
    let error = |error: &dyn std::fmt::Display| JsError::new(&format!("{what}: {error}"));
    let tree: Tree = serde_json::from_str(json).map_err(|not_json| error(&not_json))?;
    T::read(&tree).map_err(|fault| error(&fault))
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
fn in_utf16(value: &impl Serialize, source: &Source) -> Result<Tree, JsError> {
    let mut tree = serde_json::from_str(&write(value)?)?;
    in_units(&mut tree, source.text(), &Utf16::of(source.text()));
    Ok(tree)
}

#[cfg(feature = "wasm")]
fn in_units(tree: &mut Tree, text: &str, utf16: &Utf16) {
    match tree {
        Tree::Fields(fields) => {
            let is_span = matches!(fields.as_slice(), [(start, _), (end, _)] if start == "start" && end == "end");
            for (_, tree) in fields {
                match tree {
                    Tree::Number(at) if is_span => {
                        *at = utf16.offset(text, u32::try_from(*at).unwrap_or(u32::MAX)).into();
                    }
                    _ => in_units(tree, text, utf16),
                }
            }
        }
        Tree::List(list) => list.iter_mut().for_each(|tree| in_units(tree, text, utf16)),
        _ => {}
    }
}
