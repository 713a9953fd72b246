//! What people read: a world in a few lines, and the whole text of its report.
//!
//! Review a change with `INSTA_UPDATE=always cargo test --test suite reports` and `git diff`.

use insta::assert_snapshot;
use mailproof::dmarc::{Authenticated, MethodResult};
use mailproof::dns::Snapshot;
use mailproof::domain;
use mailproof::report::text::{Role, Style, Text};
use mailproof::report::{BounceInput, DmarcInput, Input, Report, SenderInput, SpfInput, SrsInput};
use mailproof::resolver::{Zone, drive_sync};

/// The report on a mail from `mail_from`, that `ip` delivers in the world of `zone`.
#[track_caller]
fn spf(zone: &str, ip: &str, helo: &str, mail_from: &str) -> Report {
    let zone = Zone::parse(zone).unwrap();
    let input = Input::Spf(SpfInput::new(ip.parse().unwrap(), helo, mail_from));
    held(drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns)))
}

#[track_caller]
fn held(report: Report) -> Report {
    crate::schema::report_holds(&report);
    report
}

fn record(text: &str) -> Report {
    held(Input::record(text).check(&Snapshot::new()).done().unwrap())
}

fn asked(zone: &str, input: &Input) -> Report {
    let zone = Zone::parse(zone).unwrap();
    held(drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns)))
}

fn domain(zone: &str, name: &str, selectors: &[&str]) -> Report {
    let input = domain::Input::new(name);
    asked(zone, &Input::Domain(selectors.iter().fold(input, |input, s| input.selector(s.parse().unwrap()))))
}

/// The report on a mail from `from`, with `spf` and `dkim` as domains that passed.
fn dmarc(zone: &str, from: &str, spf: &str, dkim: &[&str]) -> Report {
    let mut ids = Authenticated::default().spf(spf.parse().unwrap(), MethodResult::Pass);
    for dkim in dkim {
        ids = ids.dkim(dkim.parse().unwrap(), MethodResult::Pass);
    }
    asked(zone, &Input::Dmarc(DmarcInput::new(from, ids)))
}

const GUARDED: &str = r#"
    example.com.         TXT "v=spf1 mx include:spf.esp.example ~all"
    example.com.         MX  10 mx.example.com.
    mx.example.com.      A   192.0.2.1
    mx.example.com.      TXT "v=spf1 a -all"
    spf.esp.example.     TXT "v=spf1 ip4:198.51.100.0/26 -all"
    _dmarc.example.com.  TXT "v=DMARC1; p=reject; np=reject; rua=mailto:d@example.com"
    s1._domainkey.example.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"#;

#[test]
fn domain_protected() {
    let report = domain(GUARDED, "example.com", &["s1"]);
    assert!(report.passed);
    assert_snapshot!(report);
}

#[test]
fn domain_unprotected() {
    let only_spf =
        "example.com. TXT \"v=spf1 include:spf.esp.example -all\"\nspf.esp.example. TXT \"v=spf1 ip4:1.2.3.4 -all\"";
    assert_snapshot!("domain_with_spf_alone", domain(only_spf, "example.com", &[]));
    let open_below = r#"
        example.com.         TXT "v=spf1 include:spf.esp.example -all"
        spf.esp.example.     TXT "v=spf1 ip4:198.51.100.0/26 -all"
        www.example.com.     A   192.0.2.9
        _dmarc.example.com.  TXT "v=DMARC1; p=quarantine; sp=none; np=reject; rua=mailto:d@example.com"
    "#;
    assert_snapshot!("domain_open_below", domain(open_below, "example.com", &[]));
    let locked_out = r#"
        example.com.         TXT "v=spf1 ipv4:192.0.2.1 -all"
        _dmarc.example.com.  TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"
    "#;
    assert_snapshot!("domain_locked_out", domain(locked_out, "example.com", &["s1"]));
}

#[test]
fn domain_without_answers() {
    assert_snapshot!(
        "domain_servfail",
        domain("example.com. SERVFAIL\n_dmarc.example.com. SERVFAIL", "example.com", &[])
    );
    assert_snapshot!("domain_nonexistent", domain("", "example.com", &["s1"]));
    assert_snapshot!("domain_name_invalid", domain("", "https://www.example.com/contact", &[]));
}

