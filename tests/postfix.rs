//! The MAIL FROM part of the sender check against a real Postfix on the loopback interface, with
//! `reject_sender_login_mismatch`. Logins are real ones for Postfix; whether they are right is asked of a few lines here that
//! speak Dovecot's authentication protocol and say yes.
//!
//! Postfix's master needs root, or sudo that asks for nothing. Without Postfix or root it says so and passes; with `MAILPROOF_REQUIRE_REAL_PARTS=1` it
//! fails instead.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs, unused_crate_dependencies)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use mailproof::sender::{Delegation, Directory, Entries, Right, Status, Submission, check};

use support::{Folder, as_root, connect, find, run, skipped};

mod support;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn entries() -> Entries {
    let login = |name: &str| (format!("{name}@d.example"), format!("{name}@d.example"));
    let shared = |address: &str, logins: &[&str]| (address.to_owned(), strings(logins));
    Entries {
        logins: ["alice", "bob", "carol", "boss"].map(login).into(),
        aliases: BTreeMap::from([
            shared("info@d.example", &["alice@d.example", "bob@d.example"]),
            shared("bob+news@d.example", &["carol@d.example"]),
            shared("boss@catchall.example", &["boss@d.example"]),
        ]),
        alias_domains: BTreeMap::from([("alias.example".to_owned(), "d.example".to_owned())]),
        wildcards: BTreeMap::from([("@catchall.example".to_owned(), strings(&["carol@d.example"]))]),
        delegations: vec![Delegation {
            address: "boss@d.example".to_owned(),
            to: "alice@d.example".to_owned(),
            right: Right::SendAs,
        }],
        receive_only: strings(&["abuse@d.example"]),
        ..Entries::default()
    }
}

/// The same directory as Postfix has it: each address and the logins that may use it.
fn login_map(entries: &Entries) -> String {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (login, address) in &entries.logins {
        owners.entry(address.clone()).or_default().insert(login.clone());
    }
    for (address, logins) in &entries.aliases {
        owners.entry(address.clone()).or_default().extend(logins.iter().cloned());
    }
    for delegation in &entries.delegations {
        owners.entry(delegation.address.clone()).or_default().insert(delegation.to.clone());
    }
    for (domain, target) in &entries.alias_domains {
        let at_target =
            |address: &String| address.strip_suffix(&format!("@{target}")).map(|local| format!("{local}@{domain}"));
        let copies: Vec<_> =
            owners.iter().filter_map(|(address, logins)| Some((at_target(address)?, logins.clone()))).collect();
        owners.extend(copies);
    }
    for (domain, logins) in &entries.wildcards {
        owners.entry(domain.clone()).or_default().extend(logins.iter().cloned());
    }
    let line = |(address, logins): (&String, &BTreeSet<String>)| {
        format!("{address} {}\n", logins.iter().cloned().collect::<Vec<_>>().join(","))
    };
    owners.iter().map(line).collect()
}

struct Postfix {
    directory: Folder,
    port: u16,
}

impl Postfix {
    /// `None` if Postfix cannot be started here.
    fn start(entries: &Entries) -> Option<Self> {
        let postfix = find("postfix")?;
        as_root("true")?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let directory = Folder::new("postfix");
        for part in ["conf", "queue", "data"] {
            std::fs::create_dir_all(directory.join(part)).unwrap();
        }
        let this = Self { directory, port };
        let logins = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        this.configure(entries, logins.local_addr().unwrap().port());
        std::thread::spawn(move || say_yes(&logins));
        run(as_root("chown")?.args(["-R", "root"]).arg(this.directory.path()));
        run(as_root("chown")?.arg("postfix").arg(this.directory.join("data")));
        run(as_root(postfix)?.arg("-c").arg(this.directory.join("conf")).arg("start"));
        Some(this)
    }

    fn configure(&self, entries: &Entries, logins: u16) {
        let directory = self.directory.path().display();
        let main = format!(
            "compatibility_level = 3.6\nmyhostname = mx.d.example\nmydestination =\nlocal_recipient_maps =\nalias_maps =\n\
             alias_database =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nqueue_directory = {directory}/queue\n\
             data_directory = {directory}/data\nmaillog_file_prefixes = {directory}\nmaillog_file = {directory}/maillog\n\
             recipient_delimiter = +\nsmtpd_delay_reject = no\nsmtpd_sender_login_maps = texthash:{directory}/conf/logins\n\
             smtpd_sender_restrictions = reject_sender_login_mismatch\nsmtpd_relay_restrictions = permit_mynetworks, reject\n\
             smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = inet:127.0.0.1:{logins}\n\
             smtpd_error_sleep_time = 0\nsmtpd_soft_error_limit = 1000\nsmtpd_hard_error_limit = 1000\n"
        );
        let master = format!(
            "127.0.0.1:{} inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
             rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
             anvil unix - - n - 1 anvil\nproxymap unix - - n - - proxymap\ntlsmgr unix - - n 1000? 1 tlsmgr\n\
             error unix - - n - - error\npickup unix n - n 60 1 pickup\npostlog unix-dgram n - n - 1 postlogd\n",
            self.port
        );
        for (file, text) in [("conf/main.cf", main), ("conf/master.cf", master), ("conf/logins", login_map(entries))] {
            self.directory.file(file, text);
        }
        std::fs::set_permissions(self.directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("maillog")).unwrap_or_default()
    }

