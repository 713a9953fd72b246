//! Why does a mail pass or fail? The command-line face of the library.
//!
//! Every subcommand is a module with `Args` and their `run`. It makes an [`Input`](mailproof::report::Input),
//! [`dns`] answers what it asks, [`output`] prints the report.

mod advise;
mod bounce;
mod bulk;
mod codes;
mod dmarc;
mod dns;
mod domain;
mod explain;
mod forward;
mod message;
mod output;
mod record;
mod replay;
mod sender;
mod spf;
#[cfg(feature = "crypto")]
mod srs;
mod zone;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use output::{Failure, Output, Status};

/// Says why a mail passes or fails SPF, DKIM, DMARC and ARC, and what to change.
///
/// Exit status: 0 when all is well, 1 when it is not, 2 when the question could not be understood.
#[derive(Parser)]
#[command(name = "check", version, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(flatten)]
    output: Output,
    /// Print a report again from its JSON, without asking the DNS.
    #[arg(long, value_name = "FILE", global = false)]
    replay: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// May this client send mail for this domain?
    Spf(spf::Args),
    /// Can anybody send mail in the name of this domain?
    Domain(domain::Args),
    /// Which records shall this domain publish?
    Advise(advise::Args),
    /// Can anybody send mail in the names of these domains? One on each line of standard input; one JSON object on a line for each.
    Bulk(bulk::Args),
    /// Does DMARC pass, given what SPF and DKIM say?
    Dmarc(dmarc::Args),
    /// Do the signatures of this message hold, and what was changed?
    Message(message::Args),
    /// May this login send as these addresses?
    Sender(sender::Args),
    /// Why did this mail come back, and who has to act?
    Bounce(bounce::Args),
    /// What becomes of this domain's mail when others send it on?
    Forward(forward::Args),
    /// What is this SRS address, and what becomes of it?
    #[cfg(feature = "crypto")]
    Srs(srs::Args),
    /// What is wrong with this record?
    Record(record::Args),
    /// What is wrong in this zone file, line by line?
    Zone(zone::Args),
    /// What does this code mean?
    Explain(explain::Args),
    /// Which codes are there?
    Codes(codes::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match (cli.command, cli.replay) {
        (Some(command), None) => command.run(&cli.output),
        (None, Some(path)) => replay::run(&path, &cli.output),
        (Some(_), Some(_)) => Err(Failure::new("`--replay` prints a report again; it takes no subcommand")),
        (None, None) => {
            let help = Cli::command().render_help();
            Err(Failure::new(format!("what shall be checked?\n\n{help}")))
        }
    };
    match done {
        Ok(Status::Pass) => ExitCode::SUCCESS,
        Ok(Status::NotPass) => ExitCode::FAILURE,
        Ok(Status::Interrupted) => ExitCode::from(130),
        Err(failure) => {
            output::complain(&cli.output, &failure);
            ExitCode::from(2)
        }
    }
}

impl Command {
    fn run(self, output: &Output) -> Result<Status, Failure> {
        match self {
            Self::Spf(args) => args.run(output),
            Self::Domain(args) => args.run(output),
            Self::Advise(args) => args.run(output),
            Self::Bulk(args) => args.run(output),
            Self::Dmarc(args) => args.run(output),
            Self::Message(args) => args.run(output),
            Self::Sender(args) => args.run(output),
            Self::Bounce(args) => args.run(output),
            Self::Forward(args) => args.run(output),
            #[cfg(feature = "crypto")]
            Self::Srs(args) => args.run(output),
            Self::Record(args) => args.run(output),
            Self::Zone(args) => args.run(output),
            Self::Explain(args) => args.run(output),
            Self::Codes(args) => args.run(output),
        }
    }
}