#[test]
fn dmarc_pass() {
    assert_snapshot!(dmarc(
        GUARDED,
        "Alice <alice@news.example.com>",
        "bounce.esp.example",
        &["esp.example", "example.com"]
    ));
}

#[test]
fn dmarc_fail() {
    assert_snapshot!(dmarc(GUARDED, "example.com", "bounce.esp.example", &["esp.example"]));
}

#[test]
#[cfg(feature = "psl")]
fn dmarc_where_receivers_differ() {
    let zone = "_dmarc.s.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\ns.example.com. A 192.0.2.1";
    let report = dmarc(zone, "s.example.com", "example.com", &[]);
    let results: Vec<_> = report.receivers.iter().map(|verdict| verdict.result.as_str()).collect();
    assert_eq!(results, ["fail", "pass", "pass"]);
    assert_eq!(serde_json::to_value(&report).unwrap()["receivers"][1]["generation"], "rfc7489-icann");
    assert_snapshot!(report);
}

#[test]
fn dmarc_without_a_result() {
    assert_snapshot!("dmarc_none", dmarc("example.com. A 192.0.2.1", "example.com", "example.com", &[]));
    assert_snapshot!("dmarc_temperror", dmarc("_dmarc.example.com. TIMEOUT", "example.com", "example.com", &[]));
    let several = DmarcInput::new("a@example.com", Authenticated::default()).also_from("b@example.net");
    assert_snapshot!("dmarc_permerror", asked("", &Input::Dmarc(several)));
}

#[test]
fn spf_fail() {
    let zone = r#"
        example.com.  TXT "v=spf1 ip4:192.0.2.0/28 mx -all"
        example.com.  MX  10 mx.example.com.
        mx.example.com. A 192.0.2.129
    "#;
    assert_snapshot!(spf(zone, "198.51.100.20", "", "alice@example.com"));
}

#[test]
fn spf_fail_behind_a_redirect_with_an_explanation() {
    let zone = r#"
        example.com.       TXT "v=spf1 redirect=_spf.example.com"
        _spf.example.com.  TXT "v=spf1 include:news.example -all exp=why.example.com"
        news.example.      TXT "v=spf1 ip4:203.0.113.64/27 ?all"
        why.example.com.   TXT "%{i} is not ours, \"%{s}\": see https://%{d}/"
    "#;
    assert_snapshot!(spf(zone, "198.51.100.20", "", "alice@example.com"));
}

#[test]
fn spf_pass_through_two_includes_by_ipv6() {
    let zone = r#"
        example.com.      TXT "v=spf1 a include:a.example ~all"
        example.com.      AAAA 2001:db8::1
        a.example.        TXT "v=spf1 ip4:192.0.2.1 include:b.example -all"
        b.example.        TXT "v=spf1 ip6:2001:db8:b::/48 -all"
        mx.example.com.   TXT "v=spf1 ip6:2001:db8:b::25 -all"
    "#;
    assert_snapshot!(spf(zone, "2001:db8:b::25", "mx.example.com", "alice@example.com"));
}

#[test]
fn spf_softfail_beside_networks_that_nearly_match() {
    let zone = r#"example.com. TXT "v=spf1 ip4:192.0.2.0/28 ip4:192.0.2.64/28 ~all""#;
    assert_snapshot!(spf(zone, "192.0.2.99", "", "alice@example.com"));
}

