//! `check message`: what is behind the fate of this message, who acts, and what to do.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use mailproof::report::{Input, MailboxInput, MessageInput};
use mailproof::{Name, Timestamp};

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};
use crate::spf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The message as it was received; `-` reads standard input.
    file: PathBuf,
    /// The file has the header section only; no body hash is judged.
    #[arg(long)]
    headers_only: bool,
    /// The address of the client that delivered the mail; left out, the one in Received is taken, as the message's claim.
    #[arg(long)]
    ip: Option<IpAddr>,
    /// The name that the client said in HELO or EHLO.
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,
    /// The address in MAIL FROM; `<>` for the null one. Left out, the one in Return-Path is taken, which may be forged.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// An address in RCPT TO; may be given more than once.
    #[arg(long, value_name = "ADDRESS")]
    rcpt_to: Vec<String>,
    /// When it was received, in seconds since 1970; signatures are judged at that time.
    #[arg(long, value_name = "UNIX")]
    received_at: Option<u64>,
    /// The mailbox that it is for, as JSON: `{"address": …, "own_domains": […], "aliases": […], "sent_message_ids": […]}`.
    #[arg(long, value_name = "FILE")]
    mailbox: Option<PathBuf>,
    /// A domain whose ARC seals you believe; may be given more than once.
    #[arg(long, value_name = "DOMAIN")]
    trusted_sealer: Vec<Name>,
    /// A host of yours, whose Received fields you believe, with the names below it; may be given more than once.
    #[arg(long, value_name = "HOST")]
    trusted_host: Vec<Name>,
    /// When it is checked, in seconds since 1970; now, if left out.
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
    #[command(flatten)]
    dns: Dns,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let name = self.file.display();
        let bytes = read(&self.file).map_err(|error| Failure::new(format!("{name}: {error}")))?;
        let mut input = MessageInput::new(&bytes, self.now.map_or_else(spf::now, Timestamp));
        input.headers_only = self.headers_only;
        input.received_at = self.received_at.map(Timestamp);
        input.connection.ip = self.ip;
        input.connection.helo = self.helo;
        input.connection.mail_from = self.mail_from.map(|text| spf::without_brackets(&text).to_owned());
        input.connection.rcpt_to = self.rcpt_to.iter().map(|text| spf::without_brackets(text).to_owned()).collect();
        input.trusted_sealers = self.trusted_sealer;
        input.trusted_hosts = self.trusted_host;
        input.mailbox = self.mailbox.as_deref().map(mailbox).transpose()?;
        // What came by standard input has no path.
        let file = (self.file != Path::new("-")).then(|| self.file.to_string_lossy().replace('\\', "/"));
        output.report_on(&self.dns.check(&Input::Message(input.into()))?, file.as_deref())
    }
}

fn mailbox(path: &Path) -> Result<MailboxInput, Failure> {
    let bytes = read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The octets of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}
