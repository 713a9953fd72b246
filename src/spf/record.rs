//! The syntax tree of an SPF record (RFC 7208 §4.5, §12).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use smallvec::SmallVec;

use super::parse::{self, SyntaxError};
use super::qualifier::Qualifier;
use crate::text::{Source, Span};

/// An SPF record: the version section, then terms.
///
/// Reading never fails: what is no term is [`TermKind::Unknown`], and a record with one is a permerror to every
/// receiver (§4.6). [`FromStr`] is for callers who want the first error instead. Nodes hold spans of
/// [`Record::source`].
///
/// ```
/// use mailproof::spf::{Record, TermKind};
///
/// let record = Record::parse("v=spf1 include:_spf.example.net ipv4:192.0.2.1 -all");
/// assert_eq!(record.terms().len(), 3);
/// assert!(matches!(record.terms()[1].kind, TermKind::Unknown(_)));
/// assert_eq!(record.text(record.terms()[1].span), "ipv4:192.0.2.1");
///
/// let error = "v=spf1 ipv4:192.0.2.1 -all".parse::<Record>().unwrap_err();
/// assert_eq!(error.to_string(), "`ipv4` is not a mechanism (at offset 7)");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    source: Source,
    terms: Terms,
}

/// The record of a domain that sends no mail has one term and needs no allocation.
pub(super) type Terms = SmallVec<[Term; 1]>;

/// One term of a record.
///
/// ```
/// use mailproof::spf::Record;
///
/// let record = Record::parse("v=spf1 ip4:192.0.2.0/24 include:_spf.example.net -all");
/// let asking: Vec<_> = record.terms().iter().filter(|term| term.is_dns_querying()).collect();
/// // One of the ten that a record may have with all that it includes.
/// assert_eq!(asking.len(), 1);
/// assert_eq!(record.text(asking[0].domain_spec().unwrap().span), "_spf.example.net");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Term {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: TermKind,
}

/// What a term is.
///
/// ```
/// use mailproof::spf::{Record, TermKind};
///
/// let record = Record::parse("v=spf1 mx redirect=_spf.example.net note=office ip4=192.0.2.1");
/// let kinds: Vec<TermKind> = record.terms().iter().map(|term| term.kind).collect();
/// assert!(matches!(kinds[1], TermKind::Redirect(_)));
/// assert!(matches!(kinds[2], TermKind::UnknownModifier(_)));
/// // A mechanism with `=` looks like an unknown modifier to every receiver: nobody is authorised by it.
/// assert!(matches!(kinds[3], TermKind::UnknownModifier(_)));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TermKind {
    /// A mechanism with its qualifier.
    Directive(Directive),
    /// `redirect=` (§6.1).
    Redirect(DomainSpec),
    /// `exp=` (§6.2).
    Explanation(DomainSpec),
    /// Any other `name=value`: ignored (§6).
    UnknownModifier(Modifier),
    /// No term at all, and why.
    Unknown(SyntaxError),
}

/// A mechanism with its qualifier (§4.6.1).
///
/// ```
/// use mailproof::spf::{Mechanism, Qualifier, Record};
///
/// let record = Record::parse("v=spf1 mx ~all");
/// let (_, last) = record.directives().last().unwrap();
/// assert_eq!((last.qualifier, last.mechanism), (Qualifier::Softfail, Mechanism::All));
/// // Where no qualifier is written, a match means pass.
/// let (_, first) = record.directives().next().unwrap();
/// assert!(first.qualifier == Qualifier::Pass && first.qualifier_span.is_empty());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Directive {
    /// What a match means.
    pub qualifier: Qualifier,
    /// Where the qualifier is written; empty where it is left out, which means pass.
    pub qualifier_span: Span,
    /// What it matches.
    pub mechanism: Mechanism,
}

