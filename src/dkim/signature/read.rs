//! From text to a [`Signature`], tag by tag in the order of RFC 6376 §3.5.

use super::{
    Algorithm, Canonicalization, Canonicalizations, CopiedField, Defect, DefectKind, Form, Identity, MAX_DEFECTS,
    MAX_HEADERS, Signature,
};
use crate::Name;
use crate::dkim::base64;
use crate::dkim::tags::{self, Tag, number, parts, quoted_printable};
use crate::name::NameError;
use crate::text::{Span, Spanned};

struct Reader {
    signature: Signature,
    values: Values,
    form: Form,
}

/// Reads what `signature.source` says into `signature`.
pub(super) fn read(signature: Signature, form: Form) -> Signature {
    let mut reader = Reader { signature, values: Values::default(), form };
    reader.read();
    reader.signature
}

/// The values of the tags that have one letter, as all have but `bh`, and of that one.
#[derive(Default)]
struct Values {
    letters: [Option<Span>; 26],
    bh: Option<Span>,
}

impl Values {
    fn of(tags: &[Tag], text: &str) -> Self {
        let mut values = Self::default();
        for tag in tags {
            match &text.as_bytes()[tag.name.range()] {
                [letter @ b'a'..=b'z'] => values.letters[usize::from(letter - b'a')] = Some(tag.value),
                b"bh" => values.bh = Some(tag.value),
                _ => {}
            }
        }
        values
    }

    fn get(&self, name: &str) -> Option<Span> {
        match name.as_bytes() {
            [letter @ b'a'..=b'z'] => self.letters[usize::from(letter - b'a')],
            _ => self.bh,
        }
    }
}

impl Reader {
    fn read(&mut self) {
        let source = self.signature.source.clone();
        let text = source.text();
        let (mut faults, mut more) = (Vec::new(), 0);
        self.signature.tags = tags::read(text, |fault, span| match faults.len() < MAX_DEFECTS {
            true => faults.push(Defect { kind: DefectKind::List(fault), span }),
            false => more += 1,
        });
        (self.signature.defects, self.signature.more_defects) = (faults, more);
        self.values = Values::of(&self.signature.tags, text);
        self.version(text);
        self.algorithm(text);
        self.signature.signature = self.base64("b", text);
        if self.form != Form::ArcSeal {
            self.body_hash(text);
            self.canonicalization(text);
            self.headers(text);
            self.signature.length = self.number("l", text, 76);
            self.query(text);
        }
        self.domain(text);
        self.selector(text);
        self.signature.timestamp = self.number("t", text, 12);
        if self.form == Form::Dkim {
            self.identity(text);
        }
        self.expiration(text);
        // Last: thousands of harmless defects of `z=` must leave no other one out.
        if self.form != Form::ArcSeal {
            self.copies(text);
        }
    }

    /// The tag's value if it is there and not empty; otherwise, if it is required, a defect.
    fn value(&mut self, name: &'static str, required: bool) -> Option<Span> {
        match self.values.get(name) {
            Some(value) if value.is_empty() => {
                self.defect(DefectKind::Empty(name), value);
                None
            }
            Some(value) => Some(value),
            None if required => {
                let end = self.signature.source.text().len();
                self.defect(DefectKind::Missing(name), Span::at(end));
                None
            }
            None => None,
        }
    }

    fn version(&mut self, text: &str) {
        if self.form != Form::Dkim {
            return;
        }
        if let Some(value) = self.value("v", true)
            && &text[value] != "1"
        {
            self.defect(DefectKind::Version, value);
        }
    }

    fn algorithm(&mut self, text: &str) {
        let Some(value) = self.value("a", true) else { return };
        let known = [Algorithm::RsaSha256, Algorithm::Ed25519Sha256, Algorithm::RsaSha1];
        match known.into_iter().find(|algorithm| algorithm.as_str() == &text[value]) {
            Some(algorithm) => self.signature.algorithm = Some(Spanned::new(algorithm, value)),
            None => self.defect(DefectKind::Algorithm, value),
        }
    }

    fn base64(&mut self, name: &'static str, text: &str) -> Option<Spanned<Vec<u8>>> {
        let value = self.value(name, true)?;
        match base64::decode(text[value].as_bytes()) {
            Ok(octets) => Some(Spanned::new(octets, value)),
            Err(error) => {
                self.defect(DefectKind::Base64(error), value);
                None
            }
        }
    }

    fn body_hash(&mut self, text: &str) {
        self.signature.body_hash = self.base64("bh", text);
        let (Some(hash), Some(algorithm)) = (&self.signature.body_hash, &self.signature.algorithm) else { return };
        let (expected, found, span) = (algorithm.value.hash().octets(), hash.value.len(), hash.span);
        if expected != found {
            self.defect(DefectKind::BodyHashLength { expected, found }, span);
        }
    }

