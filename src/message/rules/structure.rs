//! Fields that are there twice or not at all, and those that speak of another sender.

use crate::Name;
use crate::finding::{Effect, Evidence, Findings, Label, rules};
use crate::message::lint::Context;
use crate::message::{AddressList, parse_date};
use crate::text::Span;

rules! {
    /// # Sender is at another domain than From
    ///
    /// Some mail programs show "x on behalf of y". DMARC looks at From only, so Sender can neither help nor harm; some old
    /// programs check or show Sender in the place of From.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// Sender: b@esp.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Sender: bob@d.example
    /// ```
    SENDER = "sender-differs-from", Note, Ok, ["RFC 5322 §3.6.2", "RFC 9989 §5.3.1"],
        "Sender is at `{sender}` and From at `{author}`: DMARC looks at From";

    /// # The message was sent again by somebody
    ///
    /// Resent-* fields are for the information of people (RFC 5322 §3.6.6): they say who passed the message on, and verifiers
    /// ignore them. Old Sender ID checks looked there for the author.
    ///
    /// ```message bad
    /// Resent-From: carol@e.example
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// ```
    RESENT = "resent-headers", Note, Ok, ["RFC 5322 §3.6.6"],
        "`{field}` says who passed the message on; only From is its author";

    /// # A field that may stand once stands several times
    ///
    /// One program shows the first and another the last, and a signature covers only one of them. Some receivers refuse such
    /// a message. Sign the field once more than it occurs in `h=`, so that none can be added.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// Subject: a
    /// Subject: b
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Subject: a
    /// ```
    DUPLICATE = "duplicate-unique-header", Warning, Differs, ["RFC 5322 §3.6"],
        "the message has {count} `{field}` fields, and one is allowed";

    /// # There is no Message-ID
    ///
    /// Every message should have one (RFC 5322 §3.6.4). Receivers count its lack as a sign of spam, and Gmail refuses some
    /// messages without it.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Message-ID: <1@d.example>
    /// ```
    NO_MESSAGE_ID = "message-id-missing", Warning, Ok, ["RFC 5322 §3.6.4"], "the message has no Message-ID field";

    /// # The Message-ID is of another domain than From
    ///
    /// The program that made the message wrote the name of its host, so this often names the service or the server that was
    /// really used. It may be anything: no verifier looks at it.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// Message-ID: <1@host.evil.example>
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Message-ID: <1@mail.d.example>
    /// ```
    MESSAGE_ID_DOMAIN = "message-id-domain-mismatch", Note, Ok, ["RFC 5322 §3.6.4"],
        "the Message-ID is of `{domain}`, and From of `{author}`";

    /// # There is no Date
    ///
    /// Date and From are the two fields that every message must have (RFC 5322 §3.6). A date that cannot be read counts as
    /// none.
    ///
    /// ```message bad
    /// From: alice@d.example
    /// ```
    ///
    /// ```message good
    /// From: alice@d.example
    /// Date: Thu, 1 Jan 2026 10:00:00 +0000
    /// ```
    NO_DATE = "date-missing", Warning, Ok, ["RFC 5322 §3.6.1"], "the message has no Date field{why}";

    /// # Date is far from the time at which the message came
    ///
    /// The clock of the sender was wrong, the message waited long, or the date was chosen to stand at the top of the mailbox.
    ///
    /// ```message bad
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000
    /// From: alice@d.example
    /// Date: Sun, 1 Jan 2023 10:00:00 +0000
    /// ```
    ///
    /// ```message good
    /// Received: from h (h.d.example [192.0.2.1]) by mx.e.example with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000
    /// From: alice@d.example
    /// Date: Thu, 1 Jan 2026 10:59:00 +0100
    /// ```
    DATE_SKEW = "date-skew", Note, Ok, ["RFC 5322 §3.6.1", "RFC 5321 §4.4"],
        "Date is {days} days {direction} the message came to `{by}`";
}

