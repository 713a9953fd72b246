//! `check record`: what is wrong with this record?

use std::io::Read as _;

use mailproof::Name;
use mailproof::dns::Snapshot;
use mailproof::report::{Input, Kind, RecordInput};

use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The record: its text, or the quoted strings of a zone file; `-` reads standard input.
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// What it is, where the text does not show it: spf, dmarc, dkim-key, dkim-signature, mta-sts, tls-rpt, bimi.
    #[arg(long)]
    kind: Option<Kind>,
    /// The domain that it is, or will be, published for.
    #[arg(long)]
    domain: Option<Name>,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let text = if self.text == "-" { read_stdin()? } else { self.text };
        let mut input = RecordInput::new(&text);
        input.kind = self.kind;
        input.domain = self.domain;
        if input.kind.or_else(|| Kind::detect(input.text.text())).is_none() {
            return Err(Failure::new(
                "this does not look like a record of SPF, DKIM, DMARC, MTA-STS, TLS-RPT or BIMI; say what it is with `--kind`",
            ));
        }
        // Nothing is asked, so it is done at once.
        let report = Input::Record(input).check(&Snapshot::new()).done();
        output.report(&report.ok_or_else(|| Failure::new("the record could not be checked without the DNS"))?)
    }
}

fn read_stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| Failure::new("standard input is not UTF-8"))
}
