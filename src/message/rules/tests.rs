//! What the pages cannot show: facts, places, fixes, and hostile headers.

use crate::finding::{Evidence, Origin, apply};
use crate::message::{LintOptions, Message, lint};
use crate::{Name, Timestamp};

/// Fields that every message should have.
const REST: &str = "Date: Thu, 1 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@d.example>\r\n";

fn codes(header: &[u8], options: &LintOptions) -> Vec<String> {
    let bytes = [header, REST.as_bytes(), b"\r\n"].concat();
    lint(&Message::parse(&bytes), options).iter().map(|found| found.code.to_string()).collect()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn places_slice_the_field_also_behind_bytes_that_are_not_utf8() {
    let bytes = [b"From: \"\xff\xff\" <a@d.example>\r\nSubject: \xffx\ry\r\n", REST.as_bytes(), b"\r\n"].concat();
    let found = lint(&Message::parse(&bytes), &LintOptions::default());
    let told: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.primary.quoted())).collect();
    assert_eq!(told, [("non-ascii-header", "\\xff".to_owned()), ("bare-lf-or-cr", "\\r".to_owned())]);
    let Origin::Field { name, index } = found[1].primary.subject.origin() else { panic!("{:?}", found[1]) };
    assert_eq!((name.as_str(), *index), ("Subject", 1));
}

/// Below its own Received field a server may have written it, or the sender: what stands above decides.
#[test]
fn results_below_the_received_field_of_their_server() {
    let received = "Received: from a.example (a.example [192.0.2.1]) by mx.r.example; Thu, 1 Jan 2026 10:00:00 +0000\r\n\
                    X-Between: 1\r\n";
    let of = |above: &str, below: &str| {
        let results = |said: &str| match said {
            "" => String::new(),
            said => format!("Authentication-Results: mx.r.example; {said}\r\n"),
        };
        let header = format!("{}{received}{}From: a@d.example\r\n", results(above), results(below));
        codes(header.as_bytes(), &LintOptions::default()).contains(&"align-authres-forged".to_owned())
    };
    assert!(of("dmarc=fail header.from=d.example", "dmarc=pass header.from=d.example"));
    // Two programs of one server, one above and one below.
    assert!(!of("spf=pass smtp.mailfrom=d.example", "dkim=pass header.d=d.example"));
    assert!(!of("dmarc=pass header.from=d.example", "dmarc=pass header.from=d.example"));
    assert!(!of("", "dmarc=pass header.from=d.example"));
}

#[test]
fn bodies_are_looked_at() {
    let body = format!("From: a@d.example\r\n{REST}\r\na\nb\r\n{}\r\n", "x".repeat(999));
    let found = lint(&Message::parse(body.as_bytes()), &LintOptions::default());
    let told: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(told, ["bare-lf-or-cr", "header-line-too-long"]);
    assert!(found.iter().all(|found| found.primary.subject.origin() == &Origin::Body));
}

#[test]
fn the_one_click_value_is_mended() {
    let field = "List-Unsubscribe-Post: \tyes \r\n";
    let text = format!("From: a@d.example\r\nList-Unsubscribe: <https://d.example/u>\r\n{field}{REST}\r\n");
    let found = lint(&Message::parse(text.as_bytes()), &LintOptions::default());
    assert_eq!(found[0].code, "list-unsubscribe-post-value");
    let mended = apply(found[0].primary.subject.source().text(), found[0].fixes[0].edits()).unwrap();
    let text = text.replace(" \tyes ", &mended);
    assert!(lint(&Message::parse(text.as_bytes()), &LintOptions::default()).is_empty());
}

#[test]
fn facts_are_observed_and_signs_are_guessed() {
    let header = b"From: me@gmail.com\r\nDKIM-Signature: v=1; d=esp.example; h=from\r\n";
    let none = LintOptions::default().authenticated([]);
    let own = LintOptions::default().authenticated([name("gmail.com")]);
    let code = "from-consumer-domain-via-other";
    assert!(codes(header, &none).iter().any(|told| told == code));
    assert!(!codes(header, &own).iter().any(|told| told == code));
    let bytes = [&header[..], b"\r\n"].concat();
    let guessed = lint(&Message::parse(&bytes), &LintOptions::default());
    let found = guessed.iter().find(|found| found.code == code).unwrap();
    assert_eq!(found.evidence, Evidence::Guessed);
}

