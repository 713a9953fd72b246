//! Entries of a zone file that nobody can read, or that are not read here.

use super::place::escape;
use super::written::{InFile, line_with_indent, without_indent};
use crate::dns::master::MAX_STRING;
use crate::finding::{Diagnostic, Edit, Evidence, Fix, Label, Rule, Subject, rules};
use crate::resolver::ZoneError;
use crate::resolver::zone::Reason;
use crate::text::Span;

rules! {
    /// # An entry of the zone file cannot be read
    ///
    /// A name server takes no record of a file with such an entry: it goes on with what it read before, or answers for the
    /// domain no more. What is below it is looked at as if the entry were not there, and of no record is said that it is missing.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 mx -all
    /// d.example. MX 10 mail.d.example.
    /// ```
    ///
    /// ```zone-file good
    /// d.example. TXT "v=spf1 mx -all"
    /// d.example. MX 10 mail.d.example.
    /// ```
    ///
    /// A line that begins with white space is one of the owner above, and has no owner of its own:
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 mx -all"
    ///   _dmarc.d.example. TXT "v=DMARC1; p=reject"
    /// ```
    MALFORMED = "zone-malformed", Error, None, ["RFC 1035 §5.1", "RFC 1035 §5.2"],
        "{problem}; name servers load no file with such an entry";

    /// # A file is included that is not read
    ///
    /// `$INCLUDE` puts the records of another file here. This check reads one file, so it does not know them, and says of no record
    /// that it is missing.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 mx -all"
    /// $INCLUDE dkim.inc
    /// ```
    ///
    /// Put the records in its place, or give the file as the server gives it out (a zone transfer, `named-compilezone`):
    ///
    /// ```zone-file good
    /// d.example. TXT "v=spf1 mx -all"
    /// s1._domainkey.d.example. TXT "v=DKIM1; p="
    /// ```
    INCLUDE = "zone-include", Warning, Ok, ["RFC 1035 §5.1"],
        "`{text}` is not followed, so what the other file holds is not looked at";

    /// # Generated records that are not read
    ///
    /// `$GENERATE` writes a line once for each number of a range. This one cannot be followed: a `${…}` in it is not written right,
    /// or it stands for more lines than are written here. Of no record is said that it is missing.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 a:host1.d.example -all"
    /// $GENERATE 1-9 host${0,1,q}.d.example. A 192.0.2.$
    /// ```
    ///
    /// ```zone-file good
    /// d.example. TXT "v=spf1 a:host1.d.example -all"
    /// $GENERATE 1-9 host${0,1,d}.d.example. A 192.0.2.$
    /// ```
    GENERATE = "zone-generate", Warning, Ok, ["RFC 1035 §5.1"],
        "`{text}` is not followed, so its records are not looked at";

    /// # A record of another class
    ///
    /// Mail asks for records of the class IN. Those of CH, CS and HS say nothing about it.
    ///
    /// ```zone-file bad
    /// version.bind. CH TXT "9.20"
    /// ```
    ///
    /// ```zone-file good
    /// d.example. IN TXT "v=spf1 mx -all"
    /// ```
    CLASS = "zone-class", Note, Ok, ["RFC 1035 §3.2.4", "RFC 1035 §5.1"],
        "`{text}` is of a class that mail does not use, so it is not looked at";
}

/// Every rule about zone files.
pub(crate) static ALL: &[&[&Rule]] = &[RULES, super::written::RULES];

/// Whether an entry that is not read may stand for records that mail asks for.
pub(super) fn may_hold_more(error: &ZoneError) -> bool {
    !matches!(error.reason, Reason::Class { .. })
}

/// What is told about an entry that is not read.
pub(super) fn not_read(file: &str, error: &ZoneError) -> InFile {
    let (line, span) = line_of(file, error.span);
    let start = Span::of(line, file).start as usize;
    let subject = Subject::given(line);
    let rule = match &error.reason {
        Reason::Class { .. } => &CLASS,
        Reason::Generate => &GENERATE,
        Reason::Include { .. } => &INCLUDE,
        Reason::IndentedOwner { .. } => {
            let (line, span, start) = line_with_indent(file, error.span);
            return (malformed(&Subject::given(line), span, error, Some(without_indent(span))), start);
        }
        Reason::LongString { .. } => return (malformed(&subject, span, error, split(line, span)), start),
        _ => return (malformed(&subject, span, error, None), start),
    };
    let mut found = Diagnostic::new(rule, Label::whole(&subject));
    found.arg("text", shown(line)).evidence(Evidence::NotChecked);
    (found, start)
}

fn malformed(subject: &Subject, span: Span, error: &ZoneError, fix: Option<Fix>) -> Diagnostic {
    let mut found = Diagnostic::new(&MALFORMED, Label::new(subject, span));
    found.arg("problem", &error.reason);
    found.fixes.extend(fix);
    found
}

/// Quotation marks that end a string and begin the next where it is full; what is escaped counts as one octet.
fn split(line: &str, string: Span) -> Option<Fix> {
    let inside = line[string].strip_prefix('"')?.strip_suffix('"')?;
    let start = Span::of(inside, line).start as usize;
    let (mut edits, mut octets, mut at) = (Vec::new(), 0, 0);
    while let Some(c) = inside[at..].chars().next() {
        let (octet, used) = match (escape(&inside.as_bytes()[at..]), c) {
            (Some((_, used)), _) => (1, used),
            // Before what is not ASCII a backslash changes nothing, and still no string may end between them.
            (None, '\\') => {
                let octets = inside[at + 1..].chars().next()?.len_utf8();
                (octets, 1 + octets)
            }
            (None, _) => (c.len_utf8(), c.len_utf8()),
        };
        if octets + octet > MAX_STRING {
            edits.push(Edit::insert(start + at, "\" \""));
            octets = 0;
        }
        octets += octet;
        at += used;
    }
    Some(Fix::machine("split it into strings of at most 255 octets", edits))
}

/// The line that a place begins on, and the part of it that the place takes.
pub(super) fn line_of(file: &str, span: Span) -> (&str, Span) {
    let (before, after) = file.split_at_checked(span.start as usize).unwrap_or((file, ""));
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    let line = &file[start..end];
    // What else Unicode takes for white space is a part of names here.
    const BLANK: [char; 3] = [' ', '\t', '\r'];
    let shown = line.trim_start_matches(BLANK);
    let start = start + line.len() - shown.len();
    let shown = shown.trim_end_matches(BLANK);
    let at = |place: usize| place.saturating_sub(start).min(shown.len());
    (shown, Span::new(at(span.start as usize), at(span.end as usize)))
}

/// Characters of a line that a message shows; it is there as a whole below it.
const MAX_SHOWN: usize = 80;

pub(super) fn shown(line: &str) -> String {
    let mut shown: String = line.chars().take(MAX_SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}
