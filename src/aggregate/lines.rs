//! Places in a report, each in the line around it: a report can have a million lines, or one.

use crate::finding::{Label, Origin, Subject};
use crate::text::{Source, Span};

/// How much of a line is shown before and after a place.
const AROUND: usize = 80;
/// Octets after which the line ends are summed up, so that thousands of places are found without counting each time from the start.
const BLOCK: usize = 4096;

/// A text, and how many lines end before each block of it.
pub(super) struct Lines<'a> {
    text: &'a str,
    before: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut sum = 0;
        let before = text.as_bytes().chunks(BLOCK).map(|block| {
            sum += line_ends(block);
            sum
        });
        Self { text, before: [0].into_iter().chain(before).collect() }
    }

    /// `span` in what stands around it in its line.
    pub(super) fn label(&self, span: Span) -> Label {
        let text = self.text;
        let start = text.floor_char_boundary(span.start as usize);
        let end = text.floor_char_boundary((span.end as usize).min(start + AROUND)).max(start);
        let from = text.floor_char_boundary(start.saturating_sub(AROUND));
        let from = text[from..start].rfind('\n').map_or(from, |at| from + at + 1);
        let to = text.floor_char_boundary(end + AROUND);
        let to = text[end..to].find('\n').map_or(to, |at| end + at);
        let subject = Subject::new(Origin::AggregateReport { line: self.line(start) }, Source::new(&text[from..to]));
        Label::new(&subject, Span::new(start - from, end - from))
    }

    fn line(&self, at: usize) -> usize {
        let block = at / BLOCK;
        let before = self.before.get(block).copied().unwrap_or_default();
        before + line_ends(&self.text.as_bytes()[block * BLOCK..at]) + 1
    }
}

fn line_ends(octets: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', octets).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_their_lines() {
        let text = format!("one\n{}\nb\u{fc}cher {}\n", "x\n".repeat(5_000), "y".repeat(200));
        let lines = Lines::of(&text);
        let told = |part: &str| {
            let label = lines.label(Span::of(&text[text.find(part).unwrap()..][..part.len()], &text));
            let Origin::AggregateReport { line } = *label.subject.origin() else { panic!("{label:?}") };
            (line, label.quoted(), label.subject.source().text().len())
        };
        assert_eq!(told("one"), (1, "one".to_owned(), 3));
        assert_eq!(told("b\u{fc}cher"), (5_003, "b\u{fc}cher".to_owned(), 7 + 80));
        let whole = lines.label(Span::new(text.len(), text.len()));
        assert_eq!(whole.subject.origin(), &Origin::AggregateReport { line: 5_004 });
        assert_eq!(Lines::of("").label(Span::default()).subject.origin(), &Origin::AggregateReport { line: 1 });
    }

    /// The end of a block, a character of several octets on it, and a text that ends there.
    #[test]
    fn at_the_ends_of_blocks() {
        for length in BLOCK - 2..BLOCK + 3 {
            let text = format!("{}\u{fc}\n", "\n".repeat(length));
            let lines = Lines::of(&text);
            for at in BLOCK - 3..=text.len() {
                let at = text.floor_char_boundary(at);
                let line = text[..at].matches('\n').count() + 1;
                assert_eq!(
                    lines.label(Span::at(at)).subject.origin(),
                    &Origin::AggregateReport { line },
                    "{length} {at}"
                );
            }
        }
    }
}
