use proptest::prelude::*;

use super::{Data, Mark, Reason, Zone};
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn ask(zone: &Zone, owner: &str, record_type: RecordType) -> Answer {
    zone.answer(&Question::new(name(owner), record_type))
}

fn txt(zone: &Zone, owner: &str) -> Vec<String> {
    ask(zone, owner, RecordType::Txt).txts().iter().map(ToString::to_string).collect()
}

fn zone(text: &str) -> Zone {
    Zone::parse(text).unwrap()
}

/// Line, column, reason.
fn error(text: &str) -> (u32, u32, Reason) {
    let error = Zone::parse(text).unwrap_err();
    (error.line, error.column, error.reason)
}

mod text {
    use super::*;

    #[test]
    fn the_example_of_rfc_1035_section_5_3() {
        let text = "\
@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        NS      VAXA
        MX      10      VENERA
        MX      20      VAXA

A       A       26.3.0.103

VENERA  A       10.1.0.52
        A       128.9.0.32
";
        let zone = Zone::parse_at(&name("isi.edu"), text).unwrap();
        let Lookup::Records(Records::Soa(soa)) = ask(&zone, "isi.edu", RecordType::Soa).lookup else { panic!() };
        assert_eq!(soa[0].primary, "venera.isi.edu");
        assert_eq!(soa[0].responsible, "action\\.domains.isi.edu");
        assert_eq!((soa[0].serial, soa[0].minimum), (20, 60));
        assert_eq!(ask(&zone, "ISI.edu", RecordType::Ns).records().unwrap().len(), 3);
        let Lookup::Records(Records::Mx(mx)) = ask(&zone, "isi.edu", RecordType::Mx).lookup else { panic!() };
        assert_eq!(mx[1], Mx { preference: 20, exchange: name("vaxa.isi.edu") });
        assert_eq!(ask(&zone, "venera.isi.edu", RecordType::A).records().unwrap().len(), 2);
        assert_eq!(ask(&zone, "none.isi.edu", RecordType::A).ttl, Some(60));
    }

    #[test]
    fn ttl_and_class_in_either_order_or_not_at_all() {
        let zone = zone("a 5 IN TXT a\nb IN 6 TXT b\nc in TXT c\nd TXT d\n$TTL 1h30m\ne TXT e\nf 7 TXT f\ng TXT g");
        let ttl = |owner| ask(&zone, owner, RecordType::Txt).ttl;
        // RFC 1035: the last stated one; RFC 2308 §4: that of $TTL where there is one.
        assert_eq!([ttl("a"), ttl("b"), ttl("c"), ttl("d")], [Some(5), Some(6), Some(6), Some(6)]);
        assert_eq!([ttl("e"), ttl("f"), ttl("g")], [Some(5_400), Some(7), Some(5_400)]);
        assert_eq!(ask(&super::zone("a TXT a"), "a", RecordType::Txt).ttl, None);
    }

