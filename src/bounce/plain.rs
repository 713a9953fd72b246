//! Bounces of mailers that write no RFC 3464, such as qmail and Exim: a text for people, the reply of the server in it, and
//! below a line of dashes the message that came back.

use std::collections::BTreeSet;

use super::dsn::{Dsn, MAX_RECIPIENTS, Recipient};
use super::notice::{reply_lines, said_of};
use crate::message::mime::{Part, fields};

/// A bounce of before 1996, or of a mailer that never learned ([`is_of_mailer`]): what is in its text.
pub(super) struct OfText {
    /// The message that came back.
    original: Option<Vec<u8>>,
    /// What is said for people, before that.
    notice: String,
    /// Who did not get it.
    failed: Vec<String>,
    /// How many more did not.
    more: usize,
}

impl OfText {
    /// Reads the text of a message, in which `notice` is said for people, or all of it is.
    pub(super) fn read(part: &Part<'_>, mut notice: String) -> Self {
        let original = returned(&part.octets()).map(<[u8]>::to_vec);
        if notice.is_empty() {
            notice = part.text().into_owned();
        }
        notice.truncate(before_original(&notice).len());
        let mut failed = failed(part, &notice);
        let more = failed.len().saturating_sub(MAX_RECIPIENTS);
        failed.truncate(MAX_RECIPIENTS);
        Self { original, failed, more, notice }
    }

    /// The first reply.
    fn reply(&self) -> Option<&str> {
        reply_lines(&self.notice).next()
    }

    /// Whether it tells of a failure, and of which message or recipient.
    pub(super) fn says_something(&self) -> bool {
        self.original.is_some() || !self.failed.is_empty() || self.reply().is_some()
    }
}

impl Dsn {
    /// Takes what a text says.
    pub(super) fn read_text(&mut self, part: &Part<'_>) {
        let text = OfText::read(part, std::mem::take(&mut self.notice));
        if let Some(original) = &text.original {
            self.read_original(original, true);
        }
        let addressed = |address: &String| Recipient { address: Some(address.clone()), ..Recipient::default() };
        self.recipients = text.failed.iter().map(addressed).collect();
        self.unread.recipients = text.more;
        let said = said_of(&text.notice, &self.recipients.iter().collect::<Vec<_>>(), &self.senders());
        for (recipient, said) in self.recipients.iter_mut().zip(said) {
            recipient.diagnostic = Some(said).filter(|said| !said.is_empty());
        }
        if self.recipients.is_empty() {
            let of_nobody = |said: &str| Recipient { diagnostic: Some(said.to_owned()), ..Recipient::default() };
            self.recipients.extend(text.reply().map(of_nobody));
        }
        self.notice = text.notice;
    }
}

/// Whether a mail server wrote it, and no person or vacation program.
pub(super) fn is_of_mailer(part: &Part<'_>) -> bool {
    let from = part.field("From").unwrap_or_default().to_ascii_lowercase();
    let from_mailer =
        ["mailer-daemon", "postmaster", "mail delivery", "microsoftexchange"].iter().any(|name| from.contains(name));
    // A vacation note has no return path either (RFC 3834 §4), and holds the telephone number of a colleague.
    let by_person = part.field("Auto-Submitted").is_some_and(|how| how.to_ascii_lowercase().contains("auto-replied"));
    let null = !by_person && part.field("Return-Path").is_some_and(|path| path.trim() == "<>");
    from_mailer || null || part.field("X-Failed-Recipients").is_some()
}

/// How the line of dashes begins that stands before the message that came back: qmail, Exim, Sendmail and others.
const MARKS: [&str; 7] = [
    "below this line",
    "this is a copy of",
    "the header of the original",
    "original message",
    "unsent message",
    "returned message",
    "message header follows",
];

fn is_mark(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"---") && {
        let said = String::from_utf8_lossy(line).to_ascii_lowercase();
        let said = said.trim_start_matches(['-', ' ']);
        MARKS.iter().any(|mark| said.starts_with(mark))
    }
}

/// What a notice says before the message that came back in it, whose words are its author's.
fn before_original(notice: &str) -> &str {
    let mut end = 0;
    for line in notice.split_inclusive('\n') {
        if is_mark(line.as_bytes()) {
            break;
        }
        end += line.len();
    }
    &notice[..end]
}

/// The message that came back, as far as it did.
fn returned(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    let mut marked = false;
    while !rest.is_empty() {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |lf| lf + 1);
        let (line, after) = rest.split_at(length);
        // Exim says in further lines of dashes how much of it there is.
        let skipped = line.trim_ascii().is_empty() || line.trim_ascii().starts_with(b"---");
        if marked && !skipped {
            break;
        }
        marked |= is_mark(line);
        rest = after;
    }
    // Quoted by a mail program, it has no such field.
    let of_mail =
        |(name, _): (String, String)| ["Message-ID", "Received"].iter().any(|field| name.eq_ignore_ascii_case(field));
    fields(Part::new(rest).header).any(of_mail).then_some(rest)
}

