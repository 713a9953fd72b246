//! Reading the terms of a record (RFC 7208 §4.6.1, §12).
//!
//! Terms are separated by spaces, so an error ends at the next one.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::macros::{self, MacroError, Piece};
use super::record::{Directive, DomainSpec, DualCidr, Mechanism, Modifier, Qualifier, Term, TermKind};
use crate::name::{MAX_LABEL, MAX_NAME};
use crate::text::Span;

/// Why a term is none.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where: the smallest part of the term that is to blame.
    pub span: Span,
    /// The term's name as far as it was read, for the message.
    name: Name,
}

/// The start of a term, kept so that an error can be told without its record.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
struct Name {
    bytes: [u8; 15],
    length: u8,
}

/// What is wrong with a term.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The record does not begin with `v=spf1` and a space (§4.5). Only strict reading reports it.
    Version,
    /// The name is not one of the eight mechanisms and no `=` follows it (§4.6.1): `ipv4:192.0.2.1`.
    UnknownMechanism,
    /// A qualifier and nothing else: `-`.
    QualifierAlone,
    /// Two qualifiers: `--all`.
    DoubleQualifier,
    /// A modifier with a qualifier: `-redirect=example.net`.
    QualifierOnModifier,
    /// The name of a modifier does not begin with a letter or has other characters than letters, digits, `-`, `_`, `.`: `1x=y`.
    ModifierName,
    /// `redirect` or `exp` a second time (§6).
    DuplicateModifier {
        /// The first one.
        first: Span,
    },
    /// `all` takes no argument (§5.1): `all:example.net`.
    UnexpectedArgument,
    /// A domain-spec is needed and is not there: `include:`.
    MissingDomain,
    /// `ip4` without a dotted quad.
    Ip4,
    /// `ip6` without an IPv6 address.
    Ip6,
    /// A prefix length.
    Cidr(CidrError),
    /// A macro.
    Macro(MacroError),
    /// A domain-spec must end in a dot and a top label, or in a macro (§7.1): `include:localhost`.
    SingleLabel,
    /// The last label has no letter, or another character than letters, digits and inner hyphens (§12 toplabel): `a:192.0.2.1`.
    TopLabel,
    /// Not a visible ASCII character (§12 macro-literal).
    Character,
}

/// What is wrong with a prefix length.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CidrError {
    /// Over 32, or over 128.
    OutOfRange,
    /// A zero before other digits.
    LeadingZero,
    /// No digits, or something else.
    Malformed,
    /// The term takes none: `include:example.net/24`.
    NotAllowed,
}

/// The terms of `text`, whose first word is the version section.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let bytes = text.as_bytes();
    // `v=spf1` is not a term; whatever else stands there is not one either.
    let mut at = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
    let mut terms = Vec::with_capacity(2 + bytes.len() / 16);
    let mut once = Once::default();
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let end = memchr::memchr(b' ', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let span = Span::new(at, end);
        let kind = match term(text, at, end) {
            Ok(kind @ (TermKind::Redirect(_) | TermKind::Explanation(_))) => once.check(kind, span, text),
            Ok(kind) => kind,
            Err(error) => TermKind::Unknown(error),
        };
        terms.push(Term { span, kind });
        at = end;
    }
    terms
}

/// The modifiers that may stand once (§6).
#[derive(Default)]
struct Once {
    redirect: Option<Span>,
    explanation: Option<Span>,
}

impl Once {
    /// The modifier, or the error that it stands a second time.
    fn check(&mut self, kind: TermKind, span: Span, text: &str) -> TermKind {
        let first = match kind {
            TermKind::Redirect(_) => &mut self.redirect,
            TermKind::Explanation(_) => &mut self.explanation,
            _ => return kind,
        };
        if let Some(first) = *first {
            let name = text[span].split('=').next().unwrap_or_default();
            return TermKind::Unknown(SyntaxError::new(SyntaxErrorKind::DuplicateModifier { first }, span, name));
        }
        *first = Some(span);
        kind
    }
}

