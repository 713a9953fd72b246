//! The Received-SPF header field (RFC 7208 §9.1, with erratum 5436): what a receiver wrote down of its check.

use super::outcome::{Outcome, SpfResult};
use super::session::{Identity, Session};
use crate::text::Span;

/// The body of a Received-SPF field. Reading never fails: what cannot be read is in [`ReceivedSpf::defects`].
///
/// ```
/// use mailproof::spf::{ReceivedSpf, SpfResult};
///
/// let text = "pass (mx.example.org: ok) client-ip=192.0.2.1; envelope-from=\"a@example.com\"; helo=mx.example.com";
/// let field = ReceivedSpf::parse(text);
/// assert_eq!(field.result, Some(SpfResult::Pass));
/// assert_eq!(field.value(text, "client-ip"), Some("192.0.2.1"));
/// assert_eq!(field.value(text, "envelope-from"), Some("a@example.com"));
/// assert!(field.defects.is_empty());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReceivedSpf {
    /// The result, if the first word is one.
    pub result: Option<SpfResult>,
    /// Where the first word stands.
    pub result_span: Span,
    /// Keys and values, quotes left out.
    pub pairs: Vec<(Span, Span)>,
    /// What could not be read.
    pub defects: Vec<(ReceivedSpfDefect, Span)>,
}

/// What is wrong with a Received-SPF field.
///
/// ```
/// use mailproof::spf::{ReceivedSpf, ReceivedSpfDefect};
///
/// let text = "OK client-ip=192.0.2.1; helo=";
/// let field = ReceivedSpf::parse(text);
/// let defects: Vec<_> = field.defects.iter().map(|(defect, span)| (*defect, &text[*span])).collect();
/// assert_eq!(defects, [(ReceivedSpfDefect::Result, "OK"), (ReceivedSpfDefect::EmptyValue, "helo=")]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ReceivedSpfDefect {
    /// The first word is not one of the seven results.
    Result,
    /// A comment or a quoted string does not end.
    Unterminated,
    /// A part is not `key=value`.
    Pair,
    /// Nothing stands after the `=`.
    EmptyValue,
}

impl ReceivedSpfDefect {
    /// The end of a sentence about the part.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Result => "is not an SPF result",
            Self::Unterminated => "has no end",
            Self::Pair => "is not `key=value`",
            Self::EmptyValue => "has no value",
        }
    }
}

impl ReceivedSpf {
    /// Reads the body of the field, folding white space included.
    ///
    /// ```
    /// use mailproof::spf::{ReceivedSpf, SpfResult};
    ///
    /// let field = ReceivedSpf::parse("SoftFail\r\n (mx.example.org: (no) comment)\r\n receiver=mx.example.org;");
    /// assert_eq!(field.result, Some(SpfResult::Softfail));
    /// assert!(field.defects.is_empty(), "folding, nested comments and a last `;` are well");
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut field = Self::default();
        let mut at = field.skip_comments(text, 0);
        let word = text[at..].find(|c: char| c.is_ascii_whitespace() || c == '(' || c == ';');
        let end = word.map_or(text.len(), |length| at + length);
        field.result_span = Span::new(at, end);
        field.result = result(&text[at..end]);
        if field.result.is_none() {
            field.defects.push((ReceivedSpfDefect::Result, field.result_span));
        }
        at = field.skip_comments(text, end);
        while at < text.len() {
            at = field.pair(text, at);
        }
        field
    }

    /// The value of a key; keys compare without regard to case.
    pub fn value<'a>(&self, text: &'a str, key: &str) -> Option<&'a str> {
        let found = self.pairs.iter().find(|(name, _)| text[*name].eq_ignore_ascii_case(key));
        found.map(|(_, value)| &text[*value])
    }

    /// Reads one pair with the `;` after it; where the next begins.
    fn pair(&mut self, text: &str, start: usize) -> usize {
        let rest = &text[start..];
        let key =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
        let equals = self.skip_comments(text, start + key);
        if key == 0 || text.as_bytes().get(equals) != Some(&b'=') {
            let end = text[start..].find(';').map_or(text.len(), |length| start + length);
            self.defects.push((ReceivedSpfDefect::Pair, Span::new(start, end)));
            return self.skip_comments(text, (end + 1).min(text.len()));
        }
        let from = self.skip_comments(text, equals + 1);
        let (value, end) = self.quoted_or_word(text, from);
        if value.is_empty() && from == end {
            self.defects.push((ReceivedSpfDefect::EmptyValue, Span::new(start, equals + 1)));
        }
        self.pairs.push((Span::new(start, start + key), value));
        let mut next = self.skip_comments(text, end);
        if text.as_bytes().get(next) == Some(&b';') {
            next = self.skip_comments(text, next + 1);
        }
        next.max(start + 1)
    }

    fn quoted_or_word(&mut self, text: &str, from: usize) -> (Span, usize) {
        let bytes = text.as_bytes();
        if bytes.get(from) != Some(&b'"') {
            let length = text[from..].find(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '('));
            let end = length.map_or(text.len(), |length| from + length);
            return (Span::new(from, end), end);
        }
        let mut at = from + 1;
        while at < bytes.len() {
            match bytes[at] {
                b'"' => return (Span::new(from + 1, at), at + 1),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.defects.push((ReceivedSpfDefect::Unterminated, Span::new(from, text.len())));
        (Span::new(from + 1, text.len()), text.len())
    }

    /// Past white space and comments, which nest.
    fn skip_comments(&mut self, text: &str, from: usize) -> usize {
        let bytes = text.as_bytes();
        let mut at = from;
        let mut depth = 0u32;
        let mut opened = from;
        while at < bytes.len() {
            match bytes[at] {
                b'(' => {
                    if depth == 0 {
                        opened = at;
                    }
                    depth += 1;
                }
                b')' if depth > 0 => depth -= 1,
                b'\\' if depth > 0 => at += 1,
                byte if depth > 0 || byte.is_ascii_whitespace() => {}
                _ => break,
            }
            at += 1;
        }
        if depth > 0 {
            self.defects.push((ReceivedSpfDefect::Unterminated, Span::new(opened, text.len())));
        }
        at.min(text.len())
    }
}

