//! Whatever is left out of a list is told.

use crate::dns::Snapshot;
use crate::finding::{Diagnostic, Severity};
use crate::resolver::{Zone, drive_sync};
use crate::text::Source;
use crate::{bimi, dkim, dmarc, domain, message, mta_sts, tls_rpt};

fn dmarc(text: &Source) -> Vec<Diagnostic> {
    dmarc::lint(&dmarc::Record::of(text.clone()))
}

fn unread(lint: fn(&Source) -> Vec<Diagnostic>, text: &str) -> Vec<String> {
    let mut found = lint(&text.into());
    found.retain(|found| found.code == "dns-record-rest-unread");
    assert!(found.iter().all(|found| found.severity == Severity::Warning));
    let rest = |found: &Diagnostic| text[found.primary.span].to_owned();
    assert!(found.iter().all(|found| found.params.get("octets") == Some(&rest(found).len().to_string())));
    found.iter().map(rest).collect()
}

#[test]
fn the_end_of_a_long_record_is_told() {
    let tags = |count: usize| (0..count).map(|at| format!("x{at}=1; ")).collect::<String>();
    // One of the 500 parts stands in front: the version, which DMARC does not count, or the policy.
    for (lint, head, room) in [
        (dmarc as fn(&Source) -> Vec<Diagnostic>, "v=DMARC1; p=none; ", 499),
        (mta_sts::lint, "v=STSv1; ", 499),
        (tls_rpt::lint, "v=TLSRPTv1; ", 499),
        (bimi::lint, "v=BIMI1; ", 499),
    ] {
        assert!(unread(lint, &format!("{head}{}", tags(room))).is_empty(), "{head}");
        assert_eq!(unread(lint, &format!("{head}{}sp=reject; l=x; ", tags(room))), ["sp=reject; l=x;"], "{head}");
    }
}

#[test]
fn hashes_and_flags_that_are_not_told_are_told_together() {
    for tag in ["h", "t"] {
        let list = |count: usize| vec!["x"; count].join(" : ");
        assert!(unread(dkim::lint_key, &format!("v=DKIM1; {tag}={}; p=", list(100))).is_empty(), "{tag}");
        assert_eq!(unread(dkim::lint_key, &format!("v=DKIM1; {tag}={}: sha256 ; p=", list(100))), ["sha256"], "{tag}");
    }
    // A verifier reads all of it.
    let text = format!("h={}:sha256; p=", "x:".repeat(200));
    assert!(dkim::Key::parse(&text.as_str().into()).allows(dkim::HashAlgorithm::Sha256));
}

#[test]
fn destinations_that_are_not_read_are_told() {
    let list = |count: usize| vec!["mailto:d@d.example"; count].join(" , ");
    for (lint, head, room) in [
        (dmarc as fn(&Source) -> Vec<Diagnostic>, "v=DMARC1; p=none; rua=", 100),
        (dmarc, "v=DMARC1; p=none; ruf=", 100),
        (tls_rpt::lint, "v=TLSRPTv1; rua=", 500),
    ] {
        assert!(unread(lint, &format!("{head}{}; x=y", list(room))).is_empty(), "{head}");
        let text = format!("{head}{}, mailto:e@e.example ; x=y", list(room));
        assert_eq!(unread(lint, &text), ["mailto:e@e.example"], "{head}");
    }
}

/// What is told as not looked at: of what, and how many.
fn beyond(found: &[Diagnostic]) -> Vec<(&str, usize)> {
    let told = found.iter().filter(|found| found.code == "more-not-looked-at");
    told.map(|found| (found.params.get("what").unwrap(), found.params.get("count").unwrap().parse().unwrap())).collect()
}

fn in_zone(zone: &str, input: &domain::Input) -> Vec<Diagnostic> {
    let zone = Zone::parse(zone).unwrap();
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| domain::check(dns, input)).findings
}

