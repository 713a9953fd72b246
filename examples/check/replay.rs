//! `check --replay report.json`: the same report again, without the DNS.

use std::path::Path;

use mailproof::dns::Step;
use mailproof::report::json::Replay;

use crate::output::{Failure, Output, Status};

pub(crate) fn run(path: &Path, output: &Output) -> Result<Status, Failure> {
    let name = path.display();
    let text =
        if path == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let text = text.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let replay: Replay =
        serde_json::from_str(&text).map_err(|error| Failure::new(format!("{name}: this is no report: {error}")))?;
    match replay.input.check(&replay.snapshot) {
        Step::Done(report) => output.report(&report),
        Step::Ask(questions) => {
            let questions: Vec<String> = questions.iter().map(ToString::to_string).collect();
            Err(Failure::new(format!("{name}: the report has no answer for {}", questions.join(", "))))
        }
    }
}
