//! Header fields rewritten as fields: folded, moved, added, removed.

use super::{Kind, kind};
use crate::mail::{Mail, is_named};

pub(super) const KINDS: &[Kind] = &[
    kind("folded otherwise", &[unfolded, folded_at_60, folded_with_tab, commas_folded]),
    kind("space in header fields", &[no_space_after_colon, two_spaces, space_at_the_end]),
    kind("field names written otherwise", &[message_id_capitals, mime_capitals]),
    kind("folded inside a word", &[references_split, address_split]),
    kind("header field added", &[reply_to_added, second_subject, second_from, sender_added, second_date]),
    kind("header field removed", &[mime_version_lost, encoding_lost, in_reply_to_lost, cc_lost, reply_to_lost]),
    kind("header fields reordered", &[comments_swapped]),
];

/// Every field of the author through `change`.
fn each(mail: &Mail, change: impl Fn(&str) -> String) -> Option<Mail> {
    let mut altered = mail.clone();
    for field in &mut altered.fields {
        if !is_named(field, "DKIM-Signature") {
            *field = change(&String::from_utf8(field.clone()).expect("text")).into_bytes();
        }
    }
    (altered != *mail).then_some(altered)
}

pub(super) fn unfolded(mail: &Mail) -> Option<Mail> {
    each(mail, |field| field.trim_end().replace("\r\n", "").replace('\t', " ") + "\r\n")
}

fn folded_at_60(mail: &Mail) -> Option<Mail> {
    let subject = mail.position("Subject")?;
    let text = String::from_utf8(mail.fields[subject].clone()).ok()?.replace("\r\n", "");
    let at = text[..text.len().min(60)].rfind(' ').filter(|_| text.len() > 60)?;
    mail.with_field(subject, format!("{}\r\n {}\r\n", &text[..at], &text[at + 1..]).into_bytes())
}

fn folded_with_tab(mail: &Mail) -> Option<Mail> {
    each(mail, |field| field.replace("\r\n ", "\r\n\t"))
}

fn commas_folded(mail: &Mail) -> Option<Mail> {
    let at = mail.position("To")?;
    let text = String::from_utf8(mail.fields[at].clone()).ok()?;
    mail.with_field(at, text.replace(", ", ",\r\n ").into_bytes())
}

fn of_subject(mail: &Mail, field: impl Fn(&str) -> String) -> Option<Mail> {
    let at = mail.position("Subject")?;
    mail.with_field(at, field(&String::from_utf8(mail.fields[at].clone()).ok()?).into_bytes())
}

fn no_space_after_colon(mail: &Mail) -> Option<Mail> {
    of_subject(mail, |field| field.replacen(": ", ":", 1))
}

fn two_spaces(mail: &Mail) -> Option<Mail> {
    of_subject(mail, |field| field.replacen(": ", ":  ", 1))
}

fn space_at_the_end(mail: &Mail) -> Option<Mail> {
    of_subject(mail, |field| format!("{} \r\n", field.trim_end()))
}

fn named_anew(mail: &Mail, name: &str) -> Option<Mail> {
    let at = mail.position(name)?;
    mail.with_field(at, [name.as_bytes(), &mail.fields[at][name.len()..]].concat())
}

fn message_id_capitals(mail: &Mail) -> Option<Mail> {
    named_anew(mail, "Message-Id")
}

fn mime_capitals(mail: &Mail) -> Option<Mail> {
    named_anew(mail, "Mime-Version")
}

/// Software that folds by columns, and not where RFC 5322 allows it.
fn references_split(mail: &Mail) -> Option<Mail> {
    let value = mail.value("References")?;
    let at = value.len() - 5;
    mail.with("References", &format!("{}\r\n {}", &value[..at], &value[at..]))
}

fn address_split(mail: &Mail) -> Option<Mail> {
    let value = mail.value("To")?;
    mail.with("To", &value.replacen('<', "<\r\n ", 1)).filter(|altered| altered != mail)
}

fn reply_to_added(mail: &Mail) -> Option<Mail> {
    if mail.position("Reply-To").is_some() { None } else { mail.and("Reply-To", "Staff <staff@lists.example>") }
}

fn second_subject(mail: &Mail) -> Option<Mail> {
    mail.and("Subject", "You have won")
}

fn second_from(mail: &Mail) -> Option<Mail> {
    mail.and("From", "Boss <boss@d.example>")
}

fn sender_added(mail: &Mail) -> Option<Mail> {
    mail.and("Sender", "staff-bounces@lists.example")
}

/// Below the one that is signed, as careless software does.
fn second_date(mail: &Mail) -> Option<Mail> {
    let mut altered = mail.clone();
    altered.fields.push(b"Date: Sat, 28 Nov 2026 00:00:00 +0000\r\n".to_vec());
    Some(altered)
}

fn mime_version_lost(mail: &Mail) -> Option<Mail> {
    mail.without("MIME-Version")
}

fn encoding_lost(mail: &Mail) -> Option<Mail> {
    mail.without("Content-Transfer-Encoding")
}

/// `References` still has the value.
fn in_reply_to_lost(mail: &Mail) -> Option<Mail> {
    mail.without("In-Reply-To")
}

/// Nothing else has the value.
fn cc_lost(mail: &Mail) -> Option<Mail> {
    mail.without("Cc")
}

fn reply_to_lost(mail: &Mail) -> Option<Mail> {
    mail.without("Reply-To")
}

fn comments_swapped(mail: &Mail) -> Option<Mail> {
    let lower = mail.position("Comments")?;
    let mut altered = mail.clone();
    altered.fields.swap(lower - 1, lower);
    Some(altered)
}
