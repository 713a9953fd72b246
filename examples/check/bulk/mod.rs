//! `check bulk`: many domains, one JSON object on a line for each, in the order of the input.
//!
//! Memory does not grow with the number of domains: at most [`WINDOW`] × `--concurrency` of them are between their
//! line of input and their line of output, and the answers that they share take at most `--cache` megabytes.

mod answers;
mod input;
mod line;

use std::collections::VecDeque;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use mailproof::dns::Snapshot;
use mailproof::report::Input;
use mailproof::resolver::drive;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use self::answers::{Answers, Dns};
use self::input::Request;
use crate::output::{Failure, Format, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write to this file instead of standard output, and go on where it ends; the input has to be the same.
    #[arg(long, value_name = "OUT")]
    resume: Option<PathBuf>,
    /// How many domains are looked at at the same time.
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
    /// Print the whole report of each domain, as `check domain --json` does, instead of what was found.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    dns: Dns,
}

/// How many times `--concurrency` results may wait for one slow domain before them.
const WINDOW: usize = 8;

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        if matches!(output.format(), Format::Markdown | Format::Sarif) {
            return Err(Failure::new("a line of JSON for each domain is the one form of this"));
        }
        let mut input = input::Lines::new(io::stdin().lock());
        let mut out: Box<dyn Write> = match &self.resume {
            Some(path) => Box::new(input::resume(path, &mut input)?),
            None => Box::new(io::stdout().lock()),
        };
        drop(input);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let answers = runtime.block_on(async { self.dns.answers() })?;
        let ended = runtime.block_on(self.all(Arc::new(answers), &mut out));
        // What is still being asked is of no use any more.
        runtime.shutdown_background();
        ended
    }

    async fn all(&self, answers: Arc<Answers>, out: &mut impl Write) -> Result<Status, Failure> {
        let concurrency = usize::from(self.concurrency);
        let window = concurrency * WINDOW;
        let places = Arc::new(Semaphore::new(concurrency));
        let mut requests = read_ahead(concurrency);
        let mut waiting: VecDeque<JoinHandle<String>> = VecDeque::new();
        let mut out = BufWriter::new(out);
        let progress = progress();
        let mut more = true;
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        while more || !waiting.is_empty() {
            tokio::select! {
                biased;
                _ = &mut interrupted => {
                    out.flush()?;
                    progress.abandon();
                    return Ok(Status::Interrupted);
                }
                request = requests.recv(), if more && waiting.len() < window => match request {
                    Some(request) => {
                        let job = one(request, Arc::clone(&answers), Arc::clone(&places), self.full);
                        waiting.push_back(tokio::spawn(job));
                    }
                    None => more = false,
                },
                line = async { waiting.front_mut()?.await.ok() }, if !waiting.is_empty() => {
                    waiting.pop_front();
                    let line = line.ok_or_else(|| Failure::new("a domain could not be looked at"))?;
                    // A reader that went away (`| head`) wants no more.
                    if out.write_all(line.as_bytes()).is_err() {
                        return Ok(Status::Pass);
                    }
                    progress.inc(1);
                }
            }
        }
        let written = out.flush();
        progress.finish();
        answers.tell(progress.position());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(Status::Pass),
        }
    }
}

/// Reads on a thread of its own: standard input cannot be waited for in any other way.
fn read_ahead(lines: usize) -> mpsc::Receiver<Request> {
    let (send, receive) = mpsc::channel(lines);
    std::thread::spawn(move || {
        let mut input = input::Lines::new(io::stdin().lock());
        while let Some(request) = input.next() {
            if send.blocking_send(request).is_err() {
                return;
            }
        }
    });
    receive
}

async fn one(request: Request, answers: Arc<Answers>, places: Arc<Semaphore>, full: bool) -> String {
    // The semaphore is never closed, so a place is always had in the end.
    let _place = places.acquire().await;
    match request {
        Ok(asked) => {
            let input = Input::Domain(asked);
            let report = drive(&mut Snapshot::new(), &*answers, |dns| input.check(dns)).await;
            line::told(&report, full)
        }
        Err(unreadable) => line::unreadable(&unreadable),
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress() -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    let style = indicatif::ProgressStyle::with_template("{spinner} {pos} domains  {per_sec}  {elapsed_precise}");
    // The template above is one.
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
