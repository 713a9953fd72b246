//! What is told of damaged records, and what the repairs make of them.

use super::{LintOptions, lint_domain, mended};
use crate::dmarc::{Record, lint};
use crate::finding::{Applicability, Diagnostic, Effect, Severity, apply_all};
use crate::resolver::{Zone, drive_sync};
use crate::text::Source;

fn repaired(text: &str) -> String {
    mended(&Record::parse(text), None, &LintOptions::default()).unwrap_or_else(|| text.to_owned())
}

/// What a machine makes of it by itself.
fn by_machine(text: &str) -> String {
    apply_all(text, Applicability::MachineApplicable, |text| lint(&Record::parse(text))).text
}

fn of<'a>(found: &'a [Diagnostic], code: &str) -> &'a Diagnostic {
    found.iter().find(|found| found.code == code).unwrap_or_else(|| panic!("{code} is not told: {found:#?}"))
}

fn told(text: &str) -> Vec<Diagnostic> {
    lint(&Record::parse(text))
}

fn has(text: &str, code: &str) -> bool {
    told(text).iter().any(|found| found.code == code)
}

fn in_zone(zone: &str, domain: &str) -> Vec<Diagnostic> {
    let zone = Zone::parse(zone).unwrap();
    let domain = domain.parse().unwrap();
    drive_sync(
        &mut crate::dns::Snapshot::new(),
        |question| zone.answer(question),
        |dns| lint_domain(dns, &domain, &LintOptions::default()),
    )
}

