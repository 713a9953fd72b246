//! An alteration as a difference of lines, with invisible characters visible.

use std::fmt;

use super::super::forensics::{Alteration, Edit, Part, Scope, What};
use crate::message::Message;
use crate::text::{Source, Span};

/// An alteration as lines.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/list-footer.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let difference = explain::difference(&evidence.body.unwrap(), &message);
/// let lines: Vec<String> = difference.lines.iter().map(|line| line.to_string()).collect();
/// assert_eq!(lines[0], "  Papershop");
/// assert_eq!(lines[2..], ["+ parents mailing list", "+ parents@lists.school.example"]);
/// assert_eq!(difference.left_out, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Difference {
    /// The lines, in the order of the message.
    pub lines: Vec<Line>,
    /// Lines that are left out, since nobody reads so many.
    pub left_out: usize,
}

/// A line of a [`Difference`].
///
/// ```
/// use mailproof::dkim::explain::{Line, Side};
///
/// let line = Line { side: Side::Received, text: "parents mailing list\\x20".to_owned() };
/// assert_eq!(line.to_string(), "+ parents mailing list\\x20");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Line {
    /// In which message it stands.
    pub side: Side,
    /// Its text; what cannot be seen is written as an escape.
    pub text: String,
}

/// In which message a line stands.
///
/// ```
/// use mailproof::dkim::explain::{Line, Side};
///
/// let line = |side| Line { side, text: "Hello John,".to_owned() }.to_string();
/// assert_eq!(line(Side::Signed), "- Hello John,");
/// assert_eq!(line(Side::Both), "  Hello John,");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Side {
    /// In the one that was signed and in the one that was received.
    Both,
    /// In the one that was signed.
    Signed,
    /// In the one that was received.
    Received,
}

/// `- ` for what was signed, `+ ` for what was received.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.side {
            Side::Both => ' ',
            Side::Signed => '-',
            Side::Received => '+',
        };
        write!(f, "{mark} {}", self.text)
    }
}

/// Lines that are shown of one side at one place.
const MAX_LINES: usize = 12;
/// Places that are shown.
const MAX_PLACES: usize = 6;
/// Octets that are shown of a line.
const MAX_OCTETS: usize = 200;

/// What was signed against what was received; empty where the original is not known.
///
/// ```
/// use mailproof::dkim::{self, explain, forensics::{self, Budget}};
/// use mailproof::{Timestamp, dns::Snapshot, message::Message, resolver::{Zone, drive_sync}};
///
/// # let zone = Zone::parse(&std::fs::read_to_string("examples/mail/papershop.zone")?)?;
/// let mail = std::fs::read("examples/mail/subject-tag.eml")?;
/// let message = Message::parse(&mail);
/// let mut dns = Snapshot::new();
/// let ask = |question: &_| zone.answer(question);
/// let outcomes = drive_sync(&mut dns, ask, |dns| dkim::verify(dns, &message, Timestamp(1_795_255_300)));
/// let evidence = forensics::investigate(&dns, &message, &outcomes[0], &Budget::default());
/// let difference = explain::difference(&evidence.header[0], &message);
/// assert_eq!(difference.lines[0].to_string(), "- Subject: Your order 1042 is on its way");
/// assert_eq!(difference.lines[1].to_string(), "+ Subject: [parents] Your order 1042 is on its way");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn difference(found: &Alteration, message: &Message<'_>) -> Difference {
    match found.part {
        Part::Header => header(found, message),
        Part::Body => body(found, message),
    }
}

fn header(found: &Alteration, message: &Message<'_>) -> Difference {
    let mut out = Difference::default();
    let name = found.header.as_deref().unwrap_or_default();
    if let Some(original) = &found.original {
        let mut line = format!("{name}: ").into_bytes();
        line.extend_from_slice(original.trim_ascii());
        out.add(Side::Signed, &[&line], false);
    }
    let field = found.at.and_then(|at| message.fields().iter().find(|field| field.span().start as usize == at));
    if let Some(field) = field
        && (found.original.is_some() || found.what == What::HeaderAdded)
    {
        out.add(Side::Received, &split(field.bytes()), false);
    }
    out
}

fn body(found: &Alteration, message: &Message<'_>) -> Difference {
    let mut out = Difference::default();
    let received = message.body();
    let ends = matches!(found.what, What::LineEndings | What::Whitespace);
    if !found.edits.is_empty() {
        for edit in found.edits.iter().take(MAX_PLACES) {
            out.place(received, edit, ends);
        }
        out.left_out += found.edits.len().saturating_sub(MAX_PLACES);
        return out;
    }
    let (Some(original), Some(at)) = (&found.original, found.at) else { return out };
    match found.scope {
        Scope::Place => out.place(received, &Edit { at, length: found.length, original: original.clone() }, ends),
        Scope::Body if found.what != What::SignedOtherwise => out.changed(&split(original), &split(received), ends),
        Scope::Body | Scope::RawHash => {}
    }
    out
}

