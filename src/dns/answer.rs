//! What the DNS said, kept apart as finely as receivers act on it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::RecordType;
use crate::Name;
use crate::text::Source;

/// The answer to one question.
///
/// ```
/// use mailproof::{Timestamp, dns::{Answer, Question, RecordType, Snapshot}, spf};
///
/// // What a resolver of your own heard, handed over.
/// let mut answer = Answer::txt(["v=spf1 ip4:192.0.2.0/24 -all"]);
/// answer.ttl = Some(3600);
/// answer.authentic = true;
/// let mut dns = Snapshot::new();
/// dns.insert(Question::new("example.com".parse()?, RecordType::Txt), answer);
///
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let outcome = spf::check_host(&dns, &session, Timestamp(0)).done().unwrap();
/// assert_eq!(outcome.result, spf::SpfResult::Pass);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Answer {
    /// Records, none, or a failure.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub lookup: Lookup,
    /// The canonical names that CNAMEs led to, in order; empty without a CNAME.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub aliases: Vec<Name>,
    /// Whether the resolver vouches for it by DNSSEC (the AD bit, RFC 4035 §3.2.3).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_false"))]
    pub authentic: bool,
    /// How long it may be kept, in seconds, where the resolver says so.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ttl: Option<u32>,
}

#[cfg(feature = "serde")]
fn is_false(value: &bool) -> bool {
    !value
}

/// RCODE 0 with records, RCODE 0 without, RCODE 3, or a failure: a failure is an answer too.
///
/// ```
/// use mailproof::{dns::{Lookup, Question, RecordType}, resolver::Zone};
///
/// let zone = Zone::parse(r#"_dmarc.example.com. TXT "v=DMARC1; p=reject""#)?;
/// let lookup = |name: &str| zone.answer(&Question::new(name.parse().unwrap(), RecordType::Txt)).lookup;
/// assert!(matches!(lookup("_dmarc.example.com"), Lookup::Records(_)));
/// // The domain has no text of its own, so it has no SPF record; the other one does not exist at all.
/// assert_eq!(lookup("example.com"), Lookup::NoData);
/// assert_eq!(lookup("example.net"), Lookup::NxDomain);
/// # Ok::<(), mailproof::resolver::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Lookup {
    /// At least one record of the type.
    Records(Records),
    /// The name exists and has no record of the type.
    NoData,
    /// The name does not exist, nor anything below it (RFC 8020).
    NxDomain,
    /// No answer could be had.
    Failure(Failure),
}

/// Why no answer could be had. All are transient to a receiver (RFC 7208 §4.4: temperror).
///
/// ```
/// use mailproof::{Timestamp, dns::{Failure, Question, RecordType, Snapshot}, spf};
///
/// let mut dns = Snapshot::new();
/// dns.insert(Question::new("example.com".parse()?, RecordType::Txt), Failure::ServFail.into());
/// let session = spf::Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
/// let outcome = spf::check_host(&dns, &session, Timestamp(0)).done().unwrap();
/// assert_eq!(outcome.result, spf::SpfResult::Temperror);
/// assert!(spf::headline(&outcome, &session).ends_with("the DNS answers `example.com TXT` with SERVFAIL"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Failure {
    /// No server answered in time.
    Timeout,
    /// RCODE 2, or every server failed.
    ServFail,
    /// RCODE 5.
    Refused,
    /// DNSSEC validation failed.
    Bogus,
    /// An answer that makes no sense: another type, a broken message, a loop of CNAMEs.
    Malformed,
    /// Not asked: the driver had spent its budget of questions.
    NotAsked,
    /// Anything else.
    Other,
}

impl Failure {
    /// How people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ServFail => "SERVFAIL",
            Self::Refused => "REFUSED",
            Self::Bogus => "DNSSEC validation failure",
            Self::Malformed => "malformed answer",
            Self::NotAsked => "not asked (the budget of DNS questions is spent)",
            Self::Other => "failure",
        }
    }
}

