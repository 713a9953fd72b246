//! What kind of record a text is.

use std::fmt;
use std::str::FromStr;

use crate::text::Source;

/// A kind of record or header field.
///
/// ```
/// use mailproof::report::Kind;
///
/// let kind = Kind::detect("v=DMARC; p=none").unwrap();
/// assert_eq!((kind.as_str(), kind.told()), ("dmarc", "a DMARC record"));
/// assert_eq!("dkim-key".parse(), Ok(Kind::DkimKey));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Kind {
    /// An SPF record.
    Spf,
    /// A DMARC Policy Record.
    Dmarc,
    /// A DKIM key record.
    DkimKey,
    /// The value of a DKIM-Signature field.
    DkimSignature,
    /// An MTA-STS record.
    MtaSts,
    /// A TLS reporting record.
    TlsRpt,
    /// A BIMI assertion record.
    Bimi,
}

#[cfg(feature = "serde")]
crate::reading::reads_words!(Kind);

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Spf, Self::Dmarc, Self::DkimKey, Self::DkimSignature, Self::MtaSts, Self::TlsRpt, Self::Bimi];

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::DkimKey => "dkim-key",
            Self::DkimSignature => "dkim-signature",
            Self::MtaSts => "mta-sts",
            Self::TlsRpt => "tls-rpt",
            Self::Bimi => "bimi",
        }
    }

    /// The words for people, with an article.
    pub fn told(self) -> &'static str {
        match self {
            Self::Spf => "an SPF record",
            Self::Dmarc => "a DMARC record",
            Self::DkimKey => "a DKIM key record",
            Self::DkimSignature => "a DKIM signature",
            Self::MtaSts => "an MTA-STS record",
            Self::TlsRpt => "a TLS reporting record",
            Self::Bimi => "a BIMI record",
        }
    }

    /// What `text` is most likely meant to be; `None` if it looks like none of them.
    ///
    /// A broken version still tells: `spf1 a -all`, `v=DMARC; p=none`. Marks are looked for in the first 1,000 characters, where the version
    /// and the first tags are.
    ///
    /// ```
    /// use mailproof::report::Kind;
    ///
    /// assert_eq!(Kind::detect("\"v=spf1 -all\""), Some(Kind::Spf));
    /// assert_eq!(Kind::detect("k=rsa; p=MIGf"), Some(Kind::DkimKey));
    /// assert_eq!(Kind::detect("google-site-verification=x"), None);
    /// ```
    pub fn detect(text: &str) -> Option<Self> {
        let squeezed: String =
            crate::panel::unwrapped(text).chars().filter(|c| !c.is_whitespace() && *c != '"').take(LOOK_AT).collect();
        let lower = squeezed.to_ascii_lowercase();
        let version = lower.strip_prefix("v=").or_else(|| lower.strip_prefix("v:")).unwrap_or(&lower);
        let versions: [(&str, Self); 7] = [
            ("spf", Self::Spf),
            ("dmarc", Self::Dmarc),
            ("dkim", Self::DkimKey),
            ("stsv", Self::MtaSts),
            ("tlsrpt", Self::TlsRpt),
            ("bimi", Self::Bimi),
            ("sts", Self::MtaSts),
        ];
        if let Some((_, kind)) = versions.iter().find(|(word, _)| version.starts_with(word)) {
            return Some(*kind);
        }
        // Marks around it: quotation marks of all kinds, those of Markdown, `Value:`.
        let inside = versions.iter().filter_map(|(word, kind)| Some((lower.find(&format!("v={word}"))?, kind)));
        if let Some((_, kind)) = inside.min_by_key(|(at, _)| *at).filter(|(at, _)| *at <= MAX_AROUND) {
            return Some(*kind);
        }
        let tag = |name: &str| lower.starts_with(name) || lower.contains(&format!(";{name}"));
        if tag("bh=") || (tag("b=") && tag("d=")) {
            return Some(Self::DkimSignature);
        }
        if ["p=none", "p=quarantine", "p=reject"].into_iter().any(tag) || tag("rua=mailto:") && !tag("v=tls") {
            return Some(Self::Dmarc);
        }
        if tag("p=") && (tag("k=") || tag("h=") || tag("s=") || tag("t=") || lower.starts_with("p=")) {
            return Some(Self::DkimKey);
        }
        // Prose has such words too, a record hardly anything else.
        let words = || text.split_whitespace().map(|word| crate::spf::unqualified(word).to_ascii_lowercase());
        let terms = words().filter(|word| {
            let names = ["include:", "ip4:", "ip6:", "redirect=", "a:", "mx:"];
            matches!(word.as_str(), "all" | "a" | "mx" | "ptr") || names.iter().any(|name| word.starts_with(name))
        });
        let spf = 2 * terms.count() >= words().count().max(1);
        spf.then_some(Self::Spf)
    }
}

