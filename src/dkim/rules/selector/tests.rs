//! What no page can show: answers that were not had, DNSSEC, effects, fixes. The pages are run by `tests/suite/pages.rs`.

use super::{LintOptions, lint_key_at};
use crate::Name;
use crate::dkim::key_effect;
use crate::dns::{Question, RecordType, Snapshot};
use crate::finding::{Change, Diagnostic, Effect, Severity};
use crate::resolver::{Zone, drive_sync};

const NAME: &str = "s1._domainkey.d.example";
const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn look_at(name: &str, zone: &str) -> Vec<Diagnostic> {
    let (zone, name) = (Zone::parse(zone).unwrap(), Name::parse(name).unwrap());
    let options = LintOptions::default();
    let resolve = |question: &Question| zone.answer(question);
    drive_sync(&mut Snapshot::new(), resolve, |dns| lint_key_at(dns, &name, &options))
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

#[test]
fn no_answer_is_all_that_is_told() {
    let found = look_at(NAME, &format!("{NAME}. SERVFAIL"));
    assert_eq!((codes(&found), key_effect(&found)), (vec!["dkim-dns-tempfail"], Effect::Temperror));
}

#[test]
fn texts_of_other_protocols_are_no_keys() {
    let found = look_at(NAME, "*.d.example. TXT \"v=spf1 -all\"");
    assert_eq!(codes(&found), ["dkim-key-missing"]);
    assert_eq!(
        found[0].message(),
        "the selector `s1` has no key that can be used: nothing that is signed with it can pass"
    );
}

#[test]
fn the_repair_of_a_wrong_place_is_the_right_one() {
    for wrong in ["s1.d.example", "s1._domainkey.d.example.d.example", "s1.domainkey.d.example"] {
        let found = look_at(NAME, &format!("{wrong}. TXT \"{KEY}\""));
        assert_eq!(codes(&found), ["dkim-key-missing", "dkim-key-wrong-location"]);
        let Change::Records { owner, add, .. } = &found[1].fixes[0].change else { panic!() };
        assert_eq!((owner.as_str(), add[0].as_str()), (NAME, KEY));
    }
    let (name, wrong) = ("s1._domainkey.mail.d.example", "s1._domainkey.mail.d.example.d.example");
    let found = look_at(name, &format!("{wrong}. TXT \"{KEY}\""));
    assert_eq!(codes(&found), ["dkim-key-missing", "dkim-key-wrong-location"], "the zone is that of a domain above");
    for wrong in ["s1.d.example", "s1._domainkey.d.example.d.example", wrong] {
        let found = look_at(wrong, &format!("{wrong}. TXT \"{KEY}\""));
        assert!(codes(&found).contains(&"dkim-key-wrong-location"), "{found:?}");
    }
}

#[test]
fn one_usable_key_among_several() {
    let found = look_at(NAME, &format!("{NAME}. TXT \"{KEY}\"\n{NAME}. TXT \"v=DKIM1; p=\""));
    assert!(codes(&found).contains(&"dkim-key-revoked"));
    assert_eq!(key_effect(&found), Effect::Differs);
    let multiple = found.iter().find(|found| found.code == "dkim-key-multiple-records").unwrap();
    let Change::Records { remove, .. } = &multiple.fixes[0].change else { panic!() };
    assert_eq!(remove, &["v=DKIM1; p="]);
}

#[test]
fn two_halves_of_one_key() {
    let (one, two) = KEY.split_at(40);
    let found = look_at(NAME, &format!("{NAME}. TXT \"{two}\"\n{NAME}. TXT \"{one}\""));
    let multiple = found.iter().find(|found| found.code == "dkim-key-multiple-records").unwrap();
    let Change::Records { add, .. } = &multiple.fixes[0].change else { panic!() };
    assert_eq!(add, &[KEY]);
    assert_eq!(multiple.related.len(), 1);
    // One error; what each part lacks by itself is no second one.
    let errors = found.iter().filter(|found| found.severity == crate::finding::Severity::Error);
    assert_eq!(errors.count(), 1, "{found:?}");
    assert_eq!(codes(&found), ["dkim-key-multiple-records", "dns-strings-multiple-records"]);
    assert_eq!(key_effect(&found), Effect::Permerror);
}

#[test]
fn an_alias_at_the_wrong_place_stays_an_alias() {
    let found = look_at(NAME, &format!("s1.d.example. CNAME s1.esp.example.\ns1.esp.example. TXT \"{KEY}\""));
    let Change::Records { record_type, add, .. } = &found[1].fixes[0].change else { panic!() };
    assert_eq!((record_type.as_str(), add[0].as_str()), ("CNAME", "s1.esp.example."));
}

#[test]
fn selectors_as_typed() {
    let told = |text: &str| super::lint_selector(text).first().map(|found| found.severity);
    assert_eq!(told("s1"), None);
    assert_eq!(told("a_b"), Some(Severity::Warning));
    for text in ["", "a..b", "s1.", "a b\t", &"a".repeat(64)] {
        assert_eq!(told(text), Some(Severity::Error), "{text:?}");
    }
}

#[test]
fn a_domain_that_signs_nothing_has_no_error() {
    let found = look_at(NAME, "*._domainkey.d.example. TXT \"v=DKIM1; p=\"");
    assert_eq!(codes(&found), ["dkim-key-all-revoked-wildcard", "dkim-key-revoked"]);
    assert!(found.iter().all(|found| found.severity == Severity::Note));
    assert_eq!(key_effect(&found), Effect::Permerror);
}

#[test]
fn dnssec_is_missed_where_the_resolver_has_it() {
    let name = Name::parse(NAME).unwrap();
    let zone = Zone::parse(&format!("{NAME}. TXT \"{KEY}\"")).unwrap();
    let dnssec = |authentic: fn(&Question) -> bool| {
        let resolve = |question: &Question| {
            let mut answer = zone.answer(question);
            answer.authentic = authentic(question);
            answer
        };
        let options = LintOptions::default();
        let found = drive_sync(&mut Snapshot::new(), resolve, |dns| lint_key_at(dns, &name, &options));
        codes(&found).contains(&"dkim-key-dnssec")
    };
    assert!(!dnssec(|_| true) && !dnssec(|_| false));
    assert!(dnssec(|question| question.name.as_str() != NAME));
}

#[test]
fn rounds_are_few() {
    let zone = Zone::parse("d.example. A 192.0.2.1").unwrap();
    let (name, options) = (Name::parse(NAME).unwrap(), LintOptions::default());
    let rounds = std::cell::Cell::new(0);
    let look = |dns: &Snapshot| {
        rounds.set(rounds.get() + 1);
        lint_key_at(dns, &name, &options)
    };
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), look);
    assert!(rounds.get() <= 3, "{}", rounds.get());
}

