//! Damaged records of every kind: what is told about them, and what they become. A table of what people publish.

use mailproof::dns::Snapshot;
use mailproof::domain::{self, Input};
use mailproof::finding::Diagnostic;
use mailproof::resolver::{Zone, drive_sync};
use mailproof::{bimi, dkim, dmarc, mta_sts, spf, tls_rpt};

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

fn in_zone(zone: &str, domain: &str) -> Vec<&'static str> {
    let (zone, input) = (Zone::parse(zone).unwrap(), Input::new(domain));
    codes(&drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input)).findings)
}

#[test]
fn the_version_of_records_about_transport() {
    for (text, mended) in [
        ("id=1; v=STSv1", "v=STSv1; id=1"),
        ("v=STSv1 id=1", "v=STSv1; id=1"),
        ("\"v=STSv1; id=1\"", "v=STSv1; id=1"),
        ("v=STSv1; id = 1", "v=STSv1; id=1"),
    ] {
        assert_eq!(mta_sts::mended(text).as_deref(), Some(mended), "{text}");
    }
    for text in ["v=TLSRPTv1 rua=mailto:t@d.example", "rua=mailto:t@d.example; v=TLSRPTv1"] {
        assert_eq!(tls_rpt::mended(text).as_deref(), Some("v=TLSRPTv1; rua=mailto:t@d.example"), "{text}");
    }
    for text in ["l=https://d.example/l.svg; v=BIMI1", "v=BIMI1; l=d.example/l.svg"] {
        assert_eq!(bimi::mended(text).as_deref(), Some("v=BIMI1; l=https://d.example/l.svg"), "{text}");
    }
}

#[test]
fn in_a_policy_file_the_first_of_two_values_counts() {
    let zone = Zone::parse("d.example. MX 10 mx.d.example.").unwrap();
    let lint = |file: &str| {
        let file = mta_sts::Fetched::body(file.as_bytes());
        let domain = "d.example".parse().unwrap();
        drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_policy(dns, &domain, &file))
    };
    let found = lint("version: STSv1\nmode: enforce\nmode: none\nmx: mx.d.example\nmax_age: 604800\n");
    assert_eq!(codes(&found), ["sts-duplicate-field"]);
    // Where the file is no policy, no sender refuses to deliver because of it.
    let found = lint("version: STSv2\nmode: enforce\nmx: other.example\nmax_age: 604800\n");
    assert!(found.iter().all(|found| found.effect.as_str() != "mail-refused"), "{found:#?}");
}

#[test]
fn a_wildcard_is_told_once() {
    let found =
        in_zone("d.example. MX 0 .\nd.example. TXT \"v=spf1 -all\"\n*.d.example. TXT \"v=spf1 -all\"", "d.example");
    assert_eq!(found.iter().filter(|code| **code == "dns-wildcard-txt").count(), 1, "{found:?}");
    assert!(!found.contains(&"sts-spf-at-name") && !found.contains(&"tlsrpt-spf-at-name"), "{found:?}");
}

#[test]
fn spf_beside_a_record_that_counts_does_no_harm() {
    let zone =
        Zone::parse("_mta-sts.d.example. TXT \"v=STSv1; id=1\"\n_mta-sts.d.example. TXT \"v=spf1 -all\"").unwrap();
    let domain = "d.example".parse().unwrap();
    let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_domain(dns, &domain));
    assert_eq!(codes(&found), ["sts-unrelated-txt"]);
}

#[test]
fn labels_that_are_taken_for_the_right_ones() {
    for (zone, code) in [
        ("_tls.d.example. TXT \"v=TLSRPTv1; rua=mailto:t@d.example\"", "tlsrpt-wrong-location"),
        ("mta-sts.d.example. TXT \"v=STSv1; id=1\"", "sts-wrong-location"),
        ("_bimi.d.example. TXT \"v=BIMI1; l=https://d.example/l.svg\"", "bimi-wrong-location"),
        ("_dmarc.d.example. TXT \"https://d.example/dmarc\"", "dns-panel-http-or-url"),
        ("d.example. MX 10 localhost.", "mx-localhost"),
        ("d.example. CNAME x.example.", "dns-cname-at-apex"),
    ] {
        assert!(in_zone(zone, "d.example").contains(&code), "{zone}");
    }
    assert!(in_zone("co.uk. TXT \"v=spf1 mx -all\"", "co.uk").contains(&"spf-on-public-suffix"));
}

