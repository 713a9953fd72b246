//! Where a domain's owner can authorise the client, and with what.

use std::net::IpAddr;

use crate::spf::outcome::TermRef;
use crate::spf::rules::owners::Owner;
use crate::spf::session::Session;
use crate::spf::{Mechanism, Record};
use crate::text::Source;

/// The term before which the domain's owner can put one for the client: the one that decided, or, where that stands in an include or
/// in somebody else's record, the one that led there. `None` for a client whose address no receiver sees from outside, if the record
/// speaks of no such address either.
pub(crate) fn place_to_authorise<'p>(path: &'p [TermRef], session: &Session) -> Option<&'p TermRef> {
    let domain = session.checked_domain().ok()?;
    let mut places = path.iter();
    let mut place = places.next()?;
    for next in places {
        if !is_redirect(place.text()) || Owner::of(&next.domain, domain).whom().is_some() {
            break;
        }
        place = next;
    }
    (internal(session.ip()).is_none() || lists_kind_of(session.ip(), &place.source)).then_some(place)
}

/// Whether the owner of a record speaks of addresses like `ip`, which no receiver sees from outside: his own servers check SPF, too, and
/// `ip4` and `ip6` make no exception of any network (§5.6). Who stands at a loopback or link-local address, nobody else can say.
pub(crate) fn lists_kind_of(ip: IpAddr, record: &Source) -> bool {
    let kind = internal(ip).filter(|kind| [PRIVATE, CARRIER, UNIQUE_LOCAL].contains(kind));
    let record = Record::from_source(record.clone());
    kind.is_some()
        && record.directives().any(|(_, directive)| match directive.mechanism {
            Mechanism::Ip4 { address, .. } => internal(address.into()) == kind,
            Mechanism::Ip6 { address, .. } => internal(address.into()) == kind,
            _ => false,
        })
}

/// The term that authorises one address.
pub(crate) fn term_for(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("ip4:{ip}"),
        IpAddr::V6(ip) => format!("ip6:{ip}"),
    }
}

/// Whether the text of a term is a redirect.
pub(crate) fn is_redirect(term: &str) -> bool {
    const REDIRECT: &str = "redirect=";
    term.get(..REDIRECT.len()).is_some_and(|start| start.eq_ignore_ascii_case(REDIRECT))
}

const PRIVATE: &str = "a private address";
const CARRIER: &str = "a shared carrier address";
const UNIQUE_LOCAL: &str = "a unique local address";

/// What kind of address it is that cannot hand over mail from outside.
pub(crate) fn internal(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() => Some("a loopback address"),
        IpAddr::V4(ip) if ip.is_private() => Some(PRIVATE),
        IpAddr::V4(ip) if ip.is_link_local() => Some("a link-local address"),
        // RFC 6598: shared by the customers of a carrier.
        IpAddr::V4(ip) if ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64 => Some(CARRIER),
        IpAddr::V6(ip) if ip.is_loopback() => Some("the loopback address"),
        IpAddr::V6(ip) if ip.is_unique_local() => Some(UNIQUE_LOCAL),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}