    #[test]
    fn strings() {
        let zone = zone(r#"a TXT "a \"b\" ; c" d\;\ e\255 "\\" """#);
        let answer = ask(&zone, "a", RecordType::Txt);
        let strings: Vec<_> =
            answer.txts()[0].strings().map(|s| answer.txts()[0].bytes_of(s.span).into_owned()).collect();
        assert_eq!(strings, [&b"a \"b\" ; c"[..], b"d; e\xff", b"\\", b""]);
        assert_eq!(txt(&super::zone("a TXT v=spf1 -all"), "a"), ["v=spf1-all"], "unquoted, these are two strings");
    }

    #[test]
    fn all_types() {
        let zone = zone(
            "$ORIGIN d.example.\n@ A 192.0.2.1\n AAAA 2001:db8::1\n NS ns\n MX 0 .\n PTR host\n SPF \"v=spf1\"\n TXT x\n\
             _25._tcp TLSA 3 1 1 ( 00ff\n AbCd )\nwww CNAME d.example.\n@ IN CAA 0 issue \"ca.example\"\n@ TYPE65280 \\# 1 00",
        );
        let Lookup::Records(Records::Tlsa(tlsa)) = ask(&zone, "_25._tcp.d.example", RecordType::Tlsa).lookup else {
            panic!()
        };
        assert_eq!(tlsa[0].data, [0, 255, 0xab, 0xcd]);
        let Lookup::Records(Records::Mx(mx)) = ask(&zone, "d.example", RecordType::Mx).lookup else { panic!() };
        assert_eq!(mx[0].exchange, Name::root());
        for record_type in
            [RecordType::A, RecordType::Aaaa, RecordType::Ns, RecordType::Ptr, RecordType::Spf, RecordType::Txt]
        {
            assert!(ask(&zone, "d.example", record_type).records().is_some(), "{record_type}");
        }
    }

    #[test]
    fn types_without_data_make_a_name_exist() {
        let zone = zone("a.example SRV 0 0 0 .\n*.example TXT wild");
        assert_eq!(ask(&zone, "a.example", RecordType::Txt).lookup, Lookup::NoData);
    }

    #[test]
    fn an_indented_text_is_read_as_if_it_were_not() {
        let zone = zone(
            "\n    ; a comment\n    $ORIGIN example.\n    a  TXT (\n         x )\n       A 192.0.2.1\n    b TXT y\n",
        );
        assert_eq!(txt(&zone, "a.example"), ["x"]);
        assert!(ask(&zone, "a.example", RecordType::A).records().is_some());
        assert_eq!(error("    a TXT x\n    b TXTT y"), (2, 7, Reason::unexpected("TXTT", "a record type")));
        assert_eq!(error("  IN A 192.0.2.1"), (1, 3, Reason::NoOwner));
        assert_eq!(error("  300 IN TXT x"), (1, 3, Reason::NoOwner));
        assert_eq!(error("  TXT x"), (1, 3, Reason::NoOwner));
        assert_eq!(error("  A 192.0.2.1"), (1, 3, Reason::NoOwner));
        assert_eq!(error("  MX 10 mail"), (1, 9, Reason::unexpected("mail", "a record type")));
    }

    #[test]
    fn an_owner_behind_white_space_is_named() {
        let indented = |found: &str| Reason::IndentedOwner { found: found.to_owned() };
        assert_eq!(error("a TXT x\n  _dmarc.d 300 IN TXT y"), (2, 3, indented("_dmarc.d")));
        assert_eq!(error("a TXT x\n  mx A 192.0.2.1"), (2, 3, indented("mx")));
        assert_eq!(error("  b TXT x\nc TXT x"), (1, 3, indented("b")));
        assert_eq!(error("a TXT x\n  b TXTT y"), (2, 3, Reason::unexpected("b", "a record type")));
        assert_eq!(error("a TXT x\n  A A 192.0.2.1 MX"), (2, 3, indented("A")));
    }

    #[test]
    fn line_ends_and_byte_order_mark() {
        let zone = zone("\u{feff}a TXT x\r\n\tA 192.0.2.1\r\nb TXT y");
        assert_eq!((txt(&zone, "a"), txt(&zone, "b")), (vec!["x".to_owned()], vec!["y".to_owned()]));
        assert!(ask(&zone, "a", RecordType::A).records().is_some());
    }

    #[test]
    fn names_that_are_not_host_names() {
        let zone = zone("bücher.example TXT a\n\\042.lit.example TXT b\n_x.%{i}.example TXT c");
        assert_eq!(txt(&zone, "xn--bcher-kva.example"), ["a"]);
        assert_eq!(txt(&zone, "_x.%{i}.example"), ["c"]);
    }

    #[test]
    fn equal_records_are_one() {
        assert_eq!(txt(&zone("a TXT x\na TXT x\na TXT y"), "a"), ["x", "y"]);
        let mut zone = Zone::new();
        zone.insert(name("a"), Records::Txt(vec!["x".into()])).insert(name("a"), Records::Txt(vec!["x".into()]));
        assert_eq!(txt(&zone, "a"), ["x", "x"]);
    }

    #[test]
    fn entries_know_their_place() {
        let text = "é.example. TXT \"ü\" ; note\n  60 MX ( 10\n  mail )\nx TIMEOUT TXT\nx SRV 0 0 0 .";
        let zone = zone(text);
        let [first, second, third, fourth] = zone.entries() else { panic!() };
        assert_eq!((first.line, first.columns.clone(), &text[first.span]), (1, 1..19, "é.example. TXT \"ü\""));
        assert_eq!((second.line, second.columns.clone(), &text[second.span]), (2, 3..13, "60 MX ( 10\n  mail"));
        assert_eq!((second.name.clone(), second.ttl), (first.name.clone(), Some(60)));
        assert_eq!(third.data, Data::Mark(Mark::Failure(Failure::Timeout), Some(RecordType::Txt)));
        assert_eq!(fourth.data, Data::Other("SRV".into()));
        assert_eq!(zone.names().map(Name::as_str).collect::<Vec<_>>(), ["xn--9ca.example", "x"]);
    }

    #[test]
    fn errors_say_where_and_what() {
        let said = |text: &str| Zone::parse(text).unwrap_err().to_string();
        assert_eq!(said("é TXT \"a\nb\""), "line 1, column 7: the string that begins here is not closed on its line");
        assert_eq!(said("a TXT (\n\"x\""), "line 1, column 7: the parenthesis that opens here is never closed");
        assert_eq!(said("a TXT x )"), "line 1, column 9: no parenthesis is open here");
        assert_eq!(said("a A 192.0.2.256"), "line 1, column 5: `192.0.2.256` is not an IPv4 address");
        assert_eq!(said("a A"), "line 1, column 4: the entry ends where an IPv4 address should follow");
        assert_eq!(said("a A 192.0.2.1 x"), "line 1, column 15: nothing should follow here, but `x` does");
        assert_eq!(said("a..b A 192.0.2.1"), "line 1, column 1: `a..b` is not a name: label 2 is empty");
        assert_eq!(
            said("a TXT \"x\\256\""),
            "line 1, column 9: after a backslash comes a character, or three digits from 000 to 255"
        );
        assert_eq!(said("a 1x TXT y"), "line 1, column 3: `1x` is not a TTL in seconds");
        assert_eq!(said("a 2147483648 TXT y"), "line 1, column 3: `2147483648` is not a TTL in seconds");
        assert_eq!(
            said("$INCLUDE f"),
            "line 1, column 1: $INCLUDE is not followed: the records of `f` are not known here"
        );
        assert_eq!(said("a CH TXT x"), "line 1, column 3: `CH` is not the class IN, the one that mail uses");
        assert_eq!(said("a TYPE16 \\# 1 00"), "line 1, column 3: `TYPE16` is not a record type");
        assert_eq!(
            said("a\\.b TXT x").split(": ").nth(1),
            Some("`a\\.b` has a dot inside a label or an octet outside ASCII, which is not supported")
        );
        assert_eq!(
            said(&format!("a TXT {}", "x".repeat(256))),
            "line 1, column 7: the string has 256 octets, the limit is 255; write it as several strings"
        );
        assert_eq!(
            said("a TLSA 3 1 1 abc"),
            "line 1, column 17: the entry ends where another hexadecimal digit should follow"
        );
        assert_eq!(said("a TIMEOUT TXT x"), "line 1, column 15: nothing should follow here, but `x` does");
    }
}

mod answers {
    use super::*;

