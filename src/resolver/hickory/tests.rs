//! Against a server on the loopback interface that says what real ones rarely say.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, MX, NULL, SOA, TXT};
use hickory_resolver::proto::rr::{Name as WireName, RData, Record, RecordType as Type};
use tokio::net::UdpSocket;

use super::{HickoryResolver, Options};
use crate::Name;
use crate::dns::{Answer, Failure, Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::resolver::{Resolver, drive};

/// A server that turns each question into what `respond` makes of it; `None` keeps silent.
async fn server(respond: impl Fn(Message) -> Option<Message> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let mut message = Message::from_vec(&buffer[..length]).unwrap();
            message.metadata.message_type = MessageType::Response;
            if let Some(response) = respond(message) {
                socket.send_to(&response.to_vec().unwrap(), from).await.unwrap();
            }
        }
    });
    address
}

fn quick() -> Options {
    Options::default().timeout(Duration::from_millis(400))
}

async fn ask(server: SocketAddr, name: &str, record_type: RecordType) -> Answer {
    HickoryResolver::server(server, quick()).unwrap().resolve(&Question::new(name.parse().unwrap(), record_type)).await
}

fn wire(name: &str) -> WireName {
    WireName::from_ascii(name).unwrap()
}

fn record(name: &str, ttl: u32, data: RData) -> Record {
    Record::from_rdata(wire(name), ttl, data)
}

fn soa(name: &str) -> Record {
    record(name, 300, RData::SOA(SOA::new(wire("ns."), wire("root."), 1, 2, 3, 4, 60)))
}

#[tokio::test]
async fn bogus_is_what_only_validation_refuses() {
    let server = server(|mut message| {
        if message.metadata.checking_disabled {
            message.add_answer(record("bogus.example.", 60, RData::TXT(TXT::new(vec!["x".into()]))));
        } else {
            message.metadata.response_code = ResponseCode::ServFail;
        }
        Some(message)
    });
    assert_eq!(ask(server.await, "bogus.example", RecordType::Txt).await.failure(), Some(Failure::Bogus));
}

#[tokio::test]
async fn servfail_and_others_stay_what_they_are() {
    for (code, failure) in [
        (ResponseCode::ServFail, Failure::ServFail),
        (ResponseCode::Refused, Failure::Refused),
        (ResponseCode::FormErr, Failure::Malformed),
        (ResponseCode::NotImp, Failure::Other),
    ] {
        let server = server(move |mut message| {
            message.metadata.response_code = code;
            Some(message)
        });
        assert_eq!(ask(server.await, "a.example", RecordType::Txt).await, failure.into(), "{code}");
    }
    assert_eq!(ask(server(|_| None).await, "a.example", RecordType::Txt).await, Failure::Timeout.into());
}

#[tokio::test]
async fn a_server_that_recovers_is_believed() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = server(move |mut message| {
        if asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2 {
            message.metadata.response_code = ResponseCode::ServFail;
        } else {
            message.add_answer(record("a.example.", 60, RData::TXT(TXT::new(vec!["x".into()]))));
        }
        Some(message)
    });
    assert_eq!(ask(server.await, "a.example", RecordType::Txt).await.txts()[0].text(), "x");
}

#[tokio::test]
async fn the_ad_bit_is_asked_for_and_kept() {
    let server = server(|mut message| {
        message.metadata.authentic_data &= message.queries[0].name() == &wire("signed.example.");
        let name = message.queries[0].name().to_string();
        message.add_answer(record(&name, 7, RData::TXT(TXT::new(vec!["x".into()]))));
        Some(message)
    })
    .await;
    let signed = ask(server, "signed.example", RecordType::Txt).await;
    assert_eq!((signed.authentic, signed.ttl), (true, Some(7)));
    assert!(!ask(server, "unsigned.example", RecordType::Txt).await.authentic);
}

