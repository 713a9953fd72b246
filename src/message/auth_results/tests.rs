//! Fields as they are written, by the RFC and by others.

use proptest::prelude::{prop_assert, proptest};

use super::{AuthResults, FaultKind, NewProperty, NewResult, write};

fn told(text: &str) -> String {
    let field = AuthResults::parse(text);
    let results = field.results().iter().map(|result| {
        let properties = result.properties.iter().map(|p| format!(" {}.{}={}", p.ptype, p.name, p.value.text));
        let reason = result.reason.iter().map(|reason| format!(" reason={}", reason.text));
        format!("{}={}{}", result.method, result.result, reason.chain(properties).collect::<String>())
    });
    let id = field.authserv_id().unwrap_or("-");
    let strict = if field.is_strict(false) { "" } else { "!" };
    [format!("{strict}{id}")].into_iter().chain(results).collect::<Vec<_>>().join("; ")
}

#[test]
fn examples_of_the_rfc() {
    assert_eq!(told("example.org 1; none"), "example.org");
    assert_eq!(
        told(
            "foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n      policy (A dot can go here) . (like that) expired\r\n      (this surprised me) = (as I wasn't expecting it) 1362471462"
        ),
        "foo.example.net; dkim=fail policy.expired=1362471462"
    );
    assert_eq!(
        told("example.com; dkim=pass reason=\"good signature\" header.i=@mail-router.example.net"),
        "example.com; dkim=pass reason=good signature header.i=@mail-router.example.net"
    );
}

#[test]
fn broken_fields_give_their_results() {
    assert_eq!(
        told(
            "spf=pass smtp.mailfrom=a.example; dmarc=pass action=none\r\n header.from=a.example;compauth=pass reason=100"
        ),
        "!-; spf=pass smtp.mailfrom=a.example; dmarc=pass .action=none header.from=a.example; compauth=pass reason=100"
    );
    assert_eq!(told("outlook.com; spf=pass; outlook.com; dkim=pass;"), "!outlook.com; spf=pass; dkim=pass");
    assert_eq!(told("mta.example  from=x.example; dkim=pass (ok)"), "!mta.example; dkim=pass");
    assert_eq!(told("e.example; dkim=pass header.b=gfT/i2HB"), "!e.example; dkim=pass header.b=gfT/i2HB");
    assert_eq!(told("e.example; x-ptr=fail x-ptr-lookup=; spf=pass"), "!e.example; x-ptr=fail; spf=pass");
    assert_eq!(
        told("e.example; iprev=pass policy.iprev=2001:db8::1 (x)"),
        "!e.example; iprev=pass policy.iprev=2001:db8::1"
    );
}

#[test]
fn not_the_grammar() {
    for text in [
        "",
        ";none",
        "e.example",
        "e.example;",
        "e.example; none; spf=pass",
        "e.example; spf=pass; none",
        "e.example; spf=pass smtp.mailfrom=a@b",
        "e = = x;",
        "e; foo / bar = test;",
        "e; foo . . bar = test",
        "e; dkim=pass (a (b)",
        "e; dkim=pass a) header.d=b",
        "e; dkim=pass header.d=x reason=y",
        "e; dkim=pass \"x\"",
        "e; dkim=pass header.d=\"x",
        "e x; none",
        "e; =pass",
        "e; spf/=pass",
        "e; spf/x=pass",
    ] {
        assert!(!AuthResults::parse(text).is_strict(true), "{text}");
    }
}

#[test]
fn arc_fields_have_an_instance() {
    let field = AuthResults::parse_arc("i=2; mx.example; spf=pass");
    assert_eq!((field.instance(), field.authserv_id(), field.is_strict(false)), (Some(2), Some("mx.example"), true));
    for text in [
        "mx.example; spf=pass",
        "i=0; mx.example; spf=pass",
        "i=51; mx.example; spf=pass",
        "i=001; mx.example; spf=pass",
        "i=; mx.example; spf=pass",
        "i=x; mx.example; spf=pass",
    ] {
        let field = AuthResults::parse_arc(text);
        assert!(field.faults().iter().any(|fault| fault.kind == FaultKind::Instance), "{text}");
        assert_eq!(field.of_method("spf").count(), 1, "{text}");
    }
}

