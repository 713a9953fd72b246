//! OpenDKIM as a signer: the filter itself, spoken to as mail servers speak to it (the milter protocol of Sendmail).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mailproof::dkim::Canonicalization;

use crate::mail::{Mail, find};
use crate::sign::{Key, Modes};

/// Ed25519 signatures of OpenDKIM 2.11 with simple header canonicalization do not verify; dkimpy says so too.
pub(crate) fn is_able(key: Key, (header, _): Modes) -> bool {
    (key, header) != (Key::Ed25519, Canonicalization::Simple)
}

pub(crate) struct OpenDkim {
    process: Child,
    port: u16,
    configuration: PathBuf,
}

impl OpenDkim {
    /// `None` if it is not installed.
    pub(crate) fn start(key: Key, (header, body): Modes) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
        let program = directories.map(|directory| directory.join("opendkim")).find(|file| file.is_file())?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("a port").port();
        let configuration = std::env::temp_dir().join(format!("mailproof-opendkim-{}-{port}", std::process::id()));
        let text = format!(
            "Mode s\nDomain d.example\nSelector s\nKeyFile {}/{}\nSignatureAlgorithm {}\nCanonicalization {}/{}\n\
             Socket inet:{port}@127.0.0.1\nSyslog no\nRequireSafeKeys no\nOversignHeaders From\n",
            env!("CARGO_MANIFEST_DIR"),
            key.file(),
            key.algorithm(),
            header.as_str(),
            body.as_str(),
        );
        std::fs::write(&configuration, text).expect("a file");
        let mut command = Command::new(program);
        command.arg("-f").arg("-x").arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.spawn().expect("opendkim starts");
        Some(Self { process, port, configuration })
    }

    pub(crate) fn sign(&self, mail: &Mail) -> Mail {
        let mut session = Session::open(self.port);
        // What the filter may do, and that header values keep their first space.
        let options = [6_u32, 0x1ff, 0x10_0000].iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
        let agreed = session.ask(b'O', &options);
        let keeps_space = agreed.get(10).is_some_and(|flags| flags & 0x10 != 0);
        session.go_on(b'C', b"client.d.example\x004\x27\x10127.0.0.1\0");
        session.go_on(b'H', b"client.d.example\0");
        session.go_on(b'M', b"<alice@d.example>\0");
        session.go_on(b'R', b"<bob@r.example>\0");
        for field in &mail.fields {
            let colon = find(field, b":").expect("a field");
            let value = String::from_utf8(field[colon + 1..field.len() - 2].to_vec()).expect("text");
            let value = value.replace("\r\n", "\n");
            let value = if keeps_space { &value } else { value.trim_start_matches(' ') };
            session.go_on(b'L', &[&field[..colon], b"\0", value.as_bytes(), b"\0"].concat());
        }
        session.go_on(b'N', b"");
        for piece in mail.body.chunks(60_000) {
            session.go_on(b'B', piece);
        }
        let mut reply = session.ask(b'E', b"");
        loop {
            // Insert a header field: index, name, value.
            if reply.first() == Some(&b'i') {
                let mut parts = reply[5..].split(|&b| b == 0);
                let (name, value) = (parts.next().expect("a name"), parts.next().expect("a value"));
                let value =
                    String::from_utf8(value.to_vec()).expect("text").replace("\r\n", "\n").replace('\n', "\r\n");
                let space = if value.starts_with(' ') { "" } else { " " };
                let field = [name, b":", space.as_bytes(), value.as_bytes(), b"\r\n"].concat();
                let mut signed = mail.clone();
                signed.fields.insert(0, field);
                return signed;
            }
            assert!(!b"acdrty".contains(&reply[0]), "OpenDKIM signed nothing: {reply:?}");
            reply = session.reply();
        }
    }
}

impl Drop for OpenDkim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.configuration);
    }
}

/// A packet is its length in four octets, a letter, and data.
struct Session(TcpStream);

impl Session {
    fn open(port: u16) -> Self {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
                return Self(stream);
            }
            assert!(Instant::now() < deadline, "OpenDKIM does not answer");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn ask(&mut self, command: u8, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len() + 1).expect("a short packet");
        self.0.write_all(&[&length.to_be_bytes(), &[command][..], data].concat()).expect("OpenDKIM reads");
        self.reply()
    }

    fn go_on(&mut self, command: u8, data: &[u8]) {
        let reply = self.ask(command, data);
        assert_eq!(reply.first(), Some(&b'c'), "OpenDKIM said {reply:?} to {}", char::from(command));
    }

    fn reply(&mut self) -> Vec<u8> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).expect("OpenDKIM answers");
        let mut reply = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut reply).expect("OpenDKIM answers");
        reply
    }
}
