//! Where the answers come from: a zone, or servers that are asked politely, with one memory for all domains.

use std::path::{Path, PathBuf};

use mailproof::dns::{Answer, Question};
use mailproof::resolver::{Resolver, Zone};

use crate::output::Failure;

/// Where DNS answers come from. Without `--zone` and `--server`: the resolver of this system.
#[derive(clap::Args)]
pub(super) struct Dns {
    /// Take all answers from this zone file (RFC 1035 master text).
    #[arg(long, value_name = "FILE", conflicts_with = "servers")]
    zone: Option<PathBuf>,
    /// Ask this DNS server: an address, or an address and port. Given several times, each name always goes to the same one.
    #[arg(long = "server", value_name = "ADDR")]
    servers: Vec<String>,
    /// Questions that one server has to answer at the same time. It is left alone for a while when ten in a row time out.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    in_flight: u16,
    /// Questions that one server is asked in a second; without it, as many as it answers.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Domains of one DNS operator that are looked at at the same time; fewer where their name servers fail. Whose name
    /// servers have the same registered domain have one operator, whichever server is asked for them.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    per_operator: u16,
    /// Ask below names that do not exist, too. Nothing is there (RFC 8020), unless a name server is wrong.
    #[arg(long)]
    distrust_nxdomain: bool,
    /// Megabytes of answers that are kept for other domains.
    #[arg(long, value_name = "MB", default_value_t = 64)]
    cache: u16,
}

pub(super) enum Answers {
    Zone(Box<Zone>),
    #[cfg(feature = "hickory")]
    Servers {
        cache: Box<mailproof::resolver::Cache<super::servers::Servers>>,
        operators: super::operators::Operators,
    },
}

impl Resolver for Answers {
    async fn resolve(&self, question: &Question) -> Answer {
        match self {
            Self::Zone(zone) => zone.answer(question),
            #[cfg(feature = "hickory")]
            Self::Servers { cache, .. } => cache.resolve(question).await,
        }
    }
}

impl Answers {
    /// Who serves the domains; nobody, where a zone answers.
    #[cfg(feature = "hickory")]
    pub(super) fn operators(&self) -> Option<&super::operators::Operators> {
        match self {
            Self::Zone(_) => None,
            Self::Servers { operators, .. } => Some(operators),
        }
    }

    /// Says what was done, where no result stands.
    pub(super) fn tell(&self, domains: u64) {
        match self {
            Self::Zone(_) => crate::output::remark(&format!("{domains} domains")),
            #[cfg(feature = "hickory")]
            Self::Servers { cache, .. } => {
                let stats = cache.stats();
                crate::output::remark(&format!(
                    "{domains} domains, {} questions asked, {} answered from memory, {} forgotten",
                    stats.misses, stats.hits, stats.evicted
                ));
            }
        }
    }
}

impl Dns {
    /// Call it inside of a runtime.
    pub(super) fn answers(&self) -> Result<Answers, Failure> {
        match &self.zone {
            Some(path) if path == Path::new("-") => {
                Err(Failure::new("the domains come from standard input, so the zone has to be a file"))
            }
            Some(path) => Ok(Answers::Zone(Box::new(crate::dns::read_zone(path)?))),
            None => self.network(),
        }
    }

    #[cfg(not(feature = "hickory"))]
    fn network(&self) -> Result<Answers, Failure> {
        let _ = (&self.servers, self.in_flight, self.rate, self.per_operator, self.distrust_nxdomain, self.cache);
        Err(Failure::new(
            "this build cannot ask the DNS: give it a zone file with `--zone FILE`, or build it with the feature `hickory`",
        ))
    }

    #[cfg(feature = "hickory")]
    fn network(&self) -> Result<Answers, Failure> {
        use mailproof::resolver::Cache;
        use mailproof::resolver::hickory::{HickoryResolver, Options};

        let mut resolvers = Vec::new();
        for server in &self.servers {
            resolvers.push(HickoryResolver::server(crate::dns::address(server)?, Options::default())?);
        }
        if resolvers.is_empty() {
            resolvers.push(HickoryResolver::system(Options::default())?);
        }
        let servers = super::servers::Servers::new(resolvers, self.in_flight, self.rate);
        let cache = Cache::new(servers, usize::from(self.cache) * 1_000_000);
        let cache = if self.distrust_nxdomain { cache } else { cache.sparing() };
        Ok(Answers::Servers {
            cache: Box::new(cache),
            operators: super::operators::Operators::new(self.per_operator.into()),
        })
    }
}
