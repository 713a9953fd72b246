//! From the file, or the mail that brought it, to XML (RFC 9990 §3.5.2).

use std::borrow::Cow;
use std::io::Read;

use super::MAX_OCTETS;
use super::report::DefectKind;
use super::zip::{self, Packed};
use crate::message::mime::Part;

/// Multiparts in multiparts. Report mails have one, and forwarded ones two.
const MAX_DEPTH: usize = 8;

/// Octets that all parts of one mail may unpack to: a report, and another one to be told of.
const MAX_UNPACKED: usize = 2 * MAX_OCTETS;

const GZIP: &[u8] = b"\x1f\x8b";

/// What was found in a file.
pub(super) struct Unpacked<'a> {
    pub(super) xml: Cow<'a, [u8]>,
    pub(super) defect: Option<DefectKind>,
    /// Whether there is another report beside it.
    pub(super) has_more: bool,
}

/// The XML in `file`; `None` if there is none.
pub(super) fn unpack(file: &[u8]) -> Option<Unpacked<'_>> {
    let mut left = MAX_UNPACKED;
    if let Some(found) = packed(file, &mut left) {
        return Some(found);
    }
    in_mail(&Part::new(file), 0, &mut left)
}

/// XML by itself, or packed; packed twice where a mail server packs what is packed already. No more than `left` octets are unpacked.
fn packed<'a>(file: &'a [u8], left: &mut usize) -> Option<Unpacked<'a>> {
    let found = packed_once(file, left)?;
    let again = found.defect.is_none() && found.xml.starts_with(GZIP);
    Some(match again {
        true => Unpacked { has_more: found.has_more, ..inflated(flate2::read::MultiGzDecoder::new(&*found.xml), left) },
        false => found,
    })
}

fn packed_once<'a>(file: &'a [u8], left: &mut usize) -> Option<Unpacked<'a>> {
    if file.starts_with(GZIP) {
        return Some(inflated(flate2::read::MultiGzDecoder::new(file), left));
    }
    if file.starts_with(b"PK\x03\x04") {
        let broken = Unpacked { xml: Cow::Borrowed(&[]), defect: Some(DefectKind::Packing), has_more: false };
        return Some(zip::report(file).map_or(broken, |found| {
            let unpacked = match found.report {
                Packed::Stored(xml) => plain(xml),
                Packed::Deflated(data) => inflated(flate2::read::DeflateDecoder::new(data), left),
            };
            Unpacked { has_more: found.has_more, ..unpacked }
        }));
    }
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    let is_utf16 = file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff");
    (text.starts_with(b"<") || is_utf16).then(|| plain(file))
}

fn plain(xml: &[u8]) -> Unpacked<'_> {
    let defect = (xml.len() > MAX_OCTETS).then_some(DefectKind::TooLarge);
    Unpacked { xml: Cow::Borrowed(&xml[..xml.len().min(MAX_OCTETS)]), defect, has_more: false }
}

/// What can be unpacked, up to the limit, to what is left, or to the first damage.
fn inflated<'a>(packed: impl Read, left: &mut usize) -> Unpacked<'a> {
    let limit = MAX_OCTETS.min(*left);
    let mut xml = Vec::new();
    // One more than the limit, so that a full file differs from a cut one.
    let read = packed.take(limit as u64 + 1).read_to_end(&mut xml);
    let defect = match read {
        Err(_) => Some(DefectKind::Packing),
        Ok(_) if xml.len() > limit => Some(DefectKind::TooLarge),
        Ok(_) => None,
    };
    xml.truncate(limit);
    *left -= xml.len();
    Unpacked { xml: Cow::Owned(xml), defect, has_more: false }
}

