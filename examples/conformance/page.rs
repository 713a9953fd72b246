//! The door for JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{line_answer, surroundings};

/// Begins a case at a time in seconds since 1970.
#[wasm_bindgen]
pub fn begin(now: f64) {
    surroundings::reset(now as u64);
}

/// A file of the case.
#[wasm_bindgen]
pub fn give(path: String, octets: Vec<u8>) {
    surroundings::give(path, octets);
}

/// The answer to a case.
#[wasm_bindgen]
pub fn answer(line: &str) -> String {
    line_answer(line)
}

/// A fault of the library, so that a test sees what JavaScript gets.
#[wasm_bindgen]
pub fn fault() {
    panic!("a fault on purpose");
}
