//! Text put into bodies, and taken out of them.

use super::{Kind, kind};
use crate::codec::from_quoted_printable;
use crate::mail::{Mail, find, replaced};

pub(super) const KINDS: &[Kind] = &[
    kind("footer appended", &[list_footer, group_footer, advertisement]),
    kind("footer as a MIME part", &[footer_part]),
    kind("footer in each MIME part", &[footer_in_each_part, line_in_each_part]),
    kind("wrapped in a multipart with footer", &[wrapped]),
    kind("banner on top", &[banner, long_banner, tag_before_the_text]),
    kind("banner as a MIME part", &[banner_part]),
    kind("banner in each MIME part", &[banner_in_each_part]),
    kind("banner in HTML", &[banner_in_html]),
    kind("disclaimer in HTML", &[disclaimer_in_html, disclaimer_table]),
    kind("tracking image in HTML", &[tracking_image]),
    kind("links rewritten", &[safe_links, url_defense, redirected]),
    kind("preamble lost", &[preamble_lost]),
    kind("attachment stripped", &[attachment_lost, attachment_replaced]),
    kind("truncated", &[half, closing_boundary_lost, last_line_lost, last_octets_lost]),
];

const FOOTER: &str = "_______________________________________________\r\nStaff mailing list -- staff@lists.example\r\n\
    To unsubscribe send an email to staff-leave@lists.example\r\n";

fn appended(mail: &Mail, text: &str) -> Option<Mail> {
    if mail.is_multipart() || mail.encoding() == "base64" {
        return None;
    }
    mail.with_body([&mail.body, text.as_bytes()].concat())
}

pub(super) fn list_footer(mail: &Mail) -> Option<Mail> {
    appended(mail, FOOTER)
}

fn group_footer(mail: &Mail) -> Option<Mail> {
    let text = "\r\n-- \r\nYou received this message because you are subscribed to the group \"Staff\".\r\n\
        To view this discussion visit https://groups.example/d/msgid/staff/7.\r\n";
    appended(mail, text)
}

fn advertisement(mail: &Mail) -> Option<Mail> {
    appended(mail, "\r\n\r\nSent from a free mailbox")
}

fn footer_part(mail: &Mail) -> Option<Mail> {
    let boundary = mail.boundary().filter(|_| mail.value("Content-Type").is_some_and(|v| v.contains("mixed")))?;
    let part = format!(
        "--{boundary}\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\nMIME-Version: 1.0\r\n\
         Content-Transfer-Encoding: 7bit\r\nContent-Disposition: inline\r\n\r\n{FOOTER}\r\n--{boundary}--"
    );
    mail.with_body(replaced(&mail.body, format!("--{boundary}--").as_bytes(), part.as_bytes())?)
}

/// The end of the first part of text: where its boundary line starts.
fn end_of_text_part(mail: &Mail) -> Option<usize> {
    let boundary = if find(&mail.body, b"--inner\r\n").is_some() { "inner".to_owned() } else { mail.boundary()? };
    let line = format!("\r\n--{boundary}");
    let plain = find(&mail.body, b"Content-Type: text/plain")?;
    Some(plain + find(&mail.body[plain..], line.as_bytes())? + 2)
}

fn in_each_part(mail: &Mail, text: &str, html: &str) -> Option<Mail> {
    let at = end_of_text_part(mail)?;
    let (head, rest) = mail.body.split_at(at);
    let rest = replaced(rest, b"</body>", format!("{html}</body>").as_bytes())?;
    mail.with_body([head, text.as_bytes(), &rest].concat())
}

pub(super) fn footer_in_each_part(mail: &Mail) -> Option<Mail> {
    in_each_part(mail, "\r\n____\r\nstaff@lists.example\r\n", "<hr><p>staff@lists.example</p>\r\n")
}

fn line_in_each_part(mail: &Mail) -> Option<Mail> {
    in_each_part(mail, "Scanned by mx.r.example\r\n", "<br>Scanned by <i>mx.r.example</i>")
}

