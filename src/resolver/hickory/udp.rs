//! Questions over UDP, many on one socket: each costs a datagram in either direction and little else.
//!
//! The library opens a socket for each question, which takes longer than all the rest of it. What one datagram does not
//! settle is left to the library: truncated answers, silent servers, several servers of which one fails.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ProtocolConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::{DnsRequest, DnsResponse};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// Servers that are asked over UDP; one at a time, until it is silent.
pub(super) struct Udp {
    servers: Vec<Server>,
    preferred: AtomicUsize,
    timeout: Duration,
}

struct Server {
    address: SocketAddr,
    port: Mutex<Option<Arc<Port>>>,
}

/// Questions after which a port is left. An answer counts if it comes to the right port with the right id; who wants to
/// forge one must not have the time to find out the port (RFC 5452 §9.2).
const QUESTIONS_OF_A_PORT: usize = 1_000;

/// When a question is sent again for the first time; then after twice as long.
const AGAIN: Duration = Duration::from_secs(1);

impl Udp {
    pub(super) fn new(servers: &[NameServerConfig], timeout: Duration) -> Self {
        let servers = servers.iter().filter_map(|server| {
            let of_udp = |protocol: &ProtocolConfig| matches!(protocol, ProtocolConfig::Udp);
            let connection = server.connections.iter().find(|connection| of_udp(&connection.protocol))?;
            let address = SocketAddr::new(server.ip, connection.port);
            // Where the socket has to be bound to an address of the caller's choice, the library does it.
            connection.bind_addr.is_none().then(|| Server { address, port: Mutex::default() })
        });
        Self { servers: servers.collect(), preferred: AtomicUsize::new(0), timeout }
    }

    /// Whether a failure may be the server's alone, and another one know better.
    pub(super) fn has_others(&self) -> bool {
        self.servers.len() > 1
    }

    /// The response of the server that answered last.
    pub(super) async fn ask(&self, request: &DnsRequest) -> Result<DnsResponse, NetError> {
        let preferred = self.preferred.load(Ordering::Relaxed);
        let server = self.servers.get(preferred).ok_or(NetError::NoConnections)?;
        let response = server.ask(request, self.timeout).await;
        if response.is_err() {
            let next = (preferred + 1) % self.servers.len();
            // Whoever notices first moves on; the others only saw the same.
            let _ = self.preferred.compare_exchange(preferred, next, Ordering::Relaxed, Ordering::Relaxed);
        }
        response
    }
}

impl Server {
    async fn ask(&self, request: &DnsRequest, timeout: Duration) -> Result<DnsResponse, NetError> {
        let message = request.to_vec()?;
        let port = self.port()?;
        let (_place, mut answer) = port.shared.wait(request.id, question(&message)).ok_or(NetError::Busy)?;
        let now = Instant::now();
        let (end, mut again) = (now + timeout, now + AGAIN);
        loop {
            port.shared.socket.send(&message).await?;
            match timeout_at(again.min(end), &mut answer).await {
                Ok(Ok(datagram)) => return Ok(DnsResponse::from_buffer(datagram)?),
                Ok(Err(_)) => return Err(NetError::NoConnections),
                Err(_) if Instant::now() >= end => return Err(NetError::Timeout),
                Err(_) => again += again - now,
            }
        }
    }

    /// The port in use, or another one where that has had its time.
    fn port(&self) -> Result<Arc<Port>, NetError> {
        let mut current = lock(&self.port);
        match &*current {
            Some(port) if port.can_take_more() => Ok(Arc::clone(port)),
            _ => {
                let port = Arc::new(Port::open(self.address)?);
                *current = Some(Arc::clone(&port));
                Ok(port)
            }
        }
    }
}

/// A socket with the task that reads from it. It lives as long as it is in use or somebody waits.
struct Port {
    shared: Arc<Shared>,
    reader: AbortHandle,
    asked: AtomicUsize,
}

struct Shared {
    socket: UdpSocket,
    /// By their ids; nothing when the socket has failed.
    waiting: Mutex<Option<HashMap<u16, Waiting>>>,
}

struct Waiting {
    /// The question section as it was sent.
    question: Vec<u8>,
    answer: Option<oneshot::Sender<Vec<u8>>>,
}

impl Port {
    /// A port that the system chooses, connected, so that only datagrams of the server come in.
    fn open(server: SocketAddr) -> std::io::Result<Self> {
        let any = if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = std::net::UdpSocket::bind::<SocketAddr>(any)?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        let shared =
            Arc::new(Shared { socket: UdpSocket::from_std(socket)?, waiting: Mutex::new(Some(HashMap::new())) });
        let reader = tokio::spawn(Arc::clone(&shared).read()).abort_handle();
        Ok(Self { shared, reader, asked: AtomicUsize::new(0) })
    }

    fn can_take_more(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) < QUESTIONS_OF_A_PORT && lock(&self.shared.waiting).is_some()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Shared {
    /// Hands each datagram to who waits for it.
    async fn read(self: Arc<Self>) {
        let mut buffer = vec![0; 65_535];
        while let Ok(length) = self.socket.recv(&mut buffer).await {
            self.deliver(&buffer[..length]);
        }
        // The way to the server is closed, says the system (ICMP). Their channels end with this.
        lock(&self.waiting).take();
    }

    fn deliver(&self, datagram: &[u8]) {
        let Some((header, rest)) = datagram.split_first_chunk::<HEADER>() else { return };
        let mut waiting = lock(&self.waiting);
        let id = u16::from_be_bytes([header[0], header[1]]);
        let Some(one) = waiting.as_mut().and_then(|waiting| waiting.get_mut(&id)) else { return };
        let is_response = header[2] & 0x80 != 0;
        // Octets of lengths are no letters.
        let is_ours = rest.get(..one.question.len()).is_some_and(|asked| asked.eq_ignore_ascii_case(&one.question));
        if let Some(answer) = one.answer.take_if(|_| is_response && is_ours) {
            // Who asked may have gone away.
            let _ = answer.send(datagram.to_vec());
        }
    }

    /// A place for the answer; `None` if the id is in use, or the socket has failed.
    fn wait(&self, id: u16, question: &[u8]) -> Option<(Place<'_>, oneshot::Receiver<Vec<u8>>)> {
        let (send, receive) = oneshot::channel();
        let mut waiting = lock(&self.waiting);
        let waiting = waiting.as_mut().filter(|waiting| !waiting.contains_key(&id))?;
        waiting.insert(id, Waiting { question: question.to_vec(), answer: Some(send) });
        Some((Place { shared: self, id }, receive))
    }
}

/// Somebody waits for an answer; not any more when this is dropped.
struct Place<'a> {
    shared: &'a Shared,
    id: u16,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = &mut *lock(&self.shared.waiting) {
            waiting.remove(&self.id);
        }
    }
}

/// Octets before the question section (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// The question section of a message that has one question and no compression in it: its name, type and class.
fn question(message: &[u8]) -> &[u8] {
    let section = message.get(HEADER..).unwrap_or_default();
    let mut end = 0;
    while let Some(&length) = section.get(end).filter(|length| **length > 0) {
        end += usize::from(length) + 1;
    }
    section.get(..end + 5).unwrap_or(section)
}

/// What is locked here is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
