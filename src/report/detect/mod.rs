//! What somebody pasted.

mod zone_lines;

pub use zone_lines::ZoneLine;

use super::Kind;
use crate::bounce::{Notification, Reply};
use crate::domain;
use crate::message::{AuthResults, Message};
use crate::srs;

/// What a text is, as far as it shows.
///
/// ```
/// use mailproof::report::{Detected, Kind};
///
/// // A form with one field: what did they paste, and which check does it need?
/// let pasted = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=aGFzaA==; b=c2ln";
/// let Detected::Record { kind, text } = Detected::of(pasted) else { panic!() };
/// assert_eq!(kind, Kind::DkimSignature);
/// assert!(text.starts_with("v=1;"), "the name of the field is no part of it");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case", tag = "what"))]
#[non_exhaustive]
pub enum Detected {
    /// Nothing that is known here.
    Unknown,
    /// A domain, or a URL of a host in it.
    Domain {
        /// The domain, as A-labels.
        domain: String,
    },
    /// An e-mail address.
    Address {
        /// The address.
        address: String,
        /// Its domain.
        domain: String,
    },
    /// An address of SRS, or of another scheme that rewrites or tags the reverse-path.
    Srs {
        /// The address.
        address: String,
    },
    /// A record, or the value of a DKIM-Signature field.
    Record {
        /// Its kind.
        kind: Kind,
        /// The text: without the name of a field in front.
        text: String,
    },
    /// Lines of a zone file, or what `host` and `nslookup` print.
    Zone {
        /// The records.
        records: Vec<ZoneLine>,
    },
    /// What `dig` prints.
    Dig {
        /// The records.
        records: Vec<ZoneLine>,
    },
    /// An Authentication-Results field.
    AuthResults {
        /// Its value.
        text: String,
    },
    /// The header of a message, or a part of it.
    Header,
    /// A message.
    Message,
    /// A message that reports a failure of delivery (RFC 3464).
    Bounce,
    /// What an SMTP server replied, or a line of a log with it.
    Reply,
}

impl Detected {
    /// What `text` most likely is.
    ///
    /// ```
    /// use mailproof::report::Detected;
    ///
    /// assert_eq!(Detected::of("https://www.example.com/"), Detected::Domain { domain: "example.com".into() });
    /// assert_eq!(Detected::of("550 5.7.1 not authorised"), Detected::Reply);
    /// assert_eq!(Detected::of("hello"), Detected::Unknown);
    /// ```
    pub fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Self::Unknown;
        }
        if !text.contains(char::is_whitespace)
            && let Some(found) = one_word(text)
        {
            return found;
        }
        if is_dig(text) {
            return Self::Dig { records: zone_lines::read(text) };
        }
        if let Some(found) = header(text) {
            return found;
        }
        // `v=spf1 mx -all` has the shape of a line of a zone, too.
        let says_version = text.trim_start_matches(['"', ' ']).starts_with("v=");
        let records = if says_version { Vec::new() } else { zone_lines::read(text) };
        if !records.is_empty() {
            return Self::Zone { records };
        }
        if is_auth_results(text) {
            return Self::AuthResults { text: text.to_owned() };
        }
        let kind = Kind::detect(text);
        let reply = Reply::parse(text);
        // A record may hold what looks like a code, and a reply may quote a record.
        match kind {
            Some(kind) if says_version || reply.code.is_none() && reply.enhanced.is_none() => {
                Self::Record { kind, text: text.to_owned() }
            }
            _ if reply.code.is_some() || reply.enhanced.is_some() => Self::Reply,
            _ => Self::Unknown,
        }
    }
}