#[tokio::test]
async fn a_chain_that_the_server_gives_in_parts() {
    let server = server(|mut message| {
        let name = message.queries[0].name().to_lowercase().to_string();
        match name.as_str() {
            "a.example." => message.add_answer(record(&name, 9, RData::CNAME(CNAME(wire("B.example."))))),
            "b.example." => message.add_answer(record(&name, 5, RData::TXT(TXT::new(vec!["x".into()])))),
            "loop.example." => message.add_answer(record(&name, 9, RData::CNAME(CNAME(wire("loop.example."))))),
            "gone.example." => {
                message.metadata.response_code = ResponseCode::NXDomain;
                message.add_answer(record(&name, 9, RData::CNAME(CNAME(wire("nowhere.example.")))));
                message.add_authority(soa("example."))
            }
            "empty.example." => {
                message.add_answer(record(&name, 9, RData::CNAME(CNAME(wire("b.example.")))));
                message.add_authority(soa("example."))
            }
            endless => {
                let next = wire(&format!("x{endless}"));
                message.add_answer(record(&name, 9, RData::CNAME(CNAME(next))))
            }
        };
        Some(message)
    })
    .await;
    let answer = ask(server, "a.example", RecordType::Txt).await;
    assert_eq!((answer.txts()[0].text(), answer.aliases[0].as_str(), answer.ttl), ("x", "b.example", Some(5)));
    assert_eq!(ask(server, "loop.example", RecordType::Txt).await.failure(), Some(Failure::Malformed));
    let answer = ask(server, "gone.example", RecordType::Txt).await;
    assert_eq!((answer.lookup, answer.aliases.len()), (Lookup::NxDomain, 1));
    assert_eq!(ask(server, "empty.example", RecordType::Txt).await.lookup, Lookup::NoData);
    let answer = ask(server, "x.example", RecordType::Txt).await;
    assert_eq!((answer.failure(), answer.aliases.len()), (Some(Failure::Malformed), 17));
}

#[tokio::test]
async fn names_that_text_cannot_hold_are_left_out() {
    let server = server(|mut message| {
        let name = message.queries[0].name().to_string();
        let odd = WireName::from_labels([&b"a.b"[..], b"c\xff"]).unwrap();
        match message.queries[0].query_type() {
            Type::MX => {
                message.add_answer(record(&name, 1, RData::MX(MX::new(10, odd))));
                message.add_answer(record(&name, 1, RData::MX(MX::new(20, wire("MX.example.")))))
            }
            Type::CNAME => message.add_answer(record(&name, 1, RData::CNAME(CNAME(odd)))),
            Type::Unknown(99) => {
                let rdata = NULL::with(b"\x02v=\x04spf\xff".to_vec());
                message.add_answer(record(&name, 1, RData::Unknown { code: Type::Unknown(99), rdata }))
            }
            _ => message.add_answer(record("other.example.", 1, RData::TXT(TXT::new(vec!["x".into()])))),
        };
        Some(message)
    })
    .await;
    let answer = ask(server, "a.example", RecordType::Mx).await;
    let Some(Records::Mx(mx)) = answer.records() else { panic!("{answer:?}") };
    assert_eq!((mx.len(), mx[0].exchange.as_str()), (1, "mx.example"));
    assert_eq!(ask(server, "a.example", RecordType::Cname).await.failure(), Some(Failure::Malformed));
    assert_eq!(ask(server, "a.example", RecordType::A).await.failure(), Some(Failure::Malformed));
    let answer = ask(server, "a.example", RecordType::Spf).await;
    let Some(Records::Spf(texts)) = answer.records() else { panic!("{answer:?}") };
    assert_eq!(texts[0].bytes().as_ref(), b"v=spf\xff");
    assert_eq!(texts[0].seams(), [2]);
}

#[tokio::test]
async fn names_are_asked_as_they_are() {
    let server = server(|mut message| {
        let name = message.queries[0].name().clone();
        let label = name.iter().next().unwrap_or_default().to_vec();
        message.add_answer(Record::from_rdata(name, 1, RData::TXT(TXT::from_bytes(vec![&label]))));
        Some(message)
    })
    .await;
    for (name, label) in
        [("localhost", "localhost"), ("x.invalid", "x"), ("a\\.b c%{.example", "a\\"), ("single", "single")]
    {
        assert_eq!(ask(server, name, RecordType::Txt).await.txts()[0].text(), label);
    }
    assert_eq!(ask(server, ".", RecordType::Txt).await.txts()[0].text(), "");
}

#[tokio::test]
async fn many_questions_at_the_same_time() {
    let server = server(|mut message| {
        let name = message.queries[0].name().to_string();
        message.add_answer(record(&name, 1, RData::TXT(TXT::new(vec![name.clone()]))));
        Some(message)
    })
    .await;
    let resolver = HickoryResolver::server(server, Options::default()).unwrap();
    let questions: Vec<Question> =
        (0..300).map(|i| Question::new(format!("q{i}.example").parse().unwrap(), RecordType::Txt)).collect();
    // That this compiles is a part of the test: the future of `drive` is `Send`.
    let answered = tokio::spawn(async move {
        let mut dns = Snapshot::new();
        drive(&mut dns, &resolver, |dns| if dns.is_empty() { Step::Ask(questions.clone()) } else { Step::Done(()) })
            .await;
        dns.iter()
            .filter(|(question, answer)| {
                answer.txts().first().is_some_and(|text| text.text() == format!("{}.", question.name))
            })
            .count()
    });
    assert_eq!(answered.await.unwrap(), 300);
}

