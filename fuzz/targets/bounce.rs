//! Bounces: any text has an answer and advice, and any message ends.
#![cfg_attr(fuzzing, no_main)]

use mailproof::bounce::{Context, Dsn, diagnose};

mailproof_fuzz::target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let bounce = diagnose(&text, &Context { host: Some("mx.google.com"), mail_from: Some(&text), ..Context::default() });
    assert!(!bounce.advice().is_empty());
    if let Some(dsn) = Dsn::parse(data) {
        assert!(dsn.is_standard || !dsn.recipients.is_empty() || dsn.original.is_some());
        assert!(dsn.bounces().iter().all(|bounce| !bounce.advice().is_empty()));
    }
});
