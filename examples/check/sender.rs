//! `check sender`: may this login send as these addresses?

use std::path::{Path, PathBuf};

use mailproof::dns::Snapshot;
use mailproof::report::{Input, SenderInput};
use mailproof::sender::{Directory, Entries, Field, Fields};

use crate::message;
use crate::output::{Failure, Output, Status};
use crate::spf::without_brackets;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Who has which address: a JSON file with logins, aliases, delegations and so on.
    #[arg(long, value_name = "FILE")]
    directory: PathBuf,
    /// The login; left out, nobody is logged in.
    #[arg(long, value_name = "LOGIN")]
    login: Option<String>,
    /// The address in MAIL FROM; `<>` for the null one.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// The text of the From field; several times for several fields.
    #[arg(long, value_name = "TEXT")]
    from: Vec<String>,
    /// The text of the Sender field.
    #[arg(long, value_name = "TEXT", requires = "from")]
    sender: Option<String>,
    /// The text of the Reply-To field.
    #[arg(long, value_name = "TEXT", requires = "from")]
    reply_to: Option<String>,
    /// Take the fields from this message; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "sender", "reply_to"])]
    message: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        if self.mail_from.is_none() && self.from.is_empty() && self.message.is_none() {
            return Err(Failure::new("who is the sender? give `--from`, `--mail-from` or `--message`"));
        }
        let mut input = SenderInput::new(read_directory(&self.directory)?);
        if let Some(path) = &self.message {
            let bytes = message::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            input = input.message(&bytes);
        }
        input.login = self.login;
        input.mail_from = self.mail_from.map(|text| without_brackets(&text).to_owned());
        if !self.from.is_empty() {
            let field = |text: &String| Field::from(text.as_str());
            input.fields = Some(Fields {
                from: self.from.iter().map(field).collect(),
                sender: self.sender.as_ref().map(field),
                reply_to: self.reply_to.as_ref().map(field),
            });
        }
        // Nothing is asked, so it is done at once.
        let report = Input::Sender(Box::new(input)).check(&Snapshot::new()).done();
        output.report(&report.ok_or_else(|| Failure::new("the sender could not be checked without the DNS"))?)
    }
}

fn read_directory(path: &Path) -> Result<Entries, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let entries: Entries = serde_json::from_str(&text).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    // A directory that cannot be used is no statement about the sender.
    Directory::new(&entries).map_err(|error| Failure::new(format!("{name}: {error}")))?;
    Ok(entries)
}
