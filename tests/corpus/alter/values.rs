//! Values of header fields rewritten.

use super::{Kind, kind};
use crate::codec::{base64, from_base64, from_quoted_printable};
use crate::mail::Mail;

pub(super) const KINDS: &[Kind] = &[
    kind("Subject tag", &[tag, spam_mark, external, tag_after_re, mark_at_the_end]),
    kind("Subject tag in an encoded word", &[tag_encoded]),
    kind("From munged", &[munged_reply_to, munged_aside, munged_in_quotes]),
    kind("From tagged", &[from_tag, from_tag_in_quotes, from_suffix]),
    kind("display name re-encoded", &[name_q_to_b, name_b_to_q, name_decoded, name_quoted, name_unquoted]),
    kind("Subject re-encoded", &[subject_q_to_b, subject_decoded, charset_capitals, subject_to_utf8]),
    kind("addresses rewritten", &[names_dropped, domain_capitals, comma_without_space, undisclosed]),
    kind("Date rewritten", &[date_in_utc, date_gmt, date_without_comment, date_on_arrival, date_zone_known]),
    kind("Message-ID replaced", &[id_kept_aside, id_replaced]),
    kind("Content-Type rewritten", &[charset_quoted, charset_unquoted, charset_lower, parameter_dropped]),
    kind("Content-Transfer-Encoding named otherwise", &[encoding_capitals, encoding_seven]),
];

pub(super) fn tag(mail: &Mail) -> Option<Mail> {
    mail.with("Subject", &format!("[Staff] {}", mail.value("Subject")?))
}

fn spam_mark(mail: &Mail) -> Option<Mail> {
    mail.with("Subject", &format!("*****SPAM 7.4***** {}", mail.value("Subject")?))
}

fn external(mail: &Mail) -> Option<Mail> {
    mail.with("Subject", &format!("[EXTERNAL SENDER] {}", mail.value("Subject")?))
}

fn tag_after_re(mail: &Mail) -> Option<Mail> {
    let value = mail.value("Subject")?;
    mail.with("Subject", &format!("Re: [Staff] {}", value.strip_prefix("Re: ")?))
}

fn mark_at_the_end(mail: &Mail) -> Option<Mail> {
    mail.with("Subject", &format!("{} (was: spam)", mail.value("Subject")?))
}

fn tag_encoded(mail: &Mail) -> Option<Mail> {
    let value = mail.value("Subject")?;
    let (charset, text) = word(&value)?;
    mail.with("Subject", &q(&charset, &[b"[Staff] ", &text[..]].concat()))
}

pub(super) fn munged_reply_to(mail: &Mail) -> Option<Mail> {
    let from = mail.value("From")?;
    let munged = mail.with("From", &format!("{} via Staff <staff@lists.example>", name(&from)?))?;
    match munged.value("Reply-To") {
        Some(_) => munged.and("Cc", &from),
        None => munged.and("Reply-To", &from),
    }
}

fn from_tag(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| Some(format!("[EXT] {name}")))
}

fn from_tag_in_quotes(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| (!name.contains('"')).then(|| format!("\"[EXTERNAL] {name}\"")))
}

fn from_suffix(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| (!name.contains('"')).then(|| format!("\"{name} (External)\"")))
}

fn munged_aside(mail: &Mail) -> Option<Mail> {
    let from = mail.value("From")?;
    let munged = mail.with("From", &format!("{} via Staff <staff@lists.example>", name(&from)?))?;
    munged.and("X-Original-From", &from)
}

fn munged_in_quotes(mail: &Mail) -> Option<Mail> {
    let from = mail.value("From")?;
    let munged =
        mail.with("From", &format!("\"'{}' via Staff\" <staff@lists.example>", name(&from)?.trim_matches('"')))?;
    munged.and("X-Original-Sender", address(&from)?)
}

fn name(from: &str) -> Option<&str> {
    from.split_once(" <").map(|(name, _)| name)
}

fn address(from: &str) -> Option<&str> {
    from.split_once('<')?.1.strip_suffix('>')
}

/// The charset and the octets of a value that is one encoded word.
fn word(value: &str) -> Option<(String, Vec<u8>)> {
    let parts: Vec<&str> = value.strip_prefix("=?")?.strip_suffix("?=")?.split('?').collect();
    let [charset, encoding, text] = parts[..] else { return None };
    let octets = match encoding {
        "q" | "Q" => from_quoted_printable(text.replace('_', " ").as_bytes()),
        _ => from_base64(text.as_bytes()),
    };
    Some((charset.to_owned(), octets))
}

fn q(charset: &str, octets: &[u8]) -> String {
    let octet = |&byte: &u8| match byte {
        b' ' => "_".to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("={byte:02X}"),
    };
    format!("=?{charset}?q?{}?=", octets.iter().map(octet).collect::<String>())
}

fn b(charset: &str, octets: &[u8]) -> String {
    format!("=?{charset}?b?{}?=", base64(octets))
}

fn renamed(mail: &Mail, rename: impl Fn(&str) -> Option<String>) -> Option<Mail> {
    let from = mail.value("From")?;
    let name = name(&from)?;
    mail.with("From", &from.replacen(name, &rename(name)?, 1))
}

fn name_q_to_b(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| {
        let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
        let (charset, octets) = word(first)?;
        Some(format!("{} {rest}", b(&charset, &octets)).trim_end().to_owned())
    })
}

fn name_b_to_q(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| word(name).map(|(_, octets)| q("utf-8", &octets)))
}

