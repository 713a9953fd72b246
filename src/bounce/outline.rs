//! Which parts a notification has (RFC 3464 §2, RFC 6522 §3), before anybody reads them.
//!
//! To know that a message is a notification, its parts need not be read, nor the words of bounces be known: those are a tenth of the
//! smallest WASM build.

use super::html;
use super::notice::reply_lines;
use super::plain::{OfText, is_of_mailer};
use super::reply::{MAX_REPLY, Reply};
use crate::message::mime::{Part, fields};

/// Messages within messages that are looked into: a bounce of a bounce in a report is three.
pub(crate) const MAX_DEPTH: usize = 6;
/// Parts that are looked at in all.
pub(crate) const MAX_TOTAL_PARTS: usize = 200;
/// Octets that are looked at. Notifications bring the original back, with its attachments; the replies come first.
const MAX_SIZE: usize = 32 << 20;

/// What a part is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// The part for machines.
    Status,
    /// The header of a message.
    Header,
    /// A message.
    Message,
    /// A text for people.
    Text,
    /// The same in HTML.
    Html,
}

impl Kind {
    fn of(content_type: &str) -> Option<Self> {
        Some(match content_type {
            "message/delivery-status" | "message/global-delivery-status" => Self::Status,
            "text/rfc822-headers" | "message/global-headers" => Self::Header,
            "message/rfc822" | "message/global" => Self::Message,
            "text/plain" => Self::Text,
            "text/html" => Self::Html,
            _ => return None,
        })
    }
}

/// As much of a message as is looked at, and how many octets are left.
pub(super) fn bounded(message: &[u8]) -> (&[u8], usize) {
    let (read, rest) = message.split_at(message.len().min(MAX_SIZE));
    (read, rest.len())
}

/// Shows each part that a notification may have to `see`, which says of a message whether it is looked into. How many parts were not
/// looked at, since they are too many, and since they are too deep.
pub(super) fn walk(part: Part<'_>, see: &mut dyn FnMut(Kind, &Part<'_>) -> bool) -> (usize, usize) {
    let mut count = Count { left: MAX_TOTAL_PARTS, unread: 0, deep: 0 };
    within(part, MAX_DEPTH, &mut count, see);
    (count.unread, count.deep)
}

/// Parts that may still be looked at, those that were not since they are too many, and those that are too deep.
struct Count {
    left: usize,
    unread: usize,
    deep: usize,
}

fn within(part: Part<'_>, depth: usize, count: &mut Count, see: &mut dyn FnMut(Kind, &Part<'_>) -> bool) {
    if depth == 0 {
        count.deep += 1;
        return;
    }
    if count.left == 0 {
        count.unread += 1;
        return;
    }
    count.left -= 1;
    let content_type = part.content_type();
    if content_type.starts_with("multipart/") {
        part.parts().into_iter().for_each(|part| within(part, depth - 1, count, see));
    } else if let Some(kind) = Kind::of(&content_type)
        && see(kind, &part)
    {
        // RFC 2046 §5.2.1 forbids to encode a message; some gateways do.
        within(Part::new(&part.octets()), depth - 1, count, see);
    }
}

/// Takes what a part says for people, if it is the first that says anything, or HTML that alone holds a reply: some programs write a
/// line for old readers into the plain text beside it.
pub(super) fn hear(notice: &mut String, kind: Kind, part: &Part<'_>) {
    let is_html = matches!(kind, Kind::Html);
    let is_first = notice.trim().is_empty();
    if !is_first && !is_html {
        return;
    }
    let text = part.text();
    let said = if is_html { html::text(&text) } else { text.into_owned() };
    // Three digits alone may be those of a street.
    let has_codes = |said: &str| reply_lines(said).any(|reply| Reply::parse(reply).enhanced.is_some());
    let has_reply = |said: &str| reply_lines(said).next().is_some();
    if is_first || has_codes(&said) && !has_reply(&notice[..notice.floor_char_boundary(MAX_REPLY)]) {
        *notice = said;
    }
}

/// The part of a notification for machines without the message around it: so people paste it, and mail programs show it. Its
/// mandatory fields stand in any order (RFC 3464 §2.2, §2.3).
pub(super) fn is_bare_status(part: &Part<'_>) -> bool {
    let has = |group: &[u8], known: &[&str]| {
        fields(group).any(|(name, _)| known.iter().any(|known| name.eq_ignore_ascii_case(known)))
    };
    let is_of_recipient = has(part.header, &["Final-Recipient"]);
    let tells = is_of_recipient && has(part.header, &["Action", "Status", "Diagnostic-Code"])
        || has(part.header, &["Reporting-MTA"]) && (is_of_recipient || has(part.body, &["Final-Recipient"]));
    // A message has such fields where it was delivered (RFC 8098 §2.3), and so does what says that it was read (§3.1).
    tells && !has(part.header, &["From", "Received", "Disposition"])
}

/// A notification, as far as its parts show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notification {
    /// Of RFC 3464.
    Standard,
    /// Of a mailer that writes none.
    OfText,
}

impl Notification {
    /// Whether [`Dsn::parse`](super::Dsn::parse) reads a message, and which it is.
    pub(crate) fn seen_in(message: &[u8]) -> Option<Self> {
        let part = Part::new(bounded(message).0);
        let (mut is_standard, mut has_header, mut notice) = (is_bare_status(&part), false, String::new());
        walk(part, &mut |kind, part| {
            match kind {
                Kind::Status => is_standard = true,
                Kind::Header => has_header = true,
                Kind::Message => return !is_standard,
                Kind::Text | Kind::Html => hear(&mut notice, kind, part),
            }
            false
        });
        if is_standard {
            return Some(Self::Standard);
        }
        (is_of_mailer(&part) && (has_header || OfText::read(&part, notice).says_something())).then_some(Self::OfText)
    }
}

