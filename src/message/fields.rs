//! The header section and the start of the body (RFC 5322 §2.1, §2.2, §3.5, §4).

mod read;

use memchr::memchr;

use crate::order::sort_by_key;
use crate::text::Span;

/// A message, borrowed: its bytes are never copied.
///
/// Reading never fails. Lines that are no field, and whatever else RFC 5322 does not allow, are [`Defect`]s.
///
/// ```
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"From: a@d.example\r\nSubject : x\r\n\ty\r\n\r\nbody\r\n");
/// let names: Vec<&[u8]> = message.fields().iter().map(|field| field.name()).collect();
/// assert_eq!(names, [&b"From"[..], b"Subject"]);
/// assert_eq!(message.fields()[1].body(), b" x\r\n\ty");
/// assert_eq!(message.body(), b"body\r\n");
/// assert_eq!(&message.bytes()[message.body_start()..], message.body());
/// ```
#[derive(Clone, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    fields: Vec<Field<'a>>,
    /// [`name_key`] of each field: a look-up by name reads only these.
    keys: Vec<u32>,
    body_start: usize,
    line_ends: LineEnds,
    defects: Vec<Defect>,
}

/// A header field.
///
/// ```
/// use mailproof::message::Message;
///
/// let message = Message::parse(b"From: ann@x.example\r\nSubject: a long\r\n line\r\n\r\n");
/// let field = &message.fields()[1];
/// assert_eq!((field.name(), field.body()), (&b"Subject"[..], &b" a long\r\n line"[..]));
/// assert!(field.is(b"SUBJECT"));
/// assert_eq!(&message.bytes()[field.span().range()], b"Subject: a long\r\n line\r\n");
/// assert_eq!(&message.bytes()[field.body_span().range()], field.body());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    bytes: &'a [u8],
    start: usize,
    name_end: u32,
    colon: u32,
    body_end: u32,
}

/// What ends the lines of the header section, and therefore of the message.
///
/// ```
/// use mailproof::message::{LineEnds, Message};
///
/// // A file on Unix; DKIM hashes it with CRLF, as it was sent.
/// assert_eq!(Message::parse(b"From: ann@x.example\n\nHello\n").line_ends(), LineEnds::Lf);
/// assert_eq!(Message::parse(b"From: ann@x.example\r\n\r\nHello\r\n").line_ends(), LineEnds::Crlf);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum LineEnds {
    /// CRLF, as on the wire. LF or CR alone is an octet like any other (RFC 5322 §2.2).
    #[default]
    Crlf,
    /// LF alone throughout, as in files on Unix. Signers saw CRLF, so each LF counts as one.
    Lf,
}

/// Something that RFC 5322 does not allow, or a limit that was reached.
///
/// ```
/// use mailproof::message::Message;
///
/// let text = b"From: ann@x.example\r\nno field\r\nSubject: x\r\n\r\n";
/// let message = Message::parse(text);
/// assert_eq!(text[message.defects()[0].span.range()].trim_ascii(), b"no field");
/// // The field behind it is found all the same.
/// assert!(message.fields_named("Subject").next().is_some());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// Where in the message.
    pub span: Span,
}

/// What kind of defect.
///
/// ```
/// use mailproof::message::{DefectKind, Message};
///
/// // Some readers see the field Subject here, and some see none.
/// let message = Message::parse(b"From: ann@x.example\r\nSubject : x\r\n\r\n");
/// assert_eq!(message.defects()[0].kind, DefectKind::SpaceBeforeColon);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum DefectKind {
    /// A line of the header section without a field name and a colon.
    NotAField,
    /// The line `From …` that mailbox files put before a message.
    MailboxFromLine,
    /// The message begins with white space, so its first line continues nothing.
    LeadingWhiteSpace,
    /// White space between the field name and the colon (obs-optional, §4.5).
    SpaceBeforeColon,
    /// A field name with characters outside `%d33-57 / %d59-126` (§2.2).
    FieldName,
    /// A continuation line of white space only (obs-FWS, §4.2).
    BlankContinuation,
    /// LF without CR in a message with CRLF.
    BareLf,
    /// CR without LF.
    BareCr,
    /// NUL.
    Nul,
    /// An octet above 127; in the header section RFC 6532 allows it as UTF-8 only.
    EightBit,
    /// A line of more than 998 octets (§2.1.1).
    LongLine,
    /// There is no empty line, and so no body.
    NoEmptyLine,
    /// More header fields than [`Limits::fields`]; the rest was not read.
    TooManyFields,
    /// A longer header section than [`Limits::header`]; the rest was not read.
    HeaderTooLong,
}

