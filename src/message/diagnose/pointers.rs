//! The names of the client's address, and whether they lead back to it (`iprev`, RFC 8601 §2.7.3). Receivers refuse mail for the lack
//! of them; no verdict rests on them.

use std::net::IpAddr;

use super::facts::addresses;
use crate::Name;
use crate::dns::{Answer, Lookup, Question, RecordType, Records, Snapshot};
use crate::ip::is_private;

/// What the DNS says about the client's address.
pub(super) struct Pointers {
    /// Its names; none, if it has none.
    pub(super) names: Vec<Name>,
    /// Whether one of them has the address; `None` if nobody can say.
    pub(super) confirmed: Option<bool>,
}

/// Names whose addresses are asked for: an address needs one.
const MAX_NAMES: usize = 3;

/// `None` where nothing is known, or something is to be asked first.
pub(super) fn of(dns: &Snapshot, ip: IpAddr, open: &mut Vec<Question>) -> Option<Pointers> {
    let ip = ip.to_canonical();
    // Inside an organisation addresses need no names.
    if is_private(ip) {
        return None;
    }
    let mut ask = |name: &Name, record_type| -> Option<&Answer> {
        let answer = dns.lookup(name.as_str(), record_type);
        if answer.is_none() {
            open.push(Question::new(name.clone(), record_type));
        }
        answer
    };
    let reverse = crate::spf::reverse_name(ip);
    // A zone file, or another part of the DNS, does not know the names of addresses at all.
    let (answer, tree) = (ask(&reverse, RecordType::Ptr), ask(&reverse.suffix(2), RecordType::Soa));
    let (answer, tree) = (answer?, tree?);
    let names = match &answer.lookup {
        Lookup::Records(Records::Ptr(names)) => names.clone(),
        Lookup::Failure(_) | Lookup::Records(_) => return None,
        Lookup::NoData | Lookup::NxDomain => {
            let is_there = matches!(tree.lookup, Lookup::Records(_) | Lookup::NoData);
            return is_there.then(|| Pointers { names: Vec::new(), confirmed: None });
        }
    };
    let record_type = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    let answers: Vec<Option<&Answer>> = names.iter().take(MAX_NAMES).map(|name| ask(name, record_type)).collect();
    let has = |answer: &Answer| match answer.failure() {
        Some(_) => None,
        None => Some(addresses(answer).contains(&ip)),
    };
    let told: Vec<Option<bool>> = answers.into_iter().map(|answer| answer.and_then(has)).collect();
    let confirmed = match () {
        () if told.contains(&Some(true)) => Some(true),
        () if told.contains(&None) || names.len() > MAX_NAMES => None,
        () => Some(false),
    };
    Some(Pointers { names, confirmed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::{Zone, drive_sync};

    fn of_zone(zone: &str, ip: &str) -> Option<(usize, Option<bool>)> {
        let zone = Zone::parse(zone).unwrap();
        let ip = ip.parse().unwrap();
        let known = drive_sync(
            &mut Snapshot::new(),
            |question| zone.answer(question),
            |dns| {
                let mut open = Vec::new();
                let known = of(dns, ip, &mut open);
                if open.is_empty() { crate::dns::Step::Done(known) } else { crate::dns::Step::Ask(open) }
            },
        )?;
        Some((known.names.len(), known.confirmed))
    }

    #[test]
    fn names_that_lead_back_and_names_that_do_not() {
        let zone = "1.2.0.192.in-addr.arpa PTR mx.d.example\n2.2.0.192.in-addr.arpa PTR other.example\n\
                    3.2.0.192.in-addr.arpa PTR slow.example\nmx.d.example A 192.0.2.1\nslow.example TIMEOUT\n\
                    4.2.0.192.in-addr.arpa SERVFAIL\n";
        assert_eq!(of_zone(zone, "192.0.2.1"), Some((1, Some(true))));
        assert_eq!(of_zone(zone, "::ffff:192.0.2.1"), Some((1, Some(true))));
        assert_eq!(of_zone(zone, "192.0.2.2"), Some((1, Some(false))));
        assert_eq!(of_zone(zone, "192.0.2.3"), Some((1, None)), "no answer is no statement");
        assert_eq!(of_zone(zone, "192.0.2.4"), None);
        assert_eq!(of_zone(zone, "192.0.2.9"), Some((0, None)), "it has no name");
    }

    #[test]
    fn a_zone_without_reverse_names_says_nothing() {
        assert_eq!(of_zone("d.example A 192.0.2.1", "192.0.2.1"), None);
        assert_eq!(of_zone("1.0.168.192.in-addr.arpa PTR pc.d.example", "192.168.0.1"), None, "it is private");
    }
}
