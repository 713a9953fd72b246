//! Texts that want to be read by somebody else: terminals, header fields, people.

use mailproof::dns::Snapshot;
use mailproof::message::{AuthResults, LintOptions, Message, NewProperty, NewResult, lint, write_auth_results};
use mailproof::mta_sts::Fetched;
use mailproof::report::{Input, Kind, RecordInput};
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;
use mailproof::{domain, zone_file};

/// Authentication-Results injection: what an attacker chose (a domain, a local-part, a reason) stays one value.
#[test]
fn nothing_breaks_out_of_authentication_results() {
    let evil = [
        "x; dkim=pass header.d=bank.example",
        "x\r\nAuthentication-Results: mx; dkim=pass",
        "x) ; dmarc=pass (",
        "\"; spf=pass smtp.mailfrom=bank.example; x=\"",
        "a\\\"b",
        "\u{2028}x=pass",
        "(((((",
        "x\0y",
    ];
    for value in evil {
        let property = NewProperty { ptype: "smtp", name: "mailfrom", value };
        let result =
            NewResult { method: "spf", result: "fail", reason: value, comment: value, properties: vec![property] };
        let field = write_auth_results(value, &[result]);
        let read = AuthResults::parse(&field);
        assert_eq!(read.results().len(), 1, "{value:?} became {field:?}");
        assert_eq!(
            (read.results()[0].method.as_str(), read.results()[0].result.as_str()),
            ("spf", "fail"),
            "{field:?}"
        );
        // A line end is there only where it folds.
        for (at, _) in field.match_indices('\n') {
            assert!(field[at + 1..].starts_with([' ', '\t']), "{field:?}");
        }
        assert!(!field.contains('\0'));
    }
}

/// Fields of others are not believed: one that names the receiver but came with the message is told.
#[test]
fn forged_results_are_told() {
    let text =
        b"Received: from evil.example (evil.example [192.0.2.1]) by mx.r.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n\
        Received: from x.example ([192.0.2.2]) by evil.example; Sat, 21 Nov 2026 09:00:00 +0000\r\n\
        Authentication-Results: mx.r.example; dmarc=pass header.from=bank.example\r\n\
        Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\nFrom: a@bank.example\r\n\r\n";
    let options = LintOptions::default().trusted("mx.r.example".parse().expect("a name"));
    let codes: Vec<_> = lint(&Message::parse(text), &options).iter().map(|found| found.code.to_string()).collect();
    assert!(codes.iter().any(|code| code == "align-authres-forged"), "{codes:?}");
}

/// Names in other scripts that look like known ones (UTS 39), as U-labels and as A-labels.
#[test]
fn homographs_are_told() {
    let options = || LintOptions::default().known("bank.example".parse().expect("a name"));
    for domain in ["b\u{430}nk.example", "B\u{430}NK.example", "xn--bnk-6cd.example", "bank.ex\u{430}mple"] {
        let text =
            format!("From: a@{domain}\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\n\r\n");
        let codes: Vec<_> =
            lint(&Message::parse(text.as_bytes()), &options()).iter().map(|f| f.code.to_string()).collect();
        assert!(codes.iter().any(|code| code == "from-domain-homograph"), "{domain}: {codes:?}");
    }
    // Names of one script are nobody's disguise.
    let text =
        "From: a@m\u{fc}ller.example\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\n\r\n";
    let codes: Vec<_> = lint(&Message::parse(text.as_bytes()), &options()).iter().map(|f| f.code.to_string()).collect();
    assert!(!codes.iter().any(|code| code == "from-domain-homograph"), "{codes:?}");
}

/// Control characters of records and messages do not reach a terminal, nor break the line of a finding.
#[test]
fn nothing_drives_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\r\n::error::x\u{2028}";
    for kind in Kind::ALL {
        for text in
            [format!("v=spf1 {evil} -all"), format!("v=DMARC1; {evil}=x; p={evil}; rua={evil}"), evil.to_owned()]
        {
            let mut input = RecordInput::new("");
            (input.text, input.kind) = (Source::new(&text), Some(*kind));
            let report = input.report();
            assert!(!report.to_string().contains(|c: char| c.is_control() && c != '\n'), "{kind}");
            for found in &report.findings {
                assert!(!found.message().contains(|c: char| c.is_control()), "{kind}: {:?}", found.message());
            }
        }
    }
    let zone = format!("d.example. TXT \"v=spf1 {} -all\"", evil.replace(['\r', '\n'], ""));
    for placed in zone_file::lint(&zone, &mailproof::Name::root()).expect("a zone").findings {
        assert!(!placed.finding.message().contains(|c: char| c.is_control()), "{:?}", placed.finding);
    }
}

/// One mistake thousands of times, in what the DNS or a web server of somebody else says: a report stays one that people can read.
#[test]
fn no_report_is_a_mountain() {
    let lines = |text: &str| RecordInput::new(text).report().to_string().lines().count();
    let zone =
        Zone::parse("d.example. MX 10 mx.d.example.\n_mta-sts.d.example. TXT \"v=STSv1; id=1\"").expect("a zone");
    let mut input = domain::Input::new("d.example");
    let policy = format!("version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\n{}", "mx:\r\n".repeat(12_000));
    input.mta_sts = Some(Fetched::body(policy.as_bytes()));
    let input = Input::Domain(input);
    let of_domain = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    for (lines, what) in [
        (lines(&format!("v=spf1 {}-all", "foo ".repeat(12_000))), "SPF"),
        (lines(&format!("v=BIMI1; l=https://d.example/l.svg; lps={}", ",".repeat(60_000))), "BIMI"),
        (lines(&format!("v=TLSRPTv1; rua=mailto:t{}@d.example", "!".repeat(60_000))), "TLS-RPT"),
        (of_domain.to_string().lines().count(), "MTA-STS"),
    ] {
        assert!(lines < 12_000, "{what}: {lines} lines");
    }
}