/// How much of a message is read.
///
/// ```
/// use mailproof::message::{DefectKind, Limits, Message};
///
/// let text = b"From: ann@x.example\r\nSubject: x\r\nDate: y\r\n\r\nHello\r\n";
/// let message = Message::parse_within(text, Limits { fields: 2, ..Limits::default() });
/// assert_eq!(message.limit(), Some(DefectKind::TooManyFields));
/// assert_eq!((message.fields().len(), message.body()), (2, &b"Hello\r\n"[..]));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Header fields; by default [`MAX_FIELDS`].
    pub fields: usize,
    /// Octets of the header section; by default [`MAX_HEADER`].
    pub header: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fields: MAX_FIELDS, header: MAX_HEADER }
    }
}

/// Header fields of a message that are read. Mail in the wild has up to about 200.
pub const MAX_FIELDS: usize = 2_000;

/// Octets of a header section that are read. Servers take 100 to 256 KiB.
pub const MAX_HEADER: usize = 1 << 20;

/// Octets in a line without its end (RFC 5322 §2.1.1).
pub const MAX_LINE: usize = 998;

/// Defects that are kept: enough to show, and a hostile message cannot make a list of millions.
const MAX_DEFECTS: usize = 64;

impl<'a> Message<'a> {
    /// Reads a message with the usual limits.
    pub fn parse(bytes: &'a [u8]) -> Self {
        Self::parse_within(bytes, Limits::default())
    }

    /// Reads a message within `limits`. A limit that is reached is a [`Defect`]; the body is found all the same.
    pub fn parse_within(bytes: &'a [u8], limits: Limits) -> Self {
        // Offsets inside a field are 32 bits.
        let limits = Limits { header: limits.header.min(1 << 31), ..limits };
        read::read(bytes, limits)
    }

    /// The whole message.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The header fields, from the top.
    pub fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }

    /// Places in [`Message::fields`] of those called `name`, from the top.
    pub fn fields_named<'m>(&'m self, name: &'m str) -> impl DoubleEndedIterator<Item = usize> + 'm {
        let key = name_key(name.as_bytes());
        let places = self.keys.iter().enumerate().filter(move |(_, other)| **other == key);
        places.map(|(at, _)| at).filter(move |&at| self.fields[at].is(name.as_bytes()))
    }

    /// The body: everything after the first empty line.
    pub fn body(&self) -> &'a [u8] {
        &self.bytes[self.body_start..]
    }

    /// Offset of the body in the message.
    pub fn body_start(&self) -> usize {
        self.body_start
    }

    /// What ends its lines.
    pub fn line_ends(&self) -> LineEnds {
        self.line_ends
    }

    /// What is wrong with the header section, by offset; at most 64.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// What may not survive the way in the body (RFC 5322 §2.1, §2.3), each kind at its first place: LF or CR alone, NUL,
    /// octets above 127, long lines. Reads the whole body, so only who wants to tell of it should ask.
    ///
    /// ```
    /// use mailproof::message::{DefectKind, Message};
    ///
    /// let message = Message::parse(b"From: ann@x.example\r\n\r\nOne\nTwo\r\n");
    /// assert_eq!(message.body_defects()[0].kind, DefectKind::BareLf);
    /// ```
    pub fn body_defects(&self) -> Vec<Defect> {
        let body = self.body();
        let start = self.body_start;
        let mut long = None;
        let mut bare_lf = None;
        let mut line = 0;
        for lf in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
            let end = lf - usize::from(lf > line && body[lf - 1] == b'\r');
            if end - line > MAX_LINE {
                long.get_or_insert((line, end));
            }
            if end == lf && lf < body.len() && self.line_ends == LineEnds::Crlf {
                bare_lf.get_or_insert((lf, lf + 1));
            }
            line = lf + 1;
        }
        let alone = |at: &usize| body.get(at + 1) != Some(&b'\n');
        let one = |at: usize| (at, at + 1);
        let found = [
            (DefectKind::LongLine, long),
            (DefectKind::BareLf, bare_lf),
            (DefectKind::BareCr, memchr::memchr_iter(b'\r', body).find(alone).map(one)),
            (DefectKind::Nul, memchr(0, body).map(one)),
            (DefectKind::EightBit, body.iter().position(|b| !b.is_ascii()).map(one)),
        ];
        let mut defects: Vec<Defect> = found
            .into_iter()
            .filter_map(|(kind, place)| {
                place.map(|(from, to)| Defect { kind, span: Span::new(start + from, start + to) })
            })
            .collect();
        sort_by_key(&mut defects, |defect| defect.span);
        defects
    }

    /// The limit that was reached: then some header fields were not read.
    pub fn limit(&self) -> Option<DefectKind> {
        let mut kinds = self.defects.iter().rev().map(|defect| defect.kind);
        kinds.find(|kind| matches!(kind, DefectKind::TooManyFields | DefectKind::HeaderTooLong))
    }
}

