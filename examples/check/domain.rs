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
    /// Look at the selectors that most services use too. One that is absent says nothing.
    #[arg(long)]
    guess_selectors: bool,
    /// The domain that it stands for, if it is an alias domain with a zone of its own.
    #[arg(long, value_name = "DOMAIN")]
    alias_of: Option<Name>,
    /// The file `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, where it was fetched.
    #[arg(long, value_name = "FILE")]
    mta_sts: Option<std::path::PathBuf>,
    #[command(flatten)]
    dns: Dns,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mut input = self.selectors.into_iter().fold(domain::Input::new(&self.domain), domain::Input::selector);
        (input.guess_selectors, input.alias_of) = (self.guess_selectors, self.alias_of);
        if let Some(path) = self.mta_sts {
            let body = std::fs::read(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            input.mta_sts = Some(mailproof::mta_sts::Fetched::body(&body));
        }
        if let Err(why) = input.name() {
            return Err(Failure::new(format!("`{}` is not a domain: {why}", self.domain)));
        }
        output.report(&self.dns.check(&Input::Domain(input))?)
    }
}