#[test]
fn spf_neutral_at_the_end_of_a_record() {
    assert_snapshot!(spf(r#"example.com. TXT "v=spf1 ip4:192.0.2.1""#, "192.0.2.9", "", "alice@example.com"));
}

#[test]
fn spf_none() {
    let zone = r#"
        example.com.  TXT "google-site-verification=x"
        example.com.  A   192.0.2.1
    "#;
    assert_snapshot!("spf_none_without_a_record", spf(zone, "192.0.2.9", "", "alice@example.com"));
    assert_snapshot!("spf_none_without_a_name", spf(zone, "192.0.2.9", "", "alice@example.net"));
    assert_snapshot!("spf_none_without_a_domain", spf(zone, "10.0.0.1", "[10.0.0.1]", "root@localhost"));
}

/// Programs get what the evaluation and what the rules say; people read of the defect once, with its repair.
#[test]
fn spf_permerror_is_told_once() {
    let dns = r#"
        d.example. TXT "v=spf1 ip4:9.9.9 foo -all"
        i.example. TXT "v=spf1 include:d.example -all"
    "#;
    let report = spf(dns, "192.0.2.9", "d.example", "alice@i.example");
    let codes: Vec<&str> = report.findings.iter().map(|found| found.code.as_str()).collect();
    assert!(codes.contains(&"spf-ip4-invalid"), "{codes:?}");
    let mut markdown = String::new();
    mailproof::report::markdown::report(&report, &mut markdown).unwrap();
    for text in [report.to_string(), markdown] {
        assert_eq!(text.matches("`9.9.9` is not an IPv4 address").count(), 1, "{text}");
        assert_eq!(text.matches("9.9.9.0/24 foo").count(), 1, "{text}");
        // Another defect of the record has a place of its own.
        assert!(text.contains("`foo` is not a mechanism"), "{text}");
    }
}

/// HELO and MAIL FROM that come to one mistake: it is shown once, and the other check names the first.
#[test]
fn two_checks_that_end_at_one_place() {
    let dns = r#"
        d.example.  TXT "v=spf1 foo -all"
        mx.example. TXT "v=spf1 redirect=d.example"
    "#;
    for helo in ["d.example", "mx.example"] {
        let report = spf(dns, "192.0.2.9", helo, "alice@d.example");
        let text = report.to_string();
        assert_eq!(text.matches("error[spf-eval-permerror]").count(), 1, "{text}");
        assert!(text.contains(&format!("spf=permerror (helo {helo}): for the same reason as mail-from")), "{text}");
        let mut markdown = String::new();
        mailproof::report::markdown::report(&report, &mut markdown).unwrap();
        assert_eq!(markdown.matches("`spf-eval-permerror`").count(), 1, "{markdown}");
        assert_eq!(report.verdicts.iter().filter(|verdict| verdict.because.is_some()).count(), 2);
    }
    let own = r#"
        d.example.  TXT "v=spf1 foo -all"
        mx.example. TXT "v=spf1 bar -all"
    "#;
    let text = spf(own, "192.0.2.9", "mx.example", "alice@d.example").to_string();
    assert_eq!(text.matches("error[spf-eval-permerror]").count(), 2, "{text}");
}

#[test]
fn spf_permerror() {
    let syntax = r#"example.com. TXT "v=spf1 ipv4:192.0.2.1 a:mail..example.com -all""#;
    assert_snapshot!("spf_permerror_syntax", spf(syntax, "192.0.2.9", "", "alice@example.com"));
    let several = r#"
        example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
        example.com. TXT "v=spf1 include:news.example -all"
    "#;
    assert_snapshot!("spf_permerror_several_records", spf(several, "192.0.2.9", "", "alice@example.com"));
    let target = r#"
        example.com. TXT "v=spf1 include:old.example -all"
        new.example. TXT "v=spf1 -all"
    "#;
    assert_snapshot!("spf_permerror_include_of_nothing", spf(target, "192.0.2.9", "", "alice@example.com"));
    let voids = r#"example.com. TXT "v=spf1 a:x.example.com a:y.example.com a:z.example.com -all""#;
    assert_snapshot!("spf_permerror_voids", spf(voids, "192.0.2.9", "", "alice@example.com"));
    let mut lookups = String::from("example.com. TXT \"v=spf1");
    for i in 0..11 {
        lookups.push_str(&format!(" include:s{i}.example"));
    }
    lookups.push_str(" -all\"\n");
    for i in 0..11 {
        lookups.push_str(&format!("s{i}.example. TXT \"v=spf1 ip4:192.0.2.{i} -all\"\n"));
    }
    assert_snapshot!("spf_permerror_lookups", spf(&lookups, "198.51.100.1", "", "alice@example.com"));
}

#[test]
fn spf_temperror() {
    let zone = r#"
        example.com.   TXT "v=spf1 include:slow.example -all"
        slow.example.  TIMEOUT
    "#;
    assert_snapshot!(spf(zone, "192.0.2.9", "", "alice@example.com"));
    assert_snapshot!("spf_temperror_at_once", spf("example.com. SERVFAIL", "192.0.2.9", "", "alice@example.com"));
}

#[test]
fn spf_of_a_bounce() {
    let zone = r#"mx.example.com. TXT "v=spf1 a -all"
mx.example.com. A 192.0.2.1"#;
    assert_snapshot!(spf(zone, "192.0.2.1", "mx.example.com", ""));
}

#[test]
fn spf_pass_from_a_helo_name_that_fails() {
    let zone = r#"
        example.com.      TXT "v=spf1 ip4:192.0.2.1 -all"
        mx.example.com.   TXT "v=spf1 -all"
    "#;
    let report = spf(zone, "192.0.2.1", "mx.example.com", "alice@example.com");
    assert!(!report.passed);
    assert_snapshot!(report);
}

#[test]
fn a_record_of_many_networks() {
    let networks: String = (0..40).map(|i| format!(" ip4:198.51.{i}.0/24")).collect();
    let strings = format!("v=spf1{networks} -all")
        .as_bytes()
        .chunks(200)
        .fold(String::new(), |text, chunk| format!("{text} \"{}\"", std::str::from_utf8(chunk).unwrap()));
    assert_snapshot!(spf(&format!("example.com. TXT {strings}"), "192.0.2.1", "", "alice@example.com"));
}

#[test]
fn records() {
    assert_snapshot!("record_fine", record("v=spf1 ip4:192.0.2.1 -all"));
    let several = record("v=spf1 ipv4:192.0.2.1 include:_spf.example.net ip6:1.2.3.4 -all");
    assert_snapshot!("record_with_several_errors", several);
    assert_snapshot!("record_of_dmarc", record("v=DMARC1; p=reject; sp=rejct; rua=d@example.com"));
    assert_snapshot!("record_of_another_kind", record("v=BIMI1; l=https://example.com/l.svg"));
    assert_snapshot!("record_of_no_kind", record("MS=ms12345678"));
}

#[test]
fn the_width_of_a_page_is_the_callers() {
    let report = spf(
        r#"example.com. TXT "v=spf1 include:a.example.net include:b.example.net ~all""#,
        "192.0.2.1",
        "",
        "a@example.com",
    );
    struct Marks;
    impl Style for Marks {
        fn start(&self, role: Role, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
            write!(out, "<{role:?}>")
        }
        fn end(&self, _: Role, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
            out.write_str("</>")
        }
    }
    let mut out = String::new();
    Text::new(&Marks).width(50).report(&report, &mut out).unwrap();
    assert_snapshot!(out);
}

#[test]
fn only_ascii_unless_the_record_holds_more() {
    let zone = Zone::parse("example.com. TXT \"v=spf1 include:slow.example -all\"\nslow.example. SERVFAIL").unwrap();
    let input = Input::Spf(SpfInput::new("192.0.2.1".parse().unwrap(), "mx.example.com", "a@example.com"));
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    assert!(report.to_string().is_ascii(), "{report}");
}

#[test]
fn as_json() {
    let zone = r#"example.com. TXT "v=spf1 ip4:192.0.2.1" " -all""#;
    let report = spf(zone, "192.0.2.9", "", "alice@example.com");
    assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn places_in_json_slice_their_source() {
    let zone = "example.com. TXT \"v=spf1 \\255 \" \"\u{1f4e7} ipv4:192.0.2.1 -all\"";
    let report = spf(zone, "192.0.2.9", "", "alice@example.com");
    let json = serde_json::to_value(&report).unwrap();
    let mut places = 0;
    each_place(&json, &mut |place| {
        let text = json["sources"][place["source"].as_u64().unwrap() as usize]["text"].as_str().unwrap();
        let number = |of: &str, end: &str| usize::try_from(place[of][end].as_u64().unwrap()).unwrap();
        let units: Vec<u16> = text.encode_utf16().collect();
        let by_units = String::from_utf16(&units[number("utf16", "start")..number("utf16", "end")]).unwrap();
        assert_eq!(by_units, text[number("span", "start")..number("span", "end")]);
        places += 1;
    });
    assert!(places > 0);
}

/// Every object in `value` that is a place.
fn each_place(value: &serde_json::Value, f: &mut impl FnMut(&serde_json::Value)) {
    match value {
        serde_json::Value::Object(fields) => {
            if fields.contains_key("utf16") && fields.contains_key("quoted") {
                f(value);
            }
            fields.values().for_each(|value| each_place(value, f));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| each_place(value, f)),
        _ => {}
    }
}

#[test]
fn a_report_is_had_again_from_its_json() {
    use mailproof::report::json::Replay;
    let zone = r#"
        example.com.   TXT "v=spf1 mx ptr exists:%{i}.x.example include:slow.example -all"
        example.com.   MX 10 mx.example.com.
        slow.example.  TIMEOUT
    "#;
    for report in [
        spf(zone, "192.0.2.1", "mx.example.com", "ü\u{200b}@example.com"),
        spf(zone, "::ffff:192.0.2.1", "[192.0.2.1]", ""),
        record("v=spf1 \u{a0}a -all"),
        domain(GUARDED, "example.com", &["s1"]),
        domain("_dmarc.example.com. SERVFAIL", "Bücher.example", &[]),
        domain("", "https://example.com/", &[]),
        dmarc(GUARDED, "a@example.com", "bounce.esp.example", &["example.com"]),
    ] {
        let json = serde_json::to_string(&report).unwrap();
        let replay: Replay = serde_json::from_str(&json).unwrap();
        let again = replay.input.check(&replay.snapshot).done().unwrap();
        assert_eq!(again.to_string(), report.to_string());
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }
}

#[test]
fn a_message_with_a_footer_is_told_and_had_again() {
    use mailproof::report::{MessageInput, json::Replay};
    // `bh=` is the hash of an empty body; the footer is no ASCII.
    let text = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s1; h=from;\r\n \
        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=Zm9v\r\nFrom: a@d.example\r\n\r\nlist \xff\r\n";
    let zone = Zone::parse(r#"s1._domainkey.d.example. TXT "v=DKIM1; p=""#).unwrap();
    let input = Input::Message(MessageInput::new(text, mailproof::Timestamp(0)).into());
    let report = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns));
    assert!(!report.passed);
    assert!(report.headline.contains("d.example (selector s1)"), "{}", report.headline);
    if cfg!(feature = "crypto") {
        let lines = report.to_string();
        assert!(lines.contains("one line was added at its end (proven"), "{lines}");
        assert!(lines.contains("+ list \\xff"), "{lines}");
    }
    let json = serde_json::to_string(&report).unwrap();
    let replay: Replay = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&replay.input.check(&replay.snapshot).done().unwrap()).unwrap(), json);
}

