//! `check spf`: may this client send mail for this domain?

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use mailproof::Timestamp;
use mailproof::report::{Input, SpfInput};

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address of the client that delivered the mail.
    #[arg(long)]
    ip: IpAddr,
    /// The name that the client said in HELO or EHLO.
    #[arg(long, value_name = "NAME", required_unless_present = "mail_from")]
    helo: Option<String>,
    /// The address in MAIL FROM (Return-Path); `<>` for the null one. Left out, only the HELO name is checked.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// The name of the receiving host, for explanations that show it.
    #[arg(long, value_name = "NAME")]
    receiver: Option<String>,
    #[command(flatten)]
    dns: Dns,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mail_from = self.mail_from.map(|text| without_brackets(&text).to_owned());
        if mail_from.as_deref() == Some("") && self.helo.is_none() {
            return Err(Failure::new("with the null MAIL FROM, SPF checks the HELO name: give it with `--helo NAME`"));
        }
        let mut input = SpfInput::new(self.ip, self.helo.as_deref().unwrap_or_default(), "");
        input.mail_from = mail_from;
        input.receiver = self.receiver;
        input.now = now();
        output.report(&self.dns.check(&Input::Spf(input))?)
    }
}

pub(crate) fn without_brackets(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

#[expect(clippy::disallowed_methods, reason = "the library has no clock; a program may")]
pub(crate) fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
