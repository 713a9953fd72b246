//! What was asked: a domain as people type it.

use std::net::IpAddr;

use crate::Name;
use crate::mta_sts::Fetched;
use crate::name::NameError;

/// A domain to look at, and what is known about it beside the DNS.
///
/// ```
/// use mailproof::{dkim::KeyState, dns::Snapshot, domain::{self, Input}, resolver::{Zone, drive_sync}};
///
/// // Only who signs knows the selectors: the DNS does not list them.
/// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.0/24 -all""#)?;
/// let input = Input::new("example.com").selector("2026q4".parse()?);
/// let known = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| domain::check(dns, &input));
/// assert_eq!(known.facts.unwrap().selectors[0].state, KeyState::Missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Input {
    /// The domain as it was typed.
    pub domain: String,
    /// The DKIM selectors that it uses, as far as they are known: the DNS cannot list them (RFC 6376 §3.1). The first
    /// [`MAX_SELECTORS`] that fit into the DNS are looked at.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub selectors: Vec<Name>,
    /// Whether the selectors that most services use are looked at too. One that is absent says nothing.
    pub guess_selectors: bool,
    /// The domain that it stands for, if it is an alias domain with a zone of its own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub alias_of: Option<Name>,
    /// The MTA-STS policy file, if the caller fetched it: `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mta_sts: Option<Fetched>,
}

#[cfg(feature = "serde")]
crate::reading::reads! { Input { needs domain; takes selectors, guess_selectors, alias_of, mta_sts } }

/// Why a text is not a domain that can be asked about.
///
/// ```
/// use mailproof::domain::Input;
///
/// let input = Input::new("alice@example.com");
/// assert_eq!(input.name().unwrap_err().to_string(), "it is an e-mail address");
/// // What to offer instead.
/// assert_eq!(input.meant().unwrap(), "example.com");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotADomain {
    /// It has a scheme or a path.
    #[error("it is a URL")]
    Url,
    /// It has an `@`.
    #[error("it is an e-mail address")]
    Address,
    /// It is an IP address.
    #[error("it is an IP address")]
    Ip,
    /// It has characters that no domain for mail has (RFC 1035 §2.3.1).
    #[error("only letters, digits, hyphens, underscores and dots can stand in it")]
    Characters,
    /// It breaks the limits of the DNS.
    #[error("{0}")]
    Name(NameError),
}

/// Selectors that are asked about. No sender has as many in use at once.
pub const MAX_SELECTORS: usize = 50;

/// Selectors that widely used services and programs sign with.
pub const GUESSED_SELECTORS: &[&str] = &[
    "default",
    "dkim",
    "mail",
    "email",
    "google",
    "selector1",
    "selector2",
    "s1",
    "s2",
    "k1",
    "k2",
    "k3",
    "mandrill",
    "mte1",
    "mte2",
    "mxvault",
    "fm1",
    "fm2",
    "fm3",
    "protonmail",
    "zoho",
    "mailjet",
    "sendgrid",
    "smtpapi",
    "pm",
    "key1",
    // gmail.com, since 2025 and before.
    "20251104",
    "20230601",
];

impl Input {
    /// This domain, with no selector known.
    pub fn new(domain: &str) -> Self {
        Self { domain: domain.to_owned(), selectors: Vec::new(), guess_selectors: false, alias_of: None, mta_sts: None }
    }

    /// With a DKIM selector that is in use.
    #[must_use]
    pub fn selector(mut self, selector: Name) -> Self {
        self.selectors.push(selector);
        self
    }

    /// The domain.
    ///
    /// # Errors
    /// What the text is instead.
    ///
    /// ```
    /// use mailproof::domain::{Input, NotADomain};
    ///
    /// assert_eq!(Input::new(" Example.com. ").name().unwrap().as_str(), "example.com");
    /// assert_eq!(Input::new("https://example.com/").name(), Err(NotADomain::Url));
    /// ```
    pub fn name(&self) -> Result<Name, NotADomain> {
        let text = self.domain.trim();
        if text.contains("://") || text.contains('/') {
            return Err(NotADomain::Url);
        }
        if text.contains('@') {
            return Err(NotADomain::Address);
        }
        if text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok() {
            return Err(NotADomain::Ip);
        }
        let name = Name::parse(text).map_err(NotADomain::Name)?;
        if name == Name::root() {
            return Err(NotADomain::Name(NameError::Empty));
        }
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if name.as_str().bytes().all(known) { Ok(name) } else { Err(NotADomain::Characters) }
    }

    /// The domain that was probably meant by a text that is none: of a URL or an address.
    ///
    /// ```
    /// let input = mailproof::domain::Input::new("https://www.example.com/contact");
    /// assert_eq!(input.meant().unwrap().as_str(), "example.com");
    /// ```
    pub fn meant(&self) -> Option<Name> {
        let text = self.domain.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.split(['/', '?', '#']).next()?;
        let text = text.rsplit('@').next()?.trim_matches(['<', '>', ' ', '"']);
        let text = text.split(':').next()?;
        let meant = Self::new(text).name().ok()?;
        // A web page is served under `www`, and mail is sent from the domain above it.
        match meant.as_str().strip_prefix("www.").filter(|rest| rest.contains('.')) {
            Some(above) => Name::parse(above).ok(),
            None => Some(meant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (text, error, meant) in [
            ("https://www.d.example/kontakt", NotADomain::Url, Some("d.example")),
            ("http://d.example:8080", NotADomain::Url, Some("d.example")),
            ("d.example/", NotADomain::Url, Some("d.example")),
            ("Alice <a@d.example>", NotADomain::Address, Some("d.example")),
            ("192.0.2.1", NotADomain::Ip, None),
            ("[2001:db8::1]", NotADomain::Ip, None),
            ("d example", NotADomain::Characters, None),
            ("d\texample", NotADomain::Name(NameError::Character { character: '\t' }), None),
            ("d.exam\"ple", NotADomain::Characters, None),
            ("", NotADomain::Name(NameError::Empty), None),
            (".", NotADomain::Name(NameError::Empty), None),
        ] {
            let input = Input::new(text);
            assert_eq!(input.name(), Err(error), "{text}");
            assert_eq!(input.meant().as_ref().map(Name::as_str), meant, "{text}");
        }
        assert_eq!(Input::new("bücher.example").name().unwrap().as_str(), "xn--bcher-kva.example");
    }
}
