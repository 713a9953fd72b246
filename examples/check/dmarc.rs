//! `check dmarc`: does DMARC pass, given what SPF and DKIM say?

use mailproof::Name;
use mailproof::dmarc::{Authenticated, MethodResult};
use mailproof::report::{DmarcInput, Input};

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address in From, or its domain; several times for several addresses.
    #[arg(long, value_name = "ADDRESS", required = true)]
    from: Vec<String>,
    /// What SPF says about the domain in MAIL FROM: `pass:bounce.example.com`.
    #[arg(long, value_name = "RESULT:DOMAIN")]
    spf: Option<Given>,
    /// What SPF says about the HELO name of a message with a null MAIL FROM: `pass:mx.example.com`.
    #[arg(long, value_name = "RESULT:NAME", conflicts_with = "spf")]
    helo: Option<Given>,
    /// What DKIM says about one signature and its `d=`: `pass:example.com`; may be given several times.
    #[arg(long, value_name = "RESULT:DOMAIN")]
    dkim: Vec<Given>,
    #[command(flatten)]
    dns: Dns,
}

/// `pass:example.com`
#[derive(Clone)]
struct Given {
    result: MethodResult,
    domain: Name,
}

impl std::str::FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (result, domain) =
            text.split_once(':').ok_or("a result and a domain are wanted, such as pass:example.com")?;
        let result = result.parse().map_err(|error| format!("{error}"))?;
        let domain = domain.rsplit('@').next().unwrap_or(domain).parse().map_err(|error| format!("{error}"))?;
        Ok(Self { result, domain })
    }
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mut ids = Authenticated::default();
        if let Some(spf) = self.spf {
            ids = ids.spf(spf.domain, spf.result);
        }
        if let Some(helo) = self.helo {
            ids = ids.spf_of_null_path(helo.domain, helo.result);
        }
        for dkim in self.dkim {
            ids = ids.dkim(dkim.domain, dkim.result);
        }
        // clap lets no list through that is empty.
        let Some((first, more)) = self.from.split_first() else { return Err(Failure::new("who is in From?")) };
        let input = more.iter().fold(DmarcInput::new(first, ids), |input, from| input.also_from(from));
        output.report(&self.dns.check(&Input::Dmarc(input))?)
    }
}
