//! A server says that it put the body into another encoding. How it wrote the new one, or the signer the old one, may be a way that
//! no search knows; new boundaries of a multipart are even random, so the old ones cannot be found again.

use super::MAX_FIELDS;
use crate::message::{MAX_HOPS, Message, Received};

/// What sendmail writes: `from 8bit to quoted-printable by mx.d.example id 4711`.
const FIELD: &str = "X-MIME-Autoconverted";

/// Whether a server that the message passed after the signature in field `signed` converted it. The field may stand anywhere in the
/// header, so what tells when it was written is the server's name.
pub(super) fn says_so(message: &Message<'_>, signed: usize) -> bool {
    let body = |at: usize| String::from_utf8_lossy(message.fields()[at].body()).into_owned();
    let servers: Vec<String> =
        message.fields_named(FIELD).take(MAX_FIELDS).filter_map(|at| server(&body(at))).collect();
    // Trace fields are put on top (RFC 5321 §4.4): those above the signature came after it.
    let mut hops = message.fields_named("Received").take(MAX_HOPS).take_while(|&at| at < signed);
    let is_one = |by: &str| servers.iter().any(|server| server.eq_ignore_ascii_case(by));
    !servers.is_empty() && hops.any(|at| Received::parse(&body(at)).by().is_some_and(is_one))
}

/// The server that says so.
fn server(value: &str) -> Option<String> {
    let mut words = value.split_ascii_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("by"));
    words.nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &str) -> bool {
        let text = format!("{header}\r\n\r\n");
        let message = Message::parse(text.as_bytes());
        let signed = message.fields_named("DKIM-Signature").next().unwrap();
        says_so(&message, signed)
    }

    #[test]
    fn a_server_behind_the_signature_converted_it() {
        let received = "Received: from a by relay.d.example (8.18.1) with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000";
        let field = "X-MIME-Autoconverted: from 8bit to quoted-printable by relay.d.example id 4711";
        assert!(told(&format!("{received}\r\nDKIM-Signature: x\r\n{field}")));
        assert!(told(&format!("{field}\r\n{received}\r\nDKIM-Signature: x")));
        // Before it was signed, by somebody else, by nobody.
        assert!(!told(&format!("DKIM-Signature: x\r\n{received}\r\n{field}")));
        assert!(!told(&format!(
            "{received}\r\nDKIM-Signature: x\r\nX-MIME-Autoconverted: from 8bit to 7bit by courier 1.0"
        )));
        assert!(!told(&format!("{received}\r\nDKIM-Signature: x\r\nX-MIME-Autoconverted: by")));
        assert!(!told(&format!("{received}\r\nDKIM-Signature: x")));
    }
}
