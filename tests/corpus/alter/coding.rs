//! Content-transfer-encodings and charsets.

use super::{Kind, kind};
use crate::codec::{base64_lines, from_base64, from_quoted_printable, latin1, quoted_printable, utf8};
use crate::mail::{Mail, find, replaced};

pub(super) const KINDS: &[Kind] = &[
    kind("re-coded to quoted-printable", &[eight_to_quoted, base64_to_quoted, part_to_quoted]),
    kind("re-coded to base64", &[eight_to_base64, quoted_to_base64, part_to_base64]),
    kind("re-coded to 8bit", &[quoted_to_eight, base64_to_eight, part_to_eight, parts_to_eight]),
    kind("base64 in other lines", &[rewrapped_at_64, rewrapped_at_72]),
    kind("digits of quoted-printable", &[lower_digits]),
    kind("charset", &[to_latin1, to_utf8, byte_order_mark]),
];

fn recoded(mail: &Mail, from: &[&str], to: &str, recode: impl Fn(&[u8]) -> Vec<u8>) -> Option<Mail> {
    if mail.is_multipart() || !from.contains(&mail.encoding().as_str()) {
        return None;
    }
    mail.with("Content-Transfer-Encoding", to)?.with_body(recode(&mail.body))
}

pub(super) fn eight_to_quoted(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["8bit"], "quoted-printable", |body| quoted_printable(body, 76))
}

fn base64_to_quoted(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["base64"], "quoted-printable", |body| quoted_printable(&from_base64(body), 76))
}

pub(super) fn eight_to_base64(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["8bit", "7bit"], "base64", |body| base64_lines(body, 76))
}

fn quoted_to_base64(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["quoted-printable"], "base64", |body| base64_lines(&from_quoted_printable(body), 76))
}

fn quoted_to_eight(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["quoted-printable"], "8bit", from_quoted_printable)
}

fn base64_to_eight(mail: &Mail) -> Option<Mail> {
    recoded(mail, &["base64"], "8bit", from_base64)
}

/// The parts that have the encoding `from`: at most `most` of them.
fn in_parts(mail: &Mail, from: &str, to: &str, most: usize, recode: impl Fn(&[u8]) -> Vec<u8>) -> Option<Mail> {
    let boundary = format!("--{}", mail.boundary().filter(|_| find(&mail.body, b"--inner").is_none())?);
    let header = format!("Content-Transfer-Encoding: {from}\r\n");
    let mut out = Vec::new();
    let mut rest = &mail.body[..];
    for _ in 0..most {
        let Some(at) = find(rest, header.as_bytes()) else { break };
        let text = at + find(&rest[at..], b"\r\n\r\n")? + 4;
        // The line end before the boundary belongs to the boundary.
        let end = text + find(&rest[text..], boundary.as_bytes())? - 2;
        out.extend_from_slice(&replaced(&rest[..text], from.as_bytes(), to.as_bytes())?);
        out.extend_from_slice(&recode(&rest[text..end]));
        rest = &rest[end..];
    }
    out.extend_from_slice(rest);
    mail.with_body(out)
}

fn part_to_quoted(mail: &Mail) -> Option<Mail> {
    in_parts(mail, "8bit", "quoted-printable", 1, |text| quoted_printable(text, 76))
}

fn part_to_base64(mail: &Mail) -> Option<Mail> {
    in_parts(mail, "8bit", "base64", 1, |text| {
        let lines = base64_lines(text, 76);
        lines[..lines.len() - 2].to_vec()
    })
}

fn part_to_eight(mail: &Mail) -> Option<Mail> {
    in_parts(mail, "quoted-printable", "8bit", 1, from_quoted_printable)
}

fn parts_to_eight(mail: &Mail) -> Option<Mail> {
    in_parts(mail, "quoted-printable", "8bit", 9, from_quoted_printable)
}

fn rewrapped(mail: &Mail, width: usize) -> Option<Mail> {
    let lines = |text: &[u8]| {
        let lines = base64_lines(&from_base64(text), width);
        lines[..lines.len() - 2].to_vec()
    };
    match mail.encoding().as_str() {
        "base64" => mail.with_body(base64_lines(&from_base64(&mail.body), width)),
        _ => in_parts(mail, "base64", "base64", 1, lines),
    }
}

fn rewrapped_at_64(mail: &Mail) -> Option<Mail> {
    rewrapped(mail, 64)
}

fn rewrapped_at_72(mail: &Mail) -> Option<Mail> {
    rewrapped(mail, 72)
}

fn to_latin1(mail: &Mail) -> Option<Mail> {
    let body = latin1(&mail.body).filter(|body| *body != mail.body && !mail.is_multipart())?;
    mail.with("Content-Type", "text/plain; charset=iso-8859-1")?.with_body(body)
}

fn to_utf8(mail: &Mail) -> Option<Mail> {
    if std::str::from_utf8(&mail.body).is_ok() {
        return None;
    }
    mail.with("Content-Type", "text/plain; charset=utf-8")?.with_body(utf8(&mail.body))
}

fn byte_order_mark(mail: &Mail) -> Option<Mail> {
    if mail.is_multipart() || mail.body.is_ascii() || std::str::from_utf8(&mail.body).is_err() {
        return None;
    }
    mail.with_body([b"\xef\xbb\xbf", &mail.body[..]].concat())
}

/// `=c3` for `=C3`.
fn lower_digits(mail: &Mail) -> Option<Mail> {
    let mut body = mail.body.clone();
    for at in memchr::memchr_iter(b'=', &mail.body) {
        let digits = body.get_mut(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        digits.into_iter().for_each(<[u8]>::make_ascii_lowercase);
    }
    (mail.encoding() == "quoted-printable" && !mail.is_multipart() && body != mail.body).then_some(())?;
    mail.with_body(body)
}
