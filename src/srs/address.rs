//! SRS addresses: `SRS0=HHHH=TT=host=user@forwarder` and `SRS1=HHHH=first-host==HHHH=TT=host=user@forwarder`.
//!
//! The scheme is Shevek's "Sender Rewriting Scheme" (2004), guarded form, as libsrs2, postsrsd, Mail::SRS and pysrs write it.

use super::Dialect;
use super::form::{Field, Form, Inner, Malformed, Srs0, Srs1};
use crate::mailbox::closing_quote;
use crate::text::{Source, Span};

/// An address, read as SRS.
///
/// Reading never fails: what is no SRS address has [`Form::Other`], and one that starts like SRS but lacks a field
/// has [`Form::Malformed`].
///
/// ```
/// use mailproof::srs::{Address, Form};
///
/// let address = Address::parse("SRS0=PGkz=G3=example.com=alice@fwd.example");
/// let Form::Srs0(srs0) = address.form() else { panic!() };
/// assert_eq!(address.slice(srs0.host), "example.com");
/// assert_eq!(address.slice(srs0.user), "alice");
/// assert_eq!(address.domain(), Some("fwd.example"));
/// // The same places in the text as it was given.
/// let text = address.source().text();
/// assert_eq!(text, address.as_str());
/// assert_eq!(&text[address.domain_span().unwrap()], "fwd.example");
/// assert_eq!(&text[address.local_part_span()], "SRS0=PGkz=G3=example.com=alice");
/// assert_eq!(address.dialect(), None, "no scheme but SRS writes so");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    source: Source,
    parts: Parts,
}

/// Where the parts of an address stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Parts {
    pub(super) quoted: bool,
    /// The local-part without the quotes around it.
    pub(super) local: Span,
    /// `None` without an `@`.
    pub(super) domain: Option<Span>,
    pub(super) form: Form,
}

impl Address {
    /// Reads an addr-spec without angle brackets.
    pub fn parse(text: &str) -> Self {
        Self { source: Source::new(text), parts: scan(text) }
    }

    /// What it is.
    pub fn form(&self) -> Form {
        self.parts.form
    }

    /// Whether another known scheme made it, as far as its shape tells.
    pub fn dialect(&self) -> Option<Dialect> {
        Dialect::of(self.as_str(), self.local_part_span(), self.form())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        self.source.text()
    }

    /// The text, to quote from in findings.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The local-part without the quotes around it.
    ///
    /// ```
    /// use mailproof::srs::Address;
    ///
    /// let address = Address::parse("\"SRS0=PGkz=G3=example.com=alice lee\"@fwd.example");
    /// assert_eq!(address.local_part(), "SRS0=PGkz=G3=example.com=alice lee");
    /// assert!(address.is_quoted());
    /// ```
    pub fn local_part(&self) -> &str {
        self.slice(self.parts.local)
    }

    /// The place of the local-part without the quotes around it.
    pub fn local_part_span(&self) -> Span {
        self.parts.local
    }

    /// Whether the local-part is a quoted string.
    pub fn is_quoted(&self) -> bool {
        self.parts.quoted
    }

    /// What stands after the `@`; `None` without one.
    pub fn domain(&self) -> Option<&str> {
        self.parts.domain.map(|span| self.slice(span))
    }

    /// The place of the domain.
    pub fn domain_span(&self) -> Option<Span> {
        self.parts.domain
    }

    /// What is written at `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.source.text()[span]
    }
}

/// Reads an address without keeping its text.
pub(super) fn scan(text: &str) -> Parts {
    let (quoted, local, domain) = match split(text) {
        Some((quoted, local, domain)) => (quoted, local, Some(domain)),
        None => (false, Span::new(0, text.len()), None),
    };
    Parts { quoted, local, domain, form: form(text, local) }
}

