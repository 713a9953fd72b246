//! Authentication-Results (RFC 8601) and ARC-Authentication-Results (RFC 8617 §4.1.1): read and written.
//!
//! Reading never fails: results are taken out of fields that break the grammar, as those of large providers do, and what
//! breaks it is kept as [`Fault`]s. [`AuthResults::is_strict`] tells whether the grammar is kept.

mod parse;
#[cfg(test)]
mod tests;
mod write;

pub use write::{NewProperty, NewResult, write};

use crate::text::{Source, Span};

/// The body of an Authentication-Results field.
///
/// ```
/// use mailproof::message::AuthResults;
///
/// let field = AuthResults::parse("mx.example 1; spf=pass smtp.mailfrom=d.example;\r\n dkim=fail reason=\"bad signature\" header.d=d.example");
/// assert!(field.is_strict(false));
/// assert_eq!(field.authserv_id(), Some("mx.example"));
/// let dkim = &field.results()[1];
/// assert_eq!((dkim.method.as_str(), dkim.result.as_str()), ("dkim", "fail"));
/// assert_eq!(dkim.property("header", "d"), Some("d.example"));
///
/// let outlook = AuthResults::parse("spf=pass smtp.mailfrom=d.example; dmarc=pass action=none");
/// assert!(!outlook.is_strict(false));
/// assert_eq!(outlook.results().len(), 2);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthResults {
    source: Source,
    instance: Option<u32>,
    authserv_id: Option<Value>,
    version: Option<u32>,
    results: Vec<MethodResult>,
    faults: Vec<Fault>,
}

/// What one method found.
///
/// ```
/// use mailproof::message::AuthResults;
///
/// let field = AuthResults::parse("mx.example; dkim=fail (body hash) reason=\"was changed\" header.s=s1");
/// let dkim = field.of_method("dkim").next().unwrap();
/// assert_eq!((dkim.result.as_str(), dkim.property("header", "s")), ("fail", Some("s1")));
/// assert_eq!(dkim.reason.as_ref().unwrap().text, "was changed");
/// assert_eq!(&field.source().text()[dkim.comments[0]], "(body hash)");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MethodResult {
    /// All of it.
    pub span: Span,
    /// The method in lower case: spf, dkim, dmarc, arc, iprev, auth, …
    pub method: String,
    /// Where the method stands.
    pub method_span: Span,
    /// The version of the method.
    pub version: Option<u32>,
    /// The result in lower case: pass, fail, softfail, …
    pub result: String,
    /// Where the result stands.
    pub result_span: Span,
    /// Why, in the words of who checked.
    pub reason: Option<Value>,
    /// What was looked at.
    pub properties: Vec<Property>,
    /// The comments, with their parentheses.
    pub comments: Vec<Span>,
}

/// `ptype.property=value`.
///
/// ```
/// use mailproof::message::AuthResults;
///
/// let field = AuthResults::parse("mx.example; spf=pass smtp.mailfrom=ann@d.example");
/// let mailfrom = &field.results()[0].properties[0];
/// assert_eq!((mailfrom.ptype.as_str(), mailfrom.name.as_str()), ("smtp", "mailfrom"));
/// assert_eq!(mailfrom.value.text, "ann@d.example");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Property {
    /// All of it.
    pub span: Span,
    /// smtp, header, body or policy, in lower case; empty where the type is missing.
    pub ptype: String,
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A value without its quotes.
///
/// ```
/// use mailproof::message::AuthResults;
///
/// let field = AuthResults::parse("mx.example; dkim=permerror reason=\"no key\" header.d=d.example");
/// let reason = field.results()[0].reason.as_ref().unwrap();
/// assert_eq!((reason.text.as_str(), &field.source().text()[reason.span]), ("no key", "\"no key\""));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Value {
    /// Where it stands, quotes included.
    pub span: Span,
    /// What it says.
    pub text: String,
}

