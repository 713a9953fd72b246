//! DMARC reporting URIs (RFC 9989 §4.6 and §4.8, `dmarc-urilist`; RFC 6068 for `mailto:`).

use crate::Name;
use crate::mailbox::Mailbox;
use crate::text::{Source, Span};

/// A member of `rua` or `ruf`.
///
/// ```
/// use mailproof::dmarc::Record;
///
/// let record = Record::parse("v=DMARC1; p=none; rua=mailto:dmarc%2Breports@example.net!10m");
/// let uri = record.rua()[0];
/// assert!(uri.is_valid());
/// assert_eq!(uri.mailbox(record.source()).unwrap().to_string(), "dmarc+reports@example.net");
/// assert_eq!(uri.host(record.source()).unwrap(), "example.net");
/// assert_eq!(&record.source().text()[uri.size.unwrap()], "!10m");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Uri {
    /// All of it, the obsolete size included.
    pub span: Span,
    /// The URI alone.
    pub uri: Span,
    /// The obsolete size limit with its `!` (RFC 7489 §6.2), which reporters ignore.
    pub size: Option<Span>,
    /// What it names.
    pub target: Target,
}

/// What a reporting URI names.
///
/// ```
/// use mailproof::dmarc::{Record, Target};
///
/// let record = Record::parse("v=DMARC1; p=none; rua=mailto:d@example.com,https://example.com/dmarc,d@example.com");
/// let [mail, web, none] = record.rua() else { panic!() };
/// let Target::Mailto { address } = mail.target else { panic!() };
/// assert_eq!(&record.source().text()[address], "d@example.com");
/// assert!(matches!(web.target, Target::Other { .. }));
/// assert!(matches!(none.target, Target::Unusable { .. }));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// A mailbox.
    Mailto {
        /// The addr-spec, percent-encoded as written.
        address: Span,
    },
    /// Something of another scheme; a reporter that does not support it ignores the URI (§4.7).
    Other {
        /// The scheme.
        scheme: Span,
    },
    /// No URI: reporters ignore it.
    Unusable {
        /// Why.
        problem: UriProblem,
        /// What is wrong with it.
        span: Span,
    },
}

/// Why a member of `rua` or `ruf` is no reporting URI.
///
/// ```
/// use mailproof::dmarc::{Record, Target, UriProblem};
///
/// let problem = |rua: &str| match Record::parse(format!("v=DMARC1; p=none; rua={rua}").as_str()).rua()[0].target {
///     Target::Unusable { problem, .. } => Some(problem),
///     _ => None,
/// };
/// assert_eq!(problem("d@example.com"), Some(UriProblem::NoScheme));
/// assert_eq!(problem("mailto:d@example.com mailto:e@example.com"), Some(UriProblem::Space));
/// assert_eq!(problem("mailto:example.com"), Some(UriProblem::Address));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UriProblem {
    /// Nothing stands between two commas.
    Empty,
    /// There is no scheme, such as `mailto:`.
    NoScheme,
    /// White space inside, as between two URIs without a comma.
    Space,
    /// A `!` that begins no size, and is not written `%21`.
    Bang,
    /// A `!` with something after it that looks like a size but is none.
    Size,
    /// A character that no URI may hold unencoded (RFC 3986 §2). One that is not ASCII spoils the whole list.
    Character,
    /// A `%` without two hexadecimal digits after it.
    Percent,
    /// `mailto:` without an address, or with something that is none (RFC 6068 §2).
    Address,
}

impl Uri {
    /// Whether it is a syntactically valid reporting URI (§4.10.1).
    pub fn is_valid(&self) -> bool {
        !matches!(self.target, Target::Unusable { .. })
    }

    /// The mailbox that it names, percent-decoded. There is none where an encoded character needs quotation marks that are not there.
    pub fn mailbox(&self, source: &Source) -> Option<Mailbox> {
        let Target::Mailto { address } = self.target else { return None };
        Mailbox::parse(&percent_decoded(&source.text()[address])?).ok()
    }

