//! What to do about an SPF result, and who can.

use std::net::IpAddr;

use crate::dns::{Question, RecordType};
use crate::finding::{Applicability, Fix, Label, Subject};
use crate::report::{Actor, Advice};
use crate::spf::rules::owners::Owner;
use crate::spf::{Cause, Outcome, Session, SpfResult, TermRef};

/// The nearest remedy first.
pub(super) fn advice(session: &Session, outcome: &Outcome) -> Vec<Advice> {
    let domain = session.sender_domain();
    match &outcome.cause {
        Cause::Matched { .. } if outcome.result == SpfResult::Pass => Vec::new(),
        Cause::Matched { path } => match path.last() {
            Some(last) => not_listed(session, last),
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
        Cause::NoRecord { nonexistent: true } => vec![Advice::new(
            Actor::SendingService,
            format!("use a MAIL FROM address in a domain that exists: {domain} does not"),
        )],
        Cause::NoRecord { nonexistent: false } => no_record(session),
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
        Cause::Syntax { at, .. } => vec![syntax(session, at)],
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
fn not_listed(session: &Session, last: &TermRef) -> Vec<Advice> {
    let ip = session.ip();
    let domain = session.sender_domain();
    vec![
        Advice::new(
            Actor::DomainOwner,
            format!(
                "if {ip} sends for you, add `{}` before `{}` in the record of {}",
                network(ip),
                shown(last),
                last.domain
            ),
        )
        .at(label(last)),
        Advice::new(
            Actor::SendingService,
            format!("send through a server that {domain} lists, or use a MAIL FROM address of your own"),
        ),
        Advice::new(
            Actor::Forwarder,
            format!("if {ip} only passes the mail on, put an address of your own in MAIL FROM (SRS)"),
        ),
    ]
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

/// A mistake in the domain's own record, or in one that it leads to, which may be somebody else's to mend.
fn syntax(session: &Session, at: &TermRef) -> Advice {
    let owner = session.checked_domain().ok().and_then(|domain| Owner::of(&at.domain, domain).whom());
    let correct = match owner {
        Some(whom) => format!("ask {whom} to correct"),
        None => "correct".to_owned(),
    };
    let (term, domain) = (shown(at), &at.domain);
    let text = format!(
        "{correct} `{term}` in the record of {domain}: until then every receiver answers permerror for everybody"
    );
    Advice::new(Actor::DomainOwner, text)
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

fn label(at: &TermRef) -> Label {
    Label::new(&Subject::record(&at.domain, RecordType::Txt, at.source.clone()), at.span)
}