/// The input goes through its JSON, so every kind of it is read back.
#[track_caller]
fn told(input: Input) -> Report {
    let json = serde_json::to_string(&input).unwrap();
    let again: Input = serde_json::from_str(&json).unwrap();
    assert_eq!(again, input, "{json}");
    input.check(&Snapshot::new()).done().unwrap()
}

const NOW: mailproof::Timestamp = mailproof::Timestamp(1_700_000_000);

#[cfg(feature = "crypto")]
fn srs() -> mailproof::srs::Srs {
    mailproof::srs::Srs::new(mailproof::srs::Secret::new(b"tops3cr3t"))
}

#[test]
#[cfg(feature = "crypto")]
fn srs_forward() {
    let forward =
        |sender: &str| told(Input::Srs(SrsInput::forward(&srs(), sender, &"fwd.example".parse().unwrap(), NOW)));
    let report = forward("alice@example.com");
    assert!(report.passed);
    assert_eq!(
        report.headline,
        "rewritten: send on mail of alice@example.com as SRS0=PGkz=G3=example.com=alice@fwd.example"
    );
    assert!(!serde_json::to_string(&report).unwrap().contains("tops3cr3t"));
    assert_snapshot!("srs_forward", report);
    assert_eq!(forward("").headline, "unchanged: the null sender of a bounce is never rewritten");
    assert!(!forward("alice").passed);
    let always = mailproof::srs::Settings { always_rewrite: true, ..Default::default() };
    let own = SrsInput::forward(&srs().with(always), "alice@fwd.example", &"fwd.example".parse().unwrap(), NOW);
    let report = told(Input::Srs(own));
    assert!(report.headline.starts_with("rewritten: "));
    assert!(!report.findings.iter().any(|found| found.code == "srs-own-domain-no-rewrite"), "{:?}", report.findings);
    assert_snapshot!("srs_forward_long", forward(&format!("{}@example.com", "a".repeat(60))));
}

