//! A quoted text with marks under the places that matter.

use std::fmt::{self, Write};

use super::Text;
use super::safe::Safe;
use super::style::{Role, paint, styled};
use crate::finding::Label;
use crate::order::sort_by_key;
use crate::text::{Cell, Source, Span};

/// ` --> owner TYPE`
pub(super) fn location(text: &Text<'_>, arrow: &str, label: &Label, out: &mut dyn Write) -> fmt::Result {
    let origin = label.subject.origin().to_string();
    write!(out, " {} {}", paint(text.style, Role::Gutter, &arrow), Safe(&origin))?;
    out.write_char('\n')
}

/// The text of `primary` with a caret line under its span, and lines under the spans of `related`, which must be of
/// the same text. Long texts are shown around each of them.
pub(super) fn write(
    text: &Text<'_>,
    primary: &Label,
    related: &[&Label],
    role: Role,
    out: &mut dyn Write,
) -> fmt::Result {
    let source = primary.subject.source();
    if source.text().is_empty() {
        return match primary.text.as_str() {
            "" => Ok(()),
            words => writeln!(out, "  {} {}", paint(text.style, Role::Gutter, &"="), Safe(words)),
        };
    }
    let sign = if role == Role::Related { '-' } else { '^' };
    let mut marks: Vec<Mark<'_>> = vec![Mark { label: primary, sign, role }];
    marks.extend(related.iter().map(|label| Mark { label, sign: '-', role: Role::Related }));
    sort_by_key(&mut marks, |mark| (mark.label.span.start, mark.label.span.end));
    gutter(text, out)?;
    out.write_char('\n')?;
    for row in rows(source, marks, text.width) {
        row.write(text, out)?;
    }
    gutter(text, out)?;
    out.write_char('\n')
}

pub(super) fn gutter(text: &Text<'_>, out: &mut dyn Write) -> fmt::Result {
    write!(out, "  {}", paint(text.style, Role::Gutter, &"|"))
}

struct Mark<'a> {
    label: &'a Label,
    sign: char,
    role: Role,
}

/// One printed line of the text, and the marks under it.
struct Row<'a> {
    window: Window<'a>,
    marks: Vec<Mark<'a>>,
}

/// The fewest rows of at most `width` columns that hold all marks.
fn rows<'a>(source: &'a Source, marks: Vec<Mark<'a>>, width: usize) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for mark in marks {
        if let Some(row) = rows.last_mut() {
            let both = row.window.wanted.to(mark.label.span);
            if let Some(window) = Window::around(source, both, width).filter(|window| window.holds(both)) {
                row.window = window;
                row.marks.push(mark);
                continue;
            }
        }
        if let Some(window) = Window::around(source, mark.label.span, width) {
            rows.push(Row { window, marks: vec![mark] });
        }
    }
    rows
}

/// A part of a text, as its characters are shown.
pub(super) struct Window<'a> {
    source: &'a Source,
    wanted: Span,
    /// Offset, first column, what is shown.
    cells: Vec<(usize, usize, Cell)>,
    start: usize,
    end: usize,
    columns: usize,
}

const CUT: &str = "...";

impl<'a> Window<'a> {
    /// The part around `wanted` that fits in `width` columns: the whole text if that fits. A place that does not fit is
    /// cut at its end. `None` if `wanted` is not a place in the text.
    pub(super) fn around(source: &'a Source, wanted: Span, width: usize) -> Option<Self> {
        source.text().get(wanted.range())?;
        let mut left = width;
        let (mut start, mut end) = (wanted.start as usize, wanted.end as usize);
        let place = forward(source, start, end, &mut left);
        if place < end {
            return Some(Self::new(source, wanted, start, place));
        }
        // What is left is spent on both sides alike; what one side does not need goes to the other.
        let mut before = left / 2;
        let mut after = left - before;
        start = backward(source, start, &mut before);
        after += before;
        end = forward(source, end, source.text().len(), &mut after);
        start = backward(source, start, &mut after);
        Some(Self::new(source, wanted, start, end))
    }

    fn new(source: &'a Source, wanted: Span, start: usize, end: usize) -> Self {
        let mut column = if start > 0 { CUT.len() } else { 0 };
        let mut cells = Vec::with_capacity(end - start);
        for (at, cell) in source.visible(Span::new(start, end)).cells() {
            cells.push((at, column, cell));
            column += cell.columns();
        }
        Self { source, wanted, cells, start, end, columns: column }
    }

    fn holds(&self, span: Span) -> bool {
        self.start <= span.start as usize && span.end as usize <= self.end
    }

