//! MX records: whether mail and bounces can reach the domain.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Context;
use crate::Name;
use crate::aliases::without_zone;
use crate::dns::{Answer, RecordType, Records};
use crate::domain::mx::{MailServer, Mx};
use crate::domain::{Facts, SpfState};
use crate::finding::{Effect, Evidence, Findings, Label, Subject, rules};
use crate::ip::is_private;
use crate::text::Source;
use crate::unread;

rules! {
    /// # There is no MX record
    ///
    /// Senders then deliver to the address of the domain itself, which is mostly a web server. If the domain takes no mail, a null
    /// MX says so, and senders tell their users at once.
    ///
    /// ```domain bad d.example
    /// d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    MISSING = "mx-missing", Note, Ok, ["RFC 5321 §5.1"], "`{domain}` has no MX record: {what}";

    /// # The domain takes no mail
    ///
    /// A null MX (`0 .`) says so. Senders bounce mail to it at once, and receivers may refuse mail from it.
    ///
    /// ```domain bad d.example
    /// d.example. MX 0 .
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    NULL = "mx-null", Note, NoMail, ["RFC 7505 §3"], "`{domain}` says by a null MX that it takes no mail";

    /// # A null MX beside others
    ///
    /// A null MX stands alone. Beside others it means nothing clear: some senders bounce, some deliver.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 0 .
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    NULL_MIXED = "mx-null-mixed", Error, Differs, ["RFC 7505 §3"],
        "`{domain}` has a null MX and other MX records, so that senders differ about whether it takes mail";

    /// # The DNS gives no answer about the mail servers
    ///
    /// The name servers of the domain gave no usable answer. Senders keep the mail and try again for some days, then return it. Ask
    /// whoever runs the name servers.
    ///
    /// ```domain bad d.example
    /// d.example. SERVFAIL
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    TEMPERROR = "mx-dns-temperror", Warning, Temperror, ["RFC 5321 §5.1"],
        "the DNS gives {failure} for the mail servers of `{domain}`, so senders keep the mail and try again";

    /// # A null MX with a preference
    ///
    /// The preference of a null MX is 0. With another some senders do not know it.
    ///
    /// ```domain bad d.example
    /// d.example. MX 10 .
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. MX 0 .
    /// ```
    NULL_PREFERENCE = "mx-null-preference", Warning, Differs, ["RFC 7505 §3"],
        "the null MX of `{domain}` has the preference {preference}, and 0 is the right one";

    /// # An MX record names an address
    ///
    /// It names a host. Senders look the text up as a name, find nothing, and do not deliver.
    ///
    /// ```domain bad d.example
    /// d.example. MX 10 192.0.2.1.
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    IP_LITERAL = "mx-ip-literal", Error, NoMail, ["RFC 5321 §5.1", "RFC 1035 §3.3.9"],
        "the MX record names the address `{host}` instead of a host";

    /// # A mail server's name is an alias
    ///
    /// An MX record names a host that has addresses itself. Most senders follow the alias; some do not deliver.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. CNAME real.example.
    /// real.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 real.example.
    /// real.example. A 192.0.2.1
    /// ```
    CNAME = "mx-cname", Error, Differs, ["RFC 2181 §10.3", "RFC 5321 §5.1"],
        "the mail server `{host}` is an alias of `{target}`";

    /// # A mail server has no address
    ///
    /// Nothing can be delivered to it. If its domain is free, somebody can register it and receive the mail.
    ///
    /// ```domain bad d.example
    /// d.example. MX 10 gone.d.example.
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    DANGLING = "mx-dangling", Error, NoMail, ["RFC 5321 §5.1"],
        "the mail server `{host}` has no address, so nothing can be delivered to it";

    /// # A mail server's name is no host name
    ///
    /// Host names have letters, digits and hyphens. Some senders refuse others.
    ///
    /// ```domain bad d.example
    /// d.example.      MX 10 mx_1.d.example.
    /// mx_1.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    INVALID_HOST = "mx-invalid-hostname", Error, Differs, ["RFC 5321 §2.3.5"], "`{host}` is no name that a host may have";

    /// # A mail server is named twice
    ///
    /// It does no harm; one of the records is enough.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 10 mx.d.example.
    /// d.example.    MX 20 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    DUPLICATE = "mx-duplicate", Note, PartIgnored, ["RFC 5321 §5.1"], "the mail server `{host}` is named more than once";

    /// # An MX record is a proof of ownership
    ///
    /// Microsoft proves a domain by a record such as `ms123.msv1.invalid`. It may go once the domain is verified; senders waste a try on it.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 10 mx.d.example.
    /// d.example.    MX 32767 ms123.msv1.invalid.
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    TOKEN = "mx-verification-token", Note, PartIgnored, ["RFC 2606 §2"],
        "the MX record with `{host}` proves who has the domain, and is no mail server";

    /// # A mail server is at home
    ///
    /// `localhost` and private addresses mean the sender's own machine or network. Mail goes nowhere. A null MX says that properly.
    ///
    /// ```domain bad d.example
    /// d.example. MX 10 localhost.
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. MX 0 .
    /// ```
    LOCALHOST = "mx-localhost", Warning, NoMail, ["RFC 6761 §6.3", "RFC 1918 §3", "RFC 7505 §3"],
        "the mail server `{host}` is in the sender's own network ({address})";

    /// # Mail servers at a top-level domain
    ///
    /// Addresses such as `user@example` are refused by much software.
    ///
    /// ```domain bad example
    /// example.    MX 10 mx.example.
    /// mx.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    TLD = "mx-tld", Warning, Differs, ["RFC 5321 §2.3.5"],
        "`{domain}` is a top-level domain, and much software refuses addresses in one";

    /// # There is one mail server
    ///
    /// While it is away, mail waits at its senders, for some days at most. That is fine for many.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.     MX 10 mx1.d.example.
    /// d.example.     MX 20 mx2.d.example.
    /// mx1.d.example. A 192.0.2.1
    /// mx2.d.example. A 192.0.2.2
    /// ```
    SINGLE = "mx-single", Note, Ok, ["RFC 5321 §5.1"], "`{host}` is the only mail server of `{domain}`";

    /// # A domain that takes no mail sends some
    ///
    /// A null MX says that nothing can be delivered, bounces included, while SPF lets servers send. Receivers may refuse its mail
    /// (550 5.7.27). Say `v=spf1 -all`, or name a mail server.
    ///
    /// ```domain bad d.example
    /// d.example. MX 0 .
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```domain good d.example
    /// d.example. MX 0 .
    /// d.example. TXT "v=spf1 -all"
    /// ```
    NULL_BUT_SENDS = "mx-null-but-sends", Warning, Differs, ["RFC 7505 §4.2"],
        "`{domain}` takes no mail (null MX), and its SPF record lets servers send: receivers may refuse that mail";

    /// # A mail server has addresses of one family
    ///
    /// Without IPv4 many senders cannot reach it. Without IPv6 the few that have nothing else cannot.
    ///
    /// ```domain bad d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// mx.d.example. AAAA 2001:db8::1
    /// ```
    ONE_FAMILY = "mx-ipv4-ipv6", Note, Ok, ["RFC 5321 §5.1"], "the mail server `{host}` has no {missing} address";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let facts = cx.facts;
    match &facts.mx {
        Mx::Servers(servers) => {
            nulls(facts, servers, out);
            each(facts, servers, out);
            let total = match cx.dns.lookup(facts.domain.as_str(), RecordType::Mx).and_then(Answer::records) {
                Some(Records::Mx(records)) => records.len(),
                _ => servers.len(),
            };
            unread::beyond(label(&facts.domain, None), "mail servers", total, servers.len(), out);
        }
        Mx::Implicit(server) => implicit(facts, server, out),
        Mx::Failure(failure) => {
            let found = out.report(&TEMPERROR, label(&facts.domain, None).with("no answer"));
            found.arg("domain", &facts.domain).arg("failure", failure.as_str());
        }
        Mx::NxDomain => {}
    }
}