impl<'a> Field<'a> {
    /// All of it, with its final line end.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The name, without white space around it.
    pub fn name(&self) -> &'a [u8] {
        &self.bytes[..self.name_end as usize]
    }

    /// The body: what stands after the colon, folds included, without the final line end.
    pub fn body(&self) -> &'a [u8] {
        &self.bytes[self.colon as usize + 1..self.body_end as usize]
    }

    /// Whether it is called `name`, in whatever case.
    pub fn is(&self, name: &[u8]) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Where all of it stands in the message.
    pub fn span(&self) -> Span {
        Span::new(self.start, self.start + self.bytes.len())
    }

    /// Where its body stands in the message.
    pub fn body_span(&self) -> Span {
        Span::new(self.start + self.colon as usize + 1, self.start + self.body_end as usize)
    }
}

/// Equal for names that are equal in whatever case; usually different for others.
pub(crate) fn name_key(name: &[u8]) -> u32 {
    // FNV-1a: what a sender gains from collisions is one comparison of bytes each.
    name.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Message::parse(text.as_bytes())
            .fields()
            .iter()
            .map(|field| String::from_utf8_lossy(field.name()).into_owned())
            .collect()
    }

    fn kinds(bytes: &[u8]) -> Vec<DefectKind> {
        Message::parse(bytes).defects().iter().map(|defect| defect.kind).collect()
    }

    #[test]
    fn offsets_slice_the_message() {
        let text = b"A: 1\r\nB:\r\n 2\r\n\t3\r\nC:4\r\n\r\nbody";
        let message = Message::parse(text);
        for field in message.fields() {
            assert_eq!(&text[field.span().range()], field.bytes());
            assert_eq!(&text[field.body_span().range()], field.body());
        }
        assert_eq!(message.fields()[1].body(), b"\r\n 2\r\n\t3");
        assert_eq!(message.body(), b"body");
        assert!(message.defects().is_empty());
    }

    #[test]
    fn no_body() {
        let message = Message::parse(b"A: 1\r\n");
        assert_eq!(message.body(), b"");
        assert_eq!(kinds(b"A: 1\r\n"), [DefectKind::NoEmptyLine]);
        assert_eq!(kinds(b"A: 1"), [DefectKind::NoEmptyLine]);
        assert!(kinds(b"A: 1\r\n\r\n").is_empty());
        assert_eq!(Message::parse(b"\r\nx").body(), b"x");
        assert_eq!(kinds(b""), [DefectKind::NoEmptyLine]);
    }

    #[test]
    fn lines_that_are_no_field() {
        assert_eq!(names("A: 1\r\nnonsense\r\n: x\r\nB: 2\r\n\r\n"), ["A", "B"]);
        assert_eq!(kinds(b"nonsense\r\n: x\r\n\r\n"), [DefectKind::NotAField, DefectKind::NotAField]);
        assert_eq!(kinds(b"From a@b Sat Nov 21 10:00:00 2026\r\nA: 1\r\n\r\n"), [DefectKind::MailboxFromLine]);
        assert_eq!(kinds(b" From: x@evil.example\r\nFrom: a@b\r\n\r\n"), [DefectKind::LeadingWhiteSpace]);
        assert_eq!(names(" From: x@evil.example\r\nFrom: a@b\r\n\r\n"), ["From"]);
    }

    #[test]
    fn space_before_the_colon() {
        assert_eq!(names("From : a@b\r\nTo\t: c@d\r\n\r\n"), ["From", "To"]);
        assert_eq!(kinds(b"From : a@b\r\n\r\n"), [DefectKind::SpaceBeforeColon]);
    }

    #[test]
    fn line_ends() {
        let message = Message::parse(b"A: 1\n\t2\nB: 3\n\nbody\n");
        assert_eq!(message.line_ends(), LineEnds::Lf);
        assert_eq!(message.body(), b"body\n");
        assert!(message.defects().is_empty());
        assert_eq!(kinds(b"A: 1\r\nB: 2\n\r\n"), [DefectKind::BareLf]);
        assert_eq!(kinds(b"A: 1\rB: 2\r\n\r\n"), [DefectKind::BareCr]);
        assert_eq!(
            kinds(b"A: \0\xe9\r\n \r\n\r\n"),
            [DefectKind::Nul, DefectKind::EightBit, DefectKind::BlankContinuation]
        );
    }

    #[test]
    fn bodies() {
        let kinds = |bytes: &[u8]| -> Vec<(DefectKind, u32)> {
            let defects = Message::parse(bytes).body_defects();
            defects.iter().map(|defect| (defect.kind, defect.span.start)).collect()
        };
        assert_eq!(kinds(b"A: 1\r\n\r\nab\r\n"), []);
        use DefectKind::{BareCr, BareLf, EightBit, LongLine, Nul};
        assert_eq!(kinds(b"A: 1\r\n\r\na\nb\r\0\xff\n"), [(BareLf, 9), (BareCr, 11), (Nul, 12), (EightBit, 13)]);
        assert_eq!(kinds(b"A: 1\n\na\nb\n"), [], "LF throughout is a file, not a defect");
        let long = [b"A: 1\r\n\r\n".to_vec(), vec![b'x'; 999]].concat();
        assert_eq!(kinds(&long), [(LongLine, 8)]);
    }

    #[test]
    fn limits_are_told_and_the_body_is_found() {
        let limits = Limits { fields: 2, header: 1_000 };
        let message = Message::parse_within(b"A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\nbody", limits);
        assert_eq!(message.fields().len(), 2);
        assert_eq!(message.limit(), Some(DefectKind::TooManyFields));
        assert_eq!(message.body(), b"body");
        let long = format!("A: 1\r\nB: {}\r\n x\r\nC: 2\r\n\r\nbody", "y".repeat(2_000));
        let message = Message::parse_within(long.as_bytes(), limits);
        assert_eq!((message.fields().len(), message.limit()), (1, Some(DefectKind::HeaderTooLong)));
        assert_eq!(message.body(), b"body");
    }

    #[test]
    fn by_name() {
        let message = Message::parse(b"a: 1\r\nB: 2\r\nA: 3\r\n\r\n");
        assert_eq!(message.fields_named("A").collect::<Vec<_>>(), [0, 2]);
        assert_eq!(message.fields_named("c").count(), 0);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let message = Message::parse(&bytes);
            for field in message.fields() {
                assert_eq!(&bytes[field.span().range()], field.bytes());
                let _ = (field.name(), field.body());
            }
            assert!(message.body().len() <= bytes.len());
        }

        #[test]
        fn lines_of_any_kind(text in "([ \t]?[A-C:x]{0,3}[:]?[ x]{0,2}(\r\n|\n|\r|))*") {
            let message = Message::parse(text.as_bytes());
            for field in message.fields() {
                assert_eq!(&text.as_bytes()[field.body_span().range()], field.body());
            }
        }
    }
}
