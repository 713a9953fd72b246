//! The record (RFC 8460 §3).

use crate::tag_list::{Kind, MAX_FIELDS, segments};
use crate::text::{Source, Span};

/// A TLS-RPT record, whatever it looks like.
///
/// ```
/// use mailproof::tls_rpt::{Record, Target};
///
/// let record = Record::parse("v=TLSRPTv1; rua=mailto:tls@example.com,https://reports.example.net/tls");
/// assert!(Record::is_tls_rpt(record.source.text()));
/// assert_eq!(record.rua.iter().map(|uri| uri.target).collect::<Vec<_>>(), [Target::Mailbox, Target::Https]);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The text.
    pub source: Source,
    /// All fields in order, `v` among them.
    pub fields: Vec<Field>,
    /// The destinations in the first `rua`.
    pub rua: Vec<Uri>,
}

/// `name=value`.
///
/// ```
/// use mailproof::tls_rpt::Record;
///
/// let record = Record::parse("v=TLSRPTv1; rua=mailto:tls@example.com");
/// let rua = record.field("rua").unwrap();
/// assert_eq!(&record.source.text()[rua.value], "mailto:tls@example.com");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field {
    /// All of it.
    pub span: Span,
    /// Its name; empty where there is no `=`.
    pub name: Span,
    /// Its value.
    pub value: Span,
}

/// A destination of reports.
///
/// ```
/// use mailproof::tls_rpt::{Record, Target};
///
/// // Reporters send to the second destination alone.
/// let record = Record::parse("v=TLSRPTv1; rua=tls@example.com, mailto:tls@example.com");
/// let unusable = record.rua.iter().find(|uri| uri.target == Target::Unusable).unwrap();
/// assert_eq!(&record.source.text()[unusable.span], "tls@example.com");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Uri {
    /// Where it stands.
    pub span: Span,
    /// What it names.
    pub target: Target,
}

/// What a destination names.
///
/// ```
/// use mailproof::tls_rpt::{Record, Target};
///
/// let target = |uri: &str| Record::parse(format!("v=TLSRPTv1; rua={uri}").as_str()).rua[0].target;
/// assert_eq!(target("mailto:tls@example.com"), Target::Mailbox);
/// assert_eq!(target("https://reports.example.net/tls"), Target::Https);
/// assert_eq!(target("http://reports.example.net/tls"), Target::Unusable, "reports are sent over TLS");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// A mailbox (`mailto:`).
    Mailbox,
    /// A server that takes reports by POST (`https:`).
    Https,
    /// Nothing that reports can go to.
    Unusable,
}

impl Record {
    /// Reads a text; what cannot be read stays in [`Record::fields`]. Of fields and of destinations there are up to
    /// [`MAX_FIELDS`].
    pub fn parse(text: impl Into<Source>) -> Self {
        let source = text.into();
        let fields = fields(source.text());
        let rua = fields.iter().find(|field| &source.text()[field.name] == "rua");
        let rua = rua.map(|field| uris(source.text(), field.value)).unwrap_or_default();
        Self { source, fields, rua }
    }

    /// Whether receivers see a TLS-RPT record: `v=TLSRPTv1` comes first, in this spelling, and a `;` follows (§3).
    pub fn is_tls_rpt(text: &str) -> bool {
        text.strip_prefix("v=TLSRPTv1").is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(';'))
    }

    /// The first field called `name`.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields.iter().copied().find(|field| &self.source.text()[field.name] == name)
    }
}

/// The fields of a record; a part without `=` has an empty name.
pub(crate) fn fields(text: &str) -> Vec<Field> {
    let segments = segments(text).filter(|segment| segment.kind != Kind::Empty);
    let field = segments.map(|segment| match segment.kind {
        Kind::Tag { name, value } => Field { span: segment.span, name, value },
        Kind::Word | Kind::Empty => {
            Field { span: segment.span, name: Span::at(segment.span.start as usize), value: segment.span }
        }
    });
    field.take(MAX_FIELDS).collect()
}

/// The members of a list with commas (§3: `tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)`).
fn uris(text: &str, list: Span) -> Vec<Uri> {
    let mut at = list.start as usize;
    let members = text[list].split(',').map(|member| {
        let start = at + member.len() - member.trim_start().len();
        at += member.len() + 1;
        let span = Span::new(start, start + member.trim().len());
        Uri { span, target: target(&text[span]) }
    });
    members.take(MAX_FIELDS).collect()
}

/// What a destination names.
pub(super) fn target(uri: &str) -> Target {
    let after = |scheme: &str| uri.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
    let is_uri = |c: u8| c.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&c);
    if !uri.bytes().all(is_uri) {
        return Target::Unusable;
    }
    if after("mailto:").is_some() {
        // RFC 6068 §2: header fields may follow after `?`.
        let address = uri["mailto:".len()..].split('?').next().unwrap_or_default();
        // RFC 5321 §4.1.2: a mailbox ends in no dot.
        let is_mailbox = !address.ends_with('.') && crate::Mailbox::parse(address).is_ok();
        return if is_mailbox { Target::Mailbox } else { Target::Unusable };
    }
    let host = after("https://").map(|_| uri["https://".len()..].split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        Some(host) if !host.is_empty() => Target::Https,
        _ => Target::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        for (uri, expected) in [
            ("mailto:a@d.example", Target::Mailbox),
            ("MAILTO:a@d.example?subject=x", Target::Mailbox),
            ("https://d.example/tls", Target::Https),
            ("http://d.example/tls", Target::Unusable),
            ("https:///tls", Target::Unusable),
            ("mailto:d.example", Target::Unusable),
            ("a@d.example", Target::Unusable),
            ("", Target::Unusable),
            ("é", Target::Unusable),
        ] {
            assert_eq!(target(uri), expected, "{uri}");
        }
    }

    #[test]
    fn what_receivers_see() {
        assert!(Record::is_tls_rpt("v=TLSRPTv1;rua=x"));
        assert!(Record::is_tls_rpt("v=TLSRPTv1 ; rua=x"));
        assert!(!Record::is_tls_rpt("v=TLSRPTv1"));
        assert!(!Record::is_tls_rpt("v=tlsrptv1; rua=x"));
        assert!(!Record::is_tls_rpt(" v=TLSRPTv1; rua=x"));
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "(v=TLSRPTv1;? ?|rua=|mailto:|,|;|[ -~é]{0,4}){0,12}") {
            let record = Record::parse(text.as_str());
            for uri in &record.rua {
                proptest::prop_assert!(uri.span.end as usize <= text.len());
            }
            crate::tls_rpt::lint(&text.as_str().into());
        }
    }
}
