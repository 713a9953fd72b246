//! Whether advised records do what is wanted, once they are published.

use ipnet::IpNet;

use super::advise::servers;
use super::{Advised, Intent, Senders, SpfState, Unproven};
use crate::Name;
use crate::dkim::Key;
use crate::dmarc::Record;
use crate::dns::{Question, Snapshot, Step};
use crate::finding::{Diagnostic, Origin, Severity};
use crate::spf::{self, Networks};
use crate::text::Source;

/// Names are names before they become a part of records.
pub(super) fn names(intent: &Intent) -> Result<(), Unproven> {
    let includes = match &intent.senders {
        Senders::These { includes, .. } => includes.as_slice(),
        Senders::Nobody if !intent.keys.is_empty() => {
            return Err(Unproven::Effect("nobody is to send, so nobody would sign with the keys"));
        }
        Senders::Nobody => &[],
    };
    let selectors = intent.keys.iter().map(|(selector, _)| ("a selector", selector));
    let domains = [("a domain", &intent.domain)].into_iter().chain(includes.iter().map(|name| ("a service", name)));
    // A selector may be a number (RFC 6376 §3.1); a domain that ends in one is an address (RFC 3696 §2).
    let mut wrong = domains.filter(|(_, name)| !name.is_mail_domain() || ends_in_number(name));
    match wrong.next().or_else(|| selectors.into_iter().find(|(_, name)| !name.is_mail_domain())) {
        Some((what, name)) => Err(Unproven::NotAName { what, found: name.clone() }),
        None => Ok(()),
    }
}

fn ends_in_number(name: &Name) -> bool {
    name.labels().next_back().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()))
}

/// Everybody who is to send passes SPF: the own networks, the servers that receive, and whomever the services authorise.
pub(super) fn senders(then: &Snapshot, intent: &Intent) -> Step<Result<(), Unproven>> {
    let Senders::These { mx, includes, networks } = &intent.senders else { return Step::Done(Ok(())) };
    let mut open = Vec::new();
    let built = passing(then, &intent.domain, &mut open);
    let services: Vec<Networks> = includes.iter().filter_map(|name| passing(then, name, &mut open)).collect();
    let Some(built) = built.filter(|_| open.is_empty()) else { return Step::Ask(open) };
    let mut built: Vec<IpNet> = all(&built).collect();
    built.sort_unstable();
    let effect = |told| Step::Done(Err(Unproven::Effect(told)));
    if *mx && !servers(then, &intent.domain).any(|mx| mx.exchange != Name::root()) {
        return effect("no server receives its mail, so none of them could send");
    }
    if !networks.iter().all(|network| holds(&built, network)) {
        return effect("SPF would not authorise one of its networks");
    }
    for service in &services {
        let authorised: Vec<IpNet> = all(service).collect();
        if authorised.is_empty() && service.open.is_empty() {
            return effect("a service authorises nobody, or the DNS does not say whom");
        }
        if !authorised.iter().all(|network| holds(&built, network)) {
            return effect("SPF would not authorise all servers of a service");
        }
    }
    Step::Done(Ok(()))
}

fn passing(then: &Snapshot, domain: &Name, open: &mut Vec<Question>) -> Option<Networks> {
    spf::tree(then, domain).or_ask(open).map(|tree| spf::networks(&tree))
}

fn all(networks: &Networks) -> impl Iterator<Item = IpNet> {
    let v4 = networks.ipv4.iter().copied().map(IpNet::V4);
    v4.chain(networks.ipv6.iter().copied().map(IpNet::V6))
}

/// Whether all of `network` is in one of `built`, which are in order and do not overlap: as few as can be.
fn holds(built: &[IpNet], network: &IpNet) -> bool {
    let after = built.partition_point(|other| other.network() <= network.network());
    after > 0 && built[after - 1].contains(network)
}

/// No record has an error, and each says what is wanted.
pub(super) fn records(intent: &Intent, advised: Advised) -> Result<Advised, Unproven> {
    let ours = |found: &&Diagnostic| match found.primary.subject.origin() {
        Origin::Record { owner, .. } => advised.records.iter().any(|record| record.owner == *owner),
        // A file that was there before is another matter than the records that are wanted.
        Origin::Policy { .. } => intent.tls.is_some(),
        _ => false,
    };
    let errors = advised.assessment.findings.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<Diagnostic> = errors.filter(ours).cloned().collect();
    if !errors.is_empty() {
        return Err(Unproven::Errors(errors));
    }
    let Some(facts) = &advised.assessment.facts else { return Err(Unproven::Effect("the name is not a domain")) };
    let wanted = match intent.senders {
        Senders::Nobody => SpfState::Nobody,
        Senders::These { .. } => SpfState::Usable,
    };
    if facts.spf.state == SpfState::Unknown {
        return Err(Unproven::Effect("the DNS gave no answer about a sender, so nothing is proven: try again later"));
    }
    if facts.spf.state != wanted {
        return Err(Unproven::Effect("SPF would not authorise who is to send"));
    }
    if facts.policies.own.policy() != Some(intent.policy) {
        return Err(Unproven::Effect("DMARC would have another policy"));
    }
    let texts = || advised.records.iter().map(|record| Source::new(&record.value));
    if let Some(to) = &intent.reports {
        let dmarc = texts().map(Record::parse).find(Record::is_dmarc);
        if !dmarc.is_some_and(|record| is_reported_to(&record, to)) {
            return Err(Unproven::Effect(
                "reports would not go to the address: it must be one, without `,`, `;` and `!`",
            ));
        }
    }
    let keys = texts().filter(|text| text.text().starts_with("v=DKIM1"));
    let signs = matches!(intent.senders, Senders::These { .. });
    if signs && !keys.map(|text| Key::parse(&text)).all(|key| key.is_usable()) {
        return Err(Unproven::Effect("verifiers could not use one of the keys"));
    }
    Ok(advised)
}

