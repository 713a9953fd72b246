//! What RFC 5322 does not allow in a message.

use memchr::memchr;

use super::{LineEnds, MAX_LINE, Message};
use crate::order::sort_by_key;
use crate::text::Span;

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
    /// More header fields than [`Limits::fields`](super::Limits::fields); the rest was not read.
    TooManyFields,
    /// A longer header section than [`Limits::header`](super::Limits::header); the rest was not read.
    HeaderTooLong,
}

/// Defects that are kept: enough to show, and a hostile message cannot make a list of millions. [`Message::more_defects`] counts the others.
pub(in crate::message) const MAX_DEFECTS: usize = 64;

impl Message<'_> {
    /// What is wrong with the header section, by offset; at most 64, and a limit that was reached. See [`Message::more_defects`].
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// How many more defects than [`Message::defects`] the header section has (RFC 5322 §2.2). Nothing is said about them.
    ///
    /// ```
    /// use mailproof::message::Message;
    ///
    /// let text = format!("{}From: ann@x.example\r\n\r\n", "no field\r\n".repeat(70));
    /// let message = Message::parse(text.as_bytes());
    /// assert_eq!((message.defects().len(), message.more_defects()), (64, 6));
    /// ```
    pub fn more_defects(&self) -> usize {
        self.more_defects
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
    ///
    /// ```
    /// use mailproof::message::{DefectKind, Limits, Message};
    ///
    /// let limits = Limits { header: 30, ..Limits::default() };
    /// let message = Message::parse_within(b"From: ann@x.example\r\nSubject: x\r\n\r\nHello\r\n", limits);
    /// assert_eq!(message.limit(), Some(DefectKind::HeaderTooLong));
    /// ```
    pub fn limit(&self) -> Option<DefectKind> {
        let mut kinds = self.defects.iter().rev().map(|defect| defect.kind);
        kinds.find(|kind| matches!(kind, DefectKind::TooManyFields | DefectKind::HeaderTooLong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