/// What Mailman does with mail that is no multipart.
fn wrapped(mail: &Mail) -> Option<Mail> {
    if mail.value("Content-Type").is_some_and(|value| value.starts_with("multipart/mixed")) {
        return None;
    }
    let boundary = "===============6103817205511370285==";
    let named = |name: &str| mail.value(name).map(|value| format!("{name}: {value}\r\n")).unwrap_or_default();
    let inner = [named("Content-Type"), named("Content-Transfer-Encoding")].concat();
    let head = format!("--{boundary}\r\n{inner}\r\n");
    let tail = format!(
        "\r\n--{boundary}\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\nMIME-Version: 1.0\r\n\
         Content-Transfer-Encoding: 7bit\r\nContent-Disposition: inline\r\n\r\n{FOOTER}\r\n--{boundary}--\r\n"
    );
    let body = [head.as_bytes(), &mail.body, tail.as_bytes()].concat();
    let outer = mail.with("Content-Type", &format!("multipart/mixed; boundary=\"{boundary}\""))?;
    outer.without("Content-Transfer-Encoding").unwrap_or(outer).with_body(body)
}

fn on_top(mail: &Mail, text: &str) -> Option<Mail> {
    if mail.is_multipart() || mail.encoding() == "base64" || find(&mail.body, b"<html").is_some() {
        return None;
    }
    mail.with_body([text.as_bytes(), &mail.body].concat())
}

pub(super) fn banner(mail: &Mail) -> Option<Mail> {
    on_top(mail, "CAUTION: This email originated from outside of the organization.\r\n\r\n")
}

fn long_banner(mail: &Mail) -> Option<Mail> {
    let text = "------------------------------------------------------------------------\r\nThis message came from \
        outside.\r\nDo not follow links,\r\ndo not open attachments,\r\nunless you know the sender.\r\n\r\nReport it: \
        https://r.example/report\r\n------------------------------------------------------------------------\r\n\r\n";
    on_top(mail, text)
}

fn tag_before_the_text(mail: &Mail) -> Option<Mail> {
    on_top(mail, "[External] ")
}

fn banner_part(mail: &Mail) -> Option<Mail> {
    let boundary = mail.boundary().filter(|_| mail.value("Content-Type").is_some_and(|v| v.contains("mixed")))?;
    let delimiter = format!("--{boundary}\r\n");
    let part = format!("{delimiter}Content-Type: text/plain\r\n\r\nCAUTION: external\r\n\r\n{delimiter}");
    mail.with_body(replaced(&mail.body, delimiter.as_bytes(), part.as_bytes())?)
}

fn banner_in_each_part(mail: &Mail) -> Option<Mail> {
    let plain = find(&mail.body, b"Content-Type: text/plain")?;
    let start = plain + find(&mail.body[plain..], b"\r\n\r\n")? + 4;
    let (head, rest) = mail.body.split_at(start);
    let tag = find(rest, b"<body")?;
    let close = tag + find(&rest[tag..], b">")? + 1;
    let html = b"<div style=\"background:#fe9\">CAUTION: external</div>";
    mail.with_body([head, b"CAUTION: external\r\n\r\n", &rest[..close], html, &rest[close..]].concat())
}

fn banner_in_html(mail: &Mail) -> Option<Mail> {
    let tag = find(&mail.body, b"<body")?;
    let close = tag + find(&mail.body[tag..], b">")? + 1;
    let html = b"<div style=\"background:#fe9\"><b>CAUTION:</b> this email came\r\nfrom outside.</div><br>\r\n";
    mail.with_body([&mail.body[..close], html, &mail.body[close..]].concat())
}

pub(super) fn disclaimer_in_html(mail: &Mail) -> Option<Mail> {
    let html = b"<p style=\"font-size:8pt\">This e-mail is confidential.<br>Please delete it if it is not \
        yours.</p></body>";
    mail.with_body(replaced(&mail.body, b"</body>", html)?)
}

fn disclaimer_table(mail: &Mail) -> Option<Mail> {
    let html =
        b"\r\n<table>\r\n<tr><td>Example Ltd</td></tr>\r\n<tr><td>Company No. 7</td></tr>\r\n</table>\r\n</body>";
    mail.with_body(replaced(&mail.body, b"</body>", html)?)
}