#[cfg(test)]
mod tests {
    use super::Notification;
    use crate::bounce::{Cause, Dsn};

    /// As people paste them: RFC 3464 §2.2 and §2.3 leave the order of fields to the mailer.
    const BARE: &[&str] = &[
        "Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; bob@d.example\nStatus: 5.1.1\n",
        "Original-Envelope-Id: 1\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; bob@d.example\nStatus: 5.1.1\n",
        "X-Postfix-Queue-ID: 1\nArrival-Date: Mon, 2 Nov 2026 10:00:00 +0000\nReporting-MTA: dns; x.example\n\n\
         Action: failed\nFinal-Recipient: rfc822; bob@d.example\n",
        "Final-Recipient: rfc822; bob@d.example\nAction: failed\nStatus: 5.1.1\n",
        "Action: failed\nOriginal-Recipient: rfc822; bob@d.example\nFinal-Recipient: rfc822; bob@d.example\nStatus: 5.1.1\n",
        "Final-Recipient: rfc822; bob@d.example\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n",
        "Reporting-MTA: dns; x.example\nFinal-Recipient: rfc822; bob@d.example\n",
    ];
    /// A mail as it was delivered (RFC 8098 §2.3), what a reader's program sends (§3.1), and words.
    const NOT_BARE: &[&str] = &[
        "Original-Recipient: rfc822;bob@d.example\nReceived: x\nFrom: a@x.example\n\nSee you.\n\nStatus: 5.1.1 was said\n",
        "Original-Recipient: rfc822;bob@d.example\nSubject: lunch\n\nSee you at lunch.\n",
        "Final-Recipient: rfc822;bob@d.example\nAction: failed\nStatus: 5.1.1\nFrom: a@x.example\n\nSee you.\n",
        "Final-Recipient: rfc822;bob@d.example\nDisposition: automatic-action/MDN-sent-automatically; displayed\n",
        "Reporting-UA: x; y\nOriginal-Recipient: rfc822;b@d.example\nFinal-Recipient: rfc822;bob@d.example\n\
         Disposition: manual-action/MDN-sent-manually; displayed\n",
        "Final-Recipient: rfc822;bob@d.example\n\nStatus: 5.1.1 is what they said.\n",
    ];

    fn bare(lists: &[&[&str]]) -> Vec<String> {
        lists.concat().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_part_for_machines_alone() {
        for text in BARE {
            let dsn = Dsn::parse(text.as_bytes()).unwrap();
            assert!(dsn.is_standard, "{text}");
            assert_eq!(dsn.recipients.last().unwrap().address.as_deref(), Some("bob@d.example"), "{text}");
        }
        for text in NOT_BARE {
            assert_eq!(Dsn::parse(text.as_bytes()), None, "{text}");
        }
    }

    /// Three digits at the head of a line of HTML may be those of a street.
    #[test]
    fn a_street_is_no_reply() {
        let text = "From: MAILER-DAEMON@d.example\nX-Failed-Recipients: bob@d.example\nContent-Type: multipart/alternative; \
                    boundary=b\n\n--b\nContent-Type: text/plain\n\nDelivery to bob@d.example failed: the mailbox is full.\n\
                    --b\nContent-Type: text/html\n\n<p>Delivery failed.</p><p>500 Main Street</p>\n--b--\n";
        assert_eq!(Dsn::parse(text.as_bytes()).unwrap().bounces()[0].cause, Cause::MailboxFull);
    }

    /// What is seen is what is read.
    #[test]
    fn as_it_is_read() {
        let mailer = "From: MAILER-DAEMON@d.example\n";
        let multipart = "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
        let cases = [
            format!("{mailer}\n550 5.1.1 User unknown\n"),
            format!("{mailer}\nHello.\n"),
            format!("{mailer}\n<bob@d.example>:\nSorry, no mailbox here.\n"),
            format!(
                "{mailer}\n--- Below this line is a copy of the message.\n\nReceived: x\nMessage-ID: <1@x.example>\n\n.\n"
            ),
            format!("{mailer}{multipart}Content-Type: text/html\n\n<p>550 5.1.1 User unknown</p>\n--b--\n"),
            format!("{mailer}{multipart}Content-Type: text/rfc822-headers\n\nFrom: a@x.example\n--b--\n"),
            format!("From: a@x.example\n{multipart}Content-Type: text/rfc822-headers\n\nFrom: a@x.example\n--b--\n"),
            format!(
                "From: a@x.example\n{multipart}Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n--b--\n"
            ),
            format!(
                "From: a@x.example\n{multipart}Content-Type: message/rfc822\n\n{mailer}\n550 5.1.1 User unknown\n--b--\n"
            ),
            "From: a@x.example\n\n550 reasons to call\n".to_owned(),
            "Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; bob@d.example\nStatus: 5.1.1\n".to_owned(),
            "Reporting-MTA: dns; x.example\nSubject: hello\n\nHello.\n".to_owned(),
        ];
        for message in cases.into_iter().chain(bare(&[BARE, NOT_BARE])) {
            let seen = Notification::seen_in(message.as_bytes());
            let read = Dsn::parse(message.as_bytes());
            let read = read.map(|dsn| if dsn.is_standard { Notification::Standard } else { Notification::OfText });
            assert_eq!(seen, read, "{message}");
        }
    }
}
