//! What servers say, in our words.

use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::{DnsResponse, Message, ResponseCode};
use hickory_resolver::proto::rr::{Name as WireName, RData, RecordType as Type};

use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records, Soa, Tlsa};
use crate::text::Source;

/// CNAMEs that one answer follows, as in a zone text.
const MAX_ALIASES: usize = 16;

/// A chain of CNAMEs as far as it is known, over one or several responses.
pub(super) struct Chain<'a> {
    question: &'a Question,
    aliases: Vec<Name>,
    authentic: bool,
    ttl: Option<u32>,
}

pub(super) enum Next {
    Answer(Answer),
    /// The response ends in a CNAME of which the server knows no more.
    Ask(WireName),
}

impl<'a> Chain<'a> {
    pub(super) fn new(question: &'a Question) -> Self {
        Self { question, aliases: Vec::new(), authentic: true, ttl: None }
    }

    /// Reads the response to the question for `name`, which is the end of the chain so far.
    pub(super) fn read(&mut self, response: Result<DnsResponse, NetError>, name: WireName) -> Next {
        match response {
            Ok(response) => self.read_message(&response, name),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => self.negative(&none),
            Err(error) => self.end(Lookup::Failure(failure(&error))),
        }
    }

    /// The same for what a resolver with a cache gives.
    pub(super) fn read_lookup(
        &mut self,
        response: Result<hickory_resolver::lookup::Lookup, NetError>,
        name: WireName,
    ) -> Next {
        match response {
            Ok(lookup) => self.read_message(lookup.message(), name),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => self.negative(&none),
            Err(error) => self.end(Lookup::Failure(failure(&error))),
        }
    }

    fn negative(&mut self, none: &NoRecords) -> Next {
        // The header is not at hand, so nothing vouches for it.
        self.authentic = false;
        self.lower_ttl(none.negative_ttl);
        match none.response_code {
            ResponseCode::NXDomain => self.end(Lookup::NxDomain),
            // A referral: the server is not the one to ask, and does not ask for others.
            ResponseCode::NoError if none.ns.is_some() && none.soa.is_none() => {
                self.end(Lookup::Failure(Failure::Other))
            }
            ResponseCode::NoError => self.end(Lookup::NoData),
            _ => self.end(Lookup::Failure(Failure::Other)),
        }
    }

    fn read_message(&mut self, message: &Message, mut name: WireName) -> Next {
        self.authentic &= message.metadata.authentic_data;
        let record_type = Type::from(self.question.record_type.number());
        let known = self.aliases.len();
        loop {
            if message.answers.iter().any(|record| record.name == name && record.record_type() == record_type) {
                return self.records(message, &name, record_type);
            }
            let cname =
                message.answers.iter().find(|record| record.name == name && record.record_type() == Type::CNAME);
            let Some((RData::CNAME(target), ttl)) = cname.map(|record| (&record.data, record.ttl)) else {
                break;
            };
            let Some(alias) = from_wire(&target.0) else {
                return self.end(Lookup::Failure(Failure::Malformed));
            };
            let again = alias == self.question.name || self.aliases.contains(&alias);
            self.aliases.push(alias);
            if again || self.aliases.len() > MAX_ALIASES {
                return self.end(Lookup::Failure(Failure::Malformed));
            }
            self.lower_ttl(Some(ttl));
            name = target.0.clone();
        }
        let progress = self.aliases.len() > known;
        let soa = message.authorities.iter().find_map(|record| match &record.data {
            RData::SOA(soa) => Some(record.ttl.min(soa.minimum)),
            _ => None,
        });
        let referral = soa.is_none() && message.authorities.iter().any(|record| record.record_type() == Type::NS);
        match message.metadata.response_code {
            ResponseCode::NXDomain => {
                self.lower_ttl(soa);
                self.end(Lookup::NxDomain)
            }
            ResponseCode::NoError if !progress && !message.answers.is_empty() => {
                self.end(Lookup::Failure(Failure::Malformed))
            }
            ResponseCode::NoError if soa.is_some() => {
                self.lower_ttl(soa);
                self.end(Lookup::NoData)
            }
            ResponseCode::NoError if progress => Next::Ask(name),
            // The library takes what stands in other sections for an answer to SOA and NS questions.
            ResponseCode::NoError if !referral => self.end(Lookup::NoData),
            _ => self.end(Lookup::Failure(Failure::Other)),
        }
    }

    fn records(&mut self, message: &Message, name: &WireName, record_type: Type) -> Next {
        let wanted =
            message.answers.iter().filter(|record| record.name == *name && record.record_type() == record_type);
        let ttl = wanted.clone().map(|record| record.ttl).min();
        self.lower_ttl(ttl);
        let records = records(self.question.record_type, wanted.map(|record| &record.data));
        if records.is_empty() {
            self.end(Lookup::Failure(Failure::Malformed))
        } else {
            self.end(Lookup::Records(records))
        }
    }

    fn lower_ttl(&mut self, ttl: Option<u32>) {
        self.ttl = self.ttl.into_iter().chain(ttl).min();
    }

