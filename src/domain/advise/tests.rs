//! What is advised, and what is refused.

use super::*;
use crate::finding::Severity;
use crate::resolver::{Zone, drive_sync};

const WORLD: &str = r#"
    d.example.          TXT "v=spf1 a -all"
    d.example.          TXT "other=1"
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
    let zone = Zone::parse(WORLD).unwrap();
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
