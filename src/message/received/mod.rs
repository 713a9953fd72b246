//! Received fields (RFC 5321 §4.4), as the usual servers write them, and the path that they tell.
//!
//! Reading never fails. What a field says is what its writer said: only the fields of servers that are trusted are worth
//! anything, and even these repeat the client's own words in HELO.

mod parse;
mod path;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use path::{Hop, Path};

use crate::Timestamp;
use crate::text::{Source, Span};

#[cfg(feature = "crypto")]
/// Hops that are shown, with how many more there are, and that help to guess what was altered: Postfix refuses messages with more than 50, and RFC 5321 §6.3 has servers take about 100.
pub(crate) const MAX_HOPS: usize = 50;

/// The body of a Received field.
///
/// ```
/// use mailproof::message::Received;
///
/// let field = Received::parse("from laptop (host.d.example [192.0.2.1]) by mx.d.example (Postfix)\r\n\twith ESMTPS id 4XyZ for <bob@d.example>; Thu, 1 Jan 2026 10:00:00 +0000");
/// assert_eq!(field.helo(), Some("laptop"));
/// assert_eq!(field.reverse_name(), Some("host.d.example"));
/// assert_eq!(field.ip(), Some("192.0.2.1".parse()?));
/// assert_eq!((field.by(), field.protocol(), field.tls()), (Some("mx.d.example"), Some("ESMTPS"), Some(true)));
/// assert_eq!(field.recipient(), Some("bob@d.example"));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Received {
    pub(super) source: Source,
    /// The places of its parts; each may be missing.
    pub spans: Parts,
    pub(super) ip: Option<IpAddr>,
    pub(super) tls: Option<bool>,
    pub(super) authenticated: bool,
    pub(super) internal: bool,
    pub(super) date: Option<Timestamp>,
}

/// Where the parts of a Received field stand.
///
/// ```
/// use mailproof::message::Received;
///
/// let text = "from out.d.example ([192.0.2.1]) by mx.r.example with ESMTPS; Thu, 1 Jan 2026 10:00:00 +0000";
/// let field = Received::parse(text);
/// assert_eq!(&text[field.spans.ip.unwrap()], "192.0.2.1");
/// assert_eq!(&text[field.spans.date.unwrap()], "Thu, 1 Jan 2026 10:00:00 +0000");
/// assert_eq!(field.spans.recipient, None);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Parts {
    /// What stands behind `from`: the HELO name with most servers, the reverse name with Exim and qmail.
    pub from: Option<Span>,
    /// The name that the client gave in HELO or EHLO.
    pub helo: Option<Span>,
    /// The name that the DNS has for the client's address.
    pub reverse_name: Option<Span>,
    /// The client's address.
    pub ip: Option<Span>,
    /// The server that wrote the field.
    pub by: Option<Span>,
    /// The protocol: what stands behind `with`.
    pub protocol: Option<Span>,
    /// What the server says about TLS.
    pub tls: Option<Span>,
    /// The server's own name for the message.
    pub id: Option<Span>,
    /// The recipient.
    pub recipient: Option<Span>,
    /// The reverse-path, where the server writes it down.
    pub envelope_from: Option<Span>,
    /// The date.
    pub date: Option<Span>,
}

impl Received {
    /// Reads the body of a field, folded or not.
    pub fn parse(text: &str) -> Self {
        Self::from_source(Source::new(text))
    }

    /// Reads the body of a field that is kept as a source.
    pub fn from_source(source: Source) -> Self {
        parse::parse(source)
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What stands behind `from`.
    pub fn from_name(&self) -> Option<&str> {
        self.text(self.spans.from)
    }

    /// The name that the client gave in HELO or EHLO; anything can stand there.
    pub fn helo(&self) -> Option<&str> {
        self.text(self.spans.helo)
    }

    /// The name that the DNS has for the client's address; `None` if the server found none.
    pub fn reverse_name(&self) -> Option<&str> {
        self.text(self.spans.reverse_name)
    }

    /// The client's address.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// The server that wrote the field.
    pub fn by(&self) -> Option<&str> {
        self.text(self.spans.by)
    }

    /// The protocol: SMTP, ESMTP, ESMTPS, ESMTPSA, LMTP (RFC 3848), HTTP, …
    pub fn protocol(&self) -> Option<&str> {
        self.text(self.spans.protocol)
    }

    /// Whether this hop was encrypted; `None` where the field does not tell, and where no network was used.
    pub fn tls(&self) -> Option<bool> {
        self.tls
    }

    /// Whether the client had logged in (RFC 3848, what Postfix and Exim write, and Exchange's own protocol for mailboxes).
    ///
    /// ```
    /// use mailproof::message::Received;
    ///
    /// let field = Received::parse("from pc by mail.d.example with ESMTPSA; Thu, 1 Jan 2026 10:00:00 +0000");
    /// assert!(field.authenticated());
    /// ```
    pub fn authenticated(&self) -> bool {
        self.authenticated
    }

    /// Whether no client took part: a program on the server's own host wrote the message, or a step inside one host wrote the field.
    #[cfg(feature = "crypto")]
    pub(crate) fn is_local(&self) -> bool {
        self.spans.from.is_none() || self.internal
    }

    /// Whether a server brought it to where mailboxes are kept.
    pub(crate) fn is_lmtp(&self) -> bool {
        let protocol = self.protocol().unwrap_or_default().to_ascii_uppercase();
        protocol.starts_with("LMTP") || protocol.starts_with("UTF8LMTP")
    }

    /// Whether the owner of the mailbox fetched the message: the client is the server that had it already.
    pub(crate) fn is_fetched(&self) -> bool {
        let protocol = self.protocol().unwrap_or_default().to_ascii_uppercase();
        protocol.starts_with("POP") || protocol.starts_with("IMAP")
    }

    /// The server's own name for the message.
    pub fn id(&self) -> Option<&str> {
        self.text(self.spans.id)
    }

    /// The recipient, without angle brackets.
    pub fn recipient(&self) -> Option<&str> {
        self.text(self.spans.recipient)
    }

    /// The reverse-path, where the server writes it down; empty for the null reverse-path.
    pub fn envelope_from(&self) -> Option<&str> {
        self.text(self.spans.envelope_from)
    }

    /// When the server took the message.
    pub fn date(&self) -> Option<Timestamp> {
        self.date
    }

    /// Whether it says who took the message (or, with qmail, that a program did) and when.
    ///
    /// ```
    /// use mailproof::message::Received;
    ///
    /// assert!(Received::parse("from pc by mx.d.example; Thu, 1 Jan 2026 10:00:00 +0000").is_readable());
    /// assert!(!Received::parse("by carrier pigeon").is_readable());
    /// ```
    pub fn is_readable(&self) -> bool {
        self.date.is_some() && (self.spans.by.is_some() || self.spans.from.is_some() || self.internal)
    }

    fn text(&self, span: Option<Span>) -> Option<&str> {
        span.map(|span| &self.source.text()[span])
    }
}
