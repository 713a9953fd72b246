//! What a header field may have said before a relay changed it: values to try, the likeliest first.

use super::date;
use super::words::{decoded, encoded, words};
use crate::message::Message;

/// What the rest of the message knows about the values that went lost.
#[derive(Default)]
pub(super) struct Context {
    /// Values of address fields that relays put aside, and of the other address fields.
    pub(super) addresses: Vec<String>,
    /// Everything that looks like a Message-ID.
    pub(super) message_ids: Vec<String>,
    /// Name in lower case and value of fields that stand in the first part of a multipart.
    pub(super) inner: Vec<(String, String)>,
    /// Values in `References`, for In-Reply-To, and the other way round.
    pub(super) references: Vec<String>,
}

/// Where relays put the original From or Reply-To.
const PUT_ASIDE: &[&str] = &[
    "Reply-To",
    "X-Original-From",
    "Original-From",
    "X-Original-Sender",
    "X-Google-Original-From",
    "X-Envelope-From",
    "X-MailFrom",
    "X-Sender",
    "Sender",
    "Return-Path",
    "Cc",
    "From",
    "To",
    "X-Original-To",
    "Delivered-To",
    "X-Original-Reply-To",
    "Mail-Reply-To",
    "Resent-From",
];

/// Values kept of one kind.
const MAX_VALUES: usize = 24;

impl Context {
    pub(super) fn of(message: &Message<'_>) -> Self {
        let mut context = Self::default();
        for name in PUT_ASIDE {
            for at in message.fields_named(name).take(2) {
                add(&mut context.addresses, unfolded(message.fields()[at].body()));
            }
        }
        for field in message.fields() {
            if context.message_ids.len() < MAX_VALUES && !field.is(b"Received") {
                let value = unfolded(field.body());
                for part in value.split('<').skip(1) {
                    if let Some((id, _)) = part.split_once('>').filter(|(id, _)| id.contains('@')) {
                        add(&mut context.message_ids, format!("<{id}>"));
                    }
                }
            }
        }
        for name in ["References", "In-Reply-To"] {
            for at in message.fields_named(name).take(1) {
                let value = unfolded(message.fields()[at].body());
                if let Some(last) = value.split_ascii_whitespace().last() {
                    add(&mut context.references, last.to_owned());
                }
                add(&mut context.references, value);
            }
        }
        context.inner = inner_fields(message.body());
        context
    }
}

fn add(values: &mut Vec<String>, value: String) {
    if !value.is_empty() && value.len() < 2_000 && !values.contains(&value) && values.len() < MAX_VALUES {
        values.push(value);
    }
}

/// The header of the first part, if the body starts with a boundary.
fn inner_fields(body: &[u8]) -> Vec<(String, String)> {
    let body = &body[..body.len().min(4_000)];
    let start = memchr::memmem::find(body, b"--").filter(|&at| at < 400 && (at == 0 || body[at - 1] == b'\n'));
    let Some(start) = start else { return Vec::new() };
    let Some(line) = memchr::memchr(b'\n', &body[start..]) else { return Vec::new() };
    let part = Message::parse(&body[start + line + 1..]);
    let fields = part.fields().iter().take(MAX_VALUES);
    fields.map(|field| (String::from_utf8_lossy(field.name()).to_lowercase(), unfolded(field.body()))).collect()
}

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
        "subject" | "thread-topic" => subject(value, &mut out),
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
    quoting(value, &mut out);
    spaces(value, &mut out);
    cases(value, &mut out);
    distinct(out, value)
}

/// Values for a field that is not there any more.
pub(super) fn removed(name: &str, context: &Context) -> Vec<String> {
    let mut out = Vec::new();
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
    out.extend(context.inner.iter().filter(|(inner, _)| inner == name).map(|(_, value)| value.clone()));
    distinct(out, "")
}

/// Each once, in order, bounded.
fn distinct(values: Vec<String>, without: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| value != without && seen.insert(value.clone())).take(MAX_ORIGINALS).collect()
}

/// Octets of a value that is varied: each variation is a copy.
const MAX_VALUE: usize = 4_000;

/// Values tried for one field.
const MAX_ORIGINALS: usize = 1_500;

