//! As much of MIME (RFC 2045, RFC 2046) as delivery status notifications, aggregate reports and the search for changes need: header
//! fields, the parts of a multipart and quoted-printable, within limits.

use std::borrow::Cow;
use std::ops::Range;

/// A part: header fields and body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl<'a> Part<'a> {
    /// Splits at the first empty line.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        if let Some(body) = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n")) {
            return Part { header: &[], body };
        }
        let end = memchr::memchr_iter(b'\n', bytes).find_map(|lf| match &bytes[lf + 1..] {
            [b'\n', ..] => Some((lf, lf + 2)),
            [b'\r', b'\n', ..] if bytes[..lf].ends_with(b"\r") => Some((lf - 1, lf + 3)),
            _ => None,
        });
        let (header, body) = end.map_or((bytes, &[][..]), |(at, after)| (&bytes[..at], &bytes[after..]));
        Part { header, body }
    }

    /// The body of the first field called so, unfolded; what is not UTF-8 becomes U+FFFD.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        fields(self.header).find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, body)| body)
    }

    /// `type/subtype` in lower case; text/plain without a field (RFC 2045 §5.2).
    pub(crate) fn content_type(&self) -> String {
        let field = self.field("Content-Type").unwrap_or_default();
        let kind = field.split([';', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.is_empty() { "text/plain".to_owned() } else { kind }
    }

    /// The parts of a multipart; none of anything else.
    pub(crate) fn parts(&self) -> Vec<Self> {
        let Some(boundary) = self.boundary() else { return Vec::new() };
        part_ranges(self.body, &boundary).map(|range| Part::new(&self.body[range])).collect()
    }

    /// The boundary of a multipart.
    pub(crate) fn boundary(&self) -> Option<Vec<u8>> {
        boundary_of(&self.field("Content-Type")?)
    }

    /// The body as text, its transfer encoding undone.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        match self.octets() {
            Cow::Borrowed(octets) => String::from_utf8_lossy(octets),
            Cow::Owned(octets) => Cow::Owned(String::from_utf8_lossy(&octets).into_owned()),
        }
    }

    /// The body, its transfer encoding undone.
    pub(crate) fn octets(&self) -> Cow<'a, [u8]> {
        let encoding = self.field("Content-Transfer-Encoding").unwrap_or_default();
        match encoding.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => Cow::Owned(quoted_printable(self.body).octets),
            "base64" => crate::message::base64(self.body).map_or(Cow::Borrowed(self.body), Cow::Owned),
            _ => Cow::Borrowed(self.body),
        }
    }
}

/// Where the parts of a multipart stand in its body (RFC 2046 §5.1.1): from behind a line that begins with its delimiter up to the
/// next. The line end before a delimiter belongs to that; it is still there, since some reporters end the last line of what they
/// return with it. Behind the closing delimiter comes an epilogue, often the footer of a list; without a closing one the message was
/// cut off, and the rest is a part.
pub(crate) fn part_ranges<'b>(body: &'b [u8], boundary: &[u8]) -> impl Iterator<Item = Range<usize>> + use<'b> {
    let delimiter = [b"--", boundary].concat();
    let length = delimiter.len();
    let find = move |from: usize| {
        let first = (from == 0).then_some(0);
        let mut lines = first.into_iter().chain(memchr::memchr_iter(b'\n', &body[from..]).map(|lf| from + lf + 1));
        lines.find(|&line| body[line..].starts_with(&delimiter))
    };
    let mut next = find(0);
    std::iter::from_fn(move || {
        loop {
            let after = next? + length;
            if body[after..].starts_with(b"--") {
                next = None;
                continue;
            }
            next = find(after);
            let end = next.unwrap_or(body.len());
            let Some(line) = memchr::memchr(b'\n', &body[after..end]) else { continue };
            return Some(after + line + 1..end);
        }
    })
}

