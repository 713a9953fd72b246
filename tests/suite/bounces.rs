//! What is told of a refused mail, cause by cause: one reply that each cause is known by, who has to act, and what to do.
//!
//! Review a change with `INSTA_UPDATE=always cargo test --test suite bounces` and `git diff`.

use std::fmt::Write as _;

use insta::assert_snapshot;
use mailproof::Actor;
use mailproof::bounce::{Cause, Context, diagnose};
use mailproof::dns::Snapshot;
use mailproof::report::{BounceInput, Input, Report};

/// Codes of RFC 3463 and its registry, where they say it; else words that servers write.
const REPLIES: &[(&str, Cause, Actor)] = &[
    ("550 5.7.26 Refused", Cause::Unauthenticated, Actor::DomainOwner),
    ("550 5.7.23 Refused", Cause::Spf, Actor::DomainOwner),
    ("550 5.7.20 Refused", Cause::Dkim, Actor::DomainOwner),
    ("550 5.7.1 Rejected by the DMARC policy of d.example", Cause::Dmarc, Actor::DomainOwner),
    ("451 4.7.0 Temporary DMARC failure", Cause::DmarcTemperror, Actor::DomainOwner),
    ("550 5.7.1 No DMARC record at d.example", Cause::DmarcMissing, Actor::DomainOwner),
    ("550 5.7.1 From is not aligned", Cause::Alignment, Actor::DomainOwner),
    ("550 5.7.29 Refused", Cause::Arc, Actor::Forwarder),
    ("550 5.7.25 Refused", Cause::Ptr, Actor::SendingService),
    ("550 5.7.30 Refused", Cause::Tls, Actor::SendingService),
    (
        "553 5.7.1 <info@d.example>: Sender address rejected: not owned by user alice",
        Cause::SenderMismatch,
        Actor::Sender,
    ),
    ("550 5.7.1 Multiple From fields", Cause::FromSyntax, Actor::Sender),
    ("550 SRS0=ab=cd=d.example=a@fwd.example: local part too long", Cause::Srs, Actor::Forwarder),
    ("550 Invalid SRS recipient address", Cause::Srs, Actor::Nobody),
    ("550 5.7.27 Refused", Cause::SenderDomain, Actor::DomainOwner),
    ("550 5.7.0 Refused", Cause::Policy, Actor::Sender),
    ("554 Message looks like spam", Cause::Spam, Actor::Sender),
    ("554 Client host 192.0.2.1 is on a blocklist", Cause::Reputation, Actor::SendingService),
    ("450 4.7.28 Slow down", Cause::RateLimit, Actor::SendingService),
    ("451 4.7.1 Greylisted", Cause::Greylisting, Actor::Nobody),
    ("550 5.1.1 Refused", Cause::UnknownUser, Actor::Sender),
    ("550 5.1.10 Refused", Cause::UnknownDomain, Actor::Sender),
    ("552 5.2.2 Refused", Cause::MailboxFull, Actor::Recipient),
    ("552 5.3.4 Refused", Cause::TooLarge, Actor::Sender),
    ("554 5.7.1 Relay access denied", Cause::RelayDenied, Actor::SendingService),
    ("554 5.4.6 Refused", Cause::Loop, Actor::Forwarder),
    ("451 4.4.1 Refused", Cause::Network, Actor::Nobody),
    ("550 Refused", Cause::Unknown, Actor::Sender),
];

fn report(reply: &str) -> Report {
    let report = Input::Bounce(BounceInput::new(reply.as_bytes())).check(&Snapshot::new()).done().unwrap();
    crate::schema::report_holds(&report);
    report
}

#[test]
fn every_cause() {
    let mut told = String::new();
    for &(reply, cause, actor) in REPLIES {
        let bounce = diagnose(reply, &Context::default());
        assert_eq!((bounce.cause, bounce.actor), (cause, actor), "{reply}");
        let report = report(reply);
        // Of nobody else is anything wanted.
        assert_eq!(report.passed, actor == Actor::Nobody, "{reply}");
        writeln!(told, "{reply}\n  {cause}: {}", report.headline, cause = cause.as_str()).unwrap();
        for advice in &report.advice {
            writeln!(told, "  {}: {}", advice.actor, advice.text).unwrap();
        }
    }
    assert_snapshot!(told);
}
