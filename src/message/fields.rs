//! The header section and the start of the body (RFC 5322 §2.1, §2.2, §3.5, §4).

mod defects;
mod read;

use crate::text::Span;
pub(super) use defects::MAX_DEFECTS;
pub use defects::{Defect, DefectKind};

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
    more_defects: usize,
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
    ///
    /// ```
    /// use mailproof::message::Message;
    ///
    /// let message = Message::parse(b"Received: y\r\nFrom: ann@x.example\r\nreceived: x\r\n\r\n");
    /// assert_eq!(message.fields_named("Received").collect::<Vec<_>>(), [0, 2]);
    /// ```
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