/// The term at `start..end`, which is not empty and has no space.
fn term(text: &str, start: usize, end: usize) -> Result<TermKind, SyntaxError> {
    let bytes = text.as_bytes();
    let qualifier = match bytes[start] {
        b'+' => Some(Qualifier::Pass),
        b'-' => Some(Qualifier::Fail),
        b'~' => Some(Qualifier::Softfail),
        b'?' => Some(Qualifier::Neutral),
        _ => None,
    };
    let name = start + usize::from(qualifier.is_some());
    let name_end = bytes[name..end].iter().position(|b| matches!(b, b':' | b'/' | b'=')).map_or(end, |n| name + n);
    let reader = Reader { text, name: Span::new(name, name_end), at: name_end, end };
    if bytes[name..end].first().is_none() {
        return Err(reader.error(SyntaxErrorKind::QualifierAlone, Span::new(start, end)));
    }
    // §12: a modifier is a name and `=`, before any `:` or `/`.
    if bytes.get(name_end) == Some(&b'=') && name_end < end {
        return match qualifier {
            Some(_) => Err(reader.error(SyntaxErrorKind::QualifierOnModifier, Span::new(start, name))),
            None => reader.modifier(),
        };
    }
    let mechanism = reader.mechanism()?;
    Ok(TermKind::Directive(Directive {
        qualifier: qualifier.unwrap_or(Qualifier::Pass),
        qualifier_span: Span::new(start, name),
        mechanism,
    }))
}

/// Reads one term.
#[derive(Clone, Copy)]
struct Reader<'a> {
    text: &'a str,
    /// The term's name.
    name: Span,
    /// Where its argument begins: at a `:`, `/` or `=`, or at the end.
    at: usize,
    /// Where the term ends.
    end: usize,
}