/// A domain, a URL or an address.
fn one_word(text: &str) -> Option<Detected> {
    let word = text.strip_prefix("mailto:").unwrap_or(text).trim_matches(['<', '>', '"', '\'', ',', ';']);
    if let Some((_, after)) = word.rsplit_once('@') {
        let address = srs::Address::parse(word);
        if !matches!(address.form(), srs::Form::Other) || address.dialect().is_some() {
            return Some(Detected::Srs { address: word.to_owned() });
        }
        let domain = domain::Input::new(after).name().ok().filter(|_| !word.contains("://"))?;
        return Some(Detected::Address { address: word.to_owned(), domain: domain.to_string() });
    }
    if !word.contains('.') || word.contains('=') && !word.contains("://") {
        return None;
    }
    let input = domain::Input::new(word);
    let domain = input.name().ok().or_else(|| input.meant().filter(|_| word.contains('/')))?;
    Some(Detected::Domain { domain: domain.to_string() })
}

fn is_dig(text: &str) -> bool {
    let marks = [";; ->>HEADER<<-", "; <<>> DiG", ";; QUESTION SECTION", ";; ANSWER SECTION", ";; AUTHORITY SECTION"];
    text.lines().take(LOOK_AT_LINES).any(|line| marks.iter().any(|mark| line.trim_start().starts_with(mark)))
}

/// Lines that are looked at for what a text is: header fields and the heads of tools come first.
const LOOK_AT_LINES: usize = 200;

/// Header fields, alone or before a body.
fn header(text: &str) -> Option<Detected> {
    let message = Message::parse(text.as_bytes());
    let first = message.fields().first()?;
    // One field alone must be known by its name; among several, one of them.
    if !message.fields().iter().any(|field| known(field.name())) {
        return None;
    }
    let alone = message.fields().len() == 1 && message.body().is_empty();
    if alone {
        let value = || String::from_utf8_lossy(first.body()).trim().to_owned();
        if first.is(b"Authentication-Results") || first.is(b"ARC-Authentication-Results") {
            return Some(Detected::AuthResults { text: value() });
        }
        if first.is(b"DKIM-Signature") {
            return Some(Detected::Record { kind: Kind::DkimSignature, text: value() });
        }
        if first.is(b"Diagnostic-Code") {
            return Some(Detected::Reply);
        }
    }
    let notification = Notification::seen_in(text.as_bytes());
    if notification.is_some_and(|seen| seen == Notification::Standard || !message.body().is_empty()) {
        return Some(Detected::Bounce);
    }
    Some(if message.body().is_empty() { Detected::Header } else { Detected::Message })
}

/// Whether a name is that of a header field which mail has. Terms of SPF (`include:`) have the shape of one.
fn known(name: &[u8]) -> bool {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
        || ["X-", "ARC-", "Resent-", "List-", "Content-", "DKIM-", "Authentication-Results", "Received"]
            .into_iter()
            .any(starts)
}

const FIELDS: &[&str] = &[
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Return-Path",
    "Delivered-To",
    "Envelope-To",
    "MIME-Version",
    "DomainKey-Signature",
    "Feedback-ID",
    "Auto-Submitted",
    "Precedence",
    "Reporting-MTA",
    "Final-Recipient",
    "Diagnostic-Code",
];