/// The records of one type at one name. Never empty in an answer: no records is [`Lookup::NoData`].
///
/// ```
/// use mailproof::{dns::{Question, RecordType, Records}, resolver::Zone};
///
/// let zone = Zone::parse("mail.example.com. A 192.0.2.25\nmail.example.com. A 192.0.2.26")?;
/// let answer = zone.answer(&Question::new("mail.example.com".parse()?, RecordType::A));
/// let Some(Records::A(addresses)) = answer.records() else { panic!() };
/// assert_eq!(addresses[1].to_string(), "192.0.2.26");
/// assert_eq!(answer.records().map(Records::record_type), Some(RecordType::A));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
#[non_exhaustive]
pub enum Records {
    /// IPv4 addresses.
    A(Vec<Ipv4Addr>),
    /// IPv6 addresses.
    Aaaa(Vec<Ipv6Addr>),
    /// The target of the alias; a well-kept name has one.
    Cname(Vec<Name>),
    /// Mail exchanges.
    Mx(Vec<Mx>),
    /// Name servers.
    Ns(Vec<Name>),
    /// Names of an address.
    Ptr(Vec<Name>),
    /// Start of authority.
    Soa(Vec<Soa>),
    /// The obsolete SPF type.
    Spf(Vec<Source>),
    /// Certificate associations.
    Tlsa(Vec<Tlsa>),
    /// Texts, each with its character-strings.
    Txt(Vec<Source>),
}

impl Records {
    /// The type of the records.
    pub fn record_type(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::Aaaa,
            Self::Cname(_) => RecordType::Cname,
            Self::Mx(_) => RecordType::Mx,
            Self::Ns(_) => RecordType::Ns,
            Self::Ptr(_) => RecordType::Ptr,
            Self::Soa(_) => RecordType::Soa,
            Self::Spf(_) => RecordType::Spf,
            Self::Tlsa(_) => RecordType::Tlsa,
            Self::Txt(_) => RecordType::Txt,
        }
    }

    /// How many there are.
    ///
    /// ```
    /// use mailproof::{dns::{Question, RecordType, Records}, resolver::Zone};
    ///
    /// // Two records that begin with `v=spf1` are a permerror; other texts beside it are nobody's concern.
    /// let zone = Zone::parse("example.com. TXT \"v=spf1 -all\"\nexample.com. TXT \"site-verification=1\"")?;
    /// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::Txt));
    /// assert_eq!(answer.records().map(Records::len), Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        match self {
            Self::A(records) => records.len(),
            Self::Aaaa(records) => records.len(),
            Self::Cname(records) | Self::Ns(records) | Self::Ptr(records) => records.len(),
            Self::Mx(records) => records.len(),
            Self::Soa(records) => records.len(),
            Self::Spf(records) | Self::Txt(records) => records.len(),
            Self::Tlsa(records) => records.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A mail exchange (RFC 1035 §3.3.9). The exchange `.` is a null MX (RFC 7505).
///
/// ```
/// use mailproof::{Name, dns::{Question, RecordType, Records}, resolver::Zone};
///
/// // A null MX: the domain takes no mail.
/// let zone = Zone::parse("parked.example. MX 0 .")?;
/// let answer = zone.answer(&Question::new("parked.example".parse()?, RecordType::Mx));
/// let Some(Records::Mx(exchanges)) = answer.records() else { panic!() };
/// assert_eq!((exchanges[0].preference, &exchanges[0].exchange), (0, &Name::root()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Mx {
    /// Lower is tried first.
    pub preference: u16,
    /// The host.
    pub exchange: Name,
}

/// The start of a zone of authority (RFC 1035 §3.3.13).
///
/// ```
/// use mailproof::{dns::{Question, RecordType, Records}, resolver::Zone};
///
/// let zone = Zone::parse("example.com. SOA ns1.example.com. hostmaster.example.com. 2026010100 2h 15m 14d 300")?;
/// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::Soa));
/// let Some(Records::Soa(soa)) = answer.records() else { panic!() };
/// // Who saw that a record was missing may go on seeing it so for five minutes after it is published.
/// assert_eq!((soa[0].responsible.as_str(), soa[0].minimum), ("hostmaster.example.com", 300));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Soa {
    /// The primary name server.
    pub primary: Name,
    /// The mailbox of who is responsible, as a name.
    pub responsible: Name,
    /// The version of the zone.
    pub serial: u32,
    /// For how long a negative answer may be kept, in seconds (RFC 2308 §4).
    pub minimum: u32,
}

/// A TLSA certificate association (RFC 6698 §2.1).
///
/// ```
/// use mailproof::{dns::{Question, RecordType, Records}, resolver::Zone};
///
/// let zone = Zone::parse("_25._tcp.mail.example.com. TLSA 3 1 1 ( 0c72ac70b745ac19998811b131d662c9
///     ac69dbdbe7cb23e5b514b56664c5d3d6 )")?;
/// let answer = zone.answer(&Question::new("_25._tcp.mail.example.com".parse()?, RecordType::Tlsa));
/// let Some(Records::Tlsa(tlsa)) = answer.records() else { panic!() };
/// // The SHA-256 of the server's own public key.
/// assert_eq!((tlsa[0].usage, tlsa[0].selector, tlsa[0].matching, tlsa[0].data.len()), (3, 1, 1, 32));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tlsa {
    /// Certificate usage: 2 is DANE-TA, 3 is DANE-EE.
    pub usage: u8,
    /// 0 the certificate, 1 its public key.
    pub selector: u8,
    /// 0 exact, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// The data to match.
    pub data: Vec<u8>,
}

