//! From a place in a record to the line and column in the file that it was written at.

use std::collections::HashMap;

use super::PlacedFix;
use crate::Name;
use crate::dns::Records;
use crate::finding::{Change, Diagnostic, Edit, Fix, Origin};
use crate::resolver::Zone;
use crate::resolver::zone::{Data, Entry};
use crate::text::Span;

/// A place in a file.
///
/// ```
/// use mailproof::zone_file;
///
/// // A record over two lines: the finding is where its words are.
/// let text = "@ TXT ( \"v=spf1 ip4:192.0.2.0/24 \"\n        \"ipv4:198.51.100.7 -all\" )\n";
/// let linted = zone_file::lint(text, &"example.com".parse()?)?;
/// let place = linted.findings.iter().find(|placed| placed.finding.code == "spf-mechanism-typo").unwrap().place;
/// assert_eq!((place.line, place.column), (2, 10));
/// assert_eq!((place.end_line, place.end_column), (2, 14));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Place {
    /// The line, counted from 1.
    pub line: u32,
    /// The column, in characters counted from 1.
    pub column: u32,
    /// The line of its end.
    pub end_line: u32,
    /// The column one past its last character.
    pub end_column: u32,
}

/// Finds places in one file.
pub(super) struct Places<'a> {
    text: &'a str,
    entries: HashMap<&'a Name, Vec<&'a Entry>>,
    line_starts: Vec<usize>,
    /// Where the octets of texts that were asked for before stand.
    written: HashMap<u32, Option<Vec<usize>>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, zone: &'a Zone) -> Self {
        let mut entries: HashMap<&Name, Vec<&Entry>> = HashMap::new();
        for entry in zone.entries() {
            entries.entry(&entry.name).or_default().push(entry);
        }
        let line_starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, entries, line_starts, written: HashMap::new() }
    }

    /// Where a finding about `domain` is.
    pub(super) fn of(&mut self, found: &Diagnostic, domain: &Name) -> Place {
        let source = found.primary.subject.source();
        let owner = match found.primary.subject.origin() {
            Origin::Record { owner, .. } => owner,
            _ => domain,
        };
        let span = match self.entry_with(owner, source.text()) {
            Some(entry) => self.inside(entry, found.primary.span).unwrap_or(entry.span),
            // The lack of a record, or one that has no text: the first line of its name, or of the domain or below it.
            None => self.first(owner).or_else(|| self.first(domain)).or_else(|| self.below(domain)).unwrap_or_default(),
        };
        self.place(span)
    }

    /// The fixes of a finding about `domain` that can be written into the file.
    pub(super) fn fixes(&mut self, found: &Diagnostic, domain: &Name) -> Vec<PlacedFix> {
        let owner = match found.primary.subject.origin() {
            Origin::Record { owner, .. } => owner,
            _ => domain,
        };
        let Some(entry) = self.entry_with(owner, found.primary.subject.source().text()) else { return Vec::new() };
        let mut placed = Vec::new();
        for (fix, one) in found.fixes.iter().enumerate() {
            let Change::Edit(edits) = &one.change else { continue };
            let edits: Option<Vec<_>> = edits.iter().map(|edit| self.edit(entry, edit)).collect();
            placed.extend(edits.map(|edits| PlacedFix { fix, edits }));
        }
        placed
    }

    /// The fixes of a finding about a part of the file that begins at `start`.
    pub(super) fn fixes_at(&self, start: usize, found: &Diagnostic) -> Vec<PlacedFix> {
        let place = |span: Span| self.place(Span::new(start + span.start as usize, start + span.end as usize));
        let edits = |one: &Fix| one.edits().iter().map(|edit| (place(edit.span), edit.text.clone())).collect();
        found.fixes.iter().enumerate().map(|(fix, one)| PlacedFix { fix, edits: edits(one) }).collect()
    }

    /// An edit of a record's text, where it is all in one line of quoted strings.
    fn edit(&mut self, entry: &Entry, edit: &Edit) -> Option<(Place, String)> {
        let span = self.inside(entry, edit.span)?;
        let line = self.text.get(span.start as usize..span.end as usize)?;
        let before = self.text.get(entry.span.start as usize..span.start as usize)?;
        let is_quoted = self.text.get(span.end as usize..)?.split('\n').next()?.contains('"') && before.contains('"');
        (is_quoted && !line.contains(['\n', ';', '(', ')'])).then(|| (self.place(span), escaped(&edit.text)))
    }

    fn entry_with(&self, owner: &Name, text: &str) -> Option<&'a Entry> {
        let entries = self.entries.get(owner)?;
        let has = |entry: &&&Entry| match &entry.data {
            Data::Record(Records::Txt(texts) | Records::Spf(texts)) => texts.iter().any(|one| one.text() == text),
            _ => false,
        };
        entries.iter().find(has).copied()
    }

    fn first(&self, name: &Name) -> Option<Span> {
        Some(self.entries.get(name)?.first()?.span)
    }

    fn below(&self, name: &Name) -> Option<Span> {
        let below = self.entries.iter().filter(|(owner, _)| owner.is_within(name));
        below.filter_map(|(_, entries)| Some(entries.first()?.span)).min()
    }

    /// The place of `span` of a text record's text, in the file.
    fn inside(&mut self, entry: &Entry, span: Span) -> Option<Span> {
        let text = self.text;
        let written = self.written.entry(entry.span.start).or_insert_with(|| octets(text, entry));
        let written = written.as_ref()?;
        let start = *written.get(span.start as usize)?;
        let last = if span.is_empty() { None } else { written.get(span.end as usize - 1) };
        // The octet after the last one may stand in the next string; an escape is more than one octet.
        let end = last.map_or(start, |last| last + escape(&text.as_bytes()[*last..]).map_or(1, |(_, used)| used));
        Some(Span::new(start, end))
    }

    pub(super) fn place(&self, span: Span) -> Place {
        let ((line, column), (end_line, end_column)) = (self.position(span.start), self.position(span.end));
        Place { line, column, end_line, end_column }
    }

    fn position(&self, offset: u32) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset as usize);
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let column = self.text[self.line_starts[line - 1]..offset].chars().count() + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// For each octet of the text of a text record, its place in the file, and the place of the end. `None` if it is not written so.
fn octets(file: &str, entry: &Entry) -> Option<Vec<usize>> {
    let Data::Record(Records::Txt(texts) | Records::Spf(texts)) = &entry.data else { return None };
    let source = texts.first()?;
    // U+FFFD stands for an octet that is no text; where one does, its places are not told apart.
    if !source.invalid_bytes().is_empty() {
        return None;
    }
    let mut strings = strings(file, entry.span);
    // The last tokens are the strings; before them stand the owner, the TTL, the class and the type.
    let strings = strings.split_off(strings.len().checked_sub(source.strings().count())?);
    let end = strings.last().map_or(entry.span.end as usize, |last| last.end);
    let octets = strings.into_iter().flat_map(|string| string.octets);
    let (text, mut places): (Vec<u8>, Vec<usize>) = octets.unzip();
    places.push(end);
    (text == source.text().as_bytes()).then_some(places)
}

