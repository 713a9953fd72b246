//! What is advised, and what is refused.

use super::*;
use crate::finding::Severity;
use crate::resolver::{Zone, drive_sync};

const WORLD: &str = r#"
    d.example.          TXT "v=spf1 a -all"
    d.example.          TXT "other=1"
    d.example.          TXT "v=spf10 another version"
    d.example.          MX 10 mail.d.example.
    mail.d.example.     A 192.0.2.25
    mail.d.example.     AAAA 2001:db8::25
    _spf.s.example.     TXT "v=spf1 ip4:198.51.100.0/24 -all"
    _spf.all.example.   TXT "v=spf1 +all"
    _spf.none.example.  TXT "v=spf1 -all"
    _spf.down.example.  SERVFAIL
    _dmarc.strict.example. TXT "v=DMARC1; p=quarantine"
    old.example.        MX 10 mail.d.example.
    _dmarc.old.example. TXT "v=DMARC1; p=none"
    *._domainkey.old.example. TXT "v=DKIM1; p=AAAA"
"#;

fn advised(intent: &Intent) -> Result<Advised, Unproven> {
    advised_in(WORLD, intent)
}

fn advised_in(zone: &str, intent: &Intent) -> Result<Advised, Unproven> {
    let zone = Zone::parse(zone).unwrap();
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| advise(dns, intent))
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn a_service_named_twice_is_included_once() {
    let twice = vec![name("_spf.s.example"), name("_spf.s.example")];
    let advised = advised(&Intent::these(name("d.example"), true, twice, Vec::new(), Policy::None)).unwrap();
    assert_eq!(advised.records[0].value, "v=spf1 mx include:_spf.s.example ~all");
}

/// RFC 1034 §3.6.2: what the alias leads to, the mail servers included, would be lost.
#[test]
fn a_domain_that_is_an_alias_is_not_advised_about() {
    let target = "v.vendor.example. TXT \"v=spf1 ip4:203.0.113.9 -all\"\n\
        v.vendor.example. MX 10 v.vendor.example.\nv.vendor.example. A 203.0.113.9";
    // A record of its own ends what a wildcard answers as well (RFC 4592 §2.2.1); there is no alias to replace then.
    for alias in ["d.example.", "*.example."] {
        let zone = format!("{alias} CNAME v.vendor.example.\n{target}");
        let advised = advised_in(&zone, &Intent::these(name("d.example"), true, Vec::new(), Vec::new(), Policy::None));
        let Err(Unproven::Effect(why)) = advised else { panic!("{advised:?}") };
        assert!(why.starts_with("the domain is an alias") && why.contains("a wildcard"), "{why}");
    }
}

/// What receivers do without it too is not lost.
#[test]
fn tags_with_their_default_values_are_not_missed() {
    let lost = |tags: &str| {
        let zone = format!(
            "d.example. MX 10 mail.d.example.\nmail.d.example. A 192.0.2.25\n_dmarc.d.example. TXT \"v=DMARC1; p=none; {tags}\""
        );
        let advised = advised_in(&zone, &Intent::these(name("d.example"), true, Vec::new(), Vec::new(), Policy::None));
        advised.unwrap().cautions.iter().filter(|caution| matches!(caution, Caution::LosesTags { .. })).count()
    };
    assert_eq!(lost("pct=100; t=n; ri=86400"), 0);
    assert_eq!(lost("pct=50"), 1);
    assert_eq!(lost("t=y"), 1);
}