#[cfg(feature = "serde")]
mod as_data {
    use super::{Answer, Failure, Lookup, Mx, Records, Soa, Tlsa};
    use crate::reading::{Fault, Read, Tree, deserialize, fields, reads, reads_words};

    impl Read for Answer {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let lookup = Read::read(tree)?;
            fields!(tree, { needs; takes aliases, authentic, ttl });
            Ok(Self { lookup, aliases, authentic, ttl })
        }
    }

    impl Read for Lookup {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            match tree.variant_among(&["records", "nodata", "nxdomain", "failure"])? {
                ("records", held) => held.held("records").map(Self::Records),
                ("nodata", _) => Ok(Self::NoData),
                ("nxdomain", _) => Ok(Self::NxDomain),
                ("failure", held) => held.held("failure").map(Self::Failure),
                (other, _) => Err(Fault::unknown_variant(other)),
            }
        }
    }

    impl Read for Records {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let (name, held) = tree.variant()?;
            match name {
                "A" => held.held(name).map(Self::A),
                "AAAA" => held.held(name).map(Self::Aaaa),
                "CNAME" => held.held(name).map(Self::Cname),
                "MX" => held.held(name).map(Self::Mx),
                "NS" => held.held(name).map(Self::Ns),
                "PTR" => held.held(name).map(Self::Ptr),
                "SOA" => held.held(name).map(Self::Soa),
                "SPF" => held.held(name).map(Self::Spf),
                "TLSA" => held.held(name).map(Self::Tlsa),
                "TXT" => held.held(name).map(Self::Txt),
                other => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(Answer, Lookup, Records);
    reads_words!(Failure);
    reads! { Mx { needs preference, exchange; takes } }
    reads! { Soa { needs primary, responsible, serial, minimum; takes } }
    reads! { Tlsa { needs usage, selector, matching, data; takes } }
}

impl Answer {
    /// `lookup` with nothing else known about it. Records of no number become [`Lookup::NoData`].
    ///
    /// ```
    /// use mailproof::dns::{Answer, Lookup, Records};
    ///
    /// let answer = Answer::new(Lookup::Records(Records::Txt(Vec::new())));
    /// assert_eq!(answer.lookup, Lookup::NoData, "an answer without records is a void look-up");
    /// ```
    pub fn new(lookup: Lookup) -> Self {
        let lookup = match lookup {
            Lookup::Records(records) if records.is_empty() => Lookup::NoData,
            lookup => lookup,
        };
        Self { lookup, aliases: Vec::new(), authentic: false, ttl: None }
    }

    /// TXT records of one character-string each.
    pub fn txt<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(Lookup::Records(Records::Txt(texts.into_iter().map(Source::new).collect())))
    }

    /// The records, if there are any.
    pub fn records(&self) -> Option<&Records> {
        match &self.lookup {
            Lookup::Records(records) => Some(records),
            Lookup::NoData | Lookup::NxDomain | Lookup::Failure(_) => None,
        }
    }

    /// Why no answer could be had, if none could.
    pub fn failure(&self) -> Option<Failure> {
        match self.lookup {
            Lookup::Failure(failure) => Some(failure),
            Lookup::Records(_) | Lookup::NoData | Lookup::NxDomain => None,
        }
    }

    /// The TXT records, none if there are none.
    ///
    /// ```
    /// use mailproof::dns::{Answer, Failure};
    ///
    /// let answer = Answer::txt(["v=spf1 -all", "site-verification=1"]);
    /// let spf = answer.txts().iter().filter(|text| mailproof::spf::Record::is_spf(text.text()));
    /// assert_eq!(spf.count(), 1);
    /// // A failure has none either: it is told by `failure`.
    /// let answer = Answer::from(Failure::Timeout);
    /// assert!(answer.txts().is_empty() && answer.failure() == Some(Failure::Timeout));
    /// ```
    pub fn txts(&self) -> &[Source] {
        match self.records() {
            Some(Records::Txt(texts)) => texts,
            _ => &[],
        }
    }
}

impl From<Records> for Answer {
    fn from(records: Records) -> Self {
        Self::new(Lookup::Records(records))
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::new(Lookup::Failure(failure))
    }
}