    /// The zone of RFC 4592 §2.2.1.
    const RFC_4592: &str = "
        $ORIGIN example.
        example.                 3600 IN  SOA   ns.example.com. admin.example. 1 2 3 4 60
        example.                 3600     NS    ns.example.com.
        *.example.               3600     TXT   \"this is a wildcard\"
        *.example.               3600     MX    10 host1.example.
        sub.*.example.           3600     TXT   \"this is not a wildcard\"
        host1.example.           3600     A     192.0.2.1
        _ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.
        _ssh._tcp.host2.example. 3600     SRV   0 0 22 host2.example.
        subdel.example.          3600     NS    ns.example.com.
    ";

    #[test]
    fn wildcards_of_rfc_4592() {
        let zone = zone(RFC_4592);
        // Synthesised.
        assert!(ask(&zone, "host3.example", RecordType::Mx).records().is_some());
        assert_eq!(ask(&zone, "host3.example", RecordType::A).lookup, Lookup::NoData);
        assert_eq!(txt(&zone, "foo.bar.example"), ["this is a wildcard"]);
        // Not synthesised.
        assert_eq!(ask(&zone, "host1.example", RecordType::Mx).lookup, Lookup::NoData);
        assert_eq!(ask(&zone, "sub.*.example", RecordType::Mx).lookup, Lookup::NoData);
        assert_eq!(ask(&zone, "_telnet._tcp.host1.example", RecordType::Txt).lookup, Lookup::NxDomain);
        assert_eq!(ask(&zone, "host2.example", RecordType::Txt).lookup, Lookup::NoData, "an empty non-terminal");
        assert_eq!(ask(&zone, "ghost.*.example", RecordType::Mx).lookup, Lookup::NxDomain);
        assert_eq!(txt(&zone, "*.example"), ["this is a wildcard"]);
        assert_eq!(ask(&zone, "host1.example", RecordType::Mx).ttl, Some(60));
    }

