//! Domain-specs and macro-strings (RFC 7208 §7.1).

use super::super::macros::{self, MacroError, Piece};
use super::super::record::{DomainSpec, DualCidr};
use super::addresses::cidr_start;
use super::{CidrError, Reader, SyntaxError, SyntaxErrorKind};
use crate::name::{MAX_LABEL, MAX_NAME};
use crate::text::Span;

impl Reader<'_> {
    /// `[ ":" domain-spec ]`
    pub(super) fn optional_domain(self) -> Result<Option<DomainSpec>, SyntaxError> {
        if self.at == self.end {
            return Ok(None);
        }
        if self.text.as_bytes()[self.at] == b'/' {
            return Err(self.error(SyntaxErrorKind::Cidr(CidrError::NotAllowed), Span::of_parsed(self.at, self.end)));
        }
        self.required_domain().map(Some)
    }

    /// `":" domain-spec`
    pub(super) fn required_domain(self) -> Result<DomainSpec, SyntaxError> {
        if self.text.as_bytes().get(self.at) == Some(&b':') && self.at < self.end {
            self.domain_spec(Span::of_parsed(self.at + 1, self.end), Suffix::NotAllowed)
        } else {
            Err(self.error(SyntaxErrorKind::MissingDomain, Span::of_parsed(self.name.start as usize, self.end)))
        }
    }

    /// `[ ":" domain-spec ] [ dual-cidr-length ]` (§5.3)
    pub(super) fn domain_and_cidr(self) -> Result<(Option<DomainSpec>, DualCidr), SyntaxError> {
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
        let spec = self.domain_spec(Span::of_parsed(from, suffix), Suffix::CutOff);
        let cidr = if suffix < self.end { self.dual_cidr(suffix) } else { Ok(DualCidr::none_at(self.end)) };
        Ok((Some(spec?), cidr?))
    }

    /// Checks a macro-string (§7.1) that may end anyhow.
    pub(super) fn macro_string(self, span: Span) -> Result<(), SyntaxError> {
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
    pub(super) fn macro_at(self, at: usize, end: usize) -> Result<usize, SyntaxError> {
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
    pub(super) fn domain_spec(self, span: Span, suffix: Suffix) -> Result<DomainSpec, SyntaxError> {
        if span.is_empty() {
            return Err(self.error(SyntaxErrorKind::MissingDomain, Span::of_parsed(self.name.start as usize, self.end)));
        }
        let bytes = self.text.as_bytes();
        let end = span.end as usize;
        let mut at = span.start as usize;
        // Where the text after the last macro begins, and the last dots in it.
        let mut literal = at;
        let mut has_macros = false;
        let mut canonical = true;
        let mut label = at;
        let bytes = &bytes[..end];
        while at < bytes.len() {
            if CLASSES[usize::from(bytes[at])] == Class::Plain {
                at += 1;
                continue;
            }
            match bytes[at] {
                b'%' => {
                    let start = at;
                    at = self.macro_at(at, end)?;
                    has_macros = true;
                    // The grammar of domain-end lets `%%`, `%_` and `%-` end a name too; what they stand for never
                    // ends one, so such a term is told as broken instead of silently matching nobody.
                    if at == end && at - start == 2 {
                        return Err(self.error(SyntaxErrorKind::TopLabel, Span::of_parsed(start, at)));
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
        let ends_well = label > literal && is_toplabel(&bytes[label..end]);
        if !ends_well && (literal < end || !has_macros) {
            self.domain_end(literal, end, span, suffix)?;
        }
        Ok(DomainSpec { span, has_macros, is_canonical: canonical })
    }

    /// `"." toplabel [ "." ]` at the end of the text `literal..end`.
    pub(super) fn domain_end(self, literal: usize, end: usize, spec: Span, suffix: Suffix) -> Result<(), SyntaxError> {
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
                Suffix::NotAllowed => CidrError::NotAllowed,
                Suffix::CutOff => self.dual_cidr(slash).err().map_or(CidrError::Malformed, cidr_error),
            };
            return Err(self.error(SyntaxErrorKind::Cidr(kind), Span::of_parsed(slash, self.end)));
        }
        if dot.is_none() {
            return Err(self.error(SyntaxErrorKind::SingleLabel, spec));
        }
        Err(self.error(SyntaxErrorKind::TopLabel, Span::of_parsed(top, without_dot)))
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

/// Whether a prefix length may follow the domain-spec.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Suffix {
    /// It may, and has been cut off if it was a good one.
    CutOff,
    /// It may not, and would be taken for a part of the domain.
    NotAllowed,
}

fn cidr_error(error: SyntaxError) -> CidrError {
    match error.kind {
        SyntaxErrorKind::Cidr(error) => error,
        _ => CidrError::Malformed,
    }
}

/// `( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )` (§7.1)
fn is_toplabel(label: &[u8]) -> bool {
    let (Some(first), Some(last)) = (label.first(), label.last()) else { return false };
    let mut not_all_digits = false;
    for byte in label {
        match byte {
            b'0'..=b'9' => {}
            b'a'..=b'z' | b'A'..=b'Z' | b'-' => not_all_digits = true,
            _ => return false,
        }
    }
    not_all_digits && *first != b'-' && *last != b'-'
}

/// Reads the explanation text that `exp=` leads to (§6.2): macro-strings and spaces.
pub(in crate::spf) fn explanation_error(text: &str) -> Option<(SyntaxErrorKind, Span)> {
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
pub(in crate::spf) fn macro_string_error(text: &str) -> Option<(SyntaxErrorKind, Span)> {
    let reader = Reader { text, name: Span::default(), at: 0, end: text.len() };
    let error = reader.macro_string(Span::of_parsed(0, text.len())).err()?;
    Some((error.kind, error.span))
}