/// The boundary in the Content-Type of a multipart.
pub(crate) fn boundary_of(content_type: &str) -> Option<Vec<u8>> {
    let kind = content_type.trim_start().get(..10)?;
    let boundary = parameter(content_type, "boundary").filter(|_| kind.eq_ignore_ascii_case("multipart/"))?;
    (!boundary.is_empty()).then(|| boundary.into_bytes())
}

/// Names and unfolded bodies of the fields in a header section.
pub(crate) fn fields(header: &[u8]) -> impl Iterator<Item = (String, String)> {
    let mut lines = header.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let colon = memchr::memchr(b':', line).filter(|_| !line.starts_with(b" ") && !line.starts_with(b"\t"));
            let Some(colon) = colon else { continue };
            let name = String::from_utf8_lossy(&line[..colon]).trim().to_owned();
            let mut body = String::from_utf8_lossy(&line[colon + 1..]).trim().to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
                body.push(' ');
                body.push_str(String::from_utf8_lossy(more).trim());
            }
            return Some((name, body));
        }
    })
}

/// The value of a parameter of Content-Type, quoted or not.
pub(crate) fn parameter(field: &str, name: &str) -> Option<String> {
    let mut rest = field.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (&quoted[..end], &quoted[end + 1..])
            }
            None => {
                let end = after.find([';', ' ', '\t']).unwrap_or(after.len());
                (&after[..end], &after[end..])
            }
        };
        if key.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = tail;
    }
}

/// Quoted-printable undone.
pub(crate) struct Unquoted {
    pub(crate) octets: Vec<u8>,
    /// Octets and line ends that were encoded.
    pub(crate) encoded: usize,
    /// Each `=` that encodes nothing; it stays.
    pub(crate) stray: usize,
}

/// RFC 2045 §6.7: `=XX` is an octet, and `=` at the end of a line joins it with the next.
pub(crate) fn quoted_printable(text: &[u8]) -> Unquoted {
    let mut out = Unquoted { octets: Vec::with_capacity(text.len()), encoded: 0, stray: 0 };
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.octets.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let digit = |at: usize| rest.get(at).and_then(|&b| char::from(b).to_digit(16));
        if let Some(after) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
            rest = after;
        } else if let (Some(high), Some(low)) = (digit(0), digit(1)) {
            // Two hexadecimal digits are below 256.
            out.octets.push((high * 16 + low) as u8);
            rest = &rest[2..];
        } else {
            out.octets.push(b'=');
            out.stray += 1;
            continue;
        }
        out.encoded += 1;
    }
    out.octets.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let field = "multipart/report; report-type=delivery-status; boundary=\"a; b=c\"";
        assert_eq!(parameter(field, "Boundary").unwrap(), "a; b=c");
        assert_eq!(parameter(field, "report-type").unwrap(), "delivery-status");
        assert_eq!(parameter(field, "charset"), None);
        assert_eq!(parameter("a/b; boundary=\"open", "boundary"), None);
    }

    #[test]
    fn parts_with_and_without_an_end() {
        let part =
            |body: &'static str| Part { header: b"Content-Type: multipart/mixed; boundary=x", body: body.as_bytes() };
        let bodies = |body| part(body).parts().iter().map(|part| part.text().into_owned()).collect::<Vec<_>>();
        assert_eq!(bodies("pre\n--x\n\na\n--x\nA: b\n\nc\n--x--\nepilogue"), ["a\n", "c\n"]);
        assert_eq!(bodies("--x\n\na\n--x\n\nc"), ["a\n", "c"]);
        assert_eq!(bodies("--x--"), Vec::<String>::new());
        assert_eq!(bodies("--x\n--x\r\n\r\nb\r\n\r\n--x--"), ["", "b\r\n\r\n"]);
    }

    #[test]
    fn quoted_printable_text() {
        let read = quoted_printable(b"a=20b=\r\nc=3D=G=");
        assert_eq!((&read.octets[..], read.encoded, read.stray), (&b"a bc==G="[..], 3, 2));
    }
}