fn name_decoded(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| String::from_utf8(word(name)?.1).ok())
}

fn name_quoted(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| (!name.contains(['"', '='])).then(|| format!("\"{name}\"")))
}

fn name_unquoted(mail: &Mail) -> Option<Mail> {
    renamed(mail, |name| name.strip_prefix('"').map(|name| name.replace('"', "")))
}

fn subject(mail: &Mail, rewrite: impl Fn(&str, &[u8]) -> Option<String>) -> Option<Mail> {
    let (charset, octets) = word(&mail.value("Subject")?)?;
    mail.with("Subject", &rewrite(&charset, &octets)?)
}

fn subject_q_to_b(mail: &Mail) -> Option<Mail> {
    subject(mail, |charset, octets| Some(b(charset, octets)))
}

fn subject_decoded(mail: &Mail) -> Option<Mail> {
    subject(mail, |_, octets| String::from_utf8(octets.to_vec()).ok())
}

fn charset_capitals(mail: &Mail) -> Option<Mail> {
    let value = mail.value("Subject")?;
    mail.with("Subject", &value.replace("utf-8?q", "UTF-8?Q").replace("iso-8859-1?q", "ISO-8859-1?Q"))
}

fn subject_to_utf8(mail: &Mail) -> Option<Mail> {
    subject(mail, |charset, octets| (charset == "iso-8859-1").then(|| q("utf-8", &crate::codec::utf8(octets))))
}

fn names_dropped(mail: &Mail) -> Option<Mail> {
    let to = mail.value("To").filter(|to| !to.contains(','))?;
    mail.with("To", address(&to)?)?.and("Delivered-To", address(&to)?)
}

fn domain_capitals(mail: &Mail) -> Option<Mail> {
    mail.with("To", &mail.value("To")?.replace("@r.example", "@R.EXAMPLE"))
}

fn comma_without_space(mail: &Mail) -> Option<Mail> {
    mail.with("To", &mail.value("To")?.replace(", ", ","))
}

fn undisclosed(mail: &Mail) -> Option<Mail> {
    let to = mail.value("To")?;
    mail.with("To", "undisclosed-recipients:;")?.and("X-Original-To", address(&to).unwrap_or(&to))
}

fn date_in_utc(mail: &Mail) -> Option<Mail> {
    Some(mail.value("Date")?).filter(|date| date.contains("12:00:05 +0100"))?;
    mail.with("Date", "Sat, 21 Nov 2026 11:00:05 +0000")
}

fn date_gmt(mail: &Mail) -> Option<Mail> {
    let date = mail.value("Date")?;
    mail.with("Date", &date.strip_suffix("+0000").map(|date| format!("{date}GMT"))?)
}

fn date_without_comment(mail: &Mail) -> Option<Mail> {
    let date = mail.value("Date")?;
    mail.with("Date", date.split_once(" (")?.0)
}

/// `-0000` says that nobody knows the zone (RFC 5322 §3.3).
fn date_zone_known(mail: &Mail) -> Option<Mail> {
    let value = mail.value("Date")?;
    mail.with("Date", &value.replace("-0000", "+0000")).filter(|_| value.contains("-0000"))
}

/// The relay's own clock, some minutes later.
fn date_on_arrival(mail: &Mail) -> Option<Mail> {
    let date = mail.value("Date")?;
    let colon = date.find(':')? + 1;
    let minute: u32 = date[colon..colon + 2].parse().ok().filter(|minute| *minute < 56)?;
    mail.with("Date", &format!("{}{:02}:33{}", &date[..colon], minute + 3, &date[colon + 5..]))
}

fn id_kept_aside(mail: &Mail) -> Option<Mail> {
    let id = mail.value("Message-ID")?;
    mail.with("Message-ID", "<0100019.7@gateway.example>")?.and("X-Original-Message-ID", &id)
}

/// Nothing else has the old one.
fn id_replaced(mail: &Mail) -> Option<Mail> {
    mail.with("Message-ID", "<0100019.7@gateway.example>")
}

fn charset_quoted(mail: &Mail) -> Option<Mail> {
    let value = mail.value("Content-Type").filter(|value| !value.contains('"'))?;
    let (head, charset) = value.split_once("charset=")?;
    let (charset, rest) = charset.split_at(charset.find(';').unwrap_or(charset.len()));
    mail.with("Content-Type", &format!("{head}charset=\"{charset}\"{rest}"))
}

fn charset_unquoted(mail: &Mail) -> Option<Mail> {
    mail.with("Content-Type", &mail.value("Content-Type")?.replace('"', ""))
}

fn charset_lower(mail: &Mail) -> Option<Mail> {
    mail.with("Content-Type", &mail.value("Content-Type")?.replace("UTF-8", "utf-8").replace("utf-8", "UTF-8"))
}

fn parameter_dropped(mail: &Mail) -> Option<Mail> {
    mail.with("Content-Type", mail.value("Content-Type")?.strip_suffix("; format=flowed")?)
}

fn encoding_capitals(mail: &Mail) -> Option<Mail> {
    mail.with("Content-Transfer-Encoding", &mail.value("Content-Transfer-Encoding")?.to_uppercase())
}

/// Text without an octet above 127 may be named so by whoever sends it on.
fn encoding_seven(mail: &Mail) -> Option<Mail> {
    mail.value("Content-Transfer-Encoding").filter(|value| value == "8bit")?;
    mail.with("Content-Transfer-Encoding", "7bit")
}
