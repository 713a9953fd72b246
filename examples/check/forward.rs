//! `check forward`: what becomes of a domain's mail on its way through others?

use std::net::IpAddr;

use clap::ValueEnum;
use mailproof::Name;
use mailproof::forwarding::{Hop, List, Munging};
use mailproof::report::{ForwardInput, Input};

use crate::dns::Dns;
use crate::output::{Failure, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The domain in From.
    domain: Name,
    /// The address of the host that sends the mail on.
    #[arg(long, value_name = "IP")]
    through: IpAddr,
    /// The domain in MAIL FROM; that of From, if left out.
    #[arg(long, value_name = "DOMAIN")]
    mail_from: Option<Name>,
    /// The domain (`d=`) of a DKIM signature that the mail has; may be given several times.
    #[arg(long = "signed-by", value_name = "DOMAIN")]
    signed_by: Vec<Name>,
    /// A station of the way, in order; may be given several times.
    #[arg(long = "hop", value_name = "STATION", required = true)]
    hops: Vec<Station>,
    #[command(flatten)]
    dns: Dns,
}

/// A station, as it is typed.
#[derive(Clone, Copy, ValueEnum)]
enum Station {
    /// A redirect without SRS.
    Redirect,
    /// A redirect with SRS.
    RedirectSrs,
    /// A redirect with SRS that adds a disclaimer.
    Disclaimer,
    /// A list that changes nothing.
    List,
    /// A list that writes a tag into Subject.
    ListTag,
    /// A list that adds a footer.
    ListFooter,
    /// A list that writes its own address into From.
    ListMunge,
    /// A list that puts the message into one of its own.
    ListWrap,
    /// A gateway of the receiver that encodes the body anew; SPF was checked before it.
    Recode,
    /// A gateway of the receiver that folds header fields anew; SPF was checked before it.
    Refold,
    /// Gmail, where the sender has the message already.
    Gmail,
}

impl Station {
    fn hop(self) -> Hop {
        let list = List::default();
        match self {
            Self::Redirect => Hop::Redirect { srs: false },
            Self::RedirectSrs => Hop::Redirect { srs: true },
            Self::Disclaimer => Hop::Disclaimer { srs: true, signs: false },
            Self::List => Hop::List(list),
            Self::ListTag => Hop::List(List { tag: true, ..list }),
            Self::ListFooter => Hop::List(List { footer: true, ..list }),
            Self::ListMunge => Hop::List(List { tag: true, footer: true, munging: Munging::From, signs: true, ..list }),
            Self::ListWrap => Hop::List(List { munging: Munging::Wrap, signs: true, ..list }),
            Self::Recode => Hop::Recode,
            Self::Refold => Hop::Refold,
            Self::Gmail => Hop::SameMessageId,
        }
    }
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mut input = ForwardInput::new(self.domain, self.through);
        (input.mail_from, input.signed_by) = (self.mail_from, self.signed_by);
        input.hops = self.hops.into_iter().map(Station::hop).collect();
        output.report(&self.dns.check(&Input::Forward(input))?)
    }
}