fn result(word: &str) -> Option<SpfResult> {
    use SpfResult::{Fail, Neutral, None as NoRecord, Pass, Permerror, Softfail, Temperror};
    [NoRecord, Neutral, Pass, Fail, Softfail, Temperror, Permerror]
        .into_iter()
        .find(|result| result.as_str().eq_ignore_ascii_case(word))
}

/// The body of the Received-SPF field for an outcome (§9.1). What a sender chose stands in it quoted, without control characters.
///
/// ```
/// use mailproof::{resolver::{drive_sync, Zone}, dns::Snapshot, spf, Timestamp};
///
/// let zone = Zone::parse("example.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"")?;
/// let session = spf::Session::new("192.0.2.9".parse()?, "mail.example.com", "a@example.com");
/// let outcome = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| spf::check_host(dns, &session, Timestamp(0)));
/// assert_eq!(
///     spf::received_spf(&outcome, &session, "mx.example.org"),
///     "pass receiver=mx.example.org; client-ip=192.0.2.9; envelope-from=\"a@example.com\"; helo=\"mail.example.com\"; identity=mailfrom"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn received_spf(outcome: &Outcome, session: &Session, receiver: &str) -> String {
    let identity = match outcome.identity {
        Identity::Helo => "helo",
        Identity::MailFrom => "mailfrom",
    };
    let ip = match session.ip() {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => quoted(&ip.to_string()),
    };
    format!(
        "{} receiver={receiver}; client-ip={ip}; envelope-from={}; helo={}; identity={identity}",
        outcome.result,
        quoted(session.sender()),
        quoted(session.helo()),
    )
}

/// A quoted-string (RFC 5322 §3.2.4) that no sender can break out of.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn defects(text: &str, expected: &[(ReceivedSpfDefect, &str)]) {
        let field = ReceivedSpf::parse(text);
        let found: Vec<_> = field.defects.iter().map(|(defect, span)| (*defect, &text[*span])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn section_9_1() {
        defects("Pass", &[]);
        defects(" pass\r\n (a (nested) \\) comment) receiver=mx; client-ip = 192.0.2.1 ;", &[]);
        defects("neutral (x) x=\"a;b\\\"c\"; y=z", &[]);
        defects(
            "Pas (x) client-ip=",
            &[(ReceivedSpfDefect::Result, "Pas"), (ReceivedSpfDefect::EmptyValue, "client-ip=")],
        );
        defects("pass (x", &[(ReceivedSpfDefect::Unterminated, "(x")]);
        defects("pass x=\"y", &[(ReceivedSpfDefect::Unterminated, "\"y")]);
        defects("pass x; y=z", &[(ReceivedSpfDefect::Pair, "x")]);
        defects("pass =; é=1", &[(ReceivedSpfDefect::Pair, "="), (ReceivedSpfDefect::Pair, "é=1")]);
        defects("", &[(ReceivedSpfDefect::Result, "")]);
    }

    #[test]
    fn a_sender_cannot_break_out() {
        assert_eq!(quoted("a\"; x=\r\ny\\"), "\"a\\\"; x=y\\\\\"");
    }

    /// §9.1: what is written is what is read.
    #[test]
    fn written_and_read_again() {
        let zone = crate::resolver::Zone::parse("d.example. TXT \"v=spf1 ip6:2001:db8::/32 -all\"").unwrap();
        let field = |session: &Session| {
            let check = |dns: &_| crate::spf::check_host(dns, session, crate::Timestamp(0));
            let outcome = crate::resolver::drive_sync(&mut crate::dns::Snapshot::new(), |q| zone.answer(q), check);
            received_spf(&outcome, session, "mx.r.example")
        };
        let ip = "2001:db8::1".parse().unwrap();
        let text = field(&Session::new(ip, "mx.d.example", "\"a;b\"@d.example"));
        let read = ReceivedSpf::parse(&text);
        assert!(read.defects.is_empty(), "{text}");
        assert!(text.starts_with("pass "), "{text}");
        assert_eq!(read.value(&text, "Identity"), Some("mailfrom"));
        assert_eq!(read.value(&text, "helo"), Some("mx.d.example"));
        assert_eq!(read.value(&text, "client-ip"), Some("2001:db8::1"));
        assert_eq!(read.value(&text, "problem"), None);
        let text = field(&Session::for_helo(ip, "d.example"));
        assert_eq!(ReceivedSpf::parse(&text).value(&text, "identity"), Some("helo"), "{text}");
    }
}