#[test]
fn mail_servers_that_are_not_looked_at_are_counted() {
    let zone = |count: usize| -> String {
        let servers = (0..count).map(|n| format!("d.example. MX 10 m{n}.d.example.\nm{n}.d.example. A 192.0.2.1\n"));
        servers.collect()
    };
    let input = domain::Input::new("d.example");
    assert!(beyond(&in_zone(&zone(10), &input)).is_empty());
    let found = in_zone(&zone(53), &input);
    assert_eq!(beyond(&found), [("mail servers", 3), ("mail servers that may have TLSA records", 40)]);
    assert!(
        found.iter().any(|found| found.message() == "mail servers: the first 50 are looked at, and 3 more are not")
    );
}

#[test]
fn selectors_that_are_not_looked_at_are_counted() {
    let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
    let with = |count: usize| {
        let selectors = (0..count).map(|n| format!("s{n}").parse().unwrap());
        let mut input = selectors.fold(domain::Input::new("d.example"), domain::Input::selector);
        input.guess_selectors = true;
        in_zone(&format!("d.example. A 192.0.2.1\n*._domainkey.d.example. {key}\n"), &input)
    };
    assert!(beyond(&with(49)).is_empty());
    // One that is guessed is there too.
    assert_eq!(beyond(&with(50)), [("other keys", 1)]);
    assert_eq!(beyond(&with(52)), [("other keys", 1), ("DKIM selectors", 2)]);
}

#[test]
fn destinations_and_authors_that_are_not_looked_at_are_counted() {
    let uris: Vec<String> = (0..23).map(|n| format!("mailto:r@h{n}.d.example")).collect();
    let zone = format!("_dmarc.d.example. TXT \"v=DMARC1; p=none; rua={}\"", uris.join(",\" \""));
    assert_eq!(beyond(&in_zone(&zone, &domain::Input::new("d.example"))), [("destinations of reports", 3)]);
    let texts: String = (0..13).map(|n| format!("_dmarc.d.example. TXT \"word {n}\"\n")).collect();
    assert_eq!(beyond(&in_zone(&texts, &domain::Input::new("d.example"))), [("other texts at `_dmarc`", 3)]);
    let near: String = (0..13).map(|n| format!("_dmarc.d.example. TXT \"v=DMARC; p=none; x{n}=1\"\n")).collect();
    let misspelt = [("misspelt records at `_dmarc`", 3)];
    assert_eq!(beyond(&in_zone(&near, &domain::Input::new("d.example"))), misspelt);
    // Beside one that counts they are told in another way.
    let beside = format!("{near}_dmarc.d.example. TXT \"v=DMARC1; p=none\"\n");
    assert_eq!(beyond(&in_zone(&beside, &domain::Input::new("d.example"))), misspelt);
    let results: String = (0..53).map(|n| format!("Authentication-Results: h{n}.example; none\r\n")).collect();
    let text = format!("{results}From: a@d.example\r\n\r\n");
    let found = message::lint(&message::Message::parse(text.as_bytes()), &message::LintOptions::default());
    assert_eq!(beyond(&found), [("Authentication-Results fields", 3)]);
    let from: Vec<String> = (0..102).map(|n| format!("a{n}@d.example")).collect();
    let text = format!("From: {}\r\n\r\n", from.join(",\r\n "));
    let message = message::Message::parse(text.as_bytes());
    assert_eq!(beyond(&message::lint(&message, &message::LintOptions::default())), [("addresses in From", 2)]);
}

#[test]
fn lines_and_problems_that_are_not_told_are_counted() {
    let body = format!("version: STSv1\nmode: none\nmax_age: 86400\n{}", "mode: none\nfoo: bar\n".repeat(21));
    let (domain, file) = ("d.example".parse().unwrap(), mta_sts::Fetched::body(body.as_bytes()));
    let lint = |dns: &Snapshot| mta_sts::lint_policy(dns, &domain, &file);
    let zone = Zone::parse("d.example. MX 10 m.d.example.").unwrap();
    let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
    assert_eq!(beyond(&found), [("lines with unknown keys", 1), ("lines that say it again", 1)]);
    let svg = format!("<svg>{}</svg>", "<script/>".repeat(20));
    assert_eq!(beyond(&bimi::lint_logo(&domain, svg.as_bytes()))[0].0, "problems of the logo");
}

