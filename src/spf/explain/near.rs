//! Terms that nearly authorise the client.

use std::net::IpAddr;

use crate::Name;
use crate::dns::RecordType;
use crate::finding::{Evidence, Findings, Label, Subject};
use crate::spf::outcome::Outcome;
use crate::spf::record::{Mechanism, Record, TermKind};
use crate::spf::rules::evaluation as rule;
use crate::spf::session::Session;
use crate::spf::trace::{Miss, Verdict};
use crate::text::{Source, Span};

/// Networks next to the client, and terms that name it but are never reached.
pub(super) fn near_misses(outcome: &Outcome, session: &Session, out: &mut Findings) {
    for (index, traced) in outcome.trace.records.iter().enumerate() {
        let Some(source) = &traced.source else { continue };
        let record = Record::from_source(source.clone());
        let tried = outcome.trace.events.iter().filter(|event| event.record == index);
        for event in tried.clone().filter(|event| event.verdict == Verdict::Missed(Miss::OutsideNetwork)) {
            if let Some(network) = network_at(&record, event.span)
                && is_neighbour(session.ip(), network)
            {
                let reason = if session.ip().is_ipv4() { "it is in the same /24" } else { "it is in the same /64" };
                near_miss(&traced.domain, source, event.span, reason, session, out);
            }
        }
        // After the term that matched nothing is reached.
        let Some(matched) = tried.clone().find(|event| event.verdict == Verdict::Matched) else { continue };
        // The record may have a thousand such terms, and this one may be long.
        let matched_text = beginning(&source.visible(matched.span).to_string());
        let reason = format!("it stands after `{matched_text}`, which matched first");
        for (span, _) in record.directives().filter(|(span, _)| span.start >= matched.span.end) {
            if network_at(&record, span).is_some_and(|network| network.contains(&session.ip())) {
                near_miss(&traced.domain, source, span, &reason, session, out);
            }
        }
    }
}

/// Networks that were tried, none of which is of the client's address family.
pub(super) fn other_family(outcome: &Outcome, session: &Session, out: &mut Findings) {
    let events = || outcome.trace.events.iter();
    if events().any(|event| event.verdict == Verdict::Missed(Miss::OutsideNetwork)) {
        return;
    }
    let Some(event) = events().find(|event| event.verdict == Verdict::Missed(Miss::OtherFamily)) else { return };
    let Some(traced) = outcome.trace.records.get(event.record) else { return };
    let Some(source) = &traced.source else { return };
    let subject = Subject::record(&traced.domain, RecordType::Txt, source.clone());
    let family = if session.ip().is_ipv4() { "IPv6" } else { "IPv4" };
    let found = out.report(&rule::FAMILY, Label::new(&subject, event.span));
    found.quote("term").arg("domain", &traced.domain).arg("ip", session.ip()).arg("family", family);
}

fn near_miss(domain: &Name, source: &Source, span: Span, reason: &str, session: &Session, out: &mut Findings) {
    let subject = Subject::record(domain, RecordType::Txt, source.clone());
    let found = out.report(&rule::NEAR_MISS, Label::new(&subject, span).with(reason));
    found.quote("term").arg("domain", domain).arg("ip", session.ip()).arg("reason", reason);
    found.evidence(Evidence::Guessed);
}

/// The beginning of a term that is quoted beside another one.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Characters of a term that are quoted: a domain name of 253 behind a mechanism has room.
const MAX_QUOTED: usize = 300;

fn network_at(record: &Record, span: Span) -> Option<ipnet::IpNet> {
    // Terms stand in the order of their spans.
    let index = record.terms().binary_search_by_key(&span.start, |term| term.span.start).ok()?;
    let term = record.terms().get(index)?;
    let TermKind::Directive(directive) = term.kind else { return None };
    match directive.mechanism {
        Mechanism::Ip4 { address, prefix, .. } => ipnet::IpNet::new(address.into(), prefix).ok(),
        Mechanism::Ip6 { address, prefix, .. } => ipnet::IpNet::new(address.into(), prefix).ok(),
        _ => None,
    }
}

fn is_neighbour(ip: IpAddr, network: ipnet::IpNet) -> bool {
    let near = if ip.is_ipv4() { 24 } else { 64 };
    ipnet::IpNet::new(ip, near).is_ok_and(|around| around.contains(&network.addr()) && network.prefix_len() >= near)
}

#[cfg(test)]
mod tests {
    use super::{MAX_QUOTED, beginning};

    #[test]
    fn long_terms_are_quoted_by_their_beginning() {
        assert_eq!(beginning("ip4:192.0.2.1"), "ip4:192.0.2.1");
        let quoted = beginning(&"é".repeat(30_000));
        assert_eq!(quoted.chars().count(), MAX_QUOTED + 1);
    }
}