#[test]
fn a_sender_with_a_service() {
    let networks = vec!["203.0.113.7/32".parse().unwrap(), "2001:db8::/48".parse().unwrap()];
    let mut intent = Intent::these(name("d.example"), true, vec![name("_spf.s.example")], networks, Policy::Quarantine);
    intent.reports = Some("reports@d.example".to_owned());
    intent.tls = Some((Mode::Testing, 20_260_101));
    let advised = advised(&intent).unwrap();
    let values: Vec<_> = advised.records.iter().map(|record| record.value.as_str()).collect();
    assert_eq!(
        values,
        [
            "v=spf1 ip4:203.0.113.7 ip6:2001:db8::/48 mx include:_spf.s.example ~all",
            "v=DMARC1; p=quarantine; rua=mailto:reports@d.example",
            "v=STSv1; id=20260101",
            "v=TLSRPTv1; rua=mailto:reports@d.example",
        ]
    );
    assert_eq!(advised.records[0].replaces, ["v=spf1 a -all"]);
    assert!(advised.policy_file.unwrap().contains("mx: mail.d.example\r\n"));
}

#[test]
fn what_stands_there_already_is_replaced() {
    let advised = advised(&Intent::nobody(name("old.example"))).unwrap();
    let replaces: Vec<_> = advised.records.iter().map(|record| record.replaces.join(" ")).collect();
    assert_eq!(replaces, ["", "v=DMARC1; p=none", "10 mail.d.example.", "v=DKIM1; p=AAAA"]);
}

#[test]
fn what_does_not_work_is_not_given_out() {
    let of = |include: &str| Intent::these(name("d.example"), false, vec![name(include)], vec![], Policy::Reject);
    assert!(matches!(advised(&of("nowhere.example")), Err(Unproven::Errors(_))));
    assert!(advised(&of("_spf.all.example")).is_err());
    let mut broken = of("_spf.s.example");
    broken.keys.push((name("s1"), "AAAA".to_owned()));
    assert!(matches!(advised(&broken), Err(Unproven::Errors(_))));
    broken.keys[0].1 = String::new();
    assert!(advised(&broken).is_err(), "an empty `p` revokes");
    for to in ["r@d.example; sp=none", "r@d.example,x@e.example", "r@d.example!1m", "nobody", ""] {
        let reports = Intent { reports: Some(to.to_owned()), ..of("_spf.s.example") };
        assert!(advised(&reports).is_err(), "{to}");
    }
}

#[test]
fn what_is_no_name_is_refused() {
    let these = |domain: &str, include: &str| {
        advised(&Intent::these(name(domain), true, vec![name(include)], vec![], Policy::Reject))
    };
    for text in ["http://x.example", "a@b.example", "192.0.2.1", "include:_spf.s.example", "x;y.example", "*.d.example"]
    {
        let refused = |got: Result<Advised, Unproven>| match got {
            Err(Unproven::NotAName { what, found }) => Some((what, found.to_string())),
            _ => None,
        };
        assert_eq!(refused(these("d.example", text)), Some(("a service", text.to_owned())));
        assert_eq!(refused(these(text, "_spf.s.example")), Some(("a domain", text.to_owned())));
    }
    let mut intent = Intent::these(name("d.example"), true, vec![], vec![], Policy::Reject);
    intent.keys.push((name("s;1"), "AAAA".to_owned()));
    assert!(matches!(advised(&intent), Err(Unproven::NotAName { what: "a selector", .. })));
    intent.senders = Senders::Nobody;
    intent.keys[0].0 = name("s1");
    assert!(matches!(advised(&intent), Err(Unproven::Effect(_))), "a key for nobody");
}

#[test]
fn who_is_to_send_passes() {
    let of = |include: &str| Intent::these(name("d.example"), true, vec![name(include)], vec![], Policy::Reject);
    assert!(advised(&of("_spf.s.example")).is_ok());
    assert!(matches!(advised(&of("_spf.none.example")), Err(Unproven::Effect(_))), "it authorises nobody");
    assert!(matches!(advised(&of("_spf.down.example")), Err(Unproven::Effect(_))), "nothing is known of it");
    let without_mx = Intent { domain: name("s.example"), ..of("_spf.s.example") };
    assert!(matches!(advised(&without_mx), Err(Unproven::Effect(_))), "no server could send");
    // Receivers see IPv4 clients as IPv4, so this never matches.
    let mapped = vec!["::ffff:192.0.2.0/120".parse().unwrap()];
    let mapped = Intent::these(name("d.example"), false, vec![], mapped, Policy::Reject);
    assert!(advised(&mapped).is_err());
}

