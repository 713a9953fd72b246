//! All known replies, unknown ones, and notifications.

mod replies;

use super::{Basis, Cause, Context, Dsn, Enhanced, diagnose};
use crate::actor::Actor;

/// A host of the provider, as its replies come with.
fn host(provider: &str) -> Option<&'static str> {
    let hosts = [
        ("Gmail", "gmail-smtp-in.l.google.com"),
        ("Microsoft", "example-com.mail.protection.outlook.com"),
        ("Outlook", "outlook-com.olc.protection.outlook.com"),
        ("Yahoo", "mta5.am0.yahoodns.net"),
        ("iCloud", "mx01.mail.icloud.com"),
        ("Orange", "smtp-in.orange.fr"),
        ("La Poste", "smtp.laposte.net"),
        ("Free", "mx1.free.fr"),
        ("GMX", "mx00.gmx.net"),
        ("Tencent", "mx3.qq.com"),
        ("GoDaddy", "smtp.secureserver.net"),
        ("Zoho", "smtp.zoho.com"),
        ("Yandex", "mx.yandex.ru"),
        ("Infomaniak", "mail.infomaniak.com"),
    ];
    hosts.iter().find(|(name, _)| provider.starts_with(name)).map(|&(_, host)| host)
}

/// The causes that a category of the table stands for; some name two, some add a remark.
fn categories(category: &str) -> Vec<String> {
    let plain =
        [" (", " score"].iter().filter_map(|end| category.find(end)).min().map_or(category, |at| &category[..at]);
    plain.split(" / ").map(|name| name.replace('_', "-")).collect()
}

