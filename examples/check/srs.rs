//! `check srs`: rewrites, reverses and explains SRS addresses.

use std::path::PathBuf;

use mailproof::dns::Snapshot;
use mailproof::report::{Input, SrsInput};
use mailproof::srs::{Alphabet, LocalDomain, Secret, Separator, Settings, Srs};
use mailproof::{Name, Timestamp};

use crate::output::{Failure, Output, Status};
use crate::spf::{now, without_brackets};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// With which address is mail from this sender sent on?
    Forward(Forward),
    /// Where does a bounce to this address go?
    Reverse(Reverse),
    /// What is this address, and who wrote it? Also of other schemes.
    Inspect(Inspect),
}

#[derive(clap::Args)]
struct Forward {
    /// The sender; `<>` for the null one.
    sender: String,
    /// The domain that forwards.
    #[arg(long, value_name = "DOMAIN")]
    forwarder: Name,
    /// What stands behind `SRS0`.
    #[arg(long, value_name = "SIGN", default_value = "=", allow_hyphen_values = true)]
    separator: Sign,
    /// Write `+` and `/` into hashes, as older programs do.
    #[arg(long)]
    standard_alphabet: bool,
    /// Rewrite senders at the forwarder's own domain too.
    #[arg(long)]
    always: bool,
    /// Do not rewrite senders at this domain, or below it if a dot stands in front; may be given several times.
    #[arg(long, value_name = "DOMAIN")]
    local: Vec<String>,
    #[command(flatten)]
    key: Key,
}

#[derive(clap::Args)]
struct Reverse {
    /// The address to which a bounce came.
    address: String,
    /// The fewest characters of the hash to accept; as many as are written, if left out.
    #[arg(long, value_name = "N")]
    hash_min: Option<u8>,
    /// The greatest age to accept, in days.
    #[arg(long, value_name = "DAYS", default_value_t = 21)]
    max_age: u16,
    #[command(flatten)]
    key: Key,
}

#[derive(clap::Args)]
struct Inspect {
    /// The address.
    address: String,
    /// When, in seconds since 1970; now, if left out.
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
}

/// Secrets, and what goes with them. The first signs, all verify. No secret is ever printed.
#[derive(clap::Args)]
struct Key {
    /// The secret. Other users of this machine may see it: a file or the environment is better.
    #[arg(long, value_name = "SECRET", allow_hyphen_values = true, conflicts_with = "secret_file")]
    secret: Vec<String>,
    /// A file with one secret a line, the newest first; without it, the environment variable `MAILPROOF_SRS_SECRET` is read.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Characters of the hash.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=27))]
    hash_length: u8,
    /// When, in seconds since 1970; now, if left out.
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
}

/// The variable of the environment that holds secrets, one a line.
const VARIABLE: &str = "MAILPROOF_SRS_SECRET";

#[derive(Clone, Copy)]
struct Sign(Separator);

impl std::str::FromStr for Sign {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "=" => Ok(Self(Separator::Equals)),
            "+" => Ok(Self(Separator::Plus)),
            "-" => Ok(Self(Separator::Minus)),
            _ => Err("one of = + - is wanted"),
        }
    }
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let input = match self.command {
            Command::Forward(args) => args.input()?,
            Command::Reverse(args) => args.input()?,
            Command::Inspect(args) => {
                let mut input = SrsInput::inspect(without_brackets(&args.address));
                input.now = Some(args.now.map_or_else(now, Timestamp));
                input
            }
        };
        // Nothing is asked, so it is done at once.
        let report = Input::Srs(input).check(&Snapshot::new()).done();
        output.report(&report.ok_or_else(|| Failure::new("the address could not be checked without the DNS"))?)
    }
}

impl Forward {
    fn input(self) -> Result<SrsInput, Failure> {
        let local = self.local.iter().map(|text| LocalDomain::parse(text)).collect::<Result<_, _>>()?;
        let settings = Settings {
            separator: self.separator.0,
            alphabet: if self.standard_alphabet { Alphabet::Standard } else { Alphabet::UrlSafe },
            hash_length: self.key.hash_length,
            always_rewrite: self.always,
            local_domains: local,
            ..Settings::default()
        };
        let srs = Srs::new(self.key.secrets()?).with(settings);
        Ok(SrsInput::forward(&srs, without_brackets(&self.sender), &self.forwarder, self.key.now()))
    }
}

impl Reverse {
    fn input(self) -> Result<SrsInput, Failure> {
        let settings = Settings {
            hash_length: self.key.hash_length,
            hash_min: self.hash_min,
            max_age_days: self.max_age,
            ..Settings::default()
        };
        let srs = Srs::new(self.key.secrets()?).with(settings);
        Ok(SrsInput::reverse(&srs, without_brackets(&self.address), self.key.now()))
    }
}

impl Key {
    fn now(&self) -> Timestamp {
        self.now.map_or_else(now, Timestamp)
    }

    /// The secrets of the option, else of the file, else of the environment. No message repeats one.
    fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        let given: Vec<Secret> = if !self.secret.is_empty() {
            self.secret.iter().filter_map(|secret| Secret::new(secret.as_bytes())).collect()
        } else if let Some(path) = &self.secret_file {
            let file = std::fs::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            Secret::lines(&file).collect()
        } else if let Some(value) = std::env::var_os(VARIABLE) {
            Secret::lines(value.as_encoded_bytes()).collect()
        } else {
            return Err(Failure::new(format!(
                "a secret is needed: give it with `--secret-file FILE`, in the environment as {VARIABLE}, or with `--secret`"
            )));
        };
        if given.is_empty() {
            return Err(Failure::new("the secret is empty: with an empty one anybody could make addresses"));
        }
        Ok(given)
    }
}