fn label(domain: &Name, server: Option<&MailServer>) -> Label {
    let host = |host: &Name| if *host == Name::root() { ".".to_owned() } else { host.to_string() };
    let text = server.map(|server| format!("{} {}", server.preference, host(&server.host))).unwrap_or_default();
    Label::whole(&Subject::record(domain, RecordType::Mx, Source::new(&text)))
}

fn implicit(facts: &Facts, server: &MailServer, out: &mut Findings) {
    let found = out.report(&MISSING, label(&facts.domain, None)).arg("domain", &facts.domain);
    if server.addresses.is_empty() && server.failure.is_none() {
        found.arg("what", "it has no address either, and takes no mail").effect(Effect::NoMail);
    } else {
        found.arg("what", "senders deliver to the host of that name");
    }
}

fn nulls(facts: &Facts, servers: &[MailServer], out: &mut Findings) {
    let domain = &facts.domain;
    let Some(null) = servers.iter().find(|server| server.is_null()) else { return };
    if servers.len() > 1 {
        out.report(&NULL_MIXED, label(domain, Some(null))).arg("domain", domain);
        return;
    }
    out.report(&NULL, label(domain, Some(null))).arg("domain", domain);
    if null.preference != 0 {
        let found = out.report(&NULL_PREFERENCE, label(domain, Some(null))).arg("domain", domain);
        found.arg("preference", null.preference);
    }
    if !matches!(
        facts.spf.state,
        SpfState::Missing | SpfState::Nobody | SpfState::Neutral | SpfState::Broken | SpfState::Unknown
    ) {
        out.report(&NULL_BUT_SENDS, label(domain, Some(null))).arg("domain", domain);
    }
}