    fn end(&mut self, lookup: Lookup) -> Next {
        let failed = matches!(lookup, Lookup::Failure(_));
        Next::Answer(Answer {
            aliases: std::mem::take(&mut self.aliases),
            authentic: self.authentic && !failed,
            ttl: self.ttl.filter(|_| !failed),
            ..Answer::new(lookup)
        })
    }
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Timeout => Failure::Timeout,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail)) => Failure::ServFail,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => Failure::Refused,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::FormErr)) => Failure::Malformed,
        NetError::Dns(DnsError::DnssecBogus) => Failure::Bogus,
        // No server could be reached.
        NetError::Io(_) | NetError::NoConnections => Failure::ServFail,
        NetError::Proto(_)
        | NetError::QueryCaseMismatch
        | NetError::ForeignClassRecord { .. }
        | NetError::Truncated => Failure::Malformed,
        // Their enum may grow.
        _ => Failure::Other,
    }
}

/// The records that can be had. One whose name cannot be written as text is left out.
fn records<'a>(record_type: RecordType, data: impl Iterator<Item = &'a RData>) -> Records {
    match record_type {
        RecordType::A => {
            Records::A(data.filter_map(|data| if let RData::A(a) = data { Some(a.0) } else { None }).collect())
        }
        RecordType::Aaaa => Records::Aaaa(
            data.filter_map(|data| if let RData::AAAA(aaaa) = data { Some(aaaa.0) } else { None }).collect(),
        ),
        RecordType::Cname => Records::Cname(data.filter_map(target).collect()),
        RecordType::Ns => Records::Ns(data.filter_map(target).collect()),
        RecordType::Ptr => Records::Ptr(data.filter_map(target).collect()),
        RecordType::Mx => Records::Mx(data.filter_map(mx).collect()),
        RecordType::Soa => Records::Soa(data.filter_map(soa).collect()),
        RecordType::Spf => Records::Spf(data.filter_map(spf).collect()),
        RecordType::Tlsa => Records::Tlsa(data.filter_map(tlsa).collect()),
        RecordType::Txt => Records::Txt(data.filter_map(txt).collect()),
    }
}

fn target(data: &RData) -> Option<Name> {
    match data {
        RData::CNAME(name) => from_wire(&name.0),
        RData::NS(name) => from_wire(&name.0),
        RData::PTR(name) => from_wire(&name.0),
        _ => None,
    }
}

fn mx(data: &RData) -> Option<Mx> {
    let RData::MX(mx) = data else { return None };
    Some(Mx { preference: mx.preference, exchange: from_wire(&mx.exchange)? })
}

fn soa(data: &RData) -> Option<Soa> {
    let RData::SOA(soa) = data else { return None };
    Some(Soa {
        primary: from_wire(&soa.mname)?,
        responsible: mailbox_from_wire(&soa.rname)?,
        serial: soa.serial,
        minimum: soa.minimum,
    })
}

fn tlsa(data: &RData) -> Option<Tlsa> {
    let RData::TLSA(tlsa) = data else { return None };
    Some(Tlsa {
        usage: tlsa.cert_usage.into(),
        selector: tlsa.selector.into(),
        matching: tlsa.matching.into(),
        data: tlsa.cert_data.clone(),
    })
}

fn txt(data: &RData) -> Option<Source> {
    let RData::TXT(txt) = data else { return None };
    Some(Source::from_strings(&txt.txt_data))
}

/// The library does not know type 99, whose data are those of TXT.
fn spf(data: &RData) -> Option<Source> {
    let RData::Unknown { rdata, .. } = data else { return None };
    let mut rest = rdata.anything.as_slice();
    let mut strings = Vec::new();
    while let Some((&length, after)) = rest.split_first() {
        let (string, after) = after.split_at_checked(length.into())?;
        strings.push(string);
        rest = after;
    }
    (!strings.is_empty()).then(|| Source::from_strings(strings))
}

/// An absolute name, label by label: nothing in it is an escape or a U-label.
pub(super) fn to_wire(name: &Name) -> Option<WireName> {
    let mut wire = WireName::from_labels(name.labels().map(str::as_bytes)).ok()?;
    wire.set_fqdn(true);
    Some(wire)
}

/// `None` for labels that text cannot hold: dots, controls, octets outside ASCII.
pub(super) fn from_wire(wire: &WireName) -> Option<Name> {
    read_labels(wire, false)
}

/// As [`from_wire`]; dots in the first label become `\.`, as in master text.
fn mailbox_from_wire(wire: &WireName) -> Option<Name> {
    read_labels(wire, true)
}

fn read_labels(wire: &WireName, dots_in_first: bool) -> Option<Name> {
    let mut text = String::new();
    for (i, label) in wire.iter().enumerate() {
        let label = std::str::from_utf8(label).ok().filter(|label| label.is_ascii())?;
        if !label.contains('.') {
            text.push_str(label);
        } else if i == 0 && dots_in_first {
            text.push_str(&label.replace('.', "\\."));
        } else {
            return None;
        }
        text.push('.');
    }
    if text.is_empty() { Some(Name::root()) } else { Name::parse(&text).ok() }
}