/// What `message::lint` leaves out of a header.
fn in_header(header: &str) -> Vec<(String, usize)> {
    let text = format!("{header}\r\n");
    let found = message::lint(&message::Message::parse(text.as_bytes()), &message::LintOptions::default());
    beyond(&found).into_iter().map(|(what, count)| (what.to_owned(), count)).collect()
}

#[test]
fn fields_and_faults_of_a_header_are_counted() {
    let from = |count: usize| "From: a@d.example\r\n".repeat(count);
    assert!(in_header(&from(10)).is_empty());
    assert_eq!(in_header(&from(12)), [("From fields".to_owned(), 2)]);
    let odd = |count: usize| format!("{}From: a@d.example\r\n", "no field\r\n".repeat(count));
    assert!(in_header(&odd(64)).is_empty());
    assert_eq!(in_header(&odd(67)), [("faults of the header".to_owned(), 3)]);
    let results = |count: usize| {
        let said =
            |result: &str| -> String { (0..count).map(|n| format!("; dkim={result} header.d=d{n}.example")).collect() };
        let field = |result: &str| format!("Authentication-Results: mx.r.example{}\r\n", said(result));
        format!("{}{}From: a@d.example\r\n", field("pass"), field("fail"))
    };
    assert!(in_header(&results(5)).is_empty());
    assert_eq!(in_header(&results(8)), [("results that disagree".to_owned(), 3)]);
}

#[test]
fn faults_of_dkim_and_arc_are_counted() {
    // An empty tag each.
    let key = |faults: usize| format!("v=DKIM1; p={}", ";".repeat(faults + 1));
    let of_key = |faults: usize| dkim::lint_key(&key(faults).as_str().into());
    assert!(beyond(&of_key(64)).is_empty());
    assert_eq!(beyond(&of_key(66)), [("faults of the tag-list", 2)]);
    let signature =
        |faults: usize| format!("v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=; b={}", ";".repeat(faults + 1));
    let of_signature = |faults: usize| {
        let read = dkim::Signature::parse(&signature(faults).as_str().into());
        assert!(read.defects.len() <= 64);
        (
            read.more_defects,
            beyond(&dkim::lint_signature(&signature(faults).as_str().into(), &dkim::SignatureFacts::default()))
                .iter()
                .map(|(what, count)| ((*what).to_owned(), *count))
                .collect::<Vec<_>>(),
        )
    };
    let (more, told) = of_signature(70);
    assert_eq!(told, [("faults of the signature".to_owned(), more)]);
    assert!(more >= 6);
    assert_eq!(of_signature(10), (0, Vec::new()));
    let text = format!("{}From: a@d.example\r\n\r\n", "ARC-Seal: i=x; cv=none\r\n".repeat(69));
    let message = message::Message::parse(text.as_bytes());
    let chain =
        drive_sync(&mut Snapshot::new(), |_| panic!(), |dns| crate::arc::verify(dns, &message, crate::Timestamp(0)));
    assert_eq!((chain.chain.defects.len(), chain.chain.more_defects), (64, 5));
    let known = crate::arc::Known { trusted: Vec::new() };
    assert_eq!(beyond(&crate::arc::findings(&message, &chain, &known)), [("faults of the ARC chain", 5)]);
}

#[test]
fn keys_and_hosts_that_are_not_looked_at_are_counted() {
    let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=; n=";
    let keys: String = (0..10).map(|n| format!("s._domainkey.d.example. {key}{n}\"\n")).collect();
    let input = domain::Input::new("d.example").selector("s".parse().unwrap());
    assert_eq!(beyond(&in_zone(&keys, &input)), [("keys at the name", 2)]);
    let servers: String =
        (0..22).map(|n| format!("d.example. MX 10 m{n}.d.example.\nm{n}.d.example. A 192.0.2.1\n")).collect();
    let zone = format!("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n{servers}");
    let zone = Zone::parse(&zone).unwrap();
    let lint = |dns: &Snapshot| {
        crate::spf::lint_domain(dns, &"d.example".parse().unwrap(), &crate::spf::LintOptions::default())
    };
    let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
    let mut told = beyond(&found);
    told.sort_unstable();
    assert_eq!(told, [("mail servers that may have IPv6", 2), ("mail servers that may need an SPF record", 12)]);
}