/// A mechanism (§5).
///
/// ```
/// use mailproof::spf::{Mechanism, Record};
///
/// let record = Record::parse("v=spf1 ip4:192.0.2.0/24 include:_spf.example.net -all");
/// let names: Vec<_> = record.directives().map(|(_, directive)| directive.mechanism.name()).collect();
/// assert_eq!(names, ["ip4", "include", "all"]);
/// let Some((_, directive)) = record.directives().next() else { panic!() };
/// assert!(matches!(directive.mechanism, Mechanism::Ip4 { prefix: 24, .. }));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// `all` (§5.1): everybody.
    All,
    /// `include` (§5.2): whom another record passes.
    Include(DomainSpec),
    /// `a` (§5.3): the addresses of a name.
    A {
        /// The name; the current domain where it is left out.
        domain: Option<DomainSpec>,
        /// The prefix lengths.
        cidr: DualCidr,
    },
    /// `mx` (§5.4): the addresses of a name's mail exchanges.
    Mx {
        /// The name; the current domain where it is left out.
        domain: Option<DomainSpec>,
        /// The prefix lengths.
        cidr: DualCidr,
    },
    /// `ptr` (§5.5): who has a validated name below the domain.
    Ptr {
        /// The name; the current domain where it is left out.
        domain: Option<DomainSpec>,
    },
    /// `ip4` (§5.6): a network.
    Ip4 {
        /// The address as written.
        address: Ipv4Addr,
        /// The prefix length; 32 where it is left out.
        prefix: u8,
        /// Where the address is written.
        span: Span,
    },
    /// `ip6` (§5.6): a network.
    Ip6 {
        /// The address as written.
        address: Ipv6Addr,
        /// The prefix length; 128 where it is left out.
        prefix: u8,
        /// Where the address is written.
        span: Span,
    },
    /// `exists` (§5.7): a name that has an A record.
    Exists(DomainSpec),
}

/// A domain-spec (§7.1): a name, or a macro-string that becomes one.
///
/// ```
/// use mailproof::spf::Record;
///
/// let record = Record::parse("v=spf1 redirect=_spf.example.net exp=%{d}.why.example.net");
/// let (_, target) = record.redirect().unwrap();
/// assert_eq!((record.text(target.span), target.has_macros), ("_spf.example.net", false));
/// assert!(record.explanation().unwrap().1.has_macros);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DomainSpec {
    /// Where it is written.
    pub span: Span,
    /// Whether it has macros.
    pub has_macros: bool,
    /// Whether it has no macros and is written as a [`Name`](crate::Name) is kept: lower case, no final dot, within the limits.
    pub(super) is_canonical: bool,
}

/// Prefix lengths for both families (§5.3, §5.4).
///
/// ```
/// use mailproof::spf::{Mechanism, Record};
///
/// let record = Record::parse("v=spf1 a/24 mx//64 -all");
/// let cidrs: Vec<_> = record.directives().filter_map(|(_, directive)| match directive.mechanism {
///     Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => Some((cidr.v4, cidr.v6)),
///     _ => None,
/// }).collect();
/// // The network around the web server in IPv4; the one around the exchanges in IPv6.
/// assert_eq!(cidrs, [(24, 128), (32, 64)]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DualCidr {
    /// For IPv4; 32 where it is left out.
    pub v4: u8,
    /// For IPv6; 128 where it is left out.
    pub v6: u8,
    /// Where they are written; empty where both are left out.
    pub span: Span,
}

/// An unknown modifier (§6).
///
/// ```
/// use mailproof::spf::{Record, TermKind};
///
/// let record = Record::parse("v=spf1 ra=postmaster mx -all");
/// let TermKind::UnknownModifier(modifier) = record.terms()[0].kind else { panic!() };
/// assert_eq!((record.text(modifier.name), record.text(modifier.value)), ("ra", "postmaster"));
/// assert!(record.errors().next().is_none(), "receivers ignore what they do not know");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Modifier {
    /// Its name.
    pub name: Span,
    /// What stands after the `=`.
    pub value: Span,
}

impl Record {
    /// Reads a record; the version section is expected, but not asked for.
    pub fn parse(text: &str) -> Self {
        let mut record = Self { source: Source::new(text), terms: Terms::new() };
        // Not the copy, which the processor would have to wait for.
        parse::terms(text, &mut record.terms);
        record
    }