fn tracking_image(mail: &Mail) -> Option<Mail> {
    let end = find(&mail.body, b"</body>")?;
    let last = mail.body[..end].iter().rposition(|&byte| byte == b'<')?;
    let image = b"<img src=\"https://t.example/o.gif?m=71\" width=\"1\" height=\"1\">";
    mail.with_body([&mail.body[..last], image, &mail.body[last..]].concat())
}

/// Every link through `rewrite`.
fn links(mail: &Mail, rewrite: impl Fn(&str) -> String) -> Option<Mail> {
    let mut out = Vec::new();
    let mut rest = &mail.body[..];
    while let Some(at) = find(rest, b"https://www.d.example/") {
        let length = rest[at..].iter().position(|b| b" \"\r\n<>".contains(b)).unwrap_or(rest.len() - at);
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(rewrite(&String::from_utf8_lossy(&rest[at..at + length])).as_bytes());
        rest = &rest[at + length..];
    }
    // Links that go on after a soft line break are not seen by these relays, and broken by none of them.
    if from_quoted_printable(&mail.body) != mail.body && mail.encoding() == "quoted-printable" {
        return None;
    }
    out.extend_from_slice(rest);
    mail.with_body(out)
}

fn percent(link: &str) -> String {
    let octet = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    link.bytes().map(octet).collect()
}

fn safe_links(mail: &Mail) -> Option<Mail> {
    links(mail, |link| {
        let data = "05%7C02%7Cbob%40r.example%7C8ad&reserved=0";
        format!("https://eur01.safelinks.protection.example/?url={}&data={data}", percent(link))
    })
}

fn url_defense(mail: &Mail) -> Option<Mail> {
    links(mail, |link| format!("https://urldefense.example/v3/__{link}__;!!Aq7xRw!Fz_01$"))
}

fn redirected(mail: &Mail) -> Option<Mail> {
    links(mail, |link| format!("https://click.r.example/r?k=9f3&u={}", percent(link).to_lowercase()))
}

fn preamble_lost(mail: &Mail) -> Option<Mail> {
    let boundary = mail.boundary()?;
    let start = find(&mail.body, format!("--{boundary}").as_bytes())?;
    mail.with_body(mail.body[start..].to_vec())
}

/// The part of an attachment: from its boundary up to the next.
fn attachment(mail: &Mail) -> Option<(usize, usize)> {
    let boundary = mail.boundary()?;
    let part = find(&mail.body, b"Content-Type: application/")?;
    let start = part - boundary.len() - 4;
    let end = part + find(&mail.body[part..], format!("--{boundary}").as_bytes())?;
    Some((start, end))
}

fn attachment_lost(mail: &Mail) -> Option<Mail> {
    let (start, end) = attachment(mail)?;
    mail.with_body([&mail.body[..start], &mail.body[end..]].concat())
}

fn attachment_replaced(mail: &Mail) -> Option<Mail> {
    let (start, end) = attachment(mail)?;
    let head = start + mail.boundary()?.len() + 4;
    let note = b"Content-Type: text/plain\r\n\r\nAn attachment was removed by r.example.\r\n";
    mail.with_body([&mail.body[..head], note, &mail.body[end..]].concat())
}

fn half(mail: &Mail) -> Option<Mail> {
    let half = &mail.body[..mail.body.len() / 2];
    let end = memchr::memrchr(b'\n', half).map_or(half.len(), |at| at + 1);
    mail.with_body(half[..end].to_vec())
}

fn closing_boundary_lost(mail: &Mail) -> Option<Mail> {
    let end = find(&mail.body, format!("--{}--", mail.boundary()?).as_bytes())?;
    mail.with_body(mail.body[..end].to_vec())
}

fn last_line_lost(mail: &Mail) -> Option<Mail> {
    let body = mail.body.strip_suffix(b"\r\n").filter(|_| !mail.is_multipart())?;
    let end = memchr::memrchr(b'\n', body)? + 1;
    mail.with_body(body[..end].to_vec())
}

/// A length that was counted in other units.
fn last_octets_lost(mail: &Mail) -> Option<Mail> {
    mail.with_body(mail.body[..mail.body.len() - 4].to_vec())
}