impl Reader<'_> {
    fn modifier(self) -> Result<TermKind, SyntaxError> {
        let name = &self.text[self.name];
        if !is_modifier_name(name) {
            return Err(self.error(SyntaxErrorKind::ModifierName, self.name));
        }
        let value = Span::new(self.at + 1, self.end);
        if name.eq_ignore_ascii_case("redirect") {
            return Ok(TermKind::Redirect(self.domain_spec(value, Suffix::Cidr)?));
        }
        if name.eq_ignore_ascii_case("exp") {
            return Ok(TermKind::Explanation(self.domain_spec(value, Suffix::Cidr)?));
        }
        // §6: ignored, but its value must be a macro-string.
        self.macro_string(value)?;
        Ok(TermKind::UnknownModifier(Modifier { name: self.name, value }))
    }

    fn mechanism(self) -> Result<Mechanism, SyntaxError> {
        match &lower_case(&self.text.as_bytes()[self.name.range()]) {
            b"a       " => {
                let (domain, cidr) = self.domain_and_cidr()?;
                Ok(Mechanism::A { domain, cidr })
            }
            b"mx      " => {
                let (domain, cidr) = self.domain_and_cidr()?;
                Ok(Mechanism::Mx { domain, cidr })
            }
            b"all     " => self.all(),
            b"ip4     " => self.ip4(),
            b"ip6     " => self.ip6(),
            b"ptr     " => Ok(Mechanism::Ptr { domain: self.optional_domain()? }),
            b"exists  " => Ok(Mechanism::Exists(self.required_domain()?)),
            b"include " => Ok(Mechanism::Include(self.required_domain()?)),
            _ => Err(self.unknown_mechanism()),
        }
    }

    fn unknown_mechanism(self) -> SyntaxError {
        let name = &self.text[self.name];
        if name.starts_with(['+', '-', '~', '?']) {
            let first = self.name.start as usize;
            return self.error(SyntaxErrorKind::DoubleQualifier, Span::new(first - 1, first + 1));
        }
        if let Some((at, c)) = name.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
            let at = self.name.start as usize + at;
            return self.error(SyntaxErrorKind::Character, Span::new(at, at + c.len_utf8()));
        }
        let span = if self.name.is_empty() { Span::new(self.at, self.end) } else { self.name };
        self.error(SyntaxErrorKind::UnknownMechanism, span)
    }

    /// §5.1
    fn all(self) -> Result<Mechanism, SyntaxError> {
        if self.at == self.end {
            Ok(Mechanism::All)
        } else {
            Err(self.error(SyntaxErrorKind::UnexpectedArgument, Span::new(self.at, self.end)))
        }
    }

    /// §5.6
    fn ip4(self) -> Result<Mechanism, SyntaxError> {
        let (span, prefix) = self.address_and_prefix(32, SyntaxErrorKind::Ip4)?;
        let address = ipv4(&self.text.as_bytes()[span.range()]);
        let address = address.ok_or_else(|| self.error(SyntaxErrorKind::Ip4, span))?;
        Ok(Mechanism::Ip4 { address, prefix, span })
    }

    /// §5.6
    fn ip6(self) -> Result<Mechanism, SyntaxError> {
        let (span, prefix) = self.address_and_prefix(128, SyntaxErrorKind::Ip6)?;
        let address: Result<Ipv6Addr, _> = self.text[span].parse();
        let address = address.map_err(|_| self.error(SyntaxErrorKind::Ip6, span))?;
        Ok(Mechanism::Ip6 { address, prefix, span })
    }

    /// `":" address [ "/" prefix ]`, the address not read yet.
    fn address_and_prefix(self, full: u8, missing: SyntaxErrorKind) -> Result<(Span, u8), SyntaxError> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b':') || self.at + 1 >= self.end {
            return Err(self.error(missing, Span::new(self.name.start as usize, self.end)));
        }
        let from = self.at + 1;
        // The slash is a few digits from the end, if the prefix length is a good one.
        let before = bytes[from..self.end].iter().rposition(|b| !b.is_ascii_digit()).map(|n| from + n);
        let slash = match before {
            Some(before) if bytes[before] == b'/' => Some(before),
            _ => memchr::memchr(b'/', &bytes[from..self.end]).map(|n| from + n),
        };
        let Some(slash) = slash else { return Ok((Span::new(from, self.end), full)) };
        let prefix = self.prefix(slash + 1, self.end, full)?;
        Ok((Span::new(from, slash), prefix))
    }

    /// A prefix length at `start..end`.
    fn prefix(self, start: usize, end: usize, full: u8) -> Result<u8, SyntaxError> {
        prefix(&self.text.as_bytes()[start..end], full)
            .map_err(|error| self.error(SyntaxErrorKind::Cidr(error), Span::new(start - 1, end)))
    }

    /// `[ ":" domain-spec ]`
    fn optional_domain(self) -> Result<Option<DomainSpec>, SyntaxError> {
        if self.at == self.end {
            return Ok(None);
        }
        if self.text.as_bytes()[self.at] == b'/' {
            return Err(self.error(SyntaxErrorKind::Cidr(CidrError::NotAllowed), Span::new(self.at, self.end)));
        }
        self.required_domain().map(Some)
    }

    /// `":" domain-spec`
    fn required_domain(self) -> Result<DomainSpec, SyntaxError> {
        if self.text.as_bytes().get(self.at) == Some(&b':') && self.at < self.end {
            self.domain_spec(Span::new(self.at + 1, self.end), Suffix::Cidr)
        } else {
            Err(self.error(SyntaxErrorKind::MissingDomain, Span::new(self.name.start as usize, self.end)))
        }
    }

    /// `[ ":" domain-spec ] [ dual-cidr-length ]` (§5.3)
    fn domain_and_cidr(self) -> Result<(Option<DomainSpec>, DualCidr), SyntaxError> {
        let bytes = self.text.as_bytes();
        if self.at == self.end {
            return Ok((None, DualCidr::none_at(self.end)));
        }
        if bytes[self.at] == b'/' {
            return Ok((None, self.dual_cidr(self.at)?));
        }
        // A slash may stand in a domain-spec, so the prefix lengths are found from the right.
        let from = self.at + 1;
        let suffix = cidr_start(&bytes[from..self.end]).map_or(self.end, |n| from + n);
        let spec = self.domain_spec(Span::new(from, suffix), Suffix::None);
        let cidr = if suffix < self.end { self.dual_cidr(suffix) } else { Ok(DualCidr::none_at(self.end)) };
        Ok((Some(spec?), cidr?))
    }

    /// `[ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ]` at `from`, up to the end of the term.
    fn dual_cidr(self, from: usize) -> Result<DualCidr, SyntaxError> {
        let bytes = &self.text.as_bytes()[from..self.end];
        let span = Span::new(from, self.end);
        let double = bytes.windows(2).position(|pair| pair == b"//");
        let (v4_end, v6) = match double {
            Some(n) => (from + n, self.prefix(from + n + 2, self.end, 128)?),
            None => (self.end, 128),
        };
        let v4 = if v4_end > from { self.prefix(from + 1, v4_end, 32)? } else { 32 };
        Ok(DualCidr { v4, v6, span })
    }

    /// Checks a macro-string (§7.1) that may end anyhow.
    fn macro_string(self, span: Span) -> Result<(), SyntaxError> {
        let mut at = span.start as usize;
        while at < span.end as usize {
            at = match self.text.as_bytes()[at] {
                b'%' => self.macro_at(at, span.end as usize)?,
                b'!'..=b'~' => at + 1,
                _ => return Err(self.character(at)),
            };
        }
        Ok(())
    }

    /// The end of the macro at `at`.
    fn macro_at(self, at: usize, end: usize) -> Result<usize, SyntaxError> {
        let error = |(error, span)| self.error(SyntaxErrorKind::Macro(error), span);
        let piece = macros::macro_at(&self.text[..end], at).map_err(error)?;
        if let Piece::Expand(expand) = piece
            && expand.letter.is_explanation_only()
        {
            return Err(error((MacroError::ExplanationOnly, expand.span)));
        }
        Ok(piece.span().end as usize)
    }

    /// A domain-spec (§7.1) that fills `span`.
    fn domain_spec(self, span: Span, suffix: Suffix) -> Result<DomainSpec, SyntaxError> {
        if span.is_empty() {
            return Err(self.error(SyntaxErrorKind::MissingDomain, Span::new(self.name.start as usize, self.end)));
        }
        let bytes = self.text.as_bytes();
        let end = span.end as usize;
        let mut at = span.start as usize;
        // Where the text after the last macro begins, and the last dots in it.
        let mut literal = at;
        let mut has_macros = false;
        let mut canonical = true;
        let mut label = at;
        loop {
            at += bytes[at..end].iter().take_while(|b| CLASSES[usize::from(**b)] == Class::Plain).count();
            if at == end {
                break;
            }
            match bytes[at] {
                b'%' => {
                    let start = at;
                    at = self.macro_at(at, end)?;
                    has_macros = true;
                    // The grammar of domain-end lets `%%`, `%_` and `%-` end a name too; what they stand for never
                    // ends one, so such a term is told as broken instead of silently matching nobody.
                    if at == end && at - start == 2 {
                        return Err(self.error(SyntaxErrorKind::TopLabel, Span::new(start, at)));
                    }
                    literal = at;
                }
                b'.' => {
                    canonical &= at > label && at - label <= MAX_LABEL;
                    at += 1;
                    label = at;
                }
                b'A'..=b'Z' => {
                    canonical = false;
                    at += 1;
                }
                _ => return Err(self.character(at)),
            }
        }
        canonical &= !has_macros && end > label && end - label <= MAX_LABEL && span.len() <= MAX_NAME;
        // §7.1: domain-end is a macro, or a dot and a top label.
        if literal < end || !has_macros {
            self.domain_end(literal, end, span, suffix)?;
        }
        Ok(DomainSpec { span, has_macros, is_canonical: canonical })
    }

    /// `"." toplabel [ "." ]` at the end of the text `literal..end`.
    fn domain_end(self, literal: usize, end: usize, spec: Span, suffix: Suffix) -> Result<(), SyntaxError> {
        let bytes = self.text.as_bytes();
        let without_dot = if bytes[end - 1] == b'.' && end - 1 > literal { end - 1 } else { end };
        let dot = memchr::memrchr(b'.', &bytes[literal..without_dot]).map(|n| literal + n);
        let top = dot.map_or(literal, |dot| dot + 1);
        if dot.is_some() && is_toplabel(&bytes[top..without_dot]) {
            return Ok(());
        }
        // What looks like a prefix length is told as one.
        if let Some(slash) = memchr::memchr(b'/', &bytes[top..end]).map(|n| top + n)
            && bytes[slash..end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'/')
        {
            let kind = match suffix {
                Suffix::Cidr => CidrError::NotAllowed,
                Suffix::None => self.dual_cidr(slash).err().map_or(CidrError::Malformed, cidr_error),
            };
            return Err(self.error(SyntaxErrorKind::Cidr(kind), Span::new(slash, self.end)));
        }
        if dot.is_none() {
            return Err(self.error(SyntaxErrorKind::SingleLabel, spec));
        }
        Err(self.error(SyntaxErrorKind::TopLabel, Span::new(top, without_dot)))
    }

    fn character(self, at: usize) -> SyntaxError {
        let length = self.text[at..].chars().next().map_or(1, char::len_utf8);
        self.error(SyntaxErrorKind::Character, Span::new(at, at + length))
    }

    fn error(self, kind: SyntaxErrorKind, span: Span) -> SyntaxError {
        SyntaxError::new(kind, span, &self.text[self.name])
    }
}

