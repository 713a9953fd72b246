//! Who connects, and as whom (RFC 7208 §2.3, §2.4, §4.1, §4.3).

use std::net::IpAddr;

use crate::Name;

/// What is known of the SMTP session that SPF looks at.
///
/// ```
/// use mailproof::spf::{Identity, Session};
///
/// let session = Session::new("192.0.2.1".parse()?, "mail.example.com", "");
/// assert_eq!(session.sender(), "postmaster@mail.example.com");
/// assert_eq!(session.identity(), Identity::MailFrom);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    given_ip: IpAddr,
    ip: IpAddr,
    helo: String,
    mail_from: String,
    identity: Identity,
    receiver: Option<String>,
    sender: String,
    at: usize,
    domain: Result<Name, DomainDefect>,
}

/// Whose authority is checked.
///
/// ```
/// use mailproof::spf::{Identity, Session};
///
/// let ip = "192.0.2.1".parse()?;
/// // A bounce has no reverse-path: `postmaster` at the HELO name stands for it, and it is still checked as MAIL FROM.
/// let bounce = Session::new(ip, "mail.example.com", "");
/// assert_eq!((bounce.identity(), bounce.sender()), (Identity::MailFrom, "postmaster@mail.example.com"));
/// assert_eq!(Session::for_helo(ip, "mail.example.com").identity(), Identity::Helo);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Identity {
    /// The HELO name (§2.3).
    Helo,
    /// The reverse-path (§2.4); for a null one, `postmaster` at the HELO name.
    MailFrom,
}

/// Why a domain cannot be checked (§4.3): the result is none, without a question to the DNS.
///
/// ```
/// use mailproof::spf::{DomainDefect, Session};
///
/// // A workstation that greets with its own short name.
/// let session = Session::for_helo("192.0.2.1".parse()?, "reception-pc");
/// assert_eq!(session.checked_domain(), Err(DomainDefect::SingleLabel));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum DomainDefect {
    /// Nothing is there.
    Empty,
    /// An address literal, such as `[192.0.2.1]`.
    Literal,
    /// A name of one label.
    SingleLabel,
    /// A label is empty or too long, the whole is too long, or it is not a name at all.
    Malformed,
}

