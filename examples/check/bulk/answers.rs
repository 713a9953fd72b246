//! Where the answers come from: a zone, or servers that are asked politely, with one memory for all domains.

use std::path::PathBuf;

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
    /// Questions that one server has to answer at the same time.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=64))]
    in_flight: u16,
    /// Questions that one server is asked in a second; without it, as many as it answers.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Megabytes of answers that are kept for other domains.
    #[arg(long, value_name = "MB", default_value_t = 64)]
    cache: u16,
}

pub(super) enum Answers {
    Zone(Box<Zone>),
    #[cfg(feature = "hickory")]
    Servers(mailproof::resolver::Cache<network::Servers>),
}

impl Resolver for Answers {
    async fn resolve(&self, question: &Question) -> Answer {
        match self {
            Self::Zone(zone) => zone.answer(question),
            #[cfg(feature = "hickory")]
            Self::Servers(servers) => servers.resolve(question).await,
        }
    }
}

impl Answers {
    /// Says what was done, where no result stands.
    pub(super) fn tell(&self, domains: u64) {
        match self {
            Self::Zone(_) => crate::output::remark(&format!("{domains} domains")),
            #[cfg(feature = "hickory")]
            Self::Servers(cache) => {
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
            Some(path) => Ok(Answers::Zone(Box::new(crate::dns::read_zone(path)?))),
            None => self.network(),
        }
    }

    #[cfg(not(feature = "hickory"))]
    fn network(&self) -> Result<Answers, Failure> {
        let _ = (&self.servers, self.in_flight, self.rate, self.cache);
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
        let servers = network::Servers::new(resolvers, self.in_flight, self.rate);
        Ok(Answers::Servers(Cache::new(servers, usize::from(self.cache) * 1_000_000)))
    }
}

#[cfg(feature = "hickory")]
pub(super) mod network {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use mailproof::dns::{Answer, Question};
    use mailproof::resolver::{HickoryResolver, Resolver};
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    /// Servers, each with its own bounds.
    pub(in super::super) struct Servers(Vec<Server>);

    struct Server {
        resolver: HickoryResolver,
        places: Semaphore,
        pace: Option<Pace>,
    }

    /// When the next question may go out.
    struct Pace {
        gap: Duration,
        next: Mutex<Instant>,
    }

    impl Servers {
        pub(super) fn new(resolvers: Vec<HickoryResolver>, in_flight: u16, rate: Option<u32>) -> Self {
            let server = |resolver| Server {
                resolver,
                places: Semaphore::new(in_flight.into()),
                pace: rate.map(|rate| Pace { gap: Duration::from_secs(1) / rate, next: Mutex::new(Instant::now()) }),
            };
            Self(resolvers.into_iter().map(server).collect())
        }
    }

    impl Resolver for Servers {
        async fn resolve(&self, question: &Question) -> Answer {
            // One name always goes to one server, so that its memory helps.
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&question.name);
            let number = usize::try_from(hash % self.0.len() as u64).unwrap_or_default();
            let server = &self.0[number];
            // The semaphore is never closed, so a place is always had in the end.
            let _place = server.places.acquire().await;
            if let Some(pace) = &server.pace {
                tokio::time::sleep_until(pace.turn()).await;
            }
            server.resolver.resolve(question).await
        }
    }

    impl Pace {
        fn turn(&self) -> Instant {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + self.gap;
            turn
        }
    }
}