impl Difference {
    /// The lines that one edit touches.
    fn place(&mut self, received: &[u8], edit: &Edit, ends: bool) {
        let start = edit.at.min(received.len());
        let end = start.saturating_add(edit.length).min(received.len());
        let head = memchr::memrchr(b'\n', &received[..start]).map_or(0, |lf| lf + 1);
        // Whole lines stay what they are; a piece of a line is shown in its line.
        let whole = head == start && (end == start || received[..end].ends_with(b"\n") || end == received.len());
        let tail = if whole && (edit.original.is_empty() || edit.original.ends_with(b"\n")) {
            end
        } else {
            memchr::memchr(b'\n', &received[end..]).map_or(received.len(), |lf| end + lf + 1)
        };
        if head > 0 {
            let before = memchr::memrchr(b'\n', &received[..head - 1]).map_or(0, |lf| lf + 1);
            self.add(Side::Both, &[&received[before..head]], false);
        }
        let signed = [&received[head..start], &edit.original, &received[end..tail]].concat();
        self.changed(&split(&signed), &split(&received[head..tail]), ends);
        if tail < received.len() {
            let after = memchr::memchr(b'\n', &received[tail..]).map_or(received.len(), |lf| tail + lf + 1);
            self.add(Side::Both, &[&received[tail..after]], false);
        }
    }

    /// The lines between what both begin and end with.
    fn changed(&mut self, signed: &[&[u8]], received: &[&[u8]], ends: bool) {
        let same = signed.iter().zip(received).take_while(|(a, b)| a == b).count();
        let (signed, received) = (&signed[same..], &received[same..]);
        let tail = signed.iter().rev().zip(received.iter().rev()).take_while(|(a, b)| a == b).count();
        self.add(Side::Signed, &signed[..signed.len() - tail], ends);
        self.add(Side::Received, &received[..received.len() - tail], ends);
    }

    fn add(&mut self, side: Side, lines: &[&[u8]], ends: bool) {
        let shown = lines.iter().take(MAX_LINES);
        self.lines.extend(shown.map(|line| Line { side, text: visible(line, ends) }));
        self.left_out += lines.len().saturating_sub(MAX_LINES);
    }
}

/// Lines with their ends.
fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

/// A line as it is printed: its end only if `ends`, and a space at the end as an escape.
fn visible(line: &[u8], ends: bool) -> String {
    let content = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
    let shown = if ends { line } else { content };
    let cut = shown.len() > MAX_OCTETS;
    let source = Source::from_bytes(&shown[..shown.len().min(MAX_OCTETS)]);
    let mut text = source.visible(Span::new(0, source.text().len())).to_string();
    if cut {
        text.push_str(" ...");
    } else if text.ends_with(' ') {
        text.pop();
        text.push_str("\\x20");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(received: &[u8], at: usize, length: usize, original: &[u8]) -> Vec<String> {
        let mut out = Difference::default();
        out.place(received, &Edit { at, length, original: original.to_vec() }, false);
        out.lines.iter().map(Line::to_string).collect()
    }

    #[test]
    fn pieces_of_lines_and_whole_lines() {
        assert_eq!(shown(b"a\r\n>From\r\nb\r\n", 3, 1, b""), ["  a", "- From", "+ >From", "  b"]);
        assert_eq!(shown(b"a\r\nad\r\nb\r\n", 3, 4, b""), ["  a", "+ ad", "  b"]);
        assert_eq!(shown(b"a\r\nb\r\n", 3, 0, b"gone\r\n"), ["  a", "- gone", "  b"]);
        assert_eq!(shown(b"", 9, 9, b"x"), ["- x"]);
    }

    #[test]
    fn not_more_than_anybody_reads() {
        let mut out = Difference::default();
        out.place(&b"x\r\n".repeat(100), &Edit { at: 0, length: 300, original: Vec::new() }, false);
        assert_eq!((out.lines.len(), out.left_out), (MAX_LINES, 100 - MAX_LINES));
        assert_eq!(visible(&[b'x'; 300], false).len(), MAX_OCTETS + 4);
        assert_eq!(visible(b"a \t\xff \r\n", true), "a \\t\\xff \\r\\n");
    }
}