impl Session {
    /// A session in which the reverse-path is checked; `mail_from` is empty for the null reverse-path, and stands without angle brackets.
    ///
    /// An IPv4-mapped IPv6 address is the IPv4 address in it (§5).
    ///
    /// ```
    /// use mailproof::spf::Session;
    ///
    /// // A server that listens on both families sees IPv4 clients so.
    /// let session = Session::new("::ffff:192.0.2.7".parse()?, "mail.example.com", "ü@bücher.example");
    /// assert_eq!(session.ip().to_string(), "192.0.2.7");
    /// assert_eq!((session.local_part(), session.sender_domain()), ("ü", "xn--bcher-kva.example"));
    /// // What was given stays.
    /// assert_eq!(session.given_ip().to_string(), "::ffff:192.0.2.7");
    /// assert_eq!((session.helo(), session.mail_from()), ("mail.example.com", "ü@bücher.example"));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn new(ip: IpAddr, helo: &str, mail_from: &str) -> Self {
        Self::with(ip, helo, mail_from, Identity::MailFrom)
    }

    /// A session in which the HELO name is checked (§2.3).
    pub fn for_helo(ip: IpAddr, helo: &str) -> Self {
        Self::with(ip, helo, "", Identity::Helo)
    }

    /// The same with the name of the receiving host, which `%{r}` in an explanation shows.
    ///
    /// ```
    /// use mailproof::{Timestamp, dns::{Snapshot, Step}, spf::{self, Place, Session}};
    ///
    /// let session = Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
    /// let session = session.receiver("mx.example.net");
    /// assert_eq!(session.receiver_name(), Some("mx.example.net"));
    /// let expanded = spf::expand_macros(&Snapshot::new(), "not for %{r}", Place::Explanation, &session, Timestamp(0));
    /// assert_eq!(expanded, Step::Done(Some("not for mx.example.net".to_owned())));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn receiver(mut self, name: &str) -> Self {
        self.receiver = Some(name.to_owned());
        self
    }

    /// The same, but `check_host()` begins at `domain` and not at the sender's (§4.1).
    ///
    /// ```
    /// use mailproof::{Timestamp, dns::{Snapshot, Step}, spf::{self, Session}};
    ///
    /// // Is it the included record that passes this client? The macros in it still see the sender.
    /// let session = Session::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com");
    /// let session = session.domain("_spf.esp.example");
    /// let Step::Ask(questions) = spf::check_host(&Snapshot::new(), &session, Timestamp(0)) else { panic!() };
    /// assert_eq!(questions[0].to_string(), "_spf.esp.example TXT");
    /// assert_eq!(session.sender_domain(), "example.com");
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.domain = usable(domain);
        self
    }

    fn with(ip: IpAddr, helo: &str, mail_from: &str, identity: Identity) -> Self {
        // §2.4: the null reverse-path stands for `postmaster` at the HELO name.
        let (local_part, domain_text) = match mail_from.rsplit_once('@') {
            _ if mail_from.is_empty() => ("", helo),
            Some(parts) => parts,
            None => ("", mail_from),
        };
        // §4.3: without a local-part, `postmaster`.
        let local_part = if local_part.is_empty() { "postmaster" } else { local_part };
        let domain = usable(domain_text);
        // RFC 8616 §4: U-labels become A-labels before anything else.
        let ascii = domain.as_ref().ok().filter(|_| !domain_text.is_ascii());
        let sender = format!("{local_part}@{}", ascii.map_or(domain_text, Name::as_str));
        Self {
            given_ip: ip,
            ip: ip.to_canonical(),
            helo: helo.to_owned(),
            mail_from: mail_from.to_owned(),
            identity,
            receiver: None,
            at: local_part.len(),
            sender,
            domain,
        }
    }

    /// The client's address; an IPv4-mapped one as IPv4.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The client's address as it was given.
    pub fn given_ip(&self) -> IpAddr {
        self.given_ip
    }

    /// The HELO name as given; anything may stand there.
    pub fn helo(&self) -> &str {
        &self.helo
    }

    /// The reverse-path as given, empty for the null one.
    pub fn mail_from(&self) -> &str {
        &self.mail_from
    }

    /// Whose authority is checked.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// The name of the receiving host, if it was given.
    pub fn receiver_name(&self) -> Option<&str> {
        self.receiver.as_deref()
    }

    /// The sender: the reverse-path, or `postmaster` at the HELO name; its domain in A-labels.
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// The sender's local-part.
    pub fn local_part(&self) -> &str {
        &self.sender[..self.at]
    }

    /// The sender's domain, in A-labels.
    pub fn sender_domain(&self) -> &str {
        &self.sender[self.at + 1..]
    }

    /// The domain at which `check_host()` begins.
    ///
    /// # Errors
    /// When that is no domain of at least two labels (§4.3).
    pub fn checked_domain(&self) -> Result<&Name, DomainDefect> {
        self.domain.as_ref().map_err(|defect| *defect)
    }
}

fn usable(text: &str) -> Result<Name, DomainDefect> {
    if text.is_empty() {
        return Err(DomainDefect::Empty);
    }
    if text.starts_with('[') {
        return Err(DomainDefect::Literal);
    }
    let name = Name::parse(text).map_err(|_| DomainDefect::Malformed)?;
    if name.label_count() < 2 { Err(DomainDefect::SingleLabel) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(mail_from: &str) -> Session {
        Session::new("::ffff:192.0.2.1".parse().unwrap(), "mx.example.com", mail_from)
    }

    #[test]
    fn section_4_3_defaults() {
        assert_eq!(session("a@b@Example.com").local_part(), "a@b");
        assert_eq!(session("@example.com").sender(), "postmaster@example.com");
        assert_eq!(session("").sender(), "postmaster@mx.example.com");
        assert_eq!(session("ü@bücher.example").sender(), "ü@xn--bcher-kva.example");
        assert_eq!(session("").ip().to_string(), "192.0.2.1");
    }

    #[test]
    fn section_4_3_none() {
        use DomainDefect as D;
        for (mail_from, defect) in [
            ("a@localhost", D::SingleLabel),
            ("a@[192.0.2.1]", D::Literal),
            ("a@x..example", D::Malformed),
            ("a@", D::Empty),
        ] {
            assert_eq!(session(mail_from).checked_domain(), Err(defect), "{mail_from}");
        }
        assert_eq!(Session::for_helo([192, 0, 2, 1].into(), "localhost").checked_domain(), Err(D::SingleLabel));
    }
}
