//! Reading and printing records.

use super::*;

fn request(text: &str) -> Request {
    Record::parse(text).request()
}

#[test]
fn version_must_be_first_and_exact() {
    for text in ["v=DMARC1", "v=DMARC1;", "v = DMARC1 ;p=none", "v=DMARC1\t;\tp=none", "V=DMARC1; p=none"] {
        assert!(Record::parse(text).is_dmarc(), "{text}");
    }
    for text in [
        "",
        "v",
        "v=",
        "v=dmarc1",
        "v=DMARC12",
        "v=DMARC1 p=none",
        " v=DMARC1",
        "p=none; v=DMARC1",
        "v==DMARC1",
        "\"v=DMARC1\"",
    ] {
        assert!(!Record::parse(text).is_dmarc(), "{text}");
    }
}

#[test]
fn spans_slice_the_text() {
    let text = "v=DMARC1 ; P = reject;; bogus; x-1=;p=none ;";
    let record = Record::parse(text);
    let parts: Vec<String> = record
        .parts()
        .iter()
        .map(|part| match part.kind {
            PartKind::Tag { tag, name, value } => format!("{tag:?} {} {}", &text[name], &text[value]),
            kind => format!("{kind:?} {}", &text[part.span]),
        })
        .collect();
    assert_eq!(parts, ["P P reject", "Empty ", "Word bogus", "Unknown x-1 ", "P p none"]);
    assert_eq!(record.p().value(), Some(Policy::Reject), "the first one counts");
}

#[test]
fn only_space_and_tab_are_white_space() {
    assert_eq!(Record::parse("v=DMARC1;\r\n p=reject").p(), Stated::Absent);
    assert_eq!(Record::parse("v=DMARC1; \tp=reject").p().value(), Some(Policy::Reject));
}

// §4.10.1: one bad `sp` or `np` disarms a good `p`.
#[test]
fn a_bad_policy_disarms_the_record() {
    for tags in ["p=rejct", "p=reject; sp=rejct", "p=reject; np=", "adkim=s", "sp=reject", "p=x; sp=reject"] {
        assert_eq!(request(&format!("v=DMARC1; {tags}; rua=mailto:a@b")), Request::ActAsNone, "{tags}");
        assert_eq!(request(&format!("v=DMARC1; {tags}")), Request::NoProcessing, "{tags}");
        assert_eq!(request(&format!("v=DMARC1; {tags}; rua=a@b")), Request::NoProcessing, "{tags}");
    }
    for tags in ["p=reject; adkim=x", "p=reject; t=maybe; fo=9; psd=0; aspf=strict", "p=Reject"] {
        assert!(matches!(request(&format!("v=DMARC1; {tags}")), Request::Policies(_)), "{tags}");
    }
}

#[test]
fn defaults_come_from_the_tag_above() {
    let Request::Policies(policies) = request("v=DMARC1; p=reject; sp=none") else { panic!() };
    assert_eq!((policies.sp, policies.np), (Policy::None, Policy::None));
    let Request::Policies(policies) = request("v=DMARC1; p=reject; np=none") else { panic!() };
    assert_eq!((policies.sp, policies.np), (Policy::Reject, Policy::None));
}

#[test]
fn printing_keeps_the_request() {
    let record = Record::parse("V=DMARC1;P=Reject ;;x=1; sp= none; p=none; rua=mailto:a@b,mailto:c@d!1m");
    let printed = record.to_string();
    assert_eq!(printed, "v=DMARC1; p=Reject; sp=none; rua=mailto:a@b,mailto:c@d!1m");
    assert_eq!(Record::parse(printed.as_str()).request(), record.request());
}

/// What counts is not what stands beside it: an empty policy disarms the record, and an empty `rua` hides the one behind it.
#[test]
fn printing_keeps_what_disarms_a_record() {
    for (text, printed) in [
        ("v=DMARC1; p=reject; np=", "v=DMARC1; p=reject; np="),
        ("v=DMARC1; p=; p=reject; rua=mailto:a@b", "v=DMARC1; p=; rua=mailto:a@b"),
        ("v=DMARC1; p=x; rua=; rua=mailto:a@b", "v=DMARC1; p=x"),
        ("v=DMARC1; p=none; v=DMARC1; fo=", "v=DMARC1; p=none"),
    ] {
        let record = Record::parse(text);
        assert_eq!(record.to_string(), printed);
        assert_eq!(Record::parse(printed).request(), record.request(), "{text}");
    }
}

/// Of tags that are repeated the first counts, for report addresses too.
#[test]
fn the_first_report_addresses_count() {
    let record = Record::parse("v=DMARC1; p=none; rua=mailto:a@b; ruf=mailto:c@d; rua=mailto:e@f; ruf=mailto:g@h");
    let text = |uris: &[Uri]| uris.iter().map(|uri| record.source().text()[uri.span].to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (text(record.rua()), text(record.ruf())),
        (vec!["mailto:a@b".to_owned()], vec!["mailto:c@d".to_owned()])
    );
}

/// RFC 7489 §6.3: `pct` is "an integer between 0 and 100, inclusive", in digits alone.
#[test]
fn a_percentage_is_digits_up_to_100() {
    let pct = |value: &str| Record::parse(format!("v=DMARC1; p=none; pct={value}").as_str()).pct();
    for (value, percent) in [("0", 0), ("7", 7), ("007", 7), ("100", 100)] {
        assert_eq!(pct(value).value(), Some(percent), "{value}");
    }
    for value in ["", "+5", "-0", "101", "0100", "1000", "50%", "x"] {
        assert!(pct(value).is_invalid(), "{value}");
    }
}

#[test]
fn records_are_equal_if_their_texts_are() {
    assert_eq!(Record::parse("v=DMARC1; p=none"), Record::parse("v=DMARC1; p=none"));
    assert_ne!(Record::parse("v=DMARC1; p=none"), Record::parse("v=DMARC1; p=reject"));
}

#[test]
fn hostile_texts_stay_bounded() {
    let record = Record::parse(";".repeat(60_000).as_str());
    assert_eq!(record.parts().len(), MAX_PARTS);
    let record = Record::parse(format!("v=DMARC1; rua={}", ",".repeat(60_000)).as_str());
    assert_eq!(record.rua().len(), uri::MAX_URIS);
}
