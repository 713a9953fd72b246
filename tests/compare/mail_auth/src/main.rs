//! Reads `{"port": …, "inputs": [{"ip", "helo", "mail_from", "raw"}, …]}` and writes what mail-auth says of each, as
//! JSON: `{"verdict": …, "words": […]}`, where the words are everything that its results hold.

use std::net::IpAddr;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, MessageAuthenticator};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let asked: Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let authenticator = authenticator(asked["port"].as_u64().expect("a port") as u16);
    let mut answers = Vec::new();
    for input in asked["inputs"].as_array().expect("inputs") {
        answers.push(answer(&authenticator, input).await);
    }
    println!("{}", Value::from(answers));
}

fn authenticator(port: u16) -> MessageAuthenticator {
    let mut udp = ConnectionConfig::udp();
    udp.port = port;
    let mut tcp = ConnectionConfig::tcp();
    tcp.port = port;
    let server = NameServerConfig::new([127, 0, 0, 1].into(), true, vec![udp, tcp]);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    MessageAuthenticator::new(config, ResolverOpts::default()).expect("a resolver")
}

async fn answer(authenticator: &MessageAuthenticator, input: &Value) -> Value {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    let ip: IpAddr = text("ip").parse().expect("an address");
    let mail_from = text("mail_from");
    let domain = mail_from.rsplit('@').next().unwrap_or_default();
    let message = AuthenticatedMessage::parse(text("raw").as_bytes()).expect("a message");

    let dkim = authenticator.verify_dkim(&message).await;
    let spf =
        authenticator.verify_spf(SpfParameters::mail_from(ip, text("helo"), "mx.receiver.example", mail_from)).await;
    let dmarc = authenticator.verify_dmarc(DmarcParameters::new(&message, &dkim, domain, &spf)).await;

    let mut words = vec![format!("spf={} domain={}", spf.result(), spf.domain())];
    for one in &dkim {
        words.push(format!("dkim: {:?}", one.result()));
    }
    words.push(format!(
        "dmarc={:?} policy={:?} domain={} by DKIM: {:?}, by SPF: {:?}",
        dmarc.result(),
        dmarc.policy(),
        dmarc.domain(),
        dmarc.dkim_result(),
        dmarc.spf_result()
    ));
    let dkim = dkim.first().map_or("none".into(), |one| first_word(one.result()));
    let verdict = format!("spf={} dkim={dkim} dmarc={}", spf.result(), first_word(&dmarc.result()));
    json!({ "verdict": verdict, "words": words })
}

/// The name of a result, without what is in it.
fn first_word(result: &impl std::fmt::Debug) -> String {
    let told = format!("{result:?}");
    told.split('(').next().unwrap_or_default().to_lowercase()
}
