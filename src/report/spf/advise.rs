//! What to do about an SPF result, and who can.

use std::net::IpAddr;

use super::{label, tell};
use crate::dns::{Question, RecordType};
use crate::finding::{Applicability, Edit, Fix};
use crate::report::{Actor, Advice};
use crate::spf::{Cause, Mechanism, Outcome, Record, Session, SpfResult, TermRef};

/// The nearest remedy first.
pub(super) fn advice(session: &Session, outcome: &Outcome) -> Vec<Advice> {
    let domain = session.sender_domain();
    match &outcome.cause {
        Cause::Matched { .. } if outcome.result == SpfResult::Pass => Vec::new(),
        Cause::Matched { path } => match path.last() {
            Some(last) => not_listed(session, outcome, last),
            None => Vec::new(),
        },
        Cause::NothingMatched { .. } => vec![Advice::new(
            Actor::DomainOwner,
            format!(
                "list {} in the SPF record of {domain} if it may send, and end the record with `~all` or `-all`",
                session.ip()
            ),
        )],
        Cause::NoDomain(_) => vec![Advice::new(
            Actor::SendingService,
            "use a MAIL FROM address and a HELO name in a domain that exists and has an SPF record",
        )],
        Cause::NoRecord { .. } => no_record(session),
        Cause::TargetWithoutRecord { at, .. } => vec![
            Advice::new(
                Actor::DomainOwner,
                format!("correct or remove `{}` in the record of {}", shown(at), at.domain),
            )
            .at(label(at)),
        ],
        Cause::SeveralRecords { domain, .. } => {
            vec![Advice::new(Actor::DomainOwner, format!("merge the SPF records of {domain} into one"))]
        }
        Cause::Syntax { at, .. } => vec![Advice::new(
            Actor::DomainOwner,
            format!(
                "correct `{}` in the record of {}: until then every receiver answers permerror for everybody",
                shown(at),
                at.domain
            ),
        )],
        Cause::TooManyLookups { .. } => vec![Advice::new(
            Actor::DomainOwner,
            format!(
                "remove terms that ask the DNS from the record of {domain}, or put `ip4` and `ip6` in their place, until at most 10 are left"
            ),
        )],
        Cause::TooManyVoids { at, question } => vec![void(at, question)],
        Cause::TooManyExchanges { at, .. } => vec![Advice::new(
            Actor::DomainOwner,
            format!("put `ip4` and `ip6` in the place of `{}` in the record of {}", shown(at), at.domain),
        )],
        Cause::Dns { question, .. } => vec![
            Advice::new(Actor::Recipient, "try again later: this is no statement about the sender"),
            Advice::new(
                Actor::DomainOwner,
                format!("if it stays so, look after the name servers of {}", question.name),
            ),
        ],
    }
}

/// A record that was evaluated to its end, and did not say pass.
fn not_listed(session: &Session, outcome: &Outcome, last: &TermRef) -> Vec<Advice> {
    let ip = session.ip();
    let domain = session.sender_domain();
    let mut advice = Vec::new();
    if tell::is_all(last) {
        let term = network(ip);
        let owner = format!("if {ip} sends for you, add it to the record of {}", last.domain);
        let fix = Fix::maybe(format!("add `{term}`"), [Edit::insert(last.span.start as usize, format!("{term} "))]);
        advice.push(Advice::new(Actor::DomainOwner, owner).at(label(last)).fix(fix));
    } else {
        advice.push(
            Advice::new(
                Actor::DomainOwner,
                format!("if {ip} sends for you, let a term before `{}` match it", shown(last)),
            )
            .at(label(last)),
        );
    }
    if let Some((near, prefix)) = nearest(ip, outcome) {
        advice.push(
            Advice::new(
                Actor::DomainOwner,
                format!(
                    "look at `{}` in the record of {}: its network and {ip} agree in the first {prefix} bits",
                    shown(&near),
                    near.domain
                ),
            )
            .at(label(&near)),
        );
    }
    advice.push(Advice::new(
        Actor::SendingService,
        format!("send through a server that {domain} lists, or use a MAIL FROM address of your own"),
    ));
    advice.push(Advice::new(
        Actor::Forwarder,
        format!("if {ip} only passes the mail on, put an address of your own in MAIL FROM (SRS)"),
    ));
    advice
}

fn no_record(session: &Session) -> Vec<Advice> {
    let text = format!("publish an SPF record at {}", session.sender_domain());
    let advice = Advice::new(Actor::DomainOwner, text);
    let Ok(domain) = session.checked_domain() else { return vec![advice] };
    let record = format!("v=spf1 {} -all", network(session.ip()));
    vec![advice.fix(Fix::publish(
        format!("publish a record that lists {}", session.ip()),
        domain,
        RecordType::Txt,
        record,
        Applicability::MaybeIncorrect,
    ))]
}

fn void(at: &TermRef, question: &Question) -> Advice {
    let text = format!(
        "remove `{}` from the record of {}, or publish what it asks for ({} {})",
        shown(at),
        at.domain,
        question.name,
        question.record_type
    );
    Advice::new(Actor::DomainOwner, text).at(label(at))
}

fn shown(at: &TermRef) -> String {
    at.source.visible(at.span).to_string()
}

/// The term for one address.
fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("ip4:{ip}"),
        IpAddr::V6(ip) => format!("ip6:{ip}"),
    }
}

/// From how many equal bits on a network is near: what one organisation usually holds.
const NEAR: (u32, u32) = (22, 44);

/// The `ip4` or `ip6` term that the client just misses, and how many bits they share.
fn nearest(ip: IpAddr, outcome: &Outcome) -> Option<(TermRef, u32)> {
    let mut best: Option<(TermRef, u32)> = None;
    for read in &outcome.trace.records {
        let Some(source) = &read.source else { continue };
        let record = Record::from_source(source.clone());
        for (span, directive) in record.directives() {
            let shared = match (directive.mechanism, ip) {
                (Mechanism::Ip4 { address, .. }, IpAddr::V4(ip)) => {
                    Some((u32::from(address) ^ u32::from(ip)).leading_zeros()).filter(|&bits| bits >= NEAR.0)
                }
                (Mechanism::Ip6 { address, .. }, IpAddr::V6(ip)) => {
                    Some((u128::from(address) ^ u128::from(ip)).leading_zeros()).filter(|&bits| bits >= NEAR.1)
                }
                _ => None,
            };
            if let Some(shared) = shared.filter(|&bits| best.as_ref().is_none_or(|(_, most)| bits > *most)) {
                let at = TermRef { domain: read.domain.clone(), source: source.clone(), span };
                best = Some((at, shared));
            }
        }
    }
    best
}