/// What a byte means in a domain-spec.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Class {
    /// It stands for itself, and so it does in a [`Name`](crate::Name).
    Plain,
    /// A dot, a percent sign, an upper-case letter, or what may not stand there.
    Special,
}

/// The class of each byte.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Special; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        if !matches!(byte, b'.' | b'%' | b'A'..=b'Z') {
            classes[byte as usize] = Class::Plain;
        }
        byte += 1;
    }
    classes
};

/// The name of a term in lower case, filled up with spaces, which no term holds. Of more than eight bytes the rest is cut
/// off, and no mechanism fills all eight.
fn lower_case(name: &[u8]) -> [u8; 8] {
    let mut key = [b' '; 8];
    for (slot, byte) in key.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
    }
    key
}

/// Whether what looks like a prefix length may follow the domain-spec.
#[derive(Clone, Copy, PartialEq)]
enum Suffix {
    /// It may not, and would be taken for a part of the domain.
    Cidr,
    /// It was cut off already, if it was a good one.
    None,
}

fn cidr_error(error: SyntaxError) -> CidrError {
    match error.kind {
        SyntaxErrorKind::Cidr(error) => error,
        _ => CidrError::Malformed,
    }
}

/// Where the longest dual-cidr-length at the end of `bytes` begins: `/n`, `//n`, or `/n//n`, all with digits.
fn cidr_start(bytes: &[u8]) -> Option<usize> {
    let v4 = |end: usize| {
        let digits = bytes[..end].iter().rposition(|b| !b.is_ascii_digit())?;
        (bytes[digits] == b'/' && digits + 1 < end).then_some(digits)
    };
    let last = v4(bytes.len())?;
    if last == 0 || bytes[last - 1] != b'/' {
        return Some(last);
    }
    Some(v4(last - 1).unwrap_or(last - 1))
}