#[test]
fn pieces_of_html_and_stations_are_counted() {
    let text = format!("v=spf1 {}-all", "a&nbsp;".repeat(103));
    assert_eq!(beyond(&crate::spf::lint_text(&text.as_str().into())), [("pieces of HTML", 3)]);
    let mut input = crate::report::ForwardInput::new("d.example".parse().unwrap(), "192.0.2.1".parse().unwrap());
    input.hops = vec![crate::forwarding::Hop::Redirect { srs: true }; 23];
    let zone = Zone::parse("d.example. A 192.0.2.1").unwrap();
    let input = crate::report::Input::Forward(input);
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    assert_eq!(beyond(&report.findings), [("stations of the way", 3)]);
}

#[test]
fn what_is_left_out_of_a_bounce_is_told() {
    let report = |text: &str| {
        let input = crate::report::Input::Bounce(crate::report::BounceInput::new(text.as_bytes()));
        input.check(&Snapshot::new()).done().unwrap()
    };
    let reply = |octets: usize| format!("550 5.7.23 SPF fails {}", "x".repeat(octets - 21));
    assert!(report(&reply(16_384)).findings.is_empty());
    assert_eq!(beyond(&report(&reply(16_389)).findings), [("octets of the reply", 5)]);
    let status = |count: usize| {
        let group = |n| format!("Final-Recipient: rfc822; r{n}@d.example\nAction: failed\nStatus: 5.1.1\n\n");
        format!("Reporting-MTA: dns; x.example\n\n{}", (0..count).map(group).collect::<String>())
    };
    let some = report(&status(23));
    assert!(some.findings.is_empty());
    let titles: Vec<&str> = some.traces.iter().map(|trace| trace.title.as_str()).collect();
    assert_eq!((titles.len(), titles[20]), (21, "what was said about 3 more recipients is not shown here"));
    assert_eq!(report(&status(20)).traces.len(), 20);
    assert_eq!(beyond(&report(&status(1_004)).findings), [("recipients of the notification", 4)]);
    let parts = |head: &str, more: &str| {
        format!(
            "From: MAILER-DAEMON@d.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\
             Content-Type: message/delivery-status\n\n{}{head}{more}--b--\n",
            status(1)
        )
    };
    let many = parts("", &"--b\nContent-Type: text/plain\n\nx\n".repeat(202));
    assert_eq!(beyond(&report(&many).findings), [("parts of the notification", 4)]);
}

#[cfg(feature = "xml")]
#[test]
fn faults_and_prefixes_of_a_report_are_counted() {
    let lint = |xml: &str| crate::aggregate::lint(&crate::aggregate::Report::read(xml.as_bytes()));
    let broken = |count: usize| format!("<feedback>{}</feedback>", "</a>".repeat(count));
    assert!(beyond(&lint(&broken(100))).is_empty());
    assert_eq!(beyond(&lint(&broken(103))), [("faults of the markup", 3)]);
    let prefixes = |count: usize| -> String { (0..count).map(|n| format!(" xmlns:p{n}='urn:x'")).collect() };
    assert!(beyond(&lint(&format!("<feedback{}/>", prefixes(100)))).is_empty());
    assert_eq!(beyond(&lint(&format!("<feedback{}/>", prefixes(102)))), [("prefixes of namespaces", 2)]);
    let svg = format!("<svg>{}</svg>", "</a>".repeat(200));
    let found = bimi::lint_logo(&"d.example".parse().unwrap(), svg.as_bytes());
    assert!(beyond(&found)[0].1 >= 190, "{:?}", beyond(&found));
}
