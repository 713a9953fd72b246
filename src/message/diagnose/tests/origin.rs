//! Where a message came from: handed in, through a filter, or nobody knows.

use super::*;
use crate::dmarc::{self, DmarcResult};

const OWN: &str = "From: Ann <ann@r.example>\r\nTo: bob@r.example\r\n\r\nHello\r\n";

fn delivered(received: &str, mail: &str) -> Diagnosis {
    delivered_in("", received, mail)
}

fn delivered_in(zone: &str, received: &str, mail: &str) -> Diagnosis {
    let message = format!("Return-Path: <ann@r.example>\r\n{received}{mail}");
    diagnosed(zone, &Input::new(message.as_bytes(), NOW).recipient(Recipient::new("bob@r.example")))
}

#[test]
fn a_colleague_who_logged_in_is_no_forger() {
    for received in [
        "Received: from [10.0.0.3] (p5b.dip.example [198.51.100.88])\r\n\t(Authenticated sender: ann@r.example)\r\n\tby mail.r.example (Postfix) with ESMTPSA id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: from p5b.dip.example ([198.51.100.88]:51234 helo=[10.0.0.3]) by mail.r.example with esmtpsa (TLS1.3) (Exim 4.98) id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: from smtp.host.example (unknown [10.4.36.108]) by mda.host.example (Postfix) with ESMTP id 2; Thu, 1 Jan 2026 10:00:01 +0000\r\nReceived: from unknown by smtp.host.example (Postfix) with ESMTPA id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: by mail.r.example (Postfix, from userid 33) id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: from www-data by mail.r.example with local (Exim 4.98) id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: from A.prod.exchangelabs.com ([fe80::1]) by A.prod.exchangelabs.com ([fe80::1%4]) with mapi id 15; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
        "Received: by 2002:a05:6402:1:b0:5d:1 with SMTP id abc; Thu, 1 Jan 2026 10:00:00 +0000\r\n",
    ] {
        let found = delivered(received, OWN);
        assert_eq!(found.primary.cause, Cause::NoProblem, "{received}{:?}", found.primary);
        assert!(found.primary.told.contains("SPF and DMARC, which judge other servers, do not apply"));
        assert!(found.spf.is_none() && found.dmarc_result() == DmarcResult::None && found.secondary.is_empty());
    }
}

#[test]
fn what_a_client_writes_about_logins_is_nothing() {
    // The session is given: the uppermost field may be the client's own.
    let message = format!(
        "Received: from x (x [203.0.113.9]) by mail.r.example with ESMTPSA id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n{OWN}"
    );
    cause("", &message, connection("203.0.113.9", "x.bad.example", "ann@r.example"), Cause::SpoofedOwnDomain);
    // It came from a host outside, and what stands below is that host's word.
    let outside = "Received: from x.bad.example (x.bad.example [203.0.113.9]) by mx.r.example with ESMTPS; Thu, 1 Jan 2026 10:00:01 +0000\r\n\
                   Received: by mail.r.example (Postfix, from userid 33) id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    assert_eq!(delivered(outside, OWN).primary.cause, Cause::SpoofedOwnDomain);
    // LMTP only brings mail to the store, with a login or without.
    let store = "Received: from mx.r.example ([unix socket]) by imap.r.example (Cyrus) with LMTPA; Thu, 1 Jan 2026 10:00:02 +0000\r\n";
    assert_eq!(delivered(&format!("{store}{outside}"), OWN).primary.cause, Cause::SpoofedOwnDomain);
    // Somebody else's domain is not at home there.
    let other = delivered("Received: by mail.r.example (Postfix, from userid 33) id 1; x\r\n", MAIL);
    assert_eq!(other.primary.cause, Cause::DkimNotSigned);
}

/// RFC 3848: the server says that its client had logged in. A client can say so itself, so the server has to be known.
#[test]
fn a_login_is_seen_where_the_session_is_given() {
    let received = "Received: from pc (p5b.dip.example [203.0.113.9]) by mail.r.example with ESMTPSA id 1; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    let message = format!("{received}{OWN}");
    let given = |ip: &str, trusted: &[&str]| {
        let mut input = Input::new(message.as_bytes(), NOW).recipient(Recipient::new("bob@r.example"));
        input.connection = connection(ip, "pc", "ann@r.example");
        input.trusted_hosts = trusted.iter().map(|host| host.parse().unwrap()).collect();
        diagnosed("", &input)
    };
    let found = given("203.0.113.9", &["mail.r.example"]);
    assert_eq!((found.primary.cause, found.spf.is_none()), (Cause::NoProblem, true), "{:?}", found.primary);
    assert!(found.primary.told.contains("somebody who had logged in at mail.r.example"), "{}", found.primary.told);
    let claimed = given("203.0.113.9", &[]);
    assert_eq!(claimed.primary.cause, Cause::SpoofedOwnDomain);
    assert!(
        claimed
            .primary
            .told
            .contains("says that the client had logged in at mail.r.example: if that is a host of the receiver")
    );
    // Another client, and another server.
    for (ip, trusted) in
        [("203.0.113.8", &["mail.r.example"][..]), ("203.0.113.8", &[]), ("203.0.113.9", &["mx.r.example"])]
    {
        let found = given(ip, trusted);
        assert_eq!(found.primary.cause, Cause::SpoofedOwnDomain, "{ip} {trusted:?}");
        assert!(!found.primary.told.contains("logged in"), "{}", found.primary.told);
    }
}