/// ip4-cidr-length or ip6-cidr-length without its slashes (§12).
fn prefix(digits: &[u8], full: u8) -> Result<u8, CidrError> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(CidrError::Malformed);
    }
    if digits[0] == b'0' && digits.len() > 1 {
        return Err(CidrError::LeadingZero);
    }
    if digits.len() > 3 {
        return Err(CidrError::OutOfRange);
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    if value <= u16::from(full) { Ok(value as u8) } else { Err(CidrError::OutOfRange) }
}

/// A dotted quad: four numbers of 0 to 255 without leading zeros (§12 qnum).
fn ipv4(bytes: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut index = 0;
    let mut digits = 0;
    let mut value = 0u16;
    for &byte in bytes {
        match byte {
            b'0'..=b'9' => {
                if digits > 0 && value == 0 {
                    return None;
                }
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && index < 3 => {
                octets[index] = value as u8;
                index += 1;
                digits = 0;
                value = 0;
            }
            _ => return None,
        }
    }
    if index != 3 || digits == 0 {
        return None;
    }
    octets[3] = value as u8;
    Some(octets.into())
}

/// `( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )` (§7.1)
fn is_toplabel(label: &[u8]) -> bool {
    let (Some(first), Some(last)) = (label.first(), label.last()) else { return false };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        && label.iter().any(|b| b.is_ascii_alphabetic() || *b == b'-')
}

fn is_modifier_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Reads the explanation text that `exp=` leads to (§6.2): macro-strings and spaces.
pub(super) fn explanation_error(text: &str) -> Option<(SyntaxErrorKind, Span)> {
    let reader = Reader { text, name: Span::default(), at: 0, end: text.len() };
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'%' => match macros::macro_at(text, at) {
                Ok(piece) => piece.span().end as usize,
                Err((error, span)) => return Some((SyntaxErrorKind::Macro(error), span)),
            },
            b' '..=b'~' => at + 1,
            _ => {
                let error = reader.character(at);
                return Some((error.kind, error.span));
            }
        };
    }
    None
}

/// Checks the macro-string of a term alone, for tools that expand one.
pub(super) fn macro_string_error(text: &str) -> Option<(SyntaxErrorKind, Span)> {
    let reader = Reader { text, name: Span::default(), at: 0, end: text.len() };
    let error = reader.macro_string(Span::new(0, text.len())).err()?;
    Some((error.kind, error.span))
}

impl SyntaxError {
    fn new(kind: SyntaxErrorKind, span: Span, name: &str) -> Self {
        Self { kind, span, name: Name::new(name) }
    }