    /// Whether nothing is cut.
    pub(super) fn is_whole(&self) -> bool {
        self.start == 0 && self.end == self.source.text().len()
    }

    /// The columns under `span`: at least one, so that an empty place has a caret.
    pub(super) fn columns(&self, span: Span) -> (usize, usize) {
        let column_of = |offset: u32| {
            let cell = self.cells.partition_point(|&(at, ..)| at < offset as usize);
            self.cells.get(cell).map_or(self.columns, |&(_, column, _)| column)
        };
        let start = column_of(span.start);
        (start, column_of(span.end).max(start + 1))
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> fmt::Result {
        if self.start > 0 {
            out.write_str(CUT)?;
        }
        write!(out, "{}", self.source.visible(Span::new(self.start, self.end)))?;
        if self.end < self.source.text().len() {
            out.write_str(CUT)?;
        }
        Ok(())
    }
}

/// Where the characters from `from` up to `to` that `budget` columns can hold end.
fn forward(source: &Source, from: usize, to: usize, budget: &mut usize) -> usize {
    let mut end = from;
    for c in source.text()[from..to].chars() {
        let Some(rest) = budget.checked_sub(cost(source, end, c)) else { break };
        *budget = rest;
        end += c.len_utf8();
    }
    end
}

/// Where the characters before `from` that `budget` columns can hold begin.
fn backward(source: &Source, from: usize, budget: &mut usize) -> usize {
    let mut start = from;
    for c in source.text()[..from].chars().rev() {
        let Some(rest) = budget.checked_sub(cost(source, start - c.len_utf8(), c)) else { break };
        *budget = rest;
        start -= c.len_utf8();
    }
    start
}

/// The columns of the character at `at`; a mark without a width costs one, so that no row is longer than it is wide.
fn cost(source: &Source, at: usize, c: char) -> usize {
    if matches!(c, ' '..='~') {
        return 1;
    }
    source.visible(Span::new(at, at + c.len_utf8())).columns().max(1)
}

impl Row<'_> {
    fn write(&self, text: &Text<'_>, out: &mut dyn Write) -> fmt::Result {
        gutter(text, out)?;
        out.write_char(' ')?;
        self.window.write(out)?;
        out.write_char('\n')?;
        let places: Vec<(usize, usize)> = self.marks.iter().map(|mark| self.window.columns(mark.label.span)).collect();
        // The words of the rightmost mark follow it; those of the others hang below, from right to left.
        let beside = self.marks.len().checked_sub(1).filter(|_| !overlaps_last(&places));
        gutter(text, out)?;
        out.write_char(' ')?;
        self.underline(text, &places, out)?;
        if let Some(mark) = beside.map(|i| &self.marks[i]).filter(|mark| !mark.label.text.is_empty()) {
            write!(out, " {}", paint(text.style, mark.role, &Safe(&mark.label.text)))?;
        }
        out.write_char('\n')?;
        let hanging = (0..self.marks.len()).filter(|&i| Some(i) != beside && !self.marks[i].label.text.is_empty());
        let hanging: Vec<usize> = hanging.collect();
        for (done, &i) in hanging.iter().rev().enumerate() {
            let open = &hanging[..hanging.len() - 1 - done];
            if done == 0 {
                self.bars(text, &places, &hanging, out)?;
                out.write_char('\n')?;
            }
            let column = self.bars(text, &places, open, out)?;
            let mark = &self.marks[i];
            let pad = places[i].0.saturating_sub(column);
            writeln!(out, "{:pad$}{}", "", paint(text.style, mark.role, &Safe(&mark.label.text)))?;
        }
        Ok(())
    }

    /// The signs of all marks. Where two overlap, the caret wins.
    fn underline(&self, text: &Text<'_>, places: &[(usize, usize)], out: &mut dyn Write) -> fmt::Result {
        let width = places.iter().map(|&(_, end)| end).max().unwrap_or(0);
        let mut signs: Vec<Option<&Mark<'_>>> = vec![None; width];
        for (mark, &(start, end)) in self.marks.iter().zip(places) {
            for sign in &mut signs[start..end] {
                if sign.is_none_or(|other| other.sign != '^') {
                    *sign = Some(mark);
                }
            }
        }
        for run in signs.chunk_by(|a, b| a.map(|mark| mark.sign) == b.map(|mark| mark.sign)) {
            match run[0] {
                Some(mark) => {
                    styled(text.style, mark.role, out, |out| run.iter().try_for_each(|_| out.write_char(mark.sign)))?
                }
                None => write!(out, "{:1$}", "", run.len())?,
            }
        }
        Ok(())
    }