/// Quoted or not, local-part without quotes, domain. The domain starts after the quoted string, else after the last `@`.
fn split(text: &str) -> Option<(bool, Span, Span)> {
    if text.starts_with('"') {
        let end = closing_quote(text.as_bytes())?;
        return (text.as_bytes().get(end + 1) == Some(&b'@')).then(|| {
            let domain = Span::new(end + 2, text.len());
            (true, Span::new(1, end), domain)
        });
    }
    let at = memchr::memrchr(b'@', text.as_bytes())?;
    Some((false, Span::new(0, at), Span::new(at + 1, text.len())))
}

const TAG_LENGTH: usize = 4;

fn form(text: &str, local: Span) -> Form {
    let start = local.start as usize;
    let bytes = text[local].as_bytes();
    let Some((tag, rest)) = bytes.split_at_checked(TAG_LENGTH) else { return Form::Other };
    let first = match tag {
        [s, r, s2, digit] if [*s, *r, *s2].eq_ignore_ascii_case(b"SRS") => match digit {
            b'0' => true,
            b'1' => false,
            _ => return Form::Other,
        },
        _ => return Form::Other,
    };
    if !matches!(rest.first(), Some(b'=' | b'+' | b'-')) {
        return Form::Other;
    }
    let tag = Span::new(start, start + TAG_LENGTH);
    let separator = Span::new(start + TAG_LENGTH, start + TAG_LENGTH + 1);
    let body = Span::new(separator.end as usize, local.end as usize);
    let malformed = |missing, at| Form::Malformed(Malformed { tag, separator, missing, at });
    if first {
        match srs0_fields(text, body) {
            Ok([hash, stamp, host, user]) => Form::Srs0(Srs0 { tag, separator, hash, stamp, host, user }),
            Err((missing, at)) => malformed(missing, at),
        }
    } else {
        match fields(text, body, [Field::Hash, Field::Host, Field::Rest]) {
            Ok([hash, host, rest]) => Form::Srs1(Srs1 { tag, separator, hash, host, rest, inner: inner(text, rest) }),
            Err((missing, at)) => malformed(missing, at),
        }
    }
}

fn inner(text: &str, rest: Span) -> Option<Inner> {
    if !text[rest].starts_with(['=', '+', '-']) {
        return None;
    }
    let start = rest.start as usize;
    let body = Span::new(start + 1, rest.end as usize);
    let [hash, stamp, host, user] = srs0_fields(text, body).ok()?;
    Some(Inner { separator: Span::new(start, start + 1), hash, stamp, host, user })
}

fn srs0_fields(text: &str, body: Span) -> Result<[Span; 4], (Field, Span)> {
    fields(text, body, [Field::Hash, Field::Stamp, Field::Host, Field::User])
}