#[test]
fn the_time_of_arrival_may_be_given() {
    let days = |days: u64| LintOptions::default().received_at(Timestamp(1_767_261_600 + days * 86_400));
    assert!(codes(b"From: a@d.example\r\n", &days(0)).is_empty());
    assert_eq!(codes(b"From: a@d.example\r\n", &days(3)), ["date-skew"]);
}

#[test]
fn folded_lists_of_names_are_no_from_fields() {
    let header = b"From: a@d.example\r\nDKIM-Signature: v=1; d=d.example; h=to:\r\n from : date;\r\n b=x\r\n";
    assert!(codes(header, &LintOptions::default()).is_empty());
}

#[test]
fn results_below_the_boundary_are_the_senders() {
    let received =
        "Received: from x (x.evil.example [192.0.2.66]) by mx.d.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 Z\r\n";
    let results = "Authentication-Results: mx.d.example; dmarc=pass header.from=d.example\r\n";
    let from = "From: a@d.example\r\n";
    let options = LintOptions::default();
    assert!(codes(format!("{results}{received}{from}").as_bytes(), &options).is_empty());
    // Some servers write it below their own Received field.
    assert!(codes(format!("{received}{results}{from}").as_bytes(), &options).is_empty());
    let older = "Received: by out.evil.example; Thu, 1 Jan 2026 09:59:00 Z\r\n";
    let header = format!("{received}{older}{results}{from}");
    let trusted = LintOptions::default().trusted(name("d.example"));
    for options in [options, trusted] {
        assert_eq!(codes(header.as_bytes(), &options), ["align-authres-forged"]);
    }
}

/// RFC 8601 §5: where the message comes in, no field of the own servers is theirs.
#[test]
fn results_of_the_own_servers_at_the_border() {
    let received = "Received: from pc by out.evil.example; Thu, 1 Jan 2026 10:00:00 Z\r\n";
    let results = "Authentication-Results: mx.d.example; dmarc=pass header.from=d.example\r\n";
    let from = "From: a@d.example\r\n";
    let trusted = LintOptions::default().trusted(name("d.example"));
    for header in
        [format!("{received}{results}{from}"), format!("{results}{received}{from}"), format!("{results}{from}")]
    {
        assert_eq!(codes(header.as_bytes(), &trusted.clone().at_border()), ["align-authres-forged"], "{header}");
        // Whose the own servers are, nobody said.
        assert!(codes(header.as_bytes(), &LintOptions::default().at_border()).is_empty(), "{header}");
    }
    // Without a Received field of the own servers too; what stands above all of them a filter may have written.
    assert_eq!(codes(format!("{received}{results}{from}").as_bytes(), &trusted), ["align-authres-forged"]);
    assert!(codes(format!("{results}{received}{from}").as_bytes(), &trusted).is_empty());
}

/// RFC 8617 §10.1 registers three results of `arc`.
#[test]
fn results_of_arc() {
    let of = |result: &str| {
        let header = format!("Authentication-Results: mx.d.example; arc={result}\r\nFrom: a@d.example\r\n");
        codes(header.as_bytes(), &LintOptions::default()).contains(&"align-authres-nonstandard".to_owned())
    };
    assert_eq!(["none", "pass", "fail", "temperror", "permerror"].map(of), [false, false, false, true, true]);
}

#[test]
fn overrides_of_providers() {
    let of = |result: &str| {
        let header = format!("Authentication-Results: mx.d.example; dmarc={result}\r\nFrom: a@d.example\r\n");
        codes(header.as_bytes(), &LintOptions::default()).contains(&"dmarc-disposition-override".to_owned())
    };
    assert!(of("fail (p=REJECT sp=REJECT dis=QUARANTINE) header.from=d.example"));
    assert!(of("fail action=oreject header.from=d.example"));
    assert!(!of("fail (p=REJECT dis=REJECT) header.from=d.example"));
    assert!(!of("pass (p=REJECT dis=NONE) header.from=d.example"));
    assert!(!of("fail action=none header.from=d.example"), "nothing is known of the policy");
}

