//! Real DNS for native programs, by `hickory-resolver` (feature `hickory`).
//!
//! Needs a Tokio runtime. Names are asked as they are: no search list, no hosts file, no names that
//! the library answers by itself. Nothing is kept between questions but connections: a
//! [`Snapshot`](crate::dns::Snapshot) is the cache.

mod read;
mod shared;
mod udp;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _, RetryDnsHandle};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType as Type};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};
use tokio::sync::Semaphore;

use self::read::{Chain, Next};
pub use self::shared::SharedResolver;
use self::udp::Udp;
use super::Resolver;
use crate::dns::{Answer, Failure, Question, RecordType};

/// Asks DNS servers: those of the system, or one of the caller's choice.
///
/// NXDOMAIN, NODATA, SERVFAIL, REFUSED and time-outs stay apart, and so do the canonical names that CNAMEs
/// led to. Truncated answers are asked for again over TCP. The AD bit is kept where there are records; it means
/// what the path to the server is worth. When a server says SERVFAIL and yet answers once it need not validate
/// (the CD bit, RFC 4035 §3.2.2), the failure is [`Failure::Bogus`].
///
/// ```no_run
/// use mailproof::dns::{Question, RecordType};
/// use mailproof::resolver::Resolver;
/// use mailproof::resolver::hickory::{HickoryResolver, Options};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let resolver = HickoryResolver::system(Options::default())?;
/// let answer = resolver.resolve(&Question::new("example.com".parse()?, RecordType::Txt)).await;
/// for text in answer.txts() {
///     println!("{text}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HickoryResolver {
    udp: Arc<Udp>,
    servers: RetryDnsHandle<NameServerPool<TokioRuntimeProvider>>,
    places: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
    options: Options,
}

/// How long to wait, and how often to try.
///
/// ```
/// use std::time::Duration;
/// use mailproof::resolver::hickory::{HickoryResolver, Options};
///
/// // For a receiver that answers within the SMTP session.
/// let options = Options::default().timeout(Duration::from_secs(2)).attempts(3);
/// let resolver = HickoryResolver::server("192.0.2.53:53".parse()?, options)?;
/// // Twice that where an answer has to be asked for again over TCP.
/// assert_eq!(options.timeout * 3, Duration::from_secs(6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How long one attempt may take; 5 seconds unless set. All servers are tried within it. A question takes at most
    /// twice as long as all its attempts: a truncated answer is asked for again over TCP.
    pub timeout: Duration,
    /// How often a question is asked before it counts as failed; 2 unless set, at least 1.
    pub attempts: usize,
}

impl Default for Options {
    /// RFC 7208 §4.6.4 lets an evaluation take 20 seconds: two attempts of 5 leave room for a second round.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), attempts: 2 }
    }
}

impl Options {
    /// With another time for one attempt.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mailproof::resolver::hickory::Options;
    ///
    /// assert_eq!(Options::default().timeout(Duration::from_secs(2)).timeout.as_secs(), 2);
    /// ```
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// With another number of attempts.
    ///
    /// ```
    /// use mailproof::resolver::hickory::Options;
    ///
    /// assert_eq!(Options::default().attempts(3).attempts, 3);
    /// ```
    #[must_use]
    pub fn attempts(self, attempts: usize) -> Self {
        Self { attempts, ..self }
    }
}

/// No resolver can be made.
///
/// ```
/// use mailproof::resolver::hickory::{HickoryResolver, Options};
///
/// if let Err(error) = HickoryResolver::system(Options::default()) {
///     assert!(error.to_string().starts_with("the DNS configuration cannot be used: "));
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the DNS configuration cannot be used: {0}")]
pub struct SetupError(String);

impl From<NetError> for SetupError {
    fn from(error: NetError) -> Self {
        Self(error.to_string())
    }
}

/// Questions on their way at the same time. A round of an SPF check asks up to 100. Their answers have to fit into what the
/// system keeps for a socket, 200 KB on Linux.
const MAX_IN_FLIGHT: usize = 256;

/// Those of them that the library takes care of: each takes a socket, and systems give a process as few as 256.
const MAX_SOCKETS: usize = 64;

impl HickoryResolver {
    /// Asks the servers that the system is configured to use.
    ///
    /// ```
    /// use mailproof::resolver::hickory::{HickoryResolver, Options};
    ///
    /// match HickoryResolver::system(Options::default()) {
    ///     Ok(_resolver) => {}
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    ///
    /// # Errors
    /// When the configuration (`/etc/resolv.conf` on Unix) cannot be read or names no server.
    pub fn system(options: Options) -> Result<Self, SetupError> {
        let (config, _) = hickory_resolver::system_conf::read_system_conf()?;
        if config.name_servers().is_empty() {
            return Err(SetupError("it names no server".to_owned()));
        }
        Self::with(config.name_servers().to_vec(), options)
    }

