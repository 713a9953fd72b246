//! How long each case takes, beside mail-auth, as the table of `benches/README.md`.
//!
//! Both sides take turns in batches of a fraction of a millisecond, and the fastest batch of each counts: so the table
//! is the same on a machine that does something else meanwhile.
//!
//!   cargo bench --bench compare --features aws-lc-rs            all cases
//!   cargo bench --bench compare --features aws-lc-rs -- parse   those with `parse` in their names
#![allow(missing_docs, clippy::print_stdout, clippy::disallowed_methods)]

mod cases;
mod support;

use std::time::{Duration, Instant};

use cases::{Case, Work};

/// How long a batch takes about.
const BATCH: Duration = Duration::from_micros(300);
/// How long a case takes about.
const CASE: Duration = Duration::from_millis(600);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!("| case | mailproof | mail-auth | mail-auth ÷ mailproof |");
    println!("|---|--:|--:|--:|");
    for mut case in cases::all() {
        if !wanted.is_empty() && !wanted.iter().any(|part| case.name.contains(part.as_str())) {
            continue;
        }
        let (ours, theirs) = measure(&mut case);
        let (theirs, ratio) = match theirs {
            Some(theirs) => (told(theirs), format!("{:.2}", theirs / ours)),
            None => ("".to_owned(), "".to_owned()),
        };
        println!("| `{}` | {} | {theirs} | {ratio} |", case.name, told(ours));
    }
}

/// Seconds that one run takes, of ours and of theirs.
fn measure(case: &mut Case) -> (f64, Option<f64>) {
    let runs = batch(&mut case.ours);
    let their_runs = case.peer.as_mut().map(batch);
    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    let start = Instant::now();
    while start.elapsed() < CASE {
        ours = ours.min(time(&mut case.ours, runs));
        if let (Some(peer), Some(runs)) = (&mut case.peer, their_runs) {
            theirs = theirs.min(time(peer, runs));
        }
    }
    (ours, case.peer.is_some().then_some(theirs))
}

/// How many runs fill a batch.
fn batch(work: &mut Work) -> u32 {
    let mut runs = 1;
    while runs < 1 << 20 && time(work, runs) * f64::from(runs) < BATCH.as_secs_f64() {
        runs *= 2;
    }
    // What is prepared for each run must stay in the caches, as what has just been fetched does.
    if matches!(work, Work::Fresh(_)) { runs.min(8) } else { runs }
}

/// Seconds that one of `runs` takes.
fn time(work: &mut Work, runs: u32) -> f64 {
    let total = match work {
        Work::Same(run) => {
            let start = Instant::now();
            for _ in 0..runs {
                run();
            }
            start.elapsed()
        }
        Work::Fresh(make) => {
            let mut prepared: Vec<_> = (0..runs).map(|_| make()).collect();
            let start = Instant::now();
            for run in &mut prepared {
                run();
            }
            start.elapsed()
        }
    };
    total.as_secs_f64() / f64::from(runs)
}

/// Three figures and a unit.
fn told(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "µs"),
        s => (s * 1e3, "ms"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}
