//! What to do about an SPF result, and who can.

use crate::dns::{Question, RecordType};
use crate::finding::{Applicability, Fix, Label, Subject};
use crate::report::{Actor, Advice};
use crate::spf::explain::{internal, lists_kind_of, place_to_authorise, term_for};
use crate::spf::rules::owners::Owner;
use crate::spf::{Cause, Outcome, Session, SpfResult, TermRef};

/// The nearest remedy first.
pub(super) fn advice(session: &Session, outcome: &Outcome) -> Vec<Advice> {
    let domain = session.sender_domain();
    match &outcome.cause {
        Cause::Matched { .. } if outcome.result == SpfResult::Pass => Vec::new(),
        Cause::Matched { .. } | Cause::NothingMatched { .. } if internal(session.ip()).is_some() => {
            let own = if speaks_of(session, outcome) { unlisted(session, &outcome.cause) } else { Vec::new() };
            let receiver = Advice::new(
                Actor::Recipient,
                format!(
                    "let the receiving server see the real addresses of clients, or check no SPF of its own network: it saw {}",
                    session.ip()
                ),
            );
            own.into_iter().chain([receiver]).collect()
        }
        Cause::Matched { .. } | Cause::NothingMatched { .. } => unlisted(session, &outcome.cause),
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
                "remove terms that ask the DNS from the record of {domain}, or put `ip4` and `ip6` in their place, until at most {} are left",
                outcome.limits.lookups
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

/// Whether the domain's own record is about networks like that of the client, which no receiver sees from outside: then it can list one
/// more of their addresses.
fn speaks_of(session: &Session, outcome: &Outcome) -> bool {
    let own = outcome.trace.records.first().and_then(|record| record.source.as_ref());
    own.is_some_and(|record| lists_kind_of(session.ip(), record))
}

/// A client that the record does not list, or lists as one that may not send.
fn unlisted(session: &Session, cause: &Cause) -> Vec<Advice> {
    match cause {
        Cause::Matched { path } => not_listed(session, path),
        _ => vec![Advice::new(
            Actor::DomainOwner,
            format!(
                "list {} in the SPF record of {} if it may send, and end the record with `~all` or `-all`",
                session.ip(),
                session.sender_domain()
            ),
        )],
    }
}

/// A record that was evaluated to its end, and did not say pass.
fn not_listed(session: &Session, path: &[TermRef]) -> Vec<Advice> {
    let ip = session.ip();
    let domain = session.sender_domain();
    let add = place_to_authorise(path, session).map(|place| {
        let (network, term, domain) = (term_for(ip), shown(place), &place.domain);
        let text = format!("if {ip} sends for you, add `{network}` before `{term}` in the record of {domain}");
        Advice::new(Actor::DomainOwner, text).at(label(place))
    });
    let others = [
        Advice::new(
            Actor::SendingService,
            format!("send through a server that {domain} lists, or use a MAIL FROM address of your own"),
        ),
        Advice::new(
            Actor::Forwarder,
            format!("if {ip} only passes the mail on, put an address of your own in MAIL FROM (SRS)"),
        ),
    ];
    add.into_iter().chain(others).collect()
}

fn no_record(session: &Session) -> Vec<Advice> {
    let text = format!("publish an SPF record at {}", session.sender_domain());
    let advice = Advice::new(Actor::DomainOwner, text);
    // No receiver sees a private address from outside: a record for it authorises nobody.
    let domain = session.checked_domain().ok().filter(|_| internal(session.ip()).is_none());
    let Some(domain) = domain else { return vec![advice] };
    let record = format!("v=spf1 {} -all", term_for(session.ip()));
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

fn label(at: &TermRef) -> Label {
    Label::new(&Subject::record(&at.domain, RecordType::Txt, at.source.clone()), at.span)
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::report::{Actor, Input, SpfInput};
    use crate::resolver::{Zone, drive_sync};

    fn actors(record: &str) -> Vec<Actor> {
        actors_for("10.0.0.5", record)
    }

    fn actors_for(client: &str, record: &str) -> Vec<Actor> {
        let zone = Zone::parse(&format!("d.example. TXT \"{record}\"")).unwrap();
        let input = Input::Spf(SpfInput::new(client.parse().unwrap(), "", "a@d.example"));
        let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
        report.advice.iter().map(|advice| advice.actor).collect()
    }

    /// A record that is about public addresses is not the place for a private one, whatever its end.
    #[test]
    fn a_private_address_is_the_receiving_servers_to_mend() {
        for end in ["-all", "?all", ""] {
            assert_eq!(actors(&format!("v=spf1 ip4:192.0.2.1 {end}")), [Actor::Recipient], "{end}");
        }
    }

    /// RFC 7208 §5.6: a record may list any network, and who lists a private one has servers that see its addresses.
    #[test]
    fn who_lists_a_private_network_can_list_another_address_of_it() {
        for record in
            ["v=spf1 ip4:10.1.0.0/16 -all", "v=spf1 ip4:10.1.0.0/16", "v=spf1 -ip4:10.0.0.5 ip4:10.0.0.0/8 ~all"]
        {
            let actors = actors(record);
            assert_eq!(actors.first(), Some(&Actor::DomainOwner), "{record}");
            assert_eq!(actors.last(), Some(&Actor::Recipient), "{record}");
        }
        assert!(actors("v=spf1 ip4:10.0.0.0/8 -all").is_empty());
    }

    /// A network of one kind says nothing of addresses of another, and nobody else sees who stands at a server's own.
    #[test]
    fn no_other_kind_of_address_is_advised() {
        for (client, record) in [
            ("127.0.0.1", "v=spf1 ip4:10.1.0.0/16 -all"),
            ("127.0.0.1", "v=spf1 ip4:127.1.0.1 -all"),
            ("169.254.0.9", "v=spf1 ip4:169.254.0.1 -all"),
            ("fc00::1", "v=spf1 ip4:10.1.0.0/16 -all"),
            ("100.64.0.1", "v=spf1 ip4:10.1.0.0/16"),
        ] {
            assert_eq!(actors_for(client, record), [Actor::Recipient], "{client} {record}");
        }
        assert_eq!(actors_for("fc00::1", "v=spf1 ip6:fc00:1::/32 -all").first(), Some(&Actor::DomainOwner));
    }
}
