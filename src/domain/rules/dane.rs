//! DANE for SMTP (RFC 7672): TLSA records of the mail servers.

use super::Context;
use crate::Name;
use crate::dns::{Question, RecordType, Records, Snapshot, Tlsa};
use crate::domain::mx::{MailServer, Mx};
use crate::finding::{Effect, Findings, Label, Severity, Subject, rules};
use crate::text::Source;
use crate::unread;

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

/// The mail servers that can be reached.
fn servers(mx: &Mx) -> impl Iterator<Item = &MailServer> {
    mx.servers().iter().filter(|server| !server.is_null() && !server.addresses.is_empty())
}

/// The names at which TLSA records of the mail servers stand.
fn owners(mx: &Mx) -> impl Iterator<Item = (&Name, Name)> {
    servers(mx).take(MAX_SERVERS).filter_map(|server| Some((&server.host, server.host.prefixed("_25._tcp").ok()?)))
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
    let mut without: Vec<&str> = Vec::new();
    // Only a resolver that vouches for something can be said not to vouch for this.
    let vouches = cx.dns.iter().any(|(_, answer)| answer.authentic);
    for (host, owner) in owners(&cx.facts.mx) {
        let Some(answer) = cx.dns.lookup(owner.as_str(), RecordType::Tlsa) else { continue };
        match answer.records() {
            Some(Records::Tlsa(_)) if vouches && !answer.authentic => unsigned(&owner, host, out),
            Some(Records::Tlsa(records)) => unusable(&owner, host, records, out),
            _ if answer.failure().is_none() => without.push(host.as_str()),
            _ => {}
        }
    }
    let subject = Subject::record(&cx.facts.domain, RecordType::Mx, Source::default());
    let total = servers(&cx.facts.mx).count();
    unread::beyond(Label::whole(&subject), "mail servers that may have TLSA records", total, MAX_SERVERS, out);
    if !without.is_empty() {
        let domain = &cx.facts.domain;
        let what = if without.len() == owners(&cx.facts.mx).count() {
            format!("the mail servers of `{domain}` have no TLSA records (DANE)")
        } else {
            let hosts = without.join("`, `");
            let have = if without.len() == 1 { "has" } else { "have" };
            format!("of the mail servers of `{domain}`, `{hosts}` {have} no TLSA records (DANE)")
        };
        out.report(&DANE, Label::whole(&subject)).arg("what", what);
    }
}

/// RFC 7672 §2.1.1: without DNSSEC the records say nothing.
fn unsigned(owner: &Name, host: &Name, out: &mut Findings) {
    let what =
        format!("the TLSA records of the mail server `{host}` are not protected by DNSSEC, so senders ignore them");
    let label = Label::whole(&Subject::record(owner, RecordType::Tlsa, Source::default()));
    out.report(&DANE, label).arg("what", what).severity(Severity::Warning).effect(Effect::PartIgnored);
}

fn unusable(owner: &Name, host: &Name, records: &[Tlsa], out: &mut Findings) {
    for record in records {
        let why = match (record.usage, record.selector, record.matching, record.data.len()) {
            (0 | 1, ..) => "its usage means nothing for mail",
            (4.., ..) => "its usage is unknown",
            (_, 2.., ..) => "its selector is unknown",
            (_, _, 1, length) if length != 32 => "its SHA-256 has another length than 32 octets",
            (_, _, 2, length) if length != 64 => "its SHA-512 has another length than 64 octets",
            (_, _, 3.., _) => "its matching type is unknown",
            _ => continue,
        };
        let text = format!("{} {} {}", record.usage, record.selector, record.matching);
        let label = Label::whole(&Subject::record(owner, RecordType::Tlsa, Source::new(&text)));
        let what = format!("a TLSA record of the mail server `{host}` cannot be used: {why}");
        out.report(&DANE, label).arg("what", what).severity(Severity::Warning).effect(Effect::PartIgnored);
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::{RecordType, Snapshot};
    use crate::domain::{Input, check};
    use crate::finding::Diagnostic;
    use crate::resolver::{Zone, drive_sync};

    const SERVERS: &str = "
        d.example.   MX 10 a.d.example.
        d.example.   MX 20 b.d.example.
        a.d.example. A 192.0.2.1
        b.d.example. A 192.0.2.2
    ";

    /// What is told where `a` has the TLSA record, if all answers but that one are signed or none is.
    fn told(record: &str, is_signed: bool) -> Vec<String> {
        let data = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let zone = Zone::parse(&format!("{SERVERS}    _25._tcp.a.d.example. TLSA {record} {data}")).unwrap();
        let answer = |question: &crate::dns::Question| {
            let mut answer = zone.answer(question);
            answer.authentic = is_signed && question.record_type != RecordType::Tlsa;
            answer
        };
        let found = drive_sync(&mut Snapshot::new(), answer, |dns| check(dns, &Input::new("d.example"))).findings;
        let found = found.iter().filter(|found| found.code == "dane-missing-or-invalid");
        found.map(Diagnostic::message).collect()
    }

    #[test]
    fn servers_without_records_are_named() {
        let without = "of the mail servers of `d.example`, `b.d.example` has no TLSA records (DANE)";
        assert_eq!(told("3 1 1", false), [without]);
        let selector = "a TLSA record of the mail server `a.d.example` cannot be used: its selector is unknown";
        assert_eq!(told("3 5 1", false), [selector, without]);
        let unsigned =
            "the TLSA records of the mail server `a.d.example` are not protected by DNSSEC, so senders ignore them";
        assert_eq!(told("3 1 1", true), [unsigned, without]);
    }
}