/// A token of master text: its octets without escapes, each with its place, and where it ends.
struct Token {
    octets: Vec<(u8, usize)>,
    end: usize,
}

fn strings(file: &str, span: Span) -> Vec<Token> {
    let bytes = file.as_bytes();
    let last = (span.end as usize).min(bytes.len());
    let mut tokens = Vec::new();
    let mut at = span.start as usize;
    while at < last {
        match bytes[at] {
            b';' => at += memchr::memchr(b'\n', &bytes[at..last]).unwrap_or(last - at),
            b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' => at += 1,
            first => {
                let quoted = first == b'"';
                at += usize::from(quoted);
                let mut octets = Vec::new();
                while at < last && !ends(bytes[at], quoted) {
                    let (octet, used) = escape(&bytes[at..]).unwrap_or((bytes[at], 1));
                    octets.push((octet, at));
                    at += used;
                }
                tokens.push(Token { octets, end: at.min(last) });
                at += usize::from(quoted);
            }
        }
    }
    tokens
}

fn ends(byte: u8, quoted: bool) -> bool {
    if quoted { byte == b'"' } else { matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"') }
}

/// A text as it stands between quotation marks.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// The octet that an escape stands for, and how long the escape is (RFC 1035 §5.1).
pub(super) fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', digits @ ..] if digits.len() >= 3 && digits[..3].iter().all(u8::is_ascii_digit) => {
            Some((std::str::from_utf8(&digits[..3]).ok()?.parse().ok()?, 4))
        }
        [b'\\', next, ..] if next.is_ascii() => Some((*next, 2)),
        _ => None,
    }
}
