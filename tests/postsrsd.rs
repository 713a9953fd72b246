//! Addresses against a real postsrsd on the loopback interface: what it makes is reversed here, what is made here it
//! reverses.
//!
//! Without postsrsd it says so and passes; with `MAILPROOF_REQUIRE_REAL_PARTS=1` it fails instead.
#![cfg(feature = "crypto")]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unused_crate_dependencies)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use mailproof::srs::{Alphabet, Forwarded, Secret, Separator, Settings, Srs};
use mailproof::{Name, Timestamp};

use support::{Folder, connect, find, free_port, skipped, wait_for};

mod support;

const SECRETS: &str = "new-secret\nold-secret\n";
const DOMAIN: &str = "fwd.example";

struct Postsrsd {
    process: Child,
    _directory: Folder,
    forward: u16,
    reverse: u16,
}

impl Postsrsd {
    /// `None` if postsrsd is not installed.
    fn start(name: &str, arguments: &[&str]) -> Option<Self> {
        let binary = find("postsrsd")?;
        let directory = Folder::new(&format!("postsrsd-{name}"));
        let secret = directory.file("secret", SECRETS);
        let (forward, reverse) = (free_port().port(), free_port().port());
        let process = Command::new(binary)
            .arg(format!("-s{}", secret.display()))
            .args([format!("-d{DOMAIN}"), format!("-f{forward}"), format!("-r{reverse}"), "-4".into()])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From here on it is ended with the test.
        let started = Self { process, _directory: directory, forward, reverse };
        // While it starts it takes connections that it then drops.
        for port in [forward, reverse] {
            wait_for("postsrsd", || table(port, "nobody").ok());
        }
        Some(started)
    }

    fn ask(&self, port: u16, key: &str) -> (u16, String) {
        table(port, key).unwrap()
    }
}

impl Drop for Postsrsd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a TCP table of Postfix answers: its code, and the decoded value.
fn table(port: u16, key: &str) -> std::io::Result<(u16, String)> {
    let stream = connect(port, "postsrsd");
    (&stream).write_all(format!("get {}\n", encoded(key)).as_bytes())?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    let (code, value) = line.trim_end().split_once(' ').ok_or(std::io::ErrorKind::UnexpectedEof)?;
    Ok((code.parse().unwrap(), decoded(value)))
}

/// The encoding of Postfix's tcp_table(5).
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b <= b' ' || b == b'%' || b >= 127 { format!("%{b:02X}") } else { char::from(b).into() })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let pair = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
}

fn srs(separator: Separator) -> Srs {
    // postsrsd 1 writes the standard alphabet.
    let settings = Settings { separator, alphabet: Alphabet::Standard, ..Settings::default() };
    Srs::new(Secret::lines(SECRETS.as_bytes())).with(settings)
}

fn forwarded(srs: &Srs, sender: &str) -> String {
    match srs.forward(sender, &Name::parse(DOMAIN).unwrap(), now()).unwrap() {
        Forwarded::Rewritten { address, .. } => address,
        Forwarded::Unchanged(_) => sender.to_owned(),
    }
}

/// Whether the program is there, or may be missing.
fn started(name: &str, arguments: &[&str]) -> Option<Postsrsd> {
    let found = Postsrsd::start(name, arguments);
    if found.is_none() {
        skipped("postsrsd is not installed");
    }
    found
}

const SENDERS: &[&str] = &[
    "alice@example.com",
    "ALICE@Example.COM",
    "a=b+c-d@sub.example.com",
    "prvs=0123abcdef=alice@example.com",
    "list-bounces+bob=example.com@lists.example",
    "=x@example.com",
    "a-rather-long-name-that-makes-a-local-part-of-more-than-64-octets@example.com",
    "SRS0=PGkz=G3=example.com=alice@first.example",
    "SRS0+PGkz=G3=example.com=alice@first.example",
    "SRS1=MAwv=first.example==PGkz=G3=example.com=alice@second.example",
    "SRS1-MAwv=first.example=-PGkz=G3=example.com=alice@second.example",
];

#[test]
fn both_make_the_same_addresses() {
    for (name, separator, argument) in
        [("equals", Separator::Equals, "-a="), ("plus", Separator::Plus, "-a+"), ("minus", Separator::Minus, "-a-")]
    {
        let Some(postsrsd) = started(name, &[argument]) else { return };
        let srs = srs(separator);
        for sender in SENDERS {
            let ours = forwarded(&srs, sender);
            let (code, theirs) = postsrsd.ask(postsrsd.forward, sender);
            assert_eq!((code, theirs.as_str()), (200, ours.as_str()), "{sender}");
            // Each reverses what the other has made: the same string.
            let back = srs.reverse(&theirs, now()).unwrap().address;
            assert_eq!(postsrsd.ask(postsrsd.reverse, &ours), (200, back), "{sender}");
        }
    }
}

#[test]
fn case_does_not_matter_to_either() {
    let Some(postsrsd) = started("case", &[]) else { return };
    let srs = srs(Separator::Equals);
    for address in
        [forwarded(&srs, "alice@example.com").to_lowercase(), forwarded(&srs, "alice@example.com").to_uppercase()]
    {
        let (code, theirs) = postsrsd.ask(postsrsd.reverse, &address);
        let ours = srs.reverse(&address, now()).unwrap();
        assert_eq!((code, theirs), (200, ours.address), "{address}");
    }
}

#[test]
fn older_secrets_verify() {
    let Some(postsrsd) = started("rotation", &[]) else { return };
    let old = Srs::new(Secret::new(b"old-secret")).with(srs(Separator::Equals).settings().clone());
    let address = forwarded(&old, "alice@example.com");
    assert_eq!(postsrsd.ask(postsrsd.reverse, &address), (200, "alice@example.com".to_owned()));
    assert_eq!(srs(Separator::Equals).reverse(&address, now()).unwrap().secret, 1);
}

#[test]
fn both_refuse() {
    let Some(postsrsd) = started("refuse", &[]) else { return };
    let srs = srs(Separator::Equals);
    let good = forwarded(&srs, "alice@example.com");
    let three_weeks_ago = Timestamp(now().0 - 22 * 86_400);
    let Forwarded::Rewritten { address: old, .. } =
        srs.forward("alice@example.com", &Name::parse(DOMAIN).unwrap(), three_weeks_ago).unwrap()
    else {
        panic!()
    };
    let refused = [
        good.replace("alice", "mallory"),
        good.replace("example.com", "example.org"),
        format!("SRS0=AAAA{}", &good[9..]),
        "SRS0=PGkz=G3@fwd.example".to_owned(),
        "alice@fwd.example".to_owned(),
        old,
    ];
    for address in refused {
        assert_ne!(postsrsd.ask(postsrsd.reverse, &address).0, 200, "{address}");
        assert!(srs.reverse(&address, now()).is_err(), "{address}");
    }
    // The forwarder's own domain stays as it is in both.
    assert_eq!(postsrsd.ask(postsrsd.forward, "alice@fwd.example"), (200, "alice@fwd.example".to_owned()));
    assert_eq!(forwarded(&srs, "alice@fwd.example"), "alice@fwd.example");
}
