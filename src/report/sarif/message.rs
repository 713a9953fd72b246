//! From a place in a header field or body to lines and columns of the message's file.

use crate::finding::{Label, Origin};
use crate::message::Message;

/// The lines of a message.
pub(super) struct Lines<'a> {
    message: Message<'a>,
    /// Where each line starts.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)).collect();
        Self { message: Message::parse(bytes), starts }
    }

    /// Line, column, last line and the column one past the end; `None` if it is not in the message.
    pub(super) fn region(&self, label: &Label) -> Option<[u32; 4]> {
        let text = label.subject.source().text().as_bytes();
        let (whole, from) = match label.subject.origin() {
            Origin::Field { index, .. } => {
                let field = self.message.fields().get(*index)?;
                let body = field.body_span();
                if self.bytes(body.start as usize, body.end as usize) != text {
                    // An octet that is no text, or a value that was unfolded: the whole field.
                    let span = field.span();
                    return Some(self.of_octets(span.start as usize, span.end as usize));
                }
                (text.len(), body.start as usize)
            }
            Origin::Body => (text.len(), self.message.body_start()),
            Origin::Header => (0, 0),
            _ => return None,
        };
        let inside = |offset: u32| from + (offset as usize).min(whole);
        Some(self.of_octets(inside(label.span.start), inside(label.span.end)))
    }

    fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.message.bytes().get(start..end).unwrap_or_default()
    }

    fn of_octets(&self, start: usize, end: usize) -> [u32; 4] {
        let ((line, column), (end_line, end_column)) = (self.position(start), self.position(end));
        [line, column, end_line, end_column]
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let before = String::from_utf8_lossy(self.bytes(self.starts[line - 1], offset)).chars().count();
        let counted = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (counted(line), counted(before + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;
    use crate::text::{Source, Span};

    #[test]
    fn places_in_header_fields() {
        let mail = b"Subject: x\r\nFrom: a\r\n b@d.example\r\n\r\nHello\r\n";
        let lines = Lines::of(mail);
        let body = Source::from_bytes(Message::parse(mail).fields()[1].body());
        let subject = Subject::new(Origin::Field { name: "From".to_owned(), index: 1 }, body.clone());
        let at = body.text().find("b@d").unwrap();
        assert_eq!(lines.region(&Label::new(&subject, Span::new(at, at + 3))), Some([3, 2, 3, 5]));
        let other = Subject::new(Origin::Field { name: "From".to_owned(), index: 1 }, Source::new("a b@d.example"));
        assert_eq!(lines.region(&Label::whole(&other)).map(|region| region[0]), Some(2));
        assert_eq!(lines.region(&Label::whole(&Subject::session("helo", "x"))), None);
    }
}