    pub(super) fn version(span: Span) -> Self {
        Self::new(SyntaxErrorKind::Version, span, "")
    }
}

impl Name {
    fn new(name: &str) -> Self {
        let mut bytes = [0; 15];
        let ascii = name.bytes().take_while(u8::is_ascii_graphic).take(bytes.len());
        let mut length = 0;
        for (slot, byte) in bytes.iter_mut().zip(ascii) {
            *slot = byte;
            length += 1;
        }
        Self { bytes, length }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        match self.kind {
            SyntaxErrorKind::Version => f.write_str("the record does not begin with `v=spf1` and a space"),
            SyntaxErrorKind::UnknownMechanism => write!(f, "`{name}` is not a mechanism"),
            SyntaxErrorKind::QualifierAlone => f.write_str("a qualifier stands alone"),
            SyntaxErrorKind::DoubleQualifier => f.write_str("a term has two qualifiers"),
            SyntaxErrorKind::QualifierOnModifier => write!(f, "the modifier `{name}` takes no qualifier"),
            SyntaxErrorKind::ModifierName => write!(f, "`{name}` cannot be the name of a modifier"),
            SyntaxErrorKind::DuplicateModifier { .. } => write!(f, "`{name}` stands more than once"),
            SyntaxErrorKind::UnexpectedArgument => f.write_str("`all` takes no argument"),
            SyntaxErrorKind::MissingDomain => write!(f, "`{name}` needs a domain"),
            SyntaxErrorKind::Ip4 => f.write_str("`ip4` needs an IPv4 address"),
            SyntaxErrorKind::Ip6 => f.write_str("`ip6` needs an IPv6 address"),
            SyntaxErrorKind::Cidr(CidrError::OutOfRange) => f.write_str("the prefix length is too large"),
            SyntaxErrorKind::Cidr(CidrError::LeadingZero) => f.write_str("the prefix length has a leading zero"),
            SyntaxErrorKind::Cidr(CidrError::Malformed) => f.write_str("the prefix length is not a number"),
            SyntaxErrorKind::Cidr(CidrError::NotAllowed) => write!(f, "`{name}` takes no prefix length"),
            SyntaxErrorKind::Macro(error) => write!(f, "{error}"),
            SyntaxErrorKind::SingleLabel => write!(f, "the domain of `{name}` has no dot"),
            SyntaxErrorKind::TopLabel => write!(f, "the domain of `{name}` does not end in a top-level label"),
            SyntaxErrorKind::Character => f.write_str("a character is not visible ASCII"),
        }?;
        write!(f, " (at offset {})", self.span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::*;

    #[track_caller]
    fn good(text: &str) -> Record {
        let record = Record::parse(text);
        assert_eq!(record.errors().next(), None, "{text}");
        record
    }

    /// `«»` mark what the error must point at.
    #[track_caller]
    fn bad(marked: &str, kind: SyntaxErrorKind) {
        let start = marked.find('«').expect("a mark");
        let text = marked.replace(['«', '»'], "");
        let end = marked.find('»').expect("a mark") - '«'.len_utf8();
        let errors: Vec<_> = Record::parse(&text).errors().map(|error| (error.kind, error.span)).collect();
        assert_eq!(errors, [(kind, Span::new(start, end))], "{marked}");
    }

    #[test]
    fn section_12_accepts() {
        for text in [
            "v=spf1",
            "V=SPF1 -ALL",
            "v=spf1  +a  mx/24//64 -all  ",
            "v=spf1 a:a.example/24 a:a.example//64 a:a.example/24//64 mx:%{d}/8",
            "v=spf1 a:foo/bar.example a:foo.example/bar.baz/32 ?ptr ptr:x.example",
            "v=spf1 ip4:192.0.2.1 ip4:0.0.0.0/0 ip6:::1 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1/128",
            "v=spf1 exists:%{l1r+}.%%.%_.%-.x.example. include:a..example include:%{d} a:%{d}.1-a",
            "v=spf1 moo= moo.cow-far_out=man:dog/cat all=x ip4=1.2.3.4 redirect=a.example exp=%{d}",
        ] {
            good(text);
        }
    }

    #[test]
    fn each_error_has_its_place() {
        use SyntaxErrorKind as K;
        bad("v=spf1 «ipv4»:192.0.2.1", K::UnknownMechanism);
        bad("v=spf1 «:foo»", K::UnknownMechanism);
        bad("v=spf1 mx «-» all", K::QualifierAlone);
        bad("v=spf1 «--»all", K::DoubleQualifier);
        bad("v=spf1 «-»redirect=a.example", K::QualifierOnModifier);
        bad("v=spf1 «1foo»=bar", K::ModifierName);
        bad("v=spf1 «»=bar", K::ModifierName);
        bad("v=spf1 all«:x.example»", K::UnexpectedArgument);
        bad("v=spf1 all«/8»", K::UnexpectedArgument);
        bad("v=spf1 «include:» -all", K::MissingDomain);
        bad("v=spf1 «exists» -all", K::MissingDomain);
        bad("v=spf1 «a:/27»", K::MissingDomain);
        bad("v=spf1 «redirect=»", K::MissingDomain);
        bad("v=spf1 ip4:«192.0.2»", K::Ip4);
        bad("v=spf1 ip4:«192.0.2.01»", K::Ip4);
        bad("v=spf1 ip4:«192.0.2.256»/24", K::Ip4);
        bad("v=spf1 «ip4»", K::Ip4);
        bad("v=spf1 ip6:«192.0.2.1»", K::Ip6);
        bad("v=spf1 ip4:192.0.2.0«/33»", K::Cidr(CidrError::OutOfRange));
        bad("v=spf1 ip4:192.0.2.0«/08»", K::Cidr(CidrError::LeadingZero));
        bad("v=spf1 a«/»", K::Cidr(CidrError::Malformed));
        bad("v=spf1 mx/«/129»", K::Cidr(CidrError::OutOfRange));
        bad("v=spf1 a:x.example«/99»", K::Cidr(CidrError::OutOfRange));
        bad("v=spf1 a:%{d}«/99»", K::Cidr(CidrError::OutOfRange));
        bad("v=spf1 include:x.example«/24»", K::Cidr(CidrError::NotAllowed));
        bad("v=spf1 ptr«/24»", K::Cidr(CidrError::NotAllowed));
        bad("v=spf1 exists:100«%».x.example", K::Macro(MacroError::Percent));
        bad("v=spf1 foo=«%{i.x»", K::Macro(MacroError::Unterminated));
        bad("v=spf1 exists:«%{c}».x.example", K::Macro(MacroError::ExplanationOnly));
        bad("v=spf1 include:«localhost»", K::SingleLabel);
        bad("v=spf1 a:«%{d}foo»", K::SingleLabel);
        bad("v=spf1 include:192.0.2.«1»", K::TopLabel);
        bad("v=spf1 a:x.«-all»", K::TopLabel);
        bad("v=spf1 a:«%%»", K::TopLabel);
        bad("v=spf1 mx«\t»-all", K::Character);
        bad("v=spf1 mx«\0»", K::Character);
        bad("v=spf1 «includeinclude»:a.example", K::UnknownMechanism);
        bad("v=spf1 a:«ü».example", K::Character);
    }

    #[test]
    fn modifiers_stand_once() {
        let first = Span::new(7, 25);
        bad("v=spf1 redirect=a.example «redirect=b.example»", SyntaxErrorKind::DuplicateModifier { first });
    }

    #[test]
    fn a_cidr_is_cut_off_from_the_right() {
        let record = good("v=spf1 a:a.example/24//64 mx:b.example/c.example//0");
        let cut: Vec<_> = record
            .directives()
            .map(|(_, directive)| match directive.mechanism {
                Mechanism::A { domain, cidr } | Mechanism::Mx { domain, cidr } => {
                    (record.text(domain.unwrap().span).to_owned(), cidr.v4, cidr.v6)
                }
                _ => panic!(),
            })
            .collect();
        assert_eq!(cut, [("a.example".to_owned(), 24, 64), ("b.example/c.example".to_owned(), 32, 0)]);
    }

    #[test]
    fn canonical_names_are_known_at_parse_time() {
        let canonical = |text: &str| good(text).terms()[0].domain_spec().unwrap().is_canonical;
        assert!(canonical("v=spf1 include:_spf.example.net"));
        assert!(!canonical("v=spf1 include:_SPF.example.net"));
        assert!(!canonical("v=spf1 include:a..example.net"));
        assert!(!canonical("v=spf1 include:example.net."));
        assert!(!canonical("v=spf1 include:%{d}"));
        assert!(!canonical(&format!("v=spf1 a:{}.example", "x".repeat(64))));
    }
}