/// RFC 6376 §3.6.2.2: a verifier that takes the second record has the key.
#[test]
fn tags_and_key_in_two_records() {
    let zone = "s1._domainkey.d.example. TXT \"v=DKIM1; k=ed25519;\"\n\
        s1._domainkey.d.example. TXT \"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
    let found = look_at(NAME, zone);
    assert_eq!(codes(&found), ["dkim-key-multiple-records", "dns-strings-multiple-records"]);
    let Change::Records { add, .. } = &found[0].fixes[0].change else { panic!() };
    assert_eq!(add[0], "v=DKIM1; k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

/// RFC 2181 §10.1.
#[test]
fn several_aliases_of_a_selector() {
    let zone = format!("{NAME}. CNAME a.e.example.\n{NAME}. CNAME b.e.example.\na.e.example. TXT \"{KEY}\"");
    assert!(codes(&look_at(NAME, &zone)).contains(&"dns-cname-multiple"));
}

/// Where services ask for an alias, "dkim" is commonest in the names of their hosts.
#[test]
fn the_host_of_a_service_is_no_key() {
    for host in ["u1.dkim.amazonses.com", "s1.dkim.xn--e1afmkfd.xn--p1ai"] {
        let found = look_at(NAME, &format!("{NAME}. TXT \"{host}\""));
        assert_eq!(codes(&found), ["dkim-key-is-hostname"]);
        let Change::Records { record_type, add, .. } = &found[0].fixes[0].change else { panic!() };
        assert_eq!((*record_type, add[0].as_str()), (RecordType::Cname, format!("{host}.").as_str()));
        // §3.6.2 of RFC 1034: nothing may stand beside a CNAME record.
        assert!(found[0].fixes[0].title.starts_with("take the TXT record away"));
    }
    let beside = look_at(NAME, &format!("{NAME}. TXT \"u1.dkim.amazonses.com\"\n{NAME}. TXT \"hello\""));
    assert!(beside[0].fixes[0].title.starts_with("take all TXT records away"));
    // What a wildcard says at every name was not published for this selector.
    for host in ["www.host.d.example", "s1.dkim.host.example"] {
        let found = look_at(NAME, &format!("*.d.example. TXT \"{host}\""));
        assert_eq!(codes(&found), ["dkim-key-missing"]);
        assert!(found[0].message().contains("has no key that can be used"), "{}", found[0].message());
    }
}

/// Other texts at a name hide no key: that of a wildcard is found behind them, and that of another selector.
#[test]
fn keys_behind_other_texts() {
    for texts in [["hello", KEY], ["s1.dkim.host.example", KEY], [KEY, "hello"]] {
        let [one, two] = texts;
        let wildcard = "*._domainkey.d.example";
        let found =
            look_at(NAME, &format!("{wildcard}. TXT \"{one}\"\n{wildcard}. TXT \"{two}\"\n{NAME}. TXT \"{KEY}\""));
        assert!(codes(&found).contains(&"dkim-key-wildcard"), "{texts:?}");

        let other = "s2._domainkey.d.example";
        let zone =
            Zone::parse(&format!("{NAME}. TXT \"{KEY}\"\n{other}. TXT \"{one}\"\n{other}. TXT \"{two}\"")).unwrap();
        let mut options = LintOptions::default();
        options.others.push(Name::parse(other).unwrap());
        let name = Name::parse(NAME).unwrap();
        let look = |dns: &Snapshot| lint_key_at(dns, &name, &options);
        let found = drive_sync(&mut Snapshot::new(), |question: &Question| zone.answer(question), look);
        assert!(codes(&found).contains(&"dkim-key-shared"), "{texts:?}");
    }
}
