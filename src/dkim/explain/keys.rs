//! Keys in words.

use crate::dkim::forensics::KeyEvidence;
use crate::dkim::{KeyData, KeyLookup, KeyProblem, key_defect};

/// What a search found out about the key; `None` if nothing.
///
/// ```
/// use mailproof::dkim::{explain, forensics::KeyEvidence};
///
/// let elsewhere = KeyEvidence::PublishedElsewhere { name: "s2026._domainkey.papershop.example".parse()? };
/// assert_eq!(
///     explain::key(&elsewhere).unwrap(),
///     "the key that made this signature is published at s2026._domainkey.papershop.example"
/// );
/// assert_eq!(explain::key(&KeyEvidence::Unknown), None);
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
pub fn key(evidence: &KeyEvidence) -> Option<String> {
    match evidence {
        KeyEvidence::Unknown => None,
        KeyEvidence::Signed { .. } => Some("the published key made this signature".to_owned()),
        KeyEvidence::Other => Some("the published key did not make this signature, or `b=` was damaged".to_owned()),
        KeyEvidence::PublishedElsewhere { name } => {
            Some(format!("the key that made this signature is published at {name}"))
        }
    }
}

/// What was published where the key should be, in one line; `None` if nothing was asked.
///
/// ```
/// use mailproof::dkim::{self, explain};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/passes.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// assert_eq!(
///     explain::key_lookup(&outcomes[0].keys).unwrap(),
///     "s2026._domainkey.papershop.example TXT: an RSA key of 2048 bits"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn key_lookup(keys: &KeyLookup) -> Option<String> {
    match keys {
        KeyLookup::NotAsked | KeyLookup::NoName => None,
        KeyLookup::Failed { name, failure } => Some(format!("{name} TXT: {}", failure.as_str())),
        KeyLookup::Missing { name, nxdomain: true, .. } => Some(format!("{name} does not exist")),
        KeyLookup::Missing { name, .. } => Some(format!("{name} has no TXT record")),
        KeyLookup::Found { name, candidates, .. } => {
            let used = keys.used()?;
            let mut told = format!("{name} TXT: {}", key_size(&used.key.data));
            if candidates.len() > 1 {
                told.push_str(&format!(", one of {} records", candidates.len()));
            }
            if used.key.is_testing() {
                told.push_str(", for testing only (`t=y`)");
            }
            if used.key.defects.iter().any(|defect| matches!(defect.kind, key_defect::DefectKind::List(_))) {
                told.push_str(", a broken tag-list");
            }
            Some(told)
        }
    }
}

fn key_size(data: &KeyData) -> String {
    match data {
        KeyData::Rsa(rsa) => format!("an RSA key of {} bits", rsa.bits()),
        KeyData::Ed25519(_) => "an Ed25519 key".to_owned(),
        KeyData::Revoked => "a revoked key".to_owned(),
        KeyData::Missing | KeyData::OtherType | KeyData::Invalid(_) => "no readable key".to_owned(),
    }
}

/// What is wrong with a key; a clause without a full stop.
pub(super) fn problem(problem: KeyProblem) -> &'static str {
    match problem {
        KeyProblem::NotAKey => "what is published at its selector is no key",
        KeyProblem::Syntax => "its key record is malformed",
        KeyProblem::Service => "its key is not for mail (`s=`)",
        KeyProblem::Hash => "its key does not allow the hash (`h=`)",
        KeyProblem::Revoked => "its key was revoked",
        KeyProblem::Type => "its key is of another type than `a=` says",
        KeyProblem::Undecodable => "its key record holds no readable key",
        KeyProblem::TooShort => "its RSA key is too short",
        KeyProblem::TooLong => "its RSA key is too large to be checked",
        KeyProblem::Strict => "its key is only for the domain of `d=` itself (`t=s`), and `i=` names another",
    }
}
