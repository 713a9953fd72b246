//! DANE for SMTP (RFC 7672): TLSA records of the mail servers.

use super::Context;
use crate::Name;
use crate::dns::{Question, RecordType, Records, Snapshot, Tlsa};
use crate::domain::mx::Mx;
use crate::finding::{Effect, Findings, Label, Severity, Subject, rules};
use crate::text::Source;

rules! {
    /// # DANE is missing, or its records cannot be used
    ///
    /// TLSA records bind the certificate of a mail server to the DNS, so that senders cannot be talked out of TLS. They need DNSSEC.
    /// For mail the usages 2 and 3 count; `3 1 1` and the SHA-256 of the public key is what most publish.
    ///
    /// ```domain bad d.example
    /// d.example.           MX 10 mx.d.example.
    /// mx.d.example.        A 192.0.2.1
    /// _25._tcp.mx.d.example. TLSA 0 0 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.           MX 10 mx.d.example.
    /// mx.d.example.        A 192.0.2.1
    /// _25._tcp.mx.d.example. TLSA 3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    /// ```
    DANE = "dane-missing-or-invalid", Note, Ok, ["RFC 7672 §3.1", "RFC 7671 §5"], "{what}";
}

/// Mail servers whose records are asked for.
const MAX_SERVERS: usize = 10;

/// The names at which TLSA records of the mail servers stand.
fn owners(mx: &Mx) -> impl Iterator<Item = (&Name, Name)> {
    let named = mx.servers().iter().filter(|server| !server.is_null() && !server.addresses.is_empty());
    named.take(MAX_SERVERS).filter_map(|server| Some((&server.host, server.host.prefixed("_25._tcp").ok()?)))
}

/// What has to be asked once the mail servers are known.
pub(in crate::domain) fn ask(dns: &Snapshot, mx: &Mx, open: &mut Vec<Question>) {
    for (_, owner) in owners(mx) {
        if dns.lookup(owner.as_str(), RecordType::Tlsa).is_none() {
            open.push(Question::new(owner, RecordType::Tlsa));
        }
    }
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut without = Vec::new();
    for (host, owner) in owners(&cx.facts.mx) {
        let Some(answer) = cx.dns.lookup(owner.as_str(), RecordType::Tlsa) else { continue };
        match answer.records() {
            Some(Records::Tlsa(records)) => unusable(&owner, host, records, out),
            _ if answer.failure().is_none() => without.push(host.as_str()),
            _ => {}
        }
    }
    if !without.is_empty() {
        let subject = Subject::record(&cx.facts.domain, RecordType::Mx, Source::default());
        let what = format!("the mail servers of `{}` have no TLSA records (DANE)", cx.facts.domain);
        out.report(&DANE, Label::whole(&subject)).arg("what", what);
    }
}

fn unusable(owner: &Name, host: &Name, records: &[Tlsa], out: &mut Findings) {
    for record in records {
        let why = match (record.usage, record.matching, record.data.len()) {
            (0 | 1, ..) => "its usage means nothing for mail",
            (4.., ..) => "its usage is unknown",
            (_, 1, length) if length != 32 => "its SHA-256 has another length than 32 octets",
            (_, 2, length) if length != 64 => "its SHA-512 has another length than 64 octets",
            (_, 3.., _) => "its matching type is unknown",
            _ => continue,
        };
        let text = format!("{} {} {}", record.usage, record.selector, record.matching);
        let label = Label::whole(&Subject::record(owner, RecordType::Tlsa, Source::new(&text)));
        let what = format!("a TLSA record of the mail server `{host}` cannot be used: {why}");
        out.report(&DANE, label).arg("what", what).severity(Severity::Warning).effect(Effect::PartIgnored);
    }
}
