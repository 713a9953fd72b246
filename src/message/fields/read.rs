//! From bytes to header fields.

use memchr::memchr;

use super::defects::{Defect, DefectKind, MAX_DEFECTS};
use super::{Field, Limits, LineEnds, MAX_LINE, Message, name_key};
use crate::text::Span;

/// Reads the header section line by line.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Message<'_> {
    Reader::new(bytes, limits).read()
}

struct Reader<'a> {
    message: Message<'a>,
    limits: Limits,
    crlf: usize,
    first_bare_lf: Option<usize>,
    lines: usize,
}

/// A line without its end.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    /// Where its content ends.
    end: usize,
    /// Where the next line starts.
    next: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], limits: Limits) -> Self {
        let message = Message {
            bytes,
            fields: Vec::with_capacity(32),
            keys: Vec::with_capacity(32),
            body_start: bytes.len(),
            line_ends: LineEnds::Crlf,
            defects: Vec::new(),
            more_defects: 0,
        };
        Self { message, limits, crlf: 0, first_bare_lf: None, lines: 0 }
    }

    fn read(mut self) -> Message<'a> {
        let mut at = 0;
        let mut ended = false;
        let mut full = false;
        while at < self.message.bytes.len() {
            let line = self.line(at);
            if line.start == line.end && line.next > line.end {
                self.message.body_start = line.next;
                ended = true;
                break;
            }
            if !full && line.next > self.limits.header {
                self.defect(DefectKind::HeaderTooLong, line.start, line.end);
                full = true;
            }
            at = if full { line.next } else { self.field(line, &mut full) };
        }
        if !ended {
            let end = self.message.bytes.len();
            self.defect(DefectKind::NoEmptyLine, end, end);
        }
        self.settle_line_ends();
        self.message
    }

    /// Reads the field that starts with `first`; returns where the next line starts.
    fn field(&mut self, first: Line, full: &mut bool) -> usize {
        let mut last = first;
        self.check_line(first);
        while let Some(b' ' | b'\t') = self.message.bytes.get(last.next) {
            let line = self.line(last.next);
            if line.next > self.limits.header {
                self.defect(DefectKind::HeaderTooLong, line.start, line.end);
                *full = true;
                return line.next;
            }
            self.check_line(line);
            if self.message.bytes[line.start..line.end].iter().all(|b| matches!(b, b' ' | b'\t')) {
                self.defect(DefectKind::BlankContinuation, line.start, line.end);
            }
            last = line;
        }
        if self.message.fields.len() == self.limits.fields {
            self.defect(DefectKind::TooManyFields, first.start, last.end);
            *full = true;
            return last.next;
        }
        self.push(first, last);
        last.next
    }

    fn push(&mut self, first: Line, last: Line) {
        let bytes = self.message.bytes;
        let text = &bytes[first.start..first.end];
        if matches!(text.first(), Some(b' ' | b'\t')) {
            return self.defect(DefectKind::LeadingWhiteSpace, first.start, last.end);
        }
        if first.start == 0 && (text.starts_with(b"From ") || text.starts_with(b">From ")) && !space_then_colon(text) {
            return self.defect(DefectKind::MailboxFromLine, first.start, last.end);
        }
        let Some(colon) = memchr(b':', text) else {
            return self.defect(DefectKind::NotAField, first.start, last.end);
        };
        let name = text[..colon].trim_ascii_end();
        if name.is_empty() {
            return self.defect(DefectKind::NotAField, first.start, last.end);
        }
        if name.len() < colon {
            self.defect(DefectKind::SpaceBeforeColon, first.start + name.len(), first.start + colon);
        }
        if !name.iter().all(|b| matches!(b, 33..=57 | 59..=126)) {
            self.defect(DefectKind::FieldName, first.start, first.start + name.len());
        }
        self.message.keys.push(name_key(name));
        self.message.fields.push(Field {
            bytes: &bytes[first.start..last.next],
            start: first.start,
            name_end: short(name.len()),
            colon: short(colon),
            body_end: short(last.end - first.start),
        });
    }

    fn line(&mut self, start: usize) -> Line {
        let bytes = self.message.bytes;
        let Some(length) = memchr(b'\n', &bytes[start..]) else {
            return Line { start, end: bytes.len(), next: bytes.len() };
        };
        let lf = start + length;
        let crlf = length > 0 && bytes[lf - 1] == b'\r';
        self.lines += 1;
        if crlf {
            self.crlf += 1;
        } else if self.first_bare_lf.is_none() {
            self.first_bare_lf = Some(lf);
        }
        Line { start, end: lf - usize::from(crlf), next: lf + 1 }
    }

    fn check_line(&mut self, line: Line) {
        let text = &self.message.bytes[line.start..line.end];
        if text.len() > MAX_LINE {
            self.defect(DefectKind::LongLine, line.start, line.end);
        }
        // Without a way out of the loop, it takes many octets at a time.
        if !text.iter().fold(false, |odd, &b| odd | !((b' '..=b'~').contains(&b) | (b == b'\t'))) {
            return;
        }
        let odd = [(DefectKind::BareCr, memchr(b'\r', text)), (DefectKind::Nul, memchr(0, text))];
        let eight = (DefectKind::EightBit, text.iter().position(|b| !b.is_ascii()));
        for (kind, place) in odd.into_iter().chain([eight]) {
            if let Some(at) = place {
                self.defect(kind, line.start + at, line.start + at + 1);
            }
        }
    }

    fn settle_line_ends(&mut self) {
        let Some(lf) = self.first_bare_lf else { return };
        if self.crlf == 0 {
            self.message.line_ends = LineEnds::Lf;
        } else {
            self.defect(DefectKind::BareLf, lf, lf + 1);
        }
    }

    fn defect(&mut self, kind: DefectKind, start: usize, end: usize) {
        let limit = matches!(kind, DefectKind::TooManyFields | DefectKind::HeaderTooLong);
        // A limit must not be lost among lesser things.
        if self.message.defects.len() < MAX_DEFECTS || limit {
            self.message.defects.push(Defect { kind, span: Span::new(start, end) });
        } else {
            self.message.more_defects += 1;
        }
    }
}

/// Whether only white space stands between the first word and the colon: `From : a@d.example` is a field.
fn space_then_colon(text: &[u8]) -> bool {
    let after = text.iter().skip_while(|b| !b.is_ascii_whitespace());
    after.copied().find(|b| !b.is_ascii_whitespace()) == Some(b':')
}

/// Offsets in one field fit: [`Message::parse_within`] stops at 2 GiB.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