/// §4.7: unknown tags are ignored, but a tag that stands twice may void the record.
#[test]
fn no_repair_makes_a_tag_stand_twice() {
    for (text, good) in [
        ("v=DMARC1; p=reject; policy=x; rau=mailto:d@d.example", "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        ("v=DMARC1; policy=reject; policy=none; rua=mailto:d@d.example", "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        ("v=DMARC1; p=reject; p:none; rua=mailto:d@d.example", "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        ("v=DMARC1; p=reject; p-none; rua=mailto:d@d.example", "v=DMARC1; p=reject; rua=mailto:d@d.example"),
    ] {
        assert_eq!(repaired(text), good, "{text}");
        assert!(!has(text, "dmarc-duplicate-tag"), "{text}");
    }
}

#[test]
fn a_tag_that_a_value_has_swallowed_is_kept() {
    for (text, good) in [
        ("v=DMARC1; p=rejectrua=mailto:d@d.example", "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        ("v=DMARC1; p=REJECTsp=none; rua=mailto:d@d.example", "v=DMARC1; p=REJECT; sp=none; rua=mailto:d@d.example"),
        (
            "v=DMARC1; p=reject; adkim=saspf=s; rua=mailto:d@d.example",
            "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@d.example",
        ),
        (
            "v=DMARC1; p=reject; rua=mailto:d@d.example ruf=mailto:f@d.example",
            "v=DMARC1; p=reject; rua=mailto:d@d.example; ruf=mailto:f@d.example",
        ),
    ] {
        assert_eq!(repaired(text), good, "{text}");
        assert!(!has(text, "dmarc-p-none") && !has(text, "dmarc-comma-separator"), "{text}");
    }
}

/// §4.8: tags are separated by semicolons.
#[test]
fn a_sign_in_the_place_of_a_semicolon_loses_no_tag() {
    for (text, good) in [
        (
            "v=DMARC1; p=reject,sp=quarantine; rua=mailto:d@d.example",
            "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@d.example",
        ),
        (
            "v=DMARC1; p=reject:sp=quarantine; rua=mailto:d@d.example",
            "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@d.example",
        ),
        ("v=DMARC1; p=none; pct=100|rua=mailto:d@d.example", "v=DMARC1; p=none; pct=100; rua=mailto:d@d.example"),
        (
            "v=DMARC1; p=reject; fo=1/adkim=s; rua=mailto:d@d.example; ruf=mailto:d@d.example",
            "v=DMARC1; p=reject; fo=1; adkim=s; rua=mailto:d@d.example; ruf=mailto:d@d.example",
        ),
    ] {
        assert_eq!(repaired(text), good, "{text}");
    }
}

#[test]
fn a_tag_that_begins_at_the_seam_of_two_strings_is_kept() {
    for (strings, good) in [
        (["v=DMARC1; p=reject", "rua=mailto:d@d.example"], "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        (["v=DMARC1; p=rejct", "rua=mailto:d@d.example"], "v=DMARC1; p=reject; rua=mailto:d@d.example"),
        (["v=DMARC1; rua=mailto:d@d.example", "p=reject"], "v=DMARC1; rua=mailto:d@d.example; p=reject"),
        (["v=DMARC1", "p=reject; rua=mailto:d@d.example"], "v=DMARC1; p=reject; rua=mailto:d@d.example"),
    ] {
        let record = Record::of(Source::from_strings(strings));
        assert_eq!(mended(&record, None, &LintOptions::default()).as_deref(), Some(good), "{strings:?}");
    }
}

#[test]
fn a_record_stuck_to_an_address_is_told_and_taken_out() {
    for (text, good) in [
        ("v=DMARC1; rua=mailto:d@d.example v=DMARC1; p=none", "v=DMARC1; rua=mailto:d@d.example; p=none"),
        ("v=DMARC1; p=none; rua=mailto:d@d.example v=DMARC1; p=reject", "v=DMARC1; p=none; rua=mailto:d@d.example"),
        (
            "v=DMARC1; rua=mailto:d@d.example v=spf1 include:spf.d.example -all; p=none",
            "v=DMARC1; rua=mailto:d@d.example; p=none",
        ),
        ("v=DMARC1; p=none; rua=mailto:d@d.example v=STSv1; id=1", "v=DMARC1; p=none; rua=mailto:d@d.example"),
    ] {
        let found = told(text);
        let message = of(&found, "dmarc-rua-invalid-uri").message();
        assert!(message.contains("another record is stuck to it, which begins with `v="), "{message}");
        assert_eq!(repaired(text), good, "{text}");
    }
}

/// What it does is lost, however little the tag does that has swallowed it.
#[test]
fn a_tag_in_a_tag_that_is_ignored_is_an_error() {
    for (text, code, effect) in [
        ("v=DMARC1; p=reject; ri=86400.rua=mailto:d@d.example", "dmarc-ri-invalid", Effect::PartIgnored),
        ("v=DMARC1; foo=bar rua=mailto:d@d.example; p=reject", "dmarc-unknown-tag", Effect::PartIgnored),
        ("v=DMARC1; pct=100 p=reject; rua=mailto:d@d.example", "dmarc-pct-invalid", Effect::PolicyNone),
        ("v=DMARC1; p=reject; adkim=s rua=mailto:d@d.example", "dmarc-adkim-invalid", Effect::DefaultUsed),
    ] {
        let found = told(text);
        let told = of(&found, code);
        assert_eq!((told.severity, told.effect), (Severity::Error, effect), "{text}");
        assert!(!has(text, "dmarc-p-missing"), "{text}");
    }
    // One that stands elsewhere too is not lost.
    for text in [
        "v=DMARC1; p=reject; x=a&p=2; rua=mailto:d@d.example",
        "v=DMARC1; p=reject; k=rsa p=MI; rua=mailto:d@d.example",
    ] {
        assert!(told(text).iter().all(|found| found.severity != Severity::Error), "{text}");
    }
}

/// What is true of `p=none` is not, as long as no policy stands there.
#[test]
fn a_policy_that_is_none_is_not_told_as_the_policy_none() {
    for code in ["dmarc-p-none", "dmarc-p-none-no-rua", "dmarc-np-missing"] {
        assert!(!has("v=DMARC1; p=monitor", code) && !has("v=DMARC1", code), "{code}");
        assert!(has("v=DMARC1; p=none", code), "{code}");
        // There it is what was written, and the version is what is wrong.
        assert!(has("v=DMARC; p=none", code), "{code}");
    }
    assert!(has("v=DMARC1; p=monitor", "dmarc-p-invalid") && has("v=DMARC1; p=monitor", "dmarc-rua-missing"));
}

/// §4.10.1: without a valid `p`, and with a `rua`, it is `p=none`.
#[test]
fn a_policy_that_is_not_read_has_its_effect() {
    for text in [
        "v=DMARC1; policy=reject; rua=mailto:d@d.example",
        "v=DMARC1;: p=reject; rua=mailto:d@d.example",
        "v=DMARC1;\u{a0}p=reject; rua=mailto:d@d.example",
        "v=DMARC1; p:reject; rua=mailto:d@d.example",
        "v=DMARC1; x p=reject; rua=mailto:d@d.example",
        "v=DMARC1; subpolicy=reject; rua=mailto:d@d.example",
    ] {
        let gravest = told(text).into_iter().map(|found| found.effect).max();
        assert_eq!(gravest, Some(Effect::PolicyNone), "{text}");
    }
    let found = told("v=DMARC1; policy=reject; rua=mailto:d@d.example");
    assert_eq!(of(&found, "dmarc-tag-typo").severity, Severity::Error);
    assert_eq!(
        repaired("v=DMARC1; policy=reject; rua=mailto:d@d.example"),
        "v=DMARC1; p=reject; rua=mailto:d@d.example"
    );
}

/// Receivers that see no record do not act as if it were `p=none`.
#[test]
fn what_is_no_record_has_one_effect() {
    let found = told("v=DMARC1\\; p=reject\\; rua=mailto:d@d.example");
    assert!(found.iter().all(|found| found.effect != Effect::PolicyNone && found.code != "dmarc-p-typo"), "{found:#?}");
    let found = told("v=dmarc1; p=rejct; rua=mailto:d@d.example");
    assert_eq!(of(&found, "dmarc-p-typo").effect, Effect::NoDmarc);
}

#[test]
fn full_width_semicolons_are_told_as_such() {
    let text = "v=DMARC1；p=reject；rua=mailto:d@d.example";
    assert_eq!(repaired(text), "v=DMARC1; p=reject; rua=mailto:d@d.example".replace("; ", ";"));
    for code in ["dmarc-duplicate-tag", "dmarc-p-missing-no-rua", "dmarc-p-none", "dmarc-version-no-separator"] {
        assert!(!has(text, code), "{code}");
    }
}

#[test]
fn a_version_without_its_name_is_completed() {
    for text in ["DMARC1; p=reject", "=DMARC1; p=reject", "version=DMARC1; p=reject", "dmarc; p=reject"] {
        assert_eq!(repaired(text), "v=DMARC1; p=reject", "{text}");
    }
}

#[test]
fn a_scheme_with_a_semicolon_gets_its_colon() {
    for text in ["v=DMARC1; p=reject; rua=mailto;d@d.example", "v=DMARC1; p=reject; rua=mailto:; d@d.example"] {
        assert_eq!(by_machine(text), "v=DMARC1; p=reject; rua=mailto:d@d.example");
    }
}

#[test]
fn one_record_in_place_of_two_tells_what_it_changes() {
    let above = "_dmarc.d.example. TXT \"v=DMARC1; p=reject\"\n";
    let two = "_dmarc.s.d.example. TXT \"v=DMARC1; p=none\"\n_dmarc.s.d.example. TXT \"v=DMARC1; p=none; adkim=s\"\n";
    let title = |zone: &str| of(&in_zone(zone, "s.d.example"), "dmarc-multiple-records").fixes[0].title.clone();
    let told = title(&format!("{above}{two}"));
    assert!(told.ends_with("; until then RFC 9989 receivers apply `reject` from `_dmarc.d.example`"), "{told}");
    assert!(told.contains("; its policy is `p=none`, as in each of them;"), "{told}");
    assert!(!title(two).contains("until then"));
}

#[test]
fn what_is_inherited_from_a_disarmed_record_has_its_reason() {
    let zone =
        "_dmarc.d.example. TXT \"v=DMARC1; p=reject; sp=rejct; rua=mailto:r@d.example\"\ns.d.example. A 192.0.2.1";
    let message = of(&in_zone(zone, "s.d.example"), "dmarc-inherited").message();
    assert!(
        message.ends_with("inherits `none` from the record at `_dmarc.d.example`, whose `sp` is not valid"),
        "{message}"
    );
}

/// The remedy is carried out, and asked again.
#[cfg(feature = "psl")]
#[test]
fn what_makes_receivers_agree_on_the_organizational_domain() {
    let code = "dmarc-psl-vs-treewalk";
    let (plain, border) =
        ("v=DMARC1; p=reject; rua=mailto:r@d.example", "v=DMARC1; p=reject; psd=n; rua=mailto:r@d.example");
    let psd = "v=DMARC1; p=reject; psd=y; rua=mailto:r@d.example";
    for (domain, records, remedy, after) in [
        (
            "a.mail.d.example",
            &[("d.example", plain), ("mail.d.example", border)][..],
            ": they agree without `psd=n` at `_dmarc.mail.d.example`",
            &[("d.example", plain), ("mail.d.example", plain)][..],
        ),
        (
            "a.mail.d.example",
            &[("mail.d.example", border)],
            ": `psd=n` at `_dmarc.d.example` instead of `psd=n` at `_dmarc.mail.d.example` makes them agree",
            &[("mail.d.example", plain), ("d.example", border)],
        ),
        (
            "x.d.example",
            &[("d.example", psd)],
            ": they agree without `psd=y` at `_dmarc.d.example`",
            &[("d.example", plain)],
        ),
        (
            "s.d.example",
            &[("s.d.example", plain)],
            ": a record at `_dmarc.d.example` makes them agree",
            &[("s.d.example", plain), ("d.example", plain)],
        ),
        (
            "d.example",
            &[("d.example", plain), ("example", plain)],
            ": `psd=n` in a record at `_dmarc.d.example` makes them agree",
            &[("d.example", border), ("example", plain)],
        ),
        // The two parts of the list differ, whatever is published.
        ("user.github.io", &[("user.github.io", plain)], "", &[]),
    ] {
        let zone = |records: &[(&str, &str)]| -> String {
            records.iter().map(|(name, text)| format!("_dmarc.{name}. TXT \"{text}\"\n")).collect()
        };
        let found = in_zone(&zone(records), domain);
        let message = of(&found, code).message();
        assert!(message.ends_with(&format!("to RFC 7489 receivers{remedy}")), "{message}");
        let after = in_zone(&zone(after), domain);
        assert!(after.iter().all(|found| found.code != code), "{domain}");
    }
}

/// Alone, so short a name tells nothing: `foo=bar` may be anything.
#[test]
fn short_names_are_known_by_their_values() {
    for (text, good) in [
        ("v=DMARC1; pp=reject; rua=mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
        ("v=DMARC1; pol=reject; rua=mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
        ("v=DMARC1; p=reject; ssp=none; rua=mailto:a@d.example", "v=DMARC1; p=reject; sp=none; rua=mailto:a@d.example"),
        (
            "v=DMARC1; p=reject; fro=1; rua=mailto:a@d.example; ruf=mailto:a@d.example",
            "v=DMARC1; p=reject; fo=1; rua=mailto:a@d.example; ruf=mailto:a@d.example",
        ),
    ] {
        assert!(has(text, "dmarc-tag-typo"), "{text}");
        assert_eq!(repaired(text), good);
    }
    for text in
        ["v=DMARC1; p=reject; foo=bar; rua=mailto:a@d.example", "v=DMARC1; p=reject; x=none; rua=mailto:a@d.example"]
    {
        assert!(has(text, "dmarc-unknown-tag") && !has(text, "dmarc-tag-typo"), "{text}");
    }
    assert!(has("v=DMARC1; p=reject; rua1=mailto:a@d.example", "dmarc-tag-name-invalid"));
}

/// §4.8: names have letters only. One mistake is told once.
#[test]
fn a_name_with_more_than_letters_behind_it() {
    for name in ["rua1", "RUA1", "rua_", "Rua-2"] {
        let text = format!("v=DMARC1; p=reject; {name}=mailto:a@d.example");
        let found = lint(&Record::parse(text.as_str()));
        let at_name: Vec<_> = found.iter().filter(|found| found.primary.quoted() == name).collect();
        let [told] = at_name.as_slice() else { panic!("{name}: {at_name:?}") };
        assert_eq!((told.code.as_str(), told.fixes[0].title.as_str()), ("dmarc-tag-name-invalid", "write `rua`"));
        assert_eq!(repaired(&text), "v=DMARC1; p=reject; rua=mailto:a@d.example");
    }
    // That no `p` is there is the same mistake.
    let found = lint(&Record::parse("v=DMARC1; p1=reject; rua=mailto:a@d.example"));
    assert_eq!(of(&found, "dmarc-tag-name-invalid").severity, Severity::Error);
}

/// RFC 1035 §3.3.14: a record of several strings is one record.
#[test]
fn parts_of_a_record_beside_it() {
    let zone = "_dmarc.d.example. TXT \"v=DMARC1; p=reject;\"\n_dmarc.d.example. TXT \"rua=mailto:a@d.example; fo=1\"";
    let found = in_zone(zone, "d.example");
    let part = of(&found, "dns-strings-multiple-records");
    let crate::finding::Change::Records { add, remove, .. } = &part.fixes[0].change else { panic!() };
    assert_eq!((add[0].as_str(), remove.len()), ("v=DMARC1; p=reject; rua=mailto:a@d.example; fo=1", 2));
    assert!(found.iter().all(|found| found.code != "dmarc-unrelated-txt"));
    // Each tag once, so that there are never many parts, and none is lost.
    let tags = ["rua=mailto:a@d.example", "ruf=mailto:a@d.example", "fo=1", "sp=none", "np=none", "adkim=s", "aspf=s"];
    let tags = tags.into_iter().chain(["t=y", "psd=n", "pct=50", "rf=afrf", "ri=86400"]);
    let lines: String = tags.clone().map(|tag| format!("_dmarc.d.example. TXT \"{tag}\"\n")).collect();
    let found = in_zone(&format!("{lines}_dmarc.d.example. TXT \"v=DMARC1; p=reject\""), "d.example");
    let parts: Vec<_> = found.iter().filter(|found| found.code == "dns-strings-multiple-records").collect();
    assert_eq!(parts.len(), tags.clone().count());
    let fixes: Vec<_> = parts.iter().flat_map(|part| &part.fixes).collect();
    let crate::finding::Change::Records { add, remove, .. } = &fixes[0].change else { panic!() };
    assert!(fixes.len() == 1 && tags.clone().all(|tag| add[0].contains(tag)), "{fixes:?}");
    assert_eq!(remove.len(), 1 + tags.count());
}

/// A tag that the record has, too, is a contradiction. What does not give a record is not published.
#[test]
fn what_is_no_part_of_the_record_beside_it() {
    let beside = |text: &str| {
        let good = "_dmarc.d.example. TXT \"v=DMARC1; p=reject; rua=mailto:a@d.example\"";
        in_zone(&format!("{good}\n_dmarc.d.example. TXT \"{text}\""), "d.example")
    };
    let found = beside("p=none; sp=none");
    assert!(found.iter().all(|found| found.code != "dns-strings-multiple-records"));
    assert_eq!(of(&found, "dmarc-version-not-first").severity, Severity::Warning);
    let found = beside("rua=mailto:b@d.example");
    assert!(found.iter().all(|found| found.code != "dns-strings-multiple-records"));
    assert_eq!(of(&found, "dmarc-unrelated-txt").primary.quoted(), "rua=mailto:b@d.example");
    assert!(beside("fo=1; fo=0").iter().all(|found| found.code != "dns-strings-multiple-records"));
    assert!(of(&beside("adkim=strict"), "dns-strings-multiple-records").fixes.is_empty());
}

/// §4.10: receivers discard what is no record, and use the one that is.
#[test]
fn a_misspelt_record_beside_a_good_one() {
    let good = "_dmarc.d.example. TXT \"v=DMARC1; p=reject; rua=mailto:a@d.example\"";
    for (near, code) in [
        ("v=dmarc1; p=none", "dmarc-version-case"),
        ("v=DMARC2; p=none", "dmarc-version-wrong"),
        ("v=DMARC1 p=none", "dmarc-version-no-separator"),
    ] {
        let found = in_zone(&format!("{good}\n_dmarc.d.example. TXT \"{near}\""), "d.example");
        let told = of(&found, code);
        assert_eq!((told.severity, told.effect, told.fixes.len()), (Severity::Warning, Effect::Ok, 1), "{near}");
        let [counts] = told.related.as_slice() else { panic!("{told:?}") };
        assert_eq!(
            (counts.text.as_str(), counts.quoted().get(..20)),
            ("this one counts", Some("v=DMARC1; p=reject; "))
        );
        let crate::finding::Change::Records { add, remove, .. } = &told.fixes[0].change else { panic!() };
        assert_eq!((add.len(), remove.as_slice()), (0, [near.to_owned()].as_slice()));
    }
}

#[test]
fn a_run_of_quotation_marks_around_addresses_goes_at_once() {
    let mended = |text: &str| super::mended(&Record::parse(text), None, &LintOptions::default());
    let sound = "v=DMARC1; p=none; rua=mailto:d@example.com";
    assert_eq!(mended("v=DMARC1; p=none; rua='''''mailto:d@example.com'''").as_deref(), Some(sound));
    assert_eq!(mended("v=DMARC1; p=none; rua=\"\"mailto:d@example.com").as_deref(), Some(sound));
}

#[test]
fn an_escaped_quotation_mark_goes_with_its_backslash() {
    let text = r#"\"v=DMARC1; p=reject; rua=mailto:a@d.example\""#;
    assert_eq!(repaired(text), "v=DMARC1; p=reject; rua=mailto:a@d.example");
}

/// §4.8: tags are separated by `;` and nothing else. One repair of all, and nothing is told of what it leaves behind.
#[test]
fn another_sign_in_the_place_of_semicolons() {
    for text in [
        "v=DMARC1: p=reject: rua=mailto:d@d.example",
        "v=DMARC1| p=reject| rua=mailto:d@d.example",
        "v=DMARC1/ p=reject / rua=mailto:d@d.example",
        "v=DMARC1. p=reject.rua=mailto:d@d.example",
        "v=DMARC1:p=reject; rua=mailto:d@d.example",
    ] {
        assert_eq!(by_machine(text), "v=DMARC1; p=reject; rua=mailto:d@d.example", "{text}");
        let errors: Vec<_> = told(text).into_iter().filter(|found| found.severity == Severity::Error).collect();
        assert_eq!(errors.len(), 1, "{text}: {errors:#?}");
        assert_eq!(errors[0].effect, Effect::NoDmarc);
        assert!(told(text).iter().all(|found| found.severity != Severity::Warning), "{text}");
    }
}

/// What stands before the version is taken away only if it is no tag.
#[test]
fn tags_before_the_version_are_not_thrown_away() {
    for text in [
        "rua=mailto:a@d.example v=DMARC1; p=reject",
        "p=none v=DMARC1; rua=mailto:a@d.example",
        "google-site-verification=abc v=DMARC1; p=none",
    ] {
        let first = text.split(' ').next().unwrap();
        assert!(by_machine(text).contains(first), "{text}: {}", by_machine(text));
    }
    for (text, wanted) in [
        ("p=none v=DMARC1; rua=mailto:a@d.example", "v=DMARC1; p=none; rua=mailto:a@d.example"),
        ("fo=1 v=DMARC1; p=none", "v=DMARC1; fo=1; p=none"),
        ("version=DMARC1; p=none", "v=DMARC1; p=none"),
    ] {
        let found = told(text);
        let found = found.iter().find(|found| found.code == "dmarc-version-not-first").unwrap();
        assert_eq!(crate::finding::apply(text, found.fixes[0].edits()).as_deref(), Some(wanted));
    }
}

#[test]
fn what_stands_before_the_version_goes() {
    for text in [
        "_dmarc.d.example: v=DMARC1; p=reject; rua=mailto:d@d.example",
        ".v=DMARC1; p=reject; rua=mailto:d@d.example",
        "_v=DMARC1; p=reject; rua=mailto:d@d.example",
        "= v=DMARC1; p=reject; rua=mailto:d@d.example",
        "; v=DMARC1; p=reject; rua=mailto:d@d.example",
        ", v=DMARC1; p=reject; rua=mailto:d@d.example",
        ";; , v=DMARC1; p=reject; rua=mailto:d@d.example",
    ] {
        assert_eq!(by_machine(text), "v=DMARC1; p=reject; rua=mailto:d@d.example", "{text}");
        assert_eq!(told(text).iter().filter(|found| found.severity < Severity::Note).count(), 1, "{text}");
        assert!(has(text, "dmarc-version-not-first"), "{text}");
    }
    let of_panel = by_machine("_dmarc.d.example TXT = v=DMARC1; p=reject; rua=mailto:d@d.example");
    assert_eq!(of_panel, "v=DMARC1; p=reject; rua=mailto:d@d.example");
}

#[test]
fn a_policy_without_its_equals_sign_stands_once() {
    let found = told("v=DMARC1; p-reject; rua=mailto:d@d.example");
    let told: Vec<_> = found.iter().filter(|found| found.severity < Severity::Note).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((told[0].code.as_str(), told[0].effect), ("dmarc-tag-without-equals", Effect::PolicyNone));
}
