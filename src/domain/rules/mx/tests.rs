//! Hosts that take no mail.

use crate::dns::Snapshot;
use crate::domain::{Input, check};
use crate::finding::{Change, Diagnostic, Effect};
use crate::resolver::{Zone, drive_sync};

fn found(zone: &str) -> Vec<Diagnostic> {
    let zone = Zone::parse(zone).unwrap();
    let input = Input::new("d.example");
    drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| check(dns, &input)).findings
}

fn effect(zone: &str, code: &str) -> Option<Effect> {
    found(zone).iter().find(|found| found.code == code).map(|found| found.effect)
}

#[test]
fn a_host_at_invalid_takes_no_mail() {
    for host in ["mail.invalid", "ms123.msv1.invalid", "msx.msv1.invalid"] {
        let zone = format!("d.example. MX 10 {host}.");
        assert_eq!(effect(&zone, "mx-dangling"), Some(Effect::NoMail), "{host}");
        assert_eq!(effect(&zone, "mx-verification-token"), None, "{host}");
    }
}

#[test]
fn a_public_address_beside_one_at_home_takes_mail() {
    let zone = "d.example. MX 10 m.d.example.\nm.d.example. A 100.64.1.1\n";
    assert_eq!(effect(zone, "mx-localhost"), Some(Effect::NoMail));
    let both = format!("{zone}m.d.example. A 192.0.2.1");
    assert_eq!(effect(&both, "mx-localhost"), Some(Effect::PartIgnored));
}

/// The zone of `news.d.example` may be `d.example`; and `mx.mail` is no whole name.
#[test]
fn a_host_with_the_zone_added() {
    let meant = |domain: &str, host: &str| {
        let zone = Zone::parse(&format!("{domain}. MX 10 {host}.\n{domain}. A 192.0.2.1")).unwrap();
        let input = Input::new(domain);
        let known = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| check(dns, &input));
        let dangling = known.findings.into_iter().find(|found| found.code == "mx-dangling").unwrap();
        dangling.fixes.into_iter().next().map(|fix| match fix.change {
            Change::Records { add, .. } => add.concat(),
            Change::Edit(_) => panic!(),
        })
    };
    let provider = Some("10 mx.provider.example.".to_owned());
    assert_eq!(meant("d.example", "mx.provider.example.d.example"), provider);
    assert_eq!(meant("news.d.example", "mx.provider.example.news.d.example"), provider);
    assert_eq!(meant("news.d.example", "mx.provider.example.d.example"), provider);
    assert_eq!(meant("d.example", "mx.mail.d.example"), None);
}