/// Whether `record` names `to` as the one destination, in full: what separates tags, addresses and sizes would cut it.
fn is_reported_to(record: &Record, to: &str) -> bool {
    let [uri] = record.rua() else { return false };
    uri.is_valid() && record.source().text()[uri.uri].strip_prefix("mailto:") == Some(to)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::dmarc::Policy;
    use crate::domain::advise;
    use crate::mta_sts::Mode;
    use crate::resolver::{Zone, drive_sync};
    use crate::spf::{Session, SpfResult, check_host};

    /// Services: two good ones, one within another, one that asks about each client, and some that cannot be used.
    const WORLD: &str = r#"
        d.example.       TXT "v=spf1 a -all"
        d.example.       MX 10 mail.d.example.
        mail.d.example.  A 192.0.2.25
        _dmarc.d.example. TXT "v=DMARC1; p=none"
        a.example.       TXT "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:a::/48 ~all"
        b.example.       TXT "v=spf1 -ip4:198.51.100.7 include:a.example ip4:203.0.113.128/25 -all"
        e.example.       TXT "v=spf1 exists:%{i}.e.example -all"
        none.example.    TXT "v=spf1 -all"
        all.example.     TXT "v=spf1 +all"
        broken.example.  TXT "v=spf1 ip4:198.51.100 -all"
        down.example.    SERVFAIL
    "#;
    const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    fn intents() -> impl Strategy<Value = Intent> {
        let services = ["a", "a", "a", "b", "b", "b", "e", "none", "all", "broken", "down", "nowhere"];
        let includes = vec(proptest::sample::select(services.to_vec()), 0..4);
        let v4 = (any::<u32>(), 8..=32u8)
            .prop_map(|(address, length)| format!("{}/{length}", std::net::Ipv4Addr::from(address)));
        let v6 = (any::<u128>(), 16..=128u8)
            .prop_map(|(address, length)| format!("{}/{length}", std::net::Ipv6Addr::from(address)));
        let networks = vec(prop_oneof![v4, v6], 0..4);
        let policy = proptest::sample::select(vec![Policy::None, Policy::Quarantine, Policy::Reject]);
        let reports = proptest::option::of(prop_oneof!["[a-z]{1,8}@d\\.example", "[a-z;,!%=. -]{0,9}(@d\\.example)?"]);
        let tls = proptest::option::of(any::<u64>());
        (any::<bool>(), includes, networks, policy, reports, tls).prop_map(
            |(mx, includes, networks, policy, reports, tls)| {
                let includes = includes.into_iter().map(|name| format!("{name}.example").parse().unwrap()).collect();
                let networks = networks.into_iter().map(|network| network.parse().unwrap()).collect();
                let mut intent = Intent::these("d.example".parse().unwrap(), mx, includes, networks, policy);
                intent.reports = reports;
                intent.tls = tls.map(|id| (Mode::Testing, id));
                intent
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// What is given out is tried by another way: as clients that connect.
        #[test]
        fn whoever_is_to_send_passes(intent in intents()) {
            let zone = Zone::parse(WORLD).unwrap();
            let mut dns = Snapshot::new();
            let Ok(advised) = drive_sync(&mut dns, |question| zone.answer(question), |dns| advise(dns, &intent)) else {
                return Ok(());
            };
            let spf = &advised.records[0].value;
            let text = WORLD.replace("v=spf1 a -all", spf);
            let then = Zone::parse(&text).unwrap();
            let result = |client: std::net::IpAddr| {
                let session = Session::new(client, "mail.d.example", "r@d.example");
                drive_sync(&mut Snapshot::new(), |question| then.answer(question), |dns| check_host(dns, &session, crate::Timestamp(0))).result
            };
            let Senders::These { mx, includes, networks } = &intent.senders else { panic!("these intents name senders") };
            for network in networks {
                prop_assert_eq!(result(network.network()), SpfResult::Pass);
                prop_assert_eq!(result(network.broadcast()), SpfResult::Pass);
            }
            if *mx {
                prop_assert_eq!(result("192.0.2.25".parse().unwrap()), SpfResult::Pass);
            }
            for include in includes {
                let clients: &[&str] = match include.as_str() {
                    "a.example" => &["198.51.100.0", "198.51.100.127", "2001:db8:a::1"],
                    "b.example" => &["198.51.100.0", "203.0.113.128", "203.0.113.255"],
                    "e.example" => &[],
                    other => return Err(TestCaseError::fail(format!("{other} cannot be used"))),
                };
                for client in clients {
                    prop_assert_eq!(result(client.parse().unwrap()), SpfResult::Pass, "{} of {}", client, spf);
                }
            }
            let dmarc = Record::parse(Source::new(&advised.records[1].value));
            prop_assert_eq!(dmarc.rua().len(), usize::from(intent.reports.is_some()));
            prop_assert!(dmarc.is_valid());
        }
    }

    #[test]
    fn a_key_must_be_one() {
        let zone = Zone::parse(WORLD).unwrap();
        let of = |key: &str| {
            let mut intent = Intent::these("d.example".parse().unwrap(), true, vec![], vec![], Policy::Reject);
            intent.keys.push(("s1".parse().unwrap(), key.to_owned()));
            drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| advise(dns, &intent))
        };
        // An Ed25519 key is none of RSA.
        for key in ["", KEY, "AAAA", "AAAA; t=y"] {
            assert!(of(key).is_err(), "{key}");
        }
    }
}