/// What breaks the grammar.
///
/// ```
/// use mailproof::message::{AuthResults, FaultKind};
///
/// // As a large provider writes it.
/// let field = AuthResults::parse("mx.example; dmarc=pass action=none header.from=d.example");
/// let fault = field.faults()[0];
/// assert_eq!((fault.kind, &field.source().text()[fault.span]), (FaultKind::NoType, "action=none"));
/// // The result can be read all the same.
/// assert_eq!(field.results()[0].result, "pass");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// Where.
    pub span: Span,
}

/// What breaks the grammar of RFC 8601 §2.2.
///
/// ```
/// use mailproof::message::{AuthResults, FaultKind};
///
/// let kind = |text: &str| AuthResults::parse(text).faults()[0].kind;
/// assert_eq!(kind("mx.example"), FaultKind::NoResult);
/// assert_eq!(kind("mx.example; spf=pass;"), FaultKind::EmptyResult);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// `i=N;` is missing in an ARC field, or its number is out of bounds.
    Instance,
    /// There is no authserv-id.
    NoAuthservId,
    /// The authserv-id, or what follows it, is not as it should be.
    AuthservId,
    /// Nothing but the authserv-id: not even `none`.
    NoResult,
    /// `none` beside results.
    NoneAndResults,
    /// Nothing between two `;`, or after the last.
    EmptyResult,
    /// No `method=result`.
    Method,
    /// A reason after the properties, or a second one.
    Reason,
    /// A property without its type, such as `action=none`.
    NoType,
    /// Text that is no property.
    Property,
    /// A value with characters that need quotes, or none.
    Value,
    /// A comment or quoted string that does not end, or ends twice.
    Unclosed,
    /// UTF-8 where no internationalised mail is (RFC 8601 §2.2, RFC 6532).
    Utf8,
    /// More results or properties than are looked at.
    TooMany,
}

impl AuthResults {
    /// Reads the body of an Authentication-Results field, folded or not.
    pub fn parse(text: &str) -> Self {
        parse::parse(Source::new(text), false)
    }

    /// Reads the body of an Authentication-Results field that is kept as a source.
    pub fn from_source(source: Source) -> Self {
        parse::parse(source, false)
    }

    /// Reads the body of an ARC-Authentication-Results field, which begins with `i=N;`.
    ///
    /// ```
    /// use mailproof::message::AuthResults;
    ///
    /// let field = AuthResults::parse_arc("i=1; mx.l.example; dkim=pass header.d=d.example");
    /// assert_eq!((field.instance(), field.authserv_id()), (Some(1), Some("mx.l.example")));
    /// ```
    pub fn parse_arc(text: &str) -> Self {
        parse::parse(Source::new(text), true)
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The instance of an ARC field.
    pub fn instance(&self) -> Option<u32> {
        self.instance
    }

    /// Who checked; `None` where it is missing.
    pub fn authserv_id(&self) -> Option<&str> {
        self.authserv_id.as_ref().map(|id| id.text.as_str())
    }

    /// Where the authserv-id stands.
    pub fn authserv_id_span(&self) -> Option<Span> {
        self.authserv_id.as_ref().map(|id| id.span)
    }

    /// The version, 1 if nothing else was ever written.
    pub fn version(&self) -> Option<u32> {
        self.version
    }

    /// What was found; empty if nothing was checked.
    pub fn results(&self) -> &[MethodResult] {
        &self.results
    }

    /// The results of one method.
    pub fn of_method<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a MethodResult> {
        self.results.iter().filter(move |result| result.method.eq_ignore_ascii_case(method))
    }

    /// What breaks the grammar, in order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether the grammar of RFC 8601 §2.2 is kept; `internationalised` if the message is (RFC 6532).
    pub fn is_strict(&self, internationalised: bool) -> bool {
        self.faults.iter().all(|fault| internationalised && fault.kind == FaultKind::Utf8)
    }
}

impl MethodResult {
    /// The value of the first property called so.
    pub fn property(&self, ptype: &str, name: &str) -> Option<&str> {
        let is = |property: &&Property| {
            property.ptype.eq_ignore_ascii_case(ptype) && property.name.eq_ignore_ascii_case(name)
        };
        self.properties.iter().find(is).map(|property| property.value.text.as_str())
    }
}
