//! Worlds, each with its zone, message, session and root cause.

mod altered;
mod many;
mod origin;
mod reports;
mod signatures;
mod stranger;

use std::sync::LazyLock;

use super::{Connection, Diagnosis, Input, Recipient, SrsDomain, Submission, diagnose};
use crate::cause::Cause;
use crate::dkim::Canonicalization::Relaxed;
use crate::dkim::testing::{Signer, TestKey};
use crate::dmarc::PublicSuffixes;
use crate::dns::{Question, Snapshot};
use crate::resolver::{Zone, drive_sync};
use crate::srs::{Forwarded, Secret, Srs};
use crate::{Actor, Timestamp};

/// The author is d.example with the key `s`; r.example receives, fwd.example forwards, esp.example sends for others.
const ZONE: &str = "\
d.example.               TXT \"v=spf1 ip4:192.0.2.1 -all\"
mx.d.example.            A   192.0.2.1
new.d.example.           A   192.0.2.99
_dmarc.d.example.        TXT \"v=DMARC1; p=reject\"
r.example.               TXT \"v=spf1 ip4:192.0.2.2 -all\"
_dmarc.r.example.        TXT \"v=DMARC1; p=none\"
fwd.example.             TXT \"v=spf1 ip4:198.51.100.20 -all\"
mx.fwd.example.          A   198.51.100.20
esp.example.             TXT \"v=spf1 ip4:203.0.113.7 -all\"
out.esp.example.         A   203.0.113.7
";

const NOW: Timestamp = Timestamp(1_790_000_000);

static KEY: LazyLock<String> = LazyLock::new(|| {
    // A character-string holds 255 octets.
    let record = TestKey::Rsa2048.record();
    let (first, second) = record.split_at(200);
    format!("s._domainkey.d.example. TXT \"{first}\" \"{second}\"\n")
});

