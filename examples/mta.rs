//! A mail filter on mail-auth that says why it refuses: mail-auth judges, mailproof explains.
//!
//! It speaks the milter protocol (version 6, as Postfix and Sendmail do), one task for each connection. Mail that fails DMARC
//! under `p=reject` is refused with the reason in the reply; other mail gets an Authentication-Results field.
//!
//! ```sh
//! cargo run --features mail-auth --example mta -- 127.0.0.1:8892
//! postconf smtpd_milters=inet:127.0.0.1:8892
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unused_crate_dependencies
)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::SystemTime;

use mail_auth::dmarc::{Policy, verify::DmarcParameters};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, AuthenticationResults, DmarcResult, MessageAuthenticator};
use mailproof::mail_auth::{Verdicts, explain, resolver};
use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::drive, spf::Session};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Error = Box<dyn std::error::Error + Send + Sync>;

const HOST: &str = "mx.receiver.example";
/// More than Postfix takes (`message_size_limit`).
const MAX_MESSAGE: usize = 32 << 20;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let listener = TcpListener::bind(std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:8892")).await?;
    let authenticator = Arc::new(MessageAuthenticator::new_system_conf()?);
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let authenticator = Arc::clone(&authenticator);
        tokio::spawn(async move {
            if let Err(error) = serve(stream, &authenticator).await {
                eprintln!("{error}");
            }
        });
    }
}

/// What the mail server tells step by step.
struct Mail {
    ip: IpAddr,
    helo: String,
    mail_from: String,
    bytes: Vec<u8>,
}

async fn serve(mut stream: TcpStream, authenticator: &MessageAuthenticator) -> Result<(), Error> {
    let mut mail =
        Mail { ip: Ipv4Addr::UNSPECIFIED.into(), helo: String::new(), mail_from: String::new(), bytes: Vec::new() };
    // A packet is its length in four octets, a letter, and data.
    while let Ok(length) = stream.read_u32().await {
        let command = stream.read_u8().await?;
        let mut data = vec![0; (length as usize).checked_sub(1).filter(|&n| n < MAX_MESSAGE).ok_or("a bad packet")?];
        stream.read_exact(&mut data).await?;
        let words: Vec<_> = data.split(|&b| b == 0).map(String::from_utf8_lossy).collect();
        match command {
            // Version 6; adds fields (1); header values keep their first space.
            b'O' => reply(&mut stream, b'O', &[6, 1, 0x10_0000_u32].map(u32::to_be_bytes).concat()).await?,
            // Macros, an aborted message and the end of the connection want no answer.
            b'D' | b'A' => {}
            b'Q' => return Ok(()),
            b'E' => judge(&mut stream, authenticator, &mail).await?,
            _ => {
                match command {
                    // The host's name; then 4 or 6, the port in two octets, and the address.
                    b'C' => mail.ip = address(&data).unwrap_or(mail.ip),
                    b'H' => mail.helo = words[0].to_string(),
                    b'M' => {
                        mail.mail_from = words[0].trim_matches(['<', '>']).to_owned();
                        mail.bytes.clear();
                    }
                    b'L' => {
                        let value = words.get(1).map(|value| value.replace('\n', "\r\n")).unwrap_or_default();
                        mail.bytes.extend(format!("{}:{value}\r\n", words[0]).bytes());
                    }
                    b'N' => mail.bytes.extend(b"\r\n"),
                    b'B' if mail.bytes.len() + data.len() < MAX_MESSAGE => mail.bytes.extend(data),
                    _ => {}
                }
                reply(&mut stream, b'c', &[]).await?;
            }
        }
    }
    Ok(())
}

fn address(data: &[u8]) -> Option<IpAddr> {
    let rest = data.get(data.iter().position(|&b| b == 0)? + 4..)?;
    std::str::from_utf8(rest.strip_suffix(b"\0")?).ok()?.trim_start_matches("IPv6:").parse().ok()
}

async fn reply(stream: &mut TcpStream, letter: u8, data: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(data.len() + 1).expect("replies are short");
    stream.write_all(&[&length.to_be_bytes(), &[letter][..], data].concat()).await
}

/// mail-auth judges the message; where it is refused, mailproof says why.
async fn judge(stream: &mut TcpStream, authenticator: &MessageAuthenticator, mail: &Mail) -> Result<(), Error> {
    let Some(parsed) = AuthenticatedMessage::parse(&mail.bytes) else {
        return Ok(reply(stream, b'y', b"550 5.6.0 This is no message\0").await?);
    };
    let spf = SpfParameters::verify_mail_from(mail.ip, &mail.helo, HOST, &mail.mail_from);
    let spf = authenticator.verify_spf(spf).await;
    let dkim = authenticator.verify_dkim(&parsed).await;
    let domain = mail.mail_from.rsplit_once('@').map_or(mail.helo.as_str(), |(_, domain)| domain);
    let dmarc = authenticator.verify_dmarc(DmarcParameters::new(&parsed, &dkim, domain, &spf)).await;

    if !matches!(dmarc.result(), DmarcResult::Fail(_)) || dmarc.policy() != Policy::Reject {
        let results = AuthenticationResults::new(HOST)
            .with_spf_mailfrom_result(&spf, mail.ip, &mail.mail_from, &mail.helo)
            .with_dkim_results(&dkim, domain)
            .with_dmarc_result(&dmarc);
        // Index 0 of the header, then name and value.
        let field = format!("\0\0\0\0Authentication-Results\0 {}\0", results.to_string().replace('\r', ""));
        reply(stream, b'i', field.as_bytes()).await?;
        return Ok(reply(stream, b'c', &[]).await?);
    }
    let message = Message::parse(&mail.bytes);
    let session = Session::new(mail.ip, &mail.helo, &mail.mail_from);
    let now = Timestamp(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs());
    let verdicts = Verdicts { spf: Some(&spf), dkim: Some(&dkim), arc: None, dmarc: Some(&dmarc) };
    // The answers that mail-auth has just cached serve again.
    let explained = drive(&mut Snapshot::new(), &resolver(authenticator), |dns| {
        explain(dns, &message, Some(&session), now, &verdicts)
    })
    .await;
    explained.iter().for_each(|verdict| println!("{verdict}"));
    let reason = explained.last().map(ToString::to_string).unwrap_or_default();
    // RFC 7372 §3.2; of a reason, only what may stand in a reply.
    let reason: String = reason.chars().filter(|c| (' '..='~').contains(c) && *c != '%').take(400).collect();
    Ok(reply(stream, b'y', format!("550 5.7.26 {reason}\0").as_bytes()).await?)
}