#[test]
fn a_domain_without_mail() {
    let advised = advised(&Intent::nobody(name("parked.example"))).unwrap();
    let findings = advised.assessment.findings.iter();
    let grave: Vec<_> =
        findings.filter(|found| found.severity < Severity::Note).map(|found| found.code.as_str()).collect();
    // No address for reports was given.
    assert_eq!(grave, ["dmarc-rua-missing"]);
}

#[test]
fn what_to_know_before_it_is_published() {
    let of = |intent: &Intent| advised(intent).unwrap().cautions.iter().map(ToString::to_string).collect::<Vec<_>>();
    // It has a mail server and an SPF record today.
    let gone = of(&Intent::nobody(name("d.example")));
    assert_eq!(gone, ["mail is received or sent today (`10 mail.d.example.`, `a`), and none will be then"]);
    assert!(of(&Intent::nobody(name("quiet.example"))).is_empty());
    let networks = vec!["203.0.113.7/32".parse().unwrap()];
    let watched = Intent::these(name("d.example"), true, Vec::new(), networks.clone(), Policy::None);
    assert_eq!(
        of(&watched),
        ["`a` of the SPF record of today is not in the new one: what it authorises will not pass SPF"]
    );
    // RFC 9989 §7.4.
    let strict = of(&Intent::these(name("new.example"), false, Vec::new(), networks, Policy::Reject));
    assert!(strict[0].starts_with("`p=reject` rests on SPF alone"), "{strict:?}");
    let weaker = Intent { policy: Policy::None, ..Intent::nobody(name("strict.example")) };
    assert_eq!(of(&weaker), ["the policy of today is `quarantine`, and `none` asks for less"]);
}

#[test]
fn a_broken_policy_host_is_another_matter() {
    let zone = r#"
        d.example.          MX 10 mail.d.example.
        mail.d.example.     A 192.0.2.25
        _mta-sts.d.example. TXT "v=STSv1; id=1"
    "#;
    let intent = Intent::these(name("d.example"), true, vec![], vec![], Policy::None);
    assert!(advised_in(zone, &intent).is_ok(), "`mta-sts.d.example` does not exist, and nobody asked about it");
}

const KEY: &str = include_str!("../../dkim/testdata/rsa2048.pub");

const PARENT: &str = r#"
    d.example.         MX 10 mail.d.example.
    news.d.example.    MX 10 mail.d.example.
    mail.d.example.    A 192.0.2.25
"#;

/// The new DMARC record and the cautions, where `d.example` has `old`.
fn with_old(old: &str, domain: &str, policy: Policy) -> (String, Vec<String>) {
    let zone = format!("{PARENT}    _dmarc.d.example. TXT \"{old}\"");
    let intent = Intent::these(name(domain), true, vec![], vec!["203.0.113.7/32".parse().unwrap()], policy);
    let advised = advised_in(&zone, &intent).unwrap();
    let cautions = advised.cautions.iter().filter(|caution| !matches!(caution, Caution::RestsOnSpf { .. }));
    (advised.records[1].value.clone(), cautions.map(ToString::to_string).collect())
}

#[test]
fn an_inherited_policy_is_not_switched_off_without_a_word() {
    let (_, cautions) = with_old("v=DMARC1; p=reject", "news.d.example", Policy::None);
    assert_eq!(cautions, ["the policy of today is `reject`, and `none` asks for less"]);
    // Names below `news` have the policy of `d.example` then, too; below a public suffix domain that changes.
    let (_, cautions) = with_old("v=DMARC1; p=none; np=reject", "news.d.example", Policy::None);
    assert!(cautions.is_empty(), "{cautions:?}");
    let (_, cautions) = with_old("v=DMARC1; p=none; np=reject; psd=y", "news.d.example", Policy::None);
    assert_eq!(cautions, ["the policy of today for names below the domain is `reject`, and `none` asks for less"]);
    let (_, cautions) = with_old("v=DMARC1; p=reject; sp=none", "news.d.example", Policy::None);
    assert!(cautions.is_empty(), "{cautions:?}");
}

