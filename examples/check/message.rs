//! `check message`: do the signatures of this message hold, and what was changed?

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use mailproof::Timestamp;
use mailproof::report::{Input, MessageInput, SpfInput};

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};
use crate::spf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The message as it was received; `-` reads standard input.
    file: PathBuf,
    /// The address of the client that delivered the mail: then SPF is checked too.
    #[arg(long)]
    ip: Option<IpAddr>,
    /// The name that the client said in HELO or EHLO.
    #[arg(long, value_name = "NAME", requires = "ip")]
    helo: Option<String>,
    /// The address in MAIL FROM; `<>` for the null one. Left out, the one in Return-Path is taken, which may be forged.
    #[arg(long, value_name = "ADDRESS", requires = "ip")]
    mail_from: Option<String>,
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
        let now = self.now.map_or_else(spf::now, Timestamp);
        let mut input = MessageInput::new(&bytes, now);
        if let Some(ip) = self.ip {
            let mut session = SpfInput::new(ip, self.helo.as_deref().unwrap_or_default(), "");
            session.mail_from = self.mail_from.map(|text| spf::without_brackets(&text).to_owned());
            session.now = now;
            input.session = Some(session);
        }
        output.report(&self.dns.check(&Input::Message(input))?)
    }
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
