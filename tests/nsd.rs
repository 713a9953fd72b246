//! `HickoryResolver` against a real nsd on the loopback interface.
//!
//! Without nsd it says so and passes; with `MAILPROOF_REQUIRE_REAL_PARTS=1` it fails instead.
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unused_crate_dependencies)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mailproof::Name;
use mailproof::dns::{Answer, Failure, Lookup, Mx, Question, RecordType, Records};
use mailproof::resolver::Resolver;
use mailproof::resolver::hickory::{HickoryResolver, Options};

use support::{Folder, find, free_port, skipped, stop};

mod support;

const ZONE: &str = include_str!("nsd/d.example.zone");

struct Nsd {
    process: Child,
    directory: Folder,
    address: SocketAddr,
}

impl Nsd {
    /// `None` if nsd is not installed.
    fn start() -> Option<Self> {
        let binary = find("nsd")?;
        let directory = Folder::new("nsd");
        let address = free_port();
        directory.file("d.example.zone", ZONE);
        let config = directory.file("nsd.conf", configuration(directory.path(), address));
        let process = Command::new(binary)
            .arg("-d")
            .arg("-c")
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { process, directory, address })
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("nsd.log")).unwrap_or_default()
    }
}

impl Drop for Nsd {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

/// As the current user, without a pid file that root would own, and without remote control.
fn configuration(directory: &Path, address: SocketAddr) -> String {
    let directory = directory.display();
    format!(
        "server:\n ip-address: {ip}@{port}\n username: \"\"\n chroot: \"\"\n zonesdir: \"{directory}\"\n database: \"\"\n \
         pidfile: \"{directory}/nsd.pid\"\n xfrdfile: \"{directory}/xfrd.state\"\n zonelistfile: \"{directory}/zone.list\"\n \
         logfile: \"{directory}/nsd.log\"\n server-count: 1\n rrl-ratelimit: 0\n\
         remote-control:\n control-enable: no\n\
         zone:\n name: d.example\n zonefile: d.example.zone\n",
        ip = address.ip(),
        port = address.port(),
    )
}

async fn ask(resolver: &HickoryResolver, name: &str, record_type: RecordType) -> Answer {
    resolver.resolve(&Question::new(name.parse().unwrap(), record_type)).await
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

async fn wait_until_it_answers(nsd: &mut Nsd, resolver: &HickoryResolver) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while ask(resolver, "d.example", RecordType::Soa).await.records().is_none() {
        assert!(matches!(nsd.process.try_wait(), Ok(None)), "nsd ended: {}", nsd.log());
        assert!(Instant::now() < deadline, "nsd does not answer: {}", nsd.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_nsd_says_is_kept_apart() {
    let Some(mut nsd) = Nsd::start() else {
        skipped("the answers of a real name server (nsd is not installed)");
        return;
    };
    let resolver = HickoryResolver::server(nsd.address, Options::default().timeout(Duration::from_secs(2))).unwrap();
    wait_until_it_answers(&mut nsd, &resolver).await;

    texts(&resolver).await;
    other_types(&resolver).await;
    aliases(&resolver).await;
    negative_answers(&resolver).await;
    failures(&resolver).await;
    like_the_zone_text(&resolver).await;
}

async fn texts(resolver: &HickoryResolver) {
    let answer = ask(resolver, "d.example", RecordType::Txt).await;
    assert_eq!((answer.txts().len(), answer.ttl, answer.authentic), (1, Some(300), false));
    assert_eq!(answer.txts()[0].text(), "v=spf1 ip4:192.0.2.0/24 -all");
    assert_eq!(answer.txts()[0].seams(), [6]);
    assert!(answer.aliases.is_empty());

    // More than 512 octets, and more than UDP takes: nsd truncates, TCP gives the whole.
    let answer = ask(resolver, "long.d.example", RecordType::Txt).await;
    assert_eq!(answer.txts().len(), 12);
    assert!(answer.txts().iter().all(|text| text.text().len() == 200));

    let answer = ask(resolver, "bytes.d.example", RecordType::Txt).await;
    assert_eq!(answer.txts()[0].bytes().as_ref(), b"a\xff\xfe\0\"b");
    assert_eq!(answer.txts()[0].seams(), [7, 9]);
}

async fn other_types(resolver: &HickoryResolver) {
    let records = |answer: Answer| answer.records().cloned();
    let of = async |record_type| records(ask(resolver, "d.example", record_type).await);
    assert_eq!(of(RecordType::A).await, Some(Records::A(vec![[192, 0, 2, 1].into()])));
    assert_eq!(of(RecordType::Aaaa).await, Some(Records::Aaaa(vec!["2001:db8::1".parse().unwrap()])));
    let Some(Records::Mx(mut mx)) = of(RecordType::Mx).await else { panic!("no MX") };
    mx.sort();
    assert_eq!(mx[0], Mx { preference: 0, exchange: Name::root() });
    assert_eq!(mx[1], Mx { preference: 10, exchange: name("mail.d.example") });
    let Some(Records::Soa(soa)) = of(RecordType::Soa).await else { panic!("no SOA") };
    assert_eq!((soa[0].serial, soa[0].minimum, soa[0].responsible.as_str()), (7, 60, "host\\.master.d.example"));
    assert_eq!(of(RecordType::Ns).await, Some(Records::Ns(vec![name("ns.d.example")])));
    let Some(Records::Spf(spf)) = of(RecordType::Spf).await else { panic!("no SPF") };
    assert_eq!((spf[0].text(), spf[0].seams()), ("v=spf1 -all", &[6][..]));
    let Some(Records::Tlsa(tlsa)) = records(ask(resolver, "_25._tcp.d.example", RecordType::Tlsa).await) else {
        panic!("no TLSA")
    };
    assert_eq!((tlsa[0].usage, tlsa[0].selector, tlsa[0].matching, &*tlsa[0].data), (3, 1, 1, &[0, 0xff, 0xab][..]));
    let pointer = records(ask(resolver, "ptr.d.example", RecordType::Ptr).await);
    assert_eq!(pointer, Some(Records::Ptr(vec![name("mail.d.example")])));
}

async fn aliases(resolver: &HickoryResolver) {
    let answer = ask(resolver, "c1.d.example", RecordType::A).await;
    assert_eq!(answer.aliases, [name("c2.d.example"), name("c3.d.example"), name("mail.d.example")]);
    assert_eq!((answer.records().map(Records::len), answer.ttl), (Some(1), Some(30)));
    let answer = ask(resolver, "c1.d.example", RecordType::Cname).await;
    assert_eq!((answer.records(), answer.aliases.len()), (Some(&Records::Cname(vec![name("c2.d.example")])), 0));
    let answer = ask(resolver, "to-nothing.d.example", RecordType::Txt).await;
    assert_eq!((answer.lookup, answer.aliases.len()), (Lookup::NxDomain, 1));
    let answer = ask(resolver, "c3.d.example", RecordType::Txt).await;
    assert_eq!((answer.lookup, answer.aliases.len()), (Lookup::NoData, 1));
    // nsd does not know the target's zone, and says so when it is asked for it.
    let answer = ask(resolver, "outside.d.example", RecordType::Txt).await;
    assert_eq!((answer.failure(), answer.aliases), (Some(Failure::Refused), vec![name("elsewhere.test")]));
}

async fn negative_answers(resolver: &HickoryResolver) {
    let answer = ask(resolver, "nowhere.d.example", RecordType::Txt).await;
    assert_eq!((answer.lookup, answer.ttl), (Lookup::NxDomain, Some(60)));
    assert_eq!(ask(resolver, "mail.d.example", RecordType::Txt).await.lookup, Lookup::NoData);
    assert_eq!(
        ask(resolver, "between.d.example", RecordType::Txt).await.lookup,
        Lookup::NoData,
        "an empty non-terminal"
    );
    assert_eq!(ask(resolver, "x.y.wild.d.example", RecordType::Txt).await.txts()[0].text(), "wild");
    assert_eq!(ask(resolver, "x.wild.d.example", RecordType::A).await.lookup, Lookup::NoData);
    assert_eq!(ask(resolver, "x.known.wild.d.example", RecordType::Txt).await.lookup, Lookup::NxDomain);
}

async fn failures(resolver: &HickoryResolver) {
    assert_eq!(
        ask(resolver, "d.test", RecordType::Txt).await,
        Failure::Refused.into(),
        "a zone that it does not serve"
    );
    // A referral is no answer, least of all "no data".
    for record_type in [RecordType::Txt, RecordType::Ns, RecordType::Soa] {
        assert_eq!(ask(resolver, "a.sub.d.example", record_type).await, Failure::Other.into(), "{record_type}");
    }
    // The server that it refers to never answers.
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let options = Options::default().timeout(Duration::from_millis(200));
    let resolver = HickoryResolver::server(silent.local_addr().unwrap(), options).unwrap();
    let begin = Instant::now();
    assert_eq!(ask(&resolver, "a.sub.d.example", RecordType::Txt).await, Failure::Timeout.into());
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

/// Our own reading of the same text says the same.
async fn like_the_zone_text(resolver: &HickoryResolver) {
    let zone = mailproof::resolver::Zone::parse(ZONE).unwrap();
    let others = ["nowhere", "between", "x.y.wild", "x.known.wild", "y.nowhere", "*.wild"]
        .map(|label| format!("{label}.d.example"));
    let names = zone.names().cloned().chain(others.iter().map(|text| name(text)));
    for name in names.filter(|name| !name.is_within(&self::name("sub.d.example")) && *name != "outside.d.example") {
        for &record_type in RecordType::ALL {
            let question = Question::new(name.clone(), record_type);
            let (ours, theirs) = (sorted(zone.answer(&question)), sorted(resolver.resolve(&question).await));
            assert_eq!(ours.lookup, theirs.lookup, "{question}");
            assert_eq!(ours.aliases, theirs.aliases, "{question}");
            assert_eq!(ours.ttl, theirs.ttl, "{question}");
        }
    }
}

/// Servers give the records of a set in any order.
fn sorted(mut answer: Answer) -> Answer {
    if let Lookup::Records(records) = &mut answer.lookup {
        match records {
            Records::Mx(mx) => mx.sort(),
            Records::Txt(texts) => texts.sort_by_key(|text| text.bytes().into_owned()),
            _ => {}
        }
    }
    answer
}