/// What a wildcard says at every name was typed at none of them.
#[test]
fn a_wildcard_misplaces_nothing() {
    for zone in [
        "*.d.example. TXT \"v=STSv1; id=1\"\n_x._mta-sts.d.example. TXT \"x\"",
        "*.d.example. CNAME t.e.example.\nt.e.example. TXT \"v=STSv1; id=1\"\n_x._mta-sts.d.example. TXT \"x\"",
    ] {
        let (zone, domain) = (Zone::parse(zone).unwrap(), "d.example".parse().unwrap());
        let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_domain(dns, &domain));
        assert_eq!(codes(&found), ["sts-missing"]);
    }
}

#[test]
fn several_aliases_are_told_wherever_a_record_stands() {
    for owner in ["_mta-sts.d.example", "_smtp._tls.d.example", "default._bimi.d.example"] {
        let zone = format!("d.example. MX 10 mx.d.example.\n{owner}. CNAME a.e.example.\n{owner}. CNAME b.e.example.");
        let found = in_zone(&zone, "d.example");
        assert_eq!(found.iter().filter(|code| **code == "dns-cname-multiple").count(), 1, "{owner}: {found:?}");
    }
}

#[test]
fn a_redirect_to_a_record_without_an_end() {
    for (end, code) in [("", "spf-no-all-no-redirect"), (" ?all", "spf-neutral-all")] {
        let zone =
            format!("d.example. TXT \"v=spf1 redirect=_s.d.example\"\n_s.d.example. TXT \"v=spf1 ip4:192.0.2.1{end}\"");
        assert!(in_zone(&zone, "d.example").contains(&code), "{zone}");
    }
}

#[test]
fn spf_that_leads_back_to_its_domain() {
    let record = spf::Record::parse("v=spf1 include:D.example -all");
    assert!(codes(&spf::lint_at(&record, &"d.example".parse().unwrap())).contains(&"spf-self-include"));
    assert!(!codes(&spf::lint(&record)).contains(&"spf-self-include"));
}

#[test]
fn parts_of_dmarc_records_that_lost_their_tag() {
    let codes = |text: &str| codes(&dmarc::lint(&dmarc::Record::parse(text)));
    assert!(codes("v=DMARC1; p=reject; mailto:d@d.example").contains(&"dmarc-tag-without-equals"));
    assert!(codes("v=DMARC1; p=reject; rua:mailto:d@d.example").contains(&"dmarc-tag-colon"));
    assert!(
        codes("v=DMARC1; p=reject; rua=mailto:a@d.example;mailto:b@d.example")
            .contains(&"dmarc-rua-semicolon-separated")
    );
    // The comma is told with its repair; that `none` was meant is not guessed.
    let found = dmarc::lint(&dmarc::Record::parse("v=DMARC1; p=reject, rua=mailto:d@d.example"));
    let p = found.iter().find(|found| found.code == "dmarc-p-invalid").unwrap();
    assert!(p.fixes.is_empty());
}

#[test]
fn a_published_private_key_is_told_through_its_pem_lines() {
    let text = "v=DKIM1; k=rsa; p=-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----";
    let found = dkim::lint_key(&text.into());
    assert!(codes(&found).contains(&"dkim-key-p-private") && codes(&found).contains(&"dkim-key-p-pem-armor"));
}

fn headline(spf: &str) -> String {
    let zone = format!(
        "d.example. MX 10 mx.d.example.\n_s.d.example. TXT \"v=spf1 mx -all\"\nd.example. TXT \"{spf}\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\""
    );
    let (zone, input) = (Zone::parse(&zone).unwrap(), Input::new("d.example"));
    let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
    domain::explain::headline(&known.facts.unwrap())
}

#[test]
fn who_names_senders_does_not_say_that_it_sends_no_mail() {
    assert!(headline("v=spf1 -all").contains("it sends no mail"));
    for spf in
        ["v=spf1 redirect=_s.d.example -all", "v=spf1 -all redirect=_s.d.example", "v=spf1 ?include:_s.d.example -all"]
    {
        let headline = headline(spf);
        assert!(headline.contains("mail that DKIM does not vouch for"), "{spf}: {headline}");
    }
}
