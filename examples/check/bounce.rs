//! `check bounce`: why did this mail come back, and who has to act?

use std::path::{Path, PathBuf};

use mailproof::bounce::{Basis, Context, diagnose};
use mailproof::dns::Snapshot;
use mailproof::report::{BounceInput, BounceText, Input};

use crate::message;
use crate::output::{Failure, Output, Status};
use crate::spf::without_brackets;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The reply, or a line of a log with one; `-` reads a reply or a notification from standard input.
    #[arg(allow_hyphen_values = true, required_unless_present = "file")]
    text: Option<String>,
    /// A file with a notification (a message) or a reply.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// The host that said it.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// The envelope sender of the message that was refused.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let path = self.file.as_deref().or_else(|| self.text.as_deref().filter(|text| *text == "-").map(Path::new));
        let mut input = match path {
            Some(path) => {
                let name = path.display();
                BounceInput::new(&message::read(path).map_err(|error| Failure::new(format!("{name}: {error}")))?)
            }
            None => BounceInput::new(self.text.unwrap_or_default().as_bytes()),
        };
        input.host = self.host;
        input.mail_from = self.mail_from.map(|text| without_brackets(&text).to_owned());
        if let BounceText::Reply(text) = &input.text
            && !says_something(text)
        {
            return Err(Failure::new(
                "this is neither an SMTP reply nor a notification: no code and no known words are in it",
            ));
        }
        // Nothing is asked, so it is done at once.
        let report = Input::Bounce(input).check(&Snapshot::new()).done();
        output.report(&report.ok_or_else(|| Failure::new("the bounce could not be checked without the DNS"))?)
    }
}

fn says_something(text: &str) -> bool {
    let found = diagnose(text, &Context::default());
    found.basis != Basis::Nothing || found.reply.code.is_some() || found.reply.enhanced.is_some()
}