    /// Reads the record that `source` holds.
    ///
    /// ```
    /// use mailproof::{dns::{Question, RecordType}, resolver::Zone, spf::Record};
    ///
    /// // Two character-strings, joined as receivers do: without a space.
    /// let zone = Zone::parse(r#"example.com. TXT "v=spf1 ip4:192.0.2.1" "ip4:192.0.2.2 -all""#)?;
    /// let answer = zone.answer(&Question::new("example.com".parse()?, RecordType::Txt));
    /// let record = Record::from_source(answer.txts()[0].clone());
    /// let term = record.terms()[0].span;
    /// assert_eq!(record.text(term), "ip4:192.0.2.1ip4:192.0.2.2");
    /// assert!(record.source().seam_inside(term).is_some(), "where the space is missing");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_source(source: Source) -> Self {
        let mut record = Self { source, terms: Terms::new() };
        parse::terms(record.source.text(), &mut record.terms);
        record
    }

    /// Whether receivers take `text` for an SPF record (§4.5): exactly `v=spf1`, then a space or the end.
    ///
    /// ```
    /// use mailproof::spf::Record;
    ///
    /// assert!(Record::is_spf("v=spf1") && Record::is_spf("V=SPF1 -all"));
    /// assert!(!Record::is_spf("v=spf1; mx -all") && !Record::is_spf(" v=spf1 mx -all"));
    /// ```
    pub fn is_spf(text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.len() >= VERSION.len()
            && bytes[..VERSION.len()].eq_ignore_ascii_case(VERSION)
            && matches!(bytes.get(VERSION.len()), None | Some(b' '))
    }

    /// The text, with the seams of its character-strings.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text of `span`.
    pub fn text(&self, span: Span) -> &str {
        &self.source.text()[span]
    }

    /// The version section.
    ///
    /// ```
    /// use mailproof::spf::Record;
    ///
    /// let record = Record::parse("v=spf10 mx -all");
    /// assert_eq!(record.text(record.version()), "v=spf10");
    /// assert!(!Record::is_spf(record.source().text()), "which no receiver takes for SPF");
    /// ```
    pub fn version(&self) -> Span {
        let text = self.source.text();
        Span::new(0, memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len()))
    }

    /// The terms, in order.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The directives, in order, each with the span of its term.
    pub fn directives(&self) -> impl Iterator<Item = (Span, &Directive)> {
        self.terms.iter().filter_map(|term| match &term.kind {
            TermKind::Directive(directive) => Some((term.span, directive)),
            _ => None,
        })
    }

    /// The target of the first `redirect=`, with the span of its term.
    pub fn redirect(&self) -> Option<(Span, DomainSpec)> {
        self.terms.iter().find_map(|term| match term.kind {
            TermKind::Redirect(spec) => Some((term.span, spec)),
            _ => None,
        })
    }

    /// The target of the first `exp=`, with the span of its term.
    pub fn explanation(&self) -> Option<(Span, DomainSpec)> {
        self.terms.iter().find_map(|term| match term.kind {
            TermKind::Explanation(spec) => Some((term.span, spec)),
            _ => None,
        })
    }

    /// Whether `all` stands anywhere, so that a redirect is ignored (§6.1).
    ///
    /// ```
    /// use mailproof::spf::Record;
    ///
    /// let record = Record::parse("v=spf1 mx -all redirect=_spf.example.net");
    /// assert!(record.has_all() && record.redirect().is_some(), "nobody follows the redirect");
    /// ```
    pub fn has_all(&self) -> bool {
        self.directives().any(|(_, directive)| directive.mechanism == Mechanism::All)
    }

    /// What is wrong with it, in order. One error is enough for permerror (§4.6).
    pub fn errors(&self) -> impl Iterator<Item = SyntaxError> {
        self.terms.iter().filter_map(|term| match term.kind {
            TermKind::Unknown(error) => Some(error),
            _ => None,
        })
    }
}

const VERSION: &[u8] = b"v=spf1";

