//! A record that was pasted with what stood around it is told so once, and its value is looked at as if it stood alone.

use mailproof::finding::{Applicability, Severity, apply};
use mailproof::report::{Kind, RecordInput};
use mailproof::text::Source;

/// Well-made records, of which nothing grave is to be said.
const RECORDS: &[(Kind, &str)] = &[
    (Kind::Spf, "v=spf1 ip4:9.9.9.0/24 -all"),
    (Kind::Dmarc, "v=DMARC1; p=reject; rua=mailto:d@d.example"),
    (Kind::DkimKey, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    (Kind::MtaSts, "v=STSv1; id=1"),
    (Kind::TlsRpt, "v=TLSRPTv1; rua=mailto:d@d.example"),
    (Kind::Bimi, "v=BIMI1; l=https://d.example/l.svg; a=https://d.example/l.pem"),
];

/// What people paste: lines of zone files, of `dig`, `host` and `nslookup`, and of a form.
fn wrapped(value: &str) -> Vec<String> {
    let (start, end) = value.split_at(12);
    let escaped = value.replace(';', "\\;");
    vec![
        format!("_x IN TXT {value}"),
        format!("TXT {value}"),
        format!("TXT \"{value}\""),
        format!("d.example.\t\t3600\tIN\tTXT\t\"{value}\""),
        format!("d.example. 300 IN TXT (\"{start}\" \"{end}\") ; mail"),
        format!("_x.d.example. 1h TXT ( \"{start}\" \"{end}\" )"),
        format!("( \"{start}\" \"{end}\" )"),
        format!("_dmarc.d.example {value}"),
        format!("_x TXT {escaped}"),
        format!("d.example descriptive text \"{value}\""),
        format!("d.example\ttext = \"{value}\""),
    ]
}

fn look(kind: Kind, text: &str) -> Vec<mailproof::finding::Diagnostic> {
    let mut input = RecordInput::new("");
    input.text = Source::new(text);
    input.kind = Some(kind);
    input.report().findings
}

#[test]
fn it_is_told_once_and_repaired() {
    for (kind, value) in RECORDS {
        for text in wrapped(value) {
            assert_eq!(Kind::detect(&text), Some(*kind), "{text}");
            let grave: Vec<_> =
                look(*kind, &text).into_iter().filter(|found| found.severity < Severity::Note).collect();
            let codes: Vec<_> = grave.iter().map(|found| found.code.as_str()).collect();
            assert!(matches!(codes[..], ["dns-panel-label-in-value" | "dns-panel-parentheses"]), "{text}: {codes:?}");
            let fix = &grave[0].fixes[0];
            assert_eq!(fix.applicability, Applicability::MachineApplicable);
            assert_eq!(apply(&text, fix.edits()).as_deref(), Some(*value), "{text}");
            assert!(grave[0].effect > mailproof::finding::Effect::Ok, "{text}");
        }
    }
}

#[test]
fn a_defect_of_the_value_is_told_where_it_stands() {
    let text = "d.example. IN TXT \"v=spf1 ipv4:9.9.9.0/24 \" \"-all\"";
    let found = look(Kind::Spf, text);
    let typo = found.iter().find(|found| found.code == "spf-mechanism-typo").expect("the typo");
    assert_eq!(typo.primary.quoted(), "ipv4");
    assert_eq!(apply(text, typo.fixes[0].edits()).expect("it applies"), text.replace("ipv4", "ip4"));
}

#[test]
fn the_report_shows_the_record_to_publish() {
    let report = RecordInput::new("_dmarc IN TXT v=DMARC1\\; p=rejct\\; rua=mailto:d@d.example").report();
    let fix = report.advice.iter().find_map(|advice| advice.fix.as_ref()).expect("a guess");
    assert_eq!(fix.applicability, Applicability::MaybeIncorrect, "`rejct` is not for a machine to mend");
    let text = "_dmarc IN TXT v=DMARC1, p=reject, rua=mailto:d@d.example";
    let report = RecordInput::new(text).report();
    let fix = report.advice.iter().find_map(|advice| advice.fix.as_ref()).expect("a repair");
    assert_eq!(apply(text, fix.edits()).as_deref(), Some("v=DMARC1; p=reject; rua=mailto:d@d.example"));
}

#[test]
fn it_is_found_where_it_is_published() {
    let zone = r#"
        d.example. TXT "TXT \"v=spf1 -all\""
        _dmarc.d.example. TXT "_dmarc IN TXT v=DMARC1; p=reject; rua=mailto:d@d.example"
        s._domainkey.d.example. TXT "s._domainkey TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        _mta-sts.d.example. TXT "_mta-sts 3600 IN TXT v=STSv1; id=1"
        _smtp._tls.d.example. TXT "_smtp._tls TXT v=TLSRPTv1; rua=mailto:d@d.example"
        default._bimi.d.example. TXT "default._bimi TXT v=BIMI1; l=https://d.example/l.svg; a=https://d.example/l.pem"
    "#;
    let zone = crate::world::zone(zone);
    let input = mailproof::domain::Input::new("d.example").selector("s".parse().expect("a name"));
    let mut dns = mailproof::dns::Snapshot::new();
    let resolve = |question: &mailproof::dns::Question| zone.answer(question);
    let found =
        mailproof::resolver::drive_sync(&mut dns, resolve, |dns| mailproof::domain::check(dns, &input)).findings;
    let told: std::collections::BTreeSet<String> = found
        .iter()
        .filter(|found| found.code == "dns-panel-label-in-value")
        .map(|found| found.primary.subject.origin().to_string())
        .collect();
    let owners = ["", "_dmarc.", "_mta-sts.", "_smtp._tls.", "default._bimi.", "s._domainkey."];
    let expected = owners.map(|owner| format!("{owner}d.example TXT"));
    assert_eq!(told, expected.into_iter().collect());
}