/// Splits at `=` from the left; the last field keeps further ones. All but the hash must have something in them.
fn fields<const N: usize>(text: &str, body: Span, names: [Field; N]) -> Result<[Span; N], (Field, Span)> {
    let mut spans = [Span::default(); N];
    let (mut at, end) = (body.start as usize, body.end as usize);
    for (i, name) in names.into_iter().enumerate() {
        let last = i + 1 == N;
        let stop = match memchr::memchr(b'=', &text.as_bytes()[at..end]) {
            Some(length) if !last => at + length,
            None if !last => return Err((names[i + 1], Span::at(end))),
            _ => end,
        };
        if stop == at && i > 0 {
            return Err((name, Span::at(at)));
        }
        spans[i] = Span::new(at, stop);
        at = (stop + 1).min(end);
    }
    Ok(spans)
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let address = Address::parse(text);
        let slice = |span| address.slice(span).to_owned();
        match address.form() {
            Form::Srs0(s) => [s.hash, s.stamp, s.host, s.user].map(slice).join("|"),
            Form::Srs1(s) => {
                format!(
                    "{}{}",
                    [s.hash, s.host, s.rest].map(slice).join("|"),
                    if s.inner.is_some() { " inner" } else { "" }
                )
            }
            Form::Malformed(m) => format!("{:?} at {}", m.missing, m.at.start),
            Form::Other => "other".into(),
        }
    }

    #[test]
    fn fields_are_split_from_the_left() {
        assert_eq!(told("SRS0=PGkz=G3=example.com=a==b@f.example"), "PGkz|G3|example.com|a==b");
        assert_eq!(told("srs0+PGkz=G3=example.com=a@f.example"), "PGkz|G3|example.com|a");
        assert_eq!(told("\"SRS0=VgC9=G3=example.com=a b\"@f.example"), "VgC9|G3|example.com|a b");
        assert_eq!(told("\"SRS0=V=G3=example.com=a\\\"@b\"@f.example"), "V|G3|example.com|a\\\"@b");
        assert_eq!(told("SRS1=MAwv=f.example=+P=G3=h.example=a@s.example"), "MAwv|f.example|+P=G3=h.example=a inner");
        assert_eq!(told("SRS1=7g4y=6ppn=3g=x.example=a@f.example"), "7g4y|6ppn|3g=x.example=a");
    }

    #[test]
    fn parts_of_an_address() {
        for (text, local, quoted, domain) in [
            ("a@f.example", "a", false, Some("f.example")),
            ("\"a b\"@f.example", "a b", true, Some("f.example")),
            ("\"a@b\"@f.example", "a@b", true, Some("f.example")),
            ("a", "a", false, None),
        ] {
            let address = Address::parse(text);
            assert_eq!(
                (address.local_part(), address.is_quoted(), address.domain()),
                (local, quoted, domain),
                "{text}"
            );
            assert_eq!(address.slice(address.local_part_span()), local, "{text}");
            assert_eq!(address.domain_span().map(|span| address.slice(span)), domain, "{text}");
            assert_eq!(address.to_string(), text);
        }
    }

    /// What an SRS1 address carries begins with the separator of the SRS0 address that it was made of.
    #[test]
    fn the_address_inside_another() {
        for separator in ["=", "+", "-"] {
            let address = Address::parse(&format!("SRS1=MAwv=f.example={separator}P=G3=h.example=a@s.example"));
            let Form::Srs1(Srs1 { inner: Some(inner), .. }) = address.form() else { panic!("{separator}") };
            let slices =
                [inner.separator, inner.hash, inner.stamp, inner.host, inner.user].map(|span| address.slice(span));
            assert_eq!(slices, [separator, "P", "G3", "h.example", "a"]);
        }
    }

    #[test]
    fn missing_fields() {
        assert_eq!(told("SRS0=@f"), "Stamp at 5");
        assert_eq!(told("SRS0=PGkz=G3@f"), "Host at 12");
        assert_eq!(told("SRS0=PGkz=G3==a@f"), "Host at 13");
        assert_eq!(told("SRS0=PGkz=G3=h.example=@f"), "User at 23");
        assert_eq!(told("SRS0==G3=h.example=a@f"), "|G3|h.example|a");
        assert_eq!(told("SRS1=f.example==P=G3=h=a@s"), "Host at 15");
        assert_eq!(told("SRS1=abcd=f.example@s"), "Rest at 19");
    }

    #[test]
    fn not_srs() {
        for text in [
            "SRS0@f",
            "SRS0:a=b=c=d@f",
            "SRS2=a=b=c=d@f",
            "SRS@f",
            "",
            "@",
            "xSRS0=a=b=c=d@f",
            "é@f",
            "\"SRS0=",
            "SRé0=a@b",
        ] {
            assert_eq!(told(text), "other", "{text}");
        }
    }

    #[test]
    fn every_span_lies_in_the_text() {
        for text in ["SRS0=é=é=é=é@é", "SRS1=é=é==é=é=é=é@é", "\"SRS0=a=b=c=\\\"", "SRS0===========@"] {
            let address = Address::parse(text);
            assert!(text.get(address.local_part_span().range()).is_some(), "{text}");
            assert!(
                address
                    .form()
                    .original()
                    .is_none_or(|(u, h)| text.get(u.range()).is_some() && text.get(h.range()).is_some())
            );
        }
    }
}