    /// §3.5: absent is simple/simple, and one word alone is for the header.
    fn canonicalization(&mut self, text: &str) {
        if self.values.get("c").is_none() {
            let mode = match self.form {
                Form::Dkim => Canonicalization::Simple,
                // RFC 8617 §4.1.2 has no default of its own; sealers that leave `c=` out mean relaxed, like their seals (DESIGN.md).
                Form::ArcMessageSignature | Form::ArcSeal => Canonicalization::Relaxed,
            };
            self.signature.canonicalization = Some(Canonicalizations { header: mode, body: mode });
            return;
        }
        let Some(value) = self.value("c", false) else { return };
        let (header, body) = text[value].split_once('/').unwrap_or((&text[value], "simple"));
        match (Canonicalization::parse(header), Canonicalization::parse(body)) {
            (Some(header), Some(body)) => {
                self.signature.canonicalization = Some(Canonicalizations { header, body });
            }
            _ => self.defect(DefectKind::Canonicalization, value),
        }
    }

    fn headers(&mut self, text: &str) {
        let value = match self.form {
            // An AMS may sign nothing but itself: RFC 8617 asks for no field in particular.
            Form::ArcMessageSignature if self.values.get("h").is_some_and(Span::is_empty) => return,
            _ => self.value("h", true),
        };
        let Some(value) = value else { return };
        let mut from = false;
        self.signature.headers.reserve(16);
        for (count, name) in parts(text, value, b':').enumerate() {
            if count == MAX_HEADERS {
                self.defect(DefectKind::TooManyHeaders, name);
                break;
            }
            let written = &text[name];
            let well = !name.is_empty() && written.bytes().all(|b| matches!(b, 33..=57 | 59..=126));
            if !well && self.form == Form::Dkim {
                self.defect(DefectKind::HeaderName, name);
            }
            from |= written.eq_ignore_ascii_case("from");
            self.signature.headers.push(name);
        }
        if !from && self.form == Form::Dkim {
            self.defect(DefectKind::FromNotSigned, value);
        }
    }

    fn name(&mut self, tag: &'static str, text: &str, wrong: fn(NameError) -> DefectKind) -> Option<Spanned<Name>> {
        let value = self.value(tag, true)?;
        if text[value].ends_with('.') {
            self.defect(DefectKind::FinalDot, value);
            return None;
        }
        match Name::parse(&text[value]) {
            // `Name` lets a space stand in a label; no domain-name has one.
            Ok(_) if text[value].as_bytes().contains(&b' ') => {
                self.defect(wrong(NameError::Character { character: ' ' }), value);
                None
            }
            Ok(name) => Some(Spanned::new(name, value)),
            Err(error) => {
                self.defect(wrong(error), value);
                None
            }
        }
    }

    fn domain(&mut self, text: &str) {
        let domain = self.name("d", text, DefectKind::Domain);
        if let Some(domain) = &domain
            && domain.value.label_count() < 2
        {
            self.defect(DefectKind::DomainOneLabel, domain.span);
        }
        self.signature.domain = domain;
    }

    fn selector(&mut self, text: &str) {
        self.signature.selector = self.name("s", text, DefectKind::Selector);
    }

    fn identity(&mut self, text: &str) {
        let Some(value) = self.value("i", false) else { return };
        let Some(identity) = read_identity(&text[value]) else { return self.defect(DefectKind::Identity, value) };
        if let Some(domain) = &self.signature.domain
            && !identity.domain.is_within(&domain.value)
        {
            self.defect(DefectKind::IdentityOutsideDomain, value);
        }
        self.signature.identity = Some(Spanned::new(identity, value));
    }

    fn number(&mut self, name: &'static str, text: &str, digits: usize) -> Option<Spanned<u64>> {
        let value = self.value(name, false)?;
        match number(&text[value], digits) {
            Some(number) => Some(Spanned::new(number, value)),
            None => {
                self.defect(DefectKind::Number(name), value);
                None
            }
        }
    }

    fn expiration(&mut self, text: &str) {
        self.signature.expiration = self.number("x", text, 12);
        if let (Some(t), Some(x)) = (self.signature.timestamp, self.signature.expiration)
            && x.value <= t.value
        {
            self.defect(DefectKind::ExpirationNotAfterTimestamp, x.span);
        }
    }

    fn query(&mut self, text: &str) {
        if let Some(value) = self.value("q", false)
            && !parts(text, value, b':').any(|method| &text[method] == "dns/txt")
        {
            self.defect(DefectKind::QueryMethod, value);
        }
    }

    fn copies(&mut self, text: &str) {
        let Some(value) = self.values.get("z").filter(|value| !value.is_empty()) else { return };
        for part in parts(text, value, b'|').take(MAX_HEADERS) {
            let copied = text[part].split_once(':').and_then(|(name, body)| {
                let name = name.trim_matches([' ', '\t', '\r', '\n']);
                (!name.is_empty()).then_some((name.len(), quoted_printable(body.as_bytes())?))
            });
            match copied {
                Some((length, body)) => {
                    let start = part.start as usize;
                    self.signature.copies.push(CopiedField { name: Span::new(start, start + length), body });
                }
                None => self.defect(DefectKind::Copy, part),
            }
        }
    }

    fn defect(&mut self, kind: DefectKind, span: Span) {
        if self.signature.defects.len() < MAX_DEFECTS {
            self.signature.defects.push(Defect { kind, span });
        } else {
            self.signature.more_defects += 1;
        }
    }
}

fn read_identity(text: &str) -> Option<Identity> {
    let decoded = String::from_utf8(quoted_printable(text.as_bytes())?).ok()?;
    let (local_part, domain) = decoded.rsplit_once('@')?;
    Some(Identity { local_part: local_part.to_owned(), domain: Name::parse(domain).ok()? })
}