    /// The host that reports go to: for `mailto:` the domain after the last `@`, otherwise the authority's host (RFC 9990 §4).
    pub fn host(&self, source: &Source) -> Option<Name> {
        match self.target {
            Target::Mailto { address } => {
                Name::parse(source.text()[address].rsplit_once('@')?.1).ok().filter(Name::is_mail_domain)
            }
            Target::Other { scheme } => {
                let rest = &source.text()[Span { start: scheme.end, end: self.uri.end }];
                let authority = rest.strip_prefix("://")?.split(['/', '?', '#']).next()?;
                let host = authority.rsplit('@').next()?;
                let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
                Name::parse(host).ok().filter(Name::is_hostname)
            }
            Target::Unusable { .. } => None,
        }
    }
}

/// URIs of one `rua` or `ruf` that are kept. A DNS answer of 64 KiB could hold thousands; nobody sends to so many.
pub const MAX_URIS: usize = 100;

/// The members of the list at `list`.
pub(super) fn read_list(text: &str, list: Span) -> Vec<Uri> {
    let mut out = Vec::new();
    let (mut at, end) = (list.start as usize, list.end as usize);
    while out.len() < MAX_URIS {
        let comma = memchr::memchr(b',', &text.as_bytes()[at..end]).map_or(end, |length| at + length);
        out.push(read(text, trimmed(text.as_bytes(), at, comma)));
        if comma == end {
            break;
        }
        at = comma + 1;
    }
    ignore_all_beside_non_ascii(text, list, &mut out);
    out
}

/// §4.8: `dmarc-value` is ASCII. A tag with anything else in it is none, and its other URIs are not read either.
fn ignore_all_beside_non_ascii(text: &str, list: Span, uris: &mut [Uri]) {
    if text[list].is_ascii() {
        return;
    }
    let Some((at, stranger)) = text[list].char_indices().find(|(_, c)| !c.is_ascii()) else { return };
    let start = list.start as usize + at;
    let span = Span::new(start, start + stranger.len_utf8());
    for uri in uris.iter_mut().filter(|uri| uri.is_valid()) {
        uri.target = Target::Unusable { problem: UriProblem::Character, span };
    }
}

