//! The mail servers of a domain (RFC 5321 §5.1, RFC 7505).

use std::net::IpAddr;

use crate::Name;
use crate::dns::{Failure, Lookup, Question, RecordType, Records, Snapshot, Step};

/// Mail servers that are looked at. No domain has as many; an attacker may.
pub const MAX_MAIL_SERVERS: usize = 50;

/// How mail reaches a domain.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"example.com. A 192.0.2.80"#)?;
/// let name = "example.com".parse()?;
/// let mx = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::mail_servers(dns, &name));
/// // Without an MX record mail goes to the domain itself, here the web server.
/// assert!(matches!(mx, domain::Mx::Implicit(_)));
/// assert_eq!(mx.servers()[0].addresses, ["192.0.2.80".parse::<std::net::IpAddr>()?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mx {
    /// By the servers that its MX records name, in the order of the answer.
    Servers(Vec<MailServer>),
    /// There is no MX record: the domain itself is the server (RFC 5321 §5.1).
    Implicit(MailServer),
    /// The domain does not exist.
    NxDomain,
    /// The DNS did not say.
    Failure(Failure),
}

/// A mail server.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse(r#"
/// example.com. MX 10 mail.example.com.
/// mail.example.com. CNAME host7.esp.example.
/// host7.esp.example. A 192.0.2.7
/// "#)?;
/// let name = "example.com".parse()?;
/// let mx = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::mail_servers(dns, &name));
/// let server = &mx.servers()[0];
/// assert_eq!(server.addresses.len(), 1);
/// // It works with most senders, but the name of a mail server may be no alias.
/// assert_eq!(server.alias.as_ref().unwrap(), "host7.esp.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MailServer {
    /// The preference: the lowest is tried first.
    pub preference: u16,
    /// Its name; the root in a null MX.
    pub host: Name,
    /// What its name is an alias of, which no name of a mail server may be (RFC 5321 §5.1).
    pub alias: Option<Name>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The DNS did not tell its addresses.
    pub failure: Option<Failure>,
}

impl Mx {
    /// The servers, the domain itself where nothing else is named.
    pub fn servers(&self) -> &[MailServer] {
        match self {
            Self::Servers(servers) => servers,
            Self::Implicit(server) => std::slice::from_ref(server),
            Self::NxDomain | Self::Failure(_) => &[],
        }
    }

    /// Whether the domain says that it takes no mail (RFC 7505 §3).
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse(r#"example.com. MX 0 ."#)?;
    /// let name = "example.com".parse()?;
    /// let mx = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::mail_servers(dns, &name));
    /// assert!(mx.is_null() && !mx.takes_mail());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self.servers(), [only] if only.is_null())
    }

    /// Whether mail can reach the domain, as far as the DNS tells.
    ///
    /// ```
    /// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
    ///
    /// let zone = Zone::parse(r#"example.com. MX 10 gone.example."#)?;
    /// let name = "example.com".parse()?;
    /// let mx = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::mail_servers(dns, &name));
    /// // The one server that it names has no address: bounces to it are lost.
    /// assert!(!mx.takes_mail() && !mx.is_null());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn takes_mail(&self) -> bool {
        self.servers().iter().any(|server| !server.addresses.is_empty() || server.failure.is_some())
            || matches!(self, Self::Failure(_))
    }
}

impl MailServer {
    /// Whether its name is the root.
    pub fn is_null(&self) -> bool {
        self.host == Name::root()
    }
}

/// The mail servers of `domain`.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("d.example. MX 10 mx.d.example.\nmx.d.example. A 192.0.2.1")?;
/// let domain = "d.example".parse()?;
/// let mx = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::mail_servers(dns, &domain));
/// assert!(mx.takes_mail() && mx.servers()[0].host == "mx.d.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mail_servers(dns: &Snapshot, domain: &Name) -> Step<Mx> {
    let Some(answer) = dns.lookup(domain.as_str(), RecordType::Mx) else {
        return Step::Ask(vec![Question::new(domain.clone(), RecordType::Mx)]);
    };
    let named: Vec<(u16, &Name)> = match &answer.lookup {
        Lookup::NxDomain => return Step::Done(Mx::NxDomain),
        Lookup::Failure(failure) => return Step::Done(Mx::Failure(*failure)),
        Lookup::Records(Records::Mx(records)) => {
            records.iter().take(MAX_MAIL_SERVERS).map(|mx| (mx.preference, &mx.exchange)).collect()
        }
        Lookup::Records(_) | Lookup::NoData => Vec::new(),
    };
    let mut open = Vec::new();
    let mut look = |preference, host: &Name| server(dns, preference, host).or_ask(&mut open);
    let mx = if named.is_empty() {
        look(0, domain).map(Mx::Implicit)
    } else {
        let servers: Vec<_> = named.into_iter().map(|(preference, host)| look(preference, host)).collect();
        servers.into_iter().collect::<Option<Vec<_>>>().map(Mx::Servers)
    };
    match mx {
        Some(mx) => Step::Done(mx),
        None => Step::Ask(open),
    }
}

fn server(dns: &Snapshot, preference: u16, host: &Name) -> Step<MailServer> {
    let mut server = MailServer { preference, host: host.clone(), alias: None, addresses: Vec::new(), failure: None };
    if server.is_null() {
        return Step::Done(server);
    }
    let mut open = Vec::new();
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let Some(answer) = dns.lookup(host.as_str(), record_type) else {
            open.push(Question::new(host.clone(), record_type));
            continue;
        };
        server.alias = server.alias.or_else(|| answer.aliases.last().cloned());
        server.failure = server.failure.or(answer.failure());
        match answer.records() {
            Some(Records::A(addresses)) => server.addresses.extend(addresses.iter().copied().map(IpAddr::V4)),
            Some(Records::Aaaa(addresses)) => server.addresses.extend(addresses.iter().copied().map(IpAddr::V6)),
            _ => {}
        }
    }
    if open.is_empty() { Step::Done(server) } else { Step::Ask(open) }
}