    /// A line with a bar under the start of each of the marks `open`; gives the column after the last one.
    fn bars(
        &self,
        text: &Text<'_>,
        places: &[(usize, usize)],
        open: &[usize],
        out: &mut dyn Write,
    ) -> Result<usize, fmt::Error> {
        gutter(text, out)?;
        out.write_char(' ')?;
        let mut column = 0;
        for &i in open {
            // Two marks with one start share a bar.
            if places[i].0 < column {
                continue;
            }
            write!(out, "{:1$}", "", places[i].0 - column)?;
            write!(out, "{}", paint(text.style, self.marks[i].role, &"|"))?;
            column = places[i].0 + 1;
        }
        Ok(column)
    }
}

/// Whether the last place shares a column with another, or ends before another does.
fn overlaps_last(places: &[(usize, usize)]) -> bool {
    let Some((last, others)) = places.split_last() else { return false };
    others.iter().any(|&(_, end)| end > last.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Origin, Subject};
    use crate::report::text::Plain;

    /// The lines between the first and the last gutter.
    #[track_caller]
    fn assert_lines(source: Source, width: usize, labels: &[(Span, &str)], expected: &[&str]) {
        let subject = Subject::new(Origin::Given, source);
        let labels: Vec<Label> = labels.iter().map(|(span, words)| Label::new(&subject, *span).with(*words)).collect();
        let related: Vec<&Label> = labels[1..].iter().collect();
        let mut out = String::new();
        write(&Text { width, ..Text::new(&Plain) }, &labels[0], &related, Role::Error, &mut out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        let inner: Vec<&str> =
            lines[1..lines.len() - 1].iter().map(|line| line.strip_prefix("  | ").unwrap()).collect();
        assert_eq!(inner, expected, "\n{out}");
    }

    #[test]
    fn one_place() {
        let source = Source::new("v=spf1 ipv4:192.0.2.1 -all");
        assert_lines(
            source,
            80,
            &[(Span::new(7, 11), "not a mechanism")],
            &["v=spf1 ipv4:192.0.2.1 -all", "       ^^^^ not a mechanism"],
        );
    }

    #[test]
    fn the_end_of_a_text_is_a_place() {
        assert_lines(Source::new("v=spf1"), 80, &[(Span::at(6), "")], &["v=spf1", "      ^"]);
    }

    #[test]
    fn several_places() {
        assert_lines(
            Source::new("v=spf1 redirect=a.example redirect=b.example exp=c.example"),
            80,
            &[(Span::new(26, 44), "second"), (Span::new(7, 25), "first"), (Span::new(45, 58), "")],
            &[
                "v=spf1 redirect=a.example redirect=b.example exp=c.example",
                "       ------------------ ^^^^^^^^^^^^^^^^^^ -------------",
                "       |                  |",
                "       |                  second",
                "       first",
            ],
        );
    }

    #[test]
    fn a_place_in_a_place() {
        assert_lines(
            Source::new("v=spf1 a:b.example/33"),
            80,
            &[(Span::new(18, 21), "over 32"), (Span::new(7, 21), "this term")],
            &[
                "v=spf1 a:b.example/33",
                "       -----------^^^",
                "       |          |",
                "       |          over 32",
                "       this term",
            ],
        );
    }

    #[test]
    fn invisible_and_wide_characters() {
        let source = Source::from_bytes(b"\xe2\x80\x8bv=spf1\xc2\xa0\xe4\xbe\x8b\xff-all");
        assert_lines(
            source,
            80,
            &[(Span::new(14, 17), "not UTF-8"), (Span::new(9, 11), "")],
            &["\\u{200b}v=spf1\\u{a0}例\\xff-all", "              ------  ^^^^ not UTF-8"],
        );
    }

    #[test]
    fn a_long_text_is_shown_around_the_places() {
        let text = format!("v=spf1 {}-all", "ip4:192.0.2.1 ".repeat(40));
        let (start, end) = (Span::new(7, 20), Span::new(567, 571));
        assert_lines(
            Source::new(&text),
            40,
            &[(end, "last"), (start, "first")],
            &[
                "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:1...",
                "       ------------- first",
                "...2.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 -all",
                "                                       ^^^^ last",
            ],
        );
        assert_lines(
            Source::new(&"x".repeat(1000)),
            40,
            &[(Span::new(500, 900), "long")],
            &[&format!("...{}...", "x".repeat(40)), &format!("   {} long", "^".repeat(40))],
        );
    }
}
