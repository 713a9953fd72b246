//! Answers public test cases: one JSON line in, one JSON line out (`../shared/conformance/PROTOCOL.md`).
//!
//! On wasm32 with the feature `wasm` the same answers are given to JavaScript, which reads the files of a case.

#![allow(unreachable_pub)]
// JavaScript calls `page::answer`; nobody calls `main`.
#![cfg_attr(target_arch = "wasm32", allow(dead_code, unused_imports))]

mod arc;
mod authres;
mod bounce;
mod catalogue;
mod diagnose;
mod dkim;
mod dmarc;
mod dmarc_report;
mod lint_dkim_key;
mod lint_dkim_signature;
mod lint_dmarc;
mod lint_domain;
mod lint_spf;
mod lint_transport;
#[cfg(all(target_arch = "wasm32", feature = "wasm"))]
mod page;
mod sender;
mod spf;
mod srs;
mod surroundings;
mod zone;

use std::io::{BufRead, Write};

use serde_json::{Value, json};

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let mut answer = line_answer(&line);
        answer.push('\n');
        out.write_all(answer.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

fn line_answer(line: &str) -> String {
    let answer = match serde_json::from_str(line) {
        Ok(case) => with_id(answer(&case), &case),
        Err(error) => json!({"crash": format!("the case is not JSON: {error}")}),
    };
    answer.to_string()
}

fn answer(case: &Value) -> Value {
    match case["protocol"].as_str().unwrap_or_default() {
        "authres" => authres::answer(case),
        "bounce" => bounce::answer(case),
        "catalogue" => catalogue::answer(),
        "diagnose" => diagnose::answer(case),
        "lint" => lint(case),
        "sender" => sender::answer(case),
        "srs" => srs::answer(case),
        "dmarc" => dmarc::answer(case),
        "dmarc-report" => dmarc_report::answer(case),
        "orgdomain" => dmarc::org_domain_answer(case),
        "arc" => arc::answer(case),
        "dkim" => dkim::answer(case),
        "spf" => spf::answer(case),
        _ => unsupported(),
    }
}

fn lint(case: &Value) -> Value {
    match text(case, "kind") {
        "dkim-key" => lint_dkim_key::answer(case),
        "dkim-signature" => lint_dkim_signature::answer(case),
        "dmarc" => lint_dmarc::answer(case),
        "domain" | "mx" => lint_domain::answer(case),
        "spf" => lint_spf::answer(case),
        "mta-sts" | "mta-sts-policy" | "tls-rpt" | "bimi" => lint_transport::answer(case),
        _ => unsupported(),
    }
}

fn with_id(mut answer: Value, case: &Value) -> Value {
    answer["id"] = case["id"].clone();
    answer
}

/// Counted apart, not as wrong.
pub fn unsupported() -> Value {
    json!({"unsupported": true})
}

/// The text of a field, empty where it is absent.
pub fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_default()
}

/// Each character up to U+00FF is one byte.
pub fn latin1(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}
