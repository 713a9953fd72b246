//! A filter in front of the receiver: the mail exchange of the recipient's domain is somebody else's, and hands on what it took.

use super::facts::{addresses, exchanges, wrote_last_hop};
use super::mail::{Mail, domain_of};
use super::path::Hop;
use crate::Name;
use crate::dns::{Question, RecordType, Snapshot, Step};

/// The hop in which that filter took the message: SPF is judged at the border (RFC 7208 §2.3), and not at a host behind it.
///
/// Only where the message itself tells the session. Anybody can call itself like the exchange, so its address has to be the
/// client's.
pub(super) fn taken(dns: &Snapshot, mail: &Mail<'_>) -> Step<Option<Hop>> {
    match candidate(mail) {
        Some((domain, helo, hop)) => confirmed(dns, mail, &domain, &helo).map(|is_exchange| is_exchange.then_some(hop)),
        None => Step::Done(None),
    }
}

/// The recipient's domain, the client's name, and the hop that it wrote.
fn candidate(mail: &Mail<'_>) -> Option<(Name, Name, Hop)> {
    let claimed = mail.session.ip.as_ref().is_some_and(|ip| ip.claimed_by.is_some());
    if !claimed || !mail.input.trusted_hosts.is_empty() || !wrote_last_hop(mail) {
        return None;
    }
    let hop = mail.hops.first().filter(|hop| hop.ip.is_some())?.clone();
    let helo = Name::parse(mail.session.helo()).ok().filter(|helo| helo.label_count() > 1)?;
    let address = mail.recipient().and_then(|recipient| recipient.address.as_ref());
    let domain = mail.session.rcpt_to.first().or(address).and_then(|to| domain_of(to))?;
    Some((domain, helo, hop))
}

fn confirmed(dns: &Snapshot, mail: &Mail<'_>, domain: &Name, helo: &Name) -> Step<bool> {
    let Some(answer) = dns.lookup(domain.as_str(), RecordType::Mx) else {
        return Step::Ask(vec![Question::new(domain.clone(), RecordType::Mx)]);
    };
    let Some(ip) = mail.session.ip.as_ref().map(|ip| ip.value.to_canonical()) else { return Step::Done(false) };
    if !exchanges(answer).any(|exchange| exchange == helo) {
        return Step::Done(false);
    }
    let record_type = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    match dns.lookup(helo.as_str(), record_type) {
        Some(answer) => Step::Done(addresses(answer).contains(&ip)),
        None => Step::Ask(vec![Question::new(helo.clone(), record_type)]),
    }
}