fn each(facts: &Facts, servers: &[MailServer], out: &mut Findings) {
    let domain = &facts.domain;
    // Where another server takes the mail, it does not stay away.
    let others =
        |server: &MailServer| servers.iter().any(|other| other.host != server.host && !other.addresses.is_empty());
    let mut seen = BTreeSet::new();
    for server in servers.iter().filter(|server| !server.is_null()) {
        let at = || label(domain, Some(server));
        if !seen.insert(&server.host) {
            out.report(&DUPLICATE, at()).arg("host", &server.host);
            continue;
        }
        let effect = |lost| if others(server) { Effect::PartIgnored } else { lost };
        let host = server.host.as_str();
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if literal.parse::<IpAddr>().is_ok() {
            out.report(&IP_LITERAL, at()).arg("host", &server.host).effect(effect(Effect::NoMail));
            continue;
        }
        if is_token(&server.host) && others(server) {
            out.report(&TOKEN, at()).arg("host", &server.host).evidence(Evidence::Guessed);
            continue;
        }
        if !server.host.is_hostname() {
            out.report(&INVALID_HOST, at()).arg("host", &server.host);
        }
        if let Some(target) = &server.alias {
            out.report(&CNAME, at()).arg("host", &server.host).arg("target", target);
        }
        // RFC 6761 §6.3: it is the sender's own machine, whether or not the DNS has an address for it.
        if matches!(server.host.as_str(), "localhost" | "localhost.localdomain") {
            let found = out.report(&LOCALHOST, at()).arg("host", &server.host).arg("address", "the loopback");
            found.effect(effect(Effect::NoMail));
            continue;
        }
        if server.addresses.is_empty() && server.failure.is_none() {
            let found = out.report(&DANGLING, at()).arg("host", &server.host).effect(effect(Effect::NoMail));
            let value = |host: &Name| format!("{} {host}.", server.preference);
            found.fixes.extend(without_zone(domain, RecordType::Mx, value, &server.host, domain));
            continue;
        }
        if let Some(address) = server.addresses.iter().find(|address| is_private(**address)) {
            let found = out.report(&LOCALHOST, at()).arg("host", &server.host).arg("address", address);
            let has_public = server.addresses.iter().any(|address| !is_private(*address));
            found.effect(if has_public { Effect::PartIgnored } else { effect(Effect::NoMail) });
        }
        one_family(server, at, out);
    }
    let hosts = servers.iter().filter(|server| !server.is_null());
    if domain.label_count() == 1 && hosts.clone().next().is_some() {
        out.report(&TLD, label(domain, None)).arg("domain", domain);
    }
    if let ([only], false) = (servers, servers.iter().any(MailServer::is_null)) {
        out.report(&SINGLE, label(domain, Some(only))).arg("host", &only.host).arg("domain", domain);
    }
}

/// What Microsoft asks for: `ms` and a number. Any other host at `.invalid` was meant to take mail, and none can (RFC 6761 §6.4).
fn is_token(host: &Name) -> bool {
    let number = host.as_str().strip_suffix(".msv1.invalid").and_then(|label| label.strip_prefix("ms"));
    number.is_some_and(|number| number.parse::<u64>().is_ok())
}

fn one_family(server: &MailServer, at: impl Fn() -> Label, out: &mut Findings) {
    let has = |family: fn(&IpAddr) -> bool| server.addresses.iter().any(family);
    let missing = match (has(IpAddr::is_ipv4), has(IpAddr::is_ipv6)) {
        (true, false) => "IPv6",
        (false, true) => "IPv4",
        _ => return,
    };
    // An address that could not be asked for may be there.
    if server.failure.is_none() {
        out.report(&ONE_FAMILY, at()).arg("host", &server.host).arg("missing", missing);
    }
}

#[cfg(test)]
mod tests;