#[test]
fn internationalised_fields() {
    let field = AuthResults::parse("\"éxample.org\"; dkim=pass header.i=Pelé@bücher.example");
    assert!(field.is_strict(true) && !field.is_strict(false));
}

#[test]
fn spans_slice_the_text() {
    let text = "mx.example; spf=pass (ok) smtp.mailfrom=\"a b\"@d.example ; dkim=none";
    let field = AuthResults::parse(text);
    let spf = &field.results()[0];
    assert_eq!(&text[spf.span], "spf=pass (ok) smtp.mailfrom=\"a b\"@d.example");
    assert_eq!(&text[spf.comments[0]], "(ok)");
    assert_eq!(&text[spf.properties[0].value.span], "\"a b\"@d.example");
    assert_eq!(spf.property("smtp", "MailFrom"), Some("\"a b\"@d.example"));
}

#[test]
fn what_is_written_reads_back() {
    let values = [
        "d.example",
        "a@d.example",
        "@d.example",
        "root@localhost",
        "any@legit(.attack",
        "a; spf=pass",
        "x\r\ny",
        "",
        "gfT/i2HB",
        "\"q\"@d.example",
        "ü@d.example",
        "'a.attack",
    ];
    for value in values {
        let property = NewProperty { ptype: "smtp", name: "mailfrom", value };
        let result = NewResult {
            method: "spf",
            result: "fail",
            comment: "a) (b \\",
            reason: "no\n\"way\"",
            properties: vec![property; 3],
        };
        let text = write("mx.example", &[result.clone(), result]);
        let field = AuthResults::parse(&text);
        assert!(field.is_strict(true), "{text} {:?}", field.faults());
        assert_eq!(field.results().len(), 2);
        let clean: String = value.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        assert_eq!(field.results()[1].property("smtp", "mailfrom"), Some(clean.as_str()), "{text}");
        assert!(text.lines().all(|line| line.len() < 90), "{text}");
    }
    assert_eq!(write("mx.example", &[]), "mx.example; none");
    // Only properties may hold an address without quotes.
    assert_eq!(write("@a", &[]), "\"@a\"; none");
}

#[test]
fn hostile_texts_end() {
    for text in [
        "a;".repeat(50_000),
        "(".repeat(50_000),
        "a.".repeat(50_000),
        "a=b ".repeat(50_000),
        "=".repeat(50_000),
        "\"\\".repeat(50_000),
        "a;b=c d.e=\"f\"@".repeat(20_000),
        "()".repeat(50_000),
    ] {
        let field = AuthResults::parse(&text);
        assert!(field.faults().iter().all(|fault| text.get(fault.span.range()).is_some()));
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(spf=pass|none|i=1;|[a-z]{0,3}|[@;:()\"\\\\ =./\r\n]|\\PC){0,40}") {
        for field in [AuthResults::parse(&text), AuthResults::parse_arc(&text)] {
            for result in field.results() {
                prop_assert!(text.get(result.span.range()).is_some());
                for property in &result.properties {
                    prop_assert!(text.get(property.span.range()).is_some());
                }
            }
            for fault in field.faults() {
                prop_assert!(text.get(fault.span.range()).is_some());
            }
        }
    }

    #[test]
    fn any_value_reads_back(value in "\\PC{0,30}") {
        let property = NewProperty { ptype: "header", name: "i", value: &value };
        let result = NewResult { method: "dkim", result: "pass", comment: &value, reason: &value, properties: vec![property] };
        let field = AuthResults::parse(&write(&value, &[result]));
        prop_assert!(field.is_strict(true), "{:?}", field);
        prop_assert!(field.results()[0].property("header", "i") == Some(value.as_str()));
    }
}