#[test]
fn other_tags_of_the_dmarc_record_stay() {
    let old = "v=DMARC1; p=none; sp=reject; np=reject; adkim=s; rua=mailto:a@d.example,mailto:b@d.example; ruf=mailto:f@d.example";
    let (new, cautions) = with_old(old, "d.example", Policy::Quarantine);
    assert_eq!(new, old.replace("p=none", "p=quarantine"));
    assert!(cautions.is_empty(), "{cautions:?}");
    let (new, cautions) =
        with_old("v=DMARC1; p=reject; t=y; pct=20; rua=mailto:x@d.example", "d.example", Policy::Reject);
    assert_eq!(new, "v=DMARC1; p=reject; rua=mailto:x@d.example");
    assert_eq!(cautions, ["`t=y; pct=20` of the DMARC record of today is not in the new one"]);
}

#[test]
fn reports_do_not_go_to_a_domain_without_mail() {
    let zone = r#"_dmarc.d.example. TXT "v=DMARC1; p=none; rua=mailto:r@d.example; ruf=mailto:r@d.example""#;
    let advised = advised_in(zone, &Intent::nobody(name("d.example"))).unwrap();
    assert_eq!(advised.records[1].value, "v=DMARC1; p=reject");
    let tags = vec!["rua=mailto:r@d.example".to_owned(), "ruf=mailto:r@d.example".to_owned()];
    assert_eq!(advised.cautions, [Caution::LosesTags { tags }]);
}

#[test]
fn where_reports_went_is_told() {
    let old = "v=DMARC1; p=none; rua=mailto:a@d.example; rua=mailto:b@d.example; sp=rejct";
    let zone = format!("{PARENT}    _dmarc.d.example. TXT \"{old}\"");
    let mut intent = Intent::these(name("d.example"), true, vec![], vec![], Policy::None);
    intent.reports = Some("b@d.example".to_owned());
    let advised = advised_in(&zone, &intent).unwrap();
    assert_eq!(advised.records[1].value, "v=DMARC1; p=none; rua=mailto:b@d.example");
    let tags = vec!["rua=mailto:a@d.example".to_owned(), "sp=rejct".to_owned()];
    assert_eq!(advised.cautions, [Caution::LosesTags { tags }]);
}

#[test]
fn an_alias_has_to_go() {
    let zone = r#"
        d.example.                     MX 10 mail.d.example.
        mail.d.example.                A 192.0.2.25
        s1._domainkey.d.example.       CNAME s1.vendor.example.
        _dmarc.d.example.              CNAME d.vendor.example.
        d.vendor.example.              TXT "v=DMARC1; p=none; rua=mailto:d@d.example"
        _mta-sts.d.example.            CNAME sts.vendor.example.
        sts.vendor.example.            TXT "v=STSv1; id=1"
        mta-sts.d.example.             A 192.0.2.25
    "#;
    let mut intent = Intent::these(name("d.example"), true, vec![], vec![], Policy::Reject);
    intent.keys.push((name("s1"), KEY.trim().to_owned()));
    intent.tls = Some((Mode::Testing, 2));
    let advised = advised_in(zone, &intent).unwrap();
    let replaces: Vec<_> = advised.records.iter().map(|record| record.replaces.join(" ")).collect();
    assert_eq!(replaces, ["", "CNAME d.vendor.example.", "CNAME s1.vendor.example.", "CNAME sts.vendor.example."]);
    assert_eq!(advised.records[1].value, "v=DMARC1; p=reject; rua=mailto:d@d.example", "what it said stays");
}