pub(in crate::message) fn check(cx: &Context<'_>, out: &mut Findings) {
    sender(cx, out);
    let resent = cx
        .message
        .fields()
        .iter()
        .position(|field| field.name().get(..7).is_some_and(|name| name.eq_ignore_ascii_case(b"Resent-")));
    if let Some(at) = resent {
        let subject = cx.subject(at);
        let name = String::from_utf8_lossy(cx.message.fields()[at].name()).into_owned();
        out.report(&RESENT, Label::whole(&subject)).arg("field", name);
    }
    for name in UNIQUE {
        let mut fields = cx.message.fields_named(name);
        if let (Some(first), Some(second)) = (fields.next(), fields.next()) {
            let found = out.report(&DUPLICATE, Label::whole(&cx.subject(second)));
            found.arg("count", 2 + fields.count()).arg("field", name);
            found.related(Label::whole(&cx.subject(first)).with("the first one"));
        }
    }
    message_id(cx, out);
    date(cx, out);
}

/// RFC 5322 §3.6 apart from From, and RFC 2045 §4 to §6.
const UNIQUE: [&str; 13] = [
    "Date",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

fn sender(cx: &Context<'_>, out: &mut Findings) {
    let (Some(subject), Some(author)) = (cx.first("Sender"), cx.author_domain()) else { return };
    let list = AddressList::from_source(subject.source().clone());
    let Some(mailbox) = list.mailboxes().next() else { return };
    let Some(domain) = crate::message::lint::domain_name(&list, mailbox) else { return };
    if domain != author {
        let found = out.report(&SENDER, Label::new(&subject, mailbox.span));
        found.arg("sender", domain).arg("author", author);
    }
}

fn message_id(cx: &Context<'_>, out: &mut Findings) {
    let Some(subject) = cx.first("Message-ID") else {
        out.report(&NO_MESSAGE_ID, Label::whole(&cx.header));
        return;
    };
    let text = subject.source().text();
    let Some(author) = cx.author_domain() else { return };
    let Some((_, right)) = text.rsplit_once('@') else { return };
    let right = right.split(['>', ' ', '\r', '\n']).next().unwrap_or(right);
    let Ok(domain) = Name::parse(right) else { return };
    if domain.label_count() < 2 || related(&domain, &author) {
        return;
    }
    let span = Span::of(right, text);
    let found = out.report(&MESSAGE_ID_DOMAIN, Label::new(&subject, span));
    found.arg("domain", domain).arg("author", author).evidence(Evidence::Guessed);
}

/// Whether one lies below the other, or both below a name of two labels. Without a list of suffixes that takes too many
/// for related and none for unrelated.
fn related(a: &Name, b: &Name) -> bool {
    a.is_within(b) || b.is_within(a) || a.suffix(2) == b.suffix(2)
}

/// Seconds that Date may be away from the time of arrival: mail waits for hours, and clocks of days are wrong.
const MAX_SKEW: i64 = 86_400;

fn date(cx: &Context<'_>, out: &mut Findings) {
    let Some(subject) = cx.first("Date") else {
        out.report(&NO_DATE, Label::whole(&cx.header)).arg("why", "");
        return;
    };
    let Some(date) = parse_date(subject.source().text()) else {
        out.report(&NO_DATE, Label::whole(&subject)).arg("why", " that can be read").effect(Effect::Ok);
        return;
    };
    let hop = cx.path.boundary();
    let arrived = cx.options.received_at.or_else(|| hop?.received.date());
    let Some(arrived) = arrived else { return };
    let skew = date.0.cast_signed().saturating_sub(arrived.0.cast_signed());
    if skew.abs() > MAX_SKEW {
        let found = out.report(&DATE_SKEW, Label::whole(&subject)).arg("days", skew.abs() / 86_400);
        found.arg("direction", if skew > 0 { "after" } else { "before" });
        found.arg("by", hop.and_then(|hop| hop.received.by()).unwrap_or("the receiver"));
        found.related.extend(hop.map(|hop| Label::whole(&cx.subject(hop.field)).with("when it came")));
    }
}