    #[test]
    fn a_wildcard_of_the_root() {
        let zone = zone("* TXT all\na.example TXT a");
        assert_eq!(txt(&zone, "x.y"), ["all"]);
        assert_eq!(ask(&zone, "b.example", RecordType::Txt).lookup, Lookup::NxDomain);
        assert_eq!(ask(&zone, ".", RecordType::Txt).lookup, Lookup::NoData);
        assert_eq!(ask(&Zone::new(), ".", RecordType::Txt).lookup, Lookup::NxDomain);
    }

    #[test]
    fn cnames_are_followed() {
        let zone = zone(
            "a 9 CNAME b\nb 5 CNAME c\nc 7 TXT end\nd CNAME nowhere\ne CNAME slow\nslow TIMEOUT\n*.w CNAME c\nm CNAME c\nm TXT own",
        );
        let answer = ask(&zone, "a", RecordType::Txt);
        assert_eq!((answer.aliases.as_slice(), answer.ttl), (&[name("b"), name("c")][..], Some(5)));
        assert_eq!(answer.txts()[0].text(), "end");
        assert_eq!(ask(&zone, "a", RecordType::A).lookup, Lookup::NoData);
        assert_eq!(ask(&zone, "a", RecordType::Cname).records(), Some(&Records::Cname(vec![name("b")])));
        assert!(ask(&zone, "a", RecordType::Cname).aliases.is_empty());
        let answer = ask(&zone, "d", RecordType::Txt);
        assert_eq!((answer.lookup, answer.aliases), (Lookup::NxDomain, vec![name("nowhere")]));
        assert_eq!(ask(&zone, "e", RecordType::Txt).failure(), Some(Failure::Timeout));
        assert_eq!(txt(&zone, "x.w"), ["end"]);
        assert_eq!(txt(&zone, "m"), ["own"], "data of the asked type win over a CNAME beside them");
    }

    #[test]
    fn a_loop_of_cnames_is_malformed() {
        let zone = zone("a CNAME b\nb CNAME a\nself CNAME self\nin CNAME a");
        for owner in ["a", "b", "self", "in"] {
            assert_eq!(ask(&zone, owner, RecordType::Txt).failure(), Some(Failure::Malformed), "{owner}");
        }
    }

    #[test]
    fn a_chain_is_bounded() {
        let mut text: String = (0..100).map(|i| format!("c{i} CNAME c{}\n", i + 1)).collect();
        text.push_str("c100 TXT end");
        let zone = zone(&text);
        assert_eq!(txt(&zone, "c84"), ["end"]);
        let answer = ask(&zone, "c83", RecordType::Txt);
        assert_eq!((answer.failure(), answer.aliases.len()), (Some(Failure::Malformed), 17));
    }

    #[test]
    fn marks() {
        let zone = zone(
            "a TXT x\na SERVFAIL\nb TXT x\nb REFUSED TXT\n*.c BOGUS\ngone.d NXDOMAIN\n*.d TXT wild\nx CNAME gone.d",
        );
        assert_eq!(txt(&zone, "a"), ["x"]);
        assert_eq!(ask(&zone, "a", RecordType::A).failure(), Some(Failure::ServFail));
        assert_eq!(ask(&zone, "b", RecordType::Txt).failure(), Some(Failure::Refused));
        assert_eq!(ask(&zone, "b", RecordType::A).lookup, Lookup::NoData);
        assert_eq!(ask(&zone, "y.c", RecordType::A).failure(), Some(Failure::Bogus));
        assert_eq!(ask(&zone, "gone.d", RecordType::Txt).lookup, Lookup::NxDomain);
        assert_eq!(ask(&zone, "below.gone.d", RecordType::Txt).lookup, Lookup::NxDomain);
        assert_eq!(ask(&zone, "x", RecordType::Txt).lookup, Lookup::NxDomain);
        assert_eq!(txt(&zone, "other.d"), ["wild"]);
    }
}

/// Words of zones, so that random texts are often nearly right.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "a.example.",
        "*",
        "@",
        "\n",
        "\n",
        "\n ",
        " ",
        "\t",
        "\"",
        "(",
        ")",
        ";",
        "\\",
        "\\010",
        "\\.",
        "IN",
        "CH",
        "60",
        "1w",
        "$ORIGIN",
        "$TTL",
        "TXT",
        "A",
        "MX",
        "CNAME",
        "SOA",
        "TLSA",
        "SRV",
        "TYPE16",
        "TIMEOUT",
        "NXDOMAIN",
        "192.0.2.1",
        "::1",
        "10",
        "é",
    ]);
    prop::collection::vec(prop_oneof![4 => word.prop_map(str::to_owned), 1 => any::<String>()], 0..60)
        .prop_map(|words| words.join(" "))
}

