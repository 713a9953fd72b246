//! Reading the terms of a record (RFC 7208 §4.6.1, §12).
//!
//! Terms are separated by spaces, so an error ends at the next one.

mod addresses;
mod domains;
mod error;
#[cfg(test)]
mod tests;

pub(super) use domains::{explanation_error, macro_string_error};
pub use error::{CidrError, SyntaxError, SyntaxErrorKind};

use domains::Suffix;

use super::record::{Directive, Mechanism, Modifier, Qualifier, Term, TermKind, Terms};
use crate::text::Span;

/// Reads the terms of `text`, whose first word is the version section, into where they stay.
pub(super) fn terms(text: &str, terms: &mut Terms) {
    // No message holds more than 64 KiB of it; spans are 32 bits wide.
    let text = text.get(..text.len().min(u32::MAX as usize)).unwrap_or_default();
    let bytes = text.as_bytes();
    // `v=spf1` is not a term; whatever else stands there is not one either.
    let mut at = bytes.iter().position(|&b| b == b' ').unwrap_or(bytes.len());
    // A term with its space takes about sixteen octets.
    terms.reserve_exact(1 + bytes.len() / 16);
    let mut once = Once::default();
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let end = memchr::memchr(b' ', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let span = Span::of_parsed(at, end);
        let kind = match term(text, at, end) {
            Ok(kind @ (TermKind::Redirect(_) | TermKind::Explanation(_))) => once.check(kind, span, text),
            Ok(kind) => kind,
            Err(error) => TermKind::Unknown(error),
        };
        terms.push(Term { span, kind });
        at = end;
    }
}

/// The term that `text` is; rules ask it of what they would write instead.
pub(super) fn one(text: &str) -> Option<TermKind> {
    let bounded = !text.is_empty() && text.len() <= u32::MAX as usize && !text.contains(' ');
    if bounded { term(text, 0, text.len()).ok() } else { None }
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
    let reader = Reader { text, name: Span::of_parsed(name, name_end), at: name_end, end };
    if bytes[name..end].is_empty() {
        return Err(reader.error(SyntaxErrorKind::QualifierAlone, Span::of_parsed(start, end)));
    }
    // §12: a modifier is a name and `=`, before any `:` or `/`.
    if bytes.get(name_end) == Some(&b'=') && name_end < end {
        return match qualifier {
            Some(_) => Err(reader.error(SyntaxErrorKind::QualifierOnModifier, Span::of_parsed(start, name))),
            None => reader.modifier(),
        };
    }
    let (qualifier, qualifier_span) = (qualifier.unwrap_or(Qualifier::Pass), Span::of_parsed(start, name));
    reader.mechanism(|mechanism| TermKind::Directive(Directive { qualifier, qualifier_span, mechanism }))
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
        let value = Span::of_parsed(self.at + 1, self.end);
        if name.eq_ignore_ascii_case("redirect") {
            return Ok(TermKind::Redirect(self.domain_spec(value, Suffix::NotAllowed)?));
        }
        if name.eq_ignore_ascii_case("exp") {
            return Ok(TermKind::Explanation(self.domain_spec(value, Suffix::NotAllowed)?));
        }
        // §6: ignored, but its value must be a macro-string.
        self.macro_string(value)?;
        Ok(TermKind::UnknownModifier(Modifier { name: self.name, value }))
    }

    /// What `directive` makes of the mechanism: made in one place, it is not copied from one enum into the next.
    fn mechanism(self, directive: impl FnOnce(Mechanism) -> TermKind) -> Result<TermKind, SyntaxError> {
        // §4.6.1: names compare without regard to case.
        match &self.text.as_bytes()[self.name.range()] {
            [b'a' | b'A'] => {
                let (domain, cidr) = self.domain_and_cidr()?;
                Ok(directive(Mechanism::A { domain, cidr }))
            }
            [b'm' | b'M', b'x' | b'X'] => {
                let (domain, cidr) = self.domain_and_cidr()?;
                Ok(directive(Mechanism::Mx { domain, cidr }))
            }
            [b'a' | b'A', b'l' | b'L', b'l' | b'L'] => self.all().map(|()| directive(Mechanism::All)),
            [b'i' | b'I', b'p' | b'P', b'4'] => self.ip4().map(directive),
            [b'i' | b'I', b'p' | b'P', b'6'] => self.ip6().map(directive),
            [b'p' | b'P', b't' | b'T', b'r' | b'R'] => {
                Ok(directive(Mechanism::Ptr { domain: self.optional_domain()? }))
            }
            name if name.eq_ignore_ascii_case(b"include") => Ok(directive(Mechanism::Include(self.required_domain()?))),
            name if name.eq_ignore_ascii_case(b"exists") => Ok(directive(Mechanism::Exists(self.required_domain()?))),
            _ => Err(self.unknown_mechanism()),
        }
    }

    fn unknown_mechanism(self) -> SyntaxError {
        let name = &self.text[self.name];
        if name.starts_with(['+', '-', '~', '?']) {
            let first = self.name.start as usize;
            return self.error(SyntaxErrorKind::DoubleQualifier, Span::of_parsed(first - 1, first + 1));
        }
        if let Some((at, c)) = name.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
            let at = self.name.start as usize + at;
            return self.error(SyntaxErrorKind::Character, Span::of_parsed(at, at + c.len_utf8()));
        }
        let span = if self.name.is_empty() { Span::of_parsed(self.at, self.end) } else { self.name };
        self.error(SyntaxErrorKind::UnknownMechanism, span)
    }

    /// §5.1: it takes no argument.
    fn all(self) -> Result<(), SyntaxError> {
        if self.at == self.end {
            Ok(())
        } else {
            Err(self.error(SyntaxErrorKind::UnexpectedArgument, Span::of_parsed(self.at, self.end)))
        }
    }

    fn character(self, at: usize) -> SyntaxError {
        let length = self.text[at..].chars().next().map_or(1, char::len_utf8);
        self.error(SyntaxErrorKind::Character, Span::of_parsed(at, at + length))
    }

    fn error(self, kind: SyntaxErrorKind, span: Span) -> SyntaxError {
        SyntaxError::new(kind, span, &self.text[self.name])
    }
}

fn is_modifier_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