#[test]
fn names_to_the_wire_and_back() {
    for text in [".", "example", "_x._tcp.example", "a b.%{i}.example", &format!("{}ab", "a.".repeat(125))] {
        let name: Name = text.parse().unwrap();
        assert_eq!(super::read::from_wire(&super::read::to_wire(&name).unwrap()), Some(name));
    }
    for labels in [&b"a.b"[..], b"a\0b", b"\xc3\xbc", b"a\nb"] {
        assert_eq!(super::read::from_wire(&WireName::from_labels([labels]).unwrap()), None);
    }
}

#[tokio::test]
async fn a_resolver_that_the_program_has_anyway() {
    use hickory_resolver::TokioResolver;
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;

    let server = server(|mut message| {
        let name = message.queries[0].name().to_lowercase().to_string();
        match name.as_str() {
            "a.example." => {
                message.add_answer(record(&name, 9, RData::CNAME(CNAME(wire("b.example.")))));
                message.add_answer(record("b.example.", 5, RData::TXT(TXT::new(vec!["x".into()]))))
            }
            "gone.example." => {
                message.metadata.response_code = ResponseCode::NXDomain;
                message.add_authority(soa("example."))
            }
            "empty.example." => message.add_authority(soa("example.")),
            _ => {
                message.metadata.response_code = ResponseCode::ServFail;
                &mut message
            }
        };
        Some(message)
    })
    .await;
    let mut connection = ConnectionConfig::udp();
    connection.port = server.port();
    let servers = vec![NameServerConfig::new(server.ip(), true, vec![connection])];
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().unwrap();
    let shared = super::SharedResolver::new(resolver);
    let ask = async |name: &str| shared.resolve(&Question::new(name.parse().unwrap(), RecordType::Txt)).await;
    // The second time it comes out of the cache of the program's resolver.
    for _ in 0..2 {
        let answer = ask("a.example").await;
        assert_eq!((answer.txts()[0].text(), answer.aliases[0].as_str()), ("x", "b.example"));
    }
    assert_eq!(ask("gone.example").await.lookup, Lookup::NxDomain);
    assert_eq!(ask("empty.example").await.lookup, Lookup::NoData);
    assert!(ask("broken.example").await.failure().is_some());
}

#[tokio::test]
async fn what_was_not_asked_is_no_answer() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let question = Message::from_vec(&buffer[..length]).unwrap();
        let told = |change: fn(&mut Message), text: &str| {
            let mut message = question.clone();
            message.metadata.message_type = MessageType::Response;
            change(&mut message);
            let name = message.queries.first().map_or_else(String::new, |query| query.name().to_string());
            message.add_answer(record(&name, 60, RData::TXT(TXT::new(vec![text.into()]))));
            message.to_vec().unwrap()
        };
        for datagram in [
            Vec::new(),
            b"x".to_vec(),
            buffer[..length].to_vec(),
            told(|message| message.metadata.id ^= 1, "another id"),
            told(|message| message.queries[0].name = wire("b.example."), "another name"),
            told(|message| message.queries.clear(), "no question"),
            told(|_| (), "right"),
            told(|_| (), "late"),
        ] {
            socket.send_to(&datagram, from).await.unwrap();
        }
    });
    assert_eq!(ask(address, "a.example", RecordType::Txt).await.txts()[0].text(), "right");
}

#[tokio::test]
async fn no_port_is_used_for_long() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let resolver = HickoryResolver::server(socket.local_addr().unwrap(), Options::default()).unwrap();
    let server = tokio::spawn(async move {
        let (mut buffer, mut ports) = ([0; 4096], std::collections::HashSet::new());
        for _ in 0..2_500 {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            ports.insert(from.port());
            buffer[2] |= 0x80;
            socket.send_to(&buffer[..length], from).await.unwrap();
        }
        ports.len()
    });
    for _ in 0..2_500 {
        resolver.resolve(&Question::new("a.example".parse().unwrap(), RecordType::Txt)).await;
    }
    assert_eq!(server.await.unwrap(), 3);
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let closed = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let begin = tokio::time::Instant::now();
    assert!(ask(closed, "a.example", RecordType::Txt).await.failure().is_some());
    assert!(begin.elapsed() < Duration::from_secs(2));
}