fn check(text: &str) {
    let unread = Zone::parse_lossy(&Name::root(), text).map(|(_, unread)| unread);
    let unread = unread.unwrap_or_else(|error| vec![error]);
    for error in &unread {
        assert!(text.get(error.span.range()).is_some(), "{error:?}");
        assert!(error.line as usize <= text.split('\n').count() && error.column >= 1);
    }
    match Zone::parse(text) {
        Ok(zone) => {
            assert_eq!(unread, []);
            for entry in zone.entries() {
                assert!(text.get(entry.span.range()).is_some(), "{:?}", entry.span);
                assert!(entry.line >= 1 && entry.columns.start >= 1 && entry.columns.end > entry.columns.start);
                for &record_type in RecordType::ALL {
                    let answer = zone.answer(&Question::new(entry.name.clone(), record_type));
                    let exists = answer.lookup != Lookup::NxDomain;
                    assert!(exists || !answer.aliases.is_empty() || text.to_uppercase().contains("NXDOMAIN"));
                }
            }
        }
        Err(error) => assert_eq!(unread.first(), Some(&error)),
    }
}

proptest! {
    #[test]
    fn any_text_is_a_zone_or_an_error(text in any::<String>()) {
        let _ = Zone::parse(&text);
    }

    #[test]
    fn nearly_zones(text in words()) {
        check(&text);
    }

    #[test]
    fn answers_are_bounded(pairs in prop::collection::vec((0..9_u8, 0..9_u8, any::<bool>()), 0..30)) {
        let text: String = pairs.iter().map(|(from, to, wild)| format!("{}c{from} CNAME x.c{to}\n", if *wild { "*." } else { "" })).collect();
        let zone = Zone::parse(&text).unwrap();
        for i in 0..9 {
            let answer = ask(&zone, &format!("y.c{i}"), RecordType::A);
            prop_assert!(answer.aliases.len() <= 17);
        }
    }
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    let long = "x".repeat(63);
    let deep = vec!["a"; 127].join(".");
    for text in [
        "(".repeat(300_000),
        "\"".repeat(300_000),
        "\\\"".repeat(300_000),
        "\n".repeat(300_000),
        "a TXT \"\\\"".to_owned() + &"\\\\".repeat(300_000),
        format!("a TXT ({}", "\n".repeat(300_000)),
        format!("a TXT {}", "x ".repeat(300_000)),
        "a TXT x\n".repeat(50_000),
        (0..50_000).map(|i| format!("a A 10.{}.{}.{}\n", i >> 16, i >> 8 & 255, i & 255)).collect(),
        (0..5_000).map(|i| format!("{i}.{}\tA 192.0.2.1\n", &deep[..240])).collect(),
        (0..5_000).map(|i| format!("{i}.{long}.{long} TIMEOUT\n")).collect(),
        " ".repeat(300_000) + "\n" + &" ".repeat(300_000),
        "$INCLUDE x\n".repeat(30_000),
        "a TXT (\n".repeat(30_000) + "x )",
    ] {
        let _ = Zone::parse(&text);
        let _ = Zone::parse_lossy(&Name::root(), &text);
    }
}

#[test]
fn the_zone_of_the_first_example() {
    let zone = zone(include_str!("../../../examples/zones/redirect.zone"));
    assert_eq!(txt(&zone, "gmahoo1.example"), ["v=spf1 include:_spf.gmahoo1.example -all"]);
    assert_eq!(
        txt(&zone, "_spf.gmahoo1.example"),
        ["v=spf1 ip4:192.0.2.0/26 ip4:192.0.2.128/28 ip6:2001:db8:1::/64 -all"]
    );
    assert!(txt(&zone, "_dmarc.gmahoo1.example")[0].starts_with("v=DMARC1; p=reject;"));
    let pointer = ask(&zone, "20.100.51.198.in-addr.arpa", RecordType::Ptr);
    assert_eq!(pointer.records(), Some(&Records::Ptr(vec![name("out.mailhost1.example")])));
}
