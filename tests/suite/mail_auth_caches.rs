//! What mail-auth would know of a snapshot's texts, those too that it cannot read.

use std::collections::HashMap;
use std::sync::Arc;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::{Macro, Spf};
use mail_auth::{DnsError, Error, Txt};
use mailproof::Name;
use mailproof::dns::{Lookup, Records, Snapshot};

use super::caches::{Caches, Known};

pub type Texts = Known<Box<str>, Txt>;

/// mail-auth's caches, filled with all that our evaluation asked; what it asks beside that does not exist.
pub fn caches(snapshot: &Snapshot) -> Caches<Texts> {
    let nothing = Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain)));
    let mut known = HashMap::new();
    for (question, answer) in snapshot.iter() {
        let answer = match &answer.lookup {
            Lookup::Records(Records::Txt(texts)) => {
                let bytes: Vec<_> = texts.iter().map(|text| text.bytes().into_owned()).collect();
                let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
                text(&question.name, &slices)
            }
            Lookup::Failure(_) => Txt::Error(Error::Dns(DnsError::Resolver("failed".to_owned()))),
            _ => continue,
        };
        known.insert(format!("{}.", question.name).into(), answer);
    }
    Caches::new(snapshot, Known(known, nothing))
}

/// The first text that it can read, as mail-auth selects; else what it says of the last.
fn text(name: &Name, texts: &[&[u8]]) -> Txt {
    let labels: Vec<&str> = name.labels().collect();
    let read = |text: &[u8]| -> Result<Txt, Error> {
        if labels.first() == Some(&"_dmarc") {
            return Dmarc::parse(text).map(|record| Txt::Dmarc(Arc::new(record)));
        }
        if labels.contains(&"_domainkey") {
            return DomainKey::parse(text).map(|key| Txt::DomainKey(Arc::new(key)));
        }
        match Spf::parse(text) {
            // Where no record is, it asks for an explanation only.
            Err(Error::Dns(DnsError::InvalidRecordType)) => {
                Macro::parse(text).map(|text| Txt::SpfMacro(Arc::new(text)))
            }
            other => other.map(|record| Txt::Spf(Arc::new(record))),
        }
    };
    // An SPF record counts before a text that could be an explanation.
    let mut found: Vec<Result<Txt, Error>> = texts.iter().map(|text| read(text)).collect();
    found.sort_by_key(|found| matches!(found, Ok(Txt::SpfMacro(_))));
    let missing = Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError));
    let error = found.iter().rev().find_map(|found| found.as_ref().err().cloned()).unwrap_or(missing);
    found.into_iter().find_map(Result::ok).unwrap_or(Txt::Error(error))
}
