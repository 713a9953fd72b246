//! `check bulk`: many domains, one JSON object on a line for each, in the order of the input.
//!
//! Memory does not grow with the number of domains: at most [`WINDOW`] × `--concurrency` of them are between their
//! line of input and their line of output, and the answers that they share take at most `--cache` megabytes.

mod answers;
mod input;
mod line;
#[cfg(feature = "hickory")]
mod operators;
#[cfg(feature = "hickory")]
mod servers;

use std::collections::VecDeque;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use mailproof::dns::Snapshot;
use mailproof::domain;
use mailproof::report::{Input, Report};
use mailproof::resolver::drive;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use self::answers::{Answers, Dns};
use self::input::{Request, Unreadable};
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
        // One core is left to this thread, which writes, and to who answers here: on two cores that is faster by a sixth.
        let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
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
        let mut waiting: VecDeque<(String, JoinHandle<String>)> = VecDeque::new();
        let mut out = BufWriter::new(out);
        let progress = progress();
        let mut more = true;
        let interrupted = interrupted();
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
                        let asked = request.as_ref().map_or_else(|why| &why.line, |asked| &asked.domain).clone();
                        let job = one(request, Arc::clone(&answers), Arc::clone(&places), self.full);
                        waiting.push_back((asked, tokio::spawn(job)));
                    }
                    None => more = false,
                },
                line = async { (&mut waiting.front_mut()?.1).await.ok() }, if !waiting.is_empty() => {
                    let asked = waiting.pop_front().map(|(asked, _)| asked).unwrap_or_default();
                    // A defect in the check of one domain is no reason to lose the others.
                    let line = line.unwrap_or_else(|| line::unreadable(&Unreadable { line: asked, why: DEFECT.to_owned() }));
                    // Who types domains wants to see what comes of them.
                    let flush = |out: &mut BufWriter<_>| if waiting.is_empty() { out.flush() } else { Ok(()) };
                    if let Err(error) = out.write_all(line.as_bytes()).and_then(|()| flush(&mut out)) {
                        return ended_by(error);
                    }
                    progress.inc(1);
                }
            }
        }
        let written = out.flush();
        progress.finish();
        answers.tell(progress.position());
        written.map_or_else(ended_by, |()| Ok(Status::Pass))
    }
}

/// A reader that went away (`| head`) wants no more, and is no error of ours.
fn ended_by(error: io::Error) -> Result<Status, Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(Status::Pass) } else { Err(error.into()) }
}

const DEFECT: &str = "its check ended in a defect of this program; please report it";

/// Ctrl-C, or the end that a system asks of its services and jobs.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
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
    match request {
        Ok(asked) => line::told(&report(asked, &answers, &places).await, full),
        Err(unreadable) => line::unreadable(&unreadable),
    }
}

async fn report(asked: domain::Input, answers: &Answers, places: &Semaphore) -> Report {
    // None of the semaphores is ever closed, so a place is always had in the end.
    let place = places.acquire().await;
    #[cfg(feature = "hickory")]
    if let (Some(operators), Ok(name)) = (answers.operators(), asked.name())
        && let Some(operator) = operators.of(&name, answers).await
    {
        // Who waits for an operator lets others have the place.
        drop(place);
        let turn = operator.places().acquire_owned().await;
        let _place = places.acquire().await;
        let report = check(asked, answers).await;
        if let Ok(turn) = turn {
            operators.told(operator, turn, operators::failed(&name, &report.snapshot));
        }
        return report;
    }
    let report = check(asked, answers).await;
    drop(place);
    report
}

async fn check(asked: domain::Input, answers: &Answers) -> Report {
    let input = Input::Domain(asked);
    drive(&mut Snapshot::new(), answers, |dns| input.check(dns)).await
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