#[test]
fn without_spf_nothing_is_decided() {
    let found = diagnosed("", &Input::new(MAIL.as_bytes(), NOW));
    assert_eq!((found.primary.cause, found.dmarc_result()), (Cause::DkimNotSigned, DmarcResult::None));
    assert_eq!(found.dmarc.unwrap().cause, dmarc::Cause::SpfNotChecked);
    assert!(found.primary.told.ends_with("so SPF was not checked and DMARC is undecided"), "{}", found.primary.told);
    assert!(found.primary.advice.contains("--ip"), "{}", found.primary.advice);
    assert!(found.findings.iter().all(|found| found.code != "dmarc-eval-fail"));
    // A signature decides by itself.
    let found = diagnosed("", &Input::new(signed(MAIL).as_bytes(), NOW));
    assert_eq!((found.primary.cause, found.dmarc_result()), (Cause::NoProblem, DmarcResult::Pass));
}

const THROUGH_FILTER: &str = "Return-Path: <ann@d.example>\r\n\
    Received: from gw.esp.example (gw.esp.example [203.0.113.7]) by mx.r.example with ESMTPS for <bob@r.example>; Thu, 1 Jan 2026 10:00:02 +0000\r\n\
    Received: from mx.d.example (mx.d.example [192.0.2.1]) by gw.esp.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 +0000\r\n";

#[test]
fn spf_is_judged_at_the_border() {
    let message = format!("{THROUGH_FILTER}{MAIL}");
    let plain = Input::new(message.as_bytes(), NOW);
    let mut trusting = plain.clone();
    trusting.trusted_hosts = vec!["mx.r.example".parse().unwrap(), "gw.esp.example".parse().unwrap()];
    let exchange = "r.example. MX 10 gw.esp.example.\ngw.esp.example. A 203.0.113.7";
    for (zone, input) in [("", &trusting), (exchange, &plain)] {
        let found = diagnosed(zone, input);
        assert_eq!(found.primary.cause, Cause::NoProblem, "{:?}", found.primary);
        assert_eq!(found.session.ip.unwrap().value, std::net::IpAddr::from([192, 0, 2, 1]));
        assert_eq!(found.path.boundary().unwrap().field, 2);
    }
    // Anybody can call itself so.
    let elsewhere = "r.example. MX 10 gw.esp.example.\ngw.esp.example. A 203.0.113.8";
    assert_eq!(diagnosed(elsewhere, &plain).session.ip.unwrap().value, std::net::IpAddr::from([203, 0, 113, 7]));
}

#[test]
fn servers_that_only_pass_on_within_the_house() {
    let exchange = "Received: from A.prod.exchangelabs.com (2603:10a6:208:1::1) by\r\n B.eurprd01.prod.exchangelabs.com with HTTPS; Thu, 1 Jan 2026 10:00:03 +0000\r\n\
        Received: from F.prod.protection.outlook.com\r\n (2603:10a6:20b:1::2) by A.outlook.office365.com\r\n (2603:10a6:208:1::1) with Microsoft SMTP Server id 15; Thu, 1 Jan 2026 10:00:02 +0000\r\n\
        Received: from mx.d.example (192.0.2.1) by\r\n F.mail.protection.outlook.com (10.152.8.1) with Microsoft SMTP\r\n Server id 15; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    let fetched = "Received: from localhost (localhost [127.0.0.1]) by pc.local (Postfix) with ESMTP id 9; Thu, 1 Jan 2026 10:00:03 +0000\r\n\
        Received: from pop.r.example [203.0.113.210] by pc.local with POP3 (fetchmail-6.4.37) for <bob@localhost>; Thu, 1 Jan 2026 10:00:02 +0000\r\n\
        Received: from mx.d.example (mx.d.example [192.0.2.1]) by mx.r.example with ESMTPS id 5; Thu, 1 Jan 2026 10:00:00 +0000\r\n";
    for received in [exchange, fetched] {
        let message = format!("Return-Path: <ann@d.example>\r\n{received}{MAIL}");
        let found = diagnosed("", &Input::new(message.as_bytes(), NOW));
        assert_eq!(found.session.ip.as_ref().unwrap().value, std::net::IpAddr::from([192, 0, 2, 1]));
        assert_eq!(found.primary.cause, Cause::NoProblem, "{:?}", found.primary);
    }
}

#[test]
fn a_note_of_the_receiver_forwards_nothing() {
    let message = format!(
        "Delivered-To: bob@r.example\r\nReceived: from bad (unknown [203.0.113.9]) by mx.r.example (Postfix) with ESMTP id 9; Thu, 1 Jan 2026 10:00:00 +0000\r\n{MAIL}"
    );
    let client = Connection::new("203.0.113.9".parse().unwrap(), "x.bad.example", "ann@d.example");
    cause("", &message, client, Cause::ThirdPartySenderNotAuthorized);
}