#[test]
#[cfg(feature = "crypto")]
fn srs_reverse() {
    let reverse = |address: &str| told(Input::Srs(SrsInput::reverse(&srs(), address, NOW)));
    let report = reverse("SRS0=PGkz=G3=example.com=alice@fwd.example");
    assert!(report.passed);
    assert_eq!(report.headline, "reversed: a bounce goes to the original sender, alice@example.com");
    assert_snapshot!("srs_reverse_forged", reverse("SRS0=AAAA=G3=example.com=alice@fwd.example"));
}

#[test]
fn srs_inspect() {
    let inspect = |address: &str| {
        let mut input = SrsInput::inspect(address);
        input.now = Some(NOW);
        told(Input::Srs(input))
    };
    assert_snapshot!("srs_inspect_srs1", inspect("SRS1=Dnwg=one.example==PGkz=G3=example.com=alice@two.example"));
    assert_snapshot!("srs_inspect_microsoft", inspect("bounces+SRS=AbC1d=IX@fwd.example"));
    assert!(!inspect("SRS0=PGkz=G3=example.com@fwd.example").passed);
    let headline = |address| inspect(address).headline;
    assert_eq!(headline("alice@example.com"), "not SRS, and in no other scheme that is known here");
    assert!(headline("SRS0=4df1=g3=example.com=alice@fwd.example").ends_with("in the way of Exim SRS"));
    assert!(headline("prvs=0123abcdef=alice@fwd.example").starts_with("BATV: "));
}

