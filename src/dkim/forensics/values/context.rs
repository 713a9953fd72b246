//! What the rest of a message knows about values that went lost.

use super::unfolded;
use crate::message::Message;

/// What the rest of the message knows about the values that went lost.
#[derive(Default)]
pub(in crate::dkim::forensics) struct Context {
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
    pub(in crate::dkim::forensics) fn of(message: &Message<'_>) -> Self {
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
    fields.map(|field| (String::from_utf8_lossy(field.name()).to_ascii_lowercase(), unfolded(field.body()))).collect()
}