    /// Asks one server, over UDP, and over TCP where an answer is too long for UDP.
    ///
    /// ```
    /// use mailproof::resolver::hickory::{HickoryResolver, Options};
    ///
    /// let resolver = HickoryResolver::server("192.0.2.53:53".parse()?, Options::default())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the library cannot be set up. That depends on how it was built, not on the server.
    pub fn server(server: SocketAddr, options: Options) -> Result<Self, SetupError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = server.port();
            connection
        });
        Self::with(vec![NameServerConfig::new(server.ip(), true, connections.into())], options)
    }

    fn with(servers: Vec<NameServerConfig>, options: Options) -> Result<Self, SetupError> {
        let options = options.attempts(options.attempts.max(1));
        let udp = Arc::new(Udp::new(&servers, options.timeout));
        let mut settings = ResolverOpts::default();
        settings.timeout = options.timeout;
        settings.max_active_requests = MAX_SOCKETS;
        let context = Arc::new(PoolContext::new(settings, TlsConfig::new()?));
        let pool = NameServerPool::from_config(servers, context, TokioRuntimeProvider::default());
        Ok(Self {
            udp,
            // The first attempt is made without it.
            servers: RetryDnsHandle::new(pool, options.attempts.saturating_sub(2)),
            places: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
            sockets: Arc::new(Semaphore::new(MAX_SOCKETS)),
            options,
        })
    }

    /// The answer, with CNAMEs followed where the server did not.
    async fn follow(&self, question: &Question) -> Answer {
        let Some(mut name) = read::to_wire(&question.name) else {
            return Failure::Other.into();
        };
        let mut chain = Chain::new(question);
        loop {
            let response = self.ask(&name, question.record_type).await;
            match chain.read(response, name) {
                Next::Answer(answer) => return answer,
                Next::Ask(target) => name = target,
            }
        }
    }

    /// The response, and whether SERVFAIL means that DNSSEC validation failed.
    async fn ask(&self, name: &Name, record_type: RecordType) -> Result<DnsResponse, NetError> {
        let first = self.send(name, record_type, CHECKING).await;
        if !is_servfail(&first) {
            return first;
        }
        match self.send(name, record_type, CHECKING_DISABLED).await {
            Err(NetError::Dns(DnsError::NoRecordsFound(_))) | Ok(_) => {}
            Err(_) => return first,
        }
        // A server that recovered between the two questions is no reason to speak of DNSSEC.
        let again = self.send(name, record_type, CHECKING).await;
        if is_servfail(&again) { Err(NetError::Dns(DnsError::DnssecBogus)) } else { again }
    }

    async fn send(
        &self,
        name: &Name,
        record_type: RecordType,
        checking_disabled: bool,
    ) -> Result<DnsResponse, NetError> {
        let query = Query::query(name.clone(), Type::from(record_type.number()));
        let mut request = DnsRequest::from_query(query, DnsRequestOptions::default());
        // RFC 6840 §5.7: AD in a question asks for AD in the answer.
        request.metadata.authentic_data = true;
        request.metadata.checking_disabled = checking_disabled;
        let is_last = self.options.attempts == 1 && !self.udp.has_others();
        match self.udp.ask(&request).await {
            Ok(response) if !response.metadata.truncation && (is_last || is_answer(&response)) => {
                Ok(DnsError::from_response(response)?)
            }
            Err(NetError::Timeout) if is_last => Err(NetError::Timeout),
            _ => {
                // This semaphore is never closed either.
                let _socket = self.sockets.acquire().await;
                self.servers.send(request).first_answer().await
            }
        }
    }

    fn patience(&self) -> Duration {
        self.options.timeout.saturating_mul(2).saturating_mul(u32::try_from(self.options.attempts).unwrap_or(u32::MAX))
    }
}

const CHECKING: bool = false;
const CHECKING_DISABLED: bool = true;

fn is_answer(response: &DnsResponse) -> bool {
    matches!(response.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn is_servfail(response: &Result<DnsResponse, NetError>) -> bool {
    matches!(response, Err(NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail))))
}

impl Resolver for HickoryResolver {
    async fn resolve(&self, question: &Question) -> Answer {
        // The semaphore is never closed, so a place is always had in the end.
        let _place = self.places.acquire().await;
        match tokio::time::timeout(self.patience(), self.follow(question)).await {
            Ok(answer) => answer,
            Err(_) => Failure::Timeout.into(),
        }
    }
}

impl fmt::Debug for HickoryResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HickoryResolver").finish_non_exhaustive()
    }
}