/// The first part that is, or unpacks to, XML.
fn in_mail(part: &Part<'_>, depth: usize, left: &mut usize) -> Option<Unpacked<'static>> {
    if depth >= MAX_DEPTH {
        return None;
    }
    if part.content_type().starts_with("multipart/") {
        let parts = part.parts();
        let mut found = parts.iter().filter_map(|part| in_mail(part, depth + 1, left));
        let first = found.next()?;
        let has_more = first.has_more || found.next().is_some();
        return Some(Unpacked { has_more, ..first });
    }
    match part.content_type().as_str() {
        "message/rfc822" => return in_mail(&Part::new(part.body), depth + 1, left),
        // What people read looks like XML too.
        "text/html" => return None,
        _ => {}
    }
    let octets = part.octets();
    let found = packed(&octets, left).filter(|found| found.defect.is_some() || names_feedback(&found.xml))?;
    Some(Unpacked { xml: Cow::Owned(found.xml.into_owned()), ..found })
}

/// Whether the root of a report is named, in ASCII or in UTF-16.
fn names_feedback(xml: &[u8]) -> bool {
    ["feedback", "f\0e\0e\0d\0b\0a\0c\0k"].iter().any(|name| memchr::memmem::find(xml, name.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = gzip(&vec![b'<'; MAX_OCTETS + 10]);
        assert!(bomb.len() < 1 << 20);
        let found = unpack(&bomb).unwrap();
        assert_eq!((found.xml.len(), found.defect), (MAX_OCTETS, Some(DefectKind::TooLarge)));
    }

    #[test]
    fn what_is_there_of_a_cut_file() {
        let file = gzip(&b"<feedback></feedback>".repeat(100));
        let found = unpack(&file[..file.len() - 9]).unwrap();
        assert_eq!(found.defect, Some(DefectKind::Packing));
        assert!(found.xml.starts_with(b"<feedback>"));
    }

    #[test]
    fn packed_twice() {
        let file = gzip(&gzip(b"<feedback/>"));
        assert_eq!(unpack(&file).unwrap().xml.as_ref(), b"<feedback/>");
        let bomb = gzip(&gzip(&vec![b'<'; MAX_OCTETS + 10]));
        assert_eq!(unpack(&bomb).unwrap().defect, Some(DefectKind::TooLarge));
    }

    #[test]
    fn utf16_in_a_mail() {
        let mut mail = b"Content-Type: text/xml\n\n\xff\xfe".to_vec();
        mail.extend("<feedback/>".encode_utf16().flat_map(u16::to_le_bytes));
        assert!(unpack(&mail).is_some());
    }

    /// Each part is within its limit; together they are not.
    #[test]
    fn all_parts_of_a_mail_have_one_limit() {
        let mut left = 100;
        let file = gzip(&b"<feedback></feedback>".repeat(4));
        let found = packed(&file, &mut left).unwrap();
        assert_eq!((found.xml.len(), found.defect, left), (84, None, 16));
        let found = packed(&file, &mut left).unwrap();
        assert_eq!((found.xml.len(), found.defect, left), (16, Some(DefectKind::TooLarge), 0));
        let found = packed(&file, &mut left).unwrap();
        assert_eq!((found.xml.len(), found.defect, left), (0, Some(DefectKind::TooLarge), 0));
    }

    #[test]
    fn two_in_one_mail() {
        let one = "--a\nContent-Type: text/xml\n\n<feedback/>\n";
        let mail = |parts: &str| format!("Content-Type: multipart/mixed; boundary=a\n\n{parts}--a--\n");
        assert!(unpack(mail(&one.repeat(2)).as_bytes()).unwrap().has_more);
        assert!(!unpack(mail(one).as_bytes()).unwrap().has_more);
    }

    #[test]
    fn in_a_mail_in_a_mail() {
        let mail = b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\nhello\n--a\n\
            Content-Type: message/rfc822\n\nContent-Type: text/xml\n\n<feedback/>\n--a--\n";
        assert_eq!(unpack(mail).unwrap().xml.trim_ascii(), b"<feedback/>");
        assert!(unpack(b"Subject: Hello\n\nNo report here\n").is_none());
        let deep = b"Content-Type: message/rfc822\n\n".repeat(1000);
        assert!(unpack(&deep).is_none());
    }
}