impl Term {
    /// How many DNS-querying terms it counts for towards the limit of ten (§4.6.4), `%{p}` left out.
    pub fn is_dns_querying(&self) -> bool {
        match self.kind {
            TermKind::Directive(directive) => match directive.mechanism {
                Mechanism::Include(_)
                | Mechanism::A { .. }
                | Mechanism::Mx { .. }
                | Mechanism::Ptr { .. }
                | Mechanism::Exists(_) => true,
                Mechanism::All | Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => false,
            },
            TermKind::Redirect(_) => true,
            TermKind::Explanation(_) | TermKind::UnknownModifier(_) | TermKind::Unknown(_) => false,
        }
    }

    /// The domain-spec in it, if one is written.
    pub fn domain_spec(&self) -> Option<DomainSpec> {
        match self.kind {
            TermKind::Directive(directive) => directive.mechanism.domain_spec(),
            TermKind::Redirect(spec) | TermKind::Explanation(spec) => Some(spec),
            TermKind::UnknownModifier(_) | TermKind::Unknown(_) => None,
        }
    }
}

impl Mechanism {
    /// Its name in lower case.
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Include(_) => "include",
            Self::A { .. } => "a",
            Self::Mx { .. } => "mx",
            Self::Ptr { .. } => "ptr",
            Self::Ip4 { .. } => "ip4",
            Self::Ip6 { .. } => "ip6",
            Self::Exists(_) => "exists",
        }
    }

    /// The domain-spec in it, if one is written.
    pub fn domain_spec(&self) -> Option<DomainSpec> {
        match *self {
            Self::Include(spec) | Self::Exists(spec) => Some(spec),
            Self::A { domain, .. } | Self::Mx { domain, .. } | Self::Ptr { domain } => domain,
            Self::All | Self::Ip4 { .. } | Self::Ip6 { .. } => None,
        }
    }
}

impl DualCidr {
    /// No prefix lengths written: single addresses.
    pub(super) fn none_at(offset: usize) -> Self {
        Self { v4: 32, v6: 128, span: Span::at(offset) }
    }
}

impl FromStr for Record {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let record = Self::parse(text);
        if !Self::is_spf(text) {
            return Err(SyntaxError::version(record.version()));
        }
        let error = record.errors().next();
        error.map_or(Ok(record), Err)
    }
}

/// The canonical form: one space between terms, lower-case names, `+` and full prefix lengths left out.
/// A record that is not SPF, and terms that cannot be read, stay as written.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.source.text();
        f.write_str(if Self::is_spf(text) { "v=spf1" } else { self.text(self.version()) })?;
        for term in &self.terms {
            f.write_str(" ")?;
            match &term.kind {
                TermKind::Directive(directive) => self.write_directive(directive, f)?,
                TermKind::Redirect(spec) => write!(f, "redirect={}", self.text(spec.span))?,
                TermKind::Explanation(spec) => write!(f, "exp={}", self.text(spec.span))?,
                TermKind::UnknownModifier(_) | TermKind::Unknown(_) => f.write_str(self.text(term.span))?,
            }
        }
        Ok(())
    }
}

impl Record {
    fn write_directive(&self, directive: &Directive, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if directive.qualifier != Qualifier::Pass {
            write!(f, "{}", directive.qualifier.as_char())?;
        }
        f.write_str(directive.mechanism.name())?;
        if let Some(spec) = directive.mechanism.domain_spec() {
            write!(f, ":{}", self.text(spec.span))?;
        }
        match directive.mechanism {
            Mechanism::Ip4 { address, prefix, .. } => write_network(&address, prefix, 32, f),
            Mechanism::Ip6 { address, prefix, .. } => write_network(&address, prefix, 128, f),
            Mechanism::A { cidr, .. } | Mechanism::Mx { cidr, .. } => {
                if cidr.v4 != 32 {
                    write!(f, "/{}", cidr.v4)?;
                }
                if cidr.v6 != 128 {
                    write!(f, "//{}", cidr.v6)?;
                }
                Ok(())
            }
            Mechanism::All | Mechanism::Include(_) | Mechanism::Ptr { .. } | Mechanism::Exists(_) => Ok(()),
        }
    }
}

fn write_network(address: &impl fmt::Display, prefix: u8, full: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, ":{address}")?;
    if prefix != full { write!(f, "/{prefix}") } else { Ok(()) }
}
