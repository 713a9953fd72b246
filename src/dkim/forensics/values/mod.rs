//! What a header field may have said before a relay changed it: values to try, the likeliest first.

mod addresses;
mod content_type;
mod context;
mod date;
mod subject;
mod words;

use addresses::{address_of, addresses};
use content_type::content_type;
pub(super) use context::Context;
use subject::subject;
use words::words;

use crate::order::distinct_by;

/// As relaxed canonicalization leaves it.
pub(super) fn unfolded(body: &[u8]) -> String {
    let mut out = Vec::with_capacity(body.len());
    crate::dkim::canonical::unfolded(body, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Values that the field `name` (in lower case) may have had; `value` is the one it has, unfolded.
pub(super) fn originals(name: &str, value: &str, context: &Context) -> Vec<String> {
    let mut out = Vec::new();
    if value.len() > MAX_VALUE {
        return out;
    }
    match name {
        "subject" | "thread-topic" => {
            subject::encoded_words_alone(value, &mut out);
            if !subject::is_tagged(value) {
                words(value, &mut out);
            }
            subject(value, &mut out)
        }
        "from" | "sender" | "reply-to" | "to" | "cc" | "resent-from" | "resent-to" => {
            addresses(value, context, &mut out)
        }
        "date" => out.extend(date::rewritten(value)),
        "message-id" | "references" | "in-reply-to" => out.extend(context.message_ids.iter().cloned()),
        "content-type" => content_type(value, context, &mut out),
        "content-transfer-encoding" => encodings(&mut out),
        "mime-version" => mime_versions(&mut out),
        _ => {}
    }
    words(value, &mut out);
    if name != "subject" {
        quoting(value, &mut out);
    }
    spaces(value, &mut out);
    cases(value, &mut out);
    if value.is_empty() {
        // What an emptied field said stands where that of a removed one does.
        out.extend(removed(name, context));
    }
    distinct(out, value)
}

/// The same date at other moments: relays that write their own clock are some minutes late.
pub(super) fn moments(name: &str, value: &str) -> Vec<String> {
    if name == "date" { date::earlier(value) } else { Vec::new() }
}

/// Values for a field that is not there any more.
pub(super) fn removed(name: &str, context: &Context) -> Vec<String> {
    let inner = context.inner.iter().filter(|(inner, _)| inner == name);
    let mut out: Vec<String> = inner.map(|(_, value)| value.clone()).collect();
    match name {
        "from" | "sender" | "reply-to" | "to" | "cc" | "resent-from" | "resent-to" => {
            for value in &context.addresses {
                out.push(value.clone());
                out.extend(address_of(value).map(|address| address.to_owned()));
                out.extend(address_of(value).map(|address| format!("<{address}>")));
            }
            out.push("undisclosed-recipients:;".to_owned());
        }
        "message-id" => out.extend(context.message_ids.iter().cloned()),
        "references" | "in-reply-to" => out.extend(context.references.iter().cloned()),
        "content-type" => content_type("", context, &mut out),
        "content-transfer-encoding" => encodings(&mut out),
        "mime-version" => mime_versions(&mut out),
        _ => {}
    }
    distinct(out, "")
}

/// Each once, in order, bounded.
fn distinct(mut values: Vec<String>, without: &str) -> Vec<String> {
    values.retain(|value| value != without);
    distinct_by(&mut values, Ord::cmp);
    values.truncate(MAX_ORIGINALS);
    values
}

/// Octets of a value that is varied: each variation is a copy.
const MAX_VALUE: usize = 4_000;

/// Values tried for one field.
const MAX_ORIGINALS: usize = 1_500;

fn encodings(out: &mut Vec<String>) {
    for encoding in ["8bit", "7bit", "quoted-printable", "base64", "binary"] {
        out.push(encoding.to_owned());
        out.push(encoding.to_ascii_uppercase());
    }
    out.extend(["Quoted-Printable", "Quoted-printable", "8Bit", "7Bit", "Base64"].map(str::to_owned));
}

fn mime_versions(out: &mut Vec<String>) {
    out.extend(["1.0", "1.0 (produced by MetaSend Vx.x)", "1.0 (Mac OS X Mail 16.0)", "1"].map(str::to_owned));
}

/// Quotation marks added or lost.
fn quoting(value: &str, out: &mut Vec<String>) {
    if value.contains('"') {
        out.push(value.replace('"', ""));
        out.push(value.replace("\\\"", "\""));
    } else if let Some((name, rest)) = value.rsplit_once(" <") {
        out.push(format!("\"{name}\" <{rest}"));
    }
    if let Some(inner) = value.strip_prefix('<').and_then(|value| value.strip_suffix('>')) {
        out.push(inner.to_owned());
    } else if value.contains('@') && !value.contains(['<', ' ']) {
        out.push(format!("<{value}>"));
    }
}

/// A space more or less: what folding inside a long word leaves in relaxed form.
fn spaces(value: &str, out: &mut Vec<String>) {
    for (at, _) in value.match_indices(' ').take(60) {
        out.push(format!("{}{}", &value[..at], &value[at + 1..]));
    }
    for (at, mark) in value.match_indices([',', ';', ':', '>']).take(60) {
        let after = at + mark.len();
        if after < value.len() && !value[after..].starts_with(' ') {
            out.push(format!("{} {}", &value[..after], &value[after..]));
        }
    }
    for mark in [",", ";"] {
        out.push(value.replace(&format!("{mark} "), mark));
        out.push(value.replace(&format!("{mark} "), mark).replace(mark, &format!("{mark} ")));
    }
}

fn cases(value: &str, out: &mut Vec<String>) {
    out.push(value.to_ascii_lowercase());
    out.push(value.to_ascii_uppercase());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    fn has(name: &str, value: &str, more: &str, original: &str) -> bool {
        let text = format!("{more}\r\n\r\n");
        let context = Context::of(&Message::parse(text.as_bytes()));
        originals(name, value, &context).iter().any(|found| found == original)
    }

    #[test]
    fn what_relays_make() {
        assert!(has("subject", "[list] Re: hello", "", "Re: hello"));
        assert!(has("subject", "Re: [list] hello", "", "Re: hello"));
        assert!(has("subject", "***SPAM*** hello you", "", "hello you"));
        assert!(has("subject", "[l] =?utf-8?q?=C3=BC_x?=", "", "=?utf-8?q?=C3=BC_x?="));
        assert!(has("subject", "=?utf-8?q?=5Bl=5D_=C3=BC?=", "", "=?utf-8?q?=C3=BC?="));
        let munged = "Reply-To: Alice <alice@d.example>";
        assert!(has("from", "Alice via List <list@l.example>", munged, "Alice <alice@d.example>"));
        assert!(has(
            "from",
            "'Alice A' via List <list@l.example>",
            "Reply-To: alice@d.example",
            "\"Alice A\" <alice@d.example>"
        ));
        for tagged in
            ["[EXT] Ann Lee", "\"[EXTERNAL] Ann Lee\"", "\"Ann Lee (External)\"", "*EXT* Ann Lee", "Extern: Ann Lee"]
        {
            assert!(has("from", &format!("{tagged} <a@d.example>"), "", "Ann Lee <a@d.example>"), "{tagged}");
        }
        assert!(has("from", "\"Dubois, Lea\" <l@d.example>", "", "Dubois, Lea <l@d.example>"));
        assert!(has("from", "=?utf-8?q?Zo=C3=A9?= <z@d.example>", "", "Zoé <z@d.example>"));
        assert!(has("from", "a@d.example", "Return-Path: <A@D.example>", "A@D.example"));
        assert!(has("content-type", "text/plain; charset=\"UTF-8\"", "", "text/plain; charset=utf-8"));
        assert!(has("message-id", "<2@r.example>", "X-Original-Message-ID: <1@d.example>", "<1@d.example>"));
        assert!(has("references", "<1@d.example> <2@d .example>", "", "<1@d.example> <2@d.example>"));
    }

    proptest::proptest! {
        #[test]
        fn any_value(value in "(=\\?utf-8\\?[qb]\\?|\\?=|[ -~]{0,6}|<|>|@|\"|é|, ){0,12}") {
            for name in ["subject", "from", "content-type", "date", "x"] {
                assert!(originals(name, &value, &Context::default()).len() <= MAX_ORIGINALS);
            }
        }
    }
}