/// The recipients that the mailer names in a field of its own (Exim), or one at the head of each paragraph: `<bob@d.example>:`.
fn failed(part: &Part<'_>, notice: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (_, body) in fields(part.header).filter(|(name, _)| name.eq_ignore_ascii_case("X-Failed-Recipients")) {
        let addresses = body.split(',').map(|address| address.trim().to_owned());
        named.extend(addresses.filter(|address| !address.is_empty()));
    }
    if named.is_empty() { at_the_head(notice) } else { named }
}

fn at_the_head(notice: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut before = "";
    for line in notice.lines() {
        let head = line.trim_start().strip_prefix('<').and_then(|rest| rest.split_once('>'));
        if let Some((address, after)) = head.filter(|(address, _)| address.contains('@'))
            // One that is folded may begin a line with an address, too.
            && (found.is_empty() || before.trim().is_empty() && after.starts_with(':'))
            && seen.insert(address)
        {
            found.push(address.to_owned());
        }
        before = line;
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::bounce::{Cause, Dsn};

    const ORIGINAL: &str = "Return-Path: <ann@x.example>\nReceived: from x.example by mx.d.example; Wed, 7 Oct 2026 00:56:16 \
        -0000\nFrom: Ann <ann@x.example>\nMessage-ID: <1@x.example>\n\n550 reasons to call\n";

    fn returned(head: &str, mark: &str) -> Dsn {
        Dsn::parse(format!("{head}\n\n{mark}\n\n{ORIGINAL}").as_bytes()).unwrap()
    }

    #[test]
    fn the_message_below_the_line() {
        let qmail = returned(
            "From: MAILER-DAEMON@d.example\n\nHi. This is the qmail-send program at d.example.\n\n<bob@d.example>:\n\
             Sorry, no mailbox here by that name. (#5.1.1)",
            "--- Below this line is a copy of the message.",
        );
        assert_eq!(qmail.original.as_ref().unwrap().message_id.as_deref(), Some("<1@x.example>"));
        assert_eq!(qmail.recipients[0].address.as_deref(), Some("bob@d.example"));
        assert_eq!(qmail.bounces()[0].cause, Cause::UnknownUser);
        let exim = returned(
            "From: Mailer-Daemon@d.example\nX-Failed-Recipients: bob@d.example\n\nIt failed:\n\n  bob@d.example\n    \
             Unrouteable address",
            "------ This is a copy of the message's headers. ------\n------ The body is 9 characters long. ------",
        );
        assert_eq!(exim.original.unwrap().from.as_deref(), Some("Ann <ann@x.example>"));
        let indented = returned(
            "From: Mailer-Daemon@d.example\n\nIt failed.",
            "  ------ This is a copy of the message's headers. ------\n  ------ The body is 9 characters long. ------",
        );
        assert_eq!(indented.original.unwrap().from.as_deref(), Some("Ann <ann@x.example>"));
        // Without a reply and an address it is known all the same what came back.
        let sendmail = returned("From: Postmaster@d.example\n\nWarning.", "   ----- Original message follows -----");
        assert_eq!((sendmail.recipients.len(), sendmail.original.unwrap().received.len()), (0, 1));
    }

    #[test]
    fn what_only_looks_like_it() {
        let quoted = "From: postmaster@d.example\n\nSee below.\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\n\nHello\n";
        assert_eq!(Dsn::parse(quoted.as_bytes()), None);
        // A person's mail may hold one.
        let told = format!("From: bob@d.example\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}");
        assert_eq!(Dsn::parse(told.as_bytes()), None);
        let open = "From: MAILER-DAEMON@d.example\n\n--- Below this line is a copy of the message.";
        assert_eq!(Dsn::parse(open.as_bytes()), None);
    }

    /// RFC 2046 §5.2.1 forbids it.
    #[test]
    fn an_encoded_message() {
        let message = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\
            Reporting-MTA: dns; d.example\n\nAction: failed\n\n--b\nContent-Type: message/rfc822\n\
            Content-Transfer-Encoding: base64\n\nTWVzc2FnZS1JRDogPDFAeC5leGFtcGxlPgoKSGkK\n--b--\n";
        let original = Dsn::parse(message.as_bytes()).unwrap().original.unwrap();
        assert_eq!(original.message_id.as_deref(), Some("<1@x.example>"));
    }
}
