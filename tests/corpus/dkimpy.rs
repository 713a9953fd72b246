//! dkimpy as a signer, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::codec::{base64, from_base64};
use crate::mail::Mail;
use crate::sign::{Key, Modes};

/// `None` if it is not installed.
pub(crate) fn sign(jobs: &[(&Mail, Key, Modes)]) -> Option<Vec<Mail>> {
    let installed = Command::new("python3").args(["-c", "import dkim, nacl"]).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return None;
    }
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/dkimpy_signs.py");
    let mut python = Command::new("python3")
        .arg(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = python.stdin.take().expect("a pipe");
    let mut output = BufReader::new(python.stdout.take().expect("a pipe"));
    let mut out = Vec::new();
    for (mail, key, (header, body)) in jobs {
        let private = match key {
            Key::Rsa => key.pem().as_bytes().to_vec(),
            Key::Ed25519 => base64(&key.seed()).into_bytes(),
        };
        let job = json!({
            "key": base64(&private),
            "algorithm": key.algorithm(),
            "header": header.as_str(),
            "body": body.as_str(),
            "message": base64(&mail.bytes()),
        });
        writeln!(input, "{job}").expect("dkimpy reads");
        let mut line = String::new();
        output.read_line(&mut line).expect("dkimpy answers");
        out.push(signed(mail, &from_base64(line.as_bytes())));
    }
    drop(input);
    assert!(python.wait().expect("it ends").success(), "dkimpy failed");
    Some(out)
}

fn signed(mail: &Mail, field: &[u8]) -> Mail {
    assert!(field.starts_with(b"DKIM-Signature:") && field.ends_with(b"\r\n"), "dkimpy signed nothing");
    Mail::parse(&[field, &mail.bytes()].concat())
}