/// Tags of lists, spam filters and gateways: anything between two words may have been put in.
fn subject(value: &str, out: &mut Vec<String>) {
    let bounds = boundaries(value);
    // At the start, then after `Re: `, then at the end, then anywhere.
    for &to in bounds.iter().skip(1) {
        out.push(value[to..].to_owned());
    }
    if let Some(colon) = value.find(": ").filter(|&colon| colon < 8) {
        for &to in bounds.iter().filter(|&&to| to > colon + 2) {
            out.push(format!("{}{}", &value[..colon + 2], &value[to..]));
            // `[tag] Re: x` may have been `Re: [tag] x`, and the other way round.
            out.push(format!("{}{}{}", &value[colon + 2..to], &value[..colon + 2], &value[to..]));
        }
    }
    for &from in bounds.iter().rev() {
        out.push(value[..from].trim_end().to_owned());
    }
    for (i, &from) in bounds.iter().enumerate() {
        for &to in &bounds[i + 1..] {
            out.push(format!("{}{}", &value[..from], &value[to..]));
        }
    }
    // A tag inside an encoded word: decoded, shortened, encoded again.
    if let Some(decoded) = decoded(value) {
        for to in boundaries(&decoded).into_iter().skip(1) {
            out.push(decoded[to..].to_owned());
            encoded(&decoded[to..], out);
        }
    }
    if !value.is_ascii() {
        for &to in &bounds {
            encoded(&value[to..], out);
        }
    }
}

/// Where words start: 0, and after each space; at most 24.
fn boundaries(value: &str) -> Vec<usize> {
    let spaces = value.match_indices(' ').map(|(at, _)| at + 1);
    [0].into_iter().chain(spaces).chain([value.len()]).take(24).collect()
}

/// The display name and address of mailboxes, munged, quoted or not.
fn addresses(value: &str, context: &Context, out: &mut Vec<String>) {
    let name = display_name(value).unwrap_or_default();
    // "Alice via List", "Alice (via List)", "'Alice' via List": what mailing lists make of From.
    let plain = unquoted(name);
    let person = [" via ", " (via ", " on behalf of ", " - "].iter().find_map(|via| plain.split_once(via));
    let person = person.map(|(person, _)| person.trim().trim_matches('\'')).unwrap_or(plain.as_str());
    out.extend(context.addresses.iter().cloned());
    for other in &context.addresses {
        let Some(address) = address_of(other) else { continue };
        out.push(address.to_owned());
        out.push(format!("<{address}>"));
        for name in [person, display_name(other).map(unquoted).as_deref().unwrap_or_default()] {
            if !name.is_empty() {
                out.push(format!("{name} <{address}>"));
                out.push(format!("\"{name}\" <{address}>"));
                if !name.is_ascii() {
                    let mut words = Vec::new();
                    encoded(name, &mut words);
                    out.extend(words.into_iter().map(|word| format!("{word} <{address}>")));
                }
            }
        }
    }
    if let Some(address) = address_of(value) {
        for name in [person, plain.as_str()] {
            if name.is_empty() {
                continue;
            }
            out.push(format!("{name} <{address}>"));
            out.push(format!("\"{name}\" <{address}>"));
            out.push(format!("{address} ({name})"));
            let mut words = Vec::new();
            encoded(decoded(name).as_deref().unwrap_or(name), &mut words);
            words.extend(decoded(name));
            for word in words {
                out.push(format!("{word} <{address}>"));
                out.push(format!("\"{word}\" <{address}>"));
            }
        }
        out.push(address.to_owned());
        out.push(format!("<{address}>"));
        // The address in the letters that it has elsewhere.
        for other in context.addresses.iter().filter_map(|other| address_of(other)) {
            if other.eq_ignore_ascii_case(address) {
                out.push(value.replace(address, other));
            }
        }
        if let Some((local, domain)) = address.rsplit_once('@') {
            let capital = |text: &str| text.get(..1).map_or(String::new(), |first| first.to_uppercase() + &text[1..]);
            for changed in [
                format!("{local}@{}", domain.to_uppercase()),
                format!("{local}@{}", capital(domain)),
                format!("{}@{domain}", capital(local)),
                format!("{}@{}", capital(local), capital(domain)),
                address.to_uppercase(),
                address.to_lowercase(),
            ] {
                out.push(value.replace(address, &changed));
            }
        }
    }
    // One mailbox more than there was, or other separators.
    let list: Vec<&str> = value.split(',').map(str::trim).collect();
    if list.len() > 1 {
        for at in 0..list.len().min(24) {
            let others = list.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, mailbox)| *mailbox);
            out.push(others.collect::<Vec<_>>().join(", "));
        }
        out.push(list.join(", "));
        out.push(list.join(","));
    }
}

