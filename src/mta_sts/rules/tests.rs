use crate::dns::Snapshot;
use crate::finding::{Applicability, Change, Effect, Severity, apply_all};
use crate::mta_sts::{Fetched, lint, lint_domain, lint_policy, mended};
use crate::resolver::{Zone, drive_sync};

/// RFC 8461 §5: in mode `testing` senders deliver and report; without a policy that counts they just deliver.
#[test]
fn only_mode_enforce_keeps_mail_back() {
    let zone = Zone::parse("d.example. MX 10 mx.provider.example.").unwrap();
    let domain = "d.example".parse().unwrap();
    let told = |mode: &str, max_age: &str| {
        let text = format!("version: STSv1\r\nmode: {mode}\r\nmx: *.d.example\r\nmax_age: {max_age}\r\n");
        let file = Fetched::body(text.as_bytes());
        let lint = |dns: &Snapshot| lint_policy(dns, &domain, &file);
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        let found = found.into_iter().find(|found| found.code == "sts-policy-mx-not-covering").unwrap();
        let what = found.params.get("what").unwrap().to_owned();
        (found.severity, found.effect, what)
    };
    let (error, warning) = (Severity::Error, Severity::Warning);
    assert_eq!(told("enforce", "604800"), (error, Effect::MailRefused, "do not deliver there".to_owned()));
    let reported = "report it, and in mode `enforce` would not deliver there".to_owned();
    assert_eq!(told("testing", "604800"), (warning, Effect::Ok, reported));
    let unused = "would not deliver there if the policy counted".to_owned();
    assert_eq!(told("enforce", "never"), (warning, Effect::Ok, unused));
}

/// The wildcard of a zone answers at a name below it that does not exist, and not at a host that does.
#[test]
fn what_a_wildcard_says_was_typed_nowhere() {
    let zone = "mail.d.example. A 192.0.2.1\n*.d.example. TXT \"v=STSv1; id=1\"";
    let zone = Zone::parse(zone).unwrap();
    let domain = "mail.d.example".parse().unwrap();
    let lint = |dns: &Snapshot| crate::mta_sts::lint_domain(dns, &domain);
    let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["sts-missing"]);
}

/// What the repair of the version brings is not missing.
#[test]
fn an_id_behind_a_comma_is_there() {
    let codes = |text: &str| lint(&text.into()).into_iter().map(|found| found.code.to_string()).collect::<Vec<_>>();
    for text in ["v=STSv1,id=1", "v=stsv1,id=1", "v=STSv1 id=1"] {
        assert_eq!(codes(text), ["sts-version"], "{text}");
    }
    // Nor what the repair of its own field brings.
    assert_eq!(codes("v=STSv1; id:1"), ["sts-syntax"]);
    assert_eq!(codes("v=STSv1, id:1"), ["sts-version", "sts-syntax"]);
    assert_eq!(codes("\u{feff}\"v=STSv1; id=1\""), ["dns-panel-quotes"]);
    assert_eq!(codes("v=STSv1; id='1'"), ["sts-id-invalid"]);
    assert_eq!(codes("v=STSv1,"), ["sts-version", "sts-id-missing"]);
    assert_eq!(codes("v=STSv1;"), ["sts-id-missing"]);
}

/// §3.1: senders discard what is no record, and use the one that is.
#[test]
fn a_misspelt_record_beside_a_good_one_is_told() {
    let records = ["v=STSv1; id=1", "v=stsv1; id=2"].map(|text| format!("_mta-sts.d.example. TXT \"{text}\""));
    let zone = crate::resolver::Zone::parse(&records.join("\n")).unwrap();
    let domain = "d.example".parse().unwrap();
    let look = |dns: &Snapshot| lint_domain(dns, &domain);
    let found = crate::resolver::drive_sync(&mut Snapshot::new(), |question| zone.answer(question), look);
    let [near] = &found[..] else { panic!("{found:?}") };
    assert_eq!((near.code.as_str(), near.severity, near.effect), ("sts-version", Severity::Warning, Effect::Ok));
    assert!(near.fixes.is_empty(), "mended, it would be a second record");
}

