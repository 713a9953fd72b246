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

use super::qualifier::{QUALIFIERS, Qualifier};
use super::record::{Directive, Mechanism, Modifier, Term, TermKind, Terms};
use crate::text::Span;

/// Reads the terms of `text`, whose first word is the version section, into where they stay.
pub(super) fn terms(text: &str, terms: &mut Terms) {
    // No message holds more than 64 KiB of it; spans are 32 bits wide.
    let text = text.get(..text.len().min(u32::MAX as usize)).unwrap_or_default();
    let bytes = text.as_bytes();
    // `v=spf1` is not a term; whatever else stands there, now and then, is not one either.
    let mut at = if bytes.starts_with(b"v=spf1 ") { 6 } else { memchr::memchr(b' ', bytes).unwrap_or(bytes.len()) };
    // A term with its space takes about sixteen octets.
    if bytes.len() >= 16 {
        terms.reserve_exact(1 + bytes.len() / 16);
    }
    let mut once = Once::default();
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let word = Word::at(bytes, at);
        terms.push(Term { span: Span::of_parsed(at, word.end), kind: UNREAD });
        if let Some(term) = terms.last_mut() {
            if let Err(error) = read(text, word, &mut term.kind) {
                term.kind = TermKind::Unknown(error);
            }
            once.check(term, text);
        }
        at = word.end;
    }
}

/// What stands where a term will be.
const UNREAD: TermKind = TermKind::UnknownModifier(Modifier { name: NOWHERE, value: NOWHERE });
const NOWHERE: Span = Span { start: 0, end: 0 };

/// The term that `text` is; rules ask it of what they would write instead.
pub(super) fn one(text: &str) -> Option<TermKind> {
    let bounded = !text.is_empty() && text.len() <= u32::MAX as usize && !text.contains(' ');
    let mut kind = UNREAD;
    (bounded && read(text, Word::at(text.as_bytes(), 0), &mut kind).is_ok()).then_some(kind)
}

/// The modifiers that may stand once (§6).
#[derive(Default)]
struct Once {
    redirect: Option<Span>,
    explanation: Option<Span>,
}

impl Once {
    /// Makes an error of a modifier that stands a second time.
    fn check(&mut self, term: &mut Term, text: &str) {
        let first = match term.kind {
            TermKind::Redirect(_) => &mut self.redirect,
            TermKind::Explanation(_) => &mut self.explanation,
            _ => return,
        };
        if let Some(first) = *first {
            let name = text[term.span].split('=').next().unwrap_or_default();
            let error = SyntaxError::new(SyntaxErrorKind::DuplicateModifier { first }, term.span, name);
            term.kind = TermKind::Unknown(error);
        } else {
            *first = Some(term.span);
        }
    }
}

/// A term that is not yet read, and is not empty.
#[derive(Clone, Copy)]
struct Word {
    start: usize,
    /// Where its name begins: behind the qualifier, if there is one.
    name: usize,
    /// Where its name ends: at a `:`, `/` or `=`, or at the end.
    name_end: usize,
    /// The next space, or the end of the record.
    end: usize,
}

impl Word {
    fn at(bytes: &[u8], start: usize) -> Self {
        let name = start + usize::from(matches!(bytes[start], b'+' | b'-' | b'~' | b'?'));
        let ends_name = |&b: &u8| matches!(b, b' ' | b':' | b'/' | b'=');
        let name_end = bytes[name..].iter().position(ends_name).map_or(bytes.len(), |length| name + length);
        // Many a term is a name and no more.
        let end = match bytes.get(name_end) {
            None | Some(b' ') => name_end,
            Some(_) => memchr::memchr(b' ', &bytes[name_end..]).map_or(bytes.len(), |length| name_end + length),
        };
        Self { start, name, name_end, end }
    }
}

/// Reads a term into its place: returned, it would be copied once more, a fifth of the time that a short record takes.
#[inline(always)]
fn read(text: &str, word: Word, kind: &mut TermKind) -> Result<(), SyntaxError> {
    let Word { start, name, name_end, end } = word;
    let bytes = text.as_bytes();
    let qualifier = match bytes[start] {
        b'+' => Some(Qualifier::Pass),
        b'-' => Some(Qualifier::Fail),
        b'~' => Some(Qualifier::Softfail),
        b'?' => Some(Qualifier::Neutral),
        _ => None,
    };
    let reader = Reader { text, name: Span::of_parsed(name, name_end), at: name_end, end };
    if name == end {
        return Err(reader.error(SyntaxErrorKind::QualifierAlone, Span::of_parsed(start, end)));
    }
    // §12: a modifier is a name and `=`, before any `:` or `/`.
    if bytes.get(name_end) == Some(&b'=') {
        if qualifier.is_some() {
            return Err(reader.error(SyntaxErrorKind::QualifierOnModifier, Span::of_parsed(start, name)));
        }
        *kind = reader.modifier()?;
        return Ok(());
    }
    let (qualifier, qualifier_span) = (qualifier.unwrap_or(Qualifier::Pass), Span::of_parsed(start, name));
    reader.mechanism(|mechanism| *kind = TermKind::Directive(Directive { qualifier, qualifier_span, mechanism }))
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

    /// Hands the mechanism over as soon as it is made.
    fn mechanism(self, found: impl FnOnce(Mechanism)) -> Result<(), SyntaxError> {
        // §4.6.1: names compare without regard to case.
        match &self.text.as_bytes()[self.name.range()] {
            [b'a' | b'A'] => {
                let (domain, cidr) = self.domain_and_cidr()?;
                found(Mechanism::A { domain, cidr });
            }
            [b'm' | b'M', b'x' | b'X'] => {
                let (domain, cidr) = self.domain_and_cidr()?;
                found(Mechanism::Mx { domain, cidr });
            }
            [b'a' | b'A', b'l' | b'L', b'l' | b'L'] => {
                self.no_argument()?;
                found(Mechanism::All);
            }
            [b'i' | b'I', b'p' | b'P', b'4'] => found(self.ip4()?),
            [b'i' | b'I', b'p' | b'P', b'6'] => found(self.ip6()?),
            [b'p' | b'P', b't' | b'T', b'r' | b'R'] => found(Mechanism::Ptr { domain: self.optional_domain()? }),
            name if name.eq_ignore_ascii_case(b"include") => found(Mechanism::Include(self.required_domain()?)),
            name if name.eq_ignore_ascii_case(b"exists") => found(Mechanism::Exists(self.required_domain()?)),
            _ => return Err(self.unknown_mechanism()),
        }
        Ok(())
    }

    fn unknown_mechanism(self) -> SyntaxError {
        let name = &self.text[self.name];
        if name.starts_with(QUALIFIERS) {
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

    /// §5.1: `all` takes none.
    fn no_argument(self) -> Result<(), SyntaxError> {
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
