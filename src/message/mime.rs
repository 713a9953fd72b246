//! As much of MIME (RFC 2045, RFC 2046) as delivery status notifications and aggregate reports need: header fields, and the
//! parts of a multipart, within limits.

use std::borrow::Cow;

use memchr::memmem;

/// A part: header fields and body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a [u8],
}

/// Parts of one multipart. Notifications have three.
const MAX_PARTS: usize = 64;
/// Fields that are looked at in one header section.
const MAX_FIELDS: usize = 1_000;

impl<'a> Part<'a> {
    /// Splits at the first empty line.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        if let Some(body) = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n")) {
            return Part { header: &[], body };
        }
        let crlf = memmem::find(bytes, b"\r\n\r\n").map(|at| (at, at + 4));
        let lf = memmem::find(bytes, b"\n\n").map(|at| (at, at + 2));
        let end = [crlf, lf].into_iter().flatten().min();
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
        let field = self.field("Content-Type").unwrap_or_default();
        let Some(boundary) = parameter(&field, "boundary").filter(|boundary| !boundary.is_empty()) else {
            return Vec::new();
        };
        let delimiter = format!("--{boundary}");
        let mut starts = Vec::new();
        for at in memmem::find_iter(self.body, delimiter.as_bytes()) {
            if at > 0 && self.body[at - 1] != b'\n' {
                continue;
            }
            let after = at + delimiter.len();
            let last = self.body[after..].starts_with(b"--");
            let line = memchr::memchr(b'\n', &self.body[after..]).map_or(self.body.len(), |length| after + length + 1);
            starts.push((at, line));
            if last || starts.len() > MAX_PARTS {
                break;
            }
        }
        let ends = starts.iter().skip(1).map(|&(at, _)| at).chain([self.body.len()]);
        let mut parts: Vec<Part<'a>> =
            starts.iter().zip(ends).map(|(&(_, start), end)| Part::new(&self.body[start.min(end)..end])).collect();
        // After the closing delimiter comes an epilogue; without one, the message was cut off and the rest is a part.
        let closed = starts.last().is_some_and(|&(at, _)| self.body[at + delimiter.len()..].starts_with(b"--"));
        if closed || starts.len() > MAX_PARTS {
            parts.pop();
        }
        parts
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
            "quoted-printable" => Cow::Owned(quoted_printable(self.body)),
            "base64" => crate::message::base64(self.body).map_or(Cow::Borrowed(self.body), Cow::Owned),
            _ => Cow::Borrowed(self.body),
        }
    }
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
    .take(MAX_FIELDS)
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

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let digit = |at: usize| rest.get(at).and_then(|&b| char::from(b).to_digit(16));
        if let Some(after) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
            rest = after;
        } else if let (Some(high), Some(low)) = (digit(0), digit(1)) {
            // Two hexadecimal digits are below 256.
            out.push((high * 16 + low) as u8);
            rest = &rest[2..];
        } else {
            out.push(b'=');
        }
    }
    out.extend_from_slice(rest);
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
    }

    #[test]
    fn quoted_printable_text() {
        assert_eq!(quoted_printable(b"a=20b=\r\nc=3D=G="), b"a bc==G=");
    }
}
