//! A mail as fields and body, to be altered.

/// Each field with its line end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mail {
    pub(crate) fields: Vec<Vec<u8>>,
    pub(crate) body: Vec<u8>,
}

impl Mail {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut rest = bytes;
        loop {
            let length = find(rest, b"\r\n").expect("a header with an end") + 2;
            let (line, after) = rest.split_at(length);
            rest = after;
            match line {
                b"\r\n" => return Self { fields, body: rest.to_vec() },
                [b' ' | b'\t', ..] => fields.last_mut().expect("a field to fold").extend_from_slice(line),
                line => fields.push(line.to_vec()),
            }
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.fields.concat(), b"\r\n".to_vec(), self.body.clone()].concat()
    }

    /// The lowest field of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().rposition(|field| is_named(field, name))
    }

    /// The value in one line.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let field = &self.fields[self.position(name)?];
        let colon = find(field, b":")? + 1;
        Some(String::from_utf8_lossy(&field[colon..]).replace("\r\n", "").trim().to_owned())
    }

    /// The same mail with another value in a field that it has.
    pub(crate) fn with(&self, name: &str, value: &str) -> Option<Self> {
        let at = self.position(name)?;
        let colon = find(&self.fields[at], b":")?;
        self.with_field(at, [&self.fields[at][..colon], format!(": {value}\r\n").as_bytes()].concat())
    }

    /// … with another field in the place of one.
    pub(crate) fn with_field(&self, at: usize, field: Vec<u8>) -> Option<Self> {
        let mut mail = self.clone();
        mail.fields[at] = field;
        (mail != *self).then_some(mail)
    }

    /// … with a field more, where relays put them: above the fields of the author.
    pub(crate) fn and(&self, name: &str, value: &str) -> Option<Self> {
        let mut mail = self.clone();
        let at = mail.position("DKIM-Signature").map_or(0, |at| at + 1);
        mail.fields.insert(at, format!("{name}: {value}\r\n").into_bytes());
        Some(mail)
    }

    pub(crate) fn without(&self, name: &str) -> Option<Self> {
        let mut mail = self.clone();
        mail.fields.remove(mail.position(name)?);
        Some(mail)
    }

    pub(crate) fn with_body(&self, body: Vec<u8>) -> Option<Self> {
        (body != self.body).then(|| Self { body, ..self.clone() })
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.value("Content-Type").is_some_and(|value| value.starts_with("multipart/"))
    }

    /// The boundary of the outermost multipart.
    pub(crate) fn boundary(&self) -> Option<String> {
        let value = self.value("Content-Type").filter(|_| self.is_multipart())?;
        let after = value.split_once("boundary=")?.1;
        Some(after.split(';').next()?.trim_matches('"').to_owned())
    }

    /// The content-transfer-encoding, in lower case.
    pub(crate) fn encoding(&self) -> String {
        self.value("Content-Transfer-Encoding").map_or_else(|| "7bit".to_owned(), |value| value.to_lowercase())
    }
}

pub(crate) fn is_named(field: &[u8], name: &str) -> bool {
    let colon = find(field, b":").unwrap_or(0);
    field[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

pub(crate) fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, what)
}

/// The first `from` replaced.
pub(crate) fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let at = find(text, from)?;
    Some([&text[..at], to, &text[at + from.len()..]].concat())
}

/// Every `from` replaced; `None` without one.
pub(crate) fn all_replaced(text: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    (rest.len() < text.len()).then_some(out)
}

/// The body line by line, each without its CRLF, through `change`.
pub(crate) fn by_line(body: &[u8], mut change: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some(at) = find(rest, b"\r\n") {
        out.extend_from_slice(&change(&rest[..at]));
        out.extend_from_slice(b"\r\n");
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    out
}
