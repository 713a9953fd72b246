//! Messages from a grammar, and what may happen to them on their way.

use arbitrary::{Result, Unstructured};

/// Names of header fields that signers sign, and some that they do not.
const NAMES: &[&str] = &[
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Sender",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "X-Test",
];

/// Values and lines that mean something to somebody.
const WORDS: &[&str] = &[
    "a@d.example",
    "Alice <a@d.example>, \"B, C\" <b@r.example>",
    "[list] Plans",
    "=?utf-8?q?caf=C3=A9?=",
    "Sat, 21 Nov 2026 12:00:05 +0100",
    "<1@d.example>",
    "1.0",
    "text/plain; charset=us-ascii",
    "multipart/mixed; boundary=b",
    "quoted-printable",
    "base64",
    "8bit",
    "--b",
    "--b--",
    "Content-Type: text/html",
    "<p>Hello</p></body></html>",
    "Hello, world",
    "caf=C3=A9",
    "SGVsbG8sIHdvcmxk",
    "From the start",
    "..",
    ".",
    "",
    " ",
    "_______________________________________________",
    "https://www.example.com/?a=1&b=2",
    "trailing \t",
];

/// A message whose lines end in CRLF, from `a@d.example`.
pub fn message(choose: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut out = b"From: Alice <a@d.example>\r\n".to_vec();
    for _ in 0..choose.int_in_range(0..=8)? {
        out.extend_from_slice(choose.choose(NAMES)?.as_bytes());
        out.extend_from_slice(if choose.ratio(1, 8)? { b":" } else { b": " });
        out.extend_from_slice(&words(choose)?);
        for _ in 0..choose.int_in_range(0..=2)? {
            out.extend_from_slice(b"\r\n\t");
            // A line of white space alone would end the header for some.
            out.push(b'x');
            out.extend_from_slice(&words(choose)?);
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    for _ in 0..choose.int_in_range(0..=12)? {
        out.extend_from_slice(&words(choose)?);
        out.extend_from_slice(b"\r\n");
    }
    Ok(out)
}

/// A word that means something, or any octets that end no line.
fn words(choose: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    if choose.ratio(2, 3)? {
        return Ok(choose.choose(WORDS)?.as_bytes().to_vec());
    }
    let length = choose.int_in_range(0..=40)?;
    let octets = choose.bytes(length.min(choose.len()))?;
    Ok(octets.iter().map(|&byte| if matches!(byte, b'\r' | b'\n' | 0) { b'?' } else { byte }).collect())
}

/// What is left of a message after up to three things happened to it.
pub fn altered(choose: &mut Unstructured<'_>, message: &[u8]) -> Result<Vec<u8>> {
    let mut out = message.to_vec();
    for _ in 0..choose.int_in_range(1..=3)? {
        let at = choose.int_in_range(0..=out.len())?;
        let end = (at + choose.int_in_range(0..=80)?).min(out.len());
        match choose.int_in_range(0..=6)? {
            0 => drop(out.drain(at..end)),
            1 => drop(out.splice(at..at, words(choose)?)),
            2 => out.extend([words(choose)?, b"\r\n".to_vec()].concat()),
            3 => drop(out.splice(0..0, [b"X-New: ".to_vec(), words(choose)?, b"\r\n".to_vec()].concat())),
            4 => out[at..end].make_ascii_uppercase(),
            5 => out.retain(|&byte| byte != b'\r'),
            _ => drop(out.splice(at..end, words(choose)?)),
        }
    }
    Ok(out)
}
