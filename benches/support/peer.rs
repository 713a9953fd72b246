//! mail-auth, given the answers of a snapshot, so that it never asks the network.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use hickory_resolver::proto::op::ResponseCode;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DnsError, Error, ResolverCache, SpfOutput, SpfResult,
    Txt,
};
use mailproof::dns::Snapshot;

use super::caches::{AUTHENTICATOR, Caches, ready};

/// What it keeps as caches.
pub struct Peer(Caches<Texts>);

/// What it is given beside the caches; it keeps parsed records, or parses the texts each time they are asked for.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Keeps {
    Parsed,
    Texts,
}

enum Texts {
    Parsed(HashMap<Box<str>, Txt>),
    Raw(HashMap<Box<str>, Vec<String>>),
}

impl Peer {
    /// Knows what `snapshot` knows.
    pub fn new(snapshot: &Snapshot, keeps: Keeps) -> Self {
        let texts = snapshot.iter().filter(|(_, answer)| !answer.txts().is_empty()).map(|(question, answer)| {
            let texts: Vec<String> = answer.txts().iter().map(|text| text.text().to_owned()).collect();
            (format!("{}.", question.name).into(), texts)
        });
        let texts = match keeps {
            Keeps::Parsed => Texts::Parsed(texts.map(|(name, texts)| (name, selected(&texts))).collect()),
            Keeps::Texts => Texts::Raw(texts.collect()),
        };
        Self(Caches::new(snapshot, texts))
    }

    /// Its SPF verdict.
    pub fn spf(&self, ip: IpAddr, helo: &str, sender: &str) -> SpfResult {
        let parameters = SpfParameters::verify_mail_from(ip, helo, "mx.receiver.example", sender);
        ready(AUTHENTICATOR.check_host(self.0.with(parameters))).result()
    }

    /// Its DKIM verdicts over a message, read and verified; whether all pass.
    pub fn dkim(&self, message: &[u8]) -> bool {
        let message = AuthenticatedMessage::parse(message).expect("a message");
        let outputs = ready(AUTHENTICATOR.verify_dkim(self.0.with(&message)));
        !outputs.is_empty() && outputs.iter().all(|output| *output.result() == DkimResult::Pass)
    }

    /// Its ARC verdict over a message, read and verified; whether it passes.
    pub fn arc(&self, message: &[u8]) -> bool {
        let message = AuthenticatedMessage::parse(message).expect("a message");
        *ready(AUTHENTICATOR.verify_arc(self.0.with(&message))).result() == DkimResult::Pass
    }

    /// Its DMARC verdict, with SPF and DKIM passing.
    pub fn dmarc(&self, mail: &DmarcMail) -> DmarcOutput {
        let parameters = DmarcParameters::new(&mail.message, &mail.signatures, mail.spf, &mail.spf_output);
        ready(AUTHENTICATOR.verify_dmarc(self.0.with(parameters)))
    }
}

/// What its DMARC looks at; leaked, since it borrows from itself.
pub struct DmarcMail {
    message: AuthenticatedMessage<'static>,
    signatures: [DkimOutput<'static>; 1],
    spf: &'static str,
    spf_output: SpfOutput,
}

impl DmarcMail {
    /// Mail from `author` for which SPF passes with `spf` and DKIM with `dkim`.
    pub fn new(author: &str, spf: &'static str, dkim: &str) -> Self {
        let text = format!("From: a@{author}\r\nSubject: x\r\n\r\n").leak();
        let signature = Box::leak(Box::new(Signature { d: dkim.to_owned(), ..Signature::default() }));
        Self {
            message: AuthenticatedMessage::parse(text.as_bytes()).expect("a message"),
            signatures: [DkimOutput::pass().with_signature(signature)],
            spf,
            spf_output: SpfOutput::new(spf.to_owned()).with_result(SpfResult::Pass),
        }
    }
}

/// The first text that it can read, in the order in which it looks.
fn selected(texts: &[String]) -> Txt {
    for text in texts {
        let text = text.as_bytes();
        if let Ok(record) = Spf::parse(text) {
            return Txt::Spf(Arc::new(record));
        }
        if let Ok(record) = Dmarc::parse(text) {
            return Txt::Dmarc(Arc::new(record));
        }
        if let Ok(key) = DomainKey::parse(text) {
            return Txt::DomainKey(Arc::new(key));
        }
    }
    Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError)))
}

impl ResolverCache<Box<str>, Txt> for Texts {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(match self {
            Self::Parsed(map) => map.get(name).cloned().unwrap_or_else(|| selected(&[])),
            Self::Raw(map) => selected(map.get(name).map_or(&[], Vec::as_slice)),
        })
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}
