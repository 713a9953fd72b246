//! The policy file (RFC 8461 §3.2 and §3.3).

use crate::Name;
use crate::text::{Source, Span};

/// Octets of a policy file that are read; §3.3 suggests that senders read no more.
pub const MAX_OCTETS: usize = 64 * 1024;

/// What fetching `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` gave. The library has no network: the caller fetches.
///
/// ```
/// use mailproof::{dns::Snapshot, mta_sts::{self, Fetched}, resolver::{Zone, drive_sync}};
///
/// let (zone, domain) = (Zone::parse("example.com. MX 10 mail.example.com.")?, "example.com".parse()?);
/// let mut file = Fetched::default();
/// file.status = Some(404);
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_policy(dns, &domain, &file));
/// assert_eq!(found[0].code, "sts-policy-fetch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Fetched {
    /// The HTTP status; `None` if it is not known.
    pub status: Option<u16>,
    /// The Content-Type, if it is known.
    pub content_type: Option<String>,
    /// Why nothing could be fetched: no connection, a certificate that does not fit.
    pub failure: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

#[cfg(feature = "serde")]
crate::reading::reads! { default Fetched { needs; takes status, content_type, failure, body } }

impl Fetched {
    /// A body of which nothing else is known.
    ///
    /// ```
    /// use mailproof::mta_sts::{Fetched, Mode, Policy};
    ///
    /// let file = Fetched::body(b"version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n");
    /// assert_eq!(Policy::parse(&file.body).mode(), Some(Mode::Testing));
    /// assert_eq!(file.status, None);
    /// ```
    pub fn body(body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..Self::default() }
    }
}

/// A policy, whatever it looks like. Unknown keys and everything that cannot be read stay in [`Policy::lines`].
///
/// ```
/// use mailproof::mta_sts::Policy;
///
/// let policy = Policy::parse(b"version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 86400\n");
/// let text = policy.source.text();
/// assert_eq!(policy.value("mode").map(|mode| &text[mode]), Some("testing"));
/// assert_eq!(policy.mx().map(|pattern| &text[pattern]).collect::<Vec<_>>(), ["mail.example.com"]);
/// // A sender that takes the policy at its word does not deliver to this server.
/// assert!(!policy.covers(&"mx.provider.example".parse()?));
/// # Ok::<(), mailproof::name::NameError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The text, up to [`MAX_OCTETS`].
    pub source: Source,
    /// The lines that are not empty.
    pub lines: Vec<Line>,
}

/// A line `key: value`.
///
/// ```
/// use mailproof::mta_sts::Policy;
///
/// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx mail.example.com\nmax_age: 86400\n");
/// // The colon is missing, so the line names no server.
/// let line = policy.lines.iter().find(|line| line.key.is_empty()).unwrap();
/// assert_eq!(&policy.source.text()[line.value], "mx mail.example.com");
/// assert_eq!(policy.mx().count(), 0);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// All of it, without its line end.
    pub span: Span,
    /// The key; empty where there is no colon.
    pub key: Span,
    /// The value.
    pub value: Span,
}

/// What senders do when no server of the policy can be reached over TLS.
///
/// ```
/// use mailproof::mta_sts::{Mode, Policy};
///
/// assert_eq!(Policy::parse(b"version: STSv1\nmode: testing\n").mode(), Some(Mode::Testing));
/// // Words are compared with regard to case (§3.2): this is no policy.
/// assert_eq!(Policy::parse(b"version: STSv1\nmode: Enforce\n").mode(), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// They do not deliver.
    Enforce,
    /// They deliver, and report.
    Testing,
    /// There is no policy.
    None,
}