    /// What Postfix says to MAIL FROM.
    fn mail_from(&self, login: Option<&str>, address: &str) -> String {
        let mut session = Session::open(self);
        session.command("EHLO client.example");
        if let Some(login) = login {
            let plain = base64(format!("\0{login}\0password").as_bytes());
            let said = session.command(&format!("AUTH PLAIN {plain}"));
            assert!(said.starts_with("235"), "{login}: {said}\n{}", self.log());
        }
        session.command(&format!("MAIL FROM:<{address}>"))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if let Some(mut stop) = find("postfix").and_then(as_root) {
            let _ = stop.arg("-c").arg(self.directory.join("conf")).arg("stop").status();
        }
    }
}

/// The server's side of Dovecot's authentication protocol, version 1: every PLAIN login is right.
fn say_yes(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || {
            let hello = "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n";
            let _ = (&stream).write_all(hello.as_bytes());
            for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                let fields: Vec<&str> = line.split('\t').collect();
                let Some(response) = fields.iter().find_map(|field| field.strip_prefix("resp=")) else { continue };
                let plain = from_base64(response);
                let user = plain.split('\0').nth(1).unwrap_or_default();
                let _ = (&stream).write_all(format!("OK\t{}\tuser={user}\n", fields[1]).as_bytes());
            }
        });
    }
}

struct Session {
    reader: BufReader<TcpStream>,
}

impl Session {
    fn open(postfix: &Postfix) -> Self {
        let stream = connect(postfix.port, "Postfix");
        let mut this = Self { reader: BufReader::new(stream) };
        let greeting = this.reply();
        assert!(greeting.starts_with("220"), "{greeting}\n{}", postfix.log());
        this
    }

    fn command(&mut self, line: &str) -> String {
        self.reader.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.reply()
    }

    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for i in 0..4 {
            let character = char::from(ALPHABET[(bits >> (18 - 6 * i)) as usize & 63]);
            out.push(if i <= three.len() { character } else { '=' });
        }
    }
    out
}

fn from_base64(text: &str) -> String {
    let value = |b: u8| ALPHABET.iter().position(|&letter| letter == b).map(|value| value as u32);
    let mut bytes = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let values: Vec<u32> = four.iter().filter_map(|&b| value(b)).collect();
        let bits = values.iter().enumerate().fold(0, |bits, (i, value)| bits | value << (18 - 6 * i));
        bytes.extend(bits.to_be_bytes()[1..values.len()].iter().copied());
    }
    String::from_utf8(bytes).unwrap()
}

/// Logins and envelope senders; both sides are asked for each pair.
const ADDRESSES: &[&str] = &[
    "alice@d.example",
    "ALICE@D.Example",
    "bob@d.example",
    "info@d.example",
    "info+x@d.example",
    "alice+tag@d.example",
    "bob+news@d.example",
    "bob+other@d.example",
    "alice-tag@d.example",
    "\"alice\"@d.example",
    "alice@alias.example",
    "bob@alias.example",
    "alice+tag@alias.example",
    "boss@d.example",
    "boss@catchall.example",
    "anything@catchall.example",
    "x@sub.catchall.example",
    "nobody@d.example",
    "abuse@d.example",
    "alice@elsewhere.example",
    "alice@d.example.",
    "SRS0=abcd=AA=d.example=alice@d.example",
    "",
];

#[test]
fn postfix_and_the_check_agree_on_mail_from() {
    let entries = entries();
    let directory = Directory::new(&entries).unwrap();
    let Some(postfix) = Postfix::start(&entries) else {
        skipped("Postfix or root is missing");
        return;
    };
    let mut wrong = Vec::new();
    for login in [None, Some("alice@d.example"), Some("bob@d.example"), Some("carol@d.example"), Some("boss@d.example")]
    {
        for address in ADDRESSES {
            let submission = Submission { login, mail_from: Some(address), fields: None };
            let outcome = check(&directory, &submission, |name| name.suffix(2));
            let refused = outcome.findings.iter().any(|found| found.code.as_str().starts_with("mailfrom-"));
            let said = postfix.mail_from(login, address);
            let accepted = said.starts_with("250");
            if accepted == refused {
                let status = outcome.mail_from.map_or(Status::Invalid, |author| author.status);
                wrong.push(format!("{login:?} {address:?}: {status:?}, but Postfix says {said}"));
            }
            if !accepted {
                let bounce = mailproof::bounce::diagnose(&said, &mailproof::bounce::Context::default());
                assert_eq!(bounce.cause, mailproof::bounce::Cause::SenderMismatch, "{said}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), postfix.log());
}