#[test]
fn hostile_headers_end() {
    let known = LintOptions::default().known(name("bank.example")).brand("Bank", name("bank.example"));
    for (name, piece) in [
        ("From", "a@b,"),
        ("From", "=?utf-8?b?PGFAYi5jPg==?="),
        ("From", "=?"),
        ("From", "\\,<@a:"),
        ("From", "\r\n \u{202e}"),
        ("Received", "from (["),
        ("Received", "by x (helo=y) "),
        ("Authentication-Results", ";dkim=pass header.d=a"),
        ("Authentication-Results", "(("),
        ("List-Unsubscribe", "<mailto:"),
        ("Date", "1 ("),
        ("Message-ID", "@"),
        ("Sender", "<\"@"),
    ] {
        let text = format!("{name}: {}\r\n\r\n", piece.repeat(200_000 / piece.len()));
        let _ = lint(&Message::parse(text.as_bytes()), &known);
    }
    for field in
        ["From: a@b.c\r\n", "Received: by x; y\r\n", "Authentication-Results: x; dkim=fail\r\n", "From : x\r\n"]
    {
        let text = format!("{}\r\n", field.repeat(2_000));
        assert!(lint(&Message::parse(text.as_bytes()), &known).len() < 200, "{field}");
    }
}

/// Whether the fields are signed is said of all signatures, however many there are.
#[test]
fn the_last_of_many_signatures_counts() {
    let signed = |by: &str, fields: &str| format!("DKIM-Signature: v=1; d=d.example; s={by}; h=from{fields}; b=y\r\n");
    let rest = "From: a@d.example\r\nList-Unsubscribe: <https://d.example/u>\r\n\r\n";
    let text = signed("a", "").repeat(60) + &signed("b", ":list-unsubscribe") + rest;
    let found = lint(&Message::parse(text.as_bytes()), &LintOptions::default());
    assert!(found.iter().all(|found| found.code != "list-unsubscribe-not-signed"));
}

proptest::proptest! {
    #[test]
    fn any_header(bytes in "(From|Sender|Date|Received|Authentication-Results|Message-ID|List-Unsubscribe| |:|\r\n|\n|\r|a@b\\.c|<|>|,|\\(|\\)|=\\?utf-8\\?q\\?a=40b\\.c\\?=|é|\"|;|@|dkim=pass){0,60}") {
        let found = lint(&Message::parse(bytes.as_bytes()), &LintOptions::default().bulk(true));
        for found in found {
            let _ = found.primary.quoted();
            assert!(found.related.iter().all(|label| !label.quoted().contains('\n')));
        }
    }
}

/// However far it is indented, some programs take a continuation line for a field.
#[test]
fn lines_behind_much_white_space() {
    let spaces = " ".repeat(5_000);
    let found = codes(
        format!("Subject: x\r\n{spaces}From: a@b.example\r\nFrom: a@d.example\r\n").as_bytes(),
        &LintOptions::default(),
    );
    assert!(found.contains(&"from-leading-space-line".to_owned()), "{found:?}");
    let found =
        codes(format!("Subject: x\r\n{spaces}\r\n x\r\nFrom: a@d.example\r\n").as_bytes(), &LintOptions::default());
    assert!(!found.contains(&"from-leading-space-line".to_owned()), "{found:?}");
}

/// Mail programs show encoded-words that are longer than RFC 2047 §2 allows.
#[test]
fn addresses_in_long_encoded_words() {
    let word = format!("=?utf-8?q?{}ceo@bank.example?=", "x_".repeat(2_000));
    let found = codes(format!("From: {word} <a@d.example>\r\n").as_bytes(), &LintOptions::default());
    assert!(found.contains(&"from-display-name-address".to_owned()), "{found:?}");
}

/// More properties than are kept of one result are more than a reader expects.
#[test]
fn properties_that_are_not_kept() {
    let field = |count: usize| {
        let properties = " header.x=y".repeat(count);
        codes(
            format!("Authentication-Results: mx.r.example; dkim=pass{properties}\r\nFrom: a@d.example\r\n").as_bytes(),
            &LintOptions::default(),
        )
    };
    let told = |count| field(count).contains(&"align-authres-nonstandard".to_owned());
    assert_eq!((told(200), told(201)), (false, true));
}