impl Policy {
    /// Reads a file.
    ///
    /// ```
    /// use mailproof::mta_sts::{Mode, Policy};
    ///
    /// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: *.d.example\nmax_age: 604800\n");
    /// assert_eq!((policy.mode(), policy.max_age()), (Some(Mode::Enforce), Some(604800)));
    /// assert!(policy.covers(&"mx1.d.example".parse()?) && !policy.covers(&"d.example".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(body: &[u8]) -> Self {
        let source = Source::from_bytes(&body[..body.len().min(MAX_OCTETS)]);
        let text = source.text();
        let mut lines = Vec::new();
        // §3.2: a line ends in LF or CRLF; the CR goes with the other white space.
        for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
            let span = Span::of(line, text);
            let (key, value) = line.split_once(':').unwrap_or(("", line));
            lines.push(Line { span, key: Span::of(key.trim(), text), value: Span::of(value.trim(), text) });
        }
        // The place of an empty key is where its line begins.
        for line in lines.iter_mut().filter(|line| line.key.is_empty()) {
            line.key = Span::at(line.span.start as usize);
        }
        Self { lines, source }
    }

    /// The value of the first line with this key (§3.2: the first counts).
    pub fn value(&self, key: &str) -> Option<Span> {
        self.lines.iter().find(|line| &self.source.text()[line.key] == key).map(|line| line.value)
    }

    /// `mode`, if it is one.
    pub fn mode(&self) -> Option<Mode> {
        match &self.source.text()[self.value("mode")?] {
            "enforce" => Some(Mode::Enforce),
            "testing" => Some(Mode::Testing),
            "none" => Some(Mode::None),
            _ => None,
        }
    }

    /// `max_age` in seconds, if it is a number up to the limit of §3.2.
    pub fn max_age(&self) -> Option<u32> {
        let text = &self.source.text()[self.value("max_age")?];
        let is_number = (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|age| is_number && *age <= MAX_AGE)
    }

    /// The patterns of all `mx` lines.
    pub fn mx(&self) -> impl Iterator<Item = Span> {
        self.lines.iter().filter(|line| &self.source.text()[line.key] == "mx").map(|line| line.value)
    }

    /// Whether a mail server fits one of the patterns (§4.1).
    pub fn covers(&self, host: &Name) -> bool {
        self.mx().any(|pattern| fits(&self.source.text()[pattern], host))
    }
}

/// §3.2: a year, and a quarter of a day for leap years.
pub(super) const MAX_AGE: u32 = 31_557_600;

/// §4.1: the whole name, or `*` for exactly one label at its left.
pub(super) fn fits(pattern: &str, host: &Name) -> bool {
    let host = host.as_str();
    match pattern.strip_prefix("*.") {
        Some(suffix) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(suffix)),
        None => host.eq_ignore_ascii_case(pattern),
    }
}

/// §3.2: a host name in A-labels, or `*.` and one.
pub(super) fn is_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    name.is_ascii() && !name.ends_with('.') && Name::parse(name).is_ok_and(|name| name.is_hostname())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_4_1_matching() {
        let host = |text: &str| Name::parse(text).unwrap();
        assert!(fits("*.d.example", &host("mx.d.example")) && fits("MX.d.example", &host("mx.d.example")));
        for other in ["d.example", "a.mx.d.example", "mx.e.example"] {
            assert!(!fits("*.d.example", &host(other)), "{other}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, good) in [
            ("mx.d.example", true),
            ("*.d.example", true),
            ("mx.*.d.example", false),
            ("mx.d.example.", false),
            ("mx1.d.example, mx2.d.example", false),
            ("*", false),
            ("bücher.example", false),
            ("192.0.2.1", true),
        ] {
            // What looks like an address is a name of digits to the grammar; no host is called so.
            assert_eq!(is_pattern(pattern), good, "{pattern}");
        }
    }

    #[test]
    fn the_first_of_two_lines_counts() {
        let policy = Policy::parse(b"mode: none\r\nmode: enforce\r\n\r\n");
        assert_eq!(policy.mode(), Some(Mode::None));
        assert_eq!(policy.lines.len(), 2);
    }

    /// §3.2: `sts-policy-term = LF / CRLF`.
    #[test]
    fn a_bare_cr_ends_no_line() {
        assert_eq!(Policy::parse(b"version: STSv1\rmode: enforce\r").lines.len(), 1);
        assert_eq!(Policy::parse(b"version: STSv1\rmode: enforce\r").mode(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_octets(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let policy = Policy::parse(&body);
            for line in &policy.lines {
                proptest::prop_assert!(line.span.contains(line.key) && line.span.contains(line.value));
            }
        }
    }
}
