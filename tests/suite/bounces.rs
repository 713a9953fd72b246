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

/// A notification that names nobody is no acceptance, and one that tells of a delivery is no refusal.
#[test]
fn notices_without_a_failed_recipient() {
    let original =
        "Received: from x.example by mx.d.example; Wed, 7 Oct 2026 00:56:16 -0000\nFrom: ann@x.example\n\nHello\n";
    let told = |text: &str| {
        let report = report(text);
        (report.passed, report.headline)
    };
    let unnamed =
        format!("From: MAILER-DAEMON@d.example\n\nIt failed.\n\n--- This is a copy of the message\n\n{original}");
    let came_back = "a message came back, and the notice does not show for whom or why";
    assert_eq!(told(&unnamed), (false, came_back.to_owned()));
    let status = |recipient: &str| {
        format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; d.example\n\n{recipient}\n--b\n\
             Content-Type: message/rfc822\n\n{original}\n--b--\n"
        )
    };
    assert_eq!(told(&status("")), (false, came_back.to_owned()));
    let delivered = told(&status("Final-Recipient: rfc822; bob@d.example\nAction: delivered\nStatus: 2.0.0\n"));
    assert_eq!(delivered, (true, "accepted: nobody refused the message".to_owned()));
}
