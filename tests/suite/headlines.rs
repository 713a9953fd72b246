//! The one sentence about a domain, for every state of SPF beside every state of DMARC.

use std::fmt::Write as _;

use mailproof::dns::Snapshot;
use mailproof::domain;
use mailproof::report::{Input, Report};
use mailproof::resolver::{Zone, drive_sync};

const SPF: &[(&str, &str)] = &[
    ("usable", r#"d.example. TXT "v=spf1 ip4:192.0.2.1 -all""#),
    ("nobody", r#"d.example. TXT "v=spf1 -all""#),
    ("neutral", r#"d.example. TXT "v=spf1 ?all""#),
    ("none", r#"d.example. A 192.0.2.1"#),
    ("permerror", r#"d.example. TXT "v=spf1 ipv4:192.0.2.1 -all""#),
    ("several", "d.example. TXT \"v=spf1 -all\"\nd.example. TXT \"v=spf1 a -all\""),
    ("permerror late", r#"d.example. TXT "v=spf1 ip4:192.0.2.1 include:nospf.example -all""#),
    ("everybody", r#"d.example. TXT "v=spf1 +all""#),
    ("temperror", "d.example. SERVFAIL"),
    ("temperror below", "d.example. TXT \"v=spf1 include:slow.example -all\"\nslow.example. TIMEOUT"),
];

const DMARC: &[(&str, &str)] = &[
    ("reject", r#"_dmarc.d.example. TXT "v=DMARC1; p=reject""#),
    ("quarantine", r#"_dmarc.d.example. TXT "v=DMARC1; p=quarantine""#),
    ("sp=none", r#"_dmarc.d.example. TXT "v=DMARC1; p=reject; sp=none""#),
    ("np=none", r#"_dmarc.d.example. TXT "v=DMARC1; p=reject; np=none""#),
    ("p=none", r#"_dmarc.d.example. TXT "v=DMARC1; p=none""#),
    ("p invalid", r#"_dmarc.d.example. TXT "v=DMARC1; p=rejct; rua=mailto:a@d.example""#),
    ("version", r#"_dmarc.d.example. TXT "v=DMARC; p=reject""#),
    ("several", "_dmarc.d.example. TXT \"v=DMARC1; p=reject\"\n_dmarc.d.example. TXT \"v=DMARC1; p=none\""),
    ("none", ""),
    ("temperror", "_dmarc.d.example. SERVFAIL"),
];

const KEYS: &[(&str, &str)] = &[
    ("not known", ""),
    ("a key", r#"s1._domainkey.d.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=""#),
    ("no key", r#"d.example. A 192.0.2.1"#),
];

/// Where an alias leads nowhere, or to a text that nobody meant as a record, nothing is discarded.
#[test]
fn an_alias_that_leads_nowhere_is_no_record() {
    for target in ["", "_dmarc.e.example. TXT \"some words\"\n"] {
        let report =
            look(&format!("d.example. A 192.0.2.1\n_dmarc.d.example. CNAME _dmarc.e.example.\n{target}"), false);
        assert!(report.headline.ends_with("it has neither a DMARC nor an SPF record"), "{}", report.headline);
    }
}

#[test]
fn the_headline_is_right_whatever_is_published() {
    let mut table = String::new();
    for (dmarc, of_dmarc) in DMARC {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for (keys, of_keys) in KEYS {
            for (spf, of_spf) in SPF {
                let report = look(&format!("{of_spf}\n{of_dmarc}\n{of_keys}\n"), *keys != "not known");
                crate::schema::report_holds(&report);
                holds(&report, spf, dmarc, keys);
                let line = format!("{}: {}", if report.passed { "well" } else { "not well" }, report.headline);
                let case = format!("{spf} ({keys})");
                match told.iter_mut().find(|(other, _)| *other == line) {
                    Some((_, cases)) => cases.push(case),
                    None => told.push((line, vec![case])),
                }
            }
        }
        let _ = writeln!(table, "DMARC {dmarc}");
        for (line, cases) in told {
            let _ = writeln!(table, "  {line}\n    SPF {}", cases.join(", "));
        }
    }
    insta::assert_snapshot!(table);
}

fn look(zone: &str, with_selector: bool) -> Report {
    let zone = Zone::parse(zone).unwrap();
    let mut input = domain::Input::new("d.example");
    if with_selector {
        input = input.selector("s1".parse().unwrap());
    }
    let input = Input::Domain(input);
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| input.check(dns))
}

/// What may not be said, whatever the words are.
fn holds(report: &Report, spf: &str, dmarc: &str, keys: &str) {
    let case = format!("SPF {spf}, DMARC {dmarc}, DKIM {keys}: {}", report.headline);
    let enforced = ["reject", "quarantine", "sp=none", "np=none"].contains(&dmarc);
    let says = |words: &str| report.headline.contains(words);
    if says("is protected") {
        assert!(enforced, "{case}");
        assert!(!["permerror", "several", "everybody", "temperror", "temperror below"].contains(&spf), "{case}");
    }
    assert_eq!(
        says("anyone can send mail as d.example"),
        dmarc != "temperror" && (!enforced || spf == "everybody"),
        "{case}"
    );
    if says("it sends no mail") {
        assert!(spf == "nobody" && keys != "a key", "{case}");
    }
    if enforced && (dmarc == "sp=none" || dmarc == "np=none") && spf != "everybody" {
        assert!(
            says("anyone can send mail as its sub-domains") || says("anyone can send mail as a name below it"),
            "{case}"
        );
    }
    let whole = ["reject", "quarantine"].contains(&dmarc);
    let sound = !["permerror", "several", "permerror late", "everybody", "temperror", "temperror below"].contains(&spf);
    let locked = keys == "no key" && ["neutral", "none"].contains(&spf);
    if report.passed {
        assert!(whole && sound && !locked, "{case}");
    }
}
