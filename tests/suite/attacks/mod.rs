//! What attackers do to programs like this one, a file for each kind. (The tricks with the author are in `espoofer`.)
//!
//! A test states the bound that it holds to: questions, signatures, findings. Where the bound is time, the input is so large
//! that work that grows faster than it would not end.

mod bombs;
mod dns;
mod keys;
mod limits;
mod numbers;
mod replay;
mod secrets;
mod smtp;
mod texts;

use std::time::{Duration, Instant};

/// Runs what must not take long, whatever the machine does besides.
#[track_caller]
#[allow(clippy::disallowed_methods)]
fn soon<T>(run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(60), "it took {took:?}");
    result
}