/// §3.1: if "the resulting record is syntactically invalid", there is no policy.
#[test]
fn what_the_grammar_does_not_allow_is_an_error() {
    for (text, good) in [
        ("v=STSv1; garbage; id=1", "v=STSv1; id=1"),
        ("v=STSv1; foo=b ar; id=1", "v=STSv1; id=1"),
        ("v=STSv1; -foo=bar; id=1", "v=STSv1; id=1"),
        ("v=STSv1; foo=; id=1", "v=STSv1; id=1"),
        ("v=STSv1;id=1;;", "v=STSv1;id=1;"),
        ("v=STSv1;;id=1", "v=STSv1;id=1"),
    ] {
        let found = lint(&text.into());
        assert!(found.iter().all(|found| found.code == "sts-syntax" && found.effect == Effect::NoPolicy), "{found:?}");
        assert_eq!(mended(text).as_deref(), Some(good), "{text}");
    }
    for text in ["v=STSv1; id=1;", "v=STSv1;id=1 ; ", "v=STSv1; foo.b-a_r=b:a/r; id=1"] {
        assert!(lint(&text.into()).iter().all(|found| found.severity == Severity::Note), "{text}");
    }
    assert_eq!(mended("v=STSv1,id=1").as_deref(), Some("v=STSv1;id=1"));
    assert_eq!(mended("v=STSv1, id:1").as_deref(), Some("v=STSv1; id=1"));
    assert_eq!(mended("v=STSv1; id:1; id:2").as_deref(), Some("v=STSv1; id=1"));
}

/// What senders would make nothing of is not offered, and no id goes.
#[test]
fn what_is_offered_is_a_record() {
    for text in [
        "V=STSV1; ID=20260901",
        "v=STSv1; Id=20260901",
        "v=STSv1; 20260901",
        "v=STSv1; id 20260901",
        "v=STSv1: id=20260901",
        "v=STSv1: 20260901",
        "; v=STSv1; id=20260901",
        "v=STSv1; id=; 20260901",
        "v=STSv1; id=20260901 mode: enforce",
    ] {
        assert_eq!(mended(text).as_deref(), Some("v=STSv1; id=20260901"), "{text}");
    }
    let with_mode = Some("v=STSv1; id=20260901; mode=enforce");
    assert_eq!(mended("v=STSv1; id=20260901 mode=enforce").as_deref(), with_mode);
    for text in ["v=STSv1", "v=STSv1; enforce", "v=stsv1; id=", "v=stsv1; ID=", "v=STSv1; id=1; 2"] {
        assert_eq!(mended(text), None, "{text}");
    }
}

fn surely(text: &str) -> String {
    apply_all(text, Applicability::MachineApplicable, |text| lint(&text.into())).text
}

#[test]
fn an_id_is_neither_lost_nor_made_up() {
    for (text, sure) in [
        ("v=STSv1; 2026-09-01", "v=STSv1; id=20260901"),
        ("v=STSv1; id=; 2026-09-01", "v=STSv1; id=20260901"),
        ("v=STSv1; id=1 mode:enforce", "v=STSv1; id=1; mode:enforce"),
        ("v=STSv1; id=20260901 10:00", "v=STSv1; id=202609011000"),
        // Two of them are for somebody to choose from.
        ("v=STSv1; id=20260901, id=20260902", "v=STSv1; id=20260901, id=20260902"),
        ("v=STSv1; id=<id>", "v=STSv1; id=<id>"),
        ("v=STSv1; id=$(date +%s)", "v=STSv1; id=$(date +%s)"),
        ("v=STSv1; id={{id}}", "v=STSv1; id={{id}}"),
        ("v=STSv1; id=[id]", "v=STSv1; id=[id]"),
        ("v=STSv1; id=-", "v=STSv1; id=-"),
        ("v=STSv1; id=<20260901>", "v=STSv1; id=20260901"),
        ("v=STSv1; id=abc-def", "v=STSv1; id=abcdef"),
        ("v=STSv1; id=abc def", "v=STSv1; id=abcdef"),
        ("v=DMARC1; id=1", "v=DMARC1; id=1"),
    ] {
        assert_eq!(surely(text), sure);
    }
    assert_eq!(mended("v=STS 20260901 id=1"), None);
    // It is told once, and as what it is.
    let found = lint(&"v=STSv1; ID=20260901".into());
    let [found] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((found.severity, found.effect), (Severity::Error, Effect::NoPolicy));
}

/// Moved as it is, nobody would read it there either.
#[test]
fn what_is_misplaced_is_mended_on_its_way() {
    let domain = "d.example".parse().unwrap();
    let published = |text: &str| -> Vec<String> {
        let zone = Zone::parse(&format!("mta-sts.d.example. TXT \"{text}\"")).unwrap();
        let lint = |dns: &Snapshot| lint_domain(dns, &domain);
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        let fixes = found.into_iter().filter(|found| found.code == "sts-wrong-location").flat_map(|found| found.fixes);
        let added = |change| match change {
            Change::Records { add, .. } => add,
            _ => Vec::new(),
        };
        fixes.flat_map(|fix| added(fix.change)).collect()
    };
    assert_eq!(published("v=stsv1; id=1"), ["v=STSv1; id=1"]);
    assert_eq!(published("v=STSv1; id=1"), ["v=STSv1; id=1"]);
    assert!(published("v=stsv1;").is_empty());
}