/// The value of an Authentication-Results field without its name.
fn is_auth_results(text: &str) -> bool {
    let read = AuthResults::parse(text);
    let known = |method: &str| ["spf", "dkim", "dmarc", "arc", "auth", "iprev", "bimi"].contains(&method);
    read.authserv_id().is_some() && read.results().iter().any(|result| known(&result.method.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> Detected {
        Detected::of(text)
    }

    #[test]
    fn one_word_is_a_domain_or_an_address() {
        for (text, domain) in [
            ("Example.com.", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("https://www.d.example/kontakt?a=b", "d.example"),
            ("_dmarc.d.example", "_dmarc.d.example"),
        ] {
            let expected =
                if text.contains('=') { what("d.example") } else { Detected::Domain { domain: domain.to_owned() } };
            assert_eq!(what(text), expected, "{text}");
        }
        let address = Detected::Address { address: "alice@d.example".to_owned(), domain: "d.example".to_owned() };
        assert_eq!(what(" <alice@d.example> "), address);
        for text in
            ["SRS0=PGkz=G3=example.com=alice@fwd.example", "srs1=x@fwd.example", "prvs=0123456789=alice@d.example"]
        {
            assert_eq!(what(text), Detected::Srs { address: text.to_owned() });
        }
        for text in ["", " \n", "hello", "192.0.2.1", "a=b.c", "@", "mailto:", "google-site-verification=abc"] {
            assert_eq!(what(text), Detected::Unknown, "{text}");
        }
    }

    #[test]
    fn records_with_and_without_a_version() {
        for (text, kind) in [
            ("v=spf1 include:_spf.d.example -all", Kind::Spf),
            ("\"v=DMARC1;\" \"p=none\"", Kind::Dmarc),
            ("include:_spf.d.example ip4:192.0.2.1 ~all", Kind::Spf),
            ("v=DMARC1;p=reject", Kind::Dmarc),
            ("k=rsa; p=MIGf", Kind::DkimKey),
        ] {
            assert_eq!(what(text), Detected::Record { kind, text: text.to_owned() }, "{text}");
        }
        let signature = what("DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=a;\r\n h=from; bh=x; b=y");
        let Detected::Record { kind: Kind::DkimSignature, text } = signature else { panic!("{signature:?}") };
        assert!(text.starts_with("v=1; ") && text.ends_with("b=y"), "{text}");
    }

    #[test]
    fn a_term_that_is_a_type_makes_no_zone_line() {
        for text in ["v=spf1 mx -all", "v=spf1 a -all", "\"v=spf1 a mx -all\""] {
            assert_eq!(what(text), Detected::Record { kind: Kind::Spf, text: text.to_owned() });
        }
    }

    #[test]
    fn replies_and_bounces() {
        for text in [
            "550 5.7.1 Email rejected per SPF policy",
            "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires SPF",
            "to=<a@d.example>, status=bounced (host mx.d.example[192.0.2.1] said: 550 5.7.23 SPF validation failed: v=spf1 -all)",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user",
        ] {
            assert_eq!(what(text), Detected::Reply, "{text}");
        }
        let dsn = "From: MAILER-DAEMON@d.example\nSubject: Undelivered\nMIME-Version: 1.0\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry\n--b\n\
            Content-Type: message/delivery-status\n\nReporting-MTA: dns; d.example\n\n\
            Final-Recipient: rfc822; x@e.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n--b--\n";
        assert_eq!(what(dsn), Detected::Bounce);
        // Its part for machines alone, as mail programs show it.
        let (_, status) = dsn.split_once("message/delivery-status\n\n").unwrap();
        assert_eq!(what(status), Detected::Bounce);
        let (_, recipient) = status.split_once("\n\n").unwrap();
        assert_eq!(what(recipient), Detected::Bounce);
    }

    #[test]
    fn headers_and_messages() {
        let value = "mx.d.example; spf=pass smtp.mailfrom=a@e.example; dkim=fail header.d=e.example";
        let field = Detected::AuthResults { text: value.to_owned() };
        assert_eq!(what(value), field);
        assert_eq!(what(&format!("Authentication-Results: {value}\r\n")), field);
        assert_eq!(what("Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\nFrom: a@d.example"), Detected::Header);
        assert_eq!(what("From: a@d.example\r\nSubject: v=spf1 -all\r\n\r\n550 5.7.1 hello\r\n"), Detected::Message);
        assert_eq!(what("Hello: all of you"), Detected::Unknown);
    }

    #[test]
    fn zones_and_tools() {
        let Detected::Zone { records } = what("_dmarc.d.example. 3600 IN TXT \"v=DMARC1; p=none\"") else { panic!() };
        assert_eq!(records[0].kind, Some(Kind::Dmarc));
        let dig = "; <<>> DiG 9.18 <<>> d.example TXT\n;; ANSWER SECTION:\nd.example.\t300\tIN\tTXT\t\"v=spf1 -all\"\n\n;; Query time: 1 msec\n";
        let Detected::Dig { records } = what(dig) else { panic!() };
        assert_eq!((records.len(), records[0].data.as_str(), records[0].kind), (1, "v=spf1 -all", Some(Kind::Spf)));
    }
}
