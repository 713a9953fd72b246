//! JavaScript's face, called as JavaScript calls it, in Node:
//! `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner cargo test --target wasm32-unknown-unknown --features wasm --test wasm`

#![cfg(target_arch = "wasm32")]

use mailproof::wasm::{self, Check};
use serde_json::{Value, json};
use wasm_bindgen::{JsError, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

fn read(json: Result<String, JsError>) -> Value {
    let text = json.unwrap_or_else(|error| panic!("{:?}", JsValue::from(error)));
    serde_json::from_str(&text).unwrap()
}

fn refused<T>(result: Result<T, JsError>) -> String {
    let Err(error) = result else { panic!("not refused") };
    format!("{:?}", JsValue::from(error))
}

fn check(input: &Value) -> Check {
    Check::new(&input.to_string(), None).unwrap_or_else(|error| panic!("{:?}", JsValue::from(error)))
}

#[test]
fn a_check_asks_and_reports() {
    let mut check = check(&json!({"spf": {"ip": "198.51.100.7", "mail_from": "a@d.example"}}));
    assert!(refused(check.report()).contains("questions without an answer"));
    let mut rounds = 0;
    loop {
        let questions = read(check.questions());
        assert_eq!(read(check.questions()), questions, "asking again changes nothing");
        let Some(questions) = questions.as_array().filter(|questions| !questions.is_empty()) else { break };
        rounds += 1;
        for question in questions {
            let answer = match question["name"].as_str() {
                Some("d.example") => json!({"records": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}}),
                _ => json!({"nxdomain": null}),
            };
            assert!(check.answer(&question.to_string(), &answer.to_string()).is_ok());
        }
    }
    let told = read(check.report());
    assert!(rounds > 0);
    assert_eq!(told["report"]["verdicts"][0]["result"], "fail");
    assert!(told["text"].as_str().unwrap().starts_with("fail: 198.51.100.7 may not send mail for d.example"));

    let (input, snapshot) = (told["report"]["input"].to_string(), told["report"]["snapshot"].to_string());
    let mut again = Check::new(&input, Some(snapshot)).ok().unwrap();
    assert_eq!(read(again.questions()), json!([]));
    assert_eq!(read(again.report()), told);
}

#[test]
fn what_is_no_question_is_thrown() {
    assert!(refused(Check::new("{", None)).contains("input: "));
    assert!(refused(Check::new(r#"{"weather": {}}"#, None)).contains("weather"));
    let mut check = check(&json!({"domain": {"domain": "d.example"}}));
    assert!(
        refused(check.answer(r#"{"name": "d.example", "type": "TXT"}"#, r#"{"failure": "late"}"#)).contains("answer")
    );
    assert!(refused(wasm::lint(Some("ptr".to_owned()), "", None)).contains("`ptr` is not a kind"));
}

#[test]
fn names_of_other_scripts() {
    let linted = |domain: &str| wasm::lint(Some("spf".to_owned()), "v=spf1 -all", Some(domain.to_owned()));
    for (written, name) in [
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bücher.१२", "xn--bcher-kva.xn--e4bc"),
        ("bücher.１２", "xn--bcher-kva.12"),
    ] {
        assert_eq!(read(linted(written))["report"]["input"]["record"]["domain"], name);
    }
    for wrong in ["ü b.example", "ü/b.example", "ü%41.example", "℀.example", "\u{301}a.example"] {
        assert!(refused(linted(wrong)).contains("internationalised"), "{wrong}");
    }
}

#[test]
fn columns_are_those_of_javascript() {
    let told = read(wasm::lint(Some("spf".to_owned()), "v=spf1 exp=é😀 ipv4:192.0.2.1 -all", None));
    let place = told["report"]["findings"].as_array().unwrap().iter().map(|found| &found["primary"]);
    let mut place = place.filter(|place| place["span"]["start"].as_u64() > Some(17));
    let place = place.next().unwrap();
    assert_eq!(place["span"]["start"].as_u64().unwrap() - place["utf16"]["start"].as_u64().unwrap(), 3, "{place}");

    let inspected = read(wasm::srs_inspect("SRS0=PGkz=G3=example.com=é😀x@fwd.example", None));
    assert_eq!((&inspected["form"], &inspected["user"]), (&json!("srs0"), &json!({"start": 25, "end": 29})));
    assert_eq!(inspected["original"], "é😀x@example.com");
}

#[test]
fn codes_have_pages() {
    let codes = read(wasm::codes());
    let code = codes[0]["code"].as_str().unwrap();
    let page = read(wasm::explain(code));
    assert!(page["page"].as_str().unwrap().contains(page["title"].as_str().unwrap()));
    assert_eq!(read(wasm::explain("no-such-code")), Value::Null);
    assert_eq!(read(wasm::detect("v=spf1 -all")), json!({"what": "record", "kind": "spf", "text": "v=spf1 -all"}));
}

#[test]
fn srs_goes_and_comes_back() {
    let input = |address: &str| {
        json!({"address": address, "secrets": ["tops3cr3t"], "forwarder": "fwd.example", "now": 1_700_000_000})
            .to_string()
    };
    let there = read(wasm::srs_forward(&input("alice@example.com")));
    assert_eq!(there, json!({"address": "SRS0=PGkz=G3=example.com=alice@fwd.example", "cautions": []}));
    let back = read(wasm::srs_reverse(&input("SRS0=PGkz=G3=example.com=alice@fwd.example")));
    assert_eq!(back, json!({"address": "alice@example.com", "case_changed": false, "secret": 0}));
    let forged = read(wasm::srs_reverse(&input("SRS0=PGky=G3=example.com=alice@fwd.example")));
    assert_eq!(forged["error"], "bad_hash");
    assert_eq!(read(wasm::srs_forward(&input(""))), json!({"address": "", "unchanged": "null_sender", "cautions": []}));
}

#[test]
fn bounces_ways_and_senders() {
    let input = json!({"reply": "550 5.7.1 rejected: SPF check failed", "host": "mx.example.com"});
    let said = read(wasm::read_bounce(&input.to_string()));
    assert_eq!((&said["notification"], &said["bounces"][0]["permanent"]), (&Value::Null, &json!(true)));
    assert_eq!(read(wasm::read_bounce(r#"{"message": "From: a@d.example\r\n\r\nhello"}"#))["bounces"], json!([]));

    let author = json!({"spf_elsewhere": "fail", "spf_pass": true, "spf_aligned": true, "null_sender": false, "signatures": [], "policy": "reject"});
    let input = json!({"author": author, "hops": [{"redirect": {"srs": true}}, {"list": {"tag": true}}, "refold"]});
    assert_eq!(read(wasm::predict_way(&input.to_string()))["dmarc"], "fail");

    let logins = json!({"alice@d.example": "alice@d.example", "bob@d.example": "bob@d.example"});
    let input =
        json!({"directory": {"logins": logins}, "login": "alice@d.example", "header": {"from": ["bob@d.example"]}});
    let outcome = read(wasm::check_sender(&input.to_string()));
    let findings = outcome["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["code"] == "from-not-owned").unwrap();
    assert_eq!(outcome["verdict"], "reject");
    assert_eq!(outcome["sources"][found["primary"]["source"].as_u64().unwrap() as usize]["text"], "bob@d.example");
}
