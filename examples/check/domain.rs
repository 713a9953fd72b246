//! `check domain`: can anybody send mail in the name of this domain?

use mailproof::Name;
use mailproof::domain;
use mailproof::report::Input;

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The domain.
    domain: String,
    /// A DKIM selector that it signs with; may be given several times. The DNS cannot list them.
    #[arg(long = "selector", value_name = "NAME")]
    selectors: Vec<Name>,
    #[command(flatten)]
    dns: Dns,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let input = self.selectors.into_iter().fold(domain::Input::new(&self.domain), domain::Input::selector);
        if let Err(why) = input.name() {
            return Err(Failure::new(format!("`{}` is not a domain: {why}", self.domain)));
        }
        output.report(&self.dns.check(&Input::Domain(input))?)
    }
}