/// Octets, without white space, before the version of a record that was copied with what stood around it.
const MAX_AROUND: usize = 40;
/// Characters that are looked at: the version and the first tags are there.
const LOOK_AT: usize = 1_000;

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no kind of record.
///
/// ```
/// use mailproof::report::Kind;
///
/// let error = "dkim".parse::<Kind>().unwrap_err();
/// assert_eq!(error.to_string(), "`dkim` is not a kind of record known here", "it is `dkim-key` or `dkim-signature`");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a kind of record known here")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A record as people paste it: if all of `text` is quoted strings, as DNS tools print them, these are its
/// character-strings, with `\"`, `\\` and `\DDD` read as RFC 1035 §5.1 says.
///
/// ```
/// use mailproof::report::pasted;
///
/// assert_eq!(pasted(r#""v=spf1 a" " -all""#).text(), "v=spf1 a -all");
/// assert_eq!(pasted(r#"v=spf1 "a" -all"#).text(), r#"v=spf1 "a" -all"#);
/// ```
pub fn pasted(text: &str) -> Source {
    match quoted_strings(text.trim_matches(['\r', '\n'])) {
        Some(strings) => Source::from_strings(strings),
        None => Source::new(text.trim_matches(['\r', '\n'])),
    }
}

fn quoted_strings(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut strings = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('"')?;
        let mut string = Vec::new();
        loop {
            let bytes = rest.as_bytes();
            let (byte, used) = match bytes {
                [b'"', ..] => break,
                [b'\\', digits @ ..] if digits.len() >= 3 && digits[..3].iter().all(u8::is_ascii_digit) => {
                    (rest[1..4].parse().ok()?, 4)
                }
                [b'\\', next, ..] if next.is_ascii() => (*next, 2),
                [] | [b'\\', ..] => return None,
                [byte, ..] if byte.is_ascii() => (*byte, 1),
                _ => {
                    let c = rest.chars().next()?;
                    string.extend_from_slice(&bytes[..c.len_utf8()]);
                    rest = &rest[c.len_utf8()..];
                    continue;
                }
            };
            string.push(byte);
            rest = &rest[used..];
        }
        strings.push(string);
        rest = rest[1..].trim_start();
    }
    (!strings.is_empty()).then_some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_publish() {
        for (text, kind) in [
            ("v=spf1 -all", Kind::Spf),
            ("V = SPF1 -all", Kind::Spf),
            ("spf1 mx", Kind::Spf),
            ("\u{201c}v=spf1 mx -all\u{201d}", Kind::Spf),
            ("**v=spf1 mx -all**", Kind::Spf),
            ("Type: TXT Name: @ Value: v=spf1 mx -all", Kind::Spf),
            ("id=1; v=STSv1;", Kind::MtaSts),
            ("mx ip4:192.0.2.1 ~all", Kind::Spf),
            ("v=DMARC1; p=none", Kind::Dmarc),
            ("p=reject; v=DMARC1", Kind::Dmarc),
            ("v=DKIM1; k=rsa; p=MIGf", Kind::DkimKey),
            ("p=MIGf", Kind::DkimKey),
            ("v=1; a=rsa-sha256; d=example.com; s=a; h=from; bh=x; b=y", Kind::DkimSignature),
            ("v=STSv1; id=1", Kind::MtaSts),
            ("v=TLSRPTv1; rua=mailto:a@example.com", Kind::TlsRpt),
            ("v=BIMI1; l=https://example.com/l.svg", Kind::Bimi),
        ] {
            assert_eq!(Kind::detect(text), Some(kind), "{text}");
        }
        assert_eq!(Kind::detect(""), None);
        assert_eq!(Kind::detect("MS=ms123"), None);
    }

    #[test]
    fn only_quoted_strings_are_unquoted() {
        assert_eq!(
            pasted("\"a\\\"b\\\\\\065\" \"é\"\n").strings().map(|s| s.text).collect::<Vec<_>>(),
            ["a\"b\\A", "é"]
        );
        for text in ["\"a", "\"a\" b", "a\"", "\"\\", "\"\\é\""] {
            assert_eq!(pasted(text).text(), text);
        }
    }
}