#[test]
fn all_of_the_table() {
    let Some(text) = crate::shared::shared("bounces.json") else { return };
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(entries.len() >= 68);
    let mut wrong = Vec::new();
    for entry in &entries {
        let (id, provider) = (entry["id"].as_str().unwrap(), entry["provider"].as_str().unwrap());
        let wanted = categories(entry["category"].as_str().unwrap());
        let code = entry["code"].as_u64().map(|code| format!("{code} ")).unwrap_or_default();
        let enhanced = entry["enhanced"].as_str().and_then(|codes| codes.split([' ', '/']).next()).unwrap_or_default();
        let mail_from = (wanted == ["srs"]).then_some("SRS0=ab/c=G3=example.com=alice@fwd.example");
        let context = Context { host: host(provider), mail_from, ..Context::default() };
        for words in entry["match"].as_array().unwrap() {
            let reply = format!("{code}{enhanced} prefix {} suffix", words.as_str().unwrap());
            let bounce = diagnose(&reply, &context);
            let cause = bounce.cause.as_str();
            // A code of the registry is everybody's: it says why, and not who.
            let anybody = words.as_str().and_then(Enhanced::parse).is_some_and(|Enhanced(_, _, detail)| detail < 100);
            let told = bounce.provider == Some(provider) || anybody;
            if !wanted.iter().any(|wanted| wanted == cause) || !told {
                wrong.push(format!("{id} {reply:?}: want {wanted:?} {provider}, got {cause} {:?}", bounce.provider));
            }
            if let Some(code) = entry["code"].as_u64() {
                assert_eq!(bounce.permanent, Some(code >= 500), "{id}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n"), wrong.len());
}

#[test]
fn numbers_of_gmail_are_its_own() {
    let gmail = Context { host: Some("aspmx.l.google.com"), ..Context::default() };
    assert_eq!(diagnose("550 5.7.27 Blocked", &gmail).cause, Cause::Spf);
    assert_eq!(diagnose("550 5.7.27 Blocked", &Context::default()).cause, Cause::SenderDomain);
    assert_eq!(diagnose("550 5.7.30 Blocked", &gmail).cause, Cause::Dkim);
    assert_eq!(diagnose("550 5.7.30 Blocked", &Context::default()).cause, Cause::Tls);
}

#[test]
fn unknown_texts() {
    let cases = [
        ("550 5.1.1 <x@d.example>: Recipient address rejected: User unknown", Cause::UnknownUser, Actor::Sender),
        (
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
            Cause::Reputation,
            Actor::SendingService,
        ),
        ("450 4.2.0 Greylisted, see http://x.example", Cause::Greylisting, Actor::Nobody),
        ("552 5.2.2 Mailbox full", Cause::MailboxFull, Actor::Recipient),
        ("554 5.7.1 Relay access denied", Cause::RelayDenied, Actor::SendingService),
        (
            "host mx.d.example[192.0.2.1] said: 554 5.7.1 <bob@d.example>: Relay access denied",
            Cause::RelayDenied,
            Actor::Recipient,
        ),
        ("550 your mail failed our SPF test", Cause::Spf, Actor::DomainOwner),
        ("550 5.7.1 rejected: DMARC policy of sender says reject", Cause::Dmarc, Actor::DomainOwner),
        ("554 5.4.6 Too many hops", Cause::Loop, Actor::Forwarder),
        ("550 5.7.25 denied", Cause::Ptr, Actor::SendingService),
        ("550 xyzzy", Cause::Unknown, Actor::Sender),
        ("", Cause::Unknown, Actor::Sender),
    ];
    for (text, cause, actor) in cases {
        let bounce = diagnose(text, &Context::default());
        assert_eq!((bounce.cause, bounce.actor), (cause, actor), "{text}");
        assert!(!bounce.advice().is_empty());
    }
    assert_eq!(diagnose("550 xyzzy", &Context::default()).basis, Basis::Nothing);
}

#[test]
fn a_clear_word_beside_a_vague_one() {
    let gmx = "550-Requested action not taken: mailbox unavailable\n550-Reject due to SPF policy.\n550 For explanation visit \
               https://postmaster.gmx.net/en/case?c=r0601&i=ip&v=192.0.2.1";
    let bounce = diagnose(gmx, &Context::default());
    assert_eq!((bounce.provider, bounce.cause), (Some("GMX / WEB.DE / mail.com / IONOS"), Cause::Spf));
    let rspamd = diagnose("554 5.7.1 Spam message rejected; DMARC policy", &Context::default());
    assert_eq!((rspamd.provider, rspamd.cause), (Some("rspamd"), Cause::Dmarc));
}

#[test]
fn the_host_is_who_and_the_words_are_why() {
    let other = Context { host: Some("mx.yandex.ru"), ..Context::default() };
    let bounce = diagnose("553 5.7.1 Sender mismatch", &other);
    assert_eq!((bounce.provider, bounce.cause), (Some("Yandex"), Cause::SenderMismatch));
    // The recipient's address is no mark of who answered.
    assert_eq!(diagnose("550 <x@gmail.com> spf", &Context::default()).provider, None);
}

#[test]
fn a_forwarder_that_uses_srs_mends_its_own_record() {
    let context = Context { mail_from: Some("SRS0=PGkz=G3=example.com=alice@fwd.example"), ..Context::default() };
    assert_eq!(diagnose("550 5.7.23 SPF fail", &context).actor, Actor::Forwarder);
    let bounce = diagnose("550 5.7.23 SPF fail", &Context::default());
    assert_eq!(
        bounce.advice().iter().map(|advice| advice.actor).collect::<Vec<_>>(),
        [Actor::DomainOwner, Actor::Forwarder]
    );
}

const POSTFIX: &str = "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nTo: SRS0=PGkz=G3=example.com=alice@fwd.example\r\n\
Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"b/1\"\r\n\r\n--b/1\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\
--b/1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; bob@gmail.com\r\n\
Original-Recipient: rfc822;bob@d.example\r\nAction: failed\r\nStatus: 5.7.26\r\nRemote-MTA: dns; gmail-smtp-in.l.google.com\r\n\
Diagnostic-Code: smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n    Gmail requires all senders to authenticate\r\n    with either SPF or DKIM.\r\n\r\n\
Final-Recipient: rfc822; eve@d.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\
--b/1\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <SRS0=PGkz=G3=example.com=alice@fwd.example>\r\nDKIM-Signature: v=1; d=Example.com; s=a\r\nFrom: alice@example.com\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n--b/1--\r\n";

#[test]
fn a_notification_of_postfix() {
    let dsn = Dsn::parse(POSTFIX.as_bytes()).unwrap();
    assert!(dsn.is_standard);
    let bounces = dsn.bounces();
    assert_eq!(bounces.len(), 1);
    assert_eq!((bounces[0].provider, bounces[0].cause), (Some("Gmail"), Cause::Unauthenticated));
    assert!(bounces[0].forwarded);
    let original = dsn.original.unwrap();
    assert_eq!(original.signed_by, ["example.com"]);
    assert!(original.message.unwrap().ends_with(b"Hello\r\n"));
}

#[test]
fn a_notification_inside_another_message() {
    let outer = format!(
        "From: me@x.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nLook.\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n{POSTFIX}\r\n--o--\r\n"
    );
    let dsn = Dsn::parse(outer.as_bytes()).unwrap();
    assert_eq!(dsn.bounces()[0].cause, Cause::Unauthenticated);
    assert_eq!(dsn.original.unwrap().message_id.as_deref(), Some("<1@example.com>"));
}

#[test]
fn an_old_bounce() {
    let text = "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nTo: a@d.example\n\nHi. This is the qmail-send program at x.example.\n\n<b@e.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 No such user\nGiving up on 192.0.2.1.\n";
    let dsn = Dsn::parse(text.as_bytes()).unwrap();
    assert!(!dsn.is_standard);
    assert_eq!(dsn.recipients[0].address.as_deref(), Some("b@e.example"));
    assert_eq!(dsn.bounces()[0].cause, Cause::UnknownUser);
    assert_eq!(Dsn::parse(b"From: a@d.example\r\n\r\n550 things to do\r\n"), None);
    // Somebody asks about a message, and shows its header.
    let header = "Content-Type: text/rfc822-headers\r\n\r\nFrom: b@d.example\r\nSubject: Lunch\r\n";
    assert_eq!(Dsn::parse(format!("From: a@d.example\r\n{header}").as_bytes()), None);
    assert!(Dsn::parse(format!("From: MAILER-DAEMON@d.example\r\n{header}").as_bytes()).is_some());
}

#[test]
fn an_old_bounce_without_any_code() {
    let text = "From: Mail Delivery System <mailer-daemon@x.example>\nX-Failed-Recipients: b@e.example\n\nA message that you \
                sent could not be delivered:\n  mailbox is full\n";
    let dsn = Dsn::parse(text.as_bytes()).unwrap();
    assert_eq!(dsn.recipients[0].address.as_deref(), Some("b@e.example"));
    let bounce = dsn.bounces().remove(0);
    assert_eq!((bounce.cause, bounce.permanent), (Cause::MailboxFull, None));
    // Who it is for is not told, nor why.
    assert_eq!(Dsn::parse(b"From: mailer-daemon@x.example\r\n\r\nSorry.\r\n"), None);
}

/// RFC 3464 §2.3.6: Diagnostic-Code may be missing. What is told to people may hold the reply, and Status the code.
#[test]
fn a_notification_without_a_diagnostic() {
    let code = "Diagnostic-Code: smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n    \
                Gmail requires all senders to authenticate\r\n    with either SPF or DKIM.\r\n";
    assert!(POSTFIX.contains(code));
    let without = POSTFIX.replace(code, "");
    let bounce = Dsn::parse(without.replace("5.7.26", "5.2.2").as_bytes()).unwrap().bounces().remove(0);
    assert_eq!((bounce.cause, bounce.basis, bounce.reply.code), (Cause::MailboxFull, Basis::Code, None));
    let told = without.replace("I'm sorry.", "I'm sorry. It was said:\r\n\r\n550 5.1.1 No such\r\nuser here");
    let bounce = Dsn::parse(told.as_bytes()).unwrap().bounces().remove(0);
    assert_eq!((bounce.cause, bounce.reply.code), (Cause::UnknownUser, Some(550)));
}

/// Types and parts that RFC 3464 §2 does not have in it: a picture, a second original, a type left out.
#[test]
fn a_notification_with_more_than_its_parts() {
    let more = POSTFIX.replace("rfc822; bob@gmail.com", "bob@gmail.com").replace(
        "--b/1--",
        "--b/1\r\nContent-Type: image/png\r\n\r\nx\r\n--b/1\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: eve@e.example\r\n--b/1--",
    );
    let dsn = Dsn::parse(more.as_bytes()).unwrap();
    assert_eq!(dsn.recipients[0].address.as_deref(), Some("bob@gmail.com"));
    assert_eq!(dsn.original.unwrap().from.as_deref(), Some("alice@example.com"));
}

#[test]
fn a_forwarder_without_srs_is_told_to_use_it() {
    let context = Context { redirected_to: Some("bob@gmail.com"), ..Context::default() };
    let bounce = diagnose("550 5.7.23 SPF fail", &context);
    assert_eq!(bounce.actor, Actor::Forwarder);
    assert!(bounce.advice()[0].text.starts_with("Rewrite the envelope sender with SRS"));
    // One that rewrites has a record of its own.
    let context = Context { mail_from: Some("SRS0=PGkz=G3=example.com=alice@fwd.example"), ..context };
    let advice = diagnose("550 5.7.23 SPF fail", &context).advice();
    assert_eq!((advice.len(), advice[0].actor), (1, Actor::Forwarder));
    assert!(advice[0].text.contains("SPF of the forwarder's own SRS domain"));
}

#[test]
fn hostile_messages_end() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(10_000);
    assert_eq!(Dsn::parse(nested.as_bytes()), None);
    let many = format!(
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n{}",
        "--x\r\nContent-Type: message/delivery-status\r\n\r\n".repeat(10_000)
    );
    assert!(Dsn::parse(many.as_bytes()).is_some());
    let colons = format!("From: mailer-daemon\r\n\r\n{}", "550 x\r\n\r\n".repeat(10_000));
    assert!(Dsn::parse(colons.as_bytes()).is_some());
    let folds = format!("A: {}\r\n\r\n", "\r\n b".repeat(100_000));
    assert_eq!(Dsn::parse(folds.as_bytes()), None);
}

#[test]
fn a_server_that_relays_nothing_is_one_of_two() {
    for (text, first, second) in [
        ("554 5.7.1 Relay access denied", Actor::SendingService, Actor::Recipient),
        ("host mx.d.example[192.0.2.1] said: 554 5.7.1 Relay access denied", Actor::Recipient, Actor::SendingService),
    ] {
        let advice = diagnose(text, &Context::default()).advice();
        assert_eq!(advice.iter().map(|advice| advice.actor).collect::<Vec<_>>(), [first, second], "{text}");
        assert!(advice.iter().any(|advice| advice.text.contains("MX of the recipient's domain")), "{text}");
    }
}

/// Between servers, nobody asks the writer of the message for a password.
#[test]
fn a_login_that_a_server_wants_of_a_server() {
    let advice = |text: &str| diagnose(text, &Context::default()).advice();
    assert_eq!(advice("530 5.7.1 Client was not authenticated")[0].actor, Actor::Sender);
    let told = advice("host mx.d.example[192.0.2.1] said: 530 5.7.1 Client was not authenticated");
    assert_eq!(told.iter().map(|advice| advice.actor).collect::<Vec<_>>(), [Actor::SendingService, Actor::Recipient]);
    assert!(told[1].text.contains("without a login"));
}

/// They share their software, and neither their hosts nor their help.
#[test]
fn ionos_is_not_gmx() {
    let host = Context { host: Some("mx00.kundenserver.de"), ..Context::default() };
    assert_eq!(diagnose("550 User unknown", &host).provider, Some("IONOS"));
    let host = Context { host: Some("mx1.hosts.antispameurope.com"), ..Context::default() };
    assert_eq!(diagnose("550 User unknown", &host).provider, Some("Hornetsecurity"));
}

#[cfg(feature = "serde")]
#[test]
fn a_cause_has_one_word_everywhere() {
    use crate::bounce::Cause as C;
    for cause in [C::UnknownUser, C::SenderMismatch, C::FromSyntax, C::DmarcTemperror, C::RelayDenied, C::Unknown] {
        let written = serde_json::to_value(cause).unwrap();
        assert_eq!(written, cause.as_str());
        let old = written.as_str().unwrap().replace('-', "_");
        assert_eq!(serde_json::from_value::<C>(old.into()).unwrap(), cause);
    }
}

/// RFC 3464 §2.3.3: what has failed is not tried again, whatever the code says.
#[test]
fn who_has_given_up_tries_no_more() {
    let expired = POSTFIX.replace("Status: 5.7.26", "Status: 4.4.1");
    let (start, end) =
        (expired.find("Diagnostic-Code").unwrap(), expired.find("Final-Recipient: rfc822; eve").unwrap());
    let code = "Diagnostic-Code: X-Postfix; connect to mx.d.example[192.0.2.9]:25: Connection timed out\r\n\r\n";
    let expired = [&expired[..start], code, &expired[end..]].concat();
    let bounce = Dsn::parse(expired.as_bytes()).unwrap().bounces().remove(0);
    assert_eq!((bounce.cause, bounce.permanent, bounce.actor), (Cause::Network, Some(true), Actor::Sender));
    assert!(bounce.advice()[0].text.contains("has given up"));
    let permanent = |text: &str| diagnose(text, &Context::default()).permanent;
    assert_eq!(permanent("connect to mx.d.example[192.0.2.9]:25: Connection timed out"), Some(false));
    assert_eq!(permanent("retry timeout exceeded"), Some(true));
    assert_eq!(permanent("retry time not reached for any host"), Some(false));
    assert_eq!(permanent("retry time not reached for any host after a long failure period"), Some(true));
    assert_eq!(permanent("all hosts for 'd.example' have been failing for a long time"), Some(true));
    assert_eq!(permanent("status=deferred (host mx.d.example[192.0.2.9] refused to talk to me: 554 no)"), Some(false));
    assert_eq!(permanent("Domain d.example has exceeded the max emails per hour. Message discarded."), Some(true));
}

#[test]
fn what_is_no_notification() {
    // A vacation note (RFC 3834), with the number of a colleague.
    let note = "Return-Path: <>\r\nFrom: Bob <bob@d.example>\r\nAuto-Submitted: auto-replied\r\n\r\nTelefon 0511 550 1234.\r\n";
    assert_eq!(Dsn::parse(note.as_bytes()), None);
    // The words below the mark are those of the message that came back.
    let qmail = "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n\n<b@e.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
                 --- Below this line is a copy of the message.\n\nFrom: a@d.example\n\nWe talk about SPF, 550 times.\n";
    assert_eq!(Dsn::parse(qmail.as_bytes()).unwrap().bounces()[0].cause, Cause::UnknownUser);
}

#[test]
fn each_cause_has_its_word_and_advice() {
    let mut words: Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Cause::ALL.len());
}
