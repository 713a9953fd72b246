//! What the targets share.

mod messages;
mod shim;
mod worlds;

// The signer of the corpus, which shares no code with the library but the hash of a body.
#[allow(dead_code)]
#[path = "../../tests/corpus/codec.rs"]
mod codec;
#[allow(dead_code)]
#[path = "../../tests/corpus/mail.rs"]
mod mail;
#[allow(dead_code)]
#[path = "../../tests/corpus/sign.rs"]
mod sign;

pub use messages::{altered, message};
pub use shim::replay;
pub use worlds::World;

use mailproof::dkim::Canonicalization;
use mailproof::finding::{Diagnostic, Label, apply};
use mailproof::report::Report;
use mailproof::text::Span;

/// Makes a closure over bytes a target: for libFuzzer under `cargo fuzz`, otherwise a program that replays files.
#[macro_export]
macro_rules! target {
    (|$data:ident: &[u8]| $body:block) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|$data: &[u8]| $body);

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay(|$data: &[u8]| $body)
        }
    };
}

/// A message with a signature of d.example on top, and the record of the key, which is at `s._domainkey.d.example`.
pub fn signed(
    message: &[u8],
    rsa: bool,
    modes: (Canonicalization, Canonicalization),
    length: Option<u64>,
) -> (Vec<u8>, String) {
    let key = key(rsa);
    (sign::own(&mail::Mail::parse(message), key, modes, length).bytes(), key.record())
}

/// The private key in PEM, and its record.
pub fn key_pair(rsa: bool) -> (&'static str, String) {
    (key(rsa).pem(), key(rsa).record())
}

fn key(rsa: bool) -> sign::Key {
    if rsa { sign::Key::Rsa } else { sign::Key::Ed25519 }
}

/// A span is a place in its text.
#[track_caller]
pub fn assert_inside(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no place in {text:?}");
}

/// A report can be printed, its places are places, its edits can be made, and its JSON gives it again.
pub fn assert_sound(report: &Report) {
    let text = report.to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    for found in report.findings.iter().chain(report.verdicts.iter().filter_map(|verdict| verdict.because.as_ref())) {
        assert_sound_finding(found);
    }
    let json = serde_json::to_string(report).unwrap();
    let replay: mailproof::report::json::Replay = serde_json::from_str(&json).unwrap();
    let again = replay.input.check(&replay.snapshot).done().expect("the snapshot has every answer");
    assert_eq!(again.to_string(), text);
}

/// What is told is in its text, and can be done.
pub fn assert_sound_findings(findings: &[Diagnostic]) {
    findings.iter().for_each(assert_sound_finding);
}

fn assert_sound_finding(found: &Diagnostic) {
    assert!(!found.message().contains(['\n', '\r']), "{}: {:?}", found.code, found.message());
    assert!(!found.primary.quoted().contains(|c: char| c.is_control()), "{:?}", found.primary);
    for Label { subject, span, .. } in found.related.iter().chain([&found.primary]) {
        assert_inside(subject.source().text(), *span);
    }
    for fix in &found.fixes {
        assert!(apply(found.primary.subject.source().text(), fix.edits()).is_some(), "{fix:?}");
    }
    for place in found.code.rule().template.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
        let is_name = place.0.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(!is_name || found.params.get(place.0).is_some(), "`{}` has no value for {}", found.code, place.0);
    }
}