const DIRECTORY: &str = include_str!("../../examples/mail/directory.json");

fn sender(login: Option<&str>, message: &str) -> Report {
    let mut input = SenderInput::new(serde_json::from_str(DIRECTORY).unwrap());
    input.login = login.map(str::to_owned);
    input.mail_from = login.map(str::to_owned);
    told(Input::Sender(Box::new(input.message(message.as_bytes()))))
}

#[test]
fn sender_reports() {
    let alice = Some("alice@papershop.example");
    let well = sender(alice, "From: Papershop <info@papershop.example>\r\n\r\n");
    assert!(well.passed);
    assert_snapshot!("sender_accept", well);
    assert_snapshot!("sender_of_somebody_else", sender(alice, "From: Bob <bob@papershop.example>\r\n\r\n"));
    assert_snapshot!(
        "sender_at_a_synonym_domain",
        sender(alice, "Subject: x\r\nFrom: alice@papershop-mail.example\r\n\r\n")
    );
    assert_snapshot!("sender_without_login", sender(None, "From: alice@papershop.example\r\n\r\n"));
    let mut input = SenderInput::new(serde_json::from_str("{\"logins\": {\"a\": \"b\"}}").unwrap());
    input.login = Some("a".to_owned());
    assert!(told(Input::Sender(Box::new(input))).headline.starts_with("error: the directory cannot be used"));
}

#[test]
fn bounce_reports() {
    let bounce = |text: &[u8]| told(Input::Bounce(BounceInput::new(text)));
    assert_snapshot!("bounce_notification", bounce(include_bytes!("../../examples/mail/bounce.eml")));
    assert_snapshot!(
        "bounce_greylisting",
        bounce(b"450 4.2.0 <a@d.example>: Recipient address rejected: Greylisted, try again")
    );
    let unknown = bounce("554 Ni\u{e4}".as_bytes());
    assert!(!unknown.passed);
    assert_snapshot!("bounce_unknown", unknown);
    assert!(bounce(b"250 2.0.0 OK").passed);
    let mut hosted = BounceInput::new(b"550 5.4.1 Recipient address rejected: Access denied.");
    hosted.host = Some("d-example.mail.protection.outlook.com".to_owned());
    assert_snapshot!("bounce_of_a_known_host", told(Input::Bounce(hosted)));
}