/// One member, white space at its ends already left out.
fn read(text: &str, span: Span) -> Uri {
    let (start, bytes) = (span.start as usize, &text.as_bytes()[span.range()]);
    let part = |from: usize, to: usize| Span::new(start + from, start + to);
    let unusable = |problem, span| Uri { span, uri: span, size: None, target: Target::Unusable { problem, span } };
    let whole = |problem, at: Span| Uri { span, ..unusable(problem, at) };

    if bytes.is_empty() {
        return unusable(UriProblem::Empty, span);
    }
    let mut bang = None;
    let mut colon = None;
    let mut next = 0;
    while let Some(step) = bytes[next..].iter().position(|&b| !PLAIN[usize::from(b)]) {
        let i = next + step;
        next = i + 1;
        match bytes[i] {
            b':' if colon.is_none() => colon = Some(i),
            b'!' if bang.is_none() => bang = Some(i),
            b' ' | b'\t' => return whole(UriProblem::Space, part(i, i + 1)),
            b'%' if !bytes.get(i + 1..i + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => {
                let end = (i + 3).min(bytes.len());
                // A character is not cut.
                let end = (end..bytes.len()).find(|&end| text.is_char_boundary(start + end)).unwrap_or(bytes.len());
                return whole(UriProblem::Percent, part(i, end));
            }
            b':' | b'!' | b'%' => {}
            _ => {
                let length = text[start + i..].chars().next().map_or(1, char::len_utf8);
                return whole(UriProblem::Character, part(i, i + length));
            }
        }
    }
    // `obs-dmarc-uri`: the size is stripped and ignored.
    let (uri, size) = match bang {
        None => (span, None),
        Some(at) if is_size(&bytes[at..]) => (part(0, at), Some(part(at, bytes.len()))),
        Some(at) => {
            let after = &bytes[at + 1..];
            let problem = if after.first().is_none_or(u8::is_ascii_digit) && !after.contains(&b'@') {
                UriProblem::Size
            } else {
                UriProblem::Bang
            };
            let end = if problem == UriProblem::Size { bytes.len() } else { at + 1 };
            return whole(problem, part(at, end));
        }
    };
    let scheme = colon.filter(|&colon| is_scheme(&bytes[..colon]));
    let Some(colon) = scheme else { return whole(UriProblem::NoScheme, uri) };
    if !bytes[..colon].eq_ignore_ascii_case(b"mailto") {
        return Uri { span, uri, size, target: Target::Other { scheme: part(0, colon) } };
    }
    let rest = Span { start: (start + colon + 1) as u32, end: uri.end };
    // RFC 6068 §2: header fields follow a `?`; DMARC gives them no meaning.
    let bytes = &text.as_bytes()[rest.range()];
    let length = bytes.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(rest.len());
    let address = Span::new(rest.start as usize, rest.start as usize + length);
    if !is_address(&text.as_bytes()[address.range()]) {
        return whole(UriProblem::Address, address);
    }
    Uri { span, uri, size, target: Target::Mailto { address } }
}

/// `obs-dmarc-report-size`.
fn is_size(bytes: &[u8]) -> bool {
    let Some(digits) = bytes.strip_prefix(b"!") else { return false };
    let digits = match digits {
        [digits @ .., b'k' | b'm' | b'g' | b't' | b'K' | b'M' | b'G' | b'T'] => digits,
        digits => digits,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Characters that a URI may hold and that mean nothing to the scan: RFC 3986 §2.2 and §2.3, without `,` and `!`, which
/// DMARC wants encoded, and without `:` and `%`.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let marks = b"-._~/?#[]@$&'()*+=";
    let mut i = 0;
    while i < marks.len() {
        table[marks[i] as usize] = true;
        i += 1;
    }
    table
};

/// RFC 3986 §3.1.
fn is_scheme(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// Whether it is an addr-spec (RFC 6068 §2): a local-part, and behind the last `@` a domain of labels or an address literal.
fn is_address(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().rposition(|&b| b == b'@').filter(|&at| is_local_part(&bytes[..at])) else {
        return false;
    };
    let domain = &bytes[at + 1..];
    if domain.starts_with(b"[") {
        return true;
    }
    let mut label = 0;
    for &byte in domain {
        match byte {
            b'.' if label == 0 => return false,
            b'.' => label = 0,
            b'-' | b'_' => label += 1,
            _ if byte.is_ascii_alphanumeric() => label += 1,
            _ => return false,
        }
        if label > crate::name::MAX_LABEL {
            return false;
        }
    }
    label > 0
}

/// `dot-atom-text` or an encoded `quoted-string` (RFC 6068 §2). In an atom, too, anything encoded but an `@` is taken for a letter of
/// it: DMARC has commas and exclamation marks encoded (§4.8), and nobody writes quotation marks around those.
fn is_local_part(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"%22") {
        return bytes.len() >= 6 && bytes.ends_with(b"%22") && !bytes.contains(&b'@');
    }
    let mut after_dot = true;
    for (i, &byte) in bytes.iter().enumerate() {
        after_dot = match byte {
            b'.' if after_dot => return false,
            b'.' => true,
            b'%' if bytes[i..].starts_with(b"%40") => return false,
            b'@' | b':' | b'(' | b')' | b'[' | b']' => return false,
            _ => false,
        };
    }
    !after_dot
}

fn percent_decoded(text: &str) -> Option<String> {
    let Some(first) = memchr::memchr(b'%', text.as_bytes()) else { return Some(text.to_owned()) };
    let mut out = text.as_bytes()[..first].to_vec();
    let mut rest = &text.as_bytes()[first..];
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            out.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &tail[2..];
        } else {
            out.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

/// `start..end` without white space at its ends: SP and TAB only (§4.8, WSP).
pub(super) fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> Span {
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    while start < end && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<Uri> {
        read_list(text, Span::new(0, text.len()))
    }

    fn one(text: &str) -> Uri {
        let uris = list(text);
        assert_eq!(uris.len(), 1);
        uris[0]
    }

    fn problem(text: &str) -> (UriProblem, String) {
        match one(text).target {
            Target::Unusable { problem, span } => (problem, text[span].to_owned()),
            target => panic!("{text}: {target:?}"),
        }
    }

    #[test]
    fn good_uris() {
        let text = "mailto:a@x.example!10m \t, https://r.example:8443/in?x , MAILTO:b%2Cc@y.example?subject=z";
        let source = Source::new(text);
        let uris = list(text);
        assert_eq!(&text[uris[0].uri], "mailto:a@x.example");
        assert_eq!(uris[0].size.map(|size| &text[size]), Some("!10m"));
        assert_eq!(uris[1].host(&source).unwrap(), "r.example");
        assert_eq!(uris[2].mailbox(&source).map(|m| m.to_string()), None, "a decoded comma needs quotes");
        assert_eq!(uris[0].mailbox(&source).unwrap().as_str(), "a@x.example");
        assert!(uris.iter().all(Uri::is_valid));
    }

    #[test]
    fn bad_uris() {
        use UriProblem as P;
        for (text, expected, at) in [
            ("", P::Empty, ""),
            ("r@d.example", P::NoScheme, "r@d.example"),
            ("__mailto:r@d.example", P::NoScheme, "__mailto:r@d.example"),
            ("1mailto:r@d.example", P::NoScheme, "1mailto:r@d.example"),
            ("mailto:a@x mailto:b@x", P::Space, " "),
            ("mailto:a@x!10m mailto:b@x", P::Space, " "),
            ("mailto:a!b@x", P::Bang, "!"),
            ("mailto:a!1b@x", P::Bang, "!"),
            ("mailto:a!b@x!10m", P::Bang, "!"),
            ("mailto:a@x!10q", P::Size, "!10q"),
            ("mailto:a@x!", P::Size, "!"),
            ("mailto:r\u{e9}@x", P::Character, "\u{e9}"),
            ("mailto:a%4@x", P::Percent, "%4@"),
            ("mailto:a%4\u{e9}@x", P::Percent, "%4\u{e9}"),
            ("mailto:", P::Address, ""),
            ("mailto:nobody", P::Address, "nobody"),
            ("mailto:@x.example", P::Address, "@x.example"),
            ("mailto:a@", P::Address, "a@"),
            ("mailto:a@x..y", P::Address, "a@x..y"),
            ("mailto:a@x.", P::Address, "a@x."),
            ("mailto:a@b@x", P::Address, "a@b@x"),
            ("mailto:a.@x", P::Address, "a.@x"),
            ("mailto:.a@x", P::Address, ".a@x"),
            ("mailto:a..b@x", P::Address, "a..b@x"),
            ("mailto:a(b)@x", P::Address, "a(b)@x"),
            ("mailto:mailto:a@x", P::Address, "mailto:a@x"),
            ("mailto:a%40b@x", P::Address, "a%40b@x"),
            ("mailto:%22a@x", P::Address, "%22a@x"),
        ] {
            assert_eq!(problem(text), (expected, at.to_owned()), "{text}");
        }
    }

    /// RFC 1035 §2.3.4: a label has up to 63 octets. Hyphens and underscores are no less part of it than letters.
    #[test]
    fn domains_of_addresses() {
        for good in
            ["a@x-y.example", "a@_dmarc.example", "a@-", &format!("a@{}.example", "x".repeat(63)), "a@[192.0.2.1]"]
        {
            assert!(one(&format!("mailto:{good}")).is_valid(), "{good}");
        }
        for bad in [format!("a@{}.example", "x".repeat(64)), format!("a@{}.example", "-".repeat(64))] {
            assert_eq!(problem(&format!("mailto:{bad}")), (UriProblem::Address, bad));
        }
    }

    /// RFC 6068 §2: what has to be encoded in an address is decoded.
    #[test]
    fn encoded_octets_are_decoded() {
        let mailbox = |text: &str| one(text).mailbox(&Source::new(text)).map(|mailbox| mailbox.to_string());
        assert_eq!(mailbox("mailto:a%2Bdmarc@x.example").as_deref(), Some("a+dmarc@x.example"));
        assert_eq!(mailbox("mailto:gorby%25kremvax@x.example").as_deref(), Some("gorby%kremvax@x.example"));
        assert_eq!(mailbox("mailto:a%C3%BC@x.example").as_deref(), Some("a\u{fc}@x.example"));
        assert_eq!(mailbox("mailto:a%FC@x.example"), None, "no UTF-8");
    }
}