fn display_name(value: &str) -> Option<&str> {
    value.rsplit_once('<').map(|(name, _)| name.trim())
}

fn unquoted(name: &str) -> String {
    name.trim_matches('"').replace("\\\"", "\"")
}

/// The last addr-spec in a value.
fn address_of(value: &str) -> Option<&str> {
    let address = match value.rsplit_once('<') {
        Some((_, rest)) => rest.split_once('>')?.0,
        None => value.split([' ', ',', ';']).find(|word| word.contains('@'))?,
    };
    address.contains('@').then_some(address)
}

fn content_type(value: &str, context: &Context, out: &mut Vec<String>) {
    out.extend(context.inner.iter().filter(|(name, _)| name == "content-type").map(|(_, value)| value.clone()));
    for value in [value]
        .into_iter()
        .chain(context.inner.iter().filter(|(name, _)| name == "content-type").map(|(_, v)| v.as_str()))
    {
        let parts: Vec<&str> = value.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
        let Some((media, parameters)) = parts.split_first() else { continue };
        for separator in ["; ", ";"] {
            let join = |parameters: &[String]| {
                [(*media).to_owned()].iter().chain(parameters).cloned().collect::<Vec<_>>().join(separator)
            };
            let with = |change: fn(&str) -> String| parameters.iter().map(|p| change(p)).collect::<Vec<_>>();
            for parameters in [
                with(str::to_owned),
                with(|p| p.replace('"', "")),
                with(quote_value),
                with(|p| p.to_lowercase()),
                with(upper_value),
                with(|p| upper_value(&p.replace('"', ""))),
                with(|p| quote_value(&upper_value(&p.replace('"', "")))),
            ] {
                out.push(join(&parameters));
                out.push(join(&parameters).to_lowercase());
                out.push(join(&parameters.iter().rev().cloned().collect::<Vec<_>>()));
                for at in 0..parameters.len() {
                    let mut fewer = parameters.clone();
                    fewer.remove(at);
                    out.push(join(&fewer));
                }
                for more in
                    ["format=flowed", "charset=utf-8", "charset=\"utf-8\"", "charset=us-ascii", "charset=\"us-ascii\""]
                {
                    let mut parameters = parameters.clone();
                    parameters.push(more.to_owned());
                    out.push(join(&parameters));
                }
            }
        }
        out.push((*media).to_owned());
    }
    for media in ["text/plain", "text/html"] {
        out.push(media.to_owned());
        for charset in CHARSETS {
            out.push(format!("{media}; charset={charset}"));
            out.push(format!("{media}; charset=\"{charset}\""));
            out.push(format!("{media}; charset={charset}; format=flowed"));
            out.push(format!("{media}; charset=\"{charset}\"; format=flowed"));
        }
    }
}

const CHARSETS: &[&str] =
    &["utf-8", "UTF-8", "us-ascii", "US-ASCII", "iso-8859-1", "ISO-8859-1", "windows-1252", "iso-8859-15"];

fn quote_value(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if !value.contains('"') => format!("{name}=\"{value}\""),
        _ => parameter.to_owned(),
    }
}

fn upper_value(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => format!("{name}={}", value.to_uppercase()),
        _ => parameter.to_owned(),
    }
}

fn encodings(out: &mut Vec<String>) {
    for encoding in ["8bit", "7bit", "quoted-printable", "base64", "binary"] {
        out.push(encoding.to_owned());
        out.push(encoding.to_uppercase());
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
    out.push(value.to_lowercase());
    out.push(value.to_uppercase());
}

#[cfg(test)]
mod tests {
    use super::*;

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