fn zone(change: &str) -> Zone {
    let replaced: Vec<&str> = change.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let kept = ZONE.lines().chain(KEY.lines()).filter(|line| {
        let owner = line.split_whitespace().next().unwrap_or_default();
        !replaced.contains(&owner)
    });
    let text: String = kept
        .chain(change.lines())
        .filter(|line| !line.ends_with(" -"))
        .fold(String::new(), |text, line| text + line + "\n");
    Zone::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// `change` are records that replace those of the same names; `name -` takes them away.
fn diagnosed(change: &str, input: &Input<'_>) -> Diagnosis {
    let zone = zone(change);
    let mut input = input.clone();
    input.suffixes = Some(PublicSuffixes::parse("example\nco.example"));
    let found =
        drive_sync(&mut Snapshot::new(), |question: &Question| zone.answer(question), |dns| diagnose(dns, &input));
    for one in [&found.primary].into_iter().chain(&found.secondary) {
        assert!(!one.evidence().is_empty() && !one.told.is_empty() && !one.advice.is_empty(), "{one:?}");
    }
    found
}

fn connection(ip: &str, helo: &str, mail_from: &str) -> Connection {
    Connection::new(ip.parse().unwrap(), helo, mail_from).to("bob@r.example")
}

fn own() -> Connection {
    connection("192.0.2.1", "mx.d.example", "ann@d.example")
}

fn esp() -> Connection {
    connection("203.0.113.7", "out.esp.example", "b-1@esp.example")
}

const MAIL: &str = "From: Ann <ann@d.example>\r\nTo: bob@r.example\r\nSubject: Hi\r\nDate: x\r\nMessage-ID: <1@d.example>\r\n\r\nHello\r\n";

fn signed(mail: &str) -> String {
    String::from_utf8(Signer::new(TestKey::Rsa2048, Relaxed).sign(mail.as_bytes())).unwrap()
}

#[track_caller]
fn cause(change: &str, mail: &str, connection: Connection, expected: Cause) -> Diagnosis {
    let found = diagnosed(change, &Input::new(mail.as_bytes(), NOW).connection(connection));
    assert_eq!(found.primary.cause, expected, "{:?}", found.primary);
    found
}

#[test]
fn nothing_is_wrong() {
    let found = cause("", &signed(MAIL), own(), Cause::NoProblem);
    assert_eq!(found.primary.actor, Actor::Nobody);
    assert!(found.secondary.is_empty());
    assert_eq!(found.alignment.len(), 2);
    assert!(found.alignment.iter().all(super::Row::aligned_pass));
}

#[test]
fn what_can_be_foreseen_is_asked_at_once() {
    let (mail, zone) = (signed(MAIL), zone(""));
    let mut input = Input::new(mail.as_bytes(), NOW).connection(own());
    input.suffixes = Some(PublicSuffixes::parse("example"));
    let mut dns = Snapshot::new();
    let mut rounds = 0;
    while let crate::dns::Step::Ask(questions) = diagnose(&dns, &input) {
        rounds += 1;
        dns.extend(questions.into_iter().map(|question| {
            let answer = zone.answer(&question);
            (question, answer)
        }));
    }
    assert_eq!(rounds, 1);
}

#[test]
fn a_harmless_failure_is_explained() {
    let delivered = format!("Delivered-To: x@fwd.example\r\n{}", signed(MAIL));
    let found = cause("", &delivered, connection("198.51.100.20", "mx.fwd.example", "ann@d.example"), Cause::NoProblem);
    assert_eq!(
        found.primary.told,
        "nothing is wrong: DKIM passes for d.example, the domain in From, which is enough; it is harmless that \
         mx.fwd.example sent the message on without SRS: SPF of d.example fails for 198.51.100.20, and a DKIM signature of \
         d.example carries DMARC"
    );
    assert_eq!(found.secondary[0].cause, Cause::ForwardedWithoutSrs);
}

#[test]
fn redirects() {
    let delivered = format!("Delivered-To: x@fwd.example\r\n{MAIL}");
    let plain = connection("198.51.100.20", "mx.fwd.example", "ann@d.example");
    cause("", &delivered, plain, Cause::ForwardedWithoutSrs);
    let srs = connection("198.51.100.20", "mx.fwd.example", "SRS0=p8XC=G3=d.example=ann@fwd.example");
    let found = cause("", &delivered, srs.clone(), Cause::DkimNotSigned);
    assert!(found.primary.told.contains("SRS"), "{}", found.primary.told);
    // Changed on the way, over a list or not.
    let footer = format!("Delivered-To: x@fwd.example\r\n{}-- \r\nad\r\n", signed(MAIL));
    let found = cause("", &footer, srs.clone(), Cause::DkimBodyModifiedFooter);
    assert_eq!(found.primary.actor, Actor::Forwarder);
    assert_eq!(found.alterations[0].length, 9);
    let list = format!("List-Id: Talk <talk.fwd.example>\r\n{footer}");
    let found = cause("", &list, srs, Cause::MailingListModified);
    assert!(
        found.primary.told.starts_with("the mailing list talk.fwd.example changed a message that d.example had signed")
    );
    assert!(found.primary.told.contains("at its end"), "{}", found.primary.told);
    // What the list changed is told with it, and not once more.
    assert!(found.secondary.iter().all(|other| !other.cause.is_alteration()), "{:?}", found.secondary);
}

#[test]
fn a_redirect_may_send_with_the_address_of_its_mailbox() {
    let hop = "Received: from mx.d.example (mx.d.example [192.0.2.1])\r\n\tby mx.fwd.example with ESMTPS id 1\r\n\t\
               for <x@fwd.example>; Mon, 21 Sep 2026 13:33:20 +0000\r\n";
    let rewritten = connection("198.51.100.20", "mx.fwd.example", "x@fwd.example");
    let found = cause("", &format!("{hop}{MAIL}"), rewritten, Cause::DkimNotSigned);
    assert!(found.primary.told.contains("the address of the mailbox that redirects"), "{}", found.primary.told);
    assert!(!found.primary.advice.contains("return path"), "{}", found.primary.advice);
}

#[test]
fn a_list_that_the_author_signed_changed_nothing() {
    let mail = format!("List-Id: <news.d.example>\r\n{MAIL}");
    let signed = Signer::new(TestKey::Rsa2048, Relaxed).h("from:list-id:subject").sign(mail.as_bytes());
    let tagged = String::from_utf8(signed).unwrap().replace("Subject: Hi", "Subject: [EXTERNAL] Hi");
    let found = cause("", &tagged, esp(), Cause::DkimHeaderModifiedSubject);
    assert_eq!(found.primary.actor, Actor::SendingService);
}

#[test]
fn spf_of_the_own_domain() {
    let not_listed = connection("192.0.2.99", "new.d.example", "ann@d.example");
    let found = cause("", MAIL, not_listed.clone(), Cause::SpfSenderIpNotAuthorized);
    assert_eq!(
        found.primary.advice,
        "If 192.0.2.99 sends for d.example, add it to its SPF record, or sign with d=d.example"
    );
    let found = cause("d.example. -", MAIL, not_listed.clone(), Cause::SpfMissing);
    assert_eq!(found.primary.told, "d.example publishes no SPF record");
    let gone = connection("192.0.2.99", "new.d.example", "ann@sales.d.example");
    let found = cause("d.example. -\nsales.d.example. NXDOMAIN", MAIL, gone, Cause::SpfMissing);
    assert_eq!(found.primary.told, "sales.d.example, the domain of the sender, does not exist in the DNS");
    assert!(found.primary.advice.starts_with("If sales.d.example is misspelt, correct"), "{}", found.primary.advice);
    cause("d.example. TXT \"v=spf1 ipv4:192.0.2.99 -all\"", MAIL, not_listed, Cause::SpfRecordInvalid);
    // An include that names the service, but not this host of it.
    let zone =
        "d.example. TXT \"v=spf1 include:spf.esp.example -all\"\nspf.esp.example. TXT \"v=spf1 ip4:203.0.113.1 -all\"";
    let service = connection("203.0.113.7", "out.esp.example", "ann@d.example");
    cause(zone, MAIL, service.clone(), Cause::SpfSenderIpNotAuthorized);
    cause("", MAIL, service, Cause::ThirdPartySenderNotAuthorized);
    cause("", MAIL, esp(), Cause::SpfNotAligned);
}

#[test]
fn records_of_dmarc() {
    let mail = signed(MAIL);
    cause("_dmarc.d.example. -", &mail, own(), Cause::DmarcMissing);
    cause("_dmarc.d.example. TXT \"v=DMARC1, p=reject\"", &mail, own(), Cause::DmarcRecordMalformed);
    cause(
        "_dmarc.d.example. TXT \"v=DMARC1; p=rejekt; rua=mailto:a@d.example\"",
        &mail,
        own(),
        Cause::DmarcPolicyInvalid,
    );
    let twice = "_dmarc.d.example. TXT \"v=DMARC1; p=none\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"";
    cause(twice, &mail, own(), Cause::DmarcMultipleRecords);
    let apex = "_dmarc.d.example. -\nd.example. TXT \"v=DMARC1; p=reject\"";
    cause(apex, &mail, own(), Cause::DmarcMissing);
    // The record of the domain above is read too.
    let below = mail.replace("ann@d.example", "ann@sub.d.example");
    cause("_dmarc.d.example. TXT \"v=DMARC1 p=reject\"", &below, own(), Cause::DmarcRecordMalformed);
}

#[test]
fn strict_alignment() {
    let record = "_dmarc.d.example. TXT \"v=DMARC1; p=reject; aspf=s\"\nb.d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"";
    let bounce = connection("192.0.2.1", "mx.d.example", "x@b.d.example");
    let found = cause(record, MAIL, bounce, Cause::DmarcStrictAlignment);
    assert!(found.primary.advice.starts_with("Take aspf=s out"));
}

#[test]
fn forged_own_domain() {
    let mail = "From: bob@r.example\r\nTo: bob@r.example\r\n\r\nPay\r\n";
    let found = cause("", mail, connection("203.0.113.9", "x.bad.example", "bob@r.example"), Cause::SpoofedOwnDomain);
    assert!(found.primary.told.contains("no account of r.example was used"));
    // SPF and DKIM of the forger's own domain relate nobody; a DMARC record is not needed either.
    cause("_dmarc.r.example. -", mail, esp(), Cause::SpoofedOwnDomain);
    let mut recipient = Recipient::new("bob@r.example");
    recipient.allowlist.push("@r.example".to_owned());
    let input = Input::new(mail.as_bytes(), NOW).connection(esp()).recipient(recipient);
    assert_eq!(diagnosed("", &input).primary.actor, Actor::Recipient);
}

#[test]
fn a_forged_received_field_relates_nobody() {
    let forged = "Received: from mail.r.example (mail.r.example [192.0.2.2]) by mx.r.example; Thu, 1 Jan 2026 10:00:00 +0000\r\n\
                  From: bob@r.example\r\n\r\nPay\r\n";
    cause("", forged, connection("203.0.113.9", "x.bad.example", "bob@r.example"), Cause::SpoofedOwnDomain);
}

#[test]
fn a_list_cannot_help_who_does_not_sign() {
    let mail = format!("List-Id: <l.esp.example>\r\n{MAIL}");
    let found = cause("", &mail, esp(), Cause::DkimNotSigned);
    assert!(found.primary.told.starts_with("the message was sent on by the list l.esp.example"));
}

#[test]
fn display_names() {
    let mail = signed(&MAIL.replace("From: Ann", "From: \"Boss (boss@r.example)\""));
    cause("", &mail, own(), Cause::DisplayNameSpoof);
    let harmless = signed(&MAIL.replace("From: Ann", "From: \"x@y.example via d\""));
    cause("", &harmless, own(), Cause::NoProblem);
    let own_host = signed(&MAIL.replace("From: Ann", "From: \"info@mail.d.example\""));
    cause("", &own_host, own(), Cause::NoProblem);
    let comment = signed(&MAIL.replace("From: Ann <ann@d.example>", "From: ann@d.example (boss@r.example)"));
    cause("", &comment, own(), Cause::DisplayNameSpoof);
}

#[test]
fn no_single_author() {
    for from in [
        "From: a@d.example, b@e.example",
        "From: Team:;",
        "From: a@[192.0.2.1]",
        "X: y",
        "From: a@d.example\r\nFrom: a@d.example",
    ] {
        let mail = MAIL.replace("From: Ann <ann@d.example>", from);
        cause("", &mail, own(), Cause::FromNotSingleDomain);
    }
}

#[test]
fn the_dns_does_not_answer() {
    let name: crate::Name = "s._domainkey.d.example".parse().unwrap();
    let mut zone = zone("s._domainkey.d.example. -");
    zone.fail(name, None, crate::resolver::zone::Mark::Failure(crate::dns::Failure::Timeout));
    let mail = signed(MAIL);
    for (connection, expected) in [(esp(), Cause::DnsTemporaryFailure), (own(), Cause::NoProblem)] {
        let input = Input::new(mail.as_bytes(), NOW).connection(connection);
        let ask = |question: &Question| zone.answer(question);
        let found = drive_sync(&mut Snapshot::new(), ask, |dns| diagnose(dns, &input));
        assert_eq!(found.primary.cause, expected, "{:?}", found.primary);
    }
}

#[test]
fn submissions() {
    let handed_in = |login: &str, mail_from: &str| {
        let mut input = Input::new(MAIL.as_bytes(), NOW).submitted_by(Submission::new(login));
        input.connection = connection("198.51.100.1", "[10.0.0.1]", mail_from);
        let found = diagnosed("", &input);
        (found.primary.cause, found.primary.advice)
    };
    assert_eq!(handed_in("ann@d.example", "ann+x@d.example").0, Cause::NoProblem);
    let (cause, advice) = handed_in("eve@d.example", "eve@d.example");
    assert_eq!(cause, Cause::SenderMismatchFrom);
    assert!(advice.starts_with("Write as eve@d.example, or have ann@d.example added"), "{advice}");
    assert_eq!(handed_in("ann@d.example", "root@host.d.example").0, Cause::SenderMismatchReturnPath);
}

/// Receivers differ in which one they read.
#[test]
fn a_second_from_field_is_handed_in() {
    let handed_in = |second: &str| {
        let mail = MAIL.replacen("\r\n\r\n", &format!("\r\nFrom: {second}\r\n\r\n"), 1);
        let mut input = Input::new(mail.as_bytes(), NOW).submitted_by(Submission::new("ann@d.example"));
        input.connection = connection("198.51.100.1", "[10.0.0.1]", "ann@d.example");
        diagnosed("", &input).primary
    };
    let found = handed_in("boss@d.example");
    assert_eq!(found.cause, Cause::SenderMismatchFrom);
    assert!(found.told.contains("From says boss@d.example"), "{found:?}");
    assert_eq!(handed_in("eve@elsewhere.example").cause, Cause::SenderMismatchFrom);
    assert_eq!(handed_in("Ann <ann@d.example>").cause, Cause::NoProblem);
    assert_eq!(handed_in("Team:;").cause, Cause::FromNotSingleDomain);
}

fn report(original: &str) -> String {
    format!(
        "From: MAILER-DAEMON@esp.example\r\nTo: bob@r.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; out.esp.example\r\n\r\n\
         Final-Recipient: rfc822; x@esp.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
    )
}

#[test]
fn gmail_shows_a_message_once() {
    let zone = format!(
        "gmail.com. TXT \"v=spf1 ip4:192.0.2.5 ~all\"\n_dmarc.gmail.com. TXT \"v=DMARC1; p=none\"\ng.example. MX 1 aspmx.l.google.com.\n{}",
        "g.example. TXT \"v=spf1 ip4:192.0.2.6 ip4:198.51.100.20 -all\"\n_dmarc.g.example. TXT \"v=DMARC1; p=none\""
    );
    // Own domain at Google, came back from a redirect that SPF happens to list.
    let mail = MAIL.replace("ann@d.example", "ann@g.example");
    let delivered = format!("Delivered-To: x@fwd.example\r\n{mail}");
    let client = Connection::new("198.51.100.20".parse().unwrap(), "mx.fwd.example", "ann@g.example");
    cause(&zone, &delivered, client.clone().to("Ann+tag@g.example"), Cause::GmailLoopDedup);
    cause(&zone, &delivered, client.to("other@g.example"), Cause::NoProblem);
}

#[test]
fn the_same_message_twice() {
    let mut recipient = Recipient::new("bob@r.example");
    recipient.aliases.push("info@r.example".to_owned());
    let mail = signed(&MAIL.replace("To: bob@r.example", "To: bob@r.example, Info@R.example"));
    let input = Input::new(mail.as_bytes(), NOW).connection(own()).recipient(recipient);
    assert_eq!(diagnosed("", &input).primary.cause, Cause::DuplicateByAlias);
}

#[test]
fn alias_domains() {
    let zone = "alias.example. TXT \"v=spf1 ip4:203.0.113.99 -all\"\n_dmarc.alias.example. TXT \"v=DMARC1; p=reject\"";
    let mail = MAIL.replace("ann@d.example", "ann@alias.example");
    let mut input =
        Input::new(mail.as_bytes(), NOW).connection(connection("192.0.2.1", "mx.d.example", "ann@alias.example"));
    let mut account = Submission::new("ann@d.example");
    account.alias_domains.insert("alias.example".to_owned(), "d.example".to_owned());
    input.submission = Some(account);
    let found = diagnosed(zone, &input);
    assert_eq!(found.primary.cause, Cause::AliasDomainNotConfigured);
    assert!(found.primary.told.starts_with("alias.example stands for d.example"));
}

#[test]
fn a_header_section_alone() {
    let mail = signed(MAIL);
    let header = &mail[..mail.find("\r\n\r\n").unwrap() + 4];
    let found = diagnosed("", &Input::headers(header.as_bytes(), NOW).connection(esp()));
    assert_eq!(found.primary.cause, Cause::NoProblem);
    // Nothing but the header is judged.
    let tagged = header.replace("Subject: Hi", "Subject: [x] Hi");
    let found = diagnosed("", &Input::headers(tagged.as_bytes(), NOW).connection(esp()));
    assert_eq!(found.primary.cause, Cause::DkimHeaderModifiedSubject);
    assert!(found.alterations.iter().all(|found| found.part == crate::dkim::forensics::Part::Header));
}

#[test]
fn a_delivered_message_claims_its_session() {
    let delivered = format!(
        "Return-Path: <ann@d.example>\r\nReceived: from mx.d.example (mx.d.example [192.0.2.1]) by mx.r.example with ESMTPS for <bob@r.example>; Thu, 1 Jan 2026 10:00:00 +0000\r\n{MAIL}"
    );
    let found = diagnosed("", &Input::new(delivered.as_bytes(), NOW));
    assert_eq!(found.primary.cause, Cause::NoProblem);
    assert_eq!(found.session.ip.unwrap().claimed_by, Some(1));
    assert_eq!(found.session.mail_from.unwrap().claimed_by, Some(0));
}
